//! The program as people use it: what it prints, where, and with which exit status.

mod program;

use std::process::{Command, Stdio};

use program::{compare, json, refused, stdout, with_input};
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    let number = |value: &Value| match value.as_str() {
        Some("NaN") => f64::NAN,
        Some("Infinity") => f64::INFINITY,
        Some("-Infinity") => f64::NEG_INFINITY,
        _ => value.as_f64().unwrap_or_else(|| panic!("{value}: a number")),
    };
    value.as_array().unwrap_or_else(|| panic!("{value}: a list")).iter().map(number).collect()
}

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
    let text = stdout(&with("x=1e-5"));
    assert!(text.contains("agree: ") && text.contains("use backprop"), "{text}");
    let worse = disagreeing(&with("x=1e-9"));
    assert!(worse.contains("write f so that less cancels"), "{worse}");
}

/// What is printed where a strategy disagrees, on one line.
fn disagreeing(arguments: &[&str]) -> String {
    let output = compare(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap().replace('\n', " ")
}

/// The notes of the first point.
fn notes(arguments: &[&str]) -> Vec<String> {
    let text = String::from_utf8(compare(arguments).stdout).unwrap();
    text.lines().filter_map(|line| line.strip_prefix("note: ")).map(str::to_owned).collect()
}

#[test]
fn notes_blame_where_the_trouble_begins() {
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
fn the_articles_example_by_all_three() {
    let found = json(&["(x + y) * z", "--at", "x=-2,y=5,z=-4"]);
    assert_eq!(found["schema"], "chainrule/compare/2");
    assert_eq!(found["verdict"], "agree");
    assert_eq!(found["inputs"], serde_json::json!(["x", "y", "z"]));
    let point = &found["points"][0];
    assert_eq!(point["value"], -12.0);
    let names: Vec<&Value> = point["strategies"].as_array().unwrap().iter().map(|s| &s["strategy"]).collect();
    assert_eq!(names, ["numerical", "symbolic", "backprop"]);
    for strategy in point["strategies"].as_array().unwrap() {
        for (found, truth) in numbers(&strategy["gradient"]).iter().zip([-4.0, -4.0, 3.0]) {
            assert!((found - truth).abs() < 1e-11, "{strategy}");
        }
        assert_eq!(strategy["outcome"], "agree");
        assert!(strategy["gradient_ns"]["min"].as_f64().unwrap() > 0.0);
        assert!(strategy["evaluations"].as_u64().unwrap() > 0);
    }
    let table = stdout(&["(x + y) * z", "--at", "x=-2,y=5,z=-4"]);
    for word in ["f = -12", "numerical", "symbolic", "backprop", "∂f/∂x", "agree: all three strategies"] {
        assert!(table.contains(word), "no {word:?} in\n{table}");
    }
    assert!(!table.contains('\u{1b}'), "colour where there is no terminal");
}

#[test]
fn every_key_of_the_contract_is_there_and_no_other() {
    let keys = |value: &Value| -> Vec<String> {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    let found = json(&["x*y", "--at", "x=1,y=2", "--at", "x=3,y=4"]);
    assert_eq!(keys(&found), ["counts", "expression", "inputs", "outputs", "points", "schema", "verdict"]);
    assert_eq!(found["counts"], serde_json::json!({"agree": 4}));
    let points = found["points"].as_array().unwrap();
    assert_eq!(points.len(), 2);
    #[rustfmt::skip]
    assert_eq!(keys(&points[0]), [
        "at", "causes", "components", "counts", "note", "reference", "strategies", "value", "value_limit", "verdict",
    ]);
    #[rustfmt::skip]
    assert_eq!(keys(&points[0]["reference"]), [
        "bits", "condition", "gradient", "how", "hull", "kind", "side", "status", "total",
    ]);
    assert_eq!((&points[0]["note"], &points[0]["value_limit"]), (&Value::Null, &Value::Null));
    let strategy = &points[0]["strategies"][0];
    #[rustfmt::skip]
    assert_eq!(keys(strategy), [
        "bytes", "components", "derivative", "error_estimate", "evaluations", "function_ns", "gradient", "gradient_ns", "nodes",
        "outcome", "prepare_ns", "refused", "strategy", "ulp", "variant",
    ]);
    assert_eq!(keys(&strategy["gradient_ns"]), ["first", "median", "min"]);
    assert_eq!(keys(&strategy["function_ns"]), ["median", "min"]);
    // Times at the first point only.
    assert!(points[1]["strategies"][0]["gradient_ns"].is_null());
    assert!(points[0]["strategies"][1]["derivative"].is_array());
}

#[test]
fn trace_tells_the_articles_story() {
    let text = stdout(&["trace", "let q = x + y; q * z", "--at", "x=-2,y=5,z=-4"]);
    let at = |word: &str| text.find(word).unwrap_or_else(|| panic!("no {word:?} in\n{text}"));
    assert!(at("q") < at("-12"));
    for word in ["upstream", "local", "downstream"] {
        at(word);
    }
    let found = json(&["trace", "let q = x + y; q * z", "--at", "x=-2,y=5,z=-4"]);
    assert_eq!((&found["schema"], &found["value"]), (&"chainrule/trace/1".into(), &(-12.0).into()));
    let nodes = found["nodes"].as_array().unwrap();
    let node = |text: &str| {
        nodes
            .iter()
            .find(|node| node["name"] == text || node["text"] == text)
            .unwrap_or_else(|| panic!("{text}"))
    };
    assert_eq!(node("q")["value"], 3.0);
    assert_eq!(node("q")["gradient"], -4.0);
    for (name, gradient) in [("x", -4.0), ("y", -4.0), ("z", 3.0)] {
        assert_eq!(node(name)["gradient"], gradient);
    }
    let last = nodes.iter().find(|node| node["operator"] == "mul").unwrap();
    assert_eq!(last["upstream"][0]["gradient"], 1.0);
    assert_eq!(numbers(&last["local"]), [-4.0, 3.0]);
    assert_eq!(numbers(&last["downstream"]), [-4.0, 3.0]);
}

#[test]
fn several_upstream_gradients_are_summed() {
    let found = json(&["trace", "b = a + a; b*b", "--at", "a=3"]);
    let nodes = found["nodes"].as_array().unwrap();
    let b = nodes.iter().find(|node| node["name"] == "b").unwrap();
    let arrived: Vec<f64> =
        b["upstream"].as_array().unwrap().iter().map(|u| u["gradient"].as_f64().unwrap()).collect();
    assert_eq!((arrived, b["gradient"].as_f64()), (vec![6.0, 6.0], Some(12.0)));
    assert!(stdout(&["trace", "b = a + a; b*b", "--at", "a=3"]).contains("6 + 6 = 12"));
}

#[test]
fn bad_text_is_shown_with_its_place() {
    refused(&["x +"], &["^"]);
    refused(&["sin(x"], &["^"]);
    refused(&["foo(x)"], &["foo", "^"]);
    refused(&["sine(x)"], &["did you mean", "sin", "^"]);
    refused(&["x y"], &["^", "*"]);
    refused(&["2x"], &["^", "2*x"]);
    refused(&["sin(x, y)"], &["sin", "^"]);
    refused(&["1/0*"], &["^"]);
    refused(&[""], &["error"]);
    refused(&["   # only a comment"], &["error"]);
    refused(&["f(x) = f(x)"], &["f", "^"]);
    refused(&["1e999"], &["^"]);
    refused(&["x²"], &["x^2", "^"]);
    let doubling: String = (0..40).map(|k| format!("f{}(x) = f{k}(f{k}(x)); ", k + 1)).collect();
    refused(&[&format!("f0(x) = x*x; {doubling} f40(x)")], &["different arguments"]);
    refused(&["x < y < z"], &["^"]);
    refused(&["x[n]"], &["n", "--size", "^"]);
    refused(&["sum(i, 1, 1e300, x)"], &["^"]);
    refused(&["sum(i, 1, 10^6, x[i])", "--max-nodes", "1000"], &["1000", "^"]);
    refused(&["iterate(k, 1, 10^18, y, x, sin(y))"], &["20000000", "^"]);
}

#[test]
fn bad_points_are_shown_with_their_place() {
    refused(&["x*y", "--at", "x=1,y=2,w=3"], &["w", "^"]);
    refused(&["x*y", "--at", "x=1"], &["y", "^"]);
    refused(&["x*y", "--at", "x=abc,y=1"], &["abc", "^"]);
    refused(&["x*y", "--at", "x=1,y=2,x=3"], &["twice", "^"]);
    refused(&["x[1]*x[2]", "--at", "x=[1,2,3]"], &["2", "^"]);
    refused(&["x[1]*x[2]", "--at", "x=1"], &["2", "^"]);
    refused(&["x[0]"], &["^"]);
    refused(&["x", "--at", "x[0]=1"], &["^"]);
    refused(&["x", "--domain", "1..z"], &["^"]);
    refused(&["x", "--size", "n=1.5"], &["^"]);
    refused(&["x", "--size", "n=5"], &["n"]);
    refused(&["x", "--domain", "0...1"], &["^"]);
    refused(&["rosenbrock", "--size", "m=5"], &["m"]);
    refused(&["rosenbrock", "--size", "n=5,n=6"], &["twice"]);
    refused(&["x", "--points", "0"], &["--points"]);
    refused(&["x", "--points", "-1"], &["--points"]);
}

#[test]
fn bad_usage_ends_with_status_2() {
    refused(&[], &["no function"]);
    refused(&["x", "--strategy", "guessing"], &["guessing", "backprop"]);
    refused(&["x", "--variant", "numerical=central-3"], &["central-3", "central-2"]);
    refused(&["x", "--variant", "standard"], &["numerical=central-4"]);
    refused(&["x", "--format", "xml"], &["xml", "json"]);
    refused(&["x", "--frobnicate"], &["--frobnicate"]);
    refused(&["x", "y"], &["y"]);
    refused(&["--file", "no/such/file"], &["no/such/file"]);
    refused(&["swell"], &["no function given"]);
    refused(&["steps", "abs(x)", "--at", "x=0"], &["kink"]);
    refused(&["steps", "x*y", "--at", "x=1,y=2", "--wrt", "z"], &["z", "^"]);
    let output = with_input(&["--file", "-"], &[0, 159, 146, 150, 255, 0, 7]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    let output = with_input(&["--file", "-"], "x \u{0} \u{1b}[31m * y".as_bytes());
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("\u{1b}[31m"), "what is shown is not obeyed");
}

#[test]
fn functions_come_from_files_and_standard_input() {
    let text = "# two lines\nq = x + y   # shared\nq * z\n";
    let output = with_input(&["--file", "-", "--at", "x=-2,y=5,z=-4", "--format", "csv"], text.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    let path = std::env::temp_dir().join(format!("chainrule-cli-{}.txt", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let found = json(&["--file", path.to_str().unwrap(), "--at", "x=-2,y=5,z=-4"]);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(found["points"][0]["value"], -12.0);
}

#[test]
fn cores_of_a_file_are_compared_together_or_one_by_one() {
    let path = std::env::temp_dir().join(format!("chainrule-cores-{}.fpcore", std::process::id()));
    let text = "(FPCore (x y) :name \"line\" :pre (< 2 x 3) (+ x (* 2 y)))
        (FPCore (x n) :name \"powers\" (while (< i n) ([i 0 (+ i 1)] [p 1 (* p x)]) p))
        (FPCore (x) :name \"halving\" (while (> x 1) ([x x (/ x 2)]) x))";
    std::fs::write(&path, text).unwrap();
    let file = ["--file", path.to_str().unwrap()];
    let with = |more: &[&str]| {
        let all: Vec<&str> = file.iter().chain(more).copied().collect();
        (stdout(&all), json(&all))
    };
    let (table, documents) = with(&["--size", "n=3", "--points", "2"]);
    assert!(table.contains("halving is not compared: how often this `while` goes round depends"), "{table}");
    assert!(table.contains("2 cores at 2 points each (seed 1): 2 agree"), "{table}");
    assert_eq!(documents[0]["core"], "line");
    assert_eq!(documents[0]["verdict"], "agree");
    assert!((2.0..3.0).contains(&documents[0]["points"][1]["at"][0].as_f64().unwrap()));
    assert_eq!(documents[1]["expression"], "iterate(k, 1, n, (i, p), (0, 1), (i + 1, p*x))[2]");
    assert_eq!(documents[2]["core"], "halving");
    assert!(documents[2]["error"].as_str().unwrap().contains("depends on the inputs"));
    let (_, one) = with(&["--core", "powers", "--size", "n=4", "--at", "x=2"]);
    assert_eq!(one["points"][0]["value"], 16.0);
    assert_eq!(numbers(&one["points"][0]["reference"]["gradient"]), [32.0]);
    let bad = |more: &[&str], words: &[&str]| refused(&[&file, more].concat(), words);
    bad(&["--core", "circle"], &["circle", "line, powers, halving"]);
    bad(&["--core", "halving"], &["depends on the inputs", "^", ".fpcore:3"]);
    bad(&["--core", "powers"], &["size n has no value", "--size n="]);
    bad(&["--at", "x=1"], &["--core"]);
    refused(&["trace", file[0], file[1]], &["choose one with --core"]);
    refused(&["x", "--core", "line"], &["--core", "FPCore"]);
    let cores = "; no name, no point\n(FPCore (x) (sin x))\n(FPCore (x) :pre (< 1 x 0) x)";
    std::fs::write(&path, cores).unwrap();
    let csv = stdout(&[&file[..], &["--format", "csv"]].concat());
    assert!(csv.contains("core 1,1,1,x,backprop") && csv.contains("core 2,,,,,,refused"), "{csv}");
    bad(&["--core", "core 2"], &["precondition holds, in x=1..0", "--domain"]);
    let piped = with_input(&["--file", "-", "--core", "core 1", "--at", "x=1"], cores.as_bytes());
    assert!(String::from_utf8_lossy(&piped.stdout).starts_with("core 1: sin(x)"));
    std::fs::write(&path, "(FPCore (x) (sin x)").unwrap();
    refused(&file, &["a bracket without its end", "^"]);
    std::fs::write(&path, "; nothing").unwrap();
    refused(&file, &["no cores"]);
    std::fs::remove_file(&path).unwrap();
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
    assert!(found["points"][0]["note"].as_str().unwrap().contains("--reference-nodes"));
}

#[test]
fn steps_show_truncation_and_rounding() {
    let text = stdout(&["steps", "exp(x)", "--at", "x=1"]);
    for word in ["certified", "forward", "central-6", "adaptive", "predicted"] {
        assert!(text.contains(word), "no {word:?} in\n{text}");
    }
    let found = json(&["steps", "exp(x)*y", "--at", "x=1,y=2", "--wrt", "y"]);
    assert_eq!(found["schema"], "chainrule/steps/1");
    assert_eq!(found["columns"].as_array().unwrap().len(), found["rows"][0].as_array().unwrap().len());
    let path = std::env::temp_dir().join(format!("chainrule-steps-{}.svg", std::process::id()));
    stdout(&["steps", "exp(x)", "--at", "x=1", "--svg", path.to_str().unwrap()]);
    let picture = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(picture.starts_with("<svg") && picture.matches("<polyline").count() == 4);
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
fn the_same_seed_draws_the_same_points() {
    let draw = |seed| {
        json(&["x*y", "--points", "3", "--seed", seed, "--domain", "x=2..3,y=-1..0"])["points"].clone()
    };
    let at =
        |points: &Value| points.as_array().unwrap().iter().map(|p| numbers(&p["at"])).collect::<Vec<_>>();
    let (first, again, other) = (at(&draw("5")), at(&draw("5")), at(&draw("6")));
    assert_eq!(first, again);
    assert_ne!(first, other);
    for point in first {
        assert!((2.0..3.0).contains(&point[0]) && (-1.0..0.0).contains(&point[1]), "{point:?}");
    }
}

#[test]
fn tables_for_other_programs() {
    let csv = stdout(&["x*y", "--at", "x=1,y=2", "--format", "csv"]);
    let mut lines = csv.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert!(header.contains(&"strategy") && header.contains(&"derivative"), "{csv}");
    assert_eq!(lines.clone().count(), 6);
    assert!(lines.all(|line| line.split(',').count() == header.len()), "{csv}");
    assert!(stdout(&["families"]).contains("rosenbrock"));
    assert!(stdout(&["--help"]).contains("Examples"));
    assert!(stdout(&["--version"]).contains("compare"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    // Much more than a pipe holds.
    let mut child = Command::new(env!("CARGO_BIN_EXE_compare"))
        .args(["trace", "sum(i, 1, 3000, sin(x[i]))", "--points", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn a_report_is_written_whole_or_not_at_all() {
    let folder = std::env::temp_dir().join(format!("chainrule-report-{}", std::process::id()));
    std::fs::write(&folder, "in the way").unwrap();
    refused(&["report", "--quick", "--out", folder.join("below").to_str().unwrap()], &["below"]);
    assert_eq!(std::fs::read_to_string(&folder).unwrap(), "in the way");
    std::fs::remove_file(&folder).unwrap();
}

#[test]
fn explain_shows_the_steps_of_a_loop() {
    let text = "sum(i, 1, n, a*sin(x[i])*cos(x[i]))";
    let plain = [text, "--size", "n=100", "--strategy", "backprop"];
    let explained = stdout(&[&plain[..], &["--explain"]].concat());
    for line in ["loop of 100 rounds", "sin and cos(r", "inputs from number 1 on, every 1"] {
        assert!(explained.contains(line), "{line} is not in\n{explained}");
    }
    assert!(!stdout(&plain).contains("loop of"));
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
    let told = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("kink, partial"), "{text}");
    assert!(told.contains("the partial derivatives exist"), "{text}");
    assert!(told.contains("the function has no total derivative by x and y here"), "{text}");
    assert!(!told.contains("there is no derivative by"), "{text}");
}
