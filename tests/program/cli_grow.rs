//! `compare grow` as people use it: what it prints, what programs read, and how it says no.

use super::run::{printed, refused, stdout, with_input};
use serde_json::Value;

/// What the program prints of a function on its standard input.
fn fed(arguments: &[&str], input: &str) -> String {
    printed(arguments, &with_input(arguments, input.as_bytes()))
}

const ROSENBROCK: &str = "sum(i, 1, n-1, 100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2)";

/// The columns that come from a clock or from memory; all others are the same in every run.
const MEASURED: [&str; 6] = [
    "prepare ns",
    "gradient ns min",
    "gradient ns median",
    "function ns min",
    "bytes",
    "pays from gradients",
];

fn document(arguments: &[&str]) -> Value {
    serde_json::from_str(&stdout(&[arguments, &["--format", "json"]].concat())).unwrap()
}

#[test]
fn what_is_not_measured_is_the_same_twice() {
    let arguments = ["grow", ROSENBROCK, "--size", "n=5,100", "--seed", "7"];
    let unmeasured = |document: &Value| -> Vec<Vec<Value>> {
        let columns = document["columns"].as_array().unwrap();
        for name in MEASURED {
            assert!(columns.iter().any(|column| column == name), "{name} is a column");
        }
        let keep = |row: &Value| {
            let cells = row.as_array().unwrap().iter().zip(columns);
            cells
                .filter(|(_, c)| !MEASURED.contains(&c.as_str().unwrap()))
                .map(|(cell, _)| cell.clone())
                .collect()
        };
        document["rows"].as_array().unwrap().iter().map(keep).collect()
    };
    let (first, again) = (document(&arguments), document(&arguments));
    assert_eq!(first["schema"], "chainrule/grow/1");
    assert_eq!(unmeasured(&first), unmeasured(&again));
    let other = document(&["grow", ROSENBROCK, "--size", "n=5,100", "--seed", "8"]);
    assert_ne!(unmeasured(&first), unmeasured(&other), "another seed has other errors");
    // A row of one size does not know of the other sizes.
    let alone = document(&["grow", ROSENBROCK, "--size", "n=100", "--seed", "7"]);
    let all = unmeasured(&first);
    for row in unmeasured(&alone) {
        assert!(all.contains(&row), "{row:?}");
    }
}

