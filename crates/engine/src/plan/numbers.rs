//! Operators over numbers, loads and stores of these, one after the other: what scans are made of.

use expr::{Fold, Op};

use super::place::Address;
use super::step::Step;
use crate::rows::{self, Operand, Term};

/// One of these.
#[derive(Clone, Debug)]
pub(super) enum NumberStep {
    /// Operands beyond an operator's arity repeat the first.
    Apply {
        op: Op,
        into: u32,
        operands: [u32; 3],
    },
    /// The sum of two products.
    AddProducts {
        into: u32,
        factors: [[u32; 2]; 2],
    },
    /// A sum, product or extreme of terms.
    Fold {
        fold: Fold,
        into: u32,
        first: u32,
        end: u32,
    },
    Load {
        into: u32,
        from: Spot,
    },
    Store {
        from: u32,
        to: Spot,
    },
    Move {
        from: u32,
        into: u32,
    },
}

/// A place that grows with one axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    constant: i64,
    factor: i64,
    axis: u32,
}

impl Spot {
    fn of(address: &Address) -> Option<Spot> {
        let form = &address.form;
        if !form.is_linear() || !address.checks.is_empty() || address.lanes {
            return None;
        }
        match form.linear[..] {
            [] => Some(Spot { constant: form.constant, factor: 0, axis: 0 }),
            [(axis, factor)] => Some(Spot { constant: form.constant, factor, axis }),
            _ => None,
        }
    }

    #[inline(always)]
    fn at(self, axes: &[i64]) -> usize {
        // Without axes there is none to be read.
        let value = if self.factor == 0 { 0 } else { axes[self.axis as usize] };
        self.constant.wrapping_add(self.factor.wrapping_mul(value)) as usize
    }
}

impl NumberStep {
    /// What a step does; `one` is where the number 1 is.
    fn of(step: &rows::Step, terms: &[Term], one: u32) -> NumberStep {
        let number = |operand: &Operand| match operand {
            Operand::Uniform(number) => *number,
            Operand::Row(_) => unreachable!("what is computed of numbers reads no rows"),
        };
        match step {
            rows::Step::Apply { op, into, operands } => {
                NumberStep::Apply { op: *op, into: *into, operands: operands.each_ref().map(number) }
            }
            rows::Step::Fold { fold, into, terms: range, .. } => {
                match (fold, &terms[range.start as usize..range.end as usize]) {
                    (Fold::Sum, [a, b]) => {
                        let factors =
                            |term: &Term| [number(&term.first), term.second.as_ref().map_or(one, number)];
                        NumberStep::AddProducts { into: *into, factors: [factors(a), factors(b)] }
                    }
                    _ => NumberStep::Fold { fold: *fold, into: *into, first: range.start, end: range.end },
                }
            }
            rows::Step::SinCos { .. } => unreachable!("pairs are for rows"),
        }
    }

    fn of_step(step: &Step) -> Option<NumberStep> {
        match step {
            Step::Load { from, into } => Some(NumberStep::Load { into: *into, from: Spot::of(from)? }),
            Step::Store { from, to } => Some(NumberStep::Store { from: *from, to: Spot::of(to)? }),
            Step::Move { from, into } => Some(NumberStep::Move { from: *from, into: *into }),
            _ => None,
        }
    }
}

/// Joins steps over numbers that stand side by side.
pub(super) fn join_numbers(steps: &mut Vec<Step>, terms: &[Term], one: u32) {
    let mut joined: Vec<Step> = Vec::with_capacity(steps.len());
    for mut step in std::mem::take(steps) {
        let more = match &mut step {
            Step::Operators(all) => all.iter().map(|step| NumberStep::of(step, terms, one)).collect(),
            Step::Loop(inner) => {
                join_numbers(&mut inner.body, terms, one);
                Vec::new()
            }
            Step::When(_, inner) => {
                join_numbers(inner, terms, one);
                Vec::new()
            }
            step => NumberStep::of_step(step).into_iter().collect(),
        };
        match joined.last_mut() {
            _ if more.is_empty() => joined.push(step),
            Some(Step::Numbers(all)) => all.extend(more),
            _ => joined.push(Step::Numbers(more)),
        }
    }
    *steps = joined;
}

/// Runs them.
pub(super) fn run(
    steps: &[NumberStep],
    terms: &[Term],
    numbers: &mut [f64],
    memory: &mut [f64],
    axes: &[i64],
) {
    for step in steps {
        match *step {
            NumberStep::Apply { op, into, operands: [a, b, c] } => {
                let operands = [numbers[a as usize], numbers[b as usize], numbers[c as usize]];
                numbers[into as usize] = op.value(&operands);
            }
            NumberStep::AddProducts { into, factors: [[a, b], [c, d]] } => {
                let [a, b, c, d] = [a, b, c, d].map(|number| numbers[number as usize]);
                numbers[into as usize] = a * b + c * d;
            }
            NumberStep::Load { into, from } => numbers[into as usize] = memory[from.at(axes)],
            NumberStep::Store { from, to } => memory[to.at(axes)] = numbers[from as usize],
            NumberStep::Move { from, into } => numbers[into as usize] = numbers[from as usize],
            NumberStep::Fold { fold, into, first, end } => {
                numbers[into as usize] =
                    rows::uniform::fold_numbers(fold, &terms[first as usize..end as usize], numbers);
            }
        }
    }
}
