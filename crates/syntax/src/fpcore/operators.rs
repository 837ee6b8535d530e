//! The operators of FPCore that have a counterpart here.

use std::ops::RangeInclusive;

use expr::Op;

/// How many arguments an operator takes, if it is one that we have.
pub(super) fn arity(head: &str) -> Option<RangeInclusive<usize>> {
    Some(match head {
        "+" | "*" | "fmin" | "fmax" => 2..=usize::MAX,
        "-" => 1..=usize::MAX,
        "/" => 2..=usize::MAX,
        "and" | "or" => 0..=usize::MAX,
        "fma" | "if" => 3..=3,
        "fdim" => 2..=2,
        "not" => 1..=1,
        head if comparison(head).is_some() => 0..=usize::MAX,
        head => function(head).map(|op| op.arity()..=op.arity())?,
    })
}

pub(super) fn comparison(head: &str) -> Option<Op> {
    Some(match head {
        "<" => Op::Lt,
        "<=" => Op::Le,
        ">" => Op::Gt,
        ">=" => Op::Ge,
        "==" => Op::Eq,
        "!=" => Op::Ne,
        _ => return None,
    })
}

/// Functions that have a counterpart; most have the same name.
pub(super) fn function(head: &str) -> Option<Op> {
    Some(match head {
        "fabs" => Op::Abs,
        "log" => Op::Ln,
        "fmod" => Op::Rem,
        "pow" | "sqrt" | "cbrt" | "hypot" | "exp" | "exp2" | "expm1" | "log1p" | "log2" | "log10" | "sin"
        | "cos" | "tan" | "asin" | "acos" | "atan" | "atan2" | "sinh" | "cosh" | "tanh" | "asinh"
        | "acosh" | "atanh" | "erf" | "erfc" | "floor" | "ceil" | "round" | "trunc" => Op::by_name(head)?,
        _ => return None,
    })
}
