//! One reduction on its way to a form without borders: empty, single, split where a guard or another range ends, constant
//! factors out, shifted, in one order.

use expr::Fold;
use expr::Op;
use expr::index::Index;

use super::checker::expand::{collected, expand};
use super::checker::linear::Region;
use super::checker::predicate::Predicate;
use super::checker::{Rule, antiderivative, inside, list};
use super::search::{Found, Search, Side, Stop, at};
use super::shapes::{border, factors, is_constant_power, linear_parts, shifted};
use super::term::{Range, Term, bound, mentions};

impl Search<'_> {
    /// One rewriting of a reduction; whether what came of it is to be looked at once more.
    pub(super) fn reduction(
        &mut self,
        side: &mut Side,
        path: &mut Vec<usize>,
        region: &Region,
        depth: usize,
        (fold, range, body): (Fold, &Range, &Term),
    ) -> Found<bool> {
        let length = range.length().ok_or(Stop::TooLarge)?;
        let missing = Index::default().minus(&length).ok_or(Stop::TooLarge)?;
        if region.implies(&missing) {
            self.rewrite(side, path, Rule::Empty, Term::integer(if fold == Fold::Sum { 0 } else { 1 }))?;
            return Ok(false);
        }
        let single = length.minus(&1.into()).map(Predicate::Zero).and_then(|zero| zero.decided(region));
        if single == Some(true) {
            let only = body.at(depth, &range.low).ok_or(Stop::TooLarge)?;
            self.rewrite(side, path, Rule::Single, only)?;
            return Ok(true);
        }
        let own = bound(depth);
        let inner = inside(region, range, depth).ok_or(Stop::TooLarge)?;
        path.push(0);
        let found =
            self.normalise(side, path, &inner, depth + 1).and_then(|()| self.multiply_out(side, path));
        path.pop();
        match found {
            Ok(()) => {}
            Err(Stop::Split(predicate)) if predicate.form().is_some_and(|form| mentions(form, own)) => {
                let border = border(&predicate, own, &range.low, region).ok_or(Stop::TooLarge)?;
                self.split(side, path, region, depth, &border)?;
                return Ok(false);
            }
            Err(stop) => return Err(stop),
        }
        let Term::Reduce(_, _, body) = at(&mut side.root, path).clone() else { return Err(Stop::TooLarge) };
        if let Some((moved, shifted)) = shifted(range, &body, own) {
            self.rewrite(side, path, Rule::Shift, Term::Reduce(fold, moved, Box::new(shifted)))?;
            return Ok(true);
        }
        let apart = match fold {
            Fold::Sum => linear_parts(range, &body, depth),
            _ => factors(range, &body, depth, &length),
        };
        if let Some(apart) = apart {
            let rule = if fold == Fold::Sum { Rule::Linear } else { Rule::Factors };
            if rule == Rule::Factors && apart.children().iter().any(is_constant_power) {
                self.decided(region, Predicate::AtLeast(length.clone()))?;
            }
            self.rewrite(side, path, rule, apart)?;
            self.parts(side, path, region, depth)?;
            return Ok(false);
        }
        if fold == Fold::Sum {
            self.interchange(side, path, depth)?;
        }
        if let Some(total) = antiderivative(&body, own).filter(|_| fold == Fold::Sum) {
            self.decided(region, Predicate::AtLeast(length))?;
            let before = range.low.minus(&1.into()).ok_or(Stop::TooLarge)?;
            let values = [&range.high, &before].map(|value| total.at(depth, value));
            let [Some(end), Some(start)] = values else { return Err(Stop::TooLarge) };
            self.rewrite(side, path, Rule::Telescope, Term::Apply(Op::Sub, vec![end, start]))?;
            self.multiply_out(side, path)?;
            return Ok(false);
        }
        let key = (depth, fold, (*body).clone());
        let cuts: Vec<Index> = self.cuts.get(&key).into_iter().flatten().cloned().collect();
        let mut open = None;
        for cut in cuts.into_iter().filter(|cut| *cut != range.low) {
            // Either part may be empty, so that no case is needed where one is.
            let parts = [cut.minus(&range.low), range.high.minus(&cut).and_then(|d| d.plus(&1.into()))];
            let [Some(above), Some(below)] = parts.map(|part| part.map(Predicate::AtLeast)) else { continue };
            if below == Predicate::AtLeast(Index::default()) {
                continue;
            }
            match [above.decided(region), below.decided(region)] {
                [Some(true), Some(true)] => {
                    let border = cut.minus(&1.into()).ok_or(Stop::TooLarge)?;
                    self.split(side, path, region, depth, &border)?;
                    return Ok(false);
                }
                [Some(false), _] | [_, Some(false)] => {}
                [None, _] => open = open.or(Some(above)),
                [_, None] => open = open.or(Some(below)),
            }
        }
        // Cases are distinguished where nothing else is left to do.
        if let Some(open) = open {
            return Err(Stop::Split(open));
        }
        Ok(false)
    }

    /// Of a sum of sums whose ranges do not depend on each other the one order that comes first.
    fn interchange(&mut self, side: &mut Side, path: &mut Vec<usize>, depth: usize) -> Found<()> {
        let Term::Reduce(_, outer, body) = at(&mut side.root, path).clone() else { return Ok(()) };
        let (own, deeper) = (bound(depth), bound(depth + 1));
        let Some((Term::Reduce(Fold::Sum, inner, term), factors)) = list(Fold::Product, &body).split_last()
        else {
            return Ok(());
        };
        let is_sum = |factor: &Term| matches!(factor, Term::Reduce(..));
        if mentions(&inner.low, own) || mentions(&inner.high, own) || factors.iter().any(is_sum) {
            return Ok(());
        }
        let canonical = |term: &Term| expand(term).and_then(|sum| collected(&sum)).ok_or(Stop::TooLarge);
        let moved = factors.iter().map(|factor| factor.moved(depth + 1, true));
        let mut product = moved.collect::<Option<Vec<_>>>().ok_or(Stop::TooLarge)?;
        product.push((**term).clone());
        let term = canonical(&Term::Fold(Fold::Product, product))?;
        let swapped = term
            .map(&|symbol| match symbol {
                _ if symbol == own => deeper.into(),
                _ if symbol == deeper => own.into(),
                _ => symbol.into(),
            })
            .ok_or(Stop::TooLarge)?;
        let sum = |range: &Range, body: Term| Term::Reduce(Fold::Sum, range.clone(), Box::new(body));
        let one = sum(inner, term);
        let other = sum(inner, sum(&outer, canonical(&swapped)?));
        path.push(0);
        let found = self.rewrite(side, path, Rule::ConstantIn, one.clone());
        path.pop();
        found?;
        if other < sum(&outer, one) {
            self.rewrite(side, path, Rule::Interchange, sum(inner, sum(&outer, swapped)))?;
            path.extend([0, 0]);
            let found = self.multiply_out(side, path);
            path.truncate(path.len() - 2);
            found?;
        }
        Ok(())
    }

    /// Normalises the reductions that a list of products is made of.
    fn parts(&mut self, side: &mut Side, path: &mut Vec<usize>, region: &Region, depth: usize) -> Found<()> {
        let term = at(&mut side.root, path).clone();
        match term {
            Term::Reduce(..) => self.normalise(side, path, region, depth),
            Term::Fold(..) | Term::Apply(Op::Powi, _) => {
                for k in 0..term.children().len() {
                    path.push(k);
                    let found = self.parts(side, path, region, depth);
                    path.pop();
                    found?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Splits a range after a border inside it, and looks at both parts.
    fn split(
        &mut self,
        side: &mut Side,
        path: &mut Vec<usize>,
        region: &Region,
        depth: usize,
        border: &Index,
    ) -> Found<()> {
        let Term::Reduce(fold, range, body) = at(&mut side.root, path).clone() else {
            return Err(Stop::TooLarge);
        };
        let first = Range { low: range.low.clone(), high: border.clone() };
        let next = border.plus(&1.into()).ok_or(Stop::TooLarge)?;
        let second = Range { low: next, high: range.high };
        for part in [&first, &second] {
            let length = part.length().ok_or(Stop::TooLarge)?;
            if !self.decided(region, Predicate::AtLeast(length))? {
                return Err(Stop::TooLarge);
            }
        }
        let parts = [first, second].map(|part| Term::Reduce(fold, part, body.clone()));
        self.rewrite(side, path, Rule::SplitRange, Term::Fold(fold, parts.to_vec()))?;
        self.child(side, path, 0, region, depth)?;
        self.child(side, path, 1, region, depth)
    }

    /// Multiplies a term out, and what its atoms are functions of.
    pub(super) fn multiply_out(&mut self, side: &mut Side, path: &mut Vec<usize>) -> Found<()> {
        let term = at(&mut side.root, path).clone();
        let ring = |term: &Term| {
            use Op::*;
            matches!(term, Term::Fold(..) | Term::Index(_))
                || matches!(term, Term::Apply(Neg | Add | Sub | Mul | Square | Div | Recip | Powi, _))
        };
        self.atoms(side, path, &ring)?;
        if ring(&term) {
            let term = at(&mut side.root, path).clone();
            let after = expand(&term).and_then(|sum| collected(&sum)).ok_or(Stop::TooLarge)?;
            self.rewrite(side, path, Rule::Polynomial, after)?;
        }
        Ok(())
    }

    fn atoms(&mut self, side: &mut Side, path: &mut Vec<usize>, ring: &dyn Fn(&Term) -> bool) -> Found<()> {
        let term = at(&mut side.root, path).clone();
        if matches!(term, Term::Reduce(..)) {
            return Ok(()); // multiplied out already
        }
        let inside_ring = ring(&term);
        for k in 0..term.children().len() {
            path.push(k);
            let found =
                if inside_ring { self.atoms(side, path, ring) } else { self.multiply_out(side, path) };
            path.pop();
            found?;
        }
        Ok(())
    }
}
