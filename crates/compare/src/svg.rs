//! Charts with logarithmic axes, as SVG that stands by itself: readable in light and dark, and without colour.

use std::fmt::Write;

use crate::markup::escape;

/// One curve.
pub(crate) struct Line {
    pub(crate) name: String,
    /// Positive numbers.
    pub(crate) points: Vec<(f64, f64)>,
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
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 460.0;
const LEFT: f64 = 74.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 92.0;
const BOTTOM: f64 = 56.0;
/// Colours that differ in lightness too (Okabe and Ito 2008), and dashes for those who see none.
const STYLES: [(&str, &str); 4] =
    [("#0072b2", ""), ("#d55e00", "7 4"), ("#009e73", "2 3"), ("#cc79a7", "9 3 2 3")];

/// The decades from the least to the greatest of some positive numbers.
fn decades(numbers: impl Iterator<Item = f64>) -> (i32, i32) {
    let (low, high) =
        numbers.map(f64::log10).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
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
        let mut out = String::new();
        let _ = write!(
            out,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="13">
<style>.ink{{fill:#1c2430}}.soft{{fill:#5b6472}}.grid{{stroke:#d9dee5}}.back{{fill:#ffffff}}@media (prefers-color-scheme:dark){{.ink{{fill:#e8ecf2}}.soft{{fill:#a3adba}}.grid{{stroke:#39424e}}.back{{fill:#161b22}}}}</style>
<rect class="back" width="{WIDTH}" height="{HEIGHT}" rx="10"/>
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
        // The key stands above the curves, in one row, to the right.
        let mut key = LEFT + 120.0;
        for (line, (colour, dash)) in self.lines.iter().zip(STYLES.iter().cycle()) {
            let path: Vec<String> =
                line.points.iter().map(|&(a, b)| format!("{:.1},{:.1}", x(a), y(b))).collect();
            let _ = writeln!(
                out,
                r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}" stroke-linejoin="round"/>"#,
                path.join(" ")
            );
            let _ = writeln!(
                out,
                r#"<line x1="{key}" y1="{0}" x2="{1}" y2="{0}" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dash}"/><text class="ink" x="{2}" y="{3}">{4}</text>"#,
                TOP - 20.0,
                key + 28.0,
                key + 34.0,
                TOP - 16.0,
                escape(&line.name)
            );
            key += 52.0 + 7.5 * line.name.chars().count() as f64;
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
