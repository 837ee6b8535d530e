//! The kernel of products of matrices, and where its numbers come from.

use expr::fold::{CHUNK, PARTIALS};

use super::form::Tables;
use super::place::Address;
use crate::number::{LANES, Lanes};
use crate::vectors::SimdKernel;

/// Rows that are computed together.
const ROWS: usize = 2;
/// Chunks that wait for others: more than any sum has.
const LEVELS: usize = usize::BITS as usize;

/// An axis, its first value and how many it takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) axis: u32,
    pub(super) low: i64,
    pub(super) count: usize,
}

/// One factor: where its numbers are, for each value of these axes and of the axis of terms.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) from: Address,
    pub(super) runs: Vec<Run>,
}

/// Sums of products, for all rows and columns at once.
#[derive(Clone, Debug)]
pub(super) struct MatrixStep {
    /// For each of their values there is a matrix.
    pub(super) both: Vec<Run>,
    pub(super) over: Run,
    pub(super) rows: Side,
    pub(super) columns: Side,
    /// Where the sums are put, row after row.
    pub(super) into: usize,
}

/// The factors as the kernel reads them.
#[derive(Clone, Debug, Default)]
pub(super) struct Panels {
    /// The terms of a row, row after row.
    rows: Vec<f64>,
    /// Eight columns, term after term; then the next eight.
    columns: Vec<Lanes>,
}

fn count(runs: &[Run]) -> usize {
    runs.iter().map(|run| run.count).product()
}

/// Gives axes the values of a number, the last counting fastest.
fn set(runs: &[Run], mut number: usize, axes: &mut [i64]) {
    for run in runs.iter().rev() {
        axes[run.axis as usize] = run.low + (number % run.count) as i64;
        number /= run.count;
    }
}

impl Side {
    fn count(&self) -> usize {
        count(&self.runs)
    }

    /// From one term to the next, where numbers are so far apart wherever else they are.
    fn slope(&self, over: Run) -> Option<i64> {
        let form = &self.from.form;
        (form.is_linear() && self.from.checks.is_empty()).then(|| form.coefficient(over.axis))
    }

    /// The terms that belong to a number of its axes.
    fn terms(
        &self,
        number: usize,
        over: Run,
        axes: &mut [i64],
        tables: &Tables,
        memory: &[f64],
        mut put: impl FnMut(usize, f64),
    ) {
        set(&self.runs, number, axes);
        axes[over.axis as usize] = over.low;
        if let Some(slope) = self.slope(over) {
            let mut at = self.from.form.at(axes, tables);
            for k in 0..over.count {
                put(k, memory[at as usize]);
                at += slope;
            }
            return;
        }
        for k in 0..over.count {
            axes[over.axis as usize] = over.low + k as i64;
            // What no index says is 0, and nothing looks at it.
            put(k, self.from.find(axes, tables).map_or(0.0, |at| memory[at]));
        }
    }
}

impl MatrixStep {
    pub(super) fn rows(&self) -> usize {
        self.rows.count()
    }

    pub(super) fn columns(&self) -> usize {
        self.columns.count()
    }

    /// Makes panels large enough.
    pub(super) fn reserve(&self, panels: &mut Panels) {
        let of_rows = self.rows() * self.over.count;
        let of_columns = self.columns().div_ceil(LANES) * self.over.count;
        panels.rows.resize(panels.rows.len().max(of_rows), 0.0);
        panels.columns.resize(panels.columns.len().max(of_columns), Lanes::all(0.0));
    }

    pub(super) fn run(&self, memory: &mut [f64], axes: &mut [i64], tables: &Tables, panels: &mut Panels) {
        let (rows, columns, terms) = (self.rows(), self.columns(), self.over.count);
        for matrix in 0..count(&self.both) {
            set(&self.both, matrix, axes);
            for row in 0..rows {
                let into = &mut panels.rows[row * terms..][..terms];
                self.rows.terms(row, self.over, axes, tables, memory, |k, number| into[k] = number);
            }
            for (block, into) in
                panels.columns.chunks_exact_mut(terms).take(columns.div_ceil(LANES)).enumerate()
            {
                for lane in 0..LANES {
                    // Past the end the last is repeated, so that no number is made up.
                    let column = (block * LANES + lane).min(columns - 1);
                    self.columns.terms(column, self.over, axes, tables, memory, |k, number| {
                        into[k].0[lane] = number;
                    });
                }
            }
            let into = &mut memory[self.into + matrix * rows * columns..][..rows * columns];
            Lanes::run(Product {
                rows: &panels.rows[..rows * terms],
                columns: &panels.columns,
                terms,
                width: columns,
                into,
            });
        }
    }
}

