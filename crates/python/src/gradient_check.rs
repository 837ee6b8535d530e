//! `chainrule.check_gradient`: a gradient written by hand in Python, against differences of the function's values.

use std::cell::RefCell;

use chainrule::{Agreement, CheckOptions, GradientCheck, check_gradient_with};
use numpy::{PyArray1, PyArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::columns::Column;

/// Checks a gradient at a point by values of the function alone, whatever library computes it.
///
/// `fun` takes an array of the shape of `x` and returns a number; `grad` likewise returns the gradient, or is an array. `noise` is
/// how far a value may be off; it is measured where it is not given.
///
/// >>> import chainrule as cr
/// >>> cr.check_gradient(lambda x: x[0]**2 * x[1], lambda x: [2*x[0]*x[1], x[0]**2], [3.0, -1.5]).status
/// 'agrees'
#[pyfunction]
#[pyo3(signature = (fun, grad, x, *, noise = None))]
pub(crate) fn check_gradient(
    py: Python<'_>,
    fun: &Bound<'_, PyAny>,
    grad: &Bound<'_, PyAny>,
    x: &Bound<'_, PyAny>,
    noise: Option<f64>,
) -> PyResult<Check> {
    let column = Column::read("x", x)?;
    let (shape, point) = (column.shape().to_vec(), column.numbers().into_owned());
    let array = |at: &[f64]| PyArray1::from_slice(py, at).reshape(shape.clone());
    let gradient = match grad.is_callable() {
        true => grad.call1((array(&point)?,))?,
        false => grad.clone(),
    };
    let gradient = Column::read("the gradient", &gradient)?;
    let failed: RefCell<Option<PyErr>> = RefCell::new(None);
    let value = |at: &[f64]| -> f64 {
        if failed.borrow().is_some() {
            return f64::NAN;
        }
        let value = py.check_signals().and_then(|()| number(&fun.call1((array(at)?,))?));
        value.unwrap_or_else(|error| {
            failed.replace(Some(error));
            f64::NAN
        })
    };
    let found = check_gradient_with(value, &gradient.numbers(), &point, &CheckOptions { noise });
    if let Some(error) = failed.take() {
        return Err(error);
    }
    let found = found.map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(Check { found })
}

/// A value of the function: a number, or an array that holds one.
fn number(value: &Bound<'_, PyAny>) -> PyResult<f64> {
    if let Ok(number) = value.extract::<f64>() {
        return Ok(number);
    }
    let one = value.call_method0("item").and_then(|item| item.extract::<f64>());
    one.map_err(|_| {
        let what = value.get_type().qualname().map_or(String::new(), |name| name.to_string());
        PyTypeError::new_err(format!("the function returns a {what}, not one real number"))
    })
}

/// A gradient that was checked: it agrees with the function's values, disagrees, or values cannot tell.
#[pyclass(frozen, module = "chainrule")]
pub(crate) struct Check {
    found: GradientCheck,
}

fn status(agreement: &Agreement) -> &'static str {
    match agreement {
        Agreement::Agrees { .. } => "agrees",
        Agreement::Disagrees { .. } => "disagrees",
        Agreement::CannotSee { .. } => "cannot_see",
    }
}

#[pymethods]
impl Check {
    /// agrees, disagrees or cannot_see: the worst over the components.
    #[getter]
    fn status(&self) -> &'static str {
        status(&self.found.agreement())
    }

    /// To so many digits at least, where it agrees.
    #[getter]
    fn digits(&self) -> Option<f64> {
        match self.found.agreement() {
            Agreement::Agrees { digits } => Some(digits),
            _ => None,
        }
    }

    /// How often the function was called.
    #[getter]
    fn evaluations(&self) -> u64 {
        self.found.evaluations
    }

    /// Every component: its position in the flat gradient, its status, both numbers, and the likely cause or why values cannot tell.
    #[getter]
    fn components<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let rows = self.found.components.iter().map(|checked| {
            let row = PyDict::new(py);
            row.set_item("component", checked.component)?;
            row.set_item("status", status(&checked.agreement))?;
            row.set_item("claimed", checked.claimed)?;
            row.set_item("found", checked.found.map(|slope| slope.value))?;
            row.set_item("error", checked.found.map(|slope| slope.error))?;
            match &checked.agreement {
                Agreement::Agrees { digits } => row.set_item("digits", digits)?,
                Agreement::Disagrees { cause } => row.set_item("cause", cause)?,
                Agreement::CannotSee { why } => row.set_item("why", why)?,
            }
            Ok(row)
        });
        PyList::new(py, rows.collect::<PyResult<Vec<_>>>()?)
    }

    fn __str__(&self) -> String {
        self.found.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<chainrule.Check: {}>", self.status())
    }

    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err("a check agrees, disagrees or cannot see: compare .status with \"agrees\""))
    }
}
