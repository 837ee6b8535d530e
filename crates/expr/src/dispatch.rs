//! Work that is compiled once per operator.

use crate::Op;

/// Work that is compiled once per operator: see [`Op::dispatch`].
pub trait Dispatch: Sized {
    /// The work; to be marked `#[inline(always)]`, or nothing is gained.
    fn run(self, op: Op);

    /// The same for the operator of this number in [`Op::ALL`]: for work that makes a function of its own of it.
    #[inline(always)]
    fn run_one<const OP: usize>(self) {
        self.run(const { Op::ALL[OP] });
    }
}
