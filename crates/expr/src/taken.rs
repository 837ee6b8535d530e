//! Which nodes a point really uses: under a `select`, only those of the branch that is taken.
//!
//! A branch that is not taken contributes nothing to a derivative, even where it is undefined. A zero upstream
//! gradient alone does not achieve that, because 0·∞ is NaN; replacing every NaN by 0 would hide real ones. So the
//! nodes that only a branch uses are marked, before anything runs, with the condition under which they count.

use rustc_hash::FxHashMap;

use crate::{Calculus, Constant, Function, Node, NodeId, Op, Scalar, expect_length};

/// A condition of [`Taken`], by its position there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaskId(u32);

/// A condition on the branches that a point takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Mask {
    Always,
    /// Never used by an output: only by conditions, and whatever else has no slope.
    Never,
    /// Under `within`, and the condition is nonzero (or zero, if not `taken`).
    Branch {
        within: MaskId,
        condition: NodeId,
        taken: bool,
    },
    Either(MaskId, MaskId),
}

/// For every node of a flat function, the condition under which the outputs use its value smoothly.
#[derive(Clone, Debug)]
pub struct Taken {
    masks: Vec<Mask>,
    /// Empty where every node always counts.
    of_node: Vec<MaskId>,
}

impl MaskId {
    /// Always.
    pub const ALWAYS: MaskId = MaskId(0);
    /// Never.
    pub const NEVER: MaskId = MaskId(1);

    /// The position among all masks.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl Taken {
    /// Marks the nodes of a flat function.
    ///
    /// # Panics
    /// When the function is not flat.
    pub fn mark(f: &Function) -> Taken {
        assert!(f.is_flat(), "branches are marked in flat functions");
        let graph = f.graph();
        let mut taken = Taken { masks: vec![Mask::Always, Mask::Never], of_node: Vec::new() };
        if graph.nodes().iter().all(|node| node.op() != Some(Op::Select)) {
            return taken;
        }
        let mut known: FxHashMap<Mask, MaskId> = FxHashMap::default();
        taken.of_node = vec![MaskId::NEVER; graph.len()];
        f.outputs().iter().for_each(|output| taken.of_node[output.index()] = MaskId::ALWAYS);
        for id in graph.ids().rev() {
            let within = taken.of_node[id.index()];
            match graph.node(id) {
                _ if within == MaskId::NEVER => {}
                Node::Ternary(Op::Select, [condition, a, b]) => {
                    for (branch, chosen) in [(a, true), (b, false)] {
                        let mask = Mask::Branch { within, condition, taken: chosen };
                        let mask = taken.intern(mask, &mut known);
                        taken.also(branch, mask, &mut known);
                    }
                }
                node => {
                    for (k, &child) in graph.children(id).iter().enumerate() {
                        if node.op().is_none_or(|op| op.has_slope(k)) {
                            taken.also(child, within, &mut known);
                        }
                    }
                }
            }
        }
        taken
    }

    /// The condition under which a node counts.
    pub fn of(&self, id: NodeId) -> MaskId {
        self.of_node.get(id.index()).copied().unwrap_or(MaskId::ALWAYS)
    }

    /// How many conditions there are, [`MaskId::ALWAYS`] and [`MaskId::NEVER`] included.
    pub fn len(&self) -> usize {
        self.masks.len()
    }

    /// Never: there are always two.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Every condition as a number, 1 where it holds and 0 where not, given the values of nodes.
    pub fn values<S: Scalar>(&self, world: S::World, value: impl Fn(NodeId) -> S) -> Vec<S> {
        let mut values = vec![S::lift(world, &Constant::Integer(1)); self.masks.len()];
        self.fill(world, value, &mut values);
        values
    }

    /// The same into a slice of [`Taken::len`] numbers.
    ///
    /// # Panics
    /// When the slice has another length.
    pub fn fill<S: Scalar>(&self, world: S::World, value: impl Fn(NodeId) -> S, values: &mut [S]) {
        expect_length(values.len(), "places for conditions", self.masks.len(), "one per condition");
        let lift = |integer| S::lift(world, &Constant::Integer(integer));
        for (k, mask) in self.masks.iter().enumerate() {
            values[k] = match *mask {
                Mask::Always => lift(1),
                Mask::Never => lift(0),
                Mask::Branch { within, condition, taken } => {
                    let condition = value(condition);
                    let chosen = if taken { condition.ne(lift(0)) } else { condition.eq(lift(0)) };
                    if within == MaskId::ALWAYS { chosen } else { values[within.index()].clone() * chosen }
                }
                Mask::Either(a, b) => values[a.index()].clone().max(values[b.index()].clone()),
            };
        }
    }

    fn intern(&mut self, mask: Mask, known: &mut FxHashMap<Mask, MaskId>) -> MaskId {
        *known.entry(mask).or_insert_with(|| {
            self.masks.push(mask);
            MaskId(self.masks.len() as u32 - 1)
        })
    }

    /// A further use of a node.
    fn also(&mut self, id: NodeId, mask: MaskId, known: &mut FxHashMap<Mask, MaskId>) {
        let before = self.of_node[id.index()];
        self.of_node[id.index()] = match (before, mask) {
            (MaskId::ALWAYS, _) | (_, MaskId::ALWAYS) => MaskId::ALWAYS,
            (MaskId::NEVER, other) | (other, MaskId::NEVER) => other,
            (a, b) if a == b || self.includes(a, b) => a,
            (a, b) => self.union(a, b, known),
        };
    }

    /// Whether `mask` is one of the alternatives that `all` ends with: keeps repeated uses from piling up.
    fn includes(&self, all: MaskId, mask: MaskId) -> bool {
        matches!(self.masks[all.index()], Mask::Either(a, b) if a == mask || b == mask)
    }

    fn union(&mut self, a: MaskId, b: MaskId, known: &mut FxHashMap<Mask, MaskId>) -> MaskId {
        // Both branches of one select: whenever that select counts.
        if let (Mask::Branch { within, condition, taken }, Mask::Branch { within: w, condition: c, taken: t }) =
            (self.masks[a.index()], self.masks[b.index()])
            && (within, condition) == (w, c)
            && taken != t
        {
            return within;
        }
        self.intern(Mask::Either(a.min(b), a.max(b)), known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_counts_where_it_is_taken() {
        let f = Function::build(|g| {
            let x = g.input("x");
            let zero = g.constant(0.0);
            vec![x.lt(zero).select(x.exp(), x.ln()) + x.sin()]
        });
        let taken = Taken::mark(&f);
        let counts = |at: f64, op: Op| {
            let values = f.values((), &[at]);
            let masks = taken.values((), |id| values[id.index()]);
            let id = f.graph().ids().find(|&id| f.graph().node(id).op() == Some(op)).unwrap();
            masks[taken.of(id).index()]
        };
        assert_eq!((counts(-1.0, Op::Exp), counts(-1.0, Op::Ln), counts(-1.0, Op::Sin)), (1.0, 0.0, 1.0));
        assert_eq!((counts(1.0, Op::Exp), counts(1.0, Op::Ln), counts(1.0, Op::Sin)), (0.0, 1.0, 1.0));
    }

    #[test]
    fn without_branches_there_is_nothing_to_mark() {
        let f = Function::build(|g| vec![g.input("x").sin()]);
        assert_eq!(Taken::mark(&f).len(), 2);
    }
}
