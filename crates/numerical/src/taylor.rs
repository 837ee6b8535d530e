//! A verdict without a step size: the order at which the Taylor remainder of a claimed slope vanishes.
//!
//! If g is the slope of f along input i, then |f(x + h) - f(x) - h·g| falls like h²; if not, like h. The order is read
//! off where truncation still stands out of the rounding noise, so a tiny error in f does not hide a wrong slope.

/// What the remainders say of a slope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Remainder {
    /// They vanish at this order: 2 for the right slope of a curved function.
    Order(f64),
    /// They are rounding noise from the first step on: the function is straight and the slope right.
    Noise,
    /// No two of them stand out of the noise, or f is not finite nearby.
    Unclear,
}

impl Remainder {
    /// Whether the slope is confirmed.
    pub fn confirms(self) -> bool {
        matches!(self, Remainder::Noise) || matches!(self, Remainder::Order(order) if order >= 1.9)
    }
}

/// Steps, each half the one before.
const STEPS: usize = 24;
/// A remainder counts when it is this many times the rounding noise.
const ABOVE_NOISE: f64 = 1e3;

/// Examines `slope` as the derivative of `f` at `at`, with steps to both sides of up to a tenth of `scale`.
pub fn remainder(at: f64, scale: f64, slope: f64, mut f: impl FnMut(f64) -> f64) -> Remainder {
    let here = f(at);
    let mut orders: Vec<f64> = Vec::new();
    let mut seen_clean = false;
    for side in [1.0, -1.0] {
        let mut before: Option<f64> = None;
        for k in 0..STEPS {
            let x = at + side * 0.1 * scale * 0.5f64.powi(k as i32);
            let h = x - at;
            let there = f(x);
            if h == 0.0 || !there.is_finite() {
                before = None;
                continue;
            }
            seen_clean = true;
            let noise = f64::EPSILON * (here.abs() + there.abs() + (h * slope).abs());
            let now = (there - here - h * slope).abs();
            if now <= ABOVE_NOISE * noise {
                break;
            }
            if let Some(before) = before {
                orders.push((before / now).log2());
            }
            before = Some(now);
        }
    }
    // Orders settle as steps shrink: the last ones before the noise count.
    let settled = orders.iter().rev().take(3).copied().fold(f64::NAN, f64::max);
    match (orders.is_empty(), seen_clean) {
        (true, true) => Remainder::Noise,
        (true, false) => Remainder::Unclear,
        _ => Remainder::Order(settled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_slope_has_order_two_and_a_wrong_one_has_order_one() {
        for error in [0.0, 1e-4, 0.03, -0.03, 1.0] {
            let found = remainder(1.3, 1.3, 1.3f64.cos() * (1.0 + error), f64::sin);
            assert_eq!(found.confirms(), error == 0.0, "{error}: {found:?}");
        }
    }

    #[test]
    fn straight_functions_leave_noise() {
        assert_eq!(remainder(3.0, 3.0, 2.0, |x| 2.0 * x + 1.0), Remainder::Noise);
        assert!(!remainder(3.0, 3.0, 2.1, |x| 2.0 * x + 1.0).confirms());
    }

    #[test]
    fn outside_the_domain_nothing_is_claimed() {
        assert_eq!(remainder(-1.0, 0.1, 1.0, f64::ln), Remainder::Unclear);
    }
}
