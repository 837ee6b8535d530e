//! Which loops are kept as loops.

use expr::{Kind, Stage, Stages, UnrollError};
use syntax::parse;

fn staged(text: &str, n: i64) -> Option<Stages> {
    let f = parse(text).unwrap();
    let f = if f.graph().sizes().is_empty() { f } else { f.with_sizes(&[("n", n)]).unwrap() };
    f.stages(9, 100_000).unwrap()
}

fn outline(text: &str) -> String {
    let Some(stages) = staged(text, 1000) else { return "unrolled".into() };
    let word = |stage: &Stage| match &stage.kind {
        Kind::Once { results } => format!("once {}", results.len()),
        Kind::Fold { rounds, results } => format!("{} folds of {}", results.len(), rounds.count),
        Kind::Scan { rounds, states } => format!("scan of {} with {}", rounds.count, states.len()),
    };
    stages.stages.iter().map(word).collect::<Vec<_>>().join(", ")
}

#[test]
fn loops_are_kept_and_what_no_round_changes_is_computed_once() {
    assert_eq!(outline("sum(i, 1, n, x[i]^2)"), "1 folds of 1000");
    assert_eq!(outline("exp(sum(i, 1, n, exp(a)*x[i]))"), "once 1, 1 folds of 1000, once 1");
    // The mean first, then the squares; the other sum goes with either.
    assert_eq!(
        outline("sum(i, 1, n, (x[i] - sum(j, 1, n, x[j])/n)^2) + sum(i, 1, n, ln(x[i]))"),
        "2 folds of 1000, once 1, 1 folds of 1000, once 1"
    );
    assert_eq!(outline("iterate(k, 1, n, y, x, sin(y)*w[k])"), "scan of 1000 with 1");
    // A short loop around long ones.
    assert_eq!(outline("sum(j, 1, 3, sum(i, 1, n, A[j,i]*x[i])^2)"), "3 folds of 1000, once 1");
}

#[test]
fn what_is_not_regular_is_unrolled() {
    assert_eq!(outline("sum(i, 1, 20, x[i^2])"), "unrolled");
    assert_eq!(outline("sum(i, 1, 8, sum(j, 1, i, x[j]))"), "unrolled");
    assert_eq!(outline("if(x[1] > 0, sum(i, 1, 20, ln(x[i])), 0)"), "unrolled");
}

#[test]
fn the_size_of_stages_does_not_depend_on_the_rounds() {
    let size = |n| {
        let stages = staged("sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)", n).unwrap();
        assert_eq!(stages.inputs(), n as usize);
        stages.stages.iter().map(|stage| stage.body.graph().len()).sum::<usize>()
    };
    assert_eq!(size(100), size(1_000_000));
}

#[test]
fn indices_are_checked_at_both_ends() {
    let f = parse("sum(i, 1, 20, x[i - 1])").unwrap();
    assert!(matches!(f.stages(9, 1000), Err(UnrollError::IndexOutOfRange { index: 0, .. })));
    let f = parse("sum(i, 1, 20, x[15 - i])").unwrap();
    assert!(matches!(f.stages(9, 1000), Err(UnrollError::IndexOutOfRange { index: -5, .. })));
}

#[test]
fn declared_lengths_hold_where_loops_are_kept() {
    let f = parse("f(x[n], y[5]) = sum(i, 1, n - 1, x[i]) + y[2]").unwrap();
    let f = f.with_sizes(&[("n", 20)]).unwrap();
    let stages = f.stages(8, 10_000).unwrap().expect("a loop is kept");
    assert_eq!(stages.shapes, [[20], [5]]);
    assert_eq!(f.unroll(10_000).unwrap().input_count(), 25);
    let beyond = parse("f(x[n]) = sum(i, 1, m, x[i])").unwrap();
    let beyond = beyond.with_sizes(&[("n", 20), ("m", 21)]).unwrap();
    assert!(matches!(beyond.stages(8, 10_000), Err(UnrollError::BeyondLength { index: 21, .. })));
}
