//! The first screen: three strategies in one picture, how exact, how fast, how they scale.

use std::fmt::Write;

use chainrule::StrategyName;
use commands::markup::escape;
use experiments::report::{Answer, EXACT_DIGITS, StrategyAnswer, brief};

const WIDTH: f64 = 348.0;
const HEIGHT: f64 = 236.0;
const LEFT: f64 = 14.0;
const RIGHT: f64 = 18.0;
const TOP: f64 = 52.0;
/// From one strategy's row to the next.
const ROW: f64 = 48.0;

/// The colour of a strategy, the same in every panel; what is said in colour is said in words beside it.
fn class(name: StrategyName) -> &'static str {
    match name {
        StrategyName::Backprop => "backprop",
        StrategyName::Symbolic => "symbolic",
        StrategyName::Numerical => "numerical",
    }
}

fn called(name: StrategyName) -> &'static str {
    match name {
        StrategyName::Backprop => "backpropagation",
        StrategyName::Symbolic => "symbolic",
        StrategyName::Numerical => "finite differences",
    }
}

/// The picture, and what it says in sentences.
pub(super) fn section(answer: &Answer) -> String {
    let digits = strip(
        "How exact",
        "right digits of the worst component, of 16",
        answer,
        |own| &own.digits,
        &Axis {
            low: 0.0,
            high: 16.0,
            logarithmic: false,
            marks: &[0.0, 4.0, 8.0, 12.0, 16.0],
            better: "exact →",
        },
        Some((EXACT_DIGITS, "exact from 12")),
    );
    let most =
        answer.strategies.iter().flat_map(|own| &own.times).map(|(_, time)| *time).fold(10.0, f64::max);
    let decades: Vec<f64> = (0..=most.log10().ceil() as i32).map(|decade| 10f64.powi(decade)).collect();
    let times = strip(
        "How fast",
        "time of a gradient, in evaluations of f",
        answer,
        |own| &own.times,
        &Axis {
            low: 0.5,
            high: decades.last().copied().unwrap_or(10.0),
            logarithmic: true,
            marks: &decades,
            better: "← fast",
        },
        None,
    );
    let sentences: String =
        answer.sentences.iter().map(|sentence| format!("<li>{}</li>", escape(sentence))).collect();
    format!(
        "<figure class=\"answer\" aria-label=\"Three strategies: how exact, how fast, how they scale\">\n<div>{digits}</div>\n<div>{times}</div>\n<div>{}</div>\n</figure>\n<ul class=\"sentences\">{sentences}</ul>\n",
        growth(answer)
    )
}

/// From numbers to places.
struct Axis<'a> {
    low: f64,
    high: f64,
    logarithmic: bool,
    marks: &'a [f64],
    /// Which way is better.
    better: &'static str,
}

impl Axis<'_> {
    fn place(&self, number: f64) -> f64 {
        let number = number.clamp(self.low, self.high);
        let share = match self.logarithmic {
            true => (number / self.low).ln() / (self.high / self.low).ln(),
            false => (number - self.low) / (self.high - self.low),
        };
        LEFT + share * (WIDTH - LEFT - RIGHT)
    }
}

fn head(out: &mut String, title: &str, about: &str) {
    let _ = write!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{0}: {1}" font-size="12.5">
<text class="ink" x="{LEFT}" y="18" font-size="16" font-weight="600">{0}</text><text class="soft" x="{LEFT}" y="36">{1}</text>
"#,
        escape(title),
        escape(about)
    );
}

/// A row of marks for each strategy, one for each family and size, and a line at their median.
fn strip(
    title: &str,
    about: &str,
    answer: &Answer,
    numbers: impl Fn(&StrategyAnswer) -> &Vec<(String, f64)>,
    axis: &Axis<'_>,
    limit: Option<(f64, &str)>,
) -> String {
    let mut out = String::new();
    head(&mut out, title, about);
    let bottom = TOP + ROW * answer.strategies.len() as f64;
    for &mark in axis.marks {
        let x = axis.place(mark);
        let _ = writeln!(
            out,
            r#"<line class="grid" x1="{x:.1}" y1="{TOP}" x2="{x:.1}" y2="{bottom}"/><text class="soft" x="{x:.1}" y="{}" text-anchor="middle">{}</text>"#,
            bottom + 16.0,
            brief(mark)
        );
    }
    if let Some((at, words)) = limit {
        let x = axis.place(at);
        let _ = writeln!(
            out,
            r#"<line class="limit" x1="{x:.1}" y1="{TOP}" x2="{x:.1}" y2="{bottom}"/><text class="soft" x="{x:.1}" y="{}" text-anchor="middle">{}</text>"#,
            bottom + 32.0,
            escape(words)
        );
    }
    let (end, place) = if axis.better.starts_with('←') { ("start", LEFT) } else { ("end", WIDTH - RIGHT) };
    if limit.is_none() {
        let _ = writeln!(
            out,
            r#"<text class="soft" x="{place}" y="{}" text-anchor="{end}">{}</text>"#,
            bottom + 32.0,
            axis.better
        );
    }
    for (k, own) in answer.strategies.iter().enumerate() {
        let (y, class, all) = (TOP + ROW * k as f64, class(own.name), numbers(own));
        let mut sorted: Vec<f64> = all.iter().map(|(_, number)| *number).collect();
        sorted.sort_by(f64::total_cmp);
        let median = sorted[sorted.len() / 2];
        let _ = writeln!(
            out,
            r#"<text class="{class} name" x="{LEFT}" y="{:.1}">{}: median {}</text>"#,
            y + 15.0,
            called(own.name),
            brief(median)
        );
        for (row, (label, number)) in all.iter().enumerate() {
            // Spread over a few lines, so that equal numbers show as several.
            let at = y + 25.0 + 5.0 * (row % 4) as f64;
            let _ = writeln!(
                out,
                r#"<circle class="{class}" cx="{:.1}" cy="{at:.1}" r="3.2"><title>{}, {}: {}</title></circle>"#,
                axis.place(*number),
                called(own.name),
                escape(label),
                brief(*number)
            );
        }
        let x = axis.place(median);
        let _ = writeln!(
            out,
            r#"<line class="median {class}" x1="{x:.1}" y1="{:.1}" x2="{x:.1}" y2="{:.1}"/>"#,
            y + 20.0,
            y + 45.0
        );
    }
    out + "</svg>"
}

