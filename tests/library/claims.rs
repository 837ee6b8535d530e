//! Derivatives worked out by others: right ones are proved and never refuted, wrong ones are refuted and never proved.
//! All rows and figures: `CLAIMS=1 cargo test --release -p chainrule-tests claims -- --nocapture`.

#![allow(clippy::print_stdout)] // the figures are what these tests are for

use std::time::{Duration, Instant};

use expr::{self, Function};
use harness::claims::{Claim, Options, Status, Unproved, check, check_every};
use reference::{Limits, Reading, values};
use support::corpora::{Rubi, corpus, rubi};

fn flat(text: &str) -> Function {
    syntax::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).unroll(100_000).unwrap()
}

/// A row as a function of all names in it, and the claim about it.
fn with_claim(row: &Rubi<'_>) -> (Function, Claim) {
    let formula = flat(row.integrand);
    let mut names = row.f.input_names();
    names.extend(formula.input_names().into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
    if !names.iter().any(|name| name == row.variable) {
        names.push(row.variable.to_owned());
    }
    let input = names.iter().position(|name| name == row.variable).expect("just put there");
    (flat(&format!("antiderivative({}) = {}", names.join(", "), row.text)), Claim { input, formula })
}

/// One row in so many is looked at, unless all are asked for.
fn every(rows: usize) -> usize {
    if std::env::var_os("CLAIMS").is_some() { 1 } else { rows }
}

#[test]
fn antiderivatives_of_others_are_proved_and_never_refuted() {
    let Some(text) = corpus("rubi.tsv") else { return };
    let (mut proved, mut rows, mut slowest) = (0, 0, Duration::ZERO);
    let mut reasons = std::collections::BTreeMap::<String, usize>::new();
    for row in rubi(&text).step_by(every(23)) {
        let start = Instant::now();
        let (f, claim) = with_claim(&row);
        let checked = check(&f, &[claim], &Options::default()).unwrap().remove(0);
        rows += 1;
        slowest = slowest.max(start.elapsed());
        match checked.status {
            Status::Proved(_) => proved += 1,
            Status::Refuted(point) => panic!("{} has the derivative {}: {point:?}", row.text, row.integrand),
            Status::Unknown { agreeing, why } => {
                *reasons.entry(why.to_string()).or_default() += 1;
                if std::env::var_os("CLAIMS").is_some() {
                    println!("{why} ({agreeing}): {}   {}", row.text, row.integrand);
                }
            }
        }
    }
    println!("{proved} of {rows} proved, the slowest row in {slowest:?}; {reasons:?}");
    assert!(proved * 100 >= rows * 65, "{proved} of {rows} proved");
}

/// A formula with one thing wrong: a constant off by 1, the sign, a factor of 1 + 1e-6, an argument scaled.
fn mutants(formula: &str, variable: &str, pick: usize) -> Vec<String> {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.' || c == '\'';
    let mut words: Vec<(usize, &str)> = Vec::new();
    let mut start = None;
    for (at, c) in formula.char_indices().chain([(formula.len(), ' ')]) {
        match (start, word(c)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                words.push((from, &formula[from..at]));
                start = None;
            }
            _ => {}
        }
    }
    let replaced = |(at, old): (usize, &str), new: String| {
        format!("{}{new}{}", &formula[..at], &formula[at + old.len()..])
    };
    let chosen = |fits: &dyn Fn(&str) -> bool| {
        let all: Vec<(usize, &str)> = words.iter().copied().filter(|(_, text)| fits(text)).collect();
        (!all.is_empty()).then(|| all[pick % all.len()])
    };
    let mut mutants = vec![format!("-({formula})"), format!("({formula})*1.000001")];
    mutants.extend(
        chosen(&|text| text.parse::<i64>().is_ok())
            .map(|at| replaced(at, (at.1.parse::<i64>().unwrap() + 1).to_string())),
    );
    mutants.extend(chosen(&|text| text == variable).map(|at| replaced(at, format!("(3*{variable}/2)"))));
    mutants
}

#[test]
fn wrong_derivatives_are_refuted_and_never_proved() {
    let Some(text) = corpus("rubi.tsv") else { return };
    let limits = Limits { most_bits: 768, reading: Reading::Nearest, ..Limits::default() };
    let (mut refuted, mut tried, mut same) = (0, 0, 0);
    for (k, row) in rubi(&text).enumerate().step_by(every(31)) {
        for mutant in mutants(row.integrand, row.variable, k) {
            let mutated = Rubi { integrand: &mutant, f: row.f.clone(), x: row.x.clone(), ..row };
            let (f, claim) = with_claim(&mutated);
            // A change that changes nothing where it was looked at is no mutant: equal doubles at three points.
            let right = flat(row.integrand);
            let equal = (0..3).all(|step| {
                let at = |g: &Function| -> Vec<f64> {
                    let value = |name: &String| match row.f.input_names().iter().position(|own| own == name) {
                        Some(k) => row.x[k] * (1.0 + f64::from(step) / 64.0),
                        None => 0.75,
                    };
                    g.input_names().iter().map(value).collect()
                };
                let both = [&right, &claim.formula].map(|g| values(g, &at(g), &limits)[0]);
                both[0].is_some() && both[0] == both[1]
            });
            if equal {
                same += 1;
                continue;
            }
            tried += 1;
            match check(&f, &[claim], &Options::default()).unwrap().remove(0).status {
                Status::Refuted(_) => refuted += 1,
                Status::Proved(_) => panic!("{} is said to have the derivative {mutant}", row.text),
                Status::Unknown { agreeing, why } if std::env::var_os("CLAIMS").is_some() => {
                    println!("not refuted, {why} ({agreeing}): {}   {mutant}", row.text);
                }
                Status::Unknown { .. } => {}
            }
        }
    }
    println!("{refuted} of {tried} mutants refuted; {same} were the same function");
    assert!(refuted * 100 >= tried * 97, "{refuted} of {tried} refuted");
}

