//! What a text that cannot be read probably means, and how that is written.

use std::ops::Range;

use super::Parser;
use super::pending::{Open, Pending, Prefix};
use crate::diagnostic::Diagnostic;
use crate::keywords::{is_function, is_reserved};
use crate::token::Kind;

const BRANCH: &str = "write if(x < 0, a, b): the condition, the value where it holds, the value elsewhere";

/// Words that other languages put between two expressions.
const WORDS: [(&str, &str); 12] = [
    ("then", BRANCH),
    ("else", BRANCH),
    ("mod", "the remainder is mod(x, y)"),
    ("rem", "the remainder is rem(x, y)"),
    ("div", "the quotient without its fraction is floor(x/y)"),
    ("times", "multiply with *"),
    ("plus", "add with +"),
    ("minus", "subtract with -"),
    ("over", "divide with /"),
    ("xor", "of two conditions one holds where a != b"),
    ("where", "define names first, in statements that end with `;`: a = 3; a*x"),
    ("for", "write sum(i, 1, n, x[i]) for a sum over i"),
];

fn misplaced_equals(place: Range<usize>) -> Diagnostic {
    let label = "only after the name or the parameters that a statement defines";
    Diagnostic::at(place, "`=` does not belong here", label).help("to compare, write ==")
}

impl Parser<'_> {
    pub(super) fn unfinished_let(&self) -> Diagnostic {
        let error =
            Diagnostic::at(self.peek().place.clone(), "`let` begins a definition", "no definition follows");
        if self.sign(1, "[") {
            let name = self.word(&self.peek().place);
            return error.help(format!("an array is written let {name}[i: 1..n] = …"));
        }
        error.help("write let q = x + y; q^2")
    }

    /// The statement begins `name(x[n+1], …) =`.
    pub(super) fn unreadable_length(&self) -> Option<Diagnostic> {
        if self.peek().kind != Kind::Name || !self.sign(1, "(") {
            return None;
        }
        let (mut depth, mut found) = (0usize, None);
        for (k, token) in self.tokens[self.next..].iter().enumerate().skip(1) {
            match token.kind {
                Kind::Sign("(" | "[") => depth += 1,
                Kind::Sign(")") if depth == 1 => return found.filter(|_| self.sign(k + 1, "=")),
                // More brackets are closed than were opened.
                Kind::Sign(")" | "]") if depth == 0 => return None,
                Kind::Sign(")" | "]") => depth -= 1,
                Kind::Break | Kind::End => return None,
                Kind::Name | Kind::Number | Kind::Sign(",") => {}
                _ if depth == 2 && found.is_none() => {
                    let message = "a declared length is an integer or a size";
                    let help =
                        "without lengths in the parameters an input is as long as the largest index used";
                    found = Some(Diagnostic::at(token.place.clone(), message, "not one").help(help));
                }
                _ => {}
            }
        }
        None
    }

    /// Whether a name is a function here: of the library, or defined before.
    fn names_function(&self, name: &str) -> bool {
        let defined = self.program.statements.iter().find_map(|statement| {
            let (own, _) = statement.name.as_ref()?;
            (own == name).then_some(statement.parameters.is_some())
        });
        defined.unwrap_or_else(|| is_function(name))
    }

    pub(super) fn no_operand(&self, sign: &str, place: Range<usize>) -> Diagnostic {
        if sign == "=" {
            return misplaced_equals(place);
        }
        let message = format!("`{sign}` where an expression should be");
        let error = Diagnostic::at(place, message, "expected an expression");
        let before = self.next.checked_sub(2).map(|before| self.tokens[before].kind);
        match sign {
            "!" => {
                let argument = self.quoted_or(self.factor(self.next), "(…)");
                error.help(format!("write `not {argument}`"))
            }
            "²" | "³" => error.help("write x², after what is raised"),
            "*" if before == Some(Kind::Sign("*")) => error.help("a power is written x^2 or x**2"),
            "<" | ">" | "==" if matches!(before, Some(Kind::Sign("<" | ">" | "==" | "<=" | ">="))) => {
                error.help("comparisons are written <, <=, >, >=, == and !=")
            }
            ")" | "]" if before == Some(Kind::Sign(",")) => error.help("nothing follows the comma before it"),
            _ => error,
        }
    }

    pub(super) fn unfinished(&self, place: Range<usize>) -> Diagnostic {
        let new_line = self.peek().kind == Kind::Break && self.word(&place) == "\n";
        let place = if new_line { place.start..place.start } else { place };
        let error = Diagnostic::at(place, "the expression is not finished", "expected an expression");
        match self.opens().next() {
            Some(Open { place, .. }) => {
                let character = self.text[..place.start].chars().count() + 1;
                error.help(format!("the bracket at character {character} is still open"))
            }
            None if new_line => {
                error.help("a new line ends it: begin the next line with the operator, or use parentheses")
            }
            None => error,
        }
    }

    pub(super) fn stray_comma(&self, place: Range<usize>) -> Diagnostic {
        let error = Diagnostic::at(place.clone(), "this comma separates nothing", "not inside brackets");
        let [before, after] = [self.next - 1, self.next + 1].map(|token| &self.tokens[token]);
        let numbers = before.kind == Kind::Number && after.kind == Kind::Number;
        if numbers && before.place.end == place.start && after.place.start == place.end {
            let (whole, part) = (self.word(&before.place), self.word(&after.place));
            if part.len() == 3 {
                return error.help(format!("write {whole}{part} for a thousand and more"));
            }
            return error.help(format!("write {whole}.{part}, with a point"));
        }
        error.help("several outputs are written [a, b]")
    }

    /// A sign that is no operator follows an operand.
    pub(super) fn no_operator(&self, sign: &str, place: Range<usize>) -> Diagnostic {
        let says =
            |message: &str, help: String| Diagnostic::at(place.clone(), message, "not understood").help(help);
        let before = self.operand_text(0);
        let follows = matches!(self.tokens[self.next + 1].kind, Kind::Name | Kind::Number | Kind::Sign("("));
        let after = || self.quoted_or(self.factor(self.next + 1), "(…)");
        match sign {
            "=" => misplaced_equals(place),
            "!" => {
                says("`!` is not part of the language", format!("the factorial is exp(lgamma({before} + 1))"))
            }
            "%" if follows => {
                let help = format!("the remainder is mod({before}, {})", after());
                says("`%` is not part of the language", help)
            }
            "%" => says("`%` is not part of the language", format!("write {before}/100")),
            "?" | ":" => {
                let open = self.opens().next().map_or(0, |open| open.place.end).max(self.start);
                let start = self.text[open..place.start].rfind(',').map_or(open, |comma| open + comma + 1);
                let condition = self.quoted_or(start..place.start, "condition");
                let message = format!("`{sign}` is not part of the language");
                match sign {
                    "?" => says(&message, format!("write if({condition}, a, b) for {condition} ? a : b")),
                    _ => says(
                        &message,
                        "a branch is if(x < 0, a, b); a sum over i is sum(i, 1, n, x[i])".into(),
                    ),
                }
            }
            "|" => says("this bar closes nothing", format!("to multiply, write {before}*|…|")),
            "√" if follows => {
                says("two expressions follow each other", format!("write {before}*√{}", after()))
            }
            "[" => says("only a name can be indexed", "as in x[1]".into()),
            ".." => says("`..` does not belong here", "a sum over a range is sum(i, 1, n, x[i])".into()),
            "not" => says("`not` stands before a condition", "join two conditions by `and` or `or`".into()),
            _ => self.missing_operator(place),
        }
    }

    /// Two operands follow each other.
    pub(super) fn missing_operator(&self, place: Range<usize>) -> Diagnostic {
        let word = self.word(&place);
        let error = Diagnostic::at(
            place.clone(),
            "two expressions follow each other without an operator",
            "expected an operator",
        );
        if let Some(leibniz) = self.leibniz() {
            return leibniz;
        }
        if word == "if" {
            return error.help("write if(x > 0, a, b) for a if x > 0 else b");
        }
        if let Some((_, help)) = WORDS.iter().find(|(own, _)| *own == word) {
            return error.help(*help);
        }
        if let Some((name, at)) = self.bare_name() {
            if name == "if" {
                return Diagnostic::at(at, "`if` has parentheses around its three parts", "none here")
                    .help(BRANCH);
            }
            if self.names_function(name) || matches!(name, "sum" | "prod") {
                let argument = self.argument(self.next);
                let whole = at.start..argument.end;
                let argument = self.quoted_or(argument, "…");
                let message = format!("the argument of {name} stands in parentheses");
                let argument =
                    argument.strip_prefix('(').and_then(|a| a.strip_suffix(')')).unwrap_or(&argument);
                return Diagnostic::at(whole, message, "none here").help(format!("write {name}({argument})"));
            }
            if is_reserved(name) {
                let message = format!("{name} is a word of the language");
                return Diagnostic::at(at, message, "not a name");
            }
        }
        let before = &self.tokens[self.next - 1];
        if before.kind == Kind::Number && self.peek().kind == Kind::Number {
            return error.help(format!(
                "digits are written without spaces, as in {}{word}",
                self.word(&before.place)
            ));
        }
        let (left, right) = (self.operand_text(0), self.quoted_or(self.factor(self.next), "(…)"));
        let product = format!("to multiply, write {left}*{right}");
        match (before.kind, place.start > before.place.end) {
            (Kind::Number | Kind::Sign(")"), true) => {
                error.help(format!("{product}, or {left}{right} without the space"))
            }
            _ => error.help(product),
        }
    }

    /// `d/dx` and then something.
    fn leibniz(&self) -> Option<Diagnostic> {
        let at = |back: usize| self.next.checked_sub(back).map(|token| &self.tokens[token]);
        let (d_by, slash, d) = (at(1)?, at(2)?, at(3)?);
        let name = self.word(&d_by.place).strip_prefix('d')?;
        let is = d_by.kind == Kind::Name && slash.kind == Kind::Sign("/") && self.word(&d.place) == "d";
        if !is || name.is_empty() {
            return None;
        }
        let end = (self.next..).find(|&token| matches!(self.tokens[token].kind, Kind::Break | Kind::End))?;
        let operand = self.quoted_or(self.peek().place.start..self.tokens[end].place.start, "u");
        let operand = operand.strip_prefix('(').and_then(|o| o.strip_suffix(')')).unwrap_or(&operand);
        let place = d.place.start..d_by.place.end;
        let message = format!("d/d{name} is a quotient here, not a derivative");
        Some(Diagnostic::at(place, message, "not understood").help(format!("write diff({operand}, {name})")))
    }

    /// `d/dx(…)`: seen when `dx` turns out to be called.
    pub(super) fn refuse_leibniz(&self, name: &str) -> Result<(), Diagnostic> {
        let defined = self
            .program
            .statements
            .iter()
            .any(|statement| statement.name.as_ref().is_some_and(|(own, _)| own == name));
        match self.leibniz() {
            Some(error) if !defined => Err(error),
            _ => Ok(()),
        }
    }

    /// `sin^2(x)`, `tan^-1(x)`, `sin²(x)`: seen at the sign of the power.
    pub(super) fn refuse_power_of_name(&self, sign: &str) -> Result<(), Diagnostic> {
        if !matches!(sign, "^" | "²" | "³") {
            return Ok(());
        }
        let Some((name, at)) = self.bare_name().filter(|(name, _)| self.names_function(name)) else {
            return Ok(());
        };
        let mut token = self.next + 1;
        let exponent = match sign {
            "^" => {
                let start = token;
                if self.tokens[token].kind == Kind::Sign("-") {
                    token += 1;
                }
                token = match self.tokens[token].kind {
                    Kind::Number => token + 1,
                    Kind::Sign("(") => self.factor_end(token),
                    _ => return Ok(()),
                };
                self.text[self.tokens[start].place.start..self.tokens[token - 1].place.end].to_owned()
            }
            "²" => "2".to_owned(),
            _ => "3".to_owned(),
        };
        if !matches!(self.tokens[token].kind, Kind::Sign("(") | Kind::Name) {
            return Ok(());
        }
        let argument = self.argument(token);
        let place = at.start..argument.end;
        let argument = self.quoted_or(argument, "…");
        let argument = argument.strip_prefix('(').and_then(|a| a.strip_suffix(')')).unwrap_or(&argument);
        let inverse = format!("a{name}");
        let plain: String = exponent.chars().filter(|c| !"() ".contains(*c)).collect();
        let message = format!("the power of {name} stands after its argument");
        let error = Diagnostic::at(place, message, "not understood");
        Err(match plain.as_str() {
            "-1" if is_function(&inverse) => error.help(format!(
                "the inverse function is {inverse}({argument}); 1/{name}({argument}) is {name}({argument})^(-1)"
            )),
            plain if plain.starts_with('-') => error.help(format!("write {name}({argument})^({plain})")),
            _ => error.help(format!("write {name}({argument})^{exponent}")),
        })
    }

    /// `x^2y` could be two things.
    pub(super) fn product_in_exponent(&self, place: Range<usize>) -> Diagnostic {
        let (base, exponent) = (self.operand_text(1), self.operand_text(0));
        let factor = self.quoted_or(self.factor(self.next), "(…)");
        let minus = match self.pending.last() {
            Some(Pending::Prefix { what: Prefix::Minus, .. }) => "-",
            _ => "",
        };
        let power = if minus.is_empty() { exponent.clone() } else { format!("({minus}{exponent})") };
        Diagnostic::at(place, "a product without a sign in an exponent", "inside or outside?")
            .help(format!("write {base}^{power}*{factor} or {base}^({minus}{exponent}*{factor})"))
    }

    /// `√x^2` and `√2x` could be two things.
    pub(super) fn root_of_what(&self, place: Range<usize>) -> Diagnostic {
        let operand = self.operand_text(0);
        let inner = operand.strip_prefix('(').and_then(|o| o.strip_suffix(')')).unwrap_or(&operand);
        let error = Diagnostic::at(place.clone(), "where does the root end?", "inside or outside?");
        match self.peek().kind {
            Kind::Sign("^") => {
                let exponent = self.quoted_or(self.factor(self.next + 1), "2");
                error.help(format!("write sqrt({inner})^{exponent} or sqrt({operand}^{exponent})"))
            }
            Kind::Sign(raised) => {
                error.help(format!("write sqrt({inner}){raised} or sqrt({operand}{raised})"))
            }
            _ => {
                let factor = self.quoted_or(self.factor(self.next), "(…)");
                error.help(format!("write sqrt({inner})*{factor} or sqrt({operand}*{factor})"))
            }
        }
    }

    /// `x²y` and `x²^3`.
    pub(super) fn after_raised(&self, sign: &str, place: Range<usize>) -> Diagnostic {
        let base = self.operand_text(0);
        let exponent = if sign == "²" { "2" } else { "3" };
        match self.peek().kind {
            Kind::Sign(next @ ("^" | "²" | "³")) => {
                let outer = match next {
                    "²" => "2".to_owned(),
                    "³" => "3".to_owned(),
                    _ => self.quoted_or(self.factor(self.next + 1), "3"),
                };
                Diagnostic::at(self.peek().place.clone(), "a power of a power", "of what?")
                    .help(format!("write ({base}^{exponent})^{outer} or {base}^({exponent}^{outer})"))
            }
            _ => {
                let factor = self.quoted_or(self.factor(self.next), "(…)");
                Diagnostic::at(place, "a product without a sign after an exponent", "inside or outside?")
                    .help(format!("write {base}^{exponent}*{factor} or {base}^({exponent}*{factor})"))
            }
        }
    }
}
