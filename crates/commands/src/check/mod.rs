//! Derivatives worked out by hand, claim by claim.

mod answer;

use chainrule::Budget;
use expr::{Constant, Function, Shape, UnrollError};
use harness::claims::{self, Checked, Claim, EveryError, Everywhere, Options, check_every};
use prove::is_element;
use symbolic::Literals;
use syntax::{Diagnostic, Reader};

use crate::Failure;

pub use answer::{Document, detail, document, place, word, words};

/// How claims are checked.
#[derive(Clone, Copy, Debug)]
pub struct CheckRequest {
    /// Nodes of any graph that is built.
    pub max_nodes: u64,
    /// The seed of random points.
    pub seed: u64,
    /// Whether decimals are the numbers printed, and not the nearest doubles.
    pub exact_decimals: bool,
    /// Whether the text shows the steps of every proof.
    pub steps: bool,
}

impl Default for CheckRequest {
    fn default() -> CheckRequest {
        CheckRequest { max_nodes: Budget::default().nodes, seed: 1, exact_decimals: false, steps: false }
    }
}

/// The function that claims are about.
#[derive(Debug)]
pub struct ClaimText {
    /// As it was written.
    pub text: String,
    /// With its axes; sizes that `--size` gives are bound, others stay open.
    pub function: Function,
    /// The sizes that are bound.
    pub sizes: Vec<(String, i64)>,
}

/// A claim as it was written: `x = formula`, and where it came from.
#[derive(Clone, Debug)]
pub struct Written {
    /// What the function is differentiated by.
    pub input: String,
    /// What that derivative is said to be.
    pub formula: String,
    /// Where that was written.
    pub origin: String,
}

/// A claim with its verdict.
#[derive(Debug)]
pub struct Line {
    /// The claim.
    pub written: Written,
    /// The verdict.
    pub checked: Checked,
    /// The sizes for all values of which, from 1 on, it is so.
    sizes: Vec<String>,
    /// The indices for all values of which it is so.
    indices: Vec<String>,
    /// Whether it makes a difference what decimals mean.
    has_decimals: bool,
}

/// An array is as many outputs as it has elements.
fn several() -> Failure {
    Failure::text("check looks at one output; give it a function with one")
}

impl ClaimText {
    /// A function of one output.
    ///
    /// # Errors
    /// When it has several.
    pub fn new(text: String, function: Function, sizes: Vec<(String, i64)>) -> Result<ClaimText, Failure> {
        let shape = |id| function.graph().shape(id, &|_, _| None);
        match *function.outputs() {
            [output] if shape(output) == Shape::number() => Ok(ClaimText { text, function, sizes }),
            _ => Err(several()),
        }
    }
}

/// Checks one claim.
///
/// # Errors
/// When it cannot be read, or is not about an input of the function.
pub fn examine(args: &CheckRequest, given: &ClaimText, written: Written) -> Result<Line, Failure> {
    let literals = if args.exact_decimals { Literals::Exact } else { Literals::Nearest };
    let options = Options { seed: args.seed, nodes: args.max_nodes, literals, ..Options::default() };
    let function = &given.function;
    if let [data, ..] = function.unbound_data()[..] {
        let error = UnrollError::NoData { input: data.to_owned() };
        let diagnostic = Diagnostic::unroll(&error, function, &given.text);
        let diagnostic = diagnostic.help("claims are checked of functions without data");
        return Err(Failure::place(&diagnostic, &given.text, "expression"));
    }
    let sizes: Vec<String> = function.graph().sizes().to_vec();
    let free = sizes.iter().any(|size| function.size(size).is_none());
    let element = element(given, &written, &sizes)?;
    let indices: Vec<String> =
        { element.graph().sizes().iter() }.filter(|size| !sizes.contains(size)).cloned().collect();
    let of_f = function.graph().blocks();
    if let Some(index) = indices.iter().find(|index| of_f.iter().any(|block| block.name == **index)) {
        return Err(Failure::text(format!(
            "{index} is an input of the function: write {} with another index",
            written.input
        )));
    }
    let formula = formula(&written, sizes.iter().chain(&indices).cloned().collect())?;
    if let Some(size) =
        { formula.graph().sizes().iter() }.find(|size| !sizes.contains(size) && !indices.contains(size))
    {
        return Err(Failure::text(format!("{}: the function has no size {size}", written.formula)));
    }
    let formula = bind(&formula, &given.sizes)?;
    let has_decimals = [function, &formula].into_iter().any(|f| {
        let inexact = |constant: &Constant| {
            matches!(constant, Constant::Decimal(_)) && constant.as_exact_f64().is_none()
        };
        f.graph().constants().iter().any(inexact)
    });
    if free || !indices.is_empty() {
        let names: Vec<&str> = of_f.iter().map(|block| block.name.as_str()).collect();
        known(&written, formula.graph().blocks().iter().map(|block| block.name.clone()), &names)?;
        let rank = |name: &str| of_f.iter().find(|block| block.name == name).map(|block| block.rank);
        if let Some(block) =
            { formula.graph().blocks().iter() }.find(|block| rank(&block.name) != Some(block.rank))
        {
            return Err(Failure::text(format!("{} is read with another number of indices", block.name)));
        }
        let element = bind(&element, &given.sizes)?;
        let found = check_every(function, &element, &formula, &options).map_err(|error| {
            Failure::text(match error {
                EveryError::NotThere => format!("the function has no {}", written.input),
                error => error.to_string(),
            })
        })?;
        let Everywhere { checked, sizes, indices } = found;
        return Ok(Line { written, checked, sizes, indices, has_decimals });
    }
    let flat = given.function.unroll(args.max_nodes).map_err(|error| {
        Failure::place(&Diagnostic::unroll(&error, &given.function, &given.text), &given.text, "expression")
    })?;
    if flat.outputs().len() != 1 {
        return Err(several());
    }
    let names = flat.input_names();
    let Some(input) = names.iter().position(|name| *name == written.input) else {
        return Err(unknown(&written, &names));
    };
    let formula = formula.unroll(args.max_nodes).map_err(|error| Failure::text(error.to_string()))?;
    if formula.outputs().len() != 1 {
        return Err(no_formula(&written));
    }
    known(
        &written,
        formula.input_names().into_iter(),
        &names.iter().map(String::as_str).collect::<Vec<_>>(),
    )?;
    let checked = claims::check(&flat, &[Claim { input, formula }], &options)
        .map_err(|error| Failure::text(error.to_string()))?
        .remove(0);
    Ok(Line { written, checked, sizes: Vec::new(), indices: Vec::new(), has_decimals })
}

