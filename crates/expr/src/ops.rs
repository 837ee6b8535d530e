//! The operator table: the one place where calculus is written down.
//!
//! One row per operator. A row is all it takes to add one: the language, the printer, evaluation, both directions
//! of differentiation, domain checks, samplers and tests read what they need from here. `ARCHITECTURE.md` shows
//! such a change.

use crate::facts::Fact::{self, *};
use elementary::value;

use crate::dispatch::Dispatch;
use crate::sink::Sink;
use crate::{Constant, Scalar, special};

/// How an operator is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Before its argument, with the precedence of the language.
    Prefix(&'static str, u8),
    /// Between its two arguments: `a∘b∘c` means `(a∘b)∘c`, except for powers.
    Infix(&'static str, u8),
    /// As a function call.
    Call,
}

/// Generates, from the table below: the operators, their names, values, rules and facts.
///
/// In a rule `u` is the upstream gradient and `y` the operator's result; arguments go by the names in the row. They
/// are closures, so that a rule takes a copy only of what it reads: numbers are `Clone`, not `Copy`. `n(2)` is an
/// integer, `pi()` exact. A rule `_` says that the operator does not depend on that argument by any slope.
macro_rules! operators {
    (
        |$u:ident, $y:ident, $n:ident, $pi:ident|
        $( $(#[doc = $doc:literal])*
           $Op:ident $name:ident ( $first:ident $($arg:ident)* ) $form:expr, $cost:literal,
           $value:expr, [ $($rule:tt)+ ], $undefined:expr, $kink:expr; )*
    ) => {
        /// An operator of the table.
        ///
        /// ```
        /// use expr::Op;
        /// assert_eq!((Op::Hypot.name(), Op::Hypot.arity(), Op::Hypot.value(&[3.0, 4.0])), ("hypot", 2, 5.0));
        /// let mut slopes = [0.0; 2];
        /// Op::Mul.pull_back(3, &[5.0, 7.0], &35.0, &1.0, |k: usize, slope| slopes[k] = slope);
        /// assert_eq!(slopes, [7.0, 5.0]);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Op { $( $(#[doc = $doc])* $Op ),* }

        impl Op {
            /// Every operator, in the order of the table.
            pub const ALL: &'static [Op] = &[$(Op::$Op),*];

            /// The name by which functions are called in the language.
            pub const fn name(self) -> &'static str {
                match self { $(Op::$Op => operators!(@text $name)),* }
            }

            /// How many arguments it takes: 1, 2 or 3.
            #[inline]
            pub const fn arity(self) -> usize {
                match self { $(Op::$Op => [stringify!($first), $(stringify!($arg)),*].len()),* }
            }

            /// How it is written.
            pub const fn form(self) -> Form {
                match self { $(Op::$Op => $form),* }
            }

            /// What one evaluation costs, in units of an addition.
            pub const fn cost(self) -> u32 {
                match self { $(Op::$Op => $cost),* }
            }

            /// Its value in double precision: the only definition there is.
            ///
            /// # Panics
            /// When there are fewer arguments than the operator takes.
            #[inline(always)]
            pub fn value(self, arguments: &[f64]) -> f64 {
                match self { $(Op::$Op => {
                    let [$first, $($arg),*] =
                        *arguments.first_chunk().expect("as many arguments as the operator takes");
                    ($value as fn(f64, $(operators!(@f64 $arg)),*) -> f64)($first, $($arg),*)
                })* }
            }

            /// The pull-back: the downstream gradients of those arguments `k` whose bit `1 << k` is set in
            /// `wanted`, handed to `sink(k, gradient)`; nothing for an argument that it does not depend on.
            ///
            /// With `upstream` 1 these are the local gradients. The rule is pure calculus: where the operator's
            /// value is NaN because an argument lies outside its domain, it is for whoever evaluates to say that the
            /// gradient is NaN too (see [`Op::is_partial`]).
            ///
            /// # Panics
            /// When there are fewer arguments than the operator takes.
            #[inline(always)]
            #[allow(unused_variables, unused_assignments)]
            pub fn pull_back<S: Scalar>(
                self, wanted: u8, arguments: &[S], result: &S, upstream: &S, mut sink: impl Sink<S>,
            ) {
                let context = upstream.context();
                let $u = || upstream.clone();
                let $y = || result.clone();
                let $n = |integer: i64| S::lift(context, &Constant::Integer(integer));
                let $pi = || S::lift(context, &Constant::Pi);
                match self { $(Op::$Op => {
                    let [$first, $($arg),*] =
                        arguments.first_chunk().expect("as many arguments as the operator takes");
                    let $first = || $first.clone();
                    $(let $arg = || $arg.clone();)*
                    let mut k = 0;
                    $(
                        if wanted & (1 << k) != 0 { operators!(@emit self, sink, k, $u, $rule); }
                        k += 1;
                    )+
                })* }
            }

            /// Does `work` with the operator as a constant, so that a loop inside is compiled for each operator.
            #[inline(always)]
            pub fn dispatch(self, work: impl Dispatch) {
                match self { $(Op::$Op => work.run_one::<{ Op::$Op as usize }>()),* }
            }

            /// Whether the row has a rule for argument `k`.
            pub(super) const fn has_rule(self, k: usize) -> bool {
                match self { $(Op::$Op => [$(operators!(@slope $rule)),+][k]),* }
            }

            /// Where it is not defined, or has no finite derivative.
            pub const fn undefined(self) -> &'static [Fact] {
                match self { $(Op::$Op => { const FACTS: &[Fact] = &$undefined; FACTS }),* }
            }

            /// Whether its value is NaN at some arguments that are numbers: there its gradient is NaN as well,
            /// which the rules, being pure calculus, do not say (the slope of `ln` is `1/a`, also printed so).
            #[inline(always)]
            pub const fn is_partial(self) -> bool {
                match self { $(Op::$Op => const { Fact::any_bounds_the_domain(&$undefined) }),* }
            }

            /// Where it is defined but one-sided slopes differ, or it jumps.
            pub const fn kinks(self) -> &'static [Fact] {
                match self { $(Op::$Op => { const FACTS: &[Fact] = &$kink; FACTS }),* }
            }
        }

        /// Every operator of the table as a method of every number.
        ///
        /// ```
        /// use expr::{Calculus, DoubleDouble};
        /// assert_eq!(Calculus::hypot(3.0, 4.0), 5.0);
        /// assert_eq!(DoubleDouble::from(3.0).hypot(4.0.into()).hi, 5.0);
        /// ```
        pub trait Calculus: Scalar {
            $(
                $(#[doc = $doc])*
                #[inline]
                fn $name(self, $($arg: Self),*) -> Self {
                    Self::apply(Op::$Op, &[self, $($arg),*])
                }
            )*
        }
        impl<S: Scalar> Calculus for S {}
    };
    // What Rust reserves has another name there.
    (@text modulo) => { "mod" };
    (@text $name:ident) => { stringify!($name) };
    (@f64 $arg:ident) => { f64 };
    (@emit $self:ident, $sink:ident, $k:ident, $u:ident, _) => {
        #[cfg(debug_assertions)]
        if crate::mutant::is_planted($self, $k) { $sink.take($k, $u()) }
    };
    (@emit $self:ident, $sink:ident, $k:ident, $u:ident, $rule:block) => {
        #[cfg(debug_assertions)]
        if crate::mutant::is_planted($self, $k) { $sink.take($k, $u() - $rule) } else { $sink.take($k, $rule) }
        #[cfg(not(debug_assertions))]
        $sink.take($k, $rule)
    };
    (@slope _) => { false };
    (@slope $rule:block) => { true };
}

