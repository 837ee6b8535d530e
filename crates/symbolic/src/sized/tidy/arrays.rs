//! Arrays that need not be written: an element of one that is short, or of which no other element is read, is what its body says.

use std::collections::HashSet;

use expr::index::{Index, Symbol};
use expr::scope::Axes;
use expr::{Expr, Function, Node, NodeId};

use super::Tidy;
use crate::sized::substitute::Images;

/// A body of so many nodes is written where its elements are read.
const SHORT: usize = 8;

/// The arrays that one node reads an element of, and nothing else.
pub(super) fn read_once(f: &Function) -> HashSet<NodeId> {
    let graph = f.graph();
    let reached = graph.reached_from(f.outputs());
    let mut uses = vec![0u32; graph.len()];
    for child in graph.ids().filter(|id| reached[id.index()]).flat_map(|id| graph.children(id)) {
        uses[child.index()] += 1;
    }
    graph.ids().filter(|id| uses[id.index()] == 1).collect()
}

impl<'g> Tidy<'g> {
    /// An element of an array.
    pub(super) fn element(&self, array: Expr<'g>, position: &[Index], once: bool) -> Option<Expr<'g>> {
        let mut images = Images::default();
        let mut body = array.id();
        for form in position {
            let Node::Array(_, [inner]) = self.draft.node(body) else {
                return Some(self.draft.builder.at(array, position));
            };
            images.indices.insert(self.draft.range(body).axis.index(), form.clone());
            body = inner;
        }
        // Where several loops read the same element its body would be computed for each of them.
        let apart = position.iter().all(|form| Axes::of_forms([form]).iter().count() <= 1);
        if self.is_short(body) || once && apart {
            return self.draft.substitute(self.handle(body), &images).ok();
        }
        Some(self.draft.builder.at(array, position))
    }

    /// Whether a body has few nodes, and no loop.
    fn is_short(&self, body: NodeId) -> bool {
        let graph = self.draft.builder.graph();
        let (mut seen, mut todo) = (HashSet::new(), vec![body]);
        while let Some(id) = todo.pop() {
            let looped = matches!(graph.node(id), Node::Array(..) | Node::Reduce(..));
            if looped || seen.len() > SHORT {
                return false;
            }
            if seen.insert(id) && !matches!(graph.node(id), Node::Element(..)) {
                todo.extend(graph.children(id));
            }
        }
        seen.len() <= SHORT
    }

    /// An array over the axes of another one that has the same indices: what a state starts as, over those of what it goes on with.
    pub(super) fn over_axes_of(&self, array: Expr<'g>, other: Expr<'g>) -> Option<Expr<'g>> {
        let (Node::Array(_, [body]), Node::Array(_, [inside])) =
            (self.draft.node(array.id()), self.draft.node(other.id()))
        else {
            return Some(array);
        };
        let (own, range) = (self.draft.range(array.id()), self.draft.range(other.id()));
        let body = self.handle(body);
        if (&own.low, &own.high) != (&range.low, &range.high)
            || own.axis != range.axis && self.draft.free(body.id()).contains(range.axis)
        {
            return Some(array);
        }
        let images = Images::index(own.axis, Symbol::Axis(range.axis).into());
        let body = self.draft.substitute(body, &images).ok()?;
        let body = self.over_axes_of(body, self.handle(inside))?;
        Some(self.draft.builder.array(range, body))
    }
}
