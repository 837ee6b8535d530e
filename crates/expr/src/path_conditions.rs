//! Path conditions: under a `select`, only the nodes of the branch that is taken count.
//!
//! A branch that is not taken contributes nothing to a derivative, even where it is undefined. A zero upstream
//! gradient alone does not achieve that, because 0·∞ is NaN; replacing every NaN by 0 would hide real ones. So every
//! node is given, before anything runs, the predicate under which a path of slopes leads to it from an output:
//! in `if(x < 0, exp(x), ln(x)) + x` that of `exp(x)` is `x < 0`, that of `ln(x)` its negation, that of `x` holds always.

use rustc_hash::FxHashMap;

use crate::graph::Graph;
use crate::scope::Axes;
use crate::{Calculus, Constant, Function, Node, NodeId, Op, Scalar, expect_length};

/// A condition on the branches that a point takes: one of [`PathConditions`], by its position there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Predicate(u32);

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

/// Conditions that all hold, each with whether it must be true or false; without any, always.
pub type Clause = Vec<(NodeId, bool)>;

/// What a predicate says, in terms of those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Formula {
    Always,
    /// Never used by an output along the paths in question.
    Never,
    /// Under `within`, and the condition is nonzero (or zero, if not `taken`).
    Branch {
        within: Predicate,
        condition: NodeId,
        taken: bool,
    },
    Either(Predicate, Predicate),
}

/// For every node of a function, the predicate under which a path leads to it from an output.
#[derive(Clone, Debug)]
pub struct PathConditions {
    formulas: Vec<Formula>,
    /// Empty where every node always counts.
    of_node: Vec<Predicate>,
}

impl PathConditions {
    /// Along paths of slopes: the predicates under which nodes count in a backward pass.
    pub fn of(f: &Function) -> PathConditions {
        let graph = f.graph();
        let free = if f.is_flat() { Vec::new() } else { graph.free_axes() };
        let by_slope = |id: NodeId, k: usize| graph.node(id).op().is_none_or(|op| op.has_slope(k));
        PathConditions::along(f, &free, by_slope, |_| true)
    }

    /// Along the paths that `follows(id, k)` lets go from a node to its child `k`, branches of the conditions that `splits`
    /// told apart. In a function with axes a condition that a node does not see is left out of its predicate:
    /// what is computed once for all values of an axis cannot depend on it, and inside a loop its axis is another one
    /// than outside.
    pub(crate) fn along(
        f: &Function,
        free: &[Axes],
        follows: impl Fn(NodeId, usize) -> bool,
        splits: impl Fn(NodeId) -> bool,
    ) -> PathConditions {
        let graph = f.graph();
        let condition_of = |id: NodeId| match graph.node(id) {
            Node::Ternary(Op::Select, [condition, ..]) if splits(condition) => Some(condition),
            _ => None,
        };
        if !graph.ids().any(|id| condition_of(id).is_some()) {
            return PathConditions::unconditional();
        }
        let mut all = Building {
            formulas: vec![Formula::Always, Formula::Never],
            known: FxHashMap::default(),
            free,
            without: FxHashMap::default(),
        };
        let mut of_node = vec![Predicate::NEVER; graph.len()];
        f.outputs().iter().for_each(|output| of_node[output.index()] = Predicate::ALWAYS);
        for id in graph.ids().rev() {
            let own =
                all.without(free.get(id.index()).map_or(Axes::NONE, |axes| !*axes), of_node[id.index()]);
            of_node[id.index()] = own;
            if own == Predicate::NEVER {
                continue;
            }
            let inside = all.without(bound_axes(graph, id), own);
            let condition = condition_of(id);
            for (k, child) in graph.children(id).iter().enumerate().filter(|(k, _)| follows(id, *k)) {
                let predicate = match condition {
                    Some(condition) if k > 0 => {
                        all.intern(Formula::Branch { within: inside, condition, taken: k == 1 })
                    }
                    _ => inside,
                };
                of_node[child.index()] = all.either(of_node[child.index()], predicate);
            }
        }
        PathConditions { formulas: all.formulas, of_node }
    }

