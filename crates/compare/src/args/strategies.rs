//! Which strategies, and how they are compared.

use std::time::Duration;

use chainrule::{Budget, Strategy};
use clap::{Args, ValueEnum};
use harness::Options;

use crate::input::Problem;

/// How derivatives are simplified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Simplify {
    /// Not at all: the formula as derived.
    None,
    /// By what is found within the budget, unless it clearly loses digits.
    Fast,
    /// Likewise, unless the worst error against the certified values is larger at any output.
    Accurate,
}

#[derive(Args)]
pub(crate) struct StrategyArgs {
    /// Only this strategy: numerical, symbolic or backprop; repeatable.
    #[arg(long, value_name = "NAME")]
    strategy: Vec<String>,
    /// A form of a strategy: numerical=central-4, symbolic=forward+egg; repeatable.
    #[arg(long, value_name = "STRATEGY=FORM")]
    variant: Vec<String>,
    /// How symbolic derivatives are simplified: `fast` unless that clearly loses digits, `accurate` only where the worst
    /// error against the reference does not grow, or not at all.
    #[arg(long, value_enum)]
    simplify: Option<Simplify>,
    /// Above so many nodes of the unrolled function, no certified reference is computed.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub(crate) reference_nodes: usize,
    /// Measure no times: answers come in milliseconds.
    #[arg(long)]
    no_times: bool,
    /// The number of threads; comparisons take one, so that times are those of one.
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    #[arg(skip)]
    pub(crate) max_nodes: u64,
}

impl StrategyArgs {
    /// The strategies asked for, in the order numerical, symbolic, backprop.
    pub(crate) fn build(&self) -> Result<Vec<Box<dyn Strategy>>, Problem> {
        for name in &self.strategy {
            if !chainrule::STRATEGIES.contains(&name.as_str()) {
                return Err(Problem::text(format!(
                    "--strategy {name}: there is no such strategy; there are {}",
                    chainrule::STRATEGIES.join(", ")
                )));
            }
        }
        let mut variants = Vec::new();
        for text in &self.variant {
            let (name, variant) = text.split_once('=').filter(|(name, _)| chainrule::STRATEGIES.contains(name)).ok_or_else(
                || Problem::text(format!("--variant {text}: write it as numerical=central-4, symbolic=reverse+egg or backprop=standard")),
            )?;
            variants.push((name, variant));
        }
        let wanted =
            |name: &&&str| self.strategy.is_empty() || self.strategy.iter().any(|asked| asked == **name);
        let build = |name: &&str| {
            let variant = variants.iter().rev().find(|(of, _)| of == name).map(|(_, variant)| *variant);
            let simplified = self.simplify.filter(|_| *name == "symbolic").map(|simplify| {
                let arm = variant.unwrap_or("auto");
                let arm = arm.strip_suffix("+egg").unwrap_or(arm).parse();
                let arm = arm.map_err(|error: chainrule::symbolic::ParseArmError| error.to_string())?;
                let (egg, accurate) = (simplify != Simplify::None, simplify == Simplify::Accurate);
                Ok::<Box<dyn Strategy>, String>(Box::new(chainrule::Symbolic { arm, egg, accurate }))
            });
            simplified
                .unwrap_or_else(|| chainrule::strategy(name, variant))
                .map_err(|error| Problem::text(format!("--variant {name}={error}")))
        };
        chainrule::STRATEGIES.iter().filter(wanted).map(build).collect()
    }

    pub(crate) fn options(&self) -> Options {
        let budget = Budget { nodes: self.max_nodes, ..Budget::default() };
        let patience = (!self.no_times).then_some(Duration::from_millis(100));
        Options { budget, patience, reference_nodes: self.reference_nodes }
    }
}
