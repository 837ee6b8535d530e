//! What can be typed.

use std::path::PathBuf;
use std::time::Duration;

use chainrule::{Budget, Strategy};
use clap::{Args, Parser, ValueEnum};
use harness::Options;

use crate::input::Problem;

const ABOUT: &str = "\
Differentiates a function in three ways, numerical, symbolic and by backpropagation, and compares them: \
values, errors, times, and whether they agree.";

const EXAMPLES: &str = "\
Examples:
  compare \"(x + y) * z\" --at x=-2,y=5,z=-4
  compare \"f(x, y) = sin(x*y) + exp(x/y)\" --points 3 --seed 1
  compare \"sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)\" --size n=100
  compare rosenbrock --size n=1000          (a family; `compare families` lists them)
  compare trace \"let q = x + y; q * z\" --at x=-2,y=5,z=-4
  compare trace \"b = a + a; b*b\" --at a=3 --html steps.html       (opens in a browser)
  compare descend \"a*x + b\" --data points.csv --target y --rate 0.1
  compare --file function.txt --format json
  compare --file benchmarks.fpcore --points 10      (all its cores, or one with --core NAME)

Commands:
  trace EXPR    the forward and the backward pass, node by node; with --html, to step through
  derive EXPR   the derivative as a formula, or as Rust, C, LaTeX, FPCore or Graphviz
  check EXPR    whether a derivative that was worked out by hand is right: --claim x='2*x'
  swell EXPR    how many operators the gradient takes, by the way in which it is written
  steps EXPR    the error of finite differences against their step
  grow EXPR     times, sizes and errors as the function grows: --size n=10,100,1000
  descend EXPR  gradient descent by each strategy; with --data, a model fitted to a CSV file
  families      the named functions that grow with a size
  report        puts the article's claims to the test: reports/ with verdicts, figures and a page

Exit status: 1 when a word of --fail-on occurs (by default disagree, refuted); 2 bad input, usage or I/O failure; else 0.";

/// A command with its arguments.
pub(crate) enum Command {
    Compare(CompareArgs),
    Trace(TraceArgs),
    Derive(DeriveArgs),
    Check(CheckArgs),
    Swell(SwellArgs),
    Steps(StepsArgs),
    Descend(DescendArgs),
    Grow(GrowArgs),
    Families(FamiliesArgs),
    Report(ReportArgs),
}

/// How the answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Csv,
    Markdown,
}

/// How derivatives are simplified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Simplify {
    /// Not at all: the formula as derived.
    None,
    /// By what is found within the budget, unless it clearly loses digits.
    Fast,
    /// Likewise, unless the worst error against the certified values is larger at any output.
    Accurate,
}

#[derive(Args)]
pub(crate) struct FunctionArgs {
    /// The function, or the name of a family.
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    pub(crate) expression: Option<String>,
    /// Read the function from a file; `-` is standard input.
    #[arg(long, value_name = "PATH", conflicts_with = "expression")]
    pub(crate) file: Option<PathBuf>,
    /// Of a file of FPCore only the core of this name; `core 3` is the third, where it has none.
    #[arg(long, value_name = "NAME", requires = "file")]
    pub(crate) core: Option<String>,
    /// Bind sizes: `n=100,m=3`.
    #[arg(long, value_name = "n=100,…", allow_hyphen_values = true)]
    pub(crate) size: Vec<String>,
    /// Refuse functions with more nodes than this once unrolled.
    #[arg(long, value_name = "N", default_value_t = 20_000_000, allow_hyphen_values = true)]
    pub(crate) max_nodes: u64,
}

#[derive(Args)]
pub(crate) struct PointArgs {
    /// A point: `x=1,y=2`, `x=[1,2,3]` for indexed inputs; repeatable.
    #[arg(long, value_name = "x=1,…", allow_hyphen_values = true)]
    pub(crate) at: Vec<String>,
    /// Draw so many points at random.
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) points: Option<u32>,
    /// The seed they are drawn from.
    #[arg(long, value_name = "S", default_value_t = 1, allow_hyphen_values = true)]
    pub(crate) seed: u64,
    /// Where they are drawn: `-1..1`, or `x=0..1,y=-2..2`.
    #[arg(long, value_name = "LOW..HIGH", allow_hyphen_values = true)]
    pub(crate) domain: Option<String>,
}

