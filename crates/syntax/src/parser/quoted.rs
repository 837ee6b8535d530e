//! Pieces of the text as messages repeat them; and notes on what is read in a way that its writer may not expect.

use std::ops::Range;

use super::pending::{Infix, Pending};
use super::{Parser, Syntax};
use crate::diagnostic::Diagnostic;
use crate::token::{Kind, Token};
use expr::Op;

/// A longer piece of text is not repeated in advice.
const MAX_QUOTED: usize = 40;

impl Parser<'_> {
    /// A piece of the text, unless it is long or nothing.
    pub(super) fn quoted(&self, place: Range<usize>) -> Option<&str> {
        let text = self.text.get(place)?.trim();
        let short = text.chars().count() <= MAX_QUOTED && !text.contains('\n');
        (short && !text.is_empty()).then_some(text)
    }

    pub(super) fn quoted_or(&self, place: Range<usize>, other: &'static str) -> String {
        self.quoted(place).unwrap_or(other).to_owned()
    }

    /// The text of the operand that is so many operands back; what is long is left out.
    pub(super) fn operand_text(&self, back: usize) -> String {
        let id = self.operands[self.operands.len() - 1 - back];
        self.quoted_or(self.program.nodes[id].place.clone(), "(…)")
    }

    /// Where the name, number, call or bracket that begins with this token ends, powers of it included.
    pub(super) fn factor_end(&self, mut token: usize) -> usize {
        loop {
            let mut depth = 0usize;
            loop {
                let Some(Token { kind, .. }) = self.tokens.get(token) else { return token };
                match kind {
                    Kind::Sign("(" | "[") => depth += 1,
                    Kind::Sign(")" | "]") => depth = depth.saturating_sub(1),
                    Kind::Break | Kind::End => return token,
                    _ => {}
                }
                token += 1;
                let opens = matches!(self.tokens[token].kind, Kind::Sign("(" | "["))
                    && self.tokens[token - 1].kind == Kind::Name;
                if depth == 0 && !opens {
                    break;
                }
            }
            if self.tokens[token].kind != Kind::Sign("^") {
                return token;
            }
            token += 1;
            if self.tokens[token].kind == Kind::Sign("-") {
                token += 1;
            }
        }
    }

    /// The place of the factor that begins with this token.
    pub(super) fn factor(&self, token: usize) -> Range<usize> {
        self.tokens[token].place.start..self.tokens[self.factor_end(token) - 1].place.end
    }

    /// What a function without parentheses is applied to: factors that touch each other.
    pub(super) fn argument(&self, first: usize) -> Range<usize> {
        let mut token = self.factor_end(first);
        while matches!(self.tokens[token].kind, Kind::Name | Kind::Number | Kind::Sign("(" | "²" | "³"))
            && self.tokens[token].place.start == self.tokens[token - 1].place.end
        {
            token = match self.tokens[token].kind {
                Kind::Sign("²" | "³") => token + 1,
                _ => self.factor_end(token),
            };
        }
        self.tokens[first].place.start..self.tokens[token - 1].place.end
    }

    /// The name that the operand just read is by itself.
    pub(super) fn bare_name(&self) -> Option<(&str, Range<usize>)> {
        let node = &self.program.nodes[*self.operands.last()?];
        match &node.syntax {
            Syntax::Name(name) if self.tokens[self.next - 1].kind == Kind::Name => {
                Some((name, node.place.clone()))
            }
            _ => None,
        }
    }

    /// `1/2x` is `(1/2)*x`.
    pub(super) fn note_quotient(&mut self, place: &Range<usize>) {
        let waits = self.pending.iter().rev().find(|pending| !matches!(pending, Pending::Prefix { .. }));
        let Some(Pending::Infix { what: Infix::Op(Op::Div), .. }) = waits else { return };
        let start = self.program.nodes[self.operands[self.operands.len() - 2]].place.start;
        let factor = self.factor(self.next);
        let quotient = self.quoted(start..place.start).unwrap_or("a/b");
        let whole = start..factor.end;
        let (left, right) = (self.operand_text(1), self.operand_text(0));
        let factor = self.quoted_or(factor, "(…)");
        let note =
            Diagnostic::at(whole, format!("read as ({quotient})*{factor}"), "the quotient comes first")
                .help(format!("write {left}/({right}*{factor}) to divide by the product"));
        self.program.notes.push(note);
    }

    /// `0x1F`, `1_000` and `2e` are products.
    pub(super) fn note_number(&mut self, place: &Range<usize>) {
        let before = &self.tokens[self.next - 1];
        if before.kind != Kind::Number || self.peek().kind != Kind::Name {
            return;
        }
        let (number, name) = (self.word(&before.place), self.word(place));
        let help = match name {
            "e" | "E" if !matches!(self.tokens[self.next + 1].kind, Kind::Sign("^")) => {
                "a number with an exponent has digits after the e, as in 2e3"
            }
            _ if name.starts_with('_') => "digits are written without signs between them",
            _ if number == "0"
                && name.starts_with(['x', 'b', 'o'])
                && name[1..].starts_with(|c: char| c.is_ascii_digit()) =>
            {
                "numbers are written in decimal"
            }
            _ => return,
        };
        let whole = before.place.start..place.end;
        let note = Diagnostic::at(whole, format!("read as {number}*{name}"), "a product").help(help);
        self.program.notes.push(note);
    }
}
