//! Calls that may take long: other threads run meanwhile, and Ctrl-C ends them.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Builder};
use std::time::Duration;

use expr::interrupt::Stop;
use pyo3::prelude::*;

/// Between two looks at whether Ctrl-C was pressed; nobody notices so short a time.
const LOOK: Duration = Duration::from_millis(50);

/// What a thread of work may use, as much as a process begins with.
const STACK_BYTES: usize = 8 << 20;

/// Does work on another thread, while this one waits for it without the interpreter and runs Python's signal handlers now and then: where
/// one of them raises, as that of Ctrl-C does, the work is told to stop and what was raised is the answer.
pub(crate) fn interruptible<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> PyResult<T> + Send,
) -> PyResult<T> {
    let (stop, done) = (Stop::default(), AtomicBool::new(false));
    let waiting = thread::current();
    thread::scope(|scope| {
        let worker = Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || {
            let result = stop.stoppable(work);
            done.store(true, Ordering::Release);
            waiting.unpark();
            result
        })?;
        let mut raised = None;
        while !done.load(Ordering::Acquire) && !worker.is_finished() {
            py.detach(|| thread::park_timeout(LOOK));
            if let Err(error) = py.check_signals() {
                stop.stop();
                raised.get_or_insert(error);
            }
        }
        match (worker.join(), raised) {
            (_, Some(raised)) => Err(raised),
            (Ok(Ok(result)), None) => result,
            (Ok(Err(interrupted)), None) => unreachable!("{interrupted} by nothing"),
            (Err(panic), None) => resume_unwind(panic),
        }
    })
}
