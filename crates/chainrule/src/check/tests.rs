use super::*;
use crate::assert_gradient;

type Pair = (fn(&[f64]) -> f64, fn(&[f64]) -> Vec<f64>);

const PAIRS: [Pair; 5] = [
    (|x| x[0] * x[1].sin() + x[2].exp(), |x| vec![x[1].sin(), x[0] * x[1].cos(), x[2].exp()]),
    (
        |x| (x[0] * x[0] + x[1] * x[1]).sqrt() * x[2],
        |x| {
            let r = (x[0] * x[0] + x[1] * x[1]).sqrt();
            vec![x[0] / r * x[2], x[1] / r * x[2], r]
        },
    ),
    (|x| x[0] * x[1] * x[2], |x| vec![x[1] * x[2], x[0] * x[2], x[0] * x[1]]),
    (
        |x| (x[0] / x[1]).atan() + x[2].powi(3),
        |x| {
            let r = x[0] * x[0] + x[1] * x[1];
            vec![x[1] / r, -x[0] / r, 3.0 * x[2] * x[2]]
        },
    ),
    (
        |x| (1.0 + x[0] * x[0]).ln() + x[1] * x[2].tanh(),
        |x| vec![2.0 * x[0] / (1.0 + x[0] * x[0]), x[2].tanh(), x[1] / x[2].cosh().powi(2)],
    ),
];

/// The same functions in single precision, inputs and results included.
const SINGLE: [fn(&[f64]) -> f64; 5] = [
    |x| f64::from(single(x, 0) * single(x, 1).sin() + single(x, 2).exp()),
    |x| f64::from((single(x, 0).powi(2) + single(x, 1).powi(2)).sqrt() * single(x, 2)),
    |x| f64::from(single(x, 0) * single(x, 1) * single(x, 2)),
    |x| f64::from((single(x, 0) / single(x, 1)).atan() + single(x, 2).powi(3)),
    |x| f64::from((1.0 + single(x, 0).powi(2)).ln() + single(x, 1) * single(x, 2).tanh()),
];

fn single(x: &[f64], k: usize) -> f32 {
    x[k] as f32
}

/// Five functions with inputs scaled over many orders of magnitude, and the values with them.
fn scaled() -> impl Iterator<Item = (usize, f64, Vec<f64>)> {
    (0..75usize).map(|k| {
        let scale = 10f64.powi(2 * (k as i32 / 5) - 14);
        (k % 5, scale, vec![0.7 + 0.01 * k as f64, -1.3 + 0.02 * (k % 7) as f64, 0.4])
    })
}

fn scale_by(f: impl Fn(&[f64]) -> f64, scale: f64) -> impl Fn(&[f64]) -> f64 {
    move |x| scale * f(&x.iter().map(|x| x / scale).collect::<Vec<_>>())
}

fn times(x: &[f64], scale: f64) -> Vec<f64> {
    x.iter().map(|x| x * scale).collect()
}

#[track_caller]
fn one(f: impl Fn(f64) -> f64, claim: f64, at: f64) -> CheckedComponent {
    let check = check_gradient(|x| f(x[0]), &[claim], &[at]).unwrap();
    check.components.into_iter().next().unwrap()
}

#[track_caller]
fn agrees(f: impl Fn(f64) -> f64, claim: f64, at: f64, least: f64) {
    let checked = one(f, claim, at);
    let enough = matches!(checked.agreement, Agreement::Agrees { digits } if digits >= least);
    assert!(enough, "{checked} (at {at:e})");
}

#[track_caller]
fn disagrees(f: impl Fn(f64) -> f64, claim: f64, at: f64) {
    let checked = one(f, claim, at);
    assert!(matches!(checked.agreement, Agreement::Disagrees { .. }), "{checked} (at {at:e})");
}

#[track_caller]
fn cannot_see(f: impl Fn(f64) -> f64, claim: f64, at: f64, why: &str) {
    let checked = one(f, claim, at);
    let text = checked.to_string();
    assert!(matches!(checked.agreement, Agreement::CannotSee { .. }), "{text} (at {at:e})");
    assert!(text.contains(why), "{text}");
}

