//! As functions grow: loops that are kept, beside gradients by hand; and flat graphs without a pattern, one gradient and
//! compiling, per node (per step of the compiled function, forward and backward together), and the pass that makes the gradient a
//! function, per node of the graph; and a function with a pattern that
//! was written out before anybody could see it.

use std::hint::black_box;
use std::time::Duration;

use backprop::Adjoint;
use chainrule::{Backprop, Budget, Derivative, Strategy, Want};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use experiments::Family;
use expr::passes::Seeds;
use harness::irregular;

fn irregular_graphs(criterion: &mut Criterion) {
    for (name, sizes) in [
        ("gradient", &[1_000, 10_000, 100_000, 1_000_000][..]),
        ("compile", &[1_000, 100_000, 1_000_000]),
        ("vjp", &[1_000, 100_000, 1_000_000]),
    ] {
        let mut group = criterion.benchmark_group(format!("size/irregular/{name}"));
        group
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(2))
            .sample_size(10);
        for &size in sizes {
            let (f, x) = irregular(size, 1);
            let adjoint = Adjoint::compile(&f);
            group.throughput(Throughput::Elements(adjoint.program().steps() as u64));
            if name == "vjp" {
                group.throughput(Throughput::Elements(f.graph().len() as u64));
                group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
                    bencher.iter(|| black_box(&f).vjp(Seeds::One));
                });
                continue;
            }
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

/// Families far beyond the sizes at which all strategies are compared.
fn loops(criterion: &mut Criterion) {
    let families: [(&str, &[usize]); 4] = [
        ("rosenbrock", &[10, 1_000, 10_000, 100_000, 1_000_000]),
        ("product", &[10, 1_000, 10_000, 100_000]),
        ("chain", &[10, 1_000, 100_000]),
        ("logsumexp", &[1_000, 100_000]),
    ];
    for (name, sizes) in families {
        let family = Family::named(name).expect("a family");
        let mut group = criterion.benchmark_group(format!("size/{name}"));
        group
            .warm_up_time(Duration::from_millis(200))
            .measurement_time(Duration::from_secs(1))
            .sample_size(10);
        for &n in sizes {
            let (f, x) = (family.function(n), family.sample(n, 1));
            group.throughput(Throughput::Elements(n as u64));
            let prepare = || Backprop.prepare(black_box(&f), Want::Gradient, &Budget::default());
            let mut prepared = prepare().expect("loops fit the budget");
            let (mut out, mut by_hand) = (Derivative::default(), vec![0.0; x.len()]);
            group.bench_function(BenchmarkId::new("backprop", n), |bencher| {
                bencher.iter(|| prepared.run(black_box(&x), &mut out));
            });
            group.bench_function(BenchmarkId::new("by hand", n), |bencher| {
                bencher.iter(|| (family.gradient)(n, black_box(&x), &mut by_hand));
            });
            group.bench_function(BenchmarkId::new("prepare", n), |bencher| {
                bencher.iter(|| prepare().map(drop));
            });
        }
        group.finish();
    }
}

/// A network of the usual kind on 64 samples, written out as one flat graph of about a million nodes.
fn unrolled(criterion: &mut Criterion) {
    let family = Family::named("network-32-64-64-10").expect("a family");
    let n = 64;
    let (f, x) = (family.function(n).unroll(20_000_000).expect("a million nodes"), family.sample(n, 1));
    let adjoint = Adjoint::compile(&f);
    let mut workspace = adjoint.workspace(|number| number);
    let (mut value, mut gradient) = ([0.0], vec![0.0; x.len()]);
    let mut group = criterion.benchmark_group("size/unrolled network");
    group.measurement_time(Duration::from_secs(2)).sample_size(10);
    group.bench_function(BenchmarkId::new("backprop", adjoint.steps()), |bencher| {
        bencher.iter(|| adjoint.run(&mut workspace, black_box(&x), &mut value, &mut gradient));
    });
    group.bench_function(BenchmarkId::new("by hand", n), |bencher| {
        bencher.iter(|| (family.gradient)(n, black_box(&x), &mut gradient));
    });
    group.finish();
}

criterion_group!(benches, loops, unrolled, irregular_graphs);
criterion_main!(benches);
