use expr::{Function, Op};
use num_bigint::BigUint;
use syntax::parse;

use crate::{Limits, Mode, StopReason, cost, differentiate, simplify, textbook_size};

fn flat(text: &str) -> Function {
    parse(text).unwrap().unroll(1_000_000).unwrap()
}

fn simplified(text: &str) -> String {
    syntax::text(&simplify(&flat(text), &Limits::default()).function)
}

#[test]
fn all_arms_give_the_same_gradient() {
    for (text, point) in [
        ("sin(x*y) + exp(x/y) - ln(x^2 + y^2)", vec![0.7, 1.3]),
        ("prod(i, 1, 9, x[i] + i)", (0..9).map(|k| f64::from(k) - 4.0).collect()),
        ("[x*y*z, x/y + hypot(y, z), atan2(x, z)^y]", vec![0.3, 1.7, 2.2]),
        ("iterate(k, 1, 6, y, x, 3.2*y*(1 - y))", vec![0.3]),
        ("if(x < y, x^y, ln(x - y))", vec![0.5, 0.75]),
    ] {
        let f = flat(text);
        let forward = differentiate(&f, Mode::Forward, 100_000).unwrap().function.evaluate((), &point);
        for mode in [Mode::Reverse, Mode::Textbook, Mode::Auto] {
            let other = differentiate(&f, mode, 100_000).unwrap().function.evaluate((), &point);
            assert_eq!(forward.len(), f.outputs().len() * (1 + point.len()));
            for (a, b) in forward.iter().zip(&other) {
                assert!((a - b).abs() <= 1e-13 * a.abs(), "{text}, {mode:?}: {forward:?} and {other:?}");
            }
        }
    }
}

#[test]
fn the_budget_is_kept_and_named() {
    let f = flat("iterate(k, 1, 80, y, x, 3.2*y*(1 - y))");
    let refused = differentiate(&f, Mode::Textbook, 1_000_000).unwrap_err();
    assert!(refused.needed > 1e24 && refused.budget == 1_000_000, "{refused}");
    assert!(differentiate(&f, Mode::Reverse, 100).is_err());
    assert!(differentiate(&f, Mode::Reverse, 1000).is_ok());
}

#[test]
fn a_formula_without_sharing_doubles_with_every_step() {
    let size = |n: usize| -> BigUint {
        textbook_size(&flat(&format!("iterate(k, 1, {n}, y, x, 3.2*y*(1 - y))"))).into_iter().sum()
    };
    let ratio = |a: BigUint, b: BigUint| {
        let wide: BigUint = a * 1000u32 / b;
        u64::try_from(wide).unwrap() as f64 / 1000.0
    };
    // More than doubles: the derivative of a product repeats both factors.
    let growth = ratio(size(41), size(40));
    assert!((2.0..2.2).contains(&growth), "{growth}");
    assert!(ratio(size(10), size(9)) >= 2.0);
}

#[cfg(feature = "egg")]
mod with_egg {
    use super::*;
    use crate::Simplified;
    use crate::saturate::FaultInjection;
    use crate::saturate::rules::{Requirement, RewriteRule, rewrite_rules};

    #[test]
    fn simplifies_what_a_student_would() {
        assert_eq!(simplified("sin(x)^2 + cos(x)^2"), "f(x) = 1");
        assert_eq!(simplified("x*y/y"), "f(x, y) = x");
        assert_eq!(simplified("exp(ln(x))*1"), "x");
        assert_eq!(simplified("(x + y) - x"), "f(x, y) = y");
        assert_eq!(simplified("sqrt(x^2)"), "abs(x)");
        assert_eq!(simplified("sqrt(exp(x)^2)"), "exp(x)");
    }

    #[test]
    fn what_is_not_so_is_left_alone() {
        // Not for x < 0; not for |x| > π/2; not for x·y > 0 with both negative.
        for text in ["sqrt(x*x)", "asin(sin(x))", "ln(x*y)", "(x^2)^0.5"] {
            let f = flat(text);
            let found = simplify(&f, &Limits::default()).function;
            for point in [[-2.0, -3.0], [2.5, 1.0], [-0.5, -0.25]] {
                let x = &point[..f.input_count()];
                let (before, after) = (f.evaluate((), x)[0], found.evaluate((), x)[0]);
                assert!(
                    (before - after).abs() <= 1e-14 * before.abs(),
                    "{text}: {} at {x:?}",
                    syntax::text(&found)
                );
            }
        }
    }

