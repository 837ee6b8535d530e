//! Functions with sizes, of the kinds that people write: what derivatives for every size and exports with loops are held against.

/// Means, norms, softmax, quadratic forms, stencils, products and iterations.
pub(crate) const SIZED: [&str; 47] = [
    // Means and moments.
    "sum(i, 1, n, x[i])/n",
    "m = sum(i, 1, n, x[i])/n; sum(i, 1, n, (x[i] - m)^2)/n",
    "m = sum(i, 1, n, x[i])/n; s = sum(i, 1, n, (x[i] - m)^2)/n; sum(i, 1, n, (x[i] - m)^3)/(n*s^1.5 + 1)",
    "mx = sum(i, 1, n, x[i])/n; my = sum(i, 1, n, y[i])/n; sum(i, 1, n, (x[i] - mx)*(y[i] - my))/n",
    "sum(i, 1, n, w[i]*x[i])/sum(i, 1, n, w[i])",
    "exp(sum(i, 1, n, ln(x[i]))/n)",
    "n/sum(i, 1, n, 1/x[i])",
    // Norms and distances.
    "sqrt(sum(i, 1, n, x[i]^2))",
    "sum(i, 1, n, abs(x[i])^p)^(1/p)",
    "sum(i, 1, n, sqrt(1 + (x[i] - y[i])^2) - 1)",
    "sum(i, 1, n, x[i]*y[i])/sqrt(sum(i, 1, n, x[i]^2)*sum(i, 1, n, y[i]^2))",
    "sum(i, 1, m, sum(j, 1, n, A[i,j]^2)) + n*m",
    "sum(i, 1, n, sum(j, 1, n, if(i == j, 0, 1/(1 + (x[i] - x[j])^2))))",
    // Softmax, cross entropy, likelihoods.
    "ln(sum(i, 1, n, exp(x[i])))",
    "ln(sum(i, 1, n, exp(x[i]))) - sum(i, 1, n, p[i]*x[i])",
    "sum(i, 1, n, softplus(-y[i]*(a*x[i] + b)))",
    "-sum(i, 1, n, p[i]*ln(p[i]))",
    "sum(i, 1, n, (y[i] - mu)^2)/(2*s^2) + n*ln(s)",
    "sum(i, 1, m, ln(sum(k, 1, n, exp(-(x[i] - c[k])^2))))",
    // Quadratic forms and least squares.
    "sum(i, 1, n, sum(k, 1, n, x[i]*A[i,k]*x[k]))",
    "sum(i, 1, m, (sum(k, 1, n, A[i,k]*x[k]) - b[i])^2)",
    "sum(i, 1, n, (a*x[i] + b - y[i])^2) + l*(a^2 + b^2)",
    "sum(i, 1, m, sum(j, 1, n, (V[i,j] - sum(k, 1, 2, U[i,k]*W[k,j]))^2))",
    "sum(i, 1, m, v[i]*tanh(sum(j, 1, n, W[i,j]*x[j]) + b[i]))",
    "sum(i, 1, n, c[i]*x[i]^2)",
    "sum(i, 1, n, i*x[i]) + sum(i, 1, n, x[i]^2/i)",
    // Stencils.
    "sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)",
    "sum(i, 1, n-1, (x[i+1] - x[i])^2) + sum(i, 1, n, exp(x[i]))",
    "sum(i, 1, n, (if(i > 1, x[i-1], 0) - 2*x[i] + if(i < n, x[i+1], 0))^2)",
    "sum(i, 2, n-1, (x[i-1] - 2*x[i] + x[i+1])^2*n^2) + x[1]^2 + x[n]^2",
    "sum(i, 1, n, sum(k, 1, m, x[i+k-1]*w[k])^2)",
    "sum(i, 1, n, x[i]*x[n+1-i])",
    "sum(i, 1, m-1, sum(j, 1, n, (u[i+1,j] - u[i,j])^2)) + sum(i, 1, m, sum(j, 1, n-1, (u[i,j+1] - u[i,j])^2))",
    "sum(i, 1, n, x[i]*x[2*i])",
    // Products.
    "prod(i, 1, n, x[i])",
    "prod(i, 1, n, 1 + a*x[i])",
    "ln(prod(i, 1, n, x[i]^2 + 1))",
    "prod(i, 1, n, sum(j, 1, n, B[i,j]*x[j]))",
    "sum(i, 1, n, prod(j, 1, i, x[j]))",
    // Iterations.
    "iterate(k, 1, n, y, x, 3.2*y*(1 - y))",
    "iterate(k, 1, n, y, 1/2, sin(y)*x[k] + exp(-y^2)*a)",
    "iterate(k, 1, n, (p, v), (p0, v0), (p + 0.1*v, v - 0.1*sin(p)))[1]",
    "iterate(k, 1, n, y, 0, y*x + c[k])",
    // Several outputs.
    "[sum(i, 1, n, x[i]*a), sum(i, 1, n, x[i]^2)/n, a*n]",
    // An index that is free in one sum has the name of another sum's index.
    "a*sum(k, 1, n, sum(i, 1, n, exp(x[i]*y[k])))*sum(k, 1, n, exp(x[k]*y[k]))",
    "a*(sum(k, 1, n, sin(x[k]*y[k]))^2 + sum(k, 1, n, sum(i, 1, n, sin(x[i]*y[k]))))",
    "a*sum(i, 1, n, x[i]*sum(k, 1, n, y[k]*x[i]))*sum(k, 1, n, x[k]*sum(i, 1, n, y[i]*x[k]))",
];
