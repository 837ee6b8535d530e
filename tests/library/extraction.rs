//! Simplification of gradients that nobody here wrote, by what they cost. Figures:
//! `cargo test --release -p chainrule-tests extraction -- --nocapture`.

#![allow(clippy::print_stdout)] // the figures are what these tests are for

pub(crate) use ::expr;
use expr::Function;
use symbolic::{Limits, cost, simplify};

/// The rows of `extraction.tsv`: a name, the costs of the input and of three extractions, f with its partials.
struct Row<'a> {
    name: &'a str,
    input: Option<u64>,
    climbed: Option<u64>,
    f: Function,
}

fn rows(text: &str) -> impl Iterator<Item = Row<'_>> {
    text.lines().map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [name, input, _, _, climbed, f] = columns[..] else { panic!("six columns: {line}") };
        let f = syntax::parse(f).unwrap_or_else(|error| panic!("{name}: {error}"));
        Row { name, input: input.parse().ok(), climbed: climbed.parse().ok(), f }
    })
}

#[test]
fn at_or_below_hill_climbing_wherever_it_was_measured() {
    let Some(text) = support::corpora::corpus("extraction.tsv") else { return };
    let mut above = Vec::new();
    for Row { name, input, climbed, f } in rows(&text) {
        let found = simplify(&f, &Limits::default());
        let (before, after) = (found.cost_before, found.cost_after);
        println!(
            "{name:<12} {before:>5} -> {after:>5}, hill-climbing {climbed:?}; {} e-nodes, {} iterations, {:?}",
            found.e_nodes, found.iterations, found.stop
        );
        assert_eq!(after, cost(&found.function));
        // Exact constants fold when text is read, so it may begin lower.
        assert!(input.is_none_or(|input| before <= input), "{name}: {before} is not {input:?}");
        assert!(after <= before, "{name}");
        above.extend(climbed.filter(|&climbed| after > climbed).map(|climbed| (name, after, climbed)));
    }
    assert!(above.is_empty(), "above hill-climbing: {above:?}");
}
