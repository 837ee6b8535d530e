//! Fractions of polynomials over kernels: what a formula is when everything that algebra can take apart is taken apart.
//!
//! Nothing is ever cancelled by assumption. Two fractions are equal when cross-multiplication gives the same polynomial, and
//! their divisors are those that stand in the formulas: not zero wherever these are defined.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::mem::discriminant;

use num_rational::Ratio;

use super::Overflow;
use super::checker::{Checker, Step, TermId, Terms};
use super::fingerprint::fingerprint;
use super::fraction::{Fraction, Kernel};
use super::number::{Coefficient, Exponent};
use super::polynomial::{self, Monomial, Polynomial};

pub(super) type Result<T> = std::result::Result<T, Overflow>;

/// The kernels and divisors met so far.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) kernels: Vec<Kernel>,
    pub(super) divisors: Vec<Polynomial>,
    divisor_ids: HashMap<Polynomial, usize>,
    /// Per kernel, what its arguments are modulo a prime.
    prints: Vec<Vec<u64>>,
    /// Products of terms so far.
    work: u64,
    /// Sums that are positive wherever the formulas are defined: they may be factors of others.
    pub(super) positive: Vec<Fraction>,
    /// Per kernel, the term that it is.
    pub(super) kernel_terms: Vec<TermId>,
    pub(super) terms: Terms,
    /// What has been shown in this case; the checker says what may be.
    pub(super) checker: Checker,
    pub(super) steps: Vec<Step>,
    /// How many roots or logarithms of factors are being taken.
    pub(super) depth: u32,
    pub(super) taken: HashSet<Step>,
}

/// The largest power that is multiplied out.
const MOST_POWER: i64 = 64;
/// The most terms of a polynomial that is divided by a divisor to see whether it comes out.
const MOST_CANCELLED: usize = 200;
/// The most products of terms in one case.
const MOST_WORK: u64 = 1_000_000;

impl Field {
    pub(super) fn new(terms: Terms, sides: [TermId; 2]) -> Field {
        Field {
            kernels: Vec::new(),
            divisors: Vec::new(),
            divisor_ids: HashMap::new(),
            prints: Vec::new(),
            work: 0,
            positive: Vec::new(),
            kernel_terms: Vec::new(),
            checker: Checker::new(terms.list.clone(), sides),
            terms,
            steps: Vec::new(),
            depth: 0,
            taken: HashSet::new(),
        }
    }

    pub(super) fn plus(&mut self, a: &Fraction, b: &Fraction) -> Result<Fraction> {
        self.spend(a.top.0.len() + b.top.0.len(), 1)?;
        let (mut x, mut y, mut below) = (a.top.clone(), b.top.clone(), a.below.clone());
        for (&id, &power) in &a.below {
            for _ in b.below.get(&id).copied().unwrap_or(0)..power {
                self.spend(y.0.len(), self.divisors[id].0.len())?;
                y = y.times(&self.divisors[id])?;
            }
        }
        for (&id, &power) in &b.below {
            for _ in a.below.get(&id).copied().unwrap_or(0)..power {
                self.spend(x.0.len(), self.divisors[id].0.len())?;
                x = x.times(&self.divisors[id])?;
            }
            let most = below.entry(id).or_insert(0);
            *most = (*most).max(power);
        }
        let sum = self.cancelled(Fraction { top: x.plus(&y)?, below });
        self.reduced(sum)
    }

    /// Counts products of terms, and stops when they are too many.
    pub(super) fn spend(&mut self, a: usize, b: usize) -> Result<()> {
        self.work += (a * b) as u64;
        if self.work > MOST_WORK { Err(Overflow) } else { Ok(()) }
    }

    pub(super) fn minus(&mut self, a: &Fraction, b: &Fraction) -> Result<Fraction> {
        self.plus(a, &b.negated())
    }

    pub(super) fn times(&mut self, a: &Fraction, b: &Fraction) -> Result<Fraction> {
        self.spend(a.top.0.len(), b.top.0.len())?;
        let mut below = a.below.clone();
        b.below.iter().for_each(|(&id, &power)| *below.entry(id).or_insert(0) += power);
        let product = self.cancelled(Fraction { top: a.top.times(&b.top)?, below });
        self.reduced(product)
    }

