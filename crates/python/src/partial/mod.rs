//! `chainrule.SumOver`, `chainrule.Partial` and `chainrule.Total`: sums over data that no one process holds.

mod arrow;
mod rows;
mod sum_over;
mod total;

pub(crate) use sum_over::{SumOver, restore_sum};
pub(crate) use total::{Partial, Total, merge};
