//! Derivatives of any order for every size: formulas for every element, or for those that are named.

use expr::graph::{Graph, Role};
use expr::index::{Index, Symbol};
use expr::{BlockId, Function, NodeId};

use super::element::Along;
use super::extents::shapes;
use super::outputs::{OutputIndex, with_elements};
use super::parts::{Contributions, contributions};
use super::{Draft, NeedsSizes, agreement, tidy, written};
use crate::reader;

/// What a function is differentiated by: a scalar, every element of an indexed input, or one element.
///
/// ```
/// use symbolic::Place;
/// let f = syntax::parse("sum(i, 1, n, x[i]^2)").unwrap();
/// let block = f.graph().block_named("x").unwrap();
/// let first = Place { block, element: Some(vec![1.into()]) }; // x[1]
/// let found = symbolic::differentiate_sized(&f, 1, &[first], 1_000).unwrap();
/// let bound = found.highest().with_sizes(&[("n", 2)]).unwrap();
/// assert_eq!(bound.evaluate((), &[3.0, 5.0]), [6.0]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The block.
    pub block: BlockId,
    /// Which element, as forms in the sizes of the function; every one where nothing is said.
    pub element: Option<Vec<Index>>,
}

/// One input of a partial derivative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByElement {
    /// The block.
    pub block: String,
    /// The sizes that stand for the indices of the element; none for a scalar, and for a fixed element.
    pub indices: Vec<String>,
    /// Up to where each index goes, where that can be said.
    pub extents: Vec<Option<String>>,
    /// The indices of a fixed element.
    pub fixed: Option<Vec<String>>,
}

impl ByElement {
    /// Every element of a block, whatever its indices are called.
    pub fn every(block: &str) -> ByElement {
        ByElement { block: block.to_owned(), indices: Vec::new(), extents: Vec::new(), fixed: None }
    }

    /// `x[j]`, `W[1,n]`, `a`.
    pub fn name(&self) -> String {
        match self.fixed.as_deref().unwrap_or(&self.indices) {
            [] => self.block.clone(),
            indices => format!("{}[{}]", self.block, indices.join(",")),
        }
    }

    /// Which elements there are: `x[j]: every j from 1 to n`.
    pub fn ranges(&self) -> Option<String> {
        let range = |(index, extent): (&String, &Option<String>)| match extent {
            Some(extent) => format!("every {index} from 1 to {extent}"),
            None => format!("every {index}"),
        };
        let ranges: Vec<String> = self.indices.iter().zip(&self.extents).map(range).collect();
        (!ranges.is_empty()).then(|| format!("{}: {}", self.name(), ranges.join(", ")))
    }
}

/// A partial derivative for every size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizedPartial {
    /// Of which output, counted from 0.
    pub output: usize,
    /// One input per order.
    pub by: Vec<ByElement>,
}

/// A function and its partial derivatives of one order, for every size.
///
/// ```
/// use symbolic::{Place, differentiate_sized};
/// let f = syntax::parse("sum(i, 1, n, x[i]^2)").unwrap();
/// let x = Place { block: f.graph().block_named("x").unwrap(), element: None };
/// let found = differentiate_sized(&f, 1, &[x], 1_000).unwrap();
/// assert_eq!(found.partials[0].by[0].ranges().unwrap(), "x[j]: every j from 1 to n");
/// assert_eq!(syntax::formulas(&found.readable(), 0..1), ["2*x[j]"]);
/// ```
#[derive(Clone, Debug)]
pub struct SizedDerivatives {
    /// The function.
    pub original: Function,
    /// Its outputs, then its partial derivatives, output by output. The indices of elements are sizes.
    pub function: Function,
    /// How many outputs the function has.
    pub outputs: usize,
    /// The order.
    pub order: usize,
    /// What the other outputs are. Mixed ones are held once.
    pub partials: Vec<SizedPartial>,
    /// How far every block of the function goes along each index, where that can be told.
    pub shapes: Vec<Vec<Option<Index>>>,
    /// Per output its indices, if it is an array: the partial derivatives are those of the element at them.
    pub output_indices: Vec<Vec<OutputIndex>>,
    /// The gradient as what programs add up, if it is one by whole blocks.
    pub contributions: Option<Contributions>,
}

