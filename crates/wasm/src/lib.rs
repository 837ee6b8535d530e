//! The commands for browsers, without glue: three functions that pass texts by place and length.
//!
//! A caller asks for memory with [`alloc`], writes a request into it as UTF-8, and calls [`call`], which frees that memory. What it
//! returns is the answer's place in the upper 32 bits and its length in the lower ones; [`free`] gives that back. Requests and answers
//! are those of `commands::request`.

use std::alloc::Layout;

/// Memory for so many bytes.
#[unsafe(no_mangle)]
#[allow(unsafe_code)]
pub extern "C" fn alloc(length: usize) -> *mut u8 {
    let Ok(layout) = Layout::array::<u8>(length.max(1)) else { std::process::abort() };
    // SAFETY: the layout has a size other than 0.
    unsafe { std::alloc::alloc(layout) }
}

/// Gives back memory that [`alloc`] or [`call`] gave.
///
/// # Safety
/// It has this length and is used no more.
#[unsafe(no_mangle)]
#[allow(unsafe_code)]
pub unsafe extern "C" fn free(place: *mut u8, length: usize) {
    let Ok(layout) = Layout::array::<u8>(length.max(1)) else { return };
    // SAFETY: it was allocated with this layout, as the caller promises.
    unsafe { std::alloc::dealloc(place, layout) }
}

/// Answers a request.
///
/// # Safety
/// The memory is of [`alloc`], of this length, and written.
#[unsafe(no_mangle)]
#[allow(unsafe_code)]
pub unsafe extern "C" fn call(place: *mut u8, length: usize) -> u64 {
    // SAFETY: the caller wrote these bytes, which nothing changes until they are freed below.
    let request = unsafe { std::slice::from_raw_parts(place, length) };
    let answer = commands::request::answer(&String::from_utf8_lossy(request));
    // SAFETY: as the caller promises; the request is borrowed no more.
    unsafe { free(place, length) };
    let to = alloc(answer.len());
    // SAFETY: it is as long as the answer, and it is new.
    unsafe { to.copy_from_nonoverlapping(answer.as_ptr(), answer.len()) };
    (to.addr() as u64) << 32 | answer.len() as u64
}
