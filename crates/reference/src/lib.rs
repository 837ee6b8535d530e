//! The certified gradient: a backward sweep over intervals of arbitrary precision, and one-sided expansions in exact
//! arithmetic where the graph has a singularity on the way.
//!
//! Every operation rounds its lower end down and its upper end up, so the true value is inside. A component is
//! *decided* when both ends round to the same double; else the sweep is run again at twice the precision. That two
//! precisions agree would be no proof: `((1e100 + x) - 1e100)^2` has the gradient 0 at 96 and at 192 bits, and it is 2.
//!
//! What is certified is the function whose literals are the nearest doubles and whose `pi` and `e` are exact.
//!
//! ```
//! let f = syntax::parse("((1e100 + x) - 1e100)^2").unwrap();
//! let found = reference::certify(&f, &[1.0], &reference::Limits::default());
//! assert_eq!(found.gradients[0][0], reference::Component::Certified { gradient: 2.0, rest: 0.0, bits: 384, side: reference::Side::Both });
//! ```
//!
//! # What `certified` rests on
//!
//! A component without a singularity on its way is the sum over paths of products of the table's slopes, enclosed. For it
//! to be false, one of these would have to be wrong:
//!
//! * the pull-back rule of an operator (the same rule serves the strategies: tests hold every rule against difference
//!   quotients at hundreds of bits, and the numerical strategy, which knows no rule, can overrule);
//! * an enclosure: the interval rule of an operator, or the integers under it (held against MPFR);
//! * the facts of the table: an operator that has a kink, a jump or an end of its domain where no fact says so;
//! * that a node whose value only decides a side (a condition; the inactive argument of max, min, clamp, relu) adds
//!   nothing to the slope, which is so where it is continuous and the intervals show the side. Jumps and ends of the domain
//!   among such nodes are looked at by expansions, and what these cannot decide is `undecided`.
//!
//! At an end of the domain the derivative is one-sided, from an expansion as below, and `side` says so.
//!
//! # What `removable` rests on
//!
//! `How::Proved` is said only where every node that counts is expanded on both sides of the coordinate as
//! c·t^a·(ln t)^k + … + remainder (`expansion`), the limits c0 of both sides are equal, the slopes c1 are equal, and the
//! remainder is smaller than t. Two numbers are *equal* only where their difference is 0 in normal form: a polynomial over
//! kernels (pi, exp, ln, roots, sines of exact numbers) that is reduced by identities of real numbers alone. They
//! *differ* only where an enclosure of the difference excludes 0. Neither rounding nor agreement to many digits ever
//! decides; where neither is shown, nothing is claimed. For a proof to be false, one of these would have to be wrong:
//!
//! * an identity of the normal form, or an enclosure;
//! * the Taylor coefficients of an operator, or what it is at the ends of its domain and at infinity;
//! * a remainder that claims to be smaller than it is;
//! * for a function without a value on a whole line (`sin(y)/y + x` where y = 0): that the limits of its parts in one
//!   variable are its limits, which is checked on curves that leave the line, and would take a condition that
//!   changes closer to the line than t^16 to deceive.
//!
//! The status is about the partial derivative. That the total derivative exists is said only where every component is
//! certified on both sides, or there is only one input; that it does not, where a direction contradicts it.
//! `How::Digits(16)` is said where both one-sided slopes are known and agree to every bit that was computed, without a proof
//! that they are equal, and where only curves beside a line of poles have values.
//!
//! # What `kink`, `undefined` and `undecided` rest on
//!
//! A corner needs slopes that are shown to differ, a jump values that are. *Undefined* needs a term that is shown not to be
//! 0 and larger than t, or an argument that is shown to be outside a domain. All else is undecided: oscillations
//! such as `x*sin(1/x)`, logarithms of logarithms, sums whose zero no identity here shows.

mod arithmetic;
mod beta;
#[cfg(test)]
mod bounded_tests;
mod certify;
mod elementary;
#[doc(hidden)]
pub mod enclosure;
mod endpoint;
mod erf;
mod expansion;
mod fact_domain;
#[cfg(test)]
mod fact_domain_tests;
mod gamma;
mod interval;
mod kernel;
mod limits;
mod normal;
mod operators;
#[cfg(test)]
mod random_tests;
mod status;
mod sweep;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod thick_tests;
mod trig;
mod work;

pub use certify::{Certificate, certify, values};
pub use interval::Reading;
pub use limits::Limits;
pub use status::{Component, How, KinkKind, Side, Total};
