//! The report as one page for browsers: no network, light and dark, on paper and on a phone.

use std::fmt::Write;

use backprop::trace::trace;
use commands::markup::escape;
use commands::stepper::{self, Part, Stepper};
use experiments::report::{Claim, Experiment, Figure, PLANS, Verdict};

use super::{Report, figure, page};

const STYLE: &str = include_str!("report.css");
/// The article's example, and its point.
const EXAMPLE: (&str, [f64; 3]) = ("let q = x + y; q * z", [-2.0, 5.0, -4.0]);
/// Of longer tables so many rows are shown; the CSV has all.
const ROWS: usize = 400;

/// `index.html`.
pub(super) fn page(report: &Report<'_>) -> String {
    let mut body = String::from("<h1>Why backpropagation? Its claims, measured</h1>\n");
    let _ = writeln!(
        body,
        "<p>The article says why networks are trained by backpropagation and not by nudging parameters or by formulas. Here \
         each of its claims is put to the test. A verdict follows from the figures by a bound that was written down \
         beforehand, and every gradient was checked against a certified one before its time was recorded.</p>\n\
         <p class=\"made\">{} · seed {} · {}</p>",
        report
            .environment
            .rows
            .iter()
            .map(|(name, value)| format!("{name} {}", escape(value)))
            .collect::<Vec<_>>()
            .join(" · "),
        report.effort.seed,
        escape(page::level(report))
    );
    if !report.is_whole() {
        let _ = writeln!(
            body,
            "<p class=\"made\"><strong>Not finished</strong>: {} of {} experiments are written so far.</p>",
            report.experiments.len(),
            PLANS.len()
        );
    }
    body += "<h2 id=\"claims\">Claims</h2>\n<table class=\"claims\">\n<thead><tr><th>claim</th><th>experiment</th><th>figure</th><th>verdict</th></tr></thead>\n<tbody>\n";
    for experiment in report.experiments {
        for claim in &experiment.findings.claims {
            body += &row(experiment, claim);
        }
    }
    body += "</tbody>\n</table>\n";
    body += &example();
    for experiment in report.experiments {
        body += &section(experiment);
    }
    body += "<h2>Other tools</h2>\n<p>The same workloads in other libraries are in <a href=\"peers.md\">peers.md</a>.</p>\n";
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Why backpropagation? Its claims, measured</title>\n{}<style>\n{STYLE}</style>\n</head>\n<body class=\"report\">\n\
         <main>\n{body}</main>\n{}</body>\n</html>\n",
        stepper::styles(),
        stepper::script()
    )
}

/// A sign beside the word, for those who skim.
fn sign(verdict: &Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Holds => ("✓", "holds"),
        Verdict::HoldsFor(..) => ("◐", "partly"),
        Verdict::DoesNotHold => ("✗", "not"),
        Verdict::NotMeasured => ("·", "none"),
    }
}

fn row(experiment: &Experiment, claim: &Claim) -> String {
    let verdict = claim.verdict();
    let (sign, class) = sign(&verdict);
    let cases: String = claim
        .cases
        .iter()
        .map(|case| {
            let shown = case.shown.clone().unwrap_or_else(|| experiments::report::brief(case.measured));
            let kept = if claim.bound.keeps(case.measured) { "✓" } else { "✗" };
            format!("<li>{kept} {}: <b>{}</b></li>", escape(&case.name), escape(&shown))
        })
        .collect();
    format!(
        "<tr><td>{}</td><td data-label=\"experiment\"><a href=\"#{}\">{}</a></td><td data-label=\"figure\"><span class=\"measure\">{}</span>\
         <ul>{cases}</ul></td><td class=\"verdict {class}\">{sign} {}</td></tr>\n",
        escape(claim.says),
        experiment.plan.id,
        escape(experiment.plan.title),
        escape(claim.measure),
        escape(&verdict.words())
    )
}

/// Both passes of the article's example, to step through.
fn example() -> String {
    let (text, at) = EXAMPLE;
    let Ok(f) = syntax::parse(text) else { return String::new() };
    let trace = trace(&f, &at);
    let part = Part::of(&trace, None);
    format!(
        "<h2 id=\"example\">Forward and backward pass</h2>\n<p class=\"key\">The article's example, (x + y)z at x = -2, y = 5, \
         z = -4. Green: <span class=\"value\">value</span> (forward pass). Red: <span class=\"slope\">∂f/∂node</span> (backward \
         pass). Use the buttons, or the keys ← → Home End.</p>\n{}",
        Stepper::new(&trace, part, text, "").fragment("stepper")
    )
}

fn section(experiment: &Experiment) -> String {
    let plan = experiment.plan;
    let mut out = format!(
        "<section class=\"experiment\">\n<h2 id=\"{0}\">{1}</h2>\n<p>{2}</p>\n",
        plan.id,
        escape(plan.title),
        escape(plan.about)
    );
    for figure in &experiment.findings.figures {
        let stem = figure::stem(plan.id, figure);
        let picture = figure::picture(figure);
        let shown = if picture.is_some() { "" } else { " open" };
        let _ = writeln!(out, "<figure>");
        match picture {
            Some(svg) => {
                let _ = writeln!(
                    out,
                    "<div class=\"picture\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">{svg}</div>",
                    escape(&figure.title)
                );
            }
            None => {
                let _ = writeln!(out, "<h3>{}</h3>", escape(&figure.title));
            }
        }
        let _ = writeln!(
            out,
            "<figcaption>{}</figcaption>\n<details{shown}><summary>numbers ({} rows; <a href=\"{stem}.csv\">{stem}.csv</a>)</summary>\n{}</details>\n</figure>",
            escape(&figure.about),
            figure.table.rows.len(),
            table(figure)
        );
    }
    out + "</section>\n"
}

fn table(figure: &Figure) -> String {
    let cells = |tag: &str, cells: &mut dyn Iterator<Item = &str>| -> String {
        cells.map(|cell| format!("<{tag}>{}</{tag}>", escape(&short(cell)))).collect()
    };
    let mut out = format!(
        "<div class=\"numbers\" tabindex=\"0\" role=\"region\" aria-label=\"Numbers\"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n",
        cells("th", &mut figure.table.columns.iter().copied())
    );
    for row in figure.table.rows.iter().take(ROWS) {
        let _ = writeln!(out, "<tr>{}</tr>", cells("td", &mut row.iter().map(String::as_str)));
    }
    out += "</tbody>\n</table></div>\n";
    if figure.table.rows.len() > ROWS {
        let _ = writeln!(out, "<p>The first {ROWS} rows; all are in the CSV.</p>");
    }
    out
}

/// A number as people read it; anything else as it is.
fn short(cell: &str) -> String {
    match cell.parse::<f64>() {
        Ok(number) if cell.len() > 6 => experiments::report::brief(number),
        _ => cell.to_owned(),
    }
}
