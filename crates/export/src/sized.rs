//! Values and derivatives for every size as a program: what Rust, C and Python have in common.
//!
//! A gradient is added up by the loops of the backward pass; a higher order, or a single element, is computed element by element.

use super::Inexpressible;
use super::identifiers::Identifiers;
use super::loops::{Array, Extent, Goal, Line, MAX_SIZES, Planner, Range, Sink, Syntax};
use super::lower::lower;
use expr::index::{Index, Symbol};
use symbolic::{ByElement, SizedDerivatives};

/// A program before it is written in a language.
pub(super) struct Program {
    /// Arguments: sizes, lengths that no size says, and inputs; their names here.
    pub(super) sizes: Vec<String>,
    pub(super) lengths: Vec<String>,
    pub(super) inputs: Vec<Array>,
    /// Sizes that are known, and their values.
    pub(super) constants: Vec<(String, i64)>,
    /// What is computed: arrays of derivatives; whether they must be zero before.
    pub(super) arrays: Vec<(Array, bool)>,
    /// Extents of an array, in the language.
    pub(super) extents: Vec<Vec<String>>,
    pub(super) lines: Vec<Line>,
    /// The values of the function.
    pub(super) values: Vec<String>,
    /// Definitions of what the language lacks.
    pub(super) definitions: Vec<&'static str>,
}

impl Program {
    /// Which arguments do not occur in a text.
    pub(super) fn unused(&self, text: &str) -> Vec<&str> {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let occurs = |name: &str| {
            text.match_indices(name)
                .any(|(at, _)| !text[..at].ends_with(word) && !text[at + name.len()..].starts_with(word))
        };
        let arguments = { self.sizes.iter().chain(&self.lengths) }
            .chain(self.inputs.iter().map(|array| &array.name))
            .chain(self.arrays.iter().map(|(array, _)| &array.name));
        arguments.map(String::as_str).filter(|name| !occurs(name)).collect()
    }
}

/// Names of the lengths of blocks that no size says.
fn length_name(block: &str, rank: usize, d: usize) -> String {
    match (rank, d) {
        (1, _) => format!("{block}_length"),
        (2, 0) => format!("{block}_rows"),
        (2, _) => format!("{block}_columns"),
        _ => format!("{block}_length_{}", d + 1),
    }
}

/// `gradient_x`, `hessian_x_W`, `gradient_x_1` of a single element.
fn array_name(by: &[ByElement]) -> String {
    let mut name = super::text::array(by.len());
    for element in by {
        name += &format!("_{}", element.block);
        for index in element.fixed.iter().flatten() {
            name += &format!("_{}", index.replace(|c: char| !c.is_alphanumeric(), "_"));
        }
    }
    name
}

