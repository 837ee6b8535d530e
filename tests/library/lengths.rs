//! Slices of a wrong length are refused with both lengths in the message, before anything is written: every entry gives
//! the right numbers afterwards.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use backprop::{Adjoint, Staged, trace};
use chainrule::{
    Backprop, BatchGradient, BatchInput, Budget, CompiledFunction, Derivative, Prepared, Strategy,
    StrategyName, Want,
};
use engine::{Cones, Program, VectorProgram};
use expr::{self, Function};
use reference::{self, Limits};

/// Constants stand directly behind the inputs of a flat program, so that a point that is too long would overwrite them;
/// the last three have loops that backprop rolls.
const FUNCTIONS: [&str; 6] = [
    "3*x + 2*y*z + 5",
    "[if(x < y, ln(z)*7, x*y + 2), prod(i, 1, 4, x + i*y)]",
    "7 + x[1]*x[20] - 2*x[7]",
    "sum(i, 1, 60, 3*x[i]^2 + sin(x[i])) + 4",
    "iterate(k, 1, 300, w, x, w + sin(w*y)/z/k)",
    "[prod(i, 1, 40, 1 + x[i]/9), sum(i, 1, 39, (x[i+1] - 2*x[i])^2)]",
];

fn function(text: &str) -> (Function, Function) {
    let f = syntax::parse(text).unwrap();
    let flat = f.unroll(100_000).unwrap();
    (f, flat)
}

fn point(inputs: usize) -> Vec<f64> {
    (0..inputs).map(|k| 1.5 + (0.7 * k as f64).sin()).collect()
}

fn wrong(right: usize) -> impl Iterator<Item = usize> {
    [right.wrapping_sub(1), right + 1, 0]
        .into_iter()
        .filter(move |&length| length != right && length < 1 << 40)
}

/// What a panic says; it must say both lengths.
#[track_caller]
fn refused<T>(given: usize, needed: usize, call: impl FnOnce() -> T) {
    let Err(panic) = catch_unwind(AssertUnwindSafe(call)) else {
        panic!("{given} numbers taken for {needed}");
    };
    let message = panic.downcast_ref::<String>().expect("a message with lengths");
    let says = |number: usize| message.split(' ').any(|word| word == number.to_string());
    assert!(says(given) && says(needed), "{given} for {needed}: {message}");
}

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

/// Calls with a length that is right, with each that is wrong, and again with the right one: same answers.
#[track_caller]
fn sound<T: PartialEq + Debug>(right: usize, mut call: impl FnMut(usize) -> T) {
    let before = call(right);
    for length in wrong(right) {
        refused(length, right, || call(length));
        assert_eq!(call(right), before, "after {length} numbers for {right}");
    }
}

#[test]
fn strategies_refuse_points_of_another_length_and_answer_rightly_afterwards() {
    let mut rolled = 0;
    for text in FUNCTIONS {
        let (f, flat) = function(text);
        rolled += usize::from(Backprop::stages(&f, &Budget::default()).is_some());
        let inputs = flat.input_count();
        let x = point(inputs + 1);
        for name in StrategyName::ALL {
            for strategy in name.variants() {
                let Ok(mut prepared) = strategy.prepare(&f, Want::Gradient, &Budget::default()) else {
                    continue;
                };
                let mut run = |length: usize, out: &mut Derivative| prepared.run(&x[..length], out).unwrap();
                let mut right = Derivative::default();
                run(inputs, &mut right);
                for length in wrong(inputs) {
                    let held =
                        Derivative { values: vec![0.5], gradient: vec![0.25], ..Derivative::default() };
                    let mut out = held.clone();
                    refused(length, inputs, || run(length, &mut out));
                    assert_eq!(out, held, "{strategy} of {text} has written");
                    run(inputs, &mut out);
                    let (got, expected) = (bits(&out.gradient), bits(&right.gradient));
                    assert_eq!(
                        (bits(&out.values), got),
                        (bits(&right.values), expected),
                        "{strategy} {text}"
                    );
                }
            }
        }
    }
    assert!(rolled >= 3, "{rolled} functions have loops");
}

