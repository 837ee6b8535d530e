//! What strategies chose on the way, in words.

use chainrule::{Decision, Fault, Remark, Simplification};
use symbolic::StopReason;

/// One remark.
pub fn remark(remark: &Remark) -> String {
    match remark {
        Remark::Mode(mode) => format!("{} mode, the smaller of the two", mode.name()),
        Remark::Simplification(found) => simplification(found),
        _ => String::new(),
    }
}

/// What became of a simplification, or why nothing was done.
pub fn simplification(told: &Simplification) -> String {
    let (before, form) = (told.found.cost_before, told.found.cost_after);
    let (rejected, outputs) = (told.rejected.len(), told.function.outputs().len());
    let part = || format!(" in {rejected} of {outputs} formulas");
    match told.decision {
        Decision::NotTried => {
            let why = match told.found.stop {
                StopReason::TooLarge => "too large for egg",
                StopReason::DefinedNowhere => "defined nowhere",
                StopReason::Disabled => "built without egg",
                _ => "has branches",
            };
            format!("{why}, left as derived")
        }
        Decision::NoCheaper => format!("simplification found no cheaper form ({})", operations(before)),
        Decision::NotComparable => format!(
            "the simplified form (cost {form} instead of {before}) is too large to be compared with the reference, left as derived"
        ),
        Decision::Rejected(fault) => {
            let part = if rejected == outputs { String::new() } else { part() };
            let fault = fault_text(fault);
            format!("the simplified form (cost {form} instead of {before}) {fault}{part}, left as derived")
        }
        Decision::Accepted { cost, fault, accurate } => {
            let mut text =
                format!("simplification reduced the cost of f with all partials from {before} to {cost}");
            if accurate {
                text += ", and no worst error grew";
            }
            if let Some(fault) = fault {
                text += &format!("; its form {}{}, which stays as derived", fault_text(fault), part());
            }
            if told.found.stop == StopReason::Windows {
                text += "; its budget of windows is spent";
            }
            text
        }
    }
}

fn fault_text(fault: Fault) -> &'static str {
    match fault {
        Fault::LosesDigits => "loses digits",
        Fault::RaisesWorstError => "raises the worst error",
    }
}

/// A weighted count of operations in words.
fn operations(cost: u64) -> String {
    format!("{cost} operation{}", if cost == 1 { "" } else { "s" })
}
