//! Steps written by hand (`steps.txt`), and what is decided about whole numbers, held against the numbers.
//!
//! A step is a line `yes RULE [forms that are at least 0] BEFORE => AFTER`, or `no …` where the rule does not allow it. Terms are in
//! prefix form: `$a` is a scalar, `(x j)` an element, `i0` the variable of the outermost loop, `n`, `m`, `j`, `k` sizes and indices.

use expr::Constant;

use super::*;

/// Reads an index form: `2*n-j*k+1`.
fn form(text: &str) -> Index {
    let signed = text.replace('-', "+-");
    signed.split('+').filter(|part| !part.is_empty()).fold(Index::default(), |sum, part| {
        let (minus, part) = part.strip_prefix('-').map_or((false, part), |part| (true, part));
        let product = part.split('*').fold(Index::from(if minus { -1 } else { 1 }), |product, factor| {
            let factor: Index = match factor {
                "n" => Symbol::Size(0).into(),
                "m" => Symbol::Size(1).into(),
                "j" => Symbol::Size(2).into(),
                "k" => Symbol::Size(3).into(),
                _ if factor.starts_with('i') => bound(factor[1..].parse().expect("a depth")).into(),
                number => number.parse::<i64>().unwrap_or_else(|_| panic!("{number}")).into(),
            };
            product.times(&factor).unwrap()
        });
        sum.plus(&product).unwrap()
    })
}

fn term(text: &mut std::iter::Peekable<std::vec::IntoIter<String>>) -> Term {
    let token = text.next().expect("a term");
    if token != "(" {
        return match token.strip_prefix('$') {
            Some(name) => Term::Scalar(name.to_owned()),
            None if token == "pi" => Term::Constant(Constant::Pi),
            None if token.contains(['.', 'e']) => Term::Constant(Constant::parse(&token).expect("a decimal")),
            None => Term::Index(form(&token)),
        };
    }
    let head = text.next().expect("an operator");
    if head == "sum" || head == "prod" {
        let range = Range { low: form(&text.next().expect("low")), high: form(&text.next().expect("high")) };
        let body = term(text);
        assert_eq!(text.next().as_deref(), Some(")"));
        return Term::Reduce(if head == "sum" { Fold::Sum } else { Fold::Product }, range, Box::new(body));
    }
    let mut of = Vec::new();
    while text.peek().is_some_and(|token| token != ")") {
        of.push(term(text));
    }
    text.next();
    match head.as_str() {
        "+" => Term::Fold(Fold::Sum, of),
        "*" => Term::Fold(Fold::Product, of),
        "if" => Term::Apply(Op::Select, of),
        "x" | "y" | "A" => {
            let position = of.iter().map(|term| match term {
                Term::Index(form) => form.clone(),
                _ => panic!("{term:?} is no index"),
            });
            Term::Read(head, position.collect())
        }
        name => {
            let op = { Op::ALL.iter() }.find(|op| op.name() == name).unwrap_or_else(|| panic!("{name}"));
            Term::Apply(*op, of)
        }
    }
}

fn read(text: &str) -> Term {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<String> = spaced.split_whitespace().map(str::to_owned).collect();
    term(&mut tokens.into_iter().peekable())
}

fn region(text: &str) -> Region {
    Region::default().and(text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(form))
}

#[test]
fn steps_are_allowed_exactly_where_the_rule_says() {
    let mut seen = std::collections::BTreeMap::new();
    for line in include_str!("steps.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (verdict, rest) = line.split_once(' ').expect("a verdict");
        let (name, rest) = rest.split_once(" [").expect("a rule");
        let (forms, rest) = rest.split_once("] ").expect("a region");
        let (before, after) = rest.split_once(" => ").expect("two terms");
        let rule = Rule::ALL.into_iter().find(|rule| rule.name() == name).unwrap_or_else(|| panic!("{name}"));
        let (before, after) = (read(before), read(after));
        let step = Rewriting { rule, path: Vec::new(), before: before.clone(), after: after.clone() };
        let found = replayed(&before, &region(forms), &[step]);
        assert_eq!(found.is_some(), verdict == "yes", "{line}");
        assert!(found.is_none_or(|found| found == after));
        *seen.entry(name).or_insert([0, 0]).get_mut(usize::from(verdict == "yes")).unwrap() += 1;
    }
    assert_eq!(seen.len(), Rule::ALL.len(), "{seen:?}");
    assert!(seen.values().all(|counts| counts.iter().all(|&count| count > 0)), "{seen:?}");
}

