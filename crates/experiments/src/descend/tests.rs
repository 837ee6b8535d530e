use chainrule::{
    AccurateBackprop, Backprop, ComplexStep, Derivative, Precision, Prepared, Strategy, StrategyName, Want,
    strategies,
};
use syntax::parse;

use super::*;

fn options(method: Method, rate: f64, iterations: usize) -> Options {
    Options {
        method,
        rate,
        iterations,
        tolerance: 0.0,
        budget: Budget::default(),
        evaluations: 100_000,
        reference_nodes: 20_000,
    }
}

const NO_DATA: [Option<Vec<f64>>; 2] = [None, None];

#[test]
fn strategies_go_the_same_way_down() {
    let f = parse("(1 - x)^2 + 10*(y - x^2)^2").unwrap();
    let loss = Loss { written: &f, flat: &f, columns: &NO_DATA, rows: 0 };
    for method in [Method::Plain, Method::Momentum, Method::Adam] {
        let descent =
            descend(&loss, &[-0.5, 1.0], &strategies(), &options(method, 0.005, 300), &mut |_, _| {});
        assert_eq!(descent.outcome, Outcome::Agree);
        for run in &descent.runs {
            assert_eq!((run.steps(), &run.end), (300, &End::Finished), "{}", run.spec);
            assert!(run.losses[300] < 0.5 * run.losses[0], "{method:?}: {:?}", run.losses);
            assert!(descent.difference(run).unwrap().0 < 1e-6, "{}", run.spec);
        }
        let backprop = &descent.runs[2];
        assert_eq!(
            (descent.leader().unwrap().spec.name(), backprop.evaluations),
            (StrategyName::Backprop, 301)
        );
        assert!(descent.runs[0].evaluations > 301 * 4);
    }
}

/// A line through points, the third column a number that nobody uses.
fn line() -> [Option<Vec<f64>>; 4] {
    let x: Vec<f64> = (0..700).map(|k| f64::from(k % 37) / 20.0 - 0.9).collect();
    let y = x.iter().map(|x| 3.0 * x - 1.0).collect();
    [None, Some(x), None, Some(y)]
}

#[test]
fn a_line_is_found_through_data_by_strategies() {
    let f = parse("f(a, x, b) = a*x + b").unwrap();
    let f = squared_error(&f, "y");
    assert_eq!(f.input_names(), ["a", "x", "b", "y"]);
    let columns = line();
    let loss = Loss { written: &f, flat: &f, columns: &columns, rows: 700 };
    let mut strategies = strategies();
    strategies.push(Box::new(AccurateBackprop));
    strategies.push(Box::new(ComplexStep));
    let descent = descend(&loss, &[0.0, 0.0], &strategies, &options(Method::Plain, 0.5, 200), &mut |_, _| {});
    assert_eq!(descent.outcome, Outcome::Agree);
    for run in &descent.runs {
        assert!((run.at[0] - 3.0).abs() < 1e-6 && (run.at[1] + 1.0).abs() < 1e-6, "{run:?}");
        // Losses are those of the others, as long as there is anything left of them.
        let leader = &descent.leader().unwrap().losses;
        for (own, other) in run.losses.iter().zip(leader).filter(|(own, _)| **own > 1e-10) {
            assert!((own - other).abs() <= 1e-9 * other, "{}: {own} {other}", run.spec);
        }
    }
}

#[test]
fn what_would_take_too_long_is_measured_over_a_few_steps() {
    let f = parse("(x - 1)^2 + (y - 2)^4").unwrap();
    let loss = Loss { written: &f, flat: &f, columns: &NO_DATA, rows: 0 };
    let few = Options { evaluations: 1000, ..options(Method::Plain, 0.01, 100) };
    let descent = descend(&loss, &[0.0, 0.0], &strategies(), &few, &mut |_, _| {});
    let [numerical, symbolic, backprop] = &descent.runs[..] else { panic!("three") };
    assert_eq!((&numerical.end, numerical.steps()), (&End::Measured, FEW));
    assert_eq!((&symbolic.end, symbolic.steps()), (&End::Finished, 100));
    let whole = numerical.whole_time(100).unwrap();
    assert!((whole - 20.0 * numerical.nanoseconds).abs() <= 1e-9 * whole);
    assert_eq!(descent.leader().unwrap().spec, backprop.spec);
}

#[test]
fn a_descent_that_diverges_says_so() {
    let f = parse("x^4 + y^2").unwrap();
    let loss = Loss { written: &f, flat: &f, columns: &NO_DATA, rows: 0 };
    let descent =
        descend(&loss, &[2.0, 0.0], &strategies(), &options(Method::Plain, 1.0, 50), &mut |_, _| {});
    for run in &descent.runs {
        assert_eq!(run.end, End::Diverged, "{}", run.spec);
        assert!(run.steps() < 20);
    }
}

