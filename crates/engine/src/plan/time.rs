//! About how long a plan runs, so that it can be held against other ways to run a function.
//!
//! Counted, never measured: the same plan has the same estimate everywhere. What a step takes is from timings of the functions
//! in the report, on a processor of 2023 with vectors of 512 bits.

use expr::Fold;

use super::form::Form;
use super::matrix::Side;
use super::numbers::NumberStep;
use super::place::Dim;
use super::step::{Lanewise, LoopStep, Step};
use crate::number::LANES;
use crate::rows::{self, Operand, Term};

/// Nanoseconds of a step over rows, however many lanes there are.
const STEP: f64 = 12.0;
/// Of an operator over numbers.
const NUMBER: f64 = 2.6;
/// Of a lane, for each addition of an operator's cost.
const LANE: f64 = 0.07;
/// Of a lane that is read or written apart from the others.
const APART: f64 = 0.7;
/// Of a lane whose place is looked up.
const LOOKED_UP: f64 = 8.0;
/// Of an element that is added to another one of an array.
const ELEMENT: f64 = 1.2;
/// Of a product of a product of matrices.
const PRODUCT: f64 = 0.06;

/// What is known where a step stands.
#[derive(Clone, Copy)]
struct Here {
    /// The lanes of a block.
    lanes: f64,
}

/// Times of the steps of a plan.
pub(super) struct Times<'a> {
    pub(super) terms: &'a [Term],
    /// Per axis, about how many values it takes.
    pub(super) trips: &'a [f64],
    pub(super) block: f64,
}

impl Times<'_> {
    /// Nanoseconds that steps take which stand outside of all loops.
    pub(super) fn all(&self, steps: &[Step]) -> f64 {
        self.steps(steps, &mut Here { lanes: 0.0 })
    }

    fn steps(&self, steps: &[Step], here: &mut Here) -> f64 {
        steps.iter().map(|step| self.step(step, here)).sum()
    }

    fn step(&self, step: &Step, here: &mut Here) -> f64 {
        let lanes = here.lanes;
        match step {
            Step::Numbers(all) => all.iter().map(|step| self.number(step)).sum(),
            Step::Rows(all) => all.iter().map(|step| self.row(step, lanes)).sum(),
            Step::Operators(all) => NUMBER * all.len() as f64,
            Step::Lanes { count, .. } => {
                here.lanes = count.next_multiple_of(LANES) as f64;
                STEP
            }
            Step::LoadRow { from, .. } => lanewise(from, lanes),
            Step::StoreRow { to, .. } => lanewise(to, lanes),
            Step::CounterRow { .. } | Step::MoveRow { .. } => STEP + LANE * lanes,
            Step::Counter { .. } | Step::Load { .. } | Step::Store { .. } | Step::Move { .. } => 2.0 * NUMBER,
            Step::StartFold { .. } | Step::Push { .. } | Step::Finish { .. } => STEP,
            Step::StartRows { .. } => NUMBER,
            Step::PushBlock { .. } | Step::PushTotal { .. } => 2.0 * STEP + 2.0 * LANE * lanes,
            Step::PushRow { .. } => STEP + LANE * lanes,
            Step::FinishRow { rows, .. } => rows.partials.len() as f64 * (STEP + LANE * lanes),
            Step::StartTotals { count, .. } | Step::FinishTotals { count, .. } => STEP * *count as f64,
            Step::Copy(copy) => {
                let elements: f64 = copy.from.dims.iter().map(|dim| dim.len as f64).product();
                match &copy.lanes {
                    None => STEP + elements * NUMBER / 4.0,
                    Some((from, to, _)) => elements * (lanewise(from, lanes) + lanewise(to, lanes)),
                }
            }
            Step::Scatter(scatter) => {
                let values = scatter.parts.iter().map(|part| {
                    let own = part.axes.iter().map(|axis| self.trips[*axis as usize]).product::<f64>();
                    let rest = part.source.dims[part.axes.len()..].iter();
                    STEP + ELEMENT * own * rest.map(|dim: &Dim| dim.len as f64).product::<f64>()
                });
                STEP + ELEMENT / 2.0 * scatter.size as f64 + values.sum::<f64>()
            }
            Step::Matrix(product) => {
                let side = |side: &Side| side.runs.iter().map(|run| run.count as f64).product::<f64>();
                let [rows, columns] = [&product.rows, &product.columns].map(side);
                let each = PRODUCT * rows * columns.max(LANES as f64) + NUMBER * (rows + columns);
                let both: f64 = product.both.iter().map(|run| run.count as f64).product();
                both * (STEP + product.over.count as f64 * each)
            }
            Step::Loop(inner) => self.loop_itself(inner, here),
            Step::When(_, inner) => NUMBER + self.steps(inner, &mut { *here }),
        }
    }

    fn loop_itself(&self, inner: &LoopStep, here: &Here) -> f64 {
        let constant = |form: &Form| form.is_constant().then_some(form.constant as f64);
        let trips = match (constant(&inner.low), constant(&inner.high)) {
            (Some(low), Some(high)) => (high - low + 1.0).max(0.0),
            _ => self.trips[inner.axis as usize],
        };
        if !inner.in_blocks {
            return STEP + trips * (NUMBER + self.steps(&inner.body, &mut { *here }));
        }
        let blocks = (trips / self.block).ceil();
        let lanes = (trips / blocks.max(1.0) / LANES as f64).ceil() * LANES as f64;
        STEP + blocks * (STEP + self.steps(&inner.body, &mut Here { lanes }))
    }

    fn number(&self, step: &NumberStep) -> f64 {
        match step {
            NumberStep::Apply { op, .. } => NUMBER * (1.0 + f64::from(op.cost()) / 2.0),
            NumberStep::AddProducts { .. } => 2.0 * NUMBER,
            NumberStep::Fold { first, end, .. } => NUMBER * f64::from(end - first),
            NumberStep::Load { .. } | NumberStep::Store { .. } | NumberStep::Move { .. } => NUMBER,
        }
    }

    fn row(&self, step: &rows::Step, lanes: f64) -> f64 {
        match step {
            rows::Step::Apply { op, .. } => STEP + LANE * lanes * f64::from(op.cost()),
            rows::Step::SinCos { .. } => STEP + LANE * lanes * 1.3 * f64::from(expr::PAIR[0].cost()),
            rows::Step::Fold { fold, terms, .. } => {
                let terms = &self.terms[terms.start as usize..terms.end as usize];
                let each = if matches!(fold, Fold::Sum | Fold::Product) { 1.0 } else { 2.0 };
                let is_row = |operand: &Operand| matches!(operand, Operand::Row(_));
                let rows = terms
                    .iter()
                    .filter(|term| is_row(&term.first) || term.second.as_ref().is_some_and(is_row));
                STEP + NUMBER * terms.len() as f64 + LANE * lanes * each * rows.count() as f64
            }
        }
    }
}

/// A row that is read or written.
fn lanewise(place: &Lanewise, lanes: f64) -> f64 {
    match place.slope {
        Some(0 | 1) => STEP + LANE * lanes,
        Some(_) => STEP + APART * lanes,
        None => STEP + LOOKED_UP * lanes,
    }
}