#[rustfmt::skip]
mod table {
use super::*;
operators! { |u, y, n, pi|
//  operator name     arguments  form               cost  value                      downstream gradient per argument                                 undefined             kink

    /// `-a`
    Neg      neg      (a)        Form::Prefix("-", 4), 1, |a| -a,                    [ { -u() } ],                                                    [],                   [];
    /// `a + b`
    Add      add      (a b)      Form::Infix("+", 2),  1, |a, b| a + b,              [ { u() } { u() } ],                                             [],                   [];
    /// `a - b`
    Sub      sub      (a b)      Form::Infix("-", 2),  1, |a, b| a - b,              [ { u() } { -u() } ],                                            [],                   [];
    /// `a · b`
    Mul      mul      (a b)      Form::Infix("*", 3),  1, |a, b| a * b,              [ { u() * b() } { u() * a() } ],                                 [],                   [];
    /// `a / b`
    Div      div      (a b)      Form::Infix("/", 3),  4, |a, b| a / b,              [ { u() / b() } { -(u() * (y() / b())) } ],                      [NonZero(1)],         [];
    /// `a ^ b` with a real exponent
    Pow      pow      (a b)      Form::Infix("^", 5), 12, f64::powf,                 [ { b().eq(n(0)).select(n(0), u() * (b() * a().pow(b() - n(1)))) }
                                                                                       { u() * y().xlogy(a()) } ],                                    [Power, Exponent],    [];
    /// `a ^ b` with an integer exponent, which has no slope
    Powi     powi     (a b)      Form::Infix("^", 5),  2, value::powi,               [ { b().eq(n(0)).select(n(0), u() * (b() * a().powi(b() - n(1)))) } _ ], [IntegerPower], [];
    /// `a²`
    Square   square   (a)        Form::Call,           1, |a| a * a,                 [ { u() * (a() + a()) } ],                                       [],                   [];
    /// `1 / a`
    Recip    recip    (a)        Form::Call,           4, f64::recip,                [ { -(u() * (y() * y())) } ],                                    [NonZero(0)],         [];
    /// The square root
    Sqrt     sqrt     (a)        Form::Call,           4, f64::sqrt,                 [ { u() / (y() + y()) } ],                                       [LowerClosed(0, 0.0)],       [];
    /// The real cube root, odd
    Cbrt     cbrt     (a)        Form::Call,          12, f64::cbrt,                 [ { u() / (n(3) * (y() * y())) } ],                              [VerticalTangent(0)],           [];
    /// `√(a² + b²)` without overflow
    Hypot    hypot    (a b)      Form::Call,          12, f64::hypot,                [ { y().eq(n(0)).select(n(0), u() * (a() / y())) }
                                                                                       { y().eq(n(0)).select(n(0), u() * (b() / y())) } ],            [],                   [BothZero(0, 1)];
    /// `e^a`
    Exp      exp      (a)        Form::Call,          12, elementary::exp,           [ { u() * y() } ],                                               [],                   [];
    /// `2^a`
    Exp2     exp2     (a)        Form::Call,          12, elementary::exp2,          [ { u() * (y() * n(2).ln()) } ],                                 [],                   [];
    /// `e^a - 1` without cancellation
    Expm1    expm1    (a)        Form::Call,          12, elementary::expm1,         [ { u() * a().exp() } ],                                         [],                   [];
    /// The natural logarithm
    Ln       ln       (a)        Form::Call,          12, elementary::ln,            [ { u() / a() } ],                                               [LowerOpen(0, 0.0)],      [];
    /// `ln(1 + a)` without cancellation
    Log1p    log1p    (a)        Form::Call,          12, elementary::log1p,         [ { u() / (n(1) + a()) } ],                                      [LowerOpen(0, -1.0)],     [];
    /// The logarithm to base 2
    Log2     log2     (a)        Form::Call,          12, elementary::log2,          [ { u() / (a() * n(2).ln()) } ],                                 [LowerOpen(0, 0.0)],      [];
    /// The logarithm to base 10
    Log10    log10    (a)        Form::Call,          12, elementary::log10,         [ { u() / n(10).ln() / a() } ],                                  [LowerOpen(0, 0.0)],      [];
    /// The sine
    Sin      sin      (a)        Form::Call,          12, elementary::sin,           [ { u() * a().cos() } ],                                         [],                   [];
    /// The cosine
    Cos      cos      (a)        Form::Call,          12, elementary::cos,           [ { -(u() * a().sin()) } ],                                      [],                   [];
    /// The tangent
    Tan      tan      (a)        Form::Call,          12, elementary::tan,           [ { u() * (n(1) + y() * y()) } ],                                [],                   [];
    /// The inverse sine
    Asin     asin     (a)        Form::Call,          12, elementary::asin,          [ { u() / ((n(1) - a()) * (n(1) + a())).sqrt() } ],              [UnitClosed(0)],          [];
    /// The inverse cosine
    Acos     acos     (a)        Form::Call,          12, elementary::acos,          [ { -(u() / ((n(1) - a()) * (n(1) + a())).sqrt()) } ],           [UnitClosed(0)],          [];
    /// The inverse tangent
    Atan     atan     (a)        Form::Call,          12, elementary::atan,          [ { let h = n(1).hypot(a()); u() / h.clone() / h } ],            [],                   [];
    /// The angle of the point with ordinate `a` and abscissa `b`
    Atan2    atan2    (a b)      Form::Call,          12, f64::atan2,                [ { let h = a().hypot(b()); u() * (b() / h.clone() / h) }
                                                                                       { let h = a().hypot(b()); -(u() * (a() / h.clone() / h)) } ],  [NotBothZero(0, 1)],  [Cut(0, 1)];
    /// The hyperbolic sine
    Sinh     sinh     (a)        Form::Call,          12, elementary::sinh,          [ { u() * a().cosh() } ],                                        [],                   [];
    /// The hyperbolic cosine
    Cosh     cosh     (a)        Form::Call,          12, elementary::cosh,          [ { u() * a().sinh() } ],                                        [],                   [];
    /// The hyperbolic tangent
    Tanh     tanh     (a)        Form::Call,          12, elementary::tanh,          [ { let c = a().cosh(); u() / c.clone() / c } ],                 [],                   [];
    /// The inverse hyperbolic sine
    Asinh    asinh    (a)        Form::Call,          12, value::asinh,              [ { u() / n(1).hypot(a()) } ],                                   [],                   [];
    /// The inverse hyperbolic cosine
    Acosh    acosh    (a)        Form::Call,          12, value::acosh,              [ { u() / ((a() - n(1)).sqrt() * (a() + n(1)).sqrt()) } ],       [LowerClosed(0, 1.0)],       [];
    /// The inverse hyperbolic tangent
    Atanh    atanh    (a)        Form::Call,          12, value::atanh,              [ { u() / ((n(1) - a()) * (n(1) + a())) } ],                     [UnitOpen(0)],          [];
    /// The absolute value
    Abs      abs      (a)        Form::Call,           1, f64::abs,                  [ { u() * a().sign() } ],                                        [],                   [Zero(0)];
    /// -1, 0 or 1
    Sign     sign     (a)        Form::Call,           1, value::sign,               [ _ ],                                                           [],                   [Zero(0)];
    /// The largest integer not above
    Floor    floor    (a)        Form::Call,           1, f64::floor,                [ _ ],                                                           [],                   [Integer(0)];
    /// The smallest integer not below
    Ceil     ceil     (a)        Form::Call,           1, f64::ceil,                 [ _ ],                                                           [],                   [Integer(0)];
    /// The nearest integer, half away from zero
    Round    round    (a)        Form::Call,           1, f64::round,                [ _ ],                                                           [],                   [HalfInteger(0)];
    /// The integer part
    Trunc    trunc    (a)        Form::Call,           1, f64::trunc,                [ _ ],                                                           [],                   [NonZeroInteger(0)];
    /// The smaller; NaN if either is
    Min      min      (a b)      Form::Call,           1, value::min,                [ { a().lt(b()).select(u(), a().eq(b()).select(u() / n(2), n(0))) }
                                                                                       { b().lt(a()).select(u(), a().eq(b()).select(u() / n(2), n(0))) } ], [],             [Tie(0, 1)];
    /// The larger; NaN if either is
    Max      max      (a b)      Form::Call,           1, value::max,                [ { a().gt(b()).select(u(), a().eq(b()).select(u() / n(2), n(0))) }
                                                                                       { b().gt(a()).select(u(), a().eq(b()).select(u() / n(2), n(0))) } ], [],             [Tie(0, 1)];
    /// `min(max(x, lo), hi)`
    Clamp    clamp    (x lo hi)  Form::Call,           1, |x, lo, hi| value::min(value::max(x, lo), hi),
                                                                                     [ { lo().le(x()).select(x().le(hi()).select(u(), n(0)), n(0)) }
                                                                                       { x().lt(lo()).select(lo().le(hi()).select(u(), n(0)), n(0)) }
                                                                                       { hi().lt(x()).select(u(), hi().lt(lo()).select(u(), n(0))) } ], [],                 [Tie(0, 1), Tie(0, 2), Tie(1, 2)];
    /// `1 / (1 + e^-a)`
    Sigmoid  sigmoid  (a)        Form::Call,          12, elementary::sigmoid,       [ { u() * (y() * (-a()).sigmoid()) } ],                          [],                   [];
    /// `ln(1 + e^a)`
    Softplus softplus (a)        Form::Call,          12, elementary::softplus,      [ { u() * a().sigmoid() } ],                                     [],                   [];
    /// `max(a, 0)`
    Relu     relu     (a)        Form::Call,           1, |a| value::max(a, 0.0),    [ { a().gt(n(0)).select(u(), n(0)) } ],                          [],                   [Zero(0)];
    /// The error function
    Erf      erf      (a)        Form::Call,          12, libm::erf,                 [ { u() * (n(2) / pi().sqrt() * a().expmsq()) } ],               [],                   [];
    /// The complementary error function
    Erfc     erfc     (a)        Form::Call,          12, libm::erfc,                [ { -(u() * (n(2) / pi().sqrt() * a().expmsq())) } ],            [],                   [];
    /// `e^(-a²)` with the rounding error of the square carried along
    Expmsq   expmsq   (a)        Form::Call,          12, elementary::expmsq,        [ { -(u() * (n(2) * (a() * y()))) } ],                            [],                   [];
    /// `a ln b`, and 0 where `a` is 0
    Xlogy    xlogy    (a b)      Form::Call,          12, elementary::xlogy,         [ { u() * b().ln() } { u() * (a() / b()) } ],                    [LowerOpen(1, 0.0)],      [];
    /// `1 / cosh a`
    Sech     sech     (a)        Form::Call,          12, special::sech,               [ { -(u() * (y() * a().tanh())) } ],                             [],                   [];
    /// `1 / sinh a`
    Csch     csch     (a)        Form::Call,          12, special::csch,               [ { -(u() * (y() / a().tanh())) } ],                             [NonZero(0)],         [];
    /// The inverse secant
    Asec     asec     (a)        Form::Call,          12, special::asec,               [ { let m = a().abs(); u() / m.clone() / ((m.clone() - n(1)).sqrt() * (m + n(1)).sqrt()) } ], [OutsideUnit(0)], [];
    /// The inverse cosecant
    Acsc     acsc     (a)        Form::Call,          12, special::acsc,               [ { let m = a().abs(); -(u() / m.clone() / ((m.clone() - n(1)).sqrt() * (m + n(1)).sqrt())) } ], [OutsideUnit(0)], [];
    /// The remainder of `a / b` with the sign of `b`: `a - b floor(a / b)`
    Mod      modulo   (a b)      Form::Call,           4, special::modulo,             [ { u() } { -(u() * ((a() - y()) / b()).round()) } ],            [NonZero(1)],         [Multiple(0, 1)];
    /// The remainder of `a / b` with the sign of `a`: `a - b trunc(a / b)`
    Rem      rem      (a b)      Form::Call,           4, |a, b| a % b,              [ { u() } { -(u() * ((a() - y()) / b()).round()) } ],            [NonZero(1)],         [NonZeroMultiple(0, 1)];
    /// `ln(a / (1 - a))`
    Logit    logit    (a)        Form::Call,          12, special::logit,              [ { u() / (a() * (n(1) - a())) } ],                              [LowerOpen(0, 0.0), UpperOpen(0, 1.0)], [];
    /// `ln(1 - e^a)`
    Log1mexp log1mexp (a)        Form::Call,          12, special::log1mexp,           [ { u() * (a().exp() / a().expm1()) } ],                                 [UpperOpen(0, 0.0)],      [];
    /// The derivative of order `k` of `sin(a) / a`
    Sinc     sinc     (a k)      Form::Call,          12, special::sinc,               [ { u() * a().sinc(k() + n(1)) } _ ],                            [],                   [];
    /// The logarithm of the gamma function
    Lgamma   lgamma   (a)        Form::Call,          40, special::lgamma,             [ { u() * a().polygamma(n(0)) } ],                               [LowerOpen(0, 0.0)],      [];
    /// The derivative of order `k + 1` of the logarithm of the gamma function
    Polygamma polygamma (a k)    Form::Call,          40, special::polygamma,          [ { u() * a().polygamma(k() + n(1)) } _ ],                       [LowerOpen(0, 0.0)],      [];
    /// The logarithm of the beta function
    Lbeta    lbeta    (a b)      Form::Call,          40, special::lbeta,              [ { u() * a().digammadiff(b(), n(0)) } { u() * b().digammadiff(a(), n(0)) } ], [LowerOpen(0, 0.0), LowerOpen(1, 0.0)], [];
    /// The derivative of order `k + 1` of the logarithm of the gamma function at `a`, less that at `a + b`
    Digammadiff digammadiff (a b k) Form::Call,       40, special::polygamma_difference, [ { u() * a().digammadiff(b(), k() + n(1)) } { -(u() * (a() + b()).polygamma(k() + n(1))) } _ ], [LowerOpen(0, 0.0), LowerOpen(1, 0.0)], [];
    /// The inverse of the error function
    Erfinv   erfinv   (a)        Form::Call,          40, special::erfinv,             [ { u() * (pi().sqrt() / n(2) / y().expmsq()) } ],               [UnitOpen(0)],          [];
    /// The distribution function of the standard normal distribution
    Normcdf  normcdf  (a)        Form::Call,          12, special::normcdf,            [ { u() * ((a() / n(2)).expmsq().square() / (n(2) * pi()).sqrt()) } ], [],             [];
    /// The logarithm of the distribution function of the standard normal distribution
    Lognormcdf lognormcdf (a)    Form::Call,          20, special::lognormcdf,         [ { u() / (-a()).mills(n(0)) } ],                                [],                   [];
    /// The normal distribution's density at `a` divided into its repeated integral from `a` on: of order 0 Mills' ratio
    Mills    mills    (a k)      Form::Call,          40, special::mills,              [ { -(u() * ((k() + n(1)) * a().mills(k() + n(1)))) } _ ],       [],                   [];
    /// 1 where `a < b`, else 0
    Lt       lt       (a b)      Form::Infix("<", 1),  1, |a, b| f64::from(a < b),   [ _ _ ],                                                         [],                   [Tie(0, 1)];
    /// 1 where `a <= b`, else 0
    Le       le       (a b)      Form::Infix("<=", 1), 1, |a, b| f64::from(a <= b),  [ _ _ ],                                                         [],                   [Tie(0, 1)];
    /// 1 where `a > b`, else 0
    Gt       gt       (a b)      Form::Infix(">", 1),  1, |a, b| f64::from(a > b),   [ _ _ ],                                                         [],                   [Tie(0, 1)];
    /// 1 where `a >= b`, else 0
    Ge       ge       (a b)      Form::Infix(">=", 1), 1, |a, b| f64::from(a >= b),  [ _ _ ],                                                         [],                   [Tie(0, 1)];
    /// 1 where `a == b`, else 0
    Eq       eq       (a b)      Form::Infix("==", 1), 1, |a, b| f64::from(a == b),  [ _ _ ],                                                         [],                   [Tie(0, 1)];
    /// 1 where `a != b`, else 0
    Ne       ne       (a b)      Form::Infix("!=", 1), 1, |a, b| f64::from(a != b),  [ _ _ ],                                                         [],                   [Tie(0, 1)];
    /// `a` where the condition is not 0, else `b`
    Select   select   (c a b)    Form::Call,           1, |c, a, b| if c != 0.0 { a } else { b }, [ _ { c().select(u(), n(0)) } { c().select(n(0), u()) } ], [],          [];
}
}
pub use table::{Calculus, Op};

