//! The log-posterior of a Gaussian mixture at n points, up to a constant: ADBench's objective with the signs that
//! GradBench corrected, and its Wishart prior at gamma = 1, m = 0.
//!
//! The precision of a component is Q'Q; Q has exp(q) on its diagonal and L below it. (What L holds elsewhere is not
//! read, and its gradient is zero.) `ln(sum(exp))` is written plainly: with inputs between -1 and 1, no point has all
//! its exponents below -700, where it would need to be shifted.

/// A [`Family`](super::Family) with so many dimensions and components: text and code take them from here, once.
macro_rules! gmm {
    ($name:literal, $sizes:expr, d = $d:literal, k = $k:literal) => {
        super::Family {
            name: $name,
            about: concat!(
                "log-posterior of n points under a mixture of ",
                $k,
                " Gaussians in ",
                $d,
                " dimensions, by all parameters and by the points"
            ),
            source: "ADBench (Šrajer, Kukelova and Fitzgibbon 2018), with the signs that GradBench corrected",
            form: $crate::families::Form::Text(concat!(
                "z(i, j, r) = exp(q[j,r])*(x[i,r] - mu[j,r]) + sum(c, 1, r-1, L[j,r,c]*(x[i,c] - mu[j,c]))\n",
                "size(j) = sum(r, 1, ",
                $d,
                ", q[j,r])\n",
                "distance(i, j) = sum(r, 1, ",
                $d,
                ", z(i, j, r)^2)\n",
                "likelihood(i) = ln(sum(j, 1, ",
                $k,
                ", exp(alpha[j] + size(j) - distance(i, j)/2)))\n",
                "prior(j) = -sum(r, 1, ",
                $d,
                ", exp(q[j,r])^2 + sum(c, 1, r-1, L[j,r,c]^2))/2\n",
                "posterior(alpha, mu, q, L, x) = sum(i, 1, n, likelihood(i)) - n*ln(sum(j, 1, ",
                $k,
                ", exp(alpha[j]))) + sum(j, 1, ",
                $k,
                ", prior(j))"
            )),
            sizes: $sizes,
            inputs: |n| $k * (1 + 2 * $d + $d * ($d - 1)) + n * $d,
            domain: (-1.0, 1.0),
            value: |_, x| $crate::families::gmm::value($d, $k, x),
            gradient: |_, x, g| $crate::families::gmm::gradient::<$d, $k>(x, g),
        }
    };
}
pub(super) use gmm;

/// With the quadratic form of the matrix Q'Q in place of the norm of a vector, and shifted exponents.
pub(super) fn value(d: usize, k: usize, x: &[f64]) -> f64 {
    let (alpha, rest) = x.split_at(k);
    let (mu, rest) = rest.split_at(k * d);
    let (q, rest) = rest.split_at(k * d);
    let (l, points) = rest.split_at(k * d * (d - 1));
    let log_sum = |terms: &[f64]| {
        let top = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        top + terms.iter().map(|t| (t - top).exp()).sum::<f64>().ln()
    };
    let entry = |j: usize, r: usize, c: usize| match c.cmp(&r) {
        std::cmp::Ordering::Less => l[(j * d + r) * (d - 1) + c],
        std::cmp::Ordering::Equal => q[j * d + r].exp(),
        std::cmp::Ordering::Greater => 0.0,
    };
    let precision: Vec<f64> = (0..k * d * d)
        .map(|at| {
            let (j, r, c) = (at / (d * d), at / d % d, at % d);
            (0..d).map(|s| entry(j, s, r) * entry(j, s, c)).sum()
        })
        .collect();
    let mut sum = -((points.len() / d) as f64) * log_sum(alpha);
    for point in points.chunks_exact(d) {
        let terms: Vec<f64> = (0..k)
            .map(|j| {
                let off: Vec<f64> = point.iter().zip(&mu[j * d..]).map(|(x, mu)| x - mu).collect();
                let form: f64 =
                    (0..d * d).map(|at| precision[j * d * d + at] * off[at / d] * off[at % d]).sum();
                alpha[j] + q[j * d..][..d].iter().sum::<f64>() - 0.5 * form
            })
            .collect();
        sum += log_sum(&terms);
    }
    // The squared norm of Q is the trace of Q'Q.
    sum - 0.5 * (0..k * d).map(|at| precision[at / d * d * d + at % d * (d + 1)]).sum::<f64>()
}

