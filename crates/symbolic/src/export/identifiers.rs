//! Names that another language accepts, for names of ours.

use std::collections::HashSet;

use expr::{Function, Op};

/// A legal name for each word: letters, digits and `_`, none of the `reserved`, no two alike.
pub(super) struct Identifiers {
    taken: HashSet<String>,
}

impl Identifiers {
    /// None of the operators' names is given away: a call would mean the input.
    pub(super) fn new(reserved: &[&str]) -> Identifiers {
        let operators = Op::ALL.iter().map(|op| op.name());
        Identifiers { taken: operators.chain(reserved.iter().copied()).map(str::to_owned).collect() }
    }

    pub(super) fn make(&mut self, word: &str) -> String {
        let mut name = String::new();
        for c in word.chars() {
            match c {
                '\'' => name.push_str("_prime"),
                c if c.is_ascii_alphanumeric() || c == '_' => name.push(c),
                c => name.push_str(&format!("u{:x}", u32::from(c))),
            }
        }
        // Names of shared parts are t1, t2, …
        let is_part = name.strip_prefix('t').is_some_and(|rest| rest.bytes().all(|c| c.is_ascii_digit()));
        if is_part && name.len() > 1 || !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            name.insert(0, '_');
        }
        if name == "_" {
            name.push('_');
        }
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        name
    }
}

/// For every block of inputs its name, how many scalars it holds and whether it is indexed.
pub(super) fn blocks(f: &Function, names: &mut Identifiers) -> Vec<(String, usize, bool)> {
    let blocks = f.graph().blocks().iter();
    blocks.map(|block| (names.make(&block.name), block.len().unwrap_or(0), block.rank > 0)).collect()
}

/// How every scalar input is read: `x`, `w[3]`, counted from 0.
pub(super) fn reads(blocks: &[(String, usize, bool)]) -> Vec<String> {
    let read = |(name, length, indexed): &(String, usize, bool)| match indexed {
        true => (0..*length).map(|k| format!("{name}[{k}]")).collect(),
        false => vec![name.clone()],
    };
    blocks.iter().flat_map(read).collect()
}