/// Builds the program.
pub(super) fn program(
    found: &SizedDerivatives,
    syntax: &'static Syntax,
    names: &mut Identifiers,
) -> Result<Program, Inexpressible> {
    let all = found.contributions.as_ref();
    let whole = all.map_or(&found.function, |all| &all.function);
    // Sizes are found by their numbers, which lowering and simplifying keep.
    let f = lower(whole);
    let graph = f.graph();
    let original = found.original.graph();
    if found.output_indices.iter().any(|indices| !indices.is_empty()) {
        return Err(Inexpressible::Shape("a program with an output that is an array"));
    }
    if graph.sizes().len() > MAX_SIZES {
        return Err(Inexpressible::Shape("a program with more than 64 sizes"));
    }
    let indices: Vec<&String> =
        { found.partials.iter() }.flat_map(|partial| &partial.by).flat_map(|by| &by.indices).collect();
    let is_index = |size: &&String| indices.contains(size) && !original.sizes().contains(size);
    let (mut sizes, mut constants, mut symbols) = (Vec::new(), Vec::new(), Vec::new());
    for (k, size) in graph.sizes().iter().enumerate().filter(|(_, size)| !is_index(size)) {
        let name = names.make(size);
        symbols.push((Symbol::Size(k as u32), name.clone()));
        match found.original.size(size) {
            Some(value) => constants.push((name, value)),
            None => sizes.push(name),
        }
    }
    let blocks: Vec<String> = original.blocks().iter().map(|block| names.make(&block.name)).collect();
    let mut lengths = Vec::new();
    let extents: Vec<Vec<Extent>> = { found.shapes.iter().zip(&blocks) }
        .map(|(shape, block)| {
            let extent = |(d, form): (usize, &Option<Index>)| match form {
                Some(form) => Extent::Form(form.clone()),
                None => {
                    let name = names.own(&length_name(block, shape.len(), d));
                    lengths.push(name.clone());
                    Extent::Argument(name)
                }
            };
            shape.iter().enumerate().map(extent).collect()
        })
        .collect();
    let inputs: Vec<Array> = { blocks.iter().zip(&extents) }
        .map(|(name, extents)| Array { name: name.clone(), extents: extents.clone(), lows: Vec::new() })
        .collect();
    let block_named = |name: &str| {
        let blocks = original.blocks().iter();
        { blocks }.position(|block| block.name == name).expect("derivatives are by blocks of the function")
    };
    // One array for all outputs, and for all elements of its blocks.
    let several = found.outputs > 1;
    let mut arrays: Vec<(Array, bool)> = Vec::new();
    let mut array_of: Vec<(String, usize)> = Vec::new();
    for partial in &found.partials {
        let word = array_name(&partial.by);
        if array_of.iter().any(|(known, _)| *known == word) {
            continue;
        }
        let lead = several.then(|| Extent::Form((found.outputs as i64).into()));
        let own = { partial.by.iter().filter(|by| by.fixed.is_none()) }
            .flat_map(|by| extents[block_named(&by.block)].clone());
        array_of.push((word.clone(), arrays.len()));
        let extents = lead.into_iter().chain(own).collect();
        arrays.push((Array { name: names.own(&word), extents, lows: Vec::new() }, false));
    }
    let array = |by: &[ByElement]| {
        let word = array_name(by);
        array_of.iter().find(|(known, _)| *known == word).map(|(_, k)| *k)
    };
    let lead = |output: usize| several.then(|| Index::from(output as i64 + 1));
    let mut goals: Vec<Goal> = { f.outputs()[..found.outputs].iter().enumerate() }
        .map(|(k, &node)| Goal { loops: Vec::new(), node, sink: Sink::Give(k) })
        .collect();
    match all {
        Some(all) => {
            for (k, part) in all.parts.iter().enumerate() {
                let block = &original.block(part.block).name;
                let Some(to) = array(&[ByElement::every(block)]) else { continue };
                let position = lead(part.output).into_iter().chain(part.position.clone()).collect();
                let loops: Vec<Range> = part.ranges.iter().rev().map(Range::from).collect();
                goals.push(Goal {
                    loops,
                    node: f.outputs()[all.outputs + k],
                    sink: Sink::Element { array: to, position, add: true },
                });
            }
            once(&mut goals, &mut arrays);
        }
        None => {
            for (k, partial) in found.partials.iter().enumerate() {
                let every = || partial.by.iter().filter(|by| by.fixed.is_none());
                let index = |name: &String| {
                    let size = graph.sizes().iter().position(|size| size == name);
                    Symbol::Size(size.expect("indices are sizes") as u32)
                };
                let loops = every().flat_map(|by| {
                    let shape = &extents[block_named(&by.block)];
                    by.indices.iter().zip(shape).map(|(name, extent)| (index(name), extent.clone()))
                });
                let loops: Vec<(Symbol, Extent)> = loops.collect();
                let position: Vec<Index> = { lead(partial.output).into_iter() }
                    .chain(every().flat_map(|by| &by.indices).map(|name| index(name).into()))
                    .collect();
                let mut ranges = Vec::new();
                for (symbol, extent) in loops {
                    ranges.push(match extent {
                        Extent::Form(high) => Range { symbol, low: 1.into(), high },
                        Extent::Argument(_) => {
                            return Err(Inexpressible::Shape(
                                "an element of an input whose length no size says",
                            ));
                        }
                    });
                }
                goals.push(Goal {
                    loops: ranges,
                    node: f.outputs()[found.outputs + k],
                    sink: Sink::Element {
                        array: array(&partial.by).expect("it has one"),
                        position,
                        add: false,
                    },
                });
            }
        }
    }
    let names_of_arrays = arrays.iter().map(|(array, _)| array.clone()).collect();
    let mut planner = Planner::new(&f, syntax, names, inputs.clone(), names_of_arrays, symbols);
    let (lines, values) = planner.program(goals)?;
    let of_array = |(array, _): &(Array, bool)| {
        array.extents.iter().map(|extent| planner.extent(extent).within(4, ("(", ")"))).collect()
    };
    let extents = arrays.iter().map(of_array).collect();
    let definitions = planner.writer.definitions();
    let values = values.into_values().map(|piece| piece.text).collect();
    Ok(Program { sizes, lengths, inputs, constants, arrays, extents, lines, values, definitions })
}