/// Sums of so many terms, of `width` columns.
struct Product<'a> {
    rows: &'a [f64],
    columns: &'a [Lanes],
    terms: usize,
    width: usize,
    into: &'a mut [f64],
}

impl SimdKernel for Product<'_> {
    #[inline(always)]
    fn run(self) {
        let Product { rows, columns, terms, width, into } = self;
        for (block, panel) in columns.chunks_exact(terms).take(width.div_ceil(LANES)).enumerate() {
            let first = block * LANES;
            let lanes = LANES.min(width - first);
            let mut put = |row: usize, sum: Lanes| {
                into[row * width + first..][..lanes].copy_from_slice(&sum.0[..lanes]);
            };
            let mut row = 0;
            let mut groups = rows.chunks_exact(ROWS * terms);
            for group in &mut groups {
                let group: [&[f64]; ROWS] = std::array::from_fn(|r| &group[r * terms..][..terms]);
                for sum in sums(group, panel) {
                    put(row, sum);
                    row += 1;
                }
            }
            for alone in groups.remainder().chunks_exact(terms) {
                let [sum] = sums([alone], panel);
                put(row, sum);
                row += 1;
            }
        }
    }
}

#[inline(always)]
fn times(a: Lanes, b: f64) -> Lanes {
    Lanes(std::array::from_fn(|lane| a.0[lane] * b))
}

#[inline(always)]
fn plus(a: Lanes, b: Lanes) -> Lanes {
    Lanes(std::array::from_fn(|lane| a.0[lane] + b.0[lane]))
}

/// The sums of some rows with eight columns: chunks joined by a tree.
#[inline(always)]
fn sums<const R: usize>(rows: [&[f64]; R], columns: &[Lanes]) -> [Lanes; R] {
    let terms = columns.len();
    let part = |start: usize| {
        let end = terms.min(start + CHUNK);
        chunk(rows.map(|row| &row[start..end]), &columns[start..end])
    };
    if terms <= CHUNK {
        return part(0);
    }
    let mut waiting = [[Lanes::all(0.0); R]; LEVELS];
    let mut chunks = 0usize;
    for start in (0..terms).step_by(CHUNK) {
        let mut node = part(start);
        let mut level = 0;
        while chunks >> level & 1 == 1 {
            node = std::array::from_fn(|r| plus(waiting[level][r], node[r]));
            level += 1;
        }
        waiting[level] = node;
        chunks += 1;
    }
    let mut levels = (0..LEVELS).filter(|level| chunks >> level & 1 == 1);
    let mut all = waiting[levels.next().expect("a chunk")];
    for level in levels {
        all = std::array::from_fn(|r| plus(waiting[level][r], all[r]));
    }
    all
}

/// The sums of at most [`CHUNK`] terms: eight partial results, each of every eighth term, joined from the first to the last.
#[inline(always)]
fn chunk<const R: usize>(rows: [&[f64]; R], columns: &[Lanes]) -> [Lanes; R] {
    let (groups, rest) = columns.as_chunks::<PARTIALS>();
    let row_groups = rows.map(|row| row.as_chunks::<PARTIALS>().0);
    let row_rests = rows.map(|row| row.as_chunks::<PARTIALS>().1);
    let Some((first, groups)) = groups.split_first() else {
        // Every partial result is a term by itself.
        return row_rests.map(|row| {
            let product = |k: usize| times(rest[k], row[k]);
            (1..rest.len()).fold(product(0), |sum, k| plus(sum, product(k)))
        });
    };
    let mut partials: [[Lanes; PARTIALS]; R] =
        std::array::from_fn(|r| std::array::from_fn(|p| times(first[p], row_groups[r][0][p])));
    for (g, group) in groups.iter().enumerate() {
        let numbers: [&[f64; PARTIALS]; R] = std::array::from_fn(|r| &row_groups[r][g + 1]);
        for p in 0..PARTIALS {
            for r in 0..R {
                partials[r][p] = plus(partials[r][p], times(group[p], numbers[r][p]));
            }
        }
    }
    for p in 0..PARTIALS - 1 {
        if p < rest.len() {
            for r in 0..R {
                partials[r][p] = plus(partials[r][p], times(rest[p], row_rests[r][p]));
            }
        }
    }
    partials.map(|partials| partials[1..].iter().fold(partials[0], |sum, partial| plus(sum, *partial)))
}