#[test]
fn times_fits_and_stops_are_there_for_programs() {
    let found = document(&["grow", "logistic", "--size", "n=5,20,60"]);
    let columns: Vec<&str> =
        found["columns"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    let column = |name: &str| columns.iter().position(|column| *column == name).unwrap();
    let rows: Vec<&Vec<Value>> =
        found["rows"].as_array().unwrap().iter().map(|row| row.as_array().unwrap()).collect();
    assert!(rows.iter().all(|row| row.len() == columns.len()));
    for row in &rows {
        let agrees = row[column("outcome")] == "agree";
        assert_eq!(row[column("gradient ns min")].is_number(), agrees, "{row:?}");
        let ran = row[column("outcome")] != "refused" && row[column("outcome")] != "counted";
        assert_eq!(row[column("worst ULP")].is_number(), ran, "{row:?}");
        assert_eq!(row[column("needed")].is_number(), row[column("outcome")] == "refused", "{row:?}");
    }
    // After sixty steps towards a cycle the slope is 1e-19 of the value: finite differences see nothing of it.
    let lost = |row: &&&Vec<Value>| row[column("n")] == 60 && row[column("arm")] == "adaptive";
    assert_eq!(rows.iter().find(lost).unwrap()[column("outcome")], "unchecked");
    let law = |form: &str, figure: &str| {
        let fits = found["fits"].as_array().unwrap();
        fits.iter().find(|fit| fit["arm"] == form && fit["figure"] == figure).unwrap().clone()
    };
    assert_eq!(law("tree, counted", "nodes")["law"], "exponential");
    assert_eq!(law("unrolled", "nodes")["law"], "power");
    assert!(law("unrolled", "gradient")["standard_error"].is_number());
    assert!(!found["choices"].as_array().unwrap().is_empty());
}

#[test]
fn a_function_of_ones_own_from_a_file_grows_too() {
    let text = "# a chain\niterate(k, 1, n, y, x, sin(y) + z/m)\n";
    let table = fed(&["grow", "--file", "-", "--size", "n=5,20,m=3", "--domain", "x=0..1,z=1..2"], text);
    for word in ["n =", "backprop (loops kept)", "÷ one f", "grows as", "n = 20: ", "seed 1"] {
        assert!(table.contains(word), "no {word:?} in\n{table}");
    }
    let csv = fed(&["grow", "--file", "-", "--size", "n=5,20,m=3", "--format", "csv"], text);
    assert!(csv.starts_with("n,strategy,arm,outcome,"), "{csv}");
    let markdown =
        fed(&["grow", "--file", "-", "--size", "n=5", "--size", "m=3", "--format", "markdown"], text);
    assert!(markdown.starts_with("| n | strategy | arm |"), "{markdown}");
}

#[test]
fn the_picture_is_written_with_the_slopes() {
    let path = std::env::temp_dir().join(format!("grow-{}.svg", std::process::id()));
    stdout(&["grow", ROSENBROCK, "--size", "n=5,90", "--svg", path.to_str().unwrap()]);
    let picture = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(picture.starts_with("<svg") && picture.contains("backprop (loops kept): n^"), "{picture}");
    refused(
        &["grow", ROSENBROCK, "--size", "n=5", "--svg", "/nowhere/at/all.svg"],
        &["cannot write", "/nowhere/at/all.svg"],
    );
}

#[test]
fn a_budget_is_a_count_and_is_said() {
    let table = stdout(&[
        "grow",
        ROSENBROCK,
        "--size",
        "n=100,200",
        "--budget-evaluations",
        "1000",
        "--budget-nodes",
        "1000",
    ]);
    let table = table.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in [
        "numerical (adaptive) stops at n = 100",
        "node evaluations at most, and the budget is 1000",
        "symbolic (forward) stops at n = 100",
        "refused",
    ] {
        assert!(table.contains(word), "no {word:?} in\n{table}");
    }
}

#[test]
fn where_there_is_no_gradient_there_is_no_time() {
    let path = std::env::temp_dir().join(format!("grow-nowhere-{}.svg", std::process::id()));
    let file = path.to_str().unwrap();
    let table = stdout(&["grow", "ln(-1 - sum(i, 1, n, x[i]^2))", "--size", "n=2,20", "--svg", file]);
    assert!(table.contains("at n = 20 there is no gradient to compare: undefined"), "{table}");
    assert!(!table.contains("n = 20: "), "{table}");
    assert!(std::fs::read_to_string(&path).unwrap().contains("</svg>"));
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn what_cannot_grow_is_said_before_anything_runs() {
    refused(&["grow", ROSENBROCK], &["--size n=10,100,1000"]);
    refused(&["grow", ROSENBROCK, "--size", "n=1,2,m=3,4"], &["both n and m"]);
    refused(&["grow", ROSENBROCK, "--size", "n=0,5"], &["n=0", "at least 1"]);
    refused(&["grow", ROSENBROCK, "--size", "n=10,ten"], &["ten"]);
    refused(&["grow", ROSENBROCK, "--size", "n=10,20,n=30"], &["n is given twice"]);
    refused(&["grow", ROSENBROCK, "--size", "m=10,20"], &["m"]);
    refused(&["grow", "(x + y", "--size", "n=10,20"], &["expression"]);
    refused(&["grow", ROSENBROCK, "--size", "n=10,100000000"], &["20000000"]);
    refused(&["grow", "--size", "n=10,20"], &["no function given"]);
    refused(&["grow", ROSENBROCK, "--size", "n=5", "--domain", "y=0..1"], &["y"]);
    refused(&["grow", "--file", "/nowhere/f.txt", "--size", "n=5"], &["cannot read"]);
    // A family that is built and not written counts its nodes beforehand.
    refused(&["grow", "determinant", "--size", "n=3,40"], &["determinant", "--max-nodes"]);
    refused(&["determinant", "--size", "n=3,m=4"], &["m=4", "n alone"]);
}
