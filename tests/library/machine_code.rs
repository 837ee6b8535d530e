//! Machine code says what the interpreter says, in every bit.
//!
//! Ten thousand functions: `PROPTEST_CASES=10000 cargo test --release -p chainrule-tests machine_code`.

use backprop::Adjoint;
use chainrule::{Budget, Derivative, Strategy as _, StrategySpec, Want};
use engine::{Effort, Native};
use expr::Function;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use support::random_function::{recipe, runner};

/// Which NaN it is, is up to the processor.
fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| if value.is_nan() { f64::NAN } else { *value }.to_bits()).collect()
}

/// Values and gradients of a flat function by both, at points of which some have numbers that are special.
fn same_bits(f: &Function, point: &[f64], special: &[(usize, f64)]) -> Result<(), TestCaseError> {
    let adjoint = Adjoint::compile(f);
    let mut workspace = adjoint.workspace(|number| number);
    let outputs = f.outputs().len();
    let straight = adjoint.straight(100_000).expect("these functions are small");
    for effort in [Effort::None, Effort::Speed] {
        let code = Native::compile(&straight, effort).expect("there is code for this processor");
        for k in 0..=special.len() {
            let mut x = point.to_vec();
            for &(at, number) in &special[..k] {
                if let Some(at) = at.checked_rem(x.len()) {
                    x[at] = number;
                }
            }
            let places = || (vec![0.0; outputs], vec![0.0; outputs * x.len()]);
            let (mut expected, mut found) = (places(), places());
            adjoint.run(&mut workspace, &x, &mut expected.0, &mut expected.1);
            code.run(&x, &mut found.0, &mut found.1);
            prop_assert_eq!(bits(&found.0), bits(&expected.0), "values at {:?}", x);
            prop_assert_eq!(bits(&found.1), bits(&expected.1), "gradient at {:?}", x);
        }
    }
    Ok(())
}

#[test]
fn gradients_of_random_functions_have_the_same_bits() {
    let numbers = [0.0, -0.0, 1.0, -1.0, 1e300, -1e-300, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    let special = proptest::collection::vec((0usize..8, proptest::sample::select(numbers.to_vec())), 0..4);
    let outcome = runner(250).run(&(recipe(), special), |(recipe, special)| {
        let text = recipe.text();
        let parsed = syntax::parse(&text).unwrap();
        let f = parsed.with_sizes(&[("n", 3)]).unwrap_or(parsed).unroll(100_000).unwrap();
        let point: Vec<f64> = f.input_names().iter().map(|name| recipe.value_of(name)).collect();
        same_bits(&f, &point, &special).map_err(|error| TestCaseError::fail(format!("{text}\n{error}")))
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn several_outputs_branches_extremes_and_products_have_the_same_bits() {
    for text in [
        "[x*y, x + y, x, 3, if(x < y, x*ln(x), y^2)]",
        "[max(x, y, z), min(x, y, z), clamp(x, y, z), abs(x)*relu(y), sign(z)*x]",
        "x*y*z*x*y*z*x*y*z*(x + y) + (x - y)*(x - y)*z^-1 + z^3 + x^1.5 + y^z",
        "if(x < y, if(y < z, x*y, z/x), if(x == y, 1/x, sqrt(z)))",
        "hypot(x, y)*atan2(y, x) + mod(x, y) + floor(z)*round(x)*ceil(y)*trunc(z)",
        "7",
        "z",
    ] {
        let f = syntax::parse(text).unwrap().unroll(10_000).unwrap();
        let special = [(0, 0.0), (1, -0.0), (2, 2.0), (0, f64::INFINITY), (1, f64::NAN), (2, -1.0)];
        same_bits(&f, &[0.3, 0.7, -1.5][..f.input_count()], &special)
            .unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

#[test]
fn strategies_answer_the_same_before_and_after_code_is_made() {
    for spec in ["backprop", "symbolic", "symbolic=reverse+egg"] {
        let f = syntax::parse("[sum(i, 1, 9, x[i]*sin(x[i+1])), x[1]/x[10]]").unwrap();
        let spec: StrategySpec = spec.parse().unwrap();
        let mut prepared = spec.prepare(&f, Want::Gradient, &Budget::default()).unwrap();
        let x: Vec<f64> = (1..=10).map(|k| 1.0 / f64::from(k)).collect();
        let answers = |prepared: &mut Box<dyn chainrule::Prepared>| {
            let mut out = Derivative::default();
            prepared.run(&x, &mut out).unwrap();
            out
        };
        let first = answers(&mut prepared);
        for call in 0..2_000 {
            assert_eq!(answers(&mut prepared), first, "call {call}");
        }
        prepared.compile();
        assert_eq!(answers(&mut prepared), first, "after code was made");
    }
}
