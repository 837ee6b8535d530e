//! The cores of FPBench. Figures and times: `cargo test --release -p chainrule-tests fpbench -- --nocapture`.

#![allow(clippy::print_stdout)] // the figures are what these tests are for

use std::collections::BTreeMap;
use std::time::Instant;

use expr::{self, Function};
use harness::{Options, Outcome, Random, Region, Subject, compare};
use reference::{Component, Limits, certify};
use syntax::read_cores;

/// What one function may have for a test to look at it.
const MOST_NODES: u64 = 100_000;
const POINTS: usize = 10;

/// A core by its name: the function and where its points lie, or why it is not read.
type Named = (String, Result<(Function, Region), String>);

/// All cores.
fn cores() -> Option<Vec<Named>> {
    let mut all = Vec::new();
    for file in support::corpora::FPBENCH {
        let text = support::corpora::corpus(&format!("fpbench/benchmarks/{file}.fpcore"))?;
        for core in read_cores(&text).unwrap_or_else(|error| panic!("{file}: {error}")) {
            let name = core.name.expect("every core of FPBench has a name");
            let read = core.meaning.map_err(|error| error.to_string()).and_then(|meaning| {
                let mut sizes: Vec<(&str, i64)> =
                    meaning.sizes.iter().map(|(name, size)| (name.as_str(), *size)).collect();
                let known = meaning.function.graph().sizes();
                // The arc lengths give no example of their size.
                if sizes.is_empty() && known == ["n"] {
                    sizes.push(("n", 20));
                }
                let bound = meaning.function.with_sizes(&sizes).map_err(|error| error.to_string())?;
                let flat = bound.unroll(MOST_NODES).map_err(|error| error.to_string())?;
                let region =
                    Region::of_core(&meaning, &sizes, MOST_NODES).map_err(|error| error.to_string())?;
                Ok((flat, region))
            });
            all.push((name, read));
        }
    }
    Some(all)
}

#[test]
fn all_straight_line_cores_are_read_and_loops_where_their_rounds_can_be_counted() {
    let Some(cores) = cores() else { return };
    assert_eq!(cores.len(), 136);
    let mut refused: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, read) in &cores {
        if let Err(error) = read {
            let why = ["depends on the inputs", "does not end", "the unrolled function would have"]
                .into_iter()
                .find(|why| error.contains(why))
                .unwrap_or_else(|| panic!("{name}: {error}"));
            refused.entry(why).or_default().push(name);
        }
    }
    for (why, names) in &refused {
        println!("{why}: {}", names.join(", "));
    }
    assert_eq!(refused["depends on the inputs"].len(), 8);
    assert_eq!(refused["does not end"].len(), 3);
    // It is read, but two million rounds are more than a test unrolls.
    assert_eq!(refused["the unrolled function would have"], ["Rocket Trajectory"]);
}

#[test]
fn three_strategies_agree_on_all_of_them() {
    let Some(cores) = cores() else { return };
    let strategies = chainrule::strategies();
    let options = Options::default();
    let (mut compared, mut spent) = (0, Vec::new());
    let mut words: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, read) in cores.iter().filter_map(|(name, read)| Some((name, read.as_ref().ok()?))) {
        let (f, region) = read;
        let mut random = Random::new(1, &["fpbench", name], 0);
        // In a debug build the certified gradient of a pendulum's thousand steps takes its time.
        let count = if cfg!(debug_assertions) && f.graph().len() > 5_000 { 2 } else { POINTS };
        let points: Vec<Vec<f64>> =
            (0..count).map(|_| region.draw(&mut random).expect("the precondition can be met")).collect();
        let comparison = compare(&Subject::of(f, f), &points, &strategies, &options);
        for point in &comparison.points {
            *words.entry(point.verdict.word()).or_default() += 1;
            assert!(
                point.verdict != Outcome::Disagree || !point.notes.is_empty(),
                "{name} at {:?}: a disagreement without a cause",
                point.at
            );
        }
        compared += 1;
        // The times of the certified value and gradient, for the report; nothing is asserted of them.
        if f.graph().len() <= 20_000 {
            let begin = Instant::now();
            let undecided: usize = points
                .iter()
                .map(|x| certify(f, x, &Limits::default()))
                .flat_map(|certificate| certificate.gradients.into_iter().flatten())
                .filter(|component| matches!(component, Component::Undecided { .. }))
                .count();
            assert_eq!(undecided, 0, "{name}");
            spent.push((begin.elapsed().as_secs_f64() * 1e3 / count as f64, name, f.graph().len()));
        }
    }
    spent.sort_by(|a, b| b.0.total_cmp(&a.0));
    let median = spent[spent.len() / 2].0;
    println!(
        "certified value and gradient, per point: median {median:.3} ms of {} cores; the slowest:",
        spent.len()
    );
    for (time, name, nodes) in &spent[..5] {
        println!("  {time:9.3} ms  {name} ({nodes} nodes)");
    }
    println!("{compared} cores at {POINTS} points: {words:?}");
    assert_eq!(compared, 124);
    assert_eq!(words.get("disagree"), None, "{words:?}");
}
