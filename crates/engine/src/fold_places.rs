//! Sums, products and extremes of numbers that are not next to each other, in canonical order.

use expr::Fold;
use expr::fold::{CHUNK, PARTIALS};

use crate::number::Number;

/// The fold of what some places hold, in the canonical order, without making a list of it.
#[inline(always)]
pub(crate) fn fold_places<P: Copy, S: Number>(fold: Fold, places: &[P], value: impl Fn(P) -> S) -> Option<S> {
    match fold {
        Fold::Sum => join_places(places, value, |a, b| a + b),
        Fold::Product => join_places(places, value, |a, b| a * b),
        Fold::Max | Fold::Min => extreme_of_places(fold, places, value),
    }
}

/// By itself, because it would keep the others from registers.
#[inline(never)]
fn extreme_of_places<P: Copy, S: Number>(fold: Fold, places: &[P], value: impl Fn(P) -> S) -> Option<S> {
    join_places(places, value, |a, b| S::apply(fold.op(), &[a, b]))
}

/// For one way to join two numbers: a choice inside the loops would keep the partials from registers.
#[inline(always)]
fn join_places<P: Copy, S: Number>(
    places: &[P],
    value: impl Fn(P) -> S,
    join: impl Fn(S, S) -> S + Copy,
) -> Option<S> {
    let chunk = |places: &[P]| {
        let (first, rest) = places.split_at(PARTIALS.min(places.len()));
        let mut partials = [value(*first.first()?); PARTIALS];
        for (partial, &place) in partials.iter_mut().zip(first).skip(1) {
            *partial = value(place);
        }
        // Side by side, not one after the other: each partial waits for itself only.
        let (full, left) = rest.as_chunks::<PARTIALS>();
        for places in full {
            for (partial, &place) in partials.iter_mut().zip(places) {
                *partial = join(*partial, value(place));
            }
        }
        for (partial, &place) in partials.iter_mut().zip(left) {
            *partial = join(*partial, value(place));
        }
        partials[..first.len()].iter().copied().reduce(join)
    };
    match places.len() <= CHUNK {
        true => chunk(places),
        false => expr::fold::tree(places.chunks(CHUNK).filter_map(chunk), join),
    }
}
