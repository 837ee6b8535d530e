//! What tests share: problems of others, random functions, mutants, a browser.

pub mod browser;
pub mod corpora;
pub mod mutated;
pub mod random_function;
pub mod smooth_point;
