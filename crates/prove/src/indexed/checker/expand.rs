//! Polynomial identity: terms multiplied out in exact numbers. What is no sum, product or whole power is an atom.
//!
//! Whole powers may be negative. What is divided by a single product cancels, which is right wherever the term is defined.

use std::collections::BTreeMap;

use expr::index::Index;
use expr::{Constant, Fold, Op};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use super::super::term::Term;

/// Atoms and their powers, sorted; none of the powers is 0.
pub(crate) type Monomial = Vec<(Term, i32)>;

/// A sum of monomials with coefficients, none of which is 0.
pub(crate) type Polynomial = BTreeMap<Monomial, BigRational>;

/// Larger polynomials are not multiplied out.
const MOST_TERMS: usize = 400;
/// Products to higher powers are atoms.
const MOST_FACTORS: u64 = 64;
/// Sums to higher powers are atoms.
const MOST_POWER: u64 = 8;

/// The decimal as a number; nothing for symbols, and for what would need thousands of digits.
pub(crate) fn rational(constant: &Constant) -> Option<BigRational> {
    match constant {
        Constant::Integer(value) => Some(BigRational::from_integer((*value).into())),
        Constant::Decimal(decimal) => {
            let digits: BigInt = decimal.digits().parse().ok()?;
            let digits = if decimal.is_negative() { -digits } else { digits };
            let power = decimal.exponent();
            (power.unsigned_abs() <= 1200).then_some(())?;
            let scale = BigInt::from(10).pow(power.unsigned_abs());
            Some(match power < 0 {
                true => BigRational::new(digits, scale),
                false => BigRational::from_integer(digits * scale),
            })
        }
        Constant::Pi | Constant::E => None,
    }
}

/// The polynomial that a term is; nothing when it would be too large.
pub(crate) fn expand(term: &Term) -> Option<Polynomial> {
    Some(match term {
        Term::Index(form) => {
            let mut sum = Polynomial::new();
            for (symbols, factor) in form.terms() {
                let factor = constant(BigRational::from_integer((*factor).into()));
                let product = symbols.iter().try_fold(factor, |product, &symbol| {
                    times(&product, &atom(Term::Index(Index::from(symbol))))
                })?;
                sum = plus(sum, product)?;
            }
            sum
        }
        Term::Constant(value) => match rational(value) {
            Some(value) => constant(value),
            None => atom(term.clone()),
        },
        Term::Fold(Fold::Sum, terms) => {
            terms.iter().try_fold(Polynomial::new(), |sum, term| plus(sum, expand(term)?))?
        }
        Term::Fold(Fold::Product, terms) => terms
            .iter()
            .try_fold(constant(BigRational::one()), |product, term| times(&product, &expand(term)?))?,
        Term::Apply(op, of) => match (op, of.as_slice()) {
            (Op::Neg, [a]) => scaled(&expand(a)?, &-BigRational::one()),
            (Op::Add, [a, b]) => plus(expand(a)?, expand(b)?)?,
            (Op::Sub, [a, b]) => plus(expand(a)?, scaled(&expand(b)?, &-BigRational::one()))?,
            (Op::Mul, [a, b]) => times(&expand(a)?, &expand(b)?)?,
            (Op::Square, [a]) => {
                let a = expand(a)?;
                times(&a, &a)?
            }
            (Op::Div, [a, b]) => times(&expand(a)?, &inverse(&expand(b)?)?)?,
            (Op::Recip, [a]) => inverse(&expand(a)?)?,
            (Op::Powi, [a, e]) => {
                let Some(e) = e.as_integer() else { return Some(atom(term.clone())) };
                let base = expand(a)?;
                match base.first_key_value() {
                    Some((monomial, factor)) if base.len() == 1 && e.unsigned_abs() <= MOST_FACTORS => {
                        let e = e as i32;
                        let raised =
                            monomial.iter().map(|(of, power)| Some((of.clone(), power.checked_mul(e)?)));
                        [(raised.collect::<Option<_>>()?, factor.pow(e))].into()
                    }
                    _ if e.unsigned_abs() <= MOST_POWER => {
                        let base = if e < 0 { inverse(&base)? } else { base };
                        (0..e.abs())
                            .try_fold(constant(BigRational::one()), |power, _| times(&power, &base))?
                    }
                    _ => atom(term.clone()),
                }
            }
            _ => atom(term.clone()),
        },
        _ => atom(term.clone()),
    })
}

