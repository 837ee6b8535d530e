//! Finite differences of every kind, from values of the function and nothing else.

use expr::expect_point;
use numerical::{Along, Scheme, differentiate, second_differences};

use super::{Seeds, Want};
use crate::compiled::CompiledFunction;
use crate::strategy::Derivative;

/// The most evaluations of a function of so many inputs.
pub(crate) fn max_evaluations(scheme: Scheme, want: Want, inputs: usize, products: usize) -> u64 {
    let each = |count: u64| count.saturating_mul(products as u64);
    match want {
        Want::Gradient | Want::Jacobian => scheme.max_evaluations(inputs),
        Want::Vjp => each(scheme.max_evaluations(inputs)),
        Want::Jvp => each(scheme.max_evaluations(1)),
        Want::HessianDiagonal => scheme.max_second_evaluations(inputs, 0),
        Want::Hessian => {
            scheme.max_second_evaluations(inputs, inputs.saturating_mul(inputs.saturating_sub(1)) / 2)
        }
        Want::Hvp => scheme.max_second_evaluations(inputs + products, inputs.saturating_mul(products)),
    }
}

/// Fills `out`; says how many evaluations that took.
pub(crate) fn run(
    scheme: Scheme,
    value: &mut CompiledFunction,
    want: Want,
    x: &[f64],
    seeds: Seeds<'_>,
    out: &mut Derivative,
) -> u64 {
    let (inputs, outputs) = (value.inputs(), value.outputs());
    expect_point(x.len(), inputs);
    let products = seeds.products(want, inputs, outputs);
    out.make_room_for(want, inputs, outputs, products);
    let evaluations = match want {
        Want::Gradient | Want::Jacobian => {
            let found = differentiate(scheme, x, outputs, |batch, out| value.run_batch(batch, out));
            (out.values, out.entries) = (found.values, found.derivative);
            (out.error_estimate, out.blind) = (found.error, found.blind);
            found.evaluations
        }
        Want::Jvp | Want::Vjp => first(scheme, value, (want, products), x, seeds, out),
        Want::Hessian | Want::HessianDiagonal | Want::Hvp => {
            second(scheme, value, (want, products), x, seeds, out)
        }
    };
    out.undefine(want);
    evaluations
}

/// Products of first derivatives, one by one.
fn first(
    scheme: Scheme,
    value: &mut CompiledFunction,
    (want, products): (Want, usize),
    x: &[f64],
    seeds: Seeds<'_>,
    out: &mut Derivative,
) -> u64 {
    let outputs = value.outputs();
    let [_, columns] = out.shape;
    value.run(x, &mut out.values);
    let mut evaluations = 1;
    let (mut errors, mut blind) = (vec![0.0; out.entries.len()], vec![None; out.entries.len()]);
    let mut estimates = false;
    for product in 0..products {
        let found = if want == Want::Jvp {
            let along: Vec<f64> = seeds.along.iter().skip(product).step_by(products).copied().collect();
            let size = |numbers: &[f64]| numbers.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
            // So long a step along the direction moves the point by as much as it is large.
            let whole = size(x) / size(&along);
            let start = if whole.is_normal() { whole } else { 1.0 };
            differentiate(scheme, &[start], outputs, |batch, out| {
                let at = |k: usize| batch.moves()[k].map_or(start, |moved| moved.value) - start;
                let fill = |k: usize, point: &mut [f64]| {
                    let step = at(k);
                    point
                        .iter_mut()
                        .zip(x)
                        .zip(&along)
                        .for_each(|((point, x), along)| *point = x + step * along);
                };
                value.run_many(batch.len(), fill, out);
            })
        } else {
            let weights = &seeds.weights[product * outputs..][..outputs];
            let mut all = Vec::new();
            differentiate(scheme, x, 1, |batch, out| {
                all.resize(batch.len() * outputs, 0.0);
                value.run_batch(batch, &mut all);
                weigh(&all, |output| weights[output], outputs, out);
            })
        };
        evaluations += found.evaluations;
        estimates |= found.error.is_some();
        for (k, &slope) in found.derivative.iter().enumerate() {
            let entry = if want == Want::Jvp { k * columns + product } else { product * columns + k };
            out.entries[entry] = slope;
            errors[entry] = found.error.as_ref().map_or(0.0, |error| error[k]);
            blind[entry] = found.blind.get(k).copied().flatten();
        }
    }
    if estimates {
        (out.error_estimate, out.blind) = (Some(errors), blind);
    }
    evaluations
}

/// Second derivatives of the weighted sum of the outputs.
fn second(
    scheme: Scheme,
    value: &mut CompiledFunction,
    (want, products): (Want, usize),
    x: &[f64],
    seeds: Seeds<'_>,
    out: &mut Derivative,
) -> u64 {
    let (inputs, outputs) = (value.inputs(), value.outputs());
    value.run(x, &mut out.values);
    let directions: Vec<Vec<f64>> = (0..if want == Want::Hvp { products } else { 0 })
        .map(|k| seeds.along.iter().skip(k).step_by(products).copied().collect())
        .collect();
    let along: Vec<Along<'_>> = (0..inputs)
        .map(Along::Input)
        .chain(directions.iter().map(|direction| Along::Direction(direction)))
        .collect();
    let pairs: Vec<(usize, usize)> = match want {
        Want::Hessian => (0..inputs).flat_map(|row| (0..=row).map(move |column| (row, column))).collect(),
        Want::Hvp => (0..inputs).flat_map(|row| (0..products).map(move |k| (row, inputs + k))).collect(),
        _ => (0..inputs).map(|input| (input, input)).collect(),
    };
    let mut all = Vec::new();
    let found = second_differences(scheme, x, &along, &pairs, |points, out| {
        all.resize(points.len() * outputs, 0.0);
        value.run_many(points.len(), |k, point| points.fill(k, point), &mut all);
        weigh(&all, |output| seeds.weight(output), outputs, out);
    });
    out.gradient.copy_from_slice(&found.slopes[..inputs]);
    let place = |pair: usize| match want {
        Want::Hessian => {
            let (row, column) = pairs[pair];
            [row * inputs + column, column * inputs + row]
        }
        _ => [pair, pair],
    };
    let estimates = found.error.is_some();
    let (mut errors, mut blind) = (vec![0.0; out.entries.len()], vec![None; out.entries.len()]);
    for (pair, &number) in found.derivative.iter().enumerate() {
        for entry in place(pair) {
            out.entries[entry] = number;
            errors[entry] = found.error.as_ref().map_or(0.0, |error| error[pair]);
            blind[entry] = found.blind.get(pair).copied().flatten();
        }
    }
    if estimates {
        (out.error_estimate, out.blind) = (Some(errors), blind);
    }
    found.evaluations + 1
}

/// The weighted sum of the outputs at every point.
fn weigh(all: &[f64], weight: impl Fn(usize) -> f64, outputs: usize, out: &mut [f64]) {
    for (row, out) in all.chunks_exact(outputs).zip(out) {
        *out = match row {
            // No product with 1, which would be a rounding of nothing.
            [value] if weight(0) == 1.0 => *value,
            row => row.iter().enumerate().map(|(k, value)| weight(k) * value).sum(),
        };
    }
}
