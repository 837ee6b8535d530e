//! How answers are written: numbers, tables, JSON.

pub mod json;
pub mod number;
pub mod remarks;
pub mod table;
pub mod terminal;
