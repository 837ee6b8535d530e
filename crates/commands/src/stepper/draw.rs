//! Draws a placed graph: boxes with values above and gradients below, and edges between them.

use std::fmt::Write;

use backprop::trace::{Trace, TracedNode};

use crate::markup::escape;
use crate::output::number::number;

use super::data::{Labels, rounded, short};
use super::layout::{Edge, Vertex};
use super::{GRAPH, Part, Stepper};

/// The width of a character, in a font of 13 pixels whose characters are all as wide.
const CHARACTER: f64 = 8.0;
/// Longer texts of nodes give way to the operator.
const TEXT: usize = 18;
/// Above and below a box there is room for a number.
const NUMBER: f64 = 18.0;
/// The width of a character on an edge, in a font of 11 pixels.
const SMALL: f64 = 6.7;
/// Graphs of more nodes have nothing written on their edges, nor have nodes of more arguments: it would not be readable.
const MOST_NODES: usize = 60;
const MOST_ARGUMENTS: usize = 6;

/// A number of four digits, as it stands in the picture.
fn figure(value: f64) -> String {
    rounded(value, 4)
}

/// What stands in a box: the name, and what is computed.
fn lines(node: &TracedNode, labels: &Labels) -> Vec<String> {
    let name = short(labels.of(node.id), TEXT);
    if node.operator == "input" || node.operator == "constant" {
        return vec![name];
    }
    // A text that names other nodes by number is still the shortest way to say what is done with them.
    let text = if node.text.chars().count() <= TEXT {
        node.text.clone()
    } else if node.arguments.len() > 3 {
        format!("{} of {}", node.operator, node.arguments.len())
    } else {
        format!("{}(…)", node.operator)
    };
    vec![name, text]
}

/// What is written on the edge of each argument: upstream × local, and below it the downstream gradient.
fn products(trace: &Trace, part: &Part, node: &TracedNode) -> Vec<Option<[String; 2]>> {
    let readable = part.nodes.len() <= MOST_NODES && node.arguments.len() <= MOST_ARGUMENTS;
    let bracketed = |value: f64| match figure(value) {
        text if text.starts_with('-') => format!("({text})"),
        text => text,
    };
    let product = |(k, &argument): (usize, &usize)| {
        let listens = trace.nodes[argument - 1].operator != "constant";
        (readable && listens).then(|| {
            let factors = format!("{} × {}", figure(node.gradient), bracketed(node.local[k]));
            [factors, format!("= {}", figure(node.downstream[k]))]
        })
    };
    node.arguments.iter().enumerate().map(product).collect()
}

/// The nodes that are shown, with the room that they take.
pub(crate) fn vertices(trace: &Trace, part: &Part, labels: &Labels) -> Vec<Vertex> {
    let vertex = |&k: &usize| {
        let node = &trace.nodes[k];
        let lines = lines(node, labels);
        let numbers = [figure(node.value), format!("∂ {}", figure(node.gradient))];
        let wide = |texts: &[String]| texts.iter().map(|text| text.chars().count()).max().unwrap_or(0) as f64;
        let arrivals =
            node.arguments.iter().filter_map(|argument| part.nodes.binary_search(&(argument - 1)).ok());
        let from: Vec<usize> = arrivals.collect();
        // A box with many arguments is tall enough for them.
        let tall = (12.0 + 4.0 * from.len() as f64).min(240.0);
        let body = (wide(&lines) * CHARACTER + 20.0, (12.0 + 17.0 * lines.len() as f64).max(tall));
        let width = body.0.max(wide(&numbers) * CHARACTER);
        let written = products(trace, part, node).into_iter().flatten().map(|lines| wide(&lines) * SMALL);
        let written = written.fold(0.0, f64::max);
        Vertex { width, height: body.1 + 2.0 * NUMBER, body, from, written }
    };
    part.nodes.iter().map(vertex).collect()
}

fn path(edge: &Edge) -> String {
    let mut out = format!("M{:.1} {:.1}", edge.start.0, edge.start.1);
    for [(x, y), (to_x, to_y)] in &edge.curves {
        let bend = (x + to_x) / 2.0;
        let _ = write!(out, "L{x:.1} {y:.1}C{bend:.1} {y:.1} {bend:.1} {to_y:.1} {to_x:.1} {to_y:.1}");
    }
    let _ = write!(out, "L{:.1} {:.1}", edge.end.0, edge.end.1);
    out
}

