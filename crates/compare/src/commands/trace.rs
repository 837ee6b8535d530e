//! `compare trace`: the forward and the backward pass, node by node, in the words of the article.

use std::fmt::Write;
use std::path::PathBuf;

use backprop::trace::Trace;
use clap::Args;
use commands::output::json;
use commands::output::number::{count, number};
use commands::stepper::{Part, Stepper};
use commands::trace::{Document, names, one_output, trace, words};
use commands::{Failure, ParsedFunction, Points, points};
use expr::Function;
use syntax::Setting;

use crate::args::{Format, FunctionArgs, PointArgs};
use crate::output::data_table::DataTable;
use crate::output::files;

const EXAMPLES: &str = "\
Examples:
  compare trace \"let q = x + y; q * z\" --at x=-2,y=5,z=-4
  compare trace \"b = a + a; b*b\" --at a=3 --html steps.html";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct TraceArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    #[command(flatten)]
    pub(crate) points: PointArgs,
    /// Output format [default: table, unless a file is written]
    #[arg(long, value_enum, help_heading = "Output")]
    pub(crate) format: Option<Format>,
    /// Write a page for the browser that steps through both passes
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) html: Option<PathBuf>,
    /// Draw the graph with values and gradients into an SVG file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) svg: Option<PathBuf>,
    /// Show only nodes that depend on this input (default above 300 nodes: the first input)
    #[arg(long, value_name = "INPUT", help_heading = "Output")]
    pub(crate) wrt: Option<String>,
}

/// The passes at every point, as text or as files.
pub(crate) fn render(given: &ParsedFunction, points: &Points, args: &TraceArgs) -> Result<String, Failure> {
    let flat = one_output(given)?;
    let pictures = args.html.is_some() || args.svg.is_some();
    if !pictures && args.wrt.is_some() {
        return Err(Failure::text("--wrt chooses what --html and --svg show; give it with one of them"));
    }
    let wrote = if pictures { pictured(given, flat, points, args)? } else { String::new() };
    match args.format {
        None if pictures => Ok(wrote),
        format => Ok(text(given, flat, points, format.unwrap_or(Format::Table))),
    }
}

/// Writes the page and the picture; says so.
fn pictured(
    given: &ParsedFunction,
    flat: &Function,
    points: &Points,
    args: &TraceArgs,
) -> Result<String, Failure> {
    if points.all.len() > 1 {
        return Err(Failure::text("a page or a picture shows one point; several are given"));
    }
    let trace = trace(flat, &points.all[0]);
    let wrt = args.wrt.as_ref().map(|name| points::input(&trace.inputs, name, Setting::By)).transpose()?;
    let part = Part::of(&trace, wrt);
    let said = part.said(&trace);
    let (title, origin) = (given.title(), points.origin(0));
    let stepper = Stepper::named(&trace, part, &title, &origin, &given.name());
    let html = args.html.as_deref().map(|path| (path, stepper.page()));
    let svg = args.svg.as_deref().map(|path| (path, stepper.picture()));
    let files: Vec<_> = html.into_iter().chain(svg).collect();
    files::write(&files)?;
    let mut out = String::new();
    for (path, _) in files {
        let _ = writeln!(out, "wrote {} (nodes: {})", path.display(), count(trace.nodes.len() as u64));
    }
    said.iter().for_each(|said| out += &format!("{said}\n"));
    Ok(out)
}

fn text(given: &ParsedFunction, flat: &Function, points: &Points, format: Format) -> String {
    let mut out = String::new();
    for (k, at) in points.all.iter().enumerate() {
        let trace = trace(flat, at);
        match format {
            Format::Table => {
                if k > 0 {
                    out.push('\n');
                }
                words(&mut out, flat, &trace, given, &points.origin(k));
            }
            Format::Json => out += &json::text(&Document::new(&trace)),
            Format::Csv => out += &data_table(flat, &trace).csv(),
            Format::Markdown => out += &data_table(flat, &trace).markdown(),
        }
    }
    out
}

fn data_table(f: &Function, trace: &Trace) -> DataTable {
    let names = names(f);
    let mut data_table = DataTable::new(&[
        "node",
        "text",
        "value",
        "upstream gradients",
        "gradient",
        "local gradients",
        "downstream gradients",
    ]);
    let join = |values: &mut dyn Iterator<Item = f64>| values.map(number).collect::<Vec<_>>().join(" ");
    for node in &trace.nodes {
        data_table.push(vec![
            names[node.id - 1].clone(),
            node.text.clone(),
            number(node.value),
            join(&mut node.upstream.iter().map(|(_, gradient)| *gradient)),
            number(node.gradient),
            join(&mut node.local.iter().copied()),
            join(&mut node.downstream.iter().copied()),
        ]);
    }
    data_table
}
