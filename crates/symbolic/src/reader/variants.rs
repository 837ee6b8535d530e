//! Other ways to write a product: sums multiplied out or into each other, terms taken apart, double angles.

use std::cell::Cell;

use num_rational::BigRational;
use num_traits::{One, Zero};

use expr::{Builder, Op};

use super::algebra::{Algebra, Atom, AtomId, Exponent, Powers, Product, Result};
use super::sums::{Table, Terms};
use super::write::Writer;

/// Products of sums are multiplied out as long as there are no more terms than this.
const MOST_TERMS: usize = 12;
/// Only shorter sums are looked at for common factors.
const MOST_DIVIDED: usize = 40;
/// In products of more sums no pairs of them are looked at.
const MOST_SUMS: usize = 6;

impl Algebra {
    /// The product and other sums of products that are the same.
    pub(super) fn variants(&mut self, p: &Product, builder: &Builder, left: &Cell<u64>) -> Vec<Vec<Product>> {
        let mut found = vec![vec![p.clone()]];
        if let Ok(merged) = self.merged(p, builder, left)
            && merged != *p
        {
            found.push(vec![merged]);
        }
        if let Ok(Some(multiplied)) = self.multiplied(p) {
            found.push(vec![multiplied]);
        }
        if let Ok(Some(terms)) = self.taken_apart(p) {
            found.push(terms);
        }
        if let Ok(Some(inner)) = self.divided_inside(p) {
            found.push(vec![inner]);
        }
        let doubled: Vec<Vec<Product>> = found
            .iter()
            .filter_map(|terms| {
                let doubled =
                    terms.iter().map(|term| self.double_angles(term)).collect::<Result<Vec<Product>>>();
                doubled.ok().filter(|doubled| doubled != terms)
            })
            .collect();
        found.extend(doubled);
        found
    }

