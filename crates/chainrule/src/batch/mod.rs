//! Backprop at many points: points side by side in lanes, blocks of them on as many threads as there are.

mod columns;
mod sums;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};

use backprop::{Adjoint, Batch};
use engine::{LANES, Lanes, Operand, Registers, store_fence};
use expr::fold::CHUNK;
use expr::{Function, expect_length, interrupt};

use crate::strategy::{Budget, Refusal};
use columns::{Ahead, Store};

/// What one input is at all points.
///
/// ```
/// use chainrule::{BatchGradient, BatchInput, Budget};
/// let f = BatchGradient::new(&chainrule::parse("a*x^2")?, &Budget::default())?;
/// let inputs = [BatchInput::Shared(3.0), BatchInput::Each(&[1.0, 2.0])]; // a, and x at two points
/// let (mut values, mut gradients) = ([0.0; 2], [0.0; 4]);
/// f.values_and_gradients(&inputs, 2, &mut values, &mut gradients);
/// assert_eq!(values, [3.0, 12.0]);
/// assert_eq!(gradients, [1.0, 4.0, 6.0, 12.0]); // by a at both points, then by x
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub enum BatchInput<'a> {
    /// A number for each of them: data.
    Each(&'a [f64]),
    /// The same number for all of them: a parameter.
    Shared(f64),
}

/// A function prepared for gradients at many points. Whatever the number of threads, points or lanes, every point has the
/// bits that it has alone; threads are those of rayon's current pool.
///
/// ```
/// use chainrule::{Budget, BatchInput, BatchGradient};
///
/// let loss = chainrule::parse("(a*x + b - y)^2").unwrap();
/// let (x, y) = ([0.0, 1.0, 2.0], [1.0, 3.5, 5.5]);
/// let inputs = [BatchInput::Shared(2.0), BatchInput::Each(&x), BatchInput::Shared(1.0), BatchInput::Each(&y)];
/// let total = BatchGradient::new(&loss, &Budget::default()).unwrap().total(&inputs, x.len());
/// assert_eq!(total.values, [0.5]);
/// assert_eq!(total.gradient, [-3.0, -2.0]); // by a and by b
/// ```
#[derive(Debug)]
pub struct BatchGradient {
    f: Function,
    adjoint: Adjoint,
    inputs: usize,
    outputs: usize,
    /// One for each way in which inputs have been shared so far.
    plans: Mutex<Vec<Arc<Plan>>>,
}

/// The function compiled for columns of one kind.
#[derive(Debug)]
struct Plan {
    /// Which inputs are shared, and whether only totals are wanted.
    kind: (Vec<bool>, bool),
    batch: Batch,
    packs: usize,
    /// Buffers that are not in use: allocated once and reused.
    spare: Mutex<Vec<Registers>>,
}

/// Does every task, given its number: on all threads where there may be several.
pub(crate) fn on_all_threads<T: Send>(tasks: Vec<T>, work: impl Fn(usize, T) + Sync) {
    #[cfg(feature = "threads")]
    {
        use rayon::prelude::*;
        let stop = interrupt::current();
        let work = |(k, task)| interrupt::on_behalf_of(stop.clone(), || work(k, task));
        tasks.into_par_iter().enumerate().for_each(work);
    }
    #[cfg(not(feature = "threads"))]
    tasks.into_iter().enumerate().for_each(|(k, task)| work(k, task));
}

/// Does work where [`BatchGradient`] finds so many threads, whatever the machine has.
///
/// ```
/// use chainrule::{BatchGradient, BatchInput, Budget, on_threads};
/// let f = BatchGradient::new(&chainrule::parse("a*sin(x)")?, &Budget::default())?;
/// let x: Vec<f64> = (0..100_000).map(f64::from).collect();
/// let inputs = [BatchInput::Shared(3.0), BatchInput::Each(&x)];
/// let total = |threads| on_threads(threads, || f.total(&inputs, x.len()));
/// assert_eq!(total(1), total(2)); // the same bits
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
/// When the threads cannot be had.
#[cfg(feature = "threads")]
pub fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let stop = interrupt::current();
    pool.expect("threads can be had").install(|| interrupt::on_behalf_of(stop, work))
}

/// Sums over points.
///
/// ```
/// use chainrule::{BatchGradient, BatchInput::{Each, Shared}, Budget};
/// let f = chainrule::parse("[a*x, a + b*x]")?;
/// let inputs = [Shared(2.0), Each(&[1.0, 2.0]), Shared(3.0)]; // a, x, b
/// let total = BatchGradient::new(&f, &Budget::default())?.total(&inputs, 2);
/// assert_eq!(total.values, [6.0, 13.0]);
/// assert_eq!(total.gradient, [3.0, 0.0, 2.0, 3.0]); // of the first sum by a and b, then of the second
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Total {
    /// Per output its sum.
    pub values: Vec<f64>,
    /// Per output a row with the sum's gradient by each [shared](BatchInput::Shared) input, in the order of inputs.
    pub gradient: Vec<f64>,
}

/// Points that one task takes: enough to be worth a task, and a multiple of [`CHUNK`].
pub(crate) const SPAN: usize = 64 * CHUNK;

/// Bytes that no cache is expected to hold for long.
const CACHES: usize = 8 << 20;

