//! Slices that callers give are measured before anything is written: a wrong length is a message, never a number.

/// Fails unless a slice that a caller gives has the length that it should: `2 numbers in the point where 3 are needed: one
/// per scalar input`.
///
/// # Panics
/// When the lengths differ.
#[inline]
#[track_caller]
pub fn expect_length(given: usize, what: &str, needed: usize, why: &str) {
    if given != needed {
        differ(given, what, needed, why);
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn differ(given: usize, what: &str, needed: usize, why: &str) -> ! {
    panic!("{given} {what} where {needed} are needed: {why}")
}

/// Fails unless a point has a number for each scalar input of a function.
///
/// # Panics
/// When it has fewer or more.
#[inline]
#[track_caller]
pub fn expect_point(given: usize, inputs: usize) {
    expect_length(given, "numbers in the point", inputs, "one per scalar input");
}

/// Fails unless there is a place for each output, and in the gradient a place for each output and input.
///
/// # Panics
/// When there are fewer or more.
#[inline]
#[track_caller]
pub fn expect_places(values: usize, gradient: usize, outputs: usize, inputs: usize) {
    expect_length(values, "places for values", outputs, "one per output");
    expect_length(gradient, "places for the gradient", outputs * inputs, "a row of inputs per output");
}
