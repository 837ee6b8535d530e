//! The word for every strategy at one component, and for the component over all of them.

use chainrule::{Numerical, StrategySpec};
use numerical::Scheme;

use crate::judge::{Claim, FEWEST_DIGITS, HONESTY, Verdict, judge, shared_digits};
use crate::outcome::Outcome;
use crate::point::Entry;
use crate::rounding::{self, absolute_terms, rounding_error};
use crate::subject::Subject;
use crate::suspect::{Suspect, Truth, Why};
use crate::taylor_test::{Claimed, Remainder, Unseen, Work, check};

/// Two slopes with so many digits in common are one for the Taylor remainder.
const NEARLY_ALL: f64 = 13.0;

/// A word with the digits that are right, and what else is to be kept of it.
pub(crate) type Word = ((Outcome, f64), Mark);

/// What is kept of a word beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Nothing.
    Plain,
    /// A finite difference contradicts its own estimate.
    Contradicts,
    /// An analytic answer has too few digits, and no fewer than rounding leaves.
    Lost,
}

/// One output at a point.
pub(crate) struct Place<'a> {
    pub(crate) subject: &'a Subject,
    /// Node evaluations that one evaluation of the function takes.
    pub(crate) nodes: u64,
    pub(crate) at: &'a [f64],
    pub(crate) output: usize,
    /// In doubles.
    pub(crate) value: f64,
    /// The size of the gradient.
    pub(crate) scale: f64,
    /// What rounding does to each component, once it is asked for; empty where the function is too large for that.
    pub(crate) rounding: Option<Vec<f64>>,
    /// The sums of the absolute terms of each component, once they are asked for.
    pub(crate) terms: Option<Vec<f64>>,
    /// Whether there is a certified reference, and so certified values may be had.
    pub(crate) certified: bool,
    pub(crate) work: &'a mut Work,
    pub(crate) suspects: &'a mut Vec<Suspect>,
}

