//! The variants that are raced as a function grows, and what each would take before it is started.

use chainrule::{
    Backprop, CompiledFunction, Numerical, Precision, Refusal, Strategy, StrategyName, StrategySpec,
    Symbolic, Unit,
};
use expr::Function;
use numerical::Scheme;
use symbolic::{self, Limits, Mode as Order, textbook_size};

use super::Options;

/// Which strategy is run, and on which form of the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariantSpec {
    /// With its axes.
    Written(StrategySpec),
    /// Without them.
    Flat(StrategySpec),
    /// None: its formulas are counted as trees.
    Counted,
}

impl VariantSpec {
    /// Which of the strategies it is.
    pub fn strategy(self) -> StrategyName {
        match self {
            VariantSpec::Written(spec) | VariantSpec::Flat(spec) => spec.name(),
            VariantSpec::Counted => StrategyName::Symbolic,
        }
    }

    /// How it is run, for people.
    pub fn form(self) -> String {
        match self {
            VariantSpec::Written(StrategySpec::Backprop(Precision::Standard)) => "loops kept".to_owned(),
            VariantSpec::Flat(StrategySpec::Backprop(Precision::Standard)) => "unrolled".to_owned(),
            VariantSpec::Written(spec) | VariantSpec::Flat(spec) => spec.variant(),
            VariantSpec::Counted => "tree, counted".to_owned(),
        }
    }

    /// Both: `backprop (unrolled)`.
    pub fn label(self) -> String {
        format!("{} ({})", self.strategy(), self.form())
    }
}

/// One way to a gradient.
pub struct Variant {
    /// What it is.
    pub spec: VariantSpec,
    pub(crate) run: Run,
    /// Whether it may start, by what can be counted beforehand.
    pub(crate) check: fn(&Sized<'_>, &Options) -> Result<(), Refusal>,
}

/// How a variant is run.
pub(crate) enum Run {
    /// On the function with its axes.
    Written(Box<dyn Strategy>),
    /// On the function without them.
    Flat(Box<dyn Strategy>),
    /// Not at all: its formulas are counted as trees.
    Tree,
}

/// A function at one size, and what is counted of it.
pub(crate) struct Sized<'a> {
    pub(crate) written: &'a Function,
    pub(crate) flat: &'a Function,
    /// Operators of one evaluation.
    pub(crate) steps: u64,
    /// Operators that run when each input has moved once, only what depends on it each time; where that is less.
    pub(crate) cones: Option<u64>,
}

impl<'a> Sized<'a> {
    pub(crate) fn new(written: &'a Function, flat: &'a Function) -> Sized<'a> {
        let mut value = CompiledFunction::new(flat);
        Sized { written, flat, steps: value.work(), cones: value.moved_work() }
    }

    /// `each` for every input.
    fn of_all_inputs(&self, each: u64) -> f64 {
        self.flat.input_count() as f64 * each as f64
    }
}

impl Variant {
    /// Any strategy, on the function with its axes; checked by nothing but itself.
    pub fn of(strategy: Box<dyn Strategy>) -> Variant {
        Variant::new(Run::Written(strategy), |_, _| Ok(()))
    }

