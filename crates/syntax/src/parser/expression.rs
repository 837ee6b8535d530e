//! One expression: operands and operators by turns, what waits for its right-hand side on a stack.

use std::ops::Range;

use super::pending::{Bracket, Infix, Open, Pending, Prefix};
use super::{AstId, Logic, Parser, Syntax};
use crate::diagnostic::Diagnostic;
use crate::token::{Kind, Token};
use expr::{Constant, DecimalError, Form, Op};

const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARISON: u8 = strength(1);
pub(super) const PRODUCT: u8 = strength(3);
const NEGATION: u8 = strength(4);
pub(super) const POWER: u8 = strength(5);
const ROOT: u8 = POWER + 1;

/// Operators of the table bind tighter than those between conditions.
const fn strength(table: u8) -> u8 {
    table + NOT
}

/// The operator that is written so between two arguments, and its precedence; `^` is the real power.
fn infix(sign: &str) -> Option<(Infix, u8)> {
    match sign {
        "and" => return Some((Infix::Logic(Logic::And), AND)),
        "or" => return Some((Infix::Logic(Logic::Or), OR)),
        _ => {}
    }
    Op::ALL.iter().find_map(|&op| match op.form() {
        Form::Infix(own, precedence) if own == sign => Some((Infix::Op(op), strength(precedence))),
        _ => None,
    })
}

impl<'t> Parser<'t> {
    pub(super) fn expression(&mut self) -> Result<AstId, Diagnostic> {
        self.operands.clear();
        self.pending.clear();
        self.headers.clear();
        self.start = self.peek().place.start;
        loop {
            self.operand()?;
            if self.operator()? {
                return Ok(self.operands.pop().expect("an expression leaves one operand"));
            }
        }
    }

    /// Everything up to and including one complete operand.
    fn operand(&mut self) -> Result<(), Diagnostic> {
        loop {
            let Token { kind, place } = self.peek().clone();
            self.next += 1;
            match kind {
                Kind::Number => {
                    let constant = Constant::parse(self.word(&place)).map_err(|error| match error {
                        DecimalError::TooLarge => {
                            let message = format!("{} is too large for a double", self.word(&place));
                            Diagnostic::at(place.clone(), message, "beyond 1.8e308")
                        }
                        DecimalError::Malformed => {
                            Diagnostic::at(place.clone(), "this is not a number", "malformed")
                        }
                    })?;
                    let id = self.push(Syntax::Number(constant), Vec::new(), place.clone(), place);
                    self.operands.push(id);
                    return Ok(());
                }
                Kind::Name => {
                    let name = self.word(&place).to_owned();
                    let what = if self.sign(0, "(") {
                        self.refuse_leibniz(&name)?;
                        Bracket::Call(name, place)
                    } else if self.sign(0, "[") {
                        Bracket::Subscript(name, place)
                    } else {
                        let id = self.push(Syntax::Name(name), Vec::new(), place.clone(), place);
                        self.operands.push(id);
                        return Ok(());
                    };
                    let place = self.peek().place.clone();
                    self.next += 1;
                    match what {
                        Bracket::Subscript(name, head) if self.begins_header(0) => {
                            self.open_header(Some((name, head)), place);
                        }
                        what => self.open(what, place)?,
                    }
                }
                Kind::Sign("(") => self.open(Bracket::Group, place)?,
                Kind::Sign("[") if self.begins_header(0) => self.open_header(None, place),
                Kind::Sign("[") => self.open(Bracket::List, place)?,
                Kind::Sign("|") => {
                    if self.opens().any(|open| matches!(open.what, Bracket::Bar)) {
                        return Err(Diagnostic::at(place, "bars inside bars", "opens or closes?")
                            .help("write abs(…) for the inner ones"));
                    }
                    self.open(Bracket::Bar, place)?;
                }
                Kind::Sign("-") => self.prefix(Prefix::Minus, NEGATION, place),
                Kind::Sign("+") => self.prefix(Prefix::Plus, NEGATION, place),
                Kind::Sign("not") => {
                    let inside = |pending: &Pending| match pending {
                        Pending::Open(_) => false,
                        Pending::Infix { precedence, .. } | Pending::Prefix { precedence, .. } => {
                            *precedence > NOT
                        }
                    };
                    if self.pending.last().is_some_and(inside) {
                        return Err(Diagnostic::at(
                            place,
                            "`not` inside arithmetic",
                            "binds less than what is before it",
                        )
                        .help("put the condition in parentheses: (not a)"));
                    }
                    self.prefix(Prefix::Not, NOT, place);
                }
                Kind::Sign("√") => self.prefix(Prefix::Root, ROOT, place),
                Kind::Sign(sign) => return Err(self.no_operand(sign, place)),
                Kind::Break | Kind::End => {
                    self.next -= 1;
                    return Err(self.unfinished(place));
                }
            }
        }
    }

