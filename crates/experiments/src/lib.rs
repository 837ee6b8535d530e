//! Experiments on derivatives: how cost and error change as functions grow, gradient descent, and the article's claims.

pub mod descend;
pub mod families;
pub mod grow;
pub mod report;
pub mod steps;
pub mod swell;

pub use families::{FAMILIES, Family, WIDE};