#[derive(Args)]
pub(crate) struct StrategyArgs {
    /// Only this strategy: numerical, symbolic or backprop; repeatable.
    #[arg(long, value_name = "NAME")]
    strategy: Vec<String>,
    /// A form of a strategy: numerical=central-4, symbolic=forward+egg; repeatable.
    #[arg(long, value_name = "STRATEGY=FORM")]
    variant: Vec<String>,
    /// How symbolic derivatives are simplified: `fast` unless that clearly loses digits, `accurate` only where the worst
    /// error against the reference does not grow, or not at all.
    #[arg(long, value_enum)]
    simplify: Option<Simplify>,
    /// Above so many nodes of the unrolled function, no certified reference is computed.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub(crate) reference_nodes: usize,
    /// Measure no times: answers come in milliseconds.
    #[arg(long)]
    no_times: bool,
    /// The number of threads; comparisons take one, so that times are those of one.
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    #[arg(skip)]
    pub(crate) max_nodes: u64,
}

#[derive(Parser)]
#[command(name = "compare", version, about = ABOUT, after_help = EXAMPLES)]
pub(crate) struct CompareArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    #[command(flatten)]
    pub(crate) points: PointArgs,
    #[command(flatten)]
    pub(crate) strategies: StrategyArgs,
    /// How to write the answer.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Format,
    /// Show the steps that the function became (in the table).
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) failing: FailingArgs,
    /// A finite difference that contradicts its own error estimate is a disagreement.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// The words of verdicts and claims.
const WORDS: [&str; 11] = [
    "disagree",
    "unchecked",
    "overflow",
    "undefined",
    "kink",
    "removable",
    "refused",
    "agree",
    "proved",
    "refuted",
    "unknown",
];

/// The words that make the exit status 1 unless others are named.
pub(crate) fn default_failing() -> Vec<String> {
    ["disagree", "refuted"].map(str::to_owned).into()
}

#[derive(Args)]
pub(crate) struct FailingArgs {
    /// The exit status is 1 when one of these words occurs: disagree, unchecked, overflow, undefined, kink, removable,
    /// refused; of claims refuted, unknown.
    #[arg(
        long = "fail-on",
        value_name = "LIST",
        value_delimiter = ',',
        default_values_t = default_failing(),
        value_parser = clap::builder::PossibleValuesParser::new(WORDS),
        hide_possible_values = true
    )]
    pub(crate) words: Vec<String>,
}

/// Shows the forward and the backward pass of a function, node by node.
#[derive(Parser)]
#[command(name = "compare trace")]
pub(crate) struct TraceArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    #[command(flatten)]
    pub(crate) points: PointArgs,
    /// How to write the answer; `table` where no file is asked for.
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// Write a page into a file that steps through both passes.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Draw the graph with all values and gradients into a file.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Of the page and the picture only the nodes that depend on this input; above 300 nodes that of the first, if none is named.
    #[arg(long, value_name = "INPUT")]
    pub(crate) wrt: Option<String>,
}

/// Writes the derivative down: as a formula, or as a program, an equation or a graph for others.
#[derive(Parser)]
#[command(name = "compare derive")]
pub(crate) struct DeriveArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    /// Differentiate by this input only: `x`, or an element `x[2]`; repeatable.
    #[arg(long, value_name = "INPUT")]
    pub(crate) wrt: Vec<String>,
    /// How often: 1 for the gradient, 2 for the Hessian, up to 4.
    #[arg(long, value_name = "K", default_value_t = 1, allow_hyphen_values = true)]
    pub(crate) order: i64,
    /// Name the rule applied at each stage.
    #[arg(long)]
    pub(crate) steps: bool,
    /// What to write it as.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) to: Written,
    /// What may be rewritten afterwards.
    #[arg(long, value_enum, default_value = "fast")]
    pub(crate) simplify: Simplify,
    /// JSON holds the same text, each partial by itself, and what simplification did.
    #[arg(long, value_enum, default_value = "table", value_name = "FORMAT")]
    pub(crate) format: DeriveFormat,
}

/// Checks derivatives that were worked out by hand: refutes them at a point, or proves them.
#[derive(Parser)]
#[command(name = "compare check")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    /// What a partial derivative is said to be: `x='2*x'`, `x[3]=…`, or `x[j]=…` for every element; repeatable.
    /// A file has the function first, then lines `d/dx = …`.
    #[arg(long, value_name = "x=FORMULA", allow_hyphen_values = true)]
    pub(crate) claim: Vec<String>,
    /// A CSV of claims with the columns expression, input and claim: it is written out with a column status.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["expression", "file", "claim"])]
    pub(crate) claims: Option<PathBuf>,
    /// Show the steps of every proof.
    #[arg(long)]
    pub(crate) steps: bool,
    /// Read decimals as the numbers that are printed, instead of the nearest doubles.
    #[arg(long)]
    pub(crate) exact_decimals: bool,
    /// The seed that points are drawn from.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How to write the answer.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) failing: FailingArgs,
}

