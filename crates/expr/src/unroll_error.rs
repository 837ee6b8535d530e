//! Why a function with axes cannot be unrolled.

use crate::node::NodeId;

/// Why a function with axes cannot be unrolled.
///
/// ```
/// use expr::UnrollError;
/// let f = syntax::parse("sum(i, 1, n, x[i])").unwrap();
/// assert_eq!(f.unroll(1_000).unwrap_err(), UnrollError::Unbound { size: "n".into() });
/// let large = f.with_sizes(&[("n", 10_000)]).unwrap();
/// assert!(matches!(large.unroll(1_000), Err(UnrollError::TooLarge { budget: 1_000, .. })));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnrollError {
    /// More nodes than the budget.
    #[error("the unrolled function would have at least {needed} nodes; the budget is {budget}")]
    TooLarge {
        /// How many there would be at least.
        needed: u64,
        /// How many there may be.
        budget: u64,
    },
    /// More than memory holds, though no more than the budget.
    #[error(
        "the unrolled function would have at least {needed} nodes and take some {:.1} GiB; {:.1} GiB of memory are available",
        gib(.bytes),
        gib(.available)
    )]
    OutOfMemory {
        /// How many nodes there would be at least.
        needed: u64,
        /// What these would take.
        bytes: u64,
        /// What there is.
        available: u64,
    },
    /// A size has no value.
    #[error("the size {size} has no value")]
    Unbound {
        /// Its name.
        size: String,
    },
    /// No size of that name occurs.
    #[error("the function has no size {size}")]
    UnknownSize {
        /// The name.
        size: String,
    },
    /// An index below 1, or too large for any input.
    #[error("index {index} of {input}{}", if *.index < 1 { ": indices start at 1" } else { " is too large" })]
    IndexOutOfRange {
        /// The input that is read.
        input: String,
        /// The index.
        index: i64,
        /// The node that reads it.
        node: NodeId,
    },
    /// An index beyond the length that an input is declared to have.
    #[error("index {index} of {input} is beyond its length {length}")]
    BeyondLength {
        /// The input that is read.
        input: String,
        /// The index.
        index: i64,
        /// The length.
        length: usize,
        /// The node that reads it.
        node: NodeId,
    },
    /// An index of an array outside the range for which it is defined.
    #[error("index {index} of an array that is defined from {low} to {high}")]
    OutsideArray {
        /// The index.
        index: i64,
        /// The first index.
        low: i64,
        /// The last one.
        high: i64,
        /// The node that reads it.
        node: NodeId,
    },
    /// The largest or smallest of no values.
    #[error("the largest or smallest value of an empty range")]
    NoExtreme {
        /// The node.
        node: NodeId,
    },
    /// Data that nothing binds.
    #[error("the data {input} have no values")]
    NoData {
        /// Their name.
        input: String,
    },
    /// No input of that name occurs, with as many indices.
    #[error("the function has no such input {input}")]
    UnknownInput {
        /// The name.
        input: String,
    },
    /// Data of another shape than they are used with, or with too few or too many numbers.
    #[error("{count} numbers, {}, for {input}, which has {}", lengths_text(.lengths), indices_text(*.rank))]
    WrongData {
        /// The data.
        input: String,
        /// How many indices they are used with.
        rank: usize,
        /// Their lengths as they were given.
        lengths: Vec<usize>,
        /// How many numbers there are.
        count: usize,
    },
    /// Data of other lengths than they are declared with, or longer than anything reads.
    #[error("{input} has {}, where {} is needed", shape_text(.given), shape_text(.needed))]
    OtherLengths {
        /// The data.
        input: String,
        /// How long they are.
        given: Vec<usize>,
        /// How long they should be.
        needed: Vec<usize>,
    },
    /// Data that stand in an index and are no integer.
    #[error("{element} is {value}, which is no integer, and stands in an index")]
    NotAnIndex {
        /// The element: `k[3]`.
        element: String,
        /// Its value.
        value: String,
        /// The node whose index it stands in.
        node: NodeId,
    },
    /// An index that is wrong because of data.
    #[error("{error}: {because}")]
    OfData {
        /// What is wrong.
        error: Box<UnrollError>,
        /// The data that it is made of: `k[3] is 7`.
        because: String,
    },
    /// A declared length that is no length.
    #[error("{input} cannot have the length {length}")]
    NoLength {
        /// The input.
        input: String,
        /// The number.
        length: i64,
    },
    /// A bound or index outside the range of 64-bit integers.
    #[error("a bound or index is too large")]
    Overflow {
        /// The node it belongs to.
        node: NodeId,
    },
}

fn shape_text(lengths: &[usize]) -> String {
    match lengths {
        [length] => format!("length {length}"),
        _ => format!("lengths {}", lengths.iter().map(usize::to_string).collect::<Vec<_>>().join(" by ")),
    }
}

fn lengths_text(lengths: &[usize]) -> String {
    match lengths {
        [] => "one alone".to_owned(),
        [length] => format!("a list of {length}"),
        _ => format!("{} of them", lengths.iter().map(usize::to_string).collect::<Vec<_>>().join(" by ")),
    }
}

fn indices_text(rank: usize) -> String {
    match rank {
        0 => "no index".to_owned(),
        1 => "1 index".to_owned(),
        _ => format!("{rank} indices"),
    }
}

/// Bytes in the unit that memory is sold in.
fn gib(bytes: &u64) -> f64 {
    *bytes as f64 / f64::from(1 << 30)
}

impl UnrollError {
    /// The node to blame, where there is one.
    pub fn node(&self) -> Option<NodeId> {
        match self {
            UnrollError::IndexOutOfRange { node, .. }
            | UnrollError::BeyondLength { node, .. }
            | UnrollError::OutsideArray { node, .. }
            | UnrollError::NoExtreme { node }
            | UnrollError::NotAnIndex { node, .. }
            | UnrollError::Overflow { node } => Some(*node),
            UnrollError::OfData { error, .. } => error.node(),
            _ => None,
        }
    }
}
