//! Slopes that are right, wrong, and hidden.

use super::*;

fn of(text: &str, x: f64, slope: f64, certified: bool) -> Remainder {
    let f = syntax::parse(text).unwrap();
    let claimed =
        Claimed { f: &f, nodes: f.graph().len() as u64, output: 0, at: &[x], input: 0, slope, rounding: 0.0 };
    check(claimed, certified, &mut Work(MOST_WORK))
}

#[test]
fn the_right_slope_is_confirmed_and_another_contradicted() {
    for certified in [true, false] {
        for (text, x, slope) in [
            ("sin(x)", 1.3, 1.3f64.cos()),
            ("2*x + 1", 3.0, 2.0),
            ("cos(x)", 0.0, 0.0),
            ("x^3", 0.0, 0.0),
            ("sin(1e10*x)", 1.0, 8731196226.76856),
            ("if(x < 1, x, x + 1)", 1.0 - 1e-9, 1.0),
            ("sqrt(1 - x)", 1.0 - 1e-15, -15817710.937375259),
        ] {
            // In double-double numbers steps that are short enough may be beyond their noise.
            match certified {
                true => assert_eq!(of(text, x, slope, true), Remainder::Confirms, "{text} at {x}"),
                false => assert_ne!(of(text, x, slope, false), Remainder::Contradicts, "{text} at {x}"),
            }
            for wrong in [-slope - 1.0, slope + 1e-5 * slope.abs() + 1e-6, 3.0 * slope + 1e-3] {
                let found = of(text, x, wrong, certified);
                // In double-double numbers what is off by little may be beyond their noise.
                match certified {
                    true => assert_eq!(found, Remainder::Contradicts, "{text} at {x}: {wrong}"),
                    false => assert_ne!(found, Remainder::Confirms, "{text} at {x}: {wrong}"),
                }
            }
        }
    }
    assert_eq!(of("sin(1e15*x)", 1.0, 1e15 * 1e15f64.cos(), true), Remainder::Confirms);
    assert_ne!(of("sin(1e30*x)", 1.0, 1e30 * 1e30f64.cos(), false), Remainder::Contradicts);
    assert_eq!(of("((1e100 + x) - 1e100)^2", 1.0, 2.0, true), Remainder::Confirms);
    // On steps that are too long for it, quotients are near 0 beside the slope.
    assert_ne!(of("sin(exp(x))", 700.0, -8.721565972909406e303, true), Remainder::Contradicts);
}

