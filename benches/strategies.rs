//! The three strategies on every family: `gradient` times one gradient in the steady state, `prepare` what is done
//! once per function. Within a group every bar answers the same question at the same point.

use std::time::Duration;

use chainrule::{Budget, Derivative, STRATEGIES, Strategy, Want};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use harness::FAMILIES;

fn strategies() -> Vec<Box<dyn Strategy>> {
    STRATEGIES.iter().map(|name| chainrule::strategy(name, None).expect("a strategy")).collect()
}

/// One gradient, after preparing.
fn gradient(criterion: &mut Criterion) {
    for family in FAMILIES {
        let mut group = criterion.benchmark_group(format!("gradient/{}", family.name));
        group
            .warm_up_time(Duration::from_millis(200))
            .measurement_time(Duration::from_millis(800))
            .sample_size(10);
        for &n in family.sizes {
            let f = family.function(n).unroll(Budget::default().nodes).expect("families fit the budget");
            let x = family.sample(n, 1);
            for strategy in strategies() {
                let mut prepared = strategy
                    .prepare(&f, Want::Gradient, &Budget::default())
                    .expect("families fit the budget");
                let mut out = Derivative::default();
                group.bench_function(BenchmarkId::new(strategy.name(), n), |bencher| {
                    bencher.iter(|| prepared.run(std::hint::black_box(&x), &mut out));
                });
            }
            let mut by_hand = vec![0.0; x.len()];
            group.bench_function(BenchmarkId::new("by hand", n), |bencher| {
                bencher.iter(|| (family.gradient)(n, std::hint::black_box(&x), &mut by_hand));
            });
        }
        group.finish();
    }
}

/// From the unrolled function to the first gradient.
fn prepare(criterion: &mut Criterion) {
    for family in FAMILIES {
        let mut group = criterion.benchmark_group(format!("prepare/{}", family.name));
        group
            .warm_up_time(Duration::from_millis(100))
            .measurement_time(Duration::from_millis(500))
            .sample_size(10);
        for &n in family.sizes {
            let f = family.function(n).unroll(Budget::default().nodes).expect("families fit the budget");
            for strategy in strategies() {
                group.bench_function(BenchmarkId::new(strategy.name(), n), |bencher| {
                    bencher.iter(|| strategy.prepare(&f, Want::Gradient, &Budget::default()).map(drop));
                });
            }
        }
        group.finish();
    }
}

criterion_group!(benches, gradient, prepare);
criterion_main!(benches);
