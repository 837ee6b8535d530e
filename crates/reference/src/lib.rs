//! The certified gradient: a backward sweep over intervals of arbitrary precision.
//!
//! Every operation rounds its lower end down and its upper end up, so the true value is inside. A component is
//! *decided* when both ends round to the same double; else the sweep is run again at twice the precision. That two
//! precisions agree would be no proof: `((1e100 + x) - 1e100)^2` has the gradient 0 at 96 and at 192 bits, and it is 2.
//!
//! What is certified is the function whose literals are the nearest doubles and whose `pi` and `e` are exact.
//!
//! ```
//! let f = expr::parse("((1e100 + x) - 1e100)^2").unwrap();
//! let found = reference::certify(&f, &[1.0], &reference::Limits::default());
//! assert_eq!(found.gradients[0][0], reference::Component::Certified { gradient: 2.0, rest: 0.0, bits: 384, side: reference::Side::Both });
//! ```

mod arithmetic;
#[cfg(test)]
mod bounded_tests;
mod certify;
mod elementary;
#[doc(hidden)]
pub mod enclosure;
mod endpoint;
mod erf;
mod expansion;
mod facts;
mod interval;
mod kernel;
mod operators;
#[cfg(test)]
mod random_tests;
mod reach;
mod status;
mod sweep;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod thick_tests;
mod trig;
mod work;

pub use certify::{Certificate, Limits, certify, values};
pub use interval::Reading;
pub use status::{Component, How, KinkKind, Side, Total};
