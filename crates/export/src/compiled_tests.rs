//! Exported Rust, C and Python, compiled and run: the same numbers as our own graph gives, operator by operator.

use std::path::Path;
use std::process::Command;

use expr::{Op, Scalar};

use super::Target;
use super::tests::{
    Case, FEW, arguments, bits, cases, export_all, folder, function_name, output, ulps, worst,
};

fn run_rust(cases: &[Case], sources: &[String], folder: &Path) -> Vec<Vec<Vec<f64>>> {
    let mut program = String::from(
        "trait All { fn all(&self, to: &mut Vec<f64>); }\n\
         impl All for f64 { fn all(&self, to: &mut Vec<f64>) { to.push(*self); } }\n\
         impl<T: All, const N: usize> All for [T; N] { fn all(&self, to: &mut Vec<f64>) { self.iter().for_each(|x| x.all(to)); } }\n",
    );
    let mut main = String::new();
    for (case, source) in cases.iter().zip(sources) {
        program += &format!("mod m_{} {{\n{source}\n}}\n", case.name);
        let width = case.derivatives.function.input_count();
        let given = arguments(
            case,
            |at| format!("x[{at}]"),
            |at, length| format!("x[{at}..{}].try_into().unwrap()", at + length),
        );
        let parts: Vec<String> =
            (0..=case.derivatives.order).map(|k| format!("r.{k}.all(&mut all);")).collect();
        main += &format!(
            "for x in [{}].map(f64::from_bits).chunks({width}) {{ let r = m_{}::{}({given}); let mut all = Vec::new(); {} \
             let words: Vec<String> = all.iter().map(|x| format!(\"{{:x}}\", x.to_bits())).collect(); println!(\"{{}}\", words.join(\" \")); }}\n",
            bits(&case.points),
            case.name,
            function_name(source, &case.name),
            parts.join(" "),
        );
    }
    program += &format!("fn main() {{\n{main}}}\n");
    let (source, binary) = (folder.join("exported.rs"), folder.join("exported"));
    std::fs::write(&source, program).unwrap();
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compiled = Command::new(compiler)
        .args(["--edition", "2021", "-D", "warnings", "-C", "opt-level=0", "-o"])
        .args([&binary, &source])
        .output()
        .expect("rustc runs");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    output(&binary, cases)
}

#[test]
fn rust_compiles_and_agrees() {
    let cases = cases(Target::Rust);
    let sources = export_all(&cases, Target::Rust);
    let folder = folder("rust");
    let (most, place) = worst(&cases, &run_rust(&cases, &sources, &folder));
    assert!(most <= FEW, "{most} ULP: {place}");
    // A wrong definition is seen.
    let mutated: Vec<String> = sources
        .iter()
        .map(|source| source.replace("part = 0.5 * k / tail", "part = 0.5001 * k / tail"))
        .collect();
    assert_ne!(mutated, sources);
    let (most, place) = worst(&cases, &run_rust(&cases, &mutated, &folder));
    assert!(most > 1_000 && place.starts_with("table"), "{most}: {place}");
    std::fs::remove_dir_all(folder).unwrap();
}

fn run_c(cases: &[Case], sources: &[String], folder: &Path) -> Vec<Vec<Vec<f64>>> {
    let mut main = String::from("#include <inttypes.h>\n#include <stdio.h>\n#include <string.h>\n");
    let mut body = String::new();
    let mut files = vec![folder.join("main.c")];
    for (case, source) in cases.iter().zip(sources) {
        let file = folder.join(format!("{}.c", case.name));
        std::fs::write(&file, source).unwrap();
        files.push(file);
        let head = source
            .lines()
            .find(|line| line.contains(&format!("{}_and_", case.name)) && line.ends_with('{'))
            .unwrap();
        main += &format!("{};\n", head.trim_end_matches('{').trim());
        let (width, d) = (case.derivatives.function.input_count(), &case.derivatives);
        let given = arguments(case, |at| format!("x[{at}]"), |at, _| format!("x + {at}"));
        let sizes: Vec<usize> = (0..=d.order).map(|order| d.outputs * d.by.len().pow(order as u32)).collect();
        let declared: Vec<String> =
            sizes.iter().enumerate().map(|(k, size)| format!("double r{k}[{size}];")).collect();
        let from = usize::from(d.outputs == 1);
        let results: Vec<String> = (from..=d.order).map(|k| format!("r{k}")).collect();
        let value = if from == 1 { "r0[0] = " } else { "" };
        let shown: Vec<String> =
            sizes.iter().enumerate().map(|(k, size)| format!("show(r{k}, {size});")).collect();
        body += &format!(
            "{{ static const uint64_t bits[] = {{{}}}; for (size_t k = 0; k < {}; k++) {{ double x[{width}]; {} memcpy(x, bits + k * {width}, sizeof x); \
             {value}{}({given}, {}); {} printf(\"\\n\"); }} }}\n",
            bits(&case.points),
            case.points.len(),
            declared.join(" "),
            function_name(source, &case.name),
            results.join(", "),
            shown.join(" "),
        );
    }
    main += "static void show(const double *x, size_t n) { for (size_t k = 0; k < n; k++) { uint64_t b; memcpy(&b, x + k, 8); printf(\"%\" PRIx64 \" \", b); } }\n";
    main += &format!("int main(void) {{\n{body}return 0; }}\n");
    std::fs::write(&files[0], main).unwrap();
    let binary = folder.join("exported");
    let compiled = Command::new("cc")
        .args(["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-O0", "-o"])
        .arg(&binary)
        .args(&files)
        .arg("-lm")
        .output()
        .expect("cc was there");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    output(&binary, cases)
}

