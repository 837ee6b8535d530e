//! What `compare derive` can be told.

use clap::{Args, ValueEnum};
use export::Target;

use crate::args::{FunctionArgs, Simplify};

const EXAMPLES: &str = "\
Examples:
  compare derive \"sin(x*y) + exp(x/y)\"
  compare derive \"x^3*sin(x^2)\" --steps
  compare derive \"sum(i, 1, n, x[i]^2)\" --to c

Without --size, the formula holds for every size and can be parsed again.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DeriveArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    /// Differentiate by this input only: x, or an element x[2]; repeatable
    #[arg(long, value_name = "INPUT")]
    pub(crate) wrt: Vec<String>,
    /// Order of the derivative: 1 for the gradient, 2 for the Hessian, …
    #[arg(long, value_name = "K", default_value_t = 1, allow_hyphen_values = true)]
    pub(crate) order: i64,
    /// Show the rule applied at each step
    #[arg(long)]
    pub(crate) steps: bool,
    /// Output language
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) to: Written,
    /// How far to simplify: not at all, unless that clearly loses digits, or only where no output becomes less accurate
    #[arg(long, value_enum, default_value = "fast")]
    pub(crate) simplify: Simplify,
    /// Formulas for people (the default for text, latex and --steps), or with the fewest operations (for programs)
    #[arg(long, value_enum, value_name = "FORM")]
    pub(crate) form: Option<Form>,
    /// json: the text, each partial derivative by itself, and what simplification did
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
    Python,
    Fpcore,
    Dot,
}

impl Written {
    /// The target of the exporters.
    pub(super) fn target(self) -> Target {
        match self {
            Written::Text => Target::Text,
            Written::Latex => Target::Latex,
            Written::Rust => Target::Rust,
            Written::C => Target::C,
            Written::Python => Target::Python,
            Written::Fpcore => Target::Fpcore,
            Written::Dot => Target::Dot,
        }
    }
}

/// Which form of the derivative is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    // What a textbook would print.
    Reader,
    // What takes the fewest operations over all partial derivatives.
    Machine,
}

/// How a derivative is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeriveFormat {
    // The text itself.
    Table,
    Json,
}
