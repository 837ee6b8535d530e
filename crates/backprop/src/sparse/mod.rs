//! Sparse Jacobians and Hessians: which entries can differ from 0, and few products that hold all of them.
//!
//! 1. *Pattern* (`detect.rs`): the product with a direction is a linear function of the direction. Row i of it depends on component j only
//!    where entry (i, j) may differ from 0 somewhere, whatever the point; index sets, propagated once through the graph of the product,
//!    say which those are. What is linear leaves no trace in second derivatives, because its slope does not change.
//! 2. *Colouring* (`colour.rs`): columns that share no row are asked for in one product. Of a Hessian, whose entries are there twice, a star
//!    colouring is enough. The best of four orders is taken. Rows and columns that are nearly full are asked for by themselves, so
//!    that one of them costs one product and no time.
//! 3. *Products* ([`Seeded`]), side by side; each entry is picked from the one product that holds it alone.

mod colour;
mod detect;
#[cfg(test)]
mod tests;

use expr::{Function, UnrollError};

use crate::seeded::{Seeded, SeededWorkspace, Sweep, UnrollOrPlan, Unrolled};
use colour::{Colours, Graph};
use detect::dependencies;

/// Which entries of a matrix may differ from 0, at any point: compressed rows.
///
/// ```
/// use backprop::{Sparse, UnrollOrPlan};
/// let f = syntax::parse("x^2*y + z^3").unwrap();
/// let hessian = Sparse::hessian(&f, &UnrollOrPlan::default()).unwrap();
/// let pattern = hessian.pattern();
/// assert_eq!((&pattern.starts[..], &pattern.column[..]), (&[0, 1, 2, 3][..], &[0, 0, 2][..])); // xx, yx, zz: y is linear
/// assert!(pattern.symmetric);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pattern {
    /// How many rows.
    pub rows: usize,
    /// How many columns.
    pub columns: usize,
    /// Where the entries of each row begin, and where those of the last end.
    pub starts: Vec<usize>,
    /// The column of each entry, increasing in a row.
    pub column: Vec<u32>,
    /// Whether these are the entries of the lower triangle of a symmetric matrix.
    pub symmetric: bool,
}

impl Pattern {
    fn of_rows(rows: &[Vec<u32>], columns: usize, symmetric: bool) -> Pattern {
        let mut starts = vec![0];
        let mut column = Vec::with_capacity(rows.iter().map(Vec::len).sum());
        for row in rows {
            column.extend_from_slice(row);
            starts.push(column.len());
        }
        Pattern { rows: rows.len(), columns, starts, column, symmetric }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.column.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.column.is_empty()
    }

    /// The columns of a row.
    pub fn row(&self, row: usize) -> &[u32] {
        &self.column[self.starts[row]..self.starts[row + 1]]
    }
}

/// Products of one kind, and which of their numbers are entries.
#[derive(Clone, Debug)]
struct Part {
    seeded: Seeded,
    /// Per product the inputs, or outputs, that are asked for together.
    groups: Vec<Vec<u32>>,
    /// Per product which number of it is which entry.
    picks: Vec<Vec<(u32, u32)>>,
}

/// A sparse matrix of derivatives, prepared. Immutable and shared; numbers are in a [`SparseWorkspace`].
///
/// ```
/// use backprop::{Sparse, UnrollOrPlan};
/// let f = syntax::parse("sum(i, 1, 99, (x[i+1] - x[i]^2)^2)").unwrap();
/// let hessian = Sparse::hessian(&f, &UnrollOrPlan::default()).unwrap();
/// assert_eq!((hessian.pattern().len(), hessian.colours()), (99 + 100, 3)); // a band
/// let (mut value, mut gradient, mut entries) = ([0.0], [0.0; 100], [0.0; 199]);
/// hessian.run(&mut hessian.workspace(), &[1.0; 100], &[], &mut value, &mut gradient, &mut entries);
/// assert_eq!(entries[..3], [8.0, -4.0, 10.0]); // 12 x² - 4 x[2]; -4 x; the same and 2
/// ```
#[derive(Clone, Debug)]
pub struct Sparse {
    pattern: Pattern,
    parts: Vec<Part>,
    inputs: usize,
    outputs: usize,
}

/// The numbers of runs, made once per matrix.
#[derive(Clone, Debug)]
pub struct SparseWorkspace {
    parts: Vec<SeededWorkspace>,
}

/// The pattern, or that index sets are larger than the budget.
fn detected(g: &Unrolled, sweep: Sweep, nodes: u64) -> Result<Vec<Vec<u32>>, UnrollError> {
    let first = g.inputs + g.weights;
    let rows = if sweep == Sweep::Jvp { g.outputs } else { g.inputs };
    let outputs = g.function.outputs();
    let too_large = |needed: u64| UnrollError::TooLarge { needed, budget: nodes };
    dependencies(&g.function, &outputs[outputs.len() - rows..], first..first + g.inputs, nodes)
        .map_err(too_large)
}

