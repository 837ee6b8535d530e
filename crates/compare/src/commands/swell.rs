//! `compare swell`: how many operators a function and its gradient take as they grow.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use commands::Failure;
use commands::output::json::{self, Number};
use commands::output::number::{count, time};
use commands::output::table::narrowed;
use experiments::Family;
use experiments::families::Form;
use experiments::swell::{Built, Count, Swell, swell};
use expr::Function;
use serde::Serialize;
use syntax::{Diagnostic, read_size_lists};

use crate::args::{Format, FormatArgs};
use crate::input::{self};
use crate::output::data_table::DataTable;

const EXAMPLES: &str = "\
Example:
  compare swell \"iterate(k, 1, n, y, x, 4*y*(1 - y))\" --size n=10,20,30";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SwellArgs {
    /// Function, such as "sum(i, 1, n, x[i]^2)", or the name of a family
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    pub(crate) expression: Option<String>,
    /// Read the function from a file; `-` is standard input
    #[arg(long, value_name = "PATH", conflicts_with = "expression")]
    pub(crate) file: Option<PathBuf>,
    /// Sizes, a row for each: n=10,100,1000,m=3
    #[arg(long, value_name = "n=10,100,…", allow_hyphen_values = true)]
    pub(crate) size: Vec<String>,
    /// Refuse to build graphs of more nodes than this
    #[arg(long, value_name = "N", default_value_t = 2_000_000, allow_hyphen_values = true)]
    pub(crate) max_nodes: u64,
    /// Measure no times
    #[arg(long, help_heading = "Output")]
    pub(crate) no_times: bool,
    #[command(flatten)]
    pub(crate) output: FormatArgs,
}

/// More rows than this are refused.
const MOST_ROWS: usize = 1_000;

const LEGEND: &str = "\
Operators: nodes that are neither inputs nor constants; a sum of k terms counts
as k - 1.
  f         the function, loops unrolled, common subexpressions shared
  tree      its gradient as a fully expanded formula; counted, never built
  CSE       f and that formula, common subexpressions shared
  forward   f and its gradient by forward mode on the shared graph
  reverse   f and its gradient by reverse mode
  egg       the smaller of the two, simplified
  loops     f with its loops rolled
  rolled    the loop bodies and their derivatives, each once, as backprop runs
            them (loops of at least 8 iterations)
";

