//! Charts with logarithmic axes, as SVG that stands by itself: readable in light and dark, and without colour.

use std::fmt::Write;

use experiments::report::brief;
use experiments::steps::{SCHEMES, Steps};

use crate::markup::escape;

/// One curve.
pub struct Line {
    /// What it is called.
    pub name: String,
    /// Positive numbers.
    pub points: Vec<(f64, f64)>,
    /// The ends of a straight line fitted to them.
    pub fit: Option<[(f64, f64); 2]>,
}

/// Curves over the same axes.
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// Of what.
    pub about: String,
    /// The quantity along, with its unit.
    pub x: String,
    /// The quantity upwards, with its unit.
    pub y: String,
    /// The curves.
    pub lines: Vec<Line>,
    /// A name and a height to mark across.
    pub level: Option<(String, f64)>,
    /// Whether points are joined; those that are not are all marked.
    pub joined: bool,
    /// Whether heights are relative errors, which are told as right digits.
    pub is_error: bool,
}

const HEIGHT: f64 = 440.0;
const LEFT: f64 = 74.0;
/// From the left axis to the right end of the grid; names stand behind.
const ACROSS: f64 = 560.0;
const TOP: f64 = 84.0;
const BOTTOM: f64 = 56.0;
/// Between the names of curves.
const APART: f64 = 16.0;
/// Few points are marked.
const MARKED: usize = 20;
/// Colours that differ in lightness too (Okabe and Ito 2008), with dashes and marks for those who see none.
#[rustfmt::skip]
const STYLES: [(&str, &str, Mark); 9] = [
    ("#0072b2", "",            Mark::Disc),
    ("#d55e00", "7 4",         Mark::Square),
    ("#009e73", "2 3",         Mark::Up),
    ("#cc79a7", "9 3 2 3",     Mark::Diamond),
    ("#b8860b", "12 4",        Mark::Cross),
    ("#56b4e9", "4 2",         Mark::Down),
    ("#7a5195", "1 2",         Mark::Plus),
    ("#8c564b", "10 3 2 3 2 3", Mark::Ring),
    ("#5b6472", "5 5",         Mark::Frame),
];

/// What stands at a point.
#[derive(Clone, Copy)]
enum Mark {
    Disc,
    Square,
    Up,
    Diamond,
    Cross,
    Down,
    Plus,
    Ring,
    Frame,
}

impl Mark {
    fn svg(self, x: f64, y: f64, colour: &str) -> String {
        let path = |d: &str, fill: &str| {
            format!(
                r#"<path transform="translate({x:.1} {y:.1})" d="{d}" fill="{fill}" stroke="{colour}" stroke-width="1.6"/>"#
            )
        };
        match self {
            Mark::Disc => path("M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", colour),
            Mark::Square => path("M-3.5-3.5h7v7h-7z", colour),
            Mark::Up => path("M0-4.5l4.5 8h-9z", colour),
            Mark::Diamond => path("M0-5l4.5 5l-4.5 5l-4.5-5z", colour),
            Mark::Cross => path("M-4-4l8 8M-4 4l8-8", "none"),
            Mark::Down => path("M0 4.5l4.5-8h-9z", colour),
            Mark::Plus => path("M-5 0h10M0-5v10", "none"),
            Mark::Ring => path("M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", "none"),
            Mark::Frame => path("M-3.5-3.5h7v7h-7z", "none"),
        }
    }
}

/// The decades from the least to the greatest of some positive numbers.
fn decades(numbers: impl Iterator<Item = f64>) -> (i32, i32) {
    let (low, high) =
        numbers.map(f64::log10).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        // Of nothing.
        return (0, 1);
    }
    let (low, high) = (low.floor() as i32, high.ceil() as i32);
    (low, high.max(low + 1))
}

impl Chart {
    /// Of the errors of difference quotients by their steps.
    pub fn of_steps(found: &Steps, title: &str) -> Chart {
        let curve = |k: usize| -> Vec<(f64, f64)> {
            // An error of 0 is shown as the least there can be.
            let points = found.steps.iter().zip(&found.errors[k]);
            points
                .filter(|(_, error)| error.is_finite())
                .map(|(&step, &error)| (step, error.max(1e-17)))
                .collect()
        };
        let lines = SCHEMES.iter().enumerate().map(|(k, scheme)| Line {
            name: scheme.name().to_owned(),
            points: curve(k),
            fit: None,
        });
        Chart {
            title: format!("Error of ∂f/∂{} against the step", found.input),
            about: title.to_owned(),
            x: "step h".to_owned(),
            y: "right digits".to_owned(),
            lines: lines.collect(),
            level: Some(("adaptive".to_owned(), found.adaptive_error().max(1e-17))),
            joined: true,
            is_error: true,
        }
    }

