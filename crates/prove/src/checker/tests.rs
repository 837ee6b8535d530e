//! Proofs written by hand: one for each condition of a rule that lacks it (`rejected.txt`), and others that have it (`accepted.txt`).
//!
//! A proof is lines without an empty one: both sides, then steps `rule | before | after | mask term | …`, cases set apart by `case`, each ending
//! with `identity`. Terms are in prefix form: `e` and `l` are exponential and logarithm, `^` a power, the rest operators.

use num_rational::BigRational;

use super::super::number::Coefficient;
use super::*;

/// Reads a term.
fn term(terms: &mut Terms, text: &mut std::iter::Peekable<std::vec::IntoIter<String>>) -> TermId {
    let token = text.next().expect("a term");
    if token != "(" {
        return match token.as_str() {
            "x" => terms.id(Term::Input(0)),
            "y" => terms.id(Term::Input(1)),
            "z" => terms.id(Term::Input(2)),
            "pi" => terms.id(Term::Pi),
            number => terms.id(Term::Number(coefficient(number))),
        };
    }
    let head = text.next().expect("an operator");
    if head == "^" {
        let base = term(terms, text);
        let exponent = coefficient(&text.next().expect("an exponent"));
        assert_eq!(text.next().as_deref(), Some(")"));
        return terms.id(Term::Power(base, exponent));
    }
    let mut of = Vec::new();
    while text.peek().is_some_and(|token| token != ")") {
        of.push(term(terms, text));
    }
    text.next();
    match head.as_str() {
        "+" => terms.id(Term::Sum(of)),
        "*" => terms.id(Term::Product(of)),
        "-" => terms.negated(of[0]),
        "e" => terms.id(Term::Exp(of[0])),
        "l" => terms.id(Term::Ln(of[0])),
        "if" => terms.id(Term::Apply(Op::Select, of)),
        name => {
            let op = { Op::ALL.iter() }.find(|op| op.name() == name).unwrap_or_else(|| panic!("{name}"));
            terms.id(Term::Apply(*op, of))
        }
    }
}

/// `2/3`, or `2/3i`.
fn coefficient(text: &str) -> Coefficient {
    let (number, imaginary) = match text.strip_suffix('i') {
        Some(number) => (if number.is_empty() { "1" } else { number }, true),
        None => (text, false),
    };
    let value: BigRational = number.parse().unwrap_or_else(|_| panic!("{text}"));
    let value = Coefficient::rational(value);
    if imaginary { value.times(&Coefficient::i()) } else { value }
}

fn mask(text: &str) -> Mask {
    match text {
        "<0" => NEGATIVE,
        "=0" => ZERO,
        ">0" => POSITIVE,
        ">=0" => NOT_NEGATIVE,
        "<=0" => NOT_POSITIVE,
        "!=0" => NOT_ZERO,
        "real" => REAL,
        _ => panic!("{text}: no signs"),
    }
}

fn proof(text: &str) -> Certificate {
    let mut terms = Terms::default();
    let mut read = |text: &str| {
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        let tokens: Vec<String> = spaced.split_whitespace().map(str::to_owned).collect();
        term(&mut terms, &mut tokens.into_iter().peekable())
    };
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let (left, right) = lines.next().and_then(|line| line.split_once(" = ")).expect("two sides");
    let sides = [read(left), read(right)];
    let mut cases = vec![Vec::new()];
    for line in lines {
        let parts: Vec<&str> = line.split(" | ").collect();
        let (name, signs) = parts[0].split_once(' ').unwrap_or((parts[0], ""));
        if name == "case" {
            cases.push(Vec::new());
            continue;
        }
        let rule = match name {
            "definition" => Rule::Definition,
            "exp-sum" => Rule::ExponentialOfSum,
            "exp-angle" => Rule::ExponentialOfAngle,
            "power" => Rule::PowerOfProduct,
            "log" => Rule::LogarithmOfProduct,
            "cbrt" => Rule::CubeRootOfProduct,
            "odd" => Rule::Odd,
            "floor" => Rule::FloorOfShift,
            "by-sign" => Rule::BySign,
            "defined" => Rule::Defined(mask(signs)),
            "sign" => Rule::Sign(mask(signs)),
            "isolated" => Rule::IsolatedZeros,
            "assume" => Rule::Assume(mask(signs)),
            "identity" => Rule::Identity,
            _ => panic!("{name}: no rule"),
        };
        let [before, after] = match parts.as_slice() {
            [_] => sides,
            [_, both] => [read(both); 2],
            [_, before, after, ..] => [read(before), read(after)],
            [] => unreachable!(),
        };
        let conditions = parts.iter().skip(3).map(|condition| {
            let (signs, of) = condition.split_once(' ').expect("signs and a term");
            (read(of), mask(signs))
        });
        let conditions = conditions.collect();
        cases.last_mut().expect("a case").push(Step { rule, before, after, conditions });
    }
    Certificate { terms: terms.list, sides, cases }
}

/// The proofs of a file, without what is said about them.
fn proofs(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
    lines.split("\n\n").map(|proof| proof.trim().to_owned()).filter(|proof| !proof.is_empty()).collect()
}

#[test]
fn proofs_that_lack_nothing_are_accepted() {
    let all = proofs(include_str!("accepted.txt"));
    assert!(all.len() >= 30, "{}", all.len());
    for text in all {
        assert_eq!(proof(&text).check(), Ok(()), "{text}");
    }
}

#[test]
fn proofs_that_lack_something_are_rejected_for_that_reason() {
    let all = proofs(include_str!("rejected.txt"));
    assert!(all.len() >= 110, "{}", all.len());
    for text in all {
        let (why, text) = text.split_once('\n').expect("two lines");
        let why = why.strip_prefix("lacks ").expect("what it lacks");
        match proof(text).check() {
            Err(Reject::Wrong(found)) => assert_eq!(found, why, "{text}"),
            found => panic!("{found:?}, not {why}: {text}"),
        }
    }
}

#[test]
fn no_term_contains_itself() {
    for terms in [vec![Term::Sum(vec![0])], vec![Term::Input(0), Term::Sum(vec![1])]] {
        let proof = Certificate { terms, sides: [0, 0], cases: vec![Vec::new()] };
        assert_eq!(proof.check(), Err(Reject::Wrong("a term that contains itself")));
    }
}

#[test]
fn only_facts_that_no_step_needs_are_left_out() {
    let idle = "sign >0 | (+ 1 (^ x 2)) | (+ 1 (^ x 2))\n";
    let short = format!(
        "(+ (ln x) (abs x)) = (+ (ln x) x)\n{idle}defined >0 | (ln x) | x\n{idle}by-sign | (abs x) | x | >=0 x\nidentity"
    );
    let lean = proof(&short).lean();
    let rules: Vec<Rule> = lean.cases[0].iter().map(|step| step.rule).collect();
    assert_eq!(rules, [Rule::Defined(POSITIVE), Rule::BySign, Rule::Identity]);
    assert_eq!(lean.check(), Ok(()));
    // Whether a longer proof has any is not looked for.
    for (facts, left) in [(MOST_LEAN_STEPS - 1, 1), (MOST_LEAN_STEPS, MOST_LEAN_STEPS + 1)] {
        let lean = proof(&format!("x = x\n{}identity", idle.repeat(facts))).lean();
        assert_eq!(lean.cases[0].len(), left);
    }
    // Cases stay: they say which signs are covered.
    let cases =
        "x = x\nassume >0 | x\nidentity\ncase\nassume <0 | x\nidentity\ncase\nassume =0 | x\nidentity";
    assert_eq!(proof(cases).lean().cases, proof(cases).cases);
}