fn atom(term: Term) -> Polynomial {
    [(vec![(term, 1)], BigRational::one())].into()
}

fn constant(value: BigRational) -> Polynomial {
    if value.is_zero() { Polynomial::new() } else { [(Monomial::new(), value)].into() }
}

fn scaled(a: &Polynomial, by: &BigRational) -> Polynomial {
    a.iter().map(|(monomial, coefficient)| (monomial.clone(), coefficient * by)).collect()
}

pub(crate) fn plus(mut a: Polynomial, b: Polynomial) -> Option<Polynomial> {
    for (monomial, coefficient) in b {
        let sum = a.entry(monomial).or_insert_with(BigRational::zero);
        *sum += coefficient;
    }
    a.retain(|_, coefficient| !coefficient.is_zero());
    (a.len() <= MOST_TERMS).then_some(a)
}

pub(crate) fn times(a: &Polynomial, b: &Polynomial) -> Option<Polynomial> {
    (a.len() * b.len() <= 4 * MOST_TERMS).then_some(())?;
    let mut sum = Polynomial::new();
    for (left, x) in a {
        for (right, y) in b {
            let mut powers: BTreeMap<&Term, i32> = BTreeMap::new();
            for (term, power) in left.iter().chain(right) {
                *powers.entry(term).or_default() += power;
            }
            let product: Monomial =
                powers.into_iter().filter(|(_, e)| *e != 0).map(|(term, e)| (term.clone(), e)).collect();
            let entry = sum.entry(product).or_insert_with(BigRational::zero);
            *entry += x * y;
        }
    }
    sum.retain(|_, coefficient| !coefficient.is_zero());
    (sum.len() <= MOST_TERMS).then_some(sum)
}

/// One over a polynomial: of one product its powers with the other sign; else a number times an atom.
fn inverse(a: &Polynomial) -> Option<Polynomial> {
    let (monomial, lead) = a.first_key_value()?;
    let scale = lead.recip();
    if a.len() == 1 {
        let powers = monomial.iter().map(|(term, e)| (term.clone(), -e)).collect();
        return Some([(powers, scale)].into());
    }
    let divisor = Term::Apply(Op::Recip, vec![collected(&scaled(a, &scale))?]);
    Some(scaled(&atom(divisor), &scale))
}

/// A polynomial as a term: the sum of its monomials in their order.
pub(crate) fn collected(a: &Polynomial) -> Option<Term> {
    let product = |(monomial, coefficient): (&Monomial, &BigRational)| {
        let mut factors = Vec::new();
        let (above, below) = (coefficient.numer().to_i64()?, coefficient.denom().to_i64()?);
        if above != 1 || below != 1 || monomial.is_empty() {
            let above = Term::integer(above);
            factors.push(match below {
                1 => above,
                _ => Term::Apply(Op::Div, vec![above, Term::integer(below)]),
            });
        }
        factors.extend(monomial.iter().map(|(term, e)| power(term.clone(), *e)));
        Some(joined(Fold::Product, factors))
    };
    let terms = a.iter().map(product).collect::<Option<Vec<_>>>()?;
    Some(joined(Fold::Sum, terms))
}

/// A term to a whole power.
pub(crate) fn power(term: Term, e: i32) -> Term {
    match e {
        1 => term,
        _ => Term::Apply(Op::Powi, vec![term, Term::integer(e.into())]),
    }
}

/// A list without its list, where it has one element or none.
pub(crate) fn joined(fold: Fold, mut terms: Vec<Term>) -> Term {
    match terms.len() {
        0 => Term::integer(if fold == Fold::Sum { 0 } else { 1 }),
        1 => terms.remove(0),
        _ => Term::Fold(fold, terms),
    }
}