    /// The picture.
    pub fn svg(&self) -> String {
        let all = || self.lines.iter().flat_map(|line| &line.points);
        let (left, right) = decades(all().map(|point| point.0));
        let (bottom, top) =
            decades(all().map(|point| point.1).chain(self.level.as_ref().map(|level| level.1)));
        let x = |value: f64| LEFT + (value.log10() - f64::from(left)) / f64::from(right - left) * ACROSS;
        let y = |value: f64| {
            HEIGHT
                - BOTTOM
                - (value.log10() - f64::from(bottom)) / f64::from(top - bottom) * (HEIGHT - TOP - BOTTOM)
        };
        let names = self.lines.iter().map(|line| &line.name).chain(self.level.iter().map(|level| &level.0));
        let longest = names.map(|name| name.chars().count()).max().unwrap_or(0);
        let width = LEFT + ACROSS + 26.0 + 7.2 * longest as f64;
        let mut out = String::new();
        let _ = write!(
            out,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0} {HEIGHT}" role="img" aria-label="{}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="13">
<style>.ink{{fill:#1c2430}}.soft{{fill:#5b6472}}.grid{{stroke:#d9dee5}}.back{{fill:#ffffff}}@media (prefers-color-scheme:dark){{.ink{{fill:#e8ecf2}}.soft{{fill:#a3adba}}.grid{{stroke:#39424e}}.back{{fill:#161b22}}}}</style>
<rect class="back" width="{width:.0}" height="{HEIGHT}" rx="10"/>
<text class="ink" x="20" y="30" font-size="17" font-weight="600">{}</text>
<text class="soft" x="20" y="50">{}</text>
"#,
            escape(&self.title),
            escape(&self.title),
            escape(&self.about.chars().take(100).collect::<String>())
        );
        self.axes(&mut out, (left, right), (bottom, top));
        for (line, &(colour, dash, mark)) in self.lines.iter().zip(STYLES.iter().cycle()) {
            if let Some([(a, b), (c, d)]) = line.fit {
                let _ = writeln!(
                    out,
                    r#"<line x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}" stroke="{colour}" stroke-width="6" opacity="0.22"/>"#,
                    x(a),
                    y(b),
                    x(c),
                    y(d)
                );
            }
            let path: Vec<String> =
                line.points.iter().map(|&(a, b)| format!("{:.1},{:.1}", x(a), y(b))).collect();
            if self.joined {
                let _ = writeln!(
                    out,
                    r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}" stroke-linejoin="round"/>"#,
                    path.join(" ")
                );
            }
            let marked = !self.joined || line.points.len() <= MARKED;
            for &(a, b) in &line.points {
                let shown = if marked { mark.svg(x(a), y(b), colour) } else { String::new() };
                // What is pointed at says its numbers.
                let _ = writeln!(
                    out,
                    r#"<g><title>{}: {} at {}</title>{shown}<circle cx="{:.1}" cy="{:.1}" r="8" fill-opacity="0"/></g>"#,
                    escape(&line.name),
                    self.told(b),
                    brief(a),
                    x(a),
                    y(b)
                );
            }
        }
        if let Some((_, height)) = &self.level {
            let at = y(*height);
            let _ = writeln!(
                out,
                r##"<line x1="{LEFT}" y1="{at:.1}" x2="{}" y2="{at:.1}" stroke="#8a6d00" stroke-width="1.5" stroke-dasharray="1 4"/>"##,
                LEFT + ACROSS
            );
        }
        let mut ends: Vec<End<'_>> = self
            .lines
            .iter()
            .zip(STYLES.iter().cycle())
            .filter_map(|(line, style)| {
                let last = line.points.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
                Some(End {
                    name: &line.name,
                    colour: style.0,
                    at: (x(last.0), y(last.1)),
                    style: Some(*style),
                })
            })
            .collect();
        let level = self.level.iter();
        ends.extend(level.map(|(name, height)| End {
            name,
            colour: "#8a6d00",
            at: (LEFT + ACROSS, y(*height)),
            style: None,
        }));
        self.names(&mut out, ends);
        out + "</svg>\n"
    }

