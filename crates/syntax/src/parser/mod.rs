//! Tokens to a syntax tree, by operator precedence with an explicit stack.

mod expression;
mod headers;
mod hints;
mod pending;
mod quoted;
mod reduce;

use std::ops::Range;

use super::diagnostic::Diagnostic;
use super::token::{Kind, Token, tokens};
use expr::{Constant, Op};
use pending::Pending;

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
    /// `a and b`, `a or b`, `not a`.
    Logic(Logic),
    /// `(a, b)`, the states of an iteration.
    Tuple,
    /// `[a, b]`
    List,
    /// `[i: 1..m, j: 1..n] body`: the bounds of each index variable, then the body.
    Array(Vec<String>),
    /// `y[j: 1..n]`, a state that is an array: the bounds of its index variables.
    State(String, Vec<String>),
    /// `iterate(…)[k]`, `(A*x)[i]`: a value, then what stands in brackets.
    Pick,
}

/// The operators that join conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Logic {
    And,
    Or,
    Not,
}

#[derive(Clone, Debug)]
pub(super) struct Ast {
    pub(super) syntax: Syntax,
    pub(super) children: Box<[AstId]>,
    pub(super) place: Range<usize>,
    /// Where the name of a call or subscript stands.
    pub(super) head: Range<usize>,
}

/// A parameter of a definition.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) place: Range<usize>,
    /// Its lengths, where they are declared, as in `f(x[n]) = …`.
    pub(super) shape: Option<Vec<Extent>>,
}

/// A declared length, and where it stands.
#[derive(Debug)]
pub(super) struct Extent {
    pub(super) length: Length,
    pub(super) place: Range<usize>,
}

#[derive(Debug)]
pub(super) enum Length {
    Number(usize),
    Size(String),
}

#[derive(Debug)]
pub(super) struct Statement {
    /// The name that is defined, if any.
    pub(super) name: Option<(String, Range<usize>)>,
    /// The parameters of a function; none for a plain name.
    pub(super) parameters: Option<Vec<Parameter>>,
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
    /// What is read in a way that its writer may not expect.
    pub(super) notes: Vec<Diagnostic>,
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    next: usize,
    /// An expression among the arguments of a program may end at a comma or at `..`.
    argument: bool,
    /// The statement defines a name.
    defines: bool,
    /// Where the expression begins that is being read.
    start: usize,
    program: Program,
    operands: Vec<AstId>,
    pending: Vec<Pending>,
    /// The index variables of headers whose body is being read, and where each header begins.
    headers: Vec<(Vec<String>, Range<usize>)>,
    /// The header that comes next is that of `let h[i: 1..n] = …`: an equals sign follows it.
    defines_array: bool,
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
    parser.program.statements.push(Statement { name: None, parameters: None, body });
    Ok(parser.program)
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, tokens: Vec<Token>, next: usize, argument: bool) -> Self {
        let (operands, pending) = (Vec::new(), Vec::new());
        let (defines, start, program) = (false, 0, Program::default());
        let (headers, defines_array) = (Vec::new(), false);
        Parser {
            text,
            tokens,
            next,
            argument,
            defines,
            start,
            program,
            operands,
            pending,
            headers,
            defines_array,
        }
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

    /// `[let] name = …`, `[let] name(a, b) = …`, `[let] name[i: 1..n] = …` or an expression.
    fn statement(&mut self) -> Result<(), Diagnostic> {
        let is_let = self.peek().kind == Kind::Name && self.word(&self.peek().place) == "let";
        if is_let && self.tokens[self.next + 1].kind == Kind::Name {
            self.next += 1;
        }
        let (mut name, mut parameters) = (None, None);
        if let Some(length) = self.definition_length() {
            let place = self.peek().place.clone();
            name = Some((self.word(&place).to_owned(), place));
            if length > 2 {
                parameters = Some(self.parameters(self.next + 2..self.next + length - 2)?);
            }
            self.next += length;
        } else if self.defines_elements() {
            let place = self.peek().place.clone();
            name = Some((self.word(&place).to_owned(), place));
            self.next += 1;
            self.defines_array = true;
        } else if let Some(error) = self.unreadable_length() {
            return Err(error);
        } else if is_let {
            return Err(self.unfinished_let());
        }
        self.defines = name.is_some();
        let body = self.expression()?;
        self.program.statements.push(Statement { name, parameters, body });
        Ok(())
    }

    /// The parameters among these tokens, which [`Self::definition_length`] has looked at.
    fn parameters(&self, tokens: Range<usize>) -> Result<Vec<Parameter>, Diagnostic> {
        let mut all: Vec<Parameter> = Vec::new();
        let mut inside = false;
        for Token { kind, place } in &self.tokens[tokens] {
            let word = self.word(place);
            match (kind, all.last_mut()) {
                (Kind::Sign("["), Some(parameter)) => {
                    parameter.shape = Some(Vec::new());
                    inside = true;
                }
                (Kind::Sign("]"), _) => inside = false,
                (Kind::Name | Kind::Number, Some(Parameter { shape: Some(shape), .. })) if inside => {
                    let length = match kind {
                        Kind::Name => Length::Size(word.to_owned()),
                        _ => {
                            let number = word.parse().ok().filter(|&n: &usize| n <= u32::MAX as usize);
                            let wrong =
                                || Diagnostic::at(place.clone(), "a length is an integer", "not an integer");
                            Length::Number(number.ok_or_else(wrong)?)
                        }
                    };
                    shape.push(Extent { length, place: place.clone() });
                }
                (Kind::Name, _) => {
                    all.push(Parameter { name: word.to_owned(), place: place.clone(), shape: None });
                }
                _ => {}
            }
        }
        Ok(all)
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
                ahead = self.lengths_end(ahead + 1)?;
            }
            if self.sign(ahead, ",") {
                ahead += 1;
            } else if !self.sign(ahead, ")") {
                return None;
            }
        }
        self.sign(ahead + 1, "=").then_some(ahead + 2)
    }

    /// Whether the statement begins with `name[i: …] =`.
    fn defines_elements(&self) -> bool {
        if self.peek().kind != Kind::Name || !self.sign(1, "[") || !self.begins_header(2) {
            return false;
        }
        let mut depth = 0usize;
        for (k, token) in self.tokens[self.next..].iter().enumerate().skip(1) {
            match token.kind {
                Kind::Sign("[" | "(") => depth += 1,
                Kind::Sign("]" | ")") if depth == 1 => return self.sign(k + 1, "="),
                Kind::Sign("]" | ")") => depth -= 1,
                Kind::Break | Kind::End => return false,
                _ => {}
            }
        }
        false
    }

    /// Whether `name:` stands there, after an opening bracket.
    fn begins_header(&self, ahead: usize) -> bool {
        self.tokens.get(self.next + ahead).is_some_and(|token| token.kind == Kind::Name)
            && self.sign(ahead + 1, ":")
    }

    /// Where `10, n]` ends, if that is what stands there.
    fn lengths_end(&self, mut ahead: usize) -> Option<usize> {
        loop {
            if !matches!(self.tokens.get(self.next + ahead)?.kind, Kind::Number | Kind::Name) {
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
}
