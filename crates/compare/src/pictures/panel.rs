//! A rectangle with axes, in which curves are drawn: readable in light and dark.

use std::fmt::Write;

use commands::markup::escape;
use commands::stepper::figure;

use super::curves::pace;

/// What every picture with panels begins with.
pub(crate) fn head(width: f64, height: f64, title: &str, about: &str) -> String {
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{0}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="13">
<style>.ink{{fill:#1c2430}}.soft{{fill:#5b6472}}.grid{{stroke:#d9dee5}}.axis{{stroke:#8b94a1}}.back{{fill:#ffffff}}.mark{{stroke:#1c2430;fill:#ffffff}}.path{{stroke:#1c2430;fill:none}}@media (prefers-color-scheme:dark){{.ink{{fill:#e8ecf2}}.soft{{fill:#a3adba}}.grid{{stroke:#39424e}}.axis{{stroke:#6d7785}}.back{{fill:#161b22}}.mark{{stroke:#e8ecf2;fill:#161b22}}.path{{stroke:#e8ecf2}}}}</style>
<rect class="back" width="{width}" height="{height}" rx="10"/>
<text class="ink" x="20" y="30" font-size="17" font-weight="600">{0}</text>
<text class="soft" x="20" y="50">{1}</text>
"#,
        escape(title),
        escape(about)
    )
}

/// A rectangle, and the numbers along its sides.
pub(crate) struct Panel {
    /// Unique within the picture.
    pub(crate) id: &'static str,
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) x: (f64, f64),
    pub(crate) y: (f64, f64),
}

impl Panel {
    /// Where a point lies in the picture.
    pub(crate) fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let across = (x - self.x.0) / (self.x.1 - self.x.0);
        let up = (y - self.y.0) / (self.y.1 - self.y.0);
        // What is far outside is cut off, and must be a number that renderers can read.
        let near = |number: f64| number.clamp(-1e4, 1e4);
        (near(self.left + across * self.width), near(self.top + (1.0 - up) * self.height))
    }

    /// Grid, numbers and names of both axes.
    pub(crate) fn axes(&self, out: &mut String, x: &str, y: &str) {
        let (right, bottom) = (self.left + self.width, self.top + self.height);
        let _ = writeln!(
            out,
            r#"<clipPath id="{}"><rect x="{}" y="{}" width="{}" height="{}"/></clipPath>"#,
            self.id, self.left, self.top, self.width, self.height
        );
        let class = |at: f64| if at == 0.0 { "axis" } else { "grid" };
        for at in marks(self.x) {
            let place = self.place((at, self.y.0)).0;
            let _ = writeln!(
                out,
                r#"<line class="{}" x1="{place:.1}" y1="{}" x2="{place:.1}" y2="{bottom}"/><text class="soft" x="{place:.1}" y="{}" text-anchor="middle">{}</text>"#,
                class(at),
                self.top,
                bottom + 17.0,
                figure(at)
            );
        }
        for at in marks(self.y) {
            let place = self.place((self.x.0, at)).1;
            let _ = writeln!(
                out,
                r#"<line class="{}" x1="{}" y1="{place:.1}" x2="{right}" y2="{place:.1}"/><text class="soft" x="{}" y="{:.1}" text-anchor="end">{}</text>"#,
                class(at),
                self.left,
                self.left - 8.0,
                place + 4.0,
                figure(at)
            );
        }
        let _ = writeln!(
            out,
            r#"<text class="soft" x="{right}" y="{}" text-anchor="end">{}</text><text class="ink" x="{}" y="{}">{}</text>"#,
            bottom + 33.0,
            escape(x),
            self.left,
            self.top - 9.0,
            escape(y)
        );
    }

    /// A curve in this style, cut off at the sides.
    pub(crate) fn curve(&self, out: &mut String, points: &[(f64, f64)], style: &str) {
        let points: Vec<String> = { points.iter().map(|point| self.place(*point)) }
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        let _ = writeln!(
            out,
            r#"<polyline clip-path="url(#{})" points="{}" {style} stroke-linejoin="round"/>"#,
            self.id,
            points.join(" ")
        );
    }

    /// A disc around a point.
    pub(crate) fn mark(&self, out: &mut String, point: (f64, f64), style: &str) {
        let (x, y) = self.place(point);
        let id = self.id;
        let _ = writeln!(
            out,
            r#"<circle class="mark" clip-path="url(#{id})" cx="{x:.1}" cy="{y:.1}" r="4.5" stroke-width="2" {style}/>"#
        );
    }
}

/// Round numbers within a range.
fn marks((low, high): (f64, f64)) -> Vec<f64> {
    let step = pace(high - low);
    let first = (low / step).ceil();
    (0..=12).map(|k| (first + f64::from(k)) * step).take_while(|&at| at <= high + step / 1e6).collect()
}

/// The range in which most numbers lie: all of them, unless a few are far out, as beside a pole. With a margin.
pub(crate) fn range(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    let mut sorted: Vec<f64> = numbers.filter(|number| number.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let (Some(&low), Some(&high)) = (sorted.first(), sorted.last()) else { return (-1.0, 1.0) };
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share) as usize];
    let (inner_low, inner_high) = (at(0.03), at(0.97));
    let inner = inner_high - inner_low;
    let (low, high) = match high - low > 4.0 * inner && inner > 0.0 {
        true => (low.max(inner_low - 0.2 * inner), high.min(inner_high + 0.2 * inner)),
        false => (low, high),
    };
    match high - low > 1e-12 * low.abs().max(high.abs()) {
        true => (low - 0.05 * (high - low), high + 0.05 * (high - low)),
        false => (low - low.abs().max(1.0), low + low.abs().max(1.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_leave_out_what_is_far_out() {
        let wave = (0..100).map(|k| f64::from(k).sin());
        let (low, high) = range(wave.chain([1e9, f64::NAN, f64::INFINITY]));
        assert!((-1.6..-1.0).contains(&low) && (1.0..1.6).contains(&high), "{low} {high}");
        assert_eq!(range([3.0, 3.0].into_iter()), (0.0, 6.0));
        assert_eq!(range([f64::NAN].into_iter()), (-1.0, 1.0));
        assert_eq!(marks((-0.5, 1.6)), [-0.5, 0.0, 0.5, 1.0, 1.5]);
    }
}