fn unknown(written: &Written, names: &[String]) -> Failure {
    let text = format!("{}={}", written.input, written.formula);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let diagnostic = Diagnostic::unknown_input(&written.input, 0..written.input.len(), &names);
    Failure::place(&diagnostic, &text, &written.origin)
}

/// What a claim is about: a function that is one read of an input.
fn element(given: &ClaimText, written: &Written, sizes: &[String]) -> Result<Function, Failure> {
    let blocks = given.function.graph().blocks();
    let names: Vec<String> = blocks.iter().map(|block| block.name.clone()).collect();
    let name = written.input.split('[').next().unwrap_or_default().trim();
    let Some(block) = blocks.iter().find(|block| block.name == name) else {
        return Err(unknown(written, &names));
    };
    let several = || {
        Failure::text(format!(
            "{name} has several elements: claim one of them, {name}[1], or every one, {name}[j]"
        ))
    };
    if block.rank > 0 && written.input == name {
        return Err(several());
    }
    let reader = Reader { sizes: sizes.to_vec(), ..Reader::default() };
    let element = reader
        .parse(&written.input)
        .map_err(|diagnostic| Failure::place(&diagnostic, &written.input, &written.origin))?;
    match element.graph().blocks() {
        [own] if is_element(&element) && own.rank == block.rank => Ok(element),
        _ => Err(unknown(written, &names)),
    }
}

fn formula(written: &Written, sizes: Vec<String>) -> Result<Function, Failure> {
    let reader = Reader { sizes, ..Reader::default() };
    let function = reader
        .parse(&written.formula)
        .map_err(|diagnostic| Failure::place(&diagnostic, &written.formula, &written.origin))?;
    match function.outputs().len() {
        1 => Ok(function),
        _ => Err(no_formula(written)),
    }
}

fn no_formula(written: &Written) -> Failure {
    Failure::text(format!("{}: a claim is one formula", written.origin))
}

fn bind(formula: &Function, sizes: &[(String, i64)]) -> Result<Function, Failure> {
    let mut bound = formula.clone();
    for (name, value) in sizes {
        if bound.graph().sizes().contains(name) {
            bound = bound.with_sizes(&[(name, *value)]).map_err(|error| Failure::text(error.to_string()))?;
        }
    }
    Ok(bound)
}

/// Refuses names that the function does not have.
fn known(written: &Written, mut used: impl Iterator<Item = String>, names: &[&str]) -> Result<(), Failure> {
    let Some(stranger) = used.find(|name| !names.contains(&name.as_str())) else { return Ok(()) };
    let text = &written.formula;
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '\'';
    let base = stranger.split('[').next().unwrap_or(&stranger);
    let place = text
        .match_indices(base)
        .map(|(start, found)| start..start + found.len())
        .find(|place| !text[..place.start].ends_with(word) && !text[place.end..].starts_with(word));
    let place = place.unwrap_or(0..text.len());
    Err(Failure::place(&Diagnostic::unknown_input(&stranger, place, names), text, &written.origin))
}
