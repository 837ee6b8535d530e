//! Functions at points, from integers: every error is bounded, every loop ends by its own counts, all work is charged.

mod circle;
mod exp;
mod fixed;
#[cfg(test)]
mod fixed_tests;

pub(crate) use circle::{Reduced, atan, half_pi};
pub(crate) use exp::{exp, expm1, ln, ln_1p};
