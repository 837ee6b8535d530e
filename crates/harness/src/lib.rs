//! The comparator: what each strategy answered, how far it can be trusted, and why.
//!
//! Strategies are compared here, never trusted: every answer is held against the others by one comparator
//! ([`judge()`]), after it was decided once whether the function has a gradient at the point at all ([`status`]).

mod cause;
pub mod causes;
pub mod claims;
pub mod comparison;
pub mod condition;
pub mod examine;
mod irregular;
pub mod judge;
pub mod measure;
mod outcome;
mod point;
mod region;
mod remainder;
pub mod rounding;
pub mod status;
mod suspect;
mod words;

pub use causes::{Cause, Kind};
pub use chainrule::Random;
pub use comparison::{Comparison, Entry, Options, Point, compare, compare_with_formulas};
pub use irregular::irregular;
pub use judge::{Claim, Gradient, Verdict, judge};
pub use outcome::Outcome;
pub use region::Region;
