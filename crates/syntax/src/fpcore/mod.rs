//! FPCore 2.0, the format in which numerical benchmarks are exchanged (<https://fpbench.org/spec/fpcore-2.0.html>).
//!
//! A core is read as a function of real numbers: precisions and casts in it are passed over. `let`, `if` and arithmetic
//! become what they are in our language; a loop becomes an [iteration](crate::Builder::iterate) where the number of its
//! rounds does not depend on data: it is counted when it is a number, and a size when it runs to an argument.

mod arguments;
mod elaborate;
mod form;
mod loops;
mod operators;
#[cfg(test)]
mod tests;
mod words;

use std::ops::Range;

use crate::Diagnostic;
use arguments::Arguments;
use elaborate::{Elaborator, Unread};
use expr::{Builder, Function, Style};
use form::{FormId, Forms};

/// One core of a text.
#[derive(Clone, Debug)]
pub struct Core {
    /// Its `:name`, or the name after the word FPCore.
    pub name: Option<String>,
    /// Where it stands in the text, in bytes.
    pub place: Range<usize>,
    /// What it says, or what of it we cannot say, and where.
    pub meaning: Result<CoreMeaning, Diagnostic>,
}

/// What a core says.
#[derive(Clone, Debug)]
pub struct CoreMeaning {
    /// The function.
    pub function: Function,
    /// What its `:pre` says of each input by itself: an interval, with infinite ends where it says nothing.
    pub domain: Vec<(f64, f64)>,
    /// Its `:pre` as a function of the same inputs: 1 where it holds, else 0.
    pub precondition: Option<Function>,
    /// Values of its sizes (arguments that loops run to), from its `:example`.
    pub sizes: Vec<(String, i64)>,
}

/// Reads all cores of a text.
///
/// ```
/// let cores = syntax::read_cores("(FPCore (x) :pre (< 0 x 1) (let ([y (* x x)]) (+ y (/ 1 y))))").unwrap();
/// let core = cores[0].meaning.as_ref().unwrap();
/// assert_eq!(core.domain, [(0.0, 1.0)]);
/// assert!(core.function.same_graph(&syntax::parse("let y = x*x; y + 1/y").unwrap()));
/// ```
///
/// # Errors
/// Where brackets or strings do not match, or something is not a core. What a core itself has wrong, or what we cannot
/// say of it, is in its [`meaning`](Core::meaning).
pub fn read_cores(text: &str) -> Result<Vec<Core>, Diagnostic> {
    let forms = Forms::read(text)?;
    forms.top.iter().map(|&id| core(&forms, id)).collect()
}

fn core(forms: &Forms<'_>, id: FormId) -> Result<Core, Diagnostic> {
    let Some(("FPCore", rest)) = forms.call(id) else {
        let message = "not a core: it does not begin with (FPCore";
        return Err(Diagnostic::at(forms.place(id), message, "expected (FPCore (arguments) … body)"));
    };
    let (own_name, rest) = match rest {
        [name, rest @ ..] if forms.word(*name).is_some() => (forms.word(*name), rest),
        rest => (None, rest),
    };
    let properties = properties(forms, rest.get(1..).unwrap_or_default());
    let titled = properties.iter().find(|(key, _)| *key == ":name").and_then(|&(_, value)| forms.word(value));
    let name = titled.map(|title| title.trim_matches('"').to_owned()).or(own_name.map(str::to_owned));
    Ok(Core { name, place: forms.place(id), meaning: meaning(forms, id, rest, &properties) })
}

/// Pairs of `:key value`, up to the body.
fn properties<'t>(forms: &Forms<'t>, rest: &[FormId]) -> Vec<(&'t str, FormId)> {
    let pairs = rest.chunks_exact(2).map(|pair| (forms.word(pair[0]), pair[1]));
    pairs.map_while(|(key, value)| Some((key.filter(|key| key.starts_with(':'))?, value))).collect()
}

