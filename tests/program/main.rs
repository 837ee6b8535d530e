//! Tests of the program, run as people run it, one file per subject.

mod bad_input;
mod check;
mod cli;
mod cli_answers;
mod cli_grow;
mod cli_loops;
mod data;
mod derive;
mod descend;
mod formulas;
mod matrices;
mod outputs;
mod playground;
mod report;
mod robust;
mod run;
mod statements;
mod stepper;
mod transcripts;
mod until;
