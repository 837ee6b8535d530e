//! Answers held against the certified gradient, or against slopes that are taken for it.

use harness::examine::GroundTruth;
use harness::{Outcome, Subject};

use harness::Outcome::{Agree, Disagree, Kink, Overflow, Refused, Removable, Unchecked, Undefined};

use crate::{Against, Answer, INFINITE, NAN, about, exact, point, words};

#[test]
fn an_answer_that_is_exact_up_to_rounding_is_held_against_the_certified_slope() {
    for (claim, word) in [
        (3.0, Agree),
        (3.0 * (1.0 + 1e-14), Agree),
        (3.0 * (1.0 + 1e-10), Disagree),
        (3.0 * (1.0 - 1e-10), Disagree),
        (-3.0, Disagree),
        (0.0, Disagree),
        (NAN, Disagree),
        (INFINITE, Disagree),
    ] {
        // By x the slope of x·y is y.
        let found = words("x*y", &[2.0, 3.0], Against::Certified, &[exact("backprop", &[claim, 2.0])]);
        assert_eq!(found, (vec![word], word), "{claim}");
        // A component that is wrong leaves the others right.
        let whole = point("x*y", &[2.0, 3.0], Against::Certified, &[exact("symbolic", &[3.0, claim])]);
        let second = if claim == 2.0 { Agree } else { Disagree };
        assert_eq!(whole.components, [Agree, second], "{claim}");
        assert_eq!((whole.verdict, whole.entries[0].outcome), (second, second), "{claim}");
    }
}

#[test]
fn a_true_zero_is_held_against_its_terms() {
    // 3 - 3 by x: an error of the last place of 3 is rounding, more is not; by y there are no terms.
    for (by_x, by_y, expected) in
        [(4e-16, 1.0, [Agree, Agree]), (1e-9, 1.0, [Disagree, Agree]), (0.0, 1.0 + 1e-9, [Agree, Disagree])]
    {
        let answer = [exact("backprop", &[by_x, by_y])];
        assert_eq!(point("3*x - x*3 + y", &[0.3, 0.5], Against::Certified, &answer).components, expected);
    }
    // The slope of cos is 0 at 0, which differences find to an error that is small beside f.
    let near = |claim, estimate: f64| {
        words("cos(x)", &[0.0], Against::Certified, &[about(&[claim], &[estimate])]).0[0]
    };
    assert_eq!((near(1e-13, 1e-15), near(1e-9, 1e-9)), (Agree, Agree));
    assert_eq!((near(1e-3, 1e-9), near(1e-2, 1e-9)), (Agree, Unchecked));
}

#[test]
fn an_error_of_differences_is_small_or_large_beside_the_gradient() {
    // By x the slope is 0, and 1e-7 is small beside the other one; without a reference the analytic one counts.
    let text = "cos(x) + 1e6*y";
    let differences = || about(&[1e-7, 1.0], &[1e-12, 1.0]);
    for against in [Against::Certified, Against::EachOther] {
        let found = point(text, &[0.0, 0.0], against, &[differences(), exact("backprop", &[0.0, 1e6])]);
        assert_eq!(found.entries[0].components[0].0, Agree, "{against:?}");
        assert!(!found.entries[0].contradictions.contains(&0), "{against:?}");
    }
    // Beside 1e-9 even 1e-14 is five digits away from 0, whatever the value is.
    let found = point(
        "1e-9*(cos(x) + y) + 1",
        &[0.0, 0.0],
        Against::Certified,
        &[about(&[1e-14, 1e-9], &[1e-16, 1e-20])],
    );
    assert_eq!((found.entries[0].components[0].0, &found.entries[0].contradictions[..]), (Agree, &[0][..]));
    // Where the whole gradient is 0 the value counts, whatever its sign.
    let found = point("-cos(x)", &[0.0], Against::Certified, &[about(&[1e-13], &[1e-15])]);
    assert_eq!((found.entries[0].components[0].0, found.entries[0].contradictions.len()), (Agree, 0));
}

