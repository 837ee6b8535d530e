//! The word for every answer, and for the component over all of them: answers are made by hand, each right or wrong by a known
//! amount, so that the word is known before the comparator is asked.

use chainrule::{CompiledFunction, Derivative, StrategySpec};
use harness::examine::{GroundTruth, examine};
use harness::{Entry, Outcome, Point};

use Outcome::{Agree, Disagree, Kink, Overflow, Refused, Removable, Unchecked, Undefined};

/// A strategy, and what it claims of each component; with an estimate where it makes one. Nothing: it refuses.
type Answer = (&'static str, Option<(Vec<f64>, Option<Vec<f64>>)>);

/// An answer that makes no estimate.
fn exact(strategy: &'static str, gradient: &[f64]) -> Answer {
    (strategy, Some((gradient.to_vec(), None)))
}

/// Finite differences with an estimate of their own error.
fn about(gradient: &[f64], estimate: &[f64]) -> Answer {
    ("numerical", Some((gradient.to_vec(), Some(estimate.to_vec()))))
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Against<'a> {
    /// The certified gradient.
    Certified,
    /// Each other.
    EachOther,
    /// These slopes, which may be wrong.
    Slopes(&'a [f64]),
}

fn point(text: &str, at: &[f64], against: Against<'_>, answers: &[Answer]) -> Point {
    let f = syntax::parse(text).unwrap();
    let entry = |(strategy, answer): &Answer| {
        let answer = answer.clone().map(|(gradient, error_estimate)| Derivative {
            values: f.evaluate((), at),
            gradient,
            error_estimate,
            ..Derivative::default()
        });
        Entry { answer, ..Entry::new(strategy.parse::<StrategySpec>().unwrap()) }
    };
    let known = match against {
        Against::Certified => GroundTruth::certified(&f, at, usize::MAX),
        Against::EachOther => GroundTruth::Nothing,
        Against::Slopes(slopes) => GroundTruth::Slopes(slopes.to_vec()),
    };
    examine(&f, &mut CompiledFunction::new(&f), at, answers.iter().map(entry).collect(), known).point
}

/// The words of all answers by the first component, and the verdict.
fn words(text: &str, at: &[f64], against: Against<'_>, answers: &[Answer]) -> (Vec<Outcome>, Outcome) {
    let point = point(text, at, against, answers);
    (point.entries.iter().map(|entry| entry.components[0].0).collect(), point.components[0])
}

const NAN: f64 = f64::NAN;
const INFINITE: f64 = f64::INFINITY;

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
    assert_eq!(near(1e-2, 1e-9), Unchecked);
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
fn values_overrule_a_slope_that_all_analytic_answers_share() {
    let answers = [
        exact("symbolic", &[5.0]),
        exact("backprop", &[5.0]),
        about(&[6.0], &[1e-9]),
        ("backprop=accurate", None),
    ];
    // The slope of x² at 3 is 6, and the table says 5.
    let found = words("x^2", &[3.0], Against::Slopes(&[5.0]), &answers);
    assert_eq!(found, (vec![Disagree, Disagree, Disagree, Refused], Disagree));
    let found = words("x^2", &[3.0], Against::EachOther, &answers);
    assert_eq!(found, (vec![Disagree, Disagree, Unchecked, Refused], Disagree));
    // And where the table is right, differences that say otherwise are not heard.
    let answers = [exact("symbolic", &[6.0]), exact("backprop", &[6.0]), about(&[5.0], &[1e-9])];
    for against in [Against::Slopes(&[6.0]), Against::EachOther, Against::Certified] {
        let found = point("x^2", &[3.0], against, &answers);
        assert_eq!(
            found.entries.iter().map(|e| e.components[0].0).collect::<Vec<_>>(),
            [Agree, Agree, Unchecked]
        );
        assert_eq!((found.components[0], &found.entries[2].contradictions[..]), (Agree, &[0][..]));
    }
}

#[test]
fn without_a_reference_values_decide_between_answers() {
    let at = |answers: &[Answer]| words("x*y", &[2.0, 3.0], Against::EachOther, answers);
    let right = || exact("backprop", &[3.0, 2.0]);
    let wrong = || exact("symbolic", &[4.0, 2.0]);
    assert_eq!(at(&[right(), exact("symbolic", &[3.0, 2.0])]), (vec![Agree, Agree], Agree));
    // Two that differ: the values side with one of them, in any order.
    assert_eq!(at(&[right(), wrong()]), (vec![Agree, Disagree], Disagree));
    assert_eq!(at(&[wrong(), right()]), (vec![Disagree, Agree], Disagree));
    // Or with none.
    let other = exact("backprop=accurate", &[5.0, 2.0]);
    assert_eq!(at(&[wrong(), other]), (vec![Disagree, Disagree], Disagree));
    // One alone has nothing to be held against, and what refuses is no witness.
    assert_eq!(at(&[right()]), (vec![Unchecked], Unchecked));
    assert_eq!(at(&[right(), ("symbolic", None)]), (vec![Unchecked, Refused], Unchecked));
    assert_eq!(at(&[("backprop", None), ("symbolic", None)]), (vec![Refused, Refused], Refused));
    // Differences that agree with one of two.
    assert_eq!(
        at(&[right(), wrong(), about(&[3.0, 2.0], &[1e-9; 2])]),
        (vec![Agree, Disagree, Agree], Disagree)
    );
    // Differences that are wide check nothing, and those that contradict are overruled by the values.
    assert_eq!(at(&[right(), about(&[3.5, 2.0], &[1.0; 2])]), (vec![Unchecked, Unchecked], Unchecked));
    assert_eq!(at(&[right(), about(&[3.1, 2.0], &[1e-9; 2])]), (vec![Agree, Unchecked], Agree));
    assert_eq!(at(&[right(), about(&[3.003, 2.0], &[1e-9; 2])]), (vec![Agree, Agree], Agree));
    assert_eq!(at(&[wrong(), about(&[3.0, 2.0], &[1e-9; 2])]), (vec![Disagree, Unchecked], Disagree));
}

#[test]
fn what_is_not_a_number_agrees_with_nothing() {
    let at = |answers: &[Answer]| words("x*y", &[2.0, 3.0], Against::EachOther, answers);
    let nan = |strategy| exact(strategy, &[NAN, 2.0]);
    assert_eq!(at(&[nan("backprop"), nan("symbolic")]), (vec![Unchecked, Unchecked], Unchecked));
    let infinite = exact("backprop", &[INFINITE, 2.0]);
    assert_eq!(at(&[infinite, exact("symbolic", &[INFINITE, 2.0])]), (vec![Unchecked, Unchecked], Unchecked));
    assert_eq!(at(&[nan("backprop"), exact("symbolic", &[3.0, 2.0])]), (vec![Disagree, Agree], Disagree));
    // Values know the slope that no analytic answer has; and where differences are wrong too, nobody does.
    let three = [nan("backprop"), nan("symbolic"), about(&[3.0, 2.0], &[1e-9; 2])];
    assert_eq!(at(&three), (vec![Disagree, Disagree, Agree], Disagree));
    let three = [nan("backprop"), nan("symbolic"), about(&[3.1, 2.0], &[1e-9; 2])];
    assert_eq!(at(&three), (vec![Unchecked, Unchecked, Unchecked], Unchecked));
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
