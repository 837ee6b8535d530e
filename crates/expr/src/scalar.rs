//! What a number must be able to do before calculus can be written over it.

use crate::{Constant, Fold, Op, fold};

/// A number of any kind: `f64`, SIMD lanes, a dual number, an interval, the handle of a graph under
/// construction.
///
/// Everything the project does to a function (evaluate it, unroll it, differentiate it in either direction) is
/// written once, over this trait. Arithmetic and named functions are methods of [`Calculus`](crate::Calculus), generated from the
/// operator table; [`arithmetic!`](crate::arithmetic) adds `+ - * /` and negation.
pub trait Scalar:
    Clone
    + std::ops::Add<Output = Self>
    + std::ops::Sub<Output = Self>
    + std::ops::Mul<Output = Self>
    + std::ops::Div<Output = Self>
    + std::ops::Neg<Output = Self>
{
    /// Where numbers of this kind live: nothing for `f64`, a precision for big floats, a graph for handles.
    type Context: Copy;

    /// The context this number lives in.
    fn context(&self) -> Self::Context;

    /// A constant, carried into `context`.
    fn lift(context: Self::Context, constant: &Constant) -> Self;

    /// The operator applied to `arguments`, of which there are exactly [`Op::arity`].
    fn apply(op: Op, arguments: &[Self]) -> Self;

    /// The sum, product or extreme of the terms: in the canonical order of [`fold`], or one step where numbers have that.
    ///
    /// # Panics
    /// When it is an extreme of nothing.
    fn fold(fold: Fold, context: Self::Context, terms: &[Self]) -> Self {
        fold::value(fold, context, terms)
    }
}

/// Implements `+ - * /` and negation for a [`Scalar`] by its `apply`.
#[macro_export]
macro_rules! arithmetic {
    ($Number:ty $(, [$($generics:tt)*])?) => {
        $crate::arithmetic!(@binary $Number, Add, add $(, [$($generics)*])?);
        $crate::arithmetic!(@binary $Number, Sub, sub $(, [$($generics)*])?);
        $crate::arithmetic!(@binary $Number, Mul, mul $(, [$($generics)*])?);
        $crate::arithmetic!(@binary $Number, Div, div $(, [$($generics)*])?);
        impl $(<$($generics)*>)? std::ops::Neg for $Number {
            type Output = Self;
            #[inline]
            fn neg(self) -> Self {
                <Self as $crate::Scalar>::apply($crate::Op::Neg, &[self])
            }
        }
    };
    (@binary $Number:ty, $Trait:ident, $method:ident $(, [$($generics:tt)*])?) => {
        impl $(<$($generics)*>)? std::ops::$Trait for $Number {
            type Output = Self;
            #[inline]
            fn $method(self, other: Self) -> Self {
                <Self as $crate::Scalar>::apply($crate::Op::$Trait, &[self, other])
            }
        }
    };
}

impl Scalar for f64 {
    type Context = ();

    #[inline]
    fn context(&self) {}

    #[inline]
    fn lift((): (), constant: &Constant) -> f64 {
        constant.to_f64()
    }

    #[inline]
    fn apply(op: Op, arguments: &[f64]) -> f64 {
        op.value(arguments)
    }
}
