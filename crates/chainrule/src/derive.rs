//! Derivative functions simplified with care: a form that loses digits is not taken.

use expr::Function;
use symbolic::{Limits, StopReason};

use crate::digits::{loses_digits, raises_the_worst_error};

/// What became of a simplification.
#[derive(Clone, Debug)]
pub struct Simplification {
    /// The function, simplified or as it was.
    pub function: Function,
    /// Whether it is another one now.
    pub changed: bool,
    /// What was done, or why nothing was, in a few words.
    pub remark: String,
}

/// Simplifies all outputs of a flat function together, unless the result is no cheaper, or less exact at points of many
/// sizes; with `accurate` also where the worst error of any output grows, or the function is too large to know.
pub fn simplified(function: &Function, accurate: bool) -> Simplification {
    let found = symbolic::simplify(function, &Limits::default());
    let (before, after) = (found.cost_before, found.cost_after);
    let (changed, remark) = match found.stop {
        StopReason::TooLarge => (false, "too large for egg, left as derived".to_owned()),
        StopReason::Branches if before == after => (false, "has branches, left as derived".to_owned()),
        StopReason::DefinedNowhere => (false, "defined nowhere, left as derived".to_owned()),
        StopReason::Disabled => (false, "built without egg".to_owned()),
        _ if before == after => (false, format!("egg found nothing cheaper than {before}")),
        _ if loses_digits(function, &found.function) => {
            (false, format!("egg's form (cost {after} instead of {before}) loses digits, left as derived"))
        }
        _ if accurate && raises_the_worst_error(function, &found.function) != Some(false) => (
            false,
            format!("a cheaper form (cost {after} instead of {before}) is less accurate, left as derived"),
        ),
        _ => (true, format!("egg brought the cost of everything together from {before} to {after}")),
    };
    Simplification { function: if changed { found.function } else { function.clone() }, changed, remark }
}
