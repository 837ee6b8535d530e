//! `compare grow`: the strategies measured as a function grows, as a table, for programs, and as a picture.

mod picture;
mod rows;
mod table;

use commands::output::json;
use commands::{Failure, ParsedFunction, PointRequest, points};
use experiments::Family;
use harness::Outcome;
use std::path::PathBuf;
use syntax::{Diagnostic, read_size_lists};

use clap::Args;
use experiments::grow::{Fit, Instance, Law, Options, Variant, grow};

use crate::args::{Format, FormatArgs, FunctionArgs};
use crate::input::Input;
use crate::input::{self};
use crate::output::progress;

pub(crate) use picture::picture;
pub(crate) use rows::data_table;

const EXAMPLES: &str = "\
Example:
  compare grow \"sum(i, 1, n, sin(x[i])^2)\" --size n=10,100,1000 --svg times.svg";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct GrowArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    /// Seed for the random point of every size
    #[arg(long, value_name = "S", default_value_t = 1, allow_hyphen_values = true)]
    pub(crate) seed: u64,
    /// Range of random points: -1..1, or x=0..1,y=-2..2
    #[arg(long, value_name = "LOW..HIGH", allow_hyphen_values = true)]
    pub(crate) domain: Option<String>,
    /// Stop a variant that would evaluate more nodes than this for one gradient
    #[arg(long, value_name = "N", default_value_t = 20_000_000_000)]
    pub(crate) budget_evaluations: u64,
    /// Stop a variant that would build or visit more nodes than this
    #[arg(long, value_name = "N", default_value_t = 20_000_000)]
    pub(crate) budget_nodes: u64,
    /// Above this many nodes, the reference is backpropagation with about 32 digits
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub(crate) reference_nodes: usize,
    /// Measure no times
    #[arg(long, help_heading = "Output")]
    pub(crate) no_times: bool,
    #[command(flatten)]
    pub(crate) output: FormatArgs,
    /// Draw the times into an SVG file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) svg: Option<PathBuf>,
}

/// The measurements, in the format asked for, and whether any strategy disagrees.
pub(crate) fn render(args: &GrowArgs) -> Result<(String, Option<Outcome>), Failure> {
    let (text, origin) = input::text(&args.function)?;
    let lists = Lists::read(args)?;
    let at_size = |n: usize| -> Result<ParsedFunction, Failure> {
        match input::read_text(&args.function, text.clone(), origin.clone(), lists.at(n))? {
            Input::One(given) => Ok(*given),
            Input::Cores(_) => Err(Failure::text("the file has several cores: choose one with --core")),
        }
    };
    let drawn = PointRequest {
        at: Vec::new(),
        data_names: Vec::new(),
        points: None,
        seed: args.seed,
        domain: args.domain.clone(),
    };
    let instance = |n: usize| -> Result<Instance, Failure> {
        let given = at_size(n)?;
        let at = match (given.family, &args.domain) {
            // A family may have fewer inputs where nothing is left to sum.
            (Some((family, _)), None) if (family.inputs)(n) == given.subject.input_count() => {
                family.sample(n, args.seed)
            }
            _ => points::points(&given, &drawn)?.all.swap_remove(0),
        };
        Ok(Instance { flat: given.flat()?.clone(), written: given.function, at })
    };
    // What is wrong with the largest is better said before the smaller ones have been measured for minutes.
    let largest = *lists.sizes.last().expect("there are sizes");
    let title = at_size(largest)?.title();
    instance(largest)?;
    let mut options = Options {
        work: args.budget_evaluations,
        reference_nodes: args.reference_nodes,
        ..Options::default()
    };
    options.budget.nodes = args.budget_nodes;
    options.patience = options.patience.filter(|_| !args.no_times);
    let bar = progress::bar(lists.sizes.len());
    let mut watch = |k: usize, what: &str| {
        bar.set_position(k as u64);
        bar.set_message(format!("{} = {}: {what}", lists.name, lists.sizes[k]));
    };
    let growth = grow(instance, &lists.sizes, &Variant::all(), &options, &mut watch)?;
    bar.finish_and_clear();
    if let Some(path) = &args.svg {
        crate::output::files::replace(path, &picture(&growth, &lists.name, &title))
            .map_err(|error| Failure::text(format!("cannot write {}: {error}", path.display())))?;
    }
    let outcome = Outcome::worst(growth.rows.iter().filter_map(|row| row.outcome));
    let text = match args.output.format {
        Format::Table => table::table(&growth, &lists.name, &title, args.seed),
        Format::Json => json::text(&rows::document(&growth)),
        Format::Csv => data_table(&growth).csv(),
        Format::Markdown => data_table(&growth).markdown(),
    };
    Ok((text, outcome))
}

