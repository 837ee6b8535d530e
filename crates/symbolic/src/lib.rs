//! Symbolic differentiation: a function in, a function out, simplified with egg.
//!
//! [`differentiate`] builds the derivatives of a flat function as further outputs of the same graph, in one of three
//! ways ([`Arm`]). [`simplify`] then looks for a cheaper graph that has the same values, for all outputs at once; it
//! may use egg for that, which is never used to differentiate.

mod derive;
mod prove;
#[cfg(feature = "egg")]
mod saturate;
mod simplify;
#[cfg(test)]
mod tests;
mod textbook;

pub use derive::{Arm, Derivative, ParseArmError, TooLarge, differentiate};
pub use prove::{Proof, Step, extra_conditions, prove};
#[cfg(feature = "egg")]
pub use saturate::rules::{Law, laws};
pub use simplify::{Limits, Simplified, StopReason, cost, simplify};
pub use textbook::textbook_size;
