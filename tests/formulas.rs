//! Derivatives as the program writes them, held against those that people wrote by hand: how long they are, what no
//! formula for people holds, and that they are equal.
//!
//! The measure is [`symbolic::reader::length`]: operators, functions, numbers and names, shared parts written out.

mod corpora;
mod program;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::time::Instant;

use chainrule::expr::{self, Builder, Expr, Function, Node, Op, Style};
use chainrule::reference::{self, Component, Limits};
use chainrule::symbolic::reader::{Candidate, ReaderForm};
use chainrule::symbolic::{self, Arm, differentiate};
use program::json;

/// Forms that are longer than this many times the one by hand are told.
const LONGEST: f64 = 1.25;
/// Points at which formulas are compared.
const POINTS: usize = 8;

struct Row {
    id: String,
    expression: String,
    wrt: String,
    by_hand: String,
}

fn rows(text: &str) -> Vec<Row> {
    let row = |line: &str| {
        let mut cells = line.split('\t').map(str::to_owned);
        let mut next = || cells.next().expect("four columns and a remark");
        Row { id: next(), expression: next(), wrt: next(), by_hand: next() }
    };
    text.lines().skip(1).filter(|line| !line.starts_with('#') && !line.is_empty()).map(row).collect()
}

/// The formula by the first element of what the row differentiates by, as the program prints it.
fn printed(row: &Row) -> String {
    let document = json(&["derive", &row.expression, "--wrt", &row.wrt]);
    document["derivatives"][0]["formula"].as_str().expect("a formula").to_owned()
}

fn parsed(text: &str) -> Function {
    expr::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// What no textbook has, and a name that is used once.
fn blemishes(text: &str) -> Vec<String> {
    let signs = ["xlogy", "- (-", "--", "+ -", "*-", "- -", "^(-1)"];
    let mut found: Vec<String> =
        signs.iter().filter(|sign| text.contains(*sign)).map(|sign| (*sign).to_owned()).collect();
    let f = parsed(text);
    let graph = f.graph();
    for node in graph.nodes() {
        match node {
            Node::Binary(Op::Add | Op::Mul, [a, b]) if a == b => found.push("the same twice".to_owned()),
            _ => {}
        }
    }
    for definition in text.split("; ").filter_map(|line| line.split_once(" = ")) {
        let name = definition.0;
        let word = |c: char| !(c.is_alphanumeric() || c == '_' || c == '\'');
        if text.split(word).filter(|other| *other == name).count() < 3 {
            found.push(format!("{name} is used once"));
        }
    }
    found
}

/// One function that is 1 where two others are equal, and far from it where they are not: `(a/b - 1)*1e50 + 1`, of all inputs of
/// the second one.
fn ratio(a: &Function, b: &Function, output: usize) -> Function {
    let builder = Builder::new(Style::Written);
    let ratio = {
        let names = b.input_names();
        let inputs: HashMap<&str, Expr<'_>> =
            names.iter().map(|name| (name.as_str(), builder.input(name))).collect();
        let of = |f: &Function| {
            let point: Vec<Expr<'_>> = f.input_names().iter().map(|name| inputs[name.as_str()]).collect();
            f.evaluate(&builder, &point)
        };
        let (a, b) = (of(a)[0], of(b)[output]);
        ((a / b - 1.0) * 1e50 + 1.0).id()
    };
    builder.finish(vec![ratio])
}

/// At how many of some points a formula is the derivative to 50 digits.
fn agreement(formula: &Function, derivative: &Function, output: usize) -> usize {
    let ratio = ratio(formula, derivative, output);
    let limits = Limits::default();
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut agreed = 0;
    for k in 0..60 {
        // Between 0 and 1 for roots of 1 - x^2, or beyond 1 for logarithms of logarithms.
        let point: Vec<f64> = (0..derivative.input_count())
            .map(|_| random() * 0.8 + if k % 2 == 0 { 0.1 } else { 1.5 })
            .collect();
        if !derivative.evaluate((), &point)[output].is_normal() {
            continue;
        }
        match reference::values(&ratio, &point, &limits)[0] {
            Some(1.0) => agreed += 1,
            Some(value) => panic!("{value} at {point:?}"),
            None => {}
        }
        if agreed == POINTS {
            break;
        }
    }
    agreed
}

/// Every row without open sizes, and how many are no longer than they may be; of the others only that no rule's own name is left.
fn hold(rows: &[Row]) -> (usize, usize, Vec<String>) {
    let (mut good, mut all, mut told) = (0, 0, Vec::new());
    for row in rows {
        let text = printed(row);
        let f = parsed(&row.expression);
        if !f.is_flat() {
            assert!(!text.contains("xlogy"), "{}: {text}", row.id);
            continue;
        }
        all += 1;
        let found = blemishes(&text);
        assert!(found.is_empty(), "{}: {text} has {found:?}", row.id);
        let [own, hand] = [&text, &row.by_hand].map(|text| symbolic::reader::length(&parsed(text), 0));
        if own as f64 <= LONGEST * hand as f64 {
            good += 1;
        } else {
            told.push(format!("{} {own} instead of {hand}: {text}", row.id));
        }
        let by = f.input_names().iter().position(|name| *name == row.wrt).expect("an input");
        let derivative = differentiate(&f, Arm::Auto, 100_000).expect("it is small").function;
        for formula in [&text, &row.by_hand] {
            assert_eq!(agreement(&parsed(formula), &derivative, 1 + by), POINTS, "{}: {formula}", row.id);
        }
    }
    (good, all, told)
}

#[test]
fn formulas_of_the_cases_are_about_as_short_as_by_hand() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/formulas.tsv");
    let Ok(text) = fs::read_to_string(path) else {
        eprintln!("skipped: {path} is not there");
        return;
    };
    let (good, all, told) = hold(&rows(&text));
    assert!(all >= 50 && good * 100 >= all * 95, "{good} of {all}:\n{}", told.join("\n"));
}

