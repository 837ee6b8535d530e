//! The comparator: what each strategy answered, how far it can be trusted, and why.
//!
//! Strategies are compared here, never trusted: every answer is held against the others by one comparator
//! ([`judge()`]), after it was decided once whether the function has a gradient at the point at all ([`status`]).

mod cause;
pub mod causes;
pub mod claims;
mod clock;
pub mod comparison;
pub mod condition_number;
mod counting;
pub mod examine;
pub mod judge;
pub mod matrix;
pub mod measure;
mod outcome;
mod point;
mod random_graph;
pub mod rounding;
mod sampled;
mod sampling_domain;
pub mod status;
mod subject;
mod suspect;
mod taylor_test;
mod verdicts;

pub use cause::{Cause, Kind};
pub use chainrule::Random;
pub use clock::Stopwatch;
pub use comparison::{Comparison, Options, Progress, compare, compare_watched};
pub use judge::{Claim, Gradient, Verdict, judge};
pub use matrix::{Kind as MatrixKind, MatrixComparison, compare_matrix, symmetry_digits};
pub use outcome::Outcome;
pub use point::{Entry, Point};
pub use random_graph::irregular;
pub use sampled::Sampled;
pub use sampling_domain::Region;
pub use subject::{Input, Names, Subject};
