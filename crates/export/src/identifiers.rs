//! Names that another language accepts, for names of ours.

use std::collections::HashSet;

use expr::{Function, Op};

/// A legal name for each word: letters, digits and `_`, none of the reserved, no two alike.
pub(super) struct Identifiers {
    reserved: HashSet<String>,
    /// Beginnings of reserved words.
    prefixes: Vec<&'static str>,
    taken: HashSet<String>,
}

impl Identifiers {
    /// None of the operators' names is given away: a call would mean the input. `reserved` are lists of words, and `*` at the end of
    /// one stands for anything.
    pub(super) fn new(reserved: &[&'static str]) -> Identifiers {
        let words = || reserved.iter().flat_map(|list| list.split_whitespace());
        let operators = Op::ALL.iter().map(|op| op.name());
        let whole = words().filter(|word| !word.ends_with('*'));
        Identifiers {
            reserved: operators.chain(whole).map(str::to_owned).collect(),
            prefixes: words().filter_map(|word| word.strip_suffix('*')).collect(),
            taken: HashSet::new(),
        }
    }

    /// A name for a word that a user wrote.
    pub(super) fn make(&mut self, word: &str) -> String {
        let mut name = legal(word);
        // Neither its beginning nor its end is the word's own.
        if self.reserved.contains(&name) || self.prefixes.iter().any(|prefix| name.starts_with(prefix)) {
            name = format!("in_{name}_");
        }
        self.unique(name)
    }

    /// A name for a word of the exporter's own, which nobody else has been given unless by chance.
    pub(super) fn own(&mut self, word: &str) -> String {
        self.unique(legal(word))
    }

    fn unique(&mut self, mut name: String) -> String {
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        name
    }

    /// The name may be given again: what it stood for is not spoken of any more.
    pub(super) fn release(&mut self, name: &str) {
        self.taken.remove(name);
    }
}

/// Letters, digits and `_`, and no name of a shared part.
fn legal(word: &str) -> String {
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
    name
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

#[cfg(test)]
mod tests {
    use super::super::reserved;
    use super::*;

    #[test]
    fn reserved_words_are_renamed() {
        for (words, lists) in [
            ("unix linux asm M_PI M_E FP_NAN FP_ZERO bool true NAN j0 _Bool memset exp", reserved::C),
            ("Some None fn dyn f64 Ok self exp", reserved::RUST),
            ("None True lambda print np match len ValueError exp", reserved::PYTHON),
        ] {
            let mut names = Identifiers::new(lists);
            for word in words.split(' ') {
                assert_eq!(names.make(word), format!("in_{word}_"));
            }
            assert_eq!(["x", "x", "q'", "t1"].map(|word| names.make(word)), ["x", "x_", "q_prime", "_t1"]);
            assert_eq!(names.own("gradient_x"), "gradient_x");
        }
    }
}