#[test]
fn right_gradients_agree_and_wrong_ones_disagree_at_every_scale() {
    let mut fewest = f64::INFINITY;
    for (pair, scale, at) in scaled() {
        let (f, gradient) = PAIRS[pair];
        let (own, point, right) = (scale_by(f, scale), times(&at, scale), gradient(&at));
        let check = check_gradient(&own, &right, &point).unwrap();
        let Agreement::Agrees { digits } = check.agreement() else { panic!("scale {scale}: {check}") };
        fewest = fewest.min(digits);
        for k in 0..3 {
            let mut wrong = right.clone();
            wrong[k] *= 1.0 + 1e-4;
            let check = check_gradient(&own, &wrong, &point).unwrap();
            let off: Vec<usize> = check.disagreeing().map(|wrong| wrong.component).collect();
            assert_eq!((off.as_slice(), check.unchecked().count()), (&[k][..], 0), "{check}");
        }
    }
    assert!(fewest >= 9.0, "{fewest} digits");
}

#[test]
fn closures_in_single_precision_are_known_as_such() {
    let mut fewest = f64::INFINITY;
    for (pair, scale, at) in scaled() {
        let gradient = PAIRS[pair].1;
        let (own, point, right) = (scale_by(SINGLE[pair], scale), times(&at, scale), gradient(&at));
        // A gradient in single precision as well.
        let rounded: Vec<f64> = right.iter().map(|&g| f64::from(g as f32)).collect();
        for claimed in [&right, &rounded] {
            let check = check_gradient(&own, claimed, &point).unwrap();
            let Agreement::Agrees { digits } = check.agreement() else { panic!("scale {scale}: {check}") };
            fewest = fewest.min(digits);
        }
        for k in 0..3 {
            for factor in [1.003, -1.0, 0.0, 2.0] {
                let mut wrong = right.clone();
                wrong[k] *= factor;
                let check = check_gradient(&own, &wrong, &point).unwrap();
                let off: Vec<usize> = check.disagreeing().map(|wrong| wrong.component).collect();
                assert_eq!(off, [k], "{check}");
            }
        }
    }
    assert!(fewest >= 3.0, "{fewest} digits");
}

#[test]
fn infinities_and_nan_are_no_slopes_of_smooth_functions() {
    for claim in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        for at in [0.0, 0.3, 2.0, -1e9, 1e-9] {
            disagrees(f64::sin, claim, at);
            disagrees(|x| 1.0 + x * x, claim, at);
            if at > -1e9 {
                disagrees(|x| f64::from((x as f32).sin()), claim, at);
            }
        }
        disagrees(|_| 5.0, claim, 1.0);
        disagrees(f64::abs, claim, 0.0);
    }
}

#[test]
fn stationary_points_agree_with_zero() {
    type Case = (fn(f64) -> f64, f64);
    let cases: [Case; 12] = [
        (|x| x * x, 0.0),
        (|x| 1.0 + x * x, 0.0),
        (f64::cos, 0.0),
        (f64::cosh, 0.0),
        (|x| (x - 1.0).powi(2), 1.0),
        (|x| 3.0 + (x - 1.0).powi(4), 1.0),
        (|x| x.powi(3), 0.0),
        (|x| x - x.sin(), 0.0),
        (|x| (-x * x).exp(), 0.0),
        (|x| 1e6 * (x / 1e3 - 1.0).powi(2), 1e3),
        (|x| f64::from(1.0 + (x as f32).powi(2)), 0.0),
        (|x| f64::from((x as f32 - 3.0).powi(2) + 7.0), 3.0),
    ];
    for (f, at) in cases {
        agrees(f, 0.0, at, 3.0);
        disagrees(f, 0.01, at);
        disagrees(f, -3.0, at);
    }
    // The slope at the nearest double of π/2 is 6.1e-17, and rounding of a formula may give as much where it is 0.
    agrees(f64::sin, 6.1e-17, std::f64::consts::FRAC_PI_2, 9.0);
    agrees(|x| (x - 0.3).powi(2) + 1.0, 1.1e-16, 0.3, 9.0);
    // Nothing depends on the input.
    agrees(|_| 5.0, 0.0, 1.0, 6.0);
    agrees(|_| 0.0, 0.0, 0.0, 9.0);
    agrees(|x| 0.0 * x + 1e300, 0.0, 3.0, 9.0);
    disagrees(|_| 5.0, 1.0, 1.0);
    // Flat up to a kink further away.
    for (bend, at) in [(0.9, 0.7), (1.3, 1.0), (0.0, -3.0)] {
        agrees(move |x| (x - bend).max(0.0), 0.0, at, 3.0);
        agrees(move |x| 2.0 + (x - bend).max(0.0), 0.0, at, 3.0);
        disagrees(move |x| (x - bend).max(0.0), 1.0, at);
    }
    // A staircase is not flat.
    assert!(!matches!(one(|x| x + 1e14 - 1e14, 0.0, 0.3).agreement, Agreement::Agrees { .. }));
    disagrees(|x| f64::from(1.0 + 1e-3 * (x as f32)), 0.0, 1.0);
}

