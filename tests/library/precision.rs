//! How far every strategy is from the certified gradient, in ULP. The figures, and many more random functions:
//! `PROPTEST_CASES=10000 cargo test --release -p chainrule-tests precision -- --nocapture`.

#![allow(clippy::print_stdout)] // the figures are what these tests are for

use std::cell::RefCell;
use std::collections::BTreeMap;

use chainrule::{AccurateBackprop, Budget, Derivative, Strategy, StrategyName, StrategySpec, Symbolic, Want};
use expr::{self, Function};
use harness::judge::ulp_distance;
use harness::rounding::{rounding_error, value_noise};
use reference::{Component, Limits, certify};
use support::corpora::{corpus, rubi};
use support::random_function::{recipe, runner};
use symbolic::differentiate;
use syntax::parse;

/// The strategies whose errors are counted.
const STRATEGIES: [&str; 13] = [
    "backprop=standard",
    "backprop=accurate",
    "symbolic=forward",
    "symbolic=reverse",
    "symbolic=reverse+egg",
    "symbolic=textbook",
    "numerical=complex-step",
    "numerical=adaptive",
    "numerical=richardson",
    "numerical=central-6",
    "numerical=central-4",
    "numerical=central-2",
    "numerical=forward",
];

/// Errors of all certified components, per strategy.
#[derive(Default)]
struct Tally {
    ulps: BTreeMap<usize, Vec<f64>>,
    words: BTreeMap<&'static str, usize>,
    /// Analytic answers far off where rounding alone does not explain it.
    unexplained: Vec<String>,
}

impl Tally {
    fn add(&mut self, f: &Function, x: &[f64]) {
        let certificate = certify(f, x, &Limits::default());
        let truths: Vec<&Component> = certificate.gradients.iter().flatten().collect();
        for truth in &truths {
            let word = truth.word();
            *self.words.entry(word).or_default() += 1;
            if word == "undecided" {
                println!("undecided: {truth:?}\n{}\nat {x:?}", syntax::text(f));
            }
        }
        let rounding: Vec<f64> =
            (0..f.outputs().len()).flat_map(|output| rounding_error(f, output, x).unwrap()).collect();
        for (which, spec) in STRATEGIES.iter().enumerate() {
            let budget = Budget { nodes: 200_000, ..Budget::default() };
            let strategy: StrategySpec = spec.parse().unwrap();
            let Ok(mut prepared) = strategy.prepare(f, Want::Gradient, &budget) else { continue };
            let mut out = Derivative::default();
            prepared.run(x, &mut out).unwrap();
            for (k, ((&claim, truth), &rounding)) in
                out.gradient.iter().zip(&truths).zip(&rounding).enumerate()
            {
                let Component::Certified { gradient, .. } = truth else { continue };
                let ulp = ulp_distance(claim, *gradient);
                self.ulps.entry(which).or_default().push(ulp);
                // Where rounding may be infinite, something overflows on the way, and NaN is an answer. Where it takes all digits,
                // there is no saying how far off an answer can be.
                let hopeless = rounding >= 0.01 * claim.abs().max(gradient.abs());
                let explained =
                    (claim - gradient).abs() <= 8.0 * rounding || hopeless || rounding.is_infinite();
                // The condition number: how many units a relative error of one unit in every operation makes.
                let condition = rounding / (f64::EPSILON * gradient.abs());
                if strategy == AccurateBackprop.spec()
                    && condition < 1e12
                    && ulp > 1.0
                    && gradient.is_normal()
                {
                    self.unexplained.push(format!(
                        "accurate: {claim} for {gradient}, condition {condition:e}\n{}\nat {x:?}",
                        syntax::text(f)
                    ));
                }
                // A formula adds up in an order of its own, and may cancel where the backward pass does not.
                let own = |mode| {
                    let formulas = differentiate(f, mode, budget.nodes).expect("it was prepared").function;
                    value_noise(&formulas, f.outputs().len() + k, x)
                };
                let explained = explained
                    || match strategy {
                        StrategySpec::Symbolic(Symbolic { mode, .. }) => {
                            (claim - gradient).abs() <= 8.0 * own(mode)
                        }
                        _ => false,
                    };
                if strategy.name() != StrategyName::Numerical
                    && ulp > 1000.0
                    && !explained
                    && gradient.is_normal()
                {
                    self.unexplained.push(format!(
                        "{spec}: {claim} for {gradient}, rounding {rounding:e}\n{}\nat {x:?}",
                        syntax::text(f)
                    ));
                }
            }
        }
    }

