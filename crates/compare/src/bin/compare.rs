//! The program, as `compare`.

fn main() -> std::process::ExitCode {
    compare::main()
}
