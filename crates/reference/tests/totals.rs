//! What certificates say beside the components: total derivatives, values, and the kind of a kink of many terms.

use reference::{Certificate, Component, KinkKind, Limits, Total, certify, values};

fn at(text: &str, x: &[f64]) -> Certificate {
    certify(&syntax::parse(text).unwrap(), x, &Limits::default())
}

#[test]
fn total_derivatives_exist_or_not_or_are_not_known() {
    for (text, x, total) in [
        ("x*y", &[1.0, 2.0][..], Total::Yes),
        ("exp(x) + y", &[1000.0, 1.0], Total::Yes),
        ("sin(x)/x", &[0.0], Total::Yes),
        ("max(x, y)", &[1.0, 1.0], Total::No),
        ("abs(x) + y", &[0.0, 1.0], Total::No),
        ("ln(x)", &[-1.0], Total::No),
        // At the end of a domain there is one side only, and of several inputs axes do not tell all.
        ("sqrt(x)^3", &[0.0], Total::Unknown),
        ("sin(x)/x + y", &[0.0, 1.0], Total::Unknown),
        ("x*sin(1/x)", &[0.0], Total::Unknown),
    ] {
        assert_eq!(at(text, x).totals, [total], "{text} at {x:?}");
    }
}

#[test]
fn an_extreme_of_many_terms_has_a_tie() {
    for text in ["max([x, 2*x, -3])", "min([x, 2*x, 3])", "max(x, 2*x)"] {
        let found = at(text, &[0.0]).gradients.remove(0).remove(0);
        assert!(matches!(found, Component::Kink { kind: KinkKind::Tie, .. }), "{text}: {found:?}");
    }
}

#[test]
fn what_is_no_number_has_no_value() {
    for x in [f64::NAN, f64::INFINITY] {
        let f = syntax::parse("f(x, y) = [x + y, y]").unwrap();
        assert_eq!(values(&f, &[x, 1.0], &Limits::default()), [None, None]);
        let found = certify(&f, &[x, 1.0], &Limits::default());
        assert_eq!((found.values, found.value_limits, found.bits), (vec![None; 2], vec![None; 2], 0));
        assert_eq!(found.totals, [Total::Unknown; 2]);
        assert_eq!(found.gradients, vec![vec![Component::Undefined { node: None }; 2]; 2]);
    }
}
