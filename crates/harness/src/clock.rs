//! The only clock of the libraries.

use std::time::Duration;

/// Measures elapsed time. Targets without a clock (`wasm32-unknown-unknown`) measure 0; no result depends on it.
///
/// ```
/// let watch = harness::Stopwatch::start();
/// assert!(watch.elapsed() <= watch.elapsed());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    #[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
    begin: std::time::Instant,
}

impl Stopwatch {
    /// From now on.
    pub fn start() -> Stopwatch {
        Stopwatch {
            #[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
            begin: std::time::Instant::now(),
        }
    }

    /// Since the start.
    pub fn elapsed(&self) -> Duration {
        #[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
        return self.begin.elapsed();
        #[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
        Duration::ZERO
    }
}
