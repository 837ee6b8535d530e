//! `compare check` as people use it.

use std::process::Output;

fn check(arguments: &[&str]) -> Output {
    super::run::compare(&[&["check"], arguments].concat())
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
    assert_eq!(document["schema"], "chainrule/check/2");
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
fn ends_and_sizes_are_part_of_the_answer() {
    let json = |arguments: &[&str]| -> serde_json::Value {
        let found = check(&[arguments, &["--format", "json"]].concat());
        let document: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
        document["claims"][0].clone()
    };
    let neighbours = "sum(i,1,n-1,x[i]*x[i+1])";
    // Wrong beyond every size that one would try: the first index and size at which it is are told.
    let border = json(&["sum(i,1,n,x[i]^2)", "--claim", "x[j]=if(j < 100.5, 2*x[j], 0)"]);
    let at = &border["counterexample"]["at"];
    assert_eq!((border["status"].as_str(), at["j"].as_f64()), (Some("refuted"), Some(101.0)), "{border}");
    assert_eq!(border["counterexample"]["claimed"], 0.0);
    // The claim reads beyond an end there.
    let beyond = json(&[neighbours, "--claim", "x[j]=x[j-1]+x[j+1]"]);
    assert_eq!(
        (beyond["status"].as_str(), beyond["counterexample"]["claimed"].as_str()),
        (Some("refuted"), Some("NaN"))
    );
    assert!(beyond["detail"].as_str().unwrap().contains("not there"), "{beyond}");
    for (f, claim) in [
        (neighbours, "x[n]=x[n-1]"),
        (neighbours, "x[1]=x[2]"),
        ("sum(i,1,n,(x[i]-m)^2)", "m=-2*sum(i,1,n,x[i]-m)"),
        ("sum(i,1,n,x[i])", "x[1]=1"),
    ] {
        let found = json(&[f, "--claim", claim]);
        assert_eq!(found["status"], "proved", "{f} {claim}: {found}");
        assert!(found["detail"].as_str().unwrap().starts_with("for every n"), "{found}");
    }
    let steps = json(&["prod(i,1,n,x[i])", "--claim", "x[j]=prod(i,1,n,if(i == j, 1, x[i]))"]);
    let rules: Vec<&str> =
        steps["steps"].as_array().unwrap().iter().map(|step| step["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"split-range") && rules.contains(&"single-term"), "{rules:?}");
    assert!(steps["steps"][0]["path"].is_string() && steps["steps"][0]["conditions"].is_array(), "{steps}");
}

#[test]
fn claims_in_rows_get_a_status() {
    let file = std::env::temp_dir().join(format!("chainrule-claims-{}.csv", std::process::id()));
    let rows = "expression,input,claim\nx^2,x,2*x\n\"sum(i,1,n,x[i]^2)\",x[j],2*x[j]\nx^2,x,3*x\n";
    std::fs::write(&file, rows).unwrap();
    let found = check(&["--claims", file.to_str().unwrap()]);
    std::fs::write(&file, "expression,claim\nx,1\n").unwrap();
    let bad = check(&["--claims", file.to_str().unwrap()]);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(found.status.code(), Some(1), "{}", text(&found.stderr));
    let words = text(&found.stdout);
    let status: Vec<&str> = words.lines().map(|line| line.rsplit(',').next().unwrap()).collect();
    assert_eq!(status, ["status", "proved", "proved", "refuted"], "{words}");
    assert_eq!((bad.status.code(), bad.stdout.len()), (Some(2), 0));
    assert!(text(&bad.stderr).contains("no column input"), "{}", text(&bad.stderr));
}

#[test]
fn decimals_are_the_nearest_doubles_unless_asked() {
    let status =
        |arguments: &[&str]| text(&check(&[&["0.1*x + 0.2*x", "--claim"], arguments].concat()).stdout);
    let nearest = status(&["x=0.3"]);
    assert!(nearest.contains("refuted") && nearest.contains("Decimals are the nearest doubles"), "{nearest}");
    let exact = status(&["x=0.3", "--exact-decimals"]);
    assert!(
        exact.contains("proved") && exact.contains("Decimals are the numbers that are printed"),
        "{exact}"
    );
    assert!(status(&["x=0.1 + 0.2"]).contains("proved"));
    // 1/3 is no double, although the claim is the nearest one.
    let third = text(&check(&["x/3", "--claim", "x=0.3333333333333333"]).stdout);
    assert!(third.contains("refuted") && third.contains("to the nearest double, but for -1.85"), "{third}");
    // Where every decimal is a double nothing is said of them.
    assert!(!text(&check(&["0.5*x + 0.25*x", "--claim", "x=0.75"]).stdout).contains("Decimals"));
}

#[test]
fn isolated_points_and_conditions_are_told_where_they_are() {
    let json = |f: &str, claim: &str| -> serde_json::Value {
        let found = check(&[f, "--claim", claim, "--format", "json"]);
        let document: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
        document["claims"][0].clone()
    };
    let one = json("x^2", "x=if(x == 1, 5, 2*x)");
    assert_eq!((one["status"].as_str(), &one["except"]), (Some("proved"), &serde_json::json!([{"x": 1.0}])));
    // What the claim needs and the derivative does not, and nothing else.
    assert_eq!(json("x*y", "x=y*x/x")["only_where"], serde_json::json!(["x != 0"]));
    // What the derivative needs too is no condition of the claim.
    let root = json("x*y + ln(x)", "x=sqrt(y)*y^0.5 + 1/x");
    assert_eq!(root["only_where"], serde_json::json!(["y >= 0"]), "{root}");
    assert_eq!(
        json("prod(i,1,n,x[i])", "x[j]=prod(i,1,n,x[i])/x[j]")["only_where"],
        serde_json::json!(["x[j] != 0"])
    );
    for (f, claim) in [
        ("1/x", "x=-1/x^2"),
        ("tan(x)", "x=1/cos(x)^2"),
        ("softplus(x)", "x=exp(x)/(1 + exp(x))"),
        ("ln(abs(x))", "x=1/x"),
    ] {
        let found = json(f, claim);
        assert_eq!(
            (found["status"].as_str(), &found["only_where"]),
            (Some("proved"), &serde_json::json!([])),
            "{f}"
        );
    }
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
        words.contains("The first wrong claim: d/dx = (1 - x)*exp(x)") && words.contains("line 5"),
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
        (&["sum(i, 1, n, x[i])", "--claim", "x[j]=k"], "no input k"),
        (&["sum(i, 1, n, x[i])", "--claim", "x[j]=x[k]"], "the function has no size k"),
        (&["sum(i, 1, n, x[i]*j)", "--claim", "x[j]=j"], "j is an input of the function"),
        (&["sum(i, 1, n, x[i])", "--claim", "x[j]=x"], "another number of indices"),
        (&["sum(i, 1, n, x[i])", "--size", "n=3", "--claim", "x[j+5]=1"], "the function has no x[j+5]"),
    ] {
        let found = check(arguments);
        let words = text(&found.stderr);
        assert_eq!((found.status.code(), found.stdout.len()), (Some(2), 0), "{arguments:?}: {words}");
        assert!(words.contains(message), "{arguments:?}: {words}");
    }
    // Wherever there is text to point at there is a caret.
    assert!(text(&check(&["x^2", "--claim", "x=2*zeta"]).stderr).contains("^^^^"));
}
