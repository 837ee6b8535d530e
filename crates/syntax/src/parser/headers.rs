//! Headers of arrays, `[i: 1..m, j: 1..n]`: index variables and their ranges, before a body or after the name of a state.

use std::ops::Range;

use super::pending::{Bracket, Open, Pending, Prefix};
use super::{Parser, Syntax};
use crate::diagnostic::Diagnostic;

/// The body of an array takes everything up to the next comma, statement or closing bracket.
const WHOLE: u8 = 0;

impl Parser<'_> {
    /// A header begins at this bracket, with `name:`.
    pub(super) fn open_header(&mut self, head: Option<(String, Range<usize>)>, place: Range<usize>) {
        let index = self.word(&self.peek().place).to_owned();
        self.next += 2;
        let what = Bracket::Header(head, vec![index]);
        self.pending.push(Pending::Open(Open { what, place, operands: self.operands.len() }));
    }

    /// How many bounds of the innermost header are there, and how many there are to be.
    fn bounds(&self) -> (usize, usize) {
        match self.opens().next() {
            Some(Open { what: Bracket::Header(_, indices), operands, .. }) => {
                (self.operands.len() - operands, 2 * indices.len())
            }
            _ => unreachable!("asked inside a header"),
        }
    }

    /// `..` between two bounds.
    pub(super) fn range(&self, place: Range<usize>) -> Result<(), Diagnostic> {
        let (given, wanted) = self.bounds();
        if given + 1 == wanted { Ok(()) } else { Err(no_range(place)) }
    }

    /// After a comma: the next index variable.
    pub(super) fn next_index(&mut self, comma: Range<usize>) -> Result<(), Diagnostic> {
        let (given, wanted) = self.bounds();
        if given != wanted {
            return Err(no_range(comma));
        }
        if !self.begins_header(0) {
            return Err(no_range(self.peek().place.clone()));
        }
        let index = self.word(&self.peek().place).to_owned();
        self.next += 2;
        if let Some(Pending::Open(Open { what: Bracket::Header(_, indices), .. })) = self.pending.last_mut() {
            indices.push(index);
        }
        Ok(())
    }

    /// The closing bracket of a header; says whether a body follows.
    pub(super) fn close_header(
        &mut self,
        head: Option<(String, Range<usize>)>,
        indices: Vec<String>,
        operands: usize,
        place: Range<usize>,
    ) -> Result<bool, Diagnostic> {
        if self.operands.len() - operands != 2 * indices.len() {
            return Err(no_range(place.end - 1..place.end));
        }
        if let Some((name, head)) = head {
            let bounds = self.operands.split_off(operands);
            let id = self.push(Syntax::State(name, indices), bounds, head.start..place.end, head);
            self.operands.push(id);
            return Ok(false);
        }
        if std::mem::take(&mut self.defines_array) && self.sign(0, "=") {
            self.next += 1;
        }
        self.pending.push(Pending::Prefix { what: Prefix::Array, precedence: WHOLE, start: place.start });
        self.headers.push((indices, place));
        Ok(true)
    }

    /// The body of the innermost header is complete.
    pub(super) fn close_array(&mut self, start: usize) {
        let (indices, head) = self.headers.pop().expect("a header per array");
        let children = self.operands.split_off(self.operands.len() - 2 * indices.len() - 1);
        let end = self.program.nodes[children[children.len() - 1]].place.end;
        let id = self.push(Syntax::Array(indices), children, start..end, head);
        self.operands.push(id);
    }

    /// Whether the bracket that is open holds a header.
    pub(super) fn in_header(&self) -> bool {
        matches!(self.opens().next(), Some(Open { what: Bracket::Header(..), .. }))
    }
}

fn no_range(place: Range<usize>) -> Diagnostic {
    Diagnostic::at(place, "the header of an array gives every index variable its range", "not of this form")
        .help("write [i: 1..n] x[i], or [i: 1..m, j: 1..n] A[i,j]")
}
