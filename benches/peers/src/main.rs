//! The Rust side of "peers in one run": writes every workload's inputs and expected gradient into a folder, and times
//! Chainrule, the gradients written by hand, `reverse` and `num-dual` on them.
//!
//! `peers FOLDER` writes the folder, prints a line of CSV per measurement: workload, peer, set-up in seconds, least and
//! median nanoseconds per call (per point for workloads of many points), and a remark where there is no time.

mod clock;
mod functions;
mod points;

use std::path::Path;
use std::time::Instant;

use chainrule::{Backprop, Budget, Derivative, Random, Strategy, Want};
use clock::{Times, time};
use functions::Scalar;
use experiments::Family;
use num_dual::{Dual64, DualSVec64};
use reverse::{Tape, Var};

/// A family at a size.
struct Workload {
    name: &'static str,
    family: &'static str,
    n: usize,
    tape: Option<for<'a> fn(&[Var<'a>]) -> Var<'a>>,
    dual: Option<Dual>,
}

/// How `num-dual` goes about it.
enum Dual {
    /// All ten partial derivatives at once.
    Ten(fn(&[DualSVec64<10>]) -> DualSVec64<10>),
    /// A sweep per input.
    Sweeps(fn(&[Dual64]) -> Dual64),
}

const WORKLOADS: [Workload; 10] = [
    Workload {
        name: "rosenbrock-10",
        family: "rosenbrock",
        n: 10,
        tape: Some(|x| functions::rosenbrock(x)),
        dual: Some(Dual::Ten(functions::rosenbrock)),
    },
    Workload {
        name: "rosenbrock-1000",
        family: "rosenbrock",
        n: 1000,
        tape: Some(|x| functions::rosenbrock(x)),
        dual: Some(Dual::Sweeps(functions::rosenbrock)),
    },
    Workload {
        name: "rosenbrock-100000",
        family: "rosenbrock",
        n: 100_000,
        tape: Some(|x| functions::rosenbrock(x)),
        dual: None,
    },
    Workload {
        name: "product-10",
        family: "product",
        n: 10,
        tape: Some(|x| functions::product(x)),
        dual: Some(Dual::Ten(functions::product)),
    },
    Workload {
        name: "product-10000",
        family: "product",
        n: 10_000,
        tape: Some(|x| functions::product(x)),
        dual: None,
    },
    Workload {
        name: "chain-1000",
        family: "chain",
        n: 1000,
        tape: Some(|x| functions::chain(x)),
        dual: Some(Dual::Sweeps(functions::chain)),
    },
    Workload {
        name: "chain-100000",
        family: "chain",
        n: 100_000,
        tape: Some(|x| functions::chain(x)),
        dual: None,
    },
    Workload {
        name: "network-64",
        family: "network-32-64-64-10",
        n: 64,
        tape: Some(|x| functions::network(x)),
        dual: None,
    },
    Workload {
        name: "gmm-2-5-100",
        family: "gmm",
        n: 100,
        tape: Some(|x| functions::gmm::<_, 2, 5>(x)),
        dual: Some(Dual::Sweeps(functions::gmm::<_, 2, 5>)),
    },
    Workload {
        name: "gmm-10-25-1000",
        family: "gmm-10-25",
        n: 1000,
        tape: Some(|x| functions::gmm::<_, 10, 25>(x)),
        dual: None,
    },
];

fn main() {
    let folder = std::env::args().nth(1).expect("a folder for the inputs");
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder).expect("a folder");
    println!("workload,peer,setup_s,min_ns,median_ns,remark");
    for workload in &WORKLOADS {
        measure(workload, folder);
    }
    points::measure(folder);
}

/// Numbers for the other peers, as little-endian bytes.
fn write(path: &Path, numbers: &[f64]) {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    std::fs::write(path, bytes).expect("inputs can be written");
}

