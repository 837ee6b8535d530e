//! Grids of cells and rows of shares, as SVG that stands by itself: what is dark is also written, so that no colour is needed.

use std::fmt::Write;

use commands::markup::escape;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 200.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 76.0;

/// A cell: its text, and how dark it is.
type Cell = Option<(String, f64)>;

fn open(title: &str, height: f64) -> String {
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{0}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="13">
<style>.ink{{fill:#1c2430}}.soft{{fill:#5b6472}}.grid{{stroke:#d9dee5}}.back{{fill:#ffffff}}.shade{{fill:#0072b2}}@media (prefers-color-scheme:dark){{.ink{{fill:#e8ecf2}}.soft{{fill:#a3adba}}.grid{{stroke:#39424e}}.back{{fill:#161b22}}.shade{{fill:#56b4e9}}}}</style>
<rect class="back" width="{WIDTH}" height="{height}" rx="10"/>
<text class="ink" x="20" y="30" font-size="17" font-weight="600">{0}</text>
"##,
        escape(title)
    )
}

fn head(out: &mut String, columns: &[String]) -> f64 {
    let wide = (WIDTH - LEFT - RIGHT) / columns.len().max(1) as f64;
    for (k, column) in columns.iter().enumerate() {
        let x = LEFT + (k as f64 + 0.5) * wide;
        let _ = writeln!(
            out,
            r#"<text class="soft" x="{x:.1}" y="{}" text-anchor="middle">{}</text>"#,
            TOP - 10.0,
            escape(column)
        );
    }
    wide
}

/// Cells, darker the more, each with its text.
pub(super) fn grid(title: &str, columns: &[String], rows: &[(String, Vec<Cell>)]) -> String {
    const HIGH: f64 = 24.0;
    let mut out = open(title, TOP + HIGH * rows.len() as f64 + 20.0);
    let wide = head(&mut out, columns);
    for (r, (name, cells)) in rows.iter().enumerate() {
        let y = TOP + HIGH * r as f64;
        let _ = writeln!(
            out,
            r#"<text class="ink" x="{}" y="{:.1}" text-anchor="end">{}</text>"#,
            LEFT - 10.0,
            y + 16.0,
            escape(name)
        );
        for (k, cell) in cells.iter().enumerate() {
            let Some((text, dark)) = cell else { continue };
            let x = LEFT + k as f64 * wide;
            // Never so dark that the text cannot be read.
            let _ = writeln!(
                out,
                r#"<rect class="shade" x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}" rx="3" fill-opacity="{:.2}"/><text class="ink" x="{:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
                x + 1.0,
                y + 1.0,
                wide - 2.0,
                HIGH - 2.0,
                0.05 + 0.55 * dark,
                x + wide / 2.0,
                y + 16.0,
                escape(text)
            );
        }
    }
    out + "</svg>\n"
}

/// Bars: the share of every bin, row by row.
pub(super) fn shares(title: &str, bins: &[String], rows: &[(String, Vec<f64>)]) -> String {
    const HIGH: f64 = 54.0;
    const BAR: f64 = 34.0;
    let mut out = open(title, TOP + HIGH * rows.len() as f64 + 16.0);
    let wide = head(&mut out, bins);
    for (r, (name, shares)) in rows.iter().enumerate() {
        let floor = TOP + HIGH * r as f64 + HIGH - 6.0;
        let _ = writeln!(
            out,
            r#"<text class="ink" x="{}" y="{:.1}" text-anchor="end">{}</text><line class="grid" x1="{LEFT}" y1="{floor:.1}" x2="{}" y2="{floor:.1}"/>"#,
            LEFT - 10.0,
            floor - 4.0,
            escape(name),
            WIDTH - RIGHT
        );
        for (k, share) in shares.iter().enumerate().filter(|(_, share)| **share > 0.0) {
            let high = (BAR * share).max(1.0);
            let x = LEFT + k as f64 * wide;
            let _ = writeln!(
                out,
                r#"<rect class="shade" x="{:.1}" y="{:.1}" width="{:.1}" height="{high:.1}" fill-opacity="0.55"/><text class="ink" x="{:.1}" y="{:.1}" text-anchor="middle" font-size="11">{:.1}%</text>"#,
                x + 3.0,
                floor - high,
                wide - 6.0,
                x + wide / 2.0,
                floor - high - 3.0,
                (100.0 * share).max(0.1)
            );
        }
    }
    out + "</svg>\n"
}
