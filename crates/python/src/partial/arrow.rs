//! Tables that other libraries hold, by the Arrow PyCapsule interface: batches of rows without copies.

use std::borrow::Cow;
use std::ffi::CStr;
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use arrow_array::ffi_stream::{ArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::types::{ArrowPrimitiveType, Float16Type, Float32Type, Float64Type};
use arrow_array::types::{
    Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, GenericListArray, OffsetSizeTrait, make_array};
use arrow_schema::DataType;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use super::rows::{Batch, RowColumn, no_column};
use crate::columns::LARGEST_EXACT;
use crate::errors::value_error;

/// Batches that come one after the other.
pub(super) enum Batches {
    One(Option<ArrayRef>),
    Stream(ArrayStreamReader),
}

impl Batches {
    /// What an object offers; nothing where it offers neither an array nor a stream.
    pub(super) fn of(given: &Bound<'_, PyAny>) -> PyResult<Option<Batches>> {
        if given.hasattr("__arrow_c_array__")? {
            let (schema, array): (Bound<'_, PyCapsule>, Bound<'_, PyCapsule>) =
                given.call_method0("__arrow_c_array__")?.extract()?;
            let schema = pointer::<FFI_ArrowSchema>(&schema, c"arrow_schema")?;
            let array = pointer::<FFI_ArrowArray>(&array, c"arrow_array")?;
            #[expect(unsafe_code, reason = "structures of C by pointer")]
            // SAFETY: capsules of these names hold such structures, which the capsule interface promises to be valid; they are moved
            // out, so that the capsules release nothing.
            let data = unsafe {
                let schema = FFI_ArrowSchema::from_raw(schema);
                from_ffi(FFI_ArrowArray::from_raw(array), &schema)
            };
            return Ok(Some(Batches::One(Some(make_array(data.map_err(value_error)?)))));
        }
        if given.hasattr("__arrow_c_stream__")? {
            let stream = given.call_method0("__arrow_c_stream__")?;
            let stream = stream.cast::<PyCapsule>().map_err(PyErr::from)?;
            let stream = pointer::<FFI_ArrowArrayStream>(stream, c"arrow_array_stream")?;
            #[expect(unsafe_code, reason = "a structure of C by pointer")]
            // SAFETY: as above.
            let reader = unsafe { ArrayStreamReader::from_raw(stream) };
            return Ok(Some(Batches::Stream(reader.map_err(value_error)?)));
        }
        Ok(None)
    }

    /// The next batch, if there is one.
    pub(super) fn next(&mut self) -> PyResult<Option<ArrayRef>> {
        match self {
            Batches::One(array) => Ok(array.take()),
            Batches::Stream(reader) => reader.next().transpose().map_err(value_error),
        }
    }
}

fn pointer<T>(capsule: &Bound<'_, PyCapsule>, name: &CStr) -> PyResult<*mut T> {
    Ok(capsule.pointer_checked(Some(name))?.cast::<T>().as_ptr())
}

/// The columns of these names.
pub(super) fn read<'a>(batch: &'a ArrayRef, names: &[String]) -> PyResult<Batch<'a>> {
    let Some(table) = batch.as_struct_opt() else {
        let what = batch.data_type();
        return Err(PyTypeError::new_err(format!("a batch has named columns; this Arrow array is {what}")));
    };
    let mut found = Batch { rows: table.len(), columns: Vec::new(), nulls: Vec::new() };
    found.nulls.extend(null_rows(batch).map(|nulls| ("the batch".to_owned(), nulls)));
    for name in names {
        let column = table.column_by_name(name);
        let column = column.ok_or_else(|| no_column(name, &table.column_names().join(", ")))?;
        found.nulls.extend(null_rows(column).map(|nulls| (name.clone(), nulls)));
        found.columns.push(read_column(name, column)?);
    }
    Ok(found)
}

/// Of each row whether it is null, or a number in it is; nothing where none is.
pub(super) fn null_rows(column: &ArrayRef) -> Option<Vec<bool>> {
    let own = column.logical_nulls().filter(|nulls| nulls.null_count() > 0);
    let within = Lists::of(column).and_then(|lists| Some((null_rows(lists.numbers)?, lists)));
    if own.is_none() && within.is_none() {
        return None;
    }
    let is_null = |row: usize| {
        let inside = |(nulls, lists): &(Vec<bool>, Lists<'_>)| nulls[lists.place(row)].contains(&true);
        own.as_ref().is_some_and(|own| own.is_null(row)) || within.as_ref().is_some_and(inside)
    };
    Some((0..column.len()).map(is_null).collect())
}

/// A column of lists, of one of the kinds that there are.
struct Lists<'a> {
    numbers: &'a ArrayRef,
    offsets: Box<dyn Fn(usize) -> Range<usize> + 'a>,
}

