//! Differentiation of a function with its axes: formulas for every element of an indexed input and every size at once.
//!
//! The backward pass goes over the graph as it is written, loops and all. What a sum's body receives is what the sum
//! receives; a factor of a product receives the product of those before it and of those after it; an iteration is
//! gone through backwards, the states that each round began with computed anew ([`pull`]). Where it arrives at
//! `x[i+1]`, in loops over `i`, the partial derivative by `x[j]` is what arrives for those `i` with `i + 1 = j`: that
//! is solved for `i`, and a guard says for which `j` there is such an `i` ([`element`]).

mod contributions;
mod element;
mod guard;
mod pull;
mod simplify;
mod sized;
mod substitute;
#[cfg(test)]
mod tests;
mod tidy;

pub use contributions::{Contribution, Contributions, contributions};
pub use simplify::simplify_rolled;
pub use sized::{ByElement, Place, SizedDerivatives, SizedPartial, differentiate_sized};

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

use expr::graph::{AxisNames, AxisRange, Graph, Scope};
use expr::index::Index;
use expr::scope::Axes;
use expr::{Axis, BlockId, Builder, Calculus, Constant, Expr, Function, Node, NodeId, Op, Scalar, Style};

/// All partial derivatives of a function with axes.
#[derive(Clone, Debug)]
pub struct Rolled {
    /// The outputs of the function, then the partial derivatives, row after row. The indices of an element are sizes of it.
    pub function: Function,
    /// How many outputs the function has.
    pub outputs: usize,
    /// What the other outputs are.
    pub partials: Vec<Element>,
}

/// The function with the sizes bound that are bound in another.
pub fn bound_like(other: &Function, f: Function) -> Function {
    let sizes: Vec<(&str, i64)> =
        { f.graph().sizes().iter() }.filter_map(|size| Some((size.as_str(), other.size(size)?))).collect();
    f.with_sizes(&sizes).expect("they are its sizes")
}

/// A partial derivative by every element of a block of inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Of which output, counted from 0.
    pub output: usize,
    /// The block.
    pub block: String,
    /// The sizes that stand for the indices of the element; none for a scalar.
    pub indices: Vec<String>,
    /// Up to where each index goes, where that can be said.
    pub extents: Vec<Option<String>>,
}

/// Why a function cannot be differentiated with its axes: its sizes must be given.
///
/// ```
/// let f = syntax::parse("sum(i, 1, n, x[i]^2)").unwrap();
/// assert_eq!(symbolic::differentiate_rolled(&f, 1).unwrap_err(), symbolic::NotRolled::TooLarge);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRolled {
    /// The derivative would have more axes than a function can have.
    #[error("the derivative would have too many index variables")]
    TooManyAxes,
    /// Loops are nested too deep, or branches.
    #[error("loops or branches are nested too deep")]
    TooDeep,
    /// A loop's bounds depend on an index of the same name further out.
    #[error("a loop depends on an outer index of the same name")]
    Hidden,
    /// A position is beyond the whole numbers.
    #[error("a position overflows")]
    Overflow,
    /// Arrays are differentiated by passes over the graph, or unrolled.
    #[error("it has arrays, extremes over an index, scans or data")]
    Arrays,
    /// The derivative would be larger than its budget.
    #[error("the derivative would be too large")]
    TooLarge,
}

/// More nested loops than people write; recursion goes as deep as they are nested.
const DEEPEST: usize = 48;

