//! The strategies side by side.

mod advice;
pub mod cells;
mod document;
pub mod formulas;
pub mod html;
pub mod matrix;
pub mod table;

use chainrule::{Refusal, Strategy, Unit};
use expr::UnrollError;
use harness::{Comparison, Entry, Options, Outcome, Progress};

use crate::{Failure, ParsedFunction, Points};

pub use document::{Core, Document, document};
pub use table::Style;

/// What is compared, and how.
pub struct CompareRequest<'a> {
    /// The function.
    pub function: &'a ParsedFunction,
    /// Where.
    pub points: &'a Points,
    /// By which strategies.
    pub strategies: &'a [Box<dyn Strategy>],
    /// Budgets, and what is measured.
    pub options: Options,
    /// Whether a finite difference that contradicts its own error estimate counts as disagreeing.
    pub strict: bool,
}

/// Compares; `watch` is told how far that is.
///
/// # Errors
/// When every strategy would have to unroll the function beyond its budget.
pub fn compare(request: &CompareRequest<'_>, watch: &mut dyn FnMut(Progress)) -> Result<Comparison, Failure> {
    let CompareRequest { function, points, strategies, options, strict } = request;
    let comparison =
        harness::compare_watched(&function.subject, &points.all, strategies, options, &mut |progress| {
            watch(progress);
        });
    if let Some(refused) =
        comparison.points.first().and_then(|point| unrolled_by_all(function, &point.entries))
    {
        return Err(refused);
    }
    Ok(if *strict { comparison.strictly() } else { comparison })
}

/// Why nothing was compared, where every strategy would have to unroll the function beyond its budget.
fn unrolled_by_all(function: &ParsedFunction, entries: &[Entry]) -> Option<Failure> {
    if function.subject.at_hand().is_some() {
        return None;
    }
    let refused = |entry: &Entry| match entry.refusal {
        Some(Refusal::OverBudget { needed, budget, unit: Unit::Nodes }) => {
            Some(UnrollError::TooLarge { needed: needed as u64, budget })
        }
        Some(Refusal::Unroll(ref error)) => Some(error.clone()),
        _ => None,
    };
    let all: Option<Vec<UnrollError>> = entries.iter().map(refused).collect();
    Some(function.refused(&all?.into_iter().next()?))
}

/// The verdicts that occur in a comparison.
pub fn words(comparison: &Comparison) -> Vec<&'static str> {
    let components = comparison.points.iter().flat_map(|point| point.components.iter().copied());
    let all = components.chain([comparison.verdict()]);
    Outcome::counts(all).into_keys().map(Outcome::word).collect()
}
