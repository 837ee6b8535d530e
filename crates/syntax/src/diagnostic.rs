//! What is wrong, where, and what to do about it.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::token::{Kind, tokens};
use expr::index::{Index, Symbol};
use expr::{Function, UnrollError};

/// A mistake in a text: what it is, where, and what to do about it.
///
/// Displayed it is one line; [`render`](Self::render) shows the text with a caret.
///
/// ```
/// let text = "sinn(x)";
/// let wrong = syntax::parse(text).unwrap_err();
/// assert_eq!(wrong.to_string(), "there is no function sinn (did you mean sin? To multiply, write sinn*(…))");
/// assert_eq!(&text[wrong.place.clone()], "sinn");
/// assert!(wrong.render(text, "function", false).contains("1 | sinn(x)\n  | ^^^^ not known"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", .help.as_ref().map_or(String::new(), |help| format!(" ({help})")))]
pub struct Diagnostic {
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where, in bytes; inside the text, or empty at its end.
    pub place: Range<usize>,
    /// What is to be seen there.
    pub label: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A mistake at a place.
    pub fn at(place: Range<usize>, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic { message: message.into(), place, label: label.into(), help: None }
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// A name that is none of the inputs of a function.
    pub fn unknown_input(name: &str, place: Range<usize>, inputs: &[&str]) -> Diagnostic {
        let diagnostic = Diagnostic::at(place, format!("the function has no input {name}"), "not an input");
        match closest(name, inputs.iter().copied()) {
            Some(input) => diagnostic.help(format!("did you mean {input}?")),
            None if inputs.is_empty() => diagnostic.help("the function has no inputs"),
            None if inputs.len() > 10 => diagnostic.help(format!(
                "its inputs are {}, … ({} names)",
                inputs[..10].join(", "),
                inputs.len()
            )),
            None => diagnostic.help(format!("its inputs are {}", inputs.join(", "))),
        }
    }

    /// Why a function that was read from `text` cannot be unrolled.
    pub fn unroll(error: &UnrollError, function: &Function, text: &str) -> Diagnostic {
        let message = error.to_string();
        match error {
            UnrollError::Unbound { size } => {
                let place = mention(text, size).unwrap_or_else(|| everything(text));
                Diagnostic::at(place, message, format!("{size} is a size"))
                    .help(format!("give it with --size {size}=…"))
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
                    UnrollError::TooLarge { .. } => diagnostic.help("allow more with --max-nodes"),
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
            UnrollError::NoLength { input, .. } => {
                let place = mention(text, input).unwrap_or_else(|| everything(text));
                Diagnostic::at(place, message, "lengths are integers from 0 on")
            }
            UnrollError::Overflow { node } => {
                let place = function.graph().place(*node).unwrap_or_else(|| everything(text));
                Diagnostic::at(place, message, "beyond 64-bit integers")
            }
        }
        .inside(text)
    }

    /// The message under the text, with a caret where it belongs, as a terminal shows it.
    ///
    /// `origin` says where the text comes from, such as a file name.
    pub fn render(&self, text: &str, origin: &str, color: bool) -> String {
        self.render_as(Level::ERROR, text, origin, color)
    }

    /// The same for what is no mistake, but may not be what the writer expects.
    pub fn render_note(&self, text: &str, origin: &str, color: bool) -> String {
        self.render_as(Level::NOTE, text, origin, color)
    }

    fn render_as(&self, level: Level<'_>, text: &str, origin: &str, color: bool) -> String {
        let place = self.clone().inside(text).place;
        let (shown, first_line) = neighbourhood(text, &place);
        let span = place.start - shown.start..place.end - shown.start;
        let snippet = Snippet::source(&text[shown])
            .line_start(first_line)
            .path(origin)
            .annotation(AnnotationKind::Primary.span(span).label(self.label.as_str()));
        let mut group = level.primary_title(self.message.as_str()).element(snippet);
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }

    /// With a place that certainly lies in this text, between characters.
    fn inside(mut self, text: &str) -> Diagnostic {
        let clamp =
            |at: usize| (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        let start = clamp(self.place.start);
        self.place = start..clamp(self.place.end).max(start);
        self
    }
}

/// The candidate that `name` is probably meant to be.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > 40 {
        return None;
    }
    let tolerance = if name.len() < 3 { 0 } else { (name.len() / 3).max(1) };
    candidates
        .into_iter()
        .map(|candidate| {
            let same_letters = candidate.eq_ignore_ascii_case(name);
            let distance = if same_letters { 0 } else { strsim::osa_distance(name, candidate) };
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= tolerance)
        .min_by_key(|(distance, candidate)| {
            let begin_alike = candidate.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
            (*distance, std::cmp::Reverse(begin_alike))
        })
        .map(|(_, candidate)| candidate)
}

/// The text without the space around it.
fn everything(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start().len();
    start..text.trim_end().len().max(start)
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
            Symbol::Axis(_) => 0,
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

/// The lines around a place, and the number of the first; of a very long line a window, since a terminal shows no
/// more of it.
fn neighbourhood(text: &str, place: &Range<usize>) -> (Range<usize>, usize) {
    const WINDOW: usize = 2_000;
    let line_start = text[..place.start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[place.end..].find('\n').map_or(text.len(), |at| place.end + at);
    let boundary = |at: usize| (at..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
    let start = line_start.max(boundary(place.start.saturating_sub(WINDOW)));
    let end = line_end.min(boundary((place.end + WINDOW).min(text.len())));
    let line = 1 + text.as_bytes()[..start].iter().filter(|&&byte| byte == b'\n').count();
    (start..end.max(place.end), line)
}