/// The derivative of a function with axes by all its inputs; sizes need not be bound.
///
/// ```
/// let f = syntax::parse("sum(i, 1, n-1, (x[i+1] - x[i])^2)").unwrap();
/// let derivative = symbolic::differentiate_rolled(&f, 1000).unwrap();
/// assert_eq!(
///     syntax::formulas(&derivative.function, [1]),
///     ["if(j <= n - 1, -(2*(x[j+1] - x[j])), 0) + if(j >= 2, 2*(x[j] - x[j-1]), 0)"]
/// );
/// ```
///
/// # Errors
/// When that takes more than formulas of the language, or more than `max_nodes` nodes.
pub fn differentiate_rolled(f: &Function, max_nodes: u64) -> Result<Rolled, NotRolled> {
    let roller = Roller::new(f, max_nodes)?;
    let (outputs, partials) = {
        let blocks: Vec<(BlockId, usize)> = { f.graph().blocks().iter() }
            .map(|block| (f.graph().block_named(&block.name).expect("it is a block"), block.rank))
            .collect();
        let indices = roller.index_names(blocks.iter().map(|(_, rank)| *rank).max().unwrap_or(0));
        let known = pull::Known::of(f)?;
        let extents: Vec<_> = blocks.iter().map(|&(block, _)| element::extents(f, &known, block)).collect();
        let mut outputs: Vec<NodeId> = f.outputs().to_vec();
        let mut partials = Vec::new();
        for (output, &root) in f.outputs().iter().enumerate() {
            let mut arrivals: BTreeMap<BlockId, Vec<pull::Arrival<'_>>> = BTreeMap::new();
            for arrival in roller.pull(&known, None, vec![(root, roller.integer(1))])? {
                let block = roller.block_of(arrival.to).expect("outside all loops only inputs are left");
                arrivals.entry(block).or_default().push(arrival);
            }
            for (&(block, rank), extents) in blocks.iter().zip(&extents) {
                let here = arrivals.get(&block).map_or(&[][..], Vec::as_slice);
                let place: Vec<Index> = indices[..rank].iter().map(|name| roller.size(name)).collect();
                let found = roller.element(here, &place, extents)?;
                outputs.push(found.id());
                partials.push(Element {
                    output,
                    block: f.graph().block(block).name.clone(),
                    indices: indices[..rank].to_vec(),
                    extents: extents.iter().map(|extent| Some(written(f, extent.reached()?))).collect(),
                });
            }
        }
        (outputs, partials)
    };
    let function = bound_like(f, roller.builder.finish(outputs));
    Ok(Rolled { function, outputs: f.outputs().len(), partials })
}

/// The graph of a function while derivatives are added to it.
struct Roller {
    builder: Builder,
    max_nodes: u64,
    /// Per node, the axes that it is free in.
    free: RefCell<Vec<Axes>>,
    /// Words that mean something.
    words: RefCell<HashSet<String>>,
}

impl Roller {
    fn new(f: &Function, max_nodes: u64) -> Result<Roller, NotRolled> {
        let graph = f.graph();
        if graph.has_arrays() {
            return Err(NotRolled::Arrays);
        }
        let mut words: HashSet<String> = graph.blocks().iter().map(|block| block.name.clone()).collect();
        words.extend(graph.sizes().iter().cloned());
        words.extend(graph.ids().filter_map(|id| graph.name(id)).map(str::to_owned));
        words.extend(["e", "pi"].map(str::to_owned));
        let mut depth = vec![0; graph.len()];
        for id in graph.ids() {
            let below = graph.children(id).iter().map(|child| depth[child.index()]).max().unwrap_or(0);
            let scope = graph.scope(id);
            depth[id.index()] = below + usize::from(scope.is_some());
            if let Some(Scope { range, .. }) = scope {
                let names = graph.axis_names(range.axis);
                words.extend(std::iter::once(&names.index).chain(&names.states).cloned());
            }
        }
        if depth.iter().any(|&depth| depth > DEEPEST) {
            return Err(NotRolled::TooDeep);
        }
        Ok(Roller { words: RefCell::new(words), ..Roller::over(f, max_nodes) })
    }

    /// Over the graph of a function, with no names to look out for.
    fn over(f: &Function, max_nodes: u64) -> Roller {
        Roller {
            builder: Builder::resume(f.graph().clone(), Style::Derived),
            max_nodes,
            free: RefCell::default(),
            words: RefCell::default(),
        }
    }

