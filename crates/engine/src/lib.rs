//! A function compiled to a flat program, run for one point or for many. Executes, never differentiates.
//!
//! A [`Program`] is a list of steps over numbered slots: inputs first, then constants, then one slot per step. Steps
//! that do the same and do not need each other stand together in a [`Run`]. It is
//! immutable and shared; a [`Workspace`] owned by the caller holds the numbers, so running allocates nothing. The
//! numbers are any [`Scalar`](expr::Scalar). A [`VectorProgram`] runs many points at once, in [`Lanes`].

mod action;
mod cone;
mod fold_places;
mod native;
mod number;
mod partials;
mod plan;
mod program;
mod rows;
mod schedule;
mod vectors;

pub use action::Action;
pub use cone::Cones;
pub use native::{Effort, Native, NoNative, Recorded, Straight, Tier};
pub use number::{LANES, Lanes, Number};
pub use partials::{Folding, Partials};
pub use plan::{NotPlanned, Plan, PlanBudget, PlanWorkspace};
pub use program::{Program, Run, Workspace, slots};
pub use rows::{Operand, Output, Registers, VectorProgram};
pub use vectors::{SimdKernel, prefetch, store_fence, streaming_store};
