//! Formulas for every size: sums and products over an index, shared parts as functions of their indices.

use expr::graph::AxisRange;
use expr::index::{Index, Symbol};
use expr::scope::Axes;
use expr::{Fold, Function, Node, NodeId};

use super::{BRACKETS, Writer, symbol};
use crate::statements::{ATOM, Language, Piece};
use crate::{Caption, Inexpressible};
use symbolic::SizedDerivatives;

/// Parts of so few characters are written where they are used.
const SHORT: usize = 24;

struct Sized<'f> {
    f: &'f Function,
    writer: Writer,
    free: Vec<Axes>,
    pieces: Vec<Piece>,
}

impl Sized<'_> {
    fn symbol(&self, of: Symbol) -> String {
        let graph = self.f.graph();
        match of {
            Symbol::Axis(axis) => symbol(&graph.axis_names(axis).index),
            Symbol::Size(size) => symbol(&graph.sizes()[size as usize]),
        }
    }

    fn index(&self, form: &Index) -> String {
        form.text(|of| self.symbol(of)).replace('*', r"\,")
    }

    /// An element: `x_{i+1}`.
    fn element(&self, block: &str, position: &[Index]) -> Piece {
        let places: Vec<String> = position.iter().map(|form| self.index(form)).collect();
        Piece::atom(format!("{{{}}}_{{{}}}", symbol(block), places.join(",")))
    }

    /// `\sum_{i=1}^{n}`.
    fn over(&self, sign: &str, range: &AxisRange) -> String {
        let index = self.symbol(Symbol::Axis(range.axis));
        format!(r"{sign}_{{{index}={}}}^{{{}}}", self.index(&range.low), self.index(&range.high))
    }

    /// An iteration has no sign in mathematics: what states begin as, and what replaces them.
    fn iteration(&self, id: NodeId, k: usize) -> Piece {
        let graph = self.f.graph();
        let scope = graph.scope(id).expect("an iteration binds an axis");
        let states: Vec<String> =
            graph.axis_names(scope.range.axis).states.iter().map(|name| symbol(name)).collect();
        let text = |ids: &[NodeId]| -> Vec<String> {
            ids.iter().map(|id| self.pieces[id.index()].text.clone()).collect()
        };
        let list = |all: Vec<String>| match all.as_slice() {
            [one] => one.clone(),
            all => format!(r"\left({}\right)", all.join(", ")),
        };
        let (starts, nexts) = (list(text(scope.outside)), list(text(scope.inside)));
        let sign = self.over(r"\mathop{\mathrm{iterate}}\limits", scope.range);
        let states_text = list(states.clone());
        let which = if states.len() > 1 { format!("_{{[{}]}}", k + 1) } else { String::new() };
        Piece::atom(format!(
            r"{sign}\left({states_text} := {starts};\; {states_text} \leftarrow {nexts}\right){which}"
        ))
    }

    fn written(&mut self, id: NodeId) -> Result<Piece, Inexpressible> {
        let graph = self.f.graph();
        let arguments: Vec<Piece> =
            graph.children(id).iter().map(|child| self.pieces[child.index()].clone()).collect();
        Ok(match graph.node(id) {
            Node::Const(constant) => self.writer.constant(graph.constant(constant), false),
            Node::Input(block, offset) => Piece::atom(symbol(&graph.block(block).element(offset))),
            Node::Symbol(of) => Piece::atom(self.symbol(of)),
            Node::Read(block, position) => self.element(&graph.block(block).name, graph.position(position)),
            Node::State(axis, k) => Piece::atom(symbol(&graph.axis_names(axis).states[k as usize])),
            Node::Fold(fold, _) => self.writer.fold(fold, &arguments)?,
            Node::Reduce(fold, range, _) => {
                let sign = match fold {
                    Fold::Sum => r"\sum",
                    Fold::Product => r"\prod",
                    Fold::Max => r"\max",
                    Fold::Min => r"\min",
                };
                let body = arguments[0].within(if fold == Fold::Sum { 3 } else { 4 }, BRACKETS);
                Piece::new(format!("{} {body}", self.over(sign, graph.range(range))), 2)
            }
            // Read by its results alone.
            Node::Iterate(_) => Piece::atom(""),
            Node::Project([all], k) => self.iteration(all, k as usize),
            node => self.writer.apply(node.op().expect("all others are operators"), &arguments)?,
        })
    }

    /// The indices and states that a part depends on.
    fn parameters(&self, id: NodeId) -> Vec<String> {
        let graph = self.f.graph();
        let mut names = Vec::new();
        for axis in self.free[id.index()].iter() {
            let all = graph.axis_names(axis);
            names.push(symbol(&all.index));
            names.extend(all.states.iter().map(|state| symbol(state)));
        }
        names
    }
}

