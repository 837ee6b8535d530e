//! Derivatives of higher order, by some of the inputs: each order is the derivative of the one before, as derived.

use std::ops::Range;

use expr::{BlockId, Builder, Function, Node, NodeId, Rebuild, Style};
use syntax::Sharing;

use crate::derive::{Mode, TooLarge, differentiate};
use crate::reader::{self, Candidate};

/// A function with its partial derivatives up to an order.
///
/// Mixed partials are held once: of `∂²f/∂x∂y` and `∂²f/∂y∂x` the one that is taken by the earlier input first.
///
/// ```
/// let f = syntax::parse("x^3*y").unwrap();
/// let all = symbolic::differentiate_repeatedly(&f, &[0, 1], 2, 1_000).unwrap();
/// assert_eq!((all.range(1), all.range(2)), (1..3, 3..6)); // x, y; xx, xy, yy
/// assert_eq!(all.partials(2)[1].by, [0, 1]);
/// assert_eq!(all.function.evaluate((), &[2.0, 5.0]), [40.0, 60.0, 8.0, 60.0, 12.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Derivatives {
    /// The outputs of f, then order after order its partials: output after output, in the order of [`Partial`]s.
    pub function: Function,
    /// How many outputs f has.
    pub outputs: usize,
    /// What is differentiated by: positions among all scalar inputs.
    pub by: Vec<usize>,
    /// The highest order.
    pub order: usize,
    /// Whether the partials of the highest order are in the reader's form: what is short is written out wherever it is used.
    pub readable: bool,
}

/// One partial derivative: of which output, and by which inputs (as positions in [`Derivatives::by`], ascending).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partial {
    /// The output of f.
    pub output: usize,
    /// One input per order.
    pub by: Vec<usize>,
}

/// Differentiates a flat function `order` times by the inputs at these positions.
///
/// Every order is taken from the one before as it was derived; simplification comes afterwards, for all together.
///
/// ```
/// let f = syntax::parse("x^4*y").unwrap();
/// let by_x = symbolic::differentiate_repeatedly(&f, &[0], 3, 1_000).unwrap();
/// assert_eq!(by_x.highest().evaluate((), &[2.0, 1.0]), [48.0]);
/// ```
///
/// # Errors
/// When there would be more than `max_nodes` nodes, or partials.
///
/// # Panics
/// When the function is not flat, the order is 0, or there is nothing to differentiate by.
pub fn differentiate_repeatedly(
    f: &Function,
    by: &[usize],
    order: usize,
    max_nodes: u64,
) -> Result<Derivatives, TooLarge> {
    assert!(order > 0 && !by.is_empty(), "some derivative is asked for");
    let outputs = f.outputs().len();
    let mut levels = vec![f.clone()];
    for level in 1..=order {
        let (derived, wanted) = next(&levels[level - 1], outputs, by, level, max_nodes)?;
        levels.push(derived.with_outputs(wanted));
    }
    Ok(Derivatives { function: joined(&levels), outputs, by: by.to_vec(), order, readable: false })
}

/// The same in the reader's form, each order taken from the formulas of the one before as they are written, so that they stay
/// short; and how the partials of the highest order came about.
///
/// ```
/// let f = syntax::parse("ln(x^2 + 1)").unwrap();
/// let (all, _) = symbolic::differentiate_for_readers(&f, &[0], 1, 1_000).unwrap();
/// assert_eq!(syntax::formulas_sharing(&all.highest(), 0..1, all.sharing()), ["2*x/(x^2 + 1)"]);
/// ```
///
/// # Errors
/// When there would be more than `max_nodes` nodes, or partials.
///
/// # Panics
/// When the function is not flat, the order is 0, or there is nothing to differentiate by.
pub fn differentiate_for_readers(
    f: &Function,
    by: &[usize],
    order: usize,
    max_nodes: u64,
) -> Result<(Derivatives, Vec<Candidate>), TooLarge> {
    assert!(order > 0 && !by.is_empty(), "some derivative is asked for");
    let outputs = f.outputs().len();
    let mut levels = vec![f.clone()];
    let mut candidates = Vec::new();
    for level in 1..=order {
        let before = &levels[level - 1];
        let (derived, wanted) = next(before, outputs, by, level, max_nodes)?;
        // What is differentiated stands before its partials, as what the user wrote.
        let written = before.outputs().len();
        let all = derived.outputs()[..written].iter().copied().chain(wanted).collect();
        let derived = derived.with_outputs(all);
        let found = reader::form(&derived, written..derived.outputs().len());
        candidates = found.candidates;
        levels.push(found.function);
    }
    let function = joined(&levels);
    Ok((Derivatives { function, outputs, by: by.to_vec(), order, readable: true }, candidates))
}

/// The partials of one more order: the derivative of those before, and which nodes of it they are.
fn next(
    before: &Function,
    outputs: usize,
    by: &[usize],
    level: usize,
    max_nodes: u64,
) -> Result<(Function, Vec<NodeId>), TooLarge> {
    let needed = outputs as f64 * partial_count(by.len(), level);
    if needed > max_nodes as f64 {
        return Err(TooLarge { needed, budget: max_nodes });
    }
    let inputs = before.input_count();
    let rows = partials(outputs, by.len(), level - 1);
    let own = rows.len();
    let derived = differentiate(before, Mode::Auto, max_nodes)?.function;
    let wanted = rows
        .iter()
        .enumerate()
        .flat_map(|(row, partial)| {
            let from = partial.by.last().copied().unwrap_or(0);
            by[from..].iter().map(move |&input| own + row * inputs + input)
        })
        .map(|k| derived.outputs()[k])
        .collect();
    Ok((derived, wanted))
}

