//! A random directed acyclic graph with controlled sharing: every node reads two of the last few, so that every value
//! is used about twice, and the formulas of its derivative grow with the number of paths.

use chainrule::Random;
use expr::{Builder, Calculus, Expr, Fold, Function, Style};

use super::Family;

/// Inputs, and how far back a node reads.
const WIDTH: usize = 16;

pub(super) const DAG: Family = Family {
    name: "dag",
    about: "a random graph of n nodes over 16 inputs, each node reading two of the 16 before it: sharing without pattern",
    source: "a graph of fixed seed, in the manner of random straight-line programs (Griewank and Walther 2008, §2.2)",
    form: super::Form::Built { build: function, nodes: |n| (n + WIDTH + 2) as u64 },
    sizes: &[50, 200, 800],
    inputs: |_| WIDTH,
    domain: (-1.0, 1.0),
    value,
    gradient,
};

/// All keep values between -1 and 1.
#[derive(Clone, Copy)]
enum Step {
    Mean,
    Product,
    Sine,
    Cosine,
}

/// Node after node: what it does to which two, counted with the inputs first.
fn steps(n: usize) -> Vec<(Step, usize, usize)> {
    // One stream for all sizes: a smaller graph is the beginning of a larger one.
    let mut random = Random::new(1, &["dag"], 0);
    (0..n)
        .map(|k| {
            let step = match random.below(10) {
                0..3 => Step::Mean,
                3..6 => Step::Product,
                6..8 => Step::Sine,
                _ => Step::Cosine,
            };
            let mut operand = || k + random.below(WIDTH);
            (step, operand(), operand())
        })
        .collect()
}

/// The sum of the last nodes.
fn function(n: usize) -> Function {
    let builder = Builder::new(Style::Written);
    let output = {
        let mut nodes: Vec<Expr<'_>> = builder.inputs("x", WIDTH);
        for (step, a, b) in steps(n) {
            let (a, b) = (nodes[a], nodes[b]);
            nodes.push(match step {
                Step::Mean => (a + b) / 2.0,
                Step::Product => a * b,
                Step::Sine => (a + b).sin(),
                Step::Cosine => (a - b).cos(),
            });
        }
        builder.fold(Fold::Sum, &nodes[nodes.len() - WIDTH..]).id()
    };
    builder.finish(vec![output])
}

/// From the outputs down, asking for what each node needs, with other forms of the same steps.
fn value(n: usize, x: &[f64]) -> f64 {
    let steps = steps(n);
    let mut known: Vec<Option<f64>> = x.iter().copied().map(Some).collect();
    known.resize(WIDTH + n, None);
    let mut wanted: Vec<usize> = (n..n + WIDTH).collect();
    while let Some(&node) = wanted.last() {
        if known[node].is_some() {
            wanted.pop();
            continue;
        }
        let (step, a, b) = steps[node - WIDTH];
        match (known[a], known[b]) {
            (Some(a), Some(b)) => {
                known[node] = Some(match step {
                    Step::Mean => 0.5 * a + 0.5 * b,
                    Step::Product => b * a,
                    Step::Sine => a.sin() * b.cos() + a.cos() * b.sin(),
                    Step::Cosine => a.cos() * b.cos() + a.sin() * b.sin(),
                });
            }
            (left, right) => {
                wanted.extend(left.is_none().then_some(a));
                wanted.extend(right.is_none().then_some(b));
            }
        }
    }
    known[n..].iter().flatten().sum()
}

/// Step by step forward, and back.
fn gradient(n: usize, x: &[f64], g: &mut [f64]) -> f64 {
    let steps = steps(n);
    let mut values = x.to_vec();
    for &(step, a, b) in &steps {
        let (a, b) = (values[a], values[b]);
        values.push(match step {
            Step::Mean => (a + b) / 2.0,
            Step::Product => a * b,
            Step::Sine => (a + b).sin(),
            Step::Cosine => (a - b).cos(),
        });
    }
    let mut upstream = vec![0.0; values.len()];
    upstream[n..].fill(1.0);
    for (k, &(step, a, b)) in steps.iter().enumerate().rev() {
        let u = upstream[WIDTH + k];
        let (da, db) = match step {
            Step::Mean => (0.5, 0.5),
            Step::Product => (values[b], values[a]),
            Step::Sine => {
                let cosine = (values[a] + values[b]).cos();
                (cosine, cosine)
            }
            Step::Cosine => {
                let sine = (values[a] - values[b]).sin();
                (-sine, sine)
            }
        };
        upstream[a] += u * da;
        upstream[b] += u * db;
    }
    g.copy_from_slice(&upstream[..WIDTH]);
    values[n..].iter().sum()
}
