//! The words that make the exit status 1.

use clap::Args;

/// The words of verdicts and claims.
const WORDS: [&str; 11] = [
    "disagree",
    "unchecked",
    "overflow",
    "undefined",
    "kink",
    "removable",
    "refused",
    "agree",
    "proved",
    "refuted",
    "unknown",
];

/// The words that make the exit status 1 unless others are named.
pub(crate) fn default_failing() -> Vec<String> {
    ["disagree", "refuted"].map(str::to_owned).into()
}

#[derive(Args)]
pub(crate) struct FailingArgs {
    /// Exit with status 1 when one of these words occurs: disagree, unchecked, overflow, undefined, kink, removable,
    /// refused; for claims refuted, unknown [default: disagree,refuted]
    #[arg(
        long = "fail-on",
        value_name = "LIST",
        value_delimiter = ',',
        default_values_t = default_failing(),
        value_parser = clap::builder::PossibleValuesParser::new(WORDS),
        hide_possible_values = true,
        hide_default_value = true,
        help_heading = "Output"
    )]
    pub(crate) words: Vec<String>,
}
