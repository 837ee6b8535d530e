//! Arrays that a backward pass adds up part by part, as arrays of which every element is a formula.

use expr::graph::AxisRange;
use expr::index::{Index, Symbol};
use expr::{Expr, Function, Node, NodeId, Rebuild, Shape};

use super::element::Along;
use super::{Draft, NeedsSizes, extents};

/// The same function in the language, which has no word for what the passes over arrays make: an array to whose elements parts are
/// added. It is an array of which every element is a formula, the sum of the parts that come to it.
///
/// ```
/// use expr::passes::Seeds;
/// let f = syntax::parse("f(x[n]) = sum(i, 1, n-1, x[i]*x[i+1])").unwrap();
/// let g = symbolic::in_language(&f.vjp(Seeds::One).unwrap()).unwrap();
/// let read = syntax::parse(&syntax::text(&g)).unwrap().with_sizes(&[("n", 3)]).unwrap();
/// assert_eq!(read.evaluate((), &[2.0, 3.0, 5.0]), [21.0, 3.0, 7.0, 3.0]);
/// ```
///
/// # Errors
/// When nothing says how long an input is, or loops are nested too deep.
pub fn in_language(f: &Function) -> Result<Function, NeedsSizes> {
    /// So many iterations are gone through to see how long inputs are.
    const MOST_READS: u64 = 10_000_000;
    let shapes: Vec<Vec<Option<Index>>> = match f.unbound_sizes().is_empty() {
        true => {
            let all = f.shapes(MOST_READS).map_err(|_| NeedsSizes::TooLarge)?;
            let form = |length: usize| Some(Index::from(length as i64));
            all.into_iter().map(|lengths| lengths.into_iter().map(form).collect()).collect()
        }
        // A loop without a round reads less than its form says.
        false => extents::shapes(f),
    };
    let draft = Draft::new(f, u64::MAX)?;
    let outputs = draft.without_scatters(f, &shapes, true)?;
    Ok(f.with_same_bindings(draft.builder.finish(outputs)).with_plain_axes())
}

impl Draft {
    /// What stands for the outputs of a function, of which this is a draft: every scatter that something reads is an array, and where
    /// that is asked for every output too.
    pub(super) fn without_scatters(
        &self,
        f: &Function,
        shapes: &[Vec<Option<Index>>],
        outputs: bool,
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
        if outputs {
            f.outputs().iter().for_each(|output| read[output.index()] = true);
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
        let output = |&id: &NodeId| match is_scatter(id) && !outputs {
            true => made.copy(id).id(),
            false => made.of(id).id(),
        };
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
                    ranges.push(AxisRange { axis: self.axis(&self.index_name(), &[])?, low: 1.into(), high });
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
