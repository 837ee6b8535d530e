//! The same code, compiled for the widest vectors that the machine has; and what else only the machine can do.
//!
//! Bits are the same on all of them: no operation is fused with another, and none is done in another order.

/// A computation that may be compiled more than once.
pub trait SimdKernel {
    /// The work; to be marked `#[inline(always)]`, and all that it calls, or nothing is gained.
    fn run(self);
}

/// The vectors that work is done with.
#[derive(Clone, Copy)]
enum Width {
    #[cfg(target_arch = "x86_64")]
    Bits512,
    #[cfg(target_arch = "x86_64")]
    Bits256,
    /// What every machine has.
    Least,
}

/// The widest that this machine has.
#[inline(always)]
fn widest() -> Width {
    #[cfg(test)]
    if let Some(width) = tests::ONLY.get() {
        return width;
    }
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            return Width::Bits512;
        }
        if is_x86_feature_detected!("avx2") {
            return Width::Bits256;
        }
    }
    Width::Least
}

/// Does the work with vectors of 512 bits, else of 256, else with what every machine has.
#[inline(always)]
pub(crate) fn run(work: impl SimdKernel) {
    match widest() {
        // SAFETY: the features are there.
        #[cfg(target_arch = "x86_64")]
        #[allow(unsafe_code)]
        Width::Bits512 => unsafe { with_512_bits(work) },
        // SAFETY: the feature is there.
        #[cfg(target_arch = "x86_64")]
        #[allow(unsafe_code)]
        Width::Bits256 => unsafe { with_256_bits(work) },
        Width::Least => with_least(work),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq")]
fn with_512_bits(work: impl SimdKernel) {
    work.run();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_256_bits(work: impl SimdKernel) {
    work.run();
}

/// By itself, or it would be compiled again wherever it is called.
#[inline(never)]
fn with_least(work: impl SimdKernel) {
    work.run();
}

/// Asks the machine to prefetch numbers nearer that will be read or written soon.
#[inline]
#[cfg_attr(not(target_arch = "x86_64"), expect(unused_variables, reason = "there is no such instruction"))]
pub fn prefetch(numbers: &[f64]) {
    #[cfg(target_arch = "x86_64")]
    for line in numbers.chunks(8) {
        // SAFETY: the instruction is on every machine of this kind and has no effect on what a program can see.
        #[allow(unsafe_code)]
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast());
        }
    }
}

/// Writes numbers past the caches, where they would only push out what is needed: for columns longer than these. `into`
/// begins at a multiple of 16 bytes, or it is written as usual. To be followed by [`store_fence`].
#[inline(always)]
pub fn streaming_store(into: &mut [f64; 8], numbers: [f64; 8]) {
    #[cfg(target_arch = "x86_64")]
    if into.as_ptr().addr().is_multiple_of(16) {
        for (into, pair) in into.chunks_exact_mut(2).zip(numbers.chunks_exact(2)) {
            // SAFETY: both numbers are within the slice, whose address is a multiple of 16 here; the instruction is on
            // every machine of this kind.
            #[allow(unsafe_code)]
            unsafe {
                use std::arch::x86_64::{_mm_loadu_pd, _mm_stream_pd};
                _mm_stream_pd(into.as_mut_ptr(), _mm_loadu_pd(pair.as_ptr()));
            }
        }
        return;
    }
    *into = numbers;
}

/// Waits until what was written past the caches can be seen by every thread.
#[inline]
pub fn store_fence() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the instruction is on every machine of this kind.
    #[allow(unsafe_code)]
    unsafe {
        std::arch::x86_64::_mm_sfence();
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        /// What this thread is to do without wider ones.
        pub(super) static ONLY: Cell<Option<Width>> = const { Cell::new(None) };
    }

    /// Does something with vectors of so many bits, 0 for what every machine has; nothing where this machine has none.
    pub(crate) fn run_with<T>(bits: usize, work: impl FnOnce() -> T) -> Option<T> {
        let width = match bits {
            0 => Width::Least,
            #[cfg(target_arch = "x86_64")]
            256 if is_x86_feature_detected!("avx2") => Width::Bits256,
            #[cfg(target_arch = "x86_64")]
            512 if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") => {
                Width::Bits512
            }
            _ => return None,
        };
        ONLY.set(Some(width));
        let found = work();
        ONLY.set(None);
        Some(found)
    }
}
