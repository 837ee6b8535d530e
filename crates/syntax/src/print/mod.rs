//! A graph back to text: shared nodes get a name, everything else is written where it is used.
//!
//! A shared node with free index variables becomes a definition with those as parameters; a definition is expanded
//! once per set of arguments when read, so the same graph comes back. The text is linear in the graph.
//!
//! What only passes make is written so that it can be read by people, and not back: `scatter(…)`, iterations from the last step to the first
//! (`iterate_down`), and arrays of anything but the states after each step (`each`, `each_down`).

mod arrays;
mod header;
mod nodes;

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::keywords::RESERVED;
use super::truth;
use crate::library::written;
use expr::graph::{AxisNames, Graph};
use expr::index::{Index, Symbol};
use expr::scope::Axes;
use expr::{Axis, Function, Node, NodeId, Op};

/// Precedence of what needs no parentheses anywhere.
const ATOM: u8 = 9;
/// Between arguments of a call, and of operators between conditions.
const LOOSE: u8 = 0;
/// What `and` and `or` join.
const CONDITION: u8 = 1;

/// More binders of one axis than this are all kept apart.
const MOST_BESIDE: usize = 20;

struct Printer<'f> {
    f: &'f Function,
    free: Vec<Axes>,
    /// Per node, the axes on whose states it depends.
    states: Vec<Axes>,
    /// What each axis and its states are called: no two alike, and none like an input or a size.
    axes: Vec<AxisNames>,
    /// The name of a node that has one, with its parameters.
    names: FxHashMap<NodeId, String>,
    taken: FxHashSet<String>,
    /// The functions of the library that are called.
    called: FxHashSet<&'static str>,
    /// Per node, whether it is a condition.
    truths: Vec<bool>,
    fresh: usize,
    sharing: Sharing,
}

/// Which parts get names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// All that is used more than once, and what has a name: the text is linear in the graph.
    #[default]
    Always,
    /// Only what is long and used more than once: [`LONG`] operators, numbers and names, those of named parts aside.
    Long,
}

/// Parts of formulas for readers that are shorter than this are written out wherever they are used.
pub const LONG: u32 = 12;

/// The function in the language, one statement per line; reading it gives the same graph.
pub fn text(f: &Function) -> String {
    let mut printer = Printer::new(f);
    let mut out = printer.sizes_of_values();
    out.extend(printer.definitions(f.outputs()));
    let mut body = printer.outputs();
    let header = printer.header(&out, &body);
    if header.is_empty() && !out.is_empty() && body.starts_with('-') {
        // It would seem to continue the line before.
        body = format!("({body})");
    }
    out.extend([header + &body]);
    out.join("\n")
}

/// The text of each of these outputs of a function by itself, shared parts named within it: `t1 = …; t1*t1`.
pub fn formulas(f: &Function, outputs: impl IntoIterator<Item = usize>) -> Vec<String> {
    formulas_sharing(f, outputs, Sharing::Always)
}

/// The same with names for other parts.
pub fn formulas_sharing(
    f: &Function,
    outputs: impl IntoIterator<Item = usize>,
    sharing: Sharing,
) -> Vec<String> {
    outputs
        .into_iter()
        .map(|k| {
            let output = f.outputs()[k];
            let mut printer = Printer { sharing, ..Printer::new(f) };
            let mut lines = printer.definitions(&[output]);
            lines.push(printer.expression(output, LOOSE, true));
            lines.join("; ")
        })
        .collect()
}

/// The function as statements of one line each: shared parts, then every output under its label, then the list of all,
/// as a definition of this name with all inputs as parameters. Reading it gives the same function.
///
/// # Panics
/// When there are not as many labels as outputs.
pub fn listing(f: &Function, name: &str, labels: &[&str], sharing: Sharing) -> String {
    let outputs = f.outputs();
    assert_eq!(outputs.len(), labels.len(), "one label per output");
    let mut printer = Printer { sharing, ..Printer::new(f) };
    let labels: Vec<String> = labels.iter().map(|label| printer.unused(label)).collect();
    let name = printer.unused(name);
    let mut lines = printer.sizes_of_values();
    lines.extend(printer.definitions(outputs));
    let texts = outputs.iter().map(|&output| printer.expression(output, LOOSE, false));
    match &*labels {
        [label] => lines.extend(texts.map(|text| printer.headed(label) + &text)),
        _ => {
            lines.extend(labels.iter().zip(texts).map(|(label, text)| format!("{label} = {text}")));
            lines.push(format!("{}[{}]", printer.headed(&name), labels.join(", ")));
        }
    }
    lines.join("\n")
}

