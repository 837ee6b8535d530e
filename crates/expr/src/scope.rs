//! Which axes a node is free in, as machine words.

use crate::graph::{Graph, Scope};
use crate::index::{Index, Symbol};
use crate::node::{Node, NodeId};
use crate::scatter::{Scatter, Shape};

/// A set of axes: bit k for the axis at position k.
pub type Axes = u64;

impl Graph {
    /// For every node the axes that it depends on and nothing in it binds.
    pub fn free_axes(&self) -> Vec<Axes> {
        let mut free = Vec::with_capacity(self.len());
        self.extend_free_axes(&mut free);
        free
    }

    /// The same for the nodes beyond those that are known.
    pub fn extend_free_axes(&self, free: &mut Vec<Axes>) {
        for id in self.ids().skip(free.len()) {
            let within =
                |children: &[NodeId]| children.iter().fold(0, |axes, child| axes | free[child.index()]);
            let axes = match (self.node(id), self.scope(id)) {
                (Node::Symbol(Symbol::Axis(axis)) | Node::State(axis, _), _) => 1 << axis.index(),
                (Node::Read(_, position), _) => of_forms(self.position(position)),
                (Node::Element([array], position), _) => {
                    free[array.index()] | of_forms(self.position(position))
                }
                (Node::Scatter(scatter), _) => {
                    let Scatter { shape, parts, .. } = self.scatter(scatter);
                    let mut children = self.children(id).iter();
                    let mut axes = 0;
                    for part in parts {
                        let own = part.axes.iter().fold(0, |own, axis| own | 1 << axis.index());
                        let count = 1 + usize::from(part.guarded);
                        let of =
                            children.by_ref().take(count).fold(0, |all, child| all | free[child.index()]);
                        axes |= (of | of_forms(self.position(part.position))) & !own;
                    }
                    let mut bound = 0;
                    if let Shape::Ranges(ranges) = shape {
                        for range in ranges.iter().map(|range| self.range(*range)) {
                            axes |= of_forms([&range.low, &range.high]) & !bound;
                            bound |= 1 << range.axis.index();
                        }
                    }
                    axes
                }
                (_, Some(Scope { range, outside, inside })) => {
                    let bounds = of_forms([&range.low, &range.high]);
                    within(outside) | within(inside) & !(1 << range.axis.index()) | bounds
                }
                _ => within(self.children(id)),
            };
            free.push(axes);
        }
    }
}

fn of_forms<'a>(forms: impl IntoIterator<Item = &'a Index>) -> Axes {
    forms.into_iter().flat_map(Index::symbols).fold(0, |axes, symbol| match symbol {
        Symbol::Axis(axis) => axes | 1 << axis.index(),
        Symbol::Size(_) => axes,
    })
}
