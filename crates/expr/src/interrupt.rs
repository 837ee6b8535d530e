//! Work that another thread may stop: Ctrl-C in a notebook.
//!
//! Budgets are counts, so that refusals repeat; being told to stop is no answer and never repeats. So it is no result of every function on the way
//! either: a [`checkpoint`] in each long loop unwinds to whoever made the work stoppable, as rust-analyzer's queries do when a file changes.
//! Nothing is left half done there: what was being made is dropped.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Tells work to stop, from any thread.
///
/// ```
/// use expr::interrupt::{Interrupted, Stop, checkpoint};
/// let stop = Stop::default();
/// let work = || (0..10).inspect(|_| checkpoint()).sum::<i32>();
/// assert_eq!(stop.stoppable(work), Ok(45));
/// stop.stop();
/// assert_eq!(stop.stoppable(work), Err(Interrupted));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

/// Work was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

thread_local! {
    /// What tells the work of this thread to stop; nothing where nothing does.
    static CURRENT: RefCell<Option<Stop>> = const { RefCell::new(None) };
}

impl Stop {
    /// Work that looks at this stops at its next [`checkpoint`], and so does what begins later.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Does work that this may stop, on this thread.
    ///
    /// # Errors
    /// When it was told to stop before the work was done.
    pub fn stoppable<T>(&self, work: impl FnOnce() -> T) -> Result<T, Interrupted> {
        // What unwinds has borrowed for itself what it changes: the caller sees nothing that is half done.
        let done = catch_unwind(AssertUnwindSafe(|| on_behalf_of(Some(self.clone()), work)));
        done.map_err(|panic| match panic.downcast::<Interrupted>() {
            Ok(interrupted) => *interrupted,
            Err(panic) => resume_unwind(panic),
        })
    }
}

/// What may stop the work of this thread, to be handed to the threads that help it.
pub fn current() -> Option<Stop> {
    CURRENT.with_borrow(Clone::clone)
}

/// Does work for a thread that was stoppable by this: it unwinds where that one would.
pub fn on_behalf_of<T>(stop: Option<Stop>, work: impl FnOnce() -> T) -> T {
    /// Sets back what was there, however the work ends.
    struct Before(Option<Stop>);
    impl Drop for Before {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }
    let _before = Before(CURRENT.replace(stop));
    work()
}

/// Where work may be stopped: in every loop that may take long. Takes about a nanosecond.
#[inline]
pub fn checkpoint() {
    let stopped =
        CURRENT.with_borrow(|stop| stop.as_ref().is_some_and(|stop| stop.0.load(Ordering::Relaxed)));
    if stopped {
        unwind();
    }
}

#[cold]
fn unwind() {
    // What is dropped on the way is dropped whole.
    if !std::thread::panicking() {
        resume_unwind(Box::new(Interrupted));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stopped_ends_and_what_is_around_it_goes_on() {
        let (outer, inner) = (Stop::default(), Stop::default());
        inner.stop();
        let found = outer.stoppable(|| {
            let inside = inner.stoppable(|| -> i32 {
                checkpoint();
                unreachable!("it was stopped")
            });
            checkpoint();
            inside
        });
        assert_eq!(found, Ok(Err(Interrupted)));
        checkpoint();
        assert!(current().is_none());
    }

    #[test]
    fn threads_that_help_stop_with_the_one_that_they_help() {
        let stop = Stop::default();
        let found = stop.stoppable(|| {
            let current = current();
            std::thread::scope(|scope| {
                let helper = scope.spawn(|| {
                    on_behalf_of(current, || {
                        loop {
                            checkpoint();
                        }
                    })
                });
                stop.stop();
                helper.join().map_err(|panic| resume_unwind(panic)).map(|never: ()| never)
            })
        });
        assert_eq!(found, Err::<Result<(), ()>, _>(Interrupted));
    }

    #[test]
    fn a_panic_is_passed_on() {
        let caught = catch_unwind(|| Stop::default().stoppable(|| panic!("a fault")));
        assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"a fault"));
    }
}
