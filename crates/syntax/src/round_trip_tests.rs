//! What is printed reads back as the same graph: random functions over the whole language.
//!
//! Many of them: `PROPTEST_CASES=20000 cargo test --release -p chainrule-expr round_trip`.

use proptest::prelude::*;

use super::parse;
use expr::Function;

/// An expression over the inputs `x`, `y`, `v[·]`, `W[·,·]`, the size `n`, and the index variables and states that may be
/// bound around it; names are bound again on purpose.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "x",
            "y",
            "n",
            "i",
            "k",
            "s",
            "t",
            "v[1]",
            "v[i]",
            "v[k+1]",
            "v[n-i+1]",
            "W[1,i]",
            "W[k,i]",
            "u[i]",
            "u[k+1]",
            "w[2, i]",
            "w[n, k]",
            "norm(v)",
            "dot(u, v)",
            "sum(w)",
            "(w*u)[2]",
            "beta",
            "p'",
            "2",
            "0",
            "1",
            "-3",
            "0.5",
            "-0.0",
            "1e300",
            "pi",
            "e",
            "2.0",
            "100000000000000000000",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(6, 60, 4, |inner| {
        let one = inner.clone();
        let two = (inner.clone(), inner.clone());
        let three = (inner.clone(), inner.clone(), inner.clone());
        let binary = prop::sample::select(vec![
            "+", "-", "*", "/", "^", "**", "<", "<=", "==", "!=", "and", "or", "·", "−",
        ]);
        prop_oneof![
            4 => (two.clone(), binary).prop_map(|((a, b), sign)| format!("({a}) {sign} ({b})")),
            2 => (one.clone(), prop::sample::select(vec![
                "-", "not ", "sin", "abs", "sqrt", "exp", "ln", "f", "f'", "g", "log2", "tanh", "floor", "√", "+",
            ])).prop_map(|(a, name)| format!("{name}({a})")),
            1 => one.clone().prop_map(|a| format!("|{}|", a.replace('|', ""))).prop_filter("bars in bars", |text| !text[1..text.len() - 1].contains('|')),
            1 => (one.clone(), prop::sample::select(vec!["^2", "^(-3)", "^k", "^(i - 2*n)", "^(n + 1)", "^0.5", "²", "^(-0)"]))
                .prop_map(|(a, power)| format!("({a}){power}")),
            1 => (two.clone(), prop::sample::select(vec!["max", "min", "pow", "hypot", "h", "atan2", "log"]))
                .prop_map(|((a, b), name)| format!("{name}({a}, {b})")),
            1 => three.clone().prop_map(|(a, b, c)| format!("if({a}, {b}, {c})")),
            1 => three.clone().prop_map(|(a, b, c)| format!("select(({a}) < ({b}), {c}, 0)")),
            1 => two.clone().prop_map(|(a, b)| format!("sum([{a}, {b}, 1])")),
            1 => (one.clone(), prop::sample::select(vec!["sum(i, 1, n, ", "sum(k, 1, n-1, ", "sum(i, k, 3, ", "prod(i, 1, 2, ", "sum(x, 1, 2, "]))
                .prop_map(|(a, head)| format!("{head}{a})")),
            1 => two.clone().prop_map(|(a, b)| format!("iterate(k, 1, n, s, {a}, {b})")),
            1 => three.clone().prop_map(|(a, b, c)| format!("iterate(k, 1, 2, (s, t), ({a}, {b}), ({c}, s))[2]")),
            1 => (one.clone(), prop::sample::select(vec!["max(i, 1, n, ", "min(k, 2, n, ", "max([i: 1..3] ", "mean(i, 1, 3, ", "sum([k: 0..n] ", "logsumexp([i: 1..2] "]))
                .prop_map(|(a, head)| format!("{head}{a})")),
            1 => (one.clone(), prop::sample::select(vec!["i", "k", "2"])).prop_map(|(a, at)| format!("([i: 1..3] {a})[{at}]")),
            1 => two.clone().prop_map(|(a, b)| format!("iterate(k, 1, n, z[i: 1..3], {a}, {b} + z[i])[2]")),
            1 => two.clone().prop_map(|(a, b)| format!("iterate(k, 1, 2, (z[j: 1..3], s), (u[j], {a}), (z[j]*s, {b} + z[1]))[2]")),
            1 => two.clone().prop_map(|(a, b)| format!("sum(scan(k, 1, 3, s, {a}, {b}))")),
            1 => three.clone().prop_map(|(a, b, c)| format!("scan(k, 1, 3, (s, z[i: 1..2]), ({a}, x), ({b}, {c}*z[i]))[2, i, 1]")),
            1 => (one.clone(), prop::sample::select(vec!["x", "y", "v[1]", "v[n]", "x, 2"]))
                .prop_map(|(a, by)| format!("diff({a}, {by})")),
            1 => one.prop_map(|a| format!("3({a})")),
        ]
    })
}

fn program() -> impl Strategy<Value = String> {
    let definitions = (expression(), expression(), expression(), expression(), expression(), expression());
    (
        definitions,
        expression(),
        prop::sample::select(vec![
            "", "L(y, x) = ", "L(v[n], y) = ", "F(W[3, n], x[2]) = ", "q = ", "[i: 1..n, k: 1..i] ", "2*u + ",
        ]),
    )
        .prop_map(|((f, g, h, q, u, w), body, header)| {
            format!(
                "f(t) = {f}\ng(s) = {g}\nh(x, beta) = {h}\nlet u[i: 1..3] = {u}\nlet w[k: 1..n, i: 1..3] = {w}\nlet q' = {q}\n{header}{body}"
            )
        })
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn printed_text_is_the_same_graph(text in program()) {
        let Ok(f) = parse(&text) else { return Err(TestCaseError::reject("not read")) };
        if f.graph().len() > 3_000 {
            return Ok(());
        }
        check(&f, &text)?;
        let sizes: Vec<(&str, i64)> = f.graph().sizes().iter().map(|size| (size.as_str(), 3)).collect();
        if let Ok(flat) = f.with_sizes(&sizes).unwrap().unroll(3_000) {
            check(&flat, &text)?;
        }
    }
}

fn check(f: &Function, text: &str) -> Result<(), TestCaseError> {
    let printed = crate::text(f);
    let again = parse(&printed)
        .map_err(|error| TestCaseError::fail(format!("{text}\nprinted\n{printed}\n{error}")))?;
    let sizes: Vec<(&str, i64)> =
        { again.graph().sizes().iter() }.filter_map(|size| Some((size.as_str(), f.size(size)?))).collect();
    let same = again.with_sizes(&sizes).is_ok_and(|again| again.same_graph(f));
    prop_assert!(same, "{text}\nprinted\n{printed}\nread\n{}", crate::text(&again));
    prop_assert!(f.name().is_none() || again.name() == f.name(), "{}", printed);
    Ok(())
}
