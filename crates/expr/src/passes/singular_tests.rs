//! Counts of singular operators against the walk over the function unrolled.

use super::random_tests::random_function;
use crate::{Function, Node, Op, Singularities};

/// Whether the walk over the function unrolled finds a singularity on any output's way.
fn walked(flat: &Function, at: &[f64]) -> bool {
    let (values, varies) = (flat.values((), at), flat.depends_on_inputs());
    flat.outputs().iter().any(|&output| Singularities::of(flat, output, &values, &varies).worst.is_some())
}

/// How often the function with its loops counts one; nothing where that takes an array of zeros whose indices are not known.
fn counted(f: &Function, at: &[f64]) -> Option<f64> {
    let Some(counted) = f.singularities_counted(|_| true).ok()? else { return Some(0.0) };
    // After as many values; a count may be that of an array.
    let found = counted.evaluate((), at);
    Some(found[f.evaluate((), at).len()..].iter().sum())
}

/// Whether something may hide a singularity from the walk: the side of a maximum, or a step.
fn hides(flat: &Function) -> bool {
    let graph = flat.graph();
    let hides = |op: Op| {
        matches!(op, Op::Max | Op::Min | Op::Clamp | Op::Relu) || (0..op.arity()).all(|k| !op.has_slope(k))
    };
    graph.nodes().iter().any(|node| match node {
        Node::Fold(fold, _) => fold.is_extreme(),
        node => node.op().is_some_and(hides),
    })
}

#[test]
fn random_functions_are_singular_where_they_are_unrolled() {
    // What has arrays as states that come to have a singularity is not counted.
    let (mut singular, mut smooth, mut unknown) = (0, 0, 0);
    for seed in 0..400 {
        let f = random_function(seed, 3);
        let flat = f.unroll(1_000_000).unwrap();
        for shift in 0..5u64 {
            let of = |k: u64| [0.0, 1.0, -1.0, 0.5, 2.0, 0.7][((seed + 3 * shift + k * k) % 6) as usize];
            let at: Vec<f64> = (0..f.input_count() as u64).map(of).collect();
            let Some(counted) = counted(&f, &at) else {
                unknown += 1;
                continue;
            };
            let walked = walked(&flat, &at);
            assert!(!walked || counted > 0.0, "seed {seed} at {at:?}: the walk finds one");
            assert!(walked || counted == 0.0 || hides(&flat), "seed {seed} at {at:?}: {counted} of none");
            *if walked { &mut singular } else { &mut smooth } += 1;
        }
    }
    assert!(singular > 20 && smooth > 200 && unknown < 400, "{singular}, {smooth} and {unknown}");
}
