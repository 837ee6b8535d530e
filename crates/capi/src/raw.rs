//! What C calls: pointers become slices, once and here.
#![expect(unsafe_code, reason = "C gives pointers, and finds functions by their names")]

use std::ffi::{CStr, c_char};

use chainrule::BatchInput;

use crate::error::{CrStatus, Error, guarded};
use crate::function::CrFunction;

/// A size and its value.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CrSize {
    /// Its name.
    pub name: *const c_char,
    /// Its value.
    pub value: i64,
}

/// What one number of a point is at all rows.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CrColumn {
    /// A number for each row; of a shared column one number.
    pub numbers: *const f64,
    /// Whether the number is the same at all rows.
    pub shared: bool,
}

/// Reads a function, such as `sum(i, 1, n, (a*x[i] + b)^2)` with the size n. What is written to `function` is to be freed by cr_free;
/// where the call fails it is null.
///
/// # Safety
/// `text` and the names are null or end with a 0; `sizes` has `size_count` sizes; `function` is null or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cr_parse(
    text: *const c_char,
    sizes: *const CrSize,
    size_count: usize,
    function: *mut *mut CrFunction,
) -> CrStatus {
    guarded(|| {
        // SAFETY: the caller's promise, which is this function's.
        let (into, text, sizes) = unsafe {
            let into = function.as_mut().ok_or_else(|| null("function"))?;
            *into = std::ptr::null_mut();
            let given = slice(sizes, size_count, "sizes")?.iter();
            let sizes = given.map(|size| Ok((string(size.name, "the name of a size")?, size.value)));
            (into, string(text, "text")?, sizes.collect::<Result<Vec<_>, Error>>()?)
        };
        *into = Box::into_raw(Box::new(CrFunction::read(text, &sizes)?));
        Ok(())
    })
}

/// Frees a function; null is none.
///
/// # Safety
/// `function` is null or from cr_parse, is not freed yet, and no other call uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cr_free(function: *mut CrFunction) {
    guarded(|| {
        if !function.is_null() {
            // SAFETY: it came from `Box::into_raw`, and nothing uses it any more.
            drop(unsafe { Box::from_raw(function) });
        }
        Ok(())
    });
}

/// How many numbers a point has; 0 for null.
///
/// # Safety
/// `function` is null or from cr_parse.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cr_inputs(function: *const CrFunction) -> usize {
    // SAFETY: the caller's promise.
    unsafe { function.as_ref() }.map_or(0, CrFunction::numbers)
}

/// How many outputs there are; 0 for null.
///
/// # Safety
/// `function` is null or from cr_parse.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cr_outputs(function: *const CrFunction) -> usize {
    // SAFETY: the caller's promise.
    unsafe { function.as_ref() }.map_or(0, CrFunction::outputs)
}

/// Where the numbers of an input begin in a point, and how many they are.
///
/// # Safety
/// `function` is null or from cr_parse, `name` null or ends with a 0, `first` and `count` are null or places for a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cr_input(
    function: *const CrFunction,
    name: *const c_char,
    first: *mut usize,
    count: *mut usize,
) -> CrStatus {
    guarded(|| {
        // SAFETY: the caller's promise.
        unsafe {
            let (from, length) = known(function)?.input(string(name, "name")?)?;
            *first.as_mut().ok_or_else(|| null("first"))? = from;
            *count.as_mut().ok_or_else(|| null("count"))? = length;
        }
        Ok(())
    })
}

/// The outputs at a point of `numbers` numbers: `outputs` of them are written to `values`.
///
/// # Safety
/// `function` is null or from cr_parse, `point` and `values` are null or have as many numbers as is said, and do not overlap.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cr_value(
    function: *const CrFunction,
    point: *const f64,
    numbers: usize,
    values: *mut f64,
    outputs: usize,
) -> CrStatus {
    guarded(|| {
        // SAFETY: the caller's promise.
        let (own, point, values) = unsafe {
            (known(function)?, slice(point, numbers, "point")?, slice_mut(values, outputs, "values")?)
        };
        Error::expect(numbers, "numbers in the point", own.numbers())?;
        Error::expect(outputs, "places for values", own.outputs())?;
        own.value(point, values)
    })
}

/// The gradient at a point: a row of `numbers` partial derivatives for each output, `places` = outputs * numbers in all.
///
/// # Safety
/// As for cr_value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cr_gradient(
    function: *const CrFunction,
    point: *const f64,
    numbers: usize,
    gradient: *mut f64,
    places: usize,
) -> CrStatus {
    guarded(|| {
        // SAFETY: the caller's promise.
        let (own, point, gradient) = unsafe {
            (known(function)?, slice(point, numbers, "point")?, slice_mut(gradient, places, "gradient")?)
        };
        Error::expect(numbers, "numbers in the point", own.numbers())?;
        Error::expect(places, "places for the gradient", own.numbers() * own.outputs())?;
        own.gradient(point, None, gradient)
    })
}

