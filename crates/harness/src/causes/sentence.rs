//! Causes in words. Numbers are those of the point: its slopes, hulls and limits.

use chainrule::StrategyName;
use expr::{Function, NodeId};
use reference::{Component, How, KinkKind};

use super::{Cause, Kind, component};
use crate::outcome::Outcome;
use crate::point::Point;
use crate::suspect::{Suspect, Why};
use crate::taylor_test::Unseen;

/// A double, readable at every size.
fn number(value: f64) -> String {
    match value.abs() {
        size if size == 0.0 || (1e-4..1e15).contains(&size) || !size.is_finite() => format!("{value}"),
        _ => format!("{value:e}"),
    }
}

/// Inputs that a sentence names.
const MOST_INPUTS: usize = 3;

/// `x`, `x and y`, `x, y and 3 more`, of the components that are like this one.
fn inputs(f: &Function, output: usize, like: impl Fn(usize) -> bool) -> String {
    let names = f.input_names();
    let all: Vec<&str> = (0..names.len()).filter(|&input| like(input)).map(|input| &*names[input]).collect();
    let named = all.iter().take(MOST_INPUTS).copied().collect::<Vec<_>>();
    let by = match (all.len() > MOST_INPUTS, named.as_slice()) {
        (true, named) => format!("{} and {} more", named.join(", "), all.len() - MOST_INPUTS),
        (false, [first @ .., last]) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        (false, named) => named.join(""),
    };
    if f.outputs().len() == 1 { format!("by {by}") } else { format!("of output {} by {by}", output + 1) }
}

/// What the function itself is there.
pub(super) fn of_function(f: &Function, point: &Point, cause: &Cause) -> Option<String> {
    let row = &point.reference.as_ref()?.gradients[cause.output];
    let own = &row[cause.input];
    let like = |input: usize| row[input].word() == own.word() && row[input].node() == own.node();
    let by = inputs(f, cause.output, like);
    let node = &cause.node;
    let alike = (0..row.len()).filter(|&input| like(input)).count();
    Some(match own {
        Component::Kink { kind, hull: [low, high], filled, .. } => {
            let slopes = low.is_finite() && high.is_finite() && alike == 1;
            match kind {
                KinkKind::Jump => match filled {
                    Some(slope) => format!(
                        "jump {by} at {node}: only the value at the point itself differs, without it the derivative would be {}",
                        number(*slope)
                    ),
                    None => format!("jump {by} at {node}"),
                },
                KinkKind::Partial => format!(
                    "kink {by} at {node}: the partial derivatives exist, and slopes in other directions do not fit them"
                ),
                KinkKind::Corner | KinkKind::Tie if slopes => {
                    format!("kink {by} at {node}: slopes from {} to {}", number(*low), number(*high))
                }
                KinkKind::Corner | KinkKind::Tie => format!("kink {by} at {node}"),
            }
        }
        Component::Undefined { node: None } => {
            let names = f.input_names();
            let input = point.at.iter().position(|x| !x.is_finite())?;
            format!("{} is not a finite number", names[input])
        }
        Component::Undefined { node: Some(id) } => {
            let values = f.values((), &point.at);
            let graph = f.graph();
            let arguments: Vec<f64> = graph.children(*id).iter().map(|child| values[child.index()]).collect();
            let fact = graph.node(*id).op().and_then(|op| op.undefined_at(&arguments));
            let fact = fact.map_or(String::new(), |fact| format!(", where {fact}"));
            format!("no finite derivative {by}: {node}{fact}")
        }
        Component::Overflow { mantissa, exponent } => {
            let what = if alike == 1 {
                format!("it is {}", overflowing(*mantissa, *exponent))
            } else {
                "they are".to_owned()
            };
            let which = if alike == 1 { "derivative" } else { "derivatives" };
            let beyond =
                if alike == 1 { ", beyond the largest double" } else { " beyond the largest double" };
            format!("overflow of the {which} {by}: {what}{beyond}")
        }
        Component::Removable { gradient, how, .. } => {
            let how = match how {
                How::Proved => "proved".to_owned(),
                How::Digits(digits) => format!("to {digits} digits"),
            };
            let what = if alike == 1 {
                format!("the derivative is {} ({how})", number(*gradient))
            } else {
                "derivatives exist".to_owned()
            };
            let limit = point.reference.as_ref().and_then(|reference| reference.value_limits[cause.output]);
            let limit = match limit {
                Some(limit) if !point.values[cause.output].is_finite() => {
                    format!("; f as written has no value here, and {} in the limit", number(limit))
                }
                _ => String::new(),
            };
            let better = cause.better.as_ref().map_or(String::new(), |better| {
                let tried = if cause.better_is_certified { "tried and certified" } else { "tried" };
                format!("; write {better} instead: {tried} at this point")
            });
            let though = singularity(f, point, own.node());
            format!("removable {by}: {what}, though {node} {though} here{limit}{better}")
        }
        Component::Certified { .. } if cause.kind == Kind::Underflow => {
            let only = inputs(f, cause.output, |input| input == cause.input);
            format!("underflow of the derivative {only}: it is not 0, and below the smallest double")
        }
        Component::Certified { .. } | Component::Undecided { .. } => return None,
    })
}

