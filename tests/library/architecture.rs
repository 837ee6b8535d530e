//! Allowed dependencies between crates, read from what cargo says and from the paths that sources write: a crate that is
//! re-exported by another would not show in a manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A crate, and the crates that it may use.
const ALLOWED: &[(&str, &[&str])] = &[
    ("elementary", &[]),
    ("expr", &["elementary"]),
    ("syntax", &["expr"]),
    ("engine", &["expr"]),
    ("numerical", &[]),
    ("reference", &["expr"]),
    ("symbolic", &["expr", "syntax"]),
    ("prove", &["expr", "syntax", "symbolic"]),
    ("export", &["expr", "syntax", "symbolic"]),
    ("backprop", &["expr", "engine"]),
    ("chainrule", &["expr", "syntax", "engine", "numerical", "symbolic", "export", "backprop", "reference"]),
    ("capi", &["expr", "syntax", "chainrule"]),
    (
        "harness",
        &["expr", "syntax", "engine", "numerical", "symbolic", "backprop", "reference", "prove", "chainrule"],
    ),
    (
        "experiments",
        &[
            "expr",
            "syntax",
            "engine",
            "numerical",
            "symbolic",
            "backprop",
            "reference",
            "chainrule",
            "harness",
        ],
    ),
    (
        "commands",
        &[
            "expr",
            "syntax",
            "symbolic",
            "backprop",
            "reference",
            "prove",
            "export",
            "chainrule",
            "harness",
            "experiments",
        ],
    ),
    (
        "compare",
        &[
            "commands",
            "expr",
            "syntax",
            "backprop",
            "reference",
            "export",
            "chainrule",
            "harness",
            "experiments",
        ],
    ),
];

/// Third-party dependencies, and the only crates that may use them.
const THIRD_PARTY: &[(&str, &[&str])] = &[
    ("annotate-snippets", &["syntax"]),
    ("strsim", &["syntax"]),
    ("hashbrown", &["expr"]),
    ("libm", &["expr"]),
    ("dashu-float", &["reference"]),
    ("dashu-int", &["reference"]),
    ("egg", &["symbolic"]),
    ("num-bigint", &["symbolic", "prove"]),
    ("num-rational", &["symbolic", "prove"]),
    ("num-traits", &["symbolic", "prove"]),
    ("rayon", &["chainrule"]),
    ("cranelift-codegen", &["engine"]),
    ("cranelift-frontend", &["engine"]),
    ("cranelift-jit", &["engine"]),
    ("cranelift-module", &["engine"]),
    ("cranelift-native", &["engine"]),
    ("approx", &["harness"]),
    ("clap", &["compare"]),
    ("clap_complete", &["compare"]),
    ("clap_mangen", &["compare"]),
    ("comfy-table", &["commands", "compare"]),
    ("csv", &["compare"]),
    ("indicatif", &["compare"]),
    ("serde", &["commands", "compare"]),
    ("serde_json", &["commands"]),
];

/// The crates that have code which the compiler does not check, each place with its reason.
const UNCHECKED: &[&str] = &["capi", "elementary", "engine", "python"];

/// What each crate uses.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// The normal dependencies of every crate, by the names of their folders. The crate of these tests may use all.
fn manifests() -> Uses {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("there are packages").iter();
    let name = |value: &serde_json::Value| {
        let name = value["name"].as_str().expect("names are text");
        name.strip_prefix("chainrule-").unwrap_or(name).to_owned()
    };
    let uses = |package: &serde_json::Value| {
        let all = package["dependencies"].as_array().expect("a list").iter();
        all.filter(|dependency| dependency["kind"].is_null()).map(name).collect()
    };
    packages.map(|package| (name(package), uses(package))).filter(|(name, _)| name != "tests").collect()
}

/// The crates of ours that a source names at the beginning of a path, or as what another crate re-exports.
fn named(source: &str) -> BTreeSet<String> {
    let code: String =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = BTreeSet::new();
    for (name, _) in ALLOWED {
        for (at, _) in code.match_indices(&format!("{name}::")) {
            let before = &code[..at];
            let of_another = ALLOWED.iter().any(|(other, _)| before.ends_with(&format!("{other}::")));
            if !before.ends_with(is_word) && (of_another || !before.ends_with("::")) {
                found.insert((*name).to_owned());
            }
        }
    }
    found
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources").map(|entry| entry.unwrap().path()) {
        match entry.is_dir() {
            true => files(&entry, found),
            false if entry.extension().is_some_and(|extension| extension == "rs") => found.push(entry),
            false => {}
        }
    }
}

/// The crates that the sources of every crate name, tests aside.
fn paths() -> Uses {
    let crates = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates"));
    let uses = |own: &str| {
        let mut all = Vec::new();
        files(&crates.join(own).join("src"), &mut all);
        let is_test = |path: &PathBuf| {
            path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"))
                || path.parent().is_some_and(|folder| folder.ends_with("tests"))
        };
        let mut found = BTreeSet::new();
        for path in all.iter().filter(|path| !is_test(path)) {
            let text = std::fs::read_to_string(path).expect("a source");
            found.append(&mut named(text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()));
        }
        found.remove(own);
        found
    };
    ALLOWED.iter().map(|(own, _)| ((*own).to_owned(), uses(own))).collect()
}

