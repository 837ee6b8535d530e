//! Simplified gradients against those as derived: values, errors, costs. Figures:
//! `cargo test --release -p chainrule-tests simplified -- --nocapture`, with `--ignored` those of large graphs.

#![allow(clippy::print_stdout)] // the figures are what these tests are for

use std::time::Instant;

use chainrule::{Strategy, Symbolic};
use experiments::{FAMILIES, Family};
use expr::{self, Function};
use harness::{Options, Outcome, irregular};
use symbolic::{self, Limits, Mode, cost, simplify};
use syntax::{parse, read_cores};

/// Small e-graphs: these tests are about what must hold at any budget.
const SMALL: Limits = Limits {
    function_nodes: 20_000_000,
    whole_nodes: 200,
    e_nodes: 1_000,
    iterations: 6,
    rounds: 1,
    window_nodes: 100,
    window_e_nodes: 500,
    window_iterations: 4,
    windows: 20,
};

fn gradient(f: &Function) -> Function {
    symbolic::differentiate(f, Mode::Auto, 1_000_000).expect("within budget").function
}

/// Simplifies a gradient and says what it cost before and after.
fn never_dearer(name: &str, derivative: &Function) -> (u64, u64) {
    let found = simplify(derivative, &SMALL);
    assert_eq!(found.cost_before, cost(derivative), "{name}");
    assert_eq!(found.cost_after, cost(&found.function), "{name}");
    assert!(
        found.cost_after <= found.cost_after_pass && found.cost_after_pass <= found.cost_before,
        "{name}"
    );
    assert_eq!(found.function.outputs().len(), derivative.outputs().len(), "{name}");
    (found.cost_before, found.cost_after)
}

#[test]
fn no_gradient_gets_dearer() {
    let tell = |what: &str, costs: &[(u64, u64)]| {
        let total = costs.iter().fold((0, 0), |(a, b), (before, after)| (a + before, b + after));
        let cheaper = costs.iter().filter(|(before, after)| after < before).count();
        println!(
            "{what}: {cheaper} of {} cheaper; in all {} before, {} after",
            costs.len(),
            total.0,
            total.1
        );
    };
    let families = FAMILIES.iter().flat_map(|family| {
        family.sizes.iter().take(2).map(|&n| {
            let f = family.function(n).unroll(1_000_000).expect("within budget");
            never_dearer(family.name, &gradient(&f))
        })
    });
    tell("families", &families.collect::<Vec<_>>());
    let Some(text) = support::corpora::corpus("rubi.tsv") else { return };
    let step = if cfg!(debug_assertions) { 10 } else { 1 };
    let rows: Vec<_> = support::corpora::rubi(&text)
        .step_by(step)
        .map(|row| never_dearer(row.text, &gradient(&row.f)))
        .collect();
    tell("rubi.tsv", &rows);
    let Some(text) = support::corpora::corpus("compositions.tsv") else { return };
    let rows = text.lines().step_by(step).map(|line| {
        let formula = line.split('\t').nth(1).expect("three columns");
        never_dearer(formula, &gradient(&parse(formula).expect("it parses")))
    });
    tell("compositions.tsv", &rows.collect::<Vec<_>>());
    let Some(cores) = fpbench() else { return };
    let rows = cores.iter().map(|(name, f)| never_dearer(name, &gradient(f)));
    tell("FPBench", &rows.collect::<Vec<_>>());
}

/// What three forms of one gradient are off by at a point, in ULP: as derived, with egg, and the accurate one; or which
/// of them disagrees.
fn errors(name: &str, f: &Function, x: &[f64]) -> Result<[f64; 3], String> {
    let form =
        |egg, accurate| -> Box<dyn Strategy> { Box::new(Symbolic { egg, accurate, ..Symbolic::default() }) };
    let strategies = [form(false, false), form(true, false), form(true, true)];
    let options = Options::default();
    let comparison = harness::compare(&harness::Subject::of(f, f), &[x.to_vec()], &strategies, &options);
    let mut errors = [0f64; 3];
    for (k, entry) in comparison.points[0].entries.iter().enumerate() {
        if entry.outcome == Outcome::Disagree {
            return Err(format!("{name} at {x:?}: {}", entry.spec.variant()));
        }
        errors[k] = entry.ulp.iter().flatten().copied().filter(|ulp| !ulp.is_nan()).fold(0.0, f64::max);
    }
    Ok(errors)
}

