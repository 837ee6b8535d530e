//! Times: at least five repeats, and at least 0.3 seconds of them.

use std::time::Instant;

/// Nanoseconds per call.
#[derive(Clone, Copy)]
pub struct Times {
    pub min: f64,
    pub median: f64,
}

/// Calls that are quicker than 20 µs are timed in batches that are not.
pub fn time(mut call: impl FnMut()) -> Times {
    let mut once = |batch: usize| {
        let start = Instant::now();
        (0..batch).for_each(|_| call());
        start.elapsed().as_secs_f64() * 1e9 / batch as f64
    };
    once(1);
    let first = once(1);
    let batch = (20e3 / first).ceil().max(1.0) as usize;
    let (mut times, mut total) = (Vec::new(), 0.0);
    while times.len() < 5 || total < 0.3e9 {
        let one = once(batch);
        times.push(one);
        total += one * batch as f64;
    }
    times.sort_by(f64::total_cmp);
    Times { min: times[0], median: times[times.len() / 2] }
}