    fn prefix(&mut self, what: Prefix, precedence: u8, place: Range<usize>) {
        self.pending.push(Pending::Prefix { what, precedence, start: place.start });
    }

    /// The brackets that are open, innermost first.
    pub(super) fn opens(&self) -> impl Iterator<Item = &Open> {
        self.pending.iter().rev().filter_map(|pending| match pending {
            Pending::Open(open) => Some(open),
            _ => None,
        })
    }

    fn open(&mut self, what: Bracket, place: Range<usize>) -> Result<(), Diagnostic> {
        if self.sign(0, what.closing()) {
            let whole = place.start..self.peek().place.end;
            return Err(match what {
                Bracket::Call(name, head) => {
                    let message = format!("{name} is called without arguments");
                    Diagnostic::at(head.start..whole.end, message, "no arguments")
                }
                Bracket::Bar => Diagnostic::at(whole, "there is nothing between these bars", "empty")
                    .help("write `a or b`; the absolute value is |x| or abs(x)"),
                _ => Diagnostic::at(whole, "there is nothing in these brackets", "empty"),
            });
        }
        self.pending.push(Pending::Open(Open { what, place, operands: self.operands.len() }));
        Ok(())
    }

    /// What follows an operand, up to where the next one is expected; says whether the expression is over.
    fn operator(&mut self) -> Result<bool, Diagnostic> {
        loop {
            let Token { kind, place } = self.peek().clone();
            if self.close_roots(&kind, &place)? {
                continue;
            }
            match kind {
                Kind::Sign(sign @ (")" | "]")) => {
                    self.reduce(0);
                    let Some(Pending::Open(open)) = self.pending.pop() else {
                        return Err(Diagnostic::at(place, format!("`{sign}` closes nothing"), "unexpected"));
                    };
                    let closing = open.what.closing();
                    if closing != sign {
                        let message = format!("expected `{closing}`, found `{sign}`");
                        return Err(Diagnostic::at(place, message, "the wrong bracket"));
                    }
                    self.next += 1;
                    if let Bracket::Header(head, indices) = open.what {
                        let place = open.place.start..place.end;
                        if self.close_header(head, indices, open.operands, place)? {
                            return Ok(false);
                        }
                        continue;
                    }
                    self.close(open, place.end);
                }
                Kind::Sign("|") if matches!(self.opens().next(), Some(Open { what: Bracket::Bar, .. })) => {
                    self.reduce(0);
                    let Some(Pending::Open(open)) = self.pending.pop() else {
                        unreachable!("the bar is the innermost bracket")
                    };
                    self.next += 1;
                    self.close(open, place.end);
                }
                Kind::Sign("[") if self.indexes(&place) => {
                    self.next += 1;
                    self.open(Bracket::Pick, place)?;
                    if let Some(Pending::Open(open)) = self.pending.last_mut() {
                        // The value itself is the first item between the brackets.
                        open.operands -= 1;
                    }
                    return Ok(false);
                }
                Kind::Sign(",") => {
                    self.reduce(0);
                    match self.pending.last() {
                        None if self.argument => return Ok(true),
                        None => return Err(self.stray_comma(place)),
                        Some(Pending::Open(Open { what: Bracket::Bar, place, .. })) => {
                            let message = "this bar is never closed";
                            return Err(Diagnostic::at(place.clone(), message, "opened here"));
                        }
                        Some(Pending::Open(Open { what: Bracket::Header(..), .. })) => {
                            self.next += 1;
                            self.next_index(place)?;
                            return Ok(false);
                        }
                        _ => {}
                    }
                    self.next += 1;
                    return Ok(false);
                }
                Kind::Sign("..") if self.in_header() => {
                    self.reduce(0);
                    self.range(place)?;
                    self.next += 1;
                    return Ok(false);
                }
                Kind::Sign("..") if self.argument && self.opens().next().is_none() => {
                    self.reduce(0);
                    return Ok(true);
                }
                Kind::Sign(sign @ ("²" | "³")) => self.raise(sign, place)?,
                Kind::Sign("(" | "√") if self.touches(&place) => return self.implicit(place),
                Kind::Name if self.touches(&place) => return self.implicit(place),
                Kind::Sign(sign) => {
                    let Some((what, precedence)) = infix(sign) else {
                        return Err(self.no_operator(sign, place));
                    };
                    self.refuse_power_of_name(sign)?;
                    if precedence == COMPARISON && self.compares() {
                        return Err(Diagnostic::at(place, "comparisons do not chain", "a second comparison")
                            .help("write a < b and b < c for a < b < c"));
                    }
                    self.infix(what, precedence);
                    self.next += 1;
                    return Ok(false);
                }
                Kind::Break if self.goes_on()? => {}
                Kind::Break | Kind::End => {
                    self.reduce(0);
                    return match self.opens().next() {
                        None => Ok(true),
                        Some(open) => {
                            let message =
                                format!("this bracket is never closed with `{}`", open.what.closing());
                            Err(Diagnostic::at(open.place.clone(), message, "opened here"))
                        }
                    };
                }
                Kind::Number | Kind::Name => return Err(self.missing_operator(place)),
            }
        }
    }