    fn integer(&self, value: i64) -> Expr<'_> {
        self.builder.lift(&Constant::Integer(value))
    }

    fn node(&self, id: NodeId) -> Node<NodeId> {
        self.builder.graph().node(id)
    }

    fn children(&self, id: NodeId) -> Vec<NodeId> {
        self.builder.graph().children(id).to_vec()
    }

    /// The range of a node that binds an axis.
    fn range(&self, id: NodeId) -> AxisRange {
        self.builder.graph().scope(id).expect("sums, products and iterations bind an axis").range.clone()
    }

    /// The axes that a node is free in.
    fn free(&self, id: NodeId) -> Axes {
        let mut free = self.free.borrow_mut();
        if id.index() >= free.len() {
            self.builder.graph().extend_free_axes(&mut free);
        }
        free[id.index()]
    }

    fn block_of(&self, id: NodeId) -> Option<BlockId> {
        match self.node(id) {
            Node::Input(block, _) | Node::Read(block, _) => Some(block),
            _ => None,
        }
    }

    /// The first of these words that means nothing yet.
    fn word(&self, candidates: impl Iterator<Item = String>) -> String {
        let mut words = self.words.borrow_mut();
        let word = { candidates }.find(|word| !words.contains(word)).expect("there is always one more");
        words.insert(word.clone());
        word
    }

    /// Names for the indices of an element.
    fn index_names(&self, rank: usize) -> Vec<String> {
        (0..rank)
            .map(|_| {
                let letters = ["j", "k", "l", "m", "p", "q", "r", "s"].map(str::to_owned);
                self.word(letters.into_iter().chain((1..).map(|k| format!("j{k}"))))
            })
            .collect()
    }

    /// An axis that nothing else binds.
    fn fresh_axis(&self, like: Axis, states: bool) -> Result<Axis, NotRolled> {
        if self.builder.graph().axis_count() >= expr::graph::MAX_AXES {
            return Err(NotRolled::TooManyAxes);
        }
        let AxisNames { index, states: old } = self.builder.graph().axis_names(like).clone();
        let letters = ["k", "l", "m", "p", "q", "r", "s"].map(str::to_owned);
        let index = self.word(letters.into_iter().chain((1..).map(|k| format!("{index}{k}"))));
        let primed = |state: &String| self.word((1..).map(|k| format!("{state}{}", "'".repeat(k))));
        let states: Vec<String> = if states { old.iter().map(primed).collect() } else { Vec::new() };
        Ok(self.builder.axis(&index, &states.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    fn within_budget(&self) -> Result<(), NotRolled> {
        if self.builder.len() as u64 > self.max_nodes { Err(NotRolled::TooLarge) } else { Ok(()) }
    }

    fn size(&self, name: &str) -> Index {
        self.builder.size(name).into()
    }
}

/// An index form in sizes of a function, as it is written.
fn written(f: &Function, index: &Index) -> String {
    let builder = Builder::new(Style::Derived);
    f.graph().sizes().iter().for_each(|size| {
        builder.size(size);
    });
    let id = builder.spelled(index).id();
    syntax::written_out(&builder.finish(vec![id]), 0)
}

/// What every node is as a whole number, if it is made of sizes, index variables and integers.
pub fn index_forms(graph: &Graph) -> Vec<Option<Index>> {
    let mut forms: Vec<Option<Index>> = Vec::with_capacity(graph.len());
    for id in graph.ids() {
        let children = graph.children(id);
        let form = |k: usize| forms[children[k].index()].clone();
        forms.push(match graph.node(id) {
            Node::Symbol(symbol) => Some(symbol.into()),
            Node::Const(constant) => graph.constant(constant).as_integer().map(Index::from),
            Node::Binary(Op::Add, _) => form(0).and_then(|a| a.plus(&form(1)?)),
            Node::Binary(Op::Sub, _) => form(0).and_then(|a| a.minus(&form(1)?)),
            Node::Binary(Op::Mul, _) => form(0).and_then(|a| a.times(&form(1)?)),
            Node::Unary(Op::Neg, _) => form(0).and_then(|a| a.times(&(-1).into())),
            _ => None,
        });
    }
    forms
}

fn plus(a: &Index, b: &Index) -> Result<Index, NotRolled> {
    a.plus(b).ok_or(NotRolled::Overflow)
}

fn minus(a: &Index, b: &Index) -> Result<Index, NotRolled> {
    a.minus(b).ok_or(NotRolled::Overflow)
}

/// A condition, and the amount where it holds or where it does not; 0 otherwise.
fn guarded<'g>(condition: Expr<'g>, holds: bool, amount: Expr<'g>) -> Expr<'g> {
    let zero = amount.context().lift(&Constant::Integer(0));
    if holds { condition.select(amount, zero) } else { condition.select(zero, amount) }
}
