//! What stands in the cells of a comparison's table.

use comfy_table::Cell;
use harness::{Comparison, Entry, Outcome, Point};
use reference::{Component, How, KinkKind};

use crate::output::number::{brief, number, rounded};
use crate::output::terminal;

/// How many significant digits of numbers are shown, so that a table fits.
#[derive(Clone, Copy)]
pub(super) struct Digits {
    pub(super) certified: usize,
    pub(super) strategies: usize,
}

impl Digits {
    /// From all digits to few: those of strategies go first, since how many are right is told beside them.
    pub(super) fn descending() -> impl Iterator<Item = Digits> {
        let strategies = (10..=17).rev().map(|strategies| Digits { certified: 17, strategies });
        strategies.chain((6..=16).rev().map(|certified| Digits { certified, strategies: certified.min(9) }))
    }
}

/// The certified number, or the word for why there is none.
pub fn certified(component: &Component, digits: usize) -> String {
    let number = |value: f64| rounded(value, digits);
    match component {
        Component::Certified { gradient, .. } => number(*gradient),
        Component::Kink { kind: KinkKind::Partial, .. } => "kink, partial".to_owned(),
        Component::Kink { hull: [low, high], .. } if low.is_finite() && high.is_finite() => {
            format!("kink, {} to {}", number(*low), number(*high))
        }
        Component::Kink { kind: KinkKind::Jump, .. } => "jump".to_owned(),
        Component::Removable { gradient, how: How::Proved, .. } => {
            format!("{}\nremovable, proved", number(*gradient))
        }
        Component::Removable { gradient, how: How::Digits(digits), .. } => {
            format!("{}\nremovable, {digits} digits", number(*gradient))
        }
        Component::Overflow { mantissa, exponent } => format!("{mantissa:.2}e{exponent}"),
        other => other.word().to_owned(),
    }
}

/// What a strategy answers for a component, marked where it is wrong or compared with nothing.
pub(super) fn component(entry: &Entry, component: usize, digits: usize, colour: bool) -> Cell {
    let text = component_text(entry, component, digits);
    let Some((word, _)) = entry.answer.as_ref().map(|_| entry.components[component]) else {
        return Cell::new(text);
    };
    match word {
        Outcome::Disagree if colour => terminal::red(text),
        word if word.is_of_the_function() && colour => terminal::yellow(text),
        _ => Cell::new(text),
    }
}

/// The same without colour.
pub(super) fn component_text(entry: &Entry, component: usize, digits: usize) -> String {
    let Some(answer) = &entry.answer else { return "–".to_owned() };
    let estimate = answer.error_estimate.as_ref().map(|errors| errors[component]);
    let value = rounded(estimated(answer.gradient[component], estimate), digits);
    let (word, _) = entry.components[component];
    match word {
        Outcome::Disagree => format!("✗ {value}"),
        word if word.is_of_the_function() => format!("({value})"),
        _ => value,
    }
}

/// A number to the digits that its own error estimate leaves standing.
fn estimated(value: f64, estimate: Option<f64>) -> f64 {
    match estimate {
        Some(error) if error > 0.0 && error < value.abs() && value.is_finite() => {
            // A claimed error may be too small by a factor of ten.
            let digits =
                (value.abs().log10().floor() - (10.0 * error).log10().floor()).clamp(0.0, 17.0) as usize;
            format!("{value:.digits$e}").parse().unwrap_or(value)
        }
        _ => value,
    }
}

/// The fewest right digits of a strategy's components, where there is something to count them from.
pub(super) fn digits(entry: &Entry) -> String {
    let numbers = [Outcome::Agree, Outcome::Disagree, Outcome::Unchecked];
    let compared =
        entry.components.iter().filter(|(word, _)| entry.answer.is_some() && numbers.contains(word));
    match compared.map(|(_, digits)| *digits).reduce(f64::min) {
        Some(17.0) => "all".to_owned(),
        Some(digits) => format!("{digits:.1}"),
        None => String::new(),
    }
}

/// The largest condition number of all components.
pub(super) fn condition(point: &Point) -> String {
    let known = point.conditions.iter().flatten().copied().filter(|number| !number.is_nan());
    known.reduce(f64::max).map_or(String::new(), brief_or_infinite)
}

/// The bits of the worst component that are wrong, as Herbie counts them: log2(ULP + 1).
pub(super) fn bits_of_error(entry: &Entry) -> String {
    // Everything is wrong with an answer that is no number.
    worst_of(entry).map_or(String::new(), |worst| format!("{:.1}", (worst + 1.0).log2().min(64.0)))
}

/// How many doubles the worst component is from the certified one.
pub(super) fn worst_ulp(entry: &Entry) -> String {
    worst_of(entry).map_or(String::new(), |worst| match worst {
        0.0 => "0".to_owned(),
        worst => brief_or_infinite(worst),
    })
}

fn worst_of(entry: &Entry) -> Option<f64> {
    entry.ulp.iter().flatten().copied().filter(|ulp| !ulp.is_nan()).reduce(f64::max)
}

fn brief_or_infinite(value: f64) -> String {
    if value.is_infinite() { "∞".to_owned() } else { brief(value) }
}

/// The largest estimate over the components.
pub(super) fn estimate(entry: &Entry) -> String {
    let Some(answer) = &entry.answer else { return String::new() };
    match &answer.error_estimate {
        Some(errors) => {
            let worst = errors.iter().copied().fold(0.0, |a: f64, b| if a.is_nan() || a > b { a } else { b });
            if worst.is_nan() { "no answer".to_owned() } else { format!("± {}", brief(worst)) }
        }
        None if entry.spec.is_finite_difference() => "none".to_owned(),
        None => "rounding only".to_owned(),
    }
}

/// `∂f/∂x`; of several outputs `∂f[2]/∂x`.
pub fn derivative(comparison: &Comparison, name: &str, component: usize) -> String {
    let width = comparison.inputs.len();
    let input = comparison.inputs.name(component % width);
    match comparison.outputs {
        1 => format!("∂{name}/∂{input}"),
        _ => format!("∂{name}[{}]/∂{input}", component / width + 1),
    }
}

/// The outputs at a point, and what they tend to where the function as written has no value.
pub fn values(point: &Point) -> String {
    let values = match point.values.as_slice() {
        [value] => number(*value),
        values => format!("[{}]", values.iter().map(|value| number(*value)).collect::<Vec<_>>().join(", ")),
    };
    let limits = point.reference.iter().flat_map(|reference| &reference.value_limits);
    let told: Vec<String> = limits
        .zip(&point.values)
        .filter(|(_, value)| !value.is_finite())
        .filter_map(|(limit, _)| limit.map(number))
        .collect();
    match told.is_empty() {
        true => values,
        false => format!("{values} as written, {} in the limit", told.join(", ")),
    }
}
