//! The stepper: a graph that is walked through forwards and backwards, in a browser, in the words of the article.
//!
//! The picture is drawn here, in its final state, which is also what `--svg` writes; a script then uncovers it node by
//! node. What it says at each step comes along as data, so that the script formats nothing and the page needs nobody.

mod data;
mod draw;
mod layout;
mod part;

use backprop::trace::Trace;

use crate::markup::escape;
use crate::output::number::number;

use data::{Labels, data};
pub use data::{figure, rounded, short};
use layout::Layout;
pub use part::Part;

/// How the graph looks, also in a picture by itself.
const GRAPH: &str = include_str!("graph.css");
/// How the rest looks.
const PAGE: &str = include_str!("page.css");
/// What uncovers it.
const SCRIPT: &str = include_str!("stepper.js");

/// A trace, placed.
pub struct Stepper<'a> {
    trace: &'a Trace,
    title: &'a str,
    /// Where the point comes from, if that must be said.
    origin: String,
    part: Part,
    labels: Labels,
    layout: Layout,
}

impl<'a> Stepper<'a> {
    /// Both passes of the function `title`, or of a part of it.
    pub fn new(trace: &'a Trace, part: Part, title: &'a str, origin: &str) -> Self {
        Stepper::named(trace, part, title, origin, "f")
    }

    /// The same of a function with a name, which its output has.
    pub fn named(trace: &'a Trace, part: Part, title: &'a str, origin: &str, name: &str) -> Self {
        let labels = Labels::new(trace, name);
        let layout = layout::place(&draw::vertices(trace, &part, &labels));
        Stepper { trace, title, origin: origin.trim().to_owned(), part, labels, layout }
    }

    /// The final state as a picture that stands by itself.
    pub fn picture(&self) -> String {
        draw::picture(self)
    }

    /// A part of a page: the picture, the controls and what is said. The page needs [`styles`] and [`script`] once, and
    /// `id` belongs to no other part of it.
    pub fn fragment(&self, id: &str) -> String {
        let id = escape(id);
        let said = self.part.said(self.trace);
        let said = said.map_or(String::new(), |said| format!("<p class=\"note\">{}</p>\n", escape(&said)));
        let listed = self.part.inputs(self.trace);
        let slope = |&k: &usize| {
            format!(
                "<li>∂{}/∂{1} = <output data-input=\"{1}\">{2}</output></li>",
                escape(self.labels.output()),
                escape(&self.trace.inputs[k]),
                number(self.trace.gradient[k])
            )
        };
        let mut gradient: String = listed.iter().map(slope).collect();
        let others = self.trace.inputs.len() - listed.len();
        if others > 0 {
            gradient += &format!("<li>… and {others} inputs that are not shown</li>");
        }
        format!(
            r#"<section class="stepper" id="{id}" tabindex="0" aria-label="Forward and backward pass, step by step">
{said}<div class="controls" role="group" aria-label="Steps">
<button type="button" data-go="first">« Start</button>
<button type="button" data-go="back">‹ Back</button>
<button type="button" data-go="next">Next ›</button>
<button type="button" data-go="play">▶ Play</button>
<button type="button" data-go="backward">Backward pass</button>
<button type="button" data-go="last">End »</button>
<input type="range" min="0" value="0" aria-label="Step">
<span class="where"></span>
<span class="zoom" role="group" aria-label="Size of the graph"><button type="button" data-zoom="out" aria-label="Smaller">−</button><button type="button" data-zoom="all">All</button><button type="button" data-zoom="in" aria-label="Larger">+</button></span>
</div>
<div class="graph" tabindex="0" role="region" aria-label="Computational graph">
{picture}</div>
<div class="says" tabindex="0" role="region" aria-label="What happens at this step" aria-live="polite"></div>
<div class="gradient"><h3>Gradient</h3><ul>{gradient}</ul></div>
<script type="application/json">{data}</script>
</section>
"#,
            picture = draw::inline(self, &id),
            data = data(self),
        )
    }

    /// A page by itself: one file, no network.
    pub fn page(&self) -> String {
        format!(
            r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}: forward and backward pass</title>
{styles}</head>
<body>
<h1><code>{title}</code></h1>
<p>{at}</p>
<p class="key">Green: <span class="value">value</span> (forward pass). Red: <span class="slope">∂{output}/∂node</span> (backward
pass). Numbers are rounded; hover over a node to see all digits. Use the buttons, or the keys ← → Home End, and + − 0 for the size of the graph.</p>
{fragment}{script}</body>
</html>
"#,
            title = escape(self.title),
            styles = styles(),
            at = escape(&self.at()),
            output = escape(self.labels.output()),
            fragment = self.fragment("stepper"),
            script = script(),
        )
    }

    /// The point, in a line.
    fn at(&self) -> String {
        const MOST: usize = 12;
        let trace = self.trace;
        let inputs = trace.inputs.iter().zip(&trace.at).take(MOST);
        let mut list: Vec<String> = inputs.map(|(name, x)| format!("{name} = {}", figure(*x))).collect();
        if trace.inputs.len() > MOST {
            list.push(format!("… ({} inputs)", trace.inputs.len()));
        }
        let origin = if self.origin.is_empty() { String::new() } else { format!(" {}", self.origin) };
        let place = if list.is_empty() { String::new() } else { format!("at {}{origin}: ", list.join(", ")) };
        format!("{place}{} = {}", self.labels.output(), number(trace.value))
    }
}

/// What a page with steppers needs in its head.
pub fn styles() -> String {
    format!("<style>\n{GRAPH}{PAGE}</style>\n")
}

/// What a page with steppers needs at its end.
pub fn script() -> String {
    format!("<script>\n{SCRIPT}</script>\n")
}
