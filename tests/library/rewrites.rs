//! Every rule of the simplifier against certified values: wherever its left side is defined and its condition holds, its right
//! side is defined and equal, to the last bit of the nearest double.

use chainrule::Random;
use expr::{Builder, Constant, Expr, Function, Op, Scalar, Style};
use reference::{Limits, values};
use symbolic::{Requirement, RewriteRule, rewrite_rules};

/// Words and brackets of a pattern.
fn tokens(text: &str) -> Vec<String> {
    text.replace('(', " ( ").replace(')', " ) ").split_whitespace().map(str::to_owned).collect()
}

/// A side of a rule as a graph; exponents are constants, as they are in every function.
fn side<'g>(
    builder: &'g Builder,
    tokens: &mut std::slice::Iter<'_, String>,
    point: &[(String, f64)],
) -> Expr<'g> {
    let token = tokens.next().expect("the side goes on");
    if token == "(" {
        let name = tokens.next().expect("an operator").as_str();
        let op = match name {
            "+" => Op::Add,
            "-" => Op::Sub,
            "*" => Op::Mul,
            "/" => Op::Div,
            name => Op::by_name(name).unwrap_or_else(|| panic!("no operator {name}")),
        };
        let arguments: Vec<Expr<'_>> = (0..op.arity()).map(|_| side(builder, tokens, point)).collect();
        assert_eq!(tokens.next().map(String::as_str), Some(")"));
        return Expr::apply(op, &arguments);
    }
    match point.iter().find(|(name, _)| name == token) {
        Some((name, value)) if is_exponent(name) => builder.lift(&Constant::Integer(*value as i64)),
        Some((name, _)) => builder.input(name),
        None => {
            builder.lift(&Constant::Integer(token.parse().unwrap_or_else(|_| panic!("{token}: a number"))))
        }
    }
}

fn is_exponent(name: &str) -> bool {
    matches!(name, "?m" | "?n")
}

fn function(text: &str, point: &[(String, f64)]) -> Function {
    let builder = Builder::new(Style::Written);
    for (name, _) in point.iter().filter(|(name, _)| !is_exponent(name)) {
        let _ = builder.input(name);
    }
    let root = side(&builder, &mut tokens(text).iter(), point).id();
    builder.finish(vec![root])
}

/// Where a rule is wrong, if it is; otherwise the number of points that said something.
fn sample(law: &RewriteRule, points: usize) -> Result<usize, String> {
    let mut names: Vec<String> =
        tokens(law.left).into_iter().filter(|token| token.starts_with('?')).collect();
    names.sort();
    names.dedup();
    let limits = Limits { most_bits: 768, ..Limits::default() };
    let mut told = 0;
    for k in 0..points {
        let mut random = Random::new(1, &["rewrites", law.name], k);
        let point: Vec<(String, f64)> = names
            .iter()
            .map(|name| {
                let value = match random.below(8) {
                    _ if is_exponent(name) => random.below(8) as f64 - 3.0,
                    0 => 0.0,
                    1 => [-1.0, 1.0, 2.0, -2.0][random.below(4)],
                    2 => random.between(-1000.0, 1000.0),
                    3 => random.between(0.0, 1.0),
                    _ => random.between(-2.5, 2.5),
                };
                (name.clone(), value)
            })
            .collect();
        let holds = law.condition.is_none_or(|(variable, known)| {
            let value = point.iter().find(|(name, _)| name == variable).expect("it stands on the left").1;
            match known {
                Requirement::NonZero => value != 0.0,
                Requirement::NotNegative => value >= 0.0,
                Requirement::NotPositive => value <= 0.0,
                Requirement::Positive => value > 0.0,
            }
        });
        if !holds {
            continue;
        }
        let x: Vec<f64> =
            point.iter().filter(|(name, _)| !is_exponent(name)).map(|(_, value)| *value).collect();
        let Some(left) = values(&function(law.left, &point), &x, &limits)[0] else { continue };
        told += 1;
        let right = values(&function(law.right, &point), &x, &limits)[0];
        if right != Some(left) {
            return Err(format!("{}: {left} becomes {right:?} at {point:?}", law.name));
        }
    }
    Ok(told)
}

#[test]
fn every_rule_is_right_wherever_its_left_side_is_defined() {
    for law in rewrite_rules() {
        let told = sample(law, 1000).unwrap_or_else(|wrong| panic!("{wrong}"));
        assert!(told >= 100, "{}: only {told} points say anything", law.name);
    }
}

#[test]
fn unsound_rules_are_reported() {
    for (left, right) in [
        ("(sqrt (powi ?a 2))", "?a"),
        ("(ln (* ?a ?b))", "(+ (ln ?a) (ln ?b))"),
        ("(/ ?a ?b)", "(/ 1 (/ ?b ?a))"),
        ("(pow (pow ?a ?x) ?y)", "(pow ?a (* ?x ?y))"),
        ("(asin (sin ?a))", "?a"),
        ("(sqrt (* ?a ?b))", "(* (sqrt ?a) (sqrt ?b))"),
        ("(abs ?a)", "?a"),
        ("(powi ?a 0)", "(/ ?a ?a)"),
        ("(sin (neg ?a))", "(sin ?a)"),
        ("(tanh ?a)", "(* 1 (/ (sinh ?a) (exp ?a)))"),
    ] {
        let law = RewriteRule { name: "planted", left, right, condition: None };
        assert!(sample(&law, 1000).is_err(), "{left} => {right} passes");
    }
}

/// a/a => 1 may not cross a branch: what stands in one that is not taken is no evidence.
#[test]
fn nothing_is_learnt_from_a_branch_that_is_not_taken() {
    use symbolic::{Limits, simplify};
    for (text, x, value) in [
        ("if(x == 0, 7, x/x)", 0.0, 7.0),
        ("if(x > 0, ln(x), 0) + abs(x)", -2.0, 2.0),
        ("if(x > 0, 1/x, sqrt(x^2))", -2.0, 2.0),
    ] {
        let f = syntax::parse(text).unwrap();
        let found = simplify(&f, &Limits::default()).function;
        assert_eq!(found.evaluate((), &[x]), [value], "{text} became {}", syntax::text(&found));
    }
}
