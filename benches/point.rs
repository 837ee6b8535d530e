//! The three strategies on every family at one point: `point` times one gradient in the steady state, and the function
//! itself; `prepare` what is done once per function. Within a group every bar answers the same question at the same
//! point, by hand included.

use std::time::Duration;

use chainrule::{Budget, CompiledFunction, Derivative, Strategy, StrategyName, Want, strategies};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use experiments::{FAMILIES, WIDE};

/// One gradient, after preparing.
fn gradient(criterion: &mut Criterion) {
    for family in FAMILIES.iter().chain(WIDE) {
        // What is as wide as in practice is for backprop and by hand; the others would take minutes.
        let wide = WIDE.iter().any(|wide| wide.name == family.name);
        let mut group = criterion.benchmark_group(format!("point/{}", family.name));
        group
            .warm_up_time(Duration::from_millis(200))
            .measurement_time(Duration::from_millis(800))
            .sample_size(10);
        for &n in family.sizes {
            let (f, x) = (family.function(n), family.sample(n, 1));
            let backprop = |strategy: &dyn Strategy| strategy.spec().name() == StrategyName::Backprop;
            for strategy in strategies().into_iter().filter(|strategy| !wide || backprop(strategy.as_ref())) {
                let mut prepared = strategy
                    .prepare(&f, Want::Gradient, &Budget::default())
                    .expect("families fit the budget");
                let mut out = Derivative::default();
                group.bench_function(BenchmarkId::new(strategy.spec().name().as_str(), n), |bencher| {
                    bencher.iter(|| prepared.run(std::hint::black_box(&x), &mut out));
                });
            }
            let flat = f.unroll(Budget::default().nodes).expect("families fit the budget");
            let (mut value, mut out) = (CompiledFunction::of(&f, &flat), vec![0.0; flat.outputs().len()]);
            group.bench_function(BenchmarkId::new("function", n), |bencher| {
                bencher.iter(|| value.run(std::hint::black_box(&x), &mut out));
            });
            let mut by_hand = vec![0.0; x.len()];
            group.bench_function(BenchmarkId::new("by hand", n), |bencher| {
                bencher.iter(|| (family.gradient)(n, std::hint::black_box(&x), &mut by_hand));
            });
        }
        group.finish();
    }
}

/// From the function, with its loops, to the first gradient.
fn prepare(criterion: &mut Criterion) {
    for family in FAMILIES {
        let mut group = criterion.benchmark_group(format!("prepare/{}", family.name));
        group
            .warm_up_time(Duration::from_millis(100))
            .measurement_time(Duration::from_millis(500))
            .sample_size(10);
        for &n in family.sizes {
            let f = family.function(n);
            for strategy in strategies() {
                group.bench_function(BenchmarkId::new(strategy.spec().name().as_str(), n), |bencher| {
                    bencher.iter(|| strategy.prepare(&f, Want::Gradient, &Budget::default()).map(drop));
                });
            }
        }
        group.finish();
    }
}

criterion_group!(benches, gradient, prepare);
criterion_main!(benches);
