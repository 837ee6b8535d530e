//! Sums: like terms collected, and, where wanted, over a common denominator with common factors found.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{CheckedMul, CheckedSub, One, Signed, Zero};
use rustc_hash::FxHashSet;

use expr::Op;

use super::algebra::{Algebra, Atom, AtomId, Circular, Exponent, GiveUp, Powers, Product, Result};
use super::polynomial::Polynomial;

/// Terms by their powers; none is zero.
pub(super) type Terms = BTreeMap<Powers, BigRational>;

/// A sum that becomes longer than this is not brought to a common denominator.
const MOST_TERMS: usize = 200;
/// Only shorter sums are looked at for factors.
const MOST_FACTORED: usize = 80;
/// The largest common denominator of exponents.
const MOST_DENOMINATOR: i64 = 1 << 20;

pub(super) fn collect(terms: &mut Terms, term: Product) {
    let place = terms.entry(term.powers).or_insert_with(BigRational::zero);
    *place += term.number;
}

fn without_zeros(mut terms: Terms) -> Terms {
    terms.retain(|_, number| !number.is_zero());
    terms
}

impl Algebra {
    /// The sum of some products.
    pub(super) fn sum_of(&mut self, terms: Vec<Product>) -> Result<Product> {
        let mut all = Terms::new();
        for term in terms {
            for term in self.terms_of(&term) {
                self.spend(1 + term.powers.len())?;
                collect(&mut all, term);
            }
        }
        let mut all = without_zeros(all);
        self.join_branches(&mut all)?;
        match all.len() {
            0 => return Ok(Product::integer(0)),
            1 => {
                let (powers, number) = all.pop_first().ok_or(GiveUp)?;
                return Ok(Product { number, powers });
            }
            _ => {}
        }
        if self.mode.common { self.over_common_denominator(all) } else { Ok(self.atom_of(all)) }
    }

    /// A sum of several terms as a number times an atom.
    pub(super) fn atom_of(&mut self, terms: Terms) -> Product {
        let first = terms.values().next().is_some_and(Signed::is_negative);
        let mut content = terms.values().fold((BigInt::zero(), BigInt::one()), |(top, below), c| {
            (top.gcd(c.numer()), below.lcm(c.denom()))
        });
        if first {
            content.0 = -content.0;
        }
        let mut content = BigRational::new(content.0, content.1);
        let reduced = |content: &BigRational| -> Vec<Product> {
            terms.iter().map(|(powers, c)| Product { number: c / content, powers: powers.clone() }).collect()
        };
        let mut list = reduced(&content);
        let turned: Vec<Product> = list.iter().cloned().map(Product::negated).collect();
        if self.preferred.contains(&turned) {
            list = turned;
            content = -content;
        }
        let id = self.id(Atom::Sum(list));
        Product { number: content, powers: vec![(id, Exponent::one())] }
    }

    /// The smallest exponents of every atom over all terms, where it is not 0.
    fn least(&self, terms: &Terms) -> Powers {
        let mut least: BTreeMap<AtomId, (usize, Exponent)> = BTreeMap::new();
        for powers in terms.keys() {
            for &(id, e) in powers {
                let place = least.entry(id).or_insert((0, e));
                *place = (place.0 + 1, place.1.min(e));
            }
        }
        // `exp(x) + exp(-x)` stays what it is.
        let most = |id: AtomId| terms.keys().flatten().filter(|(own, _)| *own == id).map(|(_, e)| *e).max();
        least.retain(|&id, (_, e)| {
            !matches!(self.get(id), Atom::Exp(_))
                || *e >= Exponent::zero()
                || most(id) <= Some(Exponent::zero())
        });
        // An atom that some term lacks has the exponent 0 there.
        let of = |(id, (count, e)): (AtomId, (usize, Exponent))| {
            let e = if count == terms.len() { e } else { e.min(Exponent::zero()) };
            (!e.is_zero()).then_some((id, e))
        };
        least.into_iter().filter_map(of).collect()
    }

