//! One sentence: the verdict, which strategy to use for this function, and why. It says no more than the components do.

use chainrule::{AccurateBackprop, Strategy, StrategyName};
use harness::{Comparison, Entry, Kind, Outcome, Point};
use reference::{Component, KinkKind};
use syntax::{Setting, Words};

use crate::output::number::{brief, count, time};

/// The sentence; with all figures, or with those that decide.
pub(crate) fn sentence(comparison: &Comparison, all: bool, words: Words) -> String {
    if comparison.points.is_empty() {
        return "unchecked: there is no point.".to_owned();
    }
    let verdict = comparison.verdict();
    let k = comparison.points.iter().position(|point| point.verdict == verdict).unwrap_or(0);
    let point = &comparison.points[k];
    let place = if comparison.points.len() == 1 { String::new() } else { format!(" at point {}", k + 1) };
    let told = match verdict {
        Outcome::Agree => agreement(comparison),
        Outcome::Disagree => disagreement(comparison, point) + &place,
        Outcome::Refused => "refused: every strategy would need more than its budget".to_owned(),
        verdict => nothing_to_compare(comparison, point, verdict, &place),
    };
    let mut parts = vec![told];
    parts.extend(contradictions(comparison));
    parts.extend(match verdict {
        Outcome::Agree => recommendation(comparison, all),
        Outcome::Disagree => [remedy(point, words), recommendation(comparison, all)]
            .into_iter()
            .flatten()
            .reduce(|a, b| a + "; " + &b),
        Outcome::Removable => instead(point),
        _ => None,
    });
    format!("{}.", parts.join("; "))
}

/// Inputs that a sentence names.
const MOST_INPUTS: usize = 3;

/// The inputs, or components, that have this word: ` by x and y`.
fn by(comparison: &Comparison, components: impl Iterator<Item = usize>) -> String {
    let width = comparison.inputs.len().max(1);
    let name = |component: usize| match comparison.outputs {
        1 => comparison.inputs.name(component),
        _ => format!("{} of output {}", comparison.inputs.name(component % width), component / width + 1),
    };
    let mut components = components;
    let names: Vec<String> = components.by_ref().take(MOST_INPUTS).map(name).collect();
    let more = components.count();
    match names.as_slice() {
        [] => String::new(),
        names if more > 0 => format!(" by {} and {} more", names.join(", "), count(more as u64)),
        [one] => format!(" by {one}"),
        [first @ .., last] => format!(" by {} and {last}", first.join(", ")),
    }
}

fn with_word(words: &[Outcome], wanted: Outcome) -> impl Iterator<Item = usize> + '_ {
    words.iter().enumerate().filter(move |(_, word)| **word == wanted).map(|(component, _)| component)
}

fn is_partial(comparison: &Comparison, point: &Point, component: usize) -> bool {
    let width = comparison.inputs.len().max(1);
    let found =
        point.reference.as_ref().map(|reference| &reference.gradients[component / width][component % width]);
    matches!(found, Some(Component::Kink { kind: KinkKind::Partial, .. }))
}