/// Counts the operators of a function and its gradient as they grow: written as trees, with shared parts, with loops.
#[derive(Parser)]
#[command(name = "compare swell")]
pub(crate) struct SwellArgs {
    /// The function, or the name of a family.
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    pub(crate) expression: Option<String>,
    /// Read the function from a file; `-` is standard input.
    #[arg(long, value_name = "PATH", conflicts_with = "expression")]
    pub(crate) file: Option<PathBuf>,
    /// The sizes, a row for each: `n=10,100,1000,m=3`.
    #[arg(long, value_name = "n=10,100,…", allow_hyphen_values = true)]
    pub(crate) size: Vec<String>,
    /// Build no graph of more nodes than this.
    #[arg(long, value_name = "N", default_value_t = 2_000_000, allow_hyphen_values = true)]
    pub(crate) max_nodes: u64,
    /// How to write the answer.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Format,
}

/// What a derivative is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Written {
    Text,
    Latex,
    Rust,
    C,
    Fpcore,
    Dot,
}

/// How a derivative is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeriveFormat {
    /// The text itself.
    Table,
    Json,
}

/// Shows the error of every difference quotient against its step: truncation to one side, rounding to the other.
#[derive(Parser)]
#[command(name = "compare steps")]
pub(crate) struct StepsArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    #[command(flatten)]
    pub(crate) points: PointArgs,
    /// The input to move; without it the first.
    #[arg(long, value_name = "INPUT")]
    pub(crate) wrt: Option<String>,
    /// How to write the answer.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Format,
    /// Draw the curves into a file.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
}

/// How a gradient becomes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    Plain,
    Momentum,
    Adam,
}

/// Descends along the gradient with each strategy, from the same start: the same losses, at different prices.
#[derive(Parser)]
#[command(name = "compare descend")]
pub(crate) struct DescendArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    #[command(flatten)]
    pub(crate) points: PointArgs,
    #[command(flatten)]
    pub(crate) strategies: StrategyArgs,
    /// How a gradient becomes a step: against it, with momentum, or by Adam.
    #[arg(long, value_enum, default_value = "plain")]
    pub(crate) method: Method,
    /// The learning rate: how long steps are.
    #[arg(long, value_name = "R", default_value_t = 0.01, allow_hyphen_values = true)]
    pub(crate) rate: f64,
    /// How many steps are taken.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub(crate) iterations: u32,
    /// A CSV file with a header. Inputs that have a column are data, a row per point; the others are weights.
    #[arg(long, value_name = "FILE", requires = "target")]
    pub(crate) data: Option<PathBuf>,
    /// The column that the function is to meet; where the function uses it by name, the function is the loss itself.
    #[arg(long, value_name = "COLUMN", requires = "data")]
    pub(crate) target: Option<String>,
    /// A strategy that would take more evaluations of the loss than this is measured over a few steps.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub(crate) evaluations: u64,
    /// How to write the answer; csv has the losses step by step.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Format,
    /// Draw the losses into a file.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
}

/// Races the strategies as a function grows: times, sizes and errors, the laws by which they grow, and which one to take.
#[derive(Parser)]
#[command(name = "compare grow")]
pub(crate) struct GrowArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    /// The seed that the point of every size is drawn from.
    #[arg(long, value_name = "S", default_value_t = 1, allow_hyphen_values = true)]
    pub(crate) seed: u64,
    /// Where points are drawn: `-1..1`, or `x=0..1,y=-2..2`.
    #[arg(long, value_name = "LOW..HIGH", allow_hyphen_values = true)]
    pub(crate) domain: Option<String>,
    /// An arm that would evaluate more nodes than this for one gradient stops, and says so.
    #[arg(long, value_name = "N", default_value_t = 20_000_000_000)]
    pub(crate) budget_evaluations: u64,
    /// An arm that would build or visit more nodes than this stops, and says so.
    #[arg(long, value_name = "N", default_value_t = 20_000_000)]
    pub(crate) budget_nodes: u64,
    /// Above so many nodes of the unrolled function, the reference is backpropagation in 32 digits.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub(crate) reference_nodes: usize,
    /// How to write the answer.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Format,
    /// Draw the times into a file.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
}