#[test]
fn digits_are_those_of_the_slope() {
    let digits = |text: &str, at: &[f64], against, answers: &[Answer]| -> Vec<f64> {
        point(text, at, against, answers).entries.iter().map(|entry| entry.components[0].1).collect()
    };
    let answers = [exact("backprop", &[3.0, 2.0]), exact("symbolic", &[4.0, 2.0])];
    let quarter = 4f64.log10();
    for (against, right) in [(Against::Certified, 17.0), (Against::EachOther, quarter)] {
        let found = digits("x*y", &[2.0, 3.0], against, &answers);
        assert!((found[0] - right).abs() < 1e-12 && (found[1] - quarter).abs() < 1e-12, "{found:?}");
    }
    let answers = [exact("backprop", &[NAN]), ("symbolic", None), about(&[NAN], &[1.0])];
    for (text, at) in [("abs(x)", 0.0), ("sin(x)/x", 0.0), ("x^2", 1.0)] {
        assert_eq!(digits(text, &[at], Against::Certified, &answers), [0.0; 3], "{text}");
    }
    let alone = [exact("backprop", &[2.0]), ("symbolic", None)];
    assert_eq!(digits("x^2", &[1.0], Against::EachOther, &alone), [0.0; 2]);
}

#[test]
fn certificates_are_made_up_to_a_size() {
    let certified = |text: &str, at: &[f64], most| {
        let f = syntax::parse(text).unwrap();
        matches!(GroundTruth::certified(&Subject::of(&f, &f), at, most), GroundTruth::Certified(_))
    };
    // x, y and their product.
    assert!(certified("x*y", &[2.0, 3.0], 3) && !certified("x*y", &[2.0, 3.0], 2));
    // Inputs count too, though nothing reads them.
    assert!(
        certified("f(a, b, c, d, x) = x", &[1.0; 5], 5) && !certified("f(a, b, c, d, x) = x", &[1.0; 5], 4)
    );
}

#[test]
fn what_has_no_component_cannot_be_wrong() {
    let found = point("2 + 3", &[], Against::EachOther, &[exact("backprop", &[]), ("symbolic", None)]);
    assert_eq!((found.verdict, found.entries[0].outcome, found.entries[1].outcome), (Agree, Agree, Refused));
    assert!(found.entries[0].agrees_or_is_silent() && !found.entries[1].agrees_or_is_silent());
    let counts: Vec<_> = Outcome::counts([Agree, Kink, Agree]).into_iter().collect();
    assert_eq!(counts, [(Kink, 1), (Agree, 2)]);
}

#[test]
fn differences_agree_within_ten_times_their_estimate_and_say_where_they_do_not() {
    for (claim, estimate, word, contradicts) in [
        (3.0, 1e-9, Agree, false),
        (3.0 + 5e-9, 1e-9, Agree, false),
        // More than ten times the estimate off: the Taylor remainder sides with the certified slope.
        (3.0 + 1e-4, 1e-9, Agree, true),
        (3.0 - 1e-4, 1e-9, Agree, true),
        // Off in the first digits: not the derivative, whatever the reason.
        (3.1, 1e-9, Unchecked, true),
        (-3.0, 1e-9, Unchecked, true),
        // A claim that says nothing contradicts nothing, however right it happens to be.
        (3.0 + 1e-4, 1.0, Unchecked, false),
        (3.0 + 1e-4, INFINITE, Unchecked, false),
        (3.0 + 1e-4, NAN, Unchecked, false),
        (NAN, 1e-9, Unchecked, false),
        (INFINITE, 1e-9, Unchecked, false),
    ] {
        let answers = [exact("backprop", &[3.0, 2.0]), about(&[claim, 2.0], &[estimate, 1e-9])];
        let found = point("x*y", &[2.0, 3.0], Against::Certified, &answers);
        let numerical = &found.entries[1];
        assert_eq!(numerical.components[0].0, word, "{claim} ± {estimate}");
        assert_eq!(numerical.contradictions.contains(&0), contradicts, "{claim} ± {estimate}");
        assert_eq!((found.entries[0].components[0].0, found.components[0]), (Agree, Agree), "{claim}");
        // Differences alone decide nothing that they do not see.
        let alone = words("x*y", &[2.0, 3.0], Against::Certified, &answers[1..]);
        assert_eq!(alone, (vec![word], word), "{claim} ± {estimate}");
    }
}