/// What cr_value and cr_gradient give, in one pass forward and one backward.
///
/// # Safety
/// As for cr_value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cr_value_and_gradient(
    function: *const CrFunction,
    point: *const f64,
    numbers: usize,
    values: *mut f64,
    outputs: usize,
    gradient: *mut f64,
    places: usize,
) -> CrStatus {
    guarded(|| {
        // SAFETY: the caller's promise.
        let (own, point, values, gradient) = unsafe {
            (
                known(function)?,
                slice(point, numbers, "point")?,
                slice_mut(values, outputs, "values")?,
                slice_mut(gradient, places, "gradient")?,
            )
        };
        Error::expect(numbers, "numbers in the point", own.numbers())?;
        Error::expect(outputs, "places for values", own.outputs())?;
        Error::expect(places, "places for the gradient", own.numbers() * own.outputs())?;
        own.gradient(point, Some(values), gradient)
    })
}

/// Values and gradients at many rows, on all cores; every row has the bits that it has alone. `columns` has a column for each number of a
/// point. Of each output a column of `rows` values is written, and of each output and number a column of `rows` partial derivatives, in
/// that order.
///
/// # Safety
/// `function` is null or from cr_parse; `columns` has `column_count` columns, of which each has one number per row, or one where it is
/// shared; `values` and `gradients` are null or have as many places as is said. Nothing that is written overlaps anything.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cr_batch(
    function: *const CrFunction,
    columns: *const CrColumn,
    column_count: usize,
    rows: usize,
    values: *mut f64,
    value_places: usize,
    gradients: *mut f64,
    gradient_places: usize,
) -> CrStatus {
    guarded(|| {
        // SAFETY: the caller's promise.
        let (own, columns, values, gradients) = unsafe {
            let columns = slice(columns, column_count, "columns")?.iter();
            let columns = columns.map(|column| match column.shared {
                true => {
                    let one = slice(column.numbers, 1, "a shared column")?;
                    Ok(BatchInput::Shared(one[0]))
                }
                false => Ok(BatchInput::Each(slice(column.numbers, rows, "a column")?)),
            });
            (
                known(function)?,
                columns.collect::<Result<Vec<_>, Error>>()?,
                slice_mut(values, value_places, "values")?,
                slice_mut(gradients, gradient_places, "gradients")?,
            )
        };
        let needed = |each: usize| {
            let places = own.outputs().checked_mul(each).and_then(|places| places.checked_mul(rows));
            places.ok_or_else(|| Error::new(CrStatus::Length, "more places than there are addresses"))
        };
        Error::expect(columns.len(), "columns", own.numbers())?;
        Error::expect(value_places, "places for values", needed(1)?)?;
        Error::expect(gradient_places, "places for gradients", needed(own.numbers())?)?;
        own.batch(&columns, rows, values, gradients)
    })
}

fn null(what: &str) -> Error {
    Error::new(CrStatus::Null, format!("{what} is null"))
}

fn too_many(what: &str) -> Error {
    Error::new(CrStatus::Length, format!("{what} has more numbers than memory has"))
}

/// # Safety
/// `function` is null or from cr_parse and not freed.
unsafe fn known<'a>(function: *const CrFunction) -> Result<&'a CrFunction, Error> {
    // SAFETY: as promised.
    unsafe { function.as_ref() }.ok_or_else(|| null("function"))
}

/// # Safety
/// `text` is null or ends with a 0, and stays as it is during the call.
unsafe fn string<'a>(text: *const c_char, what: &str) -> Result<&'a str, Error> {
    if text.is_null() {
        return Err(null(what));
    }
    // SAFETY: as promised.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map_err(|error| Error::new(CrStatus::Utf8, format!("{what} is no UTF-8: {error}")))
}

/// # Safety
/// `from` is null or has `count` items that nothing writes to during the call.
unsafe fn slice<'a, T>(from: *const T, count: usize, what: &str) -> Result<&'a [T], Error> {
    match (from.is_null(), count) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(null(what)),
        _ if count > isize::MAX as usize / size_of::<T>() => Err(too_many(what)),
        // SAFETY: as promised.
        (false, count) => Ok(unsafe { std::slice::from_raw_parts(from, count) }),
    }
}

