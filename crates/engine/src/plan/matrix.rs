//! The kernel of products of matrices, and where its numbers come from.

use expr::fold::{CHUNK, PARTIALS};
use expr::interrupt::checkpoint;

use super::form::Tables;
use super::place::Address;
use crate::number::{LANES, Lanes};
use crate::vectors::SimdKernel;

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

impl Panels {
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.rows) + size_of_val(&*self.columns)
    }
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

    /// Where the first term is that belongs to a number of its axes, given from one to the next.
    fn first(&self, number: usize, over: Run, axes: &mut [i64], tables: &Tables) -> usize {
        set(&self.runs, number, axes);
        axes[over.axis as usize] = over.low;
        self.from.form.at(axes, tables) as usize
    }

    /// The term with this number, where its place is looked up.
    fn term(&self, k: usize, over: Run, axes: &mut [i64], tables: &Tables, memory: &[f64]) -> f64 {
        axes[over.axis as usize] = over.low + k as i64;
        // What no index says is 0, and nothing looks at it.
        self.from.find(axes, tables).map_or(0.0, |at| memory[at])
    }

    /// Its numbers as rows of terms.
    fn pack_rows(&self, over: Run, axes: &mut [i64], tables: &Tables, memory: &[f64], into: &mut [f64]) {
        for (row, into) in into.chunks_exact_mut(over.count).take(self.count()).enumerate() {
            let first = self.first(row, over, axes, tables);
            match self.slope(over) {
                Some(1) => into.copy_from_slice(&memory[first..first + over.count]),
                Some(slope) => {
                    let mut at = first as i64;
                    for number in into {
                        *number = memory[at as usize];
                        at += slope;
                    }
                }
                None => {
                    for (k, number) in into.iter_mut().enumerate() {
                        *number = self.term(k, over, axes, tables, memory);
                    }
                }
            }
        }
    }

    /// Its numbers as columns, eight side by side.
    fn pack_columns(&self, over: Run, axes: &mut [i64], tables: &Tables, memory: &[f64], into: &mut [Lanes]) {
        let columns = self.count();
        let blocks = columns.div_ceil(LANES);
        for (block, into) in into.chunks_exact_mut(over.count).take(blocks).enumerate() {
            // Past the end the last is repeated, so that no number is made up.
            let column = |lane: usize| (block * LANES + lane).min(columns - 1);
            let Some(slope) = self.slope(over) else {
                for lane in 0..LANES {
                    set(&self.runs, column(lane), axes);
                    for (k, into) in into.iter_mut().enumerate() {
                        into.0[lane] = self.term(k, over, axes, tables, memory);
                    }
                }
                continue;
            };
            let mut at: [i64; LANES] =
                std::array::from_fn(|lane| self.first(column(lane), over, axes, tables) as i64);
            let together = at.windows(2).all(|pair| pair[0] + 1 == pair[1]);
            for into in into {
                if together {
                    into.0.copy_from_slice(&memory[at[0] as usize..][..LANES]);
                    at[0] += slope;
                } else {
                    for (number, at) in into.0.iter_mut().zip(&mut at) {
                        *number = memory[*at as usize];
                        *at += slope;
                    }
                }
            }
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
            self.rows.pack_rows(self.over, axes, tables, memory, &mut panels.rows);
            self.columns.pack_columns(self.over, axes, tables, memory, &mut panels.columns);
            let into = &mut memory[self.into + matrix * rows * columns..][..rows * columns];
            let rows = &panels.rows[..rows * terms];
            let blocks = panels.columns.chunks_exact(terms).take(columns.div_ceil(LANES));
            for (block, panel) in blocks.enumerate() {
                checkpoint();
                Lanes::run(Product { rows, panel, width: columns, first: block * LANES, into });
            }
        }
    }
}

/// The sums of all rows with eight columns, of `width`, from the `first` on.
struct Product<'a> {
    rows: &'a [f64],
    panel: &'a [Lanes],
    width: usize,
    first: usize,
    into: &'a mut [f64],
}

impl SimdKernel for Product<'_> {
    #[inline(always)]
    fn run(self) {
        let Product { rows, panel, width, first, into } = self;
        let (terms, lanes) = (panel.len(), LANES.min(width - first));
        let mut row = 0;
        let mut groups = rows.chunks_exact(2 * terms);
        for group in &mut groups {
            let (upper, lower) = group.split_at(terms);
            for sum in sums([upper, lower], panel) {
                into[row * width + first..][..lanes].copy_from_slice(&sum.0[..lanes]);
                row += 1;
            }
        }
        for alone in groups.remainder().chunks_exact(terms) {
            let [sum, _] = sums([alone, alone], panel);
            into[row * width + first..][..lanes].copy_from_slice(&sum.0[..lanes]);
            row += 1;
        }
    }
}