    /// Grid, numbers and quantities along both sides.
    fn axes(&self, out: &mut String, (left, right): (i32, i32), (bottom, top): (i32, i32)) {
        for decade in (left..=right).filter(|decade| (decade - left) % ((right - left) / 8 + 1) == 0) {
            let at = LEFT + f64::from(decade - left) / f64::from(right - left) * ACROSS;
            let _ = writeln!(
                out,
                r#"<line class="grid" x1="{at:.1}" y1="{TOP}" x2="{at:.1}" y2="{}"/><text class="soft" x="{at:.1}" y="{}" text-anchor="middle">{}</text>"#,
                HEIGHT - BOTTOM,
                HEIGHT - BOTTOM + 18.0,
                power(decade)
            );
        }
        for decade in (bottom..=top).filter(|decade| (decade - bottom) % ((top - bottom) / 9 + 1) == 0) {
            let share = f64::from(decade - bottom) / f64::from(top - bottom);
            let at = HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
            let shown = if self.is_error { format!("{}", -decade) } else { power(decade) };
            let _ = writeln!(
                out,
                r#"<line class="grid" x1="{LEFT}" y1="{at:.1}" x2="{}" y2="{at:.1}"/><text class="soft" x="{}" y="{:.1}" text-anchor="end">{shown}</text>"#,
                LEFT + ACROSS,
                LEFT - 8.0,
                at + 4.0
            );
        }
        let _ = writeln!(
            out,
            r#"<text class="soft" x="{}" y="{}" text-anchor="end">{}</text>
<text class="soft" x="{LEFT}" y="{}" text-anchor="start">{}</text>"#,
            LEFT + ACROSS,
            HEIGHT - 14.0,
            escape(&self.x),
            TOP - 10.0,
            escape(&self.y)
        );
    }

    /// The names of the curves at their ends, moved apart where they would lie upon each other; of points that no line joins, in a column.
    fn names(&self, out: &mut String, mut ends: Vec<End<'_>>) {
        ends.sort_by(|a, b| a.at.1.total_cmp(&b.at.1));
        let mut heights: Vec<f64> = ends.iter().map(|end| end.at.1).collect();
        for k in 1..heights.len() {
            heights[k] = heights[k].max(heights[k - 1] + APART);
        }
        // What was pushed out below is pushed back.
        let mut most = HEIGHT - BOTTOM + 6.0;
        for height in heights.iter_mut().rev() {
            *height = height.min(most);
            most = *height - APART;
        }
        let start = LEFT + ACROSS + 18.0;
        for (end, height) in ends.iter().zip(heights) {
            if self.joined {
                let _ = writeln!(
                    out,
                    r#"<path d="M{:.1} {:.1}L{:.1} {height:.1}H{:.1}" fill="none" stroke="{}" stroke-width="1" stroke-opacity="0.5"/>"#,
                    end.at.0 + 5.0,
                    end.at.1,
                    (LEFT + ACROSS + 8.0).max(end.at.0 + 6.0),
                    start - 3.0,
                    end.colour
                );
            } else if let Some((colour, _, mark)) = end.style {
                out.push_str(&mark.svg(start - 8.0, height, colour));
            }
            let _ = writeln!(
                out,
                r#"<text class="ink" x="{start:.1}" y="{:.1}">{}</text>"#,
                height + 4.0,
                escape(end.name)
            );
        }
    }

    /// A height in words.
    fn told(&self, height: f64) -> String {
        match self.is_error {
            true => format!("{:.1} right digits", -height.log10()),
            false => brief(height),
        }
    }
}

/// The end of a curve, where its name stands.
struct End<'a> {
    name: &'a str,
    colour: &'static str,
    at: (f64, f64),
    style: Option<(&'static str, &'static str, Mark)>,
}

/// A power of ten as people write it.
fn power(decade: i32) -> String {
    match decade {
        0..=3 => 10i32.pow(decade as u32).to_string(),
        _ => format!("1e{decade}"),
    }
}
