//! Every function that can be typed, in words: for lists, help and messages. `tests/library/catalogue.rs` holds each line.

mod angles;
mod other;
mod powers;

use std::sync::LazyLock;

/// What a function is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Powers and roots.
    Power,
    /// Exponentials and logarithms.
    Exponential,
    /// Angles.
    Trigonometric,
    /// Hyperbolic functions.
    Hyperbolic,
    /// Remainders, rounding and signs.
    Step,
    /// Extremes and branches.
    Choice,
    /// The gamma function and its kin.
    Gamma,
    /// The error function, the normal distribution and others.
    Special,
    /// Sums, products and iterations.
    Loop,
    /// Vectors and matrices as wholes.
    Array,
}

impl Group {
    /// Every group, in the order of the catalogue.
    pub const ALL: &'static [Group] = &[
        Group::Power,
        Group::Exponential,
        Group::Trigonometric,
        Group::Hyperbolic,
        Group::Step,
        Group::Choice,
        Group::Gamma,
        Group::Special,
        Group::Loop,
        Group::Array,
    ];

    /// What stands above its functions in a list.
    pub const fn title(self) -> &'static str {
        match self {
            Group::Power => "Powers and roots",
            Group::Exponential => "Exponentials and logarithms",
            Group::Trigonometric => "Trigonometric functions (radians)",
            Group::Hyperbolic => "Hyperbolic functions",
            Group::Step => "Rounding, remainders and signs",
            Group::Choice => "Extremes and branches",
            Group::Gamma => "The gamma function and its kin",
            Group::Special => "The error function, the normal distribution and others",
            Group::Loop => "Sums, products and iterations",
            Group::Array => "Vectors and matrices",
        }
    }
}

/// A function that can be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How it is written, with names for its arguments: `atan2(y, x)`.
    pub usage: &'static str,
    /// What it is about.
    pub group: Group,
    /// What it is, in one line.
    pub meaning: &'static str,
    /// Where it has a value, and where it has no slope.
    pub domain: &'static str,
    /// Its partial derivatives, as pairs of an argument and an expression of the language; none for what binds names.
    pub slopes: &'static [(&'static str, &'static str)],
    /// A function that uses it.
    pub example: &'static str,
    /// A point (as `--at` takes it) for the arguments of [`Entry::usage`] and the inputs of [`Entry::example`].
    pub at: &'static str,
}

impl Entry {
    /// Its name.
    pub fn name(&self) -> &'static str {
        self.usage.split('(').next().expect("a usage begins with the name")
    }

    /// The names of its arguments, as [`Entry::usage`] has them.
    pub fn arguments(&self) -> Vec<&'static str> {
        let list = &self.usage[self.name().len()..];
        list.trim_start_matches('(').trim_end_matches(')').split(", ").collect()
    }

    /// Its derivative in one line: one expression, or one per argument.
    pub fn derivative(&self) -> String {
        match self.slopes {
            [] if self.group == Group::Array => "that of the sums that it is made of".to_owned(),
            [] if self.name() == "prod" => "that of each factor times the others".to_owned(),
            [] if self.group == Group::Loop && self.name() != "sum" => {
                "by the chain rule, from the last step to the first".to_owned()
            }
            [] => "that of the terms, one by one".to_owned(),
            [(_, slope)] => (*slope).to_owned(),
            slopes => {
                let each: Vec<String> =
                    slopes.iter().map(|(by, slope)| format!("by {by}: {slope}")).collect();
                each.join("; ")
            }
        }
    }

    /// The point for [`Entry::example`] alone: without the arguments of [`Entry::usage`] that the example fixes.
    pub fn example_at(&self) -> String {
        let Ok(function) = crate::parse(self.example) else { return self.at.to_owned() };
        let inputs: Vec<&str> = function.graph().blocks().iter().map(|block| block.name.as_str()).collect();
        let Ok(values) = crate::read_values(self.at) else { return self.at.to_owned() };
        let used = values.iter().filter(|value| inputs.contains(&value.name.as_str()));
        let texts: Vec<String> =
            used.map(|value| format!("{}={}", value.name, &self.at[value.place.clone()])).collect();
        texts.join(",")
    }

    /// The entry of that name.
    pub fn of(name: &str) -> Option<&'static Entry> {
        catalogue().iter().find(|entry| entry.name() == name)
    }
}

/// Every function that can be typed, group by group.
pub fn catalogue() -> &'static [Entry] {
    static ALL: LazyLock<Vec<Entry>> =
        LazyLock::new(|| [powers::ENTRIES, angles::ENTRIES, other::ENTRIES].concat());
    &ALL
}
