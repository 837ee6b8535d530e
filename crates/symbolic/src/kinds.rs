//! Products with vectors and second derivatives as formulas: the same sweeps, seeded, one over the other.

use expr::graph::Role;
use expr::reverse_sweep::{at_inputs, reverse_sweep};
use expr::{Analysis, Builder, Constant, Expr, Fold, Function, NodeId};

use crate::derive::{Products, TooLarge, check, finish, resume, tangents};

/// Which derivatives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The Jacobian times a direction.
    Jvp,
    /// Weights times the Jacobian.
    Vjp,
    /// The lower triangle of the Hessian of the weighted sum of all outputs, row after row.
    Hessian,
    /// Its diagonal.
    HessianDiagonal,
    /// The Hessian times a direction.
    Hvp,
}

/// Derivatives of some kind as a function.
///
/// ```
/// use symbolic::{Kind, differentiate_as};
/// let f = syntax::parse("x^2*y").unwrap();
/// let hessian = differentiate_as(&f, Kind::Hessian, 1_000).unwrap();
/// assert_eq!(hessian.function.evaluate((), &[3.0, 5.0]), [45.0, 30.0, 9.0, 10.0, 6.0, 0.0]); // f, by x, by y, xx, yx, yy
/// let product = differentiate_as(&f, Kind::Hvp, 1_000).unwrap();
/// assert_eq!(product.function.evaluate((), &[3.0, 5.0, 0.0, 1.0])[product.entries()], [6.0, 0.0]); // along y
/// ```
#[derive(Clone, Debug)]
pub struct Kinds {
    /// Its inputs are those of f, then weights `w` where they are needed, then a direction `v` if there is one. Its outputs are those of
    /// f, then with second derivatives the gradient, then the derivatives.
    pub function: Function,
    /// How many weights there are: one per output, or none.
    pub weights: usize,
    /// How many outputs come before the derivatives.
    pub before: usize,
}

impl Kinds {
    /// Which outputs are the derivatives.
    pub fn entries(&self) -> std::ops::Range<usize> {
        self.before..self.function.outputs().len()
    }
}

/// Differentiates a flat function. Of several outputs second derivatives are those of their sum, weighted by inputs of their own.
///
/// # Errors
/// When the result would have more than `max_nodes` nodes.
///
/// # Panics
/// When the function is not flat.
pub fn differentiate_as(f: &Function, kind: Kind, max_nodes: u64) -> Result<Kinds, TooLarge> {
    let (inputs, outputs) = (f.input_count(), f.outputs().len());
    let own = |builder: &Builder, name: &str, length: usize| {
        let mut name = name.to_owned();
        while builder.graph().block_named(&name).is_some() {
            name.push('_');
        }
        let block = builder.block(&name, 1, Role::Parameter);
        builder.shape(block, vec![length]);
        block
    };
    if kind == Kind::Jvp {
        let builder = resume(f);
        let direction = own(&builder, "v", inputs);
        let changes = {
            let of_input = |position: usize| Some(builder.element(direction, position as u32));
            let tangents = tangents(f, &builder, of_input, Products::Shared, max_nodes)?;
            let zero = builder.lift(&Constant::Integer(0));
            f.outputs().iter().map(|output| tangents[output.index()].unwrap_or(zero).id()).collect()
        };
        return Ok(Kinds { function: finish(builder, f, changes), weights: 0, before: outputs });
    }
    let weights = if outputs > 1 || kind == Kind::Vjp { outputs } else { 0 };
    let summed = {
        let builder = resume(f);
        let sum = match weights {
            0 => f.outputs()[0],
            _ => {
                let block = own(&builder, "w", weights);
                let terms: Vec<Expr<'_>> = { f.outputs().iter().enumerate() }
                    .map(|(k, &output)| builder.element(block, k as u32) * builder.handle(output))
                    .collect();
                if let [term] = terms[..] { term.id() } else { builder.fold(Fold::Sum, &terms).id() }
            }
        };
        finish(builder, f, vec![sum])
    };
    let wanted = |position: usize| position < inputs;
    // f's outputs, the sum, and its gradient.
    let gradient = swept(&summed, outputs..outputs + 1, wanted, &mut |_| 0..inputs, max_nodes)?;
    let all = gradient.outputs();
    if kind == Kind::Vjp {
        let kept = all[..outputs].iter().chain(&all[outputs + 1..]);
        let function = gradient.with_outputs(kept.copied().collect());
        return Ok(Kinds { function, weights, before: outputs });
    }
    let partials = outputs + 1..outputs + 1 + inputs;
    let (base, mut rows): (Function, Box<dyn FnMut(usize) -> std::ops::Range<usize>>) = match kind {
        Kind::HessianDiagonal => (gradient.clone(), Box::new(|row| row..row + 1)),
        Kind::Hvp => {
            let builder = resume(&gradient);
            let direction = own(&builder, "v", inputs);
            let along = {
                let terms: Vec<Expr<'_>> = partials
                    .clone()
                    .map(|k| builder.element(direction, (k - partials.start) as u32) * builder.handle(all[k]))
                    .collect();
                match terms[..] {
                    [] => builder.lift(&Constant::Integer(0)).id(),
                    [term] => term.id(),
                    _ => builder.fold(Fold::Sum, &terms).id(),
                }
            };
            (finish(builder, &gradient, vec![along]), Box::new(|_| 0..inputs))
        }
        _ => (gradient.clone(), Box::new(|row| 0..row + 1)),
    };
    let swept_outputs = match kind {
        Kind::Hvp => partials.end..partials.end + 1,
        _ => partials.clone(),
    };
    let function = swept(&base, swept_outputs, wanted, &mut *rows, max_nodes)?;
    let all = function.outputs();
    let kept = all[..outputs].iter().chain(&all[partials]).chain(&all[base.outputs().len()..]);
    Ok(Kinds { function: function.with_outputs(kept.copied().collect()), weights, before: outputs + inputs })
}

