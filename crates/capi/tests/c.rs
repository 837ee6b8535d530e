//! The example in C is compiled, with warnings as errors, and says what it should.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder that has the library which these tests were built with.
fn library() -> PathBuf {
    let own = std::env::current_exe().expect("a test has a file");
    let name = format!("{}chainrule_c{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let folders = own.ancestors().skip(1).take(2);
    let found = folders.map(Path::to_owned).find(|folder| folder.join(&name).exists());
    found.unwrap_or_else(|| panic!("there is no {name} beside {}", own.display()))
}

/// Compiles an example, where there is a C compiler; as C or as C++.
fn built(compiler: &str, flags: &[&str]) -> Option<PathBuf> {
    if Command::new(compiler).arg("--version").output().is_err() {
        eprintln!("skipped: there is no {compiler}");
        return None;
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("capi-{compiler}"));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (program, library) = (folder.join("gradient"), library());
    let ran = Command::new(compiler)
        .args(flags)
        .args(["-Wall", "-Wextra", "-Werror", "-O1", "-o"])
        .arg(&program)
        .arg("-I")
        .arg(here.join("include"))
        .arg(here.join("examples/gradient.c"))
        .arg("-L")
        .arg(&library)
        .arg("-lchainrule_c")
        .arg(format!("-Wl,-rpath,{}", library.display()))
        .output()
        .expect("the compiler runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    Some(program)
}

const SAYS: &str = "\
L = -12, gradient -4 -4 3
row 10: L = 16, by z -4
6 numbers, x has 4 from 1 on
sum = 141, by a 130
code 5: 5 numbers in the point where 6 are needed
code 3, function null:
error: ";

#[test]
#[cfg(unix)]
fn example_in_c_says_what_it_should() {
    for (compiler, flags) in
        [("cc", ["-std=c99", "-pedantic"].as_slice()), ("c++", ["-x", "c++", "-std=c++11"].as_slice())]
    {
        let Some(program) = built(compiler, flags) else { continue };
        let ran = Command::new(program).output().expect("the example runs");
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
        assert!(said.starts_with(SAYS), "{said}");
        assert!(said.contains("^ expected an expression"), "{said}");
    }
}
