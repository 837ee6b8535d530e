//! Backprop at many points: points side by side in lanes, blocks of them on as many threads as there are.

use std::sync::{Mutex, PoisonError};

use backprop::{Adjoint, Workspace};
use engine::{LANES, Lanes, Partials};
use expr::fold::CHUNK;
use expr::{Fold, Function};
use rayon::prelude::*;

use crate::strategy::{Budget, Refusal};

/// What one input is at all points.
#[derive(Clone, Copy, Debug)]
pub enum Column<'a> {
    /// A number for each of them: data.
    Each(&'a [f64]),
    /// The same number for all of them: a parameter.
    Shared(f64),
}

/// A function prepared for gradients at many points. Whatever the number of threads, points or lanes, every point has the
/// bits that it has alone; threads are those of rayon's current pool.
///
/// ```
/// use chainrule::{Budget, Column, Many};
///
/// let loss = chainrule::expr::parse("(a*x + b - y)^2").unwrap();
/// let (x, y) = ([0.0, 1.0, 2.0], [1.0, 3.5, 5.5]);
/// let inputs = [Column::Shared(2.0), Column::Each(&x), Column::Shared(1.0), Column::Each(&y)];
/// let total = Many::new(&loss, &Budget::default()).unwrap().total(&inputs, x.len());
/// assert_eq!(total.values, [0.5]);
/// assert_eq!(total.gradient, [-3.0, -2.0]); // by a and by b
/// ```
#[derive(Debug)]
pub struct Many {
    adjoint: Adjoint,
    inputs: usize,
    outputs: usize,
    /// Workspaces that nobody is using: made once, and again never.
    spare: Mutex<Vec<Workspace<Lanes>>>,
}

/// Does work where [`Many`] finds so many threads, whatever the machine has.
///
/// # Panics
/// When the threads cannot be had.
pub fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.expect("threads can be had").install(work)
}

/// Sums over points.
#[derive(Clone, Debug, PartialEq)]
pub struct Total {
    /// Per output its sum.
    pub values: Vec<f64>,
    /// Per output a row with the sum's gradient by each [shared](Column::Shared) input, in the order of inputs.
    pub gradient: Vec<f64>,
}

/// Points that one task takes: enough to be worth a task, and a multiple of [`CHUNK`].
const SPAN: usize = 64 * CHUNK;

impl Many {
    /// Prepares a function, unrolled where it is not flat.
    ///
    /// # Errors
    /// When that would take more nodes than the budget has.
    pub fn new(f: &Function, budget: &Budget) -> Result<Many, Refusal> {
        let f = crate::unroll(f, budget)?;
        Ok(Many {
            adjoint: Adjoint::compile(&f),
            inputs: f.input_count(),
            outputs: f.outputs().len(),
            spare: Mutex::default(),
        })
    }

