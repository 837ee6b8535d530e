//! The word for every answer, and for the component over all of them: answers are made by hand, each right or wrong by a known
//! amount, so that the word is known before the comparator is asked.

use chainrule::{CompiledFunction, Derivative, StrategySpec};
use harness::examine::{GroundTruth, examine};
use harness::{Entry, Outcome, Point, Subject};

mod against_truth;
mod without_reference;

/// A strategy, and what it claims of each component; with an estimate where it makes one. Nothing: it refuses.
type Answer = (&'static str, Option<(Vec<f64>, Option<Vec<f64>>)>);

/// An answer that makes no estimate.
fn exact(strategy: &'static str, gradient: &[f64]) -> Answer {
    (strategy, Some((gradient.to_vec(), None)))
}

/// Finite differences with an estimate of their own error.
fn about(gradient: &[f64], estimate: &[f64]) -> Answer {
    ("numerical", Some((gradient.to_vec(), Some(estimate.to_vec()))))
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Against<'a> {
    /// The certified gradient.
    Certified,
    /// Each other.
    EachOther,
    /// These slopes, which may be wrong.
    Slopes(&'a [f64]),
}

fn point(text: &str, at: &[f64], against: Against<'_>, answers: &[Answer]) -> Point {
    let f = syntax::parse(text).unwrap();
    let entry = |(strategy, answer): &Answer| {
        let answer = answer.clone().map(|(gradient, error_estimate)| Derivative {
            values: f.evaluate((), at),
            gradient,
            error_estimate,
            ..Derivative::default()
        });
        Entry { answer, ..Entry::new(strategy.parse::<StrategySpec>().unwrap()) }
    };
    let subject = Subject::of(&f, &f);
    let known = match against {
        Against::Certified => GroundTruth::certified(&subject, at, usize::MAX),
        Against::EachOther => GroundTruth::Nothing,
        Against::Slopes(slopes) => GroundTruth::Slopes(slopes.to_vec()),
    };
    examine(&subject, &mut CompiledFunction::new(&f), at, answers.iter().map(entry).collect(), known).point
}

/// The words of all answers by the first component, and the verdict.
fn words(text: &str, at: &[f64], against: Against<'_>, answers: &[Answer]) -> (Vec<Outcome>, Outcome) {
    let point = point(text, at, against, answers);
    (point.entries.iter().map(|entry| entry.components[0].0).collect(), point.components[0])
}

const NAN: f64 = f64::NAN;
const INFINITE: f64 = f64::INFINITY;
