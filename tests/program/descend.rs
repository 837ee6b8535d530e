//! `compare descend`: strategies go the same way down, models are fitted to data, and bad data is refused with its place.

use std::path::{Path, PathBuf};
use std::process::Output;

use harness::Random;
use serde_json::Value;

fn descend(arguments: &[&str]) -> Output {
    super::run::compare(&[&["descend"], arguments].concat())
}

fn stdout(arguments: &[&str]) -> String {
    super::run::stdout(&[&["descend"], arguments].concat())
}

fn json(arguments: &[&str]) -> Value {
    super::run::json(&[&["descend"], arguments].concat())
}

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Two half circles that reach into each other, blurred: 300 points of two kinds, which no straight line tells apart.
fn moons() -> String {
    let mut random = Random::new(1, &["moons"], 300);
    let mut text = "x,y,kind\n".to_owned();
    for k in 0..300 {
        let kind = k % 2;
        let angle = random.between(0.0, std::f64::consts::PI);
        let mut blur = || (0..4).map(|_| random.between(-0.15, 0.15)).sum::<f64>();
        let (x, y) = match kind {
            0 => (angle.cos() - 0.5, angle.sin() - 0.25),
            _ => (0.5 - angle.cos(), 0.25 - angle.sin()),
        };
        text += &format!("{:.4},{:.4},{kind}\n", x + blur(), y + blur());
    }
    text
}

