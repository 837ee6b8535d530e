//! Tests of the libraries that span crates, one file per subject.

mod architecture;
mod catalogue;
mod certified;
mod claims;
mod claims_cases;
mod complete;
mod conventions;
mod corpus;
mod differences;
mod examples;
mod extraction;
mod faults;
mod fpbench;
mod fuzz_seeds;
mod grow;
mod laws;
mod lengths;
mod mutants;
mod one_row;
mod points;
mod precision;
mod properties;
mod rewrites;
mod simplified;
mod triage;
mod words;
