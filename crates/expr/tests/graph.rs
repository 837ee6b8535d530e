//! What the graph promises, seen from outside its modules.

use expr::graph::{AxisRange, Role};
use expr::index::{Index, Symbol};
use expr::{Builder, Calculus, Constant, Expr, Fold, Function, Op, Scalar, Style, UnrollError};
use syntax::{parse, text};

/// `sum(i, 1, n, x[i]²·i)`.
fn weighted_squares() -> Function {
    Function::build(|g| {
        let i = g.axis("i", &[]);
        let n = g.size("n");
        let x = g.block("x", 1, Role::Variable);
        let at_i = g.read(x, &[Symbol::Axis(i).into()]);
        let body = at_i.square() * g.symbol(Symbol::Axis(i));
        vec![g.reduce(Fold::Sum, AxisRange { axis: i, low: 1.into(), high: n.into() }, body)]
    })
}

#[test]
fn every_subexpression_occurs_once() {
    let f = Function::build(|g| {
        let (x, y) = (g.input("x"), g.input("y"));
        vec![(x + y) * (x + y) + (x + y).sin()]
    });
    assert_eq!(f.graph().len(), 6);
}

#[test]
fn rolled_and_unrolled_are_the_same_function() {
    let f = weighted_squares().with_sizes(&[("n", 300)]).unwrap();
    let flat = f.unroll(10_000).unwrap();
    assert!(flat.is_flat() && !f.is_flat());
    let x: Vec<f64> = (0..300).map(|k| 0.1 + 0.01 * k as f64).collect();
    assert_eq!(f.evaluate((), &x)[0].to_bits(), flat.evaluate((), &x)[0].to_bits());
    assert_eq!(flat.input_names()[299], "x[300]");
}

#[test]
fn iteration_carries_states_at_once() {
    // (p, v) <- (v, p + v): Fibonacci numbers, wrong if states were replaced one after another.
    let f = Function::build(|g| {
        let k = g.axis("k", &["p", "v"]);
        let (p, v) = (g.state(k, 0), g.state(k, 1));
        let range = AxisRange { axis: k, low: 1.into(), high: 10.into() };
        let start = [g.lift(&Constant::Integer(0)), g.input("one")];
        vec![g.iterate(range, &start, &[v, p + v])[0]]
    });
    assert_eq!(f.evaluate((), &[1.0]), [55.0]);
    assert_eq!(f.unroll(1000).unwrap().evaluate((), &[1.0]), [55.0]);
}

#[test]
fn triangular_ranges_see_outer_axes() {
    // sum(i, 1, 4, sum(j, i+1, 4, x[i]·x[j])): all pairs.
    let f = Function::build(|g| {
        let (i, j) = (g.axis("i", &[]), g.axis("j", &[]));
        let x = g.block("x", 1, Role::Variable);
        let at = |axis| g.read(x, &[Symbol::Axis(axis).into()]);
        let low = Index::from(Symbol::Axis(i)).plus(&1.into()).unwrap();
        let inner = g.reduce(Fold::Sum, AxisRange { axis: j, low, high: 4.into() }, at(i) * at(j));
        vec![g.reduce(Fold::Sum, AxisRange { axis: i, low: 1.into(), high: 4.into() }, inner)]
    });
    assert_eq!(f.evaluate((), &[1.0, 2.0, 3.0, 4.0]), [35.0]);
}

#[test]
fn budgets_are_counted_before_building() {
    let f = weighted_squares().with_sizes(&[("n", 1_000_000_000_000)]).unwrap();
    assert!(matches!(f.unroll(1000), Err(UnrollError::TooLarge { budget: 1000, .. })));
    assert_eq!(weighted_squares().unroll(1000).err(), Some(UnrollError::Unbound { size: "n".into() }));
}

#[test]
fn index_zero_is_refused() {
    let f = Function::build(|g| {
        let i = g.axis("i", &[]);
        let x = g.block("x", 1, Role::Variable);
        let before = Index::from(Symbol::Axis(i)).minus(&1.into()).unwrap();
        let body = g.read(x, &[before]);
        vec![g.reduce(Fold::Sum, AxisRange { axis: i, low: 1.into(), high: 3.into() }, body)]
    });
    assert!(matches!(f.unroll(100), Err(UnrollError::IndexOutOfRange { index: 0, .. })));
}

