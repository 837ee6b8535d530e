//! Branches: those by one condition as one, and those that no textbook has left out.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Zero};
use rustc_hash::FxHashSet;

use expr::Op;

use super::algebra::{Algebra, Atom, AtomId, Exponent, Powers, Product, Result};
use super::sums::{Terms, collect};

impl Algebra {
    /// Terms that are branches by one condition become one branch, whose parts are the sums.
    pub(super) fn join_branches(&mut self, all: &mut Terms) -> Result<()> {
        let branch = |algebra: &Algebra, powers: &Powers| {
            powers.iter().find_map(|&(id, e)| match algebra.get(id) {
                Atom::Apply(Op::Select, of) if e.is_one() => Some((id, of.clone())),
                _ => None,
            })
        };
        let mut by_condition: BTreeMap<Product, Vec<(Powers, AtomId, Vec<Product>)>> = BTreeMap::new();
        for powers in all.keys() {
            if let Some((id, of)) = branch(self, powers) {
                by_condition.entry(of[0].clone()).or_default().push((powers.clone(), id, of));
            }
        }
        for (condition, group) in by_condition.into_iter().filter(|(_, group)| group.len() > 1) {
            let mut sums = [Vec::new(), Vec::new()];
            for (powers, id, of) in group {
                let number = all.remove(&powers).unwrap_or_else(BigRational::zero);
                let factor = Product { number, powers }.without(id);
                for (sum, part) in sums.iter_mut().zip(&of[1..]) {
                    sum.push(self.times(&factor, part)?);
                }
            }
            let [yes, no] = sums;
            let (yes, no) = (self.sum_of(yes)?, self.sum_of(no)?);
            let joined = self.choice(condition, yes, no)?;
            for term in self.terms_of(&joined) {
                collect(all, term);
            }
            all.retain(|_, number| !number.is_zero());
        }
        Ok(())
    }

    /// `if(condition, yes, no)`.
    pub(super) fn choice(&mut self, condition: Product, yes: Product, no: Product) -> Result<Product> {
        if yes == no {
            return Ok(yes);
        }
        if let Some(number) = condition.as_number() {
            return Ok(if number.is_zero() { no } else { yes });
        }
        // `if(n == 0, 0, n*x^(n - 1))`: the factor is 0 as well where the condition holds.
        if yes.is_zero()
            && let Some(id) = condition.as_atom()
            && let Atom::Apply(Op::Eq, sides) = self.get(id)
            && sides[1].is_zero()
            && let [(zero, e)] = sides[0].powers.as_slice()
            && e.is_one()
            && self.vanishes_with(&no, *zero)
        {
            return Ok(no);
        }
        Ok(self.apply(Op::Select, vec![condition, yes, no]))
    }

    /// Whether a product is 0 where an atom is, because that is a factor and everything else has a value there; or is `x^x`, which
    /// has no slope where x is 0.
    fn vanishes_with(&self, p: &Product, zero: AtomId) -> bool {
        let n = Product::atom(zero);
        let self_power = |id: AtomId| matches!(self.get(id), Atom::Power(base, by) if *base == n && *by == n);
        if p.powers.iter().any(|(id, _)| self_power(*id)) {
            return true;
        }
        let harmless = |&(id, _): &(AtomId, Exponent)| match self.get(id) {
            _ if id == zero => true,
            // The slope of a power by its base; where its base has no value at that point, neither has the other slope.
            Atom::Power(base, by) => {
                let own = by.exponent(zero);
                !self.holds(&by.clone().without(zero), zero)
                    && (own.is_one() || own.is_zero() && !self.holds(base, zero))
            }
            _ => !self.holds(&Product::atom(id), zero),
        };
        p.exponent(zero) >= Exponent::one() && p.powers.iter().all(harmless)
    }

    /// Whether an atom is part of a product.
    fn holds(&self, p: &Product, part: AtomId) -> bool {
        let mut seen = FxHashSet::default();
        let mut open: Vec<AtomId> = p.powers.iter().map(|(id, _)| *id).collect();
        while let Some(id) = open.pop() {
            if id == part {
                return true;
            }
            if seen.insert(id) {
                let inner: Vec<&Product> = match self.get(id) {
                    Atom::Leaf(_) => Vec::new(),
                    Atom::Sum(all) | Atom::Apply(_, all) | Atom::Bound(_, all) => all.iter().collect(),
                    Atom::Group(p) | Atom::Exp(p) => vec![p],
                    Atom::Power(a, b) => vec![a, b],
                };
                open.extend(inner.into_iter().flat_map(|p| &p.powers).map(|(id, _)| *id));
            }
        }
        false
    }
}