/// # Safety
/// `from` is null or has `count` places that nothing else reads or writes during the call.
unsafe fn slice_mut<'a>(from: *mut f64, count: usize, what: &str) -> Result<&'a mut [f64], Error> {
    match (from.is_null(), count) {
        (_, 0) => Ok(&mut []),
        (true, _) => Err(null(what)),
        _ if count > isize::MAX as usize / size_of::<f64>() => Err(too_many(what)),
        // SAFETY: as promised.
        (false, count) => Ok(unsafe { std::slice::from_raw_parts_mut(from, count) }),
    }
}

#[cfg(test)]
mod tests {
    use std::ptr::{null, null_mut};

    use super::*;
    use crate::cr_last_error;

    fn read(text: &CStr) -> *mut CrFunction {
        let mut function = null_mut();
        // SAFETY: a text that ends with a 0, and a place.
        assert_eq!(unsafe { cr_parse(text.as_ptr(), null(), 0, &raw mut function) }, CrStatus::Ok);
        function
    }

    fn said() -> String {
        // SAFETY: never null, and read before the next call.
        unsafe { CStr::from_ptr(cr_last_error()) }.to_string_lossy().into_owned()
    }

    #[test]
    fn what_is_missing_or_of_another_length_is_a_code_with_a_sentence() {
        let f = read(c"[x*y, x + y]");
        let (point, mut out) = ([2.0, 3.0], [0.0; 4]);
        // SAFETY: pointers are null, or have as many numbers as is said.
        unsafe {
            assert_eq!(cr_parse(null(), null(), 0, &mut null_mut()), CrStatus::Null);
            assert_eq!(cr_parse(c"x".as_ptr(), null(), 0, null_mut()), CrStatus::Null);
            assert_eq!(cr_parse(c"\xff".as_ptr(), null(), 0, &mut null_mut()), CrStatus::Utf8);
            assert_eq!(cr_parse(c"sum(i, 1, n, x^i)".as_ptr(), null(), 0, &mut null_mut()), CrStatus::Name);
            assert_eq!(cr_gradient(null(), point.as_ptr(), 2, out.as_mut_ptr(), 4), CrStatus::Null);
            assert_eq!(cr_gradient(f, null(), 2, out.as_mut_ptr(), 4), CrStatus::Null);
            assert_eq!(said(), "point is null");
            assert_eq!(cr_gradient(f, point.as_ptr(), 2, out.as_mut_ptr(), 3), CrStatus::Length);
            assert_eq!(said(), "3 places for the gradient where 4 are needed");
            assert_eq!(cr_value(f, point.as_ptr(), 2, out.as_mut_ptr(), 1), CrStatus::Length);
            let column = CrColumn { numbers: point.as_ptr(), shared: false };
            let columns = [column, column];
            let all = usize::MAX / 2;
            assert_eq!(
                cr_batch(f, columns.as_ptr(), 2, all, out.as_mut_ptr(), 0, null_mut(), 0),
                CrStatus::Length
            );
            let (mut first, mut count) = (0, 0);
            assert_eq!(cr_input(f, c"z".as_ptr(), &raw mut first, &raw mut count), CrStatus::Name);
            assert_eq!(said(), "the function has no input z; its inputs are x, y");
            assert_eq!(cr_gradient(f, point.as_ptr(), 2, out.as_mut_ptr(), 4), CrStatus::Ok);
            assert_eq!(out, [3.0, 2.0, 1.0, 1.0]);
            cr_free(f);
            cr_free(null_mut());
            assert_eq!((cr_inputs(null()), cr_outputs(null())), (0, 0));
        }
    }

    #[test]
    fn threads_get_the_bits_of_one() {
        let f = read(c"sum(i, 1, 40, sin(i*x)*exp(-y/i))") as usize;
        let run = |x: f64| {
            let (point, mut out) = ([x, 0.7], [0.0; 2]);
            // SAFETY: the function is freed when all threads have ended.
            let status =
                unsafe { cr_gradient(f as *const CrFunction, point.as_ptr(), 2, out.as_mut_ptr(), 2) };
            assert_eq!(status, CrStatus::Ok);
            out.map(f64::to_bits)
        };
        let alone: Vec<_> = (0..4).map(|k| run(f64::from(k) * 0.3)).collect();
        std::thread::scope(|scope| {
            for (k, alone) in (0..4).zip(&alone) {
                scope.spawn(move || (0..50).for_each(|_| assert_eq!(run(f64::from(k) * 0.3), *alone)));
            }
        });
        // SAFETY: nothing uses it any more.
        unsafe { cr_free(f as *mut CrFunction) };
    }
}