/// The time of a gradient against the number of inputs.
fn growth(answer: &Answer) -> String {
    const NAMES: f64 = 152.0;
    let mut out = String::new();
    head(&mut out, "How they scale", &format!("time of a gradient against inputs, {}", answer.family));
    let all = || answer.strategies.iter().flat_map(|own| &own.growth);
    let ends = |part: fn(&(f64, f64)) -> f64| {
        let logs = all().map(|point| part(point).log10());
        let (low, high) =
            logs.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), log| (l.min(log), h.max(log)));
        (low.floor(), high.ceil().max(low.floor() + 1.0))
    };
    let ((left, right), (low, high)) = (ends(|point| point.0), ends(|point| point.1));
    let (start, end, bottom) = (LEFT + 40.0, WIDTH - NAMES, TOP + 144.0);
    let x = |inputs: f64| start + (inputs.log10() - left) / (right - left) * (end - start);
    let y = |time: f64| bottom - (time.log10() - low) / (high - low) * (bottom - TOP);
    for decade in left as i32..=right as i32 {
        let at = x(10f64.powi(decade));
        let _ = writeln!(
            out,
            r#"<line class="grid" x1="{at:.1}" y1="{TOP}" x2="{at:.1}" y2="{bottom}"/><text class="soft" x="{at:.1}" y="{}" text-anchor="middle">{}</text>"#,
            bottom + 16.0,
            10i64.pow(decade.max(0) as u32)
        );
    }
    for decade in (low as i32..=high as i32).filter(|decade| decade % 3 == 0) {
        let at = y(10f64.powi(decade));
        let unit = match decade {
            0 => "1 ns",
            3 => "1 µs",
            6 => "1 ms",
            9 => "1 s",
            _ => "",
        };
        let _ = writeln!(
            out,
            r#"<line class="grid" x1="{start}" y1="{at:.1}" x2="{end}" y2="{at:.1}"/><text class="soft" x="{}" y="{:.1}" text-anchor="end">{unit}</text>"#,
            start - 6.0,
            at + 4.0
        );
    }
    let _ = writeln!(
        out,
        r#"<text class="soft" x="{end}" y="{}" text-anchor="end">inputs n</text>"#,
        bottom + 32.0
    );
    for own in &answer.strategies {
        let (class, name) = (class(own.name), called(own.name));
        let path: Vec<String> =
            own.growth.iter().map(|(a, b)| format!("{:.1},{:.1}", x(*a), y(*b))).collect();
        let _ = writeln!(out, r#"<polyline class="{class}" points="{}"/>"#, path.join(" "));
        for (inputs, time) in &own.growth {
            let _ = writeln!(
                out,
                r#"<circle class="{class}" cx="{:.1}" cy="{:.1}" r="3.6"><title>{name}, {inputs} inputs: {} µs</title></circle>"#,
                x(*inputs),
                y(*time),
                brief(time / 1e3)
            );
        }
    }
    // Names at the ends of the lines, apart where ends are close.
    let mut ends: Vec<(f64, f64, &StrategyAnswer)> = answer
        .strategies
        .iter()
        .filter_map(|own| own.growth.last().map(|(inputs, time)| (x(*inputs), y(*time), own)))
        .collect();
    ends.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut next = f64::NEG_INFINITY;
    for (at, height, own) in ends {
        next = height.max(next + 16.0);
        let (class, name) = (class(own.name), called(own.name).rsplit(' ').next().unwrap_or_default());
        let _ = writeln!(
            out,
            r#"<text class="{class} name" x="{:.1}" y="{:.1}">{name}<tspan class="soft" dx="5">n^{:.1}</tspan></text>"#,
            at + 8.0,
            next + 4.0,
            own.exponent
        );
    }
    out + "</svg>"
}
