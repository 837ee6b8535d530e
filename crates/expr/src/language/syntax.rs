//! Tokens to a syntax tree, by operator precedence with an explicit stack.

use std::ops::Range;

use super::diagnostic::Diagnostic;
use super::token::{Kind, Token, tokens};
use crate::{Constant, DecimalError, Form, Op};

/// A node of the tree, by its position; children come before their parents.
pub(super) type AstId = usize;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Syntax {
    Number(Constant),
    Name(String),
    /// `f(a, b)`
    Call(String),
    /// `x[i, j]`
    Subscript(String),
    /// An operator in infix or prefix form; `^` is [`Op::Pow`] until its exponent is looked at.
    Apply(Op),
    /// `(a, b)`, the states of an iteration.
    Tuple,
    /// `[a, b]`
    List,
    /// `iterate(…)[k]`: the iteration, then k.
    Pick,
}

#[derive(Clone, Debug)]
pub(super) struct Ast {
    pub(super) syntax: Syntax,
    pub(super) children: Box<[AstId]>,
    pub(super) place: Range<usize>,
    /// Where the name of a call or subscript stands.
    pub(super) head: Range<usize>,
}

#[derive(Debug)]
pub(super) struct Statement {
    /// The name that is defined, if any.
    pub(super) name: Option<(String, Range<usize>)>,
    /// The parameters of a function; none for a plain name.
    pub(super) parameters: Option<Vec<(String, Range<usize>)>>,
    /// Parameters written with their extents, as in `f(x[10]) = …`.
    pub(super) shapes: Vec<(String, Vec<usize>, Range<usize>)>,
    pub(super) body: AstId,
}

/// A text as a tree.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) nodes: Vec<Ast>,
    /// Every id at its own position, so that one node can be had as a list of one.
    pub(super) own_ids: Vec<AstId>,
    /// Which numbers are written as integers: `2`, but neither `2.0` nor `2e0`.
    pub(super) integral: Vec<bool>,
    pub(super) statements: Vec<Statement>,
}

/// What waits for its right-hand side or its closing bracket.
enum Pending {
    Prefix { op: Option<Op>, start: usize },
    Infix { op: Op, precedence: u8 },
    Open(Open),
}

struct Open {
    what: Bracket,
    place: Range<usize>,
    /// How many operands stood before it.
    operands: usize,
}

enum Bracket {
    Group,
    Call(String, Range<usize>),
    Subscript(String, Range<usize>),
    Pick,
    List,
}

