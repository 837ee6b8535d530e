//! The bodies of the fuzz targets, run on their seeds: nothing panics, and what is printed reads back.

#[path = "../../fuzz/targets.rs"]
mod targets;

/// Runs a target on each of its seeds, which are named where one fails.
fn run(name: &str, target: impl Fn(&str)) {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/seeds")).join(name);
    let mut seeds: Vec<_> =
        std::fs::read_dir(folder).expect("seeds").map(|entry| entry.unwrap().path()).collect();
    seeds.sort();
    assert!(seeds.len() >= 15, "{name}: {} seeds", seeds.len());
    for seed in seeds {
        eprintln!("{}", seed.display());
        target(&std::fs::read_to_string(&seed).expect("a seed is text"));
    }
}

#[test]
fn functions() {
    run("text", targets::text);
}

#[test]
fn cores() {
    run("fpcore", targets::fpcore);
}

#[test]
fn claims() {
    run("claims", targets::claims);
}
