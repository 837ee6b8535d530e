//! Derivatives as the program writes them, held against those that people wrote by hand: how long they are, what no
//! formula for people holds, and that they are equal.
//!
//! The measure is [`symbolic::reader::length`]: operators, functions, numbers and names, shared parts written out.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::time::Instant;

use super::run::json;
use expr::{self, Builder, Expr, Function, Node, Op, Style};
use reference::{self, Limits};
use symbolic::reader::Candidate;
use symbolic::{self, Mode, differentiate};

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
    syntax::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
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
        let derivative = differentiate(&f, Mode::Auto, 100_000).expect("it is small").function;
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

/// How often each way to a form wins on functions that nobody here wrote, how much shorter formulas are than as derived, and what
/// that takes: `cargo test --release -p chainrule-compare formulas -- --ignored --nocapture`
#[test]
#[ignore = "figures, not a check: some minutes"]
#[allow(clippy::print_stdout)] // the figures are what it is for
fn how_often_each_form_is_chosen() {
    let Some(text) = support::corpora::corpus("rubi.tsv") else { return };
    let rubi: Vec<Function> = support::corpora::rubi(&text).map(|row| row.f).collect();
    let Some(text) = support::corpora::corpus("compositions.tsv") else { return };
    let compositions = text.lines().filter(|line| !line.starts_with('#'));
    let compositions: Vec<Function> =
        compositions.filter_map(|line| syntax::parse(line.split('\t').nth(1)?).ok()).collect();
    for (name, functions) in [("rubi", rubi), ("compositions", compositions)] {
        let mut counts: BTreeMap<Candidate, usize> = BTreeMap::new();
        let (mut before, mut after, mut times) = (0f64, 0f64, Vec::new());
        for f in functions.iter().filter(|f| f.is_flat() && f.input_count() > 0) {
            let derived = differentiate(f, Mode::Auto, 1_000_000).expect("it is small").function;
            let simplified = chainrule::simplified(derived.clone(), false).function;
            let partials = f.outputs().len()..derived.outputs().len();
            let begin = Instant::now();
            let found = symbolic::reader::form_of(&derived, partials.clone(), Some(&simplified));
            times.push(begin.elapsed().as_secs_f64() * 1e3);
            found.candidates.iter().for_each(|own| *counts.entry(*own).or_default() += 1);
            for (k, output) in partials.enumerate() {
                before += (symbolic::reader::length(&derived, output) as f64).ln();
                after += (symbolic::reader::length(&found.function, k) as f64).ln();
            }
        }
        let all: usize = counts.values().sum();
        times.sort_by(f64::total_cmp);
        println!(
            "{name}: {} functions, {all} partials {counts:?}; length {:.2} of the derived one (geometric mean); \
             median {:.2} ms, 99% {:.1} ms, most {:.1} ms",
            times.len(),
            ((after - before) / all as f64).exp(),
            times[times.len() / 2],
            times[times.len() * 99 / 100],
            times[times.len() - 1]
        );
    }
}
