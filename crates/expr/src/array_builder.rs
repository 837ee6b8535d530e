//! Arrays in a graph under construction: arrays, elements, iterations that keep what they pass, scatters; and copies of nodes
//! over other axes.

use crate::builder::{Builder, Expr};
use crate::graph::{AxisNames, AxisRange, Graph, Iteration};
use crate::index::Index;
use crate::node::{Axis, Node, NodeId, RangeId};
use crate::rewrite::{self, Style};
use crate::scatter::{Part, Scatter, Shape};

/// What contributes to the elements of an array; see [`Builder::scatter`].
#[derive(Clone, Debug)]
pub struct Contribution<'g> {
    /// The axes over which the source is a nest of arrays, outermost first.
    pub axes: Vec<Axis>,
    /// Its values.
    pub source: Expr<'g>,
    /// Where they go.
    pub position: Vec<Index>,
    /// Where they count at all, if not everywhere.
    pub guard: Option<Expr<'g>>,
}

impl Builder {
    /// An iteration in rising or falling order of the axis: the last states, and then, for each of `eaches`, the array over
    /// the axis of what it was at every step. States may be arrays; without any there is no iteration, but those arrays.
    ///
    /// # Panics
    /// When there are not as many inits and nexts as the axis has states.
    pub fn scan<'g>(
        &'g self,
        range: AxisRange,
        falling: bool,
        inits: &[Expr<'g>],
        nexts: &[Expr<'g>],
        eaches: &[Expr<'g>],
    ) -> Vec<Expr<'g>> {
        let width = self.graph.borrow().axis_names(range.axis).states.len();
        assert!(inits.len() == width && nexts.len() == width, "one init and one next per state");
        if inits.is_empty() {
            return eaches.iter().map(|each| self.array(range.clone(), *each)).collect();
        }
        let children = inits.iter().chain(nexts).chain(eaches);
        let children: Vec<NodeId> = children.map(|&child| self.own(child)).collect();
        let iteration = {
            let mut graph = self.graph.borrow_mut();
            let children = graph.push_list(&children);
            let range = graph.push_range(range);
            graph.push_iteration(Iteration { range, falling, states: width as u32, children })
        };
        let all = self.put(Node::Iterate(iteration)).id();
        (0..(width + eaches.len()) as u32).map(|k| self.put(Node::Project([all], k))).collect()
    }

    /// The array of `body` for each value of `axis` from `low` to `high`; of a body that is an array, one of one index more.
    pub fn array<'g>(&'g self, range: AxisRange, body: Expr<'g>) -> Expr<'g> {
        let body = self.own(body);
        let range = self.graph.borrow_mut().push_range(range);
        self.put(Node::Array(range, [body]))
    }

    /// An element of an array, at values of its axes; of fewer than it has indices, an array of the rest.
    pub fn at<'g>(&'g self, array: Expr<'g>, indices: &[Index]) -> Expr<'g> {
        let array = self.own(array);
        let position = self.graph.borrow_mut().push_position(indices);
        self.put(Node::Element([array], position))
    }

    /// An array that is 0 but for the contributions of these parts: each the axes over which its source is an array, the source,
    /// the position of a value in these axes, and where there is one a condition on indices under which it counts.
    pub fn scatter<'g>(&'g self, shape: Shape, parts: &[Contribution<'g>]) -> Expr<'g> {
        let scatter = {
            let mut graph = self.graph.borrow_mut();
            let own = |expr: &Expr<'g>| self.own(*expr);
            let children: Vec<NodeId> = { parts.iter() }
                .flat_map(|part| [Some(own(&part.source)), part.guard.as_ref().map(own)])
                .flatten()
                .collect();
            let children = graph.push_list(&children);
            let mut part = |part: &Contribution<'g>| Part {
                axes: part.axes.clone().into_boxed_slice(),
                position: graph.push_position(&part.position),
                guarded: part.guard.is_some(),
            };
            let parts = parts.iter().map(&mut part).collect();
            graph.push_scatter(Scatter { shape, parts, children })
        };
        self.put(Node::Scatter(scatter))
    }

    /// A range of the graph, for shapes.
    pub fn range(&self, range: AxisRange) -> RangeId {
        self.graph.borrow_mut().push_range(range)
    }

    /// One result of an iteration.
    pub(crate) fn project<'g>(&'g self, all: Expr<'g>, k: u32) -> Expr<'g> {
        let all = self.own(all);
        self.put(Node::Project([all], k))
    }

    /// A node of this graph over other children and axes (see [`Graph::renamed`]); an operator as it is written.
    pub(crate) fn copy_within(
        &self,
        id: NodeId,
        child: impl Fn(NodeId) -> NodeId,
        axis: impl Fn(Axis) -> Axis,
        bound: impl Fn(Axis) -> Axis,
    ) -> Expr<'_> {
        let mut graph = self.graph.borrow_mut();
        let node = graph.renamed(id, child, axis, bound);
        let id = match node.op() {
            Some(_) => rewrite::insert(&mut graph, node, Style::Written),
            None => graph.push(node),
        };
        drop(graph);
        self.handle(id)
    }

    /// The inputs, axes and sizes of another graph, as they are there. To be called on a builder that has none yet.
    pub(crate) fn copy_names(&self, graph: &Graph) {
        self.copy_names_as(graph, |axis| graph.axis_names(axis).clone());
    }

    /// The same with other names for the axes.
    pub(crate) fn copy_names_as(&self, graph: &Graph, mut names: impl FnMut(Axis) -> AxisNames) {
        self.copy_blocks(graph);
        let mut own = self.graph.borrow_mut();
        graph.axes().for_each(|axis| {
            own.push_axis(names(axis));
        });
        graph.sizes().iter().for_each(|size| {
            own.push_size(size);
        });
    }
}
