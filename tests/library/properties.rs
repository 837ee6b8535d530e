//! Random functions over the whole operator table, with axes and branches: all ways to evaluate and to differentiate
//! them say the same.
//!
//! Ten thousand of them: `PROPTEST_CASES=10000 cargo test --release -p chainrule-tests properties`.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use backprop::{Staged, StagedWorkspace};
use chainrule::{
    Backprop, Budget, Cost, Derivative, Prepared, Refusal, Strategy, StrategyName, StrategySpec, Want,
};
use engine::Program;
use expr::{Function, Op};
use harness::{Options, Outcome, Subject, compare};
use proptest::prelude::*;
use proptest::strategy::Strategy as _;
use proptest::test_runner::TestCaseError;
use reference::{self, Component, certify};
use support::random_function::{Recipe, recipe, runner};
use symbolic::{self, Limits, Mode};
use syntax::parse;

/// What every property starts from: the text, the function with its axes, the flat one, and the point.
struct Case {
    text: String,
    rolled: Function,
    flat: Function,
    point: Vec<f64>,
}

fn case(recipe: &Recipe) -> Case {
    case_of(recipe, 3)
}

fn case_of(recipe: &Recipe, n: i64) -> Case {
    let text = recipe.text();
    let parsed = parse(&text).unwrap_or_else(|error| panic!("{text}\n{error}"));
    let rolled = match parsed.with_sizes(&[("n", n)]) {
        Ok(sized) => sized,
        Err(_) => parsed, // no axis in it
    };
    let flat = rolled.unroll(1_000_000).unwrap();
    let point = flat.input_names().iter().map(|name| recipe.value_of(name)).collect();
    Case { text, rolled, flat, point }
}

fn operators(f: &Function) -> BTreeSet<Op> {
    f.graph().nodes().iter().filter_map(|node| node.op()).collect()
}

fn strategy(spec: &str) -> Box<dyn Strategy> {
    Box::new(spec.parse::<StrategySpec>().unwrap())
}

/// Which NaN it is, is up to the processor.
fn bits(values: &[f64]) -> Vec<u64> {
    let bits = |value: &f64| if value.is_nan() { f64::NAN } else { *value }.to_bits();
    values.iter().map(bits).collect()
}

