//! How far differences of values, and remainders of claimed slopes, can be believed: on functions that nobody here wrote,
//! and on the hard ones among the cases. Figures: `cargo test --release -p chainrule-tests differences -- --nocapture`.

#![allow(clippy::print_stdout)] // the figures are what these tests are for

#[allow(dead_code)]
use chainrule::CompiledFunction;
use expr::{self, Function};
use numerical::{Blind, Jacobian, Remainder, Scheme, gradient, remainder};
use support::corpora::corpus;
use syntax::{ValueTree, parse, read_values};

/// A function at a point, with slopes that are known (NaN where there is none).
struct Row {
    id: String,
    f: Function,
    at: Vec<f64>,
    slopes: Vec<f64>,
    /// All inputs are one and the same.
    single: bool,
}

impl Row {
    fn differences(&self) -> Jacobian {
        let mut value = CompiledFunction::new(&self.f);
        gradient(Scheme::Adaptive, &self.at, |x| one(&mut value, x))
    }

    /// What the remainder along an input says of a slope.
    fn remainder(&self, input: usize, slope: f64) -> Remainder {
        let (mut value, mut at) = (CompiledFunction::new(&self.f), self.at.clone());
        let x = at[input];
        remainder(x, if x == 0.0 { 1.0 } else { x.abs() }, slope, |x| {
            at[input] = x;
            one(&mut value, &at)
        })
    }
}

fn one(value: &mut CompiledFunction, x: &[f64]) -> f64 {
    let mut out = [0.0];
    value.run(x, &mut out);
    out[0]
}

fn compositions() -> Option<Vec<Row>> {
    let text = corpus("compositions.tsv")?;
    let rows = text.lines().enumerate().map(|(k, line)| {
        let columns: Vec<&str> = line.split('\t').collect();
        let f = parse(columns[1]).unwrap_or_else(|error| panic!("{}: {error}", columns[1]));
        let (at, slope) = (columns[0].parse().expect("a number"), columns[2].parse().expect("a number"));
        let single = f.input_count() == 1;
        Row { id: format!("line {}", k + 1), at: vec![at; f.input_count()], f, slopes: vec![slope], single }
    });
    Some(rows.collect())
}

/// The rows of `points.tsv` where every component has a slope.
fn points() -> Option<Vec<Row>> {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases"));
    if !folder.exists() {
        eprintln!("skipped: there are no cases beside the project");
        return None;
    }
    let text = std::fs::read_to_string(folder.join("points.tsv")).expect("the cases can be read");
    let rows = text.lines().skip(1).filter(|line| !line.starts_with('#')).filter_map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [id, text, at, _, status, slopes, ..] = columns[..] else { panic!("seven columns: {line}") };
        if status != "certified" && status != "removable" {
            return None;
        }
        let f = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let f = f.unroll(1_000_000).expect("small");
        let mut point = vec![f64::NAN; f.input_count()];
        for given in read_values(at).expect("values") {
            let block = f.graph().block_named(&given.name).expect("an input");
            let start = f.position(block, 0);
            let numbers = match given.tree {
                ValueTree::Number(number) => vec![ValueTree::Number(number)],
                ValueTree::List(list) => list,
            };
            for (slot, number) in point[start..].iter_mut().zip(numbers) {
                let ValueTree::Number(number) = number else { panic!("{id}: a list of lists") };
                *slot = number;
            }
        }
        let slopes = slopes.split(',').map(|slope| slope.parse().expect("a number")).collect();
        Some(Row { id: id.to_owned(), f, at: point, slopes, single: true })
    });
    Some(rows.collect())
}

#[test]
fn adaptive_differences_on_compositions() {
    let Some(rows) = compositions() else { return };
    let (mut digits, mut off, mut blind, mut evaluations) = (Vec::new(), Vec::new(), 0usize, 0u64);
    for row in &rows {
        let found = row.differences();
        let slope = found.derivative.first().copied().unwrap_or(0.0);
        let estimate = found.error.as_deref().and_then(|errors| errors.first().copied()).unwrap_or(0.0);
        let (truth, reason) = (row.slopes[0], found.blind.first().copied().flatten());
        assert_eq!(reason.is_some(), !estimate.is_finite(), "{}: {reason:?}, {estimate}", row.id);
        let error = (slope - truth).abs();
        digits.push(if error == 0.0 { 17.0 } else { (-(error / truth.abs()).log10()).clamp(0.0, 17.0) });
        blind += usize::from(reason.is_some());
        if error > 10.0 * estimate {
            off.push(row.id.as_str());
        }
        evaluations += found.evaluations;
    }
    digits.sort_by(f64::total_cmp);
    let (median, tenth) = (digits[rows.len() / 2], digits[rows.len() / 10]);
    let nine = digits.iter().filter(|&&digits| digits >= 9.0).count();
    let mean = evaluations as f64 / rows.len() as f64;
    println!(
        "compositions.tsv, adaptive: median {median:.2} digits, worst tenth {tenth:.2}, at least 9 digits in {nine} of {}, \
         {} off by more than ten times the estimate ({}), {blind} not seen and said so, {mean:.1} evaluations on average",
        rows.len(),
        off.len(),
        off.join(", "),
    );
    // Two functions are computed wrongly in doubles, and smoothly so: an intermediate overflows, a constant is off.
    assert!(rows.len() >= 2000 && off.len() <= 2 && blind <= 20);
    assert!(median >= 13.7 && tenth >= 10.9 && nine * 100 >= 95 * rows.len() && mean <= 33.0);
}

