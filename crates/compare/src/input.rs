//! Getting the function: from the command line, a file or a family; and saying what is wrong with it.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use commands::parsed::near_miss_of_a_family;
use commands::{Failure, ParsedFunction};
use experiments::Family;
use experiments::families::Form;
use expr::{Function, UnrollError};
use harness::Subject;
use syntax::{Diagnostic, Reader, read_sizes};

use crate::args::{FunctionArgs, PointArgs};
use crate::bindings;
use crate::fpcore;

/// What was given: one function, or a file of cores, some of which we may not be able to say.
pub(crate) enum Input {
    One(Box<ParsedFunction>),
    Cores(Vec<(String, Result<ParsedFunction, Diagnostic>)>),
}

/// Reads what was given, and removes axes where that is quick; sizes that `--at` determines need not be given, and data are what it says.
pub(crate) fn read(args: &FunctionArgs, points: &PointArgs) -> Result<Input, Failure> {
    let sizes = sizes(args)?;
    let (text, origin) = text(args)?;
    read_text_at(args, text, origin, sizes, Some(points))
}

/// The text of the function, and where it is from.
pub(crate) fn text(args: &FunctionArgs) -> Result<(String, String), Failure> {
    written(&args.expression, &args.file)
}

/// Reads a text that was given, with these sizes.
pub(crate) fn read_text(
    args: &FunctionArgs,
    text: String,
    origin: String,
    sizes: Vec<(String, i64)>,
) -> Result<Input, Failure> {
    read_text_at(args, text, origin, sizes, None)
}

fn read_text_at(
    args: &FunctionArgs,
    text: String,
    origin: String,
    sizes: Vec<(String, i64)>,
    points: Option<&PointArgs>,
) -> Result<Input, Failure> {
    let named = args.file.as_ref().is_some_and(|path| path.extension().is_some_and(|end| end == "fpcore"));
    if named || args.file.is_some() && fpcore::begins_core(&text) {
        if points.is_some_and(|points| !points.data_names.is_empty()) {
            return Err(Failure::text("--data-names: FPCore has no data"));
        }
        return fpcore::read(args, &text, &origin, &sizes);
    }
    if args.core.is_some() {
        return Err(Failure::text("--core chooses among the cores of a file of FPCore"));
    }
    expression(args, text, &origin, sizes, points).map(|given| Input::One(Box::new(given)))
}

/// The text that was given, and where it comes from.
pub(crate) fn written(
    expression: &Option<String>,
    file: &Option<PathBuf>,
) -> Result<(String, String), Failure> {
    match (expression, file) {
        (Some(expression), None) => Ok((expression.clone(), "expression".to_owned())),
        (None, Some(path)) => Ok((contents(path)?, path.display().to_string())),
        _ => Err(Failure::text(
            "no function given: write one in quotes, or name a file with --file; see --help",
        )),
    }
}

/// Reads one function: of a file of several cores one must be chosen.
pub(crate) fn function(args: &FunctionArgs, points: &PointArgs) -> Result<ParsedFunction, Failure> {
    one(read(args, points)?)
}

/// The one function that was given.
pub(crate) fn one(input: Input) -> Result<ParsedFunction, Failure> {
    match input {
        Input::One(given) => Ok(*given),
        Input::Cores(_) => Err(Failure::text("the file has several cores: choose one with --core")),
    }
}

/// What `--size` says.
pub(crate) fn sizes(args: &FunctionArgs) -> Result<Vec<(String, i64)>, Failure> {
    let mut sizes: Vec<(String, i64)> = Vec::new();
    for text in &args.size {
        let read = read_sizes(text).map_err(|diagnostic| Failure::place(&diagnostic, text, "--size"))?;
        for (name, size) in read {
            if sizes.iter().any(|(known, _)| *known == name) {
                let place = text.rfind(&*name).map_or(0..text.len(), |at| at..at + name.len());
                let diagnostic = Diagnostic::at(place, format!("{name} is given twice"), "the second time");
                return Err(Failure::place(&diagnostic, text, "--size"));
            }
            sizes.push((name, size));
        }
    }
    Ok(sizes)
}

