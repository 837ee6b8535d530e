//! Symbolic differentiation: a function in, a function out, simplified with egg.
//!
//! [`differentiate`] builds the derivatives of a flat function as further outputs of the same graph, in one of three
//! ways ([`Mode`]). [`simplify`] then looks for a cheaper graph that has the same values, for all outputs at once; it
//! may use egg for that, which is never used to differentiate.

mod cost;
mod derivation;
mod derive;
mod higher;
mod kinds;
mod literals;
pub mod reader;
#[cfg(feature = "egg")]
mod saturate;
mod simplified;
mod simplify;
mod sized;
#[cfg(test)]
mod tests;
mod textbook;

pub use cost::cost;
pub use derivation::{Derivation, RuleStep, steps};
pub use derive::{Derivative, Mode, TooLarge, differentiate, textbook_shared};
pub use higher::{Derivatives, Partial, differentiate_for_readers, differentiate_repeatedly};
pub use kinds::{Kind, Kinds, differentiate_as};
pub use literals::Literals;
#[cfg(feature = "egg")]
pub use saturate::rules::{Requirement, RewriteRule, rewrite_rules};
pub use simplified::{Limits, Simplified, StopReason, Windows};
pub use simplify::simplify;
pub use sized::{
    ByElement, Contribution, Contributions, NeedsSizes, OutputIndex, Place, SizedDerivatives, SizedPartial,
    differentiate_sized, in_language, simplify_sized,
};
pub use textbook::{textbook_bits, textbook_size, textbook_total};
