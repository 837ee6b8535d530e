//! The program, as `compare`.

fn main() -> std::process::ExitCode {
    chainrule_compare::main()
}
