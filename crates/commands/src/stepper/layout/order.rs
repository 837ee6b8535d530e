//! Orders the slots of every column, so that few edges cross: sweeps by barycentre, the best of which is kept.

use super::{Slot, Vertex};

/// How many sweeps.
const ORDERING: usize = 24;

/// Where a walk from the last vertex back along arguments meets each vertex: for a tree that order has no crossings.
pub(super) fn ranks(vertices: &[Vertex]) -> Vec<usize> {
    let mut ranks = vec![usize::MAX; vertices.len()];
    let mut next = 0;
    let mut stack: Vec<usize> = (0..vertices.len()).collect();
    while let Some(v) = stack.pop() {
        if ranks[v] == usize::MAX {
            ranks[v] = next;
            next += 1;
            stack.extend(vertices[v].from.iter().rev());
        }
    }
    ranks
}

/// The slots of every column from top to bottom, with few crossings between columns.
pub(super) fn order(slots: &[Slot], ranks: Vec<usize>, count: usize) -> Vec<Vec<usize>> {
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); count];
    (0..slots.len()).for_each(|k| columns[slots[k].column].push(k));
    // A slot of passing edges is where their vertex is.
    let rank = |mut slot: usize| {
        while slots[slot].passing {
            slot = slots[slot].left[0];
        }
        ranks[slot]
    };
    columns.iter_mut().for_each(|column| column.sort_by_key(|&slot| rank(slot)));
    let mut places = vec![0; slots.len()];
    let note = |column: &[usize], places: &mut [usize]| {
        column.iter().enumerate().for_each(|(place, &slot)| places[slot] = place);
    };
    columns.iter().for_each(|column| note(column, &mut places));
    let mut best = (crossings(slots, &columns, &places), columns.clone());
    for sweep in 0..ORDERING {
        let rightward = sweep % 2 == 0;
        for k in 0..count {
            let column = &mut columns[if rightward { k } else { count - 1 - k }];
            let centre = |slot: usize| {
                let near = if rightward { &slots[slot].left } else { &slots[slot].right };
                let sum: usize = near.iter().map(|&other| places[other]).sum();
                if near.is_empty() { places[slot] as f64 } else { sum as f64 / near.len() as f64 }
            };
            let mut keyed: Vec<(f64, usize)> = column.iter().map(|&slot| (centre(slot), slot)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            *column = keyed.into_iter().map(|(_, slot)| slot).collect();
            note(column, &mut places);
        }
        let found = crossings(slots, &columns, &places);
        if found < best.0 {
            best = (found, columns.clone());
        }
    }
    best.1
}

/// How many pairs of links cross: inversions, counted with a Fenwick tree.
pub(super) fn crossings(slots: &[Slot], columns: &[Vec<usize>], places: &[usize]) -> usize {
    let mut total = 0;
    for (column, next) in columns.iter().zip(columns.iter().skip(1)) {
        let mut tree = vec![0usize; next.len() + 1];
        let mut seen = 0;
        for &slot in column {
            let mut ends: Vec<usize> = slots[slot].right.iter().map(|&to| places[to]).collect();
            ends.sort_unstable();
            for &end in &ends {
                let mut at = end + 1;
                let mut not_after = 0;
                while at > 0 {
                    not_after += tree[at];
                    at &= at - 1;
                }
                total += seen - not_after;
            }
            for end in ends {
                let mut at = end + 1;
                while at < tree.len() {
                    tree[at] += 1;
                    at += at & at.wrapping_neg();
                }
                seen += 1;
            }
        }
    }
    total
}
