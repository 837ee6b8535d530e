//! Causes: why a component has no certified derivative, or an answer is not it.

use chainrule::StrategyName;

/// What is the matter; the names are those of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Steps of finite differences are too long, or too short, for this function.
    Step,
    /// Finite differences are off by more than ten times their own estimate.
    Estimate,
    /// One-sided slopes differ, or the function jumps: there, or within a step.
    Kink,
    /// An operator has no finite slope or no value: there, or within a step.
    Singular,
    /// The derivative exists, though the graph as written meets 0·∞, 0/0 or a kink whose sides agree.
    Removable,
    /// A number on the way, or the derivative, is too large for a double.
    Overflow,
    /// A number on the way, or the derivative, is too small for a double.
    Underflow,
    /// The function itself loses digits in double precision.
    Cancellation,
    /// The formula of the derivative loses digits that the function keeps.
    Formula,
    /// The last bit of an input changes the answer by as much.
    IllConditioned,
    /// The derivative is right before it is simplified, and not after.
    Rewrite,
    /// An operator alone is differentiated wrongly.
    Rule,
    /// A nonzero derivative where the pattern has none.
    MissingEntry,
}

impl Kind {
    /// Its name in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Step => "step",
            Kind::Estimate => "estimate",
            Kind::Kink => "kink",
            Kind::Singular => "singular",
            Kind::Removable => "removable",
            Kind::Overflow => "overflow",
            Kind::Underflow => "underflow",
            Kind::Cancellation => "cancellation",
            Kind::Formula => "formula",
            Kind::IllConditioned => "ill-conditioned",
            Kind::Rewrite => "rewrite",
            Kind::Rule => "rule",
            Kind::MissingEntry => "missing-entry",
        }
    }
}

/// A cause with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// What is the matter.
    pub kind: Kind,
    /// The node, in the words of whoever wrote the function.
    pub node: String,
    /// The input whose component shows it; with several outputs behind the output's number: `2,x`.
    pub component: String,
    /// Whose answer it is about; nothing where it is the function's own.
    pub strategy: Option<StrategyName>,
    /// A formula to write instead, tried at the point.
    pub better: Option<String>,
    /// Whether that form is certified at the point, and not only right there.
    pub better_is_certified: bool,
    /// Whether twice the digits mend it.
    pub accurate_helps: bool,
    /// The output.
    pub(crate) output: usize,
    pub(crate) input: usize,
}
