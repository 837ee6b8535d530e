//! Elementary functions of exact numbers: normal forms where an identity gives one, else a kernel.

use dashu_int::UBig;
use expr::Op;

use super::exact::{Definition, Exact, Field, MAX_POWER, common};
use super::rational::Rational;

/// Roots of a higher degree are written as exponentials of logarithms.
const MAX_DEGREE: u64 = 64;
/// Primes below this are split off under roots and logarithms.
const MAX_PRIME: u32 = 256;

impl Field<'_> {
    pub(crate) fn e(&mut self) -> Exact {
        self.kernel(Definition::Exp(Exact::integer(1)))
    }

    pub(crate) fn exp(&mut self, a: &Exact) -> Exact {
        // exp(q·ln s) = s^q
        let mut powers = Vec::new();
        let mut rest = Exact::zero();
        for (monomial, coefficient) in &a.terms {
            match &monomial[..] {
                [(kernel, 1)] if is_small(coefficient) => {
                    if let Definition::Ln(s) = self.definition(*kernel) {
                        powers.push((s.clone(), coefficient.clone()));
                        continue;
                    }
                }
                _ => {}
            }
            rest.terms.push((monomial.clone(), coefficient.clone()));
        }
        let mut product = match rest.is_empty() {
            true => Exact::integer(1),
            false => self.kernel(Definition::Exp(rest)),
        };
        for (s, power) in powers {
            let factor = self.real_power(&s, &power);
            product = self.mul(&product, &factor);
        }
        product
    }

    /// Of a positive number.
    pub(crate) fn ln(&mut self, a: &Exact) -> Exact {
        match &a.terms[..] {
            [] => self.give_up(),
            [(monomial, coefficient)] => {
                let positive = monomial.iter().all(|&(kernel, _)| {
                    self.sign(&Exact::term(vec![(kernel, 1)], Rational::one())) == Some(1)
                });
                if !positive || coefficient.sign() < 0 {
                    return self.kernel(Definition::Ln(a.clone()));
                }
                let mut sum = self.ln_rational(coefficient);
                for &(kernel, power) in &monomial.clone() {
                    let power = Rational::integer(power.into());
                    let term = match self.definition(kernel).clone() {
                        Definition::Exp(a) => a.scaled(&power),
                        Definition::Root(s, n) => {
                            self.ln(&s).scaled(&power.times(&Rational::fraction(1, n.into())))
                        }
                        Definition::Sum(s) => self.kernel(Definition::Ln(s)).scaled(&power),
                        _ => {
                            let kernel = Exact::term(vec![(kernel, 1)], Rational::one());
                            self.kernel(Definition::Ln(kernel)).scaled(&power)
                        }
                    };
                    sum = self.add(&sum, &term);
                }
                sum
            }
            _ => {
                let scale = a.leading().magnitude();
                let known = self.ln_rational(&scale);
                let rest = self.kernel(Definition::Ln(a.scaled(&scale.inverse())));
                self.add(&known, &rest)
            }
        }
    }

    fn ln_rational(&mut self, a: &Rational) -> Exact {
        let mut sum = Exact::zero();
        for (part, sign) in [(a.numerator().clone(), 1), (a.denominator().clone().into(), -1)] {
            let part = UBig::try_from(part).expect("a positive number");
            let (factors, rest) = self.factored(part);
            let rest = (rest != UBig::ONE).then_some((rest, 1));
            let primes = factors.into_iter().map(|(prime, power)| (UBig::from(prime), power));
            for (base, power) in primes.chain(rest) {
                let base = Exact::rational(Rational::new(base.into(), UBig::ONE));
                let term = self.kernel(Definition::Ln(base)).scaled(&Rational::integer(sign * power as i64));
                sum = self.add(&sum, &term);
            }
        }
        sum
    }

    /// Small primes with their powers, and what is left.
    fn factored(&mut self, mut n: UBig) -> (Vec<(u32, usize)>, UBig) {
        let mut factors = Vec::new();
        self.charge(8);
        if n == UBig::ONE || n == UBig::ZERO {
            return (factors, n);
        }
        for prime in (2..MAX_PRIME).filter(|&n| (2..n).take_while(|d| d * d <= n).all(|d| n % d != 0)) {
            if let Some(power) = n.remove(&UBig::from(prime)).filter(|&power| power > 0) {
                factors.push((prime, power));
            }
            if n == UBig::ONE {
                break;
            }
        }
        (factors, n)
    }

    /// Of a positive number to a rational power.
    pub(crate) fn real_power(&mut self, a: &Exact, power: &Rational) -> Exact {
        if power.is_zero() || a.is_one() {
            return Exact::integer(1);
        }
        if !is_small(power) {
            let logarithm = self.ln(a);
            return self.exp(&logarithm.scaled(power));
        }
        let degree = u32::try_from(power.denominator()).expect("a small number");
        let root = if degree == 1 { a.clone() } else { self.root(a, degree) };
        self.power(&root, i32::try_from(power.numerator()).expect("a small number"))
    }

    /// The positive root of a positive number.
    pub(crate) fn root(&mut self, a: &Exact, n: u32) -> Exact {
        match &a.terms[..] {
            [] => self.give_up(),
            [(monomial, coefficient)] => {
                let positive = coefficient.sign() > 0
                    && monomial.iter().all(|&(kernel, _)| {
                        self.sign(&Exact::term(vec![(kernel, 1)], Rational::one())) == Some(1)
                    });
                if !positive {
                    return self.kernel(Definition::Root(a.clone(), n));
                }
                let mut product = self.root_of_rational(coefficient, n);
                for &(kernel, power) in &monomial.clone() {
                    let factor = match self.definition(kernel).clone() {
                        Definition::Exp(a) => {
                            self.exp(&a.scaled(&Rational::fraction(power.into(), n.into())))
                        }
                        Definition::Root(s, m) if u64::from(m) * u64::from(n) <= MAX_DEGREE => {
                            let root = self.kernel(Definition::Root(s, m * n));
                            self.power(&root, power)
                        }
                        Definition::Sum(s) => {
                            let root = self.kernel(Definition::Root(s, n));
                            self.power(&root, power)
                        }
                        _ => {
                            let kernel = Exact::term(vec![(kernel, 1)], Rational::one());
                            let (whole, rest) = (power.div_euclid(n as i32), power.rem_euclid(n as i32));
                            let root = self.kernel(Definition::Root(kernel.clone(), n));
                            let (whole, rest) = (self.power(&kernel, whole), self.power(&root, rest));
                            self.mul(&whole, &rest)
                        }
                    };
                    product = self.mul(&product, &factor);
                }
                product
            }
            _ => {
                let scale = a.leading().magnitude();
                let known = self.root_of_rational(&scale, n);
                let rest = self.kernel(Definition::Root(a.scaled(&scale.inverse()), n));
                self.mul(&known, &rest)
            }
        }
    }

    fn root_of_rational(&mut self, a: &Rational, n: u32) -> Exact {
        // (p/q)^(1/n) = (p·q^(n-1))^(1/n) / q, with the small primes of p and q apart.
        let numerator = UBig::try_from(a.numerator().clone()).expect("a positive number");
        let mut product = self.root_of_integer(numerator, n);
        if !a.is_integer() {
            let root = self.root_of_integer(a.denominator().clone(), n);
            let inverse = self.inverse(&root);
            product = self.mul(&product, &inverse);
        }
        product
    }

    fn root_of_integer(&mut self, a: UBig, n: u32) -> Exact {
        let (factors, rest) = self.factored(a);
        let mut product = Exact::integer(1);
        for (prime, power) in factors {
            let (whole, part) = (power / n as usize, (power % n as usize) as u32);
            let outside = Rational::integer(prime.into()).to_the(whole);
            product = self.mul(&product, &Exact::rational(outside));
            if part != 0 {
                let shared = common(part, n);
                let root = self.kernel(Definition::Root(Exact::integer(prime.into()), n / shared));
                let factor = self.power(&root, (part / shared) as i32);
                product = self.mul(&product, &factor);
            }
        }
        if rest == UBig::ONE {
            return product;
        }
        // A perfect power of a degree that divides n.
        for degree in (1..=n).rev().filter(|&degree| n.is_multiple_of(degree)) {
            let base = rest.nth_root(degree as usize);
            if base.pow(degree as usize) != rest {
                continue;
            }
            let base = Exact::rational(Rational::new(base.into(), UBig::ONE));
            let factor = match n / degree {
                1 => base,
                n => self.kernel(Definition::Root(base, n)),
            };
            return self.mul(&product, &factor);
        }
        unreachable!("every number is its own first power")
    }

    /// The sine and cosine.
    pub(crate) fn sin_cos(&mut self, a: &Exact) -> (Exact, Exact) {
        let pi = self.pi().terms[0].0.clone();
        let mut rest = a.clone();
        let mut turns = Rational::zero();
        if let Some(position) = rest.terms.iter().position(|(monomial, _)| *monomial == pi) {
            turns = rest.terms.remove(position).1;
        }
        // a = rest + pi·(quarters/2 + part), with part from 0 to less than 1/2.
        let half = Rational::fraction(1, 2);
        let quarters = turns.plus(&turns).floor();
        let part = turns.minus(&Rational::new(quarters.clone(), UBig::ONE).times(&half));
        let four = dashu_int::IBig::from(4);
        let quadrant = u8::try_from((quarters % &four + &four) % &four).expect("0 to 3");
        let (sine, cosine) = if rest.is_empty() {
            match part > Rational::fraction(1, 4) {
                true => {
                    let (sine, cosine) = self.of_part(&half.minus(&part));
                    (cosine, sine)
                }
                false => self.of_part(&part),
            }
        } else {
            let argument = self.add(&rest, &Exact::term(pi, part));
            match argument.leading().sign() < 0 {
                true => {
                    let (sine, cosine) = self.sin_cos_kernels(argument.negated());
                    (sine.negated(), cosine)
                }
                false => self.sin_cos_kernels(argument),
            }
        };
        match quadrant {
            0 => (sine, cosine),
            1 => (cosine, sine.negated()),
            2 => (sine.negated(), cosine.negated()),
            _ => (cosine.negated(), sine),
        }
    }

    fn sin_cos_kernels(&mut self, argument: Exact) -> (Exact, Exact) {
        (self.kernel(Definition::Sin(argument.clone())), self.kernel(Definition::Cos(argument)))
    }

    /// Of a part of pi from 0 to 1/4.
    fn of_part(&mut self, part: &Rational) -> (Exact, Exact) {
        let half = Rational::fraction(1, 2);
        if part.is_zero() {
            (Exact::zero(), Exact::integer(1))
        } else if *part == Rational::fraction(1, 6) {
            let cosine = self.root(&Exact::integer(3), 2).scaled(&half);
            (Exact::rational(half), cosine)
        } else if *part == Rational::fraction(1, 4) {
            let both = self.root(&Exact::integer(2), 2).scaled(&half);
            (both.clone(), both)
        } else {
            let argument = self.pi().scaled(part);
            self.sin_cos_kernels(argument)
        }
    }

    /// The inverse sine of a number strictly between -1 and 1, the inverse tangent or the error function: odd functions
    /// that are analytic there.
    pub(crate) fn odd_value(&mut self, op: Op, a: &Exact) -> Exact {
        if a.is_empty() {
            return Exact::zero();
        }
        if a.leading().sign() < 0 {
            return self.odd_value(op, &a.negated()).negated();
        }
        let part = match (op, a.as_rational()) {
            (Op::Atan, Some(a)) if a.is_one() => Some(4),
            (Op::Asin, Some(a)) if a == Rational::fraction(1, 2) => Some(6),
            _ => None,
        };
        match part {
            Some(part) => self.pi().scaled(&Rational::fraction(1, part)),
            None => self.kernel(Definition::Value(op, a.clone())),
        }
    }
}

/// Whether numerator and denominator are small enough for a root and a power.
fn is_small(power: &Rational) -> bool {
    u64::try_from(power.denominator()).is_ok_and(|n| n <= MAX_DEGREE)
        && i32::try_from(power.numerator()).is_ok_and(|n| n.abs() <= MAX_POWER)
}
