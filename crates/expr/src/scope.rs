//! Which axes a node is free in, as machine words.

use crate::graph::{Graph, Scope};
use crate::index::{Index, Symbol};
use crate::node::{Axis, Node, NodeId};
use crate::scatter::{Scatter, Shape};

/// How many axes a set has room for.
const CAPACITY: usize = 256;

/// A set of axes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Axes([u64; CAPACITY / 64]);

impl Axes {
    /// The set without any.
    pub const NONE: Axes = Axes([0; CAPACITY / 64]);

    /// The set of one axis.
    pub fn of(axis: Axis) -> Axes {
        Axes::at(axis.index())
    }

    /// The set of the axis with this number.
    pub fn at(number: usize) -> Axes {
        let mut set = Axes::NONE;
        set.0[number / 64] = 1 << (number % 64);
        set
    }

    /// The axes that index forms mention.
    pub fn of_forms<'a>(forms: impl IntoIterator<Item = &'a Index>) -> Axes {
        forms.into_iter().flat_map(Index::axes).collect()
    }

    /// Whether it has none.
    pub fn is_empty(self) -> bool {
        self == Axes::NONE
    }

    /// Whether it has this one.
    pub fn contains(self, axis: Axis) -> bool {
        !(self & Axes::of(axis)).is_empty()
    }

    /// Its axes, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = Axis> {
        let word = move |k: usize| {
            let mut left = self.0[k];
            std::iter::from_fn(move || {
                let next = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(Axis(64 * k as u32 + next))
            })
        };
        (0..CAPACITY / 64).flat_map(word)
    }
}

impl FromIterator<Axis> for Axes {
    fn from_iter<I: IntoIterator<Item = Axis>>(axes: I) -> Axes {
        axes.into_iter().fold(Axes::NONE, |all, axis| all | Axes::of(axis))
    }
}

impl std::ops::BitOr for Axes {
    type Output = Axes;
    fn bitor(self, other: Axes) -> Axes {
        Axes(std::array::from_fn(|k| self.0[k] | other.0[k]))
    }
}

impl std::ops::BitAnd for Axes {
    type Output = Axes;
    fn bitand(self, other: Axes) -> Axes {
        Axes(std::array::from_fn(|k| self.0[k] & other.0[k]))
    }
}

/// All axes that it has not.
impl std::ops::Not for Axes {
    type Output = Axes;
    fn not(self) -> Axes {
        Axes(self.0.map(|word| !word))
    }
}

/// Those of the one that the other has not.
impl std::ops::Sub for Axes {
    type Output = Axes;
    fn sub(self, other: Axes) -> Axes {
        Axes(std::array::from_fn(|k| self.0[k] & !other.0[k]))
    }
}

impl std::ops::BitOrAssign for Axes {
    fn bitor_assign(&mut self, other: Axes) {
        *self = *self | other;
    }
}

impl Graph {
    /// For every node the axes that it depends on and nothing in it binds.
    pub fn free_axes(&self) -> Vec<Axes> {
        let mut free = Vec::with_capacity(self.len());
        self.extend_free_axes(&mut free);
        free
    }

    /// The same for the nodes beyond those that are known.
    pub fn extend_free_axes(&self, free: &mut Vec<Axes>) {
        if self.axis_count() == 0 {
            free.resize(self.len(), Axes::NONE);
        }
        for id in self.ids_from(free.len()) {
            let within = |children: &[NodeId]| {
                children.iter().fold(Axes::NONE, |axes, child| axes | free[child.index()])
            };
            let axes = match (self.node(id), self.scope(id)) {
                (Node::Symbol(Symbol::Axis(axis)) | Node::State(axis, _), _) => Axes::of(axis),
                (Node::Read(_, position), _) => Axes::of_forms(self.position(position)),
                (Node::Element([array], position), _) => {
                    free[array.index()] | Axes::of_forms(self.position(position))
                }
                (Node::Scatter(scatter), _) => {
                    let Scatter { shape, parts, .. } = self.scatter(scatter);
                    let mut children = self.children(id).iter();
                    let mut axes = Axes::NONE;
                    for part in parts {
                        let own: Axes = part.axes.iter().copied().collect();
                        let count = 1 + usize::from(part.guarded);
                        let of = children
                            .by_ref()
                            .take(count)
                            .fold(Axes::NONE, |all, child| all | free[child.index()]);
                        axes |= (of | Axes::of_forms(self.position(part.position))) - own;
                    }
                    let mut bound = Axes::NONE;
                    if let Shape::Ranges(ranges) = shape {
                        for range in ranges.iter().map(|range| self.range(*range)) {
                            axes |= Axes::of_forms([&range.low, &range.high]) - bound;
                            bound |= Axes::of(range.axis);
                        }
                    }
                    axes
                }
                (_, Some(Scope { range, outside, inside })) => {
                    let bounds = Axes::of_forms([&range.low, &range.high]);
                    within(outside) | (within(inside) - Axes::of(range.axis)) | bounds
                }
                _ => within(self.children(id)),
            };
            free.push(axes);
        }
    }

    /// For every node the axes of iterations on whose states it depends, and that nothing in it binds.
    pub fn free_states(&self) -> Vec<Axes> {
        let mut states: Vec<Axes> = Vec::with_capacity(self.len());
        for id in self.ids() {
            let of = |ids: &[NodeId]| ids.iter().fold(Axes::NONE, |all, id| all | states[id.index()]);
            let own = match (self.node(id), self.scope(id)) {
                (Node::State(axis, _), _) => Axes::of(axis),
                (Node::Iterate(_), Some(scope)) => {
                    of(scope.outside) | (of(scope.inside) - Axes::of(scope.range.axis))
                }
                _ => of(self.children(id)),
            };
            states.push(own);
        }
        states
    }
}