    /// Without the divisors that divide what is above them. They stood in the formula, and are not 0 where it is defined.
    fn cancelled(&mut self, mut fraction: Fraction) -> Fraction {
        if fraction.is_zero() {
            return Fraction::default();
        }
        for id in fraction.below.keys().copied().collect::<Vec<_>>() {
            self.work += fraction.top.0.len() as u64;
            while let Some(power) = fraction.below.get(&id).copied()
                && fraction.top.0.len() >= self.divisors[id].0.len()
                && fraction.top.0.len() <= MOST_CANCELLED
                && let Some(quotient) = fraction.top.divided_exactly(&self.divisors[id])
            {
                fraction.top = quotient;
                match power {
                    1 => fraction.below.remove(&id),
                    _ => fraction.below.insert(id, power - 1),
                };
            }
        }
        fraction
    }

    /// Whether two fractions are the same function wherever both are defined.
    pub(super) fn equal(&mut self, a: &Fraction, b: &Fraction) -> Result<bool> {
        Ok(a == b || self.minus(a, b)?.is_zero())
    }

    /// Powers of roots that are whole powers of what stands below the root are written as such.
    pub(super) fn reduced(&mut self, fraction: Fraction) -> Result<Fraction> {
        let whole = |kernel: &Kernel, e: Exponent| -> i64 {
            match kernel {
                Kernel::Root(_) => e.re.floor().to_integer(),
                Kernel::Cbrt(_) => (e.re / 3).floor().to_integer(),
                _ => 0,
            }
        };
        let is_open = |(m, _): &(&Monomial, &Coefficient)| {
            m.iter().any(|&(k, e)| whole(&self.kernels[k as usize], e) != 0)
        };
        if !fraction.top.0.iter().any(|term| is_open(&term)) {
            return Ok(fraction);
        }
        let (open, done): (Vec<_>, Vec<_>) = fraction.top.0.iter().partition(|term| is_open(term));
        let (open, done): (Vec<_>, Vec<_>) = (
            open.into_iter().map(|(m, c)| (m.clone(), c.clone())).collect(),
            done.into_iter().map(|(m, c)| (m.clone(), c.clone())).collect(),
        );
        let mut sum = Fraction { top: Polynomial(done.into_iter().collect()), below: fraction.below.clone() };
        for (monomial, coefficient) in open {
            let (mut rest, mut factors) = (Monomial::new(), Vec::new());
            for (k, e) in monomial {
                let n = whole(&self.kernels[k as usize], e);
                let (base, step) = match &self.kernels[k as usize] {
                    Kernel::Root(base) => (base.clone(), 1),
                    Kernel::Cbrt(base) => (base.clone(), 3),
                    _ => (Fraction::default(), 0),
                };
                let left = e.plus(Exponent::integer(-n * step)).ok_or(Overflow)?;
                if !left.is_zero() {
                    rest.push((k, left));
                }
                if n != 0 {
                    factors.push((base, n));
                }
            }
            let mut term =
                Fraction { top: Polynomial::term(rest, coefficient), below: fraction.below.clone() };
            for (base, n) in factors {
                let power = self.power(&base, n)?;
                term = self.times(&term, &power)?;
            }
            sum = self.plus(&sum, &term)?;
        }
        Ok(sum)
    }

    /// One over it.
    pub(super) fn inverse(&mut self, a: &Fraction) -> Result<Fraction> {
        let mut top = Polynomial::constant(Coefficient::integer(1));
        for (&id, &power) in &a.below {
            for _ in 0..power {
                top = top.times(&self.divisors[id])?;
            }
        }
        let (monomial, scale, divisor) = self.primitive(&a.top)?;
        let front = Polynomial::term(polynomial::inverse(&monomial)?, scale.inverse());
        let mut below = BTreeMap::new();
        if let Some(divisor) = divisor {
            let next = self.divisors.len();
            let id = *self.divisor_ids.entry(divisor.clone()).or_insert(next);
            if id == next {
                self.divisors.push(divisor);
            }
            below.insert(id, 1);
        }
        let inverse = Fraction { top: top.times(&front)?, below };
        self.reduced(inverse)
    }

