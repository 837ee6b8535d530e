//! Staged functions against the same functions unrolled.

use super::*;
use expr::Function;
use expr::reverse_sweep::{at_inputs, reverse_sweep};
use expr::{Analysis, PathConditions};

/// Which NaN it is, is up to the processor.
fn bits(numbers: &[f64]) -> Vec<u64> {
    let bits = |number: &f64| if number.is_nan() { f64::NAN } else { *number }.to_bits();
    numbers.iter().map(bits).collect()
}

/// For every input of a flat function, how many gradients arrive in all on the way to it, and what they would come to if
/// all of them were positive: what rounding is measured by.
fn arriving(f: &Function, output: usize, x: &[f64]) -> Vec<(f64, f64)> {
    let values = f.values((), x);
    let seed = (f.outputs()[output], 1.0);
    let analysis = Analysis { paths: PathConditions::unconditional(), ..Analysis::of_every_node(f) };
    let mut counts = vec![0.0; f.graph().len()];
    counts[seed.0.index()] = 1.0;
    let sizes = reverse_sweep(f, &analysis, &values, seed, |local, &upstream, propagate| {
        let mut slopes = vec![0.0; local.children.len()];
        local.downstream(&upstream, |k, slope| slopes[k] = slope);
        for (k, slope) in slopes.into_iter().enumerate() {
            counts[local.children[k].index()] += counts[local.id.index()];
            // Of a branch that is not taken nothing arrives, not even 0·∞.
            propagate(k, if upstream == 0.0 { 0.0 } else { slope.abs() });
        }
    });
    let counts =
        at_inputs(f, counts.into_iter().map(Some).collect()).into_iter().map(Option::unwrap_or_default);
    counts.zip(at_inputs(f, sizes).into_iter().map(Option::unwrap_or_default)).collect()
}

/// Compares at a point, twice over, so that what a run leaves behind would show.
fn compare(text: &str, n: i64, point: impl Fn(usize) -> f64) {
    let f = syntax::parse(text).unwrap();
    let f = if f.graph().sizes().is_empty() { f } else { f.with_sizes(&[("n", n)]).unwrap() };
    let flat = f.unroll(1_000_000).unwrap();
    let stages = f.stages(1, 1_000_000).unwrap();
    let Some(stages) = stages else { panic!("{text} has no stages at n = {n}") };
    let shapes: Vec<_> = flat.graph().blocks().iter().map(|block| block.shape.clone().unwrap()).collect();
    assert_eq!(stages.shapes, shapes, "{text}");
    let (staged, unrolled) = (Staged::compile(&stages), Adjoint::compile(&flat));
    let (mut a, mut b) = (staged.workspace(), unrolled.workspace(|number| number));
    for shift in [0.0, 0.01, 0.0] {
        let x: Vec<f64> = (0..flat.input_count()).map(|k| point(k) + shift).collect();
        let outputs = flat.outputs().len();
        let (mut values, mut gradient) = (vec![0.0; outputs], vec![0.0; outputs * x.len()]);
        let (mut expected, mut slopes) = (values.clone(), gradient.clone());
        staged.run(&mut a, &x, &mut values, &mut gradient);
        unrolled.run(&mut b, &x, &mut expected, &mut slopes);
        assert_eq!(bits(&values), bits(&expected), "{text} at n = {n}");
        for output in 0..outputs {
            for (k, (count, sum)) in arriving(&flat, output, &x).into_iter().enumerate() {
                let (found, expected) = (gradient[output * x.len() + k], slopes[output * x.len() + k]);
                let same = found == expected || found.is_nan() && expected.is_nan();
                let bound = 2.0 * (count + 8.0) * f64::EPSILON * sum;
                assert!(
                    same || (found - expected).abs() <= bound,
                    "{text} at n = {n}, input {k}: {found:e} staged, {expected:e} unrolled, {bound:e} allowed"
                );
            }
        }
    }
}

/// Somewhere between 0.5 and 1.5.
fn ordinary(k: usize) -> f64 {
    1.0 + 0.5 * (1.0 + 7.0 * k as f64).sin()
}

