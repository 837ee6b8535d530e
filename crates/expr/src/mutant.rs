//! A row of the operator table mutated on purpose, for tests: everything that differentiates by the table shares the mutant.
//! Only debug builds have it, so that it costs nothing elsewhere.

use std::cell::Cell;

use crate::Op;

thread_local! {
    static PLANTED: Cell<Option<(Op, usize)>> = const { Cell::new(None) };
}

/// While it lives, the slope of an operator by an argument is wrong on this thread: 1 minus the right one, 1 where there is
/// none.
#[doc(hidden)]
#[derive(Debug)]
#[must_use = "the mutant is there as long as this value"]
pub struct Mutant(());

impl Mutant {
    /// Mutates a row.
    pub fn plant(op: Op, argument: usize) -> Mutant {
        PLANTED.set(Some((op, argument)));
        Mutant(())
    }
}

impl Drop for Mutant {
    fn drop(&mut self) {
        PLANTED.set(None);
    }
}

#[inline]
pub(crate) fn is_planted(op: Op, argument: usize) -> bool {
    PLANTED.get() == Some((op, argument))
}
