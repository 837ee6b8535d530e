//! `compare steps`: error against step, as a table, for programs, and as a picture.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use commands::chart::Chart;
use commands::output::json;
use commands::output::number::{brief, number};
use commands::output::table::wrap_behind;
use commands::steps::{Document, input, rows};
use commands::{Failure, points};
use experiments::steps::{SCHEMES, Steps, steps};

use crate::args::{Format, FormatArgs, FunctionArgs, PointArgs};
use crate::input::function;
use crate::output::data_table::DataTable;

const EXAMPLES: &str = "\
Example:
  compare steps \"exp(sin(3*x))/x\" --at x=0.8 --svg steps.svg";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct StepsArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    #[command(flatten)]
    pub(crate) points: PointArgs,
    /// Input to vary (default: the first)
    #[arg(long, value_name = "INPUT")]
    pub(crate) wrt: Option<String>,
    #[command(flatten)]
    pub(crate) output: FormatArgs,
    /// Draw the curves into an SVG file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) svg: Option<PathBuf>,
}

/// The curves at the first point.
pub(crate) fn render(args: &StepsArgs) -> Result<String, Failure> {
    let function = self::function(&args.function, &args.points)?;
    let points = points::points(&function, &args.points.request())?;
    let input = input(&function, args.wrt.as_deref())?;
    let found = steps(function.flat()?, &points.all[0], input).map_err(Failure::text)?;
    if let Some(path) = &args.svg {
        crate::output::files::write(&[(path, Chart::of_steps(&found, &function.title()).svg())])?;
    }
    Ok(match args.output.format {
        Format::Table => table(&found, &function.title(), &points.origin(0), points.all[0][input]),
        Format::Json => json::text(&Document::new(&found)),
        Format::Csv => data_table(&found).csv(),
        Format::Markdown => data_table(&found).markdown(),
    })
}

fn data_table(found: &Steps) -> DataTable {
    let mut data_table = DataTable::new(&["step", "forward", "central-2", "central-4", "central-6"]);
    rows(found).for_each(|row| data_table.push(row.iter().map(f64::to_string).collect()));
    data_table
}

fn table(found: &Steps, title: &str, origin: &str, x: f64) -> String {
    let mut out = String::new();
    let name = &found.input;
    let _ = writeln!(out, "{}\n\nat {name} = {}{origin}", wrap_behind(title, "  "), number(x));
    let _ = writeln!(out, "∂f/∂{name} = {}   (certified)\n", number(found.truth));
    let _ = writeln!(out, "relative error of each difference quotient, by its step h\n");
    let cell = |text: String| format!("{text:>12}");
    let header: String = SCHEMES.iter().map(|scheme| cell(scheme.name().to_owned())).collect();
    let _ = writeln!(out, "  {:>9}{header}", "h");
    for (k, step) in found.steps.iter().enumerate().step_by(2) {
        let mut line = format!("  {:>9}", format!("{step:.1e}"));
        for (errors, scheme) in found.errors.iter().zip(0..) {
            let error = errors[k];
            // The best step shown is marked.
            let best = (found.best(scheme).0 / step).log2().abs() < 0.5
                || (found.best(scheme).0 / step).log2() == 1.0 && k > 0;
            let text = if error.is_nan() { "–".to_owned() } else { format!("{error:.1e}") };
            line += &cell(if best { format!("▸ {text}") } else { text });
        }
        let _ = writeln!(out, "{line}");
    }
    out.push('\n');
    for (k, scheme) in SCHEMES.iter().enumerate() {
        let (best, least) = found.best(k);
        let _ = writeln!(
            out,
            "{:<10} best at h = {best:.1e} with {:.1} digits; predicted h = {:.1e}",
            scheme.name(),
            -least.max(1e-17).log10(),
            found.predicted[k]
        );
    }
    let (slope, estimate, evaluations) = found.adaptive;
    let line = format!(
        "{:<10} found {} ± {} in {evaluations} evaluations: {:.1} digits, without being told a step",
        "adaptive",
        number(slope),
        brief(estimate),
        -found.adaptive_error().max(1e-17).log10()
    );
    let _ = writeln!(out, "{}", wrap_behind(&line, "           "));
    out
}
