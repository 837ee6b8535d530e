//! Formulas for every size: sums and products over an index, shared parts as functions of their indices.

use expr::graph::AxisRange;
use expr::index::{Datum, Index, Symbol};
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
            Symbol::Datum(_) => unreachable!("a datum is written with its form"),
        }
    }

    fn index(&self, form: &Index) -> String {
        let written = |of| match of {
            Symbol::Datum(k) => {
                let Datum { block, position } = &form.data()[k as usize];
                let indices: Vec<String> = position.iter().map(|form| self.index(form)).collect();
                format!("{}_{{{}}}", symbol(&self.f.graph().block(*block).name), indices.join(","))
            }
            of => self.symbol(of),
        };
        form.text(written).replace('*', r"\,")
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

    /// An iteration has no sign in mathematics: what states begin as, what replaces them, and what is kept of every step. The index
    /// goes from what stands below to what stands above.
    fn iteration(&self, all: NodeId, k: usize) -> Piece {
        let graph = self.f.graph();
        let scope = graph.scope(all).expect("an iteration binds an axis");
        let names: Vec<String> =
            graph.axis_names(scope.range.axis).states.iter().map(|name| symbol(name)).collect();
        let text = |ids: &[NodeId]| -> Vec<String> {
            ids.iter().map(|id| self.pieces[id.index()].text.clone()).collect()
        };
        let list = |all: Vec<String>| match all.as_slice() {
            [one] => one.clone(),
            all => format!(r"\left({}\right)", all.join(", ")),
        };
        let (nexts, eaches) = scope.inside.split_at(names.len());
        let (starts, nexts) = (list(text(scope.outside)), list(text(nexts)));
        let mut range = scope.range.clone();
        if matches!(graph.node(all), Node::Iterate(iteration) if graph.is_falling(iteration)) {
            std::mem::swap(&mut range.low, &mut range.high);
        }
        let kept = k.checked_sub(names.len()).map(|each| &self.pieces[eaches[each].index()].text);
        let word = if kept.is_some() { "scan" } else { "iterate" };
        let sign = self.over(&format!(r"\mathop{{\mathrm{{{word}}}}}\limits"), &range);
        let kept = kept.map_or_else(String::new, |each| format!(r";\; {each}"));
        let which = match kept.is_empty() && names.len() > 1 {
            true => format!("_{{[{}]}}", k + 1),
            false => String::new(),
        };
        let states = list(names);
        Piece::atom(format!(
            r"{sign}\left({states} := {starts};\; {states} \leftarrow {nexts}{kept}\right){which}"
        ))
    }

    /// The ranges of arrays directly inside each other, and what they are made of.
    fn nest(&self, id: NodeId) -> (Vec<&AxisRange>, NodeId) {
        let graph = self.f.graph();
        let (mut ranges, mut body) = (Vec::new(), id);
        while let Node::Array(range, [inner]) = graph.node(body) {
            ranges.push(graph.range(range));
            body = inner;
        }
        (ranges, body)
    }

    /// `i = 1, \dots, n`
    fn runs(&self, range: &AxisRange) -> String {
        let index = self.symbol(Symbol::Axis(range.axis));
        format!(r"{index} = {}, \dots, {}", self.index(&range.low), self.index(&range.high))
    }

    /// An array under a name: its elements, and for which indices there are some.
    fn named_array(&self, name: &str, id: NodeId) -> (String, String) {
        let (ranges, body) = self.nest(id);
        let indices: Vec<String> = ranges.iter().map(|range| self.symbol(Symbol::Axis(range.axis))).collect();
        let runs: Vec<String> = ranges.iter().map(|range| self.runs(range)).collect();
        let text = &self.pieces[body.index()].text;
        (format!("{{{name}}}_{{{}}}", indices.join(",")), format!(r"{text} \qquad {}", runs.join(r",\; ")))
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
            Node::Reduce(fold, range, _) if fold.is_extreme() => {
                let AxisRange { low, high, axis } = graph.range(range);
                let (low, high) = (self.index(low), self.index(high));
                let index = self.symbol(Symbol::Axis(*axis));
                let sign = format!(r"\{}_{{{low} \le {index} \le {high}}}", fold.name());
                Piece::new(format!("{sign} {}", arguments[0].within(3, BRACKETS)), 2)
            }
            Node::Reduce(fold, range, _) => {
                let sign = if fold == Fold::Sum { r"\sum" } else { r"\prod" };
                let body = arguments[0].within(if fold == Fold::Sum { 3 } else { 4 }, BRACKETS);
                Piece::new(format!("{} {body}", self.over(sign, graph.range(range))), 2)
            }
            Node::Array(..) => {
                let (ranges, body) = self.nest(id);
                let runs: Vec<String> = ranges.iter().map(|range| self.runs(range)).collect();
                let text = &self.pieces[body.index()].text;
                Piece::atom(format!(r"\left({text}\right)_{{{}}}", runs.join(r",\; ")))
            }
            Node::Element(_, position) => {
                let places: Vec<String> =
                    graph.position(position).iter().map(|form| self.index(form)).collect();
                Piece::atom(format!("{{{}}}_{{{}}}", arguments[0].text, places.join(",")))
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

/// What is written for every node, and the parts that have a name.
fn pieces(formulas: &Function) -> Result<(Sized<'_>, Vec<(String, String)>), Inexpressible> {
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
    // Arrays of which elements are read have names.
    let mut read = vec![false; graph.len()];
    for id in graph.ids() {
        if let Node::Element([array], _) = graph.node(id) {
            read[array.index()] = true;
        }
    }
    let mut lines: Vec<(String, String)> = Vec::new();
    for id in graph.ids() {
        let mut piece = sized.written(id)?;
        let is_loop = matches!(graph.node(id), Node::Reduce(..) | Node::Project(..) | Node::Array(..));
        let is_leaf = !is_loop && !matches!(graph.node(id), Node::Fold(..)) && graph.node(id).op().is_none();
        let shared = uses[id.index()] > 1 && piece.text.len() > SHORT && piece.test.is_none();
        if !is_leaf
            && (shared || read[id.index()] || piece.text.len() > 400 && !formulas.outputs().contains(&id))
        {
            let parameters = sized.parameters(id);
            let mut name = sized.writer.bound(lines.len() + 1);
            if !parameters.is_empty() {
                name += &format!(r"\left({}\right)", parameters.join(", "));
            }
            lines.push(match graph.node(id) {
                Node::Array(..) => sized.named_array(&name, id),
                _ => (name.clone(), piece.text),
            });
            piece = Piece::new(name, ATOM);
        }
        sized.pieces.push(piece);
    }
    Ok((sized, lines))
}

/// One equation, or several that are aligned.
pub(super) fn equations(lines: &[(String, String)]) -> String {
    if let [(left, right)] = lines {
        return format!("{left} = {right}\n");
    }
    let lines: Vec<String> = lines.iter().map(|(left, right)| format!("{left} &= {right}")).collect();
    format!("\\begin{{aligned}}\n{}\n\\end{{aligned}}\n", lines.join(" \\\\[4pt]\n"))
}

/// A function itself, for every size that it has.
pub(crate) fn function(f: &Function, name: &str) -> Result<String, Inexpressible> {
    let (sized, mut lines) = pieces(f)?;
    for (k, output) in f.outputs().iter().enumerate() {
        let left = match f.outputs().len() {
            1 => symbol(name),
            _ => format!("{}_{{{}}}", symbol(name), k + 1),
        };
        lines.push((left, sized.pieces[output.index()].text.clone()));
    }
    Ok(equations(&lines))
}

pub(crate) fn sized(
    found: &SizedDerivatives,
    formulas: &Function,
    caption: Caption<'_>,
) -> Result<String, Inexpressible> {
    let (sized, mut lines) = pieces(formulas)?;
    for (partial, output) in found.partials.iter().zip(formulas.outputs()) {
        let power = |k: usize| if k > 1 { format!("^{{{k}}}") } else { String::new() };
        let indices = &found.output_indices[partial.output];
        let number = (found.outputs > 1).then(|| (partial.output + 1).to_string());
        let below: Vec<String> =
            number.into_iter().chain(indices.iter().map(|index| symbol(&index.name))).collect();
        let of = match below.is_empty() {
            true => symbol(caption.name),
            false => format!("{}_{{{}}}", symbol(caption.name), below.join(",")),
        };
        let names: Vec<String> = partial.by.iter().map(|by| symbol(&by.name())).collect();
        let below: Vec<String> = { names.chunk_by(|a, b| a == b) }
            .map(|group| format!(r"\partial {}{}", group[0], power(group.len())))
            .collect();
        let left = format!(r"\frac{{\partial{} {of}}}{{{}}}", power(partial.by.len()), below.join(r"\,"));
        let range = |index: &symbolic::OutputIndex| {
            let [low, high] = index.range.each_ref().map(|form| {
                form.text(|of| match of {
                    Symbol::Size(size) => symbol(&found.function.graph().sizes()[size as usize]),
                    of => sized.symbol(of),
                })
            });
            format!(r"{} = {low}, \dots, {high}", symbol(&index.name))
        };
        let mut ranges: Vec<String> = indices.iter().map(range).collect();
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
    Ok(equations(&lines))
}
