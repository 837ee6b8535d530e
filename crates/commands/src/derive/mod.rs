//! The derivative as a formula, step by step, or as a program, an equation or a graph for others.

mod every;

use std::fmt::Write;

use chainrule::Budget;
use export::{Caption, Target, export, group, labels};
use expr::Function;
use serde::{Deserialize, Serialize};
use symbolic::reader::Candidate;
use symbolic::{Derivatives, differentiate_for_readers, differentiate_repeatedly, steps};
use syntax::{Diagnostic, Setting, formulas_sharing};

use crate::output::remarks::simplification;
use crate::parsed::definition_name;
use crate::{Failure, ParsedFunction};

pub use every::derive_every;

/// More steps than this are not read.
const MOST_STEPS: usize = 400;

/// A derivative, to be serialised as `chainrule/derive/1`.
#[derive(Serialize)]
pub struct Document<'a> {
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
    /// What a reader of a program should be told beside it.
    #[serde(skip)]
    pub note: Option<String>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    output: usize,
    by: Vec<String>,
    formula: String,
}

impl Document<'_> {
    /// The derivative, written as asked.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// What is derived, and how it is written.
#[derive(Clone, Debug)]
pub struct DeriveRequest {
    /// The inputs, or elements of them, to differentiate by; all where none is named.
    pub wrt: Vec<String>,
    /// 1 for the gradient, 2 for the Hessian.
    pub order: usize,
    /// Whether the rule of each step is shown.
    pub steps: bool,
    /// The language.
    pub to: Target,
    /// How far formulas are simplified.
    pub simplify: Simplify,
    /// For people or for programs; where it is not said, by the language.
    pub form: Option<Form>,
    /// Nodes of any graph that is built.
    pub max_nodes: u64,
    /// Whether every partial derivative is written by itself too.
    pub rows: bool,
}

impl DeriveRequest {
    /// The gradient in a language, as the program writes it.
    pub fn to(to: Target) -> DeriveRequest {
        DeriveRequest {
            wrt: Vec::new(),
            order: 1,
            steps: false,
            to,
            simplify: Simplify::Fast,
            form: None,
            max_nodes: Budget::default().nodes,
            rows: false,
        }
    }

    /// The form that is asked for: people read text and LaTeX, unless they want what was derived.
    fn form(&self) -> Form {
        let people = matches!(self.to, Target::Text | Target::Latex) && self.simplify != Simplify::None;
        self.form.unwrap_or(if people { Form::Reader } else { Form::Machine })
    }
}

/// How far derivatives are simplified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Simplify {
    /// As derived.
    None,
    /// What is found within the budget, unless it clearly loses digits.
    Fast,
    /// Likewise, unless the worst error against the certified values grows at any output.
    Accurate,
}

/// Which form of the derivative is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// What a textbook would print.
    Reader,
    /// What takes the fewest operations over all partial derivatives.
    Machine,
}

/// Whether a size or data have no value: such a function has a derivative for every size.
pub fn is_open(f: &Function) -> bool {
    f.graph().sizes().iter().any(|size| f.size(size).is_none()) || !f.unbound_data().is_empty()
}

/// The derivative of a function whose sizes are bound.
///
/// # Errors
/// When there is no such input, it takes more than the budget, or cannot be written in that language.
pub fn derive<'a>(request: &DeriveRequest, given: &'a ParsedFunction) -> Result<Document<'a>, Failure> {
    let flat = given.flat()?;
    let by = inputs(flat, &request.wrt)?;
    let order = request.order;
    let Found { raw, found, changed, remark, note } = match request.form() {
        Form::Reader if order > 1 => differentiate_for_readers(flat, &by, order, request.max_nodes)
            .map(|(found, candidates)| Found::readable(found.clone(), found, &candidates)),
        form => differentiate_repeatedly(flat, &by, order, request.max_nodes)
            .map(|raw| Found::of(raw, request.simplify, form)),
    }
    .map_err(|error| Failure::Set(error.to_string(), Setting::Nodes))?;
    let name =
        given.family.map_or_else(|| definition_name(&given.text), |(family, _)| family.name.to_owned());
    let caption = Caption { name: &name, text: &given.text };
    let target = request.to;
    let text = if request.steps {
        explained(given, flat, &raw, &found, caption)
    } else {
        export(&found, target, caption).map_err(|error| {
            Failure::text(format!("{}: {error}; the derivative cannot be written in it", target.name()))
        })?
    };
    let rows = || {
        let names = found.names();
        let formulas = formulas_sharing(&found.function, found.range(found.order), found.sharing());
        let rows = found.partials(found.order).into_iter().zip(labels(&found, &name)).zip(formulas);
        let row = |((partial, name), formula): ((symbolic::Partial, String), String)| Row {
            name,
            output: partial.output + 1,
            by: partial.by.iter().map(|&input| names[input].clone()).collect(),
            formula,
        };
        rows.map(row).collect()
    };
    Ok(Document {
        schema: "chainrule/derive/1",
        expression: &given.text,
        inputs: flat.input_names(),
        order: found.order,
        to: target.name(),
        text,
        derivatives: if request.rows { rows() } else { Vec::new() },
        ranges: None,
        simplified: changed,
        simplification: remark,
        note,
    })
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
    /// What was not, and why.
    note: Option<String>,
}

impl Found {
    fn of(raw: Derivatives, simplify: Simplify, form: Form) -> Found {
        let mut note = None;
        let (found, changed, remark) = match simplify {
            Simplify::None => (raw.clone(), false, "as derived".to_owned()),
            how => {
                let found = chainrule::simplified(raw.function.clone(), how == Simplify::Accurate);
                if !found.rejected.is_empty() && form == Form::Machine {
                    note = Some(simplification(&found));
                }
                (raw.with_function(found.function.clone()), found.changed(), simplification(&found))
            }
        };
        match form {
            Form::Machine => Found { raw, found, changed, remark, note },
            Form::Reader => {
                let (readable, candidates) = raw.reader(Some(&found.function).filter(|_| changed));
                Found::readable(raw, readable, &candidates)
            }
        }
    }

    fn readable(raw: Derivatives, found: Derivatives, candidates: &[Candidate]) -> Found {
        let changed = candidates.iter().any(|candidate| *candidate != Candidate::Derived);
        Found { raw, found, changed, remark: said_of(candidates), note: None }
    }
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

/// The positions of the inputs that are named; of all inputs where none is.
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
        let place = |diagnostic: Diagnostic| Failure::place(&diagnostic, text, Setting::By);
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
