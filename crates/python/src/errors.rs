//! Errors as Python's exceptions.

use chainrule::{Diagnostic, GradientError, Refusal, UnrollError};
use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;

create_exception!(chainrule, ParseError, PyValueError, "A text is no function; the message shows the place.");
create_exception!(
    chainrule,
    Refused,
    PyException,
    "An answer would take more than its budget, or has no form."
);

/// A text that cannot be read, with the place.
pub(crate) fn parse_error(diagnostic: &Diagnostic, text: &str, origin: &str) -> PyErr {
    ParseError::new_err(diagnostic.render(text, origin, false))
}

/// Bad input, in words.
pub(crate) fn value_error(message: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(message.to_string())
}

/// A budget is a refusal; anything else is wrong with what was given.
pub(crate) fn refusal(refusal: &Refusal) -> PyErr {
    match refusal {
        Refusal::Unroll(error) => unroll_error(error),
        refusal => Refused::new_err(refusal.to_string()),
    }
}

/// Likewise.
pub(crate) fn unroll_error(error: &UnrollError) -> PyErr {
    match error {
        UnrollError::TooLarge { .. } => Refused::new_err(error.to_string()),
        UnrollError::NoData { input } => value_error(format!(
            "{input} stands in an index, so it is data: bind it with f.with_data({input}=…)"
        )),
        error => value_error(error),
    }
}

/// What a point of some length does not fit.
pub(crate) fn gradient_error(error: &GradientError) -> PyErr {
    match error {
        GradientError::Refused(refused) => refusal(refused),
        GradientError::Size { size, numbers } => value_error(format!(
            "the size {size} cannot be inferred from a point of {numbers} numbers; bind it with f.with_sizes({size}=…)"
        )),
        error => value_error(error),
    }
}
