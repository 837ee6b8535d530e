//! Whether anything is computed twice: operators are counted while the engine's own passes run.

use std::cell::Cell;

use backprop::Adjoint;
use engine::Number;
use expr::{Constant, Function, Op, Scalar};
use numerical::{Scheme, gradient};
use symbolic::textbook_total;

use super::claim::{Bound, Case, Claim};
use super::figure::{Curve, Figure, Picture, Table, brief};
use super::{Effort, Findings, Plan};
use crate::families::Family;
use crate::swell::operators;

pub(super) const PLAN: Plan = Plan {
    id: "operations",
    title: "Operations per node",
    about: "The engine's own passes run over numbers that count every operator that is applied to them: once per operator \
            forward, and what the local gradients take backward. Finite differences evaluate the whole function again for \
            every point of every stencil; formulas as trees repeat what they share.",
    run,
};

thread_local! {
    static APPLIED: Cell<u64> = const { Cell::new(0) };
}

/// A number that counts what is done to it.
#[derive(Clone, Copy)]
struct Counted(f64);

expr::arithmetic!(Counted);

impl Scalar for Counted {
    type Context = ();

    fn context(&self) {}

    fn lift((): (), constant: &Constant) -> Self {
        Counted(f64::lift((), constant))
    }

    fn apply(op: Op, arguments: &[Self]) -> Self {
        APPLIED.set(APPLIED.get() + 1);
        let mut values = [0.0; 3];
        values.iter_mut().zip(arguments).for_each(|(value, argument)| *value = argument.0);
        Counted(f64::apply(op, &values[..arguments.len()]))
    }
}

impl Number for Counted {
    const PER_OPERATOR: bool = false;

    fn step(op: Op, operands: [Self; 3]) -> Self {
        Self::apply(op, &operands[..op.arity()])
    }
}

/// Operators that were applied in the forward pass and in both, and whether the gradient is that of plain numbers.
fn count(f: &Function, at: &[f64]) -> (u64, u64) {
    let adjoint = Adjoint::compile(f);
    let mut workspace = adjoint.workspace_in::<Counted>(f);
    workspace.inputs_mut().iter_mut().zip(at).for_each(|(place, &x)| *place = Counted(x));
    APPLIED.set(0);
    adjoint.forward(&mut workspace);
    let forward = APPLIED.get();
    adjoint.backward(&mut workspace, 0);
    (forward, APPLIED.get())
}

fn run(effort: &Effort) -> Findings {
    let sizes: [(&str, &[usize]); 4] = [
        ("rosenbrock", &[10, 100, 1000]),
        ("mlp", &[4, 16, 64]),
        ("logistic", &[5, 10, 20]),
        ("chain", &[10, 100, 1000]),
    ];
    let taken = effort.pick(1, 3, 3);
    let mut table = Table::new(&[
        "family",
        "n",
        "inputs",
        "operators of f",
        "forward pass",
        "both passes",
        "finite differences",
        "trees",
    ]);
    let names = ["backprop", "numerical", "trees"];
    let mut curves: Vec<Curve> = Vec::new();
    let (mut forward_cases, mut both_cases, mut numerical_cases) = (Vec::new(), Vec::new(), Vec::new());
    for (name, sizes) in sizes {
        let family = Family::named(name).expect("a family of ours");
        let mut lines = names.map(|_| Vec::new());
        let mut last = None;
        for &n in &sizes[..taken] {
            let Ok(f) = family.function(n).unroll(2_000_000) else { continue };
            let at = family.sample(n, effort.seed);
            let own = operators(&f) as f64;
            let (forward, both) = count(&f, &at);
            // As of a function that nobody can look into: every evaluation runs every operator.
            let evaluations = gradient(Scheme::Adaptive, &at, |x| f.evaluate((), x)[0]).evaluations;
            let tree = textbook_total(&f).to_string();
            let repeated =
                [both as f64 / own, evaluations as f64, tree.parse::<f64>().unwrap_or(f64::INFINITY) / own];
            for (line, repeated) in lines.iter_mut().zip(repeated) {
                line.push((own, repeated));
            }
            last = Some((n, forward as f64 / own, repeated));
            table.push(vec![
                name.to_owned(),
                n.to_string(),
                at.len().to_string(),
                own.to_string(),
                forward.to_string(),
                both.to_string(),
                (evaluations as f64 * own).to_string(),
                tree,
            ]);
        }
        let Some((n, forward, [both, numerical, _])) = last else { continue };
        let shown = |measured: f64| format!("{} at n = {n}", brief(measured));
        forward_cases.push(Case::shown(name, forward, shown(forward)));
        both_cases.push(Case::shown(name, both, shown(both)));
        numerical_cases.push(Case::shown(name, numerical, shown(numerical)));
        if name == "rosenbrock" || name == "logistic" {
            curves.extend(names.iter().zip(lines).map(|(kind, points)| Curve {
                name: format!("{name}, {kind}"),
                points,
                fit: None,
            }));
        }
    }
    let claims = vec![
        Claim {
            says: "The numerical method repeats computations over and over.",
            quote: "it would lead to lots of repeated computations",
            measure: "how often every operator of the function runs for one gradient",
            bound: Bound::AtLeast(10.0),
            cases: numerical_cases,
        },
        Claim {
            says: "The forward pass computes every node once.",
            quote: "calculating the value at each node and passing it forward to the next node",
            measure: "operators applied per operator of the function (one of k terms counts as k - 1)",
            bound: Bound::AtMost(1.0),
            cases: forward_cases,
        },
        Claim {
            says: "Backpropagation does not repeat calculations.",
            quote: "backpropagation does not need to repeat calculations",
            measure: "operators applied in both passes per operator of the function, counted; a fixed few, whatever the size",
            bound: Bound::AtMost(8.0),
            cases: both_cases,
        },
    ];
    let figure = Figure {
        name: "counts".to_owned(),
        title: "How often each operator runs for one gradient".to_owned(),
        about: "Operators applied per operator of the function, against how many it has.".to_owned(),
        picture: Picture::Curves {
            x: "operators of the function, count".to_owned(),
            y: "times that each operator runs".to_owned(),
            joined: true,
            is_error: false,
            curves,
        },
        table,
    };
    Findings { claims, figures: vec![figure], outcome: None }
}
