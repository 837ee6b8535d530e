//! The rules: what each needs, and what it gives.

mod definitions;

use expr::Op;
use num_rational::BigRational;
use num_traits::One;

use super::super::number::Coefficient;
use super::algebra::{Atom, Frac, constant, half, integer};
use super::sign::{Mask, NEGATIVE, NOT_NEGATIVE, NOT_ZERO, POSITIVE, REAL, ZERO};
use super::{Checker, Reject, Result, Rule, Step, Term, TermId};

type Needs = Vec<(Frac, Mask)>;

fn ensure(holds: bool, why: &'static str) -> Result<()> {
    if holds { Ok(()) } else { Err(Reject::Wrong(why)) }
}

impl Checker {
    /// Takes one step, if it follows.
    pub(crate) fn apply(&mut self, step: &Step) -> Result<()> {
        self.changed = false;
        let (before, after) = (step.before, step.after);
        let mut needs = Needs::new();
        match step.rule {
            Rule::Identity => {
                ensure([before, after] == self.sides, "other sides")?;
                let (a, b) = (self.expand(before)?, self.expand(after)?);
                return ensure(self.equal(&a, &b)?, "the sides differ");
            }
            Rule::Assume(mask) => {
                ensure(before == after, "two terms with one sign")?;
                self.is_sound(before)?;
                ensure([NEGATIVE, ZERO, POSITIVE].contains(&mask), "no single sign")?;
                let known = self.mask(before)?;
                ensure(known.within(REAL), "a sign of what may not be real")?;
                self.assumed.push((before, mask, !known.has(ZERO)));
                return self.add_fact(before, mask);
            }
            Rule::IsolatedZeros => {
                ensure(before == after, "two terms with one sign")?;
                self.is_sound(before)?;
                ensure(self.has_isolated_zeros(before)?, "zeros that may fill an open set")?;
                return self.add_fact(before, NOT_ZERO);
            }
            Rule::Sign(mask) => {
                self.is_sound(before)?;
                self.is_sound(after)?;
                let (a, b) = (self.expand(before)?, self.expand(after)?);
                ensure(self.equal(&a, &b)? && self.mask(after)?.within(mask), "no such sign")?;
                return self.add_fact(before, mask);
            }
            Rule::Defined(mask) => {
                ensure(self.live.contains(&before), "an operator that is not needed")?;
                if mask == REAL && before == after {
                    return self.add_fact(after, mask);
                }
                let value = self.expand(after)?;
                let domain = self.domain(before)?;
                ensure(domain.iter().any(|(of, by)| *by == mask && *of == value), "no such domain")?;
                return self.add_fact(after, mask);
            }
            Rule::BySign if matches!(self.terms[before as usize], Term::Apply(Op::Select, _)) => {
                let Term::Apply(_, of) = self.terms[before as usize].clone() else { return Ok(()) };
                ensure(of[1..].contains(&after), "no branch of it")?;
                if of[1] != of[2] {
                    let needed = if after == of[1] { NOT_ZERO } else { ZERO };
                    needs.push((self.expand(of[0])?, needed));
                }
                self.discharge(needs, &step.conditions)?;
                self.taken.insert(before, after);
                if self.live.contains(&before) {
                    self.enliven(after);
                }
                return Ok(());
            }
            _ => {}
        }
        let known = self.atoms.len();
        let (key, value) = self.replacement(step, &mut needs)?;
        self.discharge(needs, &step.conditions)?;
        let was_opaque = (key.0 as usize) < known;
        let old = self.replaced.insert(key, value.clone());
        self.changed = old.as_ref() != Some(&value);
        match old {
            Some(old) if old == value => Ok(()),
            None if !was_opaque => Ok(()),
            // What was multiplied out with the atom as it was is multiplied out anew.
            _ => {
                self.values.clear();
                let known = std::mem::take(&mut self.known);
                known.into_iter().try_for_each(|(of, mask)| self.add_fact(of, mask))
            }
        }
    }

    /// The conditions that a rule needs are those that the step lists, and each of them holds.
    fn discharge(&mut self, needs: Needs, listed: &[(TermId, Mask)]) -> Result<()> {
        let mut open: Vec<(Frac, Mask)> = Vec::new();
        for need in needs {
            let evident = need.0.constant().is_some_and(|_| self.mask_of(&need.0).within(need.1));
            if !evident && !open.contains(&need) {
                open.push(need);
            }
        }
        for &(of, mask) in listed {
            let value = self.expand(of)?;
            let at = open.iter().position(|(f, needed)| *needed == mask && *f == value);
            open.remove(at.ok_or(Reject::Wrong("a condition that the rule does not have"))?);
            ensure(self.mask(of)?.within(mask), "a condition that does not hold")?;
        }
        ensure(open.is_empty(), "a condition that is not listed")
    }

