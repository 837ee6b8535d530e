//! Fractions as terms of a proof, and the steps by which they are found.

use num_rational::{BigRational, Ratio};

use super::Overflow;
use super::checker::{
    Mask, NEGATIVE, NOT_NEGATIVE, NOT_POSITIVE, NOT_ZERO, POSITIVE, REAL, Reject, Rule, Step, Term, TermId,
};
use super::field::{Field, Result};
use super::fraction::{Fraction, Kernel};
use super::number::{Coefficient, Exponent};
use super::polynomial::Polynomial;

pub(super) fn rational(r: Ratio<i64>) -> BigRational {
    BigRational::new((*r.numer()).into(), (*r.denom()).into())
}

pub(super) fn complex(e: Exponent) -> Coefficient {
    Coefficient { re: rational(e.re), im: rational(e.im) }
}

impl Field {
    /// The term that a kernel is; for a root, what stands below it.
    pub(super) fn term_of_kernel(&mut self, kernel: &Kernel) -> TermId {
        let term = match kernel {
            Kernel::Input(k) => Term::Input(*k as u32),
            Kernel::Pi => Term::Pi,
            Kernel::Exp(w) => Term::Exp(self.term(w)),
            Kernel::Root(base) => return self.term_of_base(base),
            Kernel::Cbrt(of) => Term::Apply(expr::Op::Cbrt, vec![self.term(of)]),
            Kernel::Ln(of) => Term::Ln(self.term(of)),
            Kernel::Apply(op, of) => Term::Apply(*op, of.iter().map(|a| self.term(a)).collect()),
        };
        self.terms.id(term)
    }

    /// What a real power is taken of: never an exponential as it stands, whose powers mean something else.
    fn term_of_base(&mut self, base: &Fraction) -> TermId {
        let term = self.term(base);
        match self.terms.list[term as usize] {
            Term::Exp(_) => self.terms.id(Term::Product(vec![term])),
            _ => term,
        }
    }

    pub(super) fn term_of_power(&mut self, k: u32, e: Exponent) -> TermId {
        let base = self.kernel_terms[k as usize];
        let plain = e == Exponent::integer(1) && !matches!(self.kernels[k as usize], Kernel::Root(_));
        if plain { base } else { self.terms.id(Term::Power(base, complex(e))) }
    }

    /// A real power of a fraction; also the first as such, so that it is seen what the base is.
    pub(super) fn power_term(&mut self, base: &Fraction, r: Ratio<i64>) -> TermId {
        let base = self.term_of_base(base);
        self.terms.id(Term::Power(base, complex(Exponent::real(r))))
    }

    fn term_of_polynomial(&mut self, p: &Polynomial) -> TermId {
        let mut sum = Vec::with_capacity(p.0.len());
        for (monomial, c) in &p.0 {
            let mut factors: Vec<TermId> = monomial.iter().map(|&(k, e)| self.term_of_power(k, e)).collect();
            if !c.is_one() || factors.is_empty() {
                factors.insert(0, self.terms.id(Term::Number(c.clone())));
            }
            sum.push(self.product_term(factors));
        }
        match sum.as_slice() {
            [] => self.terms.integer(0),
            [one] => *one,
            _ => self.terms.id(Term::Sum(sum)),
        }
    }

    pub(super) fn product_term(&mut self, factors: Vec<TermId>) -> TermId {
        match factors.as_slice() {
            [] => self.terms.integer(1),
            [one] => *one,
            _ => self.terms.id(Term::Product(factors)),
        }
    }

    pub(super) fn sum_term(&mut self, terms: Vec<TermId>) -> TermId {
        match terms.as_slice() {
            [] => self.terms.integer(0),
            [one] => *one,
            _ => self.terms.id(Term::Sum(terms)),
        }
    }

    pub(super) fn term(&mut self, a: &Fraction) -> TermId {
        let top = self.term_of_polynomial(&a.top);
        if a.below.is_empty() {
            return top;
        }
        let mut factors = vec![top];
        for (&id, &n) in &a.below {
            let divisor = self.divisors[id].clone();
            let divisor = self.term_of_polynomial(&divisor);
            factors.push(self.terms.power(divisor, -i64::from(n)));
        }
        self.product_term(factors)
    }

