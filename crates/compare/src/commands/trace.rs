//! `compare trace`: the forward and the backward pass, node by node, in the words of the article.

use std::fmt::Write;
use std::path::PathBuf;

use backprop::trace::{Trace, TracedNode, label, trace};
use clap::Args;
use expr::{Function, NodeId};
use serde::Serialize;

use crate::args::{Format, FunctionArgs, PointArgs};
use crate::failure::Failure;
use crate::output::data_table::DataTable;
use crate::output::files;
use crate::output::json::{self, Number};
use crate::output::number::{count, number};
use crate::output::table::{wrap, wrap_behind};
use crate::parsed::ParsedFunction;
use crate::pictures::stepper::{Part, Stepper};
use crate::points::{self, Points};

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

/// Values stand below each other behind equations that are not longer than this.
const COLUMN: usize = 40;
/// Longer texts of nodes are cut.
const TEXT: usize = 100;

/// The passes at every point, as text or as files.
pub(crate) fn render(given: &ParsedFunction, points: &Points, args: &TraceArgs) -> Result<String, Failure> {
    let flat = given.flat()?;
    if flat.outputs().len() > 1 {
        return Err(Failure::text("trace follows one output; give it a function with one"));
    }
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
    let wrt = args.wrt.as_ref().map(|name| points::input(&trace.inputs, name, "--wrt")).transpose()?;
    let part = Part::of(&trace, wrt);
    let said = part.said(&trace);
    let (title, origin) = (given.title(), points.origin(0));
    let stepper = Stepper::new(&trace, part, &title, &origin);
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

/// How a node is called.
fn names(f: &Function) -> Vec<String> {
    f.graph().ids().map(|id: NodeId| label(f, id)).collect()
}

fn words(out: &mut String, f: &Function, trace: &Trace, given: &ParsedFunction, origin: &str) {
    let names = names(f);
    let last = trace.nodes.len();
    let constant = |node: &TracedNode| node.operator == "constant";
    let _ = writeln!(out, "{}\n", wrap_behind(&format!("{}{origin}", given.title()), "  "));
    let _ = writeln!(out, "Forward pass: every node computes its value from its inputs, and keeps it.\n");
    let width = trace
        .nodes
        .iter()
        .filter(|node| !constant(node))
        .map(|node| equation(node, &names).chars().count())
        .filter(|width| *width <= COLUMN)
        .max();
    for node in trace.nodes.iter().filter(|node| !constant(node)) {
        let equation = equation(node, &names);
        let pad = " ".repeat(width.unwrap_or(0).saturating_sub(equation.chars().count()));
        let role = match node.operator.as_str() {
            "input" => "   (input)",
            _ if node.id == last => "   (output)",
            _ => "",
        };
        let _ = writeln!(out, "  {equation}{pad}  =  {}{role}", number(node.value));
    }
    let backwards = "Backward pass: from the output back to the inputs. A node multiplies its upstream gradient by its local \
                     gradients; the products are the downstream gradients, which its inputs receive.";
    let _ = writeln!(out, "\n{}\n", wrap(backwards));
    for node in trace.nodes.iter().rev().filter(|node| !constant(node)) {
        backward(out, node, &names, &trace.nodes);
    }
    let _ = writeln!(out, "{}", wrap_behind(&format!("Gradient, at {}:", place(trace)), "  "));
    let output = given.name();
    for (name, gradient) in trace.inputs.iter().zip(&trace.gradient) {
        let _ = writeln!(out, "  ∂{output}/∂{name} = {}", number(*gradient));
    }
}

/// `q = x + y`, or just `x` for an input.
fn equation(node: &TracedNode, names: &[String]) -> String {
    let name = &names[node.id - 1];
    let text: String = match node.text.char_indices().nth(TEXT) {
        Some((end, _)) => format!("{}…", &node.text[..end]),
        None => node.text.clone(),
    };
    if *name == node.text { name.clone() } else { format!("{name} = {text}") }
}

fn backward(out: &mut String, node: &TracedNode, names: &[String], nodes: &[TracedNode]) {
    let name = &names[node.id - 1];
    let _ = writeln!(out, "  {}", equation(node, names));
    let from = |from: &Option<usize>| match from {
        Some(id) => format!("from {}", names[id - 1]),
        None => "this node is the output".to_owned(),
    };
    match node.upstream.as_slice() {
        [] => {
            let _ = writeln!(out, "    no upstream gradient: the output does not depend on it");
        }
        [(source, gradient)] => {
            let _ = writeln!(out, "    upstream gradient {} ({})", number(*gradient), from(source));
        }
        several => {
            let parts: Vec<String> = several.iter().map(|(_, gradient)| number(*gradient)).collect();
            let sources: Vec<String> = several.iter().map(|(source, _)| from(source)).collect();
            let _ = writeln!(
                out,
                "    {} upstream gradients, summed: {} = {} ({})",
                several.len(),
                parts.join(" + "),
                number(node.gradient),
                sources.join(", ")
            );
        }
    }
    for (k, &argument) in node.arguments.iter().enumerate() {
        let target = &names[argument - 1];
        // Nothing listens at a constant.
        if nodes[argument - 1].operator == "constant" {
            continue;
        }
        let which = if node.arguments.iter().filter(|&&other| other == argument).count() > 1 {
            format!("{target} (argument {})", k + 1)
        } else {
            target.clone()
        };
        let line = format!(
            "    local gradient ∂{name}/∂{which} = {}, downstream gradient to {target}: {} × {} = {}",
            number(node.local[k]),
            number(node.gradient),
            number(node.local[k]),
            number(node.downstream[k])
        );
        let _ = writeln!(out, "{}", wrap_behind(&line, "      "));
    }
    out.push('\n');
}

fn place(trace: &Trace) -> String {
    let parts: Vec<String> =
        trace.inputs.iter().zip(&trace.at).map(|(name, x)| format!("{name} = {}", number(*x))).collect();
    parts.join(", ")
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

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    inputs: &'a [String],
    at: Vec<Number>,
    value: Number,
    nodes: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: usize,
    name: Option<&'a str>,
    text: &'a str,
    operator: &'a str,
    arguments: &'a [usize],
    value: Number,
    upstream: Vec<Upstream>,
    gradient: Number,
    local: Vec<Number>,
    downstream: Vec<Number>,
}

#[derive(Serialize)]
struct Upstream {
    from: Option<usize>,
    gradient: Number,
}

impl<'a> Document<'a> {
    fn new(trace: &'a Trace) -> Self {
        let numbers = |values: &[f64]| values.iter().copied().map(Number).collect::<Vec<_>>();
        let row = |node: &'a TracedNode| Row {
            id: node.id,
            name: node.name.as_deref(),
            text: &node.text,
            operator: &node.operator,
            arguments: &node.arguments,
            value: Number(node.value),
            upstream: node
                .upstream
                .iter()
                .map(|&(from, gradient)| Upstream { from, gradient: Number(gradient) })
                .collect(),
            gradient: Number(node.gradient),
            local: numbers(&node.local),
            downstream: numbers(&node.downstream),
        };
        Document {
            schema: "chainrule/trace/1",
            inputs: &trace.inputs,
            at: numbers(&trace.at),
            value: Number(trace.value),
            nodes: trace.nodes.iter().map(row).collect(),
        }
    }
}
