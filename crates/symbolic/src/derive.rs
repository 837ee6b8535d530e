//! The modes: the same rules, applied in different orders, and with or without sharing.

use expr::reverse_sweep::{at_inputs, pull_back, reverse_sweep};
use expr::{Analysis, Builder, Calculus, Constant, Expr, Fold, Function, Node, NodeId, Op, Style};
use num_bigint::BigUint;
use num_traits::ToPrimitive;

use crate::textbook::textbook_size;

/// The order in which the chain rule is applied.
///
/// ```
/// use symbolic::{Mode, differentiate};
/// let f = syntax::parse("a*b*c*d").unwrap();
/// let nodes = |mode| differentiate(&f, mode, 1_000).unwrap().function.graph().len();
/// assert!(nodes(Mode::Reverse) < nodes(Mode::Forward)); // four inputs, one output
/// assert_eq!(differentiate(&f, Mode::Auto, 1_000).unwrap().mode, Mode::Reverse);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// One formula per input, written out as a tree, every repeated part repeated: what the name "symbolic" makes
    /// people think of. Its size is counted first, with big integers; the graph that is built when the budget allows
    /// it holds every repeated part once all the same, because our graphs always do.
    Textbook,
    /// The chain rule from each input upwards, on the shared graph: one sweep per input.
    Forward,
    /// The chain rule from the output downwards, on the shared graph: one sweep for all inputs.
    Reverse,
    /// The smaller of forward and reverse.
    #[default]
    Auto,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Mode; 4] = [Mode::Textbook, Mode::Forward, Mode::Reverse, Mode::Auto];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Mode::Textbook => "textbook",
            Mode::Forward => "forward",
            Mode::Reverse => "reverse",
            Mode::Auto => "auto",
        }
    }
}

/// The derivative would be larger than allowed.
///
/// ```
/// let f = syntax::parse("iterate(k, 1, 50, y, x, 4*y*(1 - y))").unwrap().unroll(1_000).unwrap();
/// let wrong = symbolic::differentiate(&f, symbolic::Mode::Textbook, 1_000_000).unwrap_err();
/// assert!(wrong.needed > 1e15 && wrong.budget == 1_000_000); // formulas written out as trees
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("the derivative would have {needed:.3e} nodes; the budget is {budget}")]
pub struct TooLarge {
    /// How many nodes it would have, at least; counts of trees can exceed any integer type.
    pub needed: f64,
    /// How many it may.
    pub budget: u64,
}

/// A function together with its derivatives.
///
/// ```
/// let f = syntax::parse("x^2*y").unwrap();
/// let derived = symbolic::differentiate(&f, symbolic::Mode::Forward, 1_000).unwrap();
/// assert_eq!(derived.function.evaluate((), &[3.0, 5.0]), [45.0, 30.0, 9.0]); // f, by x, by y
/// ```
#[derive(Clone, Debug)]
pub struct Derivative {
    /// The outputs of f, then every partial derivative, row after row: one row per output, one column per input.
    pub function: Function,
    /// The mode that was taken: never [`Mode::Auto`].
    pub mode: Mode,
}

/// The most node visits that [`Mode::Auto`] spends on finding out whether the forward mode is smaller.
const FORWARD_WORK: u64 = 20_000_000;

