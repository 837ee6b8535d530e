//! Derivatives written down for others: as text of our language, LaTeX, Rust, C, FPCore and as a picture of the graph.
//!
//! What a language calls an operator is what the table calls it; where that is not so, the language has a *spelling*,
//! a line of a small list. An operator that a language has no word for is refused by name, and nothing is written.

mod c;
#[cfg(test)]
mod compiled_tests;
mod dot;
mod fpcore;
mod identifiers;
mod latex;
mod loops;
mod lower;
mod program;
mod python;
mod reserved;
mod rust;
mod sized;
#[cfg(test)]
mod sized_tests;
mod statements;
#[cfg(test)]
mod tests;
mod text;

use expr::Function;

use symbolic::Derivatives;
use symbolic::SizedDerivatives;

pub use text::{group, label, labels};

/// What derivatives are written as.
///
/// ```
/// use export::{Caption, Target, export};
/// let f = syntax::parse("x^2").unwrap();
/// let (derivatives, _) = symbolic::differentiate_for_readers(&f, &[0], 1, 1_000).unwrap();
/// let written = |target| export(&derivatives, target, Caption { name: "f", text: "x^2" }).unwrap();
/// assert!(written(Target::Python).contains("def f_and_gradient(x):"));
/// assert!(written(Target::Dot).starts_with("digraph"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// The language in which functions are read.
    #[default]
    Text,
    /// Aligned equations.
    Latex,
    /// One function that depends on std alone.
    Rust,
    /// One function of C99 that depends on `math.h` alone.
    C,
    /// One function of Python that depends on NumPy alone.
    Python,
    /// A core for every derivative (<https://fpbench.org>).
    Fpcore,
    /// The graph, for Graphviz.
    Dot,
}

impl Target {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Target::Text => "text",
            Target::Latex => "latex",
            Target::Rust => "rust",
            Target::C => "c",
            Target::Python => "python",
            Target::Fpcore => "fpcore",
            Target::Dot => "dot",
        }
    }
}

/// What the function is called, and how it was written.
///
/// ```
/// use export::{Caption, Target, export};
/// let f = syntax::parse("x^2").unwrap();
/// let derivatives = symbolic::differentiate_repeatedly(&f, &[0], 1, 1_000).unwrap();
/// let code = export(&derivatives, Target::C, Caption { name: "square", text: "x^2" }).unwrap();
/// assert!(code.contains("// x^2") && code.contains("double square_and_gradient(double x, double gradient[1])"));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Caption<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its text, for a comment.
    pub text: &'a str,
}

impl Caption<'_> {
    /// The text as lines of a comment, of which there are never many.
    fn comment(&self, sign: &str) -> String {
        const LINES: usize = 12;
        let lines: Vec<&str> = self.text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        let shown = lines.iter().take(LINES).map(|line| {
            // A backslash at the end of a line would join the next one to it.
            let short: String = line.chars().take(200).map(|c| if c == '\\' { '/' } else { c }).collect();
            let more = if short.chars().count() < line.chars().count() { "…" } else { "" };
            format!("{sign} {short}{more}\n")
        });
        let rest = if lines.len() > LINES { format!("{sign} …\n") } else { String::new() };
        shown.collect::<String>() + &rest
    }
}

/// A function that cannot be written down.
///
/// ```
/// use export::{Caption, Target, export};
/// let f = syntax::parse("erfinv(x)").unwrap();
/// let derivatives = symbolic::differentiate_repeatedly(&f, &[0], 1, 1_000).unwrap();
/// let wrong = export(&derivatives, Target::Fpcore, Caption { name: "f", text: "erfinv(x)" }).unwrap_err();
/// assert_eq!(wrong.to_string(), "FPCore has no word for erfinv");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Inexpressible {
    /// The language has no word for an operator.
    #[error("{language} has no word for {operator}")]
    Operator {
        /// The operator's name.
        operator: &'static str,
        /// The language.
        language: &'static str,
    },
    /// What we do not write for every size.
    #[error("{0} is not written for every size")]
    Shape(&'static str),
}

