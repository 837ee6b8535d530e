//! The shared expression IR: operator table, hash-consed graph with axes, language and printer.
//!
//! A function is written down once, as text ([`parse`]) or in Rust ([`Function::build`]), and kept as a graph in
//! which every subexpression occurs once. Everything else in the project reads that graph. Two ideas carry it:
//!
//! * a [`Scalar`] is a number of any kind, and calculus is written over it once, in one table ([`Op`]);
//! * an axis is an index that a sum, product or iteration runs over; [`Function::unroll`] says what that means.

mod analysis;
pub mod builder;
mod complex;
mod constant;
mod double;
mod elementary;
mod evaluate;
mod extents;
mod facts;
pub mod fold;
mod fpcore;
mod function;
pub mod graph;
mod guards;
pub mod index;
mod interner;
mod jet;
mod language;
mod lengths;
mod library;
mod memory;
#[cfg(debug_assertions)]
mod mutant;
mod node;
mod ops;
mod path_conditions;
pub mod reverse_sweep;
mod rewrite;
mod same;
mod scalar;
mod schedule;
mod scope;
mod special;
mod stages;
mod unroll;
mod unroll_error;
mod value;

#[cfg(test)]
mod tests;

pub use analysis::{Activity, Analysis};
pub use builder::{Builder, Expr, Style};
pub use complex::Complex;
pub use constant::{Constant, Decimal, DecimalError};
pub use double::DoubleDouble;
pub use elementary::{PAIR, sin_cos_lanes};
pub use evaluate::Rounds;
pub use extents::SizeConflict;
pub use facts::Fact;
pub use fold::Fold;
pub use fpcore::{Core, CoreMeaning, read_cores};
pub use function::Function;
pub use graph::Graph;
pub use language::{
    Diagnostic, Domain, GivenValue, LONG, Reader, Sharing, ValueTree, closest, formulas, formulas_sharing,
    listing, listing_sharing, parse, read_domains, read_size_lists, read_sizes, read_values, written_out,
};
pub use lengths::{expect_length, expect_places, expect_point};
pub use library::{Entry, Group, catalogue};
#[cfg(debug_assertions)]
#[doc(hidden)]
pub use mutant::Mutant;
pub use node::{Axis, BlockId, ConstantId, IterationId, ListId, Node, NodeId, PositionId, RangeId};
pub use ops::{Calculus, Form, Op, PerOperator, Sink};
pub use path_conditions::{PathConditions, Predicate};
pub use reverse_sweep::{Local, nan_without_value, reverse_sweep};
pub use scalar::Scalar;
pub use stages::{Feed, Kind, Stage, Stages};
pub use unroll_error::UnrollError;
