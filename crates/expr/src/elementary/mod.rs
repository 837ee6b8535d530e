//! Elementary functions in arithmetic alone, so that a loop over them is compiled to vector instructions.
//!
//! A [`Kernel`] is right on a range and does without branches, tables, fused operations and calls, so that its bits
//! are those of the order in which it is written, on every machine, for one number or many. Outside its range std's
//! function answers. The value column of the operator table takes them one number at a time ([`one`]), and
//! [`Op::lanes`] many; both give the same bits.
//!
//! `coefficients.py` makes the constants.

mod circular;
mod exponential;
mod hyperbolic;
mod inverse;
mod logarithm;
mod parts;

use circular::{Cos, Sin, Tan};
use exponential::{Exp, Exp2, Expm1, Expmsq};
use hyperbolic::{Cosh, Sigmoid, Sinh, Softplus, Tanh};
use inverse::{Acos, Asin, Atan};
use logarithm::{Ln, Log1p, Log2, Log10, Xlogy};

use crate::Op;

/// A function of `A` numbers without branches.
pub(crate) trait Kernel<const A: usize> {
    /// Whether [`Kernel::near`] is right there; false for NaN.
    fn fits(arguments: [f64; A]) -> bool;

    /// The value where it fits; anything elsewhere.
    fn near(arguments: [f64; A]) -> f64;

    /// The value where it does not fit.
    fn elsewhere(arguments: [f64; A]) -> f64;
}

#[cold]
#[inline(never)]
fn elsewhere<K: Kernel<A>, const A: usize>(arguments: [f64; A]) -> f64 {
    K::elsewhere(arguments)
}

/// The value at one place.
#[inline(always)]
fn one<K: Kernel<A>, const A: usize>(arguments: [f64; A]) -> f64 {
    if K::fits(arguments) { K::near(arguments) } else { elsewhere::<K, A>(arguments) }
}

/// The lanes where the kernel does not fit, again.
#[cold]
#[inline(never)]
fn patch<K: Kernel<A>, const A: usize, const N: usize>(
    arguments: [&[f64; N]; A],
    mut out: [f64; N],
) -> [f64; N] {
    for (k, out) in out.iter_mut().enumerate() {
        let at = arguments.map(|argument| argument[k]);
        if !K::fits(at) {
            *out = K::elsewhere(at);
        }
    }
    out
}

/// The values at many places, in loops without closures, which are not compiled for the vectors of their caller.
#[inline(always)]
fn many<K: Kernel<A>, const A: usize, const N: usize>(arguments: [&[f64; N]; A]) -> [f64; N] {
    let mut out = [0.0; N];
    let mut all = true;
    for (k, out) in out.iter_mut().enumerate() {
        let mut at = [0.0; A];
        for (at, argument) in at.iter_mut().zip(arguments) {
            *at = argument[k];
        }
        *out = K::near(at);
        all &= K::fits(at);
    }
    if all { out } else { patch::<K, A, N>(arguments, out) }
}

/// Two operators that have nearly all of their work in common: see [`sin_cos_lanes`].
pub const PAIR: [Op; 2] = [Op::Sin, Op::Cos];

/// Sine and cosine in every lane, the bits of [`Op::lanes`] for either: both for little more than one of them.
#[inline(always)]
pub fn sin_cos_lanes<const N: usize>(angles: &[f64; N]) -> [[f64; N]; 2] {
    let [mut sines, mut cosines] = [[0.0; N]; 2];
    let mut all = true;
    for (k, &angle) in angles.iter().enumerate() {
        (sines[k], cosines[k]) = circular::sin_cos(angle);
        all &= Sin::fits([angle]);
    }
    if all {
        [sines, cosines]
    } else {
        [patch::<Sin, 1, N>([angles], sines), patch::<Cos, 1, N>([angles], cosines)]
    }
}

/// Generates, from the list below: the functions of one number, and of lanes.
macro_rules! kernels {
    ($( $op:path, $name:ident, $Kernel:ident ( $($arg:ident)+ ); )*) => {
        $(
            #[inline]
            pub(crate) fn $name($($arg: f64),+) -> f64 {
                one::<$Kernel, _>([$($arg),+])
            }
        )*

        impl Op {
            /// Its value in every lane, the bits of [`Op::value`]: by vector instructions where the operator has a
            /// kernel, else one by one. The choice vanishes where the operator is a constant, see
            /// [`Op::dispatch`].
            ///
            /// # Panics
            /// When there are fewer arguments than the operator takes.
            #[inline(always)]
            pub fn lanes<const N: usize>(self, arguments: &[[f64; N]]) -> [f64; N] {
                match self {
                    $( $op => {
                        let [$($arg),+] = arguments.first_chunk().expect("as many arguments as it takes");
                        many::<$Kernel, _, N>([$($arg),+])
                    } )*
                    _ => self.one_by_one(arguments),
                }
            }

            /// The operators that have a kernel.
            #[cfg(test)]
            const WITH_KERNEL: &[Op] = &[$($op),*];
        }
    };
}

kernels! {
    Op::Exp, exp, Exp(a);
    Op::Exp2, exp2, Exp2(a);
    Op::Expm1, expm1, Expm1(a);
    Op::Ln, ln, Ln(a);
    Op::Log1p, log1p, Log1p(a);
    Op::Log2, log2, Log2(a);
    Op::Log10, log10, Log10(a);
    Op::Sin, sin, Sin(a);
    Op::Cos, cos, Cos(a);
    Op::Tan, tan, Tan(a);
    Op::Asin, asin, Asin(a);
    Op::Acos, acos, Acos(a);
    Op::Atan, atan, Atan(a);
    Op::Sinh, sinh, Sinh(a);
    Op::Cosh, cosh, Cosh(a);
    Op::Tanh, tanh, Tanh(a);
    Op::Sigmoid, sigmoid, Sigmoid(a);
    Op::Softplus, softplus, Softplus(a);
    Op::Expmsq, expmsq, Expmsq(a);
    Op::Xlogy, xlogy, Xlogy(a b);
}

impl Op {
    /// Without a kernel. One loop per arity, so that the operator is chosen once.
    #[inline(always)]
    fn one_by_one<const N: usize>(self, arguments: &[[f64; N]]) -> [f64; N] {
        let mut out = [0.0; N];
        match arguments {
            [a] => {
                for (k, out) in out.iter_mut().enumerate() {
                    *out = self.value(&[a[k]]);
                }
            }
            [a, b] => {
                for (k, out) in out.iter_mut().enumerate() {
                    *out = self.value(&[a[k], b[k]]);
                }
            }
            [a, b, c] => {
                for (k, out) in out.iter_mut().enumerate() {
                    *out = self.value(&[a[k], b[k], c[k]]);
                }
            }
            _ => unreachable!("no operator takes more than three arguments"),
        }
        out
    }
}

#[cfg(test)]
mod tests;