#[test]
fn estimates_cover_the_error_at_hard_points() {
    let Some(rows) = points() else { return };
    let (mut components, mut told) = (0, 0);
    for row in &rows {
        let found = row.differences();
        let estimates = found.error.as_deref().unwrap_or_default();
        for (k, &truth) in row.slopes.iter().enumerate() {
            let (slope, estimate, blind) = (found.derivative[k], estimates[k], found.blind[k]);
            let within = (slope - truth).abs() <= 10.0 * estimate;
            assert!(within || blind.is_some(), "{} [{k}]: {slope} ± {estimate}, is {truth}", row.id);
            components += 1;
            told += usize::from(within && estimate.is_finite());
        }
    }
    println!("points.tsv: {told} of {components} components have an estimate, and it covers the error");
    assert!(components >= 120 && told >= 95);
}

#[test]
fn remainders_do_not_refute_a_right_slope_nor_confirm_a_wrong_one() {
    for (rows, least, computed_wrongly) in [(compositions(), 1880, 2), (points(), 75, 0)] {
        let Some(rows) = rows else { return };
        let (mut confirmed, mut refuted, mut wrong) = (0, Vec::new(), [0; 3]);
        for row in rows.iter().filter(|row| row.single) {
            let found = row.differences();
            let estimates = found.error.as_deref().unwrap_or_default();
            for (k, &truth) in row.slopes.iter().enumerate() {
                let right = row.remainder(k, truth);
                confirmed += usize::from(right.confirms());
                // Where differences know that they cannot tell, because of what other inputs do, remainders are not asked.
                let telling = found.blind[k].is_none() && estimates[k] <= 1e-3 * truth.abs();
                if right.refutes() && telling {
                    refuted.push(format!("{} [{k}]: {right:?} at {truth}", row.id));
                }
                if truth != 0.0 {
                    let said = row.remainder(k, truth * 1.001);
                    assert!(!said.confirms(), "{} [{k}]: {said:?} confirms a wrong slope", row.id);
                    wrong[usize::from(said.refutes())] += 1;
                }
            }
        }
        println!(
            "{confirmed} right slopes confirmed, refuted {refuted:?}; wrong slopes unclear, refuted {wrong:?}"
        );
        assert!(confirmed >= least && refuted.len() <= computed_wrongly, "{confirmed}, {refuted:?}");
    }
}

#[test]
fn reasons_say_what_hides_the_slope() {
    let reason = |text: &str, at: f64| {
        let row = Row {
            id: text.to_owned(),
            f: parse(text).unwrap(),
            at: vec![at],
            slopes: Vec::new(),
            single: true,
        };
        row.differences().blind[0]
    };
    for (text, at, blind) in [
        ("abs(x)", 0.0, Blind::Kink),
        ("x + max(x, 2)", 2.0, Blind::Kink),
        ("if(x < 0, sin(x), 1/2)", 0.0, Blind::Jump),
        ("if(x == 3, 5, x)", 3.0, Blind::Jump),
        ("x + 1e16 - 1e16", 1.5, Blind::Staircase),
        ("floor(x)", 1.5, Blind::Staircase),
        ("sin(exp(x))", 700.0, Blind::Noise),
        ("sqrt(1 - x)", 1.0 - 1e-15, Blind::DomainEdge),
        ("ln(x)", -1.0, Blind::DomainEdge),
        ("x*1e-200", 1e-200, Blind::Underflow),
    ] {
        assert_eq!(reason(text, at), Some(blind), "{text} at {at}");
    }
    // What is constant for good reasons, has a corner elsewhere, or is only steep, is seen.
    for (text, at) in
        [("0*x + 3", 1.0), ("clamp(x, 1, 2)", 0.5), ("relu(x)", -0.5), ("sin(1e8*x)", 1.0), ("x^9", 1e30)]
    {
        assert_eq!(reason(text, at), None, "{text} at {at}");
    }
}
