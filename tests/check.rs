//! `compare check` as people use it.

mod program;

use std::process::Output;

fn check(arguments: &[&str]) -> Output {
    program::compare(&[&["check"], arguments].concat())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn right_claims_are_proved_and_wrong_ones_refuted_with_a_point() {
    let right = check(&["x^x", "--claim", "x=x^x*(ln(x) + 1)", "--steps"]);
    assert_eq!(right.status.code(), Some(0));
    let words = text(&right.stdout);
    assert!(words.contains("proved: wherever both sides are defined"), "{words}");
    assert!(words.contains("differentiate by x: x^x"), "{words}");
    let wrong = check(&["x^x", "--claim", "x=x*x^(x - 1)", "--format", "json"]);
    assert_eq!(wrong.status.code(), Some(1));
    let document: serde_json::Value = serde_json::from_slice(&wrong.stdout).unwrap();
    assert_eq!(document["schema"], "chainrule/check/1");
    let claim = &document["claims"][0];
    assert_eq!((claim["input"].as_str(), claim["status"].as_str()), (Some("x"), Some("refuted")));
    let x = claim["counterexample"]["at"]["x"].as_f64().unwrap();
    let derivative = x.powf(x) * (x.ln() + 1.0);
    assert!(
        (claim["counterexample"]["actual"].as_f64().unwrap() - derivative).abs() <= 1e-13 * derivative.abs()
    );
    assert!((claim["counterexample"]["claimed"].as_f64().unwrap() - x.powf(x)).abs() <= 1e-13);
}

#[test]
fn claims_hold_for_every_element_and_say_what_they_need() {
    let rosenbrock = "sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)";
    let every =
        "x[j]=if(j < n, -400*x[j]*(x[j+1] - x[j]^2) - 2*(1 - x[j]), 0) + if(j > 1, 200*(x[j] - x[j-1]^2), 0)";
    let found = check(&[rosenbrock, "--claim", every]);
    assert_eq!(found.status.code(), Some(0));
    assert!(text(&found.stdout).contains("proved: for every j and every n"), "{}", text(&found.stdout));
    let one = "x[2]=-400*x[2]*(x[3] - x[2]^2) - 2*(1 - x[2]) + 200*(x[2] - x[1]^2)";
    assert!(text(&check(&[rosenbrock, "--size", "n=5", "--claim", one]).stdout).contains("proved"));
    let domain = text(&check(&["x*y", "--claim", "x=y*x/x"]).stdout);
    assert!(domain.contains("only where x != 0: the claim needs it"), "{domain}");
    let nowhere = check(&["ln(-1 - x^2)", "--claim", "x=2*x/(1 + x^2)"]);
    assert_eq!(nowhere.status.code(), Some(0));
    assert!(text(&nowhere.stdout).contains("unknown: it is defined nowhere"));
}

#[test]
fn a_derivation_is_checked_line_by_line() {
    let file = std::env::temp_dir().join(format!("chainrule-derivation-{}.txt", std::process::id()));
    let lines = "f(x) = x*exp(x)\n\nd/dx = exp(x) + x*exp(x)\n     = (1 + x)*exp(x)\n     = (1 - x)*exp(x)\n";
    std::fs::write(&file, lines).unwrap();
    let found = check(&["--file", file.to_str().unwrap()]);
    let rubbish = format!("{lines}and so on\n");
    std::fs::write(&file, rubbish).unwrap();
    let bad = check(&["--file", file.to_str().unwrap()]);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(found.status.code(), Some(1));
    let words = text(&found.stdout);
    assert_eq!(words.matches("proved:").count(), 2, "{words}");
    assert!(
        words.contains("The first wrong line: d/dx = (1 - x)*exp(x)") && words.contains("line 5"),
        "{words}"
    );
    assert_eq!((bad.status.code(), bad.stdout.len()), (Some(2), 0));
    assert!(text(&bad.stderr).contains("line 6"), "{}", text(&bad.stderr));
}

#[test]
fn bad_claims_are_pointed_at() {
    for (arguments, message) in [
        (&["x^2"][..], "nothing is claimed"),
        (&["x^2", "--claim", "q=2*x"], "no input q"),
        (&["x^2", "--claim", "x=2*"], "not finished"),
        (&["x^2", "--claim", "x=2*zeta"], "no input zeta"),
        (&["x^2", "--claim", "2*x"], "a claim says what a derivative is"),
        (&["x[1] + x[2]", "--claim", "x=1"], "x has several elements"),
        (&["x^2", "--claim", "y[j]=1"], "no input y"),
        (&["[x, x^2]", "--claim", "x=1"], "one output"),
        (&["sum(i, 1, n, x[i])", "--claim", "x[1]=1"], "the size n has no value"),
    ] {
        let found = check(arguments);
        let words = text(&found.stderr);
        assert_eq!((found.status.code(), found.stdout.len()), (Some(2), 0), "{arguments:?}: {words}");
        assert!(words.contains(message), "{arguments:?}: {words}");
    }
    // Wherever there is text to point at there is a caret.
    assert!(text(&check(&["x^2", "--claim", "x=2*zeta"]).stderr).contains("^^^^"));
}
