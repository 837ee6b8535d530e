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
    /// How it went, in figures.
    pub figures: String,
}

/// Simplifies all outputs of a flat function together, unless the result is no cheaper, or less exact at points of many
/// sizes; with `accurate` also where the worst error of any output grows, or the function is too large to know.
pub fn simplified(function: Function, accurate: bool) -> Simplification {
    let found = symbolic::simplify(&function, &Limits::default());
    let (before, after) = (found.cost_before, found.cost_after);
    let figures = found.to_string();
    let left = |why: &str| (false, format!("{why}, left as derived"));
    let refused = |why: &str| left(&format!("egg's form (cost {after} instead of {before}) {why}"));
    let raises = || raises_the_worst_error(&function, &found.function);
    let (changed, remark) = match found.stop {
        StopReason::TooLarge => left("too large for egg"),
        StopReason::DefinedNowhere => left("defined nowhere"),
        StopReason::Disabled => left("built without egg"),
        StopReason::Branches if before == after => left("has branches"),
        _ if before == after => (false, format!("egg found nothing cheaper than {before}")),
        _ if loses_digits(&function, &found.function) => refused("loses digits"),
        stop => match accurate.then(raises) {
            Some(None) => refused("is too large to be held against the reference"),
            Some(Some(true)) => refused("raises the worst error"),
            accurate => {
                let mut remark =
                    format!("egg brought the cost of f with all partials from {before} to {after}");
                if accurate.is_some() {
                    remark += ", and no worst error up";
                }
                if stop == StopReason::Windows {
                    remark += "; its budget of windows is spent";
                }
                (true, remark)
            }
        },
    };
    Simplification { function: if changed { found.function } else { function }, changed, remark, figures }
}
