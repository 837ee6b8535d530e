//! `compare derive`: the derivative as a formula, step by step, or as a program, an equation or a graph for others.

mod args;
mod every;

use std::fmt::Write;

use export::{Caption, Target, export, group, labels};
use expr::Function;
use serde::Serialize;
use symbolic::reader::Candidate;
use symbolic::{Derivatives, differentiate_for_readers, differentiate_repeatedly, steps};
use syntax::{Diagnostic, formulas_sharing};

use crate::args::Simplify;
use crate::failure::Failure;
use crate::input::{self};
use crate::output::json;
use crate::output::remarks::simplification;
use crate::parsed::ParsedFunction;

use args::Form;
pub(crate) use args::{DeriveArgs, DeriveFormat, Written};

/// More steps than this are not read.
const MOST_STEPS: usize = 400;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    expression: &'a str,
    inputs: Vec<String>,
    order: usize,
    to: &'static str,
    text: String,
    derivatives: Vec<Row>,
    /// Up to where the indices of elements go, if the derivatives are for every size.
    #[serde(skip_serializing_if = "Option::is_none")]
    ranges: Option<Vec<String>>,
    simplified: bool,
    simplification: String,
}

#[derive(Serialize)]
struct Row {
    name: String,
    output: usize,
    by: Vec<String>,
    formula: String,
}

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
    let sizes = input::sizes(&args.function)?;
    let (text, origin) = input::text(&args.function)?;
    let given = match input::read_text(&args.function, text.clone(), origin.clone(), sizes.clone()) {
        Ok(given) => input::one(given)?,
        // What cannot be unrolled for want of a size has a derivative all the same.
        Err(problem) => match every::with_open_sizes(args, &text, &origin, &sizes) {
            Some(f) => return every::render(args, &f, &text),
            None => return Err(problem),
        },
    };
    let flat = given.flat()?;
    let by = inputs(flat, &args.wrt)?;
    let order = args.order as usize;
    let Found { raw, found, changed, remark } = match form(args) {
        Form::Reader if order > 1 => differentiate_for_readers(flat, &by, order, args.function.max_nodes)
            .map(|(found, candidates)| Found::readable(found.clone(), found, &candidates)),
        form => differentiate_repeatedly(flat, &by, order, args.function.max_nodes)
            .map(|raw| Found::of(raw, args.simplify, form)),
    }
    .map_err(|error| Failure::text(format!("{error}; allow more with --max-nodes")))?;
    let name = given
        .family
        .map_or_else(|| crate::parsed::definition_name(&given.text), |(family, _)| family.name.to_owned());
    let caption = Caption { name: &name, text: &given.text };
    let target = args.to.target();
    let text = if args.steps {
        explained(&given, flat, &raw, &found, caption)
    } else {
        export(&found, target, caption).map_err(|error| {
            Failure::text(format!("--to {}: {error}; the derivative cannot be written in it", target.name()))
        })?
    };
    match args.format {
        DeriveFormat::Table => Ok(text),
        DeriveFormat::Json => {
            let names = found.names();
            let formulas = formulas_sharing(&found.function, found.range(found.order), found.sharing());
            let rows = found.partials(found.order).into_iter().zip(labels(&found, &name)).zip(formulas);
            let row = |((partial, name), formula): ((symbolic::Partial, String), String)| Row {
                name,
                output: partial.output + 1,
                by: partial.by.iter().map(|&input| names[input].clone()).collect(),
                formula,
            };
            Ok(json::text(&Document {
                schema: "chainrule/derive/1",
                expression: &given.text,
                inputs: flat.input_names(),
                order: found.order,
                to: target.name(),
                text,
                derivatives: rows.map(row).collect(),
                ranges: None,
                simplified: changed,
                simplification: remark,
            }))
        }
    }
}

/// Derivatives in the form that was asked for.
struct Found {
    /// As derived.
    raw: Derivatives,
    found: Derivatives,
    /// Whether the two differ.
    changed: bool,
    /// What was done.
    remark: String,
}

impl Found {
    fn of(raw: Derivatives, simplify: Simplify, form: Form) -> Found {
        let (found, changed, remark) = match simplify {
            Simplify::None => (raw.clone(), false, "as derived".to_owned()),
            how => {
                let found = chainrule::simplified(raw.function.clone(), how == Simplify::Accurate);
                if !found.rejected.is_empty() && form == Form::Machine {
                    // Beside the formulas, which may be the text of a program.
                    let _ = std::io::Write::write_fmt(
                        &mut std::io::stderr(),
                        format_args!("note: {}\n", simplification(&found)),
                    );
                }
                (raw.with_function(found.function.clone()), found.changed(), simplification(&found))
            }
        };
        match form {
            Form::Machine => Found { raw, found, changed, remark },
            Form::Reader => {
                let (readable, candidates) = raw.reader(Some(&found.function).filter(|_| changed));
                Found::readable(raw, readable, &candidates)
            }
        }
    }

    fn readable(raw: Derivatives, found: Derivatives, candidates: &[Candidate]) -> Found {
        let changed = candidates.iter().any(|candidate| *candidate != Candidate::Derived);
        Found { raw, found, changed, remark: said_of(candidates) }
    }
}

