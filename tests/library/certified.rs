//! The reference against problems that nobody here wrote: equal to all digits given.
//! Figures: `cargo test --release -p chainrule-tests certified -- --nocapture`.

#![allow(clippy::print_stdout)] // the figures are what these tests are for

use std::collections::BTreeMap;
use std::time::Instant;

use dashu_float::round::mode::HalfEven;
use dashu_float::{DBig, FBig};
use expr::{self, Function};
use reference::{Component, Limits, Side, certify};
use support::corpora::{corpus, rubi};

type Binary = FBig<HalfEven, 2>;

/// A printed decimal, to more bits than it has digits.
fn decimal(text: &str) -> Binary {
    let value: DBig = text.parse().unwrap_or_else(|_| panic!("{text}: a decimal"));
    value.with_precision(60).value().with_base_and_precision::<2>(200).value().with_rounding()
}

/// How far a certified number is from a printed one, as a fraction of it; 0 where all printed digits (the last of
/// which is rounded) are the same.
fn off(gradient: f64, rest: f64, text: &str) -> f64 {
    if gradient == 0.0 {
        // Below every double, or nothing at all.
        return if text.parse() == Ok(0.0) { 0.0 } else { f64::INFINITY };
    }
    let wide = |value: f64| Binary::try_from(value).expect("finite").with_precision(200).value();
    let off = (wide(gradient) + wide(rest) - decimal(text)).to_f64().value().abs();
    let digits =
        text.split(['e', 'E']).next().unwrap_or(text).chars().filter(char::is_ascii_digit).count() as i32;
    let relative = if off == 0.0 { 0.0 } else { off / gradient.abs() };
    if relative <= 10f64.powi(1 - digits.min(30)) { 0.0 } else { relative }
}

struct Tally {
    rows: usize,
    equal: usize,
    words: BTreeMap<String, usize>,
    wrong: Vec<String>,
    seconds: Vec<f64>,
}

fn check(name: &str, rows: impl Iterator<Item = (Function, Vec<f64>, usize, String, String)>) -> Tally {
    let mut tally =
        Tally { rows: 0, equal: 0, words: BTreeMap::new(), wrong: Vec::new(), seconds: Vec::new() };
    // Enough for thirty digits at once.
    let limits = Limits { first_bits: 192, ..Limits::default() };
    for (f, x, input, truth, text) in rows {
        tally.rows += 1;
        let start = Instant::now();
        let found = certify(&f, &x, &Limits::default());
        tally.seconds.push(start.elapsed().as_secs_f64());
        let quick = found.gradients[0].get(input).cloned();
        let found = certify(&f, &x, &limits).gradients.remove(0);
        let component = found.get(input).cloned().unwrap_or(Component::Certified {
            gradient: 0.0,
            rest: 0.0,
            bits: 0,
            side: Side::Both,
        });
        let word = match component {
            Component::Certified { gradient, rest, bits, .. } => {
                let same = quick.is_none_or(|quick| matches!(quick, Component::Certified { gradient: other, .. } if other == gradient));
                let off = off(gradient, rest, &truth);
                if off == 0.0 && same {
                    tally.equal += 1;
                } else {
                    tally.wrong.push(format!("{text}: {gradient:e} + {rest:e}, given {truth}"));
                }
                format!("certified at {bits:5} bits")
            }
            ref other => {
                tally.wrong.push(format!("{text} at {x:?}: {other:?}"));
                format!("{other:?}").split(' ').next().unwrap().to_owned()
            }
        };
        *tally.words.entry(word).or_default() += 1;
    }
    tally.seconds.sort_by(f64::total_cmp);
    let (median, most) = (tally.seconds[tally.rows / 2], tally.seconds[tally.rows - 1]);
    println!(
        "{name}: {} of {} equal in all digits; {:.2} ms in the median, {:.1} ms at most",
        tally.equal,
        tally.rows,
        1e3 * median,
        1e3 * most
    );
    for (word, count) in &tally.words {
        println!("  {word}: {count}");
    }
    for wrong in tally.wrong.iter().take(12) {
        println!("  {wrong}");
    }
    tally
}

#[test]
fn rubi_is_certified_in_every_digit() {
    let Some(text) = corpus("rubi.tsv") else { return };
    let rows = rubi(&text).map(|row| {
        (row.f, row.x, row.input.unwrap_or(usize::MAX), row.truth.to_owned(), row.text.to_owned())
    });
    let tally = check("rubi.tsv", rows);
    assert!(tally.rows >= 1200 && tally.equal == tally.rows, "{} of {}", tally.equal, tally.rows);
}

#[test]
fn compositions_are_certified_in_every_digit() {
    let Some(text) = corpus("compositions.tsv") else { return };
    let rows = text.lines().map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let f = syntax::parse(columns[1]).unwrap();
        let x = vec![columns[0].parse().unwrap(); f.input_count()];
        (f, x, 0, columns[2].to_owned(), columns[1].to_owned())
    });
    let tally = check("compositions.tsv", rows);
    // Of 32 rows the digits given run out before the thirtieth, some before the first: central differences with 1,200
    // digits, made with mpmath, confirm the certified numbers in all of them. Of 7 more a root is taken of x - x.
    let undefined = tally.words.get("Undefined").copied().unwrap_or(0);
    assert!(tally.rows >= 2000 && tally.equal >= 1961 && undefined <= 7, "{} of {}", tally.equal, tally.rows);
}
