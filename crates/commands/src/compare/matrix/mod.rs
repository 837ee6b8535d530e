//! The strategies side by side on Jacobians, Hessians and products with vectors.

mod document;
mod labels;
mod table;

use chainrule::{Refusal, Seeds, Strategy, Unit, Want};
use harness::{MatrixComparison, MatrixKind, Options, Outcome, Point, compare_matrix};
use syntax::{Diagnostic, Setting};

use crate::output::number::count;
use crate::points::numbers;
use crate::{Failure, ParsedFunction, Points};

pub use document::{MatrixDocument, matrix_document};
pub use labels::Labels;
pub use table::render;

/// What is wanted, as texts like those of the command line.
#[derive(Clone, Debug, Default)]
pub struct KindRequest {
    /// The kind.
    pub want: Want,
    /// Directions, each like a point: `x=1,y=[1,2]`.
    pub along: Vec<String>,
    /// Weights of the outputs, each list like `1,0.5`.
    pub weights: Vec<String>,
}

/// Directions and weights that fit a function.
#[derive(Clone, Debug, Default)]
pub struct OwnSeeds {
    along: Vec<f64>,
    weights: Vec<f64>,
}

impl OwnSeeds {
    fn seeds(&self) -> Seeds<'_> {
        Seeds { along: &self.along, weights: &self.weights }
    }
}

/// Reads what a kind is asked with.
///
/// # Errors
/// When a direction or a weight is missing, is one too many, or is none.
pub fn seeds(given: &ParsedFunction, request: &KindRequest) -> Result<OwnSeeds, Failure> {
    let KindRequest { want, along, weights } = request;
    let set = |message: String, setting: Setting| Err(Failure::Set(message, setting));
    let mut own = OwnSeeds::default();
    match (want.takes_directions(), along.is_empty()) {
        (true, true) => {
            return set(format!("{want} is a product with directions, and none is given"), Setting::Along);
        }
        (false, false) => {
            return set(format!("directions are for jvp and hvp, and not for {want}"), Setting::Want);
        }
        _ => {}
    }
    let columns: Vec<Vec<f64>> =
        along.iter().map(|text| numbers(given, text, Setting::Along)).collect::<Result<_, _>>()?;
    let inputs = given.subject.input_count();
    own.along = (0..inputs).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
    let outputs = given.subject.output_count();
    let is_sum = *want == Want::Vjp || want.is_second();
    match weights.len() {
        0 if *want == Want::Vjp && outputs == 1 => own.weights = vec![1.0],
        0 if *want == Want::Vjp => {
            return set(
                format!("vjp is a product with weights of the {outputs} outputs, and none are given"),
                Setting::Weights,
            );
        }
        0 => {}
        _ if !is_sum => {
            return set(format!("weights are for sums of outputs, and not for {want}"), Setting::Want);
        }
        _ if outputs == 1 && want.is_second() => {
            let message = "the function has one output: weights are for sums of several".to_owned();
            return Err(Failure::text(message));
        }
        2.. if want.is_second() => {
            return Err(Failure::text(format!(
                "one list of weights is enough for {want}: there are {}",
                weights.len()
            )));
        }
        _ => {}
    }
    for text in weights {
        own.weights.extend(
            weights_of(text, outputs).map_err(|wrong| Failure::place(&wrong, text, Setting::Weights))?,
        );
    }
    Ok(own)
}

/// The numbers of a list like `1,0.5`, one per output.
fn weights_of(text: &str, outputs: usize) -> Result<Vec<f64>, Diagnostic> {
    let mut all = Vec::new();
    let mut start = 0;
    for piece in text.split(',') {
        let place = start..start + piece.len();
        start = place.end + 1;
        let number = piece.trim().parse::<f64>();
        let wrong = || {
            Diagnostic::at(place.clone(), format!("{} is no number", piece.trim()), "a weight should be here")
        };
        all.push(number.map_err(|_| wrong())?);
    }
    if all.len() == outputs {
        return Ok(all);
    }
    let have = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let message = format!("{} for {}", have(all.len(), "weight"), have(outputs, "output"));
    Err(Diagnostic::at(0..text.len(), message, "one weight per output"))
}

/// What is compared, and how.
pub struct MatrixRequest<'a> {
    /// The function.
    pub function: &'a ParsedFunction,
    /// Where.
    pub points: &'a Points,
    /// Which kind of derivative.
    pub want: Want,
    /// What that is asked with.
    pub seeds: &'a OwnSeeds,
    /// By which strategies.
    pub strategies: &'a [Box<dyn Strategy>],
    /// Budgets, and what is measured.
    pub options: Options,
    /// Whether a finite difference that contradicts its own error estimate counts as disagreeing.
    pub strict: bool,
}

/// Compares.
///
/// # Errors
/// When every strategy refuses, because of the size of the matrix or of the function unrolled.
pub fn compare(request: &MatrixRequest<'_>) -> Result<MatrixComparison, Failure> {
    let MatrixRequest { function, points, want, seeds, strategies, options, strict } = request;
    let kind = MatrixKind { want: *want, seeds: seeds.seeds() };
    let found = compare_matrix(&function.subject, kind, &points.all, strategies, options);
    if let Some(point) = found.points.first()
        && point.entries.iter().all(|entry| entry.refusal.is_some())
        && let Some(refusal) = told(point)
    {
        let [rows, columns] = found.shape;
        return Err(match refusal {
            Refusal::OverBudget { needed, budget, unit: Unit::Entries } => Failure::text(format!(
                "the {want} is {} by {}, {} entries; the budget is {}",
                count(rows as u64),
                count(columns as u64),
                count(needed as u64),
                count(budget)
            )),
            refusal => super::unrolled_by_all(function, &point.entries)
                .unwrap_or_else(|| Failure::text(format!("no strategy finds the {want}: {refusal}"))),
        });
    }
    Ok(if *strict { found.strictly() } else { found })
}

/// Of several refusals that of the matrix, which no strategy could help.
fn told(point: &Point) -> Option<Refusal> {
    let all = || point.entries.iter().filter_map(|entry| entry.refusal.clone());
    let of_entries = |refusal: &Refusal| matches!(refusal, Refusal::OverBudget { unit: Unit::Entries, .. });
    all().find(of_entries).or_else(|| all().next())
}

/// The verdicts that occur in a comparison.
pub fn words(comparison: &MatrixComparison) -> Vec<&'static str> {
    let entries = comparison.points.iter().flat_map(|point| point.components.iter().copied());
    Outcome::counts(entries.chain([comparison.verdict()])).into_keys().map(Outcome::word).collect()
}