    fn over_common_denominator(&mut self, terms: Terms) -> Result<Product> {
        let common = Product { number: BigRational::one(), powers: self.least(&terms) };
        let inverse: Powers = common.powers.iter().map(|&(id, e)| (id, -e)).collect();
        let inverse = Product { number: BigRational::one(), powers: inverse };
        let mut rest = Terms::new();
        for (powers, number) in terms {
            let term = self.times(&Product { number, powers }, &inverse)?;
            for (powers, number) in self.expanded(&term)? {
                collect(&mut rest, Product { number, powers });
            }
            if rest.len() > MOST_TERMS {
                return Err(GiveUp);
            }
        }
        let rest = without_zeros(rest);
        let sum = self.factored(rest, &common)?;
        self.times(&common, &sum)
    }

    /// A product with all sums in it multiplied out, and squares of sines replaced if so wanted.
    pub(super) fn expanded(&mut self, p: &Product) -> Result<Terms> {
        let mut done = Terms::new();
        let mut open = vec![p.clone()];
        while let Some(p) = open.pop() {
            self.spend(1 + p.powers.len())?;
            let Some((id, factor)) =
                p.powers.iter().find_map(|&(id, e)| Some((id, self.replacement(id, e)?)))
            else {
                collect(&mut done, p);
                if done.len() > MOST_TERMS {
                    return Err(GiveUp);
                }
                continue;
            };
            let (taken, terms) = factor;
            let e = p.exponent(id).checked_sub(&taken).ok_or(GiveUp)?;
            let mut left = p.without(id);
            if !e.is_zero() {
                left = self.times(&left, &Product { number: BigRational::one(), powers: vec![(id, e)] })?;
            }
            for term in &terms {
                open.push(self.times(&left, term)?);
            }
        }
        Ok(without_zeros(done))
    }

    /// What a power is multiplied out as: how much of the exponent that takes, and the terms that replace it.
    fn replacement(&mut self, id: AtomId, e: Exponent) -> Option<(Exponent, Vec<Product>)> {
        let (one, two) = (Exponent::one(), Exponent::from_integer(2));
        match self.get(id) {
            Atom::Sum(terms) if e >= one => Some((one, terms.clone())),
            Atom::Group(inner) if e >= one => Some((one, vec![inner.clone()])),
            Atom::Apply(op @ (Op::Sin | Op::Cos | Op::Cosh | Op::Sinh), of) if e >= two => {
                // sin² = 1 - cos², cos² = 1 - sin², cosh² = 1 + sinh², sinh² = cosh² - 1.
                let (other, unit, sign) = match (op, self.mode.circular) {
                    (Op::Sin, Circular::Cosines) => (Op::Cos, 1, -1),
                    (Op::Cos, Circular::Sines) => (Op::Sin, 1, -1),
                    (Op::Sinh, Circular::Cosines) => (Op::Cosh, -1, 1),
                    (Op::Cosh, Circular::Sines) => (Op::Sinh, 1, 1),
                    _ => return None,
                };
                let other = self.apply(other, of.clone());
                let square = self.whole_power(&other, 2).ok()?;
                let square = if sign < 0 { square.negated() } else { square };
                Some((two, vec![Product::integer(unit), square]))
            }
            _ => None,
        }
    }

    /// A polynomial as a product of what divides it: its monomial, sums that stand in the common denominator or are known, and
    /// repeated factors.
    pub(super) fn factored(&mut self, terms: Terms, common: &Product) -> Result<Product> {
        match terms.len() {
            0 => return Ok(Product::integer(0)),
            1 => {
                let (powers, number) = terms.into_iter().next().ok_or(GiveUp)?;
                return Ok(Product { number, powers });
            }
            _ => {}
        }
        let monomial = Product { number: BigRational::one(), powers: self.least(&terms) };
        let mut reduced = Terms::new();
        for (powers, number) in terms {
            let powers = subtracted(&powers, &monomial.powers).ok_or(GiveUp)?;
            collect(&mut reduced, Product { number, powers });
        }
        let whole = self.atom_of(reduced.clone());
        let known = self.known_factors(&reduced, common);
        if reduced.len() > MOST_FACTORED {
            return self.times(&monomial, &whole);
        }
        let mut found = monomial;
        let table = Table::of(reduced.keys().chain(known.iter().flat_map(|(_, terms)| terms.keys())));
        let Some((mut p, mut number)) = table.polynomial(&reduced) else { return self.times(&found, &whole) };
        for (id, terms) in &known {
            let Some((divisor, _)) = table.polynomial(terms) else { continue };
            while !p.is_constant()
                && let Some(quotient) = p.divided_by(&divisor)
            {
                p = quotient;
                found = self.times(&found, &Product::atom(*id))?;
            }
        }
        let mut unit = BigRational::from_integer(p.leading());
        if !p.is_constant() {
            for (factor, times) in p.square_free() {
                unit /= BigRational::from_integer(num_traits::Pow::pow(factor.leading(), times));
                let factor = self.atom_of(table.terms(&factor));
                let power = self.whole_power(&factor, times.into())?;
                found = self.times(&found, &power)?;
            }
        }
        number *= unit;
        Ok(found.scaled(&number))
    }

