//! Codes, and the sentence of the last one.

use std::cell::RefCell;
use std::ffi::{CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use chainrule::Refusal;
use expr::UnrollError;
use syntax::Diagnostic;

/// What a call came to.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrStatus {
    /// The answer is there.
    Ok = 0,
    /// A pointer is null where something is needed.
    Null = 1,
    /// A text is no UTF-8.
    Utf8 = 2,
    /// A text is no function; the message shows the place.
    Parse = 3,
    /// A size has no value, or there is no such size or input.
    Name = 4,
    /// A length is not the one that is needed.
    Length = 5,
    /// An answer would take more than its budget.
    Refused = 6,
    /// A fault of the library.
    Internal = 7,
}

/// A code with its sentence.
#[derive(Debug)]
pub(crate) struct Error {
    pub(crate) status: CrStatus,
    pub(crate) message: String,
}

impl Error {
    pub(crate) fn new(status: CrStatus, message: impl Into<String>) -> Error {
        Error { status, message: message.into() }
    }

    pub(crate) fn text(diagnostic: &Diagnostic, text: &str) -> Error {
        Error::new(CrStatus::Parse, diagnostic.render(text, "function", false))
    }

    /// Refuses another length than the one that is needed.
    pub(crate) fn expect(given: usize, what: &str, needed: usize) -> Result<(), Error> {
        match given == needed {
            true => Ok(()),
            false => Err(Error::new(CrStatus::Length, format!("{given} {what} where {needed} are needed"))),
        }
    }
}

impl From<UnrollError> for Error {
    fn from(error: UnrollError) -> Error {
        let status = match error {
            UnrollError::TooLarge { .. } | UnrollError::OutOfMemory { .. } => CrStatus::Refused,
            UnrollError::Unbound { .. }
            | UnrollError::UnknownSize { .. }
            | UnrollError::UnknownInput { .. } => CrStatus::Name,
            _ => CrStatus::Parse,
        };
        Error::new(status, error.to_string())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        match refusal {
            Refusal::Unroll(error) => error.into(),
            refusal => Error::new(CrStatus::Refused, refusal.to_string()),
        }
    }
}

thread_local! {
    /// The sentence of the last call of this thread that failed.
    static LAST: RefCell<CString> = RefCell::default();
}

/// Why the last call of this thread that returned another code than CR_STATUS_OK did so: one sentence or, for a text, the place under
/// it. Never null; valid until the next call of this thread.
#[expect(unsafe_code, reason = "C finds it by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn cr_last_error() -> *const c_char {
    LAST.with_borrow(|last| last.as_ptr())
}

/// Does what a call is for; what goes wrong becomes a code, and its sentence is kept. Panics end here.
pub(crate) fn guarded(work: impl FnOnce() -> Result<(), Error>) -> CrStatus {
    // What a panic leaves half done is not used again: workspaces are given back by work that ends.
    let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Err(Error::new(CrStatus::Internal, format!("a fault of the library: {said}")))
    });
    match done {
        Ok(()) => CrStatus::Ok,
        Err(error) => {
            let message = error.message.replace('\0', "\u{fffd}");
            LAST.set(CString::new(message).unwrap_or_default());
            error.status
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    #[test]
    fn a_panic_is_a_code_with_its_sentence() {
        assert_eq!(guarded(|| panic!("{} lost", "a bolt")), CrStatus::Internal);
        #[expect(unsafe_code, reason = "the pointer is read as C reads it")]
        // SAFETY: it is never null and valid until the next call.
        let said = unsafe { CStr::from_ptr(cr_last_error()) };
        assert_eq!(said.to_str(), Ok("a fault of the library: a bolt lost"));
        assert_eq!(guarded(|| Ok(())), CrStatus::Ok);
    }
}