#[test]
fn formulas_of_a_textbook_are_about_as_short_as_by_hand() {
    let (good, all, told) = hold(&rows(include_str!("textbook.tsv")));
    assert!(all >= 40 && good * 100 >= all * 95, "{good} of {all}:\n{}", told.join("\n"));
}

/// Steps to points next to one, in units of its last place: at one point either form may be right by chance.
const NEIGHBOURS: [f64; 16] =
    [-61.0, -53.0, -43.0, -37.0, -29.0, -17.0, -11.0, -5.0, 7.0, 13.0, 23.0, 31.0, 41.0, 47.0, 59.0, 67.0];
/// Points per partial that are held against the certified gradient, and how many are tried to find them.
const CERTIFIED_POINTS: usize = 40;
const MOST_TRIED: usize = 400;

/// What a corpus shows of the reader's forms.
#[derive(Default)]
struct Figures {
    functions: usize,
    candidates: BTreeMap<Candidate, usize>,
    lengths: f64,
    times: Vec<f64>,
    /// Partials that are held at all points, at some, and at none, and all their points.
    held: [usize; 3],
    points: usize,
    /// Partials, and points, where the reader's form alone is off by more than twice the error of the derived one and 2 ULP.
    at_points: [usize; 2],
    /// The same where the largest error near the point is.
    nearby: [usize; 2],
    told: Vec<String>,
}

/// The error of a value in units in the last place of the truth.
fn error(value: f64, [truth, rest]: [f64; 2]) -> f64 {
    let ulp = truth.abs().next_up() - truth.abs();
    let error = ((value - truth) - rest).abs() / ulp;
    if error.is_nan() { f64::INFINITY } else { error }
}

/// The certified partials at a point, and what each has beyond a double; nothing where a partial is of another status, or at the
/// edge of the range of doubles.
fn certified(f: &Function, x: &[f64]) -> Vec<Option<[f64; 2]>> {
    let of = |component: &Component| match *component {
        Component::Certified { gradient, rest, .. } if (1e-280..1e280).contains(&gradient.abs()) => {
            Some([gradient, rest])
        }
        _ => None,
    };
    reference::certify(f, x, &Limits::quick()).gradients[0].iter().map(of).collect()
}

impl Figures {
    /// Adds a function of one output.
    fn add(&mut self, f: &Function, own: &[f64]) {
        let derivative = differentiate(f, Arm::Auto, 1_000_000).expect("it is small").function;
        let simplified = chainrule::simplified(derivative.clone(), false).function;
        let partials = 1..derivative.outputs().len();
        let begin = Instant::now();
        let found = symbolic::reader::form_of(&derivative, partials.clone(), Some(&simplified));
        self.times.push(begin.elapsed().as_secs_f64() * 1e3);
        self.functions += 1;
        for (k, output) in partials.enumerate() {
            *self.candidates.entry(found.candidates[k]).or_default() += 1;
            self.lengths += (symbolic::reader::length(&found.function, k) as f64).ln()
                - (symbolic::reader::length(&derivative, output) as f64).ln();
        }
        self.hold(f, own, &derivative, &found);
    }

