//! What a caller can set. Errors name it as data, and every program has words of its own for it.

use std::fmt;

/// Something that a caller can set: an option of a program, an argument or a method elsewhere.
///
/// Displayed it is advice that fits everywhere; a program that has a name for it says that instead.
///
/// ```
/// use syntax::Setting;
/// assert_eq!(Setting::Sizes(vec!["n".to_owned()]).to_string(), "give a value to n");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// How many nodes a graph may have.
    Nodes,
    /// The values of sizes.
    Sizes(Vec<String>),
    /// What says the values of sizes.
    SizeValues,
    /// An input, or the size that is its length.
    Length {
        /// The input.
        input: String,
        /// Its length.
        size: String,
    },
    /// A number at a point that no function can hold.
    NotFinite,
    /// The inputs that are differentiated by.
    By,
    /// What points are given by.
    At,
    /// The kind of derivative.
    Want,
    /// What directions are given by.
    Along,
    /// What weights of outputs are given by.
    Weights,
    /// An input that has been taken for something else: points give it.
    Input,
    /// The names of inputs that are data.
    DataNames,
    /// Data that are missing: those of an input, or any where points are not asked for.
    Data(Option<String>),
    /// In which range points are drawn.
    Domain,
    /// Where points are: given, or drawn in a range.
    Where,
    /// Decimals as the numbers that are printed.
    ExactDecimals,
    /// Derivatives as they are derived.
    Unsimplified,
    /// Backpropagation with twice the digits.
    Accurate,
}

/// What a program calls a setting; nothing where it has none such.
pub type Words = fn(&Setting) -> Option<String>;

impl Setting {
    /// Advice that fits everywhere.
    pub fn neutral(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Setting::Nodes => f.write_str("allow more nodes"),
            Setting::Sizes(sizes) => write!(f, "give a value to {}", sizes.join(", ")),
            Setting::Length { input, size } => write!(f, "give {input}, or its length {size}"),
            Setting::NotFinite => f.write_str("points may have them"),
            Setting::By => f.write_str("differentiated by"),
            Setting::SizeValues => f.write_str("sizes"),
            Setting::At => f.write_str("point"),
            Setting::Want => f.write_str("another kind of derivative takes them"),
            Setting::Along => f.write_str("direction"),
            Setting::Weights => f.write_str("weights"),
            Setting::Input => f.write_str("a point gives it"),
            Setting::DataNames => f.write_str("names of data"),
            Setting::Data(Some(input)) => write!(f, "give {input} with a point"),
            Setting::Data(None) => f.write_str("data are given with a point"),
            Setting::Domain => f.write_str("domain"),
            Setting::Where => f.write_str("say where, by a domain or a point"),
            Setting::ExactDecimals => f.write_str("they can be read as printed"),
            Setting::Unsimplified => f.write_str("try the derivative without simplifying it"),
            Setting::Accurate => f.write_str("try backpropagation with twice the digits"),
        }
    }
}
