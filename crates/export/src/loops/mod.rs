//! Programs with loops, for any language that has them: a graph with axes becomes lines.
//!
//! A *block* is what is computed for one value of the axes around it. What a loop's body needs that does not depend on the loop is
//! computed before it; what is shared gets a name where it is first needed; loops over the same range that do not need each other
//! are one loop. So Rosenbrock's function and its gradient are a single loop: its value is a sum over i, and so is what x[i] and
//! x[i+1] receive.

mod arrays;
mod emit;
mod iterations;
mod plan;

use std::collections::{BTreeMap, HashMap};

use expr::graph::AxisRange;
use expr::index::{Index, Symbol};
use expr::scope::Axes;
use expr::{Axis, Fold, Function, Node, NodeId};

use super::identifiers::Identifiers;
use super::program::{Dialect, Writer};
use super::statements::Piece;

/// A line of a program, its expressions in the language already.
pub(super) enum Line {
    /// A number that does not change.
    Define(String, String),
    /// A number that changes, and what it starts as.
    Variable(String, String),
    /// A number that both branches of an `If` set.
    Declare(String),
    /// A variable or an element gets a value.
    Assign(String, String),
    /// It gets a value by `+=` or `*=`.
    Update(String, &'static str, String),
    /// An array of zeros, by its extents; it goes with the lines around it.
    Array(String, Vec<String>),
    /// From one whole number to another, none when that is smaller.
    /// `end` is one more than `high`, or where the index goes down one less than `low`.
    Loop {
        index: String,
        low: String,
        high: String,
        end: String,
        down: bool,
        body: Vec<Line>,
    },
    If {
        test: String,
        then: Vec<Line>,
        otherwise: Vec<Line>,
    },
}

/// A loop around a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Range {
    /// The axis, or the size that stands for the index of an element.
    pub(super) symbol: Symbol,
    pub(super) low: Index,
    pub(super) high: Index,
}

impl From<&AxisRange> for Range {
    fn from(range: &AxisRange) -> Range {
        Range { symbol: Symbol::Axis(range.axis), low: range.low.clone(), high: range.high.clone() }
    }
}

/// What is done with a number.
#[derive(Clone, Debug)]
pub(super) enum Sink {
    /// It is the result of this number.
    Give(usize),
    /// It is set as an element of an array, or added to it.
    Element { array: usize, position: Vec<Index>, add: bool },
    /// It is added to a variable, multiplied into it, or replaces it where it is larger or smaller.
    Accumulate(String, Fold),
}

/// A number that is wanted.
#[derive(Clone, Debug)]
pub(super) struct Goal {
    /// The loops around it that are still to be opened, outermost first.
    pub(super) loops: Vec<Range>,
    pub(super) node: NodeId,
    pub(super) sink: Sink,
}

/// An array: its name, how far it goes along each index, and where each begins if that is not 1. A number has no index.
#[derive(Clone, Debug)]
pub(super) struct Array {
    pub(super) name: String,
    pub(super) extents: Vec<Extent>,
    pub(super) lows: Vec<Index>,
}

/// How far an array goes along an index.
#[derive(Clone, Debug)]
pub(super) enum Extent {
    Form(Index),
    /// An argument of this name says it.
    Argument(String),
}

/// How a language writes what loops need, beyond its dialect.
pub(super) struct Syntax {
    pub(super) dialect: &'static Dialect,
    /// An element, by its array and one index per dimension that count from 0; extents after the first.
    pub(super) element: fn(&str, &[Piece], &[Piece]) -> String,
    /// A whole number as a number.
    pub(super) number: fn(&Piece) -> Piece,
    /// The number that is larger than all others.
    pub(super) infinity: &'static str,
}

/// A set of index variables and sizes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Symbols {
    axes: Axes,
    /// Bit k for size k.
    sizes: u64,
}

impl Symbols {
    fn is_empty(self) -> bool {
        self == Symbols::default()
    }
}

impl std::ops::BitOr for Symbols {
    type Output = Symbols;
    fn bitor(self, other: Symbols) -> Symbols {
        Symbols { axes: self.axes | other.axes, sizes: self.sizes | other.sizes }
    }
}

impl std::ops::BitOrAssign for Symbols {
    fn bitor_assign(&mut self, other: Symbols) {
        *self = *self | other;
    }
}