    /// The product without what divides a sum above the line and one below it.
    pub(super) fn cancelled(&mut self, p: &Product) -> Result<Product> {
        let mut p = p.clone();
        'again: loop {
            let sums = self.sums(&p);
            if sums.len() > MOST_SUMS {
                return Ok(p);
            }
            let (above, below): (Powers, Powers) = sums.into_iter().partition(|(_, e)| *e > Exponent::zero());
            for (a, e) in above {
                for &(b, f) in &below {
                    let Some(common) = self.common_factor(a, b) else { continue };
                    let [quotient, divisor] = [a, b].map(|id| self.divided(id, &common));
                    let (Some(quotient), Some(divisor)) = (quotient, divisor) else { continue };
                    let common = self.atom_of(common);
                    let factors = [(quotient, e), (divisor, f), (common, e + f)];
                    p = p.without(a).without(b);
                    for (factor, e) in factors {
                        let power = self.whole_power(&factor, e.to_integer())?;
                        p = self.times(&p, &power)?;
                    }
                    continue 'again;
                }
            }
            return Ok(p);
        }
    }

    fn terms_of_atom(&self, id: AtomId) -> Terms {
        let Atom::Sum(terms) = self.get(id) else { return Terms::new() };
        terms.iter().map(|term| (term.powers.clone(), term.number.clone())).collect()
    }

    /// What divides two sums, if it is a sum itself.
    fn common_factor(&self, a: AtomId, b: AtomId) -> Option<Terms> {
        let both = [a, b].map(|id| self.terms_of_atom(id));
        if both.iter().any(|terms| terms.len() > MOST_DIVIDED) {
            return None;
        }
        let table = Table::of(both.iter().flat_map(Terms::keys));
        let [(p, _), (q, _)] = [table.polynomial(&both[0])?, table.polynomial(&both[1])?];
        let common = p.gcd(&q)?;
        (common.0.len() > 1).then(|| table.terms(&common))
    }

    fn divided(&mut self, id: AtomId, by: &Terms) -> Option<Product> {
        let terms = self.terms_of_atom(id);
        let table = Table::of(terms.keys().chain(by.keys()));
        let quotient = table.polynomial(&terms)?.0.divided_by(&table.polynomial(by)?.0)?;
        let mut terms = table.terms(&quotient);
        match terms.len() {
            0 => None,
            1 => terms.pop_first().map(|(powers, number)| Product { number, powers }),
            _ => Some(self.atom_of(terms)),
        }
    }

    fn sums(&self, p: &Product) -> Vec<(AtomId, Exponent)> {
        let is_sum = |(id, e): &&(AtomId, Exponent)| e.is_integer() && matches!(self.get(*id), Atom::Sum(_));
        p.powers.iter().filter(is_sum).copied().collect()
    }

    /// The terms of the only sum that stands above the line as it is, and the product without it.
    fn only_sum(&self, p: &Product) -> Option<(Vec<Product>, Product)> {
        let mut above = self.sums(p).into_iter().filter(|(_, e)| e.is_one());
        let ((id, _), None) = (above.next()?, above.next()) else { return None };
        let Atom::Sum(terms) = self.get(id).clone() else { return None };
        Some((terms, p.clone().without(id)))
    }

    /// Pairs of sums with one exponent as one sum where that is shorter: `(1 - x)*(1 + x)` is `1 - x^2`.
    fn merged(&mut self, p: &Product, builder: &Builder, left: &Cell<u64>) -> Result<Product> {
        let mut p = p.clone();
        'again: loop {
            let sums = self.sums(&p);
            if sums.len() > MOST_SUMS {
                return Ok(p);
            }
            for (k, &(a, e)) in sums.iter().enumerate() {
                for &(b, _) in sums[k + 1..].iter().filter(|(_, other)| *other == e) {
                    let both = Product {
                        number: BigRational::one(),
                        powers: vec![(a.min(b), Exponent::one()), (a.max(b), Exponent::one())],
                    };
                    let terms = self.expanded(&both)?;
                    if terms.len() > MOST_TERMS || terms.len() < 2 {
                        continue;
                    }
                    let one = self.atom_of(terms);
                    let mut writer = Writer::new(self, builder, false, left);
                    let (one_node, both_node) =
                        (writer.write(std::slice::from_ref(&one))?, writer.write(&[both])?);
                    if writer.length(one_node) < writer.length(both_node) {
                        let power = self.whole_power(&one, e.to_integer())?;
                        let rest = p.clone().without(a).without(b);
                        p = self.times(&rest, &power)?;
                        continue 'again;
                    }
                }
            }
            return Ok(p);
        }
    }

    /// Everything above the line multiplied out.
    fn multiplied(&mut self, p: &Product) -> Result<Option<Product>> {
        if !self.sums(p).iter().any(|(_, e)| *e > Exponent::zero()) {
            return Ok(None);
        }
        let (above, below): (Powers, Powers) = p.powers.iter().partition(|(_, e)| *e > Exponent::zero());
        let above = Product { number: p.number.clone(), powers: above };
        let terms = self.expanded(&above)?;
        if terms.len() < 2 || terms.len() > MOST_TERMS {
            return Ok(None);
        }
        let sum = self.atom_of(terms);
        let rest = Product { number: BigRational::one(), powers: below };
        Ok(Some(self.times(&sum, &rest)?).filter(|found| found != p))
    }

    /// A sum over something as a sum of fractions, each with what cancels in it.
    fn taken_apart(&mut self, p: &Product) -> Result<Option<Vec<Product>>> {
        let Some((terms, rest)) = self.only_sum(p) else { return Ok(None) };
        if rest.powers.is_empty() && rest.number.is_integer() || terms.len() > MOST_TERMS {
            return Ok(None);
        }
        terms.iter().map(|term| self.times(&rest, term)).collect::<Result<Vec<Product>>>().map(Some)
    }

    /// What stands below the line under the terms of the only sum above it: `x^sin(x)*(cos(x)*ln(x) + sin(x)/x)`.
    fn divided_inside(&mut self, p: &Product) -> Result<Option<Product>> {
        let Some((terms, rest)) = self.only_sum(p) else { return Ok(None) };
        let (above, below): (Powers, Powers) = rest.powers.iter().partition(|(_, e)| *e > Exponent::zero());
        if above.is_empty() || below.is_empty() || terms.len() > MOST_TERMS {
            return Ok(None);
        }
        let below = Product { number: BigRational::one(), powers: below };
        let mut inner = Terms::new();
        for term in &terms {
            let Product { number, powers } = self.times(&below, term)?;
            *inner.entry(powers).or_insert_with(BigRational::zero) += number;
        }
        let inner = self.atom_of(inner);
        self.times(&Product { number: rest.number, powers: above }, &inner).map(Some)
    }

    /// `2*sin(u)*cos(u)` is `sin(2*u)`, and so with hyperbolic functions.
    fn double_angles(&mut self, p: &Product) -> Result<Product> {
        let mut p = p.clone();
        for (id, e) in p.powers.clone() {
            let Atom::Apply(sine @ (Op::Sin | Op::Sinh), of) = self.get(id).clone() else { continue };
            let other = if sine == Op::Sin { Op::Cos } else { Op::Cosh };
            let cosine = self.apply(other, of.clone()).powers[0].0;
            if !e.is_integer() || e.numer().abs() > 16 || p.exponent(cosine) != e {
                continue;
            }
            let two = num_traits::Pow::pow(&BigRational::from_integer(2.into()), e.to_integer() as i32);
            let number = &p.number / two;
            // Only where no fraction comes of it that was not there.
            if number.denom() > p.number.denom() {
                continue;
            }
            let double = self.function(sine, of[0].clone().scaled(&BigRational::from_integer(2.into())))?;
            let double = self.whole_power(&double, e.to_integer())?;
            p.number = number;
            p = self.times(&p.clone().without(id).without(cosine), &double)?;
        }
        Ok(p)
    }
}
