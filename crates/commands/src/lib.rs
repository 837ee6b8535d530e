//! Commands as functions from a request to a document: what the program `compare` and other languages answer with.
//!
//! A request is typed and names no file; a document serialises to the JSON that programs read, and each has a text for people.

pub mod bindings;
pub mod chart;
pub mod check;
pub mod compare;
pub mod contours;
pub mod derive;
pub mod descent;
mod failure;
pub mod input;
pub mod markup;
pub mod output;
pub mod parsed;
pub mod points;
pub mod request;
pub mod stepper;
pub mod steps;
pub mod swell;
pub mod trace;

pub use failure::{Failure, Origin};
pub use input::{FunctionRequest, Source};
pub use parsed::ParsedFunction;
pub use points::{PointRequest, Points};
