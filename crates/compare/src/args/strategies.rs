//! Which strategies, and how they are compared.

use std::time::Duration;

use chainrule::{Budget, Strategy, StrategyName, StrategySpec, Symbolic};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use commands::Failure;
use harness::Options;

/// How far derivatives are simplified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Simplify {
    // Comments and no documentation: help lists the values in one place, beside the option.
    // As derived.
    None,
    // What is found within the budget, unless it clearly loses digits.
    Fast,
    // Likewise, unless the worst error against the certified values grows at any output.
    Accurate,
}

const VARIANTS: &str = "\
Variant of a strategy; repeatable
numerical=  adaptive (default), forward, central-2, central-4,
            central-6, richardson, complex-step
symbolic=   auto+egg (default), textbook, forward, reverse, auto;
            with +egg, simplified
backprop=   standard (default), accurate (double-double arithmetic,
            about 32 digits)";

fn strategy_name() -> impl TypedValueParser<Value = StrategyName> {
    PossibleValuesParser::new(StrategyName::ALL.map(StrategyName::as_str)).try_map(|name| name.parse())
}

#[derive(Args)]
#[command(next_help_heading = "Strategies")]
pub(crate) struct StrategyArgs {
    /// Use only this strategy; repeatable
    #[arg(long, value_name = "NAME", value_parser = strategy_name())]
    strategy: Vec<StrategyName>,
    #[arg(long, value_name = "STRATEGY=NAME", help = VARIANTS)]
    variant: Vec<String>,
    /// How far to simplify symbolic derivatives: not at all, unless that clearly loses digits, or only where no output
    /// becomes less accurate
    #[arg(long, value_enum)]
    simplify: Option<Simplify>,
    /// Of functions of more nodes only some components are certified, by the terms that read them; 0: none
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub(crate) reference_nodes: usize,
    /// Measure no times: answers in milliseconds
    #[arg(long)]
    pub(crate) no_times: bool,
    /// Number of threads (default 1 for comparisons, so that times are single-threaded)
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl StrategyArgs {
    /// The strategies asked for, in the order numerical, symbolic, backprop.
    pub(crate) fn build(&self) -> Result<Vec<Box<dyn Strategy>>, Failure> {
        let mut variants = Vec::new();
        for text in &self.variant {
            let found = text
                .split_once('=')
                .and_then(|(name, variant)| Some((name.parse::<StrategyName>().ok()?, variant)));
            variants.push(found.ok_or_else(|| {
                Failure::text(format!("--variant {text}: write it as numerical=central-4, symbolic=reverse+egg or backprop=accurate"))
            })?);
        }
        let wanted = |name: &StrategyName| self.strategy.is_empty() || self.strategy.contains(name);
        let build = |name: StrategyName| -> Result<Box<dyn Strategy>, Failure> {
            let variant = variants.iter().rev().find(|(of, _)| *of == name).map(|(_, variant)| *variant);
            let spec = variant.map_or(Ok(name.into()), |variant| name.variant(variant));
            let spec = spec.map_err(|error| Failure::text(format!("--variant {name}: {error}")))?;
            Ok(Box::new(match (spec, self.simplify) {
                (StrategySpec::Symbolic(symbolic), Some(simplify)) => StrategySpec::Symbolic(Symbolic {
                    egg: simplify != Simplify::None,
                    accurate: simplify == Simplify::Accurate,
                    ..symbolic
                }),
                (spec, _) => spec,
            }))
        };
        StrategyName::ALL.into_iter().filter(wanted).map(build).collect()
    }

    /// How to compare; graphs have at most so many nodes.
    pub(crate) fn options(&self, max_nodes: u64) -> Options {
        let budget = Budget { nodes: max_nodes, ..Budget::default() };
        let patience = (!self.no_times).then_some(Duration::from_millis(100));
        Options { budget, patience, reference_nodes: self.reference_nodes, ..Options::default() }
    }

    /// Does something on the threads asked for: on one, where none are, so that times are those of one.
    pub(crate) fn on_threads<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let most = std::thread::available_parallelism().map_or(1, usize::from);
        chainrule::on_threads(self.threads.unwrap_or(1).clamp(1, most), work)
    }
}
