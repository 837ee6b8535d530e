//! Where there is no machine code.

use std::convert::Infallible;

use super::Straight;
use super::tier::NoNative;

/// How much time is spent on making code fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// As little as possible.
    None,
    /// More.
    Speed,
}

/// Machine code, of which this build has none.
#[derive(Debug)]
pub struct Native(Infallible);

impl Native {
    pub(super) const IS_BUILT: bool = false;

    /// Makes none.
    ///
    /// # Errors
    /// Always.
    pub fn compile(_: &Straight, _: Effort) -> Result<Native, NoNative> {
        Err(NoNative::NotBuilt)
    }

    /// There is none to be run.
    pub fn run(&self, _: &[f64], _: &mut [f64], _: &mut [f64]) {
        match self.0 {}
    }

    /// There is none to be measured.
    pub fn bytes(&self) -> usize {
        match self.0 {}
    }
}
