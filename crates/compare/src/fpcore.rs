//! Reading a file of FPCore.

use commands::{Failure, ParsedFunction};
use harness::{Region, Subject};
use syntax::{Core, CoreMeaning, Diagnostic, read_cores};

use crate::args::FunctionArgs;
use crate::input::Input;

/// Whether a text, whatever it is called, begins with a core; comments aside.
pub(crate) fn begins_core(text: &str) -> bool {
    let said = |line: &&str| !line.is_empty() && !line.starts_with(';');
    text.lines().map(str::trim).find(said).is_some_and(|line| line.starts_with("(FPCore"))
}

/// Reads the cores of a text: one where there is one or one is chosen.
pub(crate) fn read(
    args: &FunctionArgs,
    text: &str,
    origin: &str,
    sizes: &[(String, i64)],
) -> Result<Input, Failure> {
    let blame = |diagnostic: &Diagnostic| Failure::place(diagnostic, text, origin);
    let cores = read_cores(text).map_err(|diagnostic| blame(&diagnostic))?;
    let named = |(k, core): (usize, Core)| {
        let name = core.name.clone().map(|name| name.replace(['\n', '\r'], " "));
        (name.unwrap_or_else(|| format!("core {}", k + 1)), core)
    };
    let mut cores: Vec<(String, Core)> = cores.into_iter().enumerate().map(named).collect();
    if let Some(wanted) = &args.core {
        let names: Vec<String> = cores.iter().map(|(name, _)| name.clone()).collect();
        cores.retain(|(name, _)| name == wanted);
        if cores.is_empty() {
            return Err(Failure::text(format!("--core {wanted}: there are {}", names.join(", "))));
        }
    }
    if cores.is_empty() {
        return Err(Failure::text(format!("{origin} has no cores")));
    }
    let alone = cores.len() == 1;
    let mut all = Vec::new();
    for (name, core) in cores {
        match given(args, core, &name, text, sizes, alone) {
            Ok(given) if alone => return Ok(Input::One(Box::new(given))),
            Err(diagnostic) if alone => return Err(blame(&diagnostic)),
            given => all.push((name, given)),
        }
    }
    Ok(Input::Cores(all))
}

fn given(
    args: &FunctionArgs,
    core: Core,
    name: &str,
    text: &str,
    sizes: &[(String, i64)],
    alone: bool,
) -> Result<ParsedFunction, Diagnostic> {
    let meaning: CoreMeaning = core.meaning?;
    let written = &meaning.function;
    // What is asked for goes before what the core itself gives as an example.
    let known = written.graph().sizes().to_vec();
    let mut bound: Vec<(&str, i64)> = Vec::new();
    for (size, value) in sizes.iter().chain(&meaning.sizes) {
        // In a file of several cores each takes the sizes that it has.
        if !bound.iter().any(|(name, _)| name == size) && (alone || known.contains(size)) {
            bound.push((size, *value));
        }
    }
    let blame = |error, f| Diagnostic::unroll(&error, f, text);
    let function = written.with_sizes(&bound).map_err(|error| blame(error, written))?;
    let subject = Subject::new(function.clone(), args.max_nodes).map_err(|error| blame(error, &function))?;
    let region =
        Region::of_core(&meaning, &bound, args.max_nodes).map_err(|error| blame(error, &function))?;
    Ok(ParsedFunction {
        text: syntax::text(&function),
        origin: name.to_owned(),
        family: None,
        core: Some((name.to_owned(), region)),
        function,
        subject,
    })
}
