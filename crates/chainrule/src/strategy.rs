//! The contract of a strategy: prepare a function once, differentiate it at as many points as you like, or refuse.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use expr::{Function, UnrollError};
use numerical::Blind;
#[cfg(feature = "symbolic")]
use symbolic::Mode;
use syntax::Sharing;

use crate::kinds::{Seeds, Want};
#[cfg(feature = "symbolic")]
use crate::simplified::Simplification;
use crate::spec::StrategySpec;

/// A way to differentiate.
///
/// Every strategy takes the same graph and promises the same thing, so that they can be compared, and swapped.
///
/// ```
/// use chainrule::{Backprop, Budget, Derivative, Numerical, Strategy, Want};
/// let f = chainrule::parse("x^2*y")?;
/// for strategy in [&Numerical::default() as &dyn Strategy, &Backprop] {
///     let mut prepared = strategy.prepare(&f, Want::Gradient, &Budget::default())?;
///     let mut out = Derivative::default();
///     prepared.run(&[3.0, 1.0], &mut out)?;
///     assert!((out.gradient[0] - 6.0).abs() < 1e-9, "{}", strategy.spec());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use chainrule::{Budget, Derivative, Strategy, StrategySpec, Want};
/// let f = chainrule::parse("x^2*sin(y)")?;
/// # #[cfg(feature = "symbolic")] {
/// let spec: StrategySpec = "symbolic=reverse".parse()?;
/// let prepared = spec.prepare(&f, Want::Gradient, &Budget::default())?;
/// assert_eq!(prepared.formulas().unwrap().text()[0], "sin(y)*(2*x)");
/// assert!(prepared.remarks().is_empty()); // nothing was chosen
/// # }
/// let spec: StrategySpec = "backprop".parse()?;
/// let mut prepared = spec.prepare(&f, Want::Gradient, &Budget::default())?;
/// let mut out = Derivative::default();
/// for x in [1.0, 2.0, 3.0] {
///     prepared.run(&[x, 0.0], &mut out)?; // allocates nothing after the first point
///     assert_eq!(out.gradient, [0.0, x * x]);
/// }
/// assert_eq!((prepared.cost().evaluations, prepared.most_work()), (1, 6.0));
/// assert_eq!(prepared.listing()[1..], ["1 × powi", "1 × sin", "1 × mul"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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

    /// The same for wants that take more than a point; `out` has what was asked for in its entries.
    ///
    /// ```
    /// use chainrule::{Backprop, Budget, Derivative, Seeds, Strategy, Want};
    /// let f = chainrule::parse("x^2*y")?;
    /// let mut product = Backprop.prepare(&f, Want::Hvp, &Budget::default())?;
    /// let mut out = Derivative::default();
    /// product.run_with(&[3.0, 5.0], Seeds { along: &[1.0, 0.0], ..Seeds::NONE }, &mut out)?;
    /// assert_eq!((out.shape, out.entries), ([2, 1], vec![10.0, 6.0]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`run`](Self::run).
    ///
    /// # Panics
    /// When there are not as many numbers as the want takes, as for points.
    fn run_with(&mut self, x: &[f64], seeds: Seeds<'_>, out: &mut Derivative) -> Result<(), Refusal> {
        expr::expect_length(seeds.along.len() + seeds.weights.len(), "seeds", 0, "gradients take none");
        self.run(x, out)
    }

    /// Makes machine code now, where there is any to be made, instead of after some hundred calls and on another thread. Results are
    /// the same in bits.
    ///
    /// ```
    /// use chainrule::{Backprop, Budget, Derivative, Strategy, Want};
    /// let mut prepared = Backprop.prepare(&chainrule::parse("x*y")?, Want::Gradient, &Budget::default())?;
    /// prepared.compile();
    /// let mut out = Derivative::default();
    /// prepared.run(&[2.0, 3.0], &mut out)?;
    /// assert_eq!(out.gradient, [3.0, 2.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn compile(&mut self) {}

    /// What one derivative takes.
    fn cost(&self) -> Cost;

    /// Evaluations of single nodes that one derivative takes at most, known before the first.
    fn most_work(&self) -> f64 {
        self.cost().nodes as f64
    }

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
///
/// ```
/// # #[cfg(feature = "symbolic")] {
/// use chainrule::symbolic::Mode;
/// use chainrule::{Budget, Remark, Strategy, Symbolic, Want};
/// let f = chainrule::parse("x*y*z")?;
/// let prepared = Symbolic::default().prepare(&f, Want::Gradient, &Budget::default())?;
/// assert!(matches!(prepared.remarks()[0], Remark::Mode(Mode::Reverse))); // the smaller of the two
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// # #[cfg(feature = "symbolic")] {
/// use chainrule::{Budget, Strategy, Symbolic, Want};
/// let f = chainrule::parse("x^2*y")?;
/// let prepared = Symbolic::default().prepare(&f, Want::Gradient, &Budget::default())?;
/// let formulas = prepared.formulas().unwrap();
/// assert_eq!(formulas.text(), ["2*x*y", "x^2"]);
/// assert_eq!(formulas.function.evaluate((), &[3.0, 1.0])[formulas.partials.clone()], [6.0, 9.0]);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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