#[test]
fn what_cannot_be_seen_is_said() {
    let unseen = |text: &str, x: f64, slope: f64, certified: bool| match of(text, x, slope, certified) {
        Remainder::CannotSee(unseen) => unseen,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(unseen("abs(x)", 0.0, 0.3, true), Unseen::SidesDiffer);
    assert_eq!(unseen("ln(x)", -1.0, -1.0, true), Unseen::NoValue);
    // No digit of this is in double-double numbers.
    assert_ne!(of("((1e100 + x) - 1e100)^2", 1.0, 2.0, false), Remainder::Contradicts);
    let f = syntax::parse("sin(x)").unwrap();
    let claimed = Claimed {
        f: &f,
        nodes: f.graph().len() as u64,
        output: 0,
        at: &[1.0],
        input: 0,
        slope: 0.5,
        rounding: 0.0,
    };
    let none = check(claimed, true, &mut Work(10));
    assert_eq!(none, Remainder::CannotSee(Unseen::TooMuch));
}

#[test]
fn quotients_decide_by_their_order_and_only_beyond_the_noise() {
    let decided = |slope: f64, tolerance: f64, noise: f64, quotient: &dyn Fn(f64) -> f64| {
        let steps: Vec<f64> = (3..=12).map(|k| 0.5f64.powi(4 * k)).collect();
        decide(slope, tolerance, &steps, noise, |h| Some([Some(quotient(h)), Some(quotient(-h))]))
    };
    let unsettled = Remainder::CannotSee(Unseen::Unsettled);
    for slope in [1.0, -1.0, 1e6, 0.0] {
        assert_eq!(decided(slope, 0.0, 0.0, &|h| slope + h), Remainder::Confirms, "{slope}");
        assert_eq!(decided(slope, 1e-9, 1e-20, &|_| slope), Remainder::Confirms, "{slope}");
        assert_eq!(decided(slope + 1.0, 0.0, 0.0, &|h| slope + h * h), Remainder::Contradicts, "{slope}");
        // A remainder of order 1.5 is none of order 2.
        assert_eq!(decided(slope, 0.0, 0.0, &|h| slope + h.abs().sqrt()), unsettled, "{slope}");
        // What noise may be decides nothing.
        assert_ne!(decided(slope, 1e-12, 1e-3, &|_| slope), Remainder::Confirms, "{slope}");
        assert_ne!(decided(slope, 1e-12, 1.0, &|h| slope + h), Remainder::Confirms, "{slope}");
        assert_ne!(decided(slope + 1.0, 1e-12, 1.0, &|h| slope + h * h), Remainder::Contradicts, "{slope}");
    }
    // Beside a slope of 1e-30 another one may hide in a remainder of 1e-15.
    assert_eq!(decided(1e-30, 0.0, 0.0, &|h| 1e-30 + h), unsettled);
    let mut work = Work(10);
    assert_eq!([7, 7, 3, 1].map(|part| work.take(part)), [true, false, true, false]);
}

#[test]
fn both_sides_are_heard() {
    // What the quotients forward and backward are at a step, beside a claimed slope of 3.
    type Side<'a> = &'a dyn Fn(f64) -> Option<f64>;
    let decided = |right: Side<'_>, left: Side<'_>| {
        let steps = [20, 40, 80, 160].map(|k| 0.5f64.powi(k));
        decide(3.0, 3e-12, &steps, 0.0, |h| Some([right(h), left(h)]))
    };
    let (falls, is, none): (Side<'_>, Side<'_>, Side<'_>) = (&|h| Some(3.0 + h), &|_| Some(3.0), &|_| None);
    let (other, third): (Side<'_>, Side<'_>) = (&|h| Some(4.0 + h), &|_| Some(5.0));
    // Beside 3 it is 4 that is missed, and not a change of 1e-3 of that.
    let near_other: Side<'_> = &|h| Some(4.0005 + h);
    let jumps: Side<'_> = &|h| Some(1.0 / h);
    let turns: Side<'_> = &|h| Some(if h < 0.5f64.powi(100) { 4.0 } else { 5.0 });
    let (unsettled, differ) = (Unseen::Unsettled, Unseen::SidesDiffer);
    for (right, left, expected) in [
        (falls, falls, Remainder::Confirms),
        (falls, is, Remainder::Confirms),
        // The end of a domain has one side.
        (falls, none, Remainder::Confirms),
        (is, none, Remainder::Confirms),
        (other, none, Remainder::Contradicts),
        (none, none, Remainder::CannotSee(Unseen::NoValue)),
        // One side alone neither confirms nor contradicts.
        (falls, other, Remainder::CannotSee(unsettled)),
        (is, other, Remainder::CannotSee(unsettled)),
        (jumps, other, Remainder::CannotSee(unsettled)),
        (turns, other, Remainder::CannotSee(unsettled)),
        (jumps, none, Remainder::CannotSee(unsettled)),
        (other, third, Remainder::CannotSee(differ)),
        (other, other, Remainder::Contradicts),
        (other, near_other, Remainder::Contradicts),
    ] {
        assert_eq!(decided(right, left), expected, "{:?} {:?}", right(1.0), left(1.0));
        assert_eq!(decided(left, right), expected, "{:?} {:?}", left(1.0), right(1.0));
    }
    // Quotients that are nothing beside the claim, and grow all the same.
    let grows = |h: f64| Some([Some(h.powf(-0.5)); 2]);
    assert_eq!(decide(1e30, 0.0, &[1e-4, 1e-6, 1e-8, 1e-10], 0.0, grows), Remainder::CannotSee(unsettled));
    // The last three steps decide, and work that is used up before them decides nothing.
    let mut left = 2;
    let runs_out = |_| {
        left -= 1;
        (left >= 0).then_some([Some(4.0); 2])
    };
    let found = decide(3.0, 0.0, &[1e-4, 1e-6, 1e-8], 0.0, runs_out);
    assert_eq!(found, Remainder::CannotSee(Unseen::TooMuch));
    let late = |h: f64| Some([Some(if h > 1e-5 { 40.0 } else { 4.0 }); 2]);
    assert_eq!(decide(3.0, 0.0, &[1e-4, 1e-6, 1e-8, 1e-10], 0.0, late), Remainder::Contradicts);
    assert_eq!(decide(3.0, 0.0, &[1e-4, 1e-6, 1e-8], 0.0, late), Remainder::CannotSee(unsettled));
}