    fn print(&mut self, title: &str, most: f64) {
        let total: usize = self.words.values().sum();
        let shares: Vec<String> = self
            .words
            .iter()
            .map(|(word, count)| format!("{word} {count} ({:.2}%)", 100.0 * *count as f64 / total as f64))
            .collect();
        println!("{title}: {}", shares.join(", "));
        println!(
            "  {:<22} {:>9} {:>9} {:>9} {:>9}  within 1 ULP",
            "ULP off", "median", "90%", "99%", "worst"
        );
        for (&which, ulps) in &mut self.ulps {
            ulps.sort_by(f64::total_cmp);
            let at = |share: f64| ulps[((ulps.len() - 1) as f64 * share) as usize];
            let close = ulps.iter().filter(|ulp| **ulp <= 1.0).count() as f64 / ulps.len() as f64;
            println!(
                "  {:<22} {:>9.3e} {:>9.1e} {:>9.1e} {:>9.1e}  {:.1}%",
                STRATEGIES[which],
                at(0.5),
                at(0.9),
                at(0.99),
                at(1.0),
                100.0 * close
            );
        }
        for (which, ulps) in
            self.ulps.iter().filter(|(which, _)| !STRATEGIES[**which].starts_with("numerical"))
        {
            assert!(
                ulps[ulps.len() / 2] <= most,
                "{}: the median is off by {}",
                STRATEGIES[*which],
                ulps[ulps.len() / 2]
            );
        }
        assert!(
            self.unexplained.is_empty(),
            "{} unexplained:\n{}",
            self.unexplained.len(),
            self.unexplained.join("\n")
        );
    }
}

#[test]
fn random_functions_are_certified_and_analytic_strategies_are_near() {
    let tally = RefCell::new(Tally::default());
    let outcome = runner(100).run(&recipe(), |recipe| {
        let parsed = parse(&recipe.text()).unwrap();
        let f = parsed.with_sizes(&[("n", 3)]).unwrap_or(parsed).unroll(1_000_000).unwrap();
        let x: Vec<f64> = f.input_names().iter().map(|name| recipe.value_of(name)).collect();
        tally.borrow_mut().add(&f, &x);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    let mut tally = tally.into_inner();
    tally.print("random functions", 1.0);
    let total: usize = tally.words.values().sum();
    let undecided = tally.words.get("undecided").copied().unwrap_or(0);
    assert!(undecided * 1000 <= total, "{undecided} of {total} undecided");
}

#[test]
fn extreme_points_get_a_status() {
    let special = [
        0.0,
        -0.0,
        5e-324,
        -5e-324,
        1e-300,
        1e300,
        -1e300,
        f64::MAX,
        1.0,
        -1.0,
        f64::INFINITY,
        f64::NAN,
        1e22,
        710.0,
    ];
    let outcome =
        runner(40).run(&(recipe(), proptest::collection::vec(0..special.len(), 13)), |(recipe, picks)| {
            let parsed = parse(&recipe.text()).unwrap();
            let f = parsed.with_sizes(&[("n", 3)]).unwrap_or(parsed).unroll(1_000_000).unwrap();
            let x: Vec<f64> = (0..f.input_count()).map(|k| special[picks[k % picks.len()]]).collect();
            let certificate = certify(&f, &x, &Limits { most_bits: 1536, ..Limits::default() });
            for component in certificate.gradients.iter().flatten() {
                if let Component::Certified { gradient, .. } = component {
                    proptest::prop_assert!(!gradient.is_nan());
                }
            }
            Ok(())
        });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn corpora() {
    let (Some(integrals), Some(compositions)) = (corpus("rubi.tsv"), corpus("compositions.tsv")) else {
        return;
    };
    // Every row with the release command, else a few.
    let every = if std::env::var_os("PROPTEST_CASES").is_some() { 1 } else { 25 };
    let mut tally = Tally::default();
    for row in rubi(&integrals).step_by(every) {
        tally.add(&row.f, &row.x);
    }
    tally.print("rubi.tsv", 4.0);
    let mut tally = Tally::default();
    for line in compositions.lines().step_by(every) {
        let columns: Vec<&str> = line.split('\t').collect();
        let f = parse(columns[1]).unwrap();
        let x = vec![columns[0].parse().unwrap(); f.input_count()];
        tally.add(&f, &x);
    }
    tally.print("compositions.tsv", 4.0);
}
