//! Which inputs each output depends on by slopes, from the graph alone.

use std::ops::Range;

use expr::{Activity, Function, NodeId};

/// The set of a node: a part of the arena.
type Set = (u32, u32);

/// For each of some outputs of a flat function, the inputs of a range that it depends on, from the first of the range and increasing.
///
/// # Errors
/// When index sets have more than so many elements: how many at least.
pub(super) fn dependencies(
    f: &Function,
    outputs: &[NodeId],
    wanted: Range<usize>,
    most: u64,
) -> Result<Vec<Vec<u32>>, u64> {
    let graph = f.graph();
    let activity =
        Activity::of(graph, |id| f.input_at(id).is_some_and(|position| wanted.contains(&position)));
    // What no output needs has no set: sums of which only the slope counts would have large ones.
    let needed = graph.reached_along(outputs, |id, k| activity.flows(graph, id, k));
    let mut sets: Vec<Set> = vec![(0, 0); graph.len()];
    let mut arena: Vec<u32> = Vec::new();
    let mut marked = vec![0u32; wanted.len()];
    let mut mark = 0u32;
    for id in graph.ids().filter(|id| needed[id.index()] && activity.is_active(*id)) {
        if let Some(position) = f.input_at(id) {
            sets[id.index()] = (arena.len() as u32, 1);
            arena.push((position - wanted.start) as u32);
            continue;
        }
        let children = graph.children(id);
        let own = |k: usize| sets[children[k].index()];
        let mut through =
            (0..children.len()).filter(|&k| activity.flows(graph, id, k) && own(k).1 > 0).map(own);
        let Some(first) = through.next() else { continue };
        let rest: Vec<Set> = through.filter(|set| *set != first).collect();
        if rest.is_empty() {
            sets[id.index()] = first;
            continue;
        }
        mark += 1;
        let start = arena.len();
        for (from, length) in std::iter::once(first).chain(rest) {
            for k in from..from + length {
                let element = arena[k as usize];
                if marked[element as usize] != mark {
                    marked[element as usize] = mark;
                    arena.push(element);
                }
            }
        }
        let total = arena.len() as u64;
        if total > most || total > u64::from(u32::MAX) {
            return Err(total);
        }
        sets[id.index()] = (start as u32, (arena.len() - start) as u32);
    }
    let row = |output: &NodeId| {
        let (start, length) = sets[output.index()];
        let mut row = arena[start as usize..(start + length) as usize].to_vec();
        row.sort_unstable();
        row
    };
    Ok(outputs.iter().map(row).collect())
}