impl SizedDerivatives {
    /// The partial derivatives alone.
    pub fn highest(&self) -> Function {
        let f = &self.function;
        self.declared(f, f.outputs()[self.outputs..].to_vec())
    }

    /// A function of these outputs that says how long its inputs are, so that sizes stay sizes where nothing else mentions them.
    fn declared(&self, f: &Function, outputs: Vec<NodeId>) -> Function {
        let builder = expr::Builder::resume(f.graph().clone(), expr::Style::Written);
        for (block, shape) in self.original.graph().blocks().iter().zip(&self.shapes) {
            // The language declares lengths that are a size or a number; what others are made of is in the loops.
            let plain = |form: &Index| {
                form.as_constant().is_some() || form.symbols().any(|size| *form == size.into())
            };
            let lengths: Option<Vec<Index>> = shape.iter().map(|form| form.clone().filter(plain)).collect();
            let id = f.graph().block_named(&block.name).expect("derivatives have the inputs of the function");
            if let Some(lengths) = lengths.filter(|lengths| !lengths.is_empty() && block.shape.is_none()) {
                builder.declare(id, lengths);
            }
        }
        f.with_same_bindings(builder.finish(outputs)).with_plain_axes()
    }

    /// The partial derivatives alone, as people write them: loops tidied, then the reader's form; of some ways to tidy the shortest.
    /// What does not agree with the derived form at some sizes and points is not taken.
    pub fn readable(&self) -> Function {
        let derived = self.highest();
        let names = { self.partials.iter() }.flat_map(|partial| &partial.by).flat_map(|by| &by.indices);
        let outputs = self.output_indices.iter().flatten().map(|index| &index.name);
        let places: Vec<&str> = names.chain(outputs).map(String::as_str).collect();
        let plain = || {
            let found = reader::form(&derived, 0..self.partials.len()).function;
            self.declared(&found, found.outputs().to_vec())
        };
        let ways: [&dyn Fn() -> Option<Function>; 2] = [&|| self.tidied(&derived), &|| Some(plain())];
        let agreeing =
            ways.iter().filter_map(|way| way()).find(|found| agreement::agree(&derived, found, &places));
        agreeing.unwrap_or_else(|| derived.clone())
    }

    /// The readable form of what tidying makes of the derived one.
    fn tidied(&self, derived: &Function) -> Option<Function> {
        let graph = derived.graph();
        let size = |name: &String| graph.sizes().iter().position(|size| size == name);
        let of_element = |by: &ByElement| -> Vec<Index> {
            let block = self.original.graph().block_named(&by.block).expect("it is one of the blocks");
            let room = |(index, extent): (&String, &Option<Index>)| {
                extent.as_ref()?.minus(&Symbol::Size(size(index)? as u32).into())
            };
            by.indices.iter().zip(&self.shapes[block.index()]).filter_map(room).collect()
        };
        let of_output = |OutputIndex { name, range: [low, high] }: &OutputIndex| {
            let index = size(name).map(|index| Index::from(Symbol::Size(index as u32)));
            index.map_or([None, None], |index| [index.minus(low), high.minus(&index)])
        };
        let of_partial = |partial: &SizedPartial| -> Vec<Index> {
            let outputs = self.output_indices[partial.output].iter().flat_map(of_output).flatten();
            partial.by.iter().flat_map(of_element).chain(outputs).collect()
        };
        let facts: Vec<Vec<Index>> = self.partials.iter().map(of_partial).collect();
        let places: Vec<Index> = { self.partials.iter() }
            .flat_map(|partial| &partial.by)
            .flat_map(|by| &by.indices)
            .filter_map(|name| Some(Symbol::Size(size(name)? as u32).into()))
            .collect();
        let count = self.partials.len();
        let all = tidy::tidied(derived, &facts, &places)?;
        let found = reader::form(&all, 0..all.outputs().len()).function;
        let shorter = (0..count).map(|k| {
            let ways = (0..tidy::WAYS).map(|way| way * count + k);
            let best = ways.min_by_key(|&at| reader::length(&found, at)).expect("there are some ways");
            found.outputs()[best]
        });
        let outputs = shorter.collect();
        Some(self.declared(&found, outputs))
    }

