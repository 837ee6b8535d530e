//! Every operator in MPFR, rounded to nearest; what MPFR lacks is composed from what it has.

use expr::Op;
use rug::Float;
use rug::float::{Constant, Special};
use rug::ops::Pow;

/// Bits of numbers here.
pub const PRECISION: u32 = 2400;

fn of<T>(value: T) -> Float
where
    Float: rug::Assign<T>,
{
    Float::with_val(PRECISION, value)
}

/// Bits of numbers that cancel.
const LONG: u32 = 2 * PRECISION;

/// An order of a derivative, an integer that is written out.
fn order(k: &Float) -> Option<u32> {
    k.to_integer().filter(|_| k.is_integer())?.to_u32()
}

/// Two numbers and their sum, with more bits.
fn with_sum(a: &Float, b: &Float) -> [Float; 3] {
    [Float::with_val(LONG, a), Float::with_val(LONG, b), Float::with_val(LONG, a + b)]
}

/// erfc(a/√2)
fn tail(a: &Float) -> Float {
    let root = Float::with_val(LONG, 2).sqrt();
    Float::with_val(LONG, a / root).erfc()
}

/// Derivatives of sin a/a: near 0 by the power series, else from a·s = sin a.
fn sinc(a: &Float, k: u32) -> Float {
    if *a.as_abs() < 1 {
        let mut m = k.div_ceil(2);
        let mut power = if 2 * m == k { of(1) } else { a.clone() };
        if m % 2 == 1 {
            power = -power;
        }
        let (mut sum, square) = (of(0), of(a.square_ref()));
        for _ in 0..400 {
            sum += of(&power / (2 * m + 1));
            let n = 2 * m - k;
            power = of(-of(power * &square) / ((n + 1) * (n + 2)));
            m += 1;
        }
        return sum;
    }
    let (sine, cosine) = (of(a.sin_ref()), of(a.cos_ref()));
    let mut value = of(&sine / a);
    for j in 1..=k {
        let turned = if j % 2 == 0 { &sine } else { &cosine };
        let turned = if j % 4 < 2 { turned.clone() } else { of(-turned) };
        value = of(of(turned - of(value * j)) / a);
    }
    value
}

/// By Newton's method from a double, where that is not 1.
fn erfinv(a: &Float) -> Option<Float> {
    let mut y = of(Op::Erfinv.value(&[a.to_f64()]));
    if !y.is_finite() {
        return None;
    }
    let scale = of(of(Constant::Pi).sqrt() / 2);
    for _ in 0..8 {
        let slope = of(of(y.square_ref()).exp() * &scale);
        y -= of(of(y.erf_ref()) - a) * slope;
    }
    Some(y)
}

/// Mills' ratio and its repeated integrals: M(j) = (M(j-2) - a·M(j-1))/j, where M(-1) is 1.
fn mills(a: &Float, k: u32) -> Option<Float> {
    let long = |x: &Float| Float::with_val(LONG, x);
    let tail = tail(a);
    if tail.is_zero() {
        return None;
    }
    let bell = Float::with_val(LONG, long(a).square() / 2).exp();
    let scale = Float::with_val(LONG, Float::with_val(LONG, Constant::Pi) / 2).sqrt();
    let (mut before, mut value) = (Float::with_val(LONG, 1), scale * bell * tail);
    for j in 1..=k {
        let next = Float::with_val(LONG, &before - Float::with_val(LONG, a * &value)) / j;
        before = std::mem::replace(&mut value, next);
    }
    Some(of(value))
}

