//! Every public item of the crate `chainrule` has an example, which `cargo test --doc` runs.
//!
//! The rule: a module, type, trait, function, constant or macro has an example in its own documentation. A method or constant
//! of a type or trait has one of its own, or is named in an example of its type or of another method of it. What `chainrule`
//! re-exports has an example where it is defined. Fields, variants and methods of re-exported types need none.

use std::path::Path;

/// A public item of a source.
struct Item {
    /// File and line.
    place: String,
    name: String,
    /// Of a method or constant, the type or trait.
    owner: Option<String>,
    /// The code of all examples in its documentation.
    examples: String,
}

/// The questions that the front page answers, with an example each.
const QUESTIONS: [&str; 7] = ["One point", "Many points", "Fitting", "Hessian", "Sizes", "Errors", "Kinks"];

/// Names and texts of the sources of a crate, tests aside.
fn sources(name: &str) -> Vec<(String, String)> {
    let crates = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates"));
    let (mut folders, mut found) = (vec![crates.join(name).join("src")], Vec::new());
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).expect("a folder of sources").map(|entry| entry.unwrap().path())
        {
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("tests.rs") {
                let text = std::fs::read_to_string(&path).expect("a source");
                let name = path.strip_prefix(crates).expect("one of the crates").display().to_string();
                found.push((name, text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned()));
            }
        }
    }
    found
}

/// The code that rustdoc compiles and runs.
fn examples(documentation: &[&str]) -> String {
    let (mut inside, mut runs, mut code) = (false, false, String::new());
    for line in documentation {
        if let Some(kind) = line.trim_start().strip_prefix("```") {
            (inside, runs) = (!inside, ["", "rust", "should_panic"].contains(&kind));
        } else if inside && runs {
            code += line;
            code.push('\n');
        }
    }
    code
}

/// The words of a line of code.
fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The keyword and the name of what a line declares.
fn declared(code: &str) -> Option<(&str, &str)> {
    let mut words = words(code).filter(|word| *word != "unsafe").peekable();
    let keyword = words.next()?;
    let keyword = if keyword == "const" { words.next_if_eq(&"fn").unwrap_or(keyword) } else { keyword };
    let all = ["mod", "struct", "enum", "trait", "type", "fn", "const", "static", "macro_rules"];
    Some((*all.iter().find(|known| **known == keyword)?, words.next()?))
}

/// The public items of a source that rustfmt has formatted: those at the margin; methods one step to the right; types at any
/// distance, since a macro may make them.
fn items(file: &str, source: &str) -> Vec<Item> {
    let (mut found, mut documentation, mut exported) = (Vec::new(), Vec::new(), false);
    let (mut owner, mut in_trait) = (None, false);
    for (number, line) in source.lines().enumerate() {
        let code = line.trim_start();
        if let Some(text) = code.strip_prefix("///") {
            documentation.push(text);
            continue;
        }
        if code.starts_with("#[") || code.starts_with(')') {
            exported |= code == "#[macro_export]";
            continue;
        }
        let distance = line.len() - code.len();
        let public = match code.strip_prefix("pub ") {
            None if (in_trait && distance == 4 && code.starts_with("fn ")) || exported => Some(code),
            public => public,
        };
        if distance == 0 && !code.is_empty() {
            in_trait = code.starts_with("pub trait ");
        }
        if let Some(block) = line.strip_prefix("impl") {
            let generics = if block.starts_with('<') { block.find("> ").map_or(0, |end| end + 1) } else { 0 };
            owner = words(&block[generics..]).next().map(str::to_owned);
        }
        if let Some((keyword, name)) =
            public.and_then(declared).filter(|_| !code.starts_with("pub mod") || code.ends_with('{'))
        {
            let is_type = ["struct", "enum", "trait", "type"].contains(&keyword);
            if distance == 0 || distance == 4 || is_type {
                found.push(Item {
                    place: format!("{file}:{}", number + 1),
                    name: name.to_owned(),
                    owner: owner.clone().filter(|_| distance > 0 && !is_type),
                    examples: examples(&documentation),
                });
            }
            if in_trait && distance == 0 {
                owner = Some(name.to_owned());
            }
        }
        documentation.clear();
        exported = false;
    }
    found
}

