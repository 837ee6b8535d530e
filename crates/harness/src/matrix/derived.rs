//! A matrix of derivatives as the Jacobian of a function, so that it is certified and judged as any other.
//!
//! | want | the function whose Jacobian it is | where |
//! |---|---|---|
//! | `jacobian` | f | x |
//! | `jvp` | f(x + V t), of t | 0 |
//! | `vjp` | W f | x |
//! | `hessian` | the gradient of the weighted sum w f | x |
//! | `hvp` | that gradient at x + V t, of t | 0 |
//! | `hessian-diagonal` | component i of that gradient at x + t e_i, for every i, of t | 0 |
//!
//! x, V and weights are numbers that doubles are, so that intervals are as narrow as the derivative allows. The gradient is the literal
//! sweep written down; where the function has no gradient, this one is of another function, and what is certified of f itself stands
//! in its place ([`spoiled`]).

use chainrule::{Seeds, Want};
use expr::{Builder, Expr, Fold, Function, Style};
use reference::{Certificate, Component, Limits, Side, Total, certify};
use symbolic::Mode;

/// A function, and the point at which its Jacobian is the matrix.
pub(super) struct Derived {
    pub(super) function: Function,
    pub(super) at: Vec<f64>,
}

/// The function whose Jacobian is wanted of a flat one, if it has no more nodes than these.
pub(super) fn derived(f: &Function, want: Want, x: &[f64], seeds: Seeds<'_>, most: usize) -> Option<Derived> {
    let products = |numbers: &[f64], of: usize| numbers.len().checked_div(of).unwrap_or(0);
    let base = match want {
        Want::Gradient | Want::Jacobian | Want::Jvp => f.clone(),
        Want::Vjp => summed(f, seeds.weights),
        Want::Hessian | Want::HessianDiagonal | Want::Hvp => {
            let ones;
            let weights = match seeds.weights {
                [] => {
                    ones = vec![1.0; f.outputs().len()];
                    &ones
                }
                weights => weights,
            };
            let sum = summed(f, weights);
            let found = symbolic::differentiate(&sum, Mode::Reverse, most as u64).ok()?.function;
            let gradient = found.outputs()[1..].to_vec();
            if gradient.is_empty() { return None } else { found.with_outputs(gradient) }
        }
    };
    let derived = match want {
        Want::Jvp | Want::Hvp => {
            let count = products(seeds.along, x.len());
            let function = moved(&base, x, count, |input, k| seeds.along[input * count + k]);
            Derived { function, at: vec![0.0; count] }
        }
        Want::HessianDiagonal => {
            if base.graph().len().saturating_mul(x.len()) > most {
                return None;
            }
            Derived { function: each_along_its_own(&base, x), at: vec![0.0] }
        }
        _ => Derived { function: base, at: x.to_vec() },
    };
    (derived.function.graph().len() <= most).then_some(derived)
}

/// Sums of the outputs, one for each row of weights.
fn summed(f: &Function, weights: &[f64]) -> Function {
    let outputs = f.outputs().len();
    let builder = Builder::resume(f.graph().clone(), Style::Written);
    let sums = {
        let sum = |row: &[f64]| {
            let terms: Vec<Expr<'_>> = { row.iter().zip(f.outputs()) }
                .map(|(&weight, &output)| match weight == 1.0 {
                    true => builder.handle(output),
                    false => builder.constant(weight) * builder.handle(output),
                })
                .collect();
            if let [term] = terms[..] { term.id() } else { builder.fold(Fold::Sum, &terms).id() }
        };
        weights.chunks_exact(outputs.max(1)).map(sum).collect()
    };
    builder.finish(sums)
}

/// The function of steps along some directions from a point.
fn moved(f: &Function, x: &[f64], count: usize, along: impl Fn(usize, usize) -> f64) -> Function {
    let builder = Builder::new(Style::Written);
    let outputs = {
        let steps: Vec<Expr<'_>> = (0..count).map(|k| builder.input(&format!("t{}", k + 1))).collect();
        let point: Vec<Expr<'_>> = (0..x.len())
            .map(|input| {
                let terms = steps.iter().enumerate().filter(|(k, _)| along(input, *k) != 0.0);
                terms.fold(builder.constant(x[input]), |sum, (k, step)| {
                    sum + builder.constant(along(input, k)) * *step
                })
            })
            .collect();
        f.evaluate(&builder, &point).into_iter().map(Expr::id).collect()
    };
    builder.finish(outputs)
}

/// Each output of a function where the input of the same number is moved.
fn each_along_its_own(f: &Function, x: &[f64]) -> Function {
    let builder = Builder::new(Style::Written);
    let outputs = {
        let step = builder.input("t");
        let here: Vec<Expr<'_>> = x.iter().map(|&x| builder.constant(x)).collect();
        let output = |input: usize| {
            let mut point = here.clone();
            point[input] = here[input] + step;
            f.evaluate(&builder, &point)[input].id()
        };
        (0..x.len()).map(output).collect()
    };
    builder.finish(outputs)
}

/// The entries certified.
pub(super) fn certified(
    f: &Function,
    want: Want,
    x: &[f64],
    seeds: Seeds<'_>,
    derived: &Derived,
) -> Certificate {
    let limits = Limits::default();
    let mut found = certify(&derived.function, &derived.at, &limits);
    if !want.is_second() {
        return found;
    }
    // Where f has no gradient, that of its formula is none of f's.
    let ones = vec![1.0; f.outputs().len()];
    let weights = if seeds.weights.is_empty() { &ones } else { seeds.weights };
    let own = certify(&summed(f, weights), x, &limits);
    let first: Vec<Option<Component>> = own.gradients[0].iter().map(spoiled).collect();
    let products = seeds.along.len().checked_div(x.len()).unwrap_or(0);
    for (row, components) in found.gradients.iter_mut().enumerate() {
        for (column, component) in components.iter_mut().enumerate() {
            let moved = |input: usize| match want {
                Want::Hvp => seeds.along[input * products + column] != 0.0,
                Want::HessianDiagonal => input == row,
                _ => input == column,
            };
            let spoils = |input: usize| first[input].clone().filter(|_| input == row || moved(input));
            if let Some(spoiled) = (0..x.len()).find_map(spoils) {
                *component = spoiled;
            }
        }
        if components.iter().any(|component| component.known().is_none()) {
            found.totals[row] = Total::Unknown;
        }
    }
    found.bits = found.bits.max(own.bits);
    found
}

/// What a component of the gradient says of its own derivatives: nothing where it is one on both sides.
fn spoiled(component: &Component) -> Option<Component> {
    match component {
        Component::Certified { side: Side::Both, .. }
        | Component::Removable { side: Side::Both, .. }
        | Component::Overflow { .. } => None,
        // One-sided: what its derivative is nobody has looked at.
        Component::Certified { .. } | Component::Removable { .. } => {
            Some(Component::Undecided { hull: [f64::NEG_INFINITY, f64::INFINITY], node: component.node() })
        }
        Component::Kink { kind, node, .. } => Some(Component::Kink {
            kind: *kind,
            hull: [f64::NEG_INFINITY, f64::INFINITY],
            node: *node,
            filled: None,
        }),
        Component::Undefined { node } => Some(Component::Undefined { node: *node }),
        Component::Undecided { node, .. } => {
            Some(Component::Undecided { hull: [f64::NEG_INFINITY, f64::INFINITY], node: *node })
        }
    }
}
