//! `compare check`: derivatives worked out by hand, line by line.

mod rows;

use std::path::PathBuf;

use clap::Args;
use commands::Failure;
use commands::check::{
    CheckRequest, ClaimText, Line, Written, detail, document, examine, place, word, words,
};
use commands::output::json;
use experiments::Family;
use syntax::Diagnostic;

use crate::args::{FailingArgs, Format, FormatArgs, FunctionArgs};
use crate::input;
use crate::output::data_table::DataTable;

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
        written.into_iter().map(|claim| examine(&request(args), &given, claim)).collect::<Result<_, _>>()?;
    let text = match args.output.format {
        Format::Table => words(&given, &lines, &request(args), crate::words::of),
        Format::Json => json::text(&document(&given, &lines, &request(args))),
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
    let sizes = input::sizes(&args.function.size)?;
    let function = input::rolled(&text, origin, &sizes, args.function.max_nodes, false)?;
    ClaimText::new(text, function, sizes)
}

/// What the options say of how to check.
fn request(args: &CheckArgs) -> CheckRequest {
    CheckRequest {
        max_nodes: args.function.max_nodes,
        seed: args.seed,
        exact_decimals: args.exact_decimals,
        steps: args.steps,
    }
}

fn data_table(lines: &[Line]) -> DataTable {
    let mut data_table = DataTable::new(&["input", "claim", "status", "detail", "only_where", "except"]);
    for line in lines {
        let except: Vec<String> = line.checked.except.iter().map(|point| place(point, usize::MAX)).collect();
        data_table.push(vec![
            line.written.input.clone(),
            line.written.formula.clone(),
            word(&line.checked.status).to_owned(),
            detail(line),
            line.checked.only_where.join("; "),
            except.join("; "),
        ]);
    }
    data_table
}