fn meaning(
    forms: &Forms<'_>,
    id: FormId,
    rest: &[FormId],
    properties: &[(&str, FormId)],
) -> Result<CoreMeaning, Diagnostic> {
    let [parameters, rest @ ..] = rest else {
        return Err(Diagnostic::at(forms.place(id), "a core without arguments and body", "ends too early"));
    };
    let [body] = rest[2 * properties.len()..] else {
        let message = "a core has one body, after its properties";
        return Err(Diagnostic::at(forms.place(id), message, "not so here"));
    };
    let mut arguments = Arguments::read(forms, *parameters)?;
    let function = settled(forms, &mut arguments, body)?;
    let property = |key: &str| properties.iter().find(|(k, _)| *k == key).map(|&(_, value)| value);
    let pre = property(":pre");
    let precondition = pre.map(|pre| settled(forms, &mut arguments, pre)).transpose()?;
    let mut domain = vec![(f64::NEG_INFINITY, f64::INFINITY); arguments.input_count()];
    if let Some(pre) = pre {
        bounds(forms, &arguments, pre, &mut domain);
    }
    let example = property(":example").and_then(|example| forms.list(example)).unwrap_or_default();
    let sizes = example.iter().filter_map(|&pair| match forms.list(pair)? {
        &[name, value] => {
            let size = arguments.size(forms.word(name)?)?;
            let value = constant(forms, value).filter(|value| value.fract() == 0.0 && value.abs() < 1e15)?;
            Some((size.to_owned(), value as i64))
        }
        _ => None,
    });
    Ok(CoreMeaning { function, domain, precondition, sizes: sizes.collect() })
}

/// One form as a function of all arguments, of which those that loops run to become sizes.
fn settled(forms: &Forms<'_>, arguments: &mut Arguments<'_>, body: FormId) -> Result<Function, Diagnostic> {
    loop {
        match written(forms, arguments, body) {
            Ok(function) => return Ok(function),
            Err(Unread::Wrong(diagnostic)) => return Err(diagnostic),
            // One less each time.
            Err(Unread::RunsTo(argument)) => arguments.make_size(&argument),
        }
    }
}

/// One form as a function of all arguments.
fn written(forms: &Forms<'_>, arguments: &Arguments<'_>, body: FormId) -> Result<Function, Unread> {
    let builder = Builder::new(Style::Written);
    let output = Elaborator::new(forms, &builder, arguments).elaborate(body)?;
    Ok(builder.finish(vec![output]))
}

/// The value of a form without arguments.
fn constant(forms: &Forms<'_>, form: FormId) -> Option<f64> {
    let function = written(forms, &Arguments::default(), form).ok()?;
    function.is_flat().then(|| function.evaluate((), &[])[0])
}

/// Narrows the domain to what a condition says of single arguments, as far as it is a conjunction of comparisons with
/// numbers.
fn bounds(forms: &Forms<'_>, arguments: &Arguments<'_>, condition: FormId, domain: &mut [(f64, f64)]) {
    let mut open = vec![condition];
    while let Some(form) = open.pop() {
        match forms.call(form) {
            Some(("and", parts)) => open.extend(parts),
            Some((op @ ("<" | "<=" | ">" | ">="), parts)) => {
                for pair in parts.windows(2) {
                    let (below, above) =
                        if op.starts_with('<') { (pair[0], pair[1]) } else { (pair[1], pair[0]) };
                    let input = |form: FormId| arguments.input(forms.word(form)?);
                    match (input(below), input(above)) {
                        (Some(k), None) => {
                            domain[k].1 = domain[k].1.min(constant(forms, above).unwrap_or(f64::INFINITY))
                        }
                        (None, Some(k)) => {
                            domain[k].0 =
                                domain[k].0.max(constant(forms, below).unwrap_or(f64::NEG_INFINITY));
                        }
                        _ => {}
                    }
                }
            }
            // Names that it binds have no numbers by themselves, so nothing is concluded from them.
            Some(("let" | "let*", [_, body])) => open.push(*body),
            _ => {}
        }
    }
}