/// The value of an operator, or nothing outside of its domain.
pub fn value(op: Op, at: &[Float]) -> Option<Float> {
    let a = &at[0];
    let b = at.get(1).unwrap_or(a);
    let truth = |yes: bool| of(u32::from(yes));
    let found = match op {
        Op::Neg => of(-a),
        Op::Add => of(a + b),
        Op::Sub => of(a - b),
        Op::Mul => of(a * b),
        Op::Div => of(a / b),
        Op::Pow | Op::Powi if a.is_zero() && b.is_zero() => of(1),
        Op::Pow | Op::Powi => of(a.pow(b)),
        Op::Square => of(a.square_ref()),
        Op::Recip => of(a.recip_ref()),
        Op::Sqrt => of(a.sqrt_ref()),
        Op::Cbrt => of(a.cbrt_ref()),
        Op::Hypot => of(a.hypot_ref(b)),
        Op::Exp => of(a.exp_ref()),
        Op::Exp2 => of(a.exp2_ref()),
        Op::Expm1 => of(a.exp_m1_ref()),
        Op::Ln => of(a.ln_ref()),
        Op::Log1p => of(a.ln_1p_ref()),
        Op::Log2 => of(a.log2_ref()),
        Op::Log10 => of(a.log10_ref()),
        Op::Sin => of(a.sin_ref()),
        Op::Cos => of(a.cos_ref()),
        Op::Tan => of(a.tan_ref()),
        Op::Asin => of(a.asin_ref()),
        Op::Acos => of(a.acos_ref()),
        Op::Atan => of(a.atan_ref()),
        Op::Atan2 if a.is_zero() && b.is_zero() => return None,
        // A zero ordinate counts as +0.
        Op::Atan2 if a.is_zero() => of(of(0).atan2(b)),
        Op::Atan2 => of(a.atan2_ref(b)),
        Op::Sinh => of(a.sinh_ref()),
        Op::Cosh => of(a.cosh_ref()),
        Op::Tanh => of(a.tanh_ref()),
        Op::Asinh => of(a.asinh_ref()),
        Op::Acosh => of(a.acosh_ref()),
        Op::Atanh => of(a.atanh_ref()),
        Op::Abs | Op::Relu if a.is_zero() => of(0),
        Op::Abs => of(a.abs_ref()),
        Op::Sign => of(a.cmp0()? as i32),
        Op::Floor => of(a.floor_ref()),
        Op::Ceil => of(a.ceil_ref()),
        // Halves away from 0, as everywhere.
        Op::Round => of(a.round_ref()),
        Op::Trunc => of(a.trunc_ref()),
        Op::Min => of(a.min_ref(b)),
        Op::Max => of(a.max_ref(b)),
        Op::Clamp => of(of(a.max_ref(b)).min(&at[2])),
        Op::Sigmoid => of(of(1) / of(1 + of(of(-a).exp_ref()))),
        Op::Softplus => {
            // ln(1 + e^a) = max(a, 0) + ln(1 + e^-|a|)
            let small = of(of(-of(a.abs_ref())).exp_ref());
            of(of(a.max_ref(&of(0))) + of(small.ln_1p_ref()))
        }
        Op::Relu => of(a.max_ref(&of(0))),
        Op::Erf => of(a.erf_ref()),
        Op::Erfc => of(a.erfc_ref()),
        Op::Expmsq => {
            // The square with all of its bits.
            let square = Float::with_val(2 * PRECISION, a.square_ref());
            Float::with_val(PRECISION, (-square).exp())
        }
        Op::Xlogy if a.is_zero() => of(0),
        Op::Xlogy => of(a * of(b.ln_ref())),
        Op::Sech => of(a.sech_ref()),
        Op::Csch => of(a.csch_ref()),
        Op::Asec | Op::Acsc => {
            // √((|a| - 1)(|a| + 1)), the tangent of the angle of |a|.
            let size = of(a.abs_ref());
            let leg = of(of(&size - 1) * of(&size + 1)).sqrt();
            let angle = of(if op == Op::Asec { leg.atan() } else { leg.recip().atan() });
            match (a.is_sign_negative(), op) {
                (true, Op::Asec) => of(of(Constant::Pi) - angle),
                (true, _) => -angle,
                _ => angle,
            }
        }
        Op::Rem => of(a % b),
        Op::Mod => {
            let rest = of(a % b);
            let other = !rest.is_zero() && rest.is_sign_negative() != b.is_sign_negative();
            if other { of(rest + b) } else { rest }
        }
        Op::Logit if *a < 0.25 => of(of(a / of(1 - a)).ln_ref()),
        // About 1/2 by the exact difference from it.
        Op::Logit => of(of(of(of(a + a) - 1) / of(1 - a)).ln_1p_ref()),
        Op::Log1mexp if *a > -0.5 => of((-of(a.exp_m1_ref())).ln_ref()),
        Op::Log1mexp => of((-of(a.exp_ref())).ln_1p_ref()),
        Op::Sinc => sinc(a, order(b)?),
        Op::Lgamma | Op::Polygamma | Op::Lbeta | Op::Digammadiff if *a <= 0 => return None,
        Op::Lgamma => of(a.ln_gamma_ref()),
        // MPFR has no derivatives of ψ.
        Op::Polygamma if order(b)? > 0 => return None,
        Op::Polygamma => of(a.digamma_ref()),
        Op::Lbeta | Op::Digammadiff if *b <= 0 => return None,
        Op::Lbeta => {
            let [a, b, sum] = with_sum(a, b).map(Float::ln_gamma);
            of(Float::with_val(LONG, a + b) - sum)
        }
        Op::Digammadiff if order(&at[2])? > 0 => return None,
        Op::Digammadiff => {
            let [a, _, sum] = with_sum(a, b).map(Float::digamma);
            of(a - sum)
        }
        Op::Erfinv => erfinv(a)?,
        Op::Normcdf => of(tail(&of(-a)) / 2),
        Op::Lognormcdf if *a < 0 => {
            let tail = tail(&of(-a));
            if tail.is_zero() {
                return None;
            }
            of(of(tail / 2).ln_ref())
        }
        Op::Lognormcdf => of((-of(tail(a) / 2)).ln_1p_ref()),
        Op::Mills => mills(a, order(b)?)?,
        Op::Lt => truth(a < b),
        Op::Le => truth(a <= b),
        Op::Gt => truth(a > b),
        Op::Ge => truth(a >= b),
        Op::Eq => truth(a == b),
        Op::Ne => truth(a != b),
        Op::Select => {
            if a.is_zero() {
                at[2].clone()
            } else {
                b.clone()
            }
        }
    };
    // Infinite is an argument at a pole, or a number beyond MPFR's range; that is finite, and above all of it.
    match found.is_nan() || found.is_infinite() && is_pole(op, at) {
        true => None,
        false if found.is_infinite() => {
            let mut largest = of(Special::Infinity);
            largest.next_down();
            Some(if found.is_sign_negative() { -largest } else { largest })
        }
        false => Some(found),
    }
}