impl<'a> Lists<'a> {
    fn of(column: &'a ArrayRef) -> Option<Lists<'a>> {
        fn offsets<O: OffsetSizeTrait>(lists: &GenericListArray<O>, row: usize) -> Range<usize> {
            let offsets = lists.value_offsets();
            offsets[row].as_usize()..offsets[row + 1].as_usize()
        }
        match column.data_type() {
            DataType::FixedSizeList(_, length) => {
                let (lists, length) = (column.as_fixed_size_list(), *length as usize);
                let place = move |row| {
                    let from = lists.value_offset_at(row);
                    from..from + length
                };
                Some(Lists { numbers: lists.values(), offsets: Box::new(place) })
            }
            DataType::List(_) => {
                let lists = column.as_list::<i32>();
                Some(Lists { numbers: lists.values(), offsets: Box::new(|row| offsets(lists, row)) })
            }
            DataType::LargeList(_) => {
                let lists = column.as_list::<i64>();
                Some(Lists { numbers: lists.values(), offsets: Box::new(|row| offsets(lists, row)) })
            }
            _ => None,
        }
    }

    fn place(&self, row: usize) -> Range<usize> {
        (self.offsets)(row)
    }
}

/// A column of numbers, or of lists of numbers that are all as long.
pub(super) fn read_column<'a>(name: &str, column: &'a ArrayRef) -> PyResult<RowColumn<'a>> {
    let Some(lists) = Lists::of(column) else {
        return Ok(RowColumn { numbers: numbers(name, column)?, shape: Vec::new() });
    };
    let within = read_column(name, lists.numbers)?;
    let each: usize = within.shape.iter().product();
    let present = |row: &usize| column.is_valid(*row);
    let length = match column.data_type() {
        DataType::FixedSizeList(_, length) => *length as usize,
        _ => (0..column.len()).find(present).map_or(0, |row| lists.place(row).len()),
    };
    let mut all = vec![0.0; column.len() * length * each];
    for row in (0..column.len()).filter(present) {
        let place = lists.place(row);
        if place.len() != length {
            let message =
                format!("{name}: row {row} is a list of {} numbers, others of {length}", place.len());
            return Err(value_error(message));
        }
        all[row * length * each..][..length * each]
            .copy_from_slice(&within.numbers[place.start * each..place.end * each]);
    }
    let shape = std::iter::once(length).chain(within.shape).collect();
    Ok(RowColumn { numbers: all.into(), shape })
}

/// Numbers that are doubles, exactly; what null rows have is of no matter.
fn numbers<'a>(name: &str, column: &'a ArrayRef) -> PyResult<Cow<'a, [f64]>> {
    fn converted<T: ArrowPrimitiveType>(
        column: &ArrayRef,
        to: impl Fn(T::Native) -> f64,
    ) -> Cow<'static, [f64]> {
        column.as_primitive::<T>().values().iter().map(|number| to(*number)).collect()
    }
    let exact = |all: Cow<'a, [f64]>| {
        let beyond =
            |(row, number): (usize, &f64)| column.is_valid(row) && number.abs() > LARGEST_EXACT as f64;
        match all.iter().enumerate().any(beyond) {
            true => Err(PyTypeError::new_err(format!("{name}: an integer beyond 2^53 is no double"))),
            false => Ok(all),
        }
    };
    match column.data_type() {
        DataType::Float64 => Ok(Cow::Borrowed(column.as_primitive::<Float64Type>().values())),
        DataType::Float32 => Ok(converted::<Float32Type>(column, f64::from)),
        DataType::Float16 => Ok(converted::<Float16Type>(column, f64::from)),
        DataType::Int8 => Ok(converted::<Int8Type>(column, f64::from)),
        DataType::Int16 => Ok(converted::<Int16Type>(column, f64::from)),
        DataType::Int32 => Ok(converted::<Int32Type>(column, f64::from)),
        DataType::UInt8 => Ok(converted::<UInt8Type>(column, f64::from)),
        DataType::UInt16 => Ok(converted::<UInt16Type>(column, f64::from)),
        DataType::UInt32 => Ok(converted::<UInt32Type>(column, f64::from)),
        // 2^53 + 1 rounds to 2^53, which would pass.
        DataType::Int64 => exact(converted::<Int64Type>(column, |n| {
            if n.unsigned_abs() > 1 << 53 { f64::MAX } else { n as f64 }
        })),
        DataType::UInt64 => {
            exact(converted::<UInt64Type>(column, |n| if n > 1 << 53 { f64::MAX } else { n as f64 }))
        }
        DataType::Boolean => {
            Ok(column.as_boolean().values().iter().map(|truth| f64::from(u8::from(truth))).collect())
        }
        // All of them are null.
        DataType::Null => Ok(vec![0.0; column.len()].into()),
        other => Err(PyTypeError::new_err(format!("{name}: {other} does not convert to float64 exactly"))),
    }
}
