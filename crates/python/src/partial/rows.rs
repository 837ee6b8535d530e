//! The rows of a batch, whatever holds them: the columns that a function reads, and which rows are null.

use std::borrow::Cow;

use chainrule::BatchInput;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::arrow::{self, Batches};
use crate::columns::Column;
use crate::errors::value_error;
use crate::place::shown;

/// The numbers of an input in every row.
pub(super) struct RowColumn<'a> {
    /// Row after row.
    pub(super) numbers: Cow<'a, [f64]>,
    /// How long the input is along each index, in one row.
    pub(super) shape: Vec<usize>,
}

/// Rows that come together.
pub(super) struct Batch<'a> {
    pub(super) rows: usize,
    pub(super) columns: Vec<RowColumn<'a>>,
    /// Columns that have nulls, and in which rows.
    pub(super) nulls: Vec<(String, Vec<bool>)>,
}

impl Batch<'_> {
    /// Which rows are skipped.
    ///
    /// # Errors
    /// Where none may be: the first null, `from` being the number of the first row.
    pub(super) fn skipped(&self, skip: bool, from: u64) -> PyResult<Vec<bool>> {
        let mut skipped = Vec::new();
        for (name, nulls) in &self.nulls {
            if !skip && let Some(row) = nulls.iter().position(|null| *null) {
                return Err(value_error(format!(
                    "{name} is null in row {}; with nulls=\"skip\" such rows are left out",
                    from + row as u64
                )));
            }
            match skipped.is_empty() {
                true => skipped = nulls.clone(),
                false => skipped.iter_mut().zip(nulls).for_each(|(skipped, null)| *skipped |= null),
            }
        }
        Ok(skipped)
    }
}

/// A column for each number of an input.
pub(super) struct Numbers<'a> {
    columns: Cow<'a, [f64]>,
    rows: usize,
    length: usize,
}

impl<'a> Numbers<'a> {
    pub(super) fn of(column: &'a RowColumn<'_>, rows: usize) -> Numbers<'a> {
        let length = column.shape.iter().product();
        let columns = match length {
            1 => Cow::Borrowed(&*column.numbers),
            _ => Cow::Owned(crate::batch::transposed(&column.numbers, rows, length)),
        };
        Numbers { columns, rows, length }
    }

    pub(super) fn inputs(&self) -> impl Iterator<Item = BatchInput<'_>> {
        (0..self.length).map(|k| BatchInput::Each(&self.columns[k * self.rows..][..self.rows]))
    }
}

/// What a column of a dict is held by.
enum Held<'py> {
    Numpy(Column<'py>),
    Arrow(RowColumn<'static>, Vec<bool>),
}

/// Reads the columns of these names from a dict of arrays, and does something with them.
pub(super) fn with_columns<T>(
    given: &Bound<'_, PyDict>,
    names: &[String],
    run: impl FnOnce(&Batch<'_>) -> PyResult<T>,
) -> PyResult<T> {
    let mut held = Vec::with_capacity(names.len());
    for name in names {
        let Some(column) = given.get_item(name)? else {
            let known: Vec<String> = given.keys().iter().map(|key| key.to_string()).collect();
            return Err(no_column(name, &known.join(", ")));
        };
        held.push(match Batches::of(&column)? {
            Some(mut batches) => arrow_column(name, &mut batches)?,
            None => Held::Numpy(Column::read(name, &column)?),
        });
    }
    let mut batch = Batch { rows: 0, columns: Vec::new(), nulls: Vec::new() };
    for (k, (name, held)) in names.iter().zip(&held).enumerate() {
        let (rows, column) = match held {
            Held::Numpy(column) => match column.shape() {
                [] => {
                    return Err(PyTypeError::new_err(format!(
                        "{name}: it is one number, where a column is needed"
                    )));
                }
                [rows, shape @ ..] => (*rows, RowColumn { numbers: column.numbers(), shape: shape.to_vec() }),
            },
            Held::Arrow(column, nulls) => {
                if nulls.contains(&true) {
                    batch.nulls.push((name.clone(), nulls.clone()));
                }
                let RowColumn { numbers, shape } = column;
                (nulls.len(), RowColumn { numbers: Cow::Borrowed(numbers), shape: shape.clone() })
            }
        };
        if k > 0 && rows != batch.rows {
            return Err(value_error(format!("{} has {} rows, {name} has {rows}", names[0], batch.rows)));
        }
        batch.rows = rows;
        batch.columns.push(column);
    }
    run(&batch)
}

/// A column that comes in one array or several.
fn arrow_column(name: &str, batches: &mut Batches) -> PyResult<Held<'static>> {
    let (mut numbers, mut nulls, mut shape) = (Vec::new(), Vec::new(), None);
    while let Some(array) = batches.next()? {
        let column = arrow::read_column(name, &array)?;
        let rows = arrow_array::Array::len(&array);
        if rows > 0 && *shape.get_or_insert_with(|| column.shape.clone()) != column.shape {
            let message = format!(
                "{name}: lists of {} numbers, and of {}",
                shown(&column.shape),
                shown(&shape.unwrap_or_default())
            );
            return Err(value_error(message));
        }
        numbers.extend_from_slice(&column.numbers);
        nulls.extend(arrow::null_rows(&array).unwrap_or_else(|| vec![false; rows]));
    }
    Ok(Held::Arrow(RowColumn { numbers: numbers.into(), shape: shape.unwrap_or_default() }, nulls))
}

pub(super) fn no_column(name: &str, known: &str) -> PyErr {
    PyTypeError::new_err(format!("the batch has no column {name}; it has {known}"))
}
