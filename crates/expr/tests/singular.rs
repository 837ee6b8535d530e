//! Where operators are singular, counted without unrolling.

use expr::Function;

/// How often the function with its loops counts a singularity.
fn counted(f: &Function, at: &[f64]) -> f64 {
    match f.singularities_counted(|_| true).unwrap() {
        Some(counted) => counted.evaluate((), at)[1],
        None => 0.0,
    }
}

#[test]
fn branches_states_and_loops_are_counted_where_they_are_taken() {
    let read = |text: &str| syntax::parse(text).unwrap();
    for (text, at, count) in [
        ("sum(i, 1, 5, if(x[i] > 0, ln(x[i]), 1))", [1.0, 2.0, -3.0, 4.0, 5.0], 0.0),
        ("sum(i, 1, 5, if(i > 1, ln(x[i-1]), x[5]))", [1.0, 0.0, -3.0, 4.0, 5.0], 2.0),
        ("prod(i, 1, 5, sqrt(x[i]) + 1)", [0.0, 2.0, 0.0, 4.0, 5.0], 2.0),
        ("iterate(k, 1, 5, y, x[1], abs(y - k)*x[k])", [1.0, 2.0, 3.0, 4.0, 5.0], 1.0),
        ("iterate(k, 1, 5, (p, q), (x[1], x[2]), (q, abs(p)))[2] + x[5]", [0.0, 1.0, 1.0, 1.0, 1.0], 3.0),
        ("iterate(k, 1, 5, (p, q), (x[1], x[2]), (q, abs(p)))[2] + x[5]", [1.0, 0.0, 1.0, 1.0, 1.0], 0.0),
        ("iterate(k, 1, 4, (p, q), (x[1], x[2]), (q, abs(p)))[2] + x[5]", [1.0, 0.0, 1.0, 1.0, 1.0], 2.0),
        ("max(i, 1, 5, x[i])", [1.0, 5.0, 2.0, 5.0, 4.0], 1.0),
        ("max(i, 1, 5, x[i])", [1.0, 5.0, 2.0, 4.0, 3.0], 0.0),
        ("let h[i: 1..5] = abs(x[i]); sum(i, 1, 5, h[i]*h[i])", [0.0, 1.0, 2.0, 3.0, 4.0], 2.0),
        ("sum(i, 1, 5, x[i]^2 + 1/(1 + x[i]^2) + x[i]^0)", [0.0, 1.0, 2.0, 3.0, 4.0], 0.0),
    ] {
        assert_eq!(counted(&read(text), &at), count, "{text} at {at:?}");
    }
}