fn measure(workload: &Workload, folder: &Path) {
    let (name, n) = (workload.name, workload.n);
    let family = Family::named(workload.family).expect("a family");
    let x = family.sample(n, 1);
    let mut expected = vec![0.0; x.len()];
    (family.gradient)(n, &x, &mut expected);
    write(&folder.join(format!("{name}.x")), &x);
    write(&folder.join(format!("{name}.g")), &expected);

    let mut by_hand = vec![0.0; x.len()];
    let times = time(|| {
        (family.gradient)(n, std::hint::black_box(&x), &mut by_hand);
    });
    report(name, "hand", 0.0, &by_hand, &expected, times);

    let start = Instant::now();
    let f = family.function(n);
    match Backprop.prepare(&f, Want::Gradient, &Budget::default()) {
        Err(refusal) => remark(name, "chainrule", &refusal.to_string()),
        Ok(mut prepared) => {
            let setup = start.elapsed().as_secs_f64();
            let mut out = Derivative::default();
            let times = time(|| prepared.run(std::hint::black_box(&x), &mut out).expect("a gradient"));
            report(name, "chainrule", setup, &out.gradient, &expected, times);
        }
    }

    if let Some(f) = workload.tape {
        // Each call records anew: a tape of this crate cannot be run again at another point.
        let mut gradient = vec![0.0; x.len()];
        let times = time(|| {
            let tape = Tape::new();
            let variables = tape.add_vars(std::hint::black_box(&x));
            let all = f(&variables).grad();
            gradient.copy_from_slice(&all[..x.len()]);
        });
        report(name, "reverse", 0.0, &gradient, &expected, times);
    }

    match &workload.dual {
        None => remark(name, "num-dual", "out of reach"),
        Some(Dual::Ten(f)) => {
            let mut gradient = [0.0; 10];
            let times = time(|| gradient = all_at_once(*f, std::hint::black_box(&x)).1);
            report(name, "num-dual", 0.0, &gradient, &expected, times);
        }
        Some(Dual::Sweeps(f)) => {
            let mut gradient = vec![0.0; x.len()];
            let mut variables: Vec<Dual64> = x.iter().map(|&x| Dual64::from_re(x)).collect();
            let times = time(|| {
                for k in 0..variables.len() {
                    variables[k].eps = 1.0;
                    gradient[k] = f(std::hint::black_box(&variables)).eps;
                    variables[k].eps = 0.0;
                }
            });
            report(name, "num-dual", 0.0, &gradient, &expected, times);
        }
    }
}

/// Value and gradient by one forward sweep over duals of a static width.
fn all_at_once<const N: usize>(f: impl Fn(&[DualSVec64<N>]) -> DualSVec64<N>, x: &[f64]) -> (f64, [f64; N])
where
    DualSVec64<N>: Scalar,
{
    let variables: [DualSVec64<N>; N] = std::array::from_fn(|k| DualSVec64::from_re(x[k]).derivative(k));
    let answer = f(&variables);
    (answer.re, answer.eps.unwrap_generic(nalgebra::Const::<N>, nalgebra::U1).into())
}

/// A line for a measurement, if the gradient is right.
fn report(workload: &str, peer: &str, setup: f64, gradient: &[f64], expected: &[f64], times: Times) {
    match wrong(gradient, expected) {
        None => println!("{workload},{peer},{setup:.6},{:.3},{:.3},", times.min, times.median),
        Some(k) => {
            eprintln!("{workload} by {peer}: component {k} is {:e}, expected {:e}", gradient[k], expected[k]);
            remark(workload, peer, "gradient disagrees");
        }
    }
}

fn remark(workload: &str, peer: &str, remark: &str) {
    println!("{workload},{peer},,,,\"{remark}\"");
}

/// The first component that is off by more than 1e-9 of itself and 1e-12 of the largest.
fn wrong(gradient: &[f64], expected: &[f64]) -> Option<usize> {
    let largest = expected.iter().fold(0.0, |top: f64, g| top.max(g.abs()));
    let fits =
        |(got, expected): (&f64, &f64)| (got - expected).abs() <= 1e-9 * expected.abs() + 1e-12 * largest;
    if gradient.len() != expected.len() {
        return Some(0);
    }
    gradient.iter().zip(expected).position(|pair| !fits(pair))
}
