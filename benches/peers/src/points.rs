//! Value and gradient at each of a million points.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use chainrule::{Budget, BatchInput, BatchGradient, on_threads};
use num_dual::DualSVec64;
use reverse::{Tape, Var};

use crate::clock::{Times, time};
use crate::{Random, all_at_once, functions, report, write};

const POINTS: usize = 1_000_000;

/// The same things as columns: a value and partial derivatives per point.
struct Columns {
    values: Vec<f64>,
    gradients: Vec<f64>,
}

pub fn measure(folder: &Path) {
    one::<3>(
        folder,
        "points-article",
        "(x + y)*z",
        by_hand_article,
        |x| functions::article(x),
        functions::article,
    );
    one::<2>(
        folder,
        "points-elementary",
        "sin(x*y) + exp(x/y) - ln(x^2 + y^2)",
        by_hand_elementary,
        |x| functions::elementary(x),
        functions::elementary,
    );
}

fn by_hand_article(inputs: &[Vec<f64>], out: &mut Columns) {
    let (x, y, z) = (&inputs[0][..POINTS], &inputs[1][..POINTS], &inputs[2][..POINTS]);
    let (by_x, rest) = out.gradients.split_at_mut(POINTS);
    let (by_y, by_z) = rest.split_at_mut(POINTS);
    let values = &mut out.values[..POINTS];
    for k in 0..POINTS {
        let sum = x[k] + y[k];
        (values[k], by_x[k], by_y[k], by_z[k]) = (sum * z[k], z[k], z[k], sum);
    }
}

fn by_hand_elementary(inputs: &[Vec<f64>], out: &mut Columns) {
    let (by_x, by_y) = out.gradients.split_at_mut(POINTS);
    for k in 0..POINTS {
        let (x, y) = (inputs[0][k], inputs[1][k]);
        let (sin, cos) = (x * y).sin_cos();
        let ratio = x / y;
        let (exp, norm) = (ratio.exp(), x * x + y * y);
        out.values[k] = sin + exp - norm.ln();
        by_x[k] = cos * y + exp / y - 2.0 * x / norm;
        by_y[k] = cos * x - exp * ratio / y - 2.0 * y / norm;
    }
}

fn one<const N: usize>(
    folder: &Path,
    name: &str,
    text: &str,
    by_hand: fn(&[Vec<f64>], &mut Columns),
    tape: for<'a> fn(&[Var<'a>]) -> Var<'a>,
    dual: fn(&[DualSVec64<N>]) -> DualSVec64<N>,
) where
    DualSVec64<N>: functions::Scalar,
{
    let inputs: Vec<Vec<f64>> = (0..N)
        .map(|k| {
            let mut random = Random::new(1, &["peers", name], k);
            (0..POINTS).map(|_| random.between(0.5, 2.0)).collect()
        })
        .collect();
    let mut expected = Columns { values: vec![0.0; POINTS], gradients: vec![0.0; N * POINTS] };
    by_hand(&inputs, &mut expected);
    write(&folder.join(format!("{name}.x")), &inputs.concat());
    write(&folder.join(format!("{name}.g")), &expected.gradients);
    let mut out = Columns { values: vec![0.0; POINTS], gradients: vec![0.0; N * POINTS] };
    let per_point =
        |times: Times| Times { min: times.min / POINTS as f64, median: times.median / POINTS as f64 };

    let times = time(|| by_hand(black_box(&inputs), &mut out));
    report(name, "hand", 0.0, &out.gradients, &expected.gradients, per_point(times));

    let start = Instant::now();
    let f = chainrule::parse(text).expect("a function");
    let many = BatchGradient::new(&f, &Budget::default()).expect("small");
    let setup = start.elapsed().as_secs_f64();
    let columns: Vec<BatchInput<'_>> = inputs.iter().map(|column| BatchInput::Each(column)).collect();
    let times = on_threads(1, || {
        time(|| {
            many.values_and_gradients(black_box(&columns), POINTS, &mut out.values, &mut out.gradients);
        })
    });
    report(name, "chainrule", setup, &out.gradients, &expected.gradients, per_point(times));

    let point = |k: usize| -> [f64; N] { std::array::from_fn(|i| inputs[i][k]) };
    let tapes = Tape::new();
    let times = time(|| {
        for k in 0..POINTS {
            tapes.clear();
            let x = point(k).map(|x| tapes.add_var(x));
            let y = tape(&x);
            out.values[k] = y.val();
            let all = y.grad();
            (0..N).for_each(|i| out.gradients[i * POINTS + k] = all[i]);
        }
    });
    report(name, "reverse", 0.0, &out.gradients, &expected.gradients, per_point(times));

    let times = time(|| {
        for k in 0..POINTS {
            let (value, gradient) = all_at_once(dual, &point(k));
            out.values[k] = value;
            (0..N).for_each(|i| out.gradients[i * POINTS + k] = gradient[i]);
        }
    });
    report(name, "num-dual", 0.0, &out.gradients, &expected.gradients, per_point(times));
}
