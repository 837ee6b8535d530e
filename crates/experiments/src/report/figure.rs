//! Figures as data: what a picture shows, and the table beside it.

/// A figure.
#[derive(Clone, Debug)]
pub struct Figure {
    /// A short name, unique within its experiment; files have it.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// How it is to be read.
    pub about: String,
    /// The picture.
    pub picture: Picture,
    /// Its numbers.
    pub table: Table,
}

/// What stands in a cell of a grid, and how dark it is, from 0 to 1; nothing where there is no answer.
pub type Shade = Option<(String, f64)>;

/// What is drawn.
#[derive(Clone, Debug)]
pub enum Picture {
    /// Over two logarithmic axes.
    Curves {
        /// What is along.
        x: String,
        /// What is up.
        y: String,
        /// Whether points are joined.
        joined: bool,
        /// Whether what is up are relative errors, which are told as right digits.
        is_error: bool,
        /// The curves.
        curves: Vec<Curve>,
    },
    /// From step to step: the name of each curve, its numbers, and what they are.
    Steps {
        /// What is up.
        y: String,
        /// Names and numbers.
        curves: Vec<(String, Vec<f64>)>,
    },
    /// Shares of a whole, from bin to bin, for several things.
    Shares {
        /// Names of the bins.
        bins: Vec<String>,
        /// Names, and a share per bin.
        rows: Vec<(String, Vec<f64>)>,
    },
    /// A grid of cells, darker the more.
    Grid {
        /// Names of the columns.
        columns: Vec<String>,
        /// Names, and per column what is written and how dark it is, from 0 to 1; nothing where there is nothing.
        rows: Vec<(String, Vec<Shade>)>,
    },
    /// No picture: the table says it.
    None,
}

/// One curve.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Its name.
    pub name: String,
    /// Positive numbers.
    pub points: Vec<(f64, f64)>,
    /// The ends of a line fitted to them.
    pub fit: Option<[(f64, f64); 2]>,
}

/// Named columns and rows of text; numbers are written in full.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Names of the columns.
    pub columns: Vec<&'static str>,
    /// A cell per column.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty one.
    pub fn new(columns: &[&'static str]) -> Table {
        Table { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// One more row.
    pub fn push(&mut self, row: Vec<String>) {
        debug_assert_eq!(row.len(), self.columns.len());
        self.rows.push(row);
    }
}

/// A number to three significant digits.
pub fn brief(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || !value.is_finite() || value.fract() == 0.0 && size < 1e5 {
        return format!("{value}");
    }
    if !(1e-3..99_999.5).contains(&size) {
        return format!("{value:.1e}");
    }
    let decimals = (2 - size.log10().floor() as i32).clamp(0, 5) as usize;
    format!("{value:.decimals$}")
}

/// A time given in nanoseconds.
pub(super) fn duration(nanoseconds: f64) -> String {
    let units = [("s", 1e9), ("ms", 1e6), ("µs", 1e3)];
    let (unit, size) =
        units.into_iter().find(|(_, size)| nanoseconds >= 0.9995 * size).unwrap_or(("ns", 1.0));
    format!("{} {unit}", brief(nanoseconds / size))
}

/// A number that may be missing, in full.
pub(super) fn cell(value: Option<f64>) -> String {
    value.filter(|value| !value.is_nan()).map_or(String::new(), |value| match value.abs() {
        0.0 => "0".to_owned(),
        1e-4..1e15 => format!("{value}"),
        _ => format!("{value:e}"),
    })
}
