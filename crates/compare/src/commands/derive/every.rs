//! Derivatives of functions whose sizes are open: a formula for every element, at every size.

use std::fmt::Write;

use chainrule::expr::{Diagnostic, Function, formulas, listing};
use chainrule::symbolic::export::label;
use chainrule::symbolic::{Element, Limits, cost, differentiate_rolled, simplify_rolled};

use super::{DeriveArgs, DeriveFormat, Document, Row, Written, name};
use crate::args::Simplify;
use crate::input::{self, Problem};
use crate::output::json;

/// The function, if it is one of our language and a size of it has no value.
pub(super) fn with_open_sizes(
    args: &DeriveArgs,
    text: &str,
    origin: &str,
    sizes: &[(String, i64)],
) -> Option<Function> {
    let f = input::rolled(text, origin, sizes, args.function.max_nodes, false).ok()?;
    f.graph().sizes().iter().any(|size| f.size(size).is_none()).then_some(f)
}

/// Its derivatives, written as asked.
pub(super) fn render(args: &DeriveArgs, f: &Function, text: &str) -> Result<String, Problem> {
    let open: Vec<&str> =
        { f.graph().sizes().iter() }.filter(|size| f.size(size).is_none()).map(String::as_str).collect();
    let give = |what: &str| {
        let sizes: Vec<String> = open.iter().map(|size| format!("{size}=…")).collect();
        Problem::text(format!(
            "{what} needs the sizes of the function: give them with --size {}",
            sizes.join(",")
        ))
    };
    match (args.order, args.steps, args.to) {
        (1, false, Written::Text) => {}
        (1, false, _) => return Err(give("to be written in another language, the derivative")),
        (1, true, _) => return Err(give("--steps")),
        _ => return Err(give("a derivative of a higher order")),
    }
    let found = differentiate_rolled(f, args.function.max_nodes)
        .map_err(|error| give(&format!("{error}, so the derivative")))?;
    let mut chosen = Vec::new();
    for word in &args.wrt {
        let word = word.trim();
        if word.contains('[') {
            return Err(give(&format!("an element like {word}")));
        }
        let known: Vec<&str> = f.graph().blocks().iter().map(|block| block.name.as_str()).collect();
        if !known.contains(&word) {
            let diagnostic = Diagnostic::unknown_input(word, 0..word.len(), &known);
            return Err(Problem::place(&diagnostic, word, "--wrt"));
        }
        chosen.push(word);
    }
    let places: Vec<usize> = (0..found.partials.len())
        .filter(|&k| chosen.is_empty() || chosen.contains(&found.partials[k].block.as_str()))
        .collect();
    if places.is_empty() {
        return Err(Problem::text("the function has no inputs to differentiate by"));
    }
    let derived = found.only(&places);
    // Whether a form is as accurate shows at points, and these need sizes.
    let (function, remark) = match args.simplify {
        Simplify::Fast => {
            let simplified = simplify_rolled(&derived, &Limits::default());
            let remark = match (cost(&derived), cost(&simplified)) {
                (before, after) if after < before => {
                    format!("cost {before} as derived, {after} now, every loop's body once")
                }
                _ => "as derived: nothing cheaper was found".to_owned(),
            };
            (simplified, remark)
        }
        Simplify::Accurate | Simplify::None => (derived.clone(), "as derived".to_owned()),
    };
    let partials: Vec<&Element> = places.iter().map(|&k| &found.partials[k]).collect();
    let name = name(text);
    let labels: Vec<String> = { partials.iter() }
        .map(|partial| label(&name, partial.output, found.outputs, &[&element(partial)]))
        .collect();
    let mut ranges: Vec<String> = partials.iter().flat_map(|partial| ranges(partial)).collect();
    ranges.sort();
    ranges.dedup();
    let mut written = String::new();
    let given: Vec<String> =
        { f.graph().sizes().iter() }.filter(|size| f.size(size).is_some()).cloned().collect();
    if !given.is_empty() {
        let (given, open) = (given.join(", "), open.join(", "));
        let _ = writeln!(written, "# {open} is not given, so this is for every {given} too");
    }
    for range in &ranges {
        let _ = writeln!(written, "# {range}");
    }
    written += &listing(&function, "gradient", &labels.iter().map(String::as_str).collect::<Vec<_>>());
    written.push('\n');
    match args.format {
        DeriveFormat::Table => Ok(written),
        DeriveFormat::Json => {
            let formulas = formulas(&function, 0..partials.len());
            let rows = partials.iter().zip(labels).zip(formulas).map(|((partial, name), formula)| Row {
                name,
                output: partial.output + 1,
                by: vec![element(partial)],
                formula,
            });
            Ok(json::text(&Document {
                schema: "chainrule/derive/1",
                expression: text,
                inputs: f.graph().blocks().iter().map(|block| block.name.clone()).collect(),
                order: 1,
                to: "text",
                text: written.clone(),
                derivatives: rows.collect(),
                ranges: Some(ranges),
                simplified: cost(&function) < cost(&derived),
                simplification: remark,
            }))
        }
    }
}

/// `x[j]`, `W[k,l]`, `a`.
fn element(partial: &Element) -> String {
    match partial.indices.as_slice() {
        [] => partial.block.clone(),
        indices => format!("{}[{}]", partial.block, indices.join(",")),
    }
}

/// Which elements there are: `x[j]: every j from 1 to n`.
fn ranges(partial: &Element) -> Option<String> {
    let range = |(index, extent): (&String, &Option<String>)| match extent {
        Some(extent) => format!("every {index} from 1 to {extent}"),
        None => format!("every {index}"),
    };
    let ranges: Vec<String> = partial.indices.iter().zip(&partial.extents).map(range).collect();
    (!ranges.is_empty()).then(|| format!("{}: {}", element(partial), ranges.join(", ")))
}
