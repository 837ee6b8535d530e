//! Finite differences over a closure: the independent check, which knows values only.
//!
//! Nothing here knows how a function is made. A closure is given a [`Batch`] of points, all stencil points of all
//! inputs at once, and answers with values; out come slopes, each with the scheme's own estimate of its error where
//! it makes one, and the number of evaluations that it took.
//!
//! ```
//! use numerical::{Scheme, gradient};
//! let found = gradient(Scheme::Adaptive, &[1.0, 2.0], |x| x[0].sin() * x[1]);
//! assert!((found.derivative[0] - 2.0 * 1f64.cos()).abs() <= 10.0 * found.error.as_ref().unwrap()[0]);
//! ```

mod adaptive;
mod batch;
mod blind;
mod close;
mod complex_step;
mod departure;
mod far;
mod scheme;
mod second;
mod stencil;
mod tableau;
mod taylor;
#[cfg(test)]
mod tests;

pub use batch::{Batch, Move};
pub use blind::Blind;
pub use complex_step::{COMPLEX_STEP, complex_step};
pub use scheme::Scheme;
pub use second::{Along, Points, SecondDifferences, second_differences};
pub use stencil::quotient;
pub use taylor::{Remainder, remainder};

/// The derivative of all outputs with respect to all inputs at a point.
///
/// ```
/// use numerical::{Scheme, gradient};
/// let found = gradient(Scheme::Richardson, &[1.0, 2.0], |x| x[0] * x[1] * x[1]);
/// assert_eq!((found.values, found.derivative.len(), found.evaluations), (vec![4.0], 2, 17));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Jacobian {
    /// The outputs at the point itself.
    pub values: Vec<f64>,
    /// Row after row: one row per output, one column per input.
    pub derivative: Vec<f64>,
    /// The scheme's own estimate of the absolute error of each component, where it makes one: infinite or NaN where
    /// [`Jacobian::blind`] has a reason.
    pub error: Option<Vec<f64>>,
    /// Of each component, why the scheme cannot see its slope, if it found that it cannot. Empty for schemes that make
    /// no estimate.
    pub blind: Vec<Option<Blind>>,
    /// At how many points the function was evaluated.
    pub evaluations: u64,
}

/// Differentiates `outputs` functions of `x` at once.
///
/// `f` is given a batch of points and a slice with one row of outputs per point. Values that are not finite are taken
/// as lying outside the function's domain: [`Scheme::Adaptive`] then goes to the other side, every scheme answers NaN
/// where it cannot do better.
///
/// ```
/// use numerical::{Scheme, differentiate};
/// let found = differentiate(Scheme::Central4, &[1.0, 2.0], 2, |batch, out| {
///     for (k, row) in out.chunks_mut(2).enumerate() {
///         let mut x = [0.0; 2];
///         batch.fill(k, &mut x);
///         row.copy_from_slice(&[x[0] * x[1], x[0] + x[1]]);
///     }
/// });
/// let rows = [2.0, 1.0, 1.0, 1.0];
/// assert!(found.derivative.iter().zip(rows).all(|(found, right)| (found - right).abs() < 1e-10));
/// ```
pub fn differentiate(
    scheme: Scheme,
    x: &[f64],
    outputs: usize,
    mut f: impl FnMut(&Batch<'_>, &mut [f64]),
) -> Jacobian {
    match scheme {
        Scheme::Adaptive => adaptive::differentiate(x, outputs, &mut f),
        _ => stencil::differentiate(scheme, x, outputs, &mut f),
    }
}

/// Differentiates a plain closure.
///
/// ```
/// use numerical::{Scheme, gradient};
/// let found = gradient(Scheme::Central2, &[1.0, 2.0], |x| x[0].exp() * x[1]);
/// assert!((found.derivative[1] - 1f64.exp()).abs() < 1e-9);
/// ```
pub fn gradient(scheme: Scheme, x: &[f64], mut f: impl FnMut(&[f64]) -> f64) -> Jacobian {
    let mut point = vec![0.0; x.len()];
    differentiate(scheme, x, 1, |batch, out| {
        for (k, out) in out.iter_mut().enumerate() {
            batch.fill(k, &mut point);
            *out = f(&point);
        }
    })
}
