//! Problems that nobody here wrote. Figures: `cargo test --release -p harness --test corpus -- --nocapture`.

#![allow(clippy::print_stdout)] // the figures are what these tests are for

mod corpora;

use chainrule::expr::{self, Function, parse};
use chainrule::numerical::{Scheme, gradient};
use chainrule::{Backprop, Budget, Derivative, Strategy, Symbolic, Value, Want};
use corpora::{corpus, rubi};

fn derivative(strategy: &dyn Strategy, f: &Function, x: &[f64]) -> Vec<f64> {
    let mut out = Derivative::default();
    let mut prepared = strategy.prepare(f, Want::Gradient, &Budget::default()).expect("within budget");
    prepared.run(x, &mut out).expect("within budget");
    out.gradient
}

#[test]
fn rubi_derivatives_are_the_integrands() {
    let Some(text) = corpus("rubi.tsv") else { return };
    let strategies: [(&str, Box<dyn Strategy>); 2] = [
        ("backprop", Box::new(Backprop)),
        ("symbolic", Box::new(Symbolic { egg: false, ..Symbolic::default() })),
    ];
    for (name, strategy) in &strategies {
        let (mut rows, mut close, mut near) = (0, 0, 0);
        for row in rubi(&text) {
            let truth: f64 = row.truth.parse().expect("a number");
            let slope = row.input.map_or(0.0, |k| derivative(strategy.as_ref(), &row.f, &row.x)[k]);
            let relative = if slope == truth { 0.0 } else { (slope - truth).abs() / truth.abs() };
            rows += 1;
            close += usize::from(relative <= 1e-10);
            near += usize::from(relative <= 1e-3);
        }
        println!("rubi.tsv, {name}: {close} of {rows} within 1e-10, {near} within 1e-3");
        assert!(rows >= 1200 && close >= 1170 && near == rows, "{name}: {close} and {near} of {rows}");
    }
}

#[test]
fn adaptive_differences_on_compositions() {
    let Some(text) = corpus("compositions.tsv") else { return };
    let (mut digits, mut honest, mut evaluations) = (Vec::new(), 0usize, 0u64);
    for line in text.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let f = parse(columns[1]).unwrap_or_else(|error| panic!("{}: {error}", columns[1]));
        let at: f64 = columns[0].parse().expect("a number");
        let truth: f64 = columns[2].parse().expect("a number");
        let mut value = Value::new(&f);
        let found = gradient(Scheme::Adaptive, &vec![at; f.input_count()], |x| {
            let mut out = [0.0];
            value.run(x, &mut out);
            out[0]
        });
        let slope = found.derivative.first().copied().unwrap_or(0.0);
        let estimate = found.error.as_deref().and_then(|errors| errors.first().copied()).unwrap_or(0.0);
        let error = (slope - truth).abs();
        digits.push(if error == 0.0 { 17.0 } else { (-(error / truth.abs()).log10()).clamp(0.0, 17.0) });
        honest += usize::from(error <= 10.0 * estimate || error == 0.0);
        evaluations += found.evaluations;
    }
    digits.sort_by(f64::total_cmp);
    let rows = digits.len();
    let share = |count: usize| count as f64 / rows as f64;
    let (median, tenth) = (digits[rows / 2], digits[rows / 10]);
    let nine = share(digits.iter().filter(|&&digits| digits >= 9.0).count());
    let (honest, mean) = (share(honest), evaluations as f64 / rows as f64);
    println!(
        "compositions.tsv, adaptive: median {median:.2} digits, worst tenth {tenth:.2}, at least 9 digits in {:.1}%, \
         error within ten times its estimate in {:.1}%, {mean:.1} evaluations on average, {rows} rows",
        100.0 * nine,
        100.0 * honest
    );
    assert!(
        rows >= 2000 && median >= 13.7 && tenth >= 10.9 && nine >= 0.95 && honest >= 0.994 && mean <= 25.0
    );
}
