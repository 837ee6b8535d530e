//! How much may be computed.

use crate::interval::Reading;

/// How far to go. Counts, never seconds, so that answers repeat.
///
/// ```
/// use reference::{Limits, certify};
/// let f = syntax::parse("((1e100 + x) - 1e100)^2").unwrap();
/// let word = |limits| certify(&f, &[1.0], &limits).gradients[0][0].word();
/// assert_eq!(word(Limits { most_bits: 192, ..Limits::default() }), "undecided");
/// assert_eq!(word(Limits::default()), "certified");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The bits to begin with.
    pub first_bits: usize,
    /// The most bits of any number.
    pub most_bits: usize,
    /// The most work of all precisions together, charged by the bits that operations use: a unit takes
    /// about a nanosecond.
    pub most_work: u64,
    /// What decimals mean.
    pub reading: Reading,
}

/// The work that one function at one point may take: about a second.
pub(crate) const FULL_WORK: u64 = 1_000_000_000;

impl Limits {
    /// For one of many questions about the same function, none of which is worth a second: a thirtieth of the work.
    pub fn quick() -> Limits {
        Limits { most_work: FULL_WORK / 30, ..Limits::default() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits { first_bits: 96, most_bits: 12_288, most_work: FULL_WORK, reading: Reading::Nearest }
    }
}