/// What a strategy may use. Counts, never seconds, so that results repeat.
///
/// ```
/// use chainrule::{AccurateBackprop, Backprop, Budget, Refusal, Strategy, Unit, Want};
/// let f = chainrule::parse("x + sin(x) + sin(2*x)")?.unroll(1_000)?; // without loops
/// let large = chainrule::parse("sum(i, 1, 1000, sum(j, 1, i, x[i]*x[j]))")?;
/// let budget = Budget { nodes: 1_000, ..Budget::default() };
/// assert!(Backprop.prepare(&f, Want::Gradient, &budget).is_ok());
/// assert!(Backprop.prepare(&large, Want::Gradient, &budget).is_ok()); // its loops stay loops
/// let refused = AccurateBackprop.prepare(&large, Want::Gradient, &budget).err().unwrap();
/// assert!(matches!(refused, Refusal::OverBudget { budget: 1_000, unit: Unit::Nodes, .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Nodes of any graph that is built.
    pub nodes: u64,
    /// Evaluations of the function per derivative.
    pub evaluations: u64,
    /// Entries of a dense matrix.
    pub entries: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { nodes: 20_000_000, evaluations: 1_000_000, entries: 25_000_000 }
    }
}

/// A point's answer. Matrices are row after row: one row per output, one column per scalar input.
///
/// ```
/// let out = chainrule::gradient("[x*y, x + y]")?.derivative_at(&[2.0, 3.0])?;
/// assert_eq!(out.values, [6.0, 5.0]);
/// assert_eq!(out.gradient.chunks(2).collect::<Vec<_>>(), [[3.0, 2.0], [1.0, 1.0]]);
/// assert!(out.error_estimate.is_none() && out.blind.is_empty()); // those are of finite differences
/// # Ok::<(), chainrule::GradientError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Derivative {
    /// The outputs.
    pub values: Vec<f64>,
    /// The gradients; with second derivatives that of the weighted sum of the outputs.
    pub gradient: Vec<f64>,
    /// What was asked for, if that is not gradients: row after row.
    pub entries: Vec<f64>,
    /// How many rows and columns these are.
    pub shape: [usize; 2],
    /// The strategy's own estimate of the absolute error of each component, or of each entry, where it makes one.
    pub error_estimate: Option<Vec<f64>>,
    /// Of each of these, why the strategy found that it cannot see the slope; its estimate is infinite or NaN there.
    /// Empty for strategies that make no estimate.
    pub blind: Vec<Option<Blind>>,
}

impl Derivative {
    /// Room for so many values and gradients, and no estimates: for strategies that make none.
    pub(crate) fn make_room(&mut self, outputs: usize, inputs: usize) {
        self.values.resize(outputs, 0.0);
        self.gradient.resize(outputs * inputs, 0.0);
        self.entries.clear();
        self.shape = [0, 0];
        self.error_estimate = None;
        self.blind.clear();
    }
}

/// What one derivative takes.
///
/// ```
/// use chainrule::{Budget, Derivative, Strategy, StrategySpec, Want};
/// let f = chainrule::parse("x*y*z")?;
/// let mut prepared = "numerical=central-2".parse::<StrategySpec>()?.prepare(&f, Want::Gradient, &Budget::default())?;
/// prepared.run(&[1.0, 2.0, 3.0], &mut Derivative::default())?;
/// assert_eq!(prepared.cost().evaluations, 1 + 2 * 3); // of the last point
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// assert_eq!(format!("{} of 100 {}", 7, chainrule::Unit::Evaluations), "7 of 100 evaluations");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nodes of a graph.
    Nodes,
    /// Evaluations of the function.
    Evaluations,
    /// Entries of a matrix.
    Entries,
    /// Evaluations of single nodes: what an evaluation of the function costs, times how many there are.
    NodeEvaluations,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unit::Nodes => "nodes",
            Unit::Evaluations => "evaluations",
            Unit::Entries => "entries",
            Unit::NodeEvaluations => "node evaluations",
        })
    }
}

/// Why a strategy gives no answer.
///
/// ```
/// use chainrule::{Budget, Numerical, Strategy, Want};
/// let f = chainrule::parse("x*y*z")?;
/// let budget = Budget { evaluations: 10, ..Budget::default() };
/// let refused = Numerical::default().prepare(&f, Want::Gradient, &budget).err().unwrap();
/// assert_eq!(refused.to_string(), "it would take 6.370e2 evaluations; the budget is 10");
/// # Ok::<(), chainrule::Diagnostic>(())
/// ```
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
    /// The variant does not find this kind of derivative.
    #[error("{spec} finds no {want}")]
    NotOffered {
        /// The variant.
        spec: StrategySpec,
        /// What was wanted.
        want: Want,
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