    /// Sums that may divide a polynomial: those of the common denominator, and those that share its atoms and are not longer.
    fn known_factors(&self, terms: &Terms, common: &Product) -> Vec<(AtomId, Terms)> {
        let atoms: FxHashSet<AtomId> = terms.keys().flatten().map(|(id, _)| *id).collect();
        let as_terms = |list: &[Product]| -> Terms {
            list.iter().map(|term| (term.powers.clone(), term.number.clone())).collect()
        };
        let mut known: Vec<(AtomId, Terms)> = Vec::new();
        let in_common = common.powers.iter().map(|(id, _)| *id);
        for id in in_common.chain((0..self.atoms.len().min(200) as AtomId).rev()) {
            if let Atom::Sum(list) = self.get(id)
                && list.len() <= terms.len().max(3)
                && list.len() <= 8
                && known.len() < 24
                && list
                    .iter()
                    .flat_map(|term| &term.powers)
                    .all(|(id, e)| atoms.contains(id) && *e > Exponent::zero())
                && !known.iter().any(|(own, _)| *own == id)
            {
                known.push((id, as_terms(list)));
            }
        }
        known
    }
}

fn subtracted(a: &Powers, b: &Powers) -> Option<Powers> {
    let mut powers: BTreeMap<AtomId, Exponent> = a.iter().copied().collect();
    for (id, e) in b {
        let place = powers.entry(*id).or_insert_with(Exponent::zero);
        *place = place.checked_sub(e)?;
    }
    powers.retain(|_, e| !e.is_zero());
    Some(powers.into_iter().collect())
}

/// Atoms as variables of polynomials, with exponents that are whole.
pub(super) struct Table {
    atoms: Vec<AtomId>,
    denominators: Vec<i64>,
}

impl Table {
    pub(super) fn of<'a>(all: impl Iterator<Item = &'a Powers>) -> Table {
        let mut known: BTreeMap<AtomId, i64> = BTreeMap::new();
        for &(id, e) in all.flatten() {
            let place = known.entry(id).or_insert(1);
            // A larger denominator makes no polynomial.
            if *place < MOST_DENOMINATOR {
                *place = place.lcm(e.denom());
            }
        }
        let (atoms, denominators) = known.into_iter().unzip();
        Table { atoms, denominators }
    }

    /// The polynomial, primitive, and the number that was taken out.
    pub(super) fn polynomial(&self, terms: &Terms) -> Option<(Polynomial, BigRational)> {
        let below = terms.values().fold(BigInt::one(), |below, c| below.lcm(c.denom()));
        let top = terms.values().fold(BigInt::zero(), |top, c| top.gcd(c.numer()));
        let content = BigRational::new(top, below);
        let mut p = Polynomial::default();
        for (powers, c) in terms {
            let mut exponents = vec![0u16; self.atoms.len()];
            for (id, e) in powers {
                let k = self.atoms.binary_search(id).ok()?;
                let e = e.checked_mul(&Exponent::from_integer(self.denominators[k]))?;
                exponents[k] = u16::try_from(e.to_integer()).ok().filter(|_| e.is_integer())?;
            }
            p.add(exponents, (c / &content).to_integer());
        }
        Some((p, content))
    }

    pub(super) fn terms(&self, p: &Polynomial) -> Terms {
        let term = |(exponents, c): (&Vec<u16>, &BigInt)| {
            let powers = exponents.iter().enumerate().filter(|(_, e)| **e > 0);
            let powers =
                powers.map(|(k, e)| (self.atoms[k], Exponent::new((*e).into(), self.denominators[k])));
            (powers.collect(), BigRational::from_integer(c.clone()))
        };
        p.0.iter().map(term).collect()
    }
}
