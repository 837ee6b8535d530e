use std::cell::Cell;

use crate::{Blind, Scheme, differentiate, gradient};

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

/// The slope, its estimate and the reason along the first input; the evaluations are within what was announced.
fn adaptive(x: &[f64], f: impl Fn(&[f64]) -> f64) -> (f64, f64, Option<Blind>) {
    let found = gradient(Scheme::Adaptive, x, f);
    assert!(found.evaluations <= Scheme::Adaptive.max_evaluations(x.len()), "{}", found.evaluations);
    (found.derivative[0], found.error.unwrap()[0], found.blind[0])
}

#[test]
fn fast_oscillations_are_resolved_or_said() {
    for frequency in [1e3, 1e5, 1e7, 1e9, 1e10, 1e11] {
        let slope = frequency * f64::cos(frequency);
        let (found, estimate, blind) = adaptive(&[1.0], |x| (frequency * x[0]).sin());
        assert!(
            blind.is_none() && (found - slope).abs() <= 10.0 * estimate,
            "{frequency}: {found} ± {estimate}"
        );
        assert!((found - slope).abs() < 0.1 * slope.abs(), "{frequency}: {found}, is {slope}");
    }
    for frequency in [1e17, 1e25, 1e300] {
        let (found, estimate, blind) = adaptive(&[1.0], |x| (frequency * x[0]).sin());
        assert_eq!((blind, estimate), (Some(Blind::Noise), f64::INFINITY), "{frequency}: {found}");
    }
    // A ripple on a straight line, far below what long steps see.
    let (found, estimate, _) = adaptive(&[1.0], |x| x[0] + 1e-12 * (1e12 * x[0]).sin());
    let slope = 1.0 + 1e12f64.cos();
    assert!((found - slope).abs() <= 10.0 * estimate && (found - slope).abs() < 0.01, "{found} ± {estimate}");
}

#[test]
fn treads_are_noise_and_no_slope_of_their_own() {
    // 1 + x² is rounded to the last place of 1: constant over many doubles, and times x a line of another slope.
    type Pair = (fn(f64) -> f64, fn(f64) -> f64);
    let pairs: [Pair; 2] = [
        (|x| (1.0 + x * x).ln(), |x| 2.0 * x / (1.0 + x * x)),
        (|x| x * (1.0 + x * x).ln(), |x| (x * x).ln_1p() + 2.0 * x * x / (1.0 + x * x)),
    ];
    for (f, slope) in pairs {
        for x in [1e-1, 1e-2, 1e-3, 1e-4, 1e-5] {
            let slope = slope(x);
            let (found, estimate, blind) = adaptive(&[x], |x| f(x[0]));
            assert!(blind.is_some() || (found - slope).abs() <= 10.0 * estimate, "{x}: {found} ± {estimate}");
            // Below, rounding to the last place of 1 leaves seven digits of the value and less.
            assert!(x < 1e-3 || blind.is_none() && (found - slope).abs() <= 1e-6 * slope, "{x}: {found}");
        }
    }
}

#[test]
fn jumps_and_corners_nearby_are_not_straddled() {
    for distance in [1e-3, 1e-6, 1e-9, 1e-12] {
        for side in [-1.0, 1.0] {
            let edge = 1.0 + side * distance;
            let (found, estimate, _) = adaptive(&[1.0], |x| if x[0] < edge { x[0] } else { x[0] + 1.0 });
            assert!((found - 1.0).abs() <= 10.0 * estimate, "jump at {edge}: {found} ± {estimate}");
            let (found, estimate, _) = adaptive(&[1.0], |x| (x[0] - edge).abs());
            assert!((found + side).abs() <= 10.0 * estimate, "corner at {edge}: {found} ± {estimate}");
        }
    }
}

#[test]
fn what_one_input_does_bears_on_the_others() {
    // The first input is a plain factor of what has lost its digits along the second.
    let lost = |x: &[f64]| x[0] * ((1e8 + x[1]) * (1e8 + x[1]) - 1e16 - 2e8 * x[1]);
    let (found, estimate, blind) = adaptive(&[1.0, 0.3], lost);
    assert!(blind.is_some() || (found - 0.09).abs() <= 10.0 * estimate, "{found} ± {estimate}");
    // An input that vanishes beside the other one.
    let absorbed = |x: &[f64]| x[0] * x[0].ln() - x[1] * (x[0] + x[1]).ln();
    let slope = 1e-30f64.ln() + 1.0 - 1.0;
    let (found, estimate, blind) = adaptive(&[1e-30, 0.5], absorbed);
    assert!(blind.is_some() || (found - slope).abs() <= 10.0 * estimate, "{found} ± {estimate}");
}

#[test]
fn constants_are_asked_again_from_afar() {
    assert_eq!(adaptive(&[1.5], |x| x[0].floor()).2, Some(Blind::Staircase));
    assert_eq!(adaptive(&[1.5], |x| x[0] + 1e16 - 1e16).2, Some(Blind::Staircase));
    assert_eq!(adaptive(&[1e-200, 1e-200], |x| x[0] * x[1]).2, Some(Blind::Underflow));
    assert_eq!(adaptive(&[1e-20, 1.0], |x| (x[1] - (x[1] - x[0])).sqrt()).2, Some(Blind::Staircase));
    // Constant for good reasons.
    for f in [|_: &[f64]| 3.0, |x: &[f64]| x[0].max(5.0), |x: &[f64]| x[0].clamp(2.0, 4.0)] {
        let (found, _, blind) = adaptive(&[1.5], f);
        assert_eq!((found, blind), (0.0, None));
    }
}

#[test]
fn corners_jumps_and_edges_are_named() {
    assert_eq!(adaptive(&[0.0], |x| x[0].abs()).2, Some(Blind::Kink));
    assert_eq!(adaptive(&[2.0], |x| x[0] + x[0].max(2.0)).2, Some(Blind::Kink));
    assert_eq!(adaptive(&[3.0], |x| if x[0] == 3.0 { 5.0 } else { x[0] }).2, Some(Blind::Jump));
    assert_eq!(adaptive(&[0.0], |x| if x[0] < 0.0 { x[0] } else { 0.5 }).2, Some(Blind::Jump));
    assert_eq!(adaptive(&[-1.0], |x| x[0].ln()).2, Some(Blind::DomainEdge));
    let (found, estimate, blind) = adaptive(&[1.0 - f64::EPSILON / 2.0], |x| x[0].acos());
    let slope = -1.0 / f64::EPSILON.sqrt();
    assert!(blind.is_some() || (found - slope).abs() <= 10.0 * estimate, "{found} ± {estimate}");
}
