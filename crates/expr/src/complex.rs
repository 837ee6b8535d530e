//! Complex numbers whose imaginary part is so small that its square is lost: what the complex-step method needs.
//!
//! The real part of a function is then its value at the real part; the imaginary part is that of the complex function,
//! by formulas that keep it however small it is (Kahan 1987 for the inverse functions). No rule of the operator table is
//! used, so this is a witness of its own.

use crate::{Constant, Op, Scalar};

/// `re + i·im`, with `im² ` below every rounding error of `re²`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Complex {
    /// The real part.
    pub re: f64,
    /// The imaginary part.
    pub im: f64,
}

crate::arithmetic!(Complex);

impl Complex {
    /// Whether the operator is continued to complex numbers here; where not, its result is not a number.
    pub fn continues(op: Op) -> bool {
        imaginary(op, &[Complex { re: 0.5, im: 0.0 }; 3], 0.5).is_some()
    }

    fn plus_one(self, sign: f64) -> Complex {
        Complex { re: 1.0 + sign * self.re, im: sign * self.im }
    }

    /// The principal square root, for a real part that is not negative.
    fn root(self) -> Complex {
        let re = ((self.re.hypot(self.im) + self.re) / 2.0).sqrt();
        Complex { re, im: if self.im == 0.0 { 0.0 } else { self.im / (re + re) } }
    }

    /// Smith 1962: no square that could overflow.
    fn over(self, other: Complex) -> Complex {
        let ratio = other.im / other.re;
        let divisor = other.re + other.im * ratio;
        Complex { re: (self.re + self.im * ratio) / divisor, im: (self.im - self.re * ratio) / divisor }
    }

    fn exp(self) -> Complex {
        Complex { re: self.re.exp() * self.im.cos(), im: self.re.exp() * self.im.sin() }
    }

    /// The imaginary part of the inverse tangent.
    fn atan_im(self) -> f64 {
        0.25 * (4.0 * self.im / (self.re * self.re + (1.0 - self.im) * (1.0 - self.im))).ln_1p()
    }

    /// The imaginary part of the inverse sine: Im(conj √(1-z) · √(1+z)).
    fn asin_im(self) -> f64 {
        let (below, above) = (self.plus_one(-1.0).root(), self.plus_one(1.0).root());
        (below.re * above.im - below.im * above.re).asinh()
    }

    /// The imaginary part of a power with any exponent.
    fn pow_im(self, exponent: Complex) -> f64 {
        // A negative base has a value for integer exponents only; turned to the positive axis it keeps its angle small.
        let (base, odd) = match self.re < 0.0 {
            true => (Complex { re: -self.re, im: -self.im }, exponent.re.rem_euclid(2.0) == 1.0),
            false => (self, false),
        };
        let size = base.re.hypot(base.im);
        let turned = if exponent.im == 0.0 { 0.0 } else { exponent.im * size.ln() };
        let im = size.powf(exponent.re) * (exponent.re * base.im.atan2(base.re) + turned).sin();
        if odd { -im } else { im }
    }
}

impl Scalar for Complex {
    type Context = ();

    fn context(&self) {}

    fn lift((): (), constant: &Constant) -> Complex {
        Complex { re: constant.to_f64(), im: 0.0 }
    }

    fn apply(op: Op, arguments: &[Complex]) -> Complex {
        let mut reals = [0.0; 3];
        for (real, argument) in reals.iter_mut().zip(arguments) {
            *real = argument.re;
        }
        let re = op.value(&reals[..op.arity()]);
        match imaginary(op, arguments, re).filter(|_| !re.is_nan()) {
            Some(im) => Complex { re, im },
            None => Complex { re: f64::NAN, im: f64::NAN },
        }
    }
}

