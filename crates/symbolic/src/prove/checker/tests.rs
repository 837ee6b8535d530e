//! Proofs written by hand: one for each condition of a rule that lacks it, and beside it one that has it.
//!
//! A proof is lines: both sides, then steps `rule | before | after | mask term | …`, cases set apart by `case`, each ending
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

/// Proofs that lack nothing.
const ACCEPTED: &[&str] = &[
    // Identity.
    "(e (+ x (- x))) = 1
     identity",
    "(l 1) = (^ (+ x (- x)) 1/2)
     identity",
    "(^ (* 2 x) 3) = (* 8 (^ x 3))
     identity",
    "(^ (+ (* (^ x 2) y) (* x (^ y 2))) -1) = (* (^ x -1) (^ y -1) (^ (+ x y) -1))
     identity",
    "(+ (^ (+ x (- y)) -1) (^ (+ y (- x)) -1)) = 0
     identity",
    "(* (^ (+ 1 (^ x 2)) 1/2) (^ (+ 1 (^ x 2)) 1/2)) = (+ 1 (^ x 2))
     identity",
    "(^ (cbrt (+ x 1)) 4) = (* (+ x 1) (cbrt (+ x 1)))
     identity",
    // What has a value wherever both sides have one.
    "x = x
     sign >0 | 1 | (+ 1 (* 0 (^ (+ 1 (^ y 2)) -1)))
     sign >0 | 1 | (+ 1 (* 0 (^ (e y) -1)))
     sign >0 | 1 | (+ 1 (* 0 (^ (e (* i y)) -1)))
     sign >0 | 1 | (+ 1 (* 0 (^ (e (* i y)) 1/2)))
     sign >0 | 1 | (+ 1 (* 0 (^ (^ y 2) 1/2)))
     sign >0 | 1 | (+ 1 (* 0 (^ (+ 1 (^ y 2)) -1/2)))
     sign >0 | 1 | (+ 1 (* 0 (l (+ 1 (^ y 2)))))
     sign >0 | 1 | (+ 1 (* 0 (cbrt (floor (sin y)))))
     identity",
    "(^ y -1) = (^ y -1)
     sign >0 | 1 | (+ 1 (* 0 (^ y -1)))
     identity",
    "(+ (l y) (ln x)) = (+ (l y) (ln x))
     defined real | (l y) | (l y)
     defined real | (ln x) | (ln x)
     sign >0 | 1 | (+ 1 (* 0 (l (+ y 0))) (* 0 (ln (+ x 0))))
     identity",
    "(tan y) = (tan y)
     definition | (tan y) | (* -1i (+ (e (* 2i y)) -1) (^ (+ (e (* 2i y)) 1) -1))
     sign >0 | 1 | (+ 1 (* 0 (^ (+ (e (* 2i y)) 1) -1)))
     identity",
    // No factor of what is not 0 is 0.
    "x = x
     isolated | (+ (^ x 2) (* x y))
     sign >0 | 1 | (+ 1 (* 0 (^ (+ x y) -1)))
     sign >0 | 1 | (+ 1 (* 0 (^ (+ (* -2 x) (* -2 y)) -1)))
     sign >0 | 1 | (+ 1 (* 0 (^ x -1)))
     identity",
    "x = x
     isolated | x
     isolated | (+ x y)
     sign >0 | 1 | (+ 1 (* 0 (^ (+ (^ x 2) (* x y)) -1)))
     sign >0 | 1 | (+ 1 (* 0 (^ (+ x (^ x 3)) -1)))
     identity",
    // Branches.
    "(if x y z) = (if x y z)
     isolated | x
     by-sign | (if x y z) | y | !=0 x
     identity",
    "(if x (ln y) 0) = (if x (ln y) 0)
     isolated | x
     by-sign | (if x (ln y) 0) | (ln y) | !=0 x
     defined >0 | (ln y) | y
     identity",
    "(if x y y) = y
     by-sign | (if x y y) | y
     identity",
    // Cases.
    "(^ (sign x) 2) = 1
     isolated | x
     assume >0 | x
     by-sign | (sign x) | 1 | >0 x
     identity
     case
     isolated | x
     assume <0 | x
     by-sign | (sign x) | -1 | <0 x
     identity",
    "(+ (relu x) (relu (- x))) = (abs x)
     assume >0 | x
     by-sign | (relu x) | x | >=0 x
     by-sign | (relu (- x)) | 0 | <=0 (- x)
     by-sign | (abs x) | x | >=0 x
     identity
     case
     assume <0 | x
     by-sign | (relu x) | 0 | <=0 x
     by-sign | (relu (- x)) | (- x) | >=0 (- x)
     by-sign | (abs x) | (- x) | <=0 x
     identity
     case
     assume =0 | x
     by-sign | (relu x) | 0 | <=0 x
     by-sign | (relu (- x)) | (- x) | >=0 (- x)
     by-sign | (abs x) | (- x) | <=0 x
     identity",
    // Facts about fractions, and about what is turned.
    "(* (abs (* x (^ (+ 1 (^ x 2)) -1))) (sign (* x (^ (+ 1 (^ x 2)) -1)))) = (* x (^ (+ 1 (^ x 2)) -1))
     isolated | (* x (^ (+ 1 (^ x 2)) -1))
     assume >0 | (* x (^ (+ 1 (^ x 2)) -1))
     by-sign | (abs (* x (^ (+ 1 (^ x 2)) -1))) | (* x (^ (+ 1 (^ x 2)) -1)) | >=0 (* x (^ (+ 1 (^ x 2)) -1))
     by-sign | (sign (* x (^ (+ 1 (^ x 2)) -1))) | 1 | >0 (* x (^ (+ 1 (^ x 2)) -1))
     identity
     case
     isolated | (* x (^ (+ 1 (^ x 2)) -1))
     assume <0 | (* x (^ (+ 1 (^ x 2)) -1))
     by-sign | (abs (* x (^ (+ 1 (^ x 2)) -1))) | (* -1 x (^ (+ 1 (^ x 2)) -1)) | <=0 (* x (^ (+ 1 (^ x 2)) -1))
     by-sign | (sign (* x (^ (+ 1 (^ x 2)) -1))) | -1 | <0 (* x (^ (+ 1 (^ x 2)) -1))
     identity",
    "(+ (ln (+ x (- y))) (abs (+ y (- x)))) = (+ (ln (+ x (- y))) x (- y))
     defined >0 | (ln (+ x (- y))) | (+ x (- y))
     by-sign | (abs (+ y (- x))) | (+ x (- y)) | <=0 (+ y (- x))
     identity",
    // A fact is known in the new form as well.
    "(+ (ln (+ y (- (sinh x)))) (abs (+ y (- (sinh x))))) = (+ (ln (+ y (- (sinh x)))) y (- (sinh x)))
     defined >0 | (ln (+ y (- (sinh x)))) | (+ y (- (sinh x)))
     definition | (sinh x) | (+ (* 1/2 (e x)) (* -1/2 (e (- x))))
     by-sign | (abs (+ y (- (sinh x)))) | (+ y (- (sinh x))) | >=0 (+ y (- (sinh x)))
     identity",
    // Signs.
    "x = x
     sign >0 | (+ 1 (^ x 2)) | (+ 1 (^ x 2))
     sign >=0 | (abs x) | (abs x)
     sign real | (l (+ 1 (^ x 2))) | (l (+ 1 (^ x 2)))
     sign >0 | (e (* 2 x)) | (e (* 2 x))
     sign >=0 | (cbrt (abs x)) | (cbrt (abs x))
     sign <0 | (* -1 pi) | (* -1 pi)
     sign <0 | (+ pi -4) | (+ pi -4)
     sign >0 | (+ (e 1) -2) | (+ (e 1) -2)
     sign <0 | (+ (e 1) -3) | (+ (e 1) -3)
     sign >0 | (+ (^ 2 1/2) (^ 3 1/2) -3) | (+ (^ 2 1/2) (^ 3 1/2) -3)
     sign >0 | (+ (^ x 2) (* 2 x) 2) | (+ (^ (+ x 1) 2) 1)
     sign >=0 | (^ (+ (^ x 2) (* 3 x) 2) 2) | (* (^ (+ x 1) 2) (^ (+ x 2) 2))
     sign >0 | (^ (+ 1 (^ x 2)) -1/2) | (^ (+ 1 (^ x 2)) -1/2)
     identity",
    // Zeros that fill no open set.
    "(+ (sqrt x) (ln (+ y 1))) = (+ (sqrt x) (ln (+ y 1)))
     isolated | (+ x (* -1 y))
     isolated | (+ (e x) -1)
     isolated | (+ (atan x) (erf y))
     isolated | (l (+ 2 (^ x 2)))
     isolated | (+ (^ (+ 1 (^ x 2)) 1/2) (* -1 y))
     isolated | (atan (^ (+ 1 (^ x 2)) -1))
     isolated | (^ (+ x 7) 9)
     defined >=0 | (sqrt x) | x
     isolated | (+ (^ x 1/2) -1)
     defined >0 | (ln (+ y 1)) | (+ y 1)
     isolated | (l (+ y 1))
     identity",
    // Powers, logarithms and cube roots of products.
    "(^ (* (+ 1 (^ x 2)) (+ 2 (^ y 2))) 1/2) = (* (^ (+ 1 (^ x 2)) 1/2) (^ (+ 2 (^ y 2)) 1/2))
     power | (^ (* (+ 1 (^ x 2)) (+ 2 (^ y 2))) 1/2) | (* (^ (+ 1 (^ x 2)) 1/2) (^ (+ 2 (^ y 2)) 1/2)) | >=0 (+ 1 (^ x 2)) | >=0 (+ 2 (^ y 2))
     identity",
    "(^ (* (e x) (+ 1 (^ y 2))) 1/2) = (* (^ (e x) 1/2) (^ (+ 1 (^ y 2)) 1/2))
     power | (^ (* (e x) (+ 1 (^ y 2))) 1/2) | (* (^ (e x) 1/2) (^ (+ 1 (^ y 2)) 1/2)) | real x | >=0 (+ 1 (^ y 2))
     identity",
    "(l (* (e x) (+ 1 (^ y 2)))) = (+ x (l (+ 1 (^ y 2))))
     log | (l (* (e x) (+ 1 (^ y 2)))) | (+ x (l (+ 1 (^ y 2)))) | real x
     identity",
    "(l (* 2 x)) = (+ (l 2) (l x))
     log | (l (* 2 x)) | (+ (l 2) (l x))
     identity",
    "(cbrt (* -8 x (^ (+ 1 (^ y 2)) 2))) = (* -1 2 (cbrt x) (^ (+ 1 (^ y 2)) 2/3))
     cbrt | (cbrt (* -8 x (^ (+ 1 (^ y 2)) 2))) | (* -1 2 (cbrt x) (^ (+ 1 (^ y 2)) 2/3)) | >=0 (+ 1 (^ y 2))
     identity",
    // Exponentials of sums and of angles.
    "(e (+ x (* 2 (l y)))) = (* (e x) (^ y 2))
     exp-sum | (e (+ x (* 2 (l y)))) | (* (e x) (^ y 2))
     identity",
    "(e (* 1/3i pi)) = (+ 1/2 (* 1/2i (^ 3 1/2)))
     exp-angle | (e (* 1/3i pi)) | (+ 1/2 (* 1/2i (^ 3 1/2)))
     identity",
    // Odd functions and floors.
    "(atan (- x)) = (- (atan x))
     odd | (atan (- x)) | (* -1 (atan x))
     identity",
    "(+ (floor (+ x 3)) (floor -5/2)) = (floor x)
     floor | (floor (+ x 3)) | (+ 3 (floor x))
     floor | (floor -5/2) | -3
     identity",
];