impl Bracket {
    fn closing(&self) -> &'static str {
        match self {
            Bracket::Group | Bracket::Call(..) => ")",
            _ => "]",
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    next: usize,
    /// An expression among the arguments of a program may end at a comma or at `..`.
    argument: bool,
    program: Program,
    operands: Vec<AstId>,
    pending: Vec<Pending>,
}

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<Program, Diagnostic> {
    let mut parser = Parser::new(text, tokens(text)?, 0, false);
    loop {
        while parser.peek().kind == Kind::Break {
            parser.next += 1;
        }
        if parser.peek().kind == Kind::End {
            break;
        }
        parser.statement()?;
    }
    if parser.program.statements.is_empty() {
        return Err(Diagnostic::at(
            text.len()..text.len(),
            "there is no expression",
            "nothing to differentiate",
        ));
    }
    Ok(parser.program)
}

/// Reads one expression from a place in a text; it may end at a `,` or a `..`.
pub(super) fn parse_one(text: &str, from: usize) -> Result<Program, Diagnostic> {
    let mut tokens = tokens(text)?;
    tokens.retain(|token| token.kind != Kind::Break);
    let next = tokens.iter().position(|token| token.place.start >= from).unwrap_or(tokens.len() - 1);
    let mut parser = Parser::new(text, tokens, next, true);
    let body = parser.expression()?;
    parser.program.statements.push(Statement { name: None, parameters: None, shapes: Vec::new(), body });
    Ok(parser.program)
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, tokens: Vec<Token>, next: usize, argument: bool) -> Self {
        let (operands, pending) = (Vec::new(), Vec::new());
        Parser { text, tokens, next, argument, program: Program::default(), operands, pending }
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.next]
    }

    fn sign(&self, ahead: usize, sign: &str) -> bool {
        matches!(self.tokens.get(self.next + ahead), Some(Token { kind: Kind::Sign(s), .. }) if *s == sign)
    }

    fn word(&self, place: &Range<usize>) -> &'t str {
        &self.text[place.clone()]
    }

    fn push(
        &mut self,
        syntax: Syntax,
        children: Vec<AstId>,
        place: Range<usize>,
        head: Range<usize>,
    ) -> AstId {
        let id = self.program.nodes.len();
        self.program.own_ids.push(id);
        self.program.integral.push(self.text[head.clone()].bytes().all(|byte| byte.is_ascii_digit()));
        self.program.nodes.push(Ast { syntax, children: children.into(), place, head });
        id
    }

    /// `[let] name = …`, `[let] name(a, b) = …` or an expression.
    fn statement(&mut self) -> Result<(), Diagnostic> {
        let is_let = self.peek().kind == Kind::Name && self.word(&self.peek().place) == "let";
        if is_let && self.tokens[self.next + 1].kind == Kind::Name {
            self.next += 1;
        }
        let (mut name, mut parameters, mut shapes) = (None, None, Vec::new());
        if let Some(length) = self.definition_length() {
            let place = self.peek().place.clone();
            name = Some((self.word(&place).to_owned(), place));
            if length > 2 {
                let mut all: Vec<(String, Range<usize>)> = Vec::new();
                for k in self.next + 2..self.next + length - 2 {
                    let Token { kind, place } = self.tokens[k].clone();
                    match (kind, all.last()) {
                        (Kind::Name, _) => all.push((self.word(&place).to_owned(), place)),
                        (Kind::Sign("["), Some((name, place))) => {
                            shapes.push((name.clone(), Vec::new(), place.clone()));
                        }
                        (Kind::Number, _) => {
                            let extent =
                                self.word(&place).parse().ok().filter(|&n: &usize| n <= u32::MAX as usize);
                            let wrong = || Diagnostic::at(place, "an extent is an integer", "not an integer");
                            let extent = extent.ok_or_else(wrong)?;
                            shapes.iter_mut().last().into_iter().for_each(|(_, shape, _)| shape.push(extent));
                        }
                        _ => {}
                    }
                }
                parameters = Some(all);
            }
            self.next += length;
        }
        let body = self.expression()?;
        self.program.statements.push(Statement { name, parameters, shapes, body });
        Ok(())
    }

    /// How many tokens `name =` or `name(a, b) =` takes, if the statement begins so.
    fn definition_length(&self) -> Option<usize> {
        if self.peek().kind != Kind::Name {
            return None;
        }
        if self.sign(1, "=") {
            return Some(2);
        }
        if !self.sign(1, "(") {
            return None;
        }
        let mut ahead = 2;
        while !self.sign(ahead, ")") {
            if self.tokens.get(self.next + ahead)?.kind != Kind::Name {
                return None;
            }
            ahead += 1;
            if self.sign(ahead, "[") {
                ahead = self.extents_end(ahead + 1)?;
            }
            if self.sign(ahead, ",") {
                ahead += 1;
            } else if !self.sign(ahead, ")") {
                return None;
            }
        }
        self.sign(ahead + 1, "=").then_some(ahead + 2)
    }

    /// Where `10, 3]` ends, if that is what stands there.
    fn extents_end(&self, mut ahead: usize) -> Option<usize> {
        loop {
            if self.tokens.get(self.next + ahead)?.kind != Kind::Number {
                return None;
            }
            ahead += 1;
            if self.sign(ahead, "]") {
                return Some(ahead + 1);
            }
            if !self.sign(ahead, ",") {
                return None;
            }
            ahead += 1;
        }
    }

    fn expression(&mut self) -> Result<AstId, Diagnostic> {
        self.operands.clear();
        self.pending.clear();
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
                    self.open(what, place)?;
                }
                Kind::Sign("(") => self.open(Bracket::Group, place)?,
                Kind::Sign("[") => self.open(Bracket::List, place)?,
                Kind::Sign("-") => {
                    self.pending.push(Pending::Prefix { op: Some(Op::Neg), start: place.start })
                }
                Kind::Sign("+") => self.pending.push(Pending::Prefix { op: None, start: place.start }),
                Kind::Sign("=") => return Err(misplaced_equals(place)),
                Kind::Sign(sign) => {
                    let message = format!("`{sign}` where an expression should be");
                    return Err(Diagnostic::at(place, message, "expected an expression"));
                }
                Kind::Break | Kind::End => {
                    self.next -= 1;
                    let error =
                        Diagnostic::at(place, "the expression is not finished", "expected an expression");
                    return Err(match self.innermost_open() {
                        Some(open) => {
                            let character = self.text[..open.place.start].chars().count() + 1;
                            error.help(format!("the bracket at character {character} is still open"))
                        }
                        None => error,
                    });
                }
            }
        }
    }

    fn innermost_open(&self) -> Option<&Open> {
        self.pending.iter().rev().find_map(|pending| match pending {
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
                    self.close(open, place.end);
                }
                Kind::Sign("[") if self.after_iteration() => {
                    self.next += 1;
                    self.open(Bracket::Pick, place)?;
                    if let Some(Pending::Open(open)) = self.pending.last_mut() {
                        // The iteration itself is the first item between the brackets.
                        open.operands -= 1;
                    }
                    return Ok(false);
                }
                Kind::Sign(",") => {
                    self.reduce(0);
                    if self.pending.is_empty() {
                        return if self.argument { Ok(true) } else { Err(stray_comma(place)) };
                    }
                    self.next += 1;
                    return Ok(false);
                }
                Kind::Sign("..") if self.argument && self.innermost_open().is_none() => {
                    self.reduce(0);
                    return Ok(true);
                }
                Kind::Sign("=") => return Err(misplaced_equals(place)),
                Kind::Sign(sign) => {
                    let Some((op, precedence)) = infix(sign) else {
                        return Err(self.missing_operator(place));
                    };
                    let compares =
                        |pending: &Pending| matches!(pending, Pending::Infix { precedence: COMPARISON, .. });
                    let mut inner = self.pending.iter().rev().take_while(|p| !matches!(p, Pending::Open(_)));
                    if precedence == COMPARISON && inner.any(compares) {
                        return Err(Diagnostic::at(place, "comparisons do not chain", "a second comparison")
                            .help("write (a < b)*(b < c) for a < b < c"));
                    }
                    // What binds tighter is complete; equal precedence groups to the left, but for powers.
                    self.reduce(precedence + u8::from(op.form().groups_right()));
                    self.next += 1;
                    self.pending.push(Pending::Infix { op, precedence });
                    return Ok(false);
                }
                Kind::Break | Kind::End => {
                    self.reduce(if self.innermost_open().is_some() { 0 } else { COMPARISON });
                    return match self.innermost_open() {
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

    /// Whether the operand just read can be followed by `[k]`.
    fn after_iteration(&self) -> bool {
        let last = self.operands.last().map(|&id| &self.program.nodes[id].syntax);
        matches!(last, Some(Syntax::Call(name)) if name == "iterate")
    }

    fn missing_operator(&self, place: Range<usize>) -> Diagnostic {
        let last = &self.program.nodes[*self.operands.last().expect("an operand came before")];
        let before = self.word(&last.place);
        let after = match self.peek().kind {
            Kind::Name | Kind::Number => self.word(&place),
            _ => "(…)",
        };
        let advice = if before.chars().count() <= 20 { format!("{before}*{after}") } else { "*".to_owned() };
        Diagnostic::at(place, "two expressions follow each other without an operator", "expected an operator")
            .help(format!("to multiply, write {advice}"))
    }

    /// Applies pending operators that bind at least as tightly as `precedence`.
    fn reduce(&mut self, precedence: u8) {
        while let Some(pending) = self.pending.last() {
            let (op, arity, start) = match pending {
                Pending::Prefix { op, start } if NEGATION >= precedence => (*op, 1, Some(*start)),
                Pending::Infix { op, precedence: own } if *own >= precedence => (Some(*op), 2, None),
                _ => return,
            };
            self.pending.pop();
            // A plus sign before an operand changes nothing.
            let Some(op) = op else { continue };
            let children = self.operands.split_off(self.operands.len() - arity);
            let start = start.unwrap_or(self.program.nodes[children[0]].place.start);
            let place = start..self.program.nodes[children[arity - 1]].place.end;
            let id = self.push(Syntax::Apply(op), children, place.clone(), place);
            self.operands.push(id);
        }
    }

    /// Builds what stood in brackets.
    fn close(&mut self, open: Open, end: usize) {
        let items = self.operands.split_off(open.operands);
        let place = open.place.start..end;
        let (syntax, head) = match open.what {
            Bracket::Group if items.len() == 1 => {
                // Parentheses widen the place of what they hold, and leave no other trace.
                self.program.nodes[items[0]].place = place;
                self.operands.push(items[0]);
                return;
            }
            Bracket::Group => (Syntax::Tuple, place.clone()),
            Bracket::List => (Syntax::List, place.clone()),
            Bracket::Call(name, head) => (Syntax::Call(name), head),
            Bracket::Subscript(name, head) => (Syntax::Subscript(name), head),
            Bracket::Pick => (Syntax::Pick, self.program.nodes[items[0]].place.clone()),
        };
        let start = head.start.min(place.start);
        let id = self.push(syntax, items, start..end, head);
        self.operands.push(id);
    }
}

const COMPARISON: u8 = 1;
const NEGATION: u8 = 4;

/// The operator that is written so between two arguments, and its precedence; `^` is the real power.
fn infix(sign: &str) -> Option<(Op, u8)> {
    Op::ALL.iter().find_map(|&op| match op.form() {
        Form::Infix(own, precedence) if own == sign => Some((op, precedence)),
        _ => None,
    })
}

fn misplaced_equals(place: Range<usize>) -> Diagnostic {
    let label = "only after the name or the parameters that a statement defines";
    Diagnostic::at(place, "`=` does not belong here", label).help("to compare, write ==")
}

fn stray_comma(place: Range<usize>) -> Diagnostic {
    Diagnostic::at(place, "this comma separates nothing", "not inside brackets")
        .help("several outputs are written [a, b]")
}
