//! Elementary functions in arithmetic alone, so that a loop over them is compiled to vector instructions.
//!
//! A kernel is right on a range and does without branches, tables, fused operations and calls, so that its bits
//! are those of the order in which it is written, on every machine, for one number or many. Outside its range std's
//! function answers. The operator table takes them one number at a time, and loops over blocks of
//! numbers take [`lanes`]; both give the same bits.
//!
//! `coefficients.py` makes the constants.

mod circular;
mod exponential;
mod hyperbolic;
mod inverse;
mod logarithm;
mod parts;
pub mod value;

use circular::{Cos, Sin, Tan};
use exponential::{Exp, Exp2, Expm1, Expmsq};
use hyperbolic::{Cosh, Sigmoid, Sinh, Softplus, Tanh};
use inverse::{Acos, Asin, Atan};
use logarithm::{Ln, Log1p, Log2, Log10, Xlogy};

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

/// Sine and cosine in every lane, the bits of [`lanes`] for either: both for little more than one of them.
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
    ($( $(#[$doc:meta])* $name:ident, $Kernel:ident ( $($arg:ident)+ ); )*) => {
        $(
            $(#[$doc])*
            #[inline]
            pub fn $name($($arg: f64),+) -> f64 {
                one::<$Kernel, _>([$($arg),+])
            }
        )*

        /// The same functions of as many numbers as there are lanes, with the bits of one at a time.
        pub mod lanes {
            use super::*;

            $(
                $(#[$doc])*
                #[inline(always)]
                pub fn $name<const N: usize>($($arg: &[f64; N]),+) -> [f64; N] {
                    many::<$Kernel, _, N>([$($arg),+])
                }
            )*
        }
    };
}

kernels! {
    /// e^a
    exp, Exp(a);
    /// 2^a
    exp2, Exp2(a);
    /// e^a - 1
    expm1, Expm1(a);
    /// The natural logarithm.
    ln, Ln(a);
    /// ln(1 + a)
    log1p, Log1p(a);
    /// The logarithm to base 2.
    log2, Log2(a);
    /// The logarithm to base 10.
    log10, Log10(a);
    /// The sine of an angle in radians.
    sin, Sin(a);
    /// The cosine of an angle in radians.
    cos, Cos(a);
    /// The tangent of an angle in radians.
    tan, Tan(a);
    /// The inverse sine, in radians.
    asin, Asin(a);
    /// The inverse cosine, in radians.
    acos, Acos(a);
    /// The inverse tangent, in radians.
    atan, Atan(a);
    /// The hyperbolic sine.
    sinh, Sinh(a);
    /// The hyperbolic cosine.
    cosh, Cosh(a);
    /// The hyperbolic tangent.
    tanh, Tanh(a);
    /// 1/(1 + e^-a)
    sigmoid, Sigmoid(a);
    /// ln(1 + e^a)
    softplus, Softplus(a);
    /// e^(-a^2)
    expmsq, Expmsq(a);
    /// a·ln(b), 0 where a is 0
    xlogy, Xlogy(a b);
}

#[cfg(test)]
mod tests;
