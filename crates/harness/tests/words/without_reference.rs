//! Answers held against each other, where values decide between them.

use harness::Outcome;
use harness::Outcome::{Agree, Disagree, Refused, Unchecked};

use crate::{Against, Answer, INFINITE, NAN, about, exact, point, words};

#[test]
fn without_a_reference_the_reason_is_told() {
    let notes = |text: &str, at: &[f64]| {
        let zeros = vec![0.0; at.len()];
        point(text, at, Against::EachOther, &[exact("backprop", &zeros)]).notes
    };
    let told = |why: &str| [format!("without a reference, in doubles: {why}")];
    assert_eq!(notes("abs(x) + y", &[0.0, 1.0]), told("abs where its argument is 0"));
    assert_eq!(notes("ln(x)", &[-1.0]), told("ln where its argument is 0 or below"));
    assert_eq!(notes("exp(x)", &[1000.0]), told("the value is inf in doubles"));
    assert_eq!(notes("x + y", &[1.0, INFINITE]), told("y is not a finite number"));
    assert_eq!(notes("x*y", &[1.0, 2.0]), [""; 0]);
}

#[test]
fn where_values_cannot_be_seen_they_decide_nothing() {
    // No step is shorter than the least double.
    let at = [5e-324, 3.0];
    let answers = [exact("backprop", &[3.0, 5e-324]), about(&[3.1, 5e-324], &[1e-9, 0.0])];
    let found = point("x*y", &at, Against::Certified, &answers);
    assert_eq!((found.components[0], found.entries[1].components[0].0), (Agree, Unchecked));
    assert_eq!(found.entries[1].contradictions, [0]);
    let found = point("x*y", &at, Against::EachOther, &answers);
    assert_eq!((found.components[0], found.entries[0].components[0].0), (Unchecked, Unchecked));
    assert_eq!(found.entries[1].contradictions, [0]);
    // Who agrees with another is not called into question by what a third one lacks.
    let three =
        [exact("backprop", &[NAN, 0.0]), exact("symbolic", &[3.0, 0.0]), about(&[3.0, 0.0], &[1e-9, 0.0])];
    let found = point("x*y", &at, Against::EachOther, &three);
    let of_first: Vec<Outcome> = found.entries.iter().map(|entry| entry.components[0].0).collect();
    assert_eq!((of_first, found.components[0]), (vec![Disagree, Agree, Agree], Disagree));
    assert!(!found.entries[2].contradictions.contains(&0));
    let with = |third: Answer| {
        let answers = [answers[0].clone(), answers[1].clone(), third];
        words("x*y", &at, Against::EachOther, &answers)
    };
    assert_eq!(with(exact("symbolic", &[3.0, 5e-324])), (vec![Agree, Unchecked, Agree], Agree));
    assert_eq!(with(("symbolic", None)), (vec![Unchecked, Unchecked, Refused], Unchecked));
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
    // A slope that is off by little, and differences that agree with the wrong one.
    let answers = [exact("backprop", &[6.001]), about(&[6.0], &[1e-9]), exact("numerical=forward", &[6.001])];
    let found = words("x^2", &[3.0], Against::Slopes(&[6.001]), &answers);
    assert_eq!(found, (vec![Disagree; 3], Disagree));
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
    // However many share what is wrong.
    let three = [wrong(), exact("backprop=accurate", &[4.0, 2.0]), right()];
    assert_eq!(at(&three), (vec![Disagree, Disagree, Agree], Disagree));
    let schemes = [about(&[3.1, 2.0], &[1e-9; 2]), exact("numerical=forward", &[3.1, 2.0]), right()];
    assert_eq!(at(&schemes), (vec![Unchecked, Unchecked, Agree], Agree));
    let four = about(&[4.0, 2.0], &[1e-9; 2]);
    assert_eq!(at(&[wrong(), exact("backprop", &[5.0, 2.0]), four]), (vec![Disagree; 3], Disagree));
    // Where nobody disagrees nothing is asked.
    assert_eq!(at(&[wrong(), exact("backprop", &[4.0, 2.0])]), (vec![Agree, Agree], Agree));
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
    let refused = [nan("backprop"), ("symbolic", None), about(&[3.0, 2.0], &[1e-9; 2])];
    assert_eq!(at(&refused), (vec![Disagree, Refused, Agree], Disagree));
    // Differences are right within their own estimate, and not within what could be.
    let three = [nan("backprop"), nan("symbolic"), about(&[3.001, 2.0], &[1e-9; 2])];
    assert_eq!(at(&three), (vec![Unchecked; 3], Unchecked));
    // Values know the slope that no analytic answer has; and where differences are wrong too, nobody does.
    let three = [nan("backprop"), nan("symbolic"), about(&[3.0, 2.0], &[1e-9; 2])];
    assert_eq!(at(&three), (vec![Disagree, Disagree, Agree], Disagree));
    let three = [nan("backprop"), nan("symbolic"), about(&[3.1, 2.0], &[1e-9; 2])];
    assert_eq!(at(&three), (vec![Unchecked, Unchecked, Unchecked], Unchecked));
}

#[test]
fn a_zero_and_what_rounding_makes_of_it_agree_without_a_reference_too() {
    let answers = [exact("backprop", &[0.0, 1.0]), exact("symbolic", &[4e-16, 1.0])];
    for answers in [answers.clone(), [answers[1].clone(), answers[0].clone()]] {
        let found = words("3*x - x*3 + y", &[0.3, 0.5], Against::EachOther, &answers);
        assert_eq!(found, (vec![Agree, Agree], Agree));
    }
}
