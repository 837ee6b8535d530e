//! How long inputs are, as forms of sizes; and which sizes make them as long as they are.

use std::rc::Rc;

use crate::graph::{AxisRange, Graph};
use crate::index::{Index, Symbol};
use crate::index_branches::OfIndices;
use crate::node::{Axis, BlockId, Node, NodeId};
use crate::{Function, Op};

/// Where more positions than this are read inside a loop, it is not said how far they go.
const MOST_INSIDE: usize = 256;

/// How far an input is read along one of its indices, for every size that is at least 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extent {
    /// No index is beyond this, where that can be said; those that are looked up in data apart.
    pub bound: Option<Index>,
    /// Whether this index is read wherever its loops have a step: by more than a branch that conditions on indices may leave out.
    pub reached: bool,
    /// Whether an index is looked up in data.
    pub by_data: bool,
}

impl Extent {
    /// What no index is beyond, where that can be said of all.
    pub fn bound(&self) -> Option<&Index> {
        self.bound.as_ref().filter(|_| !self.by_data)
    }

    /// The same where this index is read.
    pub fn longest(&self) -> Option<&Index> {
        self.bound().filter(|_| self.reached)
    }
}

/// A read of an input in the body of a loop, along one of its indices.
#[derive(Clone, PartialEq)]
struct Inside {
    of: (BlockId, usize),
    /// The index, where it can still be said.
    form: Option<Index>,
    /// The last values that conditions leave to index variables.
    limits: Vec<(Axis, Index)>,
    reached: bool,
}

impl Inside {
    /// At the end of the range where it is largest.
    fn at_the_end(mut self, range: &AxisRange) -> Inside {
        let symbol = Symbol::Axis(range.axis);
        let factor = self.form.as_ref().and_then(|form| form.factor(symbol));
        let room = |limit: &Index| range.high.minus(limit).and_then(|room| room.as_constant());
        let limits = self.limits.iter().filter(|(axis, limit)| *axis == range.axis && room(limit) > Some(0));
        let high = limits.max_by_key(|(_, limit)| room(limit)).map_or(&range.high, |(_, limit)| limit);
        let end = if factor >= Some(0) { high } else { &range.low };
        let image = |own: Symbol| if own == symbol { end.clone() } else { own.into() };
        let form = self.form.take().filter(|_| factor.is_some());
        self.form = form.and_then(|form| form.substituted(&image));
        self.limits.retain(|(axis, _)| *axis != range.axis);
        self
    }

    /// In a branch: what its condition leaves to index variables.
    fn within(mut self, limits: &[(Axis, Index)]) -> Inside {
        let free =
            |axis: Axis| self.form.iter().flat_map(Index::symbols).any(|own| own == Symbol::Axis(axis));
        let limits: Vec<_> = limits.iter().filter(|(axis, _)| free(*axis)).cloned().collect();
        self.limits.extend(limits);
        self
    }

    fn is_closed(&self) -> bool {
        self.form.iter().flat_map(Index::symbols).all(|symbol| !matches!(symbol, Symbol::Axis(_)))
    }
}

/// How far each input is read along each of its indices, by whatever these nodes need.
///
/// ```
/// let f = syntax::parse("sum(i, 1, n, if(i < n, x[i+1], x[1])) + sum(i, 2, n - 1, x[i]^2)").unwrap();
/// let x = &expr::extents(f.graph(), f.outputs())[0][0];
/// assert_eq!(f.graph().index_text(x.bound.as_ref().unwrap()), "n");
/// assert!(!x.reached); // only where i < n somewhere
/// ```
pub fn extents(graph: &Graph, outputs: &[NodeId]) -> Vec<Vec<Extent>> {
    let mut found = Found { all: graph.blocks().iter().map(|block| vec![None; block.rank]).collect() };
    let mut by_data: Vec<Vec<bool>> = graph.blocks().iter().map(|block| vec![false; block.rank]).collect();
    if graph.blocks().iter().any(|block| block.rank > 0) {
        let mut indices = OfIndices::default();
        indices.extend(graph);
        let live = graph.reached_from(outputs);
        let reached = graph.reached_along(outputs, |id, k| match graph.node(id) {
            Node::Ternary(Op::Select, [condition, ..]) => k == 0 || !indices.holds(condition),
            _ => true,
        });
        let mut inside: Vec<Option<Rc<Vec<Inside>>>> = vec![None; graph.len()];
        for id in graph.ids().filter(|id| live[id.index()]) {
            let mut reads = Vec::new();
            graph.each_read_of(id, |block, position| {
                for (k, form) in position.iter().enumerate() {
                    by_data[block.index()][k] |= !form.data().is_empty();
                    let form = Some(form.clone()).filter(|form| form.data().is_empty());
                    let reached = reached[id.index()];
                    reads.extend(form.map(|form| Inside {
                        of: (block, k),
                        form: Some(form),
                        limits: Vec::new(),
                        reached,
                    }));
                }
            });
            let scope = graph.scope(id);
            let mut only = None;
            for (k, child) in graph.children(id).iter().enumerate() {
                let Some(below) = &inside[child.index()] else { continue };
                let range = scope.as_ref().filter(|scope| k >= scope.outside.len()).map(|scope| scope.range);
                let limits = match (graph.node(id), k) {
                    (Node::Ternary(Op::Select, [condition, ..]), 1 | 2) => limits(graph, condition, k == 1),
                    _ => Vec::new(),
                };
                if only.is_none() && reads.is_empty() && range.is_none() && limits.is_empty() {
                    only = Some(below.clone());
                    continue;
                }
                reads.extend(below.iter().cloned().map(|read| match range {
                    Some(range) => read.at_the_end(range),
                    None => read.within(&limits),
                }));
            }
            inside[id.index()] = match only {
                Some(only) if reads.is_empty() => Some(only),
                only => {
                    found.sorted(only.iter().flat_map(|only| only.iter().cloned()).chain(reads)).map(Rc::new)
                }
            };
        }
    }
    let known = found.all.into_iter().zip(by_data).map(|(extents, by_data)| {
        let extents = extents.into_iter().zip(by_data);
        extents.map(|(extent, by_data)| Extent { by_data, ..extent.unwrap_or_default() }).collect()
    });
    known.collect()
}