    /// The atom that a step replaces, to which power, and by what.
    fn replacement(&mut self, step: &Step, needs: &mut Needs) -> Result<((u32, Coefficient), Frac)> {
        let one = Coefficient::integer(1);
        match (step.rule, self.terms[step.before as usize].clone()) {
            (Rule::Definition, Term::Apply(op, of)) => {
                let of = of.iter().map(|&t| self.expand(t)).collect::<Result<Vec<_>>>()?;
                let value = self.definition(op, &of, needs)?;
                // Where both sides have a value, only what they need is divided by.
                if self.live.contains(&step.before) {
                    self.divisors.extend(value.below.keys().cloned());
                }
                let after = self.expand(step.after)?;
                ensure(self.equal(&value, &after)?, "not its definition")?;
                Ok(((self.key(Atom::Apply(op, of))?, one), value))
            }
            (Rule::Odd, Term::Apply(op, of)) => {
                let whole = matches!(op, Op::Asin | Op::Atan | Op::Erf | Op::Trunc | Op::Round);
                let (Term::Product(factors), true) = (self.terms[step.after as usize].clone(), whole) else {
                    return Err(Reject::Wrong("not an odd function"));
                };
                let [minus, inner] = factors.as_slice() else { return Err(Reject::Wrong("not -f(-a)")) };
                let Term::Apply(same, other) = self.terms[*inner as usize].clone() else {
                    return Err(Reject::Wrong("not -f(-a)"));
                };
                ensure(
                    same == op && self.terms[*minus as usize] == Term::Number(Coefficient::integer(-1)),
                    "not -f(-a)",
                )?;
                self.is_sound(other[0])?;
                let (a, b) = (self.expand(of[0])?, self.expand(other[0])?);
                ensure(self.equal(&a, &b.negated())?, "not the negative argument")?;
                let value = self.expand(step.after)?;
                Ok(((self.key(Atom::Apply(op, vec![a]))?, one), value))
            }
            (Rule::FloorOfShift, Term::Apply(Op::Floor, of)) => {
                let a = self.expand(of[0])?;
                let (shift, floor) = match self.terms[step.after as usize].clone() {
                    Term::Sum(of) if of.len() == 2 => (of[0], Some(of[1])),
                    _ => (step.after, None),
                };
                let shift = self.expand(shift)?.constant().and_then(|c| c.real().cloned());
                let shift =
                    shift.filter(BigRational::is_integer).ok_or(Reject::Wrong("not a whole number"))?;
                let holds = match floor {
                    None => a.constant().and_then(|a| Some(a.real()?.floor() == shift)) == Some(true),
                    Some(floor) => {
                        let Term::Apply(Op::Floor, inner) = self.terms[floor as usize].clone() else {
                            return Err(Reject::Wrong("not a floor"));
                        };
                        self.is_sound(inner[0])?;
                        let inner = self.expand(inner[0])?;
                        let sum = self.plus(&inner, &constant(Coefficient::rational(shift)))?;
                        self.equal(&sum, &a)?
                    }
                };
                ensure(holds, "not the same floor")?;
                let value = self.expand(step.after)?;
                Ok(((self.key(Atom::Apply(Op::Floor, vec![a]))?, one), value))
            }
            (Rule::BySign, Term::Apply(op, of)) => {
                let of = of.iter().map(|&t| self.expand(t)).collect::<Result<Vec<_>>>()?;
                let value = self.expand(step.after)?;
                self.by_sign(op, &of, &value, needs)?;
                Ok(((self.key(Atom::Apply(op, of))?, one), value))
            }
            (Rule::CubeRootOfProduct, Term::Apply(Op::Cbrt, of)) => {
                let mut product = integer(1);
                for factor in self.factors(step.after) {
                    let inside = match self.root_of(factor) {
                        (base, n)
                            if matches!(self.terms[base as usize], Term::Apply(Op::Cbrt, _))
                                && n.is_integer() =>
                        {
                            let Term::Apply(_, of) = self.terms[base as usize].clone() else { continue };
                            self.is_sound(of[0])?;
                            let inner = self.expand(of[0])?;
                            self.root(&inner, &Coefficient::rational(n))?
                        }
                        (base, n) => {
                            self.is_sound(base)?;
                            let inner = self.expand(base)?;
                            let minus = inner.constant() == Some(Coefficient::integer(-1));
                            if !minus {
                                needs.push((inner.clone(), NOT_NEGATIVE));
                            }
                            self.root(
                                &inner,
                                &Coefficient::rational(n * BigRational::from_integer(3.into())),
                            )?
                        }
                    };
                    product = self.times(&product, &inside)?;
                }
                let a = self.expand(of[0])?;
                ensure(self.equal(&product, &a)?, "not the same cube")?;
                let value = self.expand(step.after)?;
                Ok(((self.key(Atom::Apply(Op::Cbrt, vec![a]))?, one), value))
            }
            (Rule::PowerOfProduct, Term::Power(base, e)) => {
                let r =
                    e.real().filter(|r| !r.is_integer()).cloned().ok_or(Reject::Wrong("a whole power"))?;
                let mut product = integer(1);
                for factor in self.factors(step.after) {
                    let (base, s) = self.root_of(factor);
                    let s = Coefficient::rational(s / &r);
                    let inside = match self.terms[base as usize] {
                        Term::Exp(w) => {
                            self.is_sound(w)?;
                            let w = self.expand(w)?;
                            needs.push((w.clone(), REAL));
                            self.exp(&w.scaled(&s))?
                        }
                        _ => {
                            self.is_sound(base)?;
                            let base = self.expand(base)?;
                            needs.push((base.clone(), NOT_NEGATIVE));
                            self.root(&base, &s)?
                        }
                    };
                    product = self.times(&product, &inside)?;
                }
                let a = self.expand(base)?;
                ensure(!matches!(self.terms[base as usize], Term::Exp(_)), "a power of an exponential")?;
                ensure(self.equal(&product, &a)?, "not the same below the root")?;
                let value = self.expand(step.after)?;
                Ok(((self.key(Atom::Root(a))?, e), value))
            }
            (Rule::LogarithmOfProduct, Term::Ln(of)) => {
                let terms = match self.terms[step.after as usize].clone() {
                    Term::Sum(of) => of,
                    _ => vec![step.after],
                };
                let mut product = integer(1);
                for (at, &term) in terms.iter().enumerate() {
                    let (scale, rest) = match self.terms[term as usize].clone() {
                        Term::Product(of) if of.len() == 2 => match &self.terms[of[0] as usize] {
                            Term::Number(c) => (c.clone(), of[1]),
                            _ => (one.clone(), term),
                        },
                        _ => (one.clone(), term),
                    };
                    let factor = match self.terms[rest as usize] {
                        Term::Ln(b) => {
                            self.is_sound(b)?;
                            let b = self.expand(b)?;
                            if at + 1 < terms.len() || !scale.is_one() {
                                needs.push((b.clone(), POSITIVE));
                            }
                            self.root(&b, &scale)?
                        }
                        _ => {
                            self.is_sound(term)?;
                            let w = self.expand(term)?;
                            needs.push((w.clone(), REAL));
                            self.exp(&w)?
                        }
                    };
                    product = self.times(&product, &factor)?;
                }
                let a = self.expand(of)?;
                ensure(self.equal(&product, &a)?, "not the same product")?;
                let value = self.expand(step.after)?;
                Ok(((self.key(Atom::Ln(a))?, one), value))
            }
            (Rule::ExponentialOfSum, Term::Exp(of)) => {
                let mut sum = Frac::default();
                for factor in self.factors(step.after) {
                    let (base, e) = match self.terms[factor as usize].clone() {
                        Term::Power(base, e) => (base, e),
                        _ => (factor, one.clone()),
                    };
                    let logarithm = match self.terms[base as usize] {
                        Term::Exp(w) => {
                            self.is_sound(w)?;
                            self.expand(w)?
                        }
                        _ => {
                            self.is_sound(base)?;
                            let base = self.expand(base)?;
                            if !e.real().is_some_and(BigRational::is_integer) {
                                needs.push((base.clone(), POSITIVE));
                            }
                            self.ln(&base)?
                        }
                    };
                    sum = self.plus(&sum, &logarithm.scaled(&e))?;
                }
                let w = self.expand(of)?;
                ensure(self.equal(&sum, &w)?, "not the same exponent")?;
                let value = self.expand(step.after)?;
                Ok((self.exponential(&w)?, value))
            }
            (Rule::ExponentialOfAngle, Term::Exp(of)) => {
                let w = self.expand(of)?;
                let value = self.angle(&w)?;
                let after = self.expand(step.after)?;
                ensure(self.equal(&value, &after)?, "another point of the circle")?;
                Ok((self.exponential(&w)?, value))
            }
            _ => Err(Reject::Wrong("a rule for another kind of term")),
        }
    }

    fn factors(&self, product: TermId) -> Vec<TermId> {
        match &self.terms[product as usize] {
            Term::Product(of) => of.clone(),
            _ => vec![product],
        }
    }

    /// A base and its real exponent.
    fn root_of(&self, factor: TermId) -> (TermId, BigRational) {
        match &self.terms[factor as usize] {
            Term::Power(base, e) if e.real().is_some() => (*base, e.re.clone()),
            _ => (factor, BigRational::one()),
        }
    }

    /// The position of an atom that may be new.
    fn key(&mut self, atom: Atom) -> Result<u32> {
        let replaced = std::mem::take(&mut self.replaced);
        // With an exponent that no reduction touches.
        let found = self.atom(atom, half());
        self.replaced = replaced;
        let found = found?;
        let single = found.top.keys().next().and_then(|m| m.first()).map(|(k, _)| *k);
        single.ok_or(Reject::Wrong("no single atom"))
    }
}

#[cfg(test)]
mod tests;
