//! The reverse sweep, and what it needs to know of a function.

use expr::reverse_sweep::{at_inputs, by_the_table};
use expr::{Analysis, Op, reverse_sweep};
use syntax::parse;

#[test]
fn steps_end_activity() {
    let f = parse("floor(x)*y + sum(i, 1, 3, 2)").unwrap().unroll(100).unwrap();
    let analysis = Analysis::of(&f);
    let graph = f.graph();
    let find = |op| graph.ids().find(|&id| graph.node(id).op() == Some(op)).unwrap();
    assert!(!analysis.activity.is_active(find(Op::Floor)));
    assert_eq!(analysis.activity.arguments(find(Op::Mul)), 2);
    assert!(analysis.activity.flows(graph, find(Op::Mul), 1));
    assert!(!analysis.activity.flows(graph, find(Op::Mul), 0));
    let every = Analysis::of_every_node(&f).activity;
    assert!(graph.ids().all(|id| every.is_active(id)));
}

fn gradient(text: &str, at: &[f64]) -> Vec<Option<f64>> {
    let f = parse(text).unwrap().unroll(1000).unwrap();
    let values = f.values((), at);
    let seed = (f.outputs()[0], 1.0);
    at_inputs(&f, reverse_sweep(&f, &Analysis::of(&f), &values, seed, by_the_table))
}

#[test]
fn gradients_are_those_of_calculus() {
    assert_eq!(gradient("x*x*y", &[3.0, 5.0]), [Some(30.0), Some(9.0)]);
    assert_eq!(gradient("prod(i, 1, 3, x[i])", &[2.0, 0.0, 4.0]), [Some(0.0), Some(8.0), Some(0.0)]);
    assert_eq!(gradient("floor(x) + y", &[0.5, 1.0]), [None, Some(1.0)]);
}

#[test]
fn untaken_branch_does_not_poison_gradient() {
    assert_eq!(gradient("if(x > 0, 1/x, 2*x) + 0*y", &[0.0, 7.0]), [Some(2.0), Some(0.0)]);
}