#[test]
fn the_three_strategies_agree() {
    let seen = RefCell::new(BTreeSet::new());
    let (components, unsure) = (Cell::new(0u32), Cell::new(0u32));
    let variants =
        ["symbolic", "symbolic=forward", "symbolic=reverse", "symbolic=textbook", "symbolic=reverse+egg"];
    let outcome = runner(250).run(&(recipe(), 0..variants.len()), |(recipe, variant)| {
        let Case { text, rolled, flat, point } = case(&recipe);
        seen.borrow_mut().extend(operators(&flat));
        let strategies = ["numerical", variants[variant], "backprop"].map(strategy);
        let options = Options {
            budget: Budget { nodes: 100_000, ..Budget::default() },
            reference_nodes: 0,
            ..Options::default()
        };
        let comparison = compare(&Subject::of(&rolled, &flat), &[point], &strategies, &options);
        let point = &comparison.points[0];
        for entry in &point.entries {
            let fine = match entry.spec.name() {
                // A difference quotient may be too coarse to say anything.
                StrategyName::Numerical => [Outcome::Agree, Outcome::Unchecked].as_slice(),
                // A formula without sharing may be too large.
                StrategyName::Symbolic => &[Outcome::Agree, Outcome::Refused],
                StrategyName::Backprop => &[Outcome::Agree],
            };
            for (k, (word, _)) in entry.components.iter().enumerate() {
                components.set(components.get() + 1);
                unsure.set(unsure.get() + u32::from(*word != Outcome::Agree));
                prop_assert!(
                    fine.contains(word),
                    "{} says {word:?} for component {k}\n{text}\n{point:#?}",
                    entry.spec.name()
                );
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    let missing: Vec<&Op> = Op::ALL.iter().filter(|op| !seen.borrow().contains(op)).collect();
    assert!(missing.is_empty(), "never exercised: {missing:?}");
    assert!(unsure.get() * 50 < components.get(), "{} of {} say nothing", unsure.get(), components.get());
}

#[test]
fn rolled_equals_unrolled_equals_naive_in_every_bit() {
    let outcome = runner(300).run(&recipe(), |recipe| {
        let Case { text, rolled, flat, point } = case(&recipe);
        let naive = rolled.evaluate((), &point);
        prop_assert_eq!(bits(&naive), bits(&flat.evaluate((), &point)), "unrolled: {}", text);
        let program = Program::compile(&flat);
        let mut out = vec![f64::NAN; naive.len()];
        program.run(&mut program.workspace(|value| value), &point, &mut out);
        prop_assert_eq!(bits(&naive), bits(&out), "compiled: {}", text);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// Backprop that keeps every loop, however short.
struct Kept;

struct KeptReady(Staged, StagedWorkspace);

impl Strategy for Kept {
    fn spec(&self) -> StrategySpec {
        Backprop.spec()
    }

    fn prepare(&self, f: &Function, want: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        match f.stages(1, budget.nodes)? {
            Some(stages) => {
                let staged = Staged::compile(&stages);
                let workspace = staged.workspace();
                Ok(Box::new(KeptReady(staged, workspace)))
            }
            None => Backprop.prepare(f, want, budget),
        }
    }
}

impl Prepared for KeptReady {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        out.values.resize(self.0.outputs(), 0.0);
        out.gradient.resize(self.0.outputs() * x.len(), 0.0);
        self.0.run(&mut self.1, x, &mut out.values, &mut out.gradient);
        Ok(())
    }

    fn cost(&self) -> Cost {
        Cost::default()
    }
}

/// Component `k` of the certified gradient.
fn certified(f: &Function, x: &[f64], k: usize) -> Option<f64> {
    match certify(f, x, &reference::Limits::default()).gradients.iter().flatten().nth(k)? {
        Component::Certified { gradient, .. } => Some(*gradient),
        _ => None,
    }
}

/// Loops that are kept, against the same loops unrolled: values in every bit, gradients as far as rounding goes. For ten
/// minutes of it: `PROPTEST_CASES=20000 cargo test --release -p chainrule-tests properties kept`.
#[test]
fn loops_that_are_kept_are_those_unrolled() {
    let kept = Cell::new(0u32);
    let outcome = runner(150).run(&(recipe(), 1..30i64), |(recipe, n)| {
        let Case { text, rolled, flat, point } = case_of(&recipe, n);
        let Some(stages) = rolled.stages(1, 1_000_000).unwrap() else { return Ok(()) };
        kept.set(kept.get() + 1);
        let staged = Staged::compile(&stages);
        let naive = rolled.evaluate((), &point);
        let mut out = vec![f64::NAN; naive.len()];
        staged.evaluate(&mut staged.workspace(), &point, &mut out);
        prop_assert_eq!(bits(&naive), bits(&out), "{} with n = {}", text, n);
        let strategies: Vec<Box<dyn Strategy>> = vec![strategy("symbolic=reverse"), Box::new(Kept)];
        let options = Options {
            budget: Budget { nodes: 100_000, ..Budget::default() },
            reference_nodes: 0,
            ..Options::default()
        };
        let comparison =
            compare(&Subject::of(&rolled, &flat), std::slice::from_ref(&point), &strategies, &options);
        let mut unrolled = Derivative::default();
        Backprop
            .prepare(&flat, Want::Gradient, &Budget::default())
            .and_then(|mut prepared| prepared.run(&point, &mut unrolled))
            .map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
        let point = &comparison.points[0];
        let kept = point.entries[1].answer.as_ref().map(|answer| answer.gradient.as_slice());
        for entry in &point.entries {
            // At some of these sizes inputs leave the domain, or formulas the budget.
            for (k, (word, _)) in entry.components.iter().enumerate() {
                // Where numbers overflow the same loop unrolled has no gradient either, and formulas may know better; or the
                // kept loop alone says that the slope is beyond the largest double, as it is.
                let same = kept.is_some_and(|kept| {
                    bits(&kept[k..=k]) == bits(&unrolled.gradient[k..=k])
                        || certified(&flat, &point.at, k) == Some(kept[k])
                });
                prop_assert!(*word != Outcome::Disagree || same, "{word:?}\n{text} with n = {n}\n{point:#?}");
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(kept.get() > 20, "{} functions with loops", kept.get());
}

/// Derivatives with axes, for every size at once, against those of the function unrolled, element by element.
#[test]
fn derivatives_with_axes_are_those_unrolled() {
    let (compared, refused) = (Cell::new(0u32), Cell::new(0u32));
    let outcome = runner(150).run(&recipe(), |recipe| {
        let text = recipe.text();
        let f = parse(&text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        if f.is_flat() {
            return Ok(());
        }
        let all = { f.graph().blocks().iter() }.map(|block| symbolic::Place {
            block: f.graph().block_named(&block.name).unwrap(),
            element: None,
        });
        let Ok(found) = symbolic::differentiate_sized(&f, 1, &all.collect::<Vec<_>>(), 20_000) else {
            refused.set(refused.get() + 1);
            return Ok(());
        };
        let Case { flat, .. } = case(&recipe);
        let values = |f: &Function| {
            let point: Vec<f64> = f.input_names().iter().map(|name| recipe.value_of(name)).collect();
            f.evaluate((), &point)
        };
        let expected = symbolic::differentiate(&flat, Mode::Reverse, 1_000_000);
        let expected = values(&expected.map_err(|error| TestCaseError::fail(error.to_string()))?.function);
        let names = flat.input_names();
        let outputs = flat.outputs().len();
        let scale = expected.iter().fold(1.0, |top: f64, value| top.max(value.abs()));
        for (k, name) in names.iter().enumerate() {
            let (block, places) = name.split_once('[').unwrap_or((name, ""));
            let places: Vec<i64> = places.trim_end_matches(']').split(',').flat_map(str::parse).collect();
            for (row, partial) in found.partials.iter().enumerate() {
                let by = &partial.by[0];
                if by.block != block {
                    continue;
                }
                let g = &found.function;
                // The indices of other blocks are of no consequence.
                let one = |size: &'_ String| if size == "n" { 3 } else { 1 };
                let mut sizes: Vec<(&str, i64)> =
                    g.graph().sizes().iter().map(|size| (size.as_str(), one(size))).collect();
                for (index, place) in by.indices.iter().zip(&places) {
                    sizes.iter_mut().filter(|(size, _)| size == index).for_each(|(_, value)| *value = *place);
                }
                let bound = g.with_sizes(&sizes).and_then(|g| g.unroll(1_000_000));
                let found =
                    values(&bound.map_err(|error| {
                        TestCaseError::fail(format!("{error}\n{text}\n{}", syntax::text(g)))
                    })?)[found.outputs + row];
                let expected = expected[outputs + partial.output * names.len() + k];
                prop_assert!(
                    (found - expected).abs() <= 1e-9 * scale || found.is_nan() && expected.is_nan(),
                    "{name}: {found}, unrolled {expected}\n{text}\n{}",
                    syntax::text(g)
                );
                compared.set(compared.get() + 1);
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(compared.get() > 200, "{} elements", compared.get());
    assert!(refused.get() * 20 < compared.get(), "{} functions refused", refused.get());
}

#[test]
fn print_then_parse_is_the_identity() {
    let again = |f: &Function| -> Result<(), TestCaseError> {
        let text = syntax::text(f);
        let read = parse(&text).map_err(|error| TestCaseError::fail(format!("{text}\n{error}")))?;
        // A rolled function knows the sizes it was given; its text does not.
        let read = read.with_sizes(&[("n", 3)]).unwrap_or(read);
        prop_assert!(f.same_graph(&read), "{text}\nread back is\n{}", syntax::text(&read));
        Ok(())
    };
    let outcome = runner(300).run(&recipe(), |recipe| {
        let Case { rolled, flat, .. } = case(&recipe);
        again(&rolled)?;
        again(&flat)?;
        // Derivatives print and parse like any function.
        let derivative = symbolic::differentiate(&flat, Mode::Reverse, 1_000_000);
        again(&derivative.map_err(|error| TestCaseError::fail(error.to_string()))?.function)
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn simplified_equals_unsimplified_and_never_costs_more() {
    let changed = Cell::new(0);
    let outcome = runner(60).run(&recipe(), |recipe| {
        let Case { text, flat, point, .. } = case(&recipe);
        let derivative = symbolic::differentiate(&flat, Mode::Reverse, 1_000_000);
        let derivative = derivative.map_err(|error| TestCaseError::fail(error.to_string()))?.function;
        let found = symbolic::simplify(&derivative, &Limits { e_nodes: 4_000, ..Limits::default() });
        prop_assert!(found.cost_after <= found.cost_before, "{text}");
        prop_assert_eq!(found.cost_after, symbolic::cost(&found.function), "{}", text);
        changed.set(changed.get() + u32::from(found.cost_after < found.cost_before));
        // Rules reorder sums, so rounding differs by what the largest number on the way loses.
        let largest = derivative.values((), &point).iter().fold(1.0, |top: f64, value| top.max(value.abs()));
        let (before, after) = (derivative.evaluate((), &point), found.function.evaluate((), &point));
        for (a, b) in before.iter().zip(&after) {
            prop_assert!(
                (a - b).abs() <= 1e-10 * largest.powi(2),
                "{a} became {b}\n{text}\n{}\n{}",
                syntax::text(&derivative),
                syntax::text(&found.function)
            );
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(changed.get() > 0, "nothing was ever simplified");
}

#[test]
fn an_undefined_branch_that_is_not_taken_poisons_nothing() {
    let specs = ["symbolic=forward", "symbolic=reverse", "symbolic", "backprop"];
    // Undefined, infinite or without a finite slope at any point of the recipes.
    let bad = ["ln(-1 - A^2)", "sqrt(A - A)", "1/(A - A)", "cbrt(A - A)*A", "acos(2 + A^2)", "(0*A)^-1.5"];
    let outcome = runner(100).run(
        &(recipe().prop_map(Recipe::single), 0..bad.len(), any::<bool>()),
        |(recipe, bad_one, first)| {
            let mut plain = recipe.text();
            let last = plain.rfind('\n').map_or(0, |at| at + 1);
            let result = plain.split_off(last);
            let wrong = bad[bad_one].replace('A', "t");
            let guarded = match first {
                true => format!("{plain}t = {result}\nif(t == t, t, {wrong} + t)"),
                false => format!("{plain}t = {result}\nif(t != t, {wrong}*t, t)"),
            };
            let f = parse(&format!("{plain}{result}")).unwrap();
            let g = parse(&guarded).unwrap_or_else(|error| panic!("{guarded}\n{error}"));
            let flat =
                |f: &Function| f.with_sizes(&[("n", 3)]).unwrap_or(f.clone()).unroll(1_000_000).unwrap();
            let (f, g) = (flat(&f), flat(&g));
            let point: Vec<f64> = f.input_names().iter().map(|name| recipe.value_of(name)).collect();
            prop_assert_eq!(bits(&f.evaluate((), &point)), bits(&g.evaluate((), &point)));
            for spec in specs {
                let gradient = |f: &Function| {
                    let strategy = strategy(spec);
                    let mut out = chainrule::Derivative::default();
                    let mut prepared =
                        strategy.prepare(f, chainrule::Want::Gradient, &Budget::default()).unwrap();
                    prepared.run(&point, &mut out).unwrap();
                    out.gradient
                };
                let (expected, found) = (gradient(&f), gradient(&g));
                let scale = expected.iter().fold(0.0, |top: f64, value| top.max(value.abs()));
                for (a, b) in expected.iter().zip(&found) {
                    prop_assert!(
                        (a - b).abs() <= 1e-9 * scale,
                        "{spec}: {expected:?}, guarded {found:?}\n{guarded}"
                    );
                }
            }
            Ok(())
        },
    );
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
