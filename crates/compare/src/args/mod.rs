//! Options that several commands share.

mod failing;
mod function;
mod kind;
mod strategies;

use std::path::Path;

use clap::{Args, ValueEnum};

pub(crate) use failing::{FailingArgs, default_failing};
pub(crate) use function::{FunctionArgs, PointArgs};
pub(crate) use kind::KindArgs;
pub(crate) use strategies::{Simplify, StrategyArgs};

/// The name under which examples are written.
pub(crate) const NAME: &str = "compare";

/// How the answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Csv,
    Markdown,
}

/// In which form the answer is written.
#[derive(Args)]
pub(crate) struct FormatArgs {
    /// Output format.
    #[arg(long, value_enum, default_value = "table", help_heading = "Output")]
    pub(crate) format: Format,
}

/// The name under which the program was started.
pub(crate) fn program() -> &'static str {
    let first = std::env::args_os().next().unwrap_or_default();
    match Path::new(&first).file_stem().and_then(|name| name.to_str()) {
        Some("chainrule") => "chainrule",
        _ => NAME,
    }
}