#[test]
fn at_kinks_what_is_between_the_slopes_is_not_checked() {
    for claim in [-1.0, 0.0, 0.5, 1.0] {
        cannot_see(f64::abs, claim, 0.0, "one-sided slopes -1 and 1 differ");
    }
    for claim in [1.01, -2.0, 3.0, 1e9] {
        disagrees(f64::abs, claim, 0.0);
    }
    cannot_see(|x| x.max(0.0), 0.5, 0.0, "one-sided slopes 0 and 1 differ");
    cannot_see(|x| x.max(0.0), 0.0, 0.0, "one-sided slopes 0 and 1 differ");
    disagrees(|x| x.max(0.0), -0.5, 0.0);
    cannot_see(|x: f64| (x - 3.0).abs() + x.sin(), 3f64.cos(), 3.0, "differ");
    disagrees(|x: f64| (x - 3.0).abs() + x.sin(), 0.1, 3.0);
    cannot_see(|x: f64| x + 1e-3 * x.abs(), 1.0, 0.0, "one-sided slopes 0.999 and 1.001 differ");
    cannot_see(|x| f64::from((x as f32 - 2.0).abs() * 3.0), 0.0, 2.0, "differ");
    cannot_see(|x: f64| x.clamp(0.0, 1.0), 1.0, 1.0, "one-sided slopes 1 and 0 differ");
}

#[test]
fn where_the_function_ends_only_what_is_seen_is_judged() {
    cannot_see(f64::ln, 1.0, -2.0, "NaN at the point");
    cannot_see(f64::ln, f64::INFINITY, 0.0, "-inf at the point");
    cannot_see(|x| (-x * x).sqrt(), 0.0, 0.0, "not finite on either side");
    // Infinite slopes.
    for claim in [f64::INFINITY, 0.0, 1.0] {
        let f = |x: f64| x.sqrt();
        assert!(!matches!(one(f, claim, 0.0).agreement, Agreement::Agrees { .. }));
        assert!(!matches!(one(f64::cbrt, claim, 0.0).agreement, Agreement::Agrees { .. }));
    }
    cannot_see(f64::sqrt, f64::INFINITY, 0.0, "do not settle");
    cannot_see(f64::cbrt, f64::INFINITY, 0.0, "do not settle");
    // Near an edge, and at one with a finite slope to the side that there is.
    agrees(f64::ln, 1e12, 1e-12, 6.0);
    agrees(|x| x * x.sqrt(), 0.0, 0.0, 3.0);
    agrees(|x| (x - 1.0) * (x - 1.0).sqrt() + 2.0 * x, 2.0, 1.0, 3.0);
    disagrees(|x| x * x.sqrt(), 1.0, 0.0);
    agrees(|x| (1.0 - x).sqrt(), -0.5 / 1e-4f64.sqrt(), 1.0 - 1e-4, 6.0);
}

/// Noise that repeats: the bits of the argument, shuffled.
fn noise(x: f64) -> f64 {
    let mut bits = x.to_bits().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits ^= bits >> 29;
    bits = bits.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits ^= bits >> 32;
    bits as f64 / u64::MAX as f64 - 0.5
}

#[test]
fn noise_is_measured_or_given() {
    for size in [1e-12, 1e-9, 1e-6, 1e-4] {
        let f = move |x: f64| x.sin() + size * noise(x);
        for at in [0.7, 2.0, -20.0] {
            let checked = one(f, f64::cos(at), at);
            assert!(!matches!(checked.agreement, Agreement::Disagrees { .. }), "{size:e}: {checked}");
            if size <= 1e-6 {
                agrees(f, at.cos(), at, 3.0);
            }
            disagrees(f, 1.2 * at.cos(), at);
            disagrees(f, -at.cos(), at);
        }
        let options = CheckOptions { noise: Some(size) };
        let check = check_gradient_with(|x| f(x[0]), &[0.7f64.cos()], &[0.7], &options).unwrap();
        assert!(check.disagreeing().next().is_none(), "{check}");
    }
    cannot_see(|x| x + 100.0 * noise(x), 1.0, 0.5, "which leaves a slope of");
    // With more noise given than there is, less is seen.
    let options = CheckOptions { noise: Some(0.1) };
    let check = check_gradient_with(|x| x[0].sin(), &[0.7f64.cos()], &[0.7], &options).unwrap();
    assert_eq!(check.unchecked().count(), 1, "{check}");
}

