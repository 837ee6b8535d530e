//! Every operator in MPFR, rounded to nearest; what MPFR lacks is composed from what it has.

use expr::Op;
use rug::Float;
use rug::float::Special;
use rug::ops::Pow;

/// Bits of numbers here.
pub const PRECISION: u32 = 2400;

fn of<T>(value: T) -> Float
where
    Float: rug::Assign<T>,
{
    Float::with_val(PRECISION, value)
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
        Op::Log1p | Op::Atanh => true,
        Op::Xlogy => at[1].is_zero(),
        _ => false,
    }
}

/// Whether a value of 0 may be one too small for MPFR.
pub fn may_underflow(op: Op) -> bool {
    matches!(
        op,
        Op::Exp | Op::Exp2 | Op::Erfc | Op::Expmsq | Op::Sigmoid | Op::Softplus | Op::Pow | Op::Powi
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