#[test]
fn a_loss_that_grows_to_the_last_step_diverges() {
    let f = parse("x^2 + 0*y").unwrap();
    let loss = Loss { written: &f, flat: &f, columns: &NO_DATA, rows: 0 };
    let descent =
        descend(&loss, &[1.0, 0.0], &strategies(), &options(Method::Plain, 1.1, 50), &mut |_, _| {});
    assert!(descent.runs.iter().all(|run| run.end == End::Diverged && run.steps() == 50));
}

#[test]
fn a_descent_stops_where_the_gradient_is_within_the_tolerance() {
    let f = parse("(x - 1)^2 + (y - 2)^2").unwrap();
    let loss = Loss { written: &f, flat: &f, columns: &NO_DATA, rows: 0 };
    let options = Options { tolerance: 1e-6, ..options(Method::Plain, 0.25, 1000) };
    let mut seen = Vec::new();
    let descent = descend(&loss, &[0.0, 0.0], &strategies(), &options, &mut |strategy, step| {
        seen.push((strategy, step))
    });
    for run in &descent.runs {
        assert_eq!(run.end, End::Converged, "{}", run.spec);
        // The error is halved by every step: 2·2^-k <= 1e-6 from k = 22 on, and the gradient is twice the error.
        assert_eq!(run.steps(), 22, "{}", run.spec);
        let whole = run.whole_time(1000).unwrap();
        assert!((whole - run.nanoseconds).abs() <= 1e-9 * whole);
    }
    assert_eq!((seen.first(), seen.last(), seen.len()), (Some(&(0, 0)), Some(&(2, 22)), 3 * 23));
    // At the minimum there is no step to take.
    let still = descend(&loss, &[1.0, 2.0], &strategies(), &options, &mut |_, _| {});
    assert!(still.runs.iter().all(|run| (run.steps(), &run.end) == (0, &End::Converged)));
}

/// Backprop with its first component wrong.
struct Wrong;

impl Strategy for Wrong {
    fn spec(&self) -> StrategySpec {
        StrategySpec::Backprop(Precision::Accurate)
    }

    fn prepare(&self, f: &Function, want: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        struct Ready(Box<dyn Prepared>);
        impl Prepared for Ready {
            fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
                self.0.run(x, out)?;
                out.gradient[0] *= 1.0 + 1e-6;
                Ok(())
            }

            fn cost(&self) -> chainrule::Cost {
                self.0.cost()
            }
        }
        Ok(Box::new(Ready(Backprop.prepare(f, want, budget)?)))
    }
}

#[test]
fn a_wrong_gradient_is_seen_and_gets_no_time() {
    let f = parse("(1 - x)^2 + 10*(y - x^2)^2").unwrap();
    let loss = Loss { written: &f, flat: &f, columns: &NO_DATA, rows: 0 };
    let mut strategies = strategies();
    strategies.push(Box::new(Wrong));
    let descent =
        descend(&loss, &[-0.5, 1.0], &strategies, &options(Method::Plain, 0.005, 20), &mut |_, _| {});
    assert_eq!(descent.outcome, Outcome::Disagree);
    let wrong = &descent.runs[3];
    assert_eq!((wrong.outcome, wrong.step_time()), (Outcome::Disagree, None));
    assert!(descent.runs[..3].iter().all(|run| run.step_time().is_some()));
    assert_eq!(descent.leader().unwrap().spec, Backprop.spec());
    assert!(descent.difference(wrong).unwrap().0 > 1e-10);
}

#[test]
fn a_loss_that_grew_has_not_converged() {
    // At the eighth step the gradient is small beside the loss, which is 10^23.
    let f = parse("x^2 + 10*y^2").unwrap();
    let loss = Loss { written: &f, flat: &f, columns: &NO_DATA, rows: 0 };
    let options = Options { tolerance: 1e-10, ..options(Method::Plain, 2.0, 200) };
    let found = descend(&loss, &[1.0, 2.0], &strategies(), &options, &mut |_, _| {});
    for run in &found.runs {
        assert_eq!(run.end, End::Diverged, "{}", run.spec);
        assert!(run.losses[run.steps()] > 1e20, "{:?}", run.losses);
    }
}

#[test]
fn a_path_has_every_place_and_ends_where_its_run_does() {
    let f = parse("x^2 + 10*y^2").unwrap();
    let loss = Loss { written: &f, flat: &f, columns: &NO_DATA, rows: 0 };
    let (run, path) = path(&loss, &[1.0, 2.0], &Backprop, &options(Method::Plain, 0.1, 3));
    assert_eq!((path.len(), run.losses.len()), (4, 4));
    assert_eq!((path[0].as_slice(), path[3].as_slice()), (&[1.0, 2.0][..], run.at.as_slice()));
    assert_eq!(path[1], [0.8, -2.0]);
}