impl Place<'_> {
    /// The words of all entries for a component, and its verdict.
    pub(crate) fn words(
        &mut self,
        entries: &[Entry],
        component: usize,
        truth: Truth,
    ) -> (Vec<Word>, Outcome) {
        let input = component % self.at.len();
        let claims: Vec<Option<Claim>> =
            entries.iter().map(|entry| self.claim(entry, component, input)).collect();
        let words = match truth {
            Truth::Word(word) => {
                let word = |claim: &Option<Claim>| claim.map_or(Outcome::Refused, |_| word);
                claims.iter().map(|claim| ((word(claim), 0.0), Mark::Plain)).collect()
            }
            Truth::Slope { slope, removable } => {
                self.against_truth(entries, &claims, slope, removable, input)
            }
            Truth::Open => self.by_majority(entries, &claims, input),
        };
        let unwritten = matches!(truth, Truth::Slope { removable: true, .. }) && !self.value.is_finite();
        let verdict = verdict(entries, &words, truth, unwritten);
        (words, verdict)
    }

    /// What an entry claims of a component, and how sure it is.
    fn claim(&self, entry: &Entry, component: usize, input: usize) -> Option<Claim> {
        let answer = entry.answer.as_ref()?;
        let value = answer.gradient[component];
        let radius = match &answer.error_estimate {
            Some(estimate) if estimate[component].is_nan() => f64::INFINITY,
            Some(estimate) => estimate[component],
            None => match entry.spec {
                StrategySpec::Numerical(Numerical { scheme, .. }) => {
                    self.unestimated_radius(value, scheme, input)
                }
                _ => 0.0,
            },
        };
        Some(Claim { value, radius })
    }

    /// What a scheme without an estimate of its own should reach: ten times the error of its order at its best step.
    fn unestimated_radius(&self, slope: f64, scheme: Scheme, input: usize) -> f64 {
        let order = match scheme {
            Scheme::Forward => 1.0,
            Scheme::Central2 => 2.0,
            Scheme::Central4 => 4.0,
            Scheme::Central6 | Scheme::Richardson | Scheme::Adaptive => 6.0,
        };
        let x = self.at[input].abs();
        let per_step = self.value.abs() / if x == 0.0 { 1.0 } else { x };
        10.0 * f64::EPSILON.powf(order / (order + 1.0)) * slope.abs().max(per_step)
    }

    /// The Taylor remainder of a slope along an input.
    fn remainder(&mut self, slope: f64, rounding: f64, input: usize) -> Remainder {
        if !slope.is_finite() {
            return Remainder::CannotSee(Unseen::NoValue);
        }
        let (f, nodes) = (self.subject.at_hand().unwrap_or(self.subject.written()), self.nodes);
        let (output, at) = (self.output, self.at);
        check(Claimed { f, nodes, output, at, input, slope, rounding }, self.certified, self.work)
    }

    /// What rounding does to a component: nothing that is known, where the function is too large.
    fn rounding(&mut self, input: usize) -> f64 {
        let (subject, output, at) = (self.subject, self.output, self.at);
        let bounds = self.rounding.get_or_insert_with(|| {
            let f = subject.unrolled_within(rounding::MOST_NODES as u64);
            f.and_then(|f| rounding_error(f, output, at)).unwrap_or_default()
        });
        // Two computations are compared, and neither is one of those that were perturbed.
        bounds.get(input).map_or(0.0, |bound| 4.0 * bound)
    }

    /// Judges a claim; what rounding does is looked at where nothing else makes it agree.
    fn judge(&mut self, claim: Claim, truth: f64, scale: f64, input: usize) -> Verdict {
        let exact = judge(claim, truth, 0.0, scale);
        if exact.disagrees() { judge(claim, truth, self.rounding(input), scale) } else { exact }
    }

    fn suspect(&mut self, input: usize, entry: Option<usize>, why: Why, digits: f64) {
        self.suspects.push(Suspect { output: self.output, input, entry, why, digits });
    }

    /// What an error of a component that is 0 is held against.
    fn terms(&mut self, input: usize) -> f64 {
        let (subject, output, at) = (self.subject, self.output, self.at);
        let terms = self.terms.get_or_insert_with(|| {
            let f = subject.unrolled_within(rounding::MOST_NODES as u64);
            f.map(|f| absolute_terms(f, output, at)).unwrap_or_default()
        });
        terms.get(input).copied().unwrap_or(self.scale)
    }

    /// The word for each strategy where the true slope is known.
    fn against_truth(
        &mut self,
        entries: &[Entry],
        claims: &[Option<Claim>],
        truth: f64,
        removable: bool,
        input: usize,
    ) -> Vec<Word> {
        let mut words: Vec<Word> = Vec::with_capacity(entries.len());
        let mut contradicted = false;
        for (k, entry) in entries.iter().enumerate() {
            let Some(claim) = claims[k] else {
                words.push(((Outcome::Refused, 0.0), Mark::Plain));
                continue;
            };
            words.push(if entry.spec.is_finite_difference() {
                let estimates = entry.answer.as_ref().is_some_and(|answer| answer.error_estimate.is_some());
                let (word, overruled) = self.of_difference((k, estimates), claim, truth, input);
                contradicted |= overruled;
                word
            } else {
                self.of_analytic(k, claim, truth, removable, input)
            });
        }
        if contradicted {
            self.suspect(input, None, Why::Contradicted, 0.0);
            // Reference, symbolic and backprop share a table of rules, and values say that it is wrong here.
            for word in words.iter_mut().filter(|word| word.0.0 == Outcome::Agree) {
                word.0.0 = Outcome::Disagree;
            }
        }
        words
    }

    /// Of an answer that is exact up to rounding.
    fn of_analytic(&mut self, entry: usize, claim: Claim, truth: f64, removable: bool, input: usize) -> Word {
        if claim.value.is_nan() && removable && !self.value.is_finite() {
            return ((Outcome::Removable, 0.0), Mark::Plain);
        }
        let scale = if truth == 0.0 && claim.value != 0.0 { self.terms(input) } else { 0.0 };
        let found = self.judge(claim, truth, scale, input);
        if found.agrees() {
            return ((Outcome::Agree, found.digits()), Mark::Plain);
        }
        self.suspect(input, Some(entry), Why::Off, found.digits());
        let mark = if matches!(found, Verdict::TooCoarse { .. }) { Mark::Lost } else { Mark::Plain };
        ((Outcome::Disagree, found.digits()), mark)
    }

    /// Of finite differences: the word, and whether values side with them against the slope that is taken for the true one.
    fn of_difference(
        &mut self,
        (entry, estimates): (usize, bool),
        claim: Claim,
        truth: f64,
        input: usize,
    ) -> (Word, bool) {
        let found = self.judge(claim, truth, self.scale, input);
        let digits = found.digits();
        if found.agrees() {
            return (((Outcome::Agree, digits), Mark::Plain), false);
        }
        if !claim.value.is_finite() || matches!(found, Verdict::TooCoarse { .. }) {
            self.suspect(input, Some(entry), Why::Coarse, digits);
            return (((Outcome::Unchecked, digits), Mark::Plain), false);
        }
        let near = if digits >= FEWEST_DIGITS { Outcome::Agree } else { Outcome::Unchecked };
        match self.remainder(truth, 0.0, input) {
            Remainder::Contradicts => (((Outcome::Disagree, digits), Mark::Plain), true),
            // A scheme without an estimate of its own contradicts none.
            _ if !estimates => {
                self.suspect(input, Some(entry), Why::Coarse, digits);
                (((near, digits), Mark::Plain), false)
            }
            Remainder::Confirms => {
                self.suspect(input, Some(entry), Why::Estimate(None), digits);
                (((near, digits), Mark::Contradicts), false)
            }
            Remainder::CannotSee(unseen) => {
                self.suspect(input, Some(entry), Why::Estimate(Some(unseen)), digits);
                (((near, digits), Mark::Contradicts), false)
            }
        }
    }

    /// The word for each strategy without a reference: who differs from the others while these agree is the outlier, and
    /// finite differences that contradict all others are never outvoted without a look at the Taylor remainder.
    fn by_majority(&mut self, entries: &[Entry], claims: &[Option<Claim>], input: usize) -> Vec<Word> {
        let mut verdict = |i: usize, j: usize| -> Option<Verdict> {
            let (a, b) = (claims[i]?, claims[j]?);
            // Two that are not finite neither agree nor contradict each other.
            if !a.value.is_finite() && !b.value.is_finite() {
                return None;
            }
            // The wider claim is judged against the narrower number, and what is as narrow against one that is 0.
            let first_is_wide = a.radius > b.radius || a.radius == b.radius && a.value != 0.0;
            let (wide, narrow) = if first_is_wide { (a, b) } else { (b, a) };
            Some(self.judge(wide, narrow.value, self.scale, input))
        };
        let mut words: Vec<Word> = (0..entries.len())
            .map(|i| {
                let others: Vec<Verdict> =
                    (0..entries.len()).filter(|&j| j != i).filter_map(|j| verdict(i, j)).collect();
                let digits = others.iter().map(|other| other.digits()).fold(0.0, f64::max);
                let word = match others.as_slice() {
                    _ if claims[i].is_none() => Outcome::Refused,
                    others if others.iter().any(|other| other.agrees()) => Outcome::Agree,
                    others if others.iter().any(|other| other.disagrees()) => Outcome::Disagree,
                    _ => Outcome::Unchecked,
                };
                ((word, digits), Mark::Plain)
            })
            .collect();
        let among = |k: &usize| !entries[*k].spec.is_finite_difference() && claims[*k].is_some();
        let analytic: Vec<usize> = (0..entries.len()).filter(among).collect();
        let is = |k: &usize, word: Outcome| words[*k].0.0 == word;
        // However many others agree with each other.
        let split = analytic.iter().any(|k| is(k, Outcome::Disagree));
        let differences: Vec<usize> = (0..entries.len())
            .filter(|k| entries[*k].spec.is_finite_difference())
            .filter(|k| is(k, Outcome::Disagree) || split && is(k, Outcome::Agree))
            .collect();
        if split || !differences.is_empty() {
            self.arbitrate(claims, &analytic, &differences, input, &mut words);
        }
        for (entry, word) in entries.iter().zip(&mut words) {
            // A scheme without an estimate of its own contradicts none.
            if entry.answer.as_ref().is_some_and(|answer| answer.error_estimate.is_none()) {
                word.1 = Mark::Plain;
            }
        }
        for (k, entry) in entries.iter().enumerate() {
            if words[k].0.0 == Outcome::Disagree && !entry.spec.is_finite_difference() {
                self.suspect(input, Some(k), Why::Off, words[k].0.1);
            }
        }
        words
    }

    /// Finite differences contradict every other answer, or analytic answers each other: the Taylor remainder of each of
    /// their slopes decides.
    fn arbitrate(
        &mut self,
        claims: &[Option<Claim>],
        analytic: &[usize],
        differences: &[usize],
        input: usize,
        words: &mut [Word],
    ) {
        let slope = |k: usize| claims[k].map_or(f64::NAN, |claim| claim.value);
        let mut asked: Vec<(f64, Remainder)> = Vec::new();
        for &k in analytic.iter().filter(|&&k| slope(k).is_finite()) {
            let same = |(other, _): &&(f64, Remainder)| shared_digits(*other, slope(k)) >= NEARLY_ALL;
            let remainder = match asked.iter().find(same) {
                Some((_, remainder)) => *remainder,
                None => {
                    let rounding = self.rounding(input);
                    self.remainder(slope(k), rounding, input)
                }
            };
            asked.push((slope(k), remainder));
            words[k].0.0 = match remainder {
                Remainder::Confirms => Outcome::Agree,
                Remainder::Contradicts => Outcome::Disagree,
                // One analytic answer alone is checked by nothing then.
                Remainder::CannotSee(_) if analytic.len() == 1 => Outcome::Unchecked,
                Remainder::CannotSee(_) => words[k].0.0,
            };
        }
        let confirmed = asked.iter().find(|(_, remainder)| *remainder == Remainder::Confirms);
        if confirmed.is_none() && asked.iter().any(|(_, remainder)| *remainder == Remainder::Contradicts) {
            self.suspect(input, None, Why::Contradicted, 0.0);
        }
        let right = confirmed.or(asked.first()).map_or(f64::NAN, |(slope, _)| *slope);
        for &i in differences {
            let own = slope(i);
            let digits = if right.is_finite() { shared_digits(own, right) } else { 0.0 };
            // What agrees with an analytic answer shares its fate.
            let shared = claims[i].and_then(|claim| {
                let same =
                    |(other, _): &&(f64, Remainder)| self.judge(claim, *other, self.scale, input).agrees();
                asked.iter().find(same).copied()
            });
            match shared {
                Some((_, Remainder::CannotSee(_))) => continue,
                Some((other, remainder)) => {
                    let right = remainder == Remainder::Confirms;
                    let word = if right { Outcome::Agree } else { Outcome::Disagree };
                    words[i].0 = (word, shared_digits(own, other));
                    continue;
                }
                None => {}
            }
            words[i].0 = (if digits >= FEWEST_DIGITS { Outcome::Agree } else { Outcome::Unchecked }, digits);
            match (confirmed, asked.first()) {
                (Some(_), _) => {
                    words[i].1 = Mark::Contradicts;
                    self.suspect(input, Some(i), Why::Estimate(None), digits);
                }
                (None, Some((_, Remainder::CannotSee(unseen)))) => {
                    words[i].1 = Mark::Contradicts;
                    self.suspect(input, Some(i), Why::Estimate(Some(*unseen)), digits);
                }
                (None, Some(_)) => {}
                // The others have no number. Theirs is wrong where this one is right.
                (None, None) => {
                    let right =
                        self.remainder(own, HONESTY * claims[i].map_or(0.0, |claim| claim.radius), input)
                            == Remainder::Confirms;
                    let [mine, theirs] =
                        if right { [Outcome::Agree, Outcome::Disagree] } else { [Outcome::Unchecked; 2] };
                    words[i].0.0 = mine;
                    analytic.iter().for_each(|&k| words[k].0.0 = theirs);
                }
            }
        }
    }
}

/// The verdict of a component over its strategies: disagree if one does, else agree if one does, else what the function
/// itself is there. `unwritten`: the derivative exists, and the function as written has no value.
fn verdict(entries: &[Entry], words: &[Word], truth: Truth, unwritten: bool) -> Outcome {
    let any = |wanted: Outcome| words.iter().any(|((word, _), _)| *word == wanted);
    if any(Outcome::Disagree) {
        Outcome::Disagree
    } else if !entries.is_empty() && words.iter().all(|((word, _), _)| *word == Outcome::Refused) {
        Outcome::Refused
    } else if let Truth::Word(word) = truth {
        word
    } else if unwritten {
        Outcome::Removable
    } else if any(Outcome::Agree) {
        Outcome::Agree
    } else {
        Outcome::Unchecked
    }
}