#[test]
fn steps_are_taken_where_they_say_and_under_what_holds_there() {
    let whole = read("(sum 1 n (if (lt i0 n+1) (x i0) 0))");
    let step = |path: &[usize], before: &str, after: &str| {
        let (before, after) = (read(before), read(after));
        replayed(&whole, &region(""), &[Rewriting { rule: Rule::Decide, path: path.to_vec(), before, after }])
    };
    assert_eq!(step(&[0, 0], "(lt i0 n+1)", "1"), Some(read("(sum 1 n (if 1 (x i0) 0))")));
    assert_eq!(step(&[0, 0], "(lt i0 n)", "1"), None);
    assert_eq!(step(&[0, 0], "(lt i0 n+2)", "1"), None, "it stands elsewhere");
    assert_eq!(step(&[0, 1], "(lt i0 n+1)", "1"), None);
    assert_eq!(step(&[0, 3], "(lt i0 n+1)", "1"), None);
    assert_eq!(step(&[0, 0], "(lt i0 n+1)", "0"), None);
}

#[test]
fn proofs_need_all_cases_and_equal_ends() {
    let leaf = || Cases::Leaf([Vec::new(), Vec::new()]);
    let accepted = |left: &str, right: &str, forms: &str, proof: &Cases| {
        accepts(&read(left), &read(right), &region(forms), proof)
    };
    assert!(accepted("$a", "$b", "n,-n-1", &Cases::Impossible));
    assert!(!accepted("$a", "$b", "n,-n", &Cases::Impossible));
    let split = |proofs: Vec<Cases>| Cases::Split(Predicate::AtLeast(form("j-5")), proofs);
    assert!(accepted("$a", "$a", "", &split(vec![leaf(), leaf()])));
    assert!(accepted("$a", "$b", "j-9,3-j", &split(vec![Cases::Impossible, Cases::Impossible])));
    assert!(!accepted("$a", "$b", "j-9", &split(vec![leaf(), Cases::Impossible])));
    assert!(!accepted("$a", "$b", "3-j", &split(vec![Cases::Impossible, leaf()])));
    assert!(!accepted("$a", "$b", "3-j", &split(vec![Cases::Impossible])));
    assert!(!accepted("$a", "$a", "", &Cases::Split(Predicate::AtLeast(form("i0")), vec![leaf(), leaf()])));
    for (left, right, forms, expected) in [
        ("(exp (+ $a $b))", "(* (exp $a) (exp $b))", "", true),
        ("(exp (+ $a $b))", "(exp $a)", "", false),
        ("$a", "$b", "", false),
        // Indices and sizes are numbers like any other.
        ("2*n+j*k-1", "(+ n n (* j k) -1)", "", true),
        ("2*n+j*k-1", "(+ n (* j k) -1)", "", false),
        ("(powi $a n+2)", "(* (powi $a n) (powi $a 2))", "", true),
        ("(powi $a n+2)", "(powi $a n)", "", false),
        ("(powi $a n+2)", "(* (powi $a n) (powi $a 3))", "", false),
        ("(powi $a 3)", "(* $a $a $a)", "", true),
        // What is 0 for all values of the inputs, at some size or index.
        ("(powi (sign (x j)) 2)", "1", "", true),
        ("(powi (sign (* n-5 (x j))) 2)", "1", "", false),
        ("(powi (sign n) 2)", "1", "", false),
        ("(powi (sign (+ (x j) (* -1 (x k)))) 2)", "1", "", false),
        ("(powi (sign (+ (x j) (* -1 (x k)))) 2)", "1", "j-k-1", true),
        ("(powi (sign (+ (x j) (* -1 (y k)))) 2)", "1", "", true),
        ("(powi (sign (+ (A j k) (* -1 (A j m)))) 2)", "1", "", false),
        ("(powi (sign (+ (A j k) (* -1 (A k k)))) 2)", "1", "j-k-1", true),
        ("(powi (sign (+ (x j) (x j))) 2)", "1", "", true),
        ("(powi (sign (sum 1 n (x i0))) 2)", "1", "", false),
        ("(powi (sign (+ (x 1) (* -1 (x 2)))) 2)", "1", "", true),
        ("(if (lt (x j) (x k)) $a $a)", "$a", "", false),
        ("(* (sign $a) (abs $a))", "$a", "", true),
        ("(+ (floor (* n 0.5)) 1)", "(floor (+ (* n 0.5) 1))", "", false),
    ] {
        assert_eq!(accepted(left, right, forms, &leaf()), expected, "{left} = {right} where {forms}");
    }
}