#[test]
fn components_of_very_different_size_are_checked_each_by_itself() {
    let f = |x: &[f64]| 1e8 * x[0] * x[0] + x[1].sin() + 0.1 * x[2];
    let right = [2e8 * 3.0, 1f64.cos(), 0.1];
    let check = check_gradient(f, &right, &[3.0, 1.0, 2.0]).unwrap();
    assert!(check.agrees(), "{check}");
    let wrong = [right[0], right[1] * 1.001, right[2]];
    assert_eq!(check_gradient(f, &wrong, &[3.0, 1.0, 2.0]).unwrap().disagreeing().count(), 1);
    // What is below the rounding of the value is not seen, and not called right.
    let f = |x: &[f64]| 1e12 * x[0] + 1e-9 * x[1];
    let check = check_gradient(f, &[1e12, 1e-9], &[1.0, 1.0]).unwrap();
    assert!(matches!(check.components[0].agreement, Agreement::Agrees { .. }), "{check}");
    assert!(matches!(check.components[1].agreement, Agreement::CannotSee { .. }), "{check}");
    assert_eq!(check.agreement(), check.components[1].agreement);
}

#[test]
fn fast_functions_and_far_points_are_followed() {
    agrees(|x| (1e8 * x).sin(), 1e8 * (1e8f64 * 0.3).cos(), 0.3, 3.0);
    disagrees(|x| (1e8 * x).sin(), 1e8 * (1e8f64 * 0.3).cos() * 1.2, 0.3);
    agrees(f64::sin, 1e10f64.cos(), 1e10, 6.0);
    agrees(|x| (1e-9 * x).exp(), 1e-9, 0.0, 5.0);
    agrees(|x| (1e9 * x).exp(), 1e9, 0.0, 5.0);
    agrees(|x| 3.0 * x + 1.0, 3.0, 1e-300, 6.0);
    agrees(|x| x.powi(7), 7e-180, 1e-30, 6.0);
    agrees(|x| 1.0 / x, -1e-16, 1e8, 6.0);
}

#[test]
fn the_message_says_which_side_is_which_and_why() {
    let f = |x: &[f64]| x[0] * x[1] * x[1];
    let message = |gradient: [f64; 2]| check_gradient(f, &gradient, &[2.0, 3.0]).unwrap().to_string();
    assert!(message([-9.0, 12.0]).starts_with(
        "the gradient is wrong in 1 of 2 components:\n  component 0: gradient under test -9e0, differences of the function"
    ));
    assert!(message([-9.0, 12.0]).contains("the sign is flipped"));
    assert!(
        message([9.0, 24.0]).contains("component 1") && message([9.0, 24.0]).contains("twice what it should")
    );
    assert!(message([12.0, 9.0]).contains("exchanged with component 1"));
    assert!(message([9.0, 0.0]).contains("a term is missing"));
    assert!(message([f64::NAN, 12.0]).contains("NaN is no slope"));
    assert!(message([9.0, 12.0 * (1.0 + 5e-6)]).contains("as much as single precision may lose"));
    assert!(message([9.0, 12.6]).contains("a factor of 1.05"));
    assert!(message([9.0, 12.0]).starts_with("the gradient agrees with the function to at least 1"));
    let error = check_gradient(f, &[9.0], &[2.0, 3.0]).unwrap_err();
    assert_eq!(error, WrongLength { expected: 2, given: 1 });
    assert_eq!(error.to_string(), "the gradient has 1 components at a point of 2 numbers");
    assert_eq!(check_gradient(f, &[9.0; 3], &[2.0, 3.0]).unwrap_err().given, 3);
    // What contradicts comes before what was not checked.
    let both = check_gradient(|x| x[0].abs() + x[1], &[0.0, 2.0], &[0.0, 1.0]).unwrap();
    assert!(matches!(both.agreement(), Agreement::Disagrees { .. }));
    let text = both.to_string();
    assert!(text.starts_with("the gradient is wrong in 1 of 2 components:\n  component 1:"), "{text}");
    assert!(text.contains("component 0: 0e0 was not checked; one-sided slopes -1 and 1 differ"), "{text}");
}

