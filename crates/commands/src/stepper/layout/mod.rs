//! Places a graph in columns from left to right: levels by depth, few crossings, edges that go around nodes.
//!
//! The framework is that of Sugiyama, Tagawa and Toda (1981): an edge that spans several columns gets a slot in each of
//! them, slots are ordered by the barycentre of their neighbours, and heights are then fitted to the neighbours' by
//! least squares under that order. Edges bend only in the gaps between columns, so none passes through a node.

mod heights;
mod order;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use heights::heights;
use order::{order, ranks};

/// Room above and below everything, to both sides, and between two slots of a column.
const MARGIN: f64 = 12.0;
const APART: f64 = 10.0;
/// An edge that passes a column takes this height.
const PASSING: f64 = 8.0;
/// A node without predecessors stands in the first column, unless it is first used so many columns later.
const FAR: usize = 4;

/// A node to be placed.
pub(crate) struct Vertex {
    /// The room that it takes, what is written around it included.
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// The width and height of its box, in the middle of that room, where edges begin and end.
    pub(crate) body: (f64, f64),
    /// The vertices that it has edges from; all come before it.
    pub(crate) from: Vec<usize>,
    /// The width of what is written on these edges, just before it.
    pub(crate) written: f64,
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
        let written =
            column.iter().flat_map(|&slot| &slots[slot].right).filter_map(|&next| vertices.get(next));
        let written = written.map(|vertex| vertex.written).fold(0.0, f64::max);
        x += width + (40.0 + (3.0 * links as f64).min(90.0)).max(written + 24.0);
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
