//! What operators are by definition, at signs and at known angles, and where they are defined.

use expr::Op;
use num_traits::{Signed, ToPrimitive, Zero};

use super::super::super::number::Coefficient;
use super::super::algebra::{Atom, Frac, constant, half, integer};
use super::super::sign::{Mask, NEGATIVE, NOT_NEGATIVE, NOT_POSITIVE, NOT_ZERO, POSITIVE, ZERO};
use super::super::{Checker, Reject, Result, Term, TermId};
use super::*;

impl Checker {
    pub(super) fn exponential(&mut self, w: &Frac) -> Result<(u32, Coefficient)> {
        let (lead, rest) = match w.constant() {
            Some(c) => (c, integer(1)),
            None => w.monic(),
        };
        Ok((self.key(Atom::Exp(rest))?, lead))
    }

    /// e^(i·angle), on the unit circle.
    pub(super) fn angle(&mut self, w: &Frac) -> Result<Frac> {
        let wrong = Reject::Wrong("no known angle");
        let (c, k) = match w.top.first_key_value() {
            Some((m, c)) if w.below.is_empty() && w.top.len() == 1 && m.len() == 1 && m[0].1.is_one() => {
                (c, m[0].0)
            }
            _ => return Err(wrong),
        };
        ensure(c.re.is_zero(), "not a turn")?;
        let (i, of) = (constant(Coefficient::i()), self.atoms[k as usize].0.clone());
        let root = |checker: &mut Checker, n: i64| checker.root(&integer(n), &half());
        let turns = |checker: &mut Checker, x: Frac, y: Frac| {
            let imaginary = checker.times(&i, &y)?;
            checker.plus(&x, &imaginary)
        };
        let sign = if c.im.is_negative() { integer(-1) } else { integer(1) };
        let (x, y) = match of {
            Atom::Pi => {
                let (three, two) = (root(self, 3)?.scaled(&half()), root(self, 2)?.scaled(&half()));
                let (x, y) = match c.im.denom().to_u32() {
                    Some(1) => (integer(-1), integer(0)),
                    Some(2) => (integer(0), integer(1)),
                    Some(3) => (constant(half()), three),
                    Some(4) => (two.clone(), two),
                    Some(6) => (three, constant(half())),
                    Some(12) => {
                        // A third less a quarter of the half turn.
                        let (a, b) = (two.scaled(&half()), self.times(&two, &three)?);
                        (self.plus(&b, &a)?, self.minus(&b, &a)?)
                    }
                    _ => return Err(wrong),
                };
                let once = turns(self, x, y)?;
                let n = i64::try_from(c.im.numer() % (c.im.denom() * 2u8)).map_err(|_| wrong)?;
                return self.power(&once, n.rem_euclid(24));
            }
            Atom::Apply(Op::Asin, u) => {
                let square = self.times(&u[0], &u[0])?;
                let rest = self.minus(&integer(1), &square)?;
                (self.root(&rest, &half())?, u[0].clone())
            }
            Atom::Apply(Op::Atan, u) => {
                let square = self.times(&u[0], &u[0])?;
                let length = self.plus(&integer(1), &square)?;
                let x = self.root(&length, &half().negated())?;
                let y = self.times(&x, &u[0])?;
                (x, y)
            }
            _ => return Err(wrong),
        };
        let y = self.times(&sign, &y)?;
        let once = turns(self, x, y)?;
        ensure(c.im.is_integer(), "part of an angle")?;
        self.power(&once, i64::try_from(c.im.to_integer().abs()).map_err(|_| wrong)?)
    }

