//! Formulas for every size and all data, against the backward pass with data that are given.

use expr::graph::Role;
use expr::passes::Seeds;
use syntax::parse;

use super::{Place, differentiate_sized};

const TEXTS: [&str; 10] = [
    "sum(i, 1, m, w[i]*x[k[i]]^2)",
    "sum(i, 1, m, x[k[i]]*y)*sum(i, 1, m, x[l[i]])",
    "sum(i, 1, m, x[k[i]]*sin(x[l[i]]))",
    "sum(i, 1, m, x[k[i]+i]^2)",
    "sum(i, 1, m, x[k[l[i]]]*k[i])",
    "sum(i, 1, m, (sum(j, 1, n, W[k[i],j]*x[j]) - t[i])^2)",
    "sum(i, 1, m, sum(j, 1, m, a[k[i]]*b[k[j]]*x[i]))",
    "let h[i: 1..n] = x[i]^2; sum(i, 1, m, h[k[i]]*w[i])",
    "sum(i, 1, m, if(k[i] > 1, x[k[i]-1], y))",
    "sum(i, 1, m, sum(j, 1, k[i], x[j]*w[i]))",
];

fn number(name: &str) -> f64 {
    let seed = name.bytes().fold(7u64, |seed, byte| seed.wrapping_mul(131).wrapping_add(byte.into()));
    0.3 + (seed % 1009) as f64 / 1009.0
}

#[test]
fn formulas_hold_for_all_data() {
    for text in TEXTS {
        let f = parse(text).unwrap();
        let graph = f.graph();
        let variables = || graph.blocks().iter().filter(|block| block.role != Role::Data);
        let places: Vec<Place> = variables()
            .map(|block| Place { block: graph.block_named(&block.name).unwrap(), element: None })
            .collect();
        let found =
            differentiate_sized(&f, 1, &places, 10_000).unwrap_or_else(|error| panic!("{text}: {error}"));
        for formulas in [found.highest(), found.readable()] {
            for k in [[2.0, 1.0, 2.0], [1.0, 1.0, 1.0], [3.0, 3.0, 2.0]] {
                let data: Vec<(&str, &[usize], &[f64])> = { graph.blocks().iter() }
                    .filter(|block| block.role == Role::Data)
                    .map(|block| {
                        (
                            block.name.as_str(),
                            &[3usize][..],
                            if block.name == "k" { &k[..] } else { &[3.0, 1.0, 2.0] },
                        )
                    })
                    .collect();
                let sizes: Vec<(&str, i64)> = graph.sizes().iter().map(|size| (size.as_str(), 3)).collect();
                let bound = f.with_sizes(&sizes).unwrap().with_data(&data).unwrap();
                let point = |f: &expr::Function| -> Vec<f64> {
                    f.input_names().iter().map(|name| number(name)).collect()
                };
                let gradient = bound.vjp(Seeds::One).unwrap().evaluate((), &point(&bound));
                for (name, expected) in bound.input_names().iter().zip(&gradient[1..]) {
                    let (block, indices) = name.split_once('[').unwrap_or((name, "]"));
                    let output =
                        found.partials.iter().position(|partial| partial.by[0].block == block).unwrap();
                    let indices =
                        indices.trim_end_matches(']').split(',').filter_map(|index| index.parse().ok());
                    let own = found.partials[output].by[0].indices.iter().map(String::as_str).zip(indices);
                    let sizes: Vec<(&str, i64)> = sizes.iter().copied().chain(own).collect();
                    let formula = formulas.with_outputs(vec![formulas.outputs()[output]]);
                    let known =
                        |(size, _): &&(&str, i64)| formula.graph().sizes().iter().any(|own| own == size);
                    let sizes: Vec<(&str, i64)> = sizes.iter().filter(known).copied().collect();
                    let formula = formula.with_sizes(&sizes).unwrap().with_data(&data).unwrap();
                    let value = formula.evaluate((), &point(&formula))[0];
                    assert!(
                        (value - expected).abs() <= 1e-12 * expected.abs().max(1.0),
                        "{text}: {name}: {value}, {expected}"
                    );
                }
            }
        }
    }
}
