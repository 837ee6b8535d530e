//! Derivatives of every kind: three strategies that share no formula say the same of random functions, loops and nested axes
//! included, and entries are the certified ones.

use std::cell::Cell;

use backprop::{Seeded, Sweep, UnrollOrPlan};
use chainrule::{
    AccurateBackprop, Backprop, Budget, Derivative, Numerical, Refusal, Seeds, Strategy, StrategySpec,
    Symbolic, Unit, Want,
};
use expr::Function;
use proptest::prelude::*;
use support::random_function::{recipe, runner};
use symbolic::Mode;

use crate::random_arrays::random_functions::random_function;

/// All but gradients, which have tests of their own.
fn kinds() -> impl Iterator<Item = Want> {
    Want::ALL.into_iter().filter(|want| *want != Want::Gradient)
}

fn budget() -> Budget {
    Budget { nodes: 200_000, ..Budget::default() }
}

/// Seeds that fit: two products, weights that differ.
fn seeds(want: Want, inputs: usize, outputs: usize) -> (Vec<f64>, Vec<f64>) {
    let numbers =
        |count: usize, from: f64| (0..count).map(|k| from + (k as f64 * 0.7).cos()).collect::<Vec<f64>>();
    let along = if want.takes_directions() { numbers(2 * inputs, 0.25) } else { Vec::new() };
    let weights = match want {
        Want::Vjp => numbers(2 * outputs, 0.5),
        _ if want.is_second() => numbers(outputs, 1.5),
        _ => Vec::new(),
    };
    (along, weights)
}

fn answer(
    strategy: &dyn Strategy,
    f: &Function,
    want: Want,
    x: &[f64],
    outputs: usize,
) -> Result<Derivative, Refusal> {
    let (along, weights) = seeds(want, x.len(), outputs);
    let mut out = Derivative::default();
    let mut prepared = strategy.prepare(f, want, &budget())?;
    prepared.run_with(x, Seeds { along: &along, weights: &weights }, &mut out)?;
    Ok(out)
}

fn largest(numbers: &[f64]) -> f64 {
    numbers.iter().fold(0.0, |largest: f64, number| largest.max(number.abs()))
}

/// How many finite differences were within ten times their estimate, of all that had one.
#[derive(Default)]
struct Honest {
    within: Cell<u32>,
    all: Cell<u32>,
}

/// All strategies on one function, of every kind, against the passes in double-double numbers.
fn compare(f: &Function, x: &[f64], outputs: usize, honest: &Honest) -> Result<u32, String> {
    let mut entries = 0;
    for want in kinds() {
        let Ok(truth) = answer(&AccurateBackprop, f, want, x, outputs) else { continue };
        assert_eq!(truth.entries.len(), truth.shape[0] * truth.shape[1]);
        let scale = largest(&truth.entries).max(largest(&truth.gradient)).max(largest(&truth.values));
        if !scale.is_finite() {
            continue;
        }
        let plain = Symbolic { mode: Mode::Reverse, egg: false, accurate: false };
        let strategies: [&dyn Strategy; 4] = [&Backprop, &plain, &Symbolic::default(), &Numerical::default()];
        for (k, strategy) in strategies.into_iter().enumerate() {
            // Simplifying takes most of the time.
            if k == 2 && f.graph().len() > 40 {
                continue;
            }
            let found = match answer(strategy, f, want, x, outputs) {
                Ok(found) => found,
                Err(Refusal::OverBudget { .. }) => continue,
                Err(refusal) => return Err(format!("{want} by {}: {refusal}", strategy.spec())),
            };
            if (found.shape, found.values.len()) != (truth.shape, truth.values.len()) {
                return Err(format!(
                    "{want} by {}: {:?}, not {:?}",
                    strategy.spec(),
                    found.shape,
                    truth.shape
                ));
            }
            for (entry, (own, right)) in found.entries.iter().zip(&truth.entries).enumerate() {
                let apart = (own - right).abs();
                if k < 3 {
                    entries += 1;
                    if apart.is_nan() || apart > 1e-9 * scale {
                        return Err(format!(
                            "{want} by {}: entry {entry} is {own}, not {right}",
                            strategy.spec()
                        ));
                    }
                } else if let Some(error) = &found.error_estimate
                    && found.blind[entry].is_none()
                {
                    honest.all.set(honest.all.get() + 1);
                    let within = apart <= 10.0 * error[entry];
                    honest.within.set(honest.within.get() + u32::from(within));
                    if apart > 1e6 * error[entry] + 1e-3 * scale {
                        return Err(format!(
                            "{want}: difference {entry} is {own} ± {}, not {right}",
                            error[entry]
                        ));
                    }
                }
            }
        }
    }
    Ok(entries)
}