/// Differentiates every output of a flat function with respect to every scalar input.
///
/// ```
/// let f = syntax::parse("sin(x)*y").unwrap();
/// let derived = symbolic::differentiate(&f, symbolic::Mode::Reverse, 1_000).unwrap();
/// assert_eq!(syntax::formulas(&derived.function, 1..3), ["y*cos(x)", "sin(x)"]);
/// ```
///
/// # Errors
/// When the result would have more than `max_nodes` nodes; for [`Mode::Textbook`], its trees.
///
/// # Panics
/// When the function is not flat.
pub fn differentiate(f: &Function, mode: Mode, max_nodes: u64) -> Result<Derivative, TooLarge> {
    let build = |mode: Mode, most: u64| match mode {
        Mode::Reverse => reverse(f, most),
        _ => forward(f, most, Products::Shared),
    };
    let (function, mode) = match mode {
        Mode::Forward | Mode::Reverse => (build(mode, max_nodes)?, mode),
        Mode::Textbook => {
            let size: BigUint = textbook_size(f).into_iter().sum();
            let needed = size.to_f64().unwrap_or(f64::INFINITY);
            if needed > max_nodes as f64 {
                return Err(TooLarge { needed, budget: max_nodes });
            }
            (forward(f, max_nodes, Products::Shared)?, mode)
        }
        Mode::Auto => {
            let reversed = reverse(f, max_nodes)?;
            // One pass per input over all nodes: with many of them it cannot be the smaller one, and takes forever.
            if (f.input_count() as u64).saturating_mul(f.graph().len() as u64) > FORWARD_WORK {
                return Ok(Derivative { function: reversed, mode: Mode::Reverse });
            }
            // A forward derivative is looked for only as far as it is the smaller one.
            match forward(f, (reversed.graph().len() as u64).saturating_sub(1), Products::Shared) {
                Ok(function) => (function, Mode::Forward),
                Err(_) => (reversed, Mode::Reverse),
            }
        }
    };
    Ok(Derivative { function, mode })
}

/// What is left of the textbook's formulas once all their common parts are shared, and nothing else is done to them: a
/// product of many is written out for each of its factors.
///
/// # Errors
/// When the result would have more than `max_nodes` nodes, or factors of products.
///
/// # Panics
/// When the function is not flat.
pub fn textbook_shared(f: &Function, max_nodes: u64) -> Result<Function, TooLarge> {
    let graph = f.graph();
    let factors = graph.ids().filter(|&id| matches!(graph.node(id), Node::Fold(Fold::Product, _)));
    let needed: f64 = factors.map(|id| (graph.children(id).len() as f64).powi(2)).sum();
    if needed > max_nodes as f64 {
        return Err(TooLarge { needed, budget: max_nodes });
    }
    forward(f, max_nodes, Products::Apart)
}

/// How the slopes of a product of many are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Products {
    /// By products of those before and those after, which neighbours share.
    Shared,
    /// Each as the product of all others.
    Apart,
}

/// The function's own graph, to which derivatives are added; and handles of all its nodes.
pub(crate) fn resume(f: &Function) -> Builder {
    assert!(f.is_flat(), "a function is unrolled before it is differentiated");
    Builder::resume(f.graph().clone(), Style::Derived)
}

pub(crate) fn check(builder: &Builder, max_nodes: u64) -> Result<(), TooLarge> {
    let needed = builder.len() as u64;
    if needed > max_nodes { Err(TooLarge { needed: needed as f64, budget: max_nodes }) } else { Ok(()) }
}

/// One sweep per input, from the input upwards.
fn forward(f: &Function, max_nodes: u64, products: Products) -> Result<Function, TooLarge> {
    let builder = resume(f);
    let inputs = f.input_count();
    let mut partials = vec![NodeId::default(); inputs * f.outputs().len()];
    {
        let (zero, one) = (builder.lift(&Constant::Integer(0)), builder.lift(&Constant::Integer(1)));
        for input in 0..inputs {
            let tangents =
                tangents(f, &builder, |position| (position == input).then_some(one), products, max_nodes)?;
            for (row, output) in f.outputs().iter().enumerate() {
                partials[row * inputs + input] = tangents[output.index()].unwrap_or(zero).id();
            }
        }
    }
    Ok(finish(builder, f, partials))
}

