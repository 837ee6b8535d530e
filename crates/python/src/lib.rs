//! The Python package `chainrule`: functions from text, their gradients, and how far to trust them.

mod batch;
mod columns;
mod errors;
mod evaluation;
mod function;

use pyo3::prelude::*;

#[pymodule]
mod _chainrule {
    #[pymodule_export]
    use crate::errors::{ParseError, Refused};
    #[pymodule_export]
    use crate::function::{Function, parse, restore};
}
