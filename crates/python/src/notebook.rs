//! How a notebook shows a function.

use chainrule::Function;
use commands::markup::escape;
use expr::graph::Role;

/// The text, and what the inputs and sizes are.
pub(crate) fn html(text: &str, graph: &Function) -> String {
    let mut rows = String::new();
    for block in graph.graph().blocks() {
        let kind = match (block.role, block.rank) {
            (Role::Data, _) => "data".to_owned(),
            (_, 0) => "input, a number".to_owned(),
            (_, 1) => "input, a vector".to_owned(),
            (_, rank) => format!("input, {rank} axes"),
        };
        rows += &row(&block.name, &kind);
    }
    for size in graph.graph().sizes() {
        let value = graph.size(size).map_or("size, open".to_owned(), |value| format!("size, {value}"));
        rows += &row(size, &value);
    }
    format!("<pre><code>{}</code></pre>\n<table>{rows}</table>", escape(text))
}

/// A line of a table in a notebook.
fn row(name: &str, what: &str) -> String {
    format!(
        "<tr><th scope=\"row\">{}</th><td style=\"text-align: left\">{}</td></tr>",
        escape(name),
        escape(what)
    )
}