#[test]
fn batches_refuse_columns_and_places_of_another_length() {
    for text in FUNCTIONS {
        let (f, flat) = function(text);
        let many = BatchGradient::new(&f, &Budget::default()).unwrap();
        let (inputs, outputs, points) = (flat.input_count(), flat.outputs().len(), 19);
        let columns: Vec<Vec<f64>> = (0..=inputs).map(|k| point(points + 1 + k)[k..].to_vec()).collect();
        let all = |count: usize, length: usize| -> Vec<BatchInput<'_>> {
            columns[..count].iter().map(|column| BatchInput::Each(&column[..length])).collect()
        };
        let run = |columns: &[BatchInput<'_>], values: usize, gradients: usize| {
            let (mut values, mut gradients) = (vec![0.0; values], vec![0.0; gradients]);
            many.values_and_gradients(columns, points, &mut values, &mut gradients);
            (bits(&values), bits(&gradients))
        };
        let (values, gradients) = (outputs * points, outputs * inputs * points);
        sound(inputs, |count| run(&all(count, points), values, gradients));
        sound(points, |length| run(&all(inputs, length), values, gradients));
        sound(values, |values| run(&all(inputs, points), values, gradients));
        sound(gradients, |gradients| run(&all(inputs, points), values, gradients));
        let mut shared = all(inputs + 1, points);
        shared[0] = BatchInput::Shared(1.25);
        let total = |columns: &[BatchInput<'_>]| many.total(columns, points);
        sound(inputs, |count| total(&shared[..count]));
        sound(points, |length| {
            let columns: Vec<BatchInput<'_>> = shared[..inputs]
                .iter()
                .map(|column| match column {
                    BatchInput::Each(_) => BatchInput::Each(&columns[1][..length]),
                    shared => *shared,
                })
                .collect();
            total(&columns)
        });
    }
}

#[test]
fn values_and_programs_refuse_other_lengths() {
    for text in FUNCTIONS {
        let (f, flat) = function(text);
        let (inputs, outputs) = (flat.input_count(), flat.outputs().len());
        let x = point(inputs + 1);
        let mut value = CompiledFunction::of(&f, &flat);
        let mut run = |length: usize, places: usize| {
            let mut out = vec![0.0; places];
            value.run(&x[..length], &mut out);
            bits(&out)
        };
        sound(inputs, |length| run(length, outputs));
        sound(outputs, |places| run(inputs, places));
        let mut batch = |length: usize, factor: usize| {
            let base = &x[..length];
            let mut found = Vec::new();
            numerical::differentiate(Default::default(), base, outputs, |batch, out| {
                let mut places = vec![0.0; out.len() * factor];
                value.run_batch(batch, &mut places);
                out.copy_from_slice(&places[..out.len()]);
                found.extend(bits(out));
            });
            found
        };
        sound(inputs, |length| batch(length, 1));
        assert!(catch_unwind(AssertUnwindSafe(|| batch(inputs, 2))).is_err());

        let program = Program::compile(&flat);
        let mut workspace = program.workspace(|value| value);
        let mut run = |length: usize, places: usize| {
            let mut out = vec![0.0; places];
            program.run(&mut workspace, &x[..length], &mut out);
            bits(&out)
        };
        sound(inputs, |length| run(length, outputs));
        sound(outputs, |places| run(inputs, places));

        let rows = VectorProgram::compile(&flat, |_| true, |_| false);
        let mut space = rows.space(rows.packs(), 0);
        let mut run = |length: usize, places: usize| {
            let (mut own, mut out) = (vec![0.0; length], vec![0.0; places]);
            let fill = |_: usize, own: &mut [f64]| own.copy_from_slice(&x[..own.len()]);
            rows.run_many(&mut space, 3, fill, &mut own, &mut out);
            bits(&out)
        };
        sound(inputs, |length| run(length, 3 * outputs));
        sound(3 * outputs, |places| run(inputs, places));

        sound(inputs, |length| bits(&f.evaluate((), &x[..length])));
        sound(inputs, |length| bits(&flat.evaluate((), &x[..length])));
        sound(inputs, |length| bits(&flat.values((), &x[..length])));
        sound(inputs, |length| bits(&trace(&flat, &x[..length]).gradient));
    }
}

