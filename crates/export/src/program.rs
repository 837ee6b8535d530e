//! What Rust and C have in common: infix operators, calls, and definitions of what their library lacks.

use std::collections::BTreeSet;

use expr::{Constant, Fold, Form, Op};

use super::Inexpressible;
use super::statements::{ATOM, LOOSE, Language, Piece};

/// How a language writes an operator if not by its name: `#1` stands for the first argument, `@1` for the same in
/// brackets unless it needs none.
pub(super) type Spelling = (Op, &'static str, u8);

/// A language with a library.
pub(super) struct Dialect {
    pub(super) name: &'static str,
    pub(super) spellings: &'static [Spelling],
    /// Operators that the library has under our name.
    pub(super) library: &'static [&'static str],
    /// How a function of the library is called by its name.
    pub(super) call: fn(&str, &[Piece]) -> String,
    /// A comparison as a number.
    pub(super) truth: fn(&str) -> Piece,
    /// The choice between two by a condition.
    pub(super) choice: fn(&str, &Piece, &Piece) -> Piece,
    /// A constant.
    pub(super) constant: fn(&Constant, bool) -> Piece,
    /// Definitions in the language, one after the other, an empty line between them.
    pub(super) definitions: &'static str,
}

/// Writes operators, and notes which definitions that takes.
pub(super) struct Writer<'a> {
    pub(super) dialect: &'a Dialect,
    inputs: Vec<String>,
    known: Vec<(&'static str, &'static str)>,
    used: BTreeSet<usize>,
}

const BRACKETS: (&str, &str) = ("(", ")");

/// A spelling with its arguments.
pub(super) fn spell(spelling: &str, arguments: &[Piece], brackets: (&str, &str)) -> String {
    let mut out = String::new();
    let mut rest = spelling;
    while let Some(at) = rest.find(['#', '@']) {
        out.push_str(&rest[..at]);
        let k = usize::from(rest.as_bytes()[at + 1] - b'1');
        let strength = if rest.as_bytes()[at] == b'@' { ATOM } else { LOOSE };
        out.push_str(&arguments[k].within(strength, brackets));
        rest = &rest[at + 2..];
    }
    out + rest
}

impl<'a> Writer<'a> {
    pub(super) fn new(dialect: &'a Dialect, inputs: Vec<String>) -> Writer<'a> {
        Writer { dialect, inputs, known: definitions(dialect.definitions), used: BTreeSet::new() }
    }

    /// The definitions that what was written takes, in their order.
    pub(super) fn definitions(&self) -> Vec<&'static str> {
        let all = &self.known;
        let mut needed = self.used.clone();
        let mut open: Vec<usize> = needed.iter().copied().collect();
        while let Some(k) = open.pop() {
            for (other, (name, _)) in all.iter().enumerate() {
                if calls(all[k].1, name) && needed.insert(other) {
                    open.push(other);
                }
            }
        }
        needed.into_iter().map(|k| all[k].1).collect()
    }

    fn infix(&self, sign: &str, strength: u8, arguments: &[Piece]) -> Piece {
        let comparison = strength == 1;
        let left = arguments[0].within(if comparison { 2 } else { strength }, BRACKETS);
        let right = arguments[1].within(strength + 1, BRACKETS);
        let text = format!("{left} {sign} {right}");
        if comparison { (self.dialect.truth)(&text) } else { Piece::new(text, strength) }
    }
}

/// Whether a definition calls a function of this name.
fn calls(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        text[at + name.len()..].starts_with('(')
            && !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.')
    })
}

/// Names and texts of all definitions of a file; what has no name (its head) is left out.
pub(super) fn definitions(file: &'static str) -> Vec<(&'static str, &'static str)> {
    let name = |text: &'static str| {
        let head = text.lines().find(|line| !line.starts_with('/'))?;
        let (before, _) = head.split_once('(')?;
        let name = before.rsplit(' ').next()?;
        (!name.is_empty() && !head.starts_with('#')).then_some(name)
    };
    file.split("\n\n").map(str::trim).filter_map(|text| Some((name(text)?, text))).collect()
}

impl Language for Writer<'_> {
    fn constant(&self, constant: &Constant, typed: bool) -> Piece {
        (self.dialect.constant)(constant, typed)
    }

    fn input(&self, position: usize) -> Piece {
        Piece::atom(self.inputs[position].clone())
    }

    fn apply(&mut self, op: Op, arguments: &[Piece]) -> Result<Piece, Inexpressible> {
        let dialect = self.dialect;
        if op == Op::Select {
            let number = format!("{} != 0.0", arguments[0].within(2, BRACKETS));
            let test = arguments[0].test.as_ref().unwrap_or(&number);
            return Ok((dialect.choice)(test, &arguments[1], &arguments[2]));
        }
        if let Some((_, spelling, strength)) = dialect.spellings.iter().find(|(own, ..)| *own == op) {
            self.used.extend((0..self.known.len()).filter(|&k| calls(spelling, self.known[k].0)));
            return Ok(Piece::new(spell(spelling, arguments, BRACKETS), *strength));
        }
        match op.form() {
            // No program has an operator for powers.
            Form::Infix(sign, strength) if sign != "^" => return Ok(self.infix(sign, strength, arguments)),
            Form::Prefix(sign, strength) => {
                let argument = arguments[0].within(strength + 1, BRACKETS);
                return Ok(Piece::new(format!("{sign}{argument}"), strength));
            }
            _ => {}
        }
        let name = op.name();
        if let Some(k) = self.known.iter().position(|(own, _)| *own == name) {
            self.used.insert(k);
            let arguments: Vec<&str> = arguments.iter().map(|piece| piece.text.as_str()).collect();
            return Ok(Piece::atom(format!("{name}({})", arguments.join(", "))));
        }
        if dialect.library.contains(&name) {
            return Ok(Piece::atom((dialect.call)(name, arguments)));
        }
        Err(Inexpressible::Operator { operator: name, language: dialect.name })
    }

    fn fold(&mut self, fold: Fold, terms: &[Piece]) -> Result<Piece, Inexpressible> {
        let mut joined = terms[0].clone();
        for term in &terms[1..] {
            joined = self.apply(fold.op(), &[joined, term.clone()])?;
        }
        Ok(joined)
    }

    fn bound(&self, k: usize) -> String {
        format!("t{k}")
    }
}
