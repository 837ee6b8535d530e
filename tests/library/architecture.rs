//! Allowed dependencies between crates, read from what cargo itself says.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// A crate, the crates it may use, and the third-party dependencies that no other crate may use.
const ALLOWED: &[(&str, &[&str], &[&str])] = &[
    ("expr", &[], &["annotate-snippets", "strsim", "hashbrown", "libm"]),
    ("engine", &["expr"], &[]),
    ("numerical", &[], &[]),
    ("reference", &["expr"], &["dashu-float", "dashu-int"]),
    ("symbolic", &["expr"], &["egg", "num-bigint", "num-rational", "num-traits"]),
    ("backprop", &["expr", "engine"], &[]),
    ("chainrule", &["expr", "engine", "numerical", "symbolic", "backprop", "reference"], &["rayon"]),
    ("harness", &["chainrule"], &["approx"]),
    (
        "compare",
        &["chainrule", "harness"],
        &["clap", "clap_complete", "clap_mangen", "comfy-table", "csv", "indicatif", "serde", "serde_json"],
    ),
];

fn metadata() -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

/// The normal dependencies of every crate.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("there are packages");
    let name = |value: &serde_json::Value| value["name"].as_str().expect("names are text").to_owned();
    packages
        .iter()
        .map(|package| {
            let all = package["dependencies"].as_array().expect("a list").iter();
            (name(package), all.filter(|dependency| dependency["kind"].is_null()).map(name).collect())
        })
        .collect()
}

/// What breaks the arrows, in words.
fn violations(found: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (own, uses) in found {
        let Some((_, may, _)) = ALLOWED.iter().find(|(name, ..)| name == own) else {
            wrong.push(format!("{own} is not in the list of allowed dependencies"));
            continue;
        };
        for used in uses {
            let is_ours = ALLOWED.iter().any(|(name, ..)| name == used);
            let owner = ALLOWED.iter().find(|(_, _, guests)| guests.contains(&used.as_str()));
            if is_ours && !may.contains(&used.as_str()) {
                wrong.push(format!("{own} must not use {used}"));
            }
            if let Some((owner, ..)) = owner.filter(|(owner, ..)| owner != own) {
                wrong.push(format!("{own} must not use {used}: only {owner} does"));
            }
        }
    }
    wrong
}

#[test]
fn the_arrows_hold() {
    let found = dependencies();
    assert_eq!(found.len(), ALLOWED.len());
    assert_eq!(violations(&found), Vec::<String>::new());
}

#[test]
fn a_wrong_arrow_is_seen() {
    let mut found = dependencies();
    found.get_mut("numerical").expect("a crate").insert("expr".to_owned());
    found.get_mut("backprop").expect("a crate").insert("egg".to_owned());
    assert_eq!(violations(&found).len(), 2);
}