#[test]
fn schemes_without_an_estimate_contradict_none() {
    for (scheme, claim, word) in [
        ("numerical=forward", 3.0 + 1e-8, Agree),
        ("numerical=forward", 3.001, Agree),
        ("numerical=forward", 3.1, Unchecked),
        ("numerical=central-2", 3.1, Unchecked),
        ("numerical=central-4", 3.1, Unchecked),
    ] {
        let answers = [exact("backprop", &[3.0, 2.0]), exact(scheme, &[claim, 2.0])];
        for against in [Against::Certified, Against::EachOther] {
            let found = point("x*y", &[2.0, 3.0], against, &answers);
            assert_eq!(found.entries[1].components[0].0, word, "{scheme} {claim} {against:?}");
            assert_eq!(found.entries[1].contradictions, [0usize; 0], "{scheme} {claim} {against:?}");
            assert_eq!(found.components[0], Agree, "{scheme} {claim} {against:?}");
        }
    }
}

#[test]
fn where_the_function_has_no_slope_nothing_is_compared() {
    let answers = [exact("backprop", &[0.0]), about(&[1.0], &[1e-9]), ("symbolic", None)];
    for (text, at, word) in [
        ("abs(x)", 0.0, Kink),
        ("floor(x)", 2.0, Kink),
        ("ln(x)", -1.0, Undefined),
        ("sqrt(x)", 0.0, Undefined),
    ] {
        for against in [Against::Certified, Against::EachOther] {
            let found = words(text, &[at], against, &answers);
            assert_eq!(found, (vec![word, word, Refused], word), "{text} {against:?}");
        }
    }
    let found = words("exp(x)", &[1000.0], Against::Certified, &answers);
    assert_eq!(found, (vec![Overflow, Overflow, Refused], Overflow));
    // In doubles it is only seen that there is no value.
    let found = words("exp(x)", &[1000.0], Against::EachOther, &answers);
    assert_eq!(found, (vec![Unchecked, Unchecked, Refused], Unchecked));
    assert_eq!(words("x*sin(1/x)", &[0.0], Against::Certified, &answers).1, Unchecked);
    // Slopes that are known and a singularity that doubles see.
    assert_eq!(words("abs(x)", &[0.0], Against::Slopes(&[0.0]), &answers).1, Kink);
    assert_eq!(words("x", &[1.0], Against::Slopes(&[NAN]), &answers[..1]).1, Unchecked);
    // Where all refuse, that is the word, and not the function's.
    assert_eq!(words("abs(x)", &[0.0], Against::Certified, &[("backprop", None)]).1, Refused);
    assert_eq!(words("x", &[1.0], Against::Certified, &[]).1, Unchecked);
}

