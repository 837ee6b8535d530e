//! `compare --want`: Jacobians, Hessians and products with vectors, in the terminal and for programs.

use super::run::{compare, json, numbers, refused, stdout};

const ROSENBROCK: &str = "sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)";

#[test]
fn the_document_is_that_of_the_contract() {
    let found = json(&["x^2*sin(y)", "--want", "hessian", "--at", "x=2,y=1", "--no-times"]);
    assert_eq!(
        (found["schema"].as_str(), found["want"].as_str()),
        (Some("chainrule/compare-matrix/1"), Some("hessian"))
    );
    assert_eq!(numbers(&found["shape"]), [2.0, 2.0]);
    assert!(found["pattern"].is_null());
    assert_eq!((found["verdict"].as_str(), found["counts"]["agree"].as_u64()), (Some("agree"), Some(4)));
    let point = &found["points"][0];
    assert_eq!(point["value"].as_f64(), Some(4.0 * 1f64.sin()));
    assert_eq!(point["components"].as_array().unwrap().len(), 4);
    let right = [2.0 * 1f64.sin(), 4.0 * 1f64.cos(), 4.0 * 1f64.cos(), -4.0 * 1f64.sin()];
    let reference = &point["reference"];
    assert_eq!(numbers(&reference["entries"]), right);
    assert!(reference["status"].as_array().unwrap().iter().all(|status| status == "certified"));
    assert!(reference.get("gradient").is_none());
    let strategies = point["strategies"].as_array().unwrap();
    let names: Vec<&str> = strategies.iter().map(|row| row["strategy"].as_str().unwrap()).collect();
    assert_eq!(names, ["numerical", "symbolic", "backprop"]);
    for row in strategies {
        for key in [
            "variant",
            "outcome",
            "components",
            "entries",
            "error_estimate",
            "ulp",
            "refused",
            "prepare_ns",
            "derivative_ns",
            "function_ns",
            "evaluations",
            "colours",
            "sweeps",
            "nodes",
            "bytes",
            "derivative",
        ] {
            assert!(row.get(key).is_some(), "{key}");
        }
        for (own, right) in numbers(&row["entries"]).iter().zip(right) {
            assert!((own - right).abs() < 1e-8, "{}: {own}, {right}", row["strategy"]);
        }
    }
    assert_eq!(numbers(&strategies[0]["error_estimate"]).len(), 4);
    assert_eq!(numbers(&strategies[2]["ulp"]).len(), 4);
    assert_eq!(strategies[1]["derivative"].as_array().unwrap().len(), 3); // the lower triangle
    assert_eq!(strategies[2]["sweeps"].as_u64(), Some(2));
}

#[test]
fn every_kind_has_its_shape() {
    let text = "f(x, y) = [x*y, x + y, y^2]";
    for (want, more, shape, entries) in [
        ("jacobian", &[][..], [3.0, 2.0], &[3.0, 2.0, 1.0, 1.0, 0.0, 6.0][..]),
        ("jvp", &["--along", "x=1,y=10"], [3.0, 1.0], &[23.0, 11.0, 60.0]),
        ("jvp", &["--along", "x=1,y=0", "--along", "x=0,y=2"], [3.0, 2.0], &[3.0, 4.0, 1.0, 2.0, 0.0, 12.0]),
        ("vjp", &["--weights", "1,10,0.5"], [1.0, 2.0], &[13.0, 15.0]),
        ("vjp", &["--weights", "1,0,0", "--weights", "0,0,-1"], [2.0, 2.0], &[3.0, 2.0, 0.0, -6.0]),
        ("hessian", &["--weights", "10,0,1"], [2.0, 2.0], &[0.0, 10.0, 10.0, 2.0]),
        ("hessian", &[], [2.0, 2.0], &[0.0, 1.0, 1.0, 2.0]),
        ("hessian-diagonal", &["--weights", "10,0,3"], [1.0, 2.0], &[0.0, 6.0]),
        ("hvp", &["--along", "x=1,y=2", "--weights", "10,0,1"], [2.0, 1.0], &[20.0, 14.0]),
    ] {
        let arguments = [&[text, "--want", want, "--at", "x=2,y=3", "--no-times"], more].concat();
        let found = json(&arguments);
        assert_eq!(numbers(&found["shape"]), shape, "{arguments:?}");
        assert_eq!(found["verdict"], "agree", "{arguments:?}");
        let point = &found["points"][0];
        assert_eq!(numbers(&point["value"]), [6.0, 5.0, 9.0]);
        assert_eq!(numbers(&point["reference"]["entries"]), entries, "{arguments:?}");
        assert_eq!(numbers(&point["strategies"][2]["entries"]), entries, "{arguments:?}");
    }
}

