//! Pieces that all kernels are made of: exact sums, halves of doubles, small integers, polynomials.
//!
//! They are arithmetic and selections only, so that a loop over them becomes vector instructions, and each operation is
//! rounded on its own in the order written, so that the bits are the same on every machine.

/// 1.5·2^52: added to a number below 2^51 it leaves the nearest integer (ties to even) in the last bits of the sum.
const SHIFTER: f64 = 6_755_399_441_055_744.0;

/// The nearest integer of a number below 2^51, also in the last bits of a word whose upper bits mean nothing.
#[inline(always)]
pub(super) fn nearest(a: f64) -> (f64, u64) {
    let shifted = a + SHIFTER;
    (shifted - SHIFTER, shifted.to_bits())
}

/// Times 2^k, where both `a` and the result are normal; `k` is in the last bits of the word.
#[inline(always)]
pub(super) fn scaled(a: f64, k: u64) -> f64 {
    f64::from_bits(a.to_bits().wrapping_add(k << 52))
}

/// The sum with its error, where the first is not smaller than the second, or is 0 (Dekker 1971).
#[inline(always)]
pub(super) fn quick_two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    (sum, (a - sum) + b)
}

/// The sum with its error (Knuth 1969).
#[inline(always)]
pub(super) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let from_b = sum - a;
    (sum, (a - (sum - from_b)) + (b - from_b))
}

/// The first 26 bits: products of two such doubles are exact.
#[inline(always)]
pub(super) fn upper(a: f64) -> f64 {
    f64::from_bits(a.to_bits() & !0x7ff_ffff)
}

/// The square as an exact part and the rest, which is rounded.
#[inline(always)]
pub(super) fn square(a: f64) -> (f64, f64) {
    let high = upper(a);
    (high * high, (a - high) * (a + high))
}

/// The product with its error (Dekker 1971).
#[inline(always)]
pub(super) fn two_product(a: f64, b: f64) -> (f64, f64) {
    let (a_high, b_high) = (upper(a), upper(b));
    let (a_low, b_low) = (a - a_high, b - b_high);
    let product = a * b;
    (product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low)
}

/// The quotient of two sums of two, the second of each in the last digits of the first, as such a sum.
///
/// What the rounded quotient leaves is had from the exact product and divided again, coarsely.
#[inline(always)]
pub(super) fn quotient((a, a_low): (f64, f64), (b, b_low): (f64, f64)) -> (f64, f64) {
    let inverse = 1.0 / b;
    let first = a * inverse;
    let (product, error) = two_product(first, b);
    let left = (((a - product) - error) + a_low) - first * b_low;
    (first, left * inverse)
}

/// One of two doubles, without a branch.
#[inline(always)]
pub(super) fn choose(condition: bool, yes: f64, no: f64) -> f64 {
    if condition { yes } else { no }
}

/// One of two doubles by the last bit of a word.
#[inline(always)]
pub(super) fn choose_odd(word: u64, odd: f64, even: f64) -> f64 {
    let mask = 0u64.wrapping_sub(word & 1);
    f64::from_bits((odd.to_bits() & mask) | (even.to_bits() & !mask))
}

/// Six terms after Estrin (1960): short chains of operations that wait for each other.
#[inline(always)]
pub(super) fn six(x: f64, c: &[f64; 6]) -> f64 {
    let square = x * x;
    (c[0] + c[1] * x) + square * ((c[2] + c[3] * x) + square * (c[4] + c[5] * x))
}

/// Seven terms, likewise.
#[inline(always)]
pub(super) fn seven(x: f64, c: &[f64; 7]) -> f64 {
    let square = x * x;
    let fourth = square * square;
    ((c[0] + c[1] * x) + square * (c[2] + c[3] * x)) + fourth * ((c[4] + c[5] * x) + square * c[6])
}

/// Nine terms, likewise.
#[inline(always)]
pub(super) fn nine(x: f64, c: &[f64; 9]) -> f64 {
    let square = x * x;
    let fourth = square * square;
    let low = (c[0] + c[1] * x) + square * (c[2] + c[3] * x);
    let high = (c[4] + c[5] * x) + square * (c[6] + c[7] * x);
    low + fourth * (high + fourth * c[8])
}

/// Eleven terms, likewise.
#[inline(always)]
pub(super) fn eleven(x: f64, c: &[f64; 11]) -> f64 {
    let square = x * x;
    let fourth = square * square;
    let low = (c[0] + c[1] * x) + square * (c[2] + c[3] * x);
    let middle = (c[4] + c[5] * x) + square * (c[6] + c[7] * x);
    let high = (c[8] + c[9] * x) + square * c[10];
    low + fourth * (middle + fourth * high)
}

/// Thirteen terms, likewise.
#[inline(always)]
pub(super) fn thirteen(x: f64, c: &[f64; 13]) -> f64 {
    let square = x * x;
    let fourth = square * square;
    let low = (c[0] + c[1] * x) + square * (c[2] + c[3] * x);
    let middle = (c[4] + c[5] * x) + square * (c[6] + c[7] * x);
    let high = (c[8] + c[9] * x) + square * (c[10] + c[11] * x);
    low + fourth * (middle + fourth * (high + fourth * c[12]))
}
