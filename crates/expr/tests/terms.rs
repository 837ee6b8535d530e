//! The terms of a sum that read one number.

use expr::{Analysis, Function, reverse_sweep};

/// The gradient by the literal sweep over the function unrolled.
fn gradient(f: &Function, at: &[f64]) -> Vec<f64> {
    let flat = f.unroll(1_000_000).unwrap();
    let values = flat.values((), at);
    let seed = (flat.outputs()[0], 1.0);
    let received = reverse_sweep(&flat, &Analysis::of(&flat), &values, seed, reverse_sweep::by_the_table);
    reverse_sweep::at_inputs(&flat, received).into_iter().map(|g| g.unwrap_or(0.0)).collect()
}

/// The positions of all numbers of a point, with the names of their inputs.
fn elements(f: &Function) -> Vec<(String, Vec<i64>)> {
    let shapes = f.shapes(1_000_000).unwrap();
    let mut all = Vec::new();
    for (block, shape) in f.graph().blocks().iter().zip(&shapes) {
        let mut positions: Vec<Vec<i64>> = vec![Vec::new()];
        for &length in shape {
            let longer = |position: &Vec<i64>| {
                (1..=length as i64).map(|k| [&position[..], &[k]].concat()).collect::<Vec<_>>()
            };
            positions = positions.iter().flat_map(longer).collect();
        }
        all.extend(positions.into_iter().map(|position| (block.name.clone(), position)));
    }
    all
}

#[test]
fn partial_derivatives_are_those_of_the_terms_that_read() {
    for (text, most) in [
        ("sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)", 40),
        ("sum(i, 1, n, x[i]*sin(x[i]) - 2*x[n])/n - -sum(i, 1, n, sum(j, 1, 3, W[i,j]*x[2*j]))", 60),
        ("sum(i, 1, n, sum(i, 1, n, x[i]^2))", 200),
        ("sum(i, 1, n, ln(sum(j, 1, n, exp(W[j,i]))))", 60),
        ("sum(i, 1, n, sum(j, 1, i, x[i]*x[j]))", 200),
        ("sum(i, 1, n, if(i > 1, x[i-1], x[n])*x[i])", 60),
        ("prod(i, 1, n, x[i]) + sum(i, 2, n, iterate(k, 1, i, y, x[i], y*x[k]))", 400),
        ("let h[i: 1..n] = x[i]^2; sum(i, 2, n, h[i]*h[i-1]) + max(i, 1, n, x[i])", 200),
        ("sum(i, 1, n, x[i]*y) + sum(i, 1, n, x[n+1-i]^3)*2", 60),
    ] {
        let f = syntax::parse(text).unwrap().with_sizes(&[("n", 6)]).unwrap();
        let elements = elements(&f);
        let at: Vec<f64> = (0..elements.len()).map(|k| 0.3 + 0.17 * (k as f64) % 1.1).collect();
        let whole = gradient(&f, &at);
        for (k, (input, indices)) in elements.iter().enumerate() {
            let terms = f.terms_that_read(0, input, indices).unwrap();
            // What is left reads less of the inputs, at the same places.
            let read = self::elements(&terms);
            let place = |own: &(String, Vec<i64>)| elements.iter().position(|other| other == own).unwrap();
            let left: Vec<f64> = read.iter().map(|own| at[place(own)]).collect();
            let own = read.iter().position(|own| *own == (input.clone(), indices.clone()));
            let found = own.map_or(0.0, |own| gradient(&terms, &left)[own]);
            assert!(
                (found - whole[k]).abs() <= 1e-12 * whole[k].abs(),
                "{text} by {input}{indices:?}: {found}"
            );
            let nodes = terms.unroll(1_000_000).unwrap().graph().len();
            assert!(nodes <= most, "{text} by {input}{indices:?}: {nodes} nodes");
        }
    }
}
