//! Derivative functions simplified with care: a form that loses digits is not taken.

use expr::{Builder, Expr, Function, Style};
use symbolic::{Limits, Simplified, StopReason, cost};

use crate::digits::{lose_digits, raise_the_worst_error};

/// What became of a simplification.
///
/// ```
/// let found = chainrule::simplified(chainrule::parse("sin(x)^2 + cos(x)^2 + x")?, false);
/// assert!(found.changed() && found.rejected.is_empty());
/// assert_eq!((found.found.cost_before, found.found.cost_after), (28, 1)); // in additions
/// assert_eq!(found.function.evaluate((), &[3.0]), [4.0]);
/// # Ok::<(), chainrule::Diagnostic>(())
/// ```
#[derive(Clone, Debug)]
pub struct Simplification {
    /// The function, simplified or as it was.
    pub function: Function,
    /// Which of the two, and why.
    pub decision: Decision,
    /// The outputs that are as they were because their simplified form was rejected.
    pub rejected: Vec<usize>,
    /// What the simplifier found, with its figures.
    pub found: Simplified,
}

/// Whether a simplified form is used.
///
/// ```
/// use chainrule::{Decision, simplified};
/// let decision = |text| Ok::<_, chainrule::Diagnostic>(simplified(chainrule::parse(text)?, false).decision);
/// assert_eq!(decision("exp(x) + y")?, Decision::NoCheaper);
/// assert_eq!(decision("x*y/x")?, Decision::Accepted { cost: 0, fault: None, accurate: false });
/// # Ok::<(), chainrule::Diagnostic>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// There is none: [`Simplified::stop`] says why.
    NotTried,
    /// It costs as much.
    NoCheaper,
    /// Its worst error cannot be known, since the function is too large for the reference.
    NotComparable,
    /// It is worse in so many outputs that the rest would not pay.
    Rejected(Fault),
    /// It is used, but for the outputs in which it is worse.
    Accepted {
        /// What the function costs now.
        cost: u64,
        /// What is wrong with the outputs that are rejected.
        fault: Option<Fault>,
        /// Whether the worst errors were compared.
        accurate: bool,
    },
}

/// What can be wrong with a simplified form.
///
/// ```
/// use chainrule::{Decision, Fault, simplified};
/// let found = simplified(chainrule::parse("ln(x) + ln(y)")?, false); // ln(x*y) may overflow
/// assert_eq!(found.decision, Decision::Rejected(Fault::LosesDigits));
/// # Ok::<(), chainrule::Diagnostic>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It clearly has fewer digits.
    LosesDigits,
    /// Its worst error is larger.
    RaisesWorstError,
}

impl Simplification {
    /// Whether the function is another one now.
    pub fn changed(&self) -> bool {
        matches!(self.decision, Decision::Accepted { .. })
    }
}

/// Simplifies all outputs of a flat function together. An output whose form is less exact than before, against the
/// reference and at points of many sizes, stays as it was; with `accurate` also where its worst error grows, or the
/// function is too large to know.
///
/// ```
/// let f = chainrule::parse("(x - 1)*(x + 1)")?;
/// assert!(chainrule::simplified(f.clone(), false).changed()); // x^2 - 1
/// assert!(!chainrule::simplified(f, true).changed()); // its worst error is larger, near 1
/// # Ok::<(), chainrule::Diagnostic>(())
/// ```
pub fn simplified(function: Function, accurate: bool) -> Simplification {
    let found = symbolic::simplify(&function, &Limits::default());
    let (before, after) = (found.cost_before, found.cost_after);
    let left = |function, decision| Simplification {
        function,
        decision,
        rejected: Vec::new(),
        found: found.clone(),
    };
    let not_tried = match found.stop {
        StopReason::TooLarge | StopReason::DefinedNowhere | StopReason::Disabled => true,
        StopReason::Branches => before == after,
        _ => false,
    };
    if not_tried {
        return left(function, Decision::NotTried);
    }
    if before == after {
        return left(function, Decision::NoCheaper);
    }
    let mut fault = Fault::LosesDigits;
    let mut reject = lose_digits(&function, &found.function);
    if accurate {
        let Some(raise) = raise_the_worst_error(&function, &found.function) else {
            return left(function, Decision::NotComparable);
        };
        if !reject.contains(&true) && raise.contains(&true) {
            fault = Fault::RaisesWorstError;
        }
        reject.iter_mut().zip(raise).for_each(|(reject, raise)| *reject |= raise);
    }
    let rejected: Vec<usize> = (0..reject.len()).filter(|&k| reject[k]).collect();
    let (chosen, cost) = match rejected.is_empty() {
        true => (found.function.clone(), after),
        false => {
            let chosen = choose(&function, &found.function, &reject);
            let cost = cost(&chosen);
            if cost >= before {
                return Simplification { rejected, ..left(function, Decision::Rejected(fault)) };
            }
            (chosen, cost)
        }
    };
    let fault = (!rejected.is_empty()).then_some(fault);
    Simplification { rejected, ..left(chosen, Decision::Accepted { cost, fault, accurate }) }
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
