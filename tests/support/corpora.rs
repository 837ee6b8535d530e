//! Problems that nobody here wrote, read from beside the project.

use expr::{self, Function};

/// A file of the corpora; nothing, and a message, where they are absent.
pub fn corpus(file: &str) -> Option<String> {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus"));
    if !folder.exists() {
        eprintln!("skipped: there is no corpus beside the project");
        return None;
    }
    Some(std::fs::read_to_string(folder.join(file)).expect("the corpus can be read"))
}

/// A row of `rubi.tsv`.
pub struct Rubi<'a> {
    /// The antiderivative.
    pub text: &'a str,
    /// The same, parsed.
    pub f: Function,
    /// One number per input.
    pub x: Vec<f64>,
    /// The input to differentiate by, unless the function does not depend on it.
    pub input: Option<usize>,
    /// The variable to differentiate by.
    pub variable: &'a str,
    /// The derivative, as a formula.
    pub integrand: &'a str,
    /// Its value there, to 30 digits.
    pub truth: &'a str,
}

/// The rows of `rubi.tsv`: variable, point, antiderivative, integrand, value of the integrand.
pub fn rubi(text: &str) -> impl Iterator<Item = Rubi<'_>> {
    text.lines().map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [variable, at, text, integrand, truth] = columns[..] else { panic!("five columns: {line}") };
        let f = syntax::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let value = |name: &String| -> f64 {
            let pair = at.split(',').find_map(|pair| pair.split_once('=').filter(|(own, _)| own == name));
            pair.expect("every input is given").1.parse().expect("a number")
        };
        let x = f.input_names().iter().map(value).collect();
        let input = f.input_names().iter().position(|name| name == variable);
        Rubi { text, f, x, input, variable, integrand, truth }
    })
}

/// The files of FPBench's suite.
pub const FPBENCH: [&str; 12] = [
    "apron",
    "daisy",
    "fptaylor-extra",
    "fptaylor-real2float",
    "fptaylor-tests",
    "graphics",
    "hamming-ch3",
    "herbie",
    "precimonious",
    "rosa",
    "rump",
    "salsa",
];