/// The text of one output with every shared part written out wherever it is used: for small formulas.
pub fn written_out(f: &Function, output: usize) -> String {
    Printer::new(f).expression(f.outputs()[output], LOOSE, true)
}

impl<'f> Printer<'f> {
    fn new(f: &'f Function) -> Self {
        let graph = f.graph();
        let mut taken: FxHashSet<String> = graph.blocks().iter().map(|block| block.name.clone()).collect();
        taken.extend(graph.sizes().iter().cloned());
        taken.extend(RESERVED.map(str::to_owned));
        let mut axes: Vec<AxisNames> = Vec::new();
        // An axis that nothing binds any more takes no name from the others.
        let bound: BTreeSet<Axis> = graph.ids().filter_map(|id| Some(graph.scope(id)?.range.axis)).collect();
        for axis in graph.axes() {
            let names = graph.axis_names(axis);
            if !bound.contains(&axis) {
                axes.push(names.clone());
                continue;
            }
            let mut unique = |word: &String| {
                let mut name = word.clone();
                let mut k = 2;
                while !taken.insert(name.clone()) {
                    name = format!("{word}_{k}");
                    k += 1;
                }
                name
            };
            let index = unique(&names.index);
            axes.push(AxisNames { index, states: names.states.iter().map(&mut unique).collect() });
        }
        let free = graph.free_axes();
        let operators = || graph.nodes().iter().filter_map(|node| node.op());
        let orders =
            operators().filter(|op| op.takes_integer()).flat_map(|op| [0, 1].map(|k| written(op, k).0));
        let called = operators().map(Op::name).chain(orders).collect();
        let mut truths = Vec::new();
        truth::extend(graph, &mut truths);
        Printer {
            f,
            states: graph.free_states(),
            free,
            axes,
            names: FxHashMap::default(),
            taken,
            called,
            truths,
            fresh: 0,
            sharing: Sharing::Always,
        }
    }

