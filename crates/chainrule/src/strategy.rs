//! The contract of a strategy: prepare a function once, differentiate it at as many points as you like, or refuse.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use expr::{Function, UnrollError};
use numerical::Blind;
#[cfg(feature = "symbolic")]
use symbolic::Mode;
use syntax::Sharing;

#[cfg(feature = "symbolic")]
use crate::simplified::Simplification;
use crate::spec::StrategySpec;

/// A way to differentiate.
///
/// Every strategy takes the same graph and promises the same thing, so that they can be compared, and swapped.
pub trait Strategy: Send + Sync {
    /// Which of the strategies it is, and in which variant.
    fn spec(&self) -> StrategySpec;

    /// Does whatever can be done once per function.
    ///
    /// # Errors
    /// When that takes more than the budget allows, or the function cannot be unrolled.
    fn prepare(&self, f: &Function, want: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal>;
}

/// A function prepared by a strategy.
pub trait Prepared: Send {
    /// Value and derivative at a point, with one number per scalar input; `out` is resized to fit.
    ///
    /// # Errors
    /// When the strategy cannot answer within its budget.
    ///
    /// # Panics
    /// When the point has another length than the function has inputs, with both lengths in the message and before
    /// anything is written: the next run is not impaired.
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal>;

    /// What one derivative takes.
    fn cost(&self) -> Cost;

    /// The partial derivatives as formulas, where the strategy has them and they can be read.
    fn formulas(&self) -> Option<Arc<Formulas>> {
        None
    }

    /// The program that is run, line by line.
    fn listing(&self) -> Vec<String> {
        Vec::new()
    }

    /// What was chosen on the way.
    fn remarks(&self) -> Vec<Remark> {
        Vec::new()
    }
}

/// What a strategy chose when it prepared a function.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Remark {
    /// The mode that gives the smaller derivative of the two.
    #[cfg(feature = "symbolic")]
    Mode(Mode),
    /// What became of the derivative when it was simplified.
    #[cfg(feature = "symbolic")]
    Simplification(Simplification),
}

/// Partial derivatives as some outputs of a function, row after row.
#[derive(Debug)]
pub struct Formulas {
    /// The function.
    pub function: Function,
    /// Which of its outputs they are.
    pub partials: Range<usize>,
    /// Which of their parts get names.
    pub sharing: Sharing,
    pub(crate) text: OnceLock<Vec<String>>,
}

impl Formulas {
    /// As text, one by one.
    pub fn text(&self) -> &[String] {
        let write = || syntax::formulas_sharing(&self.function, self.partials.clone(), self.sharing);
        self.text.get_or_init(write)
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Want {
    /// The gradient of every output with respect to every input.
    Gradient,
}

/// What a strategy may use. Counts, never seconds, so that results repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Nodes of any graph that is built.
    pub nodes: u64,
    /// Evaluations of the function per derivative.
    pub evaluations: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { nodes: 20_000_000, evaluations: 1_000_000 }
    }
}

/// A point's answer. Matrices are row after row: one row per output, one column per scalar input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Derivative {
    /// The outputs.
    pub values: Vec<f64>,
    /// The gradients.
    pub gradient: Vec<f64>,
    /// The strategy's own estimate of the absolute error of each component, where it makes one.
    pub error_estimate: Option<Vec<f64>>,
    /// Of each component, why the strategy found that it cannot see the slope; its estimate is infinite or NaN there.
    /// Empty for strategies that make no estimate.
    pub blind: Vec<Option<Blind>>,
}

/// What one derivative takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Evaluations of the function (one sweep of an analytic strategy counts as one).
    pub evaluations: u64,
    /// Nodes of the graph that is run.
    pub nodes: u64,
    /// Bytes held between runs.
    pub bytes: u64,
}

/// What a budget counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nodes of a graph.
    Nodes,
    /// Evaluations of the function.
    Evaluations,
    /// Evaluations of single nodes: what an evaluation of the function costs, times how many there are.
    NodeEvaluations,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unit::Nodes => "nodes",
            Unit::Evaluations => "evaluations",
            Unit::NodeEvaluations => "node evaluations",
        })
    }
}

/// Why a strategy gives no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// It would take more than it may.
    #[error("it would take {needed:.3e} {unit}; the budget is {budget}")]
    OverBudget {
        /// What it would take; a count that can exceed any integer type.
        needed: f64,
        /// What it may.
        budget: u64,
        /// Of what.
        unit: Unit,
    },
    /// The function cannot be unrolled.
    #[error("{0}")]
    Unroll(UnrollError),
    /// The complex step meets an operator without a complex value.
    #[error("{operator} has no complex value here")]
    NoComplexValue {
        /// Its name.
        operator: &'static str,
    },
}

impl From<UnrollError> for Refusal {
    fn from(error: UnrollError) -> Refusal {
        match error {
            UnrollError::TooLarge { needed, budget } => {
                Refusal::OverBudget { needed: needed as f64, budget, unit: Unit::Nodes }
            }
            error => Refusal::Unroll(error),
        }
    }
}
