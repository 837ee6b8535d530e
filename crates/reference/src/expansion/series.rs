//! What a node is for small t > 0: finitely many terms c·t^a·(ln t)^k, and a remainder.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use super::exact::{Exact, Field};
use super::rational::Rational;

/// `coefficient`·t^`exponent`·(ln t)^`logs`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Term {
    pub(crate) exponent: Rational,
    pub(crate) logs: u32,
    pub(crate) coefficient: Exact,
}

/// What a series leaves out, as t goes to 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Remainder {
    /// Smaller than t^q for every q below this: powers of ln t are absorbed.
    Order(Rational),
    /// Smaller than every power of t, as exp(-1/t) is.
    Flat,
    /// Nothing: the terms are all.
    Zero,
}

/// A generalised power series: terms from the largest to the smallest as t goes to 0, all larger than the remainder.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    pub(crate) terms: Vec<Term>,
    pub(crate) rest: Remainder,
}

/// What a node is for all small t > 0.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Series(Series),
    /// Larger than every power of 1/t, with this sign: exp(1/t).
    Huge(i8),
    /// No real number.
    Missing(Absence),
}

/// Why there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absence {
    /// An argument is strictly outside the domain.
    Outside,
    /// An argument is a pole for every t, as y is of 1/y on the line y = 0: beside the line there may be values.
    Pole,
}

/// Why an expansion says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stuck {
    /// More terms might decide it.
    Order,
    /// Whether a coefficient is 0 is not known.
    Sign,
    /// Powers of another kind, or an operator without a rule.
    Unsupported,
}

pub(crate) type Outcome<T> = Result<T, Stuck>;

/// Arithmetic of series: exact numbers, and how many orders of t are kept.
pub(crate) struct Algebra<'w> {
    pub(crate) field: Field<'w>,
    pub(crate) order: Rational,
}

/// Terms beyond these are left to the remainder.
const MAX_TERMS: usize = 48;

impl Remainder {
    fn times(&self, other: &Remainder) -> Remainder {
        match (self, other) {
            (Remainder::Zero, _) | (_, Remainder::Zero) => Remainder::Zero,
            (Remainder::Flat, _) | (_, Remainder::Flat) => Remainder::Flat,
            (Remainder::Order(a), Remainder::Order(b)) => Remainder::Order(a.plus(b)),
        }
    }

    pub(crate) fn is_above(&self, order: &Rational) -> bool {
        match self {
            Remainder::Order(own) => own > order,
            _ => true,
        }
    }
}

impl Term {
    fn key(&self) -> (Rational, Reverse<u32>) {
        (self.exponent.clone(), Reverse(self.logs))
    }

    /// Whether it grows without bound as t goes to 0.
    pub(crate) fn is_infinite(&self) -> bool {
        self.exponent.sign() < 0 || (self.exponent.is_zero() && self.logs > 0)
    }
}

impl Series {
    pub(crate) fn constant(value: Exact) -> Series {
        Series::monomial(value, Rational::zero(), 0)
    }

    pub(crate) fn integer(value: i64) -> Series {
        Series::constant(Exact::integer(value))
    }

    pub(crate) fn monomial(coefficient: Exact, exponent: Rational, logs: u32) -> Series {
        let terms = if coefficient.is_empty() { vec![] } else { vec![Term { exponent, logs, coefficient }] };
        Series { terms, rest: Remainder::Zero }
    }

    pub(crate) fn only(rest: Remainder) -> Series {
        Series { terms: Vec::new(), rest }
    }

    /// Something between two bounds that is not known better.
    pub(crate) fn bounded() -> Series {
        Series::only(Remainder::Order(Rational::zero()))
    }

    pub(crate) fn is_identically_zero(&self) -> bool {
        self.terms.is_empty() && self.rest == Remainder::Zero
    }

    /// How large it can be, as t goes to 0.
    pub(crate) fn size(&self) -> Remainder {
        self.terms.first().map_or(self.rest.clone(), |term| Remainder::Order(term.exponent.clone()))
    }

    /// The number that it is for every t.
    pub(crate) fn as_constant(&self) -> Option<Exact> {
        match (&self.terms[..], &self.rest) {
            ([], Remainder::Zero) => Some(Exact::zero()),
            ([term], Remainder::Zero) if term.exponent.is_zero() && term.logs == 0 => {
                Some(term.coefficient.clone())
            }
            _ => None,
        }
    }

    pub(crate) fn negated(&self) -> Series {
        let negated = |term: &Term| Term { coefficient: term.coefficient.negated(), ..term.clone() };
        Series { terms: self.terms.iter().map(negated).collect(), rest: self.rest.clone() }
    }