fn is_pole(op: Op, at: &[Float]) -> bool {
    match op {
        Op::Div => at[1].is_zero(),
        Op::Recip | Op::Ln | Op::Log2 | Op::Log10 => at[0].is_zero(),
        Op::Pow | Op::Powi => at[0].is_zero(),
        Op::Log1p | Op::Atanh | Op::Csch | Op::Logit | Op::Log1mexp => true,
        Op::Xlogy => at[1].is_zero(),
        _ => false,
    }
}

/// Whether a value of 0 may be one too small for MPFR.
pub fn may_underflow(op: Op) -> bool {
    matches!(
        op,
        Op::Exp
            | Op::Exp2
            | Op::Erfc
            | Op::Expmsq
            | Op::Sigmoid
            | Op::Softplus
            | Op::Pow
            | Op::Powi
            | Op::Sech
            | Op::Csch
            | Op::Log1mexp
            | Op::Normcdf
            | Op::Lognormcdf
    )
}

/// Whether MPFR's value is exact at arguments of few bits.
pub fn is_exact(op: Op) -> bool {
    matches!(
        op,
        Op::Neg
            | Op::Abs
            | Op::Sign
            | Op::Floor
            | Op::Ceil
            | Op::Round
            | Op::Trunc
            | Op::Min
            | Op::Max
            | Op::Clamp
            | Op::Relu
            | Op::Lt
            | Op::Le
            | Op::Gt
            | Op::Ge
            | Op::Eq
            | Op::Ne
            | Op::Select
    )
}