/// The function, and then for each of some of its outputs the partial derivatives by the inputs that `rows` says, of those that are
/// wanted.
fn swept(
    f: &Function,
    of: std::ops::Range<usize>,
    wanted: impl Fn(usize) -> bool,
    rows: &mut dyn FnMut(usize) -> std::ops::Range<usize>,
    max_nodes: u64,
) -> Result<Function, TooLarge> {
    let graph = f.graph();
    let builder = resume(f);
    let analysis = Analysis::with_respect_to(f, |id| f.input_at(id).is_some_and(&wanted));
    let mut partials: Vec<NodeId> = Vec::new();
    {
        let handles: Vec<Expr<'_>> = graph.ids().map(|id| builder.handle(id)).collect();
        let integer = |k| builder.lift(&Constant::Integer(k));
        let (zero, one) = (integer(0), integer(1));
        let mut size = Ok(());
        for (row, &output) in f.outputs()[of].iter().enumerate() {
            let received =
                reverse_sweep(f, &analysis, &handles, (output, one), |local, upstream, propagate| {
                    if size.is_ok() {
                        local.downstream(upstream, propagate);
                        size = check(&builder, max_nodes);
                    }
                });
            size.clone()?;
            let received = at_inputs(f, received);
            partials.extend(received[rows(row)].iter().map(|partial| partial.unwrap_or(zero).id()));
        }
    }
    Ok(finish(builder, f, partials))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formulas(text: &str, kind: Kind) -> Vec<String> {
        let f = syntax::parse(text).unwrap().unroll(1_000).unwrap();
        let found = differentiate_as(&f, kind, 1_000).unwrap();
        syntax::formulas(&found.function, found.entries())
    }

    #[test]
    fn formulas_are_those_of_the_textbook() {
        assert_eq!(formulas("x^3 + y", Kind::HessianDiagonal), ["3*(2*x)", "0"]);
        assert_eq!(formulas("x*y", Kind::Hessian), ["0", "1", "0"]);
        assert_eq!(formulas("[x*y, x]", Kind::Vjp), ["w[2] + w[1]*y", "w[1]*x"]);
        assert_eq!(formulas("[x*y, x]", Kind::Jvp), ["y*v[1] + x*v[2]", "v[1]"]);
        assert_eq!(formulas("x*y", Kind::Hvp), ["v[2]", "v[1]"]);
        // Names that the function has are not taken again.
        assert_eq!(formulas("v*w", Kind::Vjp), ["w_[1]*w", "w_[1]*v"]);
        assert_eq!(formulas("7", Kind::Hessian), [""; 0]);
    }

    #[test]
    fn weights_multiply_outputs() {
        let f = syntax::parse("[x*y, x^3, y^2]").unwrap();
        let found = differentiate_as(&f, Kind::Hessian, 1_000).unwrap();
        let all = found.function.evaluate((), &[2.0, 5.0, 10.0, 0.0, 0.5]);
        assert_eq!(all[3..], [50.0, 25.0, 0.0, 10.0, 1.0]);
        assert!(differentiate_as(&f, Kind::Hessian, 20).is_err());
    }
}
