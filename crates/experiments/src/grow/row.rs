//! One variant at one size: what it took, how far off it was, or why it did not run.

use chainrule::Refusal;

use super::crossing::Price;
use harness::Outcome;
use harness::judge::ulp_distance;
use harness::measure::Times;

/// What the answers at a size are held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The certified gradient.
    Certified,
    /// Backpropagation in some 32 digits.
    Accurate,
    /// Each other.
    None,
}

impl Reference {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Reference::Certified => "certified",
            Reference::Accurate => "accurate",
            Reference::None => "none",
        }
    }
}

/// A figure that a law of growth is fitted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Nanoseconds per gradient, the fastest.
    Time,
    /// Nanoseconds to prepare.
    Prepare,
    /// Nodes of the graph that is run, or would be.
    Nodes,
    /// Evaluations of f per gradient.
    Evaluations,
}

impl Figure {
    /// Every figure.
    pub const ALL: [Figure; 4] = [Figure::Time, Figure::Prepare, Figure::Nodes, Figure::Evaluations];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Figure::Time => "gradient",
            Figure::Prepare => "prepare",
            Figure::Nodes => "nodes",
            Figure::Evaluations => "evaluations",
        }
    }
}

/// How far a gradient is from the reference, over the components that it has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Errors {
    /// Doubles between the component that is furthest off and its reference.
    pub worst_ulp: f64,
    /// Of the component in the middle.
    pub median_ulp: f64,
    /// The largest relative error of a component.
    pub worst: f64,
    /// The relative error in the middle.
    pub median: f64,
}

impl Errors {
    /// Nothing where no slope is known.
    pub(crate) fn of(gradient: &[f64], slopes: &[Option<f64>]) -> Option<Errors> {
        let pairs = || gradient.iter().zip(slopes).filter_map(|(&g, slope)| Some((g, (*slope)?)));
        let sorted = |of: fn((f64, f64)) -> f64| {
            let mut all: Vec<f64> = pairs().map(of).collect();
            // NaN, were there one, is the worst.
            all.sort_by(f64::total_cmp);
            all
        };
        let ulps = sorted(|(g, slope)| ulp_distance(g, slope));
        let relative = sorted(|(g, slope)| if g == slope { 0.0 } else { (g - slope).abs() / slope.abs() });
        let middle = |all: &[f64]| all.get(all.len() / 2).copied();
        Some(Errors {
            worst_ulp: *ulps.last()?,
            median_ulp: middle(&ulps)?,
            worst: *relative.last()?,
            median: middle(&relative)?,
        })
    }
}

/// One variant at one size.
#[derive(Clone, Debug)]
pub struct Row {
    /// The size n.
    pub size: usize,
    /// An index into the variants.
    pub variant: usize,
    /// Scalar inputs.
    pub inputs: usize,
    /// Nodes of the unrolled function.
    pub function_nodes: usize,
    /// What the comparator says; nothing for what is counted and not run.
    pub outcome: Option<Outcome>,
    /// Why it did not run.
    pub refusal: Option<Refusal>,
    /// The decimal logarithm of the nodes of the graph that it runs (of formulas as trees: operators, which outgrow any
    /// machine number).
    pub log10_nodes: Option<f64>,
    /// Those nodes, where a double holds them exactly.
    pub nodes: Option<u64>,
    /// Nanoseconds to prepare, the fastest of a few; only of gradients that pass the comparator, like all times.
    pub prepare: Option<f64>,
    /// Nanoseconds per gradient.
    pub gradient: Option<Times>,
    /// Nanoseconds per evaluation of f.
    pub function: Option<Times>,
    /// Bytes held between runs.
    pub bytes: Option<u64>,
    /// Evaluations of f per gradient.
    pub evaluations: Option<u64>,
    /// How far off it is.
    pub errors: Option<Errors>,
    /// From what.
    pub reference: Reference,
    /// From so many gradients on it is cheaper than finite differences, preparation included.
    pub pays_from: Option<f64>,
}

impl Row {
    pub(crate) fn new(
        size: usize,
        variant: usize,
        inputs: usize,
        function_nodes: usize,
        function: Option<Times>,
        reference: Reference,
    ) -> Row {
        Row {
            size,
            variant,
            inputs,
            function_nodes,
            outcome: Some(Outcome::Refused),
            refusal: None,
            log10_nodes: None,
            nodes: None,
            prepare: None,
            gradient: None,
            function,
            bytes: None,
            evaluations: None,
            errors: None,
            reference,
            pays_from: None,
        }
    }

    pub(crate) fn nodes(&mut self, nodes: u64) {
        self.nodes = Some(nodes);
        self.log10_nodes = Some((nodes as f64).log10());
    }

    /// The word for what became of it.
    pub fn word(&self) -> &'static str {
        self.outcome.map_or("counted", Outcome::word)
    }

    /// How many evaluations of f a gradient takes as long as.
    pub fn ratio(&self) -> Option<f64> {
        Some(self.gradient?.min / self.function?.min)
    }

    /// The natural logarithm of a figure.
    pub fn ln(&self, figure: Figure) -> Option<f64> {
        match figure {
            Figure::Time => Some(self.gradient?.min.ln()),
            Figure::Prepare => Some(self.prepare?.ln()),
            Figure::Nodes => Some(self.log10_nodes? * std::f64::consts::LN_10),
            Figure::Evaluations => Some((self.evaluations? as f64).ln()),
        }
    }

    pub(crate) fn price(&self) -> Option<Price> {
        Some(Price { variant: self.variant, prepare: self.prepare?, gradient: self.gradient?.min })
    }
}
