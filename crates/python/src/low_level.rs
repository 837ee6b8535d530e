//! Values for compiled callers: a function pointer that SciPy calls without Python.

use std::ffi::{CStr, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use pyo3::ffi;
use pyo3::prelude::*;

use crate::errors::value_error;
use crate::evaluation::Evaluation;
use crate::function::Function;

/// What `scipy.integrate` reads from the name of a capsule.
const SIGNATURE: &CStr = c"double (int, double *, void *)";

/// A `scipy.LowLevelCallable` of the function's value.
pub(crate) fn callable<'py>(py: Python<'py>, function: &Function) -> PyResult<Bound<'py, PyAny>> {
    let numbers = function.ranks().iter().all(|&rank| rank == 0);
    if !numbers {
        return Err(value_error(
            "a compiled caller gives numbers, and an input of the function has elements",
        ));
    }
    let evaluation = function.for_numbers(py, function.ranks().len())?;
    if evaluation.outputs(py)? != 1 {
        return Err(value_error("a compiled caller takes one output; the function has several"));
    }
    let user_data = Box::into_raw(Box::new(evaluation)).cast::<c_void>();
    #[expect(unsafe_code, reason = "capsules are made by the C interface alone")]
    // SAFETY: the interpreter is attached, the name is static, and the pointer is a function's and not null. The context is the box
    // that `value` reads and `free`, which is called once, takes back.
    let capsule = unsafe {
        let capsule = ffi::PyCapsule_New(value as *mut c_void, SIGNATURE.as_ptr(), Some(free));
        if capsule.is_null() || ffi::PyCapsule_SetContext(capsule, user_data) != 0 {
            return Err(PyErr::fetch(py));
        }
        Bound::from_owned_ptr(py, capsule)
    };
    // SciPy finds the context of a capsule itself, and keeps the capsule.
    py.import("scipy")?.getattr("LowLevelCallable")?.call1((capsule,))
}

/// Gives back what a capsule was made with.
#[expect(unsafe_code, reason = "the interpreter calls it with a pointer")]
unsafe extern "C" fn free(capsule: *mut ffi::PyObject) {
    // SAFETY: the capsule is one of `callable`'s, and the interpreter calls this once, when nothing refers to it any more.
    unsafe {
        let context = ffi::PyCapsule_GetContext(capsule).cast::<Arc<Evaluation>>();
        if !context.is_null() {
            drop(Box::from_raw(context));
        }
    }
}

/// The value at a point of so many numbers; NaN where that is another number than the function has inputs.
#[expect(unsafe_code, reason = "compiled code calls it with pointers")]
unsafe extern "C" fn value(numbers: c_int, point: *mut f64, user_data: *mut c_void) -> f64 {
    // SAFETY: SciPy gives the context of the capsule, which lives as long as the callable, and as many numbers as it says.
    let (evaluation, point) = unsafe {
        let point = match numbers {
            1.. => std::slice::from_raw_parts(point, numbers as usize),
            _ => &[],
        };
        (&*user_data.cast::<Arc<Evaluation>>(), point)
    };
    if point.len() != evaluation.numbers {
        return f64::NAN;
    }
    catch_unwind(AssertUnwindSafe(|| evaluation.value_alone(point))).unwrap_or(f64::NAN)
}
