//! Discs that fractions lie in at sample points.

use expr::Op;
use num_traits::ToPrimitive;

use super::super::number::Coefficient;
use super::Checker;
use super::algebra::{Atom, Frac, Poly};

/// A disc that a complex number lies in: rounding is counted in at every operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ball {
    pub(super) re: f64,
    pub(super) im: f64,
    pub(super) err: f64,
}

impl Ball {
    pub(super) fn new(re: f64, im: f64, err: f64) -> Option<Ball> {
        // Elementary functions are right to far less than this; so are sums and products. What is not finite is no disc.
        let err = err + 1e-14 * (re.abs() + im.abs()) + 1e-300;
        (err < 1e300).then_some(Ball { re, im, err })
    }

    pub(super) fn size(self) -> f64 {
        self.re.hypot(self.im)
    }

    pub(super) fn is_apart(self) -> bool {
        self.size() > 1.001 * self.err
    }

    pub(super) fn plus(self, b: Ball) -> Option<Ball> {
        // What cancels leaves the rounding of the parts, which is in their discs already.
        Ball::new(self.re + b.re, self.im + b.im, self.err + b.err)
    }

    pub(super) fn minus(self, b: Ball) -> Ball {
        let (re, im) = (self.re - b.re, self.im - b.im);
        Ball { re, im, err: self.err + b.err + 1e-14 * (re.abs() + im.abs()) }
    }

    pub(super) fn times(self, b: Ball) -> Option<Ball> {
        let err = self.err * (b.size() + b.err) + self.size() * b.err;
        Ball::new(self.re * b.re - self.im * b.im, self.re * b.im + self.im * b.re, 1.001 * err)
    }

    pub(super) fn inverse(self) -> Option<Ball> {
        let (size, least) = (self.size(), self.size() - 1.001 * self.err);
        // Divided twice: the square of a large number is none.
        let part = |x: f64| x / size / size;
        (least > 0.0).then(|| Ball::new(part(self.re), part(-self.im), 1.001 * self.err / size / least))?
    }

    pub(super) fn exp(self) -> Option<Ball> {
        let size = self.re.exp();
        let err = size * (1.001 * self.err).exp_m1();
        (self.im.abs() < 1e6).then(|| Ball::new(size * self.im.cos(), size * self.im.sin(), 1.001 * err))?
    }

    /// The number, where it can only be a positive one.
    pub(super) fn positive(self) -> Option<f64> {
        Some(self.re).filter(|re| self.im.abs() <= self.err && *re > 1.001 * self.err)
    }

    pub(super) fn ln(self) -> Option<Ball> {
        let x = self.positive()?;
        Ball::new(x.ln(), 0.0, 1.001 * self.err / (x - self.err))
    }

    pub(super) fn scaled(self, c: &Coefficient) -> Option<Ball> {
        self.times(Ball::new(c.re.to_f64()?, c.im.to_f64()?, 0.0)?)
    }
}

impl Checker {
    /// Inputs at a sample point: of several sizes and signs.
    pub(super) fn sample(k: u32, s: usize) -> f64 {
        let (low, high) = [(0.0, 1.0), (1.0, 3.0), (-1.0, 1.0), (-4.0, 0.0), (5.0, 15.0), (100.0, 300.0)][s];
        let mixed = (u64::from(k) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11;
        low + (high - low) * (mixed as f64 / (1u64 << 53) as f64)
    }

    pub(super) fn atom_ball(&self, atom: &Atom, s: usize) -> Option<Ball> {
        let of: Option<Vec<Ball>> = atom.arguments().iter().map(|a| self.ball(a, s)).collect();
        let of = of?;
        match atom {
            Atom::Input(k) => Ball::new(Self::sample(*k, s), 0.0, 0.0),
            Atom::Pi => Ball::new(std::f64::consts::PI, 0.0, 0.0),
            Atom::Exp(_) | Atom::Root(_) => Some(of[0]),
            Atom::Ln(_) => of[0].ln(),
            Atom::Apply(op, _) => {
                let (x, real) = (of[0].re, of[0].im.abs() <= of[0].err);
                let steepest = match op {
                    Op::Atan | Op::Erf => 2.0,
                    Op::Asin if x.abs() + of[0].err < 0.999 => 40.0,
                    _ => return None,
                };
                Ball::new(op.value(&[x]), 0.0, steepest * of[0].err).filter(|_| real)
            }
        }
    }

    pub(super) fn ball(&self, f: &Frac, s: usize) -> Option<Ball> {
        let poly = |p: &Poly| {
            let mut sum = Ball { re: 0.0, im: 0.0, err: 0.0 };
            for (m, c) in p {
                let mut product = Ball { re: 1.0, im: 0.0, err: 0.0 }.scaled(c)?;
                for (k, e) in m {
                    let (atom, values) = &self.atoms[*k as usize];
                    let value = values[s]?;
                    let power = match (atom, e.real()) {
                        (Atom::Exp(_), _) => value.scaled(e)?.exp()?,
                        (_, Some(e)) if e.is_integer() && e.to_integer().bits() < 8 => {
                            let n = e.to_integer().to_i32()?;
                            let base = if n < 0 { value.inverse()? } else { value };
                            (1..n.abs()).try_fold(base, |power, _| power.times(base))?
                        }
                        (Atom::Root(_), Some(_)) => value.ln()?.scaled(e)?.exp()?,
                        _ => return None,
                    };
                    product = product.times(power)?;
                }
                sum = sum.plus(product)?;
            }
            Some(sum)
        };
        f.below.iter().try_fold(poly(&f.top)?, |value, (p, &n)| {
            let inverse = poly(p)?.inverse()?;
            (0..n).try_fold(value, |value, _| value.times(inverse))
        })
    }
}
