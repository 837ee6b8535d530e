//! Functions that are too large to be unrolled: what keeps their loops answers, and what was certified of them is said.

use super::run::{json, numbers, stdout};

#[test]
fn loops_are_compared_without_unrolling() {
    let found = json(&["sum(i, 1, n, sin(x)*i)", "--size", "n=10000000", "--at", "x=1", "--no-times"]);
    let point = &found["points"][0];
    let expected = 1f64.cos() * 1e7 * (1e7 + 1.0) / 2.0;
    for strategy in point["strategies"].as_array().unwrap() {
        match strategy["strategy"].as_str().unwrap() {
            "symbolic" => assert_eq!(strategy["refused"]["unit"], "nodes"),
            _ => assert!((numbers(&strategy["gradient"])[0] / expected - 1.0).abs() < 1e-9),
        }
    }
    assert_eq!((&found["verdict"], &point["sampled"]), (&"agree".into(), &serde_json::Value::Null));
}

#[test]
fn one_answer_has_no_digits_in_common() {
    let alone =
        stdout(&["sin(x)", "--at", "x=1", "--reference-nodes", "0", "--strategy", "backprop", "--no-times"]);
    assert!(alone.contains("unchecked: nothing to compare") && !alone.contains("digits"), "{alone}");
    let two = stdout(&[
        "sin(x)",
        "--at",
        "x=1",
        "--reference-nodes",
        "0",
        "--strategy",
        "backprop",
        "--strategy",
        "symbolic",
        "--no-times",
    ]);
    assert!(two.contains("digits in common"), "{two}");
}

#[test]
fn certified_components_are_listed_with_their_names() {
    let arguments = ["sum(i, 1, n, x[i]^3*y)", "--size", "n=300000", "--domain", "1..2", "--no-times"];
    let found = json(&[&arguments[..], &["--strategy", "backprop"]].concat());
    let point = &found["points"][0];
    let sampled = point["sampled"].as_array().unwrap();
    let (x, y) = (&numbers(&point["at"])[..300_000], numbers(&point["at"])[300_000]);
    assert_eq!(sampled.len(), 4);
    for one in sampled {
        let name = one["component"].as_str().unwrap();
        let k: usize = name["x[".len()..name.len() - 1].parse().unwrap();
        let slope = numbers(&serde_json::Value::from(vec![one["gradient"].clone()]))[0];
        assert!((slope / (3.0 * x[k - 1].powi(2) * y) - 1.0).abs() < 1e-15, "{name}: {slope}");
        assert_eq!((&one["status"], &point["components"][k - 1]), (&"certified".into(), &"agree".into()));
    }
    assert!(
        point["note"].as_str().unwrap().contains("4 of 300001 components are certified"),
        "{}",
        point["note"]
    );
    assert_eq!(point["components"][300_000], "unchecked");
}
