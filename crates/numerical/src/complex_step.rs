//! The complex step (Squire and Trapp 1998): a slope without a difference, and so without cancellation.

use crate::Jacobian;

/// The imaginary step: its square is below every rounding error.
pub const COMPLEX_STEP: f64 = 1e-100;

/// Differentiates `outputs` analytic functions of `x`: `f` is given pairs of real and imaginary parts, and writes such
/// pairs. The slope is the imaginary part that comes out, divided by the one that went in: one evaluation per input, and
/// no error but that of the evaluation. A function that is not analytic (one that looks at its argument's real part only,
/// say) has no slope for it to find.
///
/// ```
/// // x^2 in pairs of real and imaginary parts.
/// let found = numerical::complex_step(&[3.0], 1, |x, out| {
///     let (re, im) = x[0];
///     out[0] = (re * re - im * im, 2.0 * re * im);
/// });
/// assert_eq!(found.derivative, [6.0]);
/// ```
pub fn complex_step(
    x: &[f64],
    outputs: usize,
    mut f: impl FnMut(&[(f64, f64)], &mut [(f64, f64)]),
) -> Jacobian {
    let mut point: Vec<(f64, f64)> = x.iter().map(|&x| (x, 0.0)).collect();
    let mut found = vec![(0.0, 0.0); outputs];
    f(&point, &mut found);
    let values = found.iter().map(|value| value.0).collect();
    let mut derivative = vec![0.0; outputs * x.len()];
    for input in 0..x.len() {
        point[input].1 = COMPLEX_STEP;
        f(&point, &mut found);
        point[input].1 = 0.0;
        for (output, value) in found.iter().enumerate() {
            derivative[output * x.len() + input] = value.1 / COMPLEX_STEP;
        }
    }
    Jacobian { values, derivative, error: None, blind: Vec::new(), evaluations: 1 + x.len() as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_of_pairs_has_its_slopes_in_every_bit() {
        let found = complex_step(&[3.0, -7.0], 1, |x, out| {
            let ((a, b), (c, d)) = (x[0], x[1]);
            out[0] = (a * c - b * d, a * d + b * c);
        });
        assert_eq!((found.values, found.derivative, found.evaluations), (vec![-21.0], vec![-7.0, 3.0], 3));
    }
}
