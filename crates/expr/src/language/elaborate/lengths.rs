//! How long an input is of which a derivative has removed reads: as long as the largest index used in the text.

use rustc_hash::FxHashSet;

use crate::graph::{AxisRange, Graph};
use crate::index::{Index, Symbol};
use crate::node::{BlockId, Node, NodeId};
use crate::{Builder, Op};

/// Declares the lengths of inputs that are read otherwise in what is left than in the text: some reads are gone, or stand under
/// one of these conditions, which say whether two elements are the same.
pub(super) fn declare_lengths(builder: &Builder, outputs: &[NodeId], conditions: &FxHashSet<NodeId>) {
    let lengths: Vec<(BlockId, Vec<Index>)> = {
        let graph = builder.graph();
        let live = graph.reached_from(outputs);
        if live.iter().all(|&live| live) && conditions.is_empty() || excludes(&graph, conditions) {
            return;
        }
        let gone = |block: BlockId| {
            { graph.ids() }
                .any(|id| matches!(graph.node(id), Node::Read(of, _) if of == block && !live[id.index()]))
        };
        let blocks = graph.blocks().iter().filter(|block| block.rank > 0 && block.declared.is_none());
        let blocks = blocks.filter_map(|block| graph.block_named(&block.name));
        let changed = blocks.filter(|&block| gone(block) || !conditions.is_empty());
        // Only numbers and sizes can be written in a list of parameters.
        let plain = |length: &Index| match length.terms() {
            [] => true,
            [(symbols, factor)] => symbols.is_empty() && *factor >= 0 || symbols.len() == 1 && *factor == 1,
            _ => false,
        };
        let lengths = |block| longest(&graph, block).filter(|lengths| lengths.iter().all(plain));
        changed.filter_map(|block| Some((block, lengths(block)?))).collect()
    };
    for (block, lengths) in lengths {
        builder.declare(block, lengths);
    }
}

/// Whether a branch that indices decide keeps anything from being read.
fn excludes(graph: &Graph, conditions: &FxHashSet<NodeId>) -> bool {
    let mut indices = vec![false; graph.len()];
    let mut any = false;
    for id in graph.ids() {
        indices[id.index()] = match graph.node(id) {
            Node::Symbol(_) | Node::Const(_) => true,
            node => node.op().is_some() && graph.children(id).iter().all(|child| indices[child.index()]),
        };
        if let Node::Ternary(Op::Select, [condition, ..]) = graph.node(id) {
            any |= indices[condition.index()] && !conditions.contains(&condition);
        }
    }
    any
}

/// The largest index of a block along each of its indices, where that is one form of sizes.
fn longest(graph: &Graph, block: BlockId) -> Option<Vec<Index>> {
    let mut lengths: Option<Vec<Index>> = None;
    for id in graph.ids() {
        let Node::Read(of, position) = graph.node(id) else { continue };
        if of != block {
            continue;
        }
        let ends = graph.position(position).iter().map(|form| highest(graph, form));
        let ends = ends.collect::<Option<Vec<Index>>>()?;
        lengths = Some(match lengths {
            None => ends,
            Some(known) => {
                let larger = |(a, b): (Index, Index)| {
                    let further = a.minus(&b)?.as_constant()?;
                    Some(if further >= 0 { a } else { b })
                };
                known.into_iter().zip(ends).map(larger).collect::<Option<Vec<Index>>>()?
            }
        });
    }
    lengths
}

/// The largest value of a form over the ranges of its index variables.
fn highest(graph: &Graph, form: &Index) -> Option<Index> {
    let mut form = form.clone();
    for _ in 0..=graph.axis_count() {
        let axis = form.symbols().find_map(|symbol| match symbol {
            Symbol::Axis(axis) => Some(axis),
            Symbol::Size(_) => None,
        });
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
