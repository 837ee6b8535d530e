//! Programs with loops are compiled and run at several sizes, and compared with the function unrolled at each.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use expr::Function;
use expr::index::Symbol;
use syntax::parse;

use super::{Caption, Target, export_sized};
use symbolic::{Limits, Mode, Place, SizedDerivatives, differentiate, differentiate_sized, simplify_sized};

/// The value of a size.
fn size(name: &str, n: i64) -> i64 {
    if name == "n" { n } else { 3 }
}

/// A number for every scalar input, by its name.
fn number(name: &str) -> f64 {
    let seed = name.bytes().fold(7u64, |seed, byte| seed.wrapping_mul(131).wrapping_add(byte.into()));
    0.3 + (seed % 1009) as f64 / 1009.0
}

/// A function at one size: what it is called with, and what must come out.
struct Run {
    sizes: Vec<i64>,
    lengths: Vec<i64>,
    /// Row after row, per block; and its shape.
    inputs: Vec<(Vec<f64>, Vec<i64>)>,
    value: Vec<f64>,
    /// Per block the gradient, output after output.
    gradient: Vec<Vec<f64>>,
}

struct Case {
    name: String,
    found: SizedDerivatives,
    runs: Vec<Run>,
}

/// Indices of all elements of a shape, row after row.
fn elements(shape: &[i64]) -> Vec<Vec<i64>> {
    shape.iter().fold(vec![Vec::new()], |all, &extent| {
        { all.iter() }.flat_map(|at| (1..=extent).map(move |k| [at.as_slice(), &[k]].concat())).collect()
    })
}

fn called(name: &str, at: &[i64]) -> String {
    let at: Vec<String> = at.iter().map(i64::to_string).collect();
    if at.is_empty() { name.to_owned() } else { format!("{name}[{}]", at.join(",")) }
}

fn run(f: &Function, found: &SizedDerivatives, n: i64) -> Run {
    let graph = f.graph();
    let bound: Vec<(&str, i64)> = graph.sizes().iter().map(|name| (name.as_str(), size(name, n))).collect();
    let flat = f.with_sizes(&bound).unwrap().unroll(1_000_000).unwrap();
    let (mut inputs, mut lengths) = (Vec::new(), Vec::new());
    for (block, shape) in graph.blocks().iter().zip(&found.shapes) {
        let unrolled = flat.graph().block(flat.graph().block_named(&block.name).unwrap());
        let extent = |(d, form): (usize, &Option<expr::index::Index>)| match form {
            Some(form) => form.evaluate(|symbol| match symbol {
                Symbol::Size(k) => bound[k as usize].1,
                Symbol::Axis(_) | Symbol::Datum(_) => unreachable!("extents are made of sizes"),
            }),
            None => {
                lengths.push(unrolled.shape.as_ref().unwrap()[d] as i64);
                lengths.last().copied()
            }
        };
        let shape: Vec<i64> = shape.iter().enumerate().map(extent).collect::<Option<_>>().unwrap();
        let numbers = elements(&shape).iter().map(|at| number(&called(&block.name, at))).collect();
        inputs.push((numbers, shape));
    }
    let names = flat.input_names();
    let point: Vec<f64> = names.iter().map(|name| number(name)).collect();
    let all = differentiate(&flat, Mode::Reverse, 1_000_000).unwrap().function.evaluate((), &point);
    let outputs = f.outputs().len();
    let gradient = graph.blocks().iter().zip(&inputs).map(|(block, (_, shape))| {
        let entry = |output: usize, at: &Vec<i64>| {
            let name = called(&block.name, at);
            // An element that is not read at this size has slope 0.
            names
                .iter()
                .position(|known| *known == name)
                .map_or(0.0, |k| all[outputs + output * names.len() + k])
        };
        (0..outputs)
            .flat_map(|output| elements(shape).iter().map(|at| entry(output, at)).collect::<Vec<_>>())
            .collect()
    });
    let gradient = gradient.collect();
    Run {
        sizes: bound.iter().map(|(_, value)| *value).collect(),
        lengths,
        inputs,
        value: all[..outputs].to_vec(),
        gradient,
    }
}

fn cases(texts: &[&str]) -> Vec<Case> {
    let limits = Limits { e_nodes: 500, whole_nodes: 200, iterations: 4, ..Limits::default() };
    let case = |(k, text): (usize, &&str)| {
        let f = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let places: Vec<Place> = { f.graph().blocks().iter() }
            .map(|block| Place { block: f.graph().block_named(&block.name).unwrap(), element: None })
            .collect();
        let found =
            differentiate_sized(&f, 1, &places, 100_000).unwrap_or_else(|error| panic!("{text}: {error}"));
        let found = found.map_contributions(|f| simplify_sized(f, &limits));
        let runs = [1, 2, 17].map(|n| run(&f, &found, n)).into();
        Case { name: format!("f{k}"), found, runs }
    };
    texts.iter().enumerate().map(case).collect()
}