impl Op {
    /// Whether the operator has a slope with respect to argument `k` at all.
    #[cfg(not(debug_assertions))]
    pub const fn has_slope(self, k: usize) -> bool {
        self.has_rule(k)
    }

    /// Whether the operator has a slope with respect to argument `k` at all.
    #[cfg(debug_assertions)]
    pub fn has_slope(self, k: usize) -> bool {
        self.has_rule(k) || crate::mutant::is_planted(self, k)
    }

    /// Whether its last argument is an integer that is written out, an exponent or an order, by which nothing is
    /// differentiated.
    pub const fn takes_integer(self) -> bool {
        matches!(self, Op::Powi | Op::Sinc | Op::Polygamma | Op::Digammadiff | Op::Mills)
    }

    /// How many of its arguments are numbers like any other: all but an exponent or order that is written out.
    pub const fn free_arguments(self) -> usize {
        self.arity() - self.takes_integer() as usize
    }

    /// The operator that the language calls `name`, `log` for `ln` included.
    pub fn by_name(name: &str) -> Option<Op> {
        let name = if name == "log" { "ln" } else { name };
        Op::ALL.iter().copied().find(|op| op.name() == name)
    }

    /// The fact that puts these arguments outside the places where the operator has a finite derivative.
    pub fn undefined_at(self, arguments: &[f64]) -> Option<Fact> {
        self.undefined().iter().copied().find(|fact| fact.holds(arguments))
    }

    /// The fact that makes these arguments a kink.
    pub fn kink_at(self, arguments: &[f64]) -> Option<Fact> {
        self.kinks().iter().copied().find(|fact| fact.holds(arguments))
    }

    /// How far the nearest singularity is, undefined places and kinks alike, in the units of the arguments;
    /// infinite for an operator without any, 0 or less inside it.
    pub fn distance_to_singularity(self, arguments: &[f64]) -> f64 {
        self.undefined()
            .iter()
            .chain(self.kinks())
            .map(|fact| fact.distance(arguments))
            .fold(f64::INFINITY, f64::min)
    }
}
