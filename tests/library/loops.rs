//! Comparisons of functions whose loops are kept: they say what is said of the function unrolled.

use chainrule::{Backprop, Numerical, Strategy, Symbolic};
use experiments::FAMILIES;
use expr::Function;
use harness::{Comparison, Options, Outcome, Subject, compare};

fn strategies() -> Vec<Box<dyn Strategy>> {
    let symbolic = Symbolic { egg: false, ..Symbolic::default() };
    vec![Box::new(Numerical::default()), Box::new(symbolic), Box::new(Backprop)]
}

/// What is said at every point, without times and costs.
fn said(comparison: &Comparison) -> String {
    let mut out = format!("{:?} {}", comparison.inputs.all(), comparison.outputs);
    for point in &comparison.points {
        let causes: Vec<_> =
            point.causes.iter().map(|cause| (cause.kind, &cause.node, &cause.component)).collect();
        out += &format!("\n{:?} {:?} {:?}", point.values, point.components, point.notes);
        out += &format!(" {causes:?}");
        for entry in &point.entries {
            out += &format!("\n  {:?} {:?} {:?}", entry.answer, entry.components, entry.contradictions);
        }
    }
    out
}

/// Compares with loops and without; whether loops are kept.
fn alike(name: &str, written: &Function, points: &[Vec<f64>], strategies: &[Box<dyn Strategy>]) -> bool {
    let loops = Subject::unrolling_at_once(written.clone(), 0, 10_000_000).unwrap();
    let kept = loops.at_hand().is_none();
    let flat = written.unroll(10_000_000).unwrap();
    let options = Options { reference_nodes: 0, ..Options::default() };
    let compared = |subject: &Subject| compare(subject, points, strategies, &options);
    let (found, expected) = (compared(&loops), compared(&Subject::of(written, &flat)));
    assert_eq!(said(&found), said(&expected), "{name}");
    kept
}

#[test]
fn families_are_compared_with_their_loops_as_they_are_unrolled() {
    let mut kept = Vec::new();
    for family in FAMILIES {
        let n = *family.sizes.get(1).unwrap_or(&family.sizes[0]);
        let written = family.function(n);
        if written.is_flat() || written.unroll(20_000).is_err() {
            continue;
        }
        let zeros = vec![0.0; (family.inputs)(n)];
        if alike(family.name, &written, &[family.sample(n, 1), zeros], &strategies()) {
            kept.push(family.name);
        }
    }
    assert!(kept.len() >= 5, "{kept:?}");
}

#[test]
fn kinks_and_edges_in_loops_have_the_words_of_the_function_unrolled() {
    for (text, at) in [
        ("sum(i, 1, 200, abs(x[i])*y)", [1.0, 0.0, 2.0]),
        ("sum(i, 1, 200, if(x[i] > 0, ln(x[i]), x[i]*y))", [1.0, 0.0, -2.0]),
        ("sum(i, 1, 200, max(x[i], y)*i)", [1.0, 0.5, -2.0]),
        ("sum(i, 1, 200, sqrt(x[i]) + y)", [1.0, -1.0, 2.0]),
        ("sum(i, 1, 200, exp(400*x[i])*y)", [1.0, 2.0, 1.0]),
        ("iterate(k, 1, 200, z, y, abs(z - x[k])*0.9)", [1.0, 0.5, 0.75]),
        ("prod(i, 1, 200, 1/x[i] + y)", [1.0, 0.0, 2.0]),
        ("sum(i, 1, 200, max(abs(x[i]), 5)*y)", [1.0, 0.0, 2.0]),
        ("[sum(i, 1, 200, x[i]*y), sum(i, 1, 200, ln(x[i]))]", [1.0, 0.5, -2.0]),
        ("sum(i, 1, 200, ((1e10 + x[i]) - 1e10)^2*y)", [0.1, 0.3, 0.7]),
    ] {
        let written = syntax::parse(text).unwrap();
        let at: Vec<f64> = (0..written.input_count()).map(|k| at[k % 3]).collect();
        assert!(alike(text, &written, &[at], &strategies()), "{text}: loops are kept");
    }
}

/// Small functions with arrays and guards are unrolled by backpropagation too.
#[test]
fn kinks_in_arrays_and_guards_have_the_words_of_the_function_unrolled() {
    let alone: Vec<Box<dyn Strategy>> = vec![Box::new(Backprop)];
    let mut kept = 0;
    for (text, at) in [
        ("let h[i: 1..6000] = abs(x[i]); sum(i, 1, 6000, h[i]*y*i)", [1.0, 0.0, 2.0]),
        ("max(i, 1, 6000, x[i])*y", [1.0, 0.5, 2.0]),
        ("sum(i, 1, 6000, if(i > 1, abs(x[i-1]), x[6000])*y)", [1.0, 0.0, 2.0]),
        ("let z = iterate(t, 1, 9, y[j: 1..600], x[j], sqrt(y[j])*a); sum(k, 1, 600, z[k])", [1.0, 0.5, 0.0]),
    ] {
        let written = syntax::parse(text).unwrap();
        let at: Vec<f64> = (0..written.input_count()).map(|k| at[k % 3]).collect();
        kept += usize::from(alike(text, &written, &[at], &alone));
    }
    assert!(kept >= 2, "loops are kept in {kept}");
}

#[test]
fn large_functions_are_compared_without_unrolling_them() {
    let f = |text: &str, n| syntax::parse(text).unwrap().with_sizes(&[("n", n)]).unwrap();
    let compared = |f: Function, at: Vec<f64>, strategies: &[Box<dyn Strategy>]| {
        let subject = Subject::new(f, 20_000_000).unwrap();
        let found = compare(&subject, &[at], strategies, &Options::default());
        assert!(subject.at_hand().is_none() && found.nodes.is_none());
        found.points.into_iter().next().unwrap()
    };
    // Of one input the numerical strategy answers too, through the loop.
    let both: Vec<Box<dyn Strategy>> = vec![Box::new(Numerical::default()), Box::new(Backprop)];
    let point = compared(f("sum(i, 1, n, sin(x)*i)", 1_500_000), vec![0.7], &both);
    assert_eq!((point.verdict, point.notes.len()), (Outcome::Agree, 0));
    // Components whose terms are few are certified, whatever the others are.
    let alone: Vec<Box<dyn Strategy>> = vec![Box::new(Backprop)];
    let at: Vec<f64> = (0..400_000).map(|k| (k % 13) as f64 / 16.0).collect();
    let rosenbrock = "sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)";
    let point = compared(f(rosenbrock, 400_000), at, &alone);
    assert_eq!(point.verdict, Outcome::Unchecked);
    assert_eq!(point.sampled.len(), 4);
    let agreeing = point.components.iter().filter(|word| **word == Outcome::Agree).count();
    assert_eq!(agreeing, point.sampled.len(), "{:?}", point.notes);
}
