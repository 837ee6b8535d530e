use super::Along::{Direction, Input};
use super::*;

/// The Hessian, lower triangle row after row.
fn hessian(scheme: Scheme, x: &[f64], f: impl Fn(&[f64]) -> f64) -> SecondDifferences {
    let along: Vec<Along<'_>> = (0..x.len()).map(Input).collect();
    let pairs: Vec<(usize, usize)> = (0..x.len()).flat_map(|i| (0..=i).map(move |j| (i, j))).collect();
    second_differences(scheme, x, &along, &pairs, |points, out| points.each(|k, x| out[k] = f(x)))
}

fn smooth(x: &[f64]) -> f64 {
    (x[0] * x[1]).sin() + x[1].exp() * x[0]
}

fn right(x: &[f64]) -> [f64; 3] {
    let (s, c) = (x[0] * x[1]).sin_cos();
    [-x[1] * x[1] * s, c - x[0] * x[1] * s + x[1].exp(), -x[0] * x[0] * s + x[1].exp() * x[0]]
}

#[test]
fn each_scheme_has_the_digits_of_its_order() {
    let x = [0.7, 1.3];
    for (scheme, digits) in [
        (Scheme::Forward, 4.0),
        (Scheme::Central2, 6.5),
        (Scheme::Central4, 8.5),
        (Scheme::Central6, 9.5),
        (Scheme::Richardson, 9.5),
        (Scheme::Adaptive, 9.5),
    ] {
        let found = hessian(scheme, &x, smooth);
        for (found, right) in found.derivative.iter().zip(right(&x)) {
            let own = -((found - right) / right).abs().log10();
            assert!(own > digits, "{scheme}: {own:.1} digits of {right}");
        }
        assert_eq!(found.value, smooth(&x));
        assert!(found.evaluations <= scheme.max_second_evaluations(2, 1), "{scheme}");
        let slope = x[1] * (x[0] * x[1]).cos() + x[1].exp();
        assert!((found.slopes[0] - slope).abs() < 1e-4 * slope, "{scheme}: {}", found.slopes[0]);
    }
    assert_eq!(hessian(Scheme::Central2, &x, smooth).evaluations, 1 + 2 * 2 + 2);
    assert_eq!(hessian(Scheme::Forward, &x, smooth).evaluations, 1 + 2 * 2 + 1);
}

#[test]
fn estimates_are_honest_at_every_scale() {
    let (mut honest, mut all) = (0, 0);
    for k in 0..400 {
        let at = 10f64.powf(f64::from(k) / 50.0 - 4.0);
        type Pair = (fn(f64) -> f64, fn(f64) -> f64);
        let functions: [Pair; 5] = [
            (|x| x.sin(), |x| -x.sin()),
            (|x| x.ln(), |x| -1.0 / (x * x)),
            (|x| 1.0 / (1.0 + x * x), |x| (6.0 * x * x - 2.0) / (1.0 + x * x).powi(3)),
            (|x| x.powi(5) - x, |x| 20.0 * x.powi(3)),
            (|x| x.sqrt() + x, |x| -0.25 / x.powf(1.5)),
        ];
        for (f, second) in functions {
            for scheme in [Scheme::Richardson, Scheme::Adaptive] {
                // Fixed steps that skip periods tell nothing of their error.
                if scheme == Scheme::Richardson && at > 10.0 {
                    continue;
                }
                let found = hessian(scheme, &[at], |x| f(x[0]));
                let error = found.error.unwrap()[0];
                all += 1;
                honest += usize::from((found.derivative[0] - second(at)).abs() <= 10.0 * error);
            }
        }
    }
    assert!(honest as f64 >= 0.98 * f64::from(all), "{honest} of {all}");
}

#[test]
fn a_direction_is_the_sum_of_its_inputs() {
    let (x, v) = ([0.7, 1.3], [2.0, -0.5]);
    let along = [Input(0), Input(1), Direction(&v)];
    let pairs = [(0, 2), (1, 2), (2, 2)];
    let found = second_differences(Scheme::Adaptive, &x, &along, &pairs, |points, out| {
        points.each(|k, x| out[k] = smooth(x))
    });
    let [xx, xy, yy] = right(&x);
    let product = [xx * v[0] + xy * v[1], xy * v[0] + yy * v[1]];
    let all = [product[0], product[1], product[0] * v[0] + product[1] * v[1]];
    for ((found, error), right) in found.derivative.iter().zip(found.error.unwrap()).zip(all) {
        assert!((found - right).abs() <= 10.0 * error && error < 1e-6, "{found}, {right}, {error:e}");
    }
}

#[test]
fn what_cannot_be_seen_has_a_reason_and_no_small_estimate() {
    let blind = |x: f64, f: &dyn Fn(f64) -> f64| {
        let found = hessian(Scheme::Adaptive, &[x], |x| f(x[0]));
        let (blind, error) = (found.blind[0], found.error.unwrap()[0]);
        assert!(blind.is_none() == error.is_finite(), "{blind:?} {error}");
        blind
    };
    assert_eq!(blind(0.0, &|x| x.abs()), Some(Blind::Kink));
    assert_eq!(blind(0.0, &|x| x * x.abs()), Some(Blind::Kink));
    assert_eq!(blind(1.0, &|x| if x > 1.0 { x + 1.0 } else { x }), Some(Blind::Noise));
    assert_eq!(blind(-1.0, &|x| x.ln()), Some(Blind::DomainEdge));
    assert_eq!(blind(1.0, &|x| x.ln()), None);
    assert_eq!(blind(3.0, &|_| 4.0), None);
}

#[test]
fn a_function_of_nothing_has_no_second_derivatives() {
    for scheme in Scheme::ALL {
        let found = hessian(scheme, &[], |_| 5.0);
        assert_eq!((found.value, found.derivative, found.slopes), (5.0, vec![], vec![]), "{scheme}");
    }
}
