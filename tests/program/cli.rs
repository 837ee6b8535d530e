//! The program as people use it: what it prints, where, and with which exit status.

use std::process::{Command, Stdio};

use super::run::{json, numbers, refused, stdout, with_input};
use serde_json::Value;

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
fn sizes_follow_from_the_values_at_a_point() {
    let told = stdout(&["grad", "sum(i, 1, n-1, x[i]*x[i+1])/n", "--at", "x=[1,2,3]"]);
    assert!(told.contains("2.66"), "{told}");
    let dot = "pair(u[n], v[n]) = sum(i, 1, n, u[i]*v[i]); pair(x, y)";
    assert!(stdout(&["grad", dot, "--at", "x=[1,2],y=[3,4]"]).contains("11"));
    refused(&["grad", dot, "--at", "x=[1,2],y=[3,4,5]"], &["so n is 2", "so n is 3", "^"]);
    refused(&["sum(i, 1, n, x[i])", "--size", "n=5", "--at", "x=[1,2]"], &["n = 5", "a list of 2", "^"]);
    refused(&["f(x[n]) = x[3]", "--at", "x=[1,2]"], &["index 3 of x is beyond its length 2", "^"]);
    refused(&["x^2", "--size", "n=5"], &["n", "the function has no sizes", "^"]);
    refused(&["x^2", "--size", "x=5", "--at", "x=1"], &["^"]);
}

#[test]
fn derivatives_stand_in_expressions() {
    assert!(stdout(&["grad", "g(x) = diff(x^2, x); g(3)*y", "--at", "y=1"]).contains('6'));
    assert!(stdout(&["grad", "f(t) = t^3; f'(2*x)", "--at", "x=1"]).contains("12"));
    refused(&["sin'(x)"], &["write diff(sin(t), t)", "^"]);
    refused(&["q = x^2; diff(q, q)"], &["make q a parameter", "^"]);
}

#[test]
fn what_may_surprise_is_said_beside_the_answer() {
    let output = super::run::compare(&["grad", "1/2x", "--at", "x=3"]);
    assert_eq!(output.status.code(), Some(0));
    let note = String::from_utf8(output.stderr).unwrap();
    assert!(note.contains("read as (1/2)*x") && note.contains("write 1/(2*x)"), "{note}");
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
    let families = stdout(&["families"]);
    for name in ["rosenbrock", "brusselator-ring", "gradbench-kmeans"] {
        assert!(families.contains(&format!("{name} ")), "{families}");
    }
    // A family brings its data, wherever its name may stand.
    for command in ["compare", "grad", "swell", "grow"] {
        let arguments = ["gradbench-ba", "--size", "n=1", "--no-times"];
        let arguments = if command == "grad" { &arguments[..3] } else { &arguments[..] };
        let before: &[&str] = if command == "compare" { &[] } else { &[command] };
        assert!(!stdout(&[before, arguments].concat()).is_empty(), "{command}");
    }
    assert!(stdout(&["--help"]).contains("Examples"));
    assert_eq!(stdout(&["--help"]), stdout(&["help"]));
    assert!(stdout(&["help", "trace"]).contains("Usage: compare trace [OPTIONS] [EXPR]"));
    assert!(stdout(&["--version"]).contains("compare"));
    assert!(stdout(&["man", "trace"]).contains(".TH compare-trace"));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(stdout(&["completions", shell]).contains("descend"), "{shell}");
    }
}

#[test]
fn the_program_has_two_names() {
    let named = |name: &str, arguments: &[&str]| {
        let output = Command::new(name).args(arguments).output().unwrap();
        String::from_utf8(if output.stdout.is_empty() { output.stderr } else { output.stdout }).unwrap()
    };
    let (compare, chainrule) = (env!("CARGO_BIN_EXE_compare"), env!("CARGO_BIN_EXE_chainrule"));
    let grad = ["grad", "x^2", "--at", "x=3"];
    assert_eq!(named(compare, &grad), named(chainrule, &grad));
    for arguments in [&[][..], &["help"], &["help", "trace"], &["functions", "tan"], &["trac", "x"]] {
        let text = named(chainrule, arguments);
        assert!(text.contains("chainrule ") && !text.contains("compare "), "{text}");
    }
}

#[test]
fn grad_prints_value_and_derivative_and_nothing_else() {
    assert_eq!(stdout(&["grad", "x^2", "--at", "x=3"]), "f = 9\ndf/dx = 6\n");
    let text = stdout(&["grad", "L(x, y, z) = (x + y)*z", "--at", "x=-2,y=5,z=-4"]);
    assert_eq!(text, "L = -12\n∂L/∂x = -4\n∂L/∂y = -4\n∂L/∂z = 3\n");
    // Where there is no derivative, the word for it.
    assert_eq!(stdout(&["grad", "abs(x)", "--at", "x=0"]), "f = 0\ndf/dx = kink, slopes from -1 to 1\n");
    assert_eq!(stdout(&["grad", "1/x", "--at", "x=0"]), "f = inf\ndf/dx = undefined\n");
    // A removable singularity has its derivative.
    let text = stdout(&["grad", "sin(x)/x + x", "--at", "x=0"]);
    assert_eq!(text, "f = NaN as written, 1 in the limit\ndf/dx = 1\n");
    let found = json(&["grad", "[x*y, x]", "--at", "x=2,y=3", "--at", "x=1,y=1"]);
    assert_eq!(found["schema"], "chainrule/grad/1");
    assert_eq!(found["rows"][2], serde_json::json!(["1", "2", "x", "2", "1"]));
    assert_eq!(found["rows"].as_array().unwrap().len(), 8);
    // A point that was drawn is told.
    assert!(stdout(&["grad", "x^2"]).starts_with("at x = "));
}

#[test]
fn functions_are_listed_and_explained() {
    let all = stdout(&["functions"]);
    for entry in ["sqrt(x)", "atan2(y, x)", "iterate(", "Hyperbolic functions"] {
        assert!(all.contains(entry), "{entry}: {all}");
    }
    assert!(all.lines().all(|line| line.chars().count() <= 80), "{all}");
    let one = stdout(&["functions", "atan2"]);
    for word in ["domain", "d/dy        x/(x^2 + y^2)", "compare grad \"atan2(y, x)\" --at y=1,x=2"] {
        assert!(one.contains(word), "{word}: {one}");
    }
    assert!(stdout(&["functions", "hyperbolic"]).contains("tanh(x)"));
    assert_eq!(json(&["functions", "tanh"])["schema"], "chainrule/functions/1");
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
    let folder = std::env::temp_dir().join(format!("chainrule-whole-report-{}", std::process::id()));
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
    for line in ["loop of 100 iterations", "sin and cos(r", "inputs from number 1 on, every 1"] {
        assert!(explained.contains(line), "{line} is not in\n{explained}");
    }
    assert!(!stdout(&plain).contains("loop of"));
}
