//! How long inputs are, as forms of sizes; and which sizes make them as long as they are.

use crate::Function;
use crate::graph::{AxisRange, Graph};
use crate::index::{Index, Symbol};
use crate::node::BlockId;

/// The largest index of a block along each of its indices, where that is one form of sizes.
pub fn longest(graph: &Graph, block: BlockId) -> Option<Vec<Index>> {
    let mut of_data = false;
    graph.each_read(|_, of, position| {
        of_data |= of == block && position.iter().any(|form| !form.data().is_empty());
    });
    if of_data {
        return None;
    }
    ends(graph, block).into_iter().collect::<Option<Vec<Index>>>().filter(|lengths| !lengths.is_empty())
}

/// The same, index by index; of one with which data are looked up, of its other uses alone.
fn ends(graph: &Graph, block: BlockId) -> Vec<Option<Index>> {
    let larger = |a: Index, b: Index| {
        let further = a.minus(&b)?.as_constant()?;
        Some(if further >= 0 { a } else { b })
    };
    // Per index nothing yet, or the largest form so far, where there is one.
    let mut lengths: Vec<Option<Option<Index>>> = vec![None; graph.block(block).rank];
    graph.each_read(|_, of, position| {
        if of != block {
            return;
        }
        for (length, form) in lengths.iter_mut().zip(position).filter(|(_, form)| form.data().is_empty()) {
            let end = highest(graph, form);
            *length = Some(match length.take() {
                None => end,
                Some(known) => known.zip(end).and_then(|(a, b)| larger(a, b)),
            });
        }
    });
    lengths.into_iter().map(Option::flatten).collect()
}

/// The largest value of a form over the ranges of its index variables.
pub fn highest(graph: &Graph, form: &Index) -> Option<Index> {
    let mut form = form.clone();
    for _ in 0..=graph.axis_count() {
        let axis = form.symbols().find_map(|symbol| match symbol {
            Symbol::Axis(axis) => Some(axis),
            Symbol::Size(_) | Symbol::Datum(_) => None,
        });
        if !form.data().is_empty() {
            return None;
        }
        let Some(axis) = axis else { return Some(form) };
        let symbol = Symbol::Axis(axis);
        let mut with = form.terms().iter().filter(|(symbols, _)| symbols.contains(&symbol));
        let factor = match (with.next(), with.next()) {
            (Some((symbols, factor)), None) if symbols.len() == 1 => *factor,
            _ => return None,
        };
        let mut ranges =
            graph.ids().filter_map(|id| Some(graph.scope(id)?.range)).filter(|range| range.axis == axis);
        let range: &AxisRange = ranges.next()?;
        if ranges.any(|other| other != range) {
            return None;
        }
        let end = if factor > 0 { &range.high } else { &range.low };
        let rest = form.minus(&Index::from(symbol).times(&factor.into())?)?;
        form = rest.plus(&end.times(&factor.into())?)?;
    }
    None
}

/// Two inputs that make one size two different numbers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} has length {}, so {size} is {}; {} has length {}, so {size} is {}", .first.0, .first.1, .first.2, .second.0, .second.1, .second.2)]
pub struct SizeConflict {
    /// The size.
    pub size: String,
    /// An input, one of its lengths, and what that makes the size.
    pub first: (String, usize, i64),
    /// The other input, likewise.
    pub second: (String, usize, i64),
}

impl Function {
    /// The values of sizes that follow from the lengths of inputs, for those sizes that have none yet.
    ///
    /// ```
    /// let f = syntax::parse("sum(i, 1, n-1, x[i]*x[i+1])").unwrap();
    /// assert_eq!(f.sizes_for(&[("x", &[5])]).unwrap(), [("n".to_owned(), 5)]);
    /// ```
    ///
    /// # Errors
    /// When two inputs make a size two different numbers.
    pub fn sizes_for(&self, lengths: &[(&str, &[usize])]) -> Result<Vec<(String, i64)>, SizeConflict> {
        let graph = self.graph();
        let constraints: Vec<(&str, Index, usize)> = { lengths.iter() }
            .filter_map(|&(name, lengths)| {
                let id = graph.block_named(name)?;
                let declared = graph.block(id).declared.clone();
                let forms = match declared {
                    Some(lengths) => lengths.into_iter().map(Some).collect(),
                    None => ends(graph, id),
                };
                (forms.len() == lengths.len()).then_some((name, forms, lengths))
            })
            .flat_map(|(name, forms, lengths)| {
                forms.into_iter().zip(lengths).filter_map(move |(form, &length)| Some((name, form?, length)))
            })
            .collect();
        let mut known: Vec<Option<i64>> = graph.sizes().iter().map(|size| self.size(size)).collect();
        // What determined each size.
        let mut sources: Vec<Option<(String, usize, i64)>> = vec![None; known.len()];
        loop {
            let mut found = false;
            for (name, form, length) in &constraints {
                for size in 0..known.len() {
                    let Some(value) = solve(form, size as u32, *length, &known) else { continue };
                    let source = ((*name).to_owned(), *length, value);
                    match (known[size], &sources[size]) {
                        (None, _) => {
                            (known[size], sources[size], found) = (Some(value), Some(source), true);
                        }
                        (Some(before), Some(first)) if before != value => {
                            let size = graph.sizes()[size].clone();
                            return Err(SizeConflict { size, first: first.clone(), second: source });
                        }
                        _ => {}
                    }
                }
            }
            if !found {
                break;
            }
        }
        let inferred = sources.into_iter().enumerate();
        Ok(inferred.filter_map(|(k, source)| Some((graph.sizes()[k].clone(), source?.2))).collect())
    }
}

/// The value of a size for which a form is so long, when that is linear in it and all else has a value.
fn solve(form: &Index, size: u32, length: usize, known: &[Option<i64>]) -> Option<i64> {
    let own = Symbol::Size(size);
    let (mut factor, mut rest) = (0i64, 0i64);
    for (symbols, coefficient) in form.terms() {
        let mut term = *coefficient;
        let mut times = 0;
        for &symbol in symbols {
            match symbol {
                symbol if symbol == own => times += 1,
                Symbol::Size(other) => term = term.checked_mul(known[other as usize]?)?,
                Symbol::Axis(_) | Symbol::Datum(_) => return None,
            }
        }
        match times {
            0 => rest = rest.checked_add(term)?,
            1 => factor = factor.checked_add(term)?,
            _ => return None,
        }
    }
    let needed = i64::try_from(length).ok()?.checked_sub(rest)?;
    (factor != 0 && needed % factor == 0).then(|| needed / factor)
}