/// Proofs that lack something, and what that is.
const REJECTED: &[(&str, &str)] = &[
    ("the sides differ", "(^ (e x) 1/2) = (^ x 1/2)
     identity"),
    ("the sides differ", "(e 1) = 1
     identity"),
    ("the sides differ", "(e 2) = (e 1)
     identity"),
    ("the sides differ", "(l 2) = 0
     identity"),
    ("the sides differ", "(* 2 x) = (+ x 1)
     identity"),
    ("the sides differ", "(* (^ 1000036000099 1/2) x) = (* (^ 1000003 1/2) (^ 1000033 1/2) x)
     identity"),
    ("division by 0", "(^ (+ x (- x)) -1) = 1
     identity"),
    ("division by 0", "(^ (+ x (- x)) -1/2) = 0
     identity"),
    ("other sides", "x = y
     identity | x | x"),
    ("a case without an end", "x = x
     sign real | x | x"),
    // What may have no value.
    ("a power that may be undefined", "x = x
     sign >0 | 1 | (+ 1 (* 0 (^ y -1)))
     identity"),
    ("a power that may be undefined", "x = x
     sign >0 | 1 | (+ 1 (* 0 (^ y 1/2)))
     identity"),
    ("a power that may be undefined", "x = x
     sign >0 | 1 | (+ 1 (* 0 (^ (^ y 2) -1/2)))
     identity"),
    ("a power that may be undefined", "x = x
     isolated | x
     sign >0 | 1 | (+ 1 (* 0 (^ (+ (^ x 2) (* x y)) -1)))
     identity"),
    ("a power that may be undefined", "x = x
     isolated | (+ x y)
     sign >0 | 1 | (+ 1 (* 0 (^ (+ (^ x 2) (* x y)) -1)))
     identity"),
    ("a power that may be undefined", "x = x
     sign >0 | 1 | (+ 1 (* 0 (^ (+ x (^ x 3)) -1)))
     identity"),
    // Nothing is divided by the cosine of what stands in neither side.
    ("a power that may be undefined", "x = x
     definition | (tan y) | (* -1i (+ (e (* 2i y)) -1) (^ (+ (e (* 2i y)) 1) -1))
     sign >0 | 1 | (+ 1 (* 0 (^ (+ (e (* 2i y)) 1) -1)))
     identity"),
    ("a logarithm that may be undefined", "x = x
     sign >0 | 1 | (+ 1 (* 0 (l y)))
     identity"),
    ("a function that may be undefined", "x = x
     sign >0 | 1 | (+ 1 (* 0 (ln y)))
     identity"),
    ("a function that may be undefined", "x = x
     sign >0 | (+ 1 (* 0 (sin (asin y)))) | 1
     identity"),
    ("a function that may be undefined", "x = x
     assume real | (+ x (* 0 (ln y)))
     identity"),
    ("a function that may be undefined", "x = x
     isolated | (+ x (* 0 (ln y)))
     identity"),
    ("a function that may be undefined", "(erf x) = x
     odd | (erf x) | (* -1 (erf (+ (- x) (* 0 (ln y)))))
     identity"),
    ("a function that may be undefined", "(floor (+ x 1)) = x
     floor | (floor (+ x 1)) | (+ 1 (floor (+ x (* 0 (ln y)))))
     identity"),
    ("a function that may be undefined", "(cbrt x) = x
     cbrt | (cbrt x) | (cbrt (+ x (* 0 (ln y))))
     identity"),
    ("a function that may be undefined", "(cbrt (* 8 x)) = x
     cbrt | (cbrt (* 8 x)) | (* (+ 2 (* 0 (ln y))) (cbrt x))
     identity"),
    ("a function that may be undefined", "(^ (+ 1 (^ x 2)) 1/2) = x
     power | (^ (+ 1 (^ x 2)) 1/2) | (^ (+ 1 (^ x 2) (* 0 (ln y))) 1/2) | >=0 (+ 1 (^ x 2))
     identity"),
    ("a function that may be undefined", "(^ (* 4 (e x)) 1/2) = x
     power | (^ (* 4 (e x)) 1/2) | (* 2 (^ (e (+ x (* 0 (ln y)))) 1/2)) | real x
     identity"),
    ("a function that may be undefined", "(l (* 2 x)) = x
     log | (l (* 2 x)) | (+ (l 2) (l (+ x (* 0 (ln y)))))
     identity"),
    ("a function that may be undefined", "(l (e x)) = x
     log | (l (e x)) | (+ x (* 0 (ln y))) | real x
     identity"),
    ("a function that may be undefined", "(e x) = x
     exp-sum | (e x) | (e (+ x (* 0 (ln y))))
     identity"),
    ("a function that may be undefined", "(e (l x)) = x
     exp-sum | (e (l x)) | (+ x (* 0 (ln y)))
     identity"),
    // A branch that is not taken says nothing.
    ("a function that may be undefined", "(if x (ln y) 0) = 0
     sign >0 | 1 | (+ 1 (* 0 (ln y)))
     identity"),
    ("an operator that is not needed", "(+ (if x (ln y) 0) (abs y)) = (+ (if x (ln y) 0) y)
     defined >0 | (ln y) | y
     by-sign | (abs y) | y | >=0 y
     identity"),
    ("an operator that is not needed", "x = x
     defined >0 | (ln y) | y
     identity"),
    ("no such domain", "(ln y) = 0
     defined <0 | (ln y) | y
     identity"),
    ("no such domain", "(ln y) = 0
     defined >0 | (ln y) | x
     identity"),
    ("no such domain", "(ln y) = 0
     defined >0 | (ln y) | (ln y)
     identity"),
    ("no such domain", "(ln y) = 0
     defined real | (ln y) | (l x)
     identity"),
    ("no branch of it", "(if x y z) = 1
     isolated | x
     by-sign | (if x y z) | 1 | !=0 x
     identity"),
    ("a condition that is not listed", "(if x y z) = y
     by-sign | (if x y z) | y
     identity"),
    ("a condition that does not hold", "(if (floor x) y z) = y
     by-sign | (if (floor x) y z) | y | !=0 (floor x)
     identity"),
    ("a condition that the rule does not have", "(if x y z) = y
     by-sign | (if x y z) | y | real x
     identity"),
    ("a condition that the rule does not have", "(if x y z) = z
     isolated | x
     by-sign | (if x y z) | z | !=0 x
     identity"),
    ("a condition that the rule does not have", "(if x y y) = y
     isolated | x
     by-sign | (if x y y) | y | !=0 x
     identity"),
    ("a condition that is not listed", "(abs -2) = -2
     by-sign | (abs -2) | -2
     identity"),
    ("not what signs decide", "(abs x) = 1
     by-sign | (abs x) | 1 | >=0 x
     identity"),
    ("not what signs decide", "(floor x) = 1
     by-sign | (floor x) | 1 | >=0 x
     identity"),
    // Cases.
    ("two terms with one sign", "x = x
     assume >0 | x | y
     identity"),
    ("two terms with one sign", "x = x
     isolated | x | y
     identity"),
    ("no single sign", "x = x
     assume >=0 | x
     identity"),
    ("a sign of what may not be real", "x = x
     assume >0 | (e (* i y))
     identity"),
    ("cases that leave something out", "(abs x) = x
     assume >0 | x
     by-sign | (abs x) | x | >=0 x
     identity"),
    ("cases that leave something out", "(abs x) = x
     assume >0 | x
     by-sign | (abs x) | x | >=0 x
     identity
     case
     assume =0 | x
     by-sign | (abs x) | x | >=0 x
     identity"),
    ("cases that leave something out", "(^ (sign (floor x)) 2) = 1
     assume >0 | (floor x)
     by-sign | (sign (floor x)) | 1 | >0 (floor x)
     identity
     case
     assume <0 | (floor x)
     by-sign | (sign (floor x)) | -1 | <0 (floor x)
     identity"),
    // Of x < 0 and y > 0 nothing is said.
    ("cases that leave something out", "(* (relu (- x)) (relu y)) = 0
     assume >0 | x
     by-sign | (relu (- x)) | 0 | <=0 (- x)
     identity
     case
     assume <0 | y
     by-sign | (relu y) | 0 | <=0 y
     identity
     case
     assume =0 | y
     by-sign | (relu y) | 0 | <=0 y
     identity"),
    ("cases that leave something out", "x = x
     assume >0 | x
     identity
     case
     identity"),
    // Signs.
    ("no such sign", "x = x
     sign >0 | x | (+ 1 (^ x 2))
     identity"),
    ("no such sign", "x = x
     sign >0 | (abs x) | (abs x)
     identity"),
    ("no such sign", "x = x
     sign !=0 | x | x
     identity"),
    ("no such sign", "x = x
     sign >0 | (^ x 2) | (^ x 2)
     identity"),
    ("no such sign", "x = x
     sign real | (e (* i x)) | (e (* i x))
     identity"),
    ("no such sign", "(l x) = (l x)
     sign real | (l x) | (l x)
     identity"),
    ("no such sign", "x = x
     sign <0 | (+ pi -3) | (+ pi -3)
     identity"),
    ("no such sign", "x = x
     sign !=0 | (+ (^ 1022117 1/2) (* -1 (^ 1009 1/2) (^ 1013 1/2))) | (+ (^ 1022117 1/2) (* -1 (^ 1009 1/2) (^ 1013 1/2)))
     identity"),
    // e^(2·pi·i·floor(x)) is 1, and its half power 1 or -1.
    ("no such sign", "(ln (e (* 2i pi (floor x)))) = 0
     defined >0 | (ln (e (* 2i pi (floor x)))) | (e (* 2i pi (floor x)))
     sign >0 | (^ (e (* 2i pi (floor x))) 1/2) | (^ (e (* 2i pi (floor x))) 1/2)
     identity"),
    // Zeros that fill open sets.
    ("zeros that may fill an open set", "x = x
     isolated | (floor x)
     identity"),
    ("zeros that may fill an open set", "x = x
     isolated | (+ (abs x) x)
     identity"),
    ("zeros that may fill an open set", "x = x
     isolated | (+ x (- x))
     identity"),
    ("zeros that may fill an open set", "x = x
     isolated | (+ (^ (^ x 2) 1/2) (- x))
     identity"),
    ("zeros that may fill an open set", "(atan (^ x -1)) = 0
     isolated | (+ (atan (^ x -1)) (atan x) (* -1/2 pi))
     identity"),
    ("zeros that may fill an open set", "(atan (^ (+ x y) -1)) = 0
     isolated | (+ (atan (^ (+ x y) -1)) (atan (+ x y)) (* -1/2 pi))
     identity"),
    ("zeros that may fill an open set", "(atan (^ (atan x) -1)) = 0
     isolated | (+ (atan (^ (atan x) -1)) (atan (atan x)) (* -1/2 pi))
     identity"),
    ("zeros that may fill an open set", "(^ x -1) = 0
     defined !=0 | (^ x -1) | x
     isolated | (+ (^ (+ 1 (^ x -2)) 1/2) (* -1 (^ x -1) (^ (+ 1 (^ x 2)) 1/2)))
     identity"),
    ("zeros that may fill an open set", "(ln (+ (^ x 2) -1)) = 0
     defined >0 | (ln (+ (^ x 2) -1)) | (+ (^ x 2) -1)
     isolated | (l (+ (^ x 2) -1))
     identity"),
    ("zeros that may fill an open set", "(ln (+ (e (^ x 2)) -2)) = 0
     defined >0 | (ln (+ (e (^ x 2)) -2)) | (+ (e (^ x 2)) -2)
     isolated | (l (+ (e (^ x 2)) -2))
     identity"),
    ("zeros that may fill an open set", "(asin (sin x)) = x
     definition | (sin x) | (+ (* -1/2i (e (* i x))) (* 1/2i (e (* -1i x))))
     isolated | (+ (^ (+ 1 (^ (asin (sin x)) 2)) 1/2) (* -1 (^ (+ 1 (^ x 2)) 1/2)))
     identity"),
    ("zeros that may fill an open set", "(ln (* x y)) = 0
     defined >0 | (ln (* x y)) | (* x y)
     isolated | (l (* x y))
     identity"),
    // Definitions, powers, logarithms and cube roots of products.
    ("not its definition", "(sinh x) = 0
     definition | (sinh x) | (+ (* 1/2 (e x)) (* 1/2 (e (- x))))
     identity"),
    ("an operator without a definition", "(floor x) = 0
     definition | (floor x) | x
     identity"),
    ("a condition that is not listed", "(pow x y) = 0
     definition | (pow x y) | (e (* y (l x)))
     identity"),
    ("a condition that is not listed", "(atan2 x y) = 0
     definition | (atan2 x y) | (atan (* x (^ y -1)))
     identity"),
    ("a whole power", "(^ (* x y) 2) = 0
     power | (^ (* x y) 2) | (* (^ x 2) (^ y 2))
     identity"),
    ("a condition that is not listed", "(^ (* (^ x 2) (^ y 2)) 1/2) = (* x y)
     power | (^ (* (^ x 2) (^ y 2)) 1/2) | (* x y)
     identity"),
    ("a condition that does not hold", "(^ (* (^ x 2) (^ y 2)) 1/2) = (* x y)
     power | (^ (* (^ x 2) (^ y 2)) 1/2) | (* x y) | >=0 x | >=0 y
     identity"),
    ("a condition that does not hold", "(^ (* 1 (e (* 2i x))) 1/2) = (e (* i x))
     power | (^ (* 1 (e (* 2i x))) 1/2) | (e (* i x)) | real (* i x)
     identity"),
    ("a power of an exponential", "(^ (e (* 2i x)) 1/2) = (e (* i x))
     power | (^ (e (* 2i x)) 1/2) | 1
     identity"),
    ("not the same below the root", "(^ (* 4 (+ 1 (^ x 2))) 1/2) = (* 3 (^ (+ 1 (^ x 2)) 1/2))
     power | (^ (* 4 (+ 1 (^ x 2))) 1/2) | (* 3 (^ (+ 1 (^ x 2)) 1/2)) | >=0 (+ 1 (^ x 2))
     identity"),
    ("not the same below the root", "(^ (+ 1 (^ x 2)) 1/2) = (* (^ (e x) i) (^ (+ 1 (^ x 2)) 1/2))
     power | (^ (+ 1 (^ x 2)) 1/2) | (* (^ (e x) i) (^ (+ 1 (^ x 2)) 1/2)) | real x | >=0 (+ 1 (^ x 2))
     identity"),
    ("a condition that is not listed", "(l (* x y)) = (+ (l x) (l y))
     log | (l (* x y)) | (+ (l x) (l y))
     identity"),
    ("a condition that is not listed", "(l (* 2 x)) = (+ (l x) (l 2))
     log | (l (* 2 x)) | (+ (l x) (l 2))
     identity"),
    ("a condition that is not listed", "(l (^ x 2)) = (* 2 (l x))
     log | (l (^ x 2)) | (* 2 (l x))
     identity"),
    ("not the same product", "(l (* 2 x)) = (+ (l 3) (l x))
     log | (l (* 2 x)) | (+ (l 3) (l x))
     identity"),
    ("a condition that is not listed", "(l (e (* i x))) = (* i x)
     log | (l (e (* i x))) | (* i x)
     identity"),
    ("a condition that does not hold", "(l (e (* i x))) = (* i x)
     log | (l (e (* i x))) | (* i x) | real (* i x)
     identity"),
    ("a condition that is not listed", "(cbrt x) = (^ x 1/3)
     cbrt | (cbrt x) | (^ x 1/3)
     identity"),
    ("not the same cube", "(cbrt (^ x 1/2)) = (^ (cbrt x) 1/2)
     cbrt | (cbrt (^ x 1/2)) | (^ (cbrt x) 1/2)
     identity"),
    ("not the same cube", "(cbrt (* 8 x)) = (* 3 (cbrt x))
     cbrt | (cbrt (* 8 x)) | (* 3 (cbrt x))
     identity"),
    // Exponentials.
    ("a condition that is not listed", "(e (* 1/2 (l x))) = (^ x 1/2)
     exp-sum | (e (* 1/2 (l x))) | (^ x 1/2)
     identity"),
    ("not the same exponent", "(e (* 1/2 (l (^ x 2)))) = x
     exp-sum | (e (* 1/2 (l (^ x 2)))) | x
     identity"),
    ("another point of the circle", "(e (* 1/3i pi)) = 1/2
     exp-angle | (e (* 1/3i pi)) | (+ 1/2 (* -1/2i (^ 3 1/2)))
     identity"),
    ("no known angle", "(e (* 1/5i pi)) = 1
     exp-angle | (e (* 1/5i pi)) | 1
     identity"),
    ("no known angle", "(e (* i (^ pi 2))) = -1
     exp-angle | (e (* i (^ pi 2))) | -1
     identity"),
    ("no known angle", "(e (* i pi x)) = -1
     exp-angle | (e (* i pi x)) | -1
     identity"),
    ("no known angle", "(e (+ (* i pi) x)) = -1
     exp-angle | (e (+ (* i pi) x)) | -1
     identity"),
    ("no known angle", "(e (* i pi (^ (+ 1 x) -1))) = -1
     exp-angle | (e (* i pi (^ (+ 1 x) -1))) | -1
     identity"),
    ("no known angle", "(e (* i x)) = 1
     exp-angle | (e (* i x)) | 1
     identity"),
    ("not a turn", "(e pi) = -1
     exp-angle | (e pi) | -1
     identity"),
    ("part of an angle", "(e (* 1/2i (atan x))) = 1
     exp-angle | (e (* 1/2i (atan x))) | 1
     identity"),
    // Odd functions and floors.
    ("not an odd function", "(floor x) = (* -1 (floor (* -1 x)))
     odd | (floor x) | (* -1 (floor (* -1 x)))
     identity"),
    ("not -f(-a)", "(atan x) = (* -1 (erf (* -1 x)))
     odd | (atan x) | (* -1 (erf (* -1 x)))
     identity"),
    ("not -f(-a)", "(atan x) = (* -2 (atan (* -1 x)))
     odd | (atan x) | (* -2 (atan (* -1 x)))
     identity"),
    ("not the negative argument", "(atan x) = (* -1 (atan x))
     odd | (atan x) | (* -1 (atan x))
     identity"),
    ("not a whole number", "(floor (+ x 1/2)) = (+ 1/2 (floor x))
     floor | (floor (+ x 1/2)) | (+ 1/2 (floor x))
     identity"),
    ("not the same floor", "(floor (+ x 1)) = (+ 2 (floor x))
     floor | (floor (+ x 1)) | (+ 2 (floor x))
     identity"),
    ("not the same floor", "(floor 5/2) = 3
     floor | (floor 5/2) | 3
     identity"),
    ("not the same floor", "(floor x) = 3
     floor | (floor x) | 3
     identity"),
    ("not a floor", "(floor (+ x 1)) = (+ 1 (ceil x))
     floor | (floor (+ x 1)) | (+ 1 (ceil x))
     identity"),
    ("a rule for another kind of term", "(floor x) = x
     cbrt | (floor x) | x
     identity"),
];

#[test]
fn proofs_that_lack_nothing_are_accepted() {
    let found: Vec<String> = ACCEPTED
        .iter()
        .filter_map(|text| {
            let found = proof(text).check();
            (found != Ok(())).then(|| format!("{found:?}: {text}"))
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn proofs_that_lack_something_are_rejected_for_that_reason() {
    let found: Vec<String> = REJECTED
        .iter()
        .filter_map(|&(why, text)| {
            let found = proof(text).check();
            (found != Err(Reject::Wrong(why))).then(|| format!("{found:?}, not {why}: {text}"))
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_term_contains_itself() {
    let terms = vec![Term::Sum(vec![0])];
    let proof = Certificate { terms, sides: [0, 0], cases: vec![Vec::new()] };
    assert_eq!(proof.check(), Err(Reject::Wrong("a term that contains itself")));
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
