//! What the interpreter computes with: `f64`, or several points at once.

use expr::{Complex, Constant, DoubleDouble, Op, Scalar};

/// A number that needs no world and is cheap to copy.
pub trait Number: Scalar<World = ()> + Copy {
    /// An operator applied to the first of these operands, as many as it takes: one dispatch per step.
    fn step(op: Op, operands: [Self; 3]) -> Self;
}

impl Number for f64 {
    #[inline(always)]
    fn step(op: Op, operands: [f64; 3]) -> f64 {
        op.value(&operands)
    }
}

impl Number for Complex {
    #[inline(always)]
    fn step(op: Op, operands: [Complex; 3]) -> Complex {
        Complex::apply(op, &operands[..op.arity()])
    }
}

impl Number for DoubleDouble {
    #[inline(always)]
    fn step(op: Op, operands: [DoubleDouble; 3]) -> DoubleDouble {
        DoubleDouble::apply(op, &operands[..op.arity()])
    }
}

/// How many points run together.
pub const LANES: usize = 8;

/// One number per lane. Every lane computes exactly what an `f64` would.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lanes(pub [f64; LANES]);

impl Number for Lanes {
    #[inline(always)]
    fn step(op: Op, [a, b, c]: [Lanes; 3]) -> Lanes {
        match op.arity() {
            1 => Lanes::apply(op, &[a]),
            2 => Lanes::apply(op, &[a, b]),
            _ => Lanes::apply(op, &[a, b, c]),
        }
    }
}

expr::arithmetic!(Lanes);

impl Scalar for Lanes {
    type World = ();

    #[inline]
    fn world(&self) {}

    #[inline]
    fn lift((): (), constant: &Constant) -> Lanes {
        Lanes([constant.to_f64(); LANES])
    }

    #[inline(always)]
    fn apply(op: Op, arguments: &[Lanes]) -> Lanes {
        let mut out = [0.0; LANES];
        // One loop per arity, so that the operator is chosen once and the loop over lanes can be vectorised.
        match *arguments {
            [a] => out.iter_mut().zip(a.0).for_each(|(out, a)| *out = op.value(&[a])),
            [a, b] => {
                out.iter_mut().zip(a.0.iter().zip(b.0)).for_each(|(out, (&a, b))| *out = op.value(&[a, b]))
            }
            [a, b, c] => {
                let lanes = a.0.iter().zip(b.0).zip(c.0);
                out.iter_mut().zip(lanes).for_each(|(out, ((&a, b), c))| *out = op.value(&[a, b, c]));
            }
            _ => unreachable!("no operator takes more than three arguments"),
        }
        Lanes(out)
    }
}