#[test]
fn tables_show_small_matrices_and_tell_of_large_ones() {
    let small = stdout(&["x^2*sin(y)", "--want", "hessian", "--at", "x=2,y=1", "--no-times"]);
    for words in [
        "hessian, 2 by 2",
        "∂²f/∂x²",
        "∂²f/∂y∂x",
        "∂²f/∂y²",
        "agree: of 4 entries, all, against certified ones",
        "colouring",
    ] {
        assert!(small.contains(words), "no {words:?} in\n{small}");
    }
    assert!(!small.contains("∂²f/∂x∂y "), "each pair once\n{small}");
    let at = format!("x=[{}]", ["1.5"; 20].join(","));
    let large = stdout(&[ROSENBROCK, "--size", "n=20", "--want", "hessian", "--at", &at, "--no-times"]);
    for words in [
        "hessian, 20 by 20",
        "58 of 400 entries are not 0",
        "none further than 1 from the diagonal",
        "… 200 more",
    ] {
        assert!(large.contains(words), "no {words:?} in\n{large}");
    }
    for text in [small, large] {
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
    let csv = stdout(&["x*y", "--want", "hessian", "--at", "x=2,y=1", "--no-times", "--format", "csv"]);
    assert_eq!(csv.lines().count(), 1 + 3 * 4, "{csv}");
    assert!(csv.contains("1,y,x,backprop,standard,agree,1,1,"), "{csv}");
}

#[test]
fn kinks_of_the_gradient_are_told() {
    let found = json(&["x*abs(x)", "--want", "hessian", "--at", "x=0", "--no-times"]);
    assert_eq!(
        (found["verdict"].as_str(), found["points"][0]["reference"]["status"][0].as_str()),
        (Some("kink"), Some("kink"))
    );
    let failing =
        compare(&["x*abs(x)", "--want", "hessian", "--at", "x=0", "--no-times", "--fail-on", "kink"]);
    assert_eq!(failing.status.code(), Some(1));
}

#[test]
fn what_is_asked_wrongly_is_refused_with_its_place() {
    let two = "[x*y, x + y]";
    refused(&["x*y", "--want", "hesse"], &["hesse", "hessian"]);
    refused(&["x*y", "--want", "hvp"], &["none is given", "--along"]);
    refused(&["x*y", "--want", "jvp"], &["none is given", "--along"]);
    refused(&["x*y", "--want", "hvp", "--along", "x=1"], &["no value for y", "^", "--along"]);
    refused(&["x*y", "--want", "hvp", "--along", "x=1,y=2,z=3"], &["z", "^", "--along"]);
    refused(
        &["x[1]*x[2]", "--want", "hvp", "--along", "x=[1,2,3]"],
        &["a list of 2 numbers", "a list of 3", "^"],
    );
    refused(&["x*y", "--want", "hessian", "--along", "x=1,y=2"], &["not for hessian"]);
    refused(&["x*y", "--along", "x=1,y=2"], &["not for gradient"]);
    refused(&["x*y", "--want", "hessian", "--weights", "1"], &["one output", "weights are for sums"]);
    refused(&[two, "--want", "hessian", "--weights", "1"], &["1 weight for 2 outputs", "^", "--weights"]);
    refused(&[two, "--want", "hessian", "--weights", "1,2,3"], &["3 weights for 2 outputs", "^"]);
    refused(&[two, "--want", "hessian", "--weights", "1,b"], &["b is no number", "^"]);
    refused(&[two, "--want", "hessian", "--weights", "1,2", "--weights", "3,4"], &["one list"]);
    refused(&[two, "--want", "vjp"], &["2 outputs", "--weights"]);
    refused(&[two, "--want", "jacobian", "--weights", "1,2"], &["not for jacobian"]);
    refused(
        &[ROSENBROCK, "--size", "n=20000", "--want", "hessian"],
        &["20 000 by 20 000", "400 000 000 entries", "budget"],
    );
}

#[test]
fn one_point_for_vjp_of_one_output_needs_no_weights() {
    let found = json(&["x^2*y", "--want", "vjp", "--at", "x=3,y=1", "--no-times"]);
    assert_eq!(numbers(&found["points"][0]["strategies"][2]["entries"]), [6.0, 9.0]);
}

#[test]
fn large_functions_keep_their_loops_and_products_are_held_against_each_other() {
    let arguments = [
        ROSENBROCK,
        "--size",
        "n=3000",
        "--want",
        "hvp",
        "--seed",
        "7",
        "--strategy",
        "symbolic",
        "--strategy",
        "backprop",
        "--no-times",
        "--reference-nodes",
        "0",
        "--simplify",
        "none",
    ];
    let along = format!(
        "x=[{}]",
        (0..3000).map(|k| if k % 2 == 0 { "1" } else { "-1" }).collect::<Vec<_>>().join(",")
    );
    let found = json(&[&arguments[..], &["--along", &along]].concat());
    assert_eq!(found["verdict"], "agree");
    assert_eq!(found["counts"]["agree"].as_u64(), Some(3000));
}
