//! Derivative functions simplified with care: a form that loses digits is not taken.

use expr::{Builder, Expr, Function, Style};
use symbolic::{Limits, StopReason, cost};

use crate::digits::{lose_digits, raise_the_worst_error};

/// What became of a simplification.
#[derive(Clone, Debug)]
pub struct Simplification {
    /// The function, simplified or as it was.
    pub function: Function,
    /// Whether it is another one now.
    pub changed: bool,
    /// The outputs that are as they were because their simplified form was rejected.
    pub rejected: Vec<usize>,
    /// What was done, or why nothing was, in a few words.
    pub remark: String,
    /// How it went, in figures.
    pub figures: String,
}

/// Simplifies all outputs of a flat function together. An output whose form is less exact than before, against the
/// reference and at points of many sizes, stays as it was; with `accurate` also where its worst error grows, or the
/// function is too large to know.
pub fn simplified(function: Function, accurate: bool) -> Simplification {
    let found = symbolic::simplify(&function, &Limits::default());
    let (before, after) = (found.cost_before, found.cost_after);
    let figures = found.to_string();
    let left = |function, rejected, why: String| Simplification {
        function,
        changed: false,
        rejected,
        remark: format!("{why}, left as derived"),
        figures: figures.clone(),
    };
    let why = match found.stop {
        StopReason::TooLarge => Some("too large for egg"),
        StopReason::DefinedNowhere => Some("defined nowhere"),
        StopReason::Disabled => Some("built without egg"),
        StopReason::Branches if before == after => Some("has branches"),
        _ => None,
    };
    if let Some(why) = why {
        return left(function, Vec::new(), why.to_owned());
    }
    if before == after {
        let remark = format!("simplification found no cheaper form ({})", operations(before));
        return Simplification { function, changed: false, rejected: Vec::new(), remark, figures };
    }
    let mut reason = "loses digits";
    let mut reject = lose_digits(&function, &found.function);
    if accurate {
        match raise_the_worst_error(&function, &found.function) {
            None => {
                let why = format!(
                    "the simplified form (cost {after} instead of {before}) is too large to be compared with the reference"
                );
                return left(function, Vec::new(), why);
            }
            Some(raise) => {
                if !reject.contains(&true) && raise.contains(&true) {
                    reason = "raises the worst error";
                }
                reject.iter_mut().zip(raise).for_each(|(reject, raise)| *reject |= raise);
            }
        }
    }
    let rejected: Vec<usize> = (0..reject.len()).filter(|&k| reject[k]).collect();
    let outputs = reject.len();
    let (chosen, after) = match rejected.is_empty() {
        true => (found.function, after),
        false => {
            let chosen = choose(&function, &found.function, &reject);
            let after = cost(&chosen);
            if after >= before {
                let part =
                    if rejected.len() == outputs { String::new() } else { part(rejected.len(), outputs) };
                let form = found.cost_after;
                let why = format!("the simplified form (cost {form} instead of {before}) {reason}{part}");
                return left(function, rejected, why);
            }
            (chosen, after)
        }
    };
    let mut remark =
        format!("simplification reduced the cost of f with all partials from {before} to {after}");
    if accurate {
        remark += ", and no worst error grew";
    }
    if !rejected.is_empty() {
        remark += &format!("; its form {reason}{}, which stays as derived", part(rejected.len(), outputs));
    }
    if found.stop == StopReason::Windows {
        remark += "; its budget of windows is spent";
    }
    Simplification { function: chosen, changed: true, rejected, remark, figures }
}

fn part(rejected: usize, outputs: usize) -> String {
    format!(" in {rejected} of {outputs} formulas")
}

/// One function with some outputs as `written` and the others as `simplified`; what both have in common is shared.
fn choose(written: &Function, simplified: &Function, as_written: &[bool]) -> Function {
    let builder = Builder::new(Style::Derived);
    builder.copy_blocks(written.graph());
    let outputs = {
        let inputs: Vec<Expr<'_>> = inputs(&builder, written);
        let [written, simplified] = [written, simplified].map(|f| f.evaluate(&builder, &inputs));
        let chosen = as_written.iter().zip(written.iter().zip(&simplified));
        chosen
            .map(|(&keep, (written, simplified))| if keep { written.id() } else { simplified.id() })
            .collect()
    };
    builder.finish(outputs)
}

/// Every scalar input of a flat function, in order.
fn inputs<'g>(builder: &'g Builder, f: &Function) -> Vec<Expr<'g>> {
    let graph = f.graph();
    let elements = |block: &expr::graph::Block| {
        let id = graph.block_named(&block.name).expect("its own block");
        (0..block.len().unwrap_or(0) as u32).map(move |offset| builder.element(id, offset))
    };
    graph.blocks().iter().flat_map(elements).collect()
}

/// A weighted count of operations in words.
fn operations(cost: u64) -> String {
    format!("{cost} operation{}", if cost == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_chosen_one_by_one() {
        let f = |text| syntax::parse(text).unwrap();
        let written = f("f(x, y) = [x*x + y, y*(x + 1), sin(x)]");
        let simplified = f("f(x, y) = [x^2 + y, y*x + y, cos(x)]");
        let chosen = choose(&written, &simplified, &[true, false, true]);
        let (x, close) = ([0.75, 3.0], |f: &Function, k: usize| f.evaluate((), &[0.75, 3.0])[k]);
        assert_eq!(chosen.evaluate((), &x), [close(&written, 0), close(&simplified, 1), close(&written, 2)]);
        assert_eq!(syntax::formulas(&chosen, 0..3), ["x*x + y", "y*x + y", "sin(x)"]);
    }
}
