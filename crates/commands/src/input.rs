//! Getting the function: from its text, or by the name of a family; and saying what is wrong with it.

use chainrule::Budget;
use experiments::Family;
use experiments::families::Form;
use expr::{Function, UnrollError};
use harness::Subject;
use serde::Deserialize;
use syntax::{Diagnostic, Reader, Setting, read_sizes};

use crate::parsed::near_miss_of_a_family;
use crate::{Failure, ParsedFunction, PointRequest, bindings};

/// A function, as texts like those of the command line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionRequest {
    /// The function, or the name of a family.
    pub expression: String,
    /// Sizes: `n=100,m=3`.
    #[serde(default)]
    pub size: Vec<String>,
    /// Nodes of any graph that is built.
    #[serde(default = "most_nodes")]
    pub max_nodes: u64,
}

fn most_nodes() -> u64 {
    Budget::default().nodes
}

/// Where requests are from, in messages.
pub(crate) const ORIGIN: &str = "expression";

/// Told of what in a text may not be read as its writer expects, and of that text.
pub type Note<'a> = dyn FnMut(&Diagnostic, &str) + 'a;

impl FunctionRequest {
    /// The function, its sizes bound, and its data too where there are points.
    ///
    /// # Errors
    /// When something in it is wrong.
    pub fn read(
        &self,
        points: Option<&PointRequest>,
        note: &mut Note<'_>,
    ) -> Result<ParsedFunction, Failure> {
        let source = Source {
            text: self.expression.clone(),
            origin: ORIGIN,
            sizes: sizes(&self.size)?,
            max_nodes: self.max_nodes,
            family: Family::named(self.expression.trim()),
        };
        source.read(points, note)
    }
}

/// A function as it was given.
pub struct Source<'a> {
    /// Its text.
    pub text: String,
    /// Where that is from.
    pub origin: &'a str,
    /// The sizes that are given.
    pub sizes: Vec<(String, i64)>,
    /// Nodes of any graph that is built.
    pub max_nodes: u64,
    /// The family that is meant, whatever the text says.
    pub family: Option<&'static Family>,
}

/// What texts say of sizes.
///
/// # Errors
/// When one cannot be read, or is given twice.
pub fn sizes(texts: &[String]) -> Result<Vec<(String, i64)>, Failure> {
    let mut sizes: Vec<(String, i64)> = Vec::new();
    for text in texts {
        let read =
            read_sizes(text).map_err(|diagnostic| Failure::place(&diagnostic, text, Setting::SizeValues))?;
        for (name, size) in read {
            if sizes.iter().any(|(known, _)| *known == name) {
                let place = text.rfind(&*name).map_or(0..text.len(), |at| at..at + name.len());
                let diagnostic = Diagnostic::at(place, format!("{name} is given twice"), "the second time");
                return Err(Failure::place(&diagnostic, text, Setting::SizeValues));
            }
            sizes.push((name, size));
        }
    }
    Ok(sizes)
}