pub(crate) fn sized(
    found: &SizedDerivatives,
    formulas: &Function,
    caption: Caption<'_>,
) -> Result<String, Inexpressible> {
    let graph = formulas.graph();
    let free = graph.free_axes();
    let taken = |part: &str| {
        let blocks = graph.blocks().iter().map(|block| &block.name);
        blocks.chain(graph.sizes()).any(|name| name.starts_with(part))
    };
    let part = ["t", "u", "v", "w"].into_iter().find(|part| !taken(part)).unwrap_or(r"\tau");
    let writer = Writer { inputs: Vec::new(), part, repeated: 1 };
    let mut sized = Sized { f: formulas, writer, free, pieces: Vec::with_capacity(graph.len()) };
    let mut uses = vec![0u32; graph.len()];
    graph.ids().flat_map(|id| graph.children(id)).for_each(|child| uses[child.index()] += 1);
    formulas.outputs().iter().for_each(|output| uses[output.index()] += 1);
    let mut lines: Vec<(String, String)> = Vec::new();
    for id in graph.ids() {
        let mut piece = sized.written(id)?;
        let is_leaf = !matches!(graph.node(id), Node::Reduce(..) | Node::Project(..) | Node::Fold(..))
            && graph.node(id).op().is_none();
        let shared = uses[id.index()] > 1 && piece.text.len() > SHORT && piece.test.is_none();
        if !is_leaf && (shared || piece.text.len() > 400 && !formulas.outputs().contains(&id)) {
            let parameters = sized.parameters(id);
            let mut name = sized.writer.bound(lines.len() + 1);
            if !parameters.is_empty() {
                name += &format!(r"\left({}\right)", parameters.join(", "));
            }
            lines.push((name.clone(), piece.text));
            piece = Piece::new(name, ATOM);
        }
        sized.pieces.push(piece);
    }
    for (partial, output) in found.partials.iter().zip(formulas.outputs()) {
        let power = |k: usize| if k > 1 { format!("^{{{k}}}") } else { String::new() };
        let of = match found.outputs > 1 {
            true => format!("{}_{{{}}}", symbol(caption.name), partial.output + 1),
            false => symbol(caption.name),
        };
        let names: Vec<String> = partial.by.iter().map(|by| symbol(&by.name())).collect();
        let below: Vec<String> = { names.chunk_by(|a, b| a == b) }
            .map(|group| format!(r"\partial {}{}", group[0], power(group.len())))
            .collect();
        let left = format!(r"\frac{{\partial{} {of}}}{{{}}}", power(partial.by.len()), below.join(r"\,"));
        let mut ranges: Vec<String> = Vec::new();
        for by in &partial.by {
            for (index, extent) in by.indices.iter().zip(&by.extents) {
                let range = extent
                    .as_ref()
                    .map(|extent| format!(r"{} = 1, \dots, {}", symbol(index), extent.replace('*', r"\,")));
                ranges.extend(range.filter(|range| !ranges.contains(range)));
            }
        }
        let mut right = sized.pieces[output.index()].text.clone();
        if !ranges.is_empty() {
            right += &format!(r" \qquad {}", ranges.join(r",\; "));
        }
        lines.push((left, right));
    }
    if let [(left, right)] = lines.as_slice() {
        return Ok(format!("{left} = {right}\n"));
    }
    let lines: Vec<String> = lines.iter().map(|(left, right)| format!("{left} &= {right}")).collect();
    Ok(format!("\\begin{{aligned}}\n{}\n\\end{{aligned}}\n", lines.join(" \\\\[4pt]\n")))
}