#[test]
fn at_a_removable_point_a_number_is_right_or_wrong_and_none_is_neither() {
    // sin(x)/x has the slope 0 at 0, and no value as written.
    for (claim, word, verdict) in [
        (0.0, Agree, Removable),
        (NAN, Removable, Removable),
        (0.5, Disagree, Disagree),
        (INFINITE, Disagree, Disagree),
    ] {
        let found = words("sin(x)/x", &[0.0], Against::Certified, &[exact("backprop", &[claim])]);
        assert_eq!(found, (vec![word], verdict), "{claim}");
    }
    // Terms that are infinite are no measure of an error.
    let found = words("x^2 + 1/x - 1/x", &[0.0], Against::Certified, &[exact("backprop", &[0.5])]);
    assert_eq!(found, (vec![Disagree], Disagree));
    // exp(x)·exp(-x) is ∞·0 in doubles, but nothing is removed there: NaN is wrong, and the slope is 1.
    for (claim, word) in [(1.0, Agree), (NAN, Disagree)] {
        let answer = [exact("backprop", &[claim])];
        assert_eq!(words("exp(x)*exp(-x) + x", &[1000.0], Against::Certified, &answer), (vec![word], word));
    }
    // Nor is anything known to be removable without a certificate.
    let nan = [exact("backprop", &[NAN])];
    assert_eq!(words("exp(x)", &[1000.0], Against::Slopes(&[5.0]), &nan), (vec![Disagree], Disagree));
    // x·|x| has a value, so that NaN is wrong.
    for (claim, word) in [(0.0, Agree), (NAN, Disagree), (1.0, Disagree)] {
        let found = words("x*abs(x)", &[0.0], Against::Certified, &[exact("backprop", &[claim])]);
        assert_eq!(found, (vec![word], word), "{claim}");
    }
}

#[test]
fn what_rounding_takes_is_told_from_what_is_wrong() {
    let at = |text: &str, claim: f64| {
        let found = point(text, &[0.1], Against::Certified, &[exact("backprop", &[claim])]);
        (found.components[0], found.entries[0].lost_to_rounding.contains(&0))
    };
    // The sum loses all of x but some units of 2e-6, or 0.1, in the last place of the large number.
    assert_eq!(at("((x + 1e10) - 1e10)^2", 0.2 + 1e-6), (Agree, false));
    assert_eq!(at("((x + 1e10) - 1e10)^2", 0.3), (Disagree, false));
    assert_eq!(at("((x + 1e15) - 1e15)^2", 0.25), (Disagree, true));
    assert_eq!(at("((x + 1e15) - 1e15)^2", NAN), (Disagree, false));
    assert_eq!(at("x^2", 0.25), (Disagree, false));
}

#[test]
fn distances_are_counted_in_doubles_from_what_is_known() {
    let next = 3.0f64.next_up();
    let answers = [exact("backprop", &[next, 2.0]), ("symbolic", None)];
    let ulp = |against| point("x*y", &[2.0, 3.0], against, &answers).entries[0].ulp.clone();
    assert_eq!(ulp(Against::Certified), Some(vec![1.0, 0.0]));
    let slopes = [3.0, 2.0f64.next_up()];
    assert_eq!(ulp(Against::Slopes(&slopes)), Some(vec![1.0, 1.0]));
    assert_eq!(ulp(Against::EachOther), None);
    assert!(point("x*y", &[2.0, 3.0], Against::Certified, &answers).entries[1].ulp.is_none());
    let kink = point("abs(x) + y", &[0.0, 3.0], Against::Certified, &[exact("backprop", &[0.0, 1.0])]);
    let ulp = kink.entries[0].ulp.as_ref().unwrap();
    assert!(ulp[0].is_nan() && ulp[1] == 0.0, "{ulp:?}");
    assert_eq!(kink.components, [Kink, Agree]);
}

#[test]
fn the_worst_component_is_the_word_of_an_answer_and_of_the_point() {
    let answers = [exact("backprop", &[0.0, 1.0, 5.0]), exact("symbolic", &[0.0, 1.0, 1.0])];
    let found = point("abs(x) + y + z", &[0.0, 1.0, 1.0], Against::Certified, &answers);
    assert_eq!(found.components, [Kink, Agree, Disagree]);
    assert_eq!(
        (found.verdict, found.entries[0].outcome, found.entries[1].outcome),
        (Disagree, Disagree, Kink)
    );
    assert!(!found.entries[0].agrees_or_is_silent() && found.entries[1].agrees_or_is_silent());
    let silent =
        point("abs(x)", &[0.0], Against::Certified, &[exact("backprop", &[0.0]), ("symbolic", None)]);
    assert!(!silent.entries[0].agrees_or_is_silent() && !silent.entries[1].agrees_or_is_silent());
    assert_eq!(silent.entries[1].outcome, Refused);
}
