//! Values and gradients at a million points: functions given as text beside the same by hand over std's functions, on
//! the same columns of numbers, on one thread and on all.

use std::hint::black_box;
use std::time::Duration;

use chainrule::{BatchGradient, BatchInput, Budget, on_threads};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const POINTS: usize = 1_000_000;

/// Fills a value and three columns of partial derivatives per point.
type ByHand = fn(&[Vec<f64>; 3], &mut [f64], &mut [f64]);

fn product(inputs: &[Vec<f64>; 3], values: &mut [f64], gradients: &mut [f64]) {
    let [x, y, z] = inputs;
    let (by_x, rest) = gradients.split_at_mut(POINTS);
    let (by_y, by_z) = rest.split_at_mut(POINTS);
    for k in 0..POINTS {
        let sum = x[k] + y[k];
        (values[k], by_x[k], by_y[k], by_z[k]) = (sum * z[k], z[k], z[k], sum);
    }
}

fn elementary(inputs: &[Vec<f64>; 3], values: &mut [f64], gradients: &mut [f64]) {
    let [x, y, z] = inputs;
    let (by_x, rest) = gradients.split_at_mut(POINTS);
    let (by_y, by_z) = rest.split_at_mut(POINTS);
    for k in 0..POINTS {
        let (x, y, z) = (x[k], y[k], z[k]);
        let (sin, cos) = (x * y).sin_cos();
        let ratio = x / y;
        let (exp, norm) = (ratio.exp(), x * x + y * y);
        values[k] = sin + exp - norm.ln() * z;
        by_x[k] = cos * y + exp / y - 2.0 * x / norm * z;
        by_y[k] = cos * x - exp * ratio / y - 2.0 * y / norm * z;
        by_z[k] = -norm.ln();
    }
}

fn many(criterion: &mut Criterion) {
    let column = |step: f64| (0..POINTS).map(|k| 1.5 + (k as f64 * step).sin()).collect::<Vec<f64>>();
    let inputs = [column(0.7), column(1.3), column(2.9)];
    let columns: Vec<BatchInput<'_>> = inputs.iter().map(|column| BatchInput::Each(column)).collect();
    let (mut values, mut gradients) = (vec![0.0; POINTS], vec![0.0; 3 * POINTS]);
    let cases: [(&str, ByHand); 2] =
        [("(x + y)*z", product), ("sin(x*y) + exp(x/y) - ln(x^2 + y^2)*z", elementary)];
    for (text, by_hand) in cases {
        let f = syntax::parse(text).expect("a function");
        let prepared = BatchGradient::new(&f, &Budget::default()).expect("small");
        let mut group = criterion.benchmark_group(format!("many/{text}"));
        group
            .throughput(Throughput::Elements(POINTS as u64))
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(2))
            .sample_size(10);
        group.bench_function("by hand", |bencher| {
            bencher.iter(|| by_hand(black_box(&inputs), &mut values, &mut gradients));
        });
        for threads in [1, 2] {
            group.bench_function(format!("backprop, {threads} threads"), |bencher| {
                on_threads(threads, || {
                    bencher.iter(|| {
                        prepared.values_and_gradients(
                            black_box(&columns),
                            POINTS,
                            &mut values,
                            &mut gradients,
                        );
                    });
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, many);
criterion_main!(benches);