#[inline(always)]
fn product(a: Lanes, b: f64) -> Lanes {
    let mut all = a;
    for a in &mut all.0 {
        *a *= b;
    }
    all
}

#[inline(always)]
fn sum(a: Lanes, b: Lanes) -> Lanes {
    let mut all = a;
    for (a, b) in all.0.iter_mut().zip(b.0) {
        *a += b;
    }
    all
}

/// The sums of two rows with eight columns: chunks joined by a tree.
#[inline(always)]
fn sums(rows: [&[f64]; 2], columns: &[Lanes]) -> [Lanes; 2] {
    let terms = columns.len();
    if terms <= CHUNK {
        return chunk(rows, 0, columns);
    }
    let mut waiting = [[Lanes([0.0; LANES]); 2]; LEVELS];
    let mut chunks = 0usize;
    for (c, columns) in columns.chunks(CHUNK).enumerate() {
        let mut node = chunk(rows, c * CHUNK, columns);
        let mut level = 0;
        while chunks >> level & 1 == 1 {
            node = join(waiting[level], node);
            level += 1;
        }
        waiting[level] = node;
        chunks += 1;
    }
    let mut all: Option<[Lanes; 2]> = None;
    for (level, node) in waiting.iter().enumerate() {
        if chunks >> level & 1 == 1 {
            all = Some(match &all {
                None => *node,
                Some(all) => join(*node, *all),
            });
        }
    }
    all.expect("a chunk")
}

#[inline(always)]
fn join(before: [Lanes; 2], after: [Lanes; 2]) -> [Lanes; 2] {
    [sum(before[0], after[0]), sum(before[1], after[1])]
}

/// Does something for each of the eight partial results by their number, which is a constant: so they stay in registers.
macro_rules! each_partial {
    ($p:ident => $body:block) => {
        each_partial!(@ $p $body 0 1 2 3 4 5 6 7)
    };
    (@ $p:ident $body:block $($number:literal)*) => {
        $({
            const $p: usize = $number;
            $body
        })*
    };
}

/// The sums of at most [`CHUNK`] terms, of those from `start` on of the rows: eight partial results, each of every eighth term,
/// joined from the first to the last.
#[inline(always)]
fn chunk(rows: [&[f64]; 2], start: usize, columns: &[Lanes]) -> [Lanes; 2] {
    let (groups, rest) = columns.as_chunks::<PARTIALS>();
    let [(upper, upper_rest), (lower, lower_rest)] =
        rows.map(|row| row[start..start + columns.len()].as_chunks::<PARTIALS>());
    if groups.is_empty() {
        // Every partial result is a term by itself.
        let mut sums = [product(rest[0], upper_rest[0]), product(rest[0], lower_rest[0])];
        for k in 1..rest.len() {
            sums[0] = sum(sums[0], product(rest[k], upper_rest[k]));
            sums[1] = sum(sums[1], product(rest[k], lower_rest[k]));
        }
        return sums;
    }
    let mut partials = [[Lanes([0.0; LANES]); PARTIALS]; 2];
    each_partial!(P => {
        partials[0][P] = product(groups[0][P], upper[0][P]);
        partials[1][P] = product(groups[0][P], lower[0][P]);
    });
    for ((group, upper), lower) in groups.iter().zip(upper).zip(lower).skip(1) {
        each_partial!(P => {
            let columns = group[P];
            partials[0][P] = sum(partials[0][P], product(columns, upper[P]));
            partials[1][P] = sum(partials[1][P], product(columns, lower[P]));
        });
    }
    each_partial!(P => {
        if P < rest.len() {
            partials[0][P] = sum(partials[0][P], product(rest[P], upper_rest[P]));
            partials[1][P] = sum(partials[1][P], product(rest[P], lower_rest[P]));
        }
    });
    let mut sums = [partials[0][0], partials[1][0]];
    each_partial!(P => {
        if P != 0 {
            sums[0] = sum(sums[0], partials[0][P]);
            sums[1] = sum(sums[1], partials[1][P]);
        }
    });
    sums
}