    fn infix(&mut self, what: Infix, precedence: u8) {
        // What binds tighter is complete; equal precedence groups to the left, but for powers.
        self.reduce(precedence + u8::from(precedence == POWER));
        self.pending.push(Pending::Infix { what, precedence });
    }

    /// Whether a comparison waits for its right-hand side, with nothing around it that joins conditions.
    fn compares(&self) -> bool {
        let inner = self.pending.iter().rev().take_while(|pending| match pending {
            Pending::Open(_) => false,
            Pending::Infix { precedence, .. } | Pending::Prefix { precedence, .. } => *precedence > NOT,
        });
        let compares = |pending: &Pending| matches!(pending, Pending::Infix { precedence: COMPARISON, .. });
        { inner }.any(compares)
    }

    /// Whether a product may be meant without a sign: a number or a closing parenthesis directly before this place.
    fn touches(&self, place: &Range<usize>) -> bool {
        let before = &self.tokens[self.next - 1];
        matches!(before.kind, Kind::Number | Kind::Sign(")")) && before.place.end == place.start
    }

    /// `2x`, `(x + y)z`: a product without a sign, before this place.
    fn implicit(&mut self, place: Range<usize>) -> Result<bool, Diagnostic> {
        let waits = self.pending.iter().rev().find(|pending| !matches!(pending, Pending::Prefix { .. }));
        if matches!(waits, Some(Pending::Infix { precedence: POWER, .. })) {
            return Err(self.product_in_exponent(place));
        }
        self.note_quotient(&place);
        self.note_number(&place);
        self.infix(Infix::Op(Op::Mul), PRODUCT);
        Ok(false)
    }

    /// Applies the roots that wait for the operand just read; says whether there were any.
    fn close_roots(&mut self, kind: &Kind, place: &Range<usize>) -> Result<bool, Diagnostic> {
        let Some(Pending::Prefix { what: Prefix::Root, .. }) = self.pending.last() else { return Ok(false) };
        if *kind == Kind::Sign("[") && self.indexes(place) {
            return Ok(false);
        }
        let power = matches!(kind, Kind::Sign("^" | "²" | "³"));
        let product = matches!(kind, Kind::Name | Kind::Sign("(")) && self.touches(place);
        if power || product {
            return Err(self.root_of_what(place.clone()));
        }
        self.reduce(ROOT);
        Ok(true)
    }

    /// `x²` is `x^2`.
    fn raise(&mut self, sign: &str, place: Range<usize>) -> Result<(), Diagnostic> {
        self.refuse_power_of_name(sign)?;
        self.next += 1;
        let follows = self.peek().place.start == place.end
            && matches!(self.peek().kind, Kind::Name | Kind::Number | Kind::Sign("("));
        if follows || matches!(self.peek().kind, Kind::Sign("^" | "²" | "³")) {
            return Err(self.after_raised(sign, place));
        }
        let exponent = Constant::Integer(if sign == "²" { 2 } else { 3 });
        self.infix(Infix::Op(Op::Pow), POWER);
        let id = self.push(Syntax::Number(exponent), Vec::new(), place.clone(), place);
        self.program.integral[id] = true;
        self.operands.push(id);
        Ok(())
    }

    /// Whether the next line continues this one, because it begins with an operator; moves on to it if so.
    fn goes_on(&mut self) -> Result<bool, Diagnostic> {
        let mut next = self.next;
        while self.tokens[next].kind == Kind::Break && self.word(&self.tokens[next].place) == "\n" {
            next += 1;
        }
        match self.tokens[next].kind {
            _ if next == self.next => Ok(false),
            Kind::Sign("-") if self.defines => {
                let place = self.tokens[next].place.clone();
                Err(Diagnostic::at(
                    place,
                    "this line begins with `-`, after a definition",
                    "continues, or negates?",
                )
                .help("join the two lines, or put the negated expression in parentheses"))
            }
            Kind::Sign(sign) if sign != "-" && (infix(sign).is_some() || matches!(sign, "²" | "³")) => {
                self.next = next;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Whether a bracket at this place indexes the operand just read: after an iteration, and directly after any value.
    fn indexes(&self, place: &Range<usize>) -> bool {
        let last = self.operands.last().map(|&id| &self.program.nodes[id].syntax);
        let before = &self.tokens[self.next - 1];
        let touches = matches!(before.kind, Kind::Sign(")" | "]")) && before.place.end == place.start;
        touches
            || matches!(last, Some(Syntax::Call(name)) if matches!(name.as_str(), "iterate" | "iterate_down" | "scan" | "scan_down" | "until"))
    }
}
