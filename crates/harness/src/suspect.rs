//! What a component is held against, and what asks for a cause.

use crate::outcome::Outcome;
use crate::taylor_test::Unseen;

/// What asks for a cause: a component that some strategy answered wrongly, or not at all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suspect {
    pub output: usize,
    pub input: usize,
    /// Whose answer; none where the certified slope itself is in question.
    pub entry: Option<usize>,
    pub why: Why,
    /// The digits that are right all the same.
    pub digits: f64,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Why {
    /// An analytic answer is not the derivative.
    Off,
    /// Finite differences have too few digits, and say so.
    Coarse,
    /// Finite differences are off by more than ten times their own estimate; where the Taylor remainder does not confirm
    /// the other answer, why.
    Estimate(Option<Unseen>),
    /// Values contradict the slope that all analytic answers share.
    Contradicted,
}

/// What one component is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Truth {
    /// Its slope; at a removable point the graph as written meets something that has none.
    Slope { slope: f64, removable: bool },
    /// There is none: strategies are not compared.
    Word(Outcome),
    /// Each other.
    Open,
}

#[cfg(test)]
mod tests {
    use chainrule::{CompiledFunction, Derivative, StrategySpec};

    use super::*;
    use crate::examine::{GroundTruth, examine};
    use crate::point::Entry;
    use crate::subject::Subject;

    /// A strategy, its gradient, and its estimate where it makes one.
    type Answer<'a> = (&'a str, &'a [f64], Option<&'a [f64]>);

    /// Input, entry and reason of all that asks for a cause; without slopes answers are held against each other.
    fn asked(
        text: &str,
        at: &[f64],
        slopes: Option<&[f64]>,
        answers: &[Answer<'_>],
    ) -> Vec<(usize, Option<usize>, Why)> {
        let f = syntax::parse(text).unwrap();
        let entry = |&(strategy, gradient, estimate): &Answer<'_>| {
            let answer = Derivative {
                values: f.evaluate((), at),
                gradient: gradient.to_vec(),
                error_estimate: estimate.map(<[f64]>::to_vec),
                ..Derivative::default()
            };
            Entry { answer: Some(answer), ..Entry::new(strategy.parse::<StrategySpec>().unwrap()) }
        };
        let known = slopes.map_or(GroundTruth::Nothing, |slopes| GroundTruth::Slopes(slopes.to_vec()));
        let entries = answers.iter().map(entry).collect();
        let found = examine(&Subject::of(&f, &f), &mut CompiledFunction::new(&f), at, entries, known);
        found.suspects.iter().map(|suspect| (suspect.input, suspect.entry, suspect.why)).collect()
    }

    #[test]
    fn every_answer_that_is_off_asks_for_its_cause_and_no_other() {
        let (at, sure) = ([2.0, 3.0], Some(&[1e-9; 2][..]));
        let (right, difference): (Answer<'_>, Answer<'_>) =
            (("backprop", &[3.0, 2.0], None), ("numerical", &[3.1, 2.0], sure));
        // The slope is known.
        let known = |answer: Answer<'_>| asked("x*y", &at, Some(&[3.0, 2.0]), &[answer]);
        assert_eq!(known(right), []);
        assert_eq!(known(("backprop", &[3.0, 2.5], None)), [(1, Some(0), Why::Off)]);
        assert_eq!(known(("numerical", &[3.1, 2.0], Some(&[1.0, 1e-9]))), [(0, Some(0), Why::Coarse)]);
        assert_eq!(known(("numerical=forward", &[3.1, 2.0], None)), [(0, Some(0), Why::Coarse)]);
        assert_eq!(known(difference), [(0, Some(0), Why::Estimate(None))]);
        // Or they are held against each other.
        let each_other = |answers: &[Answer<'_>]| asked("x*y", &at, None, answers);
        assert_eq!(each_other(&[right, ("symbolic", &[3.0, 2.0], None)]), []);
        assert_eq!(each_other(&[right, ("symbolic", &[4.0, 2.0], None)]), [(0, Some(1), Why::Off)]);
        assert_eq!(each_other(&[right, difference]), [(0, Some(1), Why::Estimate(None))]);
        // Values contradict what all analytic answers share.
        let wrong: [Answer<'_>; 2] = [("backprop", &[5.0], None), ("numerical", &[6.0], Some(&[1e-9]))];
        assert_eq!(asked("x^2", &[3.0], Some(&[5.0]), &wrong), [(0, None, Why::Contradicted)]);
        let found = asked("x^2", &[3.0], None, &wrong);
        assert_eq!(found, [(0, None, Why::Contradicted), (0, Some(0), Why::Off)]);
        // Or cannot be seen: no step is shorter than the least double.
        let least = 5e-324;
        let unseen = Why::Estimate(Some(Unseen::NoValue));
        let answers: [Answer<'_>; 2] =
            [("backprop", &[3.0, least], None), ("numerical", &[3.1, least], Some(&[1e-9, 0.0]))];
        for slopes in [None, Some(&[3.0, least][..])] {
            assert_eq!(asked("x*y", &[least, 3.0], slopes, &answers), [(0, Some(1), unseen)], "{slopes:?}");
        }
    }
}