    #[test]
    fn facts_that_contradict_each_other_are_said() {
        let nowhere = simplify(&flat("ln(-1 - x^2) + x"), &Limits::default());
        assert_eq!(nowhere.stop, StopReason::DefinedNowhere);
        assert_eq!(nowhere.cost_after, nowhere.cost_before);
        let branches = simplify(&flat("if(x < 0, x, ln(x)*1 + 0*x)"), &Limits::default());
        assert_eq!(branches.stop, StopReason::Branches);
        let large = simplify(
            &flat("sum(i, 1, 900, sin(x[i]))"),
            &Limits { function_nodes: 100, ..Limits::default() },
        );
        assert_eq!(large.stop, StopReason::TooLarge);
    }

    #[test]
    fn the_same_input_gives_the_same_output() {
        let once = || {
            let f = flat("sin(x*y)^2*exp(x) + x/(y*x) - ln(x)*cos(x*y)^2 + tanh(x + y)");
            let derivative = differentiate(&f, Mode::Reverse, 10_000).unwrap().function;
            syntax::text(&simplify(&derivative, &Limits::default()).function)
        };
        let first = once();
        let others: Vec<_> = (0..3).map(|_| std::thread::spawn(once)).collect();
        for other in others {
            assert_eq!(other.join().unwrap(), first);
        }
    }

    #[test]
    fn all_partials_are_simplified_together_and_never_for_the_worse() {
        for text in
            ["sin(x*y) + exp(x/y) - ln(x^2 + y^2)", "hypot(x, y)/(x + y)", "x^y + y^x", "relu(x*y) + abs(x)"]
        {
            let derivative = differentiate(&flat(text), Mode::Auto, 10_000).unwrap().function;
            let found = simplify(&derivative, &Limits::default());
            assert_eq!(found.cost_before, cost(&derivative));
            assert_eq!(found.cost_after, cost(&found.function));
            assert!(found.cost_after <= found.cost_before, "{text}");
            for x in [[0.7, 1.9], [2.5, 0.4]] {
                for (a, b) in derivative.evaluate((), &x).iter().zip(found.function.evaluate((), &x)) {
                    assert!(
                        (a - b).abs() <= 1e-12 * a.abs().max(1.0),
                        "{text}: {}",
                        syntax::text(&found.function)
                    );
                }
            }
        }
    }

    /// Small windows, so that small functions have many.
    const WINDOWS: Limits = Limits {
        function_nodes: 1_000_000,
        whole_nodes: 0,
        e_nodes: 0,
        iterations: 0,
        rounds: 2,
        window_nodes: 12,
        window_e_nodes: 500,
        window_iterations: 5,
        windows: 50,
    };

    /// What must hold of a simplification: no costlier, and the same values at a point.
    fn fault(f: &Function, found: &Simplified, x: &[f64]) -> Option<String> {
        if cost(&found.function) > cost(f) {
            return Some(format!("cost {} became {}", cost(f), cost(&found.function)));
        }
        let (before, after) = (f.evaluate((), x), found.function.evaluate((), x));
        let apart = |(a, b): (&f64, &f64)| (a - b).abs() > 1e-9 * a.abs().max(1.0);
        before.iter().zip(&after).any(apart).then(|| format!("{before:?} became {after:?}"))
    }

    fn with(f: &Function, faults: &FaultInjection) -> Simplified {
        let unchanged = simplify(f, &Limits { function_nodes: 0, ..WINDOWS });
        crate::saturate::simplify(unchanged, &WINDOWS, faults)
    }

    #[test]
    fn windows_that_are_alike_are_saturated_once_and_the_graph_gets_cheaper() {
        let f = flat("iterate(k, 1, 40, y, x, sin(y)^2*y + y*cos(y)^2 + y/(1 + y^2))");
        let derivative = differentiate(&f, Mode::Reverse, 100_000).unwrap().function;
        let found = simplify(&derivative, &WINDOWS);
        assert!(found.windows.cached > found.windows.tried, "{found}");
        assert!(found.windows.accepted > 0 && found.cost_after < found.cost_after_pass, "{found}");
        assert_eq!(fault(&derivative, &found, &[0.3]), None);
        assert!(simplify(&derivative, &WINDOWS).function.same_graph(&found.function));
        // Fewer windows than there are: what is left is as derived, and that is said.
        let less = simplify(&derivative, &Limits { windows: 1, ..WINDOWS });
        assert_eq!((less.windows.tried, less.stop), (1, StopReason::Windows));
        assert_eq!(fault(&derivative, &less, &[0.3]), None);
    }

