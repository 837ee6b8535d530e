//! The gradient of a loss by a strategy: of a function at a point, or of the mean of one over rows of data.

use chainrule::{
    BatchGradient, BatchInput, Budget, Derivative, Numerical, Precision, Prepared, Refusal, Strategy,
    StrategySpec, Unit, Want,
};
use engine::{LANES, Operand, Output, Registers, VectorProgram};
use expr::Fold;
use numerical::{Scheme, differentiate};

use super::Loss;

/// Gives the loss and its gradient by the weights, of which there is one number each.
pub(super) trait Drive {
    /// The loss at some weights, its gradient, and how many evaluations of the whole loss that took.
    fn run(&mut self, weights: &[f64], gradient: &mut [f64]) -> Result<(f64, u64), Refusal>;
}

/// The way that a strategy goes about it. Over rows of data, backprop sums gradients in rows of numbers, finite
/// differences are taken of the whole loss, and whatever else there is goes from row to row.
pub(super) fn drive<'a>(
    loss: &Loss<'a>,
    strategy: &dyn Strategy,
    budget: &Budget,
) -> Result<Box<dyn Drive + 'a>, Refusal> {
    let prepare = || strategy.prepare(loss.written, Want::Gradient, budget);
    if loss.columns.iter().all(Option::is_none) {
        return Ok(Box::new(AtAPoint { prepared: prepare()?, out: Derivative::default() }));
    }
    let data = Data { columns: loss.columns, rows: loss.rows };
    Ok(match strategy.spec() {
        StrategySpec::Backprop(Precision::Standard) => {
            Box::new(InColumns::new(BatchGradient::new(loss.flat, budget)?, data))
        }
        StrategySpec::Numerical(Numerical { scheme, .. }) => {
            Box::new(Differences::new(scheme, loss, budget)?)
        }
        _ => Box::new(RowByRow { prepared: prepare()?, out: Derivative::default(), data }),
    })
}

/// Rows of data beside the weights.
#[derive(Clone, Copy)]
struct Data<'a> {
    columns: &'a [Option<Vec<f64>>],
    rows: usize,
}

impl Data<'_> {
    /// One row, the weights in their places.
    fn fill(&self, row: usize, weights: &[f64], x: &mut [f64]) {
        let mut weights = weights.iter();
        for (x, column) in x.iter_mut().zip(self.columns) {
            *x = match column {
                Some(column) => column[row],
                None => *weights.next().expect("as many weights as inputs that are no data"),
            };
        }
    }
}

/// A function without data.
struct AtAPoint {
    prepared: Box<dyn Prepared>,
    out: Derivative,
}

impl Drive for AtAPoint {
    fn run(&mut self, weights: &[f64], gradient: &mut [f64]) -> Result<(f64, u64), Refusal> {
        self.prepared.run(weights, &mut self.out)?;
        gradient.copy_from_slice(&self.out.gradient);
        Ok((self.out.values[0], self.prepared.cost().evaluations))
    }
}

struct InColumns<'a> {
    many: BatchGradient,
    data: Data<'a>,
}

impl<'a> InColumns<'a> {
    fn new(many: BatchGradient, data: Data<'a>) -> InColumns<'a> {
        // Compiled at the first sum for columns of a kind: one over no rows.
        let kind = |column: &Option<Vec<f64>>| match column {
            Some(_) => BatchInput::Each(&[]),
            None => BatchInput::Shared(0.0),
        };
        many.total(&data.columns.iter().map(kind).collect::<Vec<_>>(), 0);
        InColumns { many, data }
    }
}

impl Drive for InColumns<'_> {
    fn run(&mut self, weights: &[f64], gradient: &mut [f64]) -> Result<(f64, u64), Refusal> {
        let mut weights = weights.iter();
        let mut inputs = Vec::with_capacity(self.data.columns.len());
        for column in self.data.columns {
            inputs.push(match column {
                Some(numbers) => BatchInput::Each(numbers),
                None => {
                    BatchInput::Shared(*weights.next().expect("as many weights as inputs that are no data"))
                }
            });
        }
        let total = self.many.total(&inputs, self.data.rows);
        let rows = self.data.rows as f64;
        gradient.iter_mut().zip(&total.gradient).for_each(|(gradient, sum)| *gradient = sum / rows);
        Ok((total.values[0] / rows, 1))
    }
}

