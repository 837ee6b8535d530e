//! The same code, compiled for the widest vectors that the machine has.
//!
//! Bits are the same on all of them: no operation is fused with another, and none is done in another order.

use crate::number::Work;

/// Does the work with vectors of 512 bits, else of 256, else with what every machine has.
#[inline(always)]
pub(crate) fn run(work: impl Work) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            // SAFETY: the features are there.
            #[allow(unsafe_code)]
            return unsafe { with_512_bits(work) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the feature is there.
            #[allow(unsafe_code)]
            return unsafe { with_256_bits(work) };
        }
    }
    work.run();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq")]
fn with_512_bits(work: impl Work) {
    work.run();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_256_bits(work: impl Work) {
    work.run();
}
