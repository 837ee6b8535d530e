//! The Python package `chainrule`: functions from text, their gradients, and how far to trust them.

mod answers;
mod batch;
mod columns;
mod errors;
mod evaluation;
mod function;
mod gradient_check;
mod interruptible;
mod low_level;
mod notebook;
mod partial;
mod place;
mod report;
mod words;

use pyo3::prelude::*;

#[pymodule]
mod _chainrule {
    #[pymodule_export]
    use crate::answers::checked;
    #[pymodule_export]
    use crate::errors::{
        Gap, OtherFunction, OtherParameters, Overlap, ParseError, PartTwice, PartialError, Refused,
    };
    #[pymodule_export]
    use crate::function::{Function, parse, restore};
    #[pymodule_export]
    use crate::gradient_check::{Check, check_gradient};
    #[pymodule_export]
    use crate::partial::{Partial, SumOver, Total, merge, restore_sum};
    #[pymodule_export]
    use crate::report::{Claims, Report, Steps, Trace};
}