/// The example that the README shows.
fn example(name: &str) -> String {
    format!("{}/../../examples/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_example_is_what_its_seed_gives() {
    let file = std::fs::read_to_string(example("moons.csv")).unwrap();
    assert_eq!(file, moons());
}

#[test]
fn a_network_learns_to_tell_two_moons_apart() {
    let (data, model) = (example("moons.csv"), example("classifier.txt"));
    let arguments = [
        "--file",
        &model,
        "--data",
        &data,
        "--target",
        "kind",
        "--method",
        "adam",
        "--rate",
        "0.05",
        "--iterations",
        "300",
        "--evaluations",
        "20000",
    ];
    let found = json(&arguments);
    assert_eq!(found["schema"], "chainrule/descend/1");
    let right = found["right"].as_u64().unwrap();
    assert!(right > 285, "only {right} of 300");
    let runs = found["strategies"].as_array().unwrap();
    assert_eq!((&runs[2]["strategy"], &runs[2]["ended"]), (&"backprop".into(), &"finished".into()));
    // Too many weights for finite differences: measured over a few steps, and said.
    assert_eq!((&runs[0]["ended"], &runs[0]["steps"]), (&"measured".into(), &5.into()));
    assert_eq!(runs[0]["extrapolated"], true);
    let near = |run: &Value| run["difference"].as_f64().unwrap() < 1e-6;
    assert!(near(&runs[0]) && near(&runs[2]), "{found}");
    let text = stdout(&arguments);
    for words in ["accuracy: 9", "extrapolated", "the mean of (f - kind)^2 over 300 rows", "about "] {
        assert!(text.contains(words), "{words}: {text}");
    }
    // A line cannot do it: the accuracy is counted, not assumed.
    let line = json(&[
        "sigmoid(a*x + b*y + c)",
        "--data",
        &data,
        "--target",
        "kind",
        "--method",
        "adam",
        "--rate",
        "0.05",
        "--iterations",
        "300",
        "--strategy",
        "backprop",
    ]);
    let right = line["right"].as_u64().unwrap();
    assert!((200..285).contains(&right), "{right}");
}

#[test]
fn every_strategy_goes_the_same_way_down() {
    let text = "100*(y - x^2)^2 + (1 - x)^2";
    for method in ["plain", "momentum", "adam"] {
        let found =
            json(&[text, "--at", "x=-0.5,y=1", "--method", method, "--rate", "0.0005", "--iterations", "40"]);
        assert_eq!(found["verdict"], "agree");
        for run in found["strategies"].as_array().unwrap() {
            assert_eq!((&run["ended"], &run["outcome"]), (&"finished".into(), &"agree".into()));
            let losses = run["losses"].as_array().unwrap();
            assert_eq!(losses.len(), 41);
            assert!(losses[40].as_f64() < losses[0].as_f64());
            assert!(run["difference"].as_f64().unwrap() < 1e-8, "{method}: {run}");
            assert!(run["step_ns"].as_f64().unwrap() > 0.0);
        }
    }
    let sheet =
        stdout(&[text, "--at", "x=-0.5,y=1", "--rate", "0.0005", "--iterations", "3", "--format", "csv"]);
    let lines: Vec<&str> = sheet.lines().collect();
    assert_eq!((lines.len(), lines[0]), (5, "step,numerical,symbolic,backprop"));
    // By hand: at (-0.5, 1) the loss is 100·0.75² + 1.5² = 58.5.
    assert_eq!(lines[1], "0,58.5,58.5,58.5");
}

#[test]
fn where_the_function_uses_the_target_it_is_the_loss() {
    let folder = folder("own-loss");
    let data = folder.join("points.csv");
    std::fs::write(&data, "name,u,v\nfirst,0,1\n\"second, quoted\",1,3\nthird,2,5\n").unwrap();
    let data = data.to_str().unwrap();
    let common = ["--data", data, "--target", "v", "--rate", "0.2", "--iterations", "300"];
    let fitted = json(&[&["a*u + b", "--at", "a=0,b=0"], &common[..]].concat());
    let own = json(&[&["(a*u + b - v)^2", "--at", "a=0,b=0"], &common[..]].concat());
    for found in [&fitted, &own] {
        assert_eq!(found["weights"], serde_json::json!(["a", "b"]));
        for run in found["strategies"].as_array().unwrap() {
            let at: Vec<f64> = run["at"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
            assert!((at[0] - 2.0).abs() < 1e-6 && (at[1] - 1.0).abs() < 1e-6, "{run}");
        }
    }
    // (1 + 9 + 25) / 3 where a = b = 0.
    assert!((own["strategies"][2]["losses"][0].as_f64().unwrap() - 35.0 / 3.0).abs() < 1e-14);
    assert!(own["loss"].as_str().unwrap().contains("mean of the function"));
}

#[test]
fn families_descend_and_are_drawn() {
    let folder = folder("drawn");
    let path = folder.join("losses.svg");
    let arguments = ["rosenbrock", "--size", "n=10", "--method", "adam", "--iterations", "50", "--svg"];
    stdout(&[&arguments[..], &[path.to_str().unwrap()]].concat());
    let svg = std::fs::read_to_string(&path).unwrap();
    assert_eq!(svg.matches("<polyline").count(), 3);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");
}

/// Exit status 2, nothing on stdout, nothing in the folder but what was there, and all of these words in the message.
fn refused(folder: &Path, arguments: &[&str], words: &[&str]) {
    let count = || std::fs::read_dir(folder).unwrap().count();
    let before = count();
    let svg = folder.join("losses.svg");
    let mut all = arguments.to_vec();
    if !arguments.contains(&"--svg") {
        all.extend(["--svg", svg.to_str().unwrap()]);
    }
    let output = descend(&all);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}: {message}");
    for word in words {
        assert!(message.contains(word), "{arguments:?}: no {word:?} in\n{message}");
    }
    assert_eq!(count(), before, "{arguments:?} left something");
}

#[test]
fn bad_data_is_refused_with_its_place() {
    let folder = folder("bad-data");
    let with = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let check = |name: &str, text: &[u8], words: &[&str]| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        refused(&folder, &["a*x + b", "--data", path.to_str().unwrap(), "--target", "t"], words);
    };
    check("column.csv", b"x,y\n1,2\n", &["no column t", "x, y"]);
    check("text.csv", b"x,t\n1,2\n3,four\n", &["line 3", "column t", "\"four\" is no number"]);
    check("quoted.csv", b"note,x,t\n\"two\nlines\",1,2\n,oops,2\n", &["line 4", "column x", "oops"]);
    check("operand.csv", b"x,t\n1,2\n,4\n", &["line 3", "column x", "nothing"]);
    check("rows.csv", b"x,t\n", &["no rows"]);
    check("nothing.csv", b"", &["is empty"]);
    check("ragged.csv", b"x,t\n1,2\n1,2,3\n", &["line 3", "3 values", "header 2"]);
    check("twice.csv", b"x,t,x\n1,2,3\n", &["two columns x"]);
    check("bytes.csv", b"x,t\n1,\xff\n", &["line 2", "UTF-8"]);
    refused(&folder, &["a*x", "--data", "missing.csv", "--target", "t"], &["cannot read missing.csv"]);
    let good = with("good.csv", "x,t\n1,2\n");
    let data = ["--data", &good, "--target", "t"];
    let but = |more: &[&str], words: &[&str]| refused(&folder, &[more, &data].concat(), words);
    but(&["x^2"], &["no weights are left"]);
    but(&["a*x", "--at", "a=1,x=2"], &["x is a column of the data"]);
    but(&["a*x", "--at", "b=1"], &["b"]);
    but(&["[a*x, a]"], &["one output"]);
    but(&["a*x", "--points", "2"], &["one start"]);
    but(&["a*x", "--rate", "-1"], &["positive"]);
    but(&["a*x", "--svg", "missing/losses.svg"], &["cannot write missing/losses.svg"]);
    refused(&folder, &["a*x", "--data", &good], &["--target"]);
    refused(&folder, &["1 + 2"], &["no inputs"]);
}

#[test]
fn divergence_is_said_and_makes_the_exit_status_1() {
    for (arguments, words) in [
        (
            &["x^2", "--at", "x=1", "--rate", "1.1"][..],
            &["diverged", "the loss grows, from 1", "smaller --rate"][..],
        ),
        (&["ln(x)", "--at", "x=1", "--rate", "0.5"], &["diverged", "NaN at step 2", "leaves the domain"]),
        (&["1/x", "--at", "x=0"], &["no step", "where the descent starts", "another start"]),
    ] {
        let output = descend(&[arguments, &["--no-times"]].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for word in words {
            assert!(text.contains(word), "{word}: {text}");
        }
    }
    let text = stdout(&["(x - 1)^2", "--at", "x=3", "--rate", "0.5"]);
    assert!(text.contains("converged") && !text.contains("diverged"), "{text}");
    refused(&folder("tolerance"), &["x^2", "--tolerance", "-1"], &["--tolerance -1"]);
}
