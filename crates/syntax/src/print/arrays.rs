//! Arrays, iterations and extremes as text.

use super::nodes::Piece;
use super::{LOOSE, Printer};
use expr::graph::AxisRange;
use expr::index::Symbol;
use expr::{Axis, Fold, Node, NodeId};
use expr::{Scatter, Shape};

/// How far a body is searched for an index in brackets.
const MOST_SEARCHED: usize = 200;

/// The ranges of a state that is an array, and what it starts as and goes on as for their values.
type StateHeader<'f> = (Vec<&'f AxisRange>, NodeId, NodeId);

impl<'f> Printer<'f> {
    /// The ranges of arrays directly inside each other, and what they are made of; what has a name stands apart.
    pub(super) fn nest(&self, id: NodeId) -> (Vec<&'f AxisRange>, NodeId) {
        let (mut ranges, mut body): (Vec<&AxisRange>, NodeId) = (Vec::new(), id);
        while let Node::Array(range, [inner]) = self.graph().node(body) {
            let range = self.graph().range(range);
            let named = body != id && self.names.contains_key(&body);
            if named || ranges.iter().any(|outer| outer.axis == range.axis) {
                break;
            }
            ranges.push(range);
            body = inner;
        }
        (ranges, body)
    }

    /// `i: 1..m, j: 1..n`
    pub(super) fn ranges(&self, ranges: &[&AxisRange]) -> String {
        let range = |range: &&AxisRange| {
            let (low, high) = (self.index(&range.low), self.index(&range.high));
            format!("{}: {low}..{high}", self.axes[range.axis.index()].index)
        };
        ranges.iter().map(range).collect::<Vec<_>>().join(", ")
    }

    /// `let h[i: 1..m] = …`
    pub(super) fn array_definition(&self, name: &str, id: NodeId) -> String {
        let (ranges, body) = self.nest(id);
        format!("let {name}[{}] = {}", self.ranges(&ranges), self.expression(body, LOOSE, false))
    }

    /// The arrays of which elements are read, states apart: they get names.
    pub(super) fn read_arrays(&self, reached: &[bool]) -> Vec<bool> {
        let graph = self.graph();
        let mut read = vec![false; graph.len()];
        for id in graph.ids().filter(|id| reached[id.index()]) {
            if let Node::Element([array], _) = graph.node(id)
                && !matches!(graph.node(array), Node::State(..) | Node::Element(..))
            {
                read[array.index()] = true;
            }
        }
        read
    }