impl std::ops::BitAnd for Symbols {
    type Output = Symbols;
    fn bitand(self, other: Symbols) -> Symbols {
        Symbols { axes: self.axes & other.axes, sizes: self.sizes & other.sizes }
    }
}

/// Those of the one that the other has not.
impl std::ops::Sub for Symbols {
    type Output = Symbols;
    fn sub(self, other: Symbols) -> Symbols {
        Symbols { axes: self.axes - other.axes, sizes: self.sizes & !other.sizes }
    }
}
/// The place of an element in an array that is row after row, by its indices and the extents after the first.
pub(super) fn row_major(first: &Piece, rest: &[Piece], extents: &[Piece]) -> Piece {
    rest.iter().zip(extents).fold(first.clone(), |at, (place, extent)| {
        let (at, extent) = (at.within(3, ("(", ")")), extent.within(4, ("(", ")")));
        Piece::new(format!("{at}*{extent} + {}", place.within(3, ("(", ")"))), 2)
    })
}

/// More sizes than this are refused, as sets of them are machine words.
pub(super) const MAX_SIZES: usize = 64;

fn bit(symbol: Symbol) -> Symbols {
    match symbol {
        Symbol::Axis(axis) => Symbols { axes: Axes::of(axis), sizes: 0 },
        Symbol::Size(size) => Symbols { axes: Axes::NONE, sizes: 1 << size },
        Symbol::Datum(_) => unreachable!("derivatives for every size have no data"),
    }
}

fn symbols_of<'a>(forms: impl IntoIterator<Item = &'a Index>) -> Symbols {
    forms.into_iter().flat_map(Index::symbols).fold(Symbols::default(), |all, symbol| all | bit(symbol))
}

/// What is computed for one value of the axes that it binds.
#[derive(Default)]
struct Block {
    bound: Symbols,
    /// What has been written, by its node.
    pieces: HashMap<NodeId, Piece>,
    /// What iterations that have been written left behind: their states, and what they kept of each step.
    results: HashMap<NodeId, Vec<Array>>,
    /// Arrays that have been written.
    arrays: HashMap<NodeId, Array>,
    lines: Vec<Line>,
}

/// Turns goals into lines.
pub(super) struct Planner<'f, 'n> {
    f: &'f Function,
    syntax: &'static Syntax,
    pub(super) writer: Writer<'static>,
    names: &'n mut Identifiers,
    /// What inputs are called.
    inputs: Vec<Array>,
    arrays: Vec<Array>,
    /// Per node, the symbols that it is free in.
    free: Vec<Symbols>,
    /// Whether a node is made of literals alone, so that nothing says which kind of number it is.
    literal: Vec<bool>,
    blocks: Vec<Block>,
    /// What symbols are called, innermost last.
    symbols: Vec<(Symbol, String)>,
    /// What states are called, innermost last.
    states: Vec<(Axis, Vec<Array>)>,
    /// Per node, how many indices it has.
    ranks: Vec<usize>,
    shared: usize,
}

impl<'f, 'n> Planner<'f, 'n> {
    pub(super) fn new(
        f: &'f Function,
        syntax: &'static Syntax,
        names: &'n mut Identifiers,
        inputs: Vec<Array>,
        arrays: Vec<Array>,
        sizes: Vec<(Symbol, String)>,
    ) -> Planner<'f, 'n> {
        let graph = f.graph();
        let axes = graph.free_axes();
        let mut free: Vec<Symbols> = Vec::with_capacity(graph.len());
        let mut literal: Vec<bool> = Vec::with_capacity(graph.len());
        for id in graph.ids() {
            let children = graph.children(id);
            let mut all = children.iter().fold(Symbols::default(), |all, child| all | free[child.index()]);
            match graph.node(id) {
                Node::Symbol(symbol) => all |= bit(symbol),
                Node::Read(_, position) | Node::Element(_, position) => {
                    all |= symbols_of(graph.position(position));
                }
                _ => {
                    if let Some(scope) = graph.scope(id) {
                        all |= symbols_of([&scope.range.low, &scope.range.high]);
                    }
                }
            }
            // Sizes are never bound by a node; axes are.
            free.push(Symbols { axes: axes[id.index()], ..all });
            literal.push(match graph.node(id) {
                Node::Const(_) => true,
                node => node.op().is_some() && children.iter().all(|child| literal[child.index()]),
            });
        }
        Planner {
            f,
            syntax,
            writer: Writer::new(syntax.dialect, Vec::new()),
            names,
            inputs,
            arrays,
            free,
            literal,
            blocks: Vec::new(),
            symbols: sizes,
            states: Vec::new(),
            ranks: arrays::ranks(graph),
            shared: 0,
        }
    }

