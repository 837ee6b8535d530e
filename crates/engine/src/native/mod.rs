//! Straight code as machine code, by Cranelift, with the interpreter's bits.
//!
//! A [`Straight`] is what a computation does to its inputs, written down by doing it once with [numbers that record](Recorded): so a
//! backward pass is the one that is interpreted, operator by operator, and there is no second one to keep in step. Arithmetic,
//! roots, comparisons and choices are instructions of the machine; all other operators are calls of functions that have the
//! interpreter's values (`calls.rs`). Nothing is fused, and nothing is added in another order.
//!
//! A [`Tier`] counts calls, and has code made on another thread once there were so many that it pays; until it is
//! ready, and where it cannot be made, calls are interpreted. Since bits are the same nobody can tell but by the time.

#[cfg(feature = "native")]
mod calls;
#[cfg(feature = "native")]
mod code;
#[cfg(not(feature = "native"))]
#[path = "none.rs"]
mod code;
mod record;
#[cfg(all(test, feature = "native"))]
mod tests;
mod tier;
#[cfg(feature = "native")]
mod translate;

pub use code::{Effort, Native};
pub use record::{Recorded, Straight};
pub use tier::{NoNative, Tier};
