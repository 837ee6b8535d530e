//! One sentence: the verdict, which strategy to use for this function, and why.

use harness::{Comparison, Entry, Outcome};

use crate::number::{brief, count, time};

/// The sentence.
pub(crate) fn sentence(comparison: &Comparison) -> String {
    let verdict = comparison.verdict();
    let Some(point) = comparison.points.first() else { return String::new() };
    let verdict = match verdict {
        Outcome::Agree => agreement(comparison),
        Outcome::Disagree => disagreement(comparison),
        Outcome::Kink => {
            "kink: slopes from different sides differ here, so there is no one gradient to compare".to_owned()
        }
        Outcome::Undefined => {
            "undefined: the function has no finite derivative here, so there is nothing to compare".to_owned()
        }
        Outcome::Refused => "refused: every strategy would need more than its budget".to_owned(),
        Outcome::Unchecked if point.reference.is_some() => {
            "unchecked: rounding leaves none of the answers enough digits to be compared with the certified gradient"
                .to_owned()
        }
        Outcome::Unchecked => "unchecked: nothing to compare the answer with".to_owned(),
    };
    // An analytic answer beside a certified one that says nothing of it has lost its digits.
    let lost = |entry: &Entry| {
        point.reference.is_some()
            && !entry.is_finite_difference()
            && entry.components.iter().any(|&(word, _)| word == Outcome::Unchecked)
    };
    let answers = || point.entries.iter().filter(|entry| entry.answer.is_some());
    let usable: Vec<&Entry> =
        answers().filter(|entry| entry.outcome != Outcome::Disagree && !lost(entry)).collect();
    let advice = match answers().any(lost) && usable.iter().all(|entry| entry.is_finite_difference()) {
        true if answers().any(|entry| entry.variant == "accurate") => {
            Some("write f so that less cancels: twice the digits are not enough".to_owned())
        }
        true => Some("try --variant backprop=accurate, which computes with twice the digits".to_owned()),
        false => recommendation(comparison, &usable),
    };
    match advice {
        Some(advice) if comparison.verdict() != Outcome::Disagree => format!("{verdict}; {advice}."),
        _ => format!("{verdict}."),
    }
}

fn agreement(comparison: &Comparison) -> String {
    if comparison.inputs.is_empty() {
        return "agree: there are no inputs, so the gradient is empty".to_owned();
    }
    let points = &comparison.points;
    let words = |entry: &Entry| entry.components.iter().map(|(word, _)| *word).collect::<Vec<_>>();
    let answering = || points[0].entries.iter().filter(|entry| entry.answer.is_some());
    // Digits of the components that agree, and who says nothing about how many of the others.
    let mut fewest = 17.0f64;
    let (mut nowhere, mut total) = (0, 0);
    let mut silent: Vec<(&str, usize)> = Vec::new();
    for point in points {
        for (k, entry) in point.entries.iter().filter(|entry| entry.answer.is_some()).enumerate() {
            let words = words(entry);
            for (word, (_, digits)) in words.iter().zip(&entry.components) {
                match word {
                    Outcome::Agree => fewest = fewest.min(*digits),
                    Outcome::Kink | Outcome::Undefined if k == 0 => nowhere += 1,
                    _ => {}
                }
            }
            total += if k == 0 { words.len() } else { 0 };
            let unchecked = words.iter().filter(|word| **word == Outcome::Unchecked).count();
            match silent.iter_mut().find(|(name, _)| *name == entry.strategy) {
                Some((_, count)) => *count += unchecked,
                None => silent.push((entry.strategy, unchecked)),
            }
        }
    }
    silent.retain(|(_, count)| *count > 0);
    let certified = points.iter().all(|point| point.reference.is_some());
    let sure = answering().filter(|entry| !silent.iter().any(|(name, _)| *name == entry.strategy)).count();
    let who = match (sure, answering().count()) {
        (1, 1) => answering().next().expect("one answers").strategy.to_owned(),
        (3, 3) => "all three strategies".to_owned(),
        (2, 2) => "both strategies".to_owned(),
        _ => {
            let sure = answering()
                .map(|entry| entry.strategy)
                .filter(|name| !silent.iter().any(|(other, _)| other == name));
            let sure: Vec<&str> = sure.collect();
            if sure.is_empty() { "the strategies".to_owned() } else { sure.join(" and ") }
        }
    };
    let what = if certified { "the certified gradient" } else { "the same gradient" };
    let places = if points.len() == 1 { String::new() } else { format!(" at {} points", points.len()) };
    let how = match fewest.floor() {
        17.0 => "bit for bit".to_owned(),
        0.0 => "though rounding leaves less than a digit of some components".to_owned(),
        1.0 => "to a digit or more".to_owned(),
        fewest => format!("to {fewest:.0} digits or more"),
    };
    let give = if sure == 1 { "gives" } else { "give" };
    let mut sentence = format!("agree: {who} {give} {what}{places}, {how}");
    if nowhere > 0 {
        sentence += &format!(
            ", where there is one ({} of {} components have none)",
            count(nowhere),
            count(total as u64)
        );
    }
    for (name, unchecked) in silent {
        sentence +=
            &format!("; {name} can say nothing about {} of {}", count(unchecked as u64), count(total as u64));
    }
    sentence
}

fn disagreement(comparison: &Comparison) -> String {
    let k = comparison.points.iter().position(|point| point.verdict == Outcome::Disagree).unwrap_or(0);
    let outliers: Vec<&str> = comparison.points[k]
        .entries
        .iter()
        .filter(|entry| entry.outcome == Outcome::Disagree)
        .map(|entry| entry.strategy)
        .collect();
    format!("disagree: {} at point {} (✗ marks the components)", outliers.join(" and "), k + 1)
}

/// Which of the usable strategies to take: the cheapest per gradient among the analytic ones.
fn recommendation(comparison: &Comparison, usable: &[&Entry]) -> Option<String> {
    let f = comparison.function_times?.min;
    let steady = |entry: &&&Entry| entry.gradient_times.map(|times| times.min);
    let best = usable
        .iter()
        .filter(|entry| !entry.is_finite_difference())
        .min_by(|a, b| steady(a).partial_cmp(&steady(b)).expect("times are numbers"));
    let Some(best) = best else {
        return Some("the finite differences stand alone".to_owned());
    };
    let other = usable.iter().find(|entry| !entry.is_finite_difference() && entry.strategy != best.strategy);
    let times = best.gradient_times?;
    let mut advice = format!(
        "use {}: exact up to rounding, {} per gradient, {}× one evaluation of f",
        best.strategy,
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
                "use {}: exact up to rounding, {} per gradient, {}× one evaluation of f, and ready in {} where {} takes {}",
                other.strategy,
                time(theirs),
                brief(theirs / f),
                time(other.prepare?),
                best.strategy,
                time(best.prepare?)
            );
        } else if dearer > 0.0 {
            let pays = (dearer / saved).ceil();
            advice += &format!(
                ", if you need more than {} gradients; for fewer, {} is ready in {} instead of {}",
                count(pays as u64),
                other.strategy,
                time(other.prepare?),
                time(best.prepare?)
            );
        } else {
            advice += &format!(", and {} costs {}", other.strategy, time(theirs));
        }
    }
    if let Some(numerical) = usable.iter().find(|entry| entry.is_finite_difference()) {
        advice += &format!("; finite differences take {} of f", evaluations(numerical.cost.evaluations));
    }
    Some(advice)
}

fn evaluations(number: u64) -> String {
    format!("{} evaluation{}", count(number), if number == 1 { "" } else { "s" })
}
