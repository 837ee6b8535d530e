//! What points say before anything is computed: sizes by the lengths of inputs, and data.

use expr::Function;
use expr::graph::Role;
use syntax::{Diagnostic, GivenValue, Setting, read_values};

use crate::points::flattened;
use crate::{Failure, PointRequest};

/// The function with the sizes bound that follow from the lengths of the inputs in the first text that is a point, and with the data of all.
///
/// # Errors
/// When that says nothing, contradicts itself, or names what is no input.
pub fn bound(function: Function, points: &PointRequest) -> Result<Function, Failure> {
    let names: Vec<&str> = points.data_names.iter().map(|name| name.trim()).collect();
    for &name in &names {
        if function.graph().block_named(name).is_none() {
            let blocks = function.graph().blocks();
            let known: Vec<&str> = blocks.iter().map(|block| block.name.as_str()).collect();
            let diagnostic = Diagnostic::unknown_input(name, 0..name.len(), &known);
            return Err(Failure::place(&diagnostic, name, Setting::DataNames));
        }
    }
    let function = function.as_data(&names).map_err(Failure::text)?;
    let reads_data = function.graph().blocks().iter().any(|block| block.role == Role::Data);
    if function.unbound_sizes().is_empty() && !reads_data {
        return Ok(function);
    }
    let mut all: Vec<(&str, Vec<GivenValue>)> = Vec::with_capacity(points.at.len());
    for text in &points.at {
        let values =
            read_values(text).map_err(|diagnostic| Failure::place(&diagnostic, text, Setting::At))?;
        all.push((text, values));
    }
    let is_point =
        |(_, values): &&(&str, Vec<GivenValue>)| values.iter().any(|value| !is_data(&function, &value.name));
    let Some((text, values)) = all.iter().find(is_point).or(all.first()) else { return Ok(function) };
    let data = match reads_data {
        true => data(&function, &all)?,
        false => Vec::new(),
    };
    // Data may stand in any of them, all else says how long it is in the first.
    let given =
        values.iter().map(|value| (value, *text)).filter(|(value, _)| !is_data(&function, &value.name));
    let given: Vec<(&GivenValue, &str)> = given.chain(data).collect();
    let lengths: Vec<Vec<usize>> = given.iter().map(|(value, _)| value.tree.lengths()).collect();
    let named: Vec<(&str, &[usize])> =
        given.iter().zip(&lengths).map(|((value, _), lengths)| (value.name.as_str(), &lengths[..])).collect();
    let sizes = function.sizes_for(&named).map_err(|conflict| {
        let found = given.iter().find(|(value, _)| value.name == conflict.second.0);
        let (place, text) = found.map_or((0..text.len(), *text), |(value, text)| (value.place.clone(), text));
        let label = format!("of length {}", conflict.second.1);
        Failure::place(&Diagnostic::at(place, conflict.to_string(), label), text, Setting::At)
    })?;
    let sizes: Vec<(&str, i64)> = sizes.iter().map(|(size, value)| (size.as_str(), *value)).collect();
    let mut function = function.with_sizes(&sizes).map_err(Failure::text)?;
    for ((value, text), lengths) in given.iter().zip(&lengths) {
        if is_data(&function, &value.name) {
            function = with_data(&function, value, lengths, text)?;
        } else if function.is_read_by_data(&value.name, lengths.len()) {
            function = function.with_lengths(&[(&value.name, lengths)]).map_err(Failure::text)?;
        }
    }
    Ok(function)
}

fn is_data(function: &Function, name: &str) -> bool {
    let graph = function.graph();
    graph.block_named(name).is_some_and(|block| graph.block(block).role == Role::Data)
}

/// The data in all texts of points, with these texts. Data that are given more than once are the same each time.
fn data<'a>(
    function: &Function,
    all: &'a [(&'a str, Vec<GivenValue>)],
) -> Result<Vec<(&'a GivenValue, &'a str)>, Failure> {
    let mut found: Vec<(&GivenValue, &str)> = Vec::new();
    for (text, values) in all {
        let mut here: Vec<&str> = Vec::new();
        for value in values.iter().filter(|value| is_data(function, &value.name)) {
            let refuse = |message: String, label: &str| {
                Failure::place(&Diagnostic::at(value.place.clone(), message, label), text, Setting::At)
            };
            if here.contains(&value.name.as_str()) {
                return Err(refuse(format!("{} is given twice", value.name), "the second time"));
            }
            here.push(&value.name);
            match found.iter().find(|(known, _)| known.name == value.name) {
                Some((known, _)) if known.tree != value.tree => {
                    return Err(refuse(
                        format!("{} is data, the same at every point", value.name),
                        "given with other values before",
                    ));
                }
                Some(_) => {}
                None => found.push((value, text)),
            }
        }
    }
    Ok(found)
}

fn with_data(
    function: &Function,
    value: &GivenValue,
    lengths: &[usize],
    text: &str,
) -> Result<Function, Failure> {
    let refuse = |message: String| {
        let diagnostic = Diagnostic::at(value.place.clone(), message, "not of this shape");
        Failure::place(&diagnostic, text, Setting::At)
    };
    let block = function.graph().block_named(&value.name).expect("it is data");
    let rank = function.graph().block(block).rank;
    let numbers = flattened(&value.tree, lengths).filter(|_| lengths.len() == rank);
    let numbers = numbers.ok_or_else(|| {
        let needed = match rank {
            0 => "one number".to_owned(),
            1 => "a list of numbers".to_owned(),
            _ => format!("lists of equal lengths, nested {rank} deep"),
        };
        refuse(format!("the data {} are {needed}", value.name))
    })?;
    function.with_data(&[(&value.name, lengths, &numbers)]).map_err(|error| refuse(error.to_string()))
}
