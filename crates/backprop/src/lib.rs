//! Reverse-mode differentiation: the backward pass over an engine program, and its trace.
//!
//! How it works is written down in [`expr::reverse_sweep`](mod@expr::reverse_sweep), to be read first. [`Adjoint`] does it fast,
//! [`Planned`] without unrolling, [`trace()`] shows it node by node.

mod adjoint;
mod batch;
mod planned;
mod product;
mod pull_back;
mod seeded;
mod slot_paths;
mod sparse;
mod staged;
pub mod trace;

pub use adjoint::{Adjoint, Workspace};
pub use batch::Batch;
pub use planned::{Planned, PlannedWorkspace};
pub use seeded::{Product, Seeded, SeededWorkspace, Sweep, UnrollOrPlan, Unrolled};
pub use sparse::{Pattern, Sparse, SparseWorkspace};
pub use staged::{Staged, StagedWorkspace};
pub use trace::{Trace, trace};
