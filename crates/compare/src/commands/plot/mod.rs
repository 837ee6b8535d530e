//! `compare plot`: a function and its derivative as a picture.

mod contours;
mod line;

use std::path::{Path, PathBuf};

use chainrule::{Backprop, Budget, CompiledFunction, Derivative, Prepared, Strategy, Want};
use clap::Args;
use commands::{Failure, ParsedFunction, points};

use crate::args::{FunctionArgs, PointArgs};
use crate::input::{self};
use crate::output::files;

const EXAMPLES: &str = "\
Examples:
  compare plot \"x^3 - x\" --domain -2..2 --svg cubic.svg
  compare plot \"sin(x)/x\" --domain -15..15 --at x=4 --svg sinc.svg
  compare plot \"(1 - x)^2 + 5*(y - x^2)^2\" --domain x=-2..2,y=-1..3 --svg valley.svg

One input: f above, f' below; --at adds the tangent at a point. Two inputs:
contours, and a gradient descent from --at or from a random point.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PlotArgs {
    #[command(flatten)]
    function: FunctionArgs,
    #[command(flatten)]
    points: PointArgs,
    /// SVG file to write
    #[arg(long, value_name = "FILE", required = true, help_heading = "Output")]
    svg: PathBuf,
}

/// Draws the picture; says what it shows.
pub(crate) fn render(args: &PlotArgs) -> Result<String, Failure> {
    let given = input::function(&args.function, &args.points)?;
    if given.flat()?.outputs().len() > 1 {
        return Err(Failure::text("plot draws one output; give it a function with one"));
    }
    let region = points::region(&given, &args.points.request())?;
    if region.intervals.iter().any(|(low, high)| !(low < high && (high - low).is_finite())) {
        return Err(Failure::text("--domain: plot needs a range from a smaller to a larger number"));
    }
    let mut f = Differentiated::new(&given, args.function.max_nodes)?;
    let (picture, what) = match region.intervals.as_slice() {
        [x] => {
            // Only points that are asked for have tangents.
            let asked = !args.points.at.is_empty() || args.points.points.is_some();
            let points = if asked { points::points(&given, &args.points.request())?.all } else { Vec::new() };
            line::draw(&given, &mut f, *x, &points.concat())
        }
        [x, y] => {
            let points = points::points(&given, &args.points.request())?;
            contours::draw(&given, &mut f, [*x, *y], &points)?
        }
        intervals => {
            return Err(Failure::text(format!(
                "plot draws functions of one or two inputs, and this one has {}: write numbers in place of the others",
                intervals.len()
            )));
        }
    };
    files::write(&[(args.svg.as_path(), picture)])?;
    Ok(format!("wrote {} ({what})\n", Path::display(&args.svg)))
}

/// A function with its gradient, at one point after the other.
struct Differentiated {
    value: CompiledFunction,
    gradient: Box<dyn Prepared>,
    out: Derivative,
}

impl Differentiated {
    fn new(given: &ParsedFunction, max_nodes: u64) -> Result<Differentiated, Failure> {
        let budget = Budget { nodes: max_nodes, ..Budget::default() };
        let gradient = Backprop.prepare(&given.function, Want::Gradient, &budget).map_err(Failure::text)?;
        Ok(Differentiated {
            value: CompiledFunction::new(given.flat()?),
            gradient,
            out: Derivative::default(),
        })
    }

    fn value(&mut self, x: &[f64]) -> f64 {
        let mut out = [0.0];
        self.value.run(x, &mut out);
        out[0]
    }

    /// The gradient; not a number where there is none.
    fn gradient(&mut self, x: &[f64]) -> Vec<f64> {
        match self.gradient.run(x, &mut self.out) {
            Ok(()) => self.out.gradient.clone(),
            Err(_) => vec![f64::NAN; x.len()],
        }
    }
}

/// A title that fits above a picture.
fn title(given: &ParsedFunction) -> String {
    commands::stepper::short(&given.title(), 84)
}