impl Sparse {
    /// The Hessian of the weighted sum of all outputs: its lower triangle.
    ///
    /// # Errors
    /// When the product cannot be unrolled within the budget, or index sets are larger.
    pub fn hessian(f: &Function, choice: &UnrollOrPlan) -> Result<Sparse, UnrollError> {
        let g = Unrolled::new(f, Sweep::Hvp, choice.nodes)?;
        let n = g.inputs;
        let mut rows = detected(&g, Sweep::Hvp, choice.nodes)?;
        // Both halves, should one have lost what the other has.
        let mut mirrored: Vec<Vec<u32>> = vec![Vec::new(); n];
        for (i, row) in rows.iter().enumerate() {
            row.iter().for_each(|&j| mirrored[j as usize].push(i as u32));
        }
        for (i, row) in rows.iter_mut().enumerate() {
            row.append(&mut mirrored[i]);
            row.sort_unstable();
            row.dedup();
        }
        let graph = Graph::of_symmetric(&rows);
        let colours = graph.star_colours();
        let lower: Vec<Vec<u32>> = rows
            .iter()
            .enumerate()
            .map(|(i, row)| row.iter().copied().filter(|&j| j as usize <= i).collect())
            .collect();
        let pattern = Pattern::of_rows(&lower, n, true);
        let mut picks: Vec<Vec<(u32, u32)>> = vec![Vec::new(); colours.count];
        let mut entry = 0;
        // How many neighbours of a vertex have each colour.
        let mut seen = vec![0u32; colours.count];
        let mut alone: Vec<Vec<bool>> = Vec::with_capacity(n);
        for (i, row) in rows.iter().enumerate() {
            let others = || row.iter().filter(|&&j| j as usize != i);
            others().for_each(|&j| seen[colours.of[j as usize] as usize] += 1);
            alone.push(
                row.iter().map(|&j| j as usize == i || seen[colours.of[j as usize] as usize] == 1).collect(),
            );
            others().for_each(|&j| seen[colours.of[j as usize] as usize] = 0);
        }
        for (i, row) in lower.iter().enumerate() {
            for &j in row {
                let place = rows[i].binary_search(&j).expect("a lower entry is an entry");
                // Alone of its colour in row i, or the same with both the other way about.
                let (product, number) = match alone[i][place] {
                    true => (colours.of[j as usize], i as u32),
                    false => (colours.of[i], j),
                };
                picks[product as usize].push((number, entry));
                entry += 1;
            }
        }
        let seeded = Seeded::of_unrolled(g, Sweep::Hvp, true);
        let (inputs, outputs) = (seeded.inputs(), seeded.outputs());
        let part = Part { seeded, groups: colours.groups(), picks };
        Ok(Sparse { pattern, parts: vec![part], inputs, outputs })
    }

    /// The Jacobian.
    ///
    /// # Errors
    /// As [`hessian`](Self::hessian).
    pub fn jacobian(f: &Function, choice: &UnrollOrPlan) -> Result<Sparse, UnrollError> {
        let forward = Unrolled::new(f, Sweep::Jvp, choice.nodes)?;
        let (inputs, outputs) = (forward.inputs, forward.outputs);
        let rows = detected(&forward, Sweep::Jvp, choice.nodes)?;
        let mut columns: Vec<Vec<u32>> = vec![Vec::new(); inputs];
        for (i, row) in rows.iter().enumerate() {
            row.iter().for_each(|&j| columns[j as usize].push(i as u32));
        }
        let pattern = Pattern::of_rows(&rows, inputs, false);
        // By columns, with nearly full rows by themselves; or the other way about: whichever takes fewer operators.
        let by_columns = Way::new(&rows, inputs);
        let by_rows = Way::new(&columns, outputs);
        let backward = Unrolled::new(f, Sweep::Vjp, choice.nodes)?;
        let work = |g: &Unrolled| g.function.graph().len() as f64;
        let cost = |colours: usize, own: &Unrolled, full: usize, other: &Unrolled| {
            colours as f64 * work(own) + full as f64 * work(other)
        };
        let forward_cost = cost(by_columns.colours.count, &forward, by_columns.full.len(), &backward);
        let backward_cost = cost(by_rows.colours.count, &backward, by_rows.full.len(), &forward);
        let at = |row: u32, column: u32| {
            let place = rows[row as usize].binary_search(&column).expect("an entry");
            (pattern.starts[row as usize] + place) as u32
        };
        let (way, main, other, is_forward) = match forward_cost <= backward_cost {
            true => (by_columns, (forward, Sweep::Jvp), (backward, Sweep::Vjp), true),
            false => (by_rows, (backward, Sweep::Vjp), (forward, Sweep::Jvp), false),
        };
        let lines = if is_forward { &columns } else { &rows };
        let is_full = |k: u32| way.full.binary_search(&k).is_ok();
        let entry = |line: u32, k: u32| if is_forward { at(k, line) } else { at(line, k) };
        let groups = way.colours.groups();
        let pick = |group: &Vec<u32>| {
            let of = |&line: &u32| {
                lines[line as usize].iter().filter(|k| !is_full(**k)).map(move |&k| (k, entry(line, k)))
            };
            group.iter().flat_map(of).collect()
        };
        let picks = groups.iter().map(pick).collect();
        let mut parts = vec![Part { seeded: Seeded::of_unrolled(main.0, main.1, true), groups, picks }];
        if !way.full.is_empty() {
            let crossing = if is_forward { &rows } else { &columns };
            let pick = |&k: &u32| crossing[k as usize].iter().map(|&line| (line, entry(line, k))).collect();
            let picks = way.full.iter().map(pick).collect();
            let groups = way.full.iter().map(|&k| vec![k]).collect();
            parts.push(Part { seeded: Seeded::of_unrolled(other.0, other.1, true), groups, picks });
        }
        Ok(Sparse { pattern, parts, inputs, outputs })
    }

