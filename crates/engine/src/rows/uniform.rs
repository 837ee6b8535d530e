//! Steps over numbers that are the same for all points.

use expr::Fold;
use expr::fold::PARTIALS;

use super::{Registers, Step, Term, terms_of};
use crate::fold_places::fold_places;
use crate::partials::join;

/// Runs steps over uniform numbers.
#[inline(always)]
pub(crate) fn run(steps: &[Step], all_terms: &[Term], space: &mut Registers) {
    let numbers = &mut space.uniforms[..];
    for step in steps {
        match step {
            &Step::Apply { op, into, operands: [a, b, c] } => {
                let arguments = [a.number(numbers), b.number(numbers), c.number(numbers)];
                numbers[into as usize] = op.value(&arguments);
            }
            Step::SinCos { .. } => unreachable!("pairs are for rows"),
            Step::Fold { fold, canonical, into, terms } => {
                debug_assert!(canonical, "chains are for rows");
                let value = fold_numbers(*fold, terms_of(all_terms, terms), numbers);
                numbers[*into as usize] = value;
            }
        }
    }
}

/// A fold whose terms are all numbers.
pub(crate) fn fold_numbers(fold: Fold, terms: &[Term], numbers: &[f64]) -> f64 {
    match terms {
        // So many are joined one after the other.
        [first, rest @ ..] if rest.len() < PARTIALS => {
            rest.iter().fold(first.number(numbers), |all, term| join(fold, all, term.number(numbers)))
        }
        _ => fold_places(fold, terms, |term| term.number(numbers)).expect("folds have terms"),
    }
}