#[test]
fn elements_that_may_be_one_are_told_apart_where_something_jumps() {
    let found = |text: &str, forms: &str| generalise::may_coincide(&read(text), &region(forms));
    let difference = |text: &str| Some(Predicate::Zero(form(text)));
    assert_eq!(found("(sign (+ (x j) (x k)))", ""), difference("j-k"));
    assert_eq!(found("(+ $a (sign (+ (x j) (* $b (x k)))))", ""), difference("j-k"));
    assert_eq!(found("(sign (+ (x j) (x k)))", "j-k-1"), None);
    assert_eq!(found("(sign (+ (x j) (y k)))", ""), None);
    assert_eq!(found("(sign (+ (x j) (x j)))", ""), None);
    assert_eq!(found("(exp (+ (x j) (x k)))", ""), None);
    assert_eq!(found("(if (lt (x j) $a) (x j) (x k))", ""), None);
    assert_eq!(found("(if (lt (x j) (x k)) $a $b)", ""), difference("j-k"));
    assert_eq!(found("(sum 1 n (sign (+ (x i0) (x j))))", ""), None);
    assert_eq!(found("(sign (+ (A j 1) (A k 2)))", ""), None);
    assert_eq!(found("(sign (+ (A j 1) (A k 1)))", ""), difference("j-k"));
}

/// What a comparison says of indices is so at every index, also where numbers are not whole.
#[test]
fn comparisons_of_indices_say_what_their_values_say() {
    let forms = [
        "j",
        "2*j",
        "-3*j+1",
        "(/ j 4)",
        "(* j 0.3)",
        "(+ j 0.5)",
        "(- j 1)",
        "(- j)",
        "(* 2 j)",
        "(/ j -2)",
    ];
    let forms =
        forms.map(|text| text.replace("(/ ", "(div ").replace("(+ ", "(add ").replace("(* ", "(mul "));
    let forms =
        forms.map(|text| if text == "(- j)" { "(neg j)".to_owned() } else { text.replace("(- ", "(sub ") });
    let numbers = [
        "7",
        "100.5",
        "-2.25",
        "0",
        "(div 201 2)",
        "(div 7 3)",
        "(exp 5)",
        "(mul pi 10)",
        "(ln 50)",
        "(sqrt 10)",
        "(powi 3 4)",
        "(pow 1.5 3)",
        "(exp2 2.5)",
        "(log1p 30)",
        "(atan 2)",
        "(cbrt 100)",
        "(neg 12)",
        "(sub 40 0.5)",
        "(div 30 -4)",
        "(sinh 2)",
        "(log10 3)",
        "(expm1 2)",
        "(tanh 1)",
        "(asinh 9)",
        "(log2 9)",
        "(sub (exp 1) 3)",
        "(mul -3 (ln 5))",
        "(div 1 (exp -3))",
        "(div 10 (sub (exp 1) 3))",
        "(mul (sub (exp 1) 3) (sub (ln 2) 9))",
        "(powi 2 0)",
        "(powi 0.1 2)",
    ];
    let mut told = 0;
    for op in [Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Eq, Op::Ne] {
        for form in &forms {
            for number in numbers {
                for turned in [false, true] {
                    let (a, b) = (read(form), read(number));
                    let found = if turned { predicate(op, &b, &a) } else { predicate(op, &a, &b) };
                    let Some(found) = found else { continue };
                    told += 1;
                    for j in -140..=140 {
                        let (a, b) = (value(&a, j), value(&b, j));
                        let expected = if turned { op.value(&[b, a]) } else { op.value(&[a, b]) } == 1.0;
                        let at = |form: &Index| form.evaluate(|_| j).expect("small");
                        let holds = match &found {
                            Predicate::Known(holds) => *holds,
                            Predicate::AtLeast(form) => at(form) >= 0,
                            Predicate::Zero(form) => at(form) == 0,
                            Predicate::NonZero(form) => at(form) != 0,
                        };
                        assert_eq!(holds, expected, "{op:?} {form} {number} {turned} at {j}: {found:?}");
                        let cases = found.cases().unwrap();
                        let covered =
                            cases.iter().filter(|case| case.iter().all(|form| at(form) >= 0)).count();
                        assert_eq!(covered, 1, "one case of {found:?} at {j}");
                    }
                }
            }
        }
    }
    // Each of them is told, whatever the numbers.
    assert_eq!(told, 6 * forms.len() * numbers.len() * 2);
}