/// The form that is asked for: people read text and LaTeX, unless they want what was derived.
fn form(args: &DeriveArgs) -> Form {
    let people = matches!(args.to, Written::Text | Written::Latex) && args.simplify != Simplify::None;
    args.form.unwrap_or(if people { Form::Reader } else { Form::Machine })
}

/// How the formulas for readers came about.
fn said_of(candidates: &[Candidate]) -> String {
    let ways = [
        (Candidate::Derived, "as derived"),
        (Candidate::Collected, "as derived with like terms collected"),
        (Candidate::Common, "over a common denominator"),
        (Candidate::Circular, "with squares of sines or cosines replaced"),
        (Candidate::Simplified, "as egg left it"),
    ];
    let counted = ways.iter().filter_map(|(way, words)| {
        let count = candidates.iter().filter(|own| *own == way).count();
        (count > 0)
            .then(|| if candidates.len() == 1 { (*words).to_owned() } else { format!("{count} {words}") })
    });
    format!("the form that is printed: {}", counted.collect::<Vec<_>>().join(", "))
}

/// The positions of the inputs that `--wrt` names; of all inputs where it names none.
fn inputs(f: &Function, wrt: &[String]) -> Result<Vec<usize>, Failure> {
    let names = f.input_names();
    if names.is_empty() {
        return Err(Failure::text("the function has no inputs to differentiate by"));
    }
    if wrt.is_empty() {
        return Ok((0..names.len()).collect());
    }
    let mut chosen = Vec::new();
    for text in wrt {
        let place = |diagnostic: Diagnostic| Failure::place(&diagnostic, text, "--wrt");
        let word: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let block = word.split('[').next().unwrap_or_default();
        let found: Vec<usize> =
            match (names.iter().position(|name| *name == word), f.graph().block_named(block)) {
                (Some(position), _) => vec![position],
                (None, Some(id)) if word == block => {
                    let start = f.position(id, 0);
                    (start..start + f.graph().block(id).len().unwrap_or(0)).collect()
                }
                (None, Some(id)) => {
                    let shape = f.graph().block(id).shape.clone().unwrap_or_default();
                    let extents: Vec<String> = shape.iter().map(usize::to_string).collect();
                    let known = match extents.as_slice() {
                        [] => format!("{block} has no elements: it is one number"),
                        _ => format!("{block} has the elements {block}[1..{}]", extents.join(",1..")),
                    };
                    let message = format!("the function has no input {text}");
                    return Err(place(Diagnostic::at(0..text.len(), message, "no such element").help(known)));
                }
                (None, None) => {
                    let known: Vec<&str> =
                        f.graph().blocks().iter().map(|block| block.name.as_str()).collect();
                    return Err(place(Diagnostic::unknown_input(block, 0..text.len(), &known)));
                }
            };
        for position in found {
            if !chosen.contains(&position) {
                chosen.push(position);
            }
        }
    }
    chosen.sort_unstable();
    Ok(chosen)
}

/// Rule by rule, then the result.
fn explained(
    given: &ParsedFunction,
    flat: &Function,
    raw: &Derivatives,
    found: &Derivatives,
    caption: Caption<'_>,
) -> String {
    let mut out = format!("{}\n", given.title());
    let names = flat.input_names();
    let (mut left, mut skipped) = (MOST_STEPS, 0);
    for order in 1..=raw.order {
        let before = Derivatives { order: order - 1, ..raw.clone() };
        let f = if order == 1 { flat.clone() } else { before.highest() };
        let of = match order {
            1 if raw.outputs == 1 => vec![caption.name.to_owned()],
            1 => (1..=raw.outputs).map(|k| format!("{}{k}", caption.name)).collect(),
            _ => labels(&before, caption.name),
        };
        for (output, partial) in raw.partials(order - 1).iter().enumerate() {
            for &input in &raw.by[partial.by.last().copied().unwrap_or(0)..] {
                if left == 0 {
                    skipped += 1;
                    continue;
                }
                let found = steps(&f, output, input, left);
                left -= found.steps.len();
                let _ = writeln!(out, "\n{} by {}:", of[output], names[input]);
                if found.steps.is_empty() && found.left_out == 0 {
                    let same = f.input_at(f.outputs()[output]) == Some(input);
                    let _ = writeln!(
                        out,
                        "  {}",
                        if same { "the input itself: 1" } else { "does not depend on it: 0" }
                    );
                }
                for (name, text) in &found.parts {
                    let _ = writeln!(out, "  {name} = {text}");
                }
                let width = found.steps.iter().map(|step| step.rule.chars().count()).max().unwrap_or(0);
                for step in &found.steps {
                    let _ = writeln!(out, "  {:<width$}   ({})' = {}", step.rule, step.of, step.is);
                }
                if found.left_out > 0 {
                    let _ = writeln!(out, "  … and {} more steps", found.left_out);
                }
            }
        }
    }
    if skipped > 0 {
        let _ = writeln!(out, "\n… and {skipped} more derivatives");
    }
    let write = |derivatives: &Derivatives| {
        export(derivatives, Target::Text, caption).expect("our own language has a word for everything")
    };
    let indented = |text: String| text.lines().map(|line| format!("  {line}\n")).collect::<String>();
    let _ = write!(out, "\n{}:\n{}", group(raw.order), indented(write(found)));
    out
}
