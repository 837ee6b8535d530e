//! Derivatives worked out by others: right ones are proved and never refuted, wrong ones are refuted and never proved.
//! All rows and figures: `CLAIMS=1 cargo test --release -p harness --test claims -- --nocapture`.

#![allow(clippy::print_stdout)] // the figures are what these tests are for

mod corpora;

use std::time::{Duration, Instant};

use chainrule::expr::{self, Function};
use corpora::{Rubi, corpus, rubi};
use harness::claims::{Claim, Options, Status, check};

fn flat(text: &str) -> Function {
    expr::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).unroll(100_000).unwrap()
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
                *reasons.entry(why.clone()).or_default() += 1;
                if std::env::var_os("CLAIMS").is_some() {
                    println!("{why} ({agreeing}): {}   {}", row.text, row.integrand);
                }
            }
        }
    }
    println!("{proved} of {rows} proved, the slowest row in {slowest:?}; {reasons:?}");
    assert!(proved * 100 >= rows * 65, "{proved} of {rows} proved");
}