    /// What the function's elements receive, loop by loop, in words: of a gradient by whole inputs.
    pub fn received(&self) -> Vec<String> {
        let Some(all) = &self.contributions else { return Vec::new() };
        let graph = all.function.graph();
        let text = |form: &Index| graph.index_text(form);
        let line = |(k, part): (usize, &super::Contribution)| {
            let block = &graph.block(part.block).name;
            let place: Vec<String> = part.position.iter().map(text).collect();
            let element =
                if place.is_empty() { block.clone() } else { format!("{block}[{}]", place.join(",")) };
            let loops = { part.ranges.iter().rev() }.map(|range| {
                let index = &graph.axis_names(range.axis).index;
                format!("{index} from {} to {}", text(&range.low), text(&range.high))
            });
            let loops: Vec<String> = loops.collect();
            let every =
                if loops.is_empty() { String::new() } else { format!(", for {}", loops.join(" and ")) };
            let of =
                if self.outputs > 1 { format!("of output {}, ", part.output + 1) } else { String::new() };
            let amount = syntax::formulas(&all.function, [all.outputs + k]).remove(0);
            format!("{of}{element}{every}: {amount}")
        };
        all.parts.iter().enumerate().map(line).collect()
    }

    /// The same with other formulas for the outputs.
    pub fn with_function(&self, function: Function) -> SizedDerivatives {
        SizedDerivatives { function, ..self.clone() }
    }

    /// The gradient as what programs add up, if it is one by whole blocks; what it is made of may be simplified.
    pub fn map_contributions(mut self, simplify: impl Fn(&Function) -> Function) -> SizedDerivatives {
        if let Some(all) = &mut self.contributions {
            all.function = simplify(&all.function);
        }
        self
    }
}

/// One row while derivatives are taken: of which output, and by which places so far.
#[derive(Clone)]
struct Row {
    output: usize,
    by: Vec<usize>,
    elements: Vec<ByElement>,
}