/// What receives a single amount for each of its elements is set, not added to; everything else must be zero before.
fn once(goals: &mut [Goal], arrays: &mut [(Array, bool)]) {
    for (k, (own, zero)) in arrays.iter_mut().enumerate() {
        let mut to: Vec<&mut Goal> = { goals.iter_mut() }
            .filter(|goal| matches!(&goal.sink, Sink::Element { array, .. } if *array == k))
            .collect();
        let covers = |goal: &Goal, position: &[Index]| {
            goal.loops.len() == position.len() && { position.iter().zip(&own.extents) }.all(
                |(place, extent)| {
                    let range = goal.loops.iter().find(|range| *place == Index::from(range.symbol));
                    let Extent::Form(high) = extent else { return false };
                    range.is_some_and(|range| range.low == Index::from(1) && range.high == *high)
                },
            )
        };
        *zero = match to.as_mut_slice() {
            [goal] => {
                let Sink::Element { position, .. } = goal.sink.clone() else { continue };
                let covers = covers(goal, &position);
                if let (true, Sink::Element { add, .. }) = (covers, &mut goal.sink) {
                    *add = false;
                }
                !covers
            }
            _ => true,
        };
    }
}

/// How a program's lines are written.
pub(super) struct Layout {
    pub(super) define: fn(&str, &str) -> String,
    pub(super) variable: fn(&str, &str) -> String,
    pub(super) declare: fn(&str) -> String,
    /// Ends a statement.
    pub(super) end: &'static str,
    /// An array of zeros, by its extents.
    pub(super) array: fn(&str, &[String]) -> String,
    /// What ends an array; nothing where that happens by itself.
    pub(super) free: fn(&str) -> String,
    /// Of a loop: its index, the first value, the last, and the one after it.
    pub(super) head: fn(&str, &str, &str, &str) -> String,
    /// The same from the last value down to the first, and the one before that.
    pub(super) down: fn(&str, &str, &str, &str) -> String,
    pub(super) test: fn(&str) -> String,
    pub(super) otherwise: &'static str,
    /// Stands where nothing is done.
    pub(super) nothing: &'static str,
    /// Ends a block; nothing where indentation does.
    pub(super) close: &'static str,
}

/// The lines of a program as text.
pub(super) fn text(lines: &[Line], layout: &Layout, depth: usize) -> String {
    let mut out = String::new();
    let indent = "    ".repeat(depth);
    let put = |out: &mut String, line: &str| {
        if !line.is_empty() {
            *out += &format!("{indent}{line}\n");
        }
    };
    for line in lines {
        match line {
            Line::Define(name, text) => put(&mut out, &(layout.define)(name, text)),
            Line::Variable(name, text) => put(&mut out, &(layout.variable)(name, text)),
            Line::Declare(name) => put(&mut out, &(layout.declare)(name)),
            Line::Assign(target, text) => put(&mut out, &format!("{target} = {text}{}", layout.end)),
            Line::Update(target, sign, text) => {
                put(&mut out, &format!("{target} {sign} {text}{}", layout.end))
            }
            Line::Array(name, extents) => put(&mut out, &(layout.array)(name, extents)),
            Line::Loop { index, low, high, end, down, body } => {
                let head = if *down { layout.down } else { layout.head };
                put(&mut out, &head(index, low, high, end));
                out += &block(body, layout, depth + 1);
                put(&mut out, layout.close);
            }
            Line::If { test, then, otherwise } => {
                put(&mut out, &(layout.test)(test));
                match then.is_empty() {
                    true => put(&mut out, layout.nothing),
                    false => out += &block(then, layout, depth + 1),
                }
                if !otherwise.is_empty() {
                    put(&mut out, layout.otherwise);
                    out += &block(otherwise, layout, depth + 1);
                }
                put(&mut out, layout.close);
            }
        }
    }
    out
}

/// The lines inside a loop or branch, whose arrays end with it.
fn block(lines: &[Line], layout: &Layout, depth: usize) -> String {
    text(lines, layout, depth) + &freed(lines, layout, depth)
}

/// What ends the arrays of some lines, but for those inside their loops and branches.
pub(super) fn freed(lines: &[Line], layout: &Layout, depth: usize) -> String {
    let indent = "    ".repeat(depth);
    let free = |line: &Line| match line {
        Line::Array(name, _) => Some((layout.free)(name)).filter(|free| !free.is_empty()),
        _ => None,
    };
    lines.iter().filter_map(free).map(|free| format!("{indent}{free}\n")).collect()
}
