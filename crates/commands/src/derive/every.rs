//! Derivatives of functions whose sizes are open: a formula for every element, at every size.

use std::fmt::Write;

use export::{Caption, Inexpressible, Target, export_sized, label, latex_sized};
use expr::graph::{Block, Role};
use expr::{Function, Node};
use prove::is_element;
use symbolic::{Limits, Place, SizedDerivatives, SizedPartial, cost, differentiate_sized, simplify_sized};
use syntax::{Diagnostic, Reader, Setting, Sharing, formulas, listing};

use super::{DeriveRequest, Document, Row, Simplify};
use crate::Failure;
use crate::parsed::definition_name;

/// The derivative of a function as it is written in `text`, of which a size or data have no value.
///
/// # Errors
/// When there is no such input or no such formula, or it cannot be written in that language.
pub fn derive_every<'a>(args: &DeriveRequest, f: &Function, text: &'a str) -> Result<Document<'a>, Failure> {
    let open: Vec<&str> =
        { f.graph().sizes().iter() }.filter(|size| f.size(size).is_none()).map(String::as_str).collect();
    let places = places(f, &args.wrt)?;
    if places.is_empty() {
        return Err(Failure::text("the function has no inputs to differentiate by"));
    }
    let found = differentiate_sized(f, args.order, &places, args.max_nodes)
        .map_err(|error| refused(f, &open, args.order, &error.to_string()))?;
    let derived = found.highest();
    // Whether a form is as accurate shows at points, and these need sizes.
    let (function, remark) = match args.simplify {
        Simplify::Fast | Simplify::Accurate => {
            let readable = found.readable();
            let remark = match readable.same_graph(&derived) {
                true => "as derived: nothing shorter was found".to_owned(),
                false => {
                    format!("the reader's form; cost {} as derived, {} now", cost(&derived), cost(&readable))
                }
            };
            (readable, remark)
        }
        Simplify::None => (derived.clone(), "as derived".to_owned()),
    };
    let name = definition_name(text);
    let labels: Vec<String> = found.partials.iter().map(|partial| labelled(&found, partial, &name)).collect();
    let mut ranges: Vec<String> =
        found.partials.iter().flat_map(|partial| &partial.by).filter_map(|by| by.ranges()).collect();
    ranges.sort();
    ranges.dedup();
    ranges.splice(0..0, found.output_ranges(&name));
    let target = args.to;
    let written = match args.to {
        Target::Text => {
            let mut written = notes(f, &open, &ranges);
            if args.steps {
                written = explained(&found, &derived, &labels, text) + "simplified:\n" + &written;
            }
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            written += &listing(&function, export::group(found.order), &labels, Sharing::Always);
            written.push('\n');
            written
        }
        Target::Latex => latex_sized(&found, &function, Caption { name: &name, text })
            .map_err(|error| inexpressible(&found.original, target, &error))?,
        _ => exported(args, &found, target, Caption { name: &name, text })?,
    };
    let rows = || {
        let formulas = formulas(&function, 0..found.partials.len());
        let rows = found.partials.iter().zip(labels).zip(formulas).map(|((partial, name), formula)| Row {
            name,
            output: partial.output + 1,
            by: partial.by.iter().map(|by| by.name()).collect(),
            formula,
        });
        rows.collect()
    };
    Ok(Document {
        schema: "chainrule/derive/1",
        expression: text,
        inputs: variables(f).map(|block| block.name.clone()).collect(),
        order: found.order,
        to: target.name(),
        text: written,
        derivatives: if args.rows { rows() } else { Vec::new() },
        ranges: Some(ranges),
        simplified: !function.same_graph(&derived),
        simplification: remark,
        note: None,
    })
}

fn refused(f: &Function, open: &[&str], order: usize, why: &str) -> Failure {
    let what =
        if order == 1 { "the derivative".to_owned() } else { format!("the derivative of order {order}") };
    if let [data, ..] = f.unbound_data()[..] {
        return Failure::text(format!("{what} has no formula whatever the data {data} are: {why}"));
    }
    let sizes = open.iter().map(|size| (*size).to_owned()).collect();
    Failure::Set(format!("{what} has no formula for every size: {why}"), Setting::Sizes(sizes))
}

/// Which sizes are given, and how far indices go.
fn notes(f: &Function, open: &[&str], ranges: &[String]) -> String {
    let mut written = String::new();
    let given: Vec<String> =
        { f.graph().sizes().iter() }.filter(|size| f.size(size).is_some()).cloned().collect();
    let data = f.unbound_data();
    let missing: Vec<&str> = open.iter().copied().chain(data).collect();
    if !given.is_empty() && !missing.is_empty() {
        let (given, missing) = (given.join(", "), missing.join(", "));
        let _ = writeln!(written, "# without values for {missing} this is for every {given} too");
    }
    for range in ranges {
        let _ = writeln!(written, "# {range}");
    }
    written
}

/// `df_dx_j`, `d2f_dx_j_dx_k`.
fn labelled(found: &SizedDerivatives, partial: &SizedPartial, name: &str) -> String {
    let by: Vec<String> = partial.by.iter().map(|by| by.name()).collect();
    let by: Vec<&str> = by.iter().map(String::as_str).collect();
    label(&found.output_name(name, partial.output), 0, 1, &by)
}