    /// Every node counts, whatever its branches are: for a sweep whose caller decides for itself which branches are
    /// taken.
    pub fn unconditional() -> PathConditions {
        PathConditions { formulas: vec![Formula::Always, Formula::Never], of_node: Vec::new() }
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
    pub fn count(&self) -> usize {
        self.formulas.len()
    }

    /// Per predicate, the clauses of which one holds where it does. A predicate of more than so many is taken for one that
    /// always holds.
    pub fn clauses(&self, most: usize) -> Vec<Vec<Clause>> {
        let mut all: Vec<Vec<Clause>> = Vec::with_capacity(self.formulas.len());
        for formula in &self.formulas {
            let mut clauses: Vec<Clause> = Vec::new();
            match *formula {
                Formula::Always => clauses.push(Vec::new()),
                Formula::Never => {}
                Formula::Branch { within, condition, taken } => {
                    for mut clause in all[within.index()].iter().cloned() {
                        clause.push((condition, taken));
                        add_clause(&mut clauses, clause);
                    }
                }
                Formula::Either(a, b) => {
                    for clause in [a, b].iter().flat_map(|predicate| &all[predicate.index()]) {
                        add_clause(&mut clauses, clause.clone());
                    }
                }
            }
            if clauses.len() > most {
                clauses = vec![Vec::new()];
            }
            all.push(clauses);
        }
        all
    }

    /// Per predicate, what all its clauses demand; nothing where that is more than so many conditions.
    pub fn demands(&self, most: usize) -> Option<Vec<Clause>> {
        let mut all: Vec<Clause> = Vec::with_capacity(self.formulas.len());
        for formula in &self.formulas {
            let demands = match *formula {
                Formula::Always | Formula::Never => Vec::new(),
                Formula::Branch { within, condition, taken } => {
                    let mut clause = all[within.index()].clone();
                    clause.push((condition, taken));
                    clause
                }
                Formula::Either(a, b) => {
                    let other = &all[b.index()];
                    all[a.index()].iter().copied().filter(|demand| other.contains(demand)).collect()
                }
            };
            if demands.len() > most {
                return None;
            }
            all.push(demands);
        }
        Some(all)
    }

    /// Every predicate as a number, 1 where it holds and 0 where not, given the values of nodes.
    pub fn values<S: Scalar>(&self, context: S::Context, value: impl Fn(NodeId) -> S) -> Vec<S> {
        let mut values = vec![S::lift(context, &Constant::Integer(1)); self.formulas.len()];
        self.fill(context, value, &mut values);
        values
    }

    /// The same into a slice of [`PathConditions::count`] numbers.
    ///
    /// # Panics
    /// When the slice has another length.
    pub fn fill<S: Scalar>(&self, context: S::Context, value: impl Fn(NodeId) -> S, values: &mut [S]) {
        expect_length(values.len(), "places for predicates", self.formulas.len(), "one per predicate");
        let lift = |integer| S::lift(context, &Constant::Integer(integer));
        for (k, formula) in self.formulas.iter().enumerate() {
            values[k] = match *formula {
                Formula::Always => lift(1),
                Formula::Never => lift(0),
                Formula::Branch { within, condition, taken } => {
                    let condition = value(condition);
                    let chosen = if taken { condition.ne(lift(0)) } else { condition.eq(lift(0)) };
                    if within == Predicate::ALWAYS { chosen } else { values[within.index()].clone() * chosen }
                }
                Formula::Either(a, b) => values[a.index()].clone().max(values[b.index()].clone()),
            };
        }
    }
}

/// One more clause; those that it covers are nothing new, and neither is it if one covers it.
fn add_clause(clauses: &mut Vec<Clause>, clause: Clause) {
    let covers = |a: &Clause, b: &Clause| a.iter().all(|demand| b.contains(demand));
    if clauses.iter().any(|known| covers(known, &clause)) {
        return;
    }
    clauses.retain(|known| !covers(&clause, known));
    clauses.push(clause);
}

/// The axis that a node binds, as a set.
fn bound_axes(graph: &Graph, id: NodeId) -> Axes {
    graph.scope(id).map_or(Axes::NONE, |scope| Axes::of(scope.range.axis))
}

/// Predicates under construction, every one of them only once.
struct Building<'a> {
    formulas: Vec<Formula>,
    known: FxHashMap<Formula, Predicate>,
    /// Per node, the axes that it is free in; empty in a flat function.
    free: &'a [Axes],
    /// Per set of axes, every predicate so far without the conditions that depend on one of them.
    without: FxHashMap<Axes, Vec<Predicate>>,
}

impl Building<'_> {
    fn intern(&mut self, formula: Formula) -> Predicate {
        *self.known.entry(formula).or_insert_with(|| {
            self.formulas.push(formula);
            Predicate(self.formulas.len() as u32 - 1)
        })
    }

    /// Either of two predicates.
    fn either(&mut self, a: Predicate, b: Predicate) -> Predicate {
        match (a, b) {
            (Predicate::ALWAYS, _) | (_, Predicate::ALWAYS) => Predicate::ALWAYS,
            (Predicate::NEVER, other) | (other, Predicate::NEVER) => other,
            (a, b) if a == b || self.ends_with(a, b) => a,
            (a, b) => match (self.formulas[a.index()], self.formulas[b.index()]) {
                // Both branches of one select: whenever that select counts.
                (
                    Formula::Branch { within, condition, taken },
                    Formula::Branch { within: w, condition: c, taken: t },
                ) if (within, condition) == (w, c) && taken != t => within,
                _ => self.intern(Formula::Either(a.min(b), a.max(b))),
            },
        }
    }

    /// Whether `predicate` is one of the alternatives that `all` ends with: keeps repeated uses from piling up.
    fn ends_with(&self, all: Predicate, predicate: Predicate) -> bool {
        matches!(self.formulas[all.index()], Formula::Either(a, b) if a == predicate || b == predicate)
    }

    /// A predicate without the conditions that depend on one of these axes.
    fn without(&mut self, axes: Axes, predicate: Predicate) -> Predicate {
        if self.free.is_empty() || axes.is_empty() || predicate <= Predicate::NEVER {
            return predicate;
        }
        let mut known = self.without.remove(&axes).unwrap_or_default();
        // From the first on, as a predicate is made of those before it: no recursion over their depth.
        while known.len() <= predicate.index() {
            let next = match self.formulas[known.len()] {
                Formula::Always => Predicate::ALWAYS,
                Formula::Never => Predicate::NEVER,
                Formula::Branch { within, condition, taken } => {
                    let within = known[within.index()];
                    match self.free[condition.index()] & axes {
                        Axes::NONE => self.intern(Formula::Branch { within, condition, taken }),
                        _ => within,
                    }
                }
                Formula::Either(a, b) => self.either(known[a.index()], known[b.index()]),
            };
            known.push(next);
        }
        let found = known[predicate.index()];
        self.without.insert(axes, known);
        found
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
        assert_eq!(PathConditions::of(&f).count(), 2);
    }
}
