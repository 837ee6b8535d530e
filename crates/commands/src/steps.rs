//! Error of difference quotients against their step.

use experiments::steps::{SCHEMES, Steps};
use serde::Serialize;
use syntax::Setting;

use crate::output::json::Number;
use crate::{Failure, ParsedFunction, points};

/// Errors against steps, to be serialised as `chainrule/steps/1`.
#[derive(Serialize)]
pub struct Document {
    schema: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<Vec<Number>>,
}

impl Document {
    /// Of what was found.
    pub fn new(found: &Steps) -> Document {
        Document {
            schema: "chainrule/steps/1",
            columns: std::iter::once("step").chain(SCHEMES.map(|scheme| scheme.name())).collect(),
            rows: rows(found).map(|row| row.into_iter().map(Number).collect()).collect(),
        }
    }
}

/// The step, then the relative error of each scheme.
pub fn rows(found: &Steps) -> impl Iterator<Item = Vec<f64>> + '_ {
    let row = |(k, &step): (usize, &f64)| {
        std::iter::once(step).chain(found.errors.iter().map(|errors| errors[k])).collect()
    };
    found.steps.iter().enumerate().map(row)
}

/// The position of the input that is moved: the first where none is named.
///
/// # Errors
/// When there is no such input, or none at all.
pub fn input(given: &ParsedFunction, wrt: Option<&str>) -> Result<usize, Failure> {
    let names = given.subject.names().all();
    match wrt {
        None if names.is_empty() => Err(Failure::text("the function has no inputs to move")),
        None => Ok(0),
        Some(name) => points::input(&names, name, Setting::By),
    }
}
