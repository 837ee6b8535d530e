//! Running products as people write them: an element of the array of an iteration that does nothing but multiply is a product.

use std::collections::BTreeMap;

use expr::graph::AxisRange;
use expr::index::{Index, Symbol};
use expr::scope::Axes;
use expr::{Constant, Expr, Fold, Node, NodeId, Op, Rebuild};

use super::substitute::Images;
use super::{Draft, NeedsSizes};

/// An iteration that multiplies: its range, whether it goes down, and the factor of a step.
struct Running {
    range: AxisRange,
    falling: bool,
    factor: NodeId,
}

impl Draft {
    /// A formula in which elements of running products are products over a range.
    pub(super) fn with_products<'g>(&'g self, formula: Expr<'g>) -> Result<Expr<'g>, NeedsSizes> {
        let mut found: BTreeMap<NodeId, (Running, Index)> = BTreeMap::new();
        let needed = self.builder.graph().reached_from(&[formula.id()]);
        {
            let graph = self.builder.graph();
            for id in graph.ids().filter(|id| needed[id.index()]) {
                if let Node::Element([array], position) = graph.node(id)
                    && let [place] = graph.position(position)
                    && let Some(running) = self.running(array)
                    // An index of the element alone: in a loop the array is cheaper.
                    && Axes::of_forms([place]).is_empty()
                {
                    found.insert(id, (running, place.clone()));
                }
            }
        }
        if found.is_empty() {
            return Ok(formula);
        }
        let graph = self.builder.graph().clone();
        let ids = graph.ids().filter(|id| needed[id.index()]);
        let mut failed = None;
        let mut made = Rebuild::of_few(&graph, &self.builder);
        made.run(ids, |made, id| {
            let (Running { range, falling, .. }, place) = found.get(&id)?;
            let Node::Element([all], _) = graph.node(id) else { unreachable!("it is an element") };
            let factor = self.running(made.of(all).id())?.factor;
            let product = || -> Result<Expr<'g>, NeedsSizes> {
                let axis = self.fresh_axis(range.axis)?;
                let images = Images::index(range.axis, Symbol::Axis(axis).into());
                let factor = self.substitute(self.builder.handle(factor), &images)?;
                let (low, high) = match falling {
                    false => (range.low.clone(), super::minus(place, &1.into())?),
                    true => (super::plus(place, &1.into())?, range.high.clone()),
                };
                Ok(self.builder.reduce(Fold::Product, AxisRange { axis, low, high }, factor))
            };
            product().map_err(|why| failed = Some(why)).ok()
        });
        let formula = made.of(formula.id());
        failed.map_or(Ok(formula), Err)
    }

    /// The array of the one state of an iteration before each step, where it begins with 1 and is multiplied at each.
    fn running(&self, array: NodeId) -> Option<Running> {
        let graph = self.builder.graph();
        let Node::Project([all], 1) = graph.node(array) else { return None };
        let Node::Iterate(iteration) = graph.node(all) else { return None };
        let (1, [init, next, each]) = (graph.state_count(iteration), graph.children(all)) else {
            return None;
        };
        let range = graph.iteration_range(iteration).clone();
        let is_state = |id: NodeId| matches!(graph.node(id), Node::State(axis, 0) if axis == range.axis);
        let one = |id: NodeId| matches!(graph.node(id), Node::Const(one) if *graph.constant(one) == Constant::Integer(1));
        let (Node::Binary(Op::Mul, [a, b]), true, true) = (graph.node(*next), one(*init), is_state(*each))
        else {
            return None;
        };
        let factor = if is_state(a) {
            b
        } else if is_state(b) {
            a
        } else {
            return None;
        };
        let mut steady = graph.reached_from(&[factor]).into_iter().zip(graph.ids());
        let falling = graph.is_falling(iteration);
        (!steady.any(|(below, id)| below && is_state(id))).then_some(Running { range, falling, factor })
    }
}
