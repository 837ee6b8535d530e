//! The language in which people write functions: read by [`parse`], written by [`text`].
//!
//! Text becomes tokens, tokens a syntax tree in post-order, and the tree, name by name, a graph. Every stage keeps
//! its own stack, so no nesting is too deep.

#[cfg(test)]
mod array_tests;
#[cfg(test)]
mod derivative_tests;
mod diagnostic;
mod elaborate;
mod foreign;
mod fpcore;
#[cfg(test)]
mod gather_tests;
#[cfg(test)]
mod hint_tests;
mod jet;
mod keywords;
mod library;
mod name_resolution;
mod parser;
mod print;
#[cfg(test)]
mod round_trip_tests;
mod setting;
#[cfg(test)]
mod tests;
mod token;
mod truth;
mod unrolling;
#[cfg(test)]
mod until_tests;
mod values;

pub use diagnostic::{Diagnostic, closest};
pub use fpcore::{Core, CoreMeaning, read_cores};
pub(crate) use keywords::{is_function, is_reserved};
pub use library::{Entry, Group, catalogue};
pub use print::{LONG, Sharing, formulas, formulas_sharing, listing, text, written_out};
pub use setting::{Setting, Words};
pub use values::{Domain, GivenValue, ValueTree, read_domains, read_size_lists, read_sizes, read_values};

use expr::Function;

/// How to read a function.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Names that are sizes because the caller will bind them; those used as bounds or indices are found anyway.
    pub sizes: Vec<String>,
    /// Definitions may multiply when they are expanded; beyond this many nodes reading stops with an error.
    pub max_nodes: usize,
}

impl Default for Reader {
    fn default() -> Self {
        Reader { sizes: Vec::new(), max_nodes: 20_000_000 }
    }
}

impl Reader {
    /// Reads a function. Without index variables and sizes it comes out flat.
    ///
    /// # Errors
    /// What is wrong, and where in the text.
    pub fn parse(&self, text: &str) -> Result<Function, Diagnostic> {
        self.parse_with_notes(text).map(|(function, _)| function)
    }

    /// The same, with notes on what is read in a way that its writer may not expect.
    ///
    /// ```
    /// let (f, notes) = syntax::Reader::default().parse_with_notes("1/2x").unwrap();
    /// assert_eq!(f.evaluate((), &[3.0]), [1.5]);
    /// assert_eq!(notes[0].message, "read as (1/2)*x");
    /// ```
    ///
    /// # Errors
    /// What is wrong, and where in the text.
    pub fn parse_with_notes(&self, text: &str) -> Result<(Function, Vec<Diagnostic>), Diagnostic> {
        let mut program = parser::parse(text)?;
        let mut notes = std::mem::take(&mut program.notes);
        let names = name_resolution::resolve(text, &program, &self.sizes)?;
        let function = elaborate::elaborate(text, &program, &names, self.max_nodes)?;
        notes.extend(names.notes);
        Ok((function, notes))
    }
}

/// Reads a function with the default [`Reader`].
///
/// ```
/// let f = syntax::parse("let q = x + y; q * z").unwrap();
/// assert_eq!(f.evaluate((), &[-2.0, 5.0, -4.0]), [-12.0]);
/// ```
///
/// # Errors
/// What is wrong, and where in the text.
pub fn parse(text: &str) -> Result<Function, Diagnostic> {
    Reader::default().parse(text)
}