impl Source<'_> {
    /// The function with what points say of it: sizes by the lengths of inputs, and data.
    ///
    /// # Errors
    /// When something in it is wrong, or it is too large.
    pub fn read(self, points: Option<&PointRequest>, note: &mut Note<'_>) -> Result<ParsedFunction, Failure> {
        let Source { text, origin, mut sizes, max_nodes, family } = self;
        let (text, family) = match family {
            Some(family) => {
                let size = sizes.iter().rev().find(|(name, _)| name == "n").map(|(_, size)| *size);
                let usable = size.is_none_or(|size| size >= 1);
                if !usable {
                    return Err(Failure::text("the size of a family is at least 1"));
                }
                let size = size.map_or(family.sizes[0], |size| size as usize);
                let text = match family.form {
                    Form::Text(text) | Form::WithData(text, _) => text.to_owned(),
                    Form::Built { .. } if points.is_some_and(|points| !points.data_names.is_empty()) => {
                        return Err(Failure::text(format!(
                            "{} has no text, and so no inputs that are data",
                            family.name
                        )));
                    }
                    Form::Built { nodes, .. } => {
                        return built(family, size, nodes(size), &sizes, max_nodes);
                    }
                };
                if !sizes.iter().any(|(name, _)| name == "n") && text.contains('n') {
                    sizes.push(("n".to_owned(), size as i64));
                }
                (text, Some((family, size)))
            }
            None => (text, None),
        };
        let mut function = rolled(&text, origin, &sizes, max_nodes, family.is_some(), note)?;
        if let Some((family, size)) = family {
            function = family.form.bind(function, size).map_err(Failure::text)?;
        }
        if let Some(points) = points {
            function = bindings::bound(function, points)?;
        }
        let given = ParsedFunction::of(text.clone(), origin.to_owned(), function.clone(), max_nodes);
        let given = given.map_err(|error| {
            let diagnostic = Diagnostic::unroll(&error, &function, &text);
            let diagnostic = match &error {
                UnrollError::NoData { input } if points.is_some() => {
                    diagnostic.set(Setting::Data(Some(input.clone())))
                }
                UnrollError::NoData { .. } => diagnostic.set(Setting::Data(None)),
                _ => diagnostic,
            };
            Failure::place(&diagnostic, &text, origin)
        })?;
        Ok(ParsedFunction { family, ..given })
    }
}

/// A function with its axes, its sizes bound.
///
/// # Errors
/// When the text cannot be read, or has no such size.
pub fn rolled(
    text: &str,
    origin: &str,
    sizes: &[(String, i64)],
    max_nodes: u64,
    is_family: bool,
    note: &mut Note<'_>,
) -> Result<Function, Failure> {
    let names = sizes.iter().map(|(name, _)| name.clone()).collect();
    let reader = Reader { sizes: names, max_nodes: usize::try_from(max_nodes).unwrap_or(usize::MAX) };
    let read = reader.parse_with_notes(text);
    let (mut function, notes) = read.map_err(|diagnostic| Failure::place(&diagnostic, text, origin))?;
    notes.iter().for_each(|one| note(one, text));
    for (name, value) in sizes {
        function = match function.with_sizes(&[(name, *value)]) {
            Ok(function) => function,
            // A family that does not grow takes its size with a shrug.
            Err(UnrollError::UnknownSize { .. }) if is_family && name == "n" => function,
            Err(error) => return Err(unknown_size(&function, text, name, *value, &error)),
        };
    }
    Ok(function)
}

/// A size that the function does not have, under the words that gave it.
fn unknown_size(function: &Function, family: &str, name: &str, value: i64, error: &UnrollError) -> Failure {
    let text = format!("{name}={value}");
    let diagnostic = Diagnostic::at(0..name.len(), error.to_string(), "not a size here");
    if let Some(help) = near_miss_of_a_family(family) {
        return Failure::place(&diagnostic.help(help), &text, Setting::SizeValues);
    }
    let diagnostic = match function.graph().sizes() {
        _ if function.graph().block_named(name).is_some() => {
            diagnostic.help(format!("{name} is an input")).set(Setting::Input)
        }
        [] => diagnostic.help("the function has no sizes"),
        sizes => diagnostic.help(format!("its sizes are {}", sizes.join(", "))),
    };
    Failure::place(&diagnostic, &text, Setting::SizeValues)
}

/// A family that is not written in the language.
fn built(
    family: &'static Family,
    size: usize,
    nodes: u64,
    sizes: &[(String, i64)],
    max_nodes: u64,
) -> Result<ParsedFunction, Failure> {
    if let Some((name, value)) = sizes.iter().find(|(name, _)| name != "n") {
        return Err(Failure::text(format!("{name}={value}: {} has the size n alone", family.name)));
    }
    if nodes > max_nodes {
        let found =
            format!("{} of size {size} has {nodes} nodes, more than the budget of {max_nodes}", family.name);
        return Err(Failure::Set(found, Setting::Nodes));
    }
    let function = family.function(size);
    Ok(ParsedFunction {
        text: family.name.to_owned(),
        origin: ORIGIN.to_owned(),
        family: Some((family, size)),
        core: None,
        subject: Subject::of(&function, &function),
        function,
    })
}