#[test]
fn no_components_agree() {
    assert!(check_gradient(|_| 1.0, &[], &[]).unwrap().agrees());
}

#[test]
#[should_panic(expected = "half what it should be")]
fn the_macro_panics_where_a_component_disagrees() {
    assert_gradient!(|x: &[f64]| x[0] * x[0], |x: &[f64]| vec![x[0]], &[3.0]);
}

#[test]
#[should_panic(expected = "the gradient was not checked in 1 of 1 component:")]
fn the_macro_panics_with_another_text_where_values_cannot_tell() {
    assert_gradient!(|x: &[f64]| x[0].abs(), |_: &[f64]| [0.0], &[0.0]);
}

#[test]
#[should_panic(expected = "the gradient has 2 components at a point of 1 numbers")]
fn the_macro_panics_at_another_length() {
    assert_gradient!(|x: &[f64]| x[0], |_: &[f64]| [1.0, 1.0], &[0.0]);
}

#[test]
fn the_macro_takes_the_noise_of_values() {
    let f = |x: &[f64]| x[0].sin() + 1e-6 * noise(x[0]);
    assert_gradient!(f, |x: &[f64]| [x[0].cos()], &[0.7], noise = 1e-6);
}

/// Functions at random points, in double and in single precision: what is certified is never contradicted, and what is off
/// by a percent never agrees, but where single precision leaves no more.
#[test]
fn certified_gradients_are_not_contradicted_and_wrong_ones_do_not_agree() {
    let texts = [
        "sin(x*y) + exp(x/y) - ln(x^2 + y^2)",
        "x^3*y - y^2/x",
        "sqrt(x^2 + y^2)*atan(x - y)",
        "tanh(x)*cosh(y/2)",
        "abs(x - y)*x",
        "max(x, y^2) + x*y",
        "1/(1 + exp(-x*y))",
        "erf(x) - y*cbrt(x)",
        "hypot(x, y)^3",
        "if(x < y, x^2, y*x)",
        "exp(-(x - y)^2*50)",
        "x*1e6 + y*1e-3",
        "ln(1 + x^2)*sin(20*y)",
        "relu(x) + relu(y - 0.3)*x",
    ];
    let mut random = crate::Random::new(7, &["check"], 0);
    let (mut judged, mut seen) = (0, 0);
    for text in texts {
        let f = syntax::parse(text).unwrap();
        for k in 0..60 {
            let mut draw = || {
                let size = 10f64.powf(random.between(-2.0, 1.0));
                if random.between(0.0, 1.0) < 0.5 { size } else { -size }
            };
            let single = k % 3 == 0;
            let at: Vec<f64> =
                [draw(), draw()].map(|x| if single { f64::from(x as f32) } else { x }).to_vec();
            let certified = reference::certify(&f, &at, &reference::Limits::default());
            let truth: Option<Vec<f64>> =
                certified.gradients[0].iter().map(reference::Component::known).collect();
            let Some(truth) = truth else { continue };
            let closure = |x: &[f64]| match single {
                false => f.evaluate((), x)[0],
                true => f64::from(f.evaluate((), &[x[0] as f32 as f64, x[1] as f32 as f64])[0] as f32),
            };
            let right = check_gradient(closure, &truth, &at).unwrap();
            assert_eq!(right.disagreeing().count(), 0, "{text} at {at:?}, single {single}: {right}");
            judged += 2;
            seen += 2 - right.unchecked().count();
            let wrong: Vec<f64> = truth.iter().map(|g| g * 1.01).collect();
            let check = check_gradient(closure, &wrong, &at).unwrap();
            for (component, &truth) in check.components.iter().zip(&truth) {
                let error = component.found.map_or(f64::INFINITY, |slope| slope.error);
                // Next to the slopes nearby it may be as small as what these leave.
                let agreed = matches!(component.agreement, Agreement::Agrees { .. });
                assert!(!agreed || truth == 0.0 || error > 1e-4 * truth.abs(), "{text} at {at:?}: {check}");
            }
        }
    }
    assert!(seen * 100 > judged * 95, "{seen} of {judged}");
}