    /// The children of a node that its text holds: what a scan keeps of each step is what it goes on with, and stands there once.
    pub(super) fn written_children(&self, id: NodeId) -> &'f [NodeId] {
        let children = self.graph().children(id);
        if let Node::Iterate(iteration) = self.graph().node(id) {
            let count = self.graph().state_count(iteration);
            let (nexts, eaches) = children[count..].split_at(count);
            if nexts == eaches {
                return &children[..2 * count];
            }
        }
        children
    }

    /// `max(i, 1, n, x[i])`; where that would be read as the largest of four values, `max([i: 1..n] …)`.
    pub(super) fn extreme(&self, fold: Fold, range: &AxisRange, body: NodeId, pieces: &mut Vec<Piece>) {
        let head = match self.is_index_of(range.axis, body) {
            true => {
                let (low, high) = (self.index(&range.low), self.index(&range.high));
                format!("{}({}, {low}, {high}, ", fold.name(), self.axes[range.axis.index()].index)
            }
            false => format!("{}([{}] ", fold.name(), self.ranges(&[range])),
        };
        pieces.extend([Piece::Owned(head), Piece::Node(body, LOOSE), Piece::Text(")")]);
    }

    /// Whether an axis stands in index brackets of the text of a node; false where that is a long way off.
    fn is_index_of(&self, axis: Axis, body: NodeId) -> bool {
        let graph = self.graph();
        let (mut todo, mut left) = (vec![body], MOST_SEARCHED);
        while let Some(id) = todo.pop() {
            if self.names.contains_key(&id) {
                continue;
            }
            if left == 0 {
                return false;
            }
            left -= 1;
            if let Node::Read(_, position) | Node::Element(_, position) = graph.node(id) {
                let mut symbols = graph.position(position).iter().flat_map(|form| form.symbols());
                if symbols.any(|symbol| symbol == Symbol::Axis(axis)) {
                    return true;
                }
            }
            // Of an iteration the text of a result holds no more than what that result keeps.
            if let Node::Project([all], k) = graph.node(id)
                && let Node::Iterate(iteration) = graph.node(all)
            {
                let (children, states) = (graph.children(all), graph.state_count(iteration));
                let kept = (k as usize).checked_sub(states).map(|each| children[2 * states + each]);
                let inside = children[states..2 * states].iter().copied().chain(kept);
                todo.extend(&children[..states]);
                // What binds the axis anew means another one.
                if graph.iteration_range(iteration).axis != axis {
                    todo.extend(inside);
                }
            } else if graph.scope(id).is_none_or(|scope| scope.range.axis != axis) {
                todo.extend(graph.children(id));
            }
        }
        false
    }

    /// One result of an iteration.
    pub(super) fn iteration(&self, all: NodeId, k: usize, pieces: &mut Vec<Piece>) {
        use Piece::{Node as Sub, Owned, Text};
        let graph = self.graph();
        let Node::Iterate(iteration) = graph.node(all) else { unreachable!("only iterations are projected") };
        let range = graph.iteration_range(iteration);
        let names = &self.axes[range.axis.index()];
        let count = graph.state_count(iteration);
        let (inits, rest) = graph.children(all).split_at(count);
        let (nexts, eaches) = rest.split_at(count);
        let kept = k.checked_sub(count);
        // All states after each step are not said again.
        let after = kept.is_some() && eaches == nexts;
        let word = match (kept.is_some(), graph.is_falling(iteration)) {
            (false, false) => "iterate",
            (false, true) => "iterate_down",
            (true, false) => "scan",
            (true, true) => "scan_down",
        };
        let headers: Vec<_> =
            inits.iter().zip(nexts).map(|(&init, &next)| self.state_header(init, next)).collect();
        let (open, close) = if count == 1 { ("", "") } else { ("(", ")") };
        let states: Vec<String> = { names.states.iter().zip(&headers) }
            .map(|(state, header)| match header {
                Some((ranges, ..)) => format!("{state}[{}]", self.ranges(ranges)),
                None => state.clone(),
            })
            .collect();
        let (low, high) = (self.index(&range.low), self.index(&range.high));
        pieces.push(Owned(format!(
            "{word}({}, {low}, {high}, {open}{}{close}, {open}",
            names.index,
            states.join(", ")
        )));
        let list = |pieces: &mut Vec<Piece>, bodies: &mut dyn Iterator<Item = NodeId>| {
            for (k, body) in bodies.enumerate() {
                pieces.extend((k > 0).then_some(Text(", ")));
                pieces.push(Sub(body, LOOSE));
            }
        };
        let with = |whole: &'f [NodeId]| whole.iter().copied().zip(&headers);
        list(pieces, &mut with(inits).map(|(id, header)| header.as_ref().map_or(id, |(_, init, _)| *init)));
        pieces.push(Owned(format!("{close}, {open}")));
        list(pieces, &mut with(nexts).map(|(id, header)| header.as_ref().map_or(id, |(_, _, next)| *next)));
        pieces.push(Owned(close.to_owned()));
        match kept {
            Some(kept) if !after => pieces.extend([Text(", "), Sub(eaches[kept], LOOSE), Text(")")]),
            _ if count > 1 => pieces.push(Owned(format!(")[{}]", kept.unwrap_or(k) + 1))),
            _ => pieces.push(Text(")")),
        }
    }

    /// The ranges of a state that starts and goes on as an array over the same ones, and what stands in both.
    fn state_header(&self, init: NodeId, next: NodeId) -> Option<StateHeader<'f>> {
        if self.names.contains_key(&init) || self.names.contains_key(&next) {
            return None;
        }
        let ((ranges, init), (others, next)) = (self.nest(init), self.nest(next));
        (!ranges.is_empty() && ranges == others).then_some((ranges, init, next))
    }

    /// `scatter(x: [i: 1..n] …, at [i+1])`: not to be read back.
    pub(super) fn scatter(&self, id: NodeId, scatter: &Scatter, pieces: &mut Vec<Piece>) {
        use Piece::{Node as Sub, Owned, Text};
        let graph = self.graph();
        let shape = match &scatter.shape {
            Shape::Block(block) => graph.block(*block).name.clone(),
            Shape::Ranges(ranges) => {
                let ranges: Vec<&AxisRange> = ranges.iter().map(|range| graph.range(*range)).collect();
                format!("[{}]", self.ranges(&ranges))
            }
        };
        pieces.push(Owned(format!("scatter({shape}")));
        let mut children = graph.children(id).iter();
        for part in &scatter.parts {
            let source = *children.next().expect("a source for every part");
            let forms: Vec<String> =
                graph.position(part.position).iter().map(|form| self.index(form)).collect();
            pieces.extend([Text("; "), Sub(source, LOOSE), Owned(format!(" at [{}]", forms.join(", ")))]);
            if part.guarded {
                let guard = *children.next().expect("a guard where there is one");
                pieces.extend([Text(" if "), Sub(guard, LOOSE)]);
            }
        }
        pieces.push(Text(")"));
    }
}
