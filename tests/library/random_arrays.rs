//! Gradients of random functions with arrays, by the pass over the graph as it stands, against certified ones.

use expr::passes::Seeds;
use reference::{Component, Limits, certify};

#[path = "../../crates/expr/src/passes/random_tests.rs"]
#[allow(dead_code)]
pub(crate) mod random_functions;

/// Larger functions are not certified here.
const MOST_NODES: usize = 300;

/// How many components of how many functions were certified.
fn held(seeds: std::ops::Range<u64>) -> (usize, usize) {
    let (mut functions, mut components) = (0, 0);
    for seed in seeds {
        let f = random_functions::random_function(seed, 2 + (seed % 3) as u32);
        let Ok(flat) = f.unroll(10_000) else { continue };
        if flat.graph().len() > MOST_NODES || flat.input_count() == 0 {
            continue;
        }
        let x: Vec<f64> = (0..flat.input_count()).map(|k| 0.4 + 0.07 * (k % 9) as f64).collect();
        let g = f.vjp(Seeds::One).expect("one number, few axes");
        // A loop without a round may read less than its derivative does.
        if g.input_count() != x.len() {
            continue;
        }
        let found = g.evaluate((), &x);
        let certificate = certify(&flat, &x, &Limits::default());
        let mut any = false;
        for (k, component) in certificate.gradients.iter().flatten().enumerate() {
            let Component::Certified { gradient, .. } = component else { continue };
            let own = found[1 + k];
            // Terms are near 1, and may cancel.
            let close = (own - gradient).abs() <= 1e-10 * gradient.abs().max(1.0);
            assert!(close, "{seed}: component {k} is {own}, certified {gradient}\n{}", syntax::text(&f));
            components += 1;
            any = true;
        }
        functions += usize::from(any);
    }
    (functions, components)
}

#[test]
fn gradients_of_random_functions_with_arrays_are_the_certified_ones() {
    let (functions, components) = held(0..60);
    assert!(functions >= 20 && components >= 60, "{components} components of {functions} functions");
}

/// Release: `cargo test --release -p chainrule-tests --test library random_arrays -- --ignored`
#[test]
#[ignore = "minutes"]
fn gradients_of_many_random_functions_with_arrays_are_the_certified_ones() {
    let (functions, components) = held(0..10_000);
    assert!(functions >= 4_000, "{components} components of {functions} functions");
}
