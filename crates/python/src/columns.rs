//! Numbers that Python gives: arrays of doubles as they lie in memory, everything else converted where that is exact.

use std::borrow::Cow;

use numpy::{
    PyArrayDescrMethods, PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArray,
    PyUntypedArrayMethods,
};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt};

/// Integers beyond are not all doubles.
pub(crate) const LARGEST_EXACT: i64 = 1 << 53;

/// An input as it was given: a number, or an array of doubles.
pub(crate) enum Column<'py> {
    Number(f64),
    Array(PyReadonlyArrayDyn<'py, f64>),
}

impl<'py> Column<'py> {
    /// Reads what was given for the input `name`.
    pub(crate) fn read(name: &str, given: &Bound<'py, PyAny>) -> PyResult<Column<'py>> {
        if let Some(number) = scalar(name, given)? {
            return Ok(Column::Number(number));
        }
        let numpy = given.py().import("numpy")?;
        let array = match given.is_exact_instance_of::<PyUntypedArray>() {
            true => given.clone(),
            false => converted(name, given, &numpy)?,
        };
        let kind = array.cast::<PyUntypedArray>().map_err(PyErr::from)?.dtype();
        let doubles = match (kind.kind(), kind.itemsize()) {
            (b'f', 8) if array.cast::<PyArrayDyn<f64>>().is_ok() => array,
            (b'f', 2 | 4 | 8) | (b'b', _) => array.call_method1("astype", ("f8",))?,
            (b'i' | b'u', size) => {
                if size == 8 && !within(&array)? {
                    return Err(refused(name, "an integer beyond 2^53 is no double"));
                }
                array.call_method1("astype", ("f8",))?
            }
            (b'O', _) => from_objects(name, &array, &numpy)?,
            _ => {
                return Err(refused(
                    name,
                    &format!("{} does not convert to float64 exactly", array.getattr("dtype")?),
                ));
            }
        };
        let doubles = doubles.cast::<PyArrayDyn<f64>>().map_err(PyErr::from)?;
        Ok(Column::Array(doubles.try_readonly()?))
    }

    /// How long it is along each index.
    pub(crate) fn shape(&self) -> &[usize] {
        match self {
            Column::Number(_) => &[],
            Column::Array(array) => array.shape(),
        }
    }

    /// The numbers, row after row; as they lie in memory where they lie so.
    pub(crate) fn numbers(&self) -> Cow<'_, [f64]> {
        match self {
            Column::Number(number) => Cow::Owned(vec![*number]),
            // A slice of an array in Fortran's order would be column after column.
            Column::Array(array) => match array.as_slice() {
                Ok(slice) if array.is_c_contiguous() => Cow::Borrowed(slice),
                _ => Cow::Owned(array.as_array().iter().copied().collect()),
            },
        }
    }
}

/// What is no array and no double of NumPy's: a list, a column of a data frame, an array of another library.
fn converted<'py>(
    name: &str,
    given: &Bound<'py, PyAny>,
    numpy: &Bound<'py, PyModule>,
) -> PyResult<Bound<'py, PyAny>> {
    if given.is_instance(&numpy.getattr("ma")?.getattr("MaskedArray")?)? {
        return Err(refused(name, "a masked array has values that are none"));
    }
    // NumPy would round integers in a list that holds a double too.
    let is_array = given.hasattr("__array__")? || given.hasattr("__array_interface__")?;
    let array = match is_array {
        true => numpy.call_method1("asarray", (given,)),
        false => numpy.call_method1("asarray", (given, "O")),
    };
    array.map_err(|error| refused(name, &format!("it is no array of numbers ({})", error.value(given.py()))))
}

/// A Python or NumPy scalar, where that converts exactly; nothing where it is none.
fn scalar(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Option<f64>> {
    if let Ok(number) = given.cast::<PyFloat>() {
        return Ok(Some(number.value()));
    }
    if let Ok(truth) = given.cast::<PyBool>() {
        return Ok(Some(f64::from(u8::from(truth.is_true()))));
    }
    if given.is_instance_of::<PyInt>() {
        return match given.extract::<i64>() {
            Ok(integer) if (-LARGEST_EXACT..=LARGEST_EXACT).contains(&integer) => Ok(Some(integer as f64)),
            _ => Err(refused(name, "an integer beyond 2^53 is no double")),
        };
    }
    Ok(None)
}

/// An array of Python's objects, each of which must be a number.
fn from_objects<'py>(
    name: &str,
    array: &Bound<'py, PyAny>,
    numpy: &Bound<'py, PyModule>,
) -> PyResult<Bound<'py, PyAny>> {
    let doubles = numpy.call_method1("empty", (array.getattr("shape")?, "f8"))?;
    let places = doubles.getattr("flat")?;
    for (k, item) in array.getattr("flat")?.try_iter()?.enumerate() {
        let item = item?;
        let number = match scalar(name, &item)? {
            Some(number) => number,
            None if item.is_instance(&numpy.getattr("generic")?)? => {
                let read = Column::read(name, &numpy.call_method1("asarray", (item,))?)?;
                read.numbers()[0]
            }
            None => {
                let what = item.get_type().qualname()?;
                return Err(refused(name, &format!("a {what} does not convert to float64 exactly")));
            }
        };
        places.set_item(k, number)?;
    }
    Ok(doubles)
}

/// Whether all integers of an array are doubles.
fn within(array: &Bound<'_, PyAny>) -> PyResult<bool> {
    if array.getattr("size")?.extract::<usize>()? == 0 {
        return Ok(true);
    }
    let low = array.call_method0("min")?.call_method0("item")?;
    let high = array.call_method0("max")?.call_method0("item")?;
    Ok(low.ge(-LARGEST_EXACT)? && high.le(LARGEST_EXACT)?)
}

fn refused(name: &str, why: &str) -> PyErr {
    PyTypeError::new_err(format!("{name}: {why}"))
}
