//! The forward and the backward pass, node by node, in the words of the article.

use std::fmt::Write;

use backprop::trace::{Trace, TracedNode, label};
use expr::{Function, NodeId};
use serde::Serialize;

use crate::output::json::Number;
use crate::output::number::number;
use crate::output::table::{wrap, wrap_behind};
use crate::{Failure, ParsedFunction};

pub use backprop::trace::trace;

/// Values stand below each other behind equations that are not longer than this.
const COLUMN: usize = 40;
/// Longer texts of nodes are cut.
const TEXT: usize = 100;

/// The function without its loops, if it has one output.
///
/// # Errors
/// When it has several, or cannot be unrolled.
pub fn one_output(given: &ParsedFunction) -> Result<&Function, Failure> {
    let flat = given.flat()?;
    match flat.outputs().len() {
        1 => Ok(flat),
        _ => Err(Failure::text("trace follows one output; give it a function with one")),
    }
}

/// How nodes are called.
pub fn names(f: &Function) -> Vec<String> {
    f.graph().ids().map(|id: NodeId| label(f, id)).collect()
}

/// For people.
pub fn words(out: &mut String, f: &Function, trace: &Trace, given: &ParsedFunction, origin: &str) {
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

/// Both passes, to be serialised as `chainrule/trace/1`.
#[derive(Serialize)]
pub struct Document<'a> {
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
    /// Of what was traced.
    pub fn new(trace: &'a Trace) -> Self {
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