    /// Whether a condition is about indices alone, so that the branch that is not taken may not be there.
    fn is_of_indices(&self, condition: NodeId) -> bool {
        let graph = self.f.graph();
        !self.free[condition.index()].is_empty() && {
            let below = graph.reached_from(&[condition]);
            graph.ids().filter(|id| below[id.index()]).all(|id| {
                matches!(graph.node(id), Node::Const(_) | Node::Symbol(_)) || graph.node(id).op().is_some()
            })
        }
    }

    /// What is as short as a name, or is read where it stands.
    fn is_leaf(&self, id: NodeId) -> bool {
        let node = self.f.graph().node(id);
        matches!(node, Node::Const(_) | Node::Input(..) | Node::Symbol(_) | Node::Read(..) | Node::State(..))
            || self.f.graph().index_form(id).is_some()
    }

    /// A whole number in the language.
    pub(super) fn whole(&self, form: &Index) -> Piece {
        let mut terms: Vec<(String, i64)> = { form.terms().iter() }
            .map(|(symbols, factor)| {
                let names: Vec<&str> = symbols.iter().map(|&symbol| self.symbol(symbol)).collect();
                (names.join("*"), *factor)
            })
            .collect();
        terms.sort_by_key(|(names, factor)| (names.is_empty(), *factor < 0));
        let mut out = String::new();
        for (names, factor) in &terms {
            let sign = match (out.is_empty(), *factor < 0) {
                (true, true) => "-",
                (true, false) => "",
                (false, true) => " - ",
                (false, false) => " + ",
            };
            out += sign;
            out += &match (factor.unsigned_abs(), names.is_empty()) {
                (1, false) => names.clone(),
                (size, true) => size.to_string(),
                (size, false) => format!("{size}*{names}"),
            };
        }
        match terms.as_slice() {
            [] => Piece::atom("0"),
            [(names, factor)]
                if *factor > 0 && (*factor == 1 || names.is_empty()) && !names.contains('*') =>
            {
                Piece::atom(out)
            }
            [(_, factor)] if *factor > 0 => Piece::new(out, 3),
            _ => Piece::new(out, 2),
        }
    }

    fn symbol(&self, symbol: Symbol) -> &str {
        let known = self.symbols.iter().rev().find(|(known, _)| *known == symbol);
        &known.expect("symbols are bound where they are read").1
    }

    /// An element of an array, at a position that counts from 1.
    fn element(&self, array: &Array, position: &[Index]) -> Piece {
        let from_zero = |(k, form): (usize, &Index)| {
            let low = array.lows.get(k).cloned().unwrap_or_else(|| 1.into());
            self.whole(&form.minus(&low).expect("a difference of two positions does not overflow"))
        };
        let places: Vec<Piece> = position.iter().enumerate().map(from_zero).collect();
        let extents: Vec<Piece> = array.extents.iter().skip(1).map(|extent| self.extent(extent)).collect();
        Piece::atom((self.syntax.element)(&array.name, &places, &extents))
    }

    pub(super) fn extent(&self, extent: &Extent) -> Piece {
        match extent {
            Extent::Form(form) => self.whole(form),
            Extent::Argument(name) => Piece::atom(name.clone()),
        }
    }

    fn fresh(&mut self) -> String {
        self.shared += 1;
        format!("t{}", self.shared)
    }

    /// All results and all lines.
    pub(super) fn program(
        &mut self,
        goals: Vec<Goal>,
    ) -> Result<(Vec<Line>, BTreeMap<usize, Piece>), super::Inexpressible> {
        self.blocks.push(Block::default());
        let results = self.block(goals)?;
        Ok((self.blocks.pop().expect("it was put there").lines, results))
    }
}