#[test]
fn an_axis_bound_twice_means_the_inner_one() {
    // sum(i, 1, 3, i·10·sum(i, 1, i, i² )): the inner bound sees the outer i, the inner body its own.
    let f = Function::build(|g| {
        let i = g.axis("i", &[]);
        let value = g.symbol(Symbol::Axis(i));
        let to = |high: Index| AxisRange { axis: i, low: 1.into(), high };
        let inner = g.reduce(Fold::Sum, to(Symbol::Axis(i).into()), value * value);
        vec![g.reduce(Fold::Sum, to(3.into()), inner * (value * value) + value)]
    });
    // i = 1: 1·1 + 1; i = 2: 5·4 + 2; i = 3: 14·9 + 3.
    assert_eq!(f.evaluate::<f64>((), &[]), [2.0 + 22.0 + 129.0]);
    assert_eq!(f.unroll(1000).unwrap().evaluate::<f64>((), &[]), [153.0]);
}

#[test]
#[should_panic(expected = "different graphs")]
fn graphs_are_not_mixed() {
    let (a, b) = (Builder::new(Style::Written), Builder::new(Style::Written));
    let _ = a.input("x") + b.input("x");
}

#[test]
fn only_exact_folds_are_made() {
    let count = |write: fn(&Builder) -> Expr<'_>| {
        let builder = Builder::new(Style::Written);
        let id = write(&builder).id();
        builder.finish(vec![id]).graph().len()
    };
    let c = |g: &'static str| Constant::parse(g).unwrap();
    assert_eq!(count(|g| g.constant(1.0) + 2.0), 1);
    assert_eq!(count(|g| g.constant(0.5) * 0.25), 1);
    assert_eq!(count(|g| g.constant(0.1) + 0.2), 3);
    assert_eq!(count(|g| g.constant(0.3) - 0.2), 3);
    assert_eq!(count(|g| g.constant(2.0) / 7.0), 3);
    assert_eq!(count(|g| g.input("x") + 0.0), 2 + 1);
    assert_eq!(count(|g| g.input("x") * 1.0), 1);
    assert_eq!(count(|g| -(-g.input("x"))), 1);
    assert_eq!(count(|g| g.constant(f64::INFINITY) * g.input("x")), 5);
    assert_eq!(c("1.0"), c("1"));
}