/// The size that grows, and those that stay.
struct Lists {
    name: String,
    sizes: Vec<usize>,
    others: Vec<(String, i64)>,
}

impl Lists {
    fn read(args: &GrowArgs) -> Result<Lists, Failure> {
        let text = args.function.size.join(",");
        let blame = |diagnostic: Diagnostic| Failure::place(&diagnostic, &text, "--size");
        let mut lists = read_size_lists(&text).map_err(blame)?;
        let family = args.function.expression.as_deref().and_then(|word| Family::named(word.trim()));
        if let (true, Some(family)) = (lists.is_empty(), family) {
            lists.push(("n".to_owned(), family.sizes.iter().map(|&n| n as i64).collect()));
        }
        let mut growing = lists.iter().filter(|(_, sizes)| sizes.len() > 1).map(|(name, _)| name);
        let name = match (growing.next(), growing.next(), lists.first()) {
            (Some(first), Some(second), _) => {
                return Err(Failure::text(format!(
                    "--size: one size grows at a time, and both {first} and {second} have a list"
                )));
            }
            (Some(name), None, _) | (None, _, Some((name, _))) => name.clone(),
            (None, _, None) => {
                return Err(Failure::text("grow needs sizes to grow by: --size n=10,100,1000"));
            }
        };
        let (grown, others): (Vec<_>, Vec<_>) = lists.into_iter().partition(|(of, _)| *of == name);
        let mut sizes = Vec::new();
        for size in grown.into_iter().flat_map(|(_, sizes)| sizes) {
            if size < 1 {
                return Err(Failure::text(format!("--size {name}={size}: what grows is at least 1")));
            }
            sizes.push(size as usize);
        }
        sizes.sort_unstable();
        sizes.dedup();
        let others = others.into_iter().map(|(name, sizes)| (name, sizes[0])).collect();
        Ok(Lists { name, sizes, others })
    }

    /// All sizes, where the growing one is `n`.
    fn at(&self, n: usize) -> Vec<(String, i64)> {
        std::iter::once((self.name.clone(), n as i64)).chain(self.others.iter().cloned()).collect()
    }
}

/// A law in a few characters.
fn law(fit: &Fit) -> String {
    let sure = |uncertainty: f64| match uncertainty.is_finite() {
        true => format!(" ± {uncertainty:.2}"),
        false => String::new(),
    };
    match fit.law {
        // An exponent that may as well be 0.
        Law::Power if fit.slope.abs() < fit.uncertainty.min(0.1) => {
            let sure = if fit.uncertainty.is_finite() {
                format!(" ± {:.1}", fit.uncertainty)
            } else {
                String::new()
            };
            // Adding 0 makes 0 of -0.
            format!("constant (exponent {:.1}{sure})", (10.0 * fit.slope).round() / 10.0 + 0.0)
        }
        Law::Power => format!("n^{:.2}{}", fit.slope, sure(fit.uncertainty)),
        Law::Exponential => {
            let factor = fit.slope.exp();
            format!("{factor:.2}^n{}", sure(factor * fit.uncertainty))
        }
    }
}
