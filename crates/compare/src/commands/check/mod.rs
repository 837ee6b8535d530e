//! `compare check`: derivatives worked out by hand, line by line.

mod answer;
mod rows;

use std::path::PathBuf;

use clap::Args;
use experiments::Family;
use expr::{Constant, Function, Shape, UnrollError};
use harness::claims::{self, Checked, Claim, EveryError, Everywhere, Options, check_every};
use prove::is_element;
use symbolic::Literals;
use syntax::{Diagnostic, Reader};

use answer::{data_table, document, word, words};

use crate::args::{FailingArgs, Format, FormatArgs, FunctionArgs};
use crate::failure::Failure;
use crate::input::{self};
use crate::output::json;

const EXAMPLES: &str = "\
Examples:
  compare check \"x^x\" --claim \"x=x^x*(ln(x) + 1)\"
  compare check \"sum(i, 1, n, x[i]^2)\" --claim \"x[j]=2*x[j]\"

A file (--file) has the function first, then lines such as d/dx = 2*x.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    /// Claimed partial derivative: x='2*x', x[3]=…, or x[j]=… for every element; repeatable
    #[arg(long, value_name = "x=FORMULA", allow_hyphen_values = true)]
    pub(crate) claim: Vec<String>,
    /// CSV of claims (columns expression, input, claim); it is printed with a column status
    #[arg(long, value_name = "PATH", conflicts_with_all = ["expression", "file", "claim"])]
    pub(crate) claims: Option<PathBuf>,
    /// Show the steps of every proof
    #[arg(long)]
    pub(crate) steps: bool,
    /// Read decimals as the numbers printed, not as the nearest doubles
    #[arg(long)]
    pub(crate) exact_decimals: bool,
    /// Seed for random points
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) output: FormatArgs,
    #[command(flatten)]
    pub(crate) failing: FailingArgs,
}

/// The function that claims are about.
struct ClaimText {
    text: String,
    /// With its axes; sizes that `--size` gives are bound, others stay open.
    function: Function,
    sizes: Vec<(String, i64)>,
}

/// A claim as it was written: `x = formula`, and where it came from.
struct Written {
    input: String,
    formula: String,
    origin: String,
}

/// A claim with its verdict.
struct Line {
    written: Written,
    checked: Checked,
    /// The sizes for all values of which, from 1 on, it is so.
    sizes: Vec<String>,
    /// The indices for all values of which it is so.
    indices: Vec<String>,
    /// Whether it makes a difference what decimals mean.
    has_decimals: bool,
}

/// Checks all claims.
pub(crate) fn render(args: &CheckArgs) -> Result<(String, Vec<&'static str>), Failure> {
    if let Some(path) = &args.claims {
        return rows::render(args, path);
    }
    let (given, written) = read(args)?;
    if written.is_empty() {
        return Err(Failure::text("nothing is claimed: say what a derivative is with --claim x='…'"));
    }
    let lines: Vec<Line> =
        written.into_iter().map(|claim| examine(args, &given, claim)).collect::<Result<_, _>>()?;
    let text = match args.output.format {
        Format::Table => words(&given, &lines, args),
        Format::Json => json::text(&document(&given, &lines, args)),
        Format::Csv => data_table(&lines).csv(),
        Format::Markdown => data_table(&lines).markdown(),
    };
    Ok((text, lines.iter().map(|line| word(&line.checked.status)).collect()))
}

/// The function and what is claimed of it. A file has the function first, then lines `d/dx = …`, each of which may go on
/// in lines that begin with `=`.
fn read(args: &CheckArgs) -> Result<(ClaimText, Vec<Written>), Failure> {
    let mut written = Vec::new();
    for (k, text) in args.claim.iter().enumerate() {
        let (input, formula) = text.split_once('=').ok_or_else(|| {
            let place =
                Diagnostic::at(text.len()..text.len(), "a claim says what a derivative is", "= expected");
            Failure::place(&place.help("write it as x='2*x'"), text, "--claim")
        })?;
        let origin =
            if args.claim.len() == 1 { "--claim".to_owned() } else { format!("--claim no. {}", k + 1) };
        written.push(Written { input: input.trim().to_owned(), formula: formula.trim().to_owned(), origin });
    }
    let Some(path) = &args.function.file else {
        let (text, origin) = input::text(&args.function)?;
        return Ok((given(args, text, &origin)?, written));
    };
    let (mut function, mut current) = (String::new(), None::<String>);
    for (k, line) in input::contents(path)?.lines().enumerate() {
        let trimmed = line.trim();
        let origin = format!("{}, line {}", path.display(), k + 1);
        let claim = trimmed.strip_prefix("d/d").and_then(|rest| rest.split_once('='));
        match (claim, &current, trimmed.strip_prefix('=')) {
            (Some((input, formula)), _, _) => {
                let input = input.trim().to_owned();
                written.push(Written { input: input.clone(), formula: formula.trim().to_owned(), origin });
                current = Some(input);
            }
            (None, Some(input), Some(formula)) => {
                written.push(Written { input: input.clone(), formula: formula.trim().to_owned(), origin });
            }
            (None, Some(_), None) if trimmed.is_empty() || trimmed.starts_with('#') => {}
            (None, Some(_), None) => {
                let place =
                    Diagnostic::at(0..line.len(), "not a claim", "d/dx = …, or = … to go on, expected");
                return Err(Failure::place(&place, line, &origin));
            }
            (None, None, _) => {
                function += line;
                function.push('\n');
            }
        }
    }
    Ok((given(args, function, &path.display().to_string())?, written))
}

/// Reads the function, or takes a family by its name.
fn given(args: &CheckArgs, text: String, origin: &str) -> Result<ClaimText, Failure> {
    let text = match Family::named(text.trim()).map(|family| family.form) {
        Some(form) if args.function.file.is_none() => form.text().map_or(text, str::to_owned),
        _ => text,
    };
    let sizes = input::sizes(&args.function)?;
    let function = input::rolled(&text, origin, &sizes, args.function.max_nodes, false)?;
    let shape = |id| function.graph().shape(id, &|_, _| None);
    match *function.outputs() {
        [output] if shape(output) == Shape::number() => Ok(ClaimText { text, function, sizes }),
        _ => Err(several()),
    }
}

/// An array is as many outputs as it has elements.
fn several() -> Failure {
    Failure::text("check looks at one output; give it a function with one")
}

fn examine(args: &CheckArgs, given: &ClaimText, written: Written) -> Result<Line, Failure> {
    let literals = if args.exact_decimals { Literals::Exact } else { Literals::Nearest };
    let options = Options { seed: args.seed, nodes: args.function.max_nodes, literals, ..Options::default() };
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
    let flat = given.function.unroll(args.function.max_nodes).map_err(|error| {
        Failure::place(&Diagnostic::unroll(&error, &given.function, &given.text), &given.text, "expression")
    })?;
    if flat.outputs().len() != 1 {
        return Err(several());
    }
    let names = flat.input_names();
    let Some(input) = names.iter().position(|name| *name == written.input) else {
        return Err(unknown(&written, &names));
    };
    let formula =
        formula.unroll(args.function.max_nodes).map_err(|error| Failure::text(error.to_string()))?;
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
