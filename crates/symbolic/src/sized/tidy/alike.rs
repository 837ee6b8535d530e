//! Sums that say the same but for the name of their index: each is written once.

use expr::graph::AxisRange;
use expr::index::{Index, Symbol};
use expr::{Axis, Expr, Fold, Node, NodeId};

use super::Tidy;
use expr::scope::Axes;

/// Sums that are compared, and steps that are taken to compare two.
const MOST_SUMS: usize = 60;
const MOST_STEPS: usize = 2_000;

impl<'g> Tidy<'g> {
    /// A sum or product, one that was written before where it says the same.
    pub(super) fn written(&mut self, fold: Fold, range: &AxisRange, body: Expr<'g>) -> Expr<'g> {
        if let Some(known) = self.known(fold, range, body) {
            return known;
        }
        let own = self.draft.builder.reduce(fold, range.clone(), body);
        if self.sums.len() < MOST_SUMS {
            self.sums.push(own);
        }
        own
    }

    pub(super) fn known(&self, fold: Fold, range: &AxisRange, body: Expr<'g>) -> Option<Expr<'g>> {
        self.sums.iter().copied().find(|known| {
            let other = self.draft.range(known.id());
            let Node::Reduce(kind, _, [inside]) = self.draft.node(known.id()) else { return false };
            kind == fold && (&other.low, &other.high) == (&range.low, &range.high) && {
                let mut steps = MOST_STEPS;
                self.alike(body.id(), inside, &mut vec![(range.axis, other.axis)], &mut steps)
            }
        })
    }

    /// Whether two nodes are the same but for the names of the axes that are bound around them.
    fn alike(&self, a: NodeId, b: NodeId, pairs: &mut Vec<(Axis, Axis)>, steps: &mut usize) -> bool {
        if *steps == 0 {
            return false;
        }
        *steps -= 1;
        let draft = self.draft;
        let own: Axes = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        if a == b && (draft.free(a) & own).is_empty() {
            return true;
        }
        let axis = |a: Axis, b: Axis| match pairs.iter().rev().find(|(x, y)| *x == a || *y == b) {
            Some((x, y)) => (*x, *y) == (a, b),
            None => a == b,
        };
        let symbol = |a: &Symbol, b: &Symbol| match (a, b) {
            (Symbol::Axis(a), Symbol::Axis(b)) => axis(*a, *b),
            _ => a == b,
        };
        // Renaming in one direction would let a free axis be captured by the other sum's name: both sides are asked.
        let forms = |a: &Index, b: &Index| {
            if !(a.data().is_empty() && b.data().is_empty()) {
                return a == b && (Axes::of_forms([a]) & own).is_empty();
            }
            let mut rest = b.terms().to_vec();
            a.terms().len() == rest.len()
                && a.terms().iter().all(|(left, factor)| {
                    let found = rest.iter().position(|(right, other)| {
                        factor == other
                            && left.len() == right.len()
                            && left.iter().zip(right).all(|(a, b)| symbol(a, b))
                    });
                    found.map(|at| rest.remove(at)).is_some()
                })
        };
        let (left, right) = (draft.children(a), draft.children(b));
        if left.len() != right.len() {
            return false;
        }
        match (draft.node(a), draft.node(b)) {
            (Node::Symbol(Symbol::Axis(a)), Node::Symbol(Symbol::Axis(b))) => axis(a, b),
            (Node::State(a, k), Node::State(b, l)) => k == l && axis(a, b),
            (Node::Read(x, at), Node::Read(y, other)) => {
                let graph = draft.builder.graph();
                x == y && graph.position(at).iter().zip(graph.position(other)).all(|(a, b)| forms(a, b))
            }
            (Node::Reduce(x, ..), Node::Reduce(y, ..)) => {
                let (first, second) = (draft.range(a), draft.range(b));
                x == y && forms(&first.low, &second.low) && forms(&first.high, &second.high) && {
                    pairs.push((first.axis, second.axis));
                    let same = self.alike(left[0], right[0], pairs, steps);
                    pairs.pop();
                    same
                }
            }
            (Node::Fold(x, _), Node::Fold(y, _)) if x != y => false,
            (Node::Fold(..), Node::Fold(..)) => {
                left.iter().zip(&right).all(|(a, b)| self.alike(*a, *b, pairs, steps))
            }
            (x, y) => {
                x.op().is_some()
                    && x.op() == y.op()
                    && left.iter().zip(&right).all(|(a, b)| self.alike(*a, *b, pairs, steps))
            }
        }
    }
}