/// What an operator does at a place that is removable.
fn singularity(f: &Function, point: &Point, node: Option<NodeId>) -> &'static str {
    let Some((id, op)) = node.and_then(|id| Some((id, f.graph().node(id).op()?))) else {
        return "has no derivative of its own";
    };
    let values = f.values((), &point.at);
    let arguments: Vec<f64> = f.graph().children(id).iter().map(|child| values[child.index()]).collect();
    if op.undefined_at(&arguments).is_some() {
        "has no value or no finite slope"
    } else if (0..op.arity()).all(|k| !op.has_slope(k)) {
        "jumps"
    } else {
        "has a kink or a branch"
    }
}

/// About `mantissa`·10^`exponent`.
fn overflowing(mantissa: f64, exponent: i64) -> String {
    format!("{mantissa:.2}e{exponent}")
}

/// What is the matter with strategies; the same of several is said once.
pub(super) fn of_strategies(f: &Function, point: &Point, suspects: &[Suspect]) -> Vec<String> {
    let mut said: Vec<(String, Vec<StrategyName>)> = Vec::new();
    for cause in point.causes.iter() {
        let shared = cause.kind == Kind::Rule && cause.strategy.is_none();
        if cause.strategy.is_none() && !shared {
            continue;
        }
        let by = inputs(f, cause.output, |input| input == cause.input);
        let what = phrase(cause, suspects, point);
        let text = if shared {
            format!(
                "the values of f contradict the certified slope {by}: the rule of {} is wrong",
                cause.node
            )
        } else {
            format!("{by}: {what}")
        };
        let who: Vec<StrategyName> = cause.strategy.into_iter().collect();
        match said.iter_mut().find(|(before, _)| *before == text) {
            Some((_, strategies)) => {
                let fresh = who.into_iter().filter(|who| !strategies.contains(who)).collect::<Vec<_>>();
                strategies.extend(fresh);
            }
            None => said.push((text, who)),
        }
    }
    said.into_iter()
        .map(|(text, who)| match who.as_slice() {
            [] => text,
            who => {
                let names: Vec<&str> = who.iter().map(|name| name.as_str()).collect();
                format!("{} {text}", names.join(" and "))
            }
        })
        .collect()
}

