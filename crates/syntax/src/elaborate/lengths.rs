//! How long an input is of which a derivative has removed reads: as long as the largest index used in the text.

use rustc_hash::FxHashSet;

use expr::graph::{AxisRange, Block, Graph, Role};
use expr::index::{Index, Symbol};
use expr::{BlockId, Node, NodeId};
use expr::{Builder, Op};

/// Declares the lengths of inputs that are read otherwise in what is left than in the text: some reads are gone, or stand under
/// one of these conditions, which say whether two elements are the same.
pub(super) fn declare_lengths(builder: &Builder, outputs: &[NodeId], conditions: &FxHashSet<NodeId>) {
    declare_unread(builder);
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
        // Data are as long as they are.
        let given = |block: &&Block| block.declared.is_some() || block.role == Role::Data;
        let blocks = graph.blocks().iter().filter(|block| block.rank > 0 && !given(block));
        let blocks = blocks.filter_map(|block| graph.block_named(&block.name));
        let changed = blocks.filter(|&block| gone(block) || !conditions.is_empty());
        let lengths = |block| longest(&graph, block).filter(|lengths| lengths.iter().all(is_plain));
        changed.filter_map(|block| Some((block, lengths(block)?))).collect()
    };
    for (block, lengths) in lengths {
        builder.declare(block, lengths);
    }
}

/// Only numbers and sizes can be written in a list of parameters.
pub(super) fn is_plain(length: &Index) -> bool {
    match length.terms() {
        _ if !length.data().is_empty() => false,
        [] => true,
        [(symbols, factor)] => symbols.is_empty() && *factor >= 0 || symbols.len() == 1 && *factor == 1,
        _ => false,
    }
}

/// An input that is indexed only in definitions that are never used has no elements.
fn declare_unread(builder: &Builder) {
    let unread: Vec<(BlockId, usize)> = {
        let graph = builder.graph();
        let mut read = vec![false; graph.blocks().len()];
        for node in graph.nodes() {
            if let Node::Read(block, _) = node {
                read[block.index()] = true;
            }
        }
        let blocks = graph.blocks().iter().filter(|block| block.rank > 0 && block.declared.is_none());
        let blocks = blocks.filter_map(|block| Some((graph.block_named(&block.name)?, block.rank)));
        blocks.filter(|(block, _)| !read[block.index()]).collect()
    };
    for (block, rank) in unread {
        builder.declare(block, vec![Index::from(0); rank]);
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

/// The largest index of a block along each of its indices, by all that was written, read or not, where that is one form of sizes.
pub(super) fn longest(graph: &Graph, block: BlockId) -> Option<Vec<Index>> {
    let mut lengths: Vec<Option<Index>> = vec![None; graph.block(block).rank];
    for id in graph.ids() {
        let Node::Read(of, position) = graph.node(id) else { continue };
        if of != block {
            continue;
        }
        for (length, form) in lengths.iter_mut().zip(graph.position(position)) {
            *length = Some(larger(length.take(), highest(graph, form)?)?);
        }
    }
    lengths.into_iter().collect::<Option<Vec<Index>>>().filter(|lengths| !lengths.is_empty())
}

/// The larger of two forms, where it is the same one for all sizes.
pub(super) fn larger(before: Option<Index>, form: Index) -> Option<Index> {
    let Some(before) = before else { return Some(form) };
    let further = before.minus(&form)?.as_constant()?;
    Some(if further >= 0 { before } else { form })
}

/// The largest value of a form over the ranges of its index variables, where each has one.
pub(super) fn highest(graph: &Graph, form: &Index) -> Option<Index> {
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
        let factor = form.factor(symbol)?;
        let mut ranges =
            graph.ids().filter_map(|id| Some(graph.scope(id)?.range)).filter(|range| range.axis == axis);
        let range: &AxisRange = ranges.next()?;
        if ranges.any(|other| other != range) {
            return None;
        }
        let end = if factor > 0 { &range.high } else { &range.low };
        form = form.substituted(&|own: Symbol| if own == symbol { end.clone() } else { own.into() })?;
    }
    None
}