impl BatchGradient {
    /// Prepares a function, unrolled where it is not flat.
    ///
    /// # Errors
    /// When that would take more nodes than the budget has.
    pub fn new(f: &Function, budget: &Budget) -> Result<BatchGradient, Refusal> {
        let f = crate::unroll(f, budget)?;
        let adjoint = Adjoint::compile(&f);
        let (inputs, outputs) = (f.input_count(), f.outputs().len());
        Ok(BatchGradient { f, adjoint, inputs, outputs, plans: Mutex::default() })
    }

    /// Values and gradients at every point: of each output a column of values, and of each output and input a column of
    /// partial derivatives, in that order.
    ///
    /// ```
    /// use chainrule::{BatchGradient, BatchInput::Each, Budget};
    /// let f = BatchGradient::new(&chainrule::parse("x*y")?, &Budget::default())?;
    /// let (mut values, mut gradients) = ([0.0; 3], [0.0; 6]);
    /// f.values_and_gradients(&[Each(&[1.0, 2.0, 3.0]), Each(&[5.0, 6.0, 7.0])], 3, &mut values, &mut gradients);
    /// assert_eq!(values, [5.0, 12.0, 21.0]);
    /// assert_eq!(gradients, [5.0, 6.0, 7.0, 1.0, 2.0, 3.0]); // by x at every point, then by y
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// When there is not one column per input with a number for each point, or a place for each result.
    pub fn values_and_gradients(
        &self,
        inputs: &[BatchInput<'_>],
        points: usize,
        values: &mut [f64],
        gradients: &mut [f64],
    ) {
        self.check(inputs, points);
        let (columns, why) = (self.outputs * points, "a column per output");
        expect_length(values.len(), "places for values", columns, why);
        let (columns, why) = (self.inputs * columns, "a column per output and input");
        expect_length(gradients.len(), "places for gradients", columns, why);
        if points == 0 {
            return;
        }
        // To each task its part of every column.
        let mut tasks: Vec<Vec<&mut [f64]>> = Vec::new();
        tasks.resize_with(points.div_ceil(SPAN), Vec::new);
        for column in values.chunks_mut(points).chain(gradients.chunks_mut(points)) {
            tasks.iter_mut().zip(column.chunks_mut(SPAN)).for_each(|(task, part)| task.push(part));
        }
        let plan = self.plan(inputs, false);
        let far = self.outputs * (1 + self.inputs) * points * size_of::<f64>() > CACHES;
        on_all_threads(tasks, |span, mut columns| {
            let (values, gradients) = columns.split_at_mut(self.outputs);
            plan.with_space(inputs, |space| {
                let end = points.min((span + 1) * SPAN);
                for start in (span * SPAN..end).step_by(plan.packs * LANES) {
                    let count = (plan.packs * LANES).min(end - start);
                    let place = start - span * SPAN;
                    let next = start + count..end.min(start + count + plan.packs * LANES);
                    plan.run(space, inputs, start, count);
                    Lanes::run(Store {
                        many: self,
                        plan: &plan,
                        space,
                        values,
                        gradients,
                        place,
                        count,
                        ahead: far.then_some(Ahead { inputs, next }),
                    });
                }
            });
            if far {
                store_fence();
            }
        });
    }

    /// The function compiled for columns like these.
    fn plan(&self, inputs: &[BatchInput<'_>], total: bool) -> Arc<Plan> {
        let shared: Vec<bool> = inputs.iter().map(|column| matches!(column, BatchInput::Shared(_))).collect();
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = (shared, total);
        if let Some(plan) = plans.iter().find(|plan| plan.kind == kind) {
            return plan.clone();
        }
        let shared = |k: usize| kind.0[k];
        let batch = Batch::compile(&self.f, &self.adjoint, |k| !shared(k), |k| !total || shared(k), total);
        // Blocks that chunks of terms are whole multiples of.
        let packs = 1 << batch.program().packs().ilog2();
        let plan = Arc::new(Plan { kind, batch, packs, spare: Mutex::default() });
        plans.push(plan.clone());
        plan
    }

    fn check(&self, inputs: &[BatchInput<'_>], points: usize) {
        expect_length(inputs.len(), "columns", self.inputs, "one per scalar input");
        for column in inputs {
            if let BatchInput::Each(numbers) = column {
                expect_length(numbers.len(), "numbers in a column", points, "one per point");
            }
        }
    }
}

impl Plan {
    /// Does work with numbers of this plan, what is shared in place.
    fn with_space(&self, inputs: &[BatchInput<'_>], work: impl FnOnce(&mut Registers)) {
        let spare = || self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = spare().pop();
        let program = self.batch.program();
        let mut space = kept.unwrap_or_else(|| program.space(self.packs, 0));
        for (k, column) in inputs.iter().enumerate() {
            if let (BatchInput::Shared(number), Some(Operand::Uniform(place))) = (column, program.input(k)) {
                *space.uniform_mut(place) = *number;
            }
        }
        program.run_once(&mut space);
        work(&mut space);
        spare().push(space);
    }

    /// Puts some points into rows, those past the end repeating the last, so that no number is made up; and runs.
    fn run(&self, space: &mut Registers, inputs: &[BatchInput<'_>], start: usize, count: usize) {
        interrupt::checkpoint();
        space.set_used(count.div_ceil(LANES));
        for (k, column) in inputs.iter().enumerate() {
            if let (BatchInput::Each(numbers), Some(Operand::Row(row))) =
                (column, self.batch.program().input(k))
            {
                space.fill_row(row, &numbers[start..][..count]);
            }
        }
        self.batch.program().run(space);
    }
}
