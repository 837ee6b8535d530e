//! The arguments of a program: `x=1,y=[2,3]`, `-1..1`, `n=100`.

use std::ops::Range;

use super::diagnostic::Diagnostic;
use super::elaborate::elaborate;
use super::name_resolution::resolve;
use super::parser::parse_one;
use super::token::{Kind, tokens};

/// A number, or a list of such.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueTree {
    /// A number.
    Number(f64),
    /// `[a, b, …]`
    List(Vec<ValueTree>),
}

impl ValueTree {
    /// How long the lists are, along the first items: none for a number.
    pub fn lengths(&self) -> Vec<usize> {
        let mut lengths = Vec::new();
        let mut tree = self;
        while let ValueTree::List(items) = tree {
            lengths.push(items.len());
            let Some(first) = items.first() else { break };
            tree = first;
        }
        lengths
    }
}

/// `name = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenValue {
    /// The name.
    pub name: String,
    /// Where the name stands, in bytes.
    pub name_place: Range<usize>,
    /// The value.
    pub tree: ValueTree,
    /// Where the value stands.
    pub place: Range<usize>,
}

/// `name = low .. high`, or `low .. high` for all names.
#[derive(Clone, Debug, PartialEq)]
pub struct Domain {
    /// The name and where it stands.
    pub name: Option<(String, Range<usize>)>,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Lists are nested as deep as an input has indices; nobody needs more than this.
const DEEPEST: usize = 16;

struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

/// Reads `x=1,y=[2,3],z=-inf`: values are constant expressions, also `nan`, `inf` and `-inf`.
///
/// # Errors
/// What is wrong, and where in the text.
pub fn read_values(text: &str) -> Result<Vec<GivenValue>, Diagnostic> {
    let mut cursor = Cursor { text, at: 0 };
    let mut all = Vec::new();
    while !cursor.finished() {
        let (name, name_place) = cursor.name()?;
        let start = cursor.skip_space();
        let tree = cursor.tree()?;
        all.push(GivenValue {
            name,
            name_place,
            tree,
            place: start..cursor.text[..cursor.at].trim_end().len(),
        });
        cursor.comma()?;
    }
    Ok(all)
}

/// Reads `n=100,m=3`.
///
/// # Errors
/// What is wrong, and where in the text.
pub fn read_sizes(text: &str) -> Result<Vec<(String, i64)>, Diagnostic> {
    let size = |value: GivenValue| {
        let size = integer(&value.tree, value.place, &value.name)?;
        Ok((value.name, size))
    };
    read_values(text)?.into_iter().map(size).collect()
}

/// Reads `n=10,100,1000,m=3`: a piece without `=` is one more size of the name before it.
///
/// # Errors
/// What is wrong, and where in the text; a name that is given twice is.
pub fn read_size_lists(text: &str) -> Result<Vec<(String, Vec<i64>)>, Diagnostic> {
    let mut cursor = Cursor { text, at: 0 };
    let mut all: Vec<(String, Vec<i64>)> = Vec::new();
    while !cursor.finished() {
        if all.is_empty() || cursor.is_named()? {
            let (name, place) = cursor.name()?;
            if all.iter().any(|(known, _)| *known == name) {
                return Err(Diagnostic::at(place, format!("{name} is given twice"), "the second time"));
            }
            all.push((name, Vec::new()));
        }
        let (name, sizes) = all.last_mut().expect("the first piece has a name");
        let start = cursor.skip_space();
        let tree = cursor.tree()?;
        sizes.push(integer(&tree, start..cursor.text[..cursor.at].trim_end().len(), name)?);
        cursor.comma()?;
    }
    Ok(all)
}

/// The integer that a size is.
fn integer(tree: &ValueTree, place: Range<usize>, name: &str) -> Result<i64, Diagnostic> {
    match tree {
        ValueTree::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => Ok(*number as i64),
        _ => Err(Diagnostic::at(place, format!("the size {name} must be an integer"), "not an integer")),
    }
}

/// Reads `-1..1` or `x=0..1,y=-2..2`.
///
/// # Errors
/// What is wrong, and where in the text.
pub fn read_domains(text: &str) -> Result<Vec<Domain>, Diagnostic> {
    let mut cursor = Cursor { text, at: 0 };
    let mut all = Vec::new();
    while !cursor.finished() {
        let name = if cursor.is_named()? { Some(cursor.name()?) } else { None };
        let start = cursor.skip_space();
        let low = cursor.number()?;
        if !cursor.text[cursor.at..].starts_with("..") {
            return Err(Diagnostic::at(
                cursor.at..cursor.at,
                "an interval is written low..high",
                "expected `..`",
            ));
        }
        cursor.at += 2;
        if cursor.text[cursor.at..].starts_with('.') {
            let message = "an interval is written with two points, low..high";
            return Err(Diagnostic::at(cursor.at..cursor.at + 1, message, "one too many"));
        }
        let high = cursor.number()?;
        if !(low.is_finite() && high.is_finite() && low <= high) {
            return Err(Diagnostic::at(
                start..cursor.at,
                "this is not an interval from a lower to a higher number",
                "no interval",
            ));
        }
        all.push(Domain { name, low, high });
        cursor.comma()?;
    }
    if all.is_empty() {
        return Err(Diagnostic::at(0..text.len(), "there is no interval", "expected low..high"));
    }
    Ok(all)
}

impl Cursor<'_> {
    fn skip_space(&mut self) -> usize {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.at
    }