/// How many ways there are to choose `order` of `inputs`, order aside and repetition allowed.
fn partial_count(inputs: usize, order: usize) -> f64 {
    (0..order).map(|k| (inputs + k) as f64 / (k + 1) as f64).product()
}

/// Every partial of one order, in the order in which they are held.
fn partials(outputs: usize, inputs: usize, order: usize) -> Vec<Partial> {
    let mut all: Vec<Partial> = (0..outputs).map(|output| Partial { output, by: Vec::new() }).collect();
    for _ in 0..order {
        let longer = |partial: &Partial| {
            let from = partial.by.last().copied().unwrap_or(0);
            let with =
                |input| Partial { output: partial.output, by: [partial.by.as_slice(), &[input]].concat() };
            (from..inputs).map(with).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

/// One function with all the outputs of several that have the same inputs; what they share is there once.
fn joined(parts: &[Function]) -> Function {
    let builder = Builder::new(Style::Written);
    builder.copy_blocks(parts[0].graph());
    let mut outputs = Vec::new();
    for part in parts {
        let graph = part.graph();
        let blocks: Vec<BlockId> = { graph.blocks().iter() }
            .map(|block| builder.block(&block.name, block.rank, block.role))
            .collect();
        // Inputs come first, in order, whatever reads them first.
        for (block, &id) in graph.blocks().iter().zip(&blocks) {
            (0..block.len().unwrap_or(0) as u32).for_each(|offset| _ = builder.element(id, offset));
        }
        let mut made = Rebuild::new(graph, &builder);
        made.run(graph.ids(), |made, id| {
            let image = match graph.node(id) {
                Node::Input(block, offset) => builder.element(blocks[block.index()], offset),
                _ => made.copy(id),
            };
            if let Some(name) = graph.name(id) {
                builder.name(image, name);
            }
            Some(image)
        });
        outputs.extend(made.ids(part.outputs()));
    }
    builder.finish(outputs)
}

impl Derivatives {
    /// Every partial of one order (of order 0 the outputs themselves), in the order of the outputs of
    /// [`function`](Self::function) that [`range`](Self::range) gives.
    pub fn partials(&self, order: usize) -> Vec<Partial> {
        partials(self.outputs, self.by.len(), order)
    }

    /// Which outputs of the function are the partials of one order.
    pub fn range(&self, order: usize) -> Range<usize> {
        let count = |order| self.outputs * partial_count(self.by.len(), order).round() as usize;
        let start = (0..order).map(count).sum();
        start..start + count(order)
    }

    /// The same with another function of the same outputs, such as a simplified one.
    ///
    /// # Panics
    /// When it has another number of outputs.
    #[must_use]
    pub fn with_function(&self, function: Function) -> Derivatives {
        assert_eq!(function.outputs().len(), self.function.outputs().len(), "the same outputs");
        Derivatives { function, readable: false, ..self.clone() }
    }

    /// The same with the partials of the highest order in the reader's form, and how each came about; `simplified` is the
    /// function as the simplifier for machines left it.
    #[must_use]
    pub fn reader(&self, simplified: Option<&Function>) -> (Derivatives, Vec<Candidate>) {
        let found = reader::form_of(&self.function, self.range(self.order), simplified);
        let others = self.function.outputs()[..self.range(self.order).start].to_vec();
        let others = self.function.with_outputs(others);
        let function = joined(&[others, found.function]);
        (Derivatives { function, readable: true, ..self.clone() }, found.candidates)
    }

    /// Which parts of formulas get names in text.
    pub fn sharing(&self) -> Sharing {
        if self.readable { Sharing::Long } else { Sharing::Always }
    }

    /// The partials of the highest order alone.
    pub fn highest(&self) -> Function {
        self.function.with_outputs(self.function.outputs()[self.range(self.order)].to_vec())
    }

    /// The names of the inputs that are differentiated by.
    pub fn names(&self) -> Vec<String> {
        let names = self.function.input_names();
        self.by.iter().map(|&input| names[input].clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The partials of the highest order at (2, 5).
    fn partials_at(text: &str, by: &[usize], order: usize) -> Vec<f64> {
        let f = syntax::parse(text).unwrap();
        let all = differentiate_repeatedly(&f, by, order, 10_000).unwrap();
        let values = all.function.evaluate((), &[2.0, 5.0][..f.input_count()]);
        assert_eq!(all.range(order).len(), all.partials(order).len());
        assert_eq!(values[all.range(order)], all.highest().evaluate((), &[2.0, 5.0][..f.input_count()]));
        values[all.range(order)].to_vec()
    }

    #[test]
    fn orders_are_derivatives_of_each_other() {
        assert_eq!(partials_at("x^3*y", &[0, 1], 1), [60.0, 8.0]);
        assert_eq!(partials_at("x^3*y", &[0, 1], 2), [60.0, 12.0, 0.0]);
        assert_eq!(partials_at("x^3*y", &[0, 1], 3), [30.0, 12.0, 0.0, 0.0]);
        assert_eq!(partials_at("x^3*y", &[1], 1), [8.0]);
        assert_eq!(partials_at("x^4", &[0], 3), [48.0]);
        assert_eq!(partials_at("[x*y, x]", &[0, 1], 2), [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn partials_are_counted_before_they_are_taken() {
        let f = syntax::parse("sum(i, 1, 500, x[i]^2)").unwrap().unroll(10_000).unwrap();
        let all: Vec<usize> = (0..500).collect();
        assert!(differentiate_repeatedly(&f, &all, 2, 10_000).unwrap_err().needed > 100_000.0);
    }
}