/// Edges and nodes; `id` tells the arrowheads of this picture from those of others on the page.
fn body(out: &mut String, stepper: &Stepper<'_>, id: &str) {
    let Stepper { trace, part, labels, layout, .. } = stepper;
    let _ = writeln!(
        out,
        r#"<defs><marker id="{id}-to" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0.5L8 4L0 7.5Z"/></marker>
<marker id="{id}-back" viewBox="0 0 8 8" refX="0" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path class="head back" d="M8 0.5L0 4L8 7.5Z"/></marker></defs>"#
    );
    let shown = vertices(trace, part, labels);
    for (k, edges) in layout.edges.iter().enumerate() {
        for (edge, &from) in edges.iter().zip(&shown[k].from) {
            let ids = (part.nodes[from] + 1, part.nodes[k] + 1);
            let _ = writeln!(
                out,
                r#"<path class="edge" data-from="{}" data-to="{}" d="{}" marker-end="url(#{id}-to)"/>"#,
                ids.0,
                ids.1,
                path(edge)
            );
        }
    }
    for ((&k, vertex), (x, y)) in part.nodes.iter().zip(&shown).zip(&layout.middles) {
        let node = &trace.nodes[k];
        let (width, height) = vertex.body;
        let kind = match node.operator.as_str() {
            "input" => "input",
            _ if node.id == trace.nodes.len() => "result",
            _ => "operation",
        };
        let lines = lines(node, labels);
        let own = if lines.len() == 1 {
            labels.of(node.id).to_owned()
        } else {
            format!("{} = {}", labels.of(node.id), short(&node.text, 200))
        };
        let _ = writeln!(
            out,
            r#"<g class="node {kind}" data-node="{}"><title>{}: value {}, gradient {}</title><rect x="{:.1}" y="{:.1}" width="{width:.1}" height="{height:.1}" rx="{}"/>"#,
            node.id,
            escape(&own),
            number(node.value),
            number(node.gradient),
            x - width / 2.0,
            y - height / 2.0,
            if kind == "input" { height / 2.0 } else { 5.0 }
        );
        let first = y + 4.5 - 8.5 * (lines.len() - 1) as f64;
        for (line, text) in lines.iter().enumerate() {
            let class = if line == 0 { "name" } else { "does" };
            let _ = writeln!(
                out,
                r#"<text class="{class}" x="{x:.1}" y="{:.1}">{}</text>"#,
                first + 17.0 * line as f64,
                escape(text)
            );
        }
        let _ = writeln!(
            out,
            r#"<text class="value" x="{x:.1}" y="{:.1}">{}</text><text class="slope" x="{x:.1}" y="{:.1}">∂ {}</text></g>"#,
            y - height / 2.0 - 5.0,
            figure(node.value),
            y + height / 2.0 + 14.0,
            figure(node.gradient)
        );
    }
}

/// Beside the middle of the last curve of each edge: upstream × local = downstream; a page shows each as its passes reach it.
fn on_edges(out: &mut String, stepper: &Stepper<'_>) {
    let Stepper { trace, part, layout, .. } = stepper;
    for (&k, edges) in part.nodes.iter().zip(&layout.edges) {
        let node = &trace.nodes[k];
        let shown = node.arguments.iter().zip(products(trace, part, node));
        let shown = shown.filter(|(argument, _)| part.nodes.binary_search(&(*argument - 1)).is_ok());
        let mut seen: Vec<usize> = Vec::new();
        for ((&argument, lines), edge) in shown.zip(edges) {
            let (Some([factors, product]), Some([(x, y), (to_x, to_y)])) = (lines, edge.curves.last()) else {
                continue;
            };
            // The same node as an argument once more: below what is written already.
            let again = seen.iter().filter(|&&other| other == argument).count() as f64;
            seen.push(argument);
            let (x, y) = ((x + to_x) / 2.0, (y + to_y) / 2.0 - 3.0 + 28.0 * again);
            let _ = writeln!(
                out,
                r#"<text class="product" data-from="{argument}" data-to="{}" x="{x:.1}" y="{y:.1}">{}<tspan x="{x:.1}" dy="13">{}</tspan></text>"#,
                node.id,
                escape(&factors),
                escape(&product)
            );
        }
    }
}

/// Inside of a page, which brings the style.
pub(crate) fn inline(stepper: &Stepper<'_>, id: &str) -> String {
    let (width, height) = (stepper.layout.width, stepper.layout.height);
    let mut out = format!(
        r#"<svg viewBox="0 0 {width:.1} {height:.1}" style="--natural:{width:.0}px" role="img" aria-label="The computational graph of {}">
"#,
        escape(stepper.title)
    );
    body(&mut out, stepper, id);
    on_edges(&mut out, stepper);
    out + "</svg>\n"
}

/// By itself.
pub(crate) fn picture(stepper: &Stepper<'_>) -> String {
    let said = stepper.part.said(stepper.trace);
    let key = "above: value, forward pass · below: ∂ gradient, backward pass".to_owned();
    let lines: Vec<String> = [Some(stepper.at()), Some(key), said].into_iter().flatten().collect();
    let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let title = short(stepper.title, 90);
    let wide = (longest as f64 * 6.9).max(title.chars().count() as f64 * 10.0) + 40.0;
    let width = stepper.layout.width.max(wide).ceil();
    let top = 44.0 + 20.0 * lines.len() as f64;
    let height = (top + stepper.layout.height).ceil();
    let mut out = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{label}">
<style>
{GRAPH}</style>
<rect class="paper" width="{width}" height="{height}" rx="10"/>
<text class="heading" x="20" y="30">{label}</text>
"#,
        label = escape(&title),
    );
    for (k, line) in lines.iter().enumerate() {
        let _ = writeln!(out, r#"<text class="line" x="20" y="{}">{}</text>"#, 52 + 20 * k, escape(line));
    }
    let _ = writeln!(out, r#"<g transform="translate({:.1} {top})">"#, (width - stepper.layout.width) / 2.0);
    body(&mut out, stepper, "graph");
    on_edges(&mut out, stepper);
    out + "</g>\n</svg>\n"
}