    #[test]
    fn a_window_that_costs_more_never_makes_the_graph_costlier() {
        let f = flat("sum(i, 1, 12, x[i]*(x[i] + 1)*sin(x[i])) + prod(i, 1, 12, x[i] - 2)");
        let derivative = differentiate(&f, Mode::Reverse, 100_000).unwrap().function;
        let x: Vec<f64> = (1..=12).map(|k| f64::from(k) / 7.0).collect();
        // Whatever comes out of a window is taken, and is made costlier on the way.
        let costlier = FaultInjection { accept: |_, _| true, costlier: true, ..FaultInjection::default() };
        let found = with(&derivative, &costlier);
        assert!(found.windows.accepted > 0, "the fault is not in use: {found}");
        assert_eq!(fault(&derivative, &found, &x), None);
        assert_eq!(found.cost_after, cost(&found.function));
    }

    #[test]
    fn a_cache_that_ignores_facts_is_caught() {
        // Twice the same window, sqrt(w^2), of something positive first and then of something that is not.
        let f = flat("[sqrt(exp(sin(x))^2), sqrt(erf(sin(y))^2)]");
        let x = [0.4, -0.7];
        let apart = Limits { window_nodes: 2, ..WINDOWS };
        let run = |faults: &FaultInjection| {
            let unchanged = simplify(&f, &Limits { function_nodes: 0, ..WINDOWS });
            let found = crate::saturate::simplify(unchanged, &apart, faults);
            fault(&f, &found, &x)
        };
        assert_eq!(run(&FaultInjection::default()), None);
        assert!(run(&FaultInjection { facts_in_key: false, ..FaultInjection::default() }).is_some());
    }

    #[test]
    fn what_only_a_branch_reads_is_left_alone_and_the_rest_is_not() {
        let f = flat("if(x < y, ln(x - y)*x/x, x)*(sin(y)^2 + cos(y)^2) + x*y/y");
        let found = simplify(&f, &Limits::default());
        assert!(found.cost_after + 20 < found.cost_before, "{found}");
        for x in [[2.0, 1.0], [1.0, 2.0], [0.0, -1.0]] {
            let (before, after) = (f.evaluate((), &x)[0], found.function.evaluate((), &x)[0]);
            assert!(before.is_nan() || (before - after).abs() <= 1e-14 * before.abs(), "{before}, {after}");
        }
    }

    /// One side of a rule at a point: its value, and the largest number on the way; nothing where any part of it is
    /// not defined.
    fn side(
        tokens: &mut std::slice::Iter<'_, String>,
        variables: &[(String, f64)],
        largest: &mut f64,
    ) -> Option<f64> {
        let token = tokens.next().expect("the side goes on");
        let value = if token == "(" {
            let name = tokens.next().expect("an operator");
            let op = match name.as_str() {
                "+" => Op::Add,
                "-" => Op::Sub,
                "*" => Op::Mul,
                "/" => Op::Div,
                name => Op::by_name(name).unwrap_or_else(|| panic!("no operator {name}")),
            };
            // Every argument is read, also beside one that is undefined.
            let arguments: Vec<Option<f64>> =
                (0..op.arity()).map(|_| side(tokens, variables, largest)).collect();
            assert_eq!(tokens.next().map(String::as_str), Some(")"));
            let arguments: Vec<f64> = arguments.into_iter().collect::<Option<_>>()?;
            // Here a cube root at 0 is a number like any other; 1/0 and the like are not.
            Some(op.value(&arguments)).filter(|value| value.is_finite())
        } else if let Some((_, value)) = variables.iter().find(|(name, _)| name == token) {
            Some(*value)
        } else {
            Some(token.parse().unwrap_or_else(|_| panic!("{token}: a number")))
        }?;
        *largest = largest.max(value.abs());
        Some(value)
    }

