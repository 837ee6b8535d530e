//! What is said at each node, as data that the script reads.

use backprop::trace::{Trace, TracedNode};
use serde::Serialize;

use crate::output::number::number;

use super::Stepper;

/// How nodes are called.
pub(crate) struct Labels(Vec<String>);

impl Labels {
    /// The output has the `name` of the function, unless another node has that.
    pub(crate) fn new(trace: &Trace, name: &str) -> Labels {
        let label = |node: &TracedNode| match &node.name {
            Some(name) => name.clone(),
            None if node.operator == "constant" => node.text.clone(),
            None => format!("#{}", node.id),
        };
        let mut labels: Vec<String> = trace.nodes.iter().map(label).collect();
        let last = trace.nodes.last().filter(|last| last.name.is_none());
        if last.is_some() && !labels.iter().any(|label| label == name) {
            labels.pop();
            labels.push(name.to_owned());
        }
        Labels(labels)
    }

    /// Of the node with this number.
    pub(crate) fn of(&self, id: usize) -> &str {
        &self.0[id - 1]
    }

    pub(crate) fn output(&self) -> &str {
        self.0.last().map_or("f", String::as_str)
    }
}

/// A number to seven digits, for reading.
pub fn figure(value: f64) -> String {
    rounded(value, 7)
}

/// A number to so many digits: more where they stand before the point, fewer where it has fewer.
pub fn rounded(value: f64, digits: usize) -> String {
    let exact = number(value);
    if exact.len() <= digits + 2 || !value.is_finite() {
        return exact;
    }
    let long = value.abs() >= 10f64.powi(digits as i32 + 3);
    let before_point = if long { 0 } else { value.abs().log10().floor().max(0.0) as usize + 1 };
    let rounded: f64 = format!("{value:.*e}", digits.max(before_point) - 1).parse().unwrap_or(value);
    if long { format!("{rounded:e}") } else { number(rounded) }
}

#[derive(Serialize)]
struct Data<'a> {
    output: &'a str,
    nodes: Vec<Node<'a>>,
}

#[derive(Serialize)]
struct Node<'a> {
    id: usize,
    label: &'a str,
    /// What it computes; nothing for an input.
    text: Option<String>,
    value: String,
    gradient: String,
    upstream: Vec<Upstream<'a>>,
    arguments: Vec<Argument<'a>>,
    /// Arguments that are not listed.
    more: usize,
}

#[derive(Serialize)]
struct Upstream<'a> {
    from: Option<&'a str>,
    gradient: String,
}

#[derive(Serialize)]
struct Argument<'a> {
    to: &'a str,
    id: usize,
    /// Where the same node is an argument more than once, which of them.
    which: Option<usize>,
    constant: bool,
    shown: bool,
    value: String,
    local: String,
    downstream: String,
}

/// Arguments beyond this many that are not shown are only counted.
const LISTED: usize = 12;

/// As JSON that may stand inside of HTML.
pub(crate) fn data(stepper: &Stepper<'_>) -> String {
    let Stepper { trace, labels, part, .. } = stepper;
    let node = |&k: &usize| {
        let node = &trace.nodes[k];
        let mut arguments = Vec::new();
        for (k, &id) in node.arguments.iter().enumerate() {
            let shown = part.nodes.binary_search(&(id - 1)).is_ok();
            if !shown && arguments.len() >= LISTED {
                continue;
            }
            let several = node.arguments.iter().filter(|&&other| other == id).count() > 1;
            arguments.push(Argument {
                to: labels.of(id),
                id,
                which: several.then_some(k + 1),
                constant: trace.nodes[id - 1].operator == "constant",
                shown,
                value: figure(trace.nodes[id - 1].value),
                local: figure(node.local[k]),
                downstream: figure(node.downstream[k]),
            });
        }
        Node {
            id: node.id,
            label: labels.of(node.id),
            text: (node.operator != "input").then(|| short(&node.text, 120)),
            value: figure(node.value),
            gradient: figure(node.gradient),
            upstream: node
                .upstream
                .iter()
                .map(|&(from, gradient)| Upstream {
                    from: from.map(|from| labels.of(from)),
                    gradient: figure(gradient),
                })
                .collect(),
            more: node.arguments.len() - arguments.len(),
            arguments,
        }
    };
    let data = Data { output: labels.output(), nodes: part.nodes.iter().map(node).collect() };
    let text = serde_json::to_string(&data).expect("it has string keys and no numbers that JSON lacks");
    // Nothing that a page could take for markup.
    text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// A text of at most so many characters.
pub fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_lose_no_whole_digits() {
        let four = |value| rounded(value, 4);
        assert_eq!(four(-12.0), "-12");
        assert_eq!(four(0.731_058_578_630_004_9), "0.7311");
        assert_eq!(four(465_493.097_169), "465493");
        assert_eq!(four(1_234_567_890.5), "1.235e9");
        assert_eq!(four(1e-300), "1e-300");
        assert_eq!(four(f64::NEG_INFINITY), "-inf");
        assert_eq!(figure(2.0f64.sqrt()), "1.414214");
    }
}
