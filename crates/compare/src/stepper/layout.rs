//! Places a graph in columns from left to right: levels by depth, few crossings, edges that go around nodes.
//!
//! The framework is that of Sugiyama, Tagawa and Toda (1981): an edge that spans several columns gets a slot in each of
//! them, slots are ordered by the barycentre of their neighbours, and heights are then fitted to the neighbours' by
//! least squares under that order. Edges bend only in the gaps between columns, so none passes through a node.

use std::collections::HashMap;

/// Room above and below everything, to both sides, and between two slots of a column.
const MARGIN: f64 = 12.0;
const APART: f64 = 10.0;
/// An edge that passes a column takes this height.
const PASSING: f64 = 8.0;
/// A node without predecessors stands in the first column, unless it is first used so many columns later.
const FAR: usize = 4;
/// The weight of the middle among the neighbours of a slot.
const DRAWN: f64 = 0.15;
/// Sweeps that order, and sweeps that set heights.
const ORDERING: usize = 24;
const SETTLING: usize = 24;

/// A node to be placed.
pub(crate) struct Vertex {
    /// The room that it takes, what is written around it included.
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// The width and height of its box, in the middle of that room, where edges begin and end.
    pub(crate) body: (f64, f64),
    /// The vertices that it has edges from; all come before it.
    pub(crate) from: Vec<usize>,
}

/// Where everything is.
pub(crate) struct Layout {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// The middle of every vertex.
    pub(crate) middles: Vec<(f64, f64)>,
    /// Per vertex an edge for each of its predecessors, in their order.
    pub(crate) edges: Vec<Vec<Edge>>,
}

/// An edge: level, but for an S-curve in each gap between columns.
pub(crate) struct Edge {
    pub(crate) start: (f64, f64),
    /// Where each curve begins and ends.
    pub(crate) curves: Vec<[(f64, f64); 2]>,
    pub(crate) end: (f64, f64),
}

/// A place in a column, for a vertex or for edges of one that pass by.
struct Slot {
    column: usize,
    height: f64,
    passing: bool,
    left: Vec<usize>,
    right: Vec<usize>,
}

/// Places vertices, given in an order in which edges go forward only.
pub(crate) fn place(vertices: &[Vertex]) -> Layout {
    let levels = levels(vertices);
    let (slots, routes) = slots(vertices, &levels);
    let columns = order(&slots, ranks(vertices), levels.iter().max().map_or(0, |last| last + 1));
    let heights = heights(&slots, &columns);

    // From left to right: columns as wide as what stands in them, gaps by how much goes through them.
    let mut sides: Vec<(f64, f64)> = Vec::new();
    let mut x = MARGIN;
    for column in &columns {
        let widths = column.iter().filter_map(|&slot| vertices.get(slot)).map(|vertex| vertex.width);
        let width = widths.fold(0.0, f64::max);
        sides.push((x, x + width));
        let links: usize = column.iter().map(|&slot| slots[slot].right.len()).sum();
        x += width + 40.0 + (3.0 * links as f64).min(90.0);
    }
    let middle = |v: usize| {
        let (left, right) = sides[levels[v]];
        ((left + right) / 2.0, heights[v])
    };
    let mut edges: Vec<Vec<Edge>> = Vec::new();
    for (v, (vertex, routes)) in vertices.iter().zip(&routes).enumerate() {
        // Edges arrive below each other, in the order in which they come, so that they do not cross in front of the box.
        let mut arriving: Vec<usize> = (0..routes.len()).collect();
        let last = |k: usize| heights[*routes[k].last().expect("a route starts at a vertex")];
        arriving.sort_by(|&a, &b| last(a).total_cmp(&last(b)).then(a.cmp(&b)));
        let spread = (vertex.body.1 - 12.0) / (arriving.len().max(2) - 1) as f64;
        let port = |k: usize| {
            let place = arriving.iter().position(|&other| other == k).expect("every edge arrives") as f64;
            (place - (arriving.len() - 1) as f64 / 2.0) * spread.min(9.0)
        };
        let edge = |(k, route): (usize, &Vec<usize>)| {
            let ((x, y), from) = (middle(v), middle(route[0]));
            let end = (x - vertex.body.0 / 2.0, y + port(k));
            let next = route.iter().skip(1).map(|&slot| (slots[slot].column, heights[slot]));
            let next = next.chain([(levels[v], end.1)]);
            let curves = route.iter().zip(next).map(|(&slot, (column, y))| {
                [(sides[slots[slot].column].1, heights[slot]), (sides[column].0, y)]
            });
            let start = (from.0 + vertices[route[0]].body.0 / 2.0, from.1);
            Edge { start, curves: curves.collect(), end }
        };
        edges.push(routes.iter().enumerate().map(edge).collect());
    }
    let bottom = vertices.iter().zip(&heights).map(|(vertex, y)| y + vertex.height / 2.0);
    Layout {
        width: sides.last().map_or(0.0, |(_, right)| *right) + MARGIN,
        height: bottom.chain(heights.iter().copied()).fold(0.0, f64::max) + MARGIN,
        middles: (0..vertices.len()).map(middle).collect(),
        edges,
    }
}