/// Point by point; what a point needs of all components stays on the stack.
pub(super) fn gradient<const D: usize, const K: usize>(x: &[f64], g: &mut [f64]) -> f64 {
    g.fill(0.0);
    let width = D - 1;
    let (alpha, rest) = x.split_at(K);
    let (mu, rest) = rest.split_at(K * D);
    let (q, rest) = rest.split_at(K * D);
    let (l, points) = rest.split_at(K * D * width);
    let (mu, q) = (mu.as_chunks::<D>().0, q.as_chunks::<D>().0);

    let (galpha, rest) = g.split_at_mut(K);
    let (gmu, rest) = rest.split_at_mut(K * D);
    let (gq, rest) = rest.split_at_mut(K * D);
    let (gl, gpoints) = rest.split_at_mut(K * D * width);
    let (gmu, gq) = (gmu.as_chunks_mut::<D>().0, gq.as_chunks_mut::<D>().0);

    // Once per component: the diagonal, and the exponent without its quadratic form.
    let mut diagonal = [[0.0; D]; K];
    let mut base = [0.0; K];
    for j in 0..K {
        for r in 0..D {
            diagonal[j][r] = q[j][r].exp();
        }
        base[j] = alpha[j] + q[j].iter().sum::<f64>();
    }

    let mut value = 0.0;
    let mut offs = [[0.0; D]; K];
    let mut zs = [[0.0; D]; K];
    let mut weights = [0.0; K];
    for (x, gx) in points.as_chunks::<D>().0.iter().zip(gpoints.as_chunks_mut::<D>().0) {
        for j in 0..K {
            let (off, z, l) = (&mut offs[j], &mut zs[j], &l[j * D * width..][..D * width]);
            let mut distance = 0.0;
            for r in 0..D {
                off[r] = x[r] - mu[j][r];
                let mut sum = diagonal[j][r] * off[r];
                for c in 0..r {
                    sum += l[r * width + c] * off[c];
                }
                z[r] = sum;
                distance += sum * sum;
            }
            weights[j] = base[j] - 0.5 * distance;
        }
        value += softmax(&mut weights);
        for j in 0..K {
            let (off, z, l) = (&offs[j], &zs[j], &l[j * D * width..][..D * width]);
            let gl = &mut gl[j * D * width..][..D * width];
            let weight = weights[j];
            galpha[j] += weight;
            let mut goff = [0.0; D];
            for r in 0..D {
                let gz = -weight * z[r];
                gq[j][r] += weight + gz * off[r] * diagonal[j][r];
                goff[r] += gz * diagonal[j][r];
                for c in 0..r {
                    gl[r * width + c] += gz * off[c];
                    goff[c] += gz * l[r * width + c];
                }
            }
            for r in 0..D {
                gx[r] += goff[r];
                gmu[j][r] -= goff[r];
            }
        }
    }

    let count = (points.len() / D) as f64;
    weights.copy_from_slice(alpha);
    value -= count * softmax(&mut weights);
    for j in 0..K {
        galpha[j] -= count * weights[j];
        for r in 0..D {
            let squared = diagonal[j][r] * diagonal[j][r];
            value -= 0.5 * squared;
            gq[j][r] -= squared;
            for at in (j * D + r) * width..(j * D + r) * width + r {
                value -= 0.5 * l[at] * l[at];
                gl[at] -= l[at];
            }
        }
    }
    value
}

/// Puts the softmax in place of the terms; returns ln of the sum of their exponentials.
fn softmax(terms: &mut [f64]) -> f64 {
    let top = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for term in terms.iter_mut() {
        *term = (*term - top).exp();
        sum += *term;
    }
    terms.iter_mut().for_each(|term| *term /= sum);
    top + sum.ln()
}
