//! What the program prints, word by word: a change of wording shows here as a diff to be looked at.
//!
//! Accept new outputs by `INSTA_UPDATE=always cargo test -p chainrule-compare outputs`; the files are in `tests/program/snapshots`.

use super::run::compare;

/// What a command prints on stdout, then on stderr, and its exit status where that is not 0.
fn output(arguments: &[&str]) -> String {
    let output = compare(arguments);
    let mut text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    if output.status.code() != Some(0) {
        text += &format!("(exit status {})\n", output.status.code().unwrap());
    }
    // Trailing white space of tables is no wording.
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn snapshot(name: &str, arguments: &[&str]) {
    let text = output(arguments);
    // What is wrong is told in one line, and terminals break it.
    let is_wide = |line: &&str| line.chars().count() > 80 && !line.starts_with("error: ");
    for line in text.lines().filter(is_wide) {
        // A formula, a path or a number may have no place to break it.
        assert!(
            !line.trim().contains("  ") && line.split(' ').any(|word| word.len() > 40),
            "{name}: too wide\n{line}"
        );
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("snapshots");
    settings.bind(|| insta::assert_snapshot!(name.replace(' ', "-"), text));
}

#[test]
fn help() {
    snapshot("without arguments", &[]);
    snapshot("help", &["help"]);
    for command in [
        "grad",
        "trace",
        "derive",
        "check",
        "plot",
        "functions",
        "families",
        "steps",
        "swell",
        "grow",
        "descend",
        "report",
        "completions",
        "man",
    ] {
        snapshot(&format!("help {command}"), &["help", command]);
    }
}

#[test]
fn comparisons() {
    let article = ["L(x, y, z) = (x + y)*z", "--at", "x=-2,y=5,z=-4", "--no-times"];
    snapshot("compare", &article);
    snapshot("compare all", &[&article[..], &["--all"]].concat());
    snapshot("compare kink", &["abs(x) + y", "--at", "x=0,y=0.1", "--no-times"]);
    snapshot("compare points", &["x*y", "--at", "x=1,y=2", "--at", "x=1e200,y=1e200", "--no-times"]);
    snapshot("compare near miss", &["rosenbrok", "--at", "rosenbrok=1", "--no-times"]);
}

#[test]
fn other_commands() {
    snapshot("grad", &["grad", "L(x, y, z) = (x + y)*z", "--at", "x=-2,y=5,z=-4"]);
    snapshot("trace", &["trace", "let q = x + y; q*z", "--at", "x=-2,y=5,z=-4"]);
    snapshot("trace sums", &["trace", "b = a + a; b*b", "--at", "a=3"]);
    snapshot("check", &["check", "x^x", "--claim", "x=x*x^(x-1)", "--claim", "x=x^x*(ln(x)+1)"]);
    snapshot("check every", &["check", "sum(i, 1, n, x[i]^2)", "--claim", "x[j]=2*x[j]"]);
    snapshot("functions tanh", &["functions", "tanh"]);
    snapshot("functions hyperbolic", &["functions", "hyperbolic"]);
    snapshot("steps", &["steps", "x^3", "--at", "x=1"]);
    let swell = ["swell", "iterate(k, 1, n, y, x, 4*y*(1 - y))", "--size", "n=10,20", "--no-times"];
    snapshot("swell", &swell);
    let descend = ["descend", "(x - 1)^2", "--at", "x=3", "--strategy", "backprop", "--no-times"];
    snapshot("descend", &[&descend[..], &["--rate", "0.3"]].concat());
    snapshot("descend diverges", &[&descend[..], &["--rate", "1.1"]].concat());
}

#[test]
fn errors() {
    snapshot("error near miss of a command", &["trac", "x"]);
    snapshot("error unknown option", &["trace", "--sixe", "n=1", "x"]);
    snapshot("error words without quotes", &["x", "+", "y"]);
    snapshot("error near miss of a family", &["rosenbrok", "--size", "n=10"]);
    snapshot("error unknown function", &["functions", "sinn"]);
    snapshot("error unknown variant", &["x", "--variant", "numerical=central-3"]);
    snapshot("error unknown mode", &["x", "--variant", "symbolic=backward"]);
    snapshot("error claim", &["check", "x^2", "--claim", "x"]);
    snapshot("error plot", &["plot", "x*y*z", "--svg", "no.svg"]);
}

/// Sentences that a stranger stumbled over (`../shared/cases/wording.tsv`) are in no output and in no source.
#[test]
fn no_phrase_that_was_mended_is_left() {
    let top = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let Ok(cases) = std::fs::read_to_string(format!("{top}/../shared/cases/wording.tsv")) else {
        eprintln!("skipped: ../shared/cases/wording.tsv is absent");
        return;
    };
    // A phrase with … in it stands for its parts; parts that are figures or short words say nothing by themselves.
    let rows = cases.lines().skip(1).filter(|line| !line.starts_with('#'));
    let cells = rows.filter_map(|line| line.split('\t').nth(1));
    let parts = cells.flat_map(|today| today.split(['…', ';']).map(str::trim));
    let phrases: Vec<&str> =
        parts.filter(|part| part.chars().count() >= 18 && !part.starts_with("∂f")).collect();
    assert!(phrases.len() > 30, "{phrases:?}");
    let mut texts = vec![("help".to_owned(), output(&["help"]))];
    let mut folders = vec![format!("{top}/crates"), format!("{top}/examples")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = path.to_str().unwrap().to_owned();
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(name),
                false => {
                    if let Ok(text) = std::fs::read_to_string(&path) {
                        texts.push((name, text));
                    }
                }
            }
        }
    }
    for name in ["README.md", "CONTRIBUTING.md"] {
        texts.push((name.to_owned(), std::fs::read_to_string(format!("{top}/{name}")).unwrap_or_default()));
    }
    // Lines that a source breaks are one.
    let plain = |text: &str| text.replace("\\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let mut found = Vec::new();
    for (name, text) in &texts {
        let text = plain(text);
        found.extend(
            phrases.iter().filter(|phrase| text.contains(**phrase)).map(|phrase| format!("{name}: {phrase}")),
        );
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// Pictures of functions of one input and of two.
#[test]
fn plots_are_drawn() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let drawn = |name: &str, arguments: &[&str]| {
        let path = folder.join(name);
        let all = [&["plot", "--svg", path.to_str().unwrap()], arguments].concat();
        let said = super::run::stdout(&all);
        (said, std::fs::read_to_string(path).unwrap())
    };
    // Two branches of a hyperbola and two of its slope, and a tangent.
    let (said, picture) = drawn("plot-line.svg", &["1/x", "--domain", "-2..2", "--at", "x=0.5"]);
    assert!(said.contains("tangent at 0.50") && said.contains("slope -4.00"), "{said}");
    assert_eq!(
        (picture.matches("<polyline").count(), picture.matches("<circle").count()),
        (5, 2),
        "{picture}"
    );
    assert!(picture.contains("f&#39;(x)") && picture.ends_with("</svg>\n"));
    let valley = ["(1 - x)^2 + 5*(y - x^2)^2", "--domain", "x=-2..2,y=-1..3", "--at", "x=-1.5,y=2"];
    let (said, picture) = drawn("plot-contours.svg", &valley);
    assert!(said.contains("gradient descent") && said.contains("to 1.00, 1.00"), "{said}");
    assert!(picture.matches("<path d=\"M").count() > 10 && picture.matches("<circle").count() == 2);
    assert!(!picture.contains("NaN") && !picture.contains("inf"));
}
