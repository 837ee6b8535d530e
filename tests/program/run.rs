//! The program, run as people run it.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// What it answers.
pub(crate) fn compare(arguments: &[&str]) -> Output {
    with_input(arguments, b"")
}

/// What it answers to something on its standard input.
pub(crate) fn with_input(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_compare"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that fails before it reads closes its end.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// What it prints, when nothing is wrong.
pub(crate) fn stdout(arguments: &[&str]) -> String {
    printed(arguments, &compare(arguments))
}

/// What was printed, when nothing is wrong.
pub(crate) fn printed(arguments: &[&str], output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*errors), (Some(0), ""), "{arguments:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What it prints for programs, when nothing is wrong.
pub(crate) fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&stdout(&[arguments, &["--format", "json"]].concat())).unwrap()
}

/// That it refuses: status 2, nothing on stdout, and these words on stderr.
pub(crate) fn refused(arguments: &[&str], words: &[&str]) {
    let output = compare(arguments);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
    assert!(output.stdout.is_empty(), "{arguments:?} wrote to stdout");
    for word in words {
        assert!(message.contains(word), "{arguments:?}: no {word:?} in\n{message}");
    }
}

/// Numbers as JSON has them.
pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    let number = |value: &Value| match value.as_str() {
        Some("NaN") => f64::NAN,
        Some("Infinity") => f64::INFINITY,
        Some("-Infinity") => f64::NEG_INFINITY,
        _ => value.as_f64().unwrap_or_else(|| panic!("{value}: a number")),
    };
    value.as_array().unwrap_or_else(|| panic!("{value}: a list")).iter().map(number).collect()
}

/// The words of a command as a shell would split them, with single and double quotes.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut any) = (String::new(), None, false);
    for c in text.chars() {
        match (c, quote) {
            ('\'' | '"', None) => (quote, any) = (Some(c), true),
            (c, Some(open)) if c == open => quote = None,
            (' ' | '\n', None) => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            (c, _) => word.push(c),
        }
    }
    if any || !word.is_empty() {
        words.push(word);
    }
    words
}