/// Lists the named functions that grow with a size.
#[derive(Parser)]
#[command(name = "compare families")]
pub(crate) struct FamiliesArgs {
    /// How to write the answer.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Format,
}

/// Puts the claims of the article "Why backpropagation?" to the test: writes a table of claims with figures and verdicts, a
/// page per experiment, CSV beside every figure, and one page for browsers. Under an hour on two cores, with --quick under
/// five minutes; what is finished is written at once.
#[derive(Parser)]
#[command(name = "compare report")]
pub(crate) struct ReportArgs {
    /// Fewer points and smaller sizes.
    #[arg(long)]
    pub(crate) quick: bool,
    /// As little as makes every row, for tests.
    #[arg(long, hide = true)]
    pub(crate) tiny: bool,
    /// Where to write it.
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub(crate) out: PathBuf,
    /// The seed that points are drawn from.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
}

/// Reads the command line; ends the program on `--help`, `--version` and misuse.
pub(crate) fn read() -> Command {
    let mut words: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let first = words.get(1).and_then(|word| word.to_str()).unwrap_or_default().to_owned();
    let mut rest = || {
        words.remove(1);
        words.clone()
    };
    match first.as_str() {
        "trace" => Command::Trace(TraceArgs::parse_from(rest())),
        "derive" => Command::Derive(DeriveArgs::parse_from(rest())),
        "check" => Command::Check(CheckArgs::parse_from(rest())),
        "swell" => Command::Swell(SwellArgs::parse_from(rest())),
        "steps" => Command::Steps(StepsArgs::parse_from(rest())),
        "descend" => {
            let mut args = DescendArgs::parse_from(rest());
            args.strategies.max_nodes = args.function.max_nodes;
            Command::Descend(args)
        }
        "grow" => Command::Grow(GrowArgs::parse_from(rest())),
        "families" => Command::Families(FamiliesArgs::parse_from(rest())),
        "report" => Command::Report(ReportArgs::parse_from(rest())),
        _ => {
            let mut args = CompareArgs::parse_from(words);
            args.strategies.max_nodes = args.function.max_nodes;
            Command::Compare(args)
        }
    }
}

impl StrategyArgs {
    /// The strategies asked for, in the order numerical, symbolic, backprop.
    pub(crate) fn build(&self) -> Result<Vec<Box<dyn Strategy>>, Problem> {
        for name in &self.strategy {
            if !chainrule::STRATEGIES.contains(&name.as_str()) {
                return Err(Problem::text(format!(
                    "--strategy {name}: there is no such strategy; there are {}",
                    chainrule::STRATEGIES.join(", ")
                )));
            }
        }
        let mut variants = Vec::new();
        for text in &self.variant {
            let (name, variant) = text.split_once('=').filter(|(name, _)| chainrule::STRATEGIES.contains(name)).ok_or_else(
                || Problem::text(format!("--variant {text}: write it as numerical=central-4, symbolic=reverse+egg or backprop=standard")),
            )?;
            variants.push((name, variant));
        }
        let wanted =
            |name: &&&str| self.strategy.is_empty() || self.strategy.iter().any(|asked| asked == **name);
        let build = |name: &&str| {
            let variant = variants.iter().rev().find(|(of, _)| of == name).map(|(_, variant)| *variant);
            let simplified = self.simplify.filter(|_| *name == "symbolic").map(|simplify| {
                let arm = variant.unwrap_or("auto");
                let arm = arm.strip_suffix("+egg").unwrap_or(arm).parse();
                let arm = arm.map_err(|error: chainrule::symbolic::ParseArmError| error.to_string())?;
                let (egg, accurate) = (simplify != Simplify::None, simplify == Simplify::Accurate);
                Ok::<Box<dyn Strategy>, String>(Box::new(chainrule::Symbolic { arm, egg, accurate }))
            });
            simplified
                .unwrap_or_else(|| chainrule::strategy(name, variant))
                .map_err(|error| Problem::text(format!("--variant {name}={error}")))
        };
        chainrule::STRATEGIES.iter().filter(wanted).map(build).collect()
    }

    pub(crate) fn options(&self) -> Options {
        let budget = Budget { nodes: self.max_nodes, ..Budget::default() };
        let patience = (!self.no_times).then_some(Duration::from_millis(100));
        Options { budget, patience, reference_nodes: self.reference_nodes }
    }
}