    fn finished(&mut self) -> bool {
        self.skip_space();
        self.at == self.text.len()
    }

    /// Whether `name =` comes next.
    fn is_named(&mut self) -> Result<bool, Diagnostic> {
        let from = self.skip_space();
        let all = tokens(self.text)?;
        let mut next = all.iter().skip_while(|token| token.place.start < from);
        Ok(next.next().is_some_and(|token| token.kind == Kind::Name)
            && next.next().is_some_and(|token| token.kind == Kind::Sign("=")))
    }

    /// `name =`
    fn name(&mut self) -> Result<(String, Range<usize>), Diagnostic> {
        let from = self.skip_space();
        let rest = &self.text[from..];
        let length = rest.find(|c| !super::keywords::continues_name(c)).unwrap_or(rest.len());
        let place = from..from + length;
        let wrong = |place: Range<usize>| {
            Err(Diagnostic::at(
                place,
                "values are written name=value, separated by commas",
                "expected name=value",
            ))
        };
        if length == 0 || rest.starts_with(|c: char| c.is_ascii_digit()) {
            return wrong(from..from + rest.chars().next().map_or(0, char::len_utf8));
        }
        self.at = place.end;
        let equals = self.skip_space();
        if !self.text[equals..].starts_with('=') {
            return wrong(place);
        }
        self.at += 1;
        Ok((self.text[place.clone()].to_owned(), place))
    }

    fn comma(&mut self) -> Result<(), Diagnostic> {
        let at = self.skip_space();
        match self.text[at..].chars().next() {
            None => Ok(()),
            Some(',') => {
                self.at += 1;
                if self.finished() {
                    Err(Diagnostic::at(at..at + 1, "nothing follows this comma", "stray"))
                } else {
                    Ok(())
                }
            }
            Some(c) => Err(Diagnostic::at(at..at + c.len_utf8(), "expected a comma", "unexpected")),
        }
    }

    /// A number or nested lists; lists are on a stack of their own.
    fn tree(&mut self) -> Result<ValueTree, Diagnostic> {
        let mut open: Vec<(Vec<ValueTree>, usize)> = Vec::new();
        loop {
            let at = self.skip_space();
            if self.text[at..].starts_with('[') {
                if open.len() == DEEPEST {
                    return Err(Diagnostic::at(at..at + 1, "lists are nested too deep", "one too many"));
                }
                self.at += 1;
                open.push((Vec::new(), at));
                let inside = self.skip_space();
                if !self.text[inside..].starts_with(']') {
                    continue;
                }
            }
            let mut tree = match open.last() {
                // Nothing is in it.
                Some((items, _)) if items.is_empty() && self.text[self.at..].starts_with(']') => {
                    self.at += 1;
                    ValueTree::List(open.pop().expect("one is open").0)
                }
                _ => ValueTree::Number(self.number()?),
            };
            loop {
                let Some((items, start)) = open.last_mut() else { return Ok(tree) };
                items.push(tree);
                let at = self.at + self.text[self.at..].len() - self.text[self.at..].trim_start().len();
                match self.text[at..].chars().next() {
                    Some(',') => {
                        self.at = at + 1;
                        break;
                    }
                    Some(']') => {
                        self.at = at + 1;
                        tree = ValueTree::List(open.pop().expect("one is open").0);
                    }
                    _ => {
                        return Err(Diagnostic::at(
                            *start..*start + 1,
                            "this list is never closed",
                            "opened here",
                        ));
                    }
                }
            }
        }
    }

    /// A constant expression up to a comma, `]`, `..` or the end.
    fn number(&mut self) -> Result<f64, Diagnostic> {
        let start = self.skip_space();
        // The expression ends where brackets of its own are closed and one of these comes.
        let mut depth = 0;
        let mut end = self.text.len();
        for (k, c) in self.text[start..].char_indices() {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                ',' | ']' if depth == 0 => {
                    end = start + k;
                    break;
                }
                '.' if depth == 0 && self.text[start + k..].starts_with("..") => {
                    end = start + k;
                    break;
                }
                _ => {}
            }
        }
        self.at = end;
        let word = self.text[start..end].trim();
        let special = match word {
            "nan" => Some(f64::NAN),
            "inf" | "+inf" => Some(f64::INFINITY),
            "-inf" => Some(f64::NEG_INFINITY),
            _ => None,
        };
        if let Some(value) = special {
            return Ok(value);
        }
        let place = start..start + word.len();
        let program = parse_one(&self.text[..place.end], start)?;
        let names = resolve(self.text, &program, &[])?;
        if let Some((name, _)) = names.inputs.first() {
            return Err(Diagnostic::at(
                place,
                format!("{name} is not a number"),
                "must be a constant expression",
            ));
        }
        let function = elaborate(self.text, &program, &names, 100_000)?;
        let function =
            function.unroll(100_000).map_err(|error| Diagnostic::at(place, error.to_string(), "here"))?;
        Ok(function.evaluate((), &[])[0])
    }
}
