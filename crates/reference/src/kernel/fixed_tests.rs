//! Bounds of errors hold at the corners of what they allow, and are not much larger than they have to be.

use dashu_int::IBig;

use super::fixed::{Fixed, Scale};
use crate::endpoint::from_f64;
use crate::interval::{Arithmetic, Interval};

const BITS: usize = 12;
const UNITS: f64 = (1u64 << BITS) as f64;

/// Numbers of few bits with errors of quarters, so that all that is compared is exact in doubles.
fn numbers() -> Vec<Fixed> {
    let mids = [0, 1, -1, 2, 63, -64, 700, -999, 2048, 4095, 4096, -4096, 5000, 8191, -12_000];
    let errs = [0.0, 0.25, 1.0, 3.5, 20.0];
    mids.iter().flat_map(|&mid| errs.map(|err| Fixed { mid: IBig::from(mid), err })).collect()
}

fn mid(a: &Fixed) -> f64 {
    a.mid.to_f64().value()
}

/// What a number may be, in units.
fn corners(a: &Fixed) -> [f64; 3] {
    [mid(a) - a.err, mid(a), mid(a) + a.err]
}

/// `found` encloses `value` for all corners; beyond the largest that is off, its error is at most `slack` units.
fn encloses(found: &Fixed, values: impl Iterator<Item = f64>, slack: f64, what: &str) {
    let most = values
        .map(|value| {
            let off = (value - mid(found)).abs();
            assert!(
                off <= found.err * (1.0 + 1e-12) + 1e-9,
                "{what}: {off} units off, at most {}",
                found.err
            );
            off
        })
        .fold(0.0, f64::max);
    assert!(found.err <= 1.01 * most + slack, "{what}: {} units, and {most} would do", found.err);
}

#[test]
fn operations_enclose_every_corner() {
    let arithmetic = Arithmetic::new(64, u64::MAX);
    let scale = Scale::new(&arithmetic, BITS);
    for a in numbers() {
        let shown = |b: &Fixed| format!("{}±{} and {}±{}", mid(&a), a.err, mid(b), b.err);
        for b in numbers() {
            let pairs = |f: fn(f64, f64) -> f64| {
                let (xs, ys) = (corners(&a), corners(&b));
                xs.into_iter().flat_map(move |x| ys.map(|y| f(x, y)))
            };
            encloses(&scale.plus(&a, &b), pairs(|x, y| x + y), 1e-6, &shown(&b));
            encloses(&scale.minus(&a, &b), pairs(|x, y| x - y), 1e-6, &shown(&b));
            // Sizes are taken of the next larger unit, and errors of both meet.
            let meet = (a.err + b.err) * 0.01 + 3.0;
            encloses(&scale.times(&a, &b), pairs(|x, y| x * y / UNITS), meet, &shown(&b));
            if mid(&b).abs() > 2.0 * b.err {
                let found = scale.over(&a, &b);
                let wide = if mid(&b).abs() < 100.0 { f64::INFINITY } else { 4.0 + 0.2 * found.err };
                encloses(&found, pairs(|x, y| x * UNITS / y), wide, &shown(&b));
            } else {
                // A divisor that may be 0.
                let found = scale.over(&a, &Fixed { mid: IBig::from(1), err: 1.0 });
                assert!(found.err.is_infinite());
            }
        }
        let none = Fixed { mid: IBig::from(0), err: 0.0 };
        let each = |f: fn(f64) -> f64| corners(&a).into_iter().map(f);
        encloses(&scale.scaled(&a, -3), each(|x| -3.0 * x), 1e-6, &shown(&none));
        encloses(&scale.over_integer(&a, 7), each(|x| x / 7.0), 2.0, &shown(&none));
        encloses(&scale.halved(&a, 3), each(|x| x / 8.0), 2.0, &shown(&none));
        let coarse = Scale::new(&arithmetic, BITS - 5);
        encloses(&coarse.of_finer(&a, &scale), each(|x| x / 32.0), 2.0, &shown(&none));
        if mid(&a) > 2.0 * a.err {
            let found = scale.root(&a);
            let wide = if mid(&a) < 1000.0 { f64::INFINITY } else { 3.0 + found.err * 0.7 };
            encloses(&found, each(|x| (x * UNITS).sqrt()), wide, &shown(&none));
        } else {
            assert!(scale.root(&a).err.is_infinite());
        }
        let ends = scale.widened(&a, 5).to_f64s();
        let expected = [mid(&a) - a.err.ceil(), mid(&a) + a.err.ceil()].map(|x| x / UNITS * 32.0);
        assert_eq!([ends.0, ends.1], expected, "{}", shown(&none));
    }
}

#[test]
fn ends_and_intervals_are_enclosed_in_units() {
    let arithmetic = Arithmetic::new(64, u64::MAX);
    let scale = Scale::new(&arithmetic, BITS);
    for x in [0.0, 1.0, -1.5, 0.1, -0.1, 3.0e-5, -3.0e-5, 1e-300, -1e-300, 7.3, 2f64.powi(-12)] {
        encloses(&scale.end(&from_f64(x)), std::iter::once(x * UNITS), 1.0, &format!("{x}"));
        for width in [0.0, 1e-5, 0.3] {
            let interval = Interval::new(&arithmetic, from_f64(x), from_f64(x + width));
            let ends = [x * UNITS, (x + width) * UNITS];
            encloses(&scale.interval(&interval), ends.into_iter(), 2.5, &format!("{x} and {width} more"));
        }
    }
}

#[test]
fn constants_are_known_to_a_unit_at_every_scale() {
    // Asked for in any order: more bits are computed when they are needed, and fewer are cut off.
    let arithmetic = Arithmetic::new(64, u64::MAX);
    for bits in [20, 200, 40, 1000, 52, 1300] {
        let scale = Scale::new(&arithmetic, bits);
        for (found, value) in
            [(scale.half_pi(), std::f64::consts::FRAC_PI_2), (scale.ln_2(), std::f64::consts::LN_2)]
        {
            let ends = scale.widened(&found, 0).to_f64s();
            assert!(ends.0 <= value && value <= ends.1, "{bits} bits: {ends:?}");
            assert!(found.err <= 2.0);
        }
    }
    // Their first sixty digits.
    let scale = Scale::new(&arithmetic, 190);
    for (found, digits) in [
        (scale.half_pi(), "1570796326794896619231321691639751442098584699687552910487472"),
        (scale.ln_2(), "0693147180559945309417232121458176568075500134360255254120680"),
    ] {
        let power = IBig::from(10).pow(60);
        let units = (digits.parse::<IBig>().unwrap() << 190usize) / &power;
        let off: IBig = units - &found.mid;
        assert!(off.to_f64().value().abs() <= found.err + 1.0, "{digits}: {off} units");
    }
}
