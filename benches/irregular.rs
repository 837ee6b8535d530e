//! Flat graphs without a pattern, as they grow: one gradient, and compiling, per node. Per node means per step of the
//! compiled function, forward and backward together.

use std::hint::black_box;
use std::time::Duration;

use chainrule::backprop::Adjoint;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use harness::irregular;

fn irregular_graphs(criterion: &mut Criterion) {
    for (name, sizes) in
        [("gradient", &[1_000, 10_000, 100_000, 1_000_000][..]), ("compile", &[1_000, 100_000, 1_000_000])]
    {
        let mut group = criterion.benchmark_group(format!("size/irregular/{name}"));
        group
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(2))
            .sample_size(10);
        for &size in sizes {
            let (f, x) = irregular(size, 1);
            let adjoint = Adjoint::compile(&f);
            group.throughput(Throughput::Elements(adjoint.program().steps() as u64));
            if name == "compile" {
                group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
                    bencher.iter(|| Adjoint::compile(black_box(&f)));
                });
                continue;
            }
            let mut workspace = adjoint.workspace(|number| number);
            let (mut value, mut gradient) = ([0.0], vec![0.0; x.len()]);
            group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
                bencher.iter(|| adjoint.run(&mut workspace, black_box(&x), &mut value, &mut gradient));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, irregular_graphs);
criterion_main!(benches);
