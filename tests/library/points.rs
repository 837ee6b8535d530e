//! The status and the derivative of every component at the hard points of ../shared/cases/points.tsv, and at more of our
//! own (`points.tsv`), whose answers were derived by hand.

use std::path::Path;

use reference::{Certificate, Component, Limits, certify};

/// The statuses from the worst to the best: a row of several components states the worst of them.
const WORST_FIRST: [&str; 6] = ["undecided", "undefined", "kink", "overflow", "removable", "certified"];

fn worst(components: &[Component]) -> &'static str {
    let found = |word: &&&str| components.iter().any(|component| component.word() == **word);
    WORST_FIRST.iter().find(found).copied().unwrap_or("certified")
}

/// The pieces between commas outside brackets.
fn pieces(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut all) = (0, 0, Vec::new());
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' => depth -= 1,
            b',' if depth == 0 => {
                all.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    all.push(&text[start..]);
    all
}

/// A constant expression, in doubles.
fn number(text: &str) -> f64 {
    let f = syntax::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    f.evaluate((), &[])[0]
}

/// The certificate of an expression at a point, both written as on the command line.
fn certified(expression: &str, at: &str) -> Certificate {
    let f = syntax::parse(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
    let f = f.unroll(1_000_000).unwrap_or_else(|error| panic!("{expression}: {error}"));
    let mut x = Vec::new();
    for block in f.graph().blocks() {
        let value = pieces(at)
            .into_iter()
            .find_map(|piece| piece.split_once('=').filter(|(name, _)| *name == block.name))
            .unwrap_or_else(|| panic!("{at}: no value for {}", block.name))
            .1;
        match value.strip_prefix('[').and_then(|value| value.strip_suffix(']')) {
            Some(list) => x.extend(pieces(list).into_iter().map(number)),
            None => x.push(number(value)),
        }
    }
    certify(&f, &x, &Limits::default())
}

/// Whether a component has the derivative that is written with 17 digits, perhaps beyond the doubles.
fn has_derivative(component: &Component, written: &str) -> bool {
    match component {
        Component::Certified { gradient, rest, .. } => {
            let written: f64 = written.parse().expect("a number");
            // The 17th digit is rounded, and so is the double that it is read as.
            *gradient == written || ((gradient - written) + rest).abs() <= written.abs() * 2e-16
        }
        Component::Removable { gradient, .. } => *gradient == written.parse::<f64>().expect("a number"),
        Component::Overflow { mantissa, exponent } => {
            let (digits, power) = written.split_once('e').expect("beyond the doubles");
            let digits: f64 = digits.parse().expect("a number");
            power.trim_start_matches('+').parse() == Ok(*exponent) && (mantissa - digits).abs() <= 1e-8
        }
        _ => false,
    }
}

/// What is wrong with an answer; nothing where it is right.
fn fault(found: &Certificate, expected: &str, gradient: &str) -> Option<String> {
    let components = &found.gradients[0];
    let written: Vec<&str> = gradient.split(',').collect();
    let same = written.len() == components.len()
        && components
            .iter()
            .zip(&written)
            .all(|(component, written)| *written == "-" || has_derivative(component, written));
    let right = worst(components) == expected && same;
    (!right).then(|| format!("expected {expected} {gradient}, found {components:?}"))
}

/// Whether a detail of a row is so: the kind of a kink, the side of a derivative, the limit of the value, what the
/// derivative would be, the total derivative.
fn has_detail(found: &Certificate, detail: &str) -> bool {
    let components = &found.gradients[0];
    let (name, value) = detail.split_once(':').expect("name:value");
    let some = |has: &dyn Fn(&Component) -> bool| components.iter().any(has);
    match name {
        "kind" => some(
            &|c| matches!(c, Component::Kink { kind, .. } if format!("{kind:?}").eq_ignore_ascii_case(value)),
        ),
        "side" => some(&|c| match c {
            Component::Certified { side, .. } | Component::Removable { side, .. } => {
                format!("{side:?}").eq_ignore_ascii_case(value)
            }
            _ => false,
        }),
        "filled" => some(&|c| matches!(c, Component::Kink { filled, .. } if *filled == value.parse().ok())),
        "limit" => found.values[0].is_none() && found.value_limits[0] == value.parse().ok(),
        "total" => format!("{:?}", found.totals[0]).eq_ignore_ascii_case(value),
        _ => panic!("{name}: no such detail"),
    }
}

#[test]
fn points_with_answers_derived_by_hand_are_answered_so() {
    let mut faults = Vec::new();
    for line in include_str!("points.tsv").lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [expression, at, expected, gradient, details, why] = columns[..] else {
            panic!("six columns: {line}")
        };
        let found = certified(expression, at);
        let wrong = fault(&found, expected, gradient).or_else(|| {
            let wrong =
                details.split(';').filter(|d| !d.is_empty()).find(|detail| !has_detail(&found, detail));
            wrong.map(|detail| format!("not {detail}: {found:?}"))
        });
        faults.extend(wrong.map(|wrong| format!("{expression} at {at} ({why})\n  {wrong}")));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn hard_points_have_the_status_and_the_derivative_that_they_state() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases/points.tsv"));
    let Ok(table) = std::fs::read_to_string(path) else {
        eprintln!("skipped: there are no cases beside the project");
        return;
    };
    let mut faults = Vec::new();
    for line in table.lines().skip(1).filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [id, expression, at, "-", expected, gradient, why] = columns[..] else {
            panic!("seven columns, none of them sizes: {line}")
        };
        let wrong = fault(&certified(expression, at), expected, gradient);
        faults.extend(wrong.map(|wrong| format!("{id} {expression} at {at} ({why})\n  {wrong}")));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
