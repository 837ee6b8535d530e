//! `compare grad`: the value and the derivative, and nothing else.

use std::fmt::Write;

use chainrule::Budget;
use clap::Args;
use commands::compare::{cells, table};
use commands::output::number::number;
use commands::output::table::wrap_behind;
use commands::{Failure, ParsedFunction, Points, points};
use harness::{Comparison, Options, Point};
use reference::Component;

use crate::args::{Format, FormatArgs, FunctionArgs, PointArgs};
use crate::input::{self};
use crate::output::data_table::DataTable;

const EXAMPLES: &str = "\
Examples:
  compare grad \"x^2*sin(x)\" --at x=2
  compare grad \"sum(i, 1, n, x[i]^2)\" --size n=3 --at x=[1,2,3] --format json

The derivative is the certified one; a function of more nodes than
--reference-nodes has that of backpropagation. Where there is no derivative,
the word that says why stands in its place.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct GradArgs {
    #[command(flatten)]
    function: FunctionArgs,
    #[command(flatten)]
    points: PointArgs,
    /// Certify no functions of more nodes; 0: none
    #[arg(long, value_name = "N", default_value_t = 20_000, help_heading = "Output")]
    reference_nodes: usize,
    #[command(flatten)]
    output: FormatArgs,
}

/// Value and derivative at every point.
pub(crate) fn render(args: &GradArgs) -> Result<String, Failure> {
    let given = input::function(&args.function, &args.points)?;
    let points = points::points(&given, &args.points.request())?;
    let budget = Budget { nodes: args.function.max_nodes, ..Budget::default() };
    let options =
        Options { budget, reference_nodes: args.reference_nodes, samples: false, ..Options::default() };
    let found = harness::compare(&given.subject, &points.all, &[Box::new(chainrule::Backprop)], &options);
    if let Some(refusal) = found.points.iter().find_map(|point| point.entries[0].refusal.as_ref()) {
        return Err(Failure::text(refusal));
    }
    let data_table = || data_table(&found);
    Ok(match args.output.format {
        Format::Table => text(&given, &points, &found),
        Format::Json => data_table().json("chainrule/grad/1"),
        Format::Csv => data_table().csv(),
        Format::Markdown => data_table().markdown(),
    })
}

/// What stands for a component: the certified derivative, the word where there is none, what backpropagation says where
/// that is not known.
fn derivative(found: &Comparison, point: &Point, component: usize) -> String {
    let width = found.inputs.len();
    let certified = point.reference.as_ref().map(|all| &all.gradients[component / width][component % width]);
    let computed = || {
        let answer = point.entries[0].answer.as_ref();
        number(answer.map_or(f64::NAN, |answer| answer.gradient[component]))
    };
    match certified {
        None | Some(Component::Undecided { .. }) => computed(),
        Some(Component::Kink { hull: [low, high], .. }) if low.is_finite() && high.is_finite() => {
            format!("kink, slopes from {} to {}", number(*low), number(*high))
        }
        Some(known) => known.known().map_or_else(|| cells::certified(known, usize::MAX), number),
    }
}

fn text(given: &ParsedFunction, points: &Points, found: &Comparison) -> String {
    let mut out = String::new();
    let name = given.name();
    let alone = points.all.len() == 1 && points.origin(0).is_empty();
    for (k, point) in found.points.iter().enumerate() {
        if !alone {
            let line = format!("at {}{}", table::place(found, point), points.origin(k));
            let _ = writeln!(out, "{}{}", if k > 0 { "\n" } else { "" }, wrap_behind(&line, "  "));
        }
        let _ = writeln!(out, "{name} = {}", cells::values(point));
        for component in 0..found.outputs * found.inputs.len() {
            let label = match (found.inputs.len(), found.outputs) {
                (1, 1) => format!("d{name}/d{}", found.inputs.name(0)),
                _ => cells::derivative(found, &name, component),
            };
            let _ = writeln!(out, "{label} = {}", derivative(found, point, component));
        }
    }
    out
}

/// A row per point, output and input.
fn data_table(found: &Comparison) -> DataTable {
    let mut data_table = DataTable::new(&["point", "output", "input", "value", "derivative"]);
    let width = found.inputs.len();
    for (k, point) in found.points.iter().enumerate() {
        for component in 0..found.outputs * width {
            data_table.push(vec![
                (k + 1).to_string(),
                (component / width + 1).to_string(),
                found.inputs.name(component % width),
                number(point.values[component / width]),
                derivative(found, point, component),
            ]);
        }
    }
    data_table
}
