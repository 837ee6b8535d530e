//! What the program says of a function at a point: words, notes and advice.

use std::process::Command;

use super::run::{compare, json, numbers, refused, stdout};
use serde_json::Value;

#[test]
fn digits_that_all_are_lost_are_explained() {
    let text = disagreeing(&["(1 - cos(x))/x^2", "--at", "x=1e-6"]);
    for word in [
        "f itself loses digits, at 1 - cos(x)",
        "disagree: symbolic and backprop contradict the derivative by x",
        "backprop=accurate",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let accurate = ["--variant", "backprop=accurate", "--strategy", "backprop"];
    let with = |x: &'static str| [&["(1 - cos(x))/x^2", "--at", x], &accurate[..]].concat();
    let text = on_one_line(&stdout(&with("x=1e-5")));
    assert!(text.contains("agree: ") && text.contains("use backprop"), "{text}");
    let worse = disagreeing(&with("x=1e-9"));
    assert!(worse.contains("write f so that less cancels"), "{worse}");
}

/// What is printed where a strategy disagrees, on one line.
fn disagreeing(arguments: &[&str]) -> String {
    let output = compare(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    on_one_line(&String::from_utf8(output.stdout).unwrap())
}

/// A text without the line breaks that the width of the terminal makes.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The notes of the first point.
fn notes(arguments: &[&str]) -> Vec<String> {
    let text = String::from_utf8(compare(arguments).stdout).unwrap();
    // A note goes on in indented lines.
    let text = text.replace("\n      ", " ");
    text.lines().filter_map(|line| line.strip_prefix("note: ")).map(str::to_owned).collect()
}

#[test]
fn notes_name_the_node_that_is_singular() {
    let of = |text: &str, at: &str| notes(&[text, "--at", at]).join("\n");
    assert!(of("exp(x)", "x=710").contains("overflow of the derivative by x"));
    // Literals are never named as if they were variables.
    let found = of("ln(x*1e300*1e300)", "x=2");
    assert!(found.contains("x*1e300*1e300 leads beyond the largest double"), "{found}");
    let found = of("sqrt(x[9]^2 + x[10]^2)", "x=[0,0,0,0,0,0,0,0,1e200,1e200]");
    assert!(found.contains("by x[9]: x[9]^2 leads beyond"), "{found}");
    // However small a jump is.
    assert!(of("1e-20*floor(x)", "x=2").contains("jump by x at floor(x)"));
}

#[test]
fn notes_are_short_and_say_each_thing_once() {
    let found = notes(&["iterate(k, 1, 60, y, x, 4*y*(1 - y))", "--at", "x=0.3"]);
    assert!((1..=3).contains(&found.len()), "{found:?}");
    assert!(found.iter().all(|note| note.chars().count() < 300 && !note.contains("f(")), "{found:?}");
    let found = notes(&["((1e20 + x) - 1e20)*x*y", "--at", "x=3,y=2", "--variant", "symbolic=reverse"]);
    let said = |note: &&String| {
        note.starts_with("symbolic and backprop by") && note.contains("f itself loses digits")
    };
    assert_eq!(found.iter().filter(said).count(), 1, "{found:?}");
}

#[test]
fn unusual_functions_are_answered() {
    // Nothing to differentiate.
    let found = json(&["1 + sin(2)"]);
    assert_eq!((&found["verdict"], &found["inputs"]), (&"agree".into(), &serde_json::json!([])));
    // Beginning with a minus; a word that is a subcommand.
    assert_eq!(json(&["-x^2", "--at", "x=3"])["points"][0]["value"], -9.0);
    assert_eq!(json(&["(trace)", "--at", "trace=3"])["inputs"], serde_json::json!(["trace"]));
    // Several outputs: rows.
    let found = json(&["[x*y, x + y]", "--at", "x=2,y=3"]);
    let point = &found["points"][0];
    assert_eq!((numbers(&point["value"]), found["outputs"].as_u64()), (vec![6.0, 5.0], Some(2)));
    assert_eq!(numbers(&point["strategies"][2]["gradient"]), [3.0, 2.0, 1.0, 1.0]);
    // Among them a constant.
    assert_eq!(json(&["f(x) = [0.75, 2*pi, x^2]", "--at", "x=2"])["verdict"], "agree");
    // Vectors, sizes, negative points, constant expressions.
    let found = json(&["sum(i, 1, n, x[i]^2)", "--size", "n=3", "--at", "x=[1,-2,pi/2]"]);
    assert_eq!(found["inputs"], serde_json::json!(["x[1]", "x[2]", "x[3]"]));
    assert_eq!(numbers(&found["points"][0]["strategies"][2]["gradient"]), [2.0, -4.0, std::f64::consts::PI]);
    // One strategy alone is not checked by anything.
    let alone = ["x^2", "--at", "x=1", "--strategy", "backprop", "--reference-nodes"];
    assert_eq!(json(&[&alone[..], &["0"]].concat())["verdict"], "unchecked");
    assert_eq!(json(&[&alone[..], &["100"]].concat())["verdict"], "agree");
    // A family.
    assert_eq!(json(&["rosenbrock", "--size", "n=4"])["inputs"].as_array().unwrap().len(), 4);
}

#[test]
fn kinks_and_edges_get_their_word_and_status_0() {
    for (text, at, word) in [
        ("abs(x)", "x=0", "kink"),
        ("relu(x)", "x=-0.0", "kink"),
        ("max(x, y)", "x=1,y=1", "kink"),
        ("clamp(x, 0, 1)", "x=1", "kink"),
        ("floor(x)", "x=2", "kink"),
        ("if(x < 0, -x, x)", "x=0", "kink"),
        ("hypot(x, y)", "x=0,y=0", "kink"),
        ("1/x", "x=0", "undefined"),
        ("ln(x)", "x=-1", "undefined"),
        ("sqrt(x)", "x=0", "undefined"),
        ("cbrt(x)", "x=0", "undefined"),
        ("asin(x)", "x=1", "undefined"),
        ("acosh(x)", "x=1", "undefined"),
        ("x^y", "x=0,y=0", "undefined"),
        ("atan2(y, x)", "x=0,y=0", "undefined"),
        ("x", "x=nan", "undefined"),
        ("exp(x)", "x=inf", "undefined"),
        ("exp(x)", "x=1000", "overflow"),
    ] {
        let found = json(&[text, "--at", at]);
        assert_eq!(found["verdict"], word, "{text} at {at}");
        for strategy in found["points"][0]["strategies"].as_array().unwrap() {
            assert_eq!(strategy["outcome"], word, "{text} at {at}");
        }
        assert!(!found["points"][0]["note"].is_null(), "{text} at {at}: why?");
        // Exit status 1 where the word is asked for, and not for another.
        let status =
            |words: &str| compare(&[text, "--at", at, "--no-times", "--fail-on", words]).status.code();
        assert_eq!((status(&format!("disagree,{word}")), status("disagree")), (Some(1), Some(0)), "{text}");
    }
    refused(&["x", "--at", "x=1", "--fail-on", "kinks"], &["kinks"]);
    // A branch cut is a jump.
    assert_eq!(
        json(&["atan2(y, x)", "--at", "y=0,x=-1", "--strategy", "backprop"])["points"][0]["reference"]["status"]
            [0],
        "kink"
    );
    // A component that does not depend on the place is compared as usual; the worst word wins.
    let found = json(&["abs(x) + y^2", "--at", "x=0,y=3"]);
    assert_eq!(found["verdict"], "kink");
    assert_eq!(found["counts"], serde_json::json!({"agree": 1, "kink": 1}));
    assert_eq!(found["points"][0]["components"], serde_json::json!(["kink", "agree"]));
}

#[test]
fn the_reference_decides_who_is_right() {
    // In doubles f is 0 all around; egg would reuse f for a factor of its derivative, and lose every digit of it.
    let found = json(&["1-sigmoid(x)", "--at", "x=50"]);
    let point = &found["points"][0];
    assert_eq!(found["verdict"], "agree", "{point}");
    assert_eq!(point["reference"]["status"][0], "certified");
    let certified = numbers(&point["reference"]["gradient"])[0];
    assert!((certified / -1.9287498479639178e-22 - 1.0).abs() < 1e-15, "{certified:e}");
    for strategy in &point["strategies"].as_array().unwrap()[1..] {
        assert!(numbers(&strategy["ulp"])[0] <= 4.0, "{strategy}");
    }
    // Sums of logarithms are not made logarithms of products that underflow.
    let found = json(&["(ln(a)+ln(b))*c", "--at", "a=1e-170,b=1e-170,c=2"]);
    assert_eq!(found["verdict"], "agree");
    // What doubles cannot see.
    let found = compare(&["((1e100 + x) - 1e100)^2", "--at", "x=1", "--format", "json"]);
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(numbers(&found["points"][0]["reference"]["gradient"]), [2.0]);
    // Kinks with their hull; none above the limit.
    let reference = &json(&["abs(x)*3", "--at", "x=0"])["points"][0]["reference"];
    assert_eq!((&reference["status"][0], numbers(&reference["hull"][0])), (&"kink".into(), vec![-3.0, 3.0]));
    let found = json(&["sum(i, 1, 40, x[i]^2)", "--reference-nodes", "50"]);
    assert!(found["points"][0]["reference"].is_null());
    assert!(
        found["points"][0]["note"]
            .as_str()
            .unwrap()
            .contains("no certified reference: the function has more nodes")
    );
}

#[test]
fn noise_in_f_is_no_disagreement() {
    for (text, at) in [
        ("(x+1e6)^2-1e12", "x=0.3"),
        ("sqrt(x+1)-sqrt(x)", "x=1e12"),
        ("sin(1e8*x)", "x=1"),
        ("abs(x-y)", "x=1,y=1.0000001"),
        // Three contributions to x: another order of their sum loses what this one keeps.
        ("1/(2+(cos(x^2)-(x+(-x)))^2)", "x=-0.0024336080678759443"),
    ] {
        assert_ne!(json(&[text, "--at", at])["verdict"], "disagree", "{text} at {at}");
    }
    // The sine of 10^263 has no right digit, and no double-precision method has one.
    let text = disagreeing(&["sin(exp(x))*(cos(x)/x)^2", "--at", "x=606.4722559218851"]);
    assert!(text.contains("no double-precision method can do better"), "{text}");
    assert!(!text.contains("accurate"), "{text}");
}

#[test]
fn what_is_over_budget_is_refused_and_shown() {
    let found =
        json(&["iterate(k, 1, 60, y, x, y + sin(y)*y/9)", "--at", "x=0.5", "--variant", "symbolic=textbook"]);
    let symbolic = &found["points"][0]["strategies"][1];
    assert_eq!((&symbolic["outcome"], &found["verdict"]), (&"refused".into(), &"agree".into()));
    assert!(symbolic["refused"]["needed"].as_f64().unwrap() > 1e24, "{symbolic}");
    assert_eq!(symbolic["refused"]["unit"], "nodes");
    assert!(symbolic["gradient"].is_null());
}

#[test]
fn simplification_can_be_chosen_and_says_what_it_did() {
    let plain = ["sin(x)^2*y + cos(x)^2*y", "--at", "x=1,y=2", "--strategy", "symbolic", "--explain"];
    let with = |how: &str| stdout(&[&plain[..], &["--simplify", how]].concat());
    for how in ["fast", "accurate"] {
        let shown = with(how);
        assert!(
            shown.contains("auto+egg") && shown.contains("windows: ") && shown.contains("e-nodes in"),
            "{shown}"
        );
    }
    let shown = with("none");
    assert!(!shown.contains("egg") && !shown.contains("windows: "), "{shown}");
    let refused = Command::new(env!("CARGO_BIN_EXE_compare"))
        .args(plain)
        .args(["--simplify", "best"])
        .output()
        .unwrap();
    assert!(refused.status.code() == Some(2) && refused.stdout.is_empty());
}

#[test]
fn partial_derivatives_without_a_total_one_are_told_so() {
    let args = ["x*y/sqrt(x^2+y^2)", "--at", "x=0,y=0", "--no-times"];
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_compare")).args(args).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let told = on_one_line(&text);
    assert!(told.contains("kink, partial"), "{text}");
    assert!(told.contains("the partial derivatives exist"), "{text}");
    assert!(told.contains("the function has no total derivative by x and y here"), "{text}");
    assert!(!told.contains("there is no derivative by"), "{text}");
}