/// The verdict where no component disagrees and some component has nothing to be compared with.
fn nothing_to_compare(comparison: &Comparison, point: &Point, verdict: Outcome, place: &str) -> String {
    let by = by(comparison, with_word(&point.components, verdict));
    let certified = point.reference.is_some();
    let certified_all = certified
        || with_word(&point.components, verdict).all(|component| point.sampled(component).is_some());
    let answers = point.entries.iter().filter(|entry| entry.answer.is_some()).count();
    let what = match verdict {
        // Partial derivatives exist there; the total derivative does not.
        Outcome::Kink if with_word(&point.components, verdict).any(|k| is_partial(comparison, point, k)) => {
            format!(
                "the function has no total derivative{by} here{place}, so strategies are not compared there"
            )
        }
        Outcome::Kink if certified_all => {
            format!("there is no derivative{by} here{place}, so strategies are not compared there")
        }
        Outcome::Kink => format!(
            "an operator has a kink or a jump here{place}, and without a reference it is not known whether there is a derivative{by}"
        ),
        Outcome::Undefined if certified_all => {
            format!("the function has no finite derivative{by} here{place}, so there is nothing to compare")
        }
        Outcome::Undefined => format!(
            "an operator has no value or no finite slope here{place}, and without a reference it is not known whether there is a derivative{by}"
        ),
        Outcome::Overflow => {
            format!(
                "the derivative{by} is larger than the largest double{place}, so strategies are not compared there"
            )
        }
        Outcome::Removable => format!(
            "f as written has no value here{place}, and extended by continuity it has a derivative{by}, given beside the answers"
        ),
        _ if certified
            && point.reference.iter().any(|reference| {
                reference
                    .gradients
                    .iter()
                    .flatten()
                    .any(|component| matches!(component, Component::Undecided { .. }))
            }) =>
        {
            format!(
                "the reference did not decide the derivative{by}{place}, so nothing can be said of the answers"
            )
        }
        _ if certified => {
            format!("the answers{by} have too few digits to be compared with the certified gradient{place}")
        }
        _ if answers < 2 => format!("nothing to compare the answer with{place}"),
        _ => format!(
            "nothing can be said of the answers{by}{place}: not all are numbers, or rounding leaves too few digits"
        ),
    };
    let agreeing = with_word(&point.components, Outcome::Agree).count();
    let others = match agreeing {
        0 => String::new(),
        all => format!(
            "; the other answers agree in {} of {} components",
            count(all as u64),
            count(point.components.len() as u64)
        ),
    };
    format!("{}: {what}{others}", verdict.word())
}

/// Finite differences that contradict their own estimate are named, whatever the verdict.
fn contradictions(comparison: &Comparison) -> Option<String> {
    let (k, entry) = comparison.points.iter().enumerate().find_map(|(k, point)| {
        Some((k, point.entries.iter().find(|entry| !entry.contradictions.is_empty())?))
    })?;
    let by = by(comparison, entry.contradictions.iter().copied());
    let place = if comparison.points.len() == 1 { String::new() } else { format!(" at point {}", k + 1) };
    Some(format!("{} contradicts its own error estimate{by}{place}", entry.spec.name()))
}

fn agreement(comparison: &Comparison) -> String {
    if comparison.inputs.is_empty() {
        return "agree: there are no inputs, so the gradient is empty".to_owned();
    }
    let points = &comparison.points;
    let total = points.len() * comparison.outputs * comparison.inputs.len();
    // Who gives how many components, over all points.
    let given = |k: usize| {
        let words = points.iter().flat_map(|point| point.entries[k].components.iter());
        words.filter(|(word, _)| *word == Outcome::Agree).count()
    };
    let name = |k: usize| points[0].entries[k].spec.name().as_str();
    let answering: Vec<usize> = (0..points[0].entries.len())
        .filter(|&k| points.iter().any(|point| point.entries[k].answer.is_some()))
        .collect();
    let whole: Vec<usize> = answering.iter().copied().filter(|&k| given(k) == total).collect();
    let digits = points.iter().flat_map(|point| &point.entries).flat_map(|entry| &entry.components);
    let fewest =
        digits.filter(|(word, _)| *word == Outcome::Agree).map(|(_, digits)| *digits).fold(17.0, f64::min);
    let how = match fewest.floor() {
        17.0 => "bit for bit".to_owned(),
        fewest => format!("to {fewest:.0} digits or more"),
    };
    let who = match (whole.len(), answering.len()) {
        (3, 3) => "all three strategies".to_owned(),
        (2, 2) => "both strategies".to_owned(),
        (0, _) => "the strategies together".to_owned(),
        _ => whole.iter().map(|&k| name(k)).collect::<Vec<_>>().join(" and "),
    };
    let give = if whole.len() == 1 { "gives" } else { "give" };
    let places = if points.len() == 1 { String::new() } else { format!(" at {} points", points.len()) };
    let mut sentence = format!("agree: {who} {give} {}{places}, {how}", what(points));
    for k in answering.into_iter().filter(|k| !whole.contains(k)) {
        let missing = total - given(k);
        sentence += &format!(
            "; {} can say nothing about {} of {}",
            name(k),
            count(missing as u64),
            count(total as u64)
        );
    }
    sentence
}

