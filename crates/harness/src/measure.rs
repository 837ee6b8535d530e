//! Measuring time: minimum and median over repeats that are each long enough to measure.

use std::hint::black_box;
use std::time::Duration;

use crate::Stopwatch;

/// Times of one call, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times {
    /// The first call ever, caches and lazily made buffers included.
    pub first: f64,
    /// The fastest repeat.
    pub min: f64,
    /// The middle repeat.
    pub median: f64,
}

/// A repeat takes at least this long, so that the clock's own error is under a percent.
const REPEAT: Duration = Duration::from_micros(20);

/// Times `call`: once, and unless that alone used up the `patience`, in three or more repeats until it is.
pub fn time(patience: Duration, mut call: impl FnMut()) -> Times {
    let begin = Stopwatch::start();
    call();
    let first = begin.elapsed();
    if first >= patience {
        let only = first.as_nanos() as f64;
        return Times { first: only, min: only, median: only };
    }
    // How many calls make a repeat; found by doubling, which also warms up.
    let mut calls = 1u32;
    loop {
        let begin = Stopwatch::start();
        (0..calls).for_each(|_| call());
        if begin.elapsed() >= REPEAT || calls > 1 << 20 {
            break;
        }
        calls *= 2;
    }
    let mut repeats: Vec<f64> = Vec::new();
    let begin = Stopwatch::start();
    while repeats.len() < 3 || (begin.elapsed() < patience && repeats.len() < 1000) {
        let begin = Stopwatch::start();
        (0..calls).for_each(|_| black_box(&mut call)());
        repeats.push(begin.elapsed().as_nanos() as f64 / f64::from(calls));
    }
    repeats.sort_by(f64::total_cmp);
    Times { first: first.as_nanos() as f64, min: repeats[0], median: repeats[repeats.len() / 2] }
}
