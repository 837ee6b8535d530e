//! Whether a simplified form is as good in doubles as the one that it was made from: rules that are right in real numbers
//! may undo what keeps digits, or what stays in range.

use expr::{DoubleDouble, Function};

use crate::Random;

/// Points at which a simplified form is tried; fewer where a function has more than ten thousand nodes.
const TRIED: u64 = 50;
/// Larger functions are not held against the reference.
const REFERENCE_NODES: usize = 20_000;

/// Some points of many sizes: around 1, within a few decades, where powers of exp leave the range of doubles, and all inputs
/// together very large or very small; in the first half of each ten all positive.
fn points(f: &Function, seed: u64) -> impl Iterator<Item = Vec<f64>> {
    let inputs = f.input_count();
    let mut random = Random::new(seed, &["loses digits"], 0);
    let tried = TRIED.min(TRIED * 10_000 / f.graph().len().max(1) as u64).max(4);
    (0..tried).map(move |k| {
        let (common, decades) = match k % 5 {
            0 => (0.0, 0.5),
            1 => (0.0, 2.0),
            2 => (0.0, 4.0),
            3 => (random.between(-300.0, 300.0), 2.0),
            _ => (2.5, 0.35),
        };
        let positive = k % 10 < 5;
        let mut draw = || {
            let size = 10f64.powf(common + random.between(-decades, decades));
            if positive || random.between(0.0, 1.0) < 0.5 { size } else { -size }
        };
        (0..inputs).map(|_| draw()).collect()
    })
}

/// Of each output whether `simplified`, equal to `written` in real numbers, is clearly further from the truth in doubles at
/// any of some points of many sizes: rules of algebra may undo what keeps digits or stays in range.
pub(crate) fn lose_digits(written: &Function, simplified: &Function) -> Vec<bool> {
    let mut lose = vec![false; written.outputs().len()];
    for x in points(written, 0) {
        let suspects = worse_at(written, simplified, &x, &lose);
        if suspects.is_empty() {
            continue;
        }
        // At one point a form may be right by chance: what counts are errors there and at points next to it.
        let mut sums: Vec<[f64; 3]> = suspects.iter().map(|(_, errors)| *errors).collect();
        for step in NEIGHBOURS {
            let next: Vec<f64> = x.iter().map(|x| x * (1.0 + step * f64::EPSILON)).collect();
            let (before, after) = (written.evaluate((), &next), simplified.evaluate((), &next));
            let truth = truth(written, simplified, &next, [&before, &after]);
            for (sums, &(k, _)) in sums.iter_mut().zip(&suspects) {
                let Some(truth) = truth[k].filter(|truth| truth.is_finite()) else { continue };
                let errors = [(before[k] - truth).abs(), (after[k] - truth).abs(), truth.abs()];
                sums.iter_mut().zip(errors).for_each(|(sum, error)| *sum += error);
            }
        }
        for ((k, _), errors) in suspects.iter().zip(sums) {
            lose[*k] |= is_worse(errors);
        }
    }
    lose
}

/// Steps to points next to one, in units of its last place.
const NEIGHBOURS: [f64; 4] = [-37.0, -11.0, 5.0, 23.0];

/// The outputs, but for those that `lose` digits already, that are further from the truth in the simplified form; with the
/// errors of both forms there, and the size of the truth.
fn worse_at(written: &Function, simplified: &Function, x: &[f64], lose: &[bool]) -> Vec<(usize, [f64; 3])> {
    let (before, after) = (written.evaluate((), x), simplified.evaluate((), x));
    let apart =
        |a: f64, b: f64| (a - b).abs() > 1e-9 * a.abs().max(b.abs()) || (a.is_finite() && !b.is_finite());
    let open = |k: &usize| !lose[*k] && apart(before[*k], after[*k]);
    let open: Vec<usize> = (0..before.len()).filter(open).collect();
    if open.is_empty() {
        return Vec::new();
    }
    let truth = truth(written, simplified, x, [&before, &after]);
    let errors = |k: usize| {
        let truth = truth[k].filter(|truth| truth.is_finite())?;
        let errors = [(before[k] - truth).abs(), (after[k] - truth).abs(), truth.abs()];
        is_worse(errors).then_some((k, errors))
    };
    open.into_iter().filter_map(errors).collect()
}

/// Whether the second error is clearly the larger one; the third number is the size of the truth.
fn is_worse([error, worse, size]: [f64; 3]) -> bool {
    error.is_finite() && (worse.is_nan() || worse > 8.0 * error + 1e-12 * size)
}