/// What is agreed on.
fn what(points: &[Point]) -> &'static str {
    let mut references = points.iter().filter_map(|point| point.reference.as_ref());
    let is_certified = |component: &Component| matches!(component, Component::Certified { .. });
    let by_itself = |point: &Point| point.reference.is_none() && point.sampled.len() < point.components.len();
    if points.iter().any(by_itself) {
        "the same gradient"
    } else if references.all(|reference| reference.gradients.iter().flatten().all(is_certified)) {
        "the certified gradient"
    } else {
        "the gradient that is certified or, at a removable singularity, known"
    }
}

fn disagreement(comparison: &Comparison, point: &Point) -> String {
    let outliers: Vec<&str> = point
        .entries
        .iter()
        .filter(|entry| entry.outcome == Outcome::Disagree)
        .map(|entry| entry.spec.name().as_str())
        .collect();
    let by = by(comparison, with_word(&point.components, Outcome::Disagree));
    let rule = point.causes.iter().any(|cause| cause.kind == Kind::Rule && cause.strategy.is_none());
    let known = point.reference.is_some()
        || with_word(&point.components, Outcome::Disagree)
            .all(|component| point.sampled(component).is_some());
    let other = match (rule, known) {
        (true, _) => "the slope that the values of f show",
        (false, true) => "the derivative",
        (false, false) => "other answers to the derivative",
    };
    let contradict = if outliers.len() == 1 { "contradicts" } else { "contradict" };
    format!("disagree: {} {contradict} {other}{by} (✗ marks the components)", outliers.join(" and "))
}

/// What may help where answers are wrong, by their causes.
fn remedy(point: &Point, words: Words) -> Option<String> {
    let causes = || {
        let analytic =
            |entry: &Entry| !entry.spec.is_finite_difference() && entry.outcome == Outcome::Disagree;
        let wrong: Vec<StrategyName> =
            point.entries.iter().filter(|e| analytic(e)).map(|e| e.spec.name()).collect();
        point.causes.iter().filter(move |cause| cause.strategy.is_some_and(|own| wrong.contains(&own)))
    };
    let any = |kinds: &[Kind]| causes().find(|cause| kinds.contains(&cause.kind));
    if let Some(instead) = instead(point) {
        return Some(instead);
    }
    if let Some(better) = causes().find_map(|cause| cause.better.as_ref()) {
        return Some(format!("{better} is the same derivative, and keeps its digits"));
    }
    let right = |entry: &Entry| !entry.spec.is_finite_difference() && entry.outcome == Outcome::Agree;
    if any(&[Kind::IllConditioned]).is_some() && !point.entries.iter().any(right) {
        return Some("no strategy in double precision can be trusted here".to_owned());
    }
    if any(&[Kind::Rewrite]).is_some() {
        return words(&Setting::Unsimplified);
    }
    if any(&[Kind::Overflow, Kind::Underflow]).is_some() {
        return Some("write f so that no number on the way leaves the range of doubles".to_owned());
    }
    if let Some(cause) = any(&[Kind::Cancellation, Kind::Formula]) {
        let tried = point.entries.iter().any(|entry| entry.spec == AccurateBackprop.spec());
        let accurate = (cause.accurate_helps && !tried).then(|| words(&Setting::Accurate)).flatten();
        return Some(accurate.unwrap_or_else(|| "write f so that less cancels".to_owned()));
    }
    None
}