const FUNCTIONS: [&str; 20] = [
    "sum(i, 1, n, x[i])",
    "sum(i, 1, n, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)",
    "-2*sum(i, 1, n, a*x[i]^2)/n + 3",
    "prod(i, 1, n, x[i])",
    "prod(i, 1, n, sin(x[i])*a)*sum(i, 1, n, x[i])",
    "exp(-sum(i, 1, n, x[i]*exp(a)))",
    "sum(i, 1, n, (x[i] - sum(j, 1, n, x[j])/n)^2)",
    "[sum(i, 1, n, x[i]*a), sum(i, 1, n, x[i]^2), a]",
    "sum(i, 1, n, x^i/i)",
    "sum(i, 1, n, x[n + 1 - i]*x[2*i])",
    "sum(i, 1, n, sum(j, 1, 3, A[i,j]*A[j,i]*b[j]))",
    "sum(i, 1, n, if(x[i] > 1, ln(x[i]), a*x[i]))",
    "sum(i, 1, n, if(x[i] > 1, 1/(x[i] - x[i]), a*x[i]))",
    "sum(i, 1, n, 1) + a*prod(i, 1, n, 1)",
    "iterate(k, 1, n, y, x, 3.2*y*(1 - y))",
    "iterate(k, 1, n, y, 1/2, sin(y)*x[k] + exp(-y^2)*a)",
    "iterate(k, 1, n, (u, v), (x, y), (v, u*a + sin(v)/k))[2]",
    "sum(i, 1, n, iterate(k, 1, 5, y, x[i], sin(y)*w[k]))",
    "iterate(k, 1, n, y, a, y + sum(j, 1, n, a*x[j]))/n",
    "ln(sum(i, 1, n, exp(x[i]))) - sum(i, 1, n, w[i]*x[i])",
];

#[test]
fn staged_and_unrolled_agree() {
    for text in FUNCTIONS {
        for n in [1, 2, 7, 8, 9, 255, 256, 257] {
            compare(text, n, ordinary);
        }
    }
}

#[test]
fn empty_loops_are_their_neutral_elements() {
    let f = syntax::parse("x*sum(i, 1, n, x^i) + sum(j, 1, 9, x)").unwrap().with_sizes(&[("n", 0)]).unwrap();
    let staged = Staged::compile(&f.stages(1, 1000).unwrap().unwrap());
    let (mut value, mut gradient) = ([0.0], [0.0]);
    staged.run(&mut staged.workspace(), &[2.0], &mut value, &mut gradient);
    assert_eq!((value, gradient), ([18.0], [9.0]));
}

#[test]
fn infinities_and_nan_are_the_same() {
    for text in FUNCTIONS {
        for extreme in [f64::NAN, f64::INFINITY, 0.0, 1e308] {
            compare(text, 20, |k| if k == 3 { extreme } else { ordinary(k) });
        }
    }
}

/// No output depends on the last round's `u`: what it divides by 0 has no gradient, not even 0·∞.
#[test]
fn what_only_the_states_at_the_beginning_reach_is_not_passed_on() {
    compare("iterate(k, 1, n, (u, v), (x, y), (sin(v) + a/(x - x), u*v))[2]", 1, ordinary);
}

#[test]
fn long_iterations_run_again_from_checkpoints() {
    let text = "iterate(k, 1, n, (u, v), (x, y), (v*cos(u), u*a + sin(v)/k))[1]";
    let f = syntax::parse(text).unwrap().with_sizes(&[("n", 1000)]).unwrap();
    let mut staged = Staged::compile(&f.stages(9, 1000).unwrap().unwrap());
    let point = [0.3, 0.4, 0.9];
    let run = |staged: &Staged| {
        let (mut value, mut gradient) = ([0.0], [0.0; 3]);
        staged.run(&mut staged.workspace(), &point, &mut value, &mut gradient);
        (value, gradient)
    };
    let whole = run(&staged);
    for part in &mut staged.parts {
        if let Part::Scan(scan) = part {
            scan.segment = 256;
        }
    }
    assert_eq!(run(&staged), whole);
}