/// What is not allowed, in words.
fn violations(found: &Uses) -> Vec<String> {
    let mut wrong = Vec::new();
    for (own, uses) in found {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| name == own) else {
            wrong.push(format!("{own} is not in the list of allowed dependencies"));
            continue;
        };
        for used in uses {
            if ALLOWED.iter().any(|(name, _)| name == used) && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{own} must not use {used}"));
            }
            if let Some((_, users)) = THIRD_PARTY.iter().find(|(name, _)| name == used)
                && !users.contains(&own.as_str())
            {
                wrong.push(format!("{own} must not use {used}: only {} may", users.join(" and ")));
            }
        }
    }
    wrong
}

#[test]
fn dependencies_are_the_allowed_ones() {
    let found = manifests();
    assert_eq!(found.len(), ALLOWED.len());
    assert_eq!(violations(&found), Vec::<String>::new());
    assert_eq!(violations(&paths()), Vec::<String>::new());
}

/// Whether a source of a library reads a clock by itself.
fn reads_a_clock(source: &str) -> bool {
    let code: Vec<&str> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    ["Instant::now", "SystemTime::now"].iter().any(|word| code.iter().any(|line| line.contains(word)))
}

#[test]
fn libraries_have_one_clock() {
    let crates = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates"));
    let mut readers = Vec::new();
    for (own, _) in ALLOWED.iter().filter(|(own, _)| *own != "compare") {
        let mut all = Vec::new();
        files(&crates.join(own).join("src"), &mut all);
        let found =
            all.into_iter().filter(|path| reads_a_clock(&std::fs::read_to_string(path).expect("a source")));
        readers.extend(found.map(|path| path.strip_prefix(crates).expect("inside").to_owned()));
    }
    // Of the targets without a clock it measures 0 there.
    assert_eq!(readers, [Path::new("harness/src/clock.rs")]);
    assert!(reads_a_clock("let begin = Instant::now();") && !reads_a_clock("/// Instant::now\nlet a = 1;"));
}

#[test]
fn planted_dependencies_are_found() {
    let mut found = manifests();
    found.get_mut("numerical").expect("a crate").insert("expr".to_owned());
    found.get_mut("backprop").expect("a crate").insert("egg".to_owned());
    assert_eq!(violations(&found).len(), 2);
    // A path through a crate that re-exports another, which no manifest shows.
    let mut found = paths();
    found.get_mut("symbolic").expect("a crate").append(&mut named("use chainrule::engine::Program;\n"));
    assert_eq!(violations(&found), ["symbolic must not use chainrule", "symbolic must not use engine"]);
}

/// Whether a source has code that the compiler does not check; the lints ask for a reason at each place.
fn is_unchecked(source: &str) -> bool {
    let mut code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.any(|line| {
        ["{", "fn", "impl", "extern", "("].iter().any(|next| {
            let after = line.split("unsafe").skip(1);
            after.into_iter().any(|after| after.trim_start_matches(' ').starts_with(next))
        })
    })
}

#[test]
fn unchecked_code_is_where_it_may_be() {
    let crates = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates"));
    let mut all = Vec::new();
    files(crates, &mut all);
    let inside = |path: &PathBuf| {
        let folder = path.strip_prefix(crates).expect("a crate").components().next().expect("its folder");
        let folder = folder.as_os_str().to_string_lossy().into_owned();
        (!UNCHECKED.contains(&folder.as_str()) && !path.starts_with(crates.join("wasm"))).then_some(folder)
    };
    let read = |path: &PathBuf| std::fs::read_to_string(path).expect("a source");
    let wrong: Vec<&PathBuf> =
        all.iter().filter(|path| inside(path).is_some() && is_unchecked(&read(path))).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(is_unchecked("let x = unsafe { *pointer };") && !is_unchecked("// unsafe\nlet unsafely = 1;"));
    for own in UNCHECKED {
        let any = all.iter().any(|path| path.starts_with(crates.join(own)) && is_unchecked(&read(path)));
        assert!(any || *own == "elementary", "{own} has none any more");
    }
}

#[test]
fn files_named_in_documents_exist() {
    let top = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut missing = Vec::new();
    let mut named = 0;
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "fuzz/README.md"] {
        let text = std::fs::read_to_string(top.join(document)).expect("a document");
        for word in text.split(['`', ' ', '(', ')', ',', ';', '\n']) {
            let folder = word.split('/').next().unwrap_or_default();
            if ["crates", "tests", "benches", "examples"].contains(&folder) && word.contains('/') {
                named += 1;
                if !top.join(word.trim_end_matches(['.', ':'])).exists() {
                    missing.push(format!("{document}: {word}"));
                }
            }
        }
    }
    assert!(named > 50, "{named}");
    assert_eq!(missing, Vec::<String>::new());
}
