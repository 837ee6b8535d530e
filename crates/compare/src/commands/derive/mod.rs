//! `compare derive`: the derivative as a formula, step by step, or as a program, an equation or a graph for others.

mod args;

use commands::Failure;
use commands::derive::{DeriveRequest, Document, Form, Simplify, derive, derive_every, is_open};
use commands::output::json;
use expr::Function;

use crate::{args as shared, input};

pub(crate) use args::{DeriveArgs, DeriveFormat, Written};

/// The derivative, written as asked.
pub(crate) fn render(args: &DeriveArgs) -> Result<String, Failure> {
    if args.order < 1 {
        return Err(Failure::text(format!(
            "--order {}: orders are 1 (the gradient), 2 (the Hessian), 3, and so on",
            args.order
        )));
    }
    if args.steps && args.to != Written::Text {
        return Err(Failure::text("--steps explains in text; it goes with no other --to"));
    }
    let sizes = input::sizes(&args.function.size)?;
    let (text, origin) = input::text(&args.function)?;
    match input::read_text(&args.function, text.clone(), origin.clone(), sizes.clone()) {
        Ok(given) => Ok(written(args, derive(&request(args), &input::one(given)?)?)),
        // What cannot be unrolled for want of a size has a derivative all the same.
        Err(problem) => match with_open_sizes(args, &text, &origin, &sizes) {
            Some(f) => Ok(written(args, derive_every(&request(args), &f, &text)?)),
            None => Err(problem),
        },
    }
}

/// The function, if it is one of our language and a size of it, or data, have no value.
fn with_open_sizes(args: &DeriveArgs, text: &str, origin: &str, sizes: &[(String, i64)]) -> Option<Function> {
    let f = input::rolled(text, origin, sizes, args.function.max_nodes, false).ok()?;
    is_open(&f).then_some(f)
}

fn request(args: &DeriveArgs) -> DeriveRequest {
    DeriveRequest {
        wrt: args.wrt.clone(),
        order: args.order as usize,
        steps: args.steps,
        simplify: match args.simplify {
            shared::Simplify::None => Simplify::None,
            shared::Simplify::Fast => Simplify::Fast,
            shared::Simplify::Accurate => Simplify::Accurate,
        },
        form: args.form.map(|form| match form {
            args::Form::Reader => Form::Reader,
            args::Form::Machine => Form::Machine,
        }),
        max_nodes: args.function.max_nodes,
        rows: args.format == DeriveFormat::Json,
        ..DeriveRequest::to(args.to.target())
    }
}

fn written(args: &DeriveArgs, found: Document<'_>) -> String {
    if let Some(note) = &found.note {
        // Beside the formulas, which may be the text of a program.
        eprintln!("note: {note}");
    }
    match args.format {
        DeriveFormat::Table => found.into_text(),
        DeriveFormat::Json => json::text(&found),
    }
}