    /// Multiplied by t^`by`.
    pub(crate) fn shifted(&self, by: &Rational) -> Series {
        let shifted = |term: &Term| Term { exponent: term.exponent.plus(by), ..term.clone() };
        let rest = match &self.rest {
            Remainder::Order(order) => Remainder::Order(order.plus(by)),
            rest => rest.clone(),
        };
        Series { terms: self.terms.iter().map(shifted).collect(), rest }
    }

    /// The coefficient of t^`exponent`, without logarithms.
    pub(crate) fn coefficient(&self, exponent: &Rational) -> Exact {
        let found = self.terms.iter().find(|term| term.logs == 0 && term.exponent == *exponent);
        found.map_or(Exact::zero(), |term| term.coefficient.clone())
    }

    /// What both are as far as they are the same: one of the two, it is not known which.
    pub(crate) fn joined(&self, other: &Series) -> Series {
        let mut rest = self.rest.clone().min(other.rest.clone());
        let same = self.terms.iter().zip(&other.terms).take_while(|(a, b)| a == b).count();
        for differing in [self.terms.get(same), other.terms.get(same)].into_iter().flatten() {
            rest = rest.min(Remainder::Order(differing.exponent.clone()));
        }
        let mut terms = self.terms[..same].to_vec();
        terms.retain(|term| rest.is_above(&term.exponent));
        Series { terms, rest }
    }
}

