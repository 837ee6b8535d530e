//! Path conditions: under a `select`, only the nodes of the branch that is taken count.
//!
//! A branch that is not taken contributes nothing to a derivative, even where it is undefined. A zero upstream
//! gradient alone does not achieve that, because 0·∞ is NaN; replacing every NaN by 0 would hide real ones. So every
//! node is given, before anything runs, the predicate under which a path of slopes leads to it from an output:
//! in `if(x < 0, exp(x), ln(x)) + x` that of `exp(x)` is `x < 0`, that of `ln(x)` its negation, that of `x` holds always.

use rustc_hash::FxHashMap;

use crate::{Calculus, Constant, Function, Node, NodeId, Op, Scalar, expect_length};

/// A condition on the branches that a point takes: one of [`PathConditions`], by its position there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Predicate(u32);

/// What a predicate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Clause {
    Always,
    /// Never used by an output: only by conditions, and whatever else has no slope.
    Never,
    /// Under `within`, and the condition is nonzero (or zero, if not `taken`).
    Branch {
        within: Predicate,
        condition: NodeId,
        taken: bool,
    },
    Either(Predicate, Predicate),
}

/// For every node of a flat function, the predicate under which a path of slopes leads to it from an output.
#[derive(Clone, Debug)]
pub struct PathConditions {
    clauses: Vec<Clause>,
    /// Empty where every node always counts.
    of_node: Vec<Predicate>,
}

impl Predicate {
    /// Always.
    pub const ALWAYS: Predicate = Predicate(0);
    /// Never.
    pub const NEVER: Predicate = Predicate(1);

    /// The position among all predicates.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl PathConditions {
    /// Finds the predicate of every node of a flat function.
    ///
    /// # Panics
    /// When the function is not flat.
    pub fn of(f: &Function) -> PathConditions {
        assert!(f.is_flat(), "branches are marked in flat functions");
        let graph = f.graph();
        let mut paths = PathConditions::unconditional();
        if graph.nodes().iter().all(|node| node.op() != Some(Op::Select)) {
            return paths;
        }
        let mut known: FxHashMap<Clause, Predicate> = FxHashMap::default();
        paths.of_node = vec![Predicate::NEVER; graph.len()];
        f.outputs().iter().for_each(|output| paths.of_node[output.index()] = Predicate::ALWAYS);
        for id in graph.ids().rev() {
            let within = paths.of_node[id.index()];
            match graph.node(id) {
                _ if within == Predicate::NEVER => {}
                Node::Ternary(Op::Select, [condition, a, b]) => {
                    for (branch, chosen) in [(a, true), (b, false)] {
                        let clause = Clause::Branch { within, condition, taken: chosen };
                        let predicate = paths.intern(clause, &mut known);
                        paths.also(branch, predicate, &mut known);
                    }
                }
                node => {
                    for (k, &child) in graph.children(id).iter().enumerate() {
                        if node.op().is_none_or(|op| op.has_slope(k)) {
                            paths.also(child, within, &mut known);
                        }
                    }
                }
            }
        }
        paths
    }

    /// The paths of a function of which every node counts, whatever its branches are: for a sweep whose caller
    /// decides for itself which branches are taken.
    pub fn unconditional() -> PathConditions {
        PathConditions { clauses: vec![Clause::Always, Clause::Never], of_node: Vec::new() }
    }

    /// Whether every node counts at every point.
    pub fn is_unconditional(&self) -> bool {
        self.of_node.is_empty()
    }

    /// The predicate under which a node counts.
    pub fn at(&self, id: NodeId) -> Predicate {
        self.of_node.get(id.index()).copied().unwrap_or(Predicate::ALWAYS)
    }

    /// How many predicates there are, [`Predicate::ALWAYS`] and [`Predicate::NEVER`] included.
    pub fn len(&self) -> usize {
        self.clauses.len()
    }

