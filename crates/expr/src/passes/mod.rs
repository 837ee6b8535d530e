//! Derivatives of functions with axes and arrays: function in, function out, loops kept. `ARRAYS.md` has the reasons and
//! examples by hand.

#[cfg(test)]
mod axes_tests;
mod body;
mod copy;
mod gradients;
mod iterations;
mod jvp;
mod kept_states;
mod marked;
#[cfg(test)]
mod order_tests;
mod own_axes;
mod pending;
#[cfg(test)]
pub(crate) mod random_tests;
mod rules;
mod scopes;
mod seeds;
mod separate;
mod shares;
mod singular;
#[cfg(test)]
mod singular_tests;
mod terms;
#[cfg(test)]
mod tests;
mod vjp;
#[cfg(test)]
mod work_tests;

use crate::index::{Index, Symbol};
use crate::node::Axis;

pub use singular::Singular;

/// Why there is no derivative.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDerivative {
    /// A gradient is that of one number.
    #[error("the function has several outputs, or one that is an array: seeds are needed")]
    NotOneNumber,
    /// More axes than a function may have.
    #[error("the derivative needs more than {} index variables", crate::graph::MAX_AXES)]
    TooManyAxes,
    /// What is received by an array whose indices are those of an input, and are not known here.
    #[error("an array with the indices of an input stands inside a loop")]
    UnknownIndices,
}

/// What an output is multiplied by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seeds {
    /// The one output, a number, by 1.
    One,
    /// Every output by an input of its own, a parameter of the same indices: `seed`, `seed2`, …
    Inputs,
}

fn index(axis: Axis) -> Index {
    Index::from(Symbol::Axis(axis))
}