/// A node's tangent is its local gradients times those of its children; those of inputs are given.
pub(crate) fn tangents<'g>(
    f: &Function,
    builder: &'g Builder,
    of_input: impl Fn(usize) -> Option<Expr<'g>>,
    products: Products,
    max_nodes: u64,
) -> Result<Vec<Option<Expr<'g>>>, TooLarge> {
    let graph = f.graph();
    let handle = |id| builder.handle(id);
    let integer = |k| builder.lift(&Constant::Integer(k));
    let (zero, one) = (integer(0), integer(1));
    let mut arguments: Vec<Expr<'_>> = Vec::new();
    let mut tangents: Vec<Option<Expr<'_>>> = vec![None; graph.len()];
    for id in graph.ids() {
        tangents[id.index()] = match graph.node(id) {
            Node::Input(block, offset) => of_input(f.position(block, offset)),
            Node::Ternary(Op::Select, [condition, a, b]) => {
                // The tangent of the branch that is taken; the other one's may well be undefined.
                match [a, b].map(|branch| tangents[branch.index()]) {
                    [None, None] => None,
                    [a, b] => Some(handle(condition).select(a.unwrap_or(zero), b.unwrap_or(zero))),
                }
            }
            node => {
                let children = graph.children(id);
                let moves = |k: usize| tangents[children[k].index()];
                let wanted =
                    (0..children.len().min(8)).filter(|&k| moves(k).is_some()).fold(0, |w, k| w | 1 << k);
                let mut terms: Vec<Expr<'_>> = Vec::new();
                if products == Products::Apart && matches!(node, Node::Fold(Fold::Product, _)) {
                    for (k, tangent) in (0..children.len()).filter_map(|k| Some((k, moves(k)?))) {
                        let others = children.iter().enumerate().filter(|(j, _)| *j != k);
                        let others: Vec<Expr<'_>> = others.map(|(_, &other)| handle(other)).collect();
                        terms.push(builder.fold(Fold::Product, &others) * tangent);
                    }
                } else if matches!(node, Node::Fold(..)) || wanted != 0 {
                    arguments.clear();
                    arguments.extend(children.iter().map(|&child| handle(child)));
                    pull_back(node, wanted, &arguments, &handle(id), &one, |k, local| {
                        if let Some(tangent) = moves(k) {
                            terms.push(local * tangent);
                        }
                    });
                }
                match node {
                    Node::Fold(..) if terms.len() > 2 => Some(builder.fold(Fold::Sum, &terms)),
                    _ => terms.into_iter().reduce(|sum, term| sum + term),
                }
            }
        };
        check(builder, max_nodes)?;
    }
    Ok(tangents)
}

/// One sweep per output, from the output downwards; upstream gradients that meet in a node are added.
fn reverse(f: &Function, max_nodes: u64) -> Result<Function, TooLarge> {
    let graph = f.graph();
    let builder = resume(f);
    // A backward pass has one to three nodes for each of f.
    builder.reserve(2 * graph.len());
    let inputs = f.input_count();
    let analysis = Analysis::of(f);
    let mut partials = Vec::with_capacity(inputs * f.outputs().len());
    {
        let handles: Vec<Expr<'_>> = graph.ids().map(|id| builder.handle(id)).collect();
        let integer = |k| builder.lift(&Constant::Integer(k));
        let (zero, one) = (integer(0), integer(1));
        let mut size = Ok(());
        for &output in f.outputs() {
            let received =
                reverse_sweep(f, &analysis, &handles, (output, one), |local, upstream, propagate| {
                    // Once it is too large nothing more is written down.
                    if size.is_ok() {
                        local.downstream(upstream, propagate);
                        size = check(&builder, max_nodes);
                    }
                });
            size.clone()?;
            let row = at_inputs(f, received).into_iter();
            partials.extend(row.map(|partial| partial.unwrap_or(zero).id()));
        }
    }
    Ok(finish(builder, f, partials))
}