    /// Takes a step if the checker does.
    pub(super) fn step(
        &mut self,
        rule: Rule,
        before: TermId,
        after: TermId,
        conditions: Vec<(TermId, Mask)>,
    ) -> Result<bool> {
        self.checker.learn(&self.terms);
        let mut listed: Vec<(TermId, Mask)> = Vec::new();
        for condition in conditions {
            let evident = matches!(self.terms.list[condition.0 as usize], Term::Number(_));
            if !evident && !listed.contains(&condition) {
                listed.push(condition);
            }
        }
        let step = Step { rule, before, after, conditions: listed };
        match self.checker.apply(&step) {
            Ok(()) => {
                // The second time round most steps are those of the first.
                if self.taken.insert(step.clone()) || self.checker.has_changed() {
                    self.steps.push(step);
                }
                Ok(true)
            }
            Err(Reject::TooLarge) => Err(Overflow),
            Err(Reject::Wrong(_)) => Ok(false),
        }
    }

    /// As a step without which there is no proof.
    pub(super) fn must(
        &mut self,
        rule: Rule,
        before: TermId,
        after: TermId,
        conditions: Vec<(TermId, Mask)>,
    ) -> Result<()> {
        if self.step(rule, before, after, conditions)? { Ok(()) } else { Err(Overflow) }
    }

    pub(super) fn mask_of_term(&mut self, t: TermId) -> Result<Mask> {
        self.checker.learn(&self.terms);
        self.checker.mask(t).map_err(|_| Overflow)
    }

    pub(super) fn mask(&mut self, a: &Fraction) -> Result<Mask> {
        let term = self.term(a);
        self.mask_of_term(term)
    }

    pub(super) fn is_positive(&mut self, a: &Fraction) -> Result<bool> {
        Ok(self.mask(a)? == POSITIVE)
    }

    /// Makes known that a term has a sign because an equal one shows it.
    pub(super) fn show_sign(&mut self, of: TermId, by: TermId, mask: Mask) -> Result<bool> {
        if self.mask_of_term(of)?.within(mask) {
            return Ok(true);
        }
        self.step(Rule::Sign(mask), of, by, Vec::new())
    }

    /// What a live operator needs; if it can be 0 in places only, it is not 0.
    pub(super) fn defined(&mut self, node: TermId, of: TermId, mask: Mask) -> Result<()> {
        self.checker.learn(&self.terms);
        if !self.checker.mask_of_value(of).map_err(|_| Overflow)?.within(mask) {
            // The term as it was written may show what its expansion does not.
            let by_form = self.mask_of_term(of)?.within(mask);
            match by_form {
                true => self.must(Rule::Sign(mask), of, of, Vec::new())?,
                false => self.must(Rule::Defined(mask), node, of, Vec::new())?,
            }
        }
        if mask == NOT_NEGATIVE && self.mask_of_term(of)? != POSITIVE {
            self.without_isolated_zeros(of)?;
        }
        Ok(())
    }

    /// Makes known of a fraction what is known of an equal term.
    pub(super) fn same_sign(&mut self, of: TermId, a: &Fraction) -> Result<()> {
        let (term, mask) = (self.term(a), self.mask_of_term(of)?);
        if self.mask_of_term(term)?.within(mask) || self.step(Rule::Sign(mask), term, of, Vec::new())? {
            return Ok(());
        }
        Err(Overflow)
    }

    /// Makes known that a node of the function has a real value.
    pub(super) fn real(&mut self, node: TermId) -> Result<()> {
        if self.mask_of_term(node)?.within(REAL) {
            Ok(())
        } else {
            self.must(Rule::Defined(REAL), node, node, Vec::new())
        }
    }

    pub(super) fn without_isolated_zeros(&mut self, of: TermId) -> Result<bool> {
        if self.mask_of_term(of)?.within(NOT_ZERO) {
            return Ok(true);
        }
        self.checker.learn(&self.terms);
        Ok(self.checker.has_isolated_zeros(of).map_err(|_| Overflow)?
            && self.step(Rule::IsolatedZeros, of, of, Vec::new())?)
    }

    pub(super) fn note_positive(&mut self, a: &Fraction) {
        if a.below.is_empty() && a.top.0.len() > 1 && !self.positive.contains(a) {
            self.positive.push(a.clone());
        }
    }
}

/// Whether all signs that are left make something not negative, or not positive.
pub(super) fn weak(mask: Mask) -> Option<bool> {
    match mask {
        _ if mask.within(NOT_NEGATIVE) => Some(true),
        _ if mask.within(NOT_POSITIVE) => Some(false),
        _ => None,
    }
}

/// The sign that is left, if it is only one.
pub(super) fn strict(mask: Mask) -> Option<Option<bool>> {
    match mask {
        _ if mask.within(POSITIVE) => Some(Some(true)),
        _ if mask.within(NEGATIVE) => Some(Some(false)),
        _ if mask.within(super::checker::ZERO) => Some(None),
        _ => None,
    }
}