/// What is found on the way from the reads to the outputs.
struct Found {
    /// Per input and index, nothing yet or how far it is read.
    all: Vec<Vec<Option<Extent>>>,
}

impl Found {
    /// Takes in the reads that are free in no index variable, and gives the others back.
    fn sorted(&mut self, reads: impl Iterator<Item = Inside>) -> Option<Vec<Inside>> {
        let mut inside: Vec<Inside> = Vec::new();
        for mut read in reads {
            if inside.len() >= MOST_INSIDE {
                read.form = None;
            }
            if read.is_closed() {
                self.take(read);
            } else if !inside.contains(&read) {
                inside.push(read);
            }
        }
        (!inside.is_empty()).then_some(inside)
    }

    fn take(&mut self, Inside { of: (block, k), form, reached, .. }: Inside) {
        let own = &mut self.all[block.index()][k];
        let Some(known) = own else {
            *own = Some(Extent { bound: form, reached, by_data: false });
            return;
        };
        let further = known.bound.as_ref().zip(form.as_ref()).and_then(|(bound, form)| form.minus(bound));
        match further {
            Some(none) if none == Index::default() => known.reached |= reached,
            Some(further) if surely_at_least_zero(&further) => {
                *known = Extent { bound: form, reached, by_data: false };
            }
            Some(further) if further.times(&(-1).into()).is_some_and(|less| surely_at_least_zero(&less)) => {}
            _ => known.bound = None,
        }
    }
}

/// Whether a form of sizes is at least 0 for all that are at least 1.
fn surely_at_least_zero(form: &Index) -> bool {
    { form.terms().iter() }.all(|(symbols, factor)| symbols.is_empty() || *factor > 0)
        && form.evaluate(|_| 1).is_some_and(|least| least >= 0)
}

/// The last values of index variables at which a condition holds, or does not: `i < n` holds up to n - 1.
fn limits(graph: &Graph, condition: NodeId, holds: bool) -> Vec<(Axis, Index)> {
    let is = |id, value: i64| graph.index_form(id) == Some(value.into());
    match graph.node(condition) {
        // `a and b`, `a or b`
        Node::Ternary(Op::Select, [a, b, no]) if holds && is(no, 0) => {
            return [limits(graph, a, true), limits(graph, b, true)].concat();
        }
        Node::Ternary(Op::Select, [a, yes, b]) if !holds && is(yes, 1) => {
            return [limits(graph, a, false), limits(graph, b, false)].concat();
        }
        _ => {}
    }
    let Some([holding, failing]) = graph.comparison(condition) else { return Vec::new() };
    let rooms = if holds { holding } else { failing };
    let limit = |room: &Index, axis: Axis| {
        let symbol = Symbol::Axis(axis);
        let end = room.plus(&symbol.into()).filter(|_| room.factor(symbol) == Some(-1))?;
        let is_closed = end.symbols().all(|symbol| matches!(symbol, Symbol::Size(_)));
        is_closed.then_some((axis, end))
    };
    rooms.iter().flat_map(|room| room.axes().filter_map(move |axis| limit(room, axis))).collect()
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
        let extents = extents(graph, self.outputs());
        let constraints: Vec<(&str, Index, usize)> = { lengths.iter() }
            .filter_map(|&(name, lengths)| {
                let id = graph.block_named(name)?;
                let declared = graph.block(id).declared.clone();
                // Of an input with which data are looked up, what its other reads say.
                let forms: Vec<Option<Index>> = match declared {
                    Some(lengths) => lengths.into_iter().map(Some).collect(),
                    None => extents[id.index()].iter().map(|extent| extent.bound.clone()).collect(),
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