struct RowByRow<'a> {
    prepared: Box<dyn Prepared>,
    out: Derivative,
    data: Data<'a>,
}

impl Drive for RowByRow<'_> {
    fn run(&mut self, weights: &[f64], gradient: &mut [f64]) -> Result<(f64, u64), Refusal> {
        let Data { columns, rows } = self.data;
        let mut x = vec![0.0; columns.len()];
        let mut values = Vec::with_capacity(rows);
        gradient.fill(0.0);
        for row in 0..rows {
            self.data.fill(row, weights, &mut x);
            self.prepared.run(&x, &mut self.out)?;
            values.push(self.out.values[0]);
            let slopes = self.out.gradient.iter().zip(columns).filter(|(_, column)| column.is_none());
            gradient.iter_mut().zip(slopes).for_each(|(sum, (slope, _))| *sum += slope);
        }
        gradient.iter_mut().for_each(|sum| *sum /= rows as f64);
        Ok((expr::fold::value(Fold::Sum, (), &values) / rows as f64, self.prepared.cost().evaluations))
    }
}

struct Differences<'a> {
    scheme: Scheme,
    loss: OverRows<'a>,
}

impl<'a> Differences<'a> {
    fn new(scheme: Scheme, loss: &Loss<'a>, budget: &Budget) -> Result<Differences<'a>, Refusal> {
        let needed = scheme.max_evaluations(loss.weights());
        if needed > budget.evaluations {
            let (needed, unit) = (needed as f64, Unit::Evaluations);
            return Err(Refusal::OverBudget { needed, budget: budget.evaluations, unit });
        }
        Ok(Differences { scheme, loss: OverRows::new(loss) })
    }
}

impl Drive for Differences<'_> {
    fn run(&mut self, weights: &[f64], gradient: &mut [f64]) -> Result<(f64, u64), Refusal> {
        let mut moved = weights.to_vec();
        let found = differentiate(self.scheme, weights, 1, |batch, out| {
            for (k, out) in out.iter_mut().enumerate() {
                batch.fill(k, &mut moved);
                *out = self.loss.run(&moved);
            }
        });
        gradient.copy_from_slice(&found.derivative);
        Ok((found.values[0], found.evaluations))
    }
}

/// The loss alone: rows of data side by side.
struct OverRows<'a> {
    program: VectorProgram,
    space: Registers,
    data: Data<'a>,
    values: Vec<f64>,
}

impl<'a> OverRows<'a> {
    fn new(loss: &Loss<'a>) -> OverRows<'a> {
        let data = Data { columns: loss.columns, rows: loss.rows };
        let program = VectorProgram::compile(loss.flat, |k| data.columns[k].is_some(), |_| false);
        OverRows { space: program.space(program.packs(), 0), program, data, values: Vec::new() }
    }

    fn run(&mut self, weights: &[f64]) -> f64 {
        let OverRows { program, space, data, values } = self;
        let mut weights = weights.iter();
        for (k, _) in data.columns.iter().enumerate().filter(|(_, column)| column.is_none()) {
            let weight = weights.next().expect("as many weights as inputs that are no data");
            if let Some(Operand::Uniform(place)) = program.input(k) {
                *space.uniform_mut(place) = *weight;
            }
        }
        program.run_once(space);
        values.clear();
        let Output::Plain(value) = program.output(0) else { unreachable!("no output is left as a product") };
        let block = program.packs() * LANES;
        for start in (0..data.rows).step_by(block) {
            let count = block.min(data.rows - start);
            space.set_used(count.div_ceil(LANES));
            for (k, column) in data.columns.iter().enumerate() {
                if let (Some(numbers), Some(Operand::Row(row))) = (column, program.input(k)) {
                    space.fill_row(row, &numbers[start..][..count]);
                }
            }
            program.run(space);
            values.extend((0..count).map(|k| space.pack(value, k / LANES).0[k % LANES]));
        }
        expr::fold::value(Fold::Sum, (), values) / data.rows as f64
    }
}