/// The value that both forms stand for, per output: in double-double numbers where that settles it, else certified.
fn truth(written: &Function, simplified: &Function, x: &[f64], plain: [&[f64]; 2]) -> Vec<Option<f64>> {
    let point: Vec<DoubleDouble> = x.iter().map(|&x| x.into()).collect();
    let [before, after] = [written, simplified].map(|f| f.evaluate((), &point));
    let near = |a: f64, b: f64, digits: f64| (a - b).abs() <= digits * a.abs();
    let settled: Vec<Option<f64>> = (0..before.len())
        .map(|k| {
            let (w, s) = (before[k].hi, after[k].hi);
            // Two ways to one number; or a number that no precision changes, where the other form has none.
            let known = near(w, s, 1e-14) || near(w, plain[0][k], 1e-9) && !plain[1][k].is_finite();
            known.then_some(w)
        })
        .collect();
    if settled.iter().all(Option::is_some) || written.graph().len() > REFERENCE_NODES {
        return settled;
    }
    let limits = reference::Limits { most_bits: 1536, ..reference::Limits::default() };
    reference::values(written, x, &limits)
}

/// Of each output whether its worst error, over some points and against the certified values, is larger in the simplified
/// form; nothing where the function is too large to be certified. A difference of less than one unit in the last place
/// counts as well, and so does an output that has a value before and none after.
pub(crate) fn raise_the_worst_error(written: &Function, simplified: &Function) -> Option<Vec<bool>> {
    if written.graph().len() > REFERENCE_NODES {
        return None;
    }
    let limits = reference::Limits { most_bits: 1536, ..reference::Limits::default() };
    let mut worst = vec![[0f64; 2]; written.outputs().len()];
    for x in points(written, 1) {
        let (before, after) = (written.evaluate((), &x), simplified.evaluate((), &x));
        if before.iter().zip(&after).all(|(a, b)| a.to_bits() == b.to_bits()) {
            continue;
        }
        let truth = reference::values(written, &x, &limits);
        for (k, worst) in worst.iter_mut().enumerate() {
            // Where nothing is known of the truth, nothing is known of the errors.
            let Some(truth) = truth[k].filter(|truth| truth.is_finite()) else { continue };
            for (worst, value) in worst.iter_mut().zip([before[k], after[k]]) {
                let error = (value - truth).abs() / truth.abs().max(f64::MIN_POSITIVE);
                *worst = worst.max(if error.is_nan() { f64::INFINITY } else { error });
            }
        }
    }
    Some(worst.iter().map(|[before, after]| after > before).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_that_leave_the_range_of_doubles_are_seen() {
        let f = |text| syntax::parse(text).unwrap();
        let in_range = f("2/(1 + exp(-x)^2)");
        // Infinity over infinity from 355 on; or only where exp(x) is still finite.
        assert_eq!(lose_digits(&in_range, &f("2*exp(x)^2/(exp(x)^2 + 1)")), [true]);
        assert_eq!(lose_digits(&in_range, &f("2/(1 + exp(-x)^2) + if(x < 700, 0*exp(x)^2, 0)")), [true]);
        assert_eq!(lose_digits(&in_range, &f("2/(1 + exp(-(x + x)))")), [false]);
    }

    #[test]
    fn digits_that_cancel_are_seen() {
        let f = |text: &str| syntax::parse(text).unwrap();
        let (product, square) = ("(x - y)*(x + y)", "x^2 - y^2 + 1e10 - 1e10");
        assert_eq!(lose_digits(&f(product), &f(square)), [true]);
        assert_eq!(lose_digits(&f("x*y + x"), &f("x*(y + 1)")), [false]);
        // Each output by itself.
        let both = |a: &str, b: &str| f(&format!("[{a}, {b}]"));
        assert_eq!(lose_digits(&both("x*y + x", product), &both("x*(y + 1)", square)), [false, true]);
        let raise = |a: &Function, b: &Function| raise_the_worst_error(a, b).unwrap();
        assert_eq!(raise(&f("expm1(x)"), &f("exp(x) - 1")), [true]);
        assert_eq!(raise(&f("exp(x) - 1"), &f("expm1(x)")), [false]);
        let (exact, rounded) = (both("expm1(x)", "exp(x) - 1"), both("exp(x) - 1", "expm1(x)"));
        assert_eq!(raise(&exact, &rounded), [true, false]);
    }

    #[test]
    fn a_form_that_is_right_by_chance_at_one_point_does_not_decide() {
        let f = |text| syntax::parse(text).unwrap();
        // The derived form cancels where x is large, and is right there at single points only.
        let written = f("t = x^2; d = 1 + t; (1/d - t/d/d)*(2*x)");
        assert_eq!(lose_digits(&written, &f("2*x/(1 + x^2)^2")), [false]);
    }
}
