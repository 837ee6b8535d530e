//! What arithmetic costs, in counts: every operation is charged before it is done, by the bits that it uses.
//!
//! A unit is about what a nanosecond does. Where a budget is spent, operations answer everything that could be, at once
//! and without work, so that what is asked ends soon after and is undecided.

use std::cell::Cell;

use expr::interrupt::checkpoint;

/// The work that is left.
pub(crate) struct Work {
    left: Cell<u64>,
}

impl Work {
    pub(crate) fn new(budget: u64) -> Work {
        Work { left: Cell::new(budget) }
    }

    /// What is left; 0 where the budget is spent.
    pub(crate) fn left(&self) -> u64 {
        self.left.get()
    }

    pub(crate) fn set(&self, left: u64) {
        self.left.set(left);
    }

    /// Pays for an operation that is to be done; false where it can not be paid for, now or ever again.
    #[must_use]
    pub(crate) fn pay(&self, cost: u64) -> bool {
        checkpoint();
        let left = self.left.get();
        self.left.set(left.saturating_sub(cost));
        left > cost
    }
}

/// An operation by itself: memory for its result, a call or two.
const CALL: u64 = 60;

/// An addition, a shift or a comparison of numbers with so many bits.
pub(crate) fn linear(bits: usize) -> u64 {
    CALL + words(bits)
}

/// A product, quotient or root: between the square of the words, as it is for few, and Karatsuba's power 1.58.
pub(crate) fn product(bits: usize) -> u64 {
    let words = words(bits);
    CALL + 3 * words.saturating_mul(words.isqrt() + 1)
}

/// A product of numbers of different lengths.
pub(crate) fn mixed_product(a: usize, b: usize) -> u64 {
    let (short, long) = (words(a.min(b)), words(a.max(b)));
    CALL + 3 * long.saturating_mul(short.isqrt() + 1)
}

fn words(bits: usize) -> u64 {
    bits as u64 / 64 + 1
}
