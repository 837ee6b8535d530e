//! What an expression that is being read has left open.

use std::ops::Range;

use super::Logic;
use expr::Op;

/// What waits for its right-hand side or its closing bracket.
pub(super) enum Pending {
    Prefix { what: Prefix, precedence: u8, start: usize },
    Infix { what: Infix, precedence: u8 },
    Open(Open),
}

#[derive(Clone, Copy)]
pub(super) enum Prefix {
    Plus,
    Minus,
    Not,
    Root,
    /// The header of an array, before its body.
    Array,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Infix {
    Op(Op),
    Logic(Logic),
}

pub(super) struct Open {
    pub(super) what: Bracket,
    pub(super) place: Range<usize>,
    /// How many operands stood before it.
    pub(super) operands: usize,
}

pub(super) enum Bracket {
    Group,
    /// `|x|`
    Bar,
    Call(String, Range<usize>),
    Subscript(String, Range<usize>),
    Pick,
    List,
    /// `[i: 1..n`, or `y[j: 1..n` with the name of a state.
    Header(Option<(String, Range<usize>)>, Vec<String>),
}

impl Bracket {
    pub(super) fn closing(&self) -> &'static str {
        match self {
            Bracket::Group | Bracket::Call(..) => ")",
            Bracket::Bar => "|",
            _ => "]",
        }
    }
}
