//! Getting the function: from the command line, a file or a family; and saying what is wrong with it.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use commands::input as from_text;
pub(crate) use commands::input::sizes;
use commands::{Failure, ParsedFunction, Source};
use experiments::Family;
use expr::Function;
use syntax::Diagnostic;

use crate::args::{FunctionArgs, PointArgs};
use crate::fpcore;

/// What was given: one function, or a file of cores, some of which we may not be able to say.
pub(crate) enum Input {
    One(Box<ParsedFunction>),
    Cores(Vec<(String, Result<ParsedFunction, Diagnostic>)>),
}

/// Reads what was given, and removes axes where that is quick; sizes that `--at` determines need not be given, and data are what it says.
pub(crate) fn read(args: &FunctionArgs, points: &PointArgs) -> Result<Input, Failure> {
    let sizes = sizes(&args.size)?;
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
    let family = args.expression.as_deref().and_then(|word| Family::named(word.trim()));
    let source = Source { text, origin: &origin, sizes, max_nodes: args.max_nodes, family };
    let points = points.map(PointArgs::request);
    let given = source.read(points.as_ref(), &mut |note, text| say_once(note, text, &origin))?;
    Ok(Input::One(Box::new(given)))
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

/// A function with its axes, its sizes bound; what its writer may not expect is said.
pub(crate) fn rolled(
    text: &str,
    origin: &str,
    sizes: &[(String, i64)],
    max_nodes: u64,
    is_family: bool,
) -> Result<Function, Failure> {
    from_text::rolled(text, origin, sizes, max_nodes, is_family, &mut |note, text| {
        say_once(note, text, origin)
    })
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
