//! What a plan does, step by step.

use expr::{Axis, Clause};

use super::folds::RowFold;
use super::form::Form;
use super::matrix::MatrixStep;
use super::numbers::NumberStep;
use super::place::{Address, Place};
use super::scatter::ScatterStep;
use crate::rows;
use crate::rows::{Operand, Term};

/// One step; those with rows stand in a loop that is run for blocks.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Operators over numbers, until these are joined with what stands beside them.
    Operators(Vec<rows::Step>),
    /// Operators over numbers, loads and stores.
    Numbers(Vec<NumberStep>),
    /// Operators over rows.
    Rows(Vec<rows::Step>),
    /// From here on, lanes are so many values of an axis.
    Lanes {
        axis: u32,
        low: i64,
        count: usize,
    },
    /// The value of an axis.
    Counter {
        axis: u32,
        into: u32,
    },
    CounterRow {
        axis: u32,
        into: u32,
    },
    Load {
        from: Box<Address>,
        into: u32,
    },
    /// A number for each lane.
    LoadRow {
        from: Box<Lanewise>,
        into: u32,
    },
    Store {
        from: u32,
        to: Box<Address>,
    },
    StoreRow {
        from: Operand,
        to: Box<Lanewise>,
    },
    Move {
        from: u32,
        into: u32,
    },
    MoveRow {
        from: Operand,
        into: u32,
    },
    /// All elements of an array.
    Copy(Box<CopyStep>),
    StartFold {
        fold: u32,
        of: expr::Fold,
    },
    Push {
        fold: u32,
        from: Term,
    },
    PushBlock {
        fold: u32,
        from: Term,
    },
    Finish {
        fold: u32,
        into: u32,
    },
    StartRows {
        fold: u32,
        rows: Box<RowFold>,
    },
    PushRow {
        fold: u32,
        rows: Box<RowFold>,
        from: Term,
    },
    FinishRow {
        fold: u32,
        rows: Box<RowFold>,
        into: u32,
    },
    /// So many folds, from the first on.
    StartTotals {
        of: expr::Fold,
        first: usize,
        count: usize,
    },
    /// A block of terms of the fold that is at a place among all.
    PushTotal {
        at: Box<Address>,
        from: Term,
    },
    /// The results, one next to the other.
    FinishTotals {
        first: usize,
        count: usize,
        into: usize,
    },
    Scatter(Box<ScatterStep>),
    Matrix(Box<MatrixStep>),
    Loop(Box<LoopStep>),
    /// Where one of the clauses holds, of conditions by their numbers.
    When(Vec<Vec<(u32, bool)>>, Vec<Step>),
}

/// A place that is another one in every lane.
#[derive(Clone, Debug)]
pub(super) struct Lanewise {
    pub(super) address: Address,
    pub(super) axis: Axis,
    /// From lane to lane, where that is the same for all.
    pub(super) slope: Option<i64>,
}

#[derive(Clone, Debug)]
pub(super) struct CopyStep {
    pub(super) from: Place,
    pub(super) to: Place,
    /// In lanes: from where, to where, and through which row.
    pub(super) lanes: Option<(Lanewise, Lanewise, u32)>,
}

/// A loop.
#[derive(Clone, Debug)]
pub(super) struct LoopStep {
    pub(super) axis: u32,
    pub(super) low: Form,
    pub(super) high: Form,
    pub(super) falling: bool,
    /// Whether it is run for blocks of its values.
    pub(super) in_blocks: bool,
    pub(super) body: Vec<Step>,
    /// What it is for, for people.
    pub(super) about: String,
}

impl Lanewise {
    pub(super) fn new(address: Address, axis: Axis) -> Lanewise {
        let slope = address.slope(axis).map(|slope| slope + i64::from(address.lanes));
        Lanewise { address, axis, slope }
    }
}

impl Step {
    /// Calls for every row that it reads or fills, not those of steps inside of it.
    pub(super) fn each_row(&mut self, visit: &mut dyn FnMut(&mut u32)) {
        let fold = |rows: &mut RowFold, visit: &mut dyn FnMut(&mut u32)| {
            rows.partials.iter_mut().chain(&mut rows.levels).for_each(visit);
        };
        match self {
            Step::Rows(_)
            | Step::Operators(_)
            | Step::Numbers(_)
            | Step::Loop(_)
            | Step::When(..)
            | Step::Lanes { .. } => {}
            Step::Counter { .. } | Step::Load { .. } | Step::Store { .. } | Step::Move { .. } => {}
            Step::StartFold { .. }
            | Step::Push { .. }
            | Step::Finish { .. }
            | Step::Scatter(_)
            | Step::Matrix(_) => {}
            Step::CounterRow { into, .. } | Step::LoadRow { into, .. } => visit(into),
            Step::StoreRow { from, .. } => from.row_mut().into_iter().for_each(visit),
            Step::StartTotals { .. } | Step::FinishTotals { .. } => {}
            Step::PushTotal { from, .. } | Step::PushBlock { from, .. } => from.rows_mut().for_each(visit),
            Step::MoveRow { from, into } => {
                from.row_mut().into_iter().for_each(&mut *visit);
                visit(into);
            }
            Step::Copy(copy) => {
                if let Some((_, _, row)) = &mut copy.lanes {
                    visit(row);
                }
            }
            Step::StartRows { rows, .. } => fold(rows, visit),
            Step::PushRow { rows, from, .. } => {
                fold(rows, visit);
                from.rows_mut().for_each(&mut *visit);
            }
            Step::FinishRow { rows, into, .. } => {
                fold(rows, visit);
                visit(into);
            }
        }
    }
}

/// The conditions of clauses, as numbers.
pub(super) type Conditions = Vec<Vec<(u32, bool)>>;

/// Clauses in terms of numbers, if all conditions are numbers.
pub(super) fn conditions(
    clauses: &[Clause],
    number: impl Fn(expr::NodeId) -> Option<u32>,
) -> Option<Conditions> {
    let clause = |clause: &Clause| {
        clause
            .iter()
            .map(|&(condition, wanted)| Some((number(condition)?, wanted)))
            .collect::<Option<Vec<_>>>()
    };
    clauses.iter().map(clause).collect()
}