/// Differentiates a function with axes `order` times by these places, of which there are some; sizes need not be bound.
///
/// ```
/// use symbolic::{Place, differentiate_sized};
/// let f = syntax::parse("sum(i, 1, n, a^2*x[i])").unwrap();
/// let a = Place { block: f.graph().block_named("a").unwrap(), element: None };
/// let found = differentiate_sized(&f, 2, &[a], 1_000).unwrap(); // twice by a
/// let bound = found.highest().with_sizes(&[("n", 3)]).unwrap();
/// assert_eq!(bound.evaluate((), &[5.0, 1.0, 2.0, 3.0]), [12.0]);
/// ```
///
/// # Errors
/// When that takes more than formulas of the language, or more than `max_nodes` nodes.
pub fn differentiate_sized(
    f: &Function,
    order: usize,
    by: &[Place],
    max_nodes: u64,
) -> Result<SizedDerivatives, NeedsSizes> {
    let outputs = f.outputs().len();
    let shapes = shapes(f);
    let extents = expr::extents(f.graph(), f.outputs());
    let whole = order == 1 && by.iter().all(|place| place.element.is_none());
    let (mut current, output_indices) = with_elements(f, max_nodes)?;
    let mut contributed = None;
    let mut rows: Vec<Row> =
        (0..outputs).map(|output| Row { output, by: Vec::new(), elements: Vec::new() }).collect();
    for _ in 0..order {
        // The outputs themselves come first where their elements are differentiated, or derivatives of them.
        let first = current.outputs().len() - rows.len();
        let swept = current.gradients(first..current.outputs().len())?;
        let variables = variables(swept.graph());
        let draft = Draft::new(&swept, max_nodes)?;
        draft.within_budget()?;
        let found = draft.without_scatters(&swept, &shapes, false)?;
        let (values, gradients) = found.split_at(current.outputs().len());
        let (nodes, next) = {
            let names = index_names(&draft, f, by, &shapes);
            let (mut nodes, mut next): (Vec<NodeId>, Vec<Row>) = (values[..outputs].to_vec(), Vec::new());
            for (k, row) in rows.iter().enumerate() {
                let gradients = &gradients[k * variables.len()..][..variables.len()];
                for (p, place) in by.iter().enumerate().skip(row.by.last().copied().unwrap_or(0)) {
                    let forms: Vec<Index> = match &place.element {
                        Some(forms) => forms.clone(),
                        None => names[p].iter().map(|name| draft.size(name)).collect(),
                    };
                    // An input may be longer than its reads say.
                    let ends: Vec<Option<Index>> = match is_declared(f, place.block) {
                        true => shapes[place.block.index()].clone(),
                        false => extents[place.block.index()]
                            .iter()
                            .map(|extent| extent.bound().cloned())
                            .collect(),
                    };
                    let along = |(index, high)| Along { index, low: 1.into(), high };
                    let along: Vec<Along> = forms.into_iter().zip(ends).map(along).collect();
                    let gradient = variables.iter().position(|block| *block == place.block);
                    let received = gradient.map_or_else(Vec::new, |k| draft.parts(gradients[k]));
                    nodes.push(draft.with_products(draft.element(&received, &along)?)?.id());
                    draft.within_budget()?;
                    let shape = &shapes[place.block.index()];
                    let own = ByElement {
                        block: f.graph().block(place.block).name.clone(),
                        indices: names[p].clone(),
                        extents: shape.iter().map(|form| Some(written(f, form.as_ref()?))).collect(),
                        fixed: { place.element.as_ref() }
                            .map(|forms| forms.iter().map(|form| written(f, form)).collect()),
                    };
                    let longer = |by: &Vec<usize>| [by.as_slice(), &[p]].concat();
                    let elements = row.elements.iter().cloned().chain([own]).collect();
                    next.push(Row { output: row.output, by: longer(&row.by), elements });
                }
            }
            (nodes, next)
        };
        if whole {
            let of_output = |(output, gradients): (usize, &[NodeId])| {
                let of_block = |(block, gradient): (&BlockId, &NodeId)| (output, *block, *gradient);
                variables.iter().zip(gradients).map(of_block).collect::<Vec<_>>()
            };
            let all: Vec<_> =
                gradients.chunks(variables.len().max(1)).enumerate().flat_map(of_output).collect();
            contributed = Some(contributions(f, &values[..outputs], &draft, &all));
        }
        current = f.with_same_bindings(draft.builder.finish(nodes));
        rows = next;
    }
    let current = current.with_plain_axes();
    let partials =
        rows.into_iter().map(|row| SizedPartial { output: row.output, by: row.elements }).collect();
    Ok(SizedDerivatives {
        original: f.clone(),
        function: current,
        outputs,
        order,
        partials,
        shapes,
        output_indices,
        contributions: contributed,
    })
}

/// Whether it is said how long an input is.
fn is_declared(f: &Function, block: BlockId) -> bool {
    let block = f.graph().block(block);
    block.declared.is_some() || block.shape.is_some()
}

/// The blocks that gradients are of.
fn variables(graph: &Graph) -> Vec<BlockId> {
    let blocks = graph.blocks().iter().filter(|block| block.role == Role::Variable);
    blocks.map(|block| graph.block_named(&block.name).expect("it is a block")).collect()
}

/// Names for the indices of every place: where two indices go equally far they have the same name, but never two of one element; so
/// rows and columns have distinct names, and a vector shares its name with the side of a matrix that it is multiplied with.
fn index_names(draft: &Draft, f: &Function, by: &[Place], shapes: &[Vec<Option<Index>>]) -> Vec<Vec<String>> {
    let mut known: Vec<(Option<Index>, String)> = Vec::new();
    by.iter()
        .map(|place| {
            let mut own: Vec<String> = Vec::new();
            if place.element.is_some() {
                return own;
            }
            debug_assert_eq!(shapes[place.block.index()].len(), f.graph().block(place.block).rank);
            for extent in &shapes[place.block.index()] {
                let fits = |(other, name): &&(Option<Index>, String)| other == extent && !own.contains(name);
                let name = match known.iter().find(fits) {
                    Some((_, name)) => name.clone(),
                    None => {
                        let name = draft.index_name();
                        known.push((extent.clone(), name.clone()));
                        name
                    }
                };
                own.push(name);
            }
            own
        })
        .collect()
}
