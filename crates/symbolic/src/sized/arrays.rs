//! Arrays that a backward pass adds up part by part, as arrays of which every element is a formula.

use expr::graph::AxisRange;
use expr::index::{Index, Symbol};
use expr::{Expr, Function, Node, NodeId, Rebuild, Shape};

use super::element::Along;
use super::{Draft, NeedsSizes};

impl Draft {
    /// What stands for the nodes of a function, of which this is a draft: every scatter that something reads is an array; the outputs
    /// are as they were.
    pub(super) fn without_scatters(
        &self,
        f: &Function,
        shapes: &[Vec<Option<Index>>],
    ) -> Result<Vec<NodeId>, NeedsSizes> {
        let graph = f.graph();
        let is_scatter = |id: NodeId| matches!(graph.node(id), Node::Scatter(_));
        if !graph.ids().any(is_scatter) {
            return Ok(f.outputs().to_vec());
        }
        let mut read = vec![false; graph.len()];
        for child in graph.ids().flat_map(|id| graph.children(id)) {
            read[child.index()] = true;
        }
        let mut failed = None;
        let mut made = Rebuild::new(graph, &self.builder);
        made.run(graph.ids(), |made, id| {
            if !is_scatter(id) || !read[id.index()] || failed.is_some() {
                return None;
            }
            match self.array_of(made.copy(id), shapes) {
                Ok(array) => Some(array),
                Err(why) => {
                    failed = Some(why);
                    None
                }
            }
        });
        let output = |&id: &NodeId| if is_scatter(id) { made.copy(id).id() } else { made.of(id).id() };
        failed.map_or_else(|| Ok(f.outputs().iter().map(output).collect()), Err)
    }

    /// A scatter as an array.
    fn array_of<'g>(
        &'g self,
        scatter: Expr<'g>,
        shapes: &[Vec<Option<Index>>],
    ) -> Result<Expr<'g>, NeedsSizes> {
        let Node::Scatter(id) = self.node(scatter.id()) else { unreachable!("it is a scatter") };
        let shape = self.builder.graph().scatter(id).shape.clone();
        let mut ranges: Vec<AxisRange> = Vec::new();
        match &shape {
            Shape::Ranges(old) => {
                let mut images = super::substitute::Images::default();
                for id in old {
                    let range = self.builder.graph().range(*id).clone();
                    let axis = self.fresh_axis(range.axis)?;
                    let AxisRange { low, high, .. } = images.range(&range)?;
                    images.indices.insert(range.axis.index(), Symbol::Axis(axis).into());
                    ranges.push(AxisRange { axis, low, high });
                }
            }
            Shape::Block(block) => {
                for extent in &shapes[block.index()] {
                    let high = extent.clone().ok_or(NeedsSizes::UnknownLength)?;
                    ranges.push(AxisRange {
                        axis: self.builder.axis(&self.index_name(), &[]),
                        low: 1.into(),
                        high,
                    });
                }
            }
        }
        let along = |range: &AxisRange| Along {
            index: Symbol::Axis(range.axis).into(),
            low: range.low.clone(),
            high: Some(range.high.clone()),
        };
        let along: Vec<Along> = ranges.iter().map(along).collect();
        let body = self.element(&self.parts(scatter.id()), &along)?;
        Ok(ranges.into_iter().rev().fold(body, |body, range| self.builder.array(range, body)))
    }
}
