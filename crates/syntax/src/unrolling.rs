//! Why a function that was read from a text cannot be unrolled, at its place in the text.

use std::ops::Range;

use super::diagnostic::Diagnostic;
use super::setting::Setting;
use super::token::{Kind, tokens};
use expr::index::{Index, Symbol};
use expr::{Function, UnrollError};

impl Diagnostic {
    /// Why a function that was read from `text` cannot be unrolled.
    pub fn unroll(error: &UnrollError, function: &Function, text: &str) -> Diagnostic {
        Diagnostic::of(error, error.to_string(), function, text).inside(text)
    }

    fn of(error: &UnrollError, message: String, function: &Function, text: &str) -> Diagnostic {
        let named = |input: &str| mention(text, input).unwrap_or_else(|| everything(text));
        match error {
            UnrollError::OfData { error, .. } => Diagnostic::of(error, message, function, text),
            UnrollError::NoData { input } => {
                let label = format!("{input} is data, known before anything is computed");
                Diagnostic::at(named(input), message, label)
            }
            UnrollError::NotAnIndex { node, .. } => {
                let place = function.graph().place(*node).unwrap_or_else(|| everything(text));
                Diagnostic::at(place, message, "indices are integers from 1 on")
            }
            UnrollError::UnknownInput { input } => {
                Diagnostic::at(named(input), message, "not an input of that shape")
            }
            UnrollError::WrongData { input, .. } => {
                Diagnostic::at(named(input), message, format!("{input} is data"))
            }
            UnrollError::OtherLengths { input, .. } => {
                Diagnostic::at(named(input), message, format!("{input} is data"))
            }
            UnrollError::Unbound { size } if mention(text, size).is_none() => {
                let of = of_length(function, size);
                let place = of.as_ref().and_then(|name| mention(text, name));
                let place = place.unwrap_or_else(|| everything(text));
                let input = of.unwrap_or_else(|| "the input".to_owned());
                let label = format!("{size} is the length of {input}");
                Diagnostic::at(place, message, label).set(Setting::Length { input, size: size.clone() })
            }
            UnrollError::Unbound { size } => {
                let place = mention(text, size).unwrap_or_else(|| everything(text));
                Diagnostic::at(place, message, format!("{size} is a size"))
                    .set(Setting::Sizes(vec![size.clone()]))
            }
            UnrollError::UnknownSize { size } => {
                let place = mention(text, size).unwrap_or_else(|| everything(text));
                let sizes = function.graph().sizes();
                let help = match sizes {
                    [] => "the function has no sizes".to_owned(),
                    _ => format!("its sizes are {}", sizes.join(", ")),
                };
                Diagnostic::at(place, message, "not a size here").help(help)
            }
            UnrollError::TooLarge { .. } | UnrollError::OutOfMemory { .. } => {
                let place = widest(function).unwrap_or_else(|| everything(text));
                let diagnostic = Diagnostic::at(place, message, "too many nodes");
                match error {
                    UnrollError::TooLarge { .. } => diagnostic.set(Setting::Nodes),
                    _ => diagnostic,
                }
            }
            UnrollError::IndexOutOfRange { input, index, node } => {
                let place = function.graph().place(*node).unwrap_or_else(|| everything(text));
                let diagnostic = Diagnostic::at(place, message, format!("reads {input}[{index}]"));
                if *index < 1 { diagnostic.help("indices start at 1") } else { diagnostic }
            }
            UnrollError::BeyondLength { input, index, node, .. } => {
                let place = function.graph().place(*node).unwrap_or_else(|| everything(text));
                Diagnostic::at(place, message, format!("reads {input}[{index}]"))
            }
            UnrollError::OutsideArray { index, node, .. } => {
                let place = function.graph().place(*node).unwrap_or_else(|| everything(text));
                Diagnostic::at(place, message, format!("there is no element {index}"))
            }
            UnrollError::NoExtreme { node } => {
                let place = function.graph().place(*node).unwrap_or_else(|| everything(text));
                Diagnostic::at(place, message, "its range is empty")
            }
            UnrollError::NoLength { input, .. } => {
                let place = mention(text, input).unwrap_or_else(|| everything(text));
                Diagnostic::at(place, message, "lengths are integers from 0 on")
            }
            UnrollError::Overflow { node } => {
                let place = function.graph().place(*node).unwrap_or_else(|| everything(text));
                Diagnostic::at(place, message, "beyond 64-bit integers")
            }
        }
    }
}

/// The text without the space around it.
fn everything(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start().len();
    start..text.trim_end().len().max(start)
}

/// The input of which a size is the length.
fn of_length(function: &Function, size: &str) -> Option<String> {
    let graph = function.graph();
    let size = graph.sizes().iter().position(|own| own == size)?;
    let form = Index::from(Symbol::Size(size as u32));
    let is_long = |(block, extents): &(&expr::graph::Block, Vec<expr::Extent>)| match &block.declared {
        Some(declared) => declared.contains(&form),
        None => extents.iter().any(|extent| extent.bound() == Some(&form)),
    };
    let mut blocks = graph.blocks().iter().zip(expr::extents(graph, function.outputs()));
    blocks.find(is_long).map(|(block, _)| block.name.clone())
}

/// Where a name occurs first.
fn mention(text: &str, name: &str) -> Option<Range<usize>> {
    let all = tokens(text).ok()?;
    let found = all.iter().find(|token| token.kind == Kind::Name && &text[token.place.clone()] == name)?;
    Some(found.place.clone())
}

/// The place of the binder that makes a function large: the last one with the largest constant range, else the last.
fn widest(function: &Function) -> Option<Range<usize>> {
    let graph = function.graph();
    let value = |form: &Index| {
        form.evaluate(|symbol| match symbol {
            Symbol::Size(size) => function.size(&graph.sizes()[size as usize]).unwrap_or(0),
            Symbol::Axis(_) | Symbol::Datum(_) => 0,
        })
        .unwrap_or(i64::MAX)
    };
    graph
        .ids()
        .filter_map(|id| {
            let range = graph.scope(id)?.range;
            Some((value(&range.high).saturating_sub(value(&range.low)), graph.place(id)?))
        })
        .max_by_key(|(extent, _)| *extent)
        .map(|(_, place)| place)
}