/// Whether code uses an associated name: `.prepare(`, `StrategyName::ALL`.
fn uses(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        (before.ends_with('.') || before.ends_with("::"))
            && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
    })
}

/// The items that have no example by the rule.
fn without_example(items: &[Item]) -> Vec<String> {
    let has_one = |item: &Item| {
        let family = |other: &&Item| match &item.owner {
            Some(owner) => other.owner == item.owner || (other.owner.is_none() && other.name == *owner),
            None => false,
        };
        !item.examples.is_empty()
            || items.iter().filter(family).any(|other| uses(&other.examples, &item.name))
    };
    let name = |item: &Item| {
        item.owner.iter().map(|owner| format!("{owner}::")).chain([item.name.clone()]).collect::<String>()
    };
    let missing = items.iter().filter(|item| !has_one(item));
    missing.map(|item| format!("{}: {} has no example", item.place, name(item))).collect()
}

/// The crates and names that a source re-exports: `pub use expr::{Builder, Function};`.
fn reexports(source: &str) -> Vec<(&str, &str)> {
    let uses = source.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next()?.split_once("::"));
    uses.flat_map(|(from, names)| words(names).map(move |name| (from, name))).collect()
}

#[test]
fn every_public_item_has_an_example() {
    let sources = sources("chainrule");
    let all: Vec<Item> = sources.iter().flat_map(|(file, text)| items(file, text)).collect();
    assert!(all.len() > 80, "{}", all.len());
    let missing = without_example(&all);
    assert!(missing.is_empty(), "{} of {}:\n{}", missing.len(), all.len(), missing.join("\n"));
}

#[test]
fn what_is_reexported_has_an_example_where_it_is_defined() {
    let front =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/chainrule/src/lib.rs"));
    let front = front.expect("the front page");
    let (mut missing, mut count) = (Vec::new(), 0);
    for from in ["expr", "syntax", "numerical", "symbolic", "export", "backprop", "reference"] {
        let sources = sources(from);
        let all: Vec<Item> = sources.iter().flat_map(|(file, text)| items(file, text)).collect();
        for (_, name) in reexports(&front).iter().filter(|(home, _)| *home == from) {
            let defined: Vec<&Item> =
                all.iter().filter(|item| item.owner.is_none() && item.name == *name).collect();
            assert!(!defined.is_empty(), "{from}::{name} is not found");
            count += 1;
            let bare = defined.iter().filter(|item| item.examples.is_empty());
            missing.extend(bare.map(|item| format!("{}: {name} has no example", item.place)));
        }
    }
    assert!(count > 30, "{count}");
    assert!(missing.is_empty(), "{} of {count}:\n{}", missing.len(), missing.join("\n"));
}

#[test]
fn front_page_answers_every_question_with_an_example() {
    let front =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/chainrule/src/lib.rs"));
    let front = front.expect("the front page");
    for question in QUESTIONS {
        let heading = format!("//! # {question}");
        let section = front.lines().skip_while(|line| *line != heading).skip(1);
        let next = { section }.find(|line| line.starts_with("//! # ") || line.starts_with("//! ```"));
        assert_eq!(next, Some("//! ```"), "{question}");
    }
}

#[test]
fn missing_example_is_found() {
    let source = "/// A number.\n///\n/// ```\n/// let a = Some::new(1).half();\n/// ```\npub struct Some(f64);\n\n\
                  impl Some {\n    /// One.\n    pub fn new(a: f64) -> Some {\n        Some(a)\n    }\n\n    \
                  /// Half of it.\n    pub const fn half(self) -> f64 {\n        self.0 / 2.0\n    }\n\n    \
                  /// Twice.\n    pub fn twice(self) -> f64 {\n        self.0 * 2.0\n    }\n\n    \
                  pub(crate) fn own(self) {}\n}\n\n\
                  /// ```text\n/// none\n/// ```\npub trait Other {\n    /// One.\n    fn one(&self);\n}\n\n\
                  /// None.\n#[macro_export]\nmacro_rules! none {\n    () => {};\n}\n";
    let expected = ["a:20: Some::twice", "a:30: Other", "a:32: Other::one", "a:37: none"];
    assert_eq!(without_example(&items("a", source)), expected.map(|item| format!("{item} has no example")));
}