#[derive(Serialize)]
#[serde(untagged)]
enum Cell {
    Size(i64),
    Integer(u64),
    Number(Number),
    Text(String),
    Nothing(()),
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

struct Row {
    sizes: Vec<i64>,
    swell: Swell,
}

/// A row per size.
pub(crate) fn render(args: &SwellArgs) -> Result<String, Failure> {
    let (text, origin) = input::written(&args.expression, &args.file)?;
    if args.file.is_some() && crate::fpcore::begins_core(&text) {
        return Err(Failure::text("swell reads functions of our language, and no FPCore"));
    }
    let family = args.expression.as_deref().and_then(|word| Family::named(word.trim()));
    let text = family.and_then(|family| family.form.text()).map_or(text, str::to_owned);
    let lists = sizes(&args.size, family)?;
    let names: Vec<String> = lists.iter().map(|(name, _)| name.clone()).collect();
    let mut rows = Vec::new();
    for sizes in combinations(&lists)? {
        let bound: Vec<(String, i64)> = names.iter().cloned().zip(sizes.iter().copied()).collect();
        let function = match family {
            Some(family) if matches!(family.form, Form::Built { .. }) => {
                grown(family, &bound, args.max_nodes)?
            }
            Some(family) => {
                let function = input::rolled(&text, &origin, &bound, args.max_nodes, true)?;
                family.form.bind(function, size_of(family, &bound)).map_err(Failure::text)?
            }
            None => input::rolled(&text, &origin, &bound, args.max_nodes, false)?,
        };
        let swell = swell(&function, args.max_nodes)
            .map_err(|error| Failure::place(&Diagnostic::unroll(&error, &function, &text), &text, &origin))?;
        rows.push(Row { sizes, swell });
    }
    Ok(match args.output.format {
        Format::Json => json::text(&Document {
            schema: "chainrule/swell/1",
            columns: columns(&names),
            rows: rows.iter().map(cells).collect(),
        }),
        Format::Csv => data_table(&names, &rows).csv(),
        Format::Markdown => data_table(&names, &rows).markdown(),
        Format::Table => {
            let title = family.map_or(text.clone(), |family| format!("{}: {}", family.name, family.about));
            table(&title, &names, &rows, !args.no_times)
        }
    })
}

fn size_of(family: &Family, sizes: &[(String, i64)]) -> usize {
    sizes.iter().find(|(name, _)| name == "n").map_or(family.sizes[0], |(_, size)| *size as usize)
}

/// A family that is not written in the language, at the size `n`.
fn grown(family: &Family, sizes: &[(String, i64)], max_nodes: u64) -> Result<Function, Failure> {
    let size = size_of(family, sizes);
    match family.form {
        Form::Built { nodes, .. } if nodes(size) > max_nodes => Err(Failure::text(format!(
            "{} of size {size} has {} nodes, more than the {max_nodes} of --max-nodes",
            family.name,
            nodes(size)
        ))),
        _ => Ok(family.function(size)),
    }
}

/// What `--size` lists; of a family without it, the sizes it is compared at.
fn sizes(given: &[String], family: Option<&'static Family>) -> Result<Vec<(String, Vec<i64>)>, Failure> {
    let mut all: Vec<(String, Vec<i64>)> = Vec::new();
    for text in given {
        let read = read_size_lists(text).map_err(|diagnostic| Failure::place(&diagnostic, text, "--size"))?;
        for (name, sizes) in read {
            if all.iter().any(|(known, _)| *known == name) {
                return Err(Failure::text(format!("--size: {name} is given twice")));
            }
            all.push((name, sizes));
        }
    }
    if let Some(family) = family {
        match all.iter().find(|(name, _)| name == "n") {
            Some((_, sizes)) if sizes.iter().any(|&size| size < 1) => {
                return Err(Failure::text("the size of a family is at least 1"));
            }
            Some(_) => {}
            None => all.push(("n".to_owned(), family.sizes.iter().map(|&size| size as i64).collect())),
        }
    }
    Ok(all)
}

/// Every choice of one size per name, the last name changing first.
fn combinations(lists: &[(String, Vec<i64>)]) -> Result<Vec<Vec<i64>>, Failure> {
    let rows = lists.iter().fold(1usize, |all, (_, sizes)| all.saturating_mul(sizes.len()));
    if rows > MOST_ROWS {
        return Err(Failure::text(format!("--size asks for {rows} rows; the most are {MOST_ROWS}")));
    }
    let mut all = vec![Vec::new()];
    for (_, sizes) in lists {
        all = all
            .iter()
            .flat_map(|row| sizes.iter().map(move |&size| [row.as_slice(), &[size]].concat()))
            .collect();
    }
    Ok(all)
}

fn built(swell: &Swell) -> [(&'static str, &Built); 4] {
    [("cse", &swell.common), ("forward", &swell.forward), ("reverse", &swell.reverse), ("egg", &swell.egg)]
}

fn columns(names: &[String]) -> Vec<String> {
    let mut all = names.to_vec();
    all.extend(
        ["inputs", "f", "tree", "cse", "forward", "reverse", "egg", "loops", "rolled"].map(str::to_owned),
    );
    for mode in ["cse", "forward", "reverse", "egg"] {
        all.extend([format!("{mode}_ns"), format!("{mode}_bytes")]);
    }
    all
}

fn counted(count: &Count) -> Cell {
    match count {
        // Beyond 2^53 a number of JSON is rounded by most who read it.
        Count::Exactly(digits) => match digits.parse::<u64>() {
            Ok(value) if value < 1 << 53 => Cell::Integer(value),
            _ => Cell::Text(digits.clone()),
        },
        Count::Over(why) => Cell::Text(why.clone()),
    }
}

fn cells(row: &Row) -> Vec<Cell> {
    let swell = &row.swell;
    let mut all: Vec<Cell> = row.sizes.iter().map(|&size| Cell::Size(size)).collect();
    all.extend([counted(&swell.inputs), counted(&swell.function), counted(&swell.tree)]);
    all.extend(built(swell).map(|(_, built)| counted(&built.operators)));
    all.push(Cell::Integer(swell.loops));
    all.push(swell.rolled.map_or(Cell::Nothing(()), Cell::Integer));
    for (_, built) in built(swell) {
        all.push(built.nanoseconds.map_or(Cell::Nothing(()), |time| Cell::Number(Number(time))));
        all.push(built.bytes.map_or(Cell::Nothing(()), Cell::Integer));
    }
    all
}

fn data_table(names: &[String], rows: &[Row]) -> DataTable {
    let text = |cell: Cell| match cell {
        Cell::Size(value) => value.to_string(),
        Cell::Integer(value) => value.to_string(),
        Cell::Number(Number(value)) => value.to_string(),
        Cell::Text(text) => text,
        Cell::Nothing(()) => String::new(),
    };
    let mut data_table = DataTable::named(columns(names));
    rows.iter().for_each(|row| data_table.push(cells(row).into_iter().map(text).collect()));
    data_table
}

/// A count as people read it: in full, or to two digits.
fn read(cell: &Count) -> String {
    match cell {
        Count::Exactly(digits) if digits.len() <= 9 => count(digits.parse().expect("digits")),
        Count::Exactly(digits) => {
            let mut figures: u32 = digits[..3].parse().expect("digits");
            let mut exponent = digits.len() - 1;
            figures = (figures + 5) / 10;
            if figures == 100 {
                (figures, exponent) = (10, exponent + 1);
            }
            format!("{}.{}e{exponent}", figures / 10, figures % 10)
        }
        Count::Over(why) => why.clone(),
    }
}

fn memory(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

fn table(title: &str, names: &[String], rows: &[Row], timed: bool) -> String {
    let header = |rest: &[&str]| -> Vec<String> {
        names.iter().cloned().chain(rest.iter().map(|&word| word.to_owned())).collect()
    };
    let right = |table: &mut comfy_table::Table| {
        for column in table.column_iter_mut() {
            column.set_cell_alignment(comfy_table::CellAlignment::Right);
        }
    };
    let mut operators = commands::output::table::ruled();
    operators
        .set_header(header(&["inputs", "f", "tree", "CSE", "forward", "reverse", "egg", "loops", "rolled"]));
    let mut costs = commands::output::table::ruled();
    costs.set_header(header(&["CSE", "forward", "reverse", "egg"]));
    for Row { sizes, swell } in rows {
        let sizes = || sizes.iter().map(i64::to_string);
        let counts = [&swell.inputs, &swell.function, &swell.tree].map(read);
        let modes = built(swell).map(|(_, built)| read(&built.operators));
        let rolled = swell.rolled.map_or("–".to_owned(), count);
        operators.add_row(sizes().chain(counts).chain(modes).chain([count(swell.loops), rolled]));
        let cost = built(swell).map(|(_, built)| match (built.nanoseconds, built.bytes) {
            (Some(nanoseconds), Some(bytes)) => format!("{}, {}", time(nanoseconds), memory(bytes)),
            _ => "–".to_owned(),
        });
        costs.add_row(sizes().chain(cost));
    }
    right(&mut operators);
    right(&mut costs);
    let mut out = format!("{}\n\n{}\n\n{LEGEND}", title.trim_end(), narrowed(operators));
    if timed {
        let _ = write!(
            out,
            "\nTime to build each graph once, and the bytes that it holds\n\n{}\n",
            narrowed(costs)
        );
    }
    out
}
