//! Problems that nobody here wrote. Figures: `cargo test --release -p chainrule-tests corpus -- --nocapture`.

#![allow(clippy::print_stdout)] // the figures are what these tests are for

use chainrule::{Backprop, Budget, Derivative, Strategy, Symbolic, Want};
use expr::{self, Function};
use support::corpora::{corpus, rubi};

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
