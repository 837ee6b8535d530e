//! Entries of functions that are too large for anything but the answers themselves: these are held against each other.

use crate::judge::{Claim, Verdict, judge};
use crate::outcome::Outcome;
use crate::point::Entry;

/// The verdict of each entry; words of strategies are written into theirs.
pub(super) fn verdicts(entries: &mut [Entry], count: usize) -> Vec<Outcome> {
    let claim = |entry: &Entry, k: usize| {
        let answer = entry.answer.as_ref()?;
        let radius = answer.error_estimate.as_ref().map_or(0.0, |estimate| estimate[k]);
        let radius = if radius.is_nan() { f64::INFINITY } else { radius };
        Some(Claim { value: answer.gradient[k], radius })
    };
    let scale = { entries.iter() }
        .filter(|entry| !entry.spec.is_finite_difference())
        .filter_map(|entry| entry.answer.as_ref())
        .flat_map(|answer| &answer.gradient)
        .map(|entry| entry.abs())
        .filter(|size| size.is_finite())
        .fold(0.0, f64::max);
    let mut verdicts = Vec::with_capacity(count);
    for k in 0..count {
        let claims: Vec<Option<Claim>> = entries.iter().map(|entry| claim(entry, k)).collect();
        let between = |i: usize, j: usize| -> Option<Verdict> {
            let (a, b) = (claims[i]?, claims[j]?);
            // The wider claim is judged against the narrower number.
            let (wide, narrow) = if a.radius > b.radius || b.value == 0.0 { (a, b) } else { (b, a) };
            Some(judge(wide, narrow.value, 0.0, scale))
        };
        let words: Vec<(Outcome, f64)> = (0..claims.len())
            .map(|i| {
                let others: Vec<Verdict> =
                    (0..claims.len()).filter(|&j| j != i).filter_map(|j| between(i, j)).collect();
                let digits = others.iter().map(|other| other.digits()).fold(0.0, f64::max);
                let word = match &others[..] {
                    _ if claims[i].is_none() => Outcome::Refused,
                    others if others.iter().any(|other| other.agrees()) => Outcome::Agree,
                    others if others.iter().any(|other| other.disagrees()) => Outcome::Disagree,
                    _ => Outcome::Unchecked,
                };
                (word, digits)
            })
            .collect();
        let any = |word: Outcome| words.iter().any(|(own, _)| *own == word);
        verdicts.push(if any(Outcome::Disagree) {
            Outcome::Disagree
        } else if any(Outcome::Agree) {
            Outcome::Agree
        } else if words.iter().all(|(word, _)| *word == Outcome::Refused) {
            Outcome::Refused
        } else {
            Outcome::Unchecked
        });
        entries.iter_mut().zip(words).for_each(|(entry, word)| entry.components.push(word));
    }
    verdicts
}