    /// A polynomial as a monomial times a number times a polynomial without common factors of these kinds, if it has more
    /// than one term.
    pub(super) fn primitive(&self, p: &Polynomial) -> Result<(Monomial, Coefficient, Option<Polynomial>)> {
        // The largest term, whatever the polynomial is multiplied by: 1 + e^x and 1 + e^-x are multiples of one divisor.
        let Some((first, lead)) = p.largest() else { return Err(Overflow) };
        if p.0.len() == 1 {
            return Ok((first.clone(), lead.clone(), None));
        }
        let mut common: BTreeMap<u32, Exponent> = BTreeMap::new();
        for (k, kernel) in self.kernels.iter().enumerate() {
            let power = |m: &Monomial| m.iter().find(|(of, _)| *of as usize == k).map(|(_, e)| *e);
            let least = match kernel {
                Kernel::Exp(_) => power(first),
                _ => p.0.keys().map(|m| power(m).unwrap_or(Exponent::integer(0))).min(),
            };
            if let Some(e) = least.filter(|e| !e.is_zero()) {
                common.insert(k as u32, e);
            }
        }
        let monomial: Monomial = common.into_iter().collect();
        let divided = p.times(&Polynomial::term(polynomial::inverse(&monomial)?, Coefficient::integer(1)))?;
        let lead = divided.largest().map_or_else(|| lead.clone(), |(_, c)| c.clone());
        let monic = divided.scaled(&lead.inverse());
        Ok((monomial, lead, Some(monic)))
    }

    pub(super) fn divided(&mut self, a: &Fraction, b: &Fraction) -> Result<Fraction> {
        let inverse = self.inverse(b)?;
        self.times(a, &inverse)
    }

    /// A whole power.
    pub(super) fn power(&mut self, a: &Fraction, n: i64) -> Result<Fraction> {
        if n < 0 {
            let inverse = self.inverse(a)?;
            return self.power(&inverse, n.checked_neg().ok_or(Overflow)?);
        }
        if let Some((monomial, coefficient)) = a.as_term()
            && coefficient.is_one()
        {
            let scaled: Option<Monomial> = monomial
                .iter()
                .map(|&(k, e)| Some((k, e.scaled(Ratio::from_integer(n))?)))
                .filter(|term| term.is_none_or(|(_, e)| !e.is_zero()))
                .collect();
            let power = Polynomial::term(scaled.ok_or(Overflow)?, Coefficient::integer(1)).into();
            return self.reduced(power);
        }
        if n > MOST_POWER {
            return Err(Overflow);
        }
        let mut power = Fraction::integer(1);
        for bit in (0..7).rev() {
            power = self.times(&power.clone(), &power)?;
            if n >> bit & 1 == 1 {
                power = self.times(&power, a)?;
            }
        }
        Ok(power)
    }

    /// The kernel of this kind and these arguments.
    fn kernel(&mut self, kernel: Kernel) -> Result<u32> {
        let prints: Vec<u64> = kernel.arguments().iter().map(|of| fingerprint(&self.divisors, of)).collect();
        for k in 0..self.kernels.len() {
            let alike = match (&self.kernels[k], &kernel) {
                (Kernel::Input(a), Kernel::Input(b)) => a == b,
                (Kernel::Apply(a, _), Kernel::Apply(b, _)) => a == b,
                (a, b) => discriminant(a) == discriminant(b),
            };
            if !alike || self.prints[k] != prints {
                continue;
            }
            let pairs = self.kernels[k].arguments().to_vec().into_iter().zip(kernel.arguments());
            let mut same = true;
            for (a, b) in pairs {
                same = same && self.equal(&a, b)?;
            }
            if same {
                return Ok(k as u32);
            }
        }
        self.prints.push(prints);
        let term = self.term_of_kernel(&kernel);
        self.kernel_terms.push(term);
        self.kernels.push(kernel);
        Ok(self.kernels.len() as u32 - 1)
    }

    /// A kernel to some power.
    pub(super) fn powered(&mut self, kernel: Kernel, e: Exponent) -> Result<Fraction> {
        let k = self.kernel(kernel)?;
        let term = Polynomial::term(vec![(k, e)], Coefficient::integer(1)).into();
        self.reduced(term)
    }

    pub(super) fn leaf(&mut self, kernel: Kernel) -> Result<Fraction> {
        self.powered(kernel, Exponent::integer(1))
    }
}