/// Ten thousand of them: `PROPTEST_CASES=10000 cargo test --release -p chainrule-tests kinds`.
#[test]
fn the_three_strategies_agree_on_every_kind() {
    let (entries, honest) = (Cell::new(0u32), Honest::default());
    let outcome = runner(40).run(&recipe(), |recipe| {
        let text = recipe.text();
        let parsed = syntax::parse(&text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        let f = parsed.with_sizes(&[("n", 3)]).unwrap_or(parsed);
        let flat = f.unroll(200_000).unwrap();
        let x: Vec<f64> = flat.input_names().iter().map(|name| recipe.value_of(name)).collect();
        match compare(&f, &x, flat.outputs().len(), &honest) {
            Ok(count) => entries.set(entries.get() + count),
            Err(wrong) => return Err(TestCaseError::fail(format!("{wrong}\n{text}\nat {x:?}"))),
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(entries.get() > 3_000, "{} entries", entries.get());
    let (within, all) = (honest.within.get(), honest.all.get());
    assert!(within * 100 >= all * 98 && all > 1_000, "{within} of {all} estimates are honest");
}

/// Functions with arrays, nested axes, iterations and data, which passes differentiate as they stand and formulas unrolled.
#[test]
fn the_three_strategies_agree_where_axes_nest() {
    let (mut functions, mut entries, honest) = (0, 0, Honest::default());
    for seed in 0..60 {
        let f = random_function(seed, 2 + (seed % 2) as u32);
        let Ok(flat) = f.unroll(10_000) else { continue };
        if flat.graph().len() > 400 || flat.input_count() == 0 {
            continue;
        }
        let x: Vec<f64> = (0..flat.input_count()).map(|k| 0.4 + 0.07 * (k % 9) as f64).collect();
        let found = compare(&f, &x, 1, &honest);
        entries += found.unwrap_or_else(|wrong| panic!("{seed}: {wrong}\n{}", syntax::text(&f)));
        functions += 1;
    }
    assert!(functions >= 20 && entries >= 5_000, "{entries} entries of {functions} functions");
}

/// Products with the identity are the matrix, in every bit, and the diagonal is that of the matrix.
#[test]
fn products_are_those_of_the_matrix() {
    let f = syntax::parse("[sum(i, 1, 5, sin(x[i]*x[i+1]))*x[1], exp(x[2]/x[3]), x[4]^3*x[6]]").unwrap();
    let x = [0.5, 1.5, 0.75, 1.25, 2.0, 0.25];
    let identity = |n: usize| (0..n * n).map(|k| f64::from(k / n == k % n)).collect::<Vec<f64>>();
    let (six, three) = (identity(6), identity(3));
    for strategy in
        [&Backprop as &dyn Strategy, &AccurateBackprop, &Symbolic { egg: false, ..Symbolic::default() }]
    {
        let found = |want: Want, along: &[f64], weights: &[f64]| {
            let mut out = Derivative::default();
            let mut prepared = strategy.prepare(&f, want, &Budget::default()).unwrap();
            prepared.run_with(&x, Seeds { along, weights }, &mut out).unwrap();
            out.entries
        };
        let close = |a: &[f64], b: &[f64]| {
            assert_eq!(a.len(), b.len());
            assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-14 * b.abs().max(1e-2)), "{a:?}\n{b:?}");
        };
        let jacobian = found(Want::Jacobian, &[], &[]);
        close(&found(Want::Jvp, &six, &[]), &jacobian);
        close(&found(Want::Vjp, &[], &three), &jacobian);
        let weights = [1.0, -2.0, 0.5];
        let hessian = found(Want::Hessian, &[], &weights);
        close(&found(Want::Hvp, &six, &weights), &hessian);
        let diagonal: Vec<f64> = (0..6).map(|k| hessian[7 * k]).collect();
        close(&found(Want::HessianDiagonal, &[], &weights), &diagonal);
        let mirrored = (0..36).all(|k| hessian[k].to_bits() == hessian[k % 6 * 6 + k / 6].to_bits());
        assert!(mirrored, "symmetric in every bit");
    }
}

/// With loops, unrolled side by side, and one by one: the same bits, of random functions with arrays.
#[test]
fn loops_change_no_bits() {
    let never = UnrollOrPlan { few_operators: u64::MAX, some_operators: u64::MAX, ..UnrollOrPlan::default() };
    let always = UnrollOrPlan { few_operators: 0, some_operators: 0, ..UnrollOrPlan::default() };
    let mut kept = 0;
    for seed in 0..40 {
        let f = random_function(seed, 2);
        if f.unroll(3_000).is_err() {
            continue;
        }
        for sweep in [Sweep::Jvp, Sweep::Vjp, Sweep::Hvp] {
            let prepared = |choice: &UnrollOrPlan, many: bool| Seeded::new(&f, sweep, many, choice).unwrap();
            let run = |seeded: &Seeded| {
                let x: Vec<f64> = (0..seeded.inputs()).map(|k| 0.4 + 0.07 * (k % 9) as f64).collect();
                let mut bits: Vec<u64> = Vec::new();
                let fill = |k: usize, seed: &mut [f64]| {
                    seed.iter_mut().enumerate().for_each(|(j, seed)| *seed = 0.5 + (k + j) as f64 / 8.0);
                };
                seeded.run(&mut seeded.workspace(), &x, &[], 11, fill, |_, found| {
                    let all = found.values.iter().chain(found.gradient).chain(found.product);
                    bits.extend(all.map(|number| if number.is_nan() { f64::NAN } else { *number }.to_bits()));
                });
                bits
            };
            let expected = run(&prepared(&never, true));
            let planned = prepared(&always, true);
            kept += usize::from(planned.explain()[0].ends_with("with its loops"));
            assert_eq!(run(&prepared(&never, false)), expected, "{seed}, {sweep:?}");
            assert_eq!(run(&planned), expected, "{seed}, {sweep:?} with loops\n{}", syntax::text(&f));
        }
    }
    assert!(kept >= 40, "{kept} kept their loops");
}

#[test]
fn large_functions_keep_their_loops_and_have_the_numbers_of_small_ones() {
    let text = "sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)";
    let f = syntax::parse(text).unwrap().with_sizes(&[("n", 20_000)]).unwrap();
    let mut prepared = Backprop.prepare(&f, Want::Hvp, &Budget::default()).unwrap();
    assert!(prepared.listing()[0].ends_with("with its loops"));
    let x: Vec<f64> = (0..20_000).map(|k| 1.0 + 0.1 * (k as f64).sin()).collect();
    let mut along = vec![0.0; 20_000];
    along[777] = 1.0;
    let mut out = Derivative::default();
    prepared.run_with(&x, Seeds { along: &along, ..Seeds::NONE }, &mut out).unwrap();
    let expected = |k: usize| match k {
        776 => -400.0 * x[776],
        777 => 1200.0 * x[777] * x[777] - 400.0 * x[778] + 202.0,
        778 => -400.0 * x[777],
        _ => 0.0,
    };
    for (k, &entry) in out.entries.iter().enumerate() {
        assert!((entry - expected(k)).abs() <= 1e-10 * expected(k).abs(), "{k}: {entry}, {}", expected(k));
    }
    // Of a matrix so large nothing is built.
    let refused = Backprop.prepare(&f, Want::Hessian, &Budget::default()).err();
    assert!(
        matches!(refused, Some(Refusal::OverBudget { needed: 4e8, unit: Unit::Entries, .. })),
        "{refused:?}"
    );
}

#[test]
fn what_cannot_be_had_is_refused_by_name_and_what_has_no_value_has_no_derivative() {
    let f = syntax::parse("[ln(x) + y, x*y]").unwrap();
    for name in [
        "backprop",
        "backprop=accurate",
        "symbolic",
        "symbolic=reverse",
        "numerical",
        "numerical=complex-step",
    ] {
        let spec: StrategySpec = name.parse().unwrap();
        for want in kinds() {
            let found = answer(&spec, &f, want, &[-1.0, 2.0], 2);
            if name.ends_with("complex-step") && want.is_second() {
                let wrong = found.unwrap_err().to_string();
                assert_eq!(wrong, format!("numerical=complex-step finds no {want}"));
                continue;
            }
            let out = found.unwrap();
            let nan: Vec<bool> = out.entries.iter().map(|entry| entry.is_nan()).collect();
            let rows = matches!(want, Want::Jacobian | Want::Jvp);
            let expected = if rows { vec![true, true, false, false] } else { vec![true; nan.len()] };
            assert_eq!(nan, expected, "{want} by {name}: {:?}", out.entries);
            // The next point is not impaired.
            let found = answer(&spec, &f, want, &[1.0, 2.0], 2).unwrap();
            assert!(found.entries.iter().all(|entry| entry.is_finite()), "{want} by {name}");
        }
    }
    let small = Budget { entries: 3, ..Budget::default() };
    for spec in ["backprop", "backprop=accurate", "symbolic", "numerical"] {
        let spec: StrategySpec = spec.parse().unwrap();
        for want in [Want::Jacobian, Want::Hessian] {
            let refused = spec.prepare(&f, want, &small).err().unwrap();
            assert_eq!(refused.to_string(), "it would take 4.000e0 entries; the budget is 3", "{spec}");
        }
    }
}

#[test]
fn seeds_of_another_length_are_an_error_with_both_lengths() {
    let f = syntax::parse("[x*y, x + y, z]").unwrap();
    for spec in ["backprop", "backprop=accurate", "symbolic", "numerical", "numerical=complex-step"] {
        let spec: StrategySpec = spec.parse().unwrap();
        let message = |want: Want, along: &[f64], weights: &[f64]| -> String {
            let mut prepared = match spec.prepare(&f, want, &Budget::default()) {
                Ok(prepared) => prepared,
                Err(_) => return "2 3".to_owned(),
            };
            let seeds = Seeds { along, weights };
            let run = std::panic::AssertUnwindSafe(|| {
                prepared.run_with(&[1.0; 3], seeds, &mut Derivative::default())
            });
            *std::panic::catch_unwind(run).unwrap_err().downcast::<String>().unwrap()
        };
        for (want, along, weights) in [
            (Want::Jvp, 2, 0),
            (Want::Hvp, 2, 0),
            (Want::Hvp, 3, 2),
            (Want::Vjp, 0, 2),
            (Want::Hessian, 0, 2),
            (Want::HessianDiagonal, 0, 2),
        ] {
            let words = message(want, &vec![1.0; along], &vec![1.0; weights]);
            assert!(words.contains('2') && words.contains('3'), "{spec}, {want}: {words}");
        }
        assert!(message(Want::Jvp, &[], &[]).contains('3'), "{spec}");
        assert!(
            message(Want::Jacobian, &[1.0; 3], &[]).contains("only products with directions take them"),
            "{spec}"
        );
        assert!(message(Want::Gradient, &[], &[1.0; 3]).contains('3'), "{spec}");
    }
}