#[test]
fn c_compiles_and_agrees() {
    if Command::new("cc").arg("--version").output().is_err() {
        eprintln!("skipped: there is no C compiler");
        return;
    }
    let cases = cases(Target::C);
    let sources = export_all(&cases, Target::C);
    let folder = folder("c");
    let (most, place) = worst(&cases, &run_c(&cases, &sources, &folder));
    assert!(most <= FEW, "{most} ULP: {place}");
    let mutated: Vec<String> =
        sources.iter().map(|source| source.replace("2.0 * high * low", "1.0 * high * low")).collect();
    assert_ne!(mutated, sources);
    let (most, place) = worst(&cases, &run_c(&cases, &mutated, &folder));
    assert!(most > 100 && place.starts_with("table"), "{most}: {place}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn python_agrees() {
    let numpy = Command::new("python3").args(["-c", "import numpy"]).output();
    if !numpy.is_ok_and(|run| run.status.success()) {
        eprintln!("skipped: there is no Python with NumPy");
        return;
    }
    let cases = cases(Target::Python);
    let sources = export_all(&cases, Target::Python);
    let mut program = String::from("import struct\n");
    for (case, source) in cases.iter().zip(&sources) {
        let width = case.derivatives.function.input_count();
        let graph = case.derivatives.function.graph();
        let mut at = 0;
        let given = graph.blocks().iter().map(|block| {
            let length = block.len().unwrap();
            at += length;
            match block.shape.as_deref().unwrap_or_default() {
                [] => format!("x[{}]", at - 1),
                shape => format!("np.array(x[{}:{at}]).reshape({shape:?})", at - length),
            }
        });
        let given = given.collect::<Vec<_>>().join(", ");
        program += &format!(
            "{source}\nbits = [{}]\nfor k in range({}):\n    x = [struct.unpack('<d', struct.pack('<Q', b))[0] for b in bits[k*{width}:(k + 1)*{width}]]\n    \
             print(' '.join('%x' % struct.unpack('<Q', struct.pack('<d', float(y)))[0] for part in {}({given}) for y in np.ravel(part)))\n",
            bits(&case.points),
            case.points.len(),
            function_name(source, &case.name),
        );
    }
    let folder = folder("python");
    let file = folder.join("exported.py");
    std::fs::write(&file, program).unwrap();
    let script = folder.join("exported");
    std::fs::write(&script, format!("#!/bin/sh\nexec python3 -W error {}\n", file.display())).unwrap();
    let run = Command::new("chmod").arg("+x").arg(&script).status().expect("chmod is there");
    assert!(run.success());
    let (most, place) = worst(&cases, &output(&script, &cases));
    assert!(most <= FEW, "{most} ULP: {place}");
    std::fs::remove_dir_all(folder).unwrap();
}

/// The definitions of error functions as compiled here.
#[allow(dead_code)]
mod helpers {
    include!("helpers.rs");

    pub(super) fn both(x: f64) -> [f64; 2] {
        [erf(x), erfc(x)]
    }
}

#[test]
fn error_functions_are_those_of_the_table() {
    for k in -6400..=6400 {
        let x = f64::from(k) / 200.0 + 1e-4;
        for (op, own) in ["erf", "erfc"].into_iter().zip(helpers::both(x)) {
            // The table's own values are a library's; these have 29 digits.
            let exact = expr::DoubleDouble::apply(Op::by_name(op).unwrap(), &[x.into()]).hi;
            assert!(ulps(own, exact) <= 2, "{op}({x}) = {own:e}, not {exact:e}");
        }
    }
}
