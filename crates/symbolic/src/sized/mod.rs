//! Derivatives for every size: formulas for every element of an indexed input, loops kept.
//!
//! The backward pass is that of [`Function::gradients`](expr::Function::gradients), loops and all. What it says of an indexed
//! input is a list of [parts](parts): the element `x[i+1]` receives this, for these values of `i`. The partial derivative by
//! `x[j]` is what arrives for those `i` with `i + 1 = j`: that is solved for `i`, and a condition says for which `j` there is such
//! an `i` ([`element`]). Programs add the parts up instead.

mod agreement;
mod arrays;
#[cfg(test)]
mod data_tests;
mod derivatives;
mod element;
mod extents;
mod outputs;
mod parts;
#[cfg(test)]
mod printed_tests;
mod products;
mod simplify;
mod substitute;
#[cfg(test)]
mod tests;
mod tidy;

pub use arrays::in_language;
pub use derivatives::{ByElement, Place, SizedDerivatives, SizedPartial, differentiate_sized};
pub use outputs::OutputIndex;
pub use parts::{Contribution, Contributions};
pub use simplify::simplify_sized;

use std::cell::RefCell;
use std::collections::HashSet;

use expr::graph::{AxisNames, AxisRange, Scope};
use expr::index::Index;
use expr::passes::NoDerivative;
use expr::scope::Axes;
use expr::{Axis, Builder, Constant, Expr, Function, Node, NodeId, Style};

/// Why there is no derivative for every size: sizes must be given.
///
/// ```
/// let f = syntax::parse("sum(i, 1, n, x[i]^2)").unwrap();
/// let x = symbolic::Place { block: f.graph().block_named("x").unwrap(), element: None };
/// assert_eq!(symbolic::differentiate_sized(&f, 1, &[x], 1).unwrap_err(), symbolic::NeedsSizes::TooLarge);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NeedsSizes {
    /// The derivative would have more axes than a function can have.
    #[error("the derivative would have too many index variables")]
    TooManyAxes,
    /// Loops are nested too deep, or branches.
    #[error("loops or branches are nested too deep")]
    TooDeep,
    /// A position is beyond the whole numbers.
    #[error("a position overflows")]
    Overflow,
    /// Outputs that are arrays are differentiated one by one.
    #[error("an output is an array")]
    ArrayOutput,
    /// Nothing says how long an input is that the derivative goes over.
    #[error("nothing says how long an input is")]
    UnknownLength,
    /// The derivative would be larger than its budget.
    #[error("the derivative would be too large")]
    TooLarge,
}

impl From<NoDerivative> for NeedsSizes {
    fn from(why: NoDerivative) -> NeedsSizes {
        match why {
            NoDerivative::NotOneNumber => NeedsSizes::ArrayOutput,
            NoDerivative::TooManyAxes => NeedsSizes::TooManyAxes,
            NoDerivative::UnknownIndices => NeedsSizes::UnknownLength,
        }
    }
}

/// More nested loops than people write; recursion goes as deep as they are nested.
const DEEPEST: usize = 48;

/// The graph of a function while formulas are added to it.
struct Draft {
    builder: Builder,
    max_nodes: u64,
    /// Per node, the axes that it is free in.
    free: RefCell<Vec<Axes>>,
    /// Words that mean something.
    words: RefCell<HashSet<String>>,
}

impl Draft {
    fn new(f: &Function, max_nodes: u64) -> Result<Draft, NeedsSizes> {
        let graph = f.graph();
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
            return Err(NeedsSizes::TooDeep);
        }
        Ok(Draft { words: RefCell::new(words), ..Draft::over(f, max_nodes) })
    }

    /// Over the graph of a function, with no names to look out for.
    fn over(f: &Function, max_nodes: u64) -> Draft {
        Draft {
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
        self.builder.graph().scope(id).expect("loops bind an axis").range.clone()
    }

    /// The axes that a node is free in.
    fn free(&self, id: NodeId) -> Axes {
        let mut free = self.free.borrow_mut();
        if id.index() >= free.len() {
            self.builder.graph().extend_free_axes(&mut free);
        }
        free[id.index()]
    }

    /// The first of these words that means nothing yet.
    fn word(&self, candidates: impl Iterator<Item = String>) -> String {
        let mut words = self.words.borrow_mut();
        let word = { candidates }.find(|word| !words.contains(word)).expect("there is always one more");
        words.insert(word.clone());
        word
    }

    /// The name of an axis for another use, where nothing but the axis is called so.
    fn own_word(&self, word: &str, axis: Axis) -> Option<String> {
        let graph = self.builder.graph();
        let others = graph.axes().filter(|other| *other != axis);
        let taken = others
            .map(|other| graph.axis_names(other))
            .any(|names| names.index == word || names.states.iter().any(|state| state == word));
        let free =
            !taken && !graph.sizes().iter().any(|size| size == word) && graph.block_named(word).is_none();
        free.then(|| word.to_owned())
    }

    /// A name for an index of an element.
    fn index_name(&self) -> String {
        let letters = ["j", "k", "l", "m", "p", "q", "r", "s"].map(str::to_owned);
        self.word(letters.into_iter().chain((1..).map(|k| format!("j{k}"))))
    }

    /// A new axis.
    fn axis(&self, index: &str, states: &[&str]) -> Result<Axis, NeedsSizes> {
        if self.builder.graph().axis_count() >= expr::graph::MAX_AXES {
            return Err(NeedsSizes::TooManyAxes);
        }
        Ok(self.builder.axis(index, states))
    }

    /// An axis that nothing else binds.
    fn fresh_axis(&self, like: Axis) -> Result<Axis, NeedsSizes> {
        let AxisNames { index, states: old } = self.builder.graph().axis_names(like).clone();
        let letters = ["k", "l", "m", "p", "q", "r", "s"].map(str::to_owned);
        let index = self.word(letters.into_iter().chain((1..).map(|k| format!("{index}{k}"))));
        let primed = |state: &String| self.word((1..).map(|k| format!("{state}{}", "'".repeat(k))));
        let states: Vec<String> = old.iter().map(primed).collect();
        self.axis(&index, &states.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn within_budget(&self) -> Result<(), NeedsSizes> {
        if self.builder.len() as u64 > self.max_nodes { Err(NeedsSizes::TooLarge) } else { Ok(()) }
    }

    fn size(&self, name: &str) -> Index {
        self.builder.size(name).into()
    }
}

/// An index form in sizes of a function, as it is written.
fn written(f: &Function, index: &Index) -> String {
    let builder = Builder::new(Style::Derived);
    builder.copy_blocks(f.graph());
    f.graph().sizes().iter().for_each(|size| {
        builder.size(size);
    });
    let id = builder.spelled(index).id();
    syntax::written_out(&builder.finish(vec![id]), 0)
}

fn plus(a: &Index, b: &Index) -> Result<Index, NeedsSizes> {
    a.plus(b).ok_or(NeedsSizes::Overflow)
}

fn minus(a: &Index, b: &Index) -> Result<Index, NeedsSizes> {
    a.minus(b).ok_or(NeedsSizes::Overflow)
}