/// Another form of the function, where one was tried and certified.
fn instead(point: &Point) -> Option<String> {
    let better = point.causes.iter().filter(|cause| cause.kind == Kind::Removable);
    let better = better.filter_map(|cause| cause.better.as_ref()).next()?;
    Some(format!("write {better} instead"))
}

/// Fewer digits than this are told of a strategy that is recommended.
const PLENTY: f64 = 9.0;

/// Which strategy to take: the cheapest per gradient among the analytic ones that agree in every component at every point.
fn recommendation(comparison: &Comparison, all: bool) -> Option<String> {
    let f = comparison.function_times?.min;
    let points = &comparison.points;
    let usable = |k: &usize| {
        points.iter().all(|point| {
            let entry = &point.entries[*k];
            entry.answer.is_some() && entry.components.iter().all(|(word, _)| *word == Outcome::Agree)
        })
    };
    let entries: Vec<&Entry> =
        (0..points[0].entries.len()).filter(usable).map(|k| &points[0].entries[k]).collect();
    let steady = |entry: &&&Entry| entry.gradient_times.map(|times| times.min);
    let analytic = || entries.iter().filter(|entry| !entry.spec.is_finite_difference());
    let best = analytic().min_by(|a, b| steady(a).partial_cmp(&steady(b)).expect("times are numbers"))?;
    let other = analytic().find(|entry| entry.spec.name() != best.spec.name());
    let times = best.gradient_times?;
    let exact = |entry: &Entry| {
        let all = points.iter().flat_map(|point| &point.entries);
        let own = all.filter(|other| other.spec == entry.spec);
        let digits = own.flat_map(|entry| &entry.components).map(|(_, digits)| *digits).fold(17.0, f64::min);
        if digits < PLENTY {
            format!("right to {:.0} digits", digits.floor())
        } else {
            "exact up to rounding".to_owned()
        }
    };
    if !all {
        return Some(match other.and_then(|other| Some((other, best.prepare?, other.prepare?))) {
            Some((other, own, sooner)) if sooner < own => format!(
                "use {}: {}, {} per gradient; {} is ready sooner ({} instead of {})",
                best.spec.name(),
                exact(best),
                time(times.min),
                other.spec.name(),
                time(sooner),
                time(own)
            ),
            _ => format!("use {}: {}, {} per gradient", best.spec.name(), exact(best), time(times.min)),
        });
    }
    let mut advice = format!(
        "use {}: {}, {} per gradient, {}× one evaluation of f",
        best.spec.name(),
        exact(best),
        time(times.min),
        brief(times.min / f)
    );
    if let Some(other) = other {
        let (ours, theirs) = (times.min, other.gradient_times?.min);
        let saved = theirs - ours;
        let dearer = best.prepare? - other.prepare?;
        if ours > 0.9 * theirs && dearer > 0.0 {
            // As good as equal: the one that is ready sooner.
            advice = format!(
                "use {}: {}, {} per gradient, {}× one evaluation of f, and ready in {} where {} takes {}",
                other.spec.name(),
                exact(other),
                time(theirs),
                brief(theirs / f),
                time(other.prepare?),
                best.spec.name(),
                time(best.prepare?)
            );
        } else if dearer > 0.0 {
            let pays = (dearer / saved).ceil();
            advice += &format!(
                ", if you need more than {} gradients; for fewer, {} is ready in {} instead of {}",
                count(pays as u64),
                other.spec.name(),
                time(other.prepare?),
                time(best.prepare?)
            );
        } else {
            advice += &format!(", and {} costs {}", other.spec.name(), time(theirs));
        }
    }
    if let Some(numerical) = entries.iter().find(|entry| entry.spec.is_finite_difference()) {
        advice += &format!("; finite differences take {} of f", evaluations(numerical.cost.evaluations));
    }
    Some(advice)
}

fn evaluations(number: u64) -> String {
    format!("{} evaluation{}", count(number), if number == 1 { "" } else { "s" })
}
