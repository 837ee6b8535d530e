//! Errors as Python's exceptions.

use chainrule::{Diagnostic, GradientError, PartialError as Wrong, Refusal, Unit, UnrollError};
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use pyo3::{IntoPyObjectExt, create_exception};
use syntax::Setting;

use crate::words;

create_exception!(chainrule, ParseError, PyValueError, "A text is no function; the message shows the place.");
create_exception!(
    chainrule,
    Refused,
    PyException,
    "An answer would take more than its budget, or has no form."
);

create_exception!(
    chainrule,
    PartialError,
    PyValueError,
    "Partial sums that have no sum, or bytes that are no partial sum."
);
create_exception!(
    chainrule,
    Overlap,
    PartialError,
    "A row is in two partial sums; `rows` is the first range that is."
);
create_exception!(chainrule, Gap, PartialError, "Rows are in no partial sum; `missing` are their ranges.");
create_exception!(
    chainrule,
    PartTwice,
    PartialError,
    "A named part is in two partial sums; `part` is its name."
);
create_exception!(chainrule, OtherFunction, PartialError, "Partial sums of two functions.");
create_exception!(
    chainrule,
    OtherParameters,
    PartialError,
    "Partial sums for two values of a parameter; `name` is its name."
);

/// What is wrong with partial sums, in words and as attributes.
pub(crate) fn partial_error(py: Python<'_>, error: &Wrong) -> PyErr {
    let words = error.to_string();
    let with = |made: PyErr, name: &str, value: PyResult<Bound<'_, PyAny>>| {
        // An exception without its attribute is still one.
        let _ = value.and_then(|value| made.value(py).setattr(name, value));
        made
    };
    match error {
        Wrong::Overlap { rows } => {
            with(Overlap::new_err(words), "rows", (rows.start, rows.end).into_bound_py_any(py))
        }
        Wrong::Gap { missing } => {
            let missing: Vec<(u64, u64)> = missing.iter().map(|range| (range.start, range.end)).collect();
            with(Gap::new_err(words), "missing", missing.into_bound_py_any(py))
        }
        Wrong::PartTwice { part } => with(PartTwice::new_err(words), "part", part.into_bound_py_any(py)),
        Wrong::OtherFunction { .. } => OtherFunction::new_err(words),
        Wrong::OtherParameters { name, .. } => {
            with(OtherParameters::new_err(words), "name", name.into_bound_py_any(py))
        }
        _ => PartialError::new_err(words),
    }
}

/// A text that cannot be read, with the place.
pub(crate) fn parse_error(diagnostic: &Diagnostic, text: &str, origin: &str) -> PyErr {
    ParseError::new_err(diagnostic.clone().worded(words::of_texts).render(text, origin, false))
}

/// Bad input, in words.
pub(crate) fn value_error(message: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(message.to_string())
}

/// A budget is a refusal; anything else is wrong with what was given.
pub(crate) fn refusal(refusal: &Refusal) -> PyErr {
    match refusal {
        Refusal::Unroll(error) => unroll_error(error),
        Refusal::OverBudget { unit: Unit::Nodes, .. } => over_budget(refusal),
        refusal => Refused::new_err(refusal.to_string()),
    }
}

/// What a larger budget would allow.
fn over_budget(error: impl std::fmt::Display) -> PyErr {
    let advice = words::of_functions(&Setting::Nodes).map_or(String::new(), |words| format!("; {words}"));
    Refused::new_err(format!("{error}{advice}"))
}

/// Likewise.
pub(crate) fn unroll_error(error: &UnrollError) -> PyErr {
    match error {
        UnrollError::TooLarge { .. } => over_budget(error),
        UnrollError::OutOfMemory { .. } => Refused::new_err(error.to_string()),
        UnrollError::Unbound { size } => {
            let sizes = Setting::Sizes(vec![size.clone()]);
            value_error(format!("{error}; {}", words::of_functions(&sizes).unwrap_or_default()))
        }
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