impl Algebra<'_> {
    /// Sorts and merges terms, and cuts what is beyond the order that is kept.
    fn collected(&mut self, terms: Vec<Term>, rest: Remainder) -> Series {
        self.field.charge(4 * terms.len());
        let mut sums: BTreeMap<(Rational, Reverse<u32>), Exact> = BTreeMap::new();
        for term in terms {
            let sum = match sums.remove(&term.key()) {
                Some(sum) => self.field.add(&sum, &term.coefficient),
                None => term.coefficient.clone(),
            };
            sums.insert(term.key(), sum);
        }
        let terms = sums
            .into_iter()
            .filter(|(_, coefficient)| !coefficient.is_empty())
            .map(|((exponent, Reverse(logs)), coefficient)| Term { exponent, logs, coefficient });
        self.cut(Series { terms: terms.collect(), rest })
    }

    fn cut(&self, mut series: Series) -> Series {
        let Some(first) = series.terms.first() else { return series };
        let cutoff = match first.exponent.sign() > 0 {
            true => self.order.plus(&first.exponent),
            false => self.order.clone(),
        };
        let kept = series.terms.iter().take(MAX_TERMS).take_while(|term| term.exponent < cutoff).count();
        if let Some(dropped) = series.terms.get(kept) {
            series.rest = series.rest.min(Remainder::Order(dropped.exponent.clone()));
            series.terms.truncate(kept);
        }
        // Logarithms at the exponent of the remainder are absorbed by it.
        let rest = series.rest.clone();
        series.terms.retain(|term| rest.is_above(&term.exponent));
        series
    }

    pub(crate) fn add(&mut self, a: &Series, b: &Series) -> Series {
        self.field.charge(1);
        if a.is_identically_zero() {
            return b.clone();
        }
        if b.is_identically_zero() {
            return a.clone();
        }
        let terms = a.terms.iter().chain(&b.terms).cloned().collect();
        self.collected(terms, a.rest.clone().min(b.rest.clone()))
    }

    pub(crate) fn sub(&mut self, a: &Series, b: &Series) -> Series {
        self.add(a, &b.negated())
    }

    pub(crate) fn scaled(&mut self, a: &Series, factor: &Exact) -> Series {
        self.mul(a, &Series::constant(factor.clone()))
    }

    pub(crate) fn mul(&mut self, a: &Series, b: &Series) -> Series {
        if a.is_identically_zero() || b.is_identically_zero() {
            return Series::integer(0);
        }
        // (A + r)(B + s) = AB + As + Br + rs
        let mut rest = a.rest.times(&b.rest);
        if !a.terms.is_empty() {
            rest = rest.min(a.size().times(&b.rest));
        }
        if !b.terms.is_empty() {
            rest = rest.min(b.size().times(&a.rest));
        }
        let low = match (a.terms.first(), b.terms.first()) {
            (Some(a), Some(b)) => a.exponent.plus(&b.exponent),
            _ => return Series::only(rest),
        };
        let cutoff = if low.sign() > 0 { self.order.plus(&low) } else { self.order.clone() };
        let mut terms = Vec::with_capacity(a.terms.len() * b.terms.len());
        for left in &a.terms {
            for right in &b.terms {
                let exponent = left.exponent.plus(&right.exponent);
                if exponent >= cutoff || !rest.is_above(&exponent) {
                    rest = rest.min(Remainder::Order(exponent));
                    break;
                }
                let coefficient = self.field.mul(&left.coefficient, &right.coefficient);
                terms.push(Term { exponent, logs: left.logs + right.logs, coefficient });
            }
        }
        self.collected(terms, rest)
    }

    /// `a/b` where both have no remainder and the division leaves none: long division from the largest terms.
    pub(crate) fn exact_quotient(&mut self, a: &Series, b: &Series) -> Option<Series> {
        let exact = |series: &Series| {
            series.rest == Remainder::Zero && series.terms.iter().all(|term| term.logs == 0)
        };
        // A single term is divided by without a remainder anyway.
        if b.terms.len() < 2 || a.terms.len() < b.terms.len() || !exact(a) || !exact(b) {
            return None;
        }
        let first = b.terms.first()?.clone();
        (self.field.sign(&first.coefficient)? != 0).then_some(())?;
        let inverse = self.field.inverse(&first.coefficient);
        let (mut rest, mut quotient) = (a.clone(), Vec::new());
        for _ in 0..a.terms.len() {
            let top = rest.terms.first()?.clone();
            let coefficient = self.field.mul(&top.coefficient, &inverse);
            let exponent = top.exponent.minus(&first.exponent);
            let term = Series::monomial(coefficient, exponent, 0);
            let product = self.mul(&term, b);
            rest = self.sub(&rest, &product);
            if rest.rest != Remainder::Zero || rest.terms.len() > a.terms.len() {
                return None;
            }
            quotient.extend(term.terms);
            if rest.terms.is_empty() {
                return Some(Series { terms: quotient, rest: Remainder::Zero });
            }
        }
        None
    }

    /// The first term whose coefficient is known not to be 0, with the sign of the series for small t; nothing for what
    /// is 0 for every t. Terms that turn out to be 0 are dropped.
    pub(crate) fn leading(&mut self, series: &mut Series) -> Outcome<Option<(Term, i8)>> {
        while let Some(term) = series.terms.first() {
            match self.field.sign(&term.coefficient) {
                Some(0) => {
                    series.terms.remove(0);
                }
                // ln t is negative.
                Some(sign) => {
                    let term = term.clone();
                    return Ok(Some((term.clone(), if term.logs % 2 == 1 { -sign } else { sign })));
                }
                None => return Err(Stuck::Sign),
            }
        }
        match series.rest {
            Remainder::Zero => Ok(None),
            _ => Err(Stuck::Order),
        }
    }

    /// The sign for small t.
    pub(crate) fn sign(&mut self, value: &Value) -> Outcome<Ordering> {
        match value {
            Value::Series(series) => {
                let leading = self.leading(&mut series.clone())?;
                Ok(leading.map_or(Ordering::Equal, |(_, sign)| sign.cmp(&0)))
            }
            Value::Huge(sign) => Ok(sign.cmp(&0)),
            Value::Missing(_) => Err(Stuck::Unsupported),
        }
    }

    /// The constant term and what is beside it, of a series that stays bounded.
    pub(crate) fn split(&mut self, series: &Series) -> Outcome<(Exact, Series)> {
        let zero = Rational::zero();
        if !series.rest.is_above(&zero) {
            return Err(Stuck::Order);
        }
        let mut delta = series.clone();
        delta.terms.retain(|term| !(term.exponent.is_zero() && term.logs == 0));
        debug_assert!(delta.terms.iter().all(|term| !term.is_infinite()));
        Ok((series.coefficient(&zero), delta))
    }

    /// How many terms of a power series in `delta` reach the order that is kept.
    pub(crate) fn terms_needed(&self, delta: &Series) -> usize {
        const MAX_POWER_TERMS: i64 = 40;
        match delta.size() {
            Remainder::Order(low) if low.sign() > 0 && !delta.terms.is_empty() => {
                let needed = self.order.times(&low.inverse()).floor();
                i64::try_from(needed).unwrap_or(MAX_POWER_TERMS).clamp(2, MAX_POWER_TERMS) as usize + 1
            }
            _ => 1,
        }
    }

    /// The sum of `coefficients[k]`·delta^k, the first terms of a function that is analytic at 0, of a delta that goes
    /// to 0.
    pub(crate) fn power_series(&mut self, coefficients: &[Exact], delta: &Series) -> Series {
        let Some((last, before)) = coefficients.split_last() else { unreachable!("there is a first term") };
        if delta.is_identically_zero() {
            return Series::constant(coefficients[0].clone());
        }
        // The first term that is left out is a multiple of the last power times delta.
        let mut sum = Series::constant(last.clone());
        let rest = delta.size();
        sum.terms.retain(|term| rest.is_above(&term.exponent));
        sum.rest = rest;
        for coefficient in before.iter().rev() {
            let product = self.mul(&sum, delta);
            sum = self.add(&product, &Series::constant(coefficient.clone()));
        }
        sum
    }
}
