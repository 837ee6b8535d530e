//! The shared expression IR: operator table and hash-consed graph with axes.
//!
//! A function is written down once, as text (read by `syntax`) or in Rust ([`Function::build`]), and kept as a graph in
//! which every subexpression occurs once. Everything else in the project reads that graph. Two ideas carry it:
//!
//! * a [`Scalar`] is a number of any kind, and calculus is written over it once, in one table ([`Op`]);
//! * an axis is an index that a sum, product or iteration runs over; [`Function::unroll`] says what that means.

// Test modules that other packages use too call this one by its name.
#[cfg(test)]
extern crate self as expr;

mod alpha_equivalence;
mod analysis;
mod array_builder;
mod block;
mod bounds;
pub mod builder;
mod complex;
mod constant;
mod dispatch;
mod double;
mod evaluate;
mod extents;
mod fact_domain;
mod facts;
pub mod fold;
mod forms;
mod function;
pub mod graph;
mod ids;
pub mod index;
mod index_branches;
pub mod interner;
pub mod interrupt;
mod lanes;
mod lengths;
mod live;
mod memory;
#[cfg(debug_assertions)]
mod mutant;
mod node;
mod ops;
pub mod passes;
mod path_conditions;
mod rebuild;
pub mod reverse_sweep;
mod rewrite;
mod scalar;
mod scatter;
mod schedule;
pub mod scope;
mod shapes;
mod shapes_by_ranges;
pub mod singularities;
mod sink;
mod special;
mod stages;
mod translate;
mod unroll;
mod unroll_error;
mod values;

pub use analysis::{Activity, Analysis};
pub use array_builder::Contribution;
pub use bounds::IndexBounds;
pub use builder::{Builder, Expr};
pub use complex::Complex;
pub use constant::{Constant, Decimal, DecimalError};
pub use dispatch::Dispatch;
pub use double::DoubleDouble;
pub use elementary::sin_cos_lanes;
pub use evaluate::Rounds;
pub use extents::{Extent, SizeConflict, extents};
pub use fact_domain::{Answer, Asked, Certainty, FactDomain};
pub use facts::Fact;
pub use fold::Fold;
pub use function::Function;
pub use graph::Graph;
pub use ids::{Axis, BlockId, ConstantId, IterationId, ListId, NodeId, PositionId, RangeId, ScatterId};
pub use lanes::PAIR;
pub use lengths::{expect_length, expect_places, expect_point};
#[cfg(debug_assertions)]
#[doc(hidden)]
pub use mutant::Mutant;
pub use node::Node;
pub use ops::{Calculus, Form, Op};
pub use path_conditions::{Clause, PathConditions, Predicate};
pub use rebuild::Rebuild;
pub use reverse_sweep::{Local, nan_without_value, reverse_sweep};
pub use rewrite::Style;
pub use scalar::Scalar;
pub use scatter::{Part, Scatter, Shape};
pub use singularities::{Reach, Singularities, Singularity};
pub use sink::Sink;
pub use special::MOST_ORDERS;
pub use stages::{Feed, Kind, Stage, Stages};
pub use unroll_error::UnrollError;