    pub(super) fn by_sign(&mut self, op: Op, of: &[Frac], value: &Frac, needs: &mut Needs) -> Result<()> {
        let a = &of[0];
        let difference = if of.len() == 2 { self.minus(a, &of[1])? } else { a.clone() };
        let is = |n: i64| *value == integer(n);
        let holds = |yes: Mask, no: Mask| if is(1) { Some(yes) } else { is(0).then_some(no) };
        let by_value = |checker: &mut Checker,
                        first: &Frac,
                        other: &Frac,
                        yes: Mask,
                        no: Mask|
         -> Result<Option<Mask>> {
            let needed = if checker.equal(first, value)? { Some(yes) } else { None };
            Ok(if needed.is_none() && checker.equal(other, value)? { Some(no) } else { needed })
        };
        let needed = match op {
            Op::Abs => by_value(self, a, &a.negated(), NOT_NEGATIVE, NOT_POSITIVE)?,
            Op::Relu => by_value(self, a, &integer(0), NOT_NEGATIVE, NOT_POSITIVE)?,
            Op::Max => by_value(self, a, &of[1], NOT_NEGATIVE, NOT_POSITIVE)?,
            Op::Min => by_value(self, a, &of[1], NOT_POSITIVE, NOT_NEGATIVE)?,
            Op::Sign if is(-1) => Some(NEGATIVE),
            Op::Sign => holds(POSITIVE, ZERO),
            Op::Lt => holds(NEGATIVE, NOT_NEGATIVE),
            Op::Le => holds(NOT_POSITIVE, POSITIVE),
            Op::Gt => holds(POSITIVE, NOT_POSITIVE),
            Op::Ge => holds(NOT_NEGATIVE, NEGATIVE),
            Op::Eq => holds(ZERO, NOT_ZERO),
            Op::Ne => holds(NOT_ZERO, ZERO),
            _ => None,
        };
        needs.push((difference, needed.ok_or(Reject::Wrong("not what signs decide"))?));
        Ok(())
    }

