//! Families of growing functions, the comparator, measuring and reports.
//!
//! Strategies are compared here, never trusted: every answer is held against the others by one comparator
//! ([`judge()`]), after it was decided once whether the function has a gradient at the point at all ([`status`]).

pub mod causes;
pub mod claims;
pub mod comparison;
pub mod condition;
pub mod descend;
mod examine;
pub mod families;
pub mod grow;
mod irregular;
pub mod judge;
pub mod measure;
mod outcome;
mod region;
mod remainder;
pub mod report;
pub mod rounding;
pub mod status;
pub mod steps;
pub mod swell;
mod words;

pub use causes::{Cause, Kind};
pub use chainrule::Random;
pub use comparison::{Comparison, Entry, Options, Point, compare, compare_with_formulas};
pub use families::{FAMILIES, Family, WIDE};
pub use irregular::irregular;
pub use judge::{Claim, Gradient, Verdict, judge};
pub use outcome::Outcome;
pub use region::Region;