/// The imaginary part of an operator whose real part is `re`; nothing where it is not continued to complex numbers.
fn imaginary(op: Op, arguments: &[Complex], re: f64) -> Option<f64> {
    let z = arguments[0];
    let w = arguments.get(1).copied().unwrap_or(z);
    let (a, b) = (z.re, z.im);
    let chosen = |arguments: &[Complex]| {
        arguments.iter().find(|argument| argument.re == re).map_or(f64::NAN, |argument| argument.im)
    };
    Some(match op {
        Op::Neg => -b,
        Op::Add => b + w.im,
        Op::Sub => b - w.im,
        Op::Mul => a * w.im + b * w.re,
        Op::Div => z.over(w).im,
        Op::Square => a * b + a * b,
        Op::Recip => Complex { re: 1.0, im: 0.0 }.over(z).im,
        Op::Pow | Op::Powi => z.pow_im(w),
        Op::Sqrt => z.root().im,
        Op::Cbrt => a.hypot(b).cbrt() * (b.atan2(a.abs()) / 3.0).sin(),
        Op::Hypot => {
            let size = a.abs().max(w.re.abs());
            let (x, y) = (a / size, w.re / size);
            (x * b + y * w.im) / x.hypot(y)
        }
        Op::Exp | Op::Expm1 => z.exp().im,
        Op::Exp2 => a.exp2() * (b * std::f64::consts::LN_2).sin(),
        Op::Ln => b.atan2(a),
        Op::Log1p => b.atan2(1.0 + a),
        Op::Log2 => b.atan2(a) / std::f64::consts::LN_2,
        Op::Log10 => b.atan2(a) / std::f64::consts::LN_10,
        Op::Sin => a.cos() * b.sinh(),
        Op::Cos => -(a.sin() * b.sinh()),
        Op::Tan => {
            let (real, small) = (a.tan(), b.tanh());
            small * (1.0 + real * real) / (1.0 + real * real * small * small)
        }
        Op::Asin => z.asin_im(),
        Op::Acos => -z.asin_im(),
        Op::Atan => z.atan_im(),
        // The angle by whichever quotient is not large.
        Op::Atan2 if a.abs() <= w.re.abs() => z.over(w).atan_im(),
        Op::Atan2 => -w.over(z).atan_im(),
        Op::Sinh => a.cosh() * b.sin(),
        Op::Cosh => a.sinh() * b.sin(),
        Op::Tanh => (b + b).sin() / ((a + a).cosh() + (b + b).cos()),
        Op::Asinh => {
            // i·asin(-iz): the real part of that inverse sine.
            let turned = Complex { re: b, im: -a };
            let (below, above) = (turned.plus_one(-1.0).root(), turned.plus_one(1.0).root());
            (b / (below.re * above.re - below.im * above.im)).atan()
        }
        Op::Acosh => {
            let (below, above) =
                (Complex { re: a - 1.0, im: b }.root(), Complex { re: a + 1.0, im: b }.root());
            2.0 * (below.im / above.re).atan()
        }
        Op::Atanh => 0.5 * (b + b).atan2((1.0 - a) * (1.0 + a) - b * b),
        Op::Abs => {
            if a < 0.0 {
                -b
            } else {
                b
            }
        }
        Op::Min | Op::Max | Op::Clamp => chosen(arguments),
        Op::Relu => {
            if a > 0.0 {
                b
            } else {
                0.0
            }
        }
        Op::Sigmoid if a >= 0.0 => {
            let small = Complex { re: -a, im: -b }.exp();
            Complex { re: 1.0, im: 0.0 }.over(small.plus_one(1.0)).im
        }
        Op::Sigmoid => z.exp().over(z.exp().plus_one(1.0)).im,
        Op::Softplus => {
            let small = Complex { re: -a.abs(), im: if a > 0.0 { -b } else { b } }.exp();
            small.im.atan2(1.0 + small.re) + if a > 0.0 { b } else { 0.0 }
        }
        Op::Expmsq => -(re * (a * b + a * b).sin()),
        Op::Xlogy => a * w.im.atan2(w.re) + b * w.re.hypot(w.im).ln(),
        Op::Select => {
            if a != 0.0 {
                w.im
            } else {
                arguments[2].im
            }
        }
        Op::Sign | Op::Floor | Op::Ceil | Op::Round | Op::Trunc => 0.0,
        Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Eq | Op::Ne => 0.0,
        // By 1/(cosh a cos b) and the tangents, of which none overflows.
        Op::Sech => {
            let turn = a.tanh() * b.tan();
            -(turn * re) / (b.cos() * (1.0 + turn * turn))
        }
        Op::Csch => {
            let turn = b.tan() / a.tanh();
            -(turn * re) / (b.cos() * (1.0 + turn * turn))
        }
        Op::Asec => -Complex { re: 1.0, im: 0.0 }.over(z).asin_im(),
        Op::Acsc => Complex { re: 1.0, im: 0.0 }.over(z).asin_im(),
        Op::Mod | Op::Rem => b - ((a - re) / w.re).round() * w.im,
        Op::Logit => b.atan2(a) + b.atan2(1.0 - a),
        Op::Log1mexp => (-a.exp() * b.sin()).atan2(-a.exp_m1()),
        // Without a formula that keeps so small an imaginary part: the complex step refuses them by name.
        Op::Erf | Op::Erfc | Op::Erfinv | Op::Normcdf | Op::Lognormcdf | Op::Mills => return None,
        Op::Lgamma | Op::Polygamma | Op::Lbeta | Op::Digammadiff | Op::Sinc => return None,
        // A new row of the table is refused until it is written down here.
        #[allow(unreachable_patterns)]
        _ => return None,
    })
}