/// A function in our language, or a family by its name.
fn expression(
    args: &FunctionArgs,
    text: String,
    origin: &str,
    mut sizes: Vec<(String, i64)>,
    points: Option<&PointArgs>,
) -> Result<ParsedFunction, Failure> {
    let data_names = points.map_or(&[][..], |points| &points.data_names);
    let family = args.expression.as_deref().and_then(|word| Family::named(word.trim()));
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
                Form::Built { .. } if !data_names.is_empty() => {
                    return Err(Failure::text(format!("--data-names: {} has no text", family.name)));
                }
                Form::Built { nodes, .. } => return built(args, family, size, nodes(size), &sizes),
            };
            if !sizes.iter().any(|(name, _)| name == "n") && text.contains('n') {
                sizes.push(("n".to_owned(), size as i64));
            }
            (text, Some((family, size)))
        }
        None => (text, None),
    };
    let mut function = rolled(&text, origin, &sizes, args.max_nodes, family.is_some())?;
    if let Some((family, size)) = family {
        function = family.form.bind(function, size).map_err(Failure::text)?;
    }
    if let Some(points) = points {
        function = bindings::bound(function, points)?;
    }
    let given = ParsedFunction::of(text.clone(), origin.to_owned(), function.clone(), args.max_nodes);
    let given = given.map_err(|error| {
        let diagnostic = Diagnostic::unroll(&error, &function, &text);
        let diagnostic = match &error {
            UnrollError::NoData { input } if points.is_some() => {
                diagnostic.help(format!("give it with --at {input}=…"))
            }
            UnrollError::NoData { .. } => {
                diagnostic.help("compare, grad, trace, plot, steps and descend take data, with --at")
            }
            _ => diagnostic,
        };
        Failure::place(&diagnostic, &text, origin)
    })?;
    Ok(ParsedFunction { family, ..given })
}

/// A function with its axes, its sizes bound.
pub(crate) fn rolled(
    text: &str,
    origin: &str,
    sizes: &[(String, i64)],
    max_nodes: u64,
    is_family: bool,
) -> Result<Function, Failure> {
    let names = sizes.iter().map(|(name, _)| name.clone()).collect();
    let reader = Reader { sizes: names, max_nodes: usize::try_from(max_nodes).unwrap_or(usize::MAX) };
    let read = reader.parse_with_notes(text);
    let (mut function, notes) = read.map_err(|diagnostic| Failure::place(&diagnostic, text, origin))?;
    notes.iter().for_each(|note| say_once(note, text, origin));
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
        return Failure::place(&diagnostic.help(help), &text, "--size");
    }
    let sizes = function.graph().sizes();
    let help = match sizes {
        _ if function.graph().block_named(name).is_some() => format!("{name} is an input: give it with --at"),
        [] => "the function has no sizes".to_owned(),
        _ => format!("its sizes are {}", sizes.join(", ")),
    };
    Failure::place(&diagnostic.help(help), &text, "--size")
}

/// Says on stderr what in a text may not be read as its writer expects; once, however often the text is read.
fn say_once(note: &Diagnostic, text: &str, origin: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let colour = crate::output::colour(std::io::stderr().is_terminal());
    let said = note.clone().worded(crate::words::of).render_note(text, origin, colour);
    if SAID.lock().is_ok_and(|mut all| all.insert(said.clone())) {
        eprintln!("{said}");
    }
}

/// A family that is not written in the language.
fn built(
    args: &FunctionArgs,
    family: &'static Family,
    size: usize,
    nodes: u64,
    sizes: &[(String, i64)],
) -> Result<ParsedFunction, Failure> {
    if let Some((name, value)) = sizes.iter().find(|(name, _)| name != "n") {
        return Err(Failure::text(format!("--size {name}={value}: {} has the size n alone", family.name)));
    }
    if nodes > args.max_nodes {
        return Err(Failure::text(format!(
            "{} of size {size} has {nodes} nodes, more than the {} of --max-nodes",
            family.name, args.max_nodes
        )));
    }
    let function = family.function(size);
    Ok(ParsedFunction {
        text: family.name.to_owned(),
        origin: "expression".to_owned(),
        family: Some((family, size)),
        core: None,
        subject: Subject::of(&function, &function),
        function,
    })
}

pub(crate) fn contents(path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let result = if path == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    result.map_err(|error| Failure::text(format!("cannot read {}: {error}", path.display())))?;
    String::from_utf8(bytes).map_err(|error| {
        Failure::text(format!(
            "{} is not text: byte {} is not UTF-8",
            path.display(),
            error.utf8_error().valid_up_to() + 1
        ))
    })
}