    fn hold(&mut self, f: &Function, own: &[f64], derivative: &Function, found: &ReaderForm) {
        let count = found.candidates.len();
        let (mut points, mut at_points, mut nearby) = (vec![0; count], vec![0; count], vec![0; count]);
        let mut state = 0xa076_1d64_78bd_642fu64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        for tried in 0..MOST_TRIED {
            let open: Vec<usize> = (0..count).filter(|k| points[*k] < CERTIFIED_POINTS).collect();
            if open.is_empty() {
                break;
            }
            let decades = if tried % 2 == 0 { 10.0 } else { 2.0 };
            let x: Vec<f64> = { own.iter() }
                .map(|own| {
                    let size = 10f64.powf(decades * (random() - 0.5));
                    match (tried, tried % 4 < 2 || random() < 0.5) {
                        (0, _) => *own,
                        (_, true) => size,
                        (_, false) => -size,
                    }
                })
                .collect();
            let derived = derivative.evaluate((), &x);
            if open.iter().all(|k| !derived[1 + k].is_finite()) {
                continue;
            }
            let readable = found.function.evaluate((), &x);
            for (k, truth) in certified(f, &x).into_iter().enumerate() {
                let (Some(truth), true) = (truth, derived[1 + k].is_finite() && open.contains(&k)) else {
                    continue;
                };
                points[k] += 1;
                let is_worse = |before: f64, after: f64| after > 2f64.max(2.0 * before);
                let (mut before, mut after) = (error(derived[1 + k], truth), error(readable[k], truth));
                if !is_worse(before, after) {
                    continue;
                }
                at_points[k] += 1;
                for step in NEIGHBOURS {
                    let x: Vec<f64> = x.iter().map(|x| x * (1.0 + step * f64::EPSILON)).collect();
                    let Some(truth) = certified(f, &x)[k] else { continue };
                    before = before.max(error(derivative.evaluate((), &x)[1 + k], truth));
                    after = after.max(error(found.function.evaluate((), &x)[k], truth));
                }
                if is_worse(before, after) {
                    nearby[k] += 1;
                    let formula = expr::formulas_sharing(&found.function, [k], expr::Sharing::Long);
                    let derived = expr::formulas_sharing(derivative, [1 + k], expr::Sharing::Long);
                    self.told.push(format!(
                        "{before:.1} as derived, {after:.1} for readers ({:?}) at {x:?}\n    {}\n    {}",
                        found.candidates[k], derived[0], formula[0]
                    ));
                }
            }
        }
        for k in 0..count {
            self.points += points[k];
            self.held[if points[k] == CERTIFIED_POINTS { 0 } else { 1 + usize::from(points[k] == 0) }] += 1;
            for (counts, found) in [(&mut self.at_points, at_points[k]), (&mut self.nearby, nearby[k])] {
                counts[0] += usize::from(found > 0);
                counts[1] += found;
            }
        }
    }
}

/// How often each way to a form wins on functions that nobody here wrote, how much shorter formulas are than as derived, what
/// that takes, and whether they are as near to the certified gradient:
/// `cargo test --release -p compare --test formulas -- --ignored --nocapture`, an hour; of every tenth row with `FORMULAS_STEP=10`.
#[test]
#[ignore = "an hour"]
#[allow(clippy::print_stdout)] // the figures are half of what it is for
fn forms_of_the_corpora_are_as_exact_as_derived() {
    let step = std::env::var("FORMULAS_STEP").map_or(1, |step| step.parse().expect("a number of rows"));
    let Some(text) = corpora::corpus("rubi.tsv") else { return };
    let rubi: Vec<(Function, Vec<f64>)> = corpora::rubi(&text).map(|row| (row.f, row.x)).collect();
    let Some(text) = corpora::corpus("compositions.tsv") else { return };
    let composition = |line: &str| {
        let mut cells = line.split('\t');
        let x: f64 = cells.next()?.parse().ok()?;
        Some((expr::parse(cells.next()?).ok()?, vec![x]))
    };
    let compositions: Vec<(Function, Vec<f64>)> = text.lines().filter_map(composition).collect();
    assert!(rubi.len() == 1_200 && compositions.len() == 2_000);
    let mut wrong = 0;
    for (name, functions) in [("rubi", rubi), ("compositions", compositions)] {
        let mut figures = Figures::default();
        for (f, x) in functions.iter().step_by(step).filter(|(f, _)| f.input_count() > 0) {
            figures.add(f, x);
        }
        let partials: usize = figures.candidates.values().sum();
        figures.times.sort_by(f64::total_cmp);
        figures.told.iter().for_each(|line| println!("{line}"));
        println!(
            "{name}: {} functions, {partials} partials {:?}; length {:.2} of the derived one (geometric mean); \
             median {:.2} ms, 99% {:.1} ms, most {:.1} ms; {:?} partials at all, some, no points, {} points; \
             worse at points {:?}, nearby too {:?} (partials, points)",
            figures.functions,
            figures.candidates,
            (figures.lengths / partials as f64).exp(),
            figures.times[figures.times.len() / 2],
            figures.times[figures.times.len() * 99 / 100],
            figures.times[figures.times.len() - 1],
            figures.held,
            figures.points,
            figures.at_points,
            figures.nearby,
        );
        wrong += figures.nearby[1];
    }
    assert_eq!(wrong, 0);
}