fn exported(cases: &[Case], target: Target) -> Vec<String> {
    let one = |case: &Case| {
        let source = export_sized(&case.found, target, Caption { name: &case.name, text: "…" }).unwrap();
        assert!(source.contains("for "), "{source}");
        source
    };
    cases.iter().map(one).collect()
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("chainrule-sized-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    folder
}

fn list(numbers: &[f64]) -> String {
    // C has no empty arrays.
    let all: Vec<String> = numbers.iter().map(|x| format!("{x:?}")).collect();
    if all.is_empty() { "0.0".to_owned() } else { all.join(", ") }
}

fn ran(command: &mut Command) -> String {
    let run = command.output().expect("the command is there");
    assert!(
        run.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr)
    );
    assert!(run.stderr.is_empty(), "warnings: {}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

fn is_there(program: &str, arguments: &[&str]) -> bool {
    let found = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let there = found.is_ok_and(|status| status.success());
    if !there {
        eprintln!("skipped: {program} {} does not run here", arguments.join(" "));
    }
    there
}

/// Holds what programs printed, one number a line, against what must come out.
fn agree(cases: &[Case], sources: &[String], printed: &str) {
    let mut numbers = printed.split_whitespace().map(|word| word.parse::<f64>().unwrap());
    for (case, source) in cases.iter().zip(sources) {
        for run in &case.runs {
            let expected = run.value.iter().chain(run.gradient.iter().flatten());
            for (k, &expected) in expected.enumerate() {
                let found = numbers.next().expect("every program prints all its numbers");
                let close = (found - expected).abs() <= 1e-11 * expected.abs().max(1.0);
                assert!(
                    close || found.is_nan() && expected.is_nan(),
                    "{} at sizes {:?}, number {k}: {found}, not {expected}\n{source}",
                    case.name,
                    run.sizes
                );
            }
        }
    }
    assert_eq!(numbers.next(), None);
}

fn compile_c(cases: &[Case], folder: &Path) {
    let sources = exported(cases, Target::C);
    let mut main = String::from(
        "#include <stddef.h>\n#include <stdio.h>\nstatic void show(const double *x, size_t n) { for (size_t k = 0; k < n; k++) printf(\"%.17g\\n\", x[k]); }\n",
    );
    let mut body = String::new();
    let mut files = vec![folder.join("main.c")];
    for (case, source) in cases.iter().zip(&sources) {
        files.push(folder.join(format!("{}.c", case.name)));
        std::fs::write(files.last().unwrap(), source).unwrap();
        let head = source.lines().find(|line| line.contains("_and_gradient(")).unwrap();
        main += &format!("{};\n", head.trim_end_matches('{').trim());
        for run in &case.runs {
            body += "    {\n";
            let mut arguments: Vec<String> =
                run.sizes.iter().chain(&run.lengths).map(i64::to_string).collect();
            for (k, (numbers, shape)) in run.inputs.iter().enumerate() {
                body += &format!("        const double x{k}[] = {{{}}};\n", list(numbers));
                arguments.push(if shape.is_empty() { format!("x{k}[0]") } else { format!("x{k}") });
            }
            let outputs = run.value.len();
            body += &format!("        double value[{outputs}];\n");
            if outputs > 1 {
                arguments.push("value".to_owned());
            }
            for (k, gradient) in run.gradient.iter().enumerate() {
                // What is not set is seen.
                let filler = vec![7e77; gradient.len()];
                body += &format!("        double g{k}[] = {{{}}};\n", list(&filler));
                arguments.push(format!("g{k}"));
            }
            let value = if outputs == 1 { "value[0] = " } else { "" };
            body += &format!(
                "        {value}{}_and_gradient({});\n        show(value, {outputs});\n",
                case.name,
                arguments.join(", ")
            );
            for (k, gradient) in run.gradient.iter().enumerate() {
                body += &format!("        show(g{k}, {});\n", gradient.len());
            }
            body += "    }\n";
        }
    }
    main += &format!("int main(void) {{\n{body}    return 0;\n}}\n");
    std::fs::write(&files[0], main).unwrap();
    let binary = folder.join("sized");
    ran(Command::new("gcc")
        .args(["-std=c99", "-Wall", "-Wextra", "-pedantic", "-O1", "-o"])
        .arg(&binary)
        .args(&files)
        .arg("-lm"));
    agree(cases, &sources, &ran(&mut Command::new(&binary)));
}

fn compile_rust(cases: &[Case], folder: &Path) {
    let sources = exported(cases, Target::Rust);
    let mut program = String::new();
    let mut body = String::new();
    for (case, source) in cases.iter().zip(&sources) {
        program += &format!("mod m_{} {{\n{source}\n}}\n", case.name);
        for run in &case.runs {
            body += "    {\n";
            let mut arguments: Vec<String> =
                run.sizes.iter().chain(&run.lengths).map(i64::to_string).collect();
            for (k, (numbers, shape)) in run.inputs.iter().enumerate() {
                body +=
                    &format!("        let x{k}: [f64; {}] = [{}];\n", numbers.len().max(1), list(numbers));
                arguments.push(if shape.is_empty() { format!("x{k}[0]") } else { format!("&x{k}") });
            }
            for (k, gradient) in run.gradient.iter().enumerate() {
                body += &format!("        let mut g{k} = [7e77; {}];\n", gradient.len().max(1));
                let one = run.value.len() == 1 && run.inputs[k].1.is_empty();
                arguments.push(if one { format!("&mut g{k}[0]") } else { format!("&mut g{k}") });
            }
            let value = format!("m_{}::{}_and_gradient({})", case.name, case.name, arguments.join(", "));
            body += &match run.value.len() {
                1 => format!("        println!(\"{{:?}}\", {value});\n"),
                _ => format!("        for x in {value} {{ println!(\"{{x:?}}\"); }}\n"),
            };
            for (k, gradient) in run.gradient.iter().enumerate() {
                body +=
                    &format!("        for x in &g{k}[..{}] {{ println!(\"{{x:?}}\"); }}\n", gradient.len());
            }
            body += "    }\n";
        }
    }
    program += &format!("fn main() {{\n{body}}}\n");
    let (source, binary) = (folder.join("sized.rs"), folder.join("sized"));
    std::fs::write(&source, program).unwrap();
    let compiler = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    ran(Command::new(compiler)
        .args(["--edition", "2021", "-D", "warnings", "-C", "opt-level=0", "-o"])
        .args([&binary, &source]));
    agree(cases, &sources, &ran(&mut Command::new(&binary)));
}

fn run_python(cases: &[Case], folder: &Path) {
    let sources = exported(cases, Target::Python);
    let mut program = String::new();
    for (case, source) in cases.iter().zip(&sources) {
        program += &format!("{source}\n");
        for run in &case.runs {
            let mut arguments: Vec<String> =
                run.sizes.iter().chain(&run.lengths).map(i64::to_string).collect();
            for (numbers, shape) in &run.inputs {
                let shape: Vec<String> = shape.iter().map(i64::to_string).collect();
                arguments.push(match shape.is_empty() {
                    true => format!("{:?}", numbers[0]),
                    false => format!(
                        "np.array([{}]).reshape({})",
                        numbers.iter().map(|x| format!("{x:?}")).collect::<Vec<_>>().join(", "),
                        shape.join(", ")
                    ),
                });
            }
            program += &format!(
                "for part in {}_and_gradient({}):\n    for number in np.ravel(part):\n        print(repr(float(number)))\n",
                case.name,
                arguments.join(", ")
            );
        }
    }
    let file = folder.join("sized.py");
    std::fs::write(&file, program).unwrap();
    agree(cases, &sources, &ran(Command::new("python3").args(["-W", "error"]).arg(&file)));
}

fn all_languages(texts: &[&str], name: &str) {
    let cases = cases(texts);
    let folder = folder(name);
    if is_there("gcc", &["--version"]) {
        compile_c(&cases, &folder);
    }
    if is_there("rustc", &["--version"]) {
        compile_rust(&cases, &folder);
    }
    if is_there("python3", &["-c", "import numpy"]) {
        run_python(&cases, &folder);
    }
    std::fs::remove_dir_all(folder).unwrap();
}

fn sized_functions() -> Vec<&'static str> {
    let all = include_str!("../../../tests/support/sized_functions.txt");
    all.lines().filter(|line| !line.starts_with('#')).collect()
}

#[test]
fn programs_with_loops_agree_at_every_size() {
    let all = sized_functions();
    all_languages(&[1, 20, 28, 40, 43, 44, 46, 48, 50].map(|k| all[k]), "few");
}

/// All of them: `cargo test --release -p chainrule-export -- --ignored all_programs_with_loops`.
#[test]
#[ignore = "compiles some 50 programs in three languages"]
fn all_programs_with_loops_agree_at_every_size() {
    all_languages(&sized_functions(), "all");
}

#[test]
fn rosenbrock_is_one_loop() {
    for (target, head) in [(Target::C, "for ("), (Target::Rust, "for "), (Target::Python, "    for ")] {
        let source = &exported(&cases(&[sized_functions()[26]]), target)[0];
        let body = source.split_once("_and_gradient(").unwrap().1;
        assert_eq!(body.matches(head).count(), 1, "{source}");
    }
}
