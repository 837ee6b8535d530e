//! What `compare derive` can be told.

use clap::{Parser, ValueEnum};

use crate::args::{FunctionArgs, Simplify};

/// Writes the derivative down: as a formula, or as a program, an equation or a graph for others.
#[derive(Parser)]
#[command(name = "compare derive")]
pub(crate) struct DeriveArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    /// Differentiate by this input only: `x`, or an element `x[2]`; repeatable.
    #[arg(long, value_name = "INPUT")]
    pub(crate) wrt: Vec<String>,
    /// How often: 1 for the gradient, 2 for the Hessian, up to 4.
    #[arg(long, value_name = "K", default_value_t = 1, allow_hyphen_values = true)]
    pub(crate) order: i64,
    /// Name the rule applied at each stage.
    #[arg(long)]
    pub(crate) steps: bool,
    /// What to write it as.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) to: Written,
    /// What may be rewritten afterwards.
    #[arg(long, value_enum, default_value = "fast")]
    pub(crate) simplify: Simplify,
    /// JSON holds the same text, each partial by itself, and what simplification did.
    #[arg(long, value_enum, default_value = "table", value_name = "FORMAT")]
    pub(crate) format: DeriveFormat,
}

/// What a derivative is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Written {
    Text,
    Latex,
    Rust,
    C,
    Fpcore,
    Dot,
}

/// How a derivative is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeriveFormat {
    /// The text itself.
    Table,
    Json,
}