/// In double precision, at one index.
fn value(term: &Term, j: i64) -> f64 {
    match term {
        Term::Index(form) => form.evaluate(|_| j).expect("small") as f64,
        Term::Constant(constant) => constant.to_f64(),
        Term::Scalar(name) => name.len() as f64 + f64::from(name.as_bytes()[0]) / 100.0,
        Term::Apply(op, of) => op.value(&of.iter().map(|term| value(term, j)).collect::<Vec<_>>()),
        Term::Fold(Fold::Sum, of) => of.iter().map(|term| value(term, j)).sum(),
        Term::Fold(Fold::Product, of) => of.iter().map(|term| value(term, j)).product(),
        _ => panic!("{term:?}"),
    }
}

#[test]
fn what_no_comparison_of_indices_is_says_nothing_of_them() {
    for (op, left, right) in [
        (Op::Lt, "$a", "1"),
        (Op::Lt, "(x j)", "1"),
        (Op::Lt, "(div 1 j)", "1"),
        (Op::Lt, "(mul j (exp 1))", "1"),
        (Op::Lt, "(div j (sub (exp 0) 1))", "1"),
        (Op::Lt, "j", "(ln -1)"),
        (Op::Lt, "j", "(log1p -2)"),
        (Op::Lt, "j", "(sqrt -3)"),
        (Op::Lt, "j", "(sin 1)"),
        (Op::Lt, "j", "(powi 2 65)"),
        (Op::Lt, "j", "(powi 2 -1)"),
        (Op::Lt, "j", "(powi j 2)"),
        (Op::Lt, "(exp j)", "1"),
        (Op::Lt, "(mul j j)", "(div j j)"),
        (Op::Lt, "j", "(hypot 3 4)"),
        (Op::Max, "j", "1"),
        // Whether these are whole is not known of enclosures.
        (Op::Lt, "j", "(exp 0)"),
        (Op::Eq, "j", "(ln 1)"),
        (Op::Le, "j", "(log2 8)"),
    ] {
        assert_eq!(predicate(op, &read(left), &read(right)), None, "{op:?} {left} {right}");
    }
    // A product of indices counts as one of its own.
    assert_eq!(predicate(Op::Ge, &read("j*n"), &read("4.5")), Some(Predicate::AtLeast(form("j*n-5"))));
}

