//! What the interpreter computes with: `f64`, or several points at once.

use crate::vectors::{self, SimdKernel};
use expr::{Complex, Constant, DoubleDouble, Op, Scalar};

/// A number that needs no context and is cheap to copy.
pub trait Number: Scalar<Context = ()> + Copy {
    /// Whether its arithmetic is so fast that a question asked at every step shows in the time.
    const FAST: bool = false;

    /// Whether loops over steps are compiled for each operator by itself, and not once for all: that takes the compiler long, and
    /// pays where a step takes little more time than its choice.
    const PER_OPERATOR: bool = true;

    /// An operator applied to the first of these operands, as many as it takes: one dispatch per step.
    fn step(op: Op, operands: [Self; 3]) -> Self;
}

impl Number for f64 {
    const FAST: bool = true;

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
#[repr(C, align(64))]
pub struct Lanes(pub [f64; LANES]);

// Nothing stands between the numbers of packs that are next to each other.
const _: () = assert!(size_of::<Lanes>() == LANES * size_of::<f64>());

impl Lanes {
    /// The numbers of packs, one after the other.
    #[inline(always)]
    pub(crate) fn numbers(packs: &[Lanes]) -> &[f64] {
        // SAFETY: packs are as many numbers without anything between them, aligned more strictly.
        #[allow(unsafe_code)]
        unsafe {
            std::slice::from_raw_parts(packs.as_ptr().cast(), packs.len() * LANES)
        }
    }

    /// The same, to be changed.
    #[inline(always)]
    pub(crate) fn numbers_mut(packs: &mut [Lanes]) -> &mut [f64] {
        // SAFETY: likewise, and the packs are borrowed for as long.
        #[allow(unsafe_code)]
        unsafe {
            std::slice::from_raw_parts_mut(packs.as_mut_ptr().cast(), packs.len() * LANES)
        }
    }

    /// The same number in every lane.
    #[inline(always)]
    pub fn all(number: f64) -> Lanes {
        Lanes([number; LANES])
    }

    /// An operator applied to the first of these operands, as many as it takes.
    #[inline(always)]
    pub(crate) fn step(op: Op, [a, b, c]: [Lanes; 3]) -> Lanes {
        match op.arity() {
            1 => Lanes::apply(op, &[a]),
            2 => Lanes::apply(op, &[a, b]),
            _ => Lanes::apply(op, &[a, b, c]),
        }
    }

    /// Does work on lanes, compiled for the vectors of this machine.
    #[inline(always)]
    pub fn run(work: impl SimdKernel) {
        vectors::run(work);
    }
}

expr::arithmetic!(Lanes);

impl Scalar for Lanes {
    type Context = ();

    #[inline]
    fn context(&self) {}

    #[inline]
    fn lift((): (), constant: &Constant) -> Lanes {
        Lanes([constant.to_f64(); LANES])
    }

    #[inline(always)]
    fn apply(op: Op, arguments: &[Lanes]) -> Lanes {
        Lanes(match arguments {
            [a] => op.lanes(&[a.0]),
            [a, b] => op.lanes(&[a.0, b.0]),
            [a, b, c] => op.lanes(&[a.0, b.0, c.0]),
            _ => unreachable!("no operator takes more than three arguments"),
        })
    }
}