    /// Where a live operator is defined: what has which signs.
    pub(super) fn domain(&mut self, node: TermId) -> Result<Vec<(Frac, Mask)>> {
        let mut domain = Needs::new();
        match self.terms[node as usize].clone() {
            Term::Power(base, e) if e.re.is_negative() => domain.push((self.expand(base)?, NOT_ZERO)),
            Term::Apply(op, of) if op != Op::Select => {
                let of = of.iter().map(|&t| self.expand(t)).collect::<Result<Vec<_>>>()?;
                let a = &of[0];
                let above = self.plus(&integer(1), a)?;
                let below = self.minus(&integer(1), a)?;
                let exponent = of.get(1).and_then(|b| b.constant()?.real().cloned());
                match (op, exponent) {
                    (Op::Ln | Op::Log2 | Op::Log10, _) => domain.push((a.clone(), POSITIVE)),
                    (Op::Log1p, _) => domain.push((above, POSITIVE)),
                    (Op::Sqrt, _) => domain.push((a.clone(), NOT_NEGATIVE)),
                    (Op::Pow | Op::Powi, Some(e)) => {
                        if !e.is_integer() {
                            domain.push((a.clone(), NOT_NEGATIVE));
                        }
                        if e.is_negative() {
                            domain.push((a.clone(), NOT_ZERO));
                        }
                    }
                    (Op::Acosh, _) => {
                        let product = self.times(&above, &below.negated())?;
                        domain.extend([
                            (a.clone(), POSITIVE),
                            (below.negated(), NOT_NEGATIVE),
                            (product, NOT_NEGATIVE),
                        ]);
                    }
                    (Op::Logit, _) => domain.extend([(a.clone(), POSITIVE), (below, POSITIVE)]),
                    (Op::Mod | Op::Rem, _) => domain.push((of[1].clone(), NOT_ZERO)),
                    (Op::Atanh, _) => domain.extend([(above, POSITIVE), (below, POSITIVE)]),
                    (Op::Asin | Op::Acos, _) => {
                        let product = self.times(&above, &below)?;
                        let all = [above, below, product];
                        domain.extend(all.map(|of| (of, NOT_NEGATIVE)));
                    }
                    // 0·ln b is 0 for every b.
                    (Op::Xlogy, _) if !self.mask_of(a).has(ZERO) => domain.push((of[1].clone(), POSITIVE)),
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(domain)
    }

    /// An operator by others.
    pub(super) fn definition(&mut self, op: Op, of: &[Frac], needs: &mut Needs) -> Result<Frac> {
        let a = &of[0];
        let (one, half) = (integer(1), half());
        let i = Coefficient::i();
        match op {
            Op::Pow | Op::Powi => match of[1].constant() {
                Some(e) => self.root(a, &e),
                None => {
                    needs.push((a.clone(), NOT_ZERO));
                    let ln = self.ln(a)?;
                    let w = self.times(&of[1], &ln)?;
                    self.exp(&w)
                }
            },
            Op::Sqrt => self.root(a, &half),
            Op::Hypot => {
                let (x, y) = (self.times(a, a)?, self.times(&of[1], &of[1])?);
                let sum = self.plus(&x, &y)?;
                self.root(&sum, &half)
            }
            Op::Exp => self.exp(a),
            Op::Exp2 => {
                let ln = self.ln(&integer(2))?;
                let w = self.times(a, &ln)?;
                self.exp(&w)
            }
            Op::Expm1 => {
                let power = self.exp(a)?;
                self.minus(&power, &one)
            }
            Op::Expmsq => {
                let square = self.times(a, a)?;
                self.exp(&square.negated())
            }
            Op::Ln => self.ln(a),
            Op::Log2 | Op::Log10 => {
                let base = self.ln(&integer(if op == Op::Log2 { 2 } else { 10 }))?;
                let (ln, inverse) = (self.ln(a)?, self.inverse(&base)?);
                self.times(&ln, &inverse)
            }
            Op::Log1p => {
                let sum = self.plus(a, &one)?;
                self.ln(&sum)
            }
            Op::Xlogy => {
                needs.push((of[1].clone(), NOT_ZERO));
                let ln = self.ln(&of[1])?;
                self.times(a, &ln)
            }
            Op::Sin | Op::Cos | Op::Tan | Op::Sinh | Op::Cosh | Op::Tanh => {
                let turn =
                    if matches!(op, Op::Sin | Op::Cos | Op::Tan) { i } else { Coefficient::integer(1) };
                let (left, right) = (self.exp(&a.scaled(&turn))?, self.exp(&a.scaled(&turn.negated()))?);
                let cos = self.plus(&left, &right)?.scaled(&half);
                let sin = self.minus(&left, &right)?.scaled(&half.times(&turn.inverse()));
                match op {
                    Op::Sin | Op::Sinh => Ok(sin),
                    Op::Cos | Op::Cosh => Ok(cos),
                    _ => {
                        let inverse = self.inverse(&cos)?;
                        self.times(&sin, &inverse)
                    }
                }
            }
            Op::Sech => {
                let (left, right) = (self.exp(a)?, self.exp(&a.negated())?);
                let cosh = self.plus(&left, &right)?.scaled(&half);
                self.inverse(&cosh)
            }
            Op::Logit => {
                let rest = self.minus(&one, a)?;
                let (above, below) = (self.ln(a)?, self.ln(&rest)?);
                self.minus(&above, &below)
            }
            Op::Mod | Op::Rem => {
                let inverse = self.inverse(&of[1])?;
                let ratio = self.times(a, &inverse)?;
                let step = if op == Op::Mod { Op::Floor } else { Op::Trunc };
                let whole = self.atom(Atom::Apply(step, vec![ratio]), Coefficient::integer(1))?;
                let multiple = self.times(&of[1], &whole)?;
                self.minus(a, &multiple)
            }
            Op::Lbeta => {
                let sum = self.plus(a, &of[1])?;
                let mut value = integer(0);
                for (x, sign) in [(a, 1), (&of[1], 1), (&sum, -1)] {
                    let part =
                        self.atom(Atom::Apply(Op::Lgamma, vec![x.clone()]), Coefficient::integer(1))?;
                    value = self.plus(&value, &part.scaled(&Coefficient::integer(sign)))?;
                }
                Ok(value)
            }
            Op::Digammadiff => {
                let sum = self.plus(a, &of[1])?;
                let mut at = |x: &Frac| {
                    self.atom(
                        Atom::Apply(Op::Polygamma, vec![x.clone(), of[2].clone()]),
                        Coefficient::integer(1),
                    )
                };
                let (at, beyond) = (at(a)?, at(&sum)?);
                self.minus(&at, &beyond)
            }
            Op::Normcdf => {
                let erf = self.erf_of_root(a)?;
                Ok(self.plus(&one, &erf)?.scaled(&half))
            }
            // Repeated integrals: M(j) = (M(j-2) - a·M(j-1))/j, where M(-1) is 1.
            Op::Mills => {
                let pi = self.atom(Atom::Pi, Coefficient::integer(1))?;
                let root = self.root(&pi.scaled(&Coefficient::integer(2)), &half)?;
                let square = self.times(a, a)?.scaled(&half);
                let (bell, erf) = (self.exp(&square)?, self.erf_of_root(a)?);
                let rest = self.minus(&one, &erf)?.scaled(&half);
                let scale = self.times(&root, &bell)?;
                let (mut before, mut value) = (one, self.times(&scale, &rest)?);
                for j in 1..=order(&of[1])? {
                    let product = self.times(a, &value)?;
                    let next = self.minus(&before, &product)?.scaled(&Coefficient::integer(j).inverse());
                    before = std::mem::replace(&mut value, next);
                }
                Ok(value)
            }
            // From a·s = sin a, differentiated: s(j) = (sin(a + jπ/2) - j·s(j-1))/a.
            Op::Sinc => {
                needs.push((a.clone(), NOT_ZERO));
                let sine = self.definition(Op::Sin, of, needs)?;
                let cosine = self.definition(Op::Cos, of, needs)?;
                let inverse = self.inverse(a)?;
                let mut value = self.times(&sine, &inverse)?;
                for j in 1..=order(&of[1])? {
                    let turned = if j % 2 == 0 { &sine } else { &cosine };
                    let turned = if j % 4 < 2 { turned.clone() } else { turned.negated() };
                    let rest = self.minus(&turned, &value.scaled(&Coefficient::integer(j)))?;
                    value = self.times(&rest, &inverse)?;
                }
                Ok(value)
            }
            Op::Sigmoid => {
                let power = self.exp(a)?;
                let sum = self.plus(&power, &one)?;
                let inverse = self.inverse(&sum)?;
                self.times(&power, &inverse)
            }
            Op::Softplus => {
                let power = self.exp(a)?;
                let sum = self.plus(&power, &one)?;
                self.ln(&sum)
            }
            Op::Erfc => {
                let erf = self.atom(Atom::Apply(Op::Erf, vec![a.clone()]), Coefficient::integer(1))?;
                self.minus(&one, &erf)
            }
            Op::Ceil => {
                let floor = self.atom(Atom::Apply(Op::Floor, vec![a.negated()]), Coefficient::integer(1))?;
                Ok(floor.negated())
            }
            Op::Acos => {
                let asin = self.atom(Atom::Apply(Op::Asin, vec![a.clone()]), Coefficient::integer(1))?;
                let pi = self.atom(Atom::Pi, Coefficient::integer(1))?;
                self.minus(&pi.scaled(&half), &asin)
            }
            Op::Atan2 => {
                needs.push((of[1].clone(), POSITIVE));
                let inverse = self.inverse(&of[1])?;
                let ratio = self.times(a, &inverse)?;
                self.atom(Atom::Apply(Op::Atan, vec![ratio]), Coefficient::integer(1))
            }
            Op::Atanh => {
                let (above, below) = (self.plus(&one, a)?, self.minus(&one, a)?);
                let (above, below) = (self.ln(&above)?, self.ln(&below)?);
                Ok(self.minus(&above, &below)?.scaled(&half))
            }
            Op::Asinh | Op::Acosh => {
                let square = self.times(a, a)?;
                let radicand = self.plus(&square, &integer(if op == Op::Asinh { 1 } else { -1 }))?;
                let root = self.root(&radicand, &half)?;
                let sum = self.plus(a, &root)?;
                self.ln(&sum)
            }
            Op::Clamp => {
                let above = self.atom(Atom::Apply(Op::Max, of[..2].to_vec()), Coefficient::integer(1))?;
                self.atom(Atom::Apply(Op::Min, vec![above, of[2].clone()]), Coefficient::integer(1))
            }
            _ => Err(Reject::Wrong("an operator without a definition")),
        }
    }

    /// erf(a/√2)
    fn erf_of_root(&mut self, a: &Frac) -> Result<Frac> {
        let root = self.root(&integer(2), &half())?.scaled(&half());
        let argument = self.times(a, &root)?;
        self.atom(Atom::Apply(Op::Erf, vec![argument]), Coefficient::integer(1))
    }
}

/// The order of a derivative that is written out; not a large one.
fn order(of: &Frac) -> Result<i64> {
    let order = of.constant().and_then(|c| c.real().filter(|c| c.is_integer())?.to_integer().to_i64());
    order.filter(|k| (0..=20).contains(k)).ok_or(Reject::Wrong("no small order"))
}