/// Inequalities in two numbers within a box: what is said to be empty has no whole numbers in it.
#[test]
fn regions_that_are_said_to_be_empty_are() {
    let mut state = 7_u64;
    let mut random = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let (j, k) = (Symbol::Size(2), Symbol::Size(3));
    let (mut empty, mut full) = (0, 0);
    for round in 0..500 {
        // With factors of 1 and -1 everything is found.
        let unit = round % 2 == 0;
        let limits = ["j+5", "5-j", "k+5", "5-k"].map(form);
        let more = (0..2 + random(3)).map(|_| {
            let mut factor = || if unit { random(3) as i64 - 1 } else { random(9) as i64 - 4 };
            let (a, b) = (factor(), factor());
            let b = if unit && a != 0 && b != 0 { -a } else { b };
            let times = |symbol: Symbol, a: i64| Index::from(symbol).times(&a.into()).unwrap();
            times(j, a).plus(&times(k, b)).unwrap().plus(&(random(13) as i64 - 8).into()).unwrap()
        });
        let forms: Vec<Index> = limits.into_iter().chain(more.collect::<Vec<_>>()).collect();
        let region = Region::default().and(forms.clone());
        let points: Vec<(i64, i64)> = (-5..=5)
            .flat_map(|a| (-5..=5).map(move |b| (a, b)))
            .filter(|&(a, b)| {
                forms.iter().all(|form| form.evaluate(|symbol| if symbol == j { a } else { b }).unwrap() >= 0)
            })
            .collect();
        assert!(!region.is_empty() || points.is_empty(), "{forms:?}");
        let (low, high) = region.bounds(j);
        if points.is_empty() {
            assert!(!unit || region.is_empty(), "{forms:?}");
            empty += 1;
            continue;
        }
        full += 1;
        let (least, most) = (points.iter().map(|p| p.0).min(), points.iter().map(|p| p.0).max());
        assert!(low.unwrap() <= least.unwrap() && high.unwrap() >= most.unwrap(), "{forms:?}");
        if unit {
            assert_eq!((low, high), (least, most), "{forms:?}");
        }
        for offset in -9..=9 {
            let form = form("j").minus(&form("k")).unwrap().plus(&offset.into()).unwrap();
            let holds = points.iter().all(|(a, b)| a - b + offset >= 0);
            assert!(holds || !region.implies(&form), "{forms:?} and {form:?}");
            assert!(!unit || holds == region.implies(&form), "{forms:?} and {form:?}");
        }
        // What follows for k alone holds of every point.
        for form in region.without(|symbol| symbol == j) {
            assert!(form.symbols().all(|symbol| symbol == k));
            assert!(points.iter().all(|&(_, b)| form.evaluate(|_| b).unwrap() >= 0), "{forms:?}: {form:?}");
        }
        assert!(region.without(|symbol| symbol == j).len() >= 2);
    }
    assert!(empty > 50 && full > 50, "{empty} and {full}");
}

#[test]
fn polynomials_have_the_values_of_their_terms() {
    for text in [
        "(* (+ $a 1) (+ $b -2.5e-3) 3)",
        "(sub (powi (+ $a $b 0.5) 5) (div 7 $b))",
        "(div (* $a $a 1e3) (* 2 $a $b $b))",
        "(div 1 (+ $a $b $b))",
        "(recip (* 4 $a))",
        "(powi (* 2 $a) -3)",
        "(powi (+ $a 1) -2)",
        "(powi (+ $a 1) 9)",
        "(neg (square (+ $a j)))",
        "(add (mul $a -0.125) 3*j-2)",
        "(* 0 $a)",
        "(+ pi (* 2 pi) (exp $b))",
        "(powi (* $a $b) 64)",
        "(sub $a $a)",
    ] {
        let (term, polynomial) = (read(text), expand(&read(text)).unwrap());
        let again = expand::collected(&polynomial).unwrap();
        for j in [-3, 2, 5] {
            let (a, b) = (value(&term, j), value(&again, j));
            assert!((a - b).abs() <= 1e-12 * a.abs() || a == b, "{text} is {a}, not {b}: {again:?}");
        }
        assert_eq!(expand(&again), Some(polynomial), "{text}");
    }
    // What cancels, and what is too large to be multiplied out or written down.
    assert_eq!(expand(&read("(sub (* $a $b) (* $b $a))")), Some(Polynomial::new()));
    assert_eq!(expand(&read("(div 1 (sub $a $a))")), None);
    assert_eq!(expand(&read("(+ $a 1e-1200)")).unwrap().len(), 2);
    assert_eq!(expand(&read("(+ $a 1e-9999)")).unwrap().len(), 2);
    let sum = |letters: &str| format!("(+{})", letters.chars().map(|c| format!(" ${c}")).collect::<String>());
    let (few, many) = (sum("abcdefghij"), sum("klmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"));
    assert_eq!(expand(&read(&format!("(* {few} {many})"))).unwrap().len(), 390);
    assert_eq!(expand(&read(&format!("(* {many} {many} {many})"))), None);
}