#[test]
fn rules_over_handles_are_formulas() {
    // The derivative of ln(x) is 1/x, with the upstream 1 gone.
    let builder = Builder::new(Style::Derived);
    let x = builder.input("x");
    let one = Expr::lift(&builder, &Constant::Integer(1));
    let mut slope = None;
    Op::Ln.pull_back(1, &[x], &x.ln(), &one, |_: usize, gradient: Expr<'_>| slope = Some(gradient.id()));
    let f = builder.finish(vec![slope.unwrap()]);
    assert_eq!(f.graph().len(), 3);
    assert_eq!(f.evaluate((), &[4.0]), [0.25]);
}

#[test]
fn what_indices_exclude_is_not_read() {
    let at = |text: &str, n: i64, point: &[f64]| {
        let f = parse(text).unwrap();
        let f = if f.graph().sizes().is_empty() { f } else { f.with_sizes(&[("n", n)]).unwrap() };
        let flat = f.unroll(1000).unwrap();
        let values = flat.evaluate((), point);
        assert_eq!(f.evaluate((), point), values, "{text}");
        values
    };
    // A stencil with its ends: x has no element 0, and none beyond n.
    let stencil = "sum(i, 1, n, (if(i > 1, x[i-1], 0) - 2*x[i] + if(i < n, x[i+1], 0))^2)";
    assert_eq!(at(stencil, 3, &[1.0, 2.0, 4.0]), [0.0 + 1.0 + 36.0]);
    // What is read elsewhere too, is read.
    assert_eq!(at("sum(i, 1, 2, if(i < 2, x[i+1], 0)) + sum(i, 1, 2, x[i+1])", 0, &[1.0, 2.0, 3.0]), [7.0]);
    // What two branches read is read where one of them is taken.
    assert_eq!(at("sum(i, 1, 3, if(i > 2, x[i-2], 0) + if(i == 2, x[i], x[1])*x[1])", 0, &[1.0, 2.0]), [5.0]);
    let two = "sum(i, 1, 3, if(i > 2, x[i-2], 0) + if(i > 1, if(i < 3, 1/x[i-1], x[i-2]), 0))";
    assert_eq!(at(two, 0, &[2.0]), [4.5]);
    // A condition on an axis further out, and one that decides a whole sum.
    assert_eq!(at("sum(i, 1, 2, if(i > 1, sum(k, 1, 2, A[i-1,k]), 0))", 0, &[1.0, 2.0]), [3.0]);
    assert_eq!(at("if(n > 2, x[n-2], x[n])", 2, &[1.0, 2.0]), [2.0]);
    assert_eq!(at("if(n > 2, x[n-2], x[n])", 3, &[1.0]), [1.0]);
    // One node for all rounds is needed by some of them.
    assert_eq!(at("sum(i, 1, 3, if(i > 2, x[n], 0)*i)", 2, &[0.0, 5.0]), [15.0]);
    // A loop whose body another loop shares, and reads elsewhere.
    let shared = "t(k) = x[k-1]; if(n >= 3, prod(k, n-1, 3, t(k)), 1)*prod(k, 2, 4, t(k))";
    assert_eq!(at(shared, 1, &[2.0, 3.0, 5.0]), [30.0]);
    assert_eq!(at(shared, 3, &[2.0, 3.0, 5.0]), [180.0]);
    let rounds = "sum(i, 1, 2, if(i > 1, iterate(k, i-1, 2, (u, v), (1, a), (v, u + x[k]))[2], 0))";
    assert_eq!(at(rounds, 0, &[9.0, 1.0, 2.0]), [11.0]);
    // Integers that stand for indices decide, other constants do not: what was printed reads back.
    assert_eq!(at("t(k) = if(k > 1, x[k-1], 0); t(1) + t(2)", 0, &[3.0]), [3.0]);
    let kept = parse("if(2^(3^512) == 0, 0, x[2]) + if(1/3 == 0, 0, x[2])").unwrap().unroll(1000).unwrap();
    assert_eq!(text(&kept).matches("if(").count(), 2, "{}", text(&kept));
    // A condition under another binding of its axis says nothing about the axis further in.
    let f = "sum(i, 1, 3, if(i > 2, sum(i, 1, 2, if(i < 2, y[i], x[i-1])), 1))";
    assert_eq!(at(f, 0, &[5.0, 7.0]), [14.0]);
    for text in ["sum(i, 1, 3, if(x[i] > 1, x[i-1], 0))", "sum(i, 1, 3, if(i > 1, 1, x[i-1]))"] {
        assert!(
            matches!(parse(text).unwrap().unroll(1000), Err(UnrollError::IndexOutOfRange { .. })),
            "{text}"
        );
    }
}

#[test]
fn inputs_of_functions_with_loops_are_those_of_the_unrolled_function() {
    for text in ["sum(i, 1, n, x[i]*W[i,2]) + y", "iterate(k, 1, n, y, x, y*a[k])", "x[3] + sum(i, 1, n, 2)"]
    {
        let f = parse(text).unwrap().with_sizes(&[("n", 4)]).unwrap();
        let flat = f.unroll(1000).unwrap();
        assert_eq!(f.input_count(), flat.input_count(), "{text}");
        assert_eq!(f.input_names(), flat.input_names(), "{text}");
    }
}

#[test]
#[should_panic(expected = "the size n has no value")]
fn inputs_that_a_size_without_value_decides_are_not_counted() {
    parse("sum(i, 1, n, x[i])").unwrap().input_count();
}

#[test]
fn a_function_of_a_billion_nodes_is_refused_at_any_budget() {
    let f = parse("prod(i, 1, 1000000000000, x)").unwrap();
    let refused = f.unroll(u64::MAX).unwrap_err();
    assert!(matches!(refused, UnrollError::TooLarge { .. } | UnrollError::OutOfMemory { .. }), "{refused}");
}
