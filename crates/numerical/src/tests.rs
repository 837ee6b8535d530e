use std::cell::Cell;

use crate::{Scheme, differentiate, gradient};

/// Digits of the slope of `f` at `x` that a scheme has right.
fn digits(scheme: Scheme, f: impl Fn(f64) -> f64, x: f64, slope: f64) -> f64 {
    let found = gradient(scheme, &[x], |x| f(x[0])).derivative[0];
    if found == slope { 17.0 } else { -((found - slope) / slope).abs().log10() }
}

#[test]
fn schemes_have_the_digits_of_their_order() {
    // Not before and not far beyond: a scheme that is better than its theory is not that scheme.
    for (scheme, least, most) in [
        (Scheme::Forward, 6.5, 10.0),
        (Scheme::Central2, 9.0, 12.5),
        (Scheme::Central4, 11.0, 14.5),
        (Scheme::Central6, 11.5, 15.5),
        (Scheme::Richardson, 9.5, 17.0),
        (Scheme::Adaptive, 12.5, 17.0),
    ] {
        for x in [0.3f64, 1.1, 2.0] {
            let found = digits(scheme, f64::exp, x, x.exp());
            assert!((least..=most).contains(&found), "{scheme} at {x}: {found:.1} digits");
        }
    }
}

#[test]
fn polynomials_of_low_degree_are_exact_up_to_rounding() {
    for (scheme, degree) in
        [(Scheme::Forward, 1), (Scheme::Central2, 2), (Scheme::Central4, 4), (Scheme::Central6, 6)]
    {
        for power in 1..=degree {
            let slope = f64::from(power) * 1.5f64.powi(power - 1);
            let found = digits(scheme, |x| x.powi(power), 1.5, slope);
            assert!(found > 7.0, "{scheme}, x^{power}: {found:.1} digits");
        }
    }
}

#[test]
fn every_evaluation_is_counted_and_none_is_wasted() {
    for scheme in Scheme::ALL {
        let calls = Cell::new(0);
        let f = |x: &[f64]| {
            calls.set(calls.get() + 1);
            x[0] * x[1].sin() + x[2]
        };
        let found = gradient(scheme, &[1.0, 2.0, 3.0], f);
        assert_eq!(found.evaluations, calls.get(), "{scheme}");
        assert!(found.evaluations <= scheme.max_evaluations(3), "{scheme}");
    }
}

#[test]
fn a_jacobian_has_a_row_per_output() {
    let found = differentiate(Scheme::Adaptive, &[2.0, 3.0], 2, |batch, out| {
        for k in 0..batch.len() {
            let mut x = [0.0; 2];
            batch.fill(k, &mut x);
            out[2 * k] = x[0] * x[1];
            out[2 * k + 1] = x[0] - x[1];
        }
    });
    assert_eq!(found.values, [6.0, -1.0]);
    for (found, truth) in found.derivative.iter().zip([3.0, 2.0, 1.0, -1.0]) {
        assert!((found - truth).abs() < 1e-11, "{found} for {truth}");
    }
}

#[test]
fn scales_do_not_matter_to_adaptive_steps() {
    for scale in [1e-300, 1e-100, 1e-8, 1.0, 1e8, 1e100, 1e150] {
        let found = digits(Scheme::Adaptive, |x| (x / scale).sin(), 0.7 * scale, 0.7f64.cos() / scale);
        assert!(found > 11.0, "{scale}: {found:.1} digits");
    }
}

#[test]
fn the_estimate_covers_the_error() {
    type Pair = (fn(f64) -> f64, fn(f64) -> f64);
    let cases: [Pair; 4] = [
        (f64::sin, f64::cos),
        (|x| 1.0 / x, |x| -1.0 / (x * x)),
        (|x| (30.0 * x).sin(), |x| 30.0 * (30.0 * x).cos()),
        (|x| (x * x + 1e-4).sqrt(), |x| x / (x * x + 1e-4).sqrt()),
    ];
    for (f, slope) in cases {
        for x in [-3.0, -0.01, 0.02, 0.9, 40.0] {
            for scheme in [Scheme::Richardson, Scheme::Adaptive] {
                let found = gradient(scheme, &[x], |x| f(x[0]));
                let (error, estimate) = ((found.derivative[0] - slope(x)).abs(), found.error.unwrap()[0]);
                // Fixed steps of a tenth of 40 skip whole periods, and cannot know it.
                let skips = scheme == Scheme::Richardson && x == 40.0;
                assert!(
                    skips || error <= 10.0 * estimate,
                    "{scheme} at {x}: off by {error}, said {estimate}"
                );
            }
        }
    }
}

#[test]
fn edges_of_a_domain_are_met_from_inside() {
    // x^1.5 is not a number below 0.
    let found = gradient(Scheme::Adaptive, &[0.0], |x| x[0].powf(1.5) + 3.0 * x[0]);
    assert!((found.derivative[0] - 3.0).abs() < 1e-3, "{found:?}");
    let found = gradient(Scheme::Adaptive, &[1e-3], |x| x[0].ln());
    assert!((found.derivative[0] - 1e3).abs() < 1e-6, "{found:?}");
}

#[test]
fn where_nothing_is_defined_the_answer_is_nan() {
    for scheme in Scheme::ALL {
        for x in [f64::NAN, f64::INFINITY] {
            assert!(gradient(scheme, &[x], |x| x[0].sin()).derivative[0].is_nan(), "{scheme} at {x}");
        }
        assert!(gradient(scheme, &[-1.0], |x| x[0].ln()).derivative[0].is_nan(), "{scheme}");
        assert!(gradient(scheme, &[], |_| 3.0).derivative.is_empty());
    }
}

#[test]
fn names_are_read_back() {
    for scheme in Scheme::ALL {
        assert_eq!(scheme.name().parse(), Ok(scheme));
    }
    let wrong = "centrel-2".parse::<Scheme>().unwrap_err().to_string();
    assert!(wrong.contains("centrel-2") && wrong.contains("central-2"), "{wrong}");
}