    /// Values and gradients at every point: of each output a column of values, and of each output and input a column of
    /// partial derivatives, in that order.
    ///
    /// # Panics
    /// When there is not one column per input with a number for each point, or a place for each result.
    pub fn values_and_gradients(
        &self,
        inputs: &[Column<'_>],
        points: usize,
        values: &mut [f64],
        gradients: &mut [f64],
    ) {
        self.check(inputs, points);
        assert_eq!(values.len(), self.outputs * points, "a column per output");
        assert_eq!(gradients.len(), self.outputs * self.inputs * points, "a column per output and input");
        if points == 0 {
            return;
        }
        // To each task its part of every column.
        let mut tasks: Vec<Vec<&mut [f64]>> = Vec::new();
        tasks.resize_with(points.div_ceil(SPAN), Vec::new);
        for column in values.chunks_mut(points).chain(gradients.chunks_mut(points)) {
            tasks.iter_mut().zip(column.chunks_mut(SPAN)).for_each(|(task, part)| task.push(part));
        }
        tasks.into_par_iter().enumerate().for_each(|(span, mut columns)| {
            let (values, gradients) = columns.split_at_mut(self.outputs);
            self.with_workspace(|workspace| {
                let packs = workspace.width();
                let end = points.min((span + 1) * SPAN);
                for start in (span * SPAN..end).step_by(packs * LANES) {
                    let count = (packs * LANES).min(end - start);
                    let place = start - span * SPAN;
                    self.load(workspace, inputs, start, count);
                    self.adjoint.forward(workspace);
                    for output in 0..self.outputs {
                        store(self.adjoint.output(workspace, output), &mut values[output][place..][..count]);
                        if self.inputs == 0 {
                            continue;
                        }
                        self.adjoint.backward(workspace, output);
                        let rows = workspace.gradient(self.inputs).chunks_exact(packs);
                        for (row, column) in rows.zip(&mut gradients[output * self.inputs..]) {
                            store(row, &mut column[place..][..count]);
                        }
                    }
                }
            });
        });
    }

    /// The sum of every output over all points, and its gradient by the shared inputs: what fitting a model to data
    /// needs. Terms are added in the documented order of [`expr::fold`].
    ///
    /// # Panics
    /// When there is not one column per input with a number for each point.
    pub fn total(&self, inputs: &[Column<'_>], points: usize) -> Total {
        self.check(inputs, points);
        let shared: Vec<usize> =
            (0..self.inputs).filter(|&k| matches!(inputs[k], Column::Shared(_))).collect();
        let sums = self.outputs * (1 + shared.len());
        let mut chunks = vec![0.0; points.div_ceil(CHUNK) * sums];
        if sums == 0 {
            return Total { values: Vec::new(), gradient: Vec::new() };
        }
        chunks.par_chunks_mut(sums * (SPAN / CHUNK)).enumerate().for_each(|(span, chunks)| {
            self.with_workspace(|workspace| {
                let mut totals = vec![Partials::new(Fold::Sum); sums];
                for (chunk, sums) in chunks.chunks_mut(sums).enumerate() {
                    let start = span * SPAN + chunk * CHUNK;
                    self.add_chunk(workspace, inputs, &shared, start..points.min(start + CHUNK), &mut totals);
                    for (sum, total) in sums.iter_mut().zip(&mut totals) {
                        *sum = std::mem::replace(total, Partials::new(Fold::Sum)).join();
                    }
                }
            });
        });
        let mut totals = chunks.chunks(sums).map(<[f64]>::to_vec).reduce(|mut total, chunk| {
            total.iter_mut().zip(chunk).for_each(|(total, term)| *total += term);
            total
        });
        let mut values = totals.take().unwrap_or_else(|| vec![0.0; sums]);
        let gradient = values.split_off(self.outputs);
        Total { values, gradient }
    }

    /// Adds the points of a chunk to the totals of the outputs, and of each output's slopes by shared inputs.
    fn add_chunk(
        &self,
        workspace: &mut Workspace<Lanes>,
        inputs: &[Column<'_>],
        shared: &[usize],
        points: std::ops::Range<usize>,
        totals: &mut [Partials],
    ) {
        let packs = workspace.width();
        let (values, slopes) = totals.split_at_mut(self.outputs);
        for start in points.clone().step_by(packs * LANES) {
            let count = (packs * LANES).min(points.end - start);
            self.load(workspace, inputs, start, count);
            self.adjoint.forward(workspace);
            for output in 0..self.outputs {
                values[output].add(self.adjoint.output(workspace, output), count);
                if shared.is_empty() {
                    continue;
                }
                self.adjoint.backward(workspace, output);
                let gradient = workspace.gradient(self.inputs);
                for (&input, total) in shared.iter().zip(&mut slopes[output * shared.len()..]) {
                    total.add(&gradient[input * packs..][..packs], count);
                }
            }
        }
    }

    fn check(&self, inputs: &[Column<'_>], points: usize) {
        assert_eq!(inputs.len(), self.inputs, "a column per input");
        for column in inputs {
            if let Column::Each(numbers) = column {
                assert_eq!(numbers.len(), points, "a number per point");
            }
        }
    }

    /// Puts some points into the lanes; those past the end repeat the last, so that no number is made up.
    fn load(&self, workspace: &mut Workspace<Lanes>, inputs: &[Column<'_>], start: usize, count: usize) {
        let (packs, used) = (workspace.width(), count.div_ceil(LANES));
        workspace.set_used(used);
        let rows = workspace.inputs_mut(self.inputs).chunks_exact_mut(packs);
        for (row, column) in rows.zip(inputs) {
            match column {
                Column::Shared(number) => row[..used].fill(Lanes([*number; LANES])),
                Column::Each(numbers) => {
                    let (full, rest) = numbers[start..][..count].as_chunks();
                    row.iter_mut().zip(full).for_each(|(pack, numbers)| pack.0 = *numbers);
                    if let [.., last] = *rest {
                        row[full.len()].0.fill(last);
                        row[full.len()].0[..rest.len()].copy_from_slice(rest);
                    }
                }
            }
        }
    }

    fn with_workspace(&self, work: impl FnOnce(&mut Workspace<Lanes>)) {
        let spare = || self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = spare().pop();
        let mut workspace = kept.unwrap_or_else(|| {
            let packs = self.adjoint.program().packs();
            self.adjoint.wide_workspace(packs, |number| Lanes([number; LANES]))
        });
        work(&mut workspace);
        spare().push(workspace);
    }
}

fn store(row: &[Lanes], into: &mut [f64]) {
    let (full, rest) = into.as_chunks_mut();
    full.iter_mut().zip(row).for_each(|(into, pack)| *into = pack.0);
    if !rest.is_empty() {
        rest.copy_from_slice(&row[full.len()].0[..rest.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Backprop, Derivative, Strategy, Want};

    /// Which NaN it is, is up to the processor.
    fn bits(numbers: &[f64]) -> Vec<u64> {
        let bits = |number: &f64| if number.is_nan() { f64::NAN } else { *number }.to_bits();
        numbers.iter().map(bits).collect()
    }

    /// Value and gradient at a point alone.
    fn alone(f: &Function) -> impl FnMut(&[f64]) -> Derivative {
        let mut ready = Backprop.prepare(f, Want::Gradient, &Budget::default()).unwrap();
        move |x| {
            let mut out = Derivative::default();
            ready.run(x, &mut out).unwrap();
            out
        }
    }

    const FUNCTIONS: [&str; 4] = [
        "(x + y)*z",
        "sin(x*y) + exp(x/y) - ln(x^2 + y^2)*z",
        "[if(x < y, ln(x)*z, x*y), prod(i, 1, 20, x + i*y), z]",
        "iterate(k, 1, 300, w, x, w + sin(w*y)/z/k)",
    ];

    /// Somewhere in the domain, but for a few.
    fn columns(points: usize) -> [Vec<f64>; 3] {
        let column = |step: f64| (0..points).map(|k| 1.2 + (k as f64 * step).sin()).collect::<Vec<f64>>();
        let mut columns = [column(0.7), column(1.3), column(2.9)];
        columns[0].iter_mut().skip(5).step_by(11).for_each(|x| *x = -1.0);
        columns[1].iter_mut().skip(3).step_by(17).for_each(|y| *y = f64::NAN);
        columns
    }

    #[test]
    fn every_point_has_the_bits_that_it_has_alone() {
        for text in FUNCTIONS {
            let f = expr::parse(text).unwrap();
            let many = Many::new(&f, &Budget::default()).unwrap();
            let mut alone = alone(&f);
            for points in [0, 1, 7, 8, 9, 1000] {
                let data = columns(points);
                let columns: Vec<Column<'_>> = data.iter().map(|column| Column::Each(column)).collect();
                for threads in [1, 2, 3, 8] {
                    let mut values = vec![0.0; many.outputs * points];
                    let mut gradients = vec![0.0; many.outputs * 3 * points];
                    on_threads(threads, || {
                        many.values_and_gradients(&columns, points, &mut values, &mut gradients)
                    });
                    for k in (0..points).step_by(if points > 100 { 97 } else { 1 }) {
                        let single = alone(&[data[0][k], data[1][k], data[2][k]]);
                        let found: Vec<f64> = values.iter().skip(k).step_by(points).copied().collect();
                        assert_eq!(bits(&found), bits(&single.values), "{text} at point {k} of {points}");
                        let found: Vec<f64> = gradients.iter().skip(k).step_by(points).copied().collect();
                        assert_eq!(bits(&found), bits(&single.gradient), "{text} at point {k} of {points}");
                    }
                }
            }
        }
    }

    #[test]
    fn spans_and_blocks_leave_no_trace() {
        // More than one task, the last of them ragged.
        let points = 2 * SPAN + 300;
        let f = expr::parse("x*sin(y) + z").unwrap();
        let (many, mut alone) = (Many::new(&f, &Budget::default()).unwrap(), alone(&f));
        let data = columns(points);
        let columns: Vec<Column<'_>> = data.iter().map(|column| Column::Each(column)).collect();
        let of = |threads| {
            let (mut values, mut gradients) = (vec![0.0; points], vec![0.0; 3 * points]);
            on_threads(threads, || many.values_and_gradients(&columns, points, &mut values, &mut gradients));
            (bits(&values), bits(&gradients))
        };
        let (values, gradients) = of(1);
        assert_eq!(of(3), (values.clone(), gradients.clone()));
        for k in [0, SPAN - 1, SPAN, 2 * SPAN, points - 1] {
            let single = alone(&[data[0][k], data[1][k], data[2][k]]);
            assert_eq!(values[k], bits(&single.values)[0], "{k}");
            assert_eq!(gradients[points + k], bits(&single.gradient)[1], "{k}");
        }
    }

    #[test]
    fn totals_are_sums_in_the_documented_order() {
        for text in FUNCTIONS {
            let f = expr::parse(text).unwrap();
            let (many, mut alone) = (Many::new(&f, &Budget::default()).unwrap(), alone(&f));
            for points in [0, 1, 7, 9, 255, 256, 257, 1000] {
                let data: Vec<f64> = (0..points).map(|k| 1.5 + (k as f64).sin()).collect();
                let columns = [Column::Each(&data), Column::Shared(0.75), Column::Shared(2.5)];
                let total = on_threads(1, || many.total(&columns, points));
                assert_eq!(total, on_threads(3, || many.total(&columns, points)), "{text}");
                let singles: Vec<Derivative> = data.iter().map(|&x| alone(&[x, 0.75, 2.5])).collect();
                for output in 0..many.outputs {
                    let sum = |of: &dyn Fn(&Derivative) -> f64| {
                        let terms: Vec<f64> = singles.iter().map(of).collect();
                        expr::fold::value(expr::Fold::Sum, (), &terms).to_bits()
                    };
                    assert_eq!(total.values[output].to_bits(), sum(&|point| point.values[output]), "{text}");
                    for (k, input) in [1, 2].into_iter().enumerate() {
                        let slope = sum(&|point| point.gradient[output * 3 + input]);
                        assert_eq!(
                            total.gradient[output * 2 + k].to_bits(),
                            slope,
                            "{text}, {points} points"
                        );
                    }
                }
            }
        }
    }
}