fn phrase(cause: &Cause, suspects: &[Suspect], point: &Point) -> String {
    let node = &cause.node;
    let difference = cause.strategy == Some(StrategyName::Numerical);
    match cause.kind {
        Kind::Step => cannot_see(cause, point),
        Kind::Estimate => estimate(cause, suspects, point),
        Kind::Kink => format!("{node} has a kink within the steps"),
        Kind::Singular if difference => format!("{node} has no finite slope, or no value, within the steps"),
        Kind::Singular => format!("0 is multiplied by the infinite slope of {node}"),
        Kind::Removable => format!("not the derivative at this removable singularity, at {node}"),
        Kind::Overflow => format!("{node} leads beyond the largest double on the way"),
        Kind::Underflow => format!("{node} leads below the smallest double on the way"),
        Kind::Cancellation if difference => format!("rounding in f hides the slope, at {node}"),
        Kind::Cancellation => format!("f itself loses digits, at {node}"),
        Kind::Formula => {
            let better =
                cause.better.as_ref().map_or(String::new(), |better| format!("; {better} keeps them"));
            format!("the formula of the derivative loses digits that f keeps, at {node}{better}")
        }
        Kind::IllConditioned => {
            "the input's last bit changes the answer; no double-precision method can do better".to_owned()
        }
        Kind::Rewrite => "right before it is simplified, and not after".to_owned(),
        Kind::Rule => format!("the rule of {node} is wrong"),
        Kind::MissingEntry => "not 0, and the pattern has no entry there".to_owned(),
    }
}

/// Why finite differences have too few digits, as far as they found out themselves.
fn cannot_see(cause: &Cause, point: &Point) -> String {
    let component = cause.output * point.at.len() + cause.input;
    let own = |entry: &&crate::point::Entry| Some(entry.spec.name()) == cause.strategy;
    let answer = point.entries.iter().find(own).and_then(|entry| entry.answer.as_ref());
    match answer.and_then(|answer| answer.blind.get(component).copied().flatten()) {
        Some(why) => format!("it cannot see the slope: {why}"),
        None => "steps are too long or too short for this function".to_owned(),
    }
}

/// What became of a finite difference that contradicts its own estimate.
fn estimate(cause: &Cause, suspects: &[Suspect], point: &Point) -> String {
    let found = suspects.iter().find_map(|suspect| {
        let own = suspect.output == cause.output
            && suspect.input == cause.input
            && suspect.entry.is_some_and(|entry| Some(point.entries[entry].spec.name()) == cause.strategy);
        match suspect.why {
            Why::Estimate(unseen) if own => Some(unseen),
            _ => None,
        }
    });
    let which = if point.reference.is_some() { "the certified slope" } else { "the other slope" };
    // That the estimate is wrong is known only where something beside the shared rules says so.
    let taylor = match found.flatten() {
        None => {
            return format!(
                "its own error estimate was wrong by more than ten times; the Taylor remainder confirms {which}"
            );
        }
        Some(Unseen::SidesDiffer) => "the Taylor remainder decides nothing: the two sides differ".to_owned(),
        Some(Unseen::Unsettled) => {
            "the Taylor remainder decides nothing: it does not settle at any step".to_owned()
        }
        Some(Unseen::NoValue) => "the Taylor remainder decides nothing: f has no value nearby".to_owned(),
        Some(Unseen::TooMuch) => {
            "the Taylor remainder was not asked: it takes more work than is granted".to_owned()
        }
    };
    format!("it contradicts {which} by more than ten times its own error estimate; {taylor}")
}

/// Answers that are wrong, and for which no experiment found why.
pub(super) fn without_cause(f: &Function, point: &Point, suspects: &[Suspect]) -> Vec<String> {
    let certified = point.reference.is_some();
    let all = suspects.iter().filter_map(|suspect| {
        let entry = &point.entries[suspect.entry?];
        let component_at = suspect.output * point.at.len() + suspect.input;
        (entry.components[component_at].0 == Outcome::Disagree).then(|| {
            let (name, of) = (entry.spec.name(), component(f, suspect.output, suspect.input));
            match certified || point.sampled(component_at).is_some() {
                true => format!("{name} by {of}: not the certified derivative, and no cause was found"),
                false => format!("{name} by {of}: not what the others answer"),
            }
        })
    });
    all.collect()
}
