//! Derivatives of every kind: what can be wanted of a function f of n scalar inputs with m outputs, and who finds it how.
//!
//! [`Want`] names the kind, [`Strategy::prepare`](crate::Strategy::prepare) prepares it, [`Prepared::run_with`](crate::Prepared::run_with)
//! takes a point and, where the kind needs them, [`Seeds`]. What was asked for is in [`Derivative::entries`](crate::Derivative::entries),
//! dense and row after row, [`Derivative::shape`](crate::Derivative::shape) saying how many rows and columns.
//!
//! | want | rows x columns | seeds | [`Derivative::gradient`](crate::Derivative::gradient) |
//! |---|---|---|---|
//! | `gradient` | | | the gradient of every output, m x n |
//! | `jacobian` | m x n | | |
//! | `jvp` | m x p | `along`, n x p | |
//! | `vjp` | p x n | `weights`, p x m | |
//! | `hessian` | n x n, full and symmetric in every bit | `weights`, m | of the weighted sum, n |
//! | `hessian-diagonal` | 1 x n | `weights`, m | likewise |
//! | `hvp` | n x p | `along`, n x p; `weights`, m | likewise |
//!
//! Of several outputs second derivatives are those of their weighted sum; without weights all are 1.
//!
//! | | numerical | symbolic | backprop |
//! |---|---|---|---|
//! | `jacobian` | per input | formulas, the smaller of forward and reverse | forward or backward sweeps, whichever take fewer operators |
//! | `jvp` | a difference along the direction | forward, seeded | a forward pass |
//! | `vjp` | differences of the weighted sum | reverse, seeded | a backward pass |
//! | `hessian` | second differences of values: 1 + 2n, and 2 for each entry off the diagonal, per length of step | reverse over reverse, simplified together; the lower triangle is written, the upper one copied | forward over reverse: a sweep per column, of which the lower part is taken |
//! | `hessian-diagonal` | 1 + 2n values per length of step | the diagonal of the same | a sweep per input |
//! | `hvp` | mixed differences, of each input and the direction | reverse over reverse, seeded | forward over reverse |
//!
//! Backpropagation takes its passes over the function as it is written ([`backprop::Seeded`]): the result is one function, which is
//! unrolled, or run with its loops where it is large, and has the same bits in both forms.
//!
//! *Where an output has no value*, as ln(x) at -1, it has no derivative either: its rows are NaN, and so is every second derivative of a sum that
//! it is part of.
//!
//! *Refusals.* A matrix of more entries than [`Budget::entries`](crate::Budget::entries) is refused in
//! [`Unit::Entries`](crate::Unit::Entries) before anything is built, and a variant that cannot find a kind says so
//! ([`Refusal::NotOffered`](crate::Refusal::NotOffered)): the complex step has no second derivatives.
//!
//! *Lengths.* Seeds of another length are a panic with both lengths, as points are.

pub(crate) mod accurate;
mod assemble;
pub(crate) mod backprop;
pub(crate) mod complex_step;
mod matrix;
pub(crate) mod numerical;
#[cfg(feature = "symbolic")]
pub(crate) mod symbolic;
mod want;

pub use matrix::{Matrix, Product, hessian, hvp, jacobian, jvp, vjp};
pub use want::{ParseWantError, Seeds, Want};
