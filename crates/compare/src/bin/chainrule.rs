//! The program, as `chainrule`.

fn main() -> std::process::ExitCode {
    chainrule_compare::main()
}