    fn tokens(text: &str) -> Vec<String> {
        text.replace('(', " ( ").replace(')', " ) ").split_whitespace().map(str::to_owned).collect()
    }

    /// Where a rule is wrong, if it is: it must be right wherever its left side is defined and its condition holds.
    /// Otherwise the number of points that said something.
    fn sample(law: &RewriteRule) -> Result<usize, String> {
        let (left, right) = (tokens(law.left), tokens(law.right));
        let mut names: Vec<&String> = left.iter().filter(|token| token.starts_with('?')).collect();
        names.sort();
        names.dedup();
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let mut below = |end: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % end
        };
        let mut told = 0;
        for _ in 0..1000 {
            let mut draw = |name: &String| match name.as_str() {
                // Exponents.
                "?m" | "?n" => below(8) as f64 - 3.0,
                _ => match below(8) {
                    0 => 0.0,
                    1 => [-1.0, 1.0, 2.0, -2.0][below(4) as usize],
                    2 => (below(2001) as f64 - 1000.0) / 100.0,
                    _ => (below(20001) as f64 - 10000.0) / 4000.0,
                },
            };
            let variables: Vec<(String, f64)> =
                names.iter().map(|name| ((*name).clone(), draw(name))).collect();
            let holds = law.condition.is_none_or(|(variable, known)| {
                let value =
                    variables.iter().find(|(name, _)| name == variable).expect("it stands on the left").1;
                match known {
                    Requirement::NonZero => value != 0.0,
                    Requirement::NotNegative => value >= 0.0,
                    Requirement::NotPositive => value <= 0.0,
                    Requirement::Positive => value > 0.0,
                }
            });
            let mut largest = 1e-300;
            let mut at = |tokens: &[String]| side(&mut tokens.iter(), &variables, &mut largest);
            let Some(before) = at(&left).filter(|_| holds) else { continue };
            let after = at(&right);
            told += 1;
            if after.is_none_or(|after| (before - after).abs() > 1e-6 * largest) {
                return Err(format!("{}: {before} became {after:?} at {variables:?}", law.name));
            }
        }
        Ok(told)
    }

    #[test]
    fn every_rule_is_right_wherever_its_left_side_is_defined() {
        for law in rewrite_rules() {
            let told = sample(law).unwrap_or_else(|wrong| panic!("{wrong}"));
            let constant = !law.left.contains('?');
            assert!(told >= 100 || constant && told > 0, "{}: only {told} points say anything", law.name);
        }
    }

    #[test]
    fn unsound_rules_are_reported() {
        let planted = |left, right| RewriteRule { name: "planted", left, right, condition: None };
        for law in [
            planted("(sqrt (powi ?a 2))", "?a"),
            planted("(ln (* ?a ?b))", "(+ (ln ?a) (ln ?b))"),
            planted("(/ ?a ?b)", "(/ 1 (/ ?b ?a))"),
            planted("(pow (pow ?a ?x) ?y)", "(pow ?a (* ?x ?y))"),
            planted("(asin (sin ?a))", "?a"),
            planted("(sqrt (* ?a ?b))", "(* (sqrt ?a) (sqrt ?b))"),
            planted("(abs ?a)", "?a"),
            planted("(powi ?a 0)", "(/ ?a ?a)"),
            planted("(sin (neg ?a))", "(sin ?a)"),
        ] {
            assert!(sample(&law).is_err(), "{} => {} passes", law.left, law.right);
        }
    }
}

/// The smallest integers have no positive counterpart of the same width.
#[test]
fn extreme_integers_are_simplified_without_overflow() {
    for text in [
        "0.^2.1/0.^2.1/x",
        "x^(-2147483647 - 1)",
        "2^(-2147483647 - 1)*x",
        "(-9223372036854775807 - 1)*x",
        "x^(-9223372036854775807 - 1)",
        "(1 + 2)^(1 - 2147483649)*x",
    ] {
        let f = syntax::parse(text).unwrap();
        let derivative = differentiate(&f, Mode::Auto, 10_000).unwrap();
        let simplified = simplify(&derivative.function, &Limits::default());
        assert_eq!(simplified.function.outputs().len(), derivative.function.outputs().len(), "{text}");
    }
}