fn status(f: &str, claim: &str, input: &str) -> Status {
    let f = flat(f);
    let input = f.input_names().iter().position(|name| name == input).expect("an input");
    check(&f, &[Claim { input, formula: flat(claim) }], &Options::default()).unwrap().remove(0).status
}

#[test]
fn what_is_in_every_textbook_is_proved() {
    let logits = "-ln(exp(z1)/(exp(z1) + exp(z2) + exp(z3)))";
    for (f, input, claim) in [
        ("sigmoid(x)", "x", "sigmoid(x)*(1 - sigmoid(x))"),
        ("tanh(x)", "x", "1 - tanh(x)^2"),
        ("tan(x)", "x", "1 + tan(x)^2"),
        ("tan(x)", "x", "1/cos(x)^2"),
        ("x^x", "x", "x^x*(ln(x) + 1)"),
        ("softplus(x)", "x", "sigmoid(x)"),
        ("ln(x^2 + y^2)", "x", "2*x/(x^2 + y^2)"),
        ("x/(1 + x^2)", "x", "(1 - x^2)/(1 + x^2)^2"),
        ("ln(x/(1 - x))", "x", "1/(x*(1 - x))"),
        (logits, "z1", "exp(z1)/(exp(z1) + exp(z2) + exp(z3)) - 1"),
        (logits, "z2", "exp(z2)/(exp(z1) + exp(z2) + exp(z3))"),
        (logits, "z3", "exp(z3)/(exp(z1) + exp(z2) + exp(z3))"),
        ("abs(x)^3", "x", "3*x*abs(x)"),
        ("sqrt(x^2)", "x", "x/abs(x)"),
        ("if(x < 0, exp(x), 1 + x)", "x", "if(x > 0, 1, exp(x))"),
    ] {
        match status(f, claim, input) {
            Status::Proved(steps) => assert!(steps.len() > 1, "{steps:?}"),
            other => panic!("d/d{input} {f} = {claim}: {other:?}"),
        }
    }
    for (f, input, claim) in [
        ("x^x", "x", "x*x^(x - 1)"),
        ("sqrt(x^2)", "x", "1"),
        ("abs(x)", "x", "1"),
        ("sin(x)", "x", "cos(x)*1.0000000001"),
        ("x/10", "x", "0.10000000000000002"),
        ("x/10", "x", "0.1"),
    ] {
        assert!(matches!(status(f, claim, input), Status::Refuted(_)), "d/d{input} {f} = {claim}");
    }
    assert!(matches!(
        status("ln(-1 - x^2)", "2*x/(1 + x^2)", "x"),
        Status::Unknown { agreeing: 0, why: Unproved::DefinedNowhere }
    ));
}

/// What is found of a claim about an element, for every size.
fn status_of(f: &str, element: &str, formula: &str) -> Status {
    let f = syntax::parse(f).unwrap_or_else(|error| panic!("{f}: {error}"));
    let sizes: Vec<String> =
        { f.graph().sizes().iter().cloned() }.chain(["j", "k"].map(str::to_owned)).collect();
    let read = |text: &str| {
        let reader = syntax::Reader { sizes: sizes.clone(), ..Default::default() };
        reader.parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    };
    let found = check_every(&f, &read(element), &read(formula), &Options::default());
    found.unwrap_or_else(|error| panic!("{element} = {formula}: {error:?}")).checked.status
}

#[test]
fn claims_about_every_element_are_proved_for_every_size() {
    let rosenbrock = "sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)";
    let right =
        "if(j < n, -400*x[j]*(x[j+1] - x[j]^2) - 2*(1 - x[j]), 0) + if(j > 1, 200*(x[j] - x[j-1]^2), 0)";
    let found = status_of(rosenbrock, "x[j]", right);
    let Status::Proved(steps) = found else { panic!("{found:?}") };
    assert!(steps.iter().any(|step| step.rule == "decide"));
    // Right in the middle, wrong at one end.
    for wrong in [
        "-400*x[j]*(x[j+1] - x[j]^2) - 2*(1 - x[j]) + if(j > 1, 200*(x[j] - x[j-1]^2), 0)",
        "if(j < n, -400*x[j]*(x[j+1] - x[j]^2) - 2*(1 - x[j]), 0) + if(j > 2, 200*(x[j] - x[j-1]^2), 0)",
        "if(j < n, -400*x[j]*(x[j+1] - x[j]^2) + 2*(1 - x[j]), 0) + if(j > 1, 200*(x[j] - x[j-1]^2), 0)",
    ] {
        let found = status_of(rosenbrock, "x[j]", wrong);
        assert!(matches!(found, Status::Refuted(_)), "{wrong}: {found:?}");
    }
    for (f, right) in [("sum(i, 1, n, i*x[i]^2)", "2*j*x[j]"), ("sum(i, 1, n, x[i]^3)", "3*x[j]^2")] {
        let found = status_of(f, "x[j]", right);
        assert!(matches!(found, Status::Proved(_)), "{f}: {found:?}");
    }
    // Borders that no small size shows.
    for wrong in [
        "if(j < 100.5, 2*x[j], 0)",
        "if(j < exp(5), 2*x[j], 0)",
        "2*x[j]*if(j < pi*100, 1, 0)",
        "if(n < 100.5, 2*x[j], 7)",
        "if(-n < -100.5, 0, 2*x[j])",
    ] {
        let found = status_of("sum(i, 1, n, x[i]^2)", "x[j]", wrong);
        assert!(matches!(found, Status::Refuted(_)), "{wrong}: {found:?}");
    }
}
