//! A sum over a range taken apart: what does not depend on the index stands before it, what is left is summed, or is there already.

use expr::graph::AxisRange;
use expr::{Axis, Expr, Fold, Node, Op};

use super::{Tidy, scaled};

/// A body is multiplied out into no more terms than this.
const MOST_TERMS: usize = 24;

/// Factors of a term, with whether they divide; and what of it depends on the index, if anything does.
#[derive(Clone)]
struct Term<'g> {
    factors: Vec<(Expr<'g>, bool)>,
    rest: Option<Expr<'g>>,
}

impl<'g> Tidy<'g> {
    /// A sum over a range, whose length is given where it surely is one.
    pub(super) fn summed(
        &mut self,
        range: &AxisRange,
        body: Expr<'g>,
        length: Option<Expr<'g>>,
    ) -> Option<Expr<'g>> {
        let zero = self.draft.integer(0);
        let mut terms: Vec<Term<'g>> = Vec::new();
        self.terms(body, range.axis, &Term { factors: Vec::new(), rest: None }, false, &mut terms)?;
        // Like terms.
        let mut like: Vec<(Option<Expr<'g>>, Vec<Term<'g>>)> = Vec::new();
        for term in terms {
            let rest = term.rest.map(Expr::id);
            match like.iter_mut().find(|(known, _)| known.map(Expr::id) == rest) {
                Some((_, all)) => all.push(term),
                None => like.push((term.rest, vec![term])),
            }
        }
        let is_there = |tidy: &Tidy<'g>, rest: &Option<Expr<'g>>| match rest {
            Some(rest) => tidy.known(Fold::Sum, range, *rest).is_some(),
            None => length.is_some(),
        };
        if like.len() == 1 || self.apart || like.iter().all(|(rest, _)| is_there(self, rest)) {
            let mut sum = zero;
            for (rest, all) in like {
                let own = match rest {
                    Some(rest) => self.written(Fold::Sum, range, rest),
                    None => match length {
                        Some(length) => length,
                        None => self.written(Fold::Sum, range, self.draft.integer(1)),
                    },
                };
                for term in all {
                    sum = sum + scaled(&term.factors, own);
                }
            }
            return Some(sum);
        }
        // What all terms have in common stands before the sum.
        let all: Vec<&Term<'g>> = like.iter().flat_map(|(_, all)| all).collect();
        let mut common = all[0].factors.clone();
        for term in &all[1..] {
            let mut left = term.factors.clone();
            common.retain(|(factor, divides)| {
                let at = left.iter().position(|(other, way)| (other.id(), *way) == (factor.id(), *divides));
                at.map(|at| left.remove(at)).is_some()
            });
        }
        let one = self.draft.integer(1);
        let mut sum = zero;
        for term in all {
            let mut left = term.factors.clone();
            for (factor, divides) in &common {
                let at = left.iter().position(|(other, way)| (other.id(), *way) == (factor.id(), *divides));
                left.remove(at.expect("it is in all"));
            }
            sum = sum + scaled(&left, term.rest.unwrap_or(one));
        }
        let own = self.written(Fold::Sum, range, sum);
        Some(scaled(&common, own))
    }

    /// The terms of a body, each with the factors that are around it.
    fn terms(
        &mut self,
        node: Expr<'g>,
        axis: Axis,
        around: &Term<'g>,
        minus: bool,
        terms: &mut Vec<Term<'g>>,
    ) -> Option<()> {
        let draft = self.draft;
        if terms.len() >= MOST_TERMS {
            return None;
        }
        let children: Vec<Expr<'g>> = draft.children(node.id()).iter().map(|&id| self.handle(id)).collect();
        let kind = draft.node(node.id());
        let is_sum = matches!(
            kind,
            Node::Binary(Op::Add | Op::Sub, _) | Node::Unary(Op::Neg, _) | Node::Fold(Fold::Sum, _)
        );
        // A sum with another factor beside it that depends on the index is multiplied out only where all are.
        if is_sum && self.depends(node, axis) && (around.rest.is_none() || self.apart) {
            for (k, &child) in children.iter().enumerate() {
                let turned =
                    matches!(kind, Node::Unary(..)) || k == 1 && matches!(kind, Node::Binary(Op::Sub, _));
                self.terms(child, axis, around, minus != turned, terms)?;
            }
            return Some(());
        }
        let mut factors = around.factors.clone();
        let mut rest = Vec::new();
        let mut todo = vec![(node, false)];
        let mut negative = minus;
        while let Some((node, divides)) = todo.pop() {
            if !self.depends(node, axis) {
                factors.push((node, divides));
                continue;
            }
            let children: Vec<Expr<'g>> =
                draft.children(node.id()).iter().map(|&id| self.handle(id)).collect();
            match draft.node(node.id()) {
                Node::Binary(Op::Mul, _) | Node::Fold(Fold::Product, _) => {
                    todo.extend(children.into_iter().rev().map(|child| (child, divides)));
                }
                Node::Binary(Op::Div, _) => todo.extend([(children[1], !divides), (children[0], divides)]),
                Node::Unary(Op::Neg, _) => {
                    negative = !negative;
                    todo.push((children[0], divides));
                }
                _ => rest.push((node, divides)),
            }
        }
        // The only dependent factor, or one of several where all is multiplied out, may be a sum.
        let is_sum = |node: &Expr<'g>| {
            let kind = draft.node(node.id());
            matches!(kind, Node::Binary(Op::Add | Op::Sub, _) | Node::Fold(Fold::Sum, _))
        };
        let at = rest.iter().position(|(node, divides)| !divides && is_sum(node));
        if let Some(at) = at.filter(|_| rest.len() == 1 && around.rest.is_none() || self.apart) {
            let (sum, _) = rest.remove(at);
            let mut inner = Term { factors, rest: around.rest };
            for &(factor, divides) in &rest {
                inner.rest = Some(joined(inner.rest, factor, divides, draft.integer(1)));
            }
            return self.terms(sum, axis, &inner, negative, terms);
        }
        let mut own = around.rest;
        for (factor, divides) in rest {
            own = Some(joined(own, factor, divides, draft.integer(1)));
        }
        if negative {
            factors.insert(0, (draft.integer(-1), false));
        }
        terms.push(Term { factors, rest: own });
        Some(())
    }
}

/// A product of what is left of a term and one more factor.
fn joined<'g>(own: Option<Expr<'g>>, factor: Expr<'g>, divides: bool, one: Expr<'g>) -> Expr<'g> {
    match (own, divides) {
        (None, false) => factor,
        (None, true) => one / factor,
        (Some(own), false) => own * factor,
        (Some(own), true) => own / factor,
    }
}
