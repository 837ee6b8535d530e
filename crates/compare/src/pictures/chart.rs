//! Charts with logarithmic axes, as SVG that stands by itself: readable in light and dark, and without colour.

use std::fmt::Write;

use commands::markup::escape;

/// One curve.
pub(crate) struct Line {
    pub(crate) name: String,
    /// Positive numbers.
    pub(crate) points: Vec<(f64, f64)>,
    /// The ends of a straight line fitted to them.
    pub(crate) fit: Option<[(f64, f64); 2]>,
}

/// Curves over the same axes.
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) about: String,
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) lines: Vec<Line>,
    /// A name and a height to mark across.
    pub(crate) level: Option<(String, f64)>,
    /// Whether points are joined; those that are not are all marked.
    pub(crate) joined: bool,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 460.0;
const LEFT: f64 = 74.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 92.0;
const BOTTOM: f64 = 56.0;
/// A key of many lines stands beside the curves, and the picture is this much wider.
const KEY: f64 = 350.0;
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
    pub(crate) fn svg(&self) -> String {
        let all = || self.lines.iter().flat_map(|line| &line.points);
        let (left, right) = decades(all().map(|point| point.0));
        let (bottom, top) =
            decades(all().map(|point| point.1).chain(self.level.as_ref().map(|level| level.1)));
        let x = |value: f64| {
            LEFT + (value.log10() - f64::from(left)) / f64::from(right - left) * (WIDTH - LEFT - RIGHT)
        };
        let y = |value: f64| {
            HEIGHT
                - BOTTOM
                - (value.log10() - f64::from(bottom)) / f64::from(top - bottom) * (HEIGHT - TOP - BOTTOM)
        };
        let key_width = |line: &Line| 52.0 + 7.5 * line.name.chars().count() as f64;
        let beside = self.lines.iter().map(key_width).sum::<f64>() > WIDTH - LEFT - RIGHT - 120.0;
        let width = WIDTH + if beside { KEY } else { 0.0 };
        let mut out = String::new();
        let _ = write!(
            out,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" role="img" aria-label="{}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="13">
<style>.ink{{fill:#1c2430}}.soft{{fill:#5b6472}}.grid{{stroke:#d9dee5}}.back{{fill:#ffffff}}@media (prefers-color-scheme:dark){{.ink{{fill:#e8ecf2}}.soft{{fill:#a3adba}}.grid{{stroke:#39424e}}.back{{fill:#161b22}}}}</style>
<rect class="back" width="{width}" height="{HEIGHT}" rx="10"/>
<text class="ink" x="20" y="30" font-size="17" font-weight="600">{}</text>
<text class="soft" x="20" y="50">{}</text>
"#,
            escape(&self.title),
            escape(&self.title),
            escape(&self.about.chars().take(100).collect::<String>())
        );
        for decade in (left..=right).filter(|decade| (decade - left) % ((right - left) / 8 + 1) == 0) {
            let at = x(10f64.powi(decade));
            let _ = writeln!(
                out,
                r#"<line class="grid" x1="{at:.1}" y1="{TOP}" x2="{at:.1}" y2="{}"/><text class="soft" x="{at:.1}" y="{}" text-anchor="middle">1e{decade}</text>"#,
                HEIGHT - BOTTOM,
                HEIGHT - BOTTOM + 18.0
            );
        }
        for decade in (bottom..=top).filter(|decade| (decade - bottom) % ((top - bottom) / 9 + 1) == 0) {
            let at = y(10f64.powi(decade));
            let _ = writeln!(
                out,
                r#"<line class="grid" x1="{LEFT}" y1="{at:.1}" x2="{}" y2="{at:.1}"/><text class="soft" x="{}" y="{:.1}" text-anchor="end">1e{decade}</text>"#,
                WIDTH - RIGHT,
                LEFT - 8.0,
                at + 4.0
            );
        }
        let _ = writeln!(
            out,
            r#"<text class="soft" x="{}" y="{}" text-anchor="end">{}</text>"#,
            WIDTH - RIGHT,
            HEIGHT - 14.0,
            escape(&self.x)
        );
        let _ = writeln!(
            out,
            r#"<text class="soft" x="{LEFT}" y="{}" text-anchor="start">{}</text>"#,
            TOP - 8.0,
            escape(&self.y)
        );
        // The key stands above the curves, in one row, or beside them in a column.
        let mut key = LEFT + 120.0;
        for (row, (line, &(colour, dash, mark))) in self.lines.iter().zip(STYLES.iter().cycle()).enumerate() {
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
            for &(a, b) in line.points.iter().filter(|_| marked) {
                let _ = writeln!(out, "{}", mark.svg(x(a), y(b), colour));
            }
            let (left, middle) =
                if beside { (WIDTH, TOP + 8.0 + 26.0 * row as f64) } else { (key, TOP - 30.0) };
            let _ = writeln!(
                out,
                r#"<line x1="{left}" y1="{middle}" x2="{}" y2="{middle}" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dash}"/><text class="ink" x="{}" y="{}">{}</text>"#,
                left + 28.0,
                left + 34.0,
                middle + 4.0,
                escape(&line.name)
            );
            if marked {
                let _ = writeln!(out, "{}", mark.svg(left + 14.0, middle, colour));
            }
            key += key_width(line);
        }
        if let Some((name, height)) = &self.level {
            let at = y(*height);
            let _ = writeln!(
                out,
                r##"<line x1="{LEFT}" y1="{at:.1}" x2="{}" y2="{at:.1}" stroke="#8a6d00" stroke-width="1.5" stroke-dasharray="1 4"/><text class="ink" x="{}" y="{:.1}">{}</text>"##,
                WIDTH - RIGHT,
                LEFT + 6.0,
                at - 5.0,
                escape(name)
            );
        }
        out + "</svg>\n"
    }
}