/// A program, in the machine's form.
fn exported(
    args: &DeriveRequest,
    found: &SizedDerivatives,
    target: Target,
    caption: Caption<'_>,
) -> Result<String, Failure> {
    let form = |f: &Function| match args.simplify {
        Simplify::Fast => simplify_sized(f, &Limits::default()),
        Simplify::Accurate | Simplify::None => f.clone(),
    };
    let found = found.with_function(form(&found.function)).map_contributions(form);
    export_sized(&found, target, caption).map_err(|error| inexpressible(&found.original, target, &error))
}

fn inexpressible(f: &Function, target: Target, error: &Inexpressible) -> Failure {
    let message = format!("{}: {error}", target.name());
    match error {
        Inexpressible::Operator { .. } => Failure::text(message + "; the derivative cannot be written in it"),
        Inexpressible::Shape(_) if !f.unbound_data().is_empty() => {
            Failure::text(message + "; it can be written as text or latex")
        }
        Inexpressible::Shape(_) => {
            let sizes = f.unbound_sizes().iter().map(|size| (*size).to_owned()).collect();
            Failure::Set(message, Setting::Sizes(sizes))
        }
    }
}

/// What every read of an input receives by the chain rule, loop by loop, and the derivative by every element as it comes of that.
fn explained(found: &SizedDerivatives, derived: &Function, labels: &[String], text: &str) -> String {
    let mut out = format!("{}\n\n", text.trim());
    let received = found.received();
    if !received.is_empty() {
        out += "what reads of inputs receive by the chain rule:\n";
        for line in received {
            let _ = writeln!(out, "  {line}");
        }
        out.push('\n');
    }
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    out += "for every element, as derived:\n";
    for line in listing(derived, export::group(found.order), &labels, Sharing::Always).lines() {
        let _ = writeln!(out, "  {line}");
    }
    out.push('\n');
    out
}

/// The inputs that are no data.
fn variables(f: &Function) -> impl Iterator<Item = &Block> {
    f.graph().blocks().iter().filter(|block| block.role != Role::Data)
}

/// What is differentiated by: inputs as a whole, or elements of them.
fn places(f: &Function, wrt: &[String]) -> Result<Vec<Place>, Failure> {
    let graph = f.graph();
    let known: Vec<&str> = graph.blocks().iter().map(|block| block.name.as_str()).collect();
    let block = |name: &str| graph.block_named(name).expect("it is one of the blocks");
    if wrt.is_empty() {
        return Ok(variables(f).map(|own| Place { block: block(&own.name), element: None }).collect());
    }
    let mut places: Vec<Place> = Vec::new();
    for word in wrt {
        let text = word.trim();
        let name = text.split('[').next().unwrap_or_default().trim();
        if !known.contains(&name) {
            let diagnostic = Diagnostic::unknown_input(name, 0..text.len(), &known);
            return Err(Failure::place(&diagnostic, text, Setting::By));
        }
        if !variables(f).any(|block| block.name == name) {
            let message = format!("{name} is data, it has no derivative");
            return Err(Failure::place(
                &Diagnostic::at(0..text.len(), message, "read in an index"),
                text,
                Setting::By,
            ));
        }
        let place = match text == name {
            true => Place { block: block(name), element: None },
            false => element(f, text, name)?,
        };
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places.sort_by_key(|place| place.block);
    Ok(places)
}

/// An element: `x[1]`, `W[n,1]`.
fn element(f: &Function, text: &str, name: &str) -> Result<Place, Failure> {
    let graph = f.graph();
    let block = graph.block_named(name).expect("it is one of the blocks");
    let rank = graph.block(block).rank;
    let wrong = |message: String, help: String| {
        Failure::place(
            &Diagnostic::at(0..text.len(), message, "no such element").help(help),
            text,
            Setting::By,
        )
    };
    if rank == 0 {
        return Err(wrong(
            format!("the function has no input {text}"),
            format!("{name} has no elements: it is one number"),
        ));
    }
    let reader = Reader { sizes: graph.sizes().to_vec(), ..Reader::default() };
    let read = reader.parse(text).map_err(|diagnostic| Failure::place(&diagnostic, text, Setting::By))?;
    let indices = "an index is made of integers and sizes of the function";
    if !is_element(&read) || read.graph().blocks().len() != 1 || read.graph().blocks()[0].rank != rank {
        return Err(wrong(format!("{text} is no element of {name}"), indices.to_owned()));
    }
    if let Some(size) = read.graph().sizes().iter().find(|size| !graph.sizes().contains(size)) {
        return Err(wrong(format!("the function has no size {size}"), indices.to_owned()));
    }
    let forms = match read.graph().node(read.outputs()[0]) {
        Node::Read(_, position) => read.graph().position(position).to_vec(),
        Node::Input(_, offset) if rank == 1 => vec![i64::from(offset).saturating_add(1).into()],
        _ => return Err(wrong(format!("{text} is no element of {name}"), indices.to_owned())),
    };
    // Sizes have other numbers there.
    let number = |size: u32| {
        let name = &read.graph().sizes()[size as usize];
        graph.sizes().iter().position(|known| known == name).expect("it is a size of the function") as u32
    };
    let renumbered = forms.iter().map(|form| form.renumbered(number));
    let element = renumbered.collect::<Option<Vec<_>>>();
    element
        .map(|forms| Place { block, element: Some(forms) })
        .ok_or_else(|| Failure::text(format!("{text}: an index is too large")))
}
