//! Words that say nothing to a stranger who knows the field are gone from sources and documents, and stay gone.

use std::path::{Path, PathBuf};

/// A word that was used here, and the field's word for it.
const LEFT_BEHIND: &[(&str, &str)] = &[
    ("Arm", "Mode, or Variant"),
    ("Judgement", "FaultInjection"),
    ("RowProgram", "VectorProgram"),
    ("RowSpace", "Registers"),
    ("PerOperator", "Dispatch"),
    ("specialise", "dispatch"),
    ("allot", "allocate"),
    ("hand_over", "load"),
    ("write_far", "streaming_store"),
    ("Taken", "PathConditions"),
    ("MaskId", "Predicate"),
    ("Examined", "PointReport"),
    ("Sheet", "DataTable"),
    ("Surroundings", "Environment"),
    ("shades", "heat map"),
    ("survey", "name resolution"),
    ("World", "Context"),
    ("Walk", "Visitor"),
    ("holes", "operands"),
    ("guest", "third-party dependency"),
    ("guests", "third-party dependencies"),
    ("nobody's", "untaken, unused"),
    ("bent", "mutated"),
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match entry.is_dir() {
            true if name != "target" && name != "seeds" => files(&entry, found),
            false if name.ends_with(".rs") || name.ends_with(".md") => found.push(entry),
            _ => {}
        }
    }
}

/// The words of [`LEFT_BEHIND`] in a text, with their lines.
fn left_in(text: &str) -> Vec<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '\'';
    let mut found = Vec::new();
    for (line, content) in text.lines().enumerate() {
        for word in content.split(|c| !is_word(c)) {
            if let Some((_, instead)) = LEFT_BEHIND.iter().find(|(old, _)| *old == word) {
                found.push(format!("{}: {word}, which is {instead}", line + 1));
            }
        }
    }
    found
}

#[test]
fn private_words_are_gone() {
    let top = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut all = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"]
        .map(|name| top.join(name))
        .to_vec();
    ["crates", "tests", "benches", "examples", "fuzz"]
        .iter()
        .for_each(|folder| files(&top.join(folder), &mut all));
    let own = Path::new("library/words.rs");
    let mut found = Vec::new();
    for path in all.iter().filter(|path| !path.ends_with(own)) {
        let text = std::fs::read_to_string(path).expect("text");
        found.extend(left_in(&text).into_iter().map(|left| format!("{}:{left}", path.display())));
    }
    assert!(all.len() > 400, "{}", all.len());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Lines that name an option of a program in a string. Style sheets have such words too, in their own form.
fn options_in(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    let names = |line: &str| {
        line.match_indices("--").any(|(at, _)| {
            let (before, word) = (&line[..at], &line[at + 2..]);
            let is_style =
                before.ends_with("var(") || word.trim_start_matches(char::is_alphabetic).starts_with(':');
            let is_remark = before.contains("// ");
            before.contains('"')
                && word.starts_with(|c: char| c.is_ascii_lowercase())
                && !is_style
                && !is_remark
        })
    };
    code.filter(|(_, line)| names(line)).map(|(k, line)| format!("{}: {}", k + 1, line.trim())).collect()
}

#[test]
fn libraries_name_no_option_of_the_program() {
    let crates = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates"));
    let mut all = Vec::new();
    for folder in std::fs::read_dir(crates).expect("crates").map(|entry| entry.unwrap().path()) {
        // The program's own words, and those of tests.
        if !folder.ends_with("compare") {
            files(&folder.join("src"), &mut all);
        }
    }
    let is_test =
        |path: &Path| path.file_stem().is_some_and(|name| name.to_string_lossy().ends_with("tests"));
    let mut found = Vec::new();
    let is_library =
        |path: &&PathBuf| !is_test(path) && !path.components().any(|part| part.as_os_str() == "tests");
    for path in all.iter().filter(is_library) {
        let text = std::fs::read_to_string(path).expect("text");
        found.extend(options_in(&text).into_iter().map(|option| format!("{}:{option}", path.display())));
    }
    assert!(all.len() > 200, "{}", all.len());
    assert!(found.is_empty(), "say it as a syntax::Setting:\n{}", found.join("\n"));
    assert_eq!(options_in("a\nFailure::text(\"allow more with --max-nodes\")").len(), 1);
    assert!(options_in("style=\"--natural:{width}px; width: var(--natural)\" // --size").is_empty());
}

#[test]
fn a_planted_word_is_found() {
    assert_eq!(left_in("let a = 1;\nlet b = Arm::Auto;"), ["2: Arm, which is Mode, or Variant"]);
    assert_eq!(left_in("let Armada = harm;"), Vec::<String>::new());
}