/// Writes derivatives down. Text, LaTeX and FPCore hold the partials of the highest order; Rust, C, Python and Dot f and all
/// orders.
///
/// ```
/// use export::{Caption, Target, export};
/// let f = syntax::parse("x^2*sin(y)").unwrap();
/// let (derivatives, _) = symbolic::differentiate_for_readers(&f, &[0, 1], 1, 1_000).unwrap();
/// let latex = export(&derivatives, Target::Latex, Caption { name: "f", text: "x^2*sin(y)" }).unwrap();
/// assert!(latex.contains(r"\cos"));
/// ```
///
/// # Errors
/// When the language has no word for an operator.
pub fn export(
    derivatives: &Derivatives,
    target: Target,
    caption: Caption<'_>,
) -> Result<String, Inexpressible> {
    match target {
        Target::Text => Ok(text::text(derivatives, caption)),
        Target::Latex => latex::latex(derivatives, caption),
        Target::Rust => rust::rust(derivatives, caption),
        Target::C => c::c(derivatives, caption),
        Target::Python => python::python(derivatives, caption),
        Target::Fpcore => fpcore::fpcore(derivatives, caption),
        Target::Dot => Ok(dot::dot(derivatives, caption)),
    }
}

/// Writes formulas for every size as aligned equations: the outputs of `formulas` are the partials of `derivatives`.
///
/// ```
/// use export::{Caption, latex_sized};
/// let f = syntax::parse("sum(i, 1, n, x[i]^2)").unwrap();
/// let x = symbolic::Place { block: f.graph().block_named("x").unwrap(), element: None };
/// let derivatives = symbolic::differentiate_sized(&f, 1, &[x], 1_000).unwrap();
/// let caption = Caption { name: "f", text: "sum(i, 1, n, x[i]^2)" };
/// let latex = latex_sized(&derivatives, &derivatives.readable(), caption).unwrap();
/// assert!(latex.contains(r"= 2 \, {x}_{j}"));
/// ```
///
/// # Errors
/// When LaTeX has no word for an operator.
pub fn latex_sized(
    derivatives: &SizedDerivatives,
    formulas: &Function,
    caption: Caption<'_>,
) -> Result<String, Inexpressible> {
    latex::sized(derivatives, formulas, caption)
}

/// Writes a function itself as an equation, its loops as sums and products; what is shared and long has a name.
///
/// ```
/// let f = syntax::parse("q = x + y; q*z").unwrap();
/// assert_eq!(export::latex_function(&f, "f").unwrap(), "f = \\left(x + y\\right) \\, z\n");
/// let f = syntax::parse("sum(i, 1, n, x[i]^2)").unwrap();
/// assert_eq!(export::latex_function(&f, "L").unwrap(), "L = \\sum_{i=1}^{n} {x}_{i}^{2}\n");
/// ```
///
/// # Errors
/// When LaTeX has no word for an operator.
pub fn latex_function(f: &Function, name: &str) -> Result<String, Inexpressible> {
    latex::function(f, name)
}

/// Writes derivatives for every size down: programs with loops that take the sizes as arguments.
///
/// ```
/// use export::{Caption, Target, export_sized};
/// let f = syntax::parse("sum(i, 1, n, x[i]^2)").unwrap();
/// let x = symbolic::Place { block: f.graph().block_named("x").unwrap(), element: None };
/// let derivatives = symbolic::differentiate_sized(&f, 1, &[x], 1_000).unwrap();
/// let caption = Caption { name: "f", text: "sum(i, 1, n, x[i]^2)" };
/// assert!(export_sized(&derivatives, Target::C, caption).unwrap().contains("for ("));
/// assert!(export_sized(&derivatives, Target::Dot, caption).is_err());
/// ```
///
/// # Errors
/// When the language has no loops, or no word for an operator.
pub fn export_sized(
    derivatives: &SizedDerivatives,
    target: Target,
    caption: Caption<'_>,
) -> Result<String, Inexpressible> {
    if derivatives.original.graph().blocks().iter().any(|block| block.role == expr::graph::Role::Data) {
        return Err(Inexpressible::Shape("a program with data"));
    }
    match target {
        Target::Rust => rust::sized(derivatives, caption),
        Target::C => c::sized(derivatives, caption),
        Target::Python => python::sized(derivatives, caption),
        _ => Err(Inexpressible::Shape("a function with loops, in this language,")),
    }
}
