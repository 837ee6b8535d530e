//! What outputs are made of: the nodes that they need, and what the others have told of inputs.

use crate::graph::{Block, Graph, Role};
use crate::index::Index;
use crate::node::{Axis, Node, NodeId};

/// For every block of which only dead nodes read the largest index, the lengths that come of all reads: an input is as long
/// as the largest index used, in whatever vanishes too. Only reads at places that stand there in figures tell.
fn unread_extents(graph: &Graph, live: &[bool]) -> Vec<Option<Vec<usize>>> {
    let none = |block: &Block| vec![0; block.rank];
    let mut read: Vec<Option<Vec<usize>>> = graph.blocks().iter().map(|block| Some(none(block))).collect();
    let mut unread: Vec<Vec<usize>> = graph.blocks().iter().map(none).collect();
    let mut seen = vec![false; graph.blocks().len()];
    // Of what nothing reads any more nothing is known.
    let mut told = vec![false; graph.blocks().len()];
    for id in graph.ids() {
        match graph.node(id) {
            Node::Input(block, _) => read[block.index()] = None,
            Node::Read(block, position) => {
                seen[block.index()] |= live[id.index()];
                told[block.index()] = true;
                if graph.position(position).iter().any(|form| !form.data().is_empty()) {
                    // Only the data tell.
                    read[block.index()] = None;
                }
                let indices = graph.position(position).iter().map(Index::as_constant);
                let indices: Option<Vec<i64>> = indices.collect();
                let largest = |extents: &mut Vec<usize>, indices: &[i64]| {
                    for (extent, &index) in extents.iter_mut().zip(indices) {
                        *extent = (*extent).max(index.max(0) as usize);
                    }
                };
                match (live[id.index()], indices) {
                    (true, None) => read[block.index()] = None,
                    (true, Some(indices)) => {
                        read[block.index()].iter_mut().for_each(|extents| largest(extents, &indices));
                    }
                    (false, indices) => largest(&mut unread[block.index()], &indices.unwrap_or_default()),
                }
            }
            _ => {}
        }
    }
    let further = |k: usize| {
        let read = read[k].as_ref()?;
        let all: Vec<usize> = read.iter().zip(&unread[k]).map(|(read, unread)| *read.max(unread)).collect();
        // Data are as long as they are.
        let block = &graph.blocks()[k];
        (block.rank > 0 && block.role != Role::Data && told[k] && (!seen[k] || all != *read)).then_some(all)
    };
    (0..graph.blocks().len()).map(further).collect()
}

/// The nodes that outputs are made of, in the same order.
pub(crate) fn without_dead_nodes(graph: Graph, mut outputs: Vec<NodeId>) -> (Graph, Vec<NodeId>) {
    let live = graph.reached_from(&outputs);
    if live.iter().all(|&live| live) {
        return (graph, outputs);
    }
    let mut kept = Graph::default();
    let extents = unread_extents(&graph, &live);
    for (block, extents) in graph.blocks().iter().zip(extents) {
        let lengths = extents.filter(|_| block.shape.is_none() && block.declared.is_none());
        let lengths =
            lengths.map(|lengths| lengths.into_iter().map(|length| Index::from(length as i64)).collect());
        kept.push_block(Block { declared: block.declared.clone().or(lengths), ..block.clone() });
    }
    // Axes and sizes keep their numbers, which index forms mention.
    (0..graph.axis_count()).for_each(|k| {
        kept.push_axis(graph.axis_names(Axis(k as u32)).clone());
    });
    graph.sizes().iter().for_each(|size| {
        kept.push_size(size);
    });
    let moved = kept.append_live(&graph, &live);
    let survive = |id: &NodeId| live[id.index()].then(|| moved[id.index()]);
    kept.names = graph.names.iter().filter_map(|(id, name)| Some((survive(id)?, name.clone()))).collect();
    kept.places = graph.places.iter().filter_map(|(id, place)| Some((survive(id)?, place.clone()))).collect();
    outputs.iter_mut().for_each(|output| *output = moved[output.index()]);
    (kept, outputs)
}
