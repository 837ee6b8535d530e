//! Values and gradients at many points: a column for each number of a point, without copies where they lie so.

use std::borrow::Cow;

use chainrule::BatchInput;
use numpy::{PyArray1, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySlice};

use crate::columns::Column;
use crate::errors::{refusal, value_error};
use crate::function::Function;
use crate::interruptible::interruptible;
use crate::place::shown;

/// Rank by rank: what has one axis more than the input has is different at every point.
pub(crate) fn run<'py>(
    py: Python<'py>,
    function: &Function,
    given: &[(String, Column<'py>)],
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyDict>)> {
    let mut points = None;
    let mut shapes = Vec::new();
    for ((name, column), rank) in given.iter().zip(function.ranks()) {
        let shape = column.shape();
        match shape.len().checked_sub(rank) {
            Some(0) => shapes.push((name.clone(), shape.to_vec())),
            Some(1) => match points.replace((name, shape[0])) {
                Some((first, length)) if length != shape[0] => {
                    return Err(value_error(format!("{first} has {length} rows, {name} has {}", shape[0])));
                }
                _ => shapes.push((name.clone(), shape[1..].to_vec())),
            },
            _ => {
                return Err(value_error(format!(
                    "{name} has the shape {}; at one point it has {rank} axes, at many one more",
                    shown(shape)
                )));
            }
        }
    }
    let Some((_, points)) = points else {
        return Err(value_error("no input has an axis of points: at one point use value_and_gradient"));
    };
    let evaluation = function.for_shapes(py, shapes.clone())?;
    let mut numbers = Vec::with_capacity(given.len());
    for ((input, (name, shape)), (_, column)) in evaluation.inputs.iter().zip(&shapes).zip(given) {
        if input.shape != *shape {
            return Err(value_error(format!(
                "{name} has the shape {} at a point; it needs {}",
                shown(shape),
                shown(&input.shape)
            )));
        }
        let shared = column.shape().len() == shape.len();
        numbers.push((shared, input.len(), column.numbers()));
    }
    // Row after row becomes column after column.
    let columns: Vec<(bool, Cow<'_, [f64]>)> = numbers
        .iter()
        .map(|(shared, length, numbers)| match (shared, length) {
            (false, length) if *length != 1 => (false, Cow::Owned(transposed(numbers, points, *length))),
            _ => (*shared, Cow::Borrowed(&numbers[..])),
        })
        .collect();
    let mut inputs = Vec::with_capacity(evaluation.numbers);
    for ((shared, column), input) in columns.iter().zip(&evaluation.inputs) {
        match shared {
            true => inputs.extend(column.iter().map(|number| BatchInput::Shared(*number))),
            false => {
                inputs.extend((0..input.len()).map(|k| BatchInput::Each(&column[k * points..][..points])))
            }
        }
    }
    let (outputs, batch) = interruptible(py, || evaluation.batch().map_err(|refused| refusal(&refused)))?;
    let (mut values, mut gradients) =
        (vec![0.0; outputs * points], vec![0.0; outputs * inputs.len() * points]);
    interruptible(py, || {
        batch.values_and_gradients(&inputs, points, &mut values, &mut gradients);
        Ok(())
    })?;
    let values = PyArray1::from_vec(py, values).reshape([*outputs, points])?;
    let gradients = PyArray1::from_vec(py, gradients).reshape([*outputs, inputs.len(), points])?;
    let all = PyDict::new(py);
    for input in &evaluation.inputs {
        let part = PySlice::new(py, input.start as isize, (input.start + input.len()) as isize, 1);
        let whole = PySlice::full(py);
        let own = gradients.as_any().get_item((&whole, part, &whole))?;
        // Points first, then outputs where there are several, then the input's own axes.
        let own = own.call_method1("transpose", (2, 0, 1))?;
        let several = (*outputs != 1).then_some(*outputs);
        let shape: Vec<usize> =
            [points].into_iter().chain(several).chain(input.shape.iter().copied()).collect();
        all.set_item(&input.name, own.call_method1("reshape", (shape,))?)?;
    }
    let values = match outputs {
        1 => values.as_any().get_item(0)?,
        _ => values.as_any().getattr("T")?,
    };
    Ok((values, all))
}

pub(crate) fn transposed(numbers: &[f64], rows: usize, length: usize) -> Vec<f64> {
    let mut out = vec![0.0; numbers.len()];
    for (row, numbers) in numbers.chunks(length).enumerate() {
        for (k, number) in numbers.iter().enumerate() {
            out[k * rows + row] = *number;
        }
    }
    out
}