    fn new(run: Run, check: fn(&Sized<'_>, &Options) -> Result<(), Refusal>) -> Variant {
        let spec = match &run {
            Run::Written(strategy) => VariantSpec::Written(strategy.spec()),
            Run::Flat(strategy) => VariantSpec::Flat(strategy.spec()),
            Run::Tree => VariantSpec::Counted,
        };
        Variant { spec, run, check }
    }

    /// All variants: finite differences that run again only what depends on the input that moved, and as of a function that
    /// nobody can look into; formulas as trees (counted), by the chain rule forward and in reverse, with egg and
    /// without; backpropagation through loops unrolled and kept.
    pub fn all() -> Vec<Variant> {
        let differences =
            |whole| -> Box<dyn Strategy> { Box::new(Numerical { whole, ..Numerical::default() }) };
        let formulas = |variant, egg| {
            let strategy = Symbolic { mode: variant, egg, accurate: false };
            let check = match (variant, egg) {
                (Order::Forward, true) => forward_egg,
                (_, true) => reverse_egg,
                (Order::Forward, false) => sweep_per_input,
                _ => |_: &Sized<'_>, _: &Options| Ok(()),
            };
            Variant::new(Run::Flat(Box::new(strategy)), check)
        };
        vec![
            Variant::new(Run::Flat(differences(false)), partial_evaluations),
            Variant::new(Run::Flat(differences(true)), whole_evaluations),
            Variant::new(Run::Tree, sweep_per_input),
            formulas(Order::Forward, false),
            formulas(Order::Forward, true),
            formulas(Order::Reverse, false),
            formulas(Order::Reverse, true),
            Variant::new(Run::Flat(Box::new(Backprop)), |_, _| Ok(())),
            Variant::new(Run::Written(Box::new(Backprop)), |_, _| Ok(())),
        ]
    }

    /// Whether the variant is anything but another one at this size: loops can only be kept where there are some, and cones
    /// only spared where they are used.
    pub(crate) fn applies(&self, size: &Sized<'_>) -> bool {
        match &self.run {
            Run::Written(_) => matches!(size.written.stages(1, u64::MAX), Ok(Some(_))),
            _ => true,
        }
    }

    /// Evaluates all of f whatever moves.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.spec, VariantSpec::Flat(StrategySpec::Numerical(Numerical { whole: true, .. })))
    }
}

fn within(needed: f64, budget: u64, unit: Unit) -> Result<(), Refusal> {
    if needed > budget as f64 { Err(Refusal::OverBudget { needed, budget, unit }) } else { Ok(()) }
}

/// Evaluations per input at most.
fn evaluations_per_input() -> f64 {
    (Scheme::default().max_evaluations(1) - 1) as f64
}

fn partial_evaluations(size: &Sized<'_>, options: &Options) -> Result<(), Refusal> {
    let moved = size.cones.map_or_else(|| size.of_all_inputs(size.steps), |cones| cones as f64);
    within(evaluations_per_input() * moved, options.work, Unit::NodeEvaluations)
}

fn whole_evaluations(size: &Sized<'_>, options: &Options) -> Result<(), Refusal> {
    within(evaluations_per_input() * size.of_all_inputs(size.steps), options.work, Unit::NodeEvaluations)
}

/// The chain rule from each input upwards meets every node once per input.
fn sweep_per_input(size: &Sized<'_>, options: &Options) -> Result<(), Refusal> {
    within(size.of_all_inputs(size.steps), options.budget.nodes, Unit::Nodes)
}

fn forward_egg(size: &Sized<'_>, options: &Options) -> Result<(), Refusal> {
    sweep_per_input(size, options)?;
    egg(size, options, Order::Forward)
}

fn reverse_egg(size: &Sized<'_>, options: &Options) -> Result<(), Refusal> {
    egg(size, options, Order::Reverse)
}

/// What egg would leave as it is, is the variant without it.
fn egg(size: &Sized<'_>, options: &Options, order: Order) -> Result<(), Refusal> {
    let most = Limits::default().function_nodes as u64;
    let fits = |nodes: usize| within(nodes as f64, most, Unit::Nodes);
    fits(size.flat.graph().len())?;
    let found = symbolic::differentiate(size.flat, order, options.budget.nodes);
    found.map_or(Ok(()), |found| fits(found.function.graph().len()))
}

/// The decimal logarithm of the operators in all formulas of the gradient, written out as trees.
pub(crate) fn tree_size(f: &Function) -> f64 {
    let total = textbook_size(f).into_iter().fold(None, |sum, size| match sum {
        None => Some(size),
        Some(sum) => Some(sum + size),
    });
    total.map_or(f64::NEG_INFINITY, |total| {
        // The leading 64 bits are more than enough for a logarithm.
        let excess = total.bits().saturating_sub(64);
        let leading = (total >> excess).iter_u64_digits().next().unwrap_or(0);
        (leading as f64).log10() + excess as f64 * std::f64::consts::LOG10_2
    })
}
