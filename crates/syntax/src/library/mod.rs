//! The functions of the language: what each is called, takes, means, and how it is differentiated.
//!
//! Most are rows of the operator table. The others are written here by those rows, and are gone once the text is read.

mod catalogue;
mod definitions;

pub use catalogue::{Entry, Group, catalogue};

pub(crate) use definitions::{define, written};

use expr::{Form, Op};

/// Whether an operator can be called by its name: those with a sign of their own are not, but for the powers.
pub(crate) fn is_callable(op: Op) -> bool {
    op.form() == Form::Call || matches!(op, Op::Pow | Op::Powi)
}

/// The fewest and the most arguments of a function of the language, other than those that bind names.
pub(crate) fn arity(name: &str) -> Option<(usize, usize)> {
    match name {
        "min" | "max" => Some((2, usize::MAX)),
        "log" => Some((1, 2)),
        "if" => Some((3, 3)),
        "sec" | "csc" | "cot" | "acot" | "coth" | "digamma" | "trigamma" => Some((1, 1)),
        "root" => Some((2, 2)),
        // The order of a derivative, 0 where it is left out.
        "sinc" | "mills" => Some((1, 2)),
        "digammadiff" => Some((2, 3)),
        _ => Op::by_name(name).filter(|op| is_callable(*op)).map(|op| (op.arity(), op.arity())),
    }
}

/// The names of all functions.
pub(crate) fn functions() -> impl Iterator<Item = &'static str> + use<> {
    let operators = Op::ALL.iter().filter(|op| is_callable(**op)).map(|op| op.name());
    let defined = ["log", "sec", "csc", "cot", "acot", "coth", "root", "digamma", "trigamma"];
    let arrays = ["mean", "var", "norm", "dot", "softmax", "logsumexp", "transpose"];
    operators
        .chain(defined)
        .chain(["if", "sum", "prod", "iterate", "iterate_down", "scan", "scan_down", "until"])
        .chain(arrays)
}

/// What to write instead of a function that people look for and that is not there.
pub(crate) fn instead(name: &str) -> Option<&'static str> {
    Some(match name {
        "gamma" | "tgamma" | "Gamma" => {
            "write exp(lgamma(x)) for x > 0; lgamma is the logarithm of the gamma function"
        }
        "beta" => "write exp(lbeta(a, b)); lbeta is the logarithm of the beta function",
        "betaln" | "logbeta" => "write lbeta(a, b)",
        "normpdf" => "write exp(-x^2/2)/sqrt(2*pi)",
        "pnorm" => "write normcdf(x)",
        "norminv" | "probit" => "write sqrt(2)*erfinv(2*p - 1)",
        "erfcinv" => "write erfinv(1 - x)",
        "asech" | "arsech" => "write acosh(1/x)",
        "acsch" | "arcsch" => "write asinh(1/x)",
        "acoth" | "arcoth" => "write atanh(1/x)",
        _ => return None,
    })
}
