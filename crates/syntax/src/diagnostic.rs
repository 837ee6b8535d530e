//! What is wrong, where, and what to do about it.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::setting::{Setting, Words};

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
#[error("{message}{}", self.advice().map_or(String::new(), |advice| format!(" ({advice})")))]
pub struct Diagnostic {
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where, in bytes; inside the text, or empty at its end.
    pub place: Range<usize>,
    /// What is to be seen there.
    pub label: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What a caller can set about it.
    pub setting: Option<Box<Setting>>,
}

impl Diagnostic {
    /// A mistake at a place.
    pub fn at(place: Range<usize>, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic { message: message.into(), place, label: label.into(), help: None, setting: None }
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// The same with something that a caller can set about it.
    #[must_use]
    pub fn set(mut self, setting: Setting) -> Diagnostic {
        self.setting = Some(Box::new(setting));
        self
    }

    /// The same in the words of a program for what can be set there.
    ///
    /// ```
    /// let f = syntax::parse("sum(i, 1, n, x^i)").unwrap();
    /// let error = syntax::Diagnostic::unroll(&f.unroll(100).unwrap_err(), &f, "sum(i, 1, n, x^i)");
    /// assert!(error.to_string().ends_with("(give a value to n)"));
    /// let worded = error.worded(|setting| Some(format!("press the button: {setting}")));
    /// assert!(worded.to_string().ends_with("(press the button: give a value to n)"));
    /// ```
    #[must_use]
    pub fn worded(mut self, words: Words) -> Diagnostic {
        if let Some(setting) = self.setting.take() {
            let all: Vec<String> = self.help.take().into_iter().chain(words(&setting)).collect();
            self.help = (!all.is_empty()).then(|| all.join("; "));
        }
        self
    }

    /// All that can be done about it.
    fn advice(&self) -> Option<String> {
        self.clone().worded(Setting::neutral).help
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
        let advice = self.advice();
        if let Some(help) = &advice {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }

    /// With a place that certainly lies in this text, between characters.
    pub(crate) fn inside(mut self, text: &str) -> Diagnostic {
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