    /// Which entries there are.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// How many products hold them.
    pub fn colours(&self) -> usize {
        self.parts.iter().map(|part| part.groups.len()).sum()
    }

    /// How many scalar inputs the function has.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// How many outputs.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// About how many operators are run.
    pub fn work(&self) -> u64 {
        self.parts.iter().map(|part| part.groups.len() as u64 * part.seeded.work()).sum()
    }

    /// The bytes that it holds, with one workspace.
    pub fn bytes(&self) -> usize {
        let picks = |part: &Part| part.picks.iter().map(Vec::len).sum::<usize>() * 8;
        let parts = self.parts.iter().map(|part| part.seeded.bytes() + picks(part)).sum::<usize>();
        parts + 4 * self.pattern.column.len() + 8 * self.pattern.starts.len()
    }

    /// What is run, line by line for people.
    pub fn explain(&self) -> Vec<String> {
        let part = |part: &Part| {
            let title = format!(
                "{} products for the entries of {} lines",
                part.groups.len(),
                part.groups.iter().map(Vec::len).sum::<usize>()
            );
            std::iter::once(title).chain(part.seeded.explain()).collect::<Vec<_>>()
        };
        self.parts.iter().flat_map(part).collect()
    }

    /// Numbers for runs.
    pub fn workspace(&self) -> SparseWorkspace {
        SparseWorkspace { parts: self.parts.iter().map(|part| part.seeded.workspace()).collect() }
    }

    /// Values of the outputs, of a Hessian the gradient of their weighted sum, and the entries in the order of the pattern.
    ///
    /// # Panics
    /// When a length is another one; before anything is run.
    pub fn run(
        &self,
        workspace: &mut SparseWorkspace,
        x: &[f64],
        weights: &[f64],
        values: &mut [f64],
        gradient: &mut [f64],
        entries: &mut [f64],
    ) {
        expr::expect_length(entries.len(), "places for entries", self.pattern.len(), "those of the pattern");
        for (part, workspace) in self.parts.iter().zip(&mut workspace.parts) {
            let fill = |k: usize, seed: &mut [f64]| {
                // Without an entry there are values all the same.
                let group = part.groups.get(k).map_or(&[][..], |group| group);
                group.iter().for_each(|&line| seed[line as usize] = 1.0);
            };
            part.seeded.run(workspace, x, weights, part.groups.len().max(1), fill, |k, found| {
                if k == 0 {
                    values.copy_from_slice(found.values);
                    if self.pattern.symmetric {
                        gradient.copy_from_slice(found.gradient);
                    }
                }
                let picks = part.picks.get(k).map_or(&[][..], |picks| picks);
                picks
                    .iter()
                    .for_each(|&(number, entry)| entries[entry as usize] = found.product[number as usize]);
            });
        }
    }
}

/// Lines that are asked for together, and crossing ones that are asked for by themselves.
struct Way {
    colours: Colours,
    full: Vec<u32>,
}

impl Way {
    /// `crossing` are the rows where lines are columns: which of so many lines each of them meets.
    fn new(crossing: &[Vec<u32>], lines: usize) -> Way {
        let entries: usize = crossing.iter().map(Vec::len).sum();
        let most = colour::most_of_a_line(entries);
        let full: Vec<u32> =
            (0..crossing.len() as u32).filter(|&k| crossing[k as usize].len() > most).collect();
        let rest = crossing.iter().filter(|row| row.len() <= most);
        let colours = Graph::of_lines_that_meet(rest, lines).distance_one_colours();
        Way { colours, full }
    }
}