pub(crate) fn finish(builder: Builder, f: &Function, partials: Vec<NodeId>) -> Function {
    let outputs = f.outputs().iter().copied().chain(partials).collect();
    builder.finish(outputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formula(text: &str, mode: Mode) -> Vec<String> {
        let f = syntax::parse(text).unwrap().unroll(1000).unwrap();
        let derivative = differentiate(&f, mode, 1000).unwrap();
        syntax::formulas(&derivative.function, f.outputs().len()..derivative.function.outputs().len())
    }

    #[test]
    fn derivatives_are_those_of_the_textbook() {
        for mode in Mode::ALL {
            assert_eq!(formula("(x + y)*z", mode), ["z", "z", "x + y"], "{mode:?}");
            assert_eq!(formula("x^3", mode), ["3*x^2"]);
            assert_eq!(formula("ln(x)", mode), ["1/x"]);
            assert_eq!(formula("sin(x) + 7", mode), ["cos(x)"]);
            assert_eq!(formula("floor(x) + y", mode), ["0", "1"]);
            assert_eq!(formula("[x*y, x]", mode), ["y", "x", "1", "0"]);
        }
    }

    #[test]
    fn untaken_branches_do_not_poison() {
        let f = syntax::parse("if(x > 0, ln(x)*sqrt(x), x*(1/x)*0 + 2*x) + if(x <= 0, 0, 1/x)").unwrap();
        for mode in [Mode::Forward, Mode::Reverse] {
            let derivative = differentiate(&f, mode, 1000).unwrap().function;
            let f = syntax::parse("if(x > 0, ln(x), 2*x)").unwrap();
            let clean = differentiate(&f, mode, 1000).unwrap().function;
            assert_eq!(clean.evaluate((), &[-3.0])[1], 2.0, "{mode:?}");
            assert!(derivative.evaluate((), &[2.0])[1].is_finite());
        }
    }

    #[test]
    fn budgets_refuse_with_a_count() {
        let f = syntax::parse("iterate(k, 1, 60, y, x, y*(1 - y))").unwrap().unroll(1000).unwrap();
        let refused = differentiate(&f, Mode::Textbook, 1_000_000).unwrap_err();
        assert!(refused.needed > 1e15, "{refused}");
        assert!(differentiate(&f, Mode::Reverse, 1_000_000).is_ok());
        assert!(differentiate(&f, Mode::Forward, 100).is_err());
    }

    #[test]
    fn auto_takes_the_smaller() {
        let product = syntax::parse("prod(i, 1, 30, x[i])").unwrap().unroll(1000).unwrap();
        let smaller = |f: &Function| {
            let size = |mode| differentiate(f, mode, 1_000_000).unwrap().function.graph().len();
            (size(Mode::Auto), size(Mode::Forward).min(size(Mode::Reverse)))
        };
        let (auto, least) = smaller(&product);
        assert_eq!(auto, least);
        let (auto, least) = smaller(&syntax::parse("sin(cos(exp(x)))").unwrap());
        assert_eq!(auto, least);
    }

    #[test]
    fn products_apart_have_the_size_of_the_textbook() {
        let f = syntax::parse("prod(i, 1, 20, x[i])").unwrap().unroll(1000).unwrap();
        let (apart, shared) =
            (textbook_shared(&f, 10_000).unwrap(), differentiate(&f, Mode::Forward, 10_000).unwrap());
        let point: Vec<f64> = (1..=20).map(|k| 1.0 / f64::from(k)).collect();
        for (a, b) in apart.evaluate((), &point).iter().zip(shared.function.evaluate((), &point)) {
            assert!((a - b).abs() <= 1e-14 * b.abs());
        }
        let size = |f: &Function| -> usize {
            f.graph().ids().map(|id| f.graph().children(id).len().saturating_sub(1)).sum()
        };
        assert_eq!(size(&apart), 20 * 18 + 19);
        assert!(size(&shared.function) < 4 * 20);
        assert!(textbook_shared(&f, 399).is_err());
    }

    #[test]
    fn depth_is_no_matter() {
        let f = Function::build(|g| {
            let x = g.input("x");
            vec![(0..1_000_000).fold(x, |y, _| y.sin())]
        });
        let derivative = differentiate(&f, Mode::Reverse, 10_000_000).unwrap();
        assert!(derivative.function.graph().len() > 2_000_000);
    }
}
