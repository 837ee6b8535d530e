//! The C interface: a function from text, its values, gradients and many points.
//!
//! `include/chainrule.h` is generated from these files. A call returns a code; [`cr_last_error`] has the sentence. No panic crosses
//! the boundary: it becomes [`CrStatus::Internal`].

mod error;
mod function;
mod raw;

pub use error::{CrStatus, cr_last_error};
pub use raw::{
    CrColumn, CrSize, cr_batch, cr_free, cr_gradient, cr_input, cr_inputs, cr_outputs, cr_parse, cr_value,
    cr_value_and_gradient,
};

pub use function::CrFunction;
