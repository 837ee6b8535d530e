//! Curves over steps, as SVG that stands by itself: readable in light and dark, and without colour.

use std::fmt::Write;

use commands::markup::escape;

/// Numbers from step to step, from step 0.
pub(crate) struct Curve {
    pub(crate) name: String,
    pub(crate) numbers: Vec<f64>,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 78.0;
const RIGHT: f64 = 26.0;
const TOP: f64 = 104.0;
const BOTTOM: f64 = 50.0;
/// Colours that differ in lightness too (Okabe and Ito 2008), and dashes and widths for those who see none: curves that
/// lie upon each other all show.
const STYLES: [(&str, &str, f64); 4] =
    [("#56b4e9", "", 7.0), ("#d55e00", "9 6", 3.5), ("#009e73", "2 4", 2.5), ("#cc79a7", "9 3 2 3", 2.0)];
/// More points than this are not seen.
const POINTS: usize = 1500;

/// A scale from numbers to the unit interval.
struct Scale {
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl Scale {
    /// Over all finite numbers; logarithmic where they are positive and span more than a decade.
    fn of(numbers: impl Iterator<Item = f64>) -> Scale {
        let finite = numbers.filter(|number| number.is_finite());
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if low > 0.0 && high.is_finite() && high / low > 10.0 {
            // Whole decades; 0 decades cannot be.
            let (low, high) = (low.log10().floor(), high.log10().ceil());
            return Scale { low, high: high.max(low + 1.0), logarithmic: true };
        }
        let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
        let step = pace(high - low);
        let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        Scale { low, high: if high > low { high } else { low + step }, logarithmic: false }
    }

    fn place(&self, number: f64) -> f64 {
        let number = if self.logarithmic { number.log10() } else { number };
        (number - self.low) / (self.high - self.low)
    }

    /// Where to mark, and what to write there.
    fn marks(&self) -> Vec<(f64, String)> {
        let span = self.high - self.low;
        if self.logarithmic {
            let every = (span / 8.0).ceil().max(1.0);
            let decades =
                (0..).map(|k| self.low + f64::from(k) * every).take_while(|&at| at <= self.high + 1e-9);
            return decades.map(|at| ((at - self.low) / span, format!("1e{at}"))).collect();
        }
        let step = pace(span);
        let all =
            (0..).map(|k| self.low + f64::from(k) * step).take_while(|&at| at <= self.high + step / 1e6);
        all.map(|at| {
            ((at - self.low) / span, commands::stepper::figure(if at.abs() < step / 1e6 { 0.0 } else { at }))
        })
        .collect()
    }
}

/// A round distance, of which four to eight make the span.
pub(super) fn pace(span: f64) -> f64 {
    if span <= 0.0 || !span.is_finite() {
        return 1.0;
    }
    let decade = 10f64.powf((span / 8.0).log10().floor());
    [1.0, 2.0, 5.0].map(|k| k * decade).into_iter().find(|step| span / step <= 8.0).unwrap_or(10.0 * decade)
}

/// The curves, over what is said of them.
pub(crate) fn svg(title: &str, about: &str, y: &str, curves: &[Curve]) -> String {
    let heights = Scale::of(curves.iter().flat_map(|curve| curve.numbers.iter().copied()));
    let last = curves.iter().map(|curve| curve.numbers.len()).max().unwrap_or(0).saturating_sub(1).max(1);
    let steps = Scale { low: 0.0, high: last as f64, logarithmic: false };
    let across = |place: f64| LEFT + place * (WIDTH - LEFT - RIGHT);
    let up = |place: f64| HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM);
    let mut out = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{0}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="13">
<style>.ink{{fill:#1c2430}}.soft{{fill:#5b6472}}.grid{{stroke:#d9dee5}}.back{{fill:#ffffff}}@media (prefers-color-scheme:dark){{.ink{{fill:#e8ecf2}}.soft{{fill:#a3adba}}.grid{{stroke:#39424e}}.back{{fill:#161b22}}}}</style>
<rect class="back" width="{WIDTH}" height="{HEIGHT}" rx="10"/>
<text class="ink" x="20" y="30" font-size="17" font-weight="600">{0}</text>
<text class="soft" x="20" y="50">{1}</text>
"#,
        escape(title),
        escape(about)
    );
    for (place, label) in heights.marks() {
        let y = up(place);
        let _ = writeln!(
            out,
            r#"<line class="grid" x1="{LEFT}" y1="{y:.1}" x2="{}" y2="{y:.1}"/><text class="soft" x="{}" y="{:.1}" text-anchor="end">{label}</text>"#,
            WIDTH - RIGHT,
            LEFT - 8.0,
            y + 4.0
        );
    }
    for (place, label) in steps.marks() {
        let x = across(place);
        let _ = writeln!(
            out,
            r#"<line class="grid" x1="{x:.1}" y1="{TOP}" x2="{x:.1}" y2="{}"/><text class="soft" x="{x:.1}" y="{}" text-anchor="middle">{label}</text>"#,
            HEIGHT - BOTTOM,
            HEIGHT - BOTTOM + 18.0
        );
    }
    let _ = writeln!(
        out,
        r#"<text class="soft" x="{}" y="{}" text-anchor="end">step</text><text class="soft" x="{LEFT}" y="{}">{}</text>"#,
        WIDTH - RIGHT,
        HEIGHT - 12.0,
        TOP - 8.0,
        escape(y)
    );
    let mut key = LEFT + 60.0;
    for (curve, (colour, dash, width)) in curves.iter().zip(STYLES.iter().cycle()) {
        let every = curve.numbers.len().div_ceil(POINTS).max(1);
        let end = curve.numbers.len().saturating_sub(1);
        let chosen = curve.numbers.iter().enumerate().filter(|(k, _)| k % every == 0 || *k == end);
        let points: Vec<String> = chosen
            .filter(|(_, number)| number.is_finite())
            .map(|(k, &number)| {
                format!("{:.1},{:.1}", across(steps.place(k as f64)), up(heights.place(number)))
            })
            .collect();
        let line =
            format!(r#"fill="none" stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dash}""#);
        let _ = writeln!(
            out,
            r#"<polyline points="{}" {line} stroke-linejoin="round"/>
<line x1="{key}" y1="{3}" x2="{1}" y2="{3}" {line}/><text class="ink" x="{2}" y="{4}">{5}</text>"#,
            points.join(" "),
            key + 34.0,
            key + 42.0,
            TOP - 28.0,
            TOP - 24.0,
            escape(&curve.name)
        );
        key += 66.0 + 7.0 * curve.name.chars().count() as f64;
    }
    out + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_hold_everything() {
        for numbers in [vec![3.0, 9.5], vec![-2.0, 1e-3], vec![5.0, 5.0], vec![1e-12, 40.0], vec![f64::NAN]] {
            let scale = Scale::of(numbers.iter().copied());
            let marks = scale.marks();
            assert!((2..=11).contains(&marks.len()), "{numbers:?}: {marks:?}");
            for number in numbers.iter().filter(|number| number.is_finite()) {
                assert!((-1e-9..=1.0 + 1e-9).contains(&scale.place(*number)), "{numbers:?}");
            }
        }
        assert!(Scale::of([1e-3, 2.0].into_iter()).logarithmic);
        assert_eq!(Scale::of([0.0, 7.0].into_iter()).marks()[1].1, "1");
    }
}
