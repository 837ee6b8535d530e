//! When code is made: after so many calls that it pays, and beside them.

use std::sync::{Arc, OnceLock};

use super::code::{Effort, Native};
use super::record::Straight;

/// Why there is no machine code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoNative {
    /// More instructions than are compiled in good time.
    #[error("more than {MOST} instructions")]
    TooLong,
    /// This program was built without.
    #[error("a build without the feature `native`")]
    NotBuilt,
    /// A processor for which there is none.
    #[error("no machine code for this processor")]
    Processor,
    /// The system refused, as it says: memory that code may be run from, or a thread.
    #[error("{0}")]
    Refused(String),
}

/// From the call of this number on code is wanted: what it takes to make it is won back in about as many.
const CALLS: u32 = 512;

/// The longest code that is made.
const MOST: usize = 20_000;

/// The longest code for which time is spent on making it faster.
const MOST_FAST: usize = 2_000;

/// Code that is made once it pays. Clones share it.
///
/// ```
/// use engine::{Straight, Tier};
/// let mut tier = Tier::default();
/// let square = |most| Straight::record(1, most, |x| [vec![x[0] * x[0]], vec![]]);
/// assert!(tier.code(|| square).is_none()); // the first call of many
/// tier.compile(square);
/// let Some(code) = tier.code(|| square) else { return }; // there is none for this processor
/// let mut out = [0.0];
/// code.run(&[3.0], &mut out, &mut []);
/// assert_eq!(out, [9.0]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Tier {
    calls: u32,
    code: Arc<OnceLock<Result<Native, NoNative>>>,
}

impl Tier {
    /// The code, if it is there. If this is the call from which on it is wanted, another thread begins to make it, of what it is
    /// given here: a function that writes down at most so many instructions.
    #[inline]
    pub fn code<W>(&mut self, straight: impl FnOnce() -> W) -> Option<&Native>
    where
        W: FnOnce(usize) -> Option<Straight> + Send + 'static,
    {
        if self.code.get().is_none() {
            self.count(straight);
        }
        self.code.get()?.as_ref().ok()
    }

    #[cold]
    fn count<W>(&mut self, straight: impl FnOnce() -> W)
    where
        W: FnOnce(usize) -> Option<Straight> + Send + 'static,
    {
        self.calls = self.calls.saturating_add(1);
        if self.calls == CALLS && !Native::IS_BUILT {
            _ = self.code.set(Err(NoNative::NotBuilt));
        } else if self.calls == CALLS {
            let (code, straight) = (self.code.clone(), straight());
            let make = move || {
                code.get_or_init(|| make(straight));
            };
            if let Err(error) = std::thread::Builder::new().name("machine code".to_owned()).spawn(make) {
                _ = self.code.set(Err(NoNative::Refused(error.to_string())));
            }
        }
    }

    /// Makes the code now, or waits for it.
    pub fn compile(&mut self, straight: impl FnOnce(usize) -> Option<Straight>) {
        self.code.get_or_init(|| make(straight));
    }

    /// What there is, or why there is nothing; nothing where it was not wanted yet.
    pub fn state(&self) -> Option<&Result<Native, NoNative>> {
        self.code.get()
    }
}

fn make(straight: impl FnOnce(usize) -> Option<Straight>) -> Result<Native, NoNative> {
    let straight = straight(MOST).ok_or(NoNative::TooLong)?;
    let effort = if straight.len() <= MOST_FAST { Effort::Speed } else { Effort::None };
    Native::compile(&straight, effort)
}