/// The column of every vertex.
fn levels(vertices: &[Vertex]) -> Vec<usize> {
    let mut levels: Vec<usize> = Vec::new();
    let mut first_use = vec![usize::MAX; vertices.len()];
    for vertex in vertices {
        let level = vertex.from.iter().map(|&from| levels[from] + 1).max().unwrap_or(0);
        vertex.from.iter().for_each(|&from| first_use[from] = first_use[from].min(level));
        levels.push(level);
    }
    for ((vertex, level), first) in vertices.iter().zip(&mut levels).zip(first_use) {
        if vertex.from.is_empty() && first != usize::MAX && first > FAR {
            *level = first - 1;
        }
    }
    levels
}

/// Slots, first those of the vertices; and of each vertex's edges the slots they come through, the vertex they are from
/// included. Edges from one vertex share slots.
fn slots(vertices: &[Vertex], levels: &[usize]) -> (Vec<Slot>, Vec<Vec<Vec<usize>>>) {
    let slot =
        |column, height, passing| Slot { column, height, passing, left: Vec::new(), right: Vec::new() };
    let mut slots: Vec<Slot> =
        vertices.iter().zip(levels).map(|(vertex, &level)| slot(level, vertex.height, false)).collect();
    let mut passing: HashMap<(usize, usize), usize> = HashMap::new();
    let mut routes = Vec::new();
    let link = |slots: &mut Vec<Slot>, a: usize, b: usize| {
        slots[a].right.push(b);
        slots[b].left.push(a);
    };
    for (v, vertex) in vertices.iter().enumerate() {
        let mut own = Vec::new();
        for &from in &vertex.from {
            let mut route = vec![from];
            for column in levels[from] + 1..levels[v] {
                let before = route[route.len() - 1];
                let at = *passing.entry((from, column)).or_insert_with(|| {
                    slots.push(slot(column, PASSING, true));
                    let new = slots.len() - 1;
                    link(&mut slots, before, new);
                    new
                });
                route.push(at);
            }
            link(&mut slots, route[route.len() - 1], v);
            own.push(route);
        }
        routes.push(own);
    }
    (slots, routes)
}

