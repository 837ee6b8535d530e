//! Which axes a node is free in, as machine words.

use crate::graph::{Graph, Scope};
use crate::index::{Index, Symbol};
use crate::node::{Node, NodeId};

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
