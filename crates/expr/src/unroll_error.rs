//! Why a function with axes cannot be unrolled.

use std::fmt;

use crate::node::NodeId;

/// Why a function with axes cannot be unrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnrollError {
    /// More nodes than the budget.
    TooLarge {
        /// How many there would be at least.
        needed: u64,
        /// How many there may be.
        budget: u64,
    },
    /// More than memory holds, though no more than the budget.
    OutOfMemory {
        /// How many nodes there would be at least.
        needed: u64,
        /// What these would take.
        bytes: u64,
        /// What there is.
        available: u64,
    },
    /// A size has no value.
    Unbound {
        /// Its name.
        size: String,
    },
    /// No size of that name occurs.
    UnknownSize {
        /// The name.
        size: String,
    },
    /// An index below 1, or too large for any input.
    IndexOutOfRange {
        /// The input that is read.
        input: String,
        /// The index.
        index: i64,
        /// The node that reads it.
        node: NodeId,
    },
    /// An index beyond the length that an input is declared to have.
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
    /// A declared length that is no length.
    NoLength {
        /// The input.
        input: String,
        /// The number.
        length: i64,
    },
    /// A bound or index outside the range of 64-bit integers.
    Overflow {
        /// The node it belongs to.
        node: NodeId,
    },
}

impl fmt::Display for UnrollError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnrollError::TooLarge { needed, budget } => {
                write!(f, "the unrolled function would have at least {needed} nodes; the budget is {budget}")
            }
            UnrollError::OutOfMemory { needed, bytes, available } => {
                let [bytes, available] = [bytes, available].map(|bytes| *bytes as f64 / f64::from(1 << 30));
                write!(
                    f,
                    "the unrolled function would have at least {needed} nodes and take some {bytes:.1} GiB; \
                     {available:.1} GiB of memory are available"
                )
            }
            UnrollError::Unbound { size } => write!(f, "the size {size} has no value"),
            UnrollError::UnknownSize { size } => write!(f, "the function has no size {size}"),
            UnrollError::IndexOutOfRange { input, index, .. } if *index < 1 => {
                write!(f, "index {index} of {input}: indices start at 1")
            }
            UnrollError::IndexOutOfRange { input, index, .. } => {
                write!(f, "index {index} of {input} is too large")
            }
            UnrollError::BeyondLength { input, index, length, .. } => {
                write!(f, "index {index} of {input} is beyond its length {length}")
            }
            UnrollError::NoLength { input, length } => {
                write!(f, "{input} cannot have the length {length}")
            }
            UnrollError::Overflow { .. } => f.write_str("a bound or index is too large"),
        }
    }
}

impl std::error::Error for UnrollError {}

impl UnrollError {
    /// The node to blame, where there is one.
    pub fn node(&self) -> Option<NodeId> {
        match self {
            UnrollError::IndexOutOfRange { node, .. }
            | UnrollError::BeyondLength { node, .. }
            | UnrollError::Overflow { node } => Some(*node),
            _ => None,
        }
    }
}