/// Where a walk from the last vertex back along arguments meets each vertex: for a tree that order has no crossings.
fn ranks(vertices: &[Vertex]) -> Vec<usize> {
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
fn order(slots: &[Slot], ranks: Vec<usize>, count: usize) -> Vec<Vec<usize>> {
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
fn crossings(slots: &[Slot], columns: &[Vec<usize>], places: &[usize]) -> usize {
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

/// The height of every slot's middle: close to its neighbours', in the given order, and apart.
fn heights(slots: &[Slot], columns: &[Vec<usize>]) -> Vec<f64> {
    let mut y = vec![0.0; slots.len()];
    // How far the middle of each slot is below that of the first of its column, at least.
    let offsets: Vec<Vec<f64>> = columns
        .iter()
        .map(|column| {
            let mut at = 0.0;
            let mut before = None;
            let offset = |&slot: &usize| {
                let height = slots[slot].height;
                at += before.map_or(0.0, |before: f64| (before + height) / 2.0 + APART);
                before = Some(height);
                at
            };
            column.iter().map(offset).collect()
        })
        .collect();
    for (column, offsets) in columns.iter().zip(&offsets) {
        let middle = offsets.last().copied().unwrap_or(0.0) / 2.0;
        column.iter().zip(offsets).for_each(|(&slot, offset)| y[slot] = offset - middle);
    }
    for sweep in 0..SETTLING {
        let last = sweep + 4 >= SETTLING;
        for k in 0..columns.len() {
            let k = if sweep % 2 == 0 { k } else { columns.len() - 1 - k };
            let wish = |&slot: &usize| {
                let Slot { left, right, passing, .. } = &slots[slot];
                let sides: [&[usize]; 2] = match (last, sweep % 2 == 0) {
                    (true, _) => [left, right],
                    (_, true) => [left, &[]],
                    (_, false) => [&[], right],
                };
                // Everything is drawn a little to the middle, or long graphs would drift away; edges that pass are kept
                // straight before anything else.
                let mut sum = (0.0, DRAWN);
                for &other in sides.concat().iter() {
                    let weight = if *passing && slots[other].passing { 8.0 } else { 1.0 };
                    sum = (sum.0 + weight * y[other], sum.1 + weight);
                }
                let still = left.is_empty() && right.is_empty();
                if still { (y[slot], DRAWN) } else { (sum.0 / sum.1, sum.1) }
            };
            let wishes: Vec<(f64, f64)> = columns[k].iter().map(wish).collect();
            let fitted = fit(&wishes, &offsets[k]);
            columns[k].iter().zip(fitted).for_each(|(&slot, height)| y[slot] = height);
        }
    }
    let top = slots.iter().zip(&y).map(|(slot, y)| y - slot.height / 2.0).fold(f64::INFINITY, f64::min);
    y.iter_mut().for_each(|y| *y += MARGIN - top);
    y
}

/// The heights nearest to those wished for, with their weights, that are apart as the offsets are, or more: least squares
/// under an order, by pooling adjacent violators (Ayer et al. 1955).
fn fit(wishes: &[(f64, f64)], offsets: &[f64]) -> Vec<f64> {
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for ((wish, weight), offset) in wishes.iter().zip(offsets) {
        let mut pool = (wish - offset, *weight, 1);
        while let Some(&(mean, before, count)) = pools.last().filter(|pooled| pooled.0 > pool.0) {
            let together = before + pool.1;
            pool = ((mean * before + pool.0 * pool.1) / together, together, count + pool.2);
            pools.pop();
        }
        pools.push(pool);
    }
    let bases = pools.iter().flat_map(|&(mean, _, count)| std::iter::repeat_n(mean, count));
    bases.zip(offsets).map(|(base, offset)| base + offset).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vertex(from: &[usize]) -> Vertex {
        Vertex { width: 100.0, height: 80.0, body: (80.0, 40.0), from: from.to_vec() }
    }

    /// A graph of many nodes, each with arguments somewhere before it.
    fn tangle(count: usize, seed: u64) -> Vec<Vertex> {
        let mut random = chainrule::Random::new(seed, &["tangle"], 0);
        (0..count)
            .map(|k| match k {
                0..5 => vertex(&[]),
                _ => vertex(&(0..=random.below(3)).map(|_| random.below(k)).collect::<Vec<_>>()),
            })
            .collect()
    }

    /// What an edge goes through, finely.
    fn along(edge: &Edge) -> Vec<(f64, f64)> {
        let mut points = vec![edge.start];
        for [(x, y), (to_x, to_y)] in &edge.curves {
            points.extend((0..=16).map(|k| {
                let t = f64::from(k) / 16.0;
                let s = t * t * (3.0 - 2.0 * t);
                (x + (to_x - x) * t, y + (to_y - y) * s)
            }));
        }
        points.push(edge.end);
        let between = |pair: &[(f64, f64)]| {
            let (a, b) = (pair[0], pair[1]);
            (0..8)
                .map(move |k| f64::from(k) / 8.0)
                .map(move |t| (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t))
        };
        points.windows(2).flat_map(|pair| between(pair).collect::<Vec<_>>()).collect()
    }

    /// Nodes that overlap, and nodes that an edge of others passes through.
    fn faults(vertices: &[Vertex], layout: &Layout) -> usize {
        let inside = |v: usize, (x, y): (f64, f64), more: (f64, f64)| {
            let (middle, vertex) = (layout.middles[v], &vertices[v]);
            (x - middle.0).abs() < (vertex.width + more.0) / 2.0 - 1e-6
                && (y - middle.1).abs() < (vertex.height + more.1) / 2.0 - 1e-6
        };
        let mut faults = 0;
        for v in 0..vertices.len() {
            let room = (vertices[v].width, vertices[v].height);
            faults += (0..v).filter(|&other| inside(other, layout.middles[v], room)).count();
            for (edge, &from) in layout.edges[v].iter().zip(&vertices[v].from) {
                let others = (0..vertices.len()).filter(|&other| other != v && other != from);
                let points = along(edge);
                faults +=
                    others.filter(|&other| points.iter().any(|&p| inside(other, p, (0.0, 0.0)))).count();
            }
        }
        faults
    }

    #[test]
    fn nothing_overlaps_and_edges_go_around_nodes() {
        for seed in 0..12 {
            let vertices = tangle(40 + 10 * seed as usize, seed);
            let mut layout = place(&vertices);
            assert_eq!(faults(&vertices, &layout), 0, "seed {seed}");
            for &(x, y) in &layout.middles {
                assert!(x > 50.0 && x + 50.0 < layout.width && y > 40.0 && y + 40.0 < layout.height);
            }
            // The check sees a node that is moved onto another.
            layout.middles[7] = layout.middles[20];
            assert!(faults(&vertices, &layout) > 0);
        }
    }

    #[test]
    fn trees_have_no_crossings_and_sweeps_remove_others() {
        // Leaves 0 to 7 in an order that is no tree's, pairs of them, pairs of pairs, and all.
        let pairs = [(0, 4), (2, 6), (1, 5), (3, 7)].map(|(a, b)| vertex(&[a, b]));
        let mut vertices: Vec<Vertex> = (0..8).map(|_| vertex(&[])).collect();
        vertices.extend(pairs);
        vertices.extend([vertex(&[8, 10]), vertex(&[9, 11]), vertex(&[12, 13])]);
        let levels = levels(&vertices);
        let (slots, _) = slots(&vertices, &levels);
        let count = |columns: &[Vec<usize>]| {
            let mut places = vec![0; slots.len()];
            columns
                .iter()
                .for_each(|column| column.iter().enumerate().for_each(|(place, &slot)| places[slot] = place));
            crossings(&slots, columns, &places)
        };
        assert_eq!(count(&order(&slots, ranks(&vertices), 4)), 0);
        let as_they_come: Vec<Vec<usize>> =
            (0..4).map(|k| (0..slots.len()).filter(|&slot| slots[slot].column == k).collect()).collect();
        assert!(count(&as_they_come) > 0);
        assert_eq!(count(&order(&slots, (0..15).collect(), 4)), 0);
    }

    #[test]
    fn heights_are_fitted_under_an_order() {
        let fitted = fit(&[(5.0, 1.0), (0.0, 1.0), (9.0, 1.0)], &[0.0, 1.0, 2.0]);
        assert_eq!(fitted, [2.0, 3.0, 9.0]);
    }

    #[test]
    fn inputs_stand_first_unless_they_are_used_late() {
        let mut chain = vec![vertex(&[]), vertex(&[])];
        chain.extend((0..8).map(|k| vertex(&[if k == 0 { 0 } else { k + 1 }])));
        chain.push(vertex(&[9, 1]));
        assert_eq!(levels(&chain)[..2], [0, 8]);
        let article = [vertex(&[]), vertex(&[]), vertex(&[]), vertex(&[0, 1]), vertex(&[3, 2])];
        assert_eq!(levels(&article), [0, 0, 0, 1, 2]);
    }
}
