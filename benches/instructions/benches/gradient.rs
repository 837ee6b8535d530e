//! Instructions of one gradient in the steady state: loops as backprop keeps them, and the same by hand.

use std::hint::black_box;

use chainrule::{Backprop, Budget, Derivative, Prepared, Strategy, Want};
use gungraun::prelude::*;
use experiments::Family;

type Ready = (Box<dyn Prepared>, Vec<f64>, Derivative);

/// Prepared, and run once, so that memory is there.
fn prepared(name: &str, n: usize) -> Ready {
    let family = Family::named(name).expect("a family");
    let mut prepared =
        Backprop.prepare(&family.function(n), Want::Gradient, &Budget::default()).expect("it fits the budget");
    let (x, mut out) = (family.sample(n, 1), Derivative::default());
    prepared.run(&x, &mut out).expect("backprop answers");
    (prepared, x, out)
}

fn point(name: &'static str, n: usize) -> (&'static Family, usize, Vec<f64>, Vec<f64>) {
    let family = Family::named(name).expect("a family");
    let x = family.sample(n, 1);
    let gradient = vec![0.0; x.len()];
    (family, n, x, gradient)
}

#[library_benchmark]
#[benches::families(
    args = [("rosenbrock", 10), ("rosenbrock", 1000), ("product", 1000), ("chain", 1000), ("mlp", 16)],
    setup = prepared
)]
fn backprop((mut prepared, x, mut out): Ready) -> Derivative {
    prepared.run(black_box(&x), &mut out).expect("backprop answers");
    out
}

#[library_benchmark]
#[benches::families(
    args = [("rosenbrock", 10), ("rosenbrock", 1000), ("product", 1000), ("chain", 1000), ("mlp", 16)],
    setup = point
)]
fn by_hand((family, n, x, mut gradient): (&'static Family, usize, Vec<f64>, Vec<f64>)) -> (f64, Vec<f64>) {
    ((family.gradient)(n, black_box(&x), &mut gradient), gradient)
}

library_benchmark_group!(name = gradient, benchmarks = [backprop, by_hand]);
main!(library_benchmark_groups = gradient);
