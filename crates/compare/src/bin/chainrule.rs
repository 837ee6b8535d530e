//! The program, as `chainrule`.

fn main() -> std::process::ExitCode {
    compare::main()
}
