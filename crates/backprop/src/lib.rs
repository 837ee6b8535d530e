//! Reverse-mode differentiation: the backward pass over an engine program, and its trace.
//!
//! The forward pass keeps the value of every node. In the backward pass, which walks the nodes from the output to
//! the inputs, a node
//!
//! 1. *receives an upstream gradient*: how much the output changes with this node. Where several nodes use it,
//!    several arrive, and they are summed;
//! 2. multiplies it by its *local gradients*: how much this node changes with each of its arguments. They are
//!    written down once per operator, in the table of `expr`;
//! 3. *passes the downstream gradients on*: they are the upstream gradients of its arguments.
//!
//! What the inputs have received in the end is the gradient. [`Adjoint`] does this fast, [`trace()`] shows it node by
//! node.

mod adjoint;
mod batch;
mod product;
mod pull_back;
mod staged;
pub mod trace;

pub use adjoint::{Adjoint, Workspace};
pub use batch::Batch;
pub use staged::{Staged, StagedWorkspace};
pub use trace::{Trace, trace};