    /// Never: there are always two.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Every predicate as a number, 1 where it holds and 0 where not, given the values of nodes.
    pub fn values<S: Scalar>(&self, world: S::World, value: impl Fn(NodeId) -> S) -> Vec<S> {
        let mut values = vec![S::lift(world, &Constant::Integer(1)); self.clauses.len()];
        self.fill(world, value, &mut values);
        values
    }

    /// The same into a slice of [`PathConditions::len`] numbers.
    ///
    /// # Panics
    /// When the slice has another length.
    pub fn fill<S: Scalar>(&self, world: S::World, value: impl Fn(NodeId) -> S, values: &mut [S]) {
        expect_length(values.len(), "places for predicates", self.clauses.len(), "one per predicate");
        let lift = |integer| S::lift(world, &Constant::Integer(integer));
        for (k, clause) in self.clauses.iter().enumerate() {
            values[k] = match *clause {
                Clause::Always => lift(1),
                Clause::Never => lift(0),
                Clause::Branch { within, condition, taken } => {
                    let condition = value(condition);
                    let chosen = if taken { condition.ne(lift(0)) } else { condition.eq(lift(0)) };
                    if within == Predicate::ALWAYS { chosen } else { values[within.index()].clone() * chosen }
                }
                Clause::Either(a, b) => values[a.index()].clone().max(values[b.index()].clone()),
            };
        }
    }

    fn intern(&mut self, clause: Clause, known: &mut FxHashMap<Clause, Predicate>) -> Predicate {
        *known.entry(clause).or_insert_with(|| {
            self.clauses.push(clause);
            Predicate(self.clauses.len() as u32 - 1)
        })
    }

    /// A further use of a node.
    fn also(&mut self, id: NodeId, predicate: Predicate, known: &mut FxHashMap<Clause, Predicate>) {
        let before = self.of_node[id.index()];
        self.of_node[id.index()] = match (before, predicate) {
            (Predicate::ALWAYS, _) | (_, Predicate::ALWAYS) => Predicate::ALWAYS,
            (Predicate::NEVER, other) | (other, Predicate::NEVER) => other,
            (a, b) if a == b || self.includes(a, b) => a,
            (a, b) => self.union(a, b, known),
        };
    }

    /// Whether `predicate` is one of the alternatives that `all` ends with: keeps repeated uses from piling up.
    fn includes(&self, all: Predicate, predicate: Predicate) -> bool {
        matches!(self.clauses[all.index()], Clause::Either(a, b) if a == predicate || b == predicate)
    }

    fn union(&mut self, a: Predicate, b: Predicate, known: &mut FxHashMap<Clause, Predicate>) -> Predicate {
        // Both branches of one select: whenever that select counts.
        if let (
            Clause::Branch { within, condition, taken },
            Clause::Branch { within: w, condition: c, taken: t },
        ) = (self.clauses[a.index()], self.clauses[b.index()])
            && (within, condition) == (w, c)
            && taken != t
        {
            return within;
        }
        self.intern(Clause::Either(a.min(b), a.max(b)), known)
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
        let paths = PathConditions::of(&f);
        let counts = |at: f64, op: Op| {
            let values = f.values((), &[at]);
            let holds = paths.values((), |id| values[id.index()]);
            let id = f.graph().ids().find(|&id| f.graph().node(id).op() == Some(op)).unwrap();
            holds[paths.at(id).index()]
        };
        assert_eq!((counts(-1.0, Op::Exp), counts(-1.0, Op::Ln), counts(-1.0, Op::Sin)), (1.0, 0.0, 1.0));
        assert_eq!((counts(1.0, Op::Exp), counts(1.0, Op::Ln), counts(1.0, Op::Sin)), (0.0, 1.0, 1.0));
    }

    #[test]
    fn without_branches_there_is_nothing_to_mark() {
        let f = Function::build(|g| vec![g.input("x").sin()]);
        assert_eq!(PathConditions::of(&f).len(), 2);
    }
}
