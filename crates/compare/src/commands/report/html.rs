//! The report as one page for browsers: no network, light and dark, on paper and on a phone.

use std::fmt::Write;

use backprop::trace::trace;
use commands::markup::escape;
use commands::stepper::{self, Part, Stepper};
use experiments::report::{Answer, Claim, EXACT_DIGITS, Experiment, Figure, PLANS, Verdict};

use super::{Report, answer, figure, page};

const STYLE: &str = include_str!("report.css");
/// The article's example, and its point.
const EXAMPLE: (&str, [f64; 3]) = ("let q = x + y; q * z", [-2.0, 5.0, -4.0]);
/// Of longer tables so many rows are shown; the CSV has all.
const ROWS: usize = 400;

/// `index.html`.
pub(super) fn page(report: &Report<'_>) -> String {
    let mut body = String::from(
        "<h1>Why backpropagation? The article’s claims, measured</h1>\n<p>The article “Why backpropagation?”, which follows Justin \
         Johnson’s lecture on the subject, says why networks are trained by backpropagation and neither by nudging parameters nor by \
         formulas. Here each of its claims is put to the test, beside the words that it was taken from.</p>\n",
    );
    if !report.is_whole() {
        let _ = writeln!(
            body,
            "<p class=\"made\"><strong>Not finished</strong>: {} of {} experiments are written so far.</p>",
            report.experiments.len(),
            PLANS.len()
        );
    }
    if let Some(answer) = Answer::of(report.experiments) {
        body += &answer::section(&answer);
    }
    body += &contents(report);
    body += &claims(report);
    body += &example();
    for experiment in report.experiments {
        body += &section(experiment);
    }
    body += "<h2 id=\"peers\">Other tools</h2>\n<p>The same workloads in other libraries are in <a href=\"peers.md\">peers.md</a>.</p>\n";
    body += &made(report);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Why backpropagation? The article’s claims, measured</title>\n{}<style>\n{STYLE}</style>\n</head>\n<body class=\"report\">\n\
         <main>\n{body}</main>\n{}</body>\n</html>\n",
        stepper::styles(),
        stepper::script()
    )
}

/// Links to everything.
fn contents(report: &Report<'_>) -> String {
    let experiments = report.experiments.iter().map(|experiment| (experiment.plan.id, experiment.plan.title));
    let parts = [("claims", "All claims"), ("example", "Forward and backward pass")].into_iter();
    let parts = parts.chain(experiments).chain([("peers", "Other tools"), ("made", "How it was made")]);
    let links: String =
        parts.map(|(id, title)| format!("<li><a href=\"#{id}\">{}</a></li>", escape(title))).collect();
    format!("<nav aria-label=\"Contents\"><ul>{links}</ul></nav>\n")
}

/// Every claim with its verdict in a line; what was measured is folded.
fn claims(report: &Report<'_>) -> String {
    let mut out = format!(
        "<h2 id=\"claims\">Claims</h2>\n<p>A verdict follows from the figures by a bound that was written down beforehand: <b>7 of 8; not \
         x</b> says that seven of eight cases keep it. Exact means {EXACT_DIGITS:.0} right digits or more of the 16 that a double has, \
         everywhere. Every gradient was checked against a certified one before its time was recorded.</p>\n<table \
         class=\"claims\">\n<thead><tr><th>claim</th><th>verdict</th><th>measured</th></tr></thead>\n<tbody>\n"
    );
    for experiment in report.experiments {
        for claim in &experiment.findings.claims {
            out += &row(experiment, claim);
        }
    }
    out + "</tbody>\n</table>\n"
}

/// From what, on what and when.
fn made(report: &Report<'_>) -> String {
    let rows = report.environment.rows.iter();
    let rows: Vec<String> = rows.map(|(name, value)| format!("{name} {}", escape(value))).collect();
    format!(
        "<h2 id=\"made\">How it was made</h2>\n<p class=\"made\"><code>{}</code> · {} · seed {} · {}</p>\n",
        escape(&report.command()),
        rows.join(" · "),
        report.effort.seed,
        escape(page::level(report))
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
        "<tr><td>{}<q>{}</q></td><td class=\"verdict {class}\"><span aria-hidden=\"true\">{sign}</span> {}</td><td><details><summary>{}, \
         {}</summary><p class=\"measure\">{}; the bound is {}. <a href=\"#{}\">{}</a></p><ul>{cases}</ul></details></td></tr>\n",
        escape(claim.says),
        escape(claim.quote),
        escape(&verdict.words()),
        claim.cases.len(),
        if claim.cases.len() == 1 { "case" } else { "cases" },
        escape(claim.measure),
        escape(&claim.bound.words()),
        experiment.plan.id,
        escape(experiment.plan.title),
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