#[test]
fn adjoints_and_certificates_refuse_other_lengths() {
    for text in FUNCTIONS {
        let (f, flat) = function(text);
        let (inputs, outputs) = (flat.input_count(), flat.outputs().len());
        let x = point(inputs + 1);
        let adjoint = Adjoint::compile(&flat);
        let mut workspace = adjoint.workspace(|value| value);
        let mut run = |length: usize, places: usize, gradient: usize| {
            let (mut values, mut gradient) = (vec![0.0; places], vec![0.0; gradient]);
            adjoint.run(&mut workspace, &x[..length], &mut values, &mut gradient);
            (bits(&values), bits(&gradient))
        };
        sound(inputs, |length| run(length, outputs, outputs * length));
        sound(outputs, |places| run(inputs, places, outputs * inputs));
        sound(outputs * inputs, |places| run(inputs, outputs, places));
        if let Some(stages) = Backprop::stages(&f, &Budget::default()) {
            let staged = Staged::compile(&stages);
            let mut workspace = staged.workspace();
            let mut run = |length: usize, places: usize, gradient: usize| {
                let (mut values, mut gradient) = (vec![0.0; places], vec![0.0; gradient]);
                staged.run(&mut workspace, &x[..length], &mut values, &mut gradient);
                (bits(&values), bits(&gradient))
            };
            sound(inputs, |length| run(length, outputs, outputs * length));
            sound(outputs, |places| run(inputs, places, outputs * inputs));
            sound(outputs * inputs, |places| run(inputs, outputs, places));
            let mut workspace = staged.workspace();
            sound(inputs, |length| {
                let mut out = vec![0.0; outputs];
                staged.evaluate(&mut workspace, &x[..length], &mut out);
                bits(&out)
            });
        }
        let limits = Limits { most_bits: 128, ..Limits::default() };
        sound(inputs, |length| reference::certify(&flat, &x[..length], &limits).gradients);
        sound(inputs, |length| reference::values(&flat, &x[..length], &limits));
        // Where a number is not finite nothing is computed, and a wrong length is refused all the same.
        let nowhere = vec![f64::NAN; inputs + 1];
        sound(inputs, |length| reference::certify(&flat, &nowhere[..length], &limits).gradients);
        sound(inputs, |length| reference::values(&flat, &nowhere[..length], &limits));
    }
}

#[test]
fn numbers_of_another_function_are_refused() {
    let [a, b] = ["3*x + y", "4*x + y"].map(|text| syntax::parse(text).unwrap());
    let refuses = |call: &mut dyn FnMut()| catch_unwind(AssertUnwindSafe(call)).is_err();
    let (mut values, mut gradient) = ([0.0], [0.0; 2]);
    let (one, other) = (Program::compile(&a), Program::compile(&b));
    let mut workspace = other.workspace(|value| value);
    assert!(refuses(&mut || one.run(&mut workspace, &[1.0, 2.0], &mut values)));
    one.clone().run(&mut one.workspace(|value| value), &[1.0, 2.0], &mut values);
    assert_eq!(values, [5.0], "a clone is the same program");
    let (one, other) = (Adjoint::compile(&a), Adjoint::compile(&b));
    let mut workspace = other.workspace(|value| value);
    assert!(refuses(&mut || one.run(&mut workspace, &[1.0, 2.0], &mut values, &mut gradient)));
    assert!(refuses(&mut || one.forward(&mut workspace)));
    assert!(refuses(&mut || one.backward(&mut workspace, 0)));
    let rows = [&a, &b].map(|f| VectorProgram::compile(f, |_| true, |_| false));
    let mut space = rows[1].space(1, 0);
    let (fill, mut x) = (|_: usize, x: &mut [f64]| x.fill(1.0), [0.0; 2]);
    assert!(refuses(&mut || rows[0].run_many(&mut space, 1, fill, &mut x, &mut values)));
    assert!(refuses(&mut || rows[0].run(&mut space)));
    let [a, b] = ["sum(i, 1, 50, 3*x[i])", "sum(i, 1, 50, 4*x[i])"].map(|text| {
        Staged::compile(&Backprop::stages(&syntax::parse(text).unwrap(), &Budget::default()).unwrap())
    });
    let (x, mut gradient) = (point(50), [0.0; 50]);
    assert!(refuses(&mut || a.run(&mut b.workspace(), &x, &mut values, &mut gradient)));
    assert!(refuses(&mut || a.evaluate(&mut b.workspace(), &x, &mut values)));

    let wide = function("sum(i, 1, 299, x[i]*x[i+1])").1;
    let program = Program::compile(&wide);
    let mut cones = Cones::of(&program).unwrap();
    let mut workspace = program.workspace(|value| value);
    program.run(&mut workspace, &point(300), &mut values);
    refused(2, 1, || cones.run_moved(&program, &mut workspace, 0, 1.0, &mut [0.0; 2]));
}

#[test]
fn a_row_is_filled_with_as_many_numbers_as_are_used() {
    let f = syntax::parse("3*x").unwrap();
    let rows = VectorProgram::compile(&f, |_| true, |_| false);
    let mut space = rows.space(4, 0);
    let Some(engine::Operand::Row(row)) = rows.input(0) else { panic!("x varies") };
    space.set_used(2);
    refused(1, 2, || space.fill_row(row, &point(8)));
    refused(3, 2, || space.fill_row(row, &point(17)));
    space.fill_row(row, &point(9));
    refused(5, 4, || space.set_used(5));
}

#[test]
fn the_message_names_what_is_short() {
    let f = syntax::parse("x*y + 2").unwrap();
    let mut prepared: Box<dyn Prepared> = Backprop.prepare(&f, Want::Gradient, &Budget::default()).unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| prepared.run(&[1.0], &mut Derivative::default())));
    let message = *panic.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message, "1 numbers in the point where 2 are needed: one per scalar input");
}