/// One of forty rows, fewer without optimisation; with `EVERY=1` all of them, which takes half an hour.
#[test]
fn simplified_gradients_agree_and_the_accurate_form_raises_no_worst_error() {
    let (Some(integrals), Some(compositions)) =
        (support::corpora::corpus("rubi.tsv"), support::corpora::corpus("compositions.tsv"))
    else {
        return;
    };
    let step = std::env::var("EVERY").ok().and_then(|step| step.parse().ok());
    let step = step.unwrap_or(if cfg!(debug_assertions) { 120 } else { 40 });
    let integrals = support::corpora::rubi(&integrals).map(|row| (row.text.to_owned(), row.f, row.x));
    let compositions = compositions.lines().map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let f = parse(columns[1]).expect("it parses");
        let x = vec![columns[0].parse().expect("a number"); f.input_count()];
        (columns[1].to_owned(), f, x)
    });
    let corpora: [(&str, Vec<_>); 2] = [
        ("rubi.tsv", integrals.step_by(step).collect()),
        ("compositions.tsv", compositions.step_by(step).collect()),
    ];
    for (corpus, rows) in corpora {
        let half = rows.len().div_ceil(2);
        let found: Vec<Result<[f64; 3], String>> = std::thread::scope(|scope| {
            let work = |rows: &'_ [(String, Function, Vec<f64>)]| -> Vec<_> {
                rows.iter().map(|(name, f, x)| errors(name, f, x)).collect()
            };
            let halves: Vec<_> = rows.chunks(half).map(|rows| scope.spawn(move || work(rows))).collect();
            halves.into_iter().flat_map(|half| half.join().expect("no panic")).collect()
        });
        let disagreeing: Vec<&String> = found.iter().filter_map(|row| row.as_ref().err()).collect();
        assert!(disagreeing.is_empty(), "{corpus}, {} rows: {disagreeing:#?}", disagreeing.len());
        let errors: Vec<[f64; 3]> = found.into_iter().flatten().collect();
        let worst = |k: usize| errors.iter().fold(0f64, |worst, errors| worst.max(errors[k]));
        let raised = |k: usize| errors.iter().filter(|errors| errors[k] > errors[0]).count();
        println!(
            "{corpus}, every {step}th of the rows, {} of them; worst ULP: {:e} as derived, {:e} fast, {:e} accurate; above the \
             derived form on {} rows with fast, {} with accurate",
            rows.len(),
            worst(0),
            worst(1),
            worst(2),
            raised(1),
            raised(2)
        );
        assert!(worst(2) <= worst(0), "{corpus}: {:e}, as derived {:e}", worst(2), worst(0));
    }
}

/// The functions of FPBench that unroll to a few thousand nodes.
fn fpbench() -> Option<Vec<(String, Function)>> {
    let mut all = Vec::new();
    for file in support::corpora::FPBENCH {
        let text = support::corpora::corpus(&format!("fpbench/benchmarks/{file}.fpcore"))?;
        for core in read_cores(&text).unwrap_or_else(|error| panic!("{file}: {error}")) {
            let Ok(meaning) = core.meaning else { continue };
            let sizes: Vec<(&str, i64)> =
                meaning.sizes.iter().map(|(name, size)| (name.as_str(), *size)).collect();
            let bound = meaning.function.with_sizes(&sizes).and_then(|f| f.unroll(3_000));
            all.extend(bound.ok().map(|f| (core.name.unwrap_or_default(), f)));
        }
    }
    assert!(all.len() >= 100, "{}", all.len());
    Some(all)
}

/// The gradient graph of a chain, a network or an irregular graph with at least so many nodes.
fn large(kind: &str, nodes: usize) -> Function {
    let build = |size: usize| match kind {
        "irregular" => gradient_of(&irregular(size, 1).0),
        name => {
            let family = Family::named(name).expect("there is such a family");
            gradient_of(&family.function(size).unroll(20_000_000).expect("within budget"))
        }
    };
    let first = build(64);
    let per_size = first.graph().len() as f64 / 64.0;
    build((nodes as f64 / per_size).ceil() as usize)
}

fn gradient_of(f: &Function) -> Function {
    symbolic::differentiate(f, Mode::Reverse, 50_000_000).expect("within budget").function
}

/// Times and counts of large gradient graphs. Run alone for the memory: `/usr/bin/time -v`.
#[test]
#[ignore = "minutes without optimisation; release"]
fn large_gradients_in_tiers() {
    let only = std::env::var("ONLY").unwrap_or_default();
    for nodes in [10_000, 1_000_000] {
        for kind in ["chain", "mlp", "rosenbrock", "irregular"] {
            if !format!("{kind} {nodes}").contains(&only) {
                continue;
            }
            let derivative = large(kind, nodes);
            let begin = Instant::now();
            let found = simplify(&derivative, &Limits::default());
            println!(
                "{kind}, {} nodes: {:.2} s\n{found}\n",
                derivative.graph().len(),
                begin.elapsed().as_secs_f64()
            );
            assert!(found.cost_after <= found.cost_before);
        }
    }
}

/// Nanoseconds per node of building a gradient graph.
#[test]
#[ignore = "a measurement; release"]
fn gradients_are_built_in_time() {
    for (kind, size) in [("chain", 200_000), ("mlp", 5_000), ("rosenbrock", 100_000), ("irregular", 500_000)]
    {
        let f = match kind {
            "irregular" => irregular(size, 1).0,
            name => {
                let family = Family::named(name).expect("there is such a family");
                family.function(size).unroll(20_000_000).expect("within budget")
            }
        };
        let times: Vec<f64> = (0..5)
            .map(|_| {
                let begin = Instant::now();
                let nodes = gradient_of(&f).graph().len();
                begin.elapsed().as_secs_f64() * 1e9 / nodes as f64
            })
            .collect();
        let least = times.iter().copied().fold(f64::INFINITY, f64::min);
        println!(
            "{kind}, {} nodes of f, {} with its gradient: {least:.0} ns a node",
            f.graph().len(),
            gradient_of(&f).graph().len()
        );
    }
}