    fn graph(&self) -> &'f Graph {
        self.f.graph()
    }

    /// A name that is like this word and none that is taken; it is taken from now on.
    fn unused(&mut self, word: &str) -> String {
        let mut name = word.to_owned();
        while !self.taken.insert(name.clone()) {
            name.push('\'');
        }
        name
    }

    /// Definitions that are read nowhere but say that a name is a size, for each size that nothing but values mention: it would be
    /// read as an input.
    fn sizes_of_values(&mut self) -> Vec<String> {
        let graph = self.graph();
        let (mut values, mut indices) = (BTreeSet::new(), BTreeSet::new());
        for id in graph.ids() {
            if let Node::Symbol(symbol @ Symbol::Size(_)) = graph.node(id) {
                values.insert(symbol);
            }
            if let Node::Read(_, position) | Node::Element(_, position) = graph.node(id) {
                indices.extend(graph.position(position).iter().flat_map(Index::symbols));
            }
            if let Some(scope) = graph.scope(id) {
                indices.extend([&scope.range.low, &scope.range.high].into_iter().flat_map(Index::symbols));
            }
        }
        indices.extend(
            graph.blocks().iter().flat_map(|block| block.declared.iter().flatten()).flat_map(Index::symbols),
        );
        let apart: Vec<Symbol> = values.difference(&indices).copied().collect();
        let line = |symbol: Symbol| {
            let size = self.symbol(symbol);
            let [name, index] = [&format!("size_{size}"), "i"].map(|word| self.unused(word));
            self.taken.remove(&index);
            format!("{name} = sum({index}, 1, {size}, 1)")
        };
        apart.into_iter().map(line).collect()
    }

    /// Names what is used more than once below `roots`, and writes the definitions, in evaluation order.
    fn definitions(&mut self, roots: &[NodeId]) -> Vec<String> {
        let graph = self.graph();
        let mut uses = vec![0u32; graph.len()];
        let reached = graph.reached_from(roots);
        let read = graph.ids().filter(|id| reached[id.index()]).flat_map(|id| self.written_children(id));
        roots.iter().chain(read).for_each(|used| uses[used.index()] += 1);
        let read = self.read_arrays(&reached);
        let mut lines = Vec::new();
        let mut lengths = vec![1u32; graph.len()];
        for id in graph.ids().filter(|id| reached[id.index()]) {
            let below = graph.children(id).iter().map(|child| lengths[child.index()]);
            let length = below.fold(1, u32::saturating_add);
            lengths[id.index()] = length;
            let own = graph.name(id).filter(|name| self.is_free_name(name)).map(str::to_owned);
            // A binder of an axis that may be bound around it as well is kept apart, or the two would get one name.
            let shared = uses[id.index()] > 1 && !self.is_leaf(id);
            let named = match self.sharing {
                Sharing::Always => {
                    shared || (own.is_some() && self.free[id.index()].is_empty() && !roots.contains(&id))
                }
                Sharing::Long => shared && length >= LONG,
            };
            if !(named || read[id.index()] || self.binds_again(id)) {
                continue;
            }
            lengths[id.index()] = 1;
            let name = own.unwrap_or_else(|| self.fresh_name());
            self.taken.insert(name.clone());
            let parameters = self.parameters(id);
            let name =
                if parameters.is_empty() { name } else { format!("{name}({})", parameters.join(", ")) };
            lines.push(match graph.node(id) {
                Node::Array(..) if parameters.is_empty() => self.array_definition(&name, id),
                _ => format!("{name} = {}", self.expression(id, LOOSE, true)),
            });
            self.names.insert(id, name);
        }
        lines
    }

    fn is_free_name(&self, name: &str) -> bool {
        // A definition hides the function of its name.
        !self.taken.contains(name) && !self.called.contains(name)
    }

    /// Nodes that are as short as a name, and those that only make sense where they stand.
    fn is_leaf(&self, id: NodeId) -> bool {
        matches!(
            self.graph().node(id),
            Node::Const(_)
                | Node::Input(..)
                | Node::Symbol(_)
                | Node::State(..)
                | Node::Read(..)
                | Node::Element(..)
                | Node::Iterate(_)
        )
    }

    /// Whether an unrelated binder of the same axis occurs anywhere else in the graph.
    fn binds_again(&self, id: NodeId) -> bool {
        let axis_of = |id: NodeId| match self.graph().node(id) {
            Node::Reduce(..) | Node::Array(..) => self.graph().scope(id).map(|scope| scope.range.axis),
            Node::Project([all], _) => self.graph().scope(all).map(|scope| scope.range.axis),
            _ => None,
        };
        let Some(axis) = axis_of(id) else { return false };
        if self.f.outputs().contains(&id) {
            return false;
        }
        // An array that has a name stands nowhere but in its definition.
        let apart = |other: NodeId| {
            self.names.contains_key(&other) && matches!(self.graph().node(other), Node::Array(..))
        };
        let others: Vec<NodeId> = { self.graph().ids() }
            .filter(|&other| other != id && axis_of(other) == Some(axis) && !apart(other))
            .collect();
        // Beside each other they may have one name, one in the other not. Many are not looked at one by one.
        others.len() > MOST_BESIDE || {
            let below = self.graph().reached_from(&[id]);
            others
                .iter()
                .any(|other| below[other.index()] || self.graph().reached_from(&[*other])[id.index()])
        }
    }

    fn fresh_name(&mut self) -> String {
        loop {
            self.fresh += 1;
            let name = format!("t{}", self.fresh);
            if !self.taken.contains(&name) {
                return name;
            }
        }
    }

    /// The index variables and states that a node depends on, by name.
    fn parameters(&self, id: NodeId) -> Vec<String> {
        let mut names = Vec::new();
        for axis in self.free[id.index()].iter() {
            let all = &self.axes[axis.index()];
            names.push(all.index.clone());
            // A sum over the axis of an iteration has no states.
            if self.states[id.index()].contains(axis) {
                names.extend(all.states.iter().cloned());
            }
        }
        names
    }

    /// All outputs: one expression, or a list.
    fn outputs(&mut self) -> String {
        match self.f.outputs() {
            [output] => self.expression(*output, LOOSE, true),
            outputs => {
                let all: Vec<String> =
                    outputs.iter().map(|&output| self.expression(output, LOOSE, true)).collect();
                format!("[{}]", all.join(", "))
            }
        }
    }
}
