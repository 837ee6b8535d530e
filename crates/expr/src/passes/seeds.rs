//! What outputs are multiplied by.

use super::shares::{Live, Share, Source, What, Whole};
use super::vjp::Pass;
use super::{NoDerivative, Seeds};
use crate::Function;
use crate::graph::{AxisRange, Role};
use crate::index::Index;
use crate::node::{BlockId, NodeId, RangeId};
use crate::scatter::Shape;
use crate::scope::Axes;

impl<'g> Pass<'g> {
    pub(super) fn seeds(
        &self,
        f: &Function,
        outputs: &[NodeId],
        seeds: Seeds,
    ) -> Result<Vec<Share<'g>>, NoDerivative> {
        let shapes: Vec<Shape> = outputs.iter().map(|&id| self.shape(id)).collect();
        let rank = |shape: &Shape| match shape {
            Shape::Block(block) => f.graph().block(*block).rank,
            Shape::Ranges(ranges) => ranges.len(),
        };
        let what = match seeds {
            Seeds::One if shapes.len() == 1 && rank(&shapes[0]) == 0 => {
                vec![What::Number(self.integer(1))]
            }
            Seeds::One => return Err(NoDerivative::NotOneNumber),
            Seeds::Inputs => {
                let mut number = 0;
                let mut name = || {
                    loop {
                        number += 1;
                        let name = if number == 1 { "seed".to_owned() } else { format!("seed{number}") };
                        if self.builder.graph().block_named(&name).is_none() {
                            return name;
                        }
                    }
                };
                let mut seed = |shape| match rank(shape) {
                    0 => {
                        let block = self.builder.block(&name(), 0, Role::Parameter);
                        What::Number(self.builder.element(block, 0))
                    }
                    rank => {
                        let block = self.builder.block(&name(), rank, Role::Parameter);
                        self.give_indices(block, shape);
                        What::Whole(Box::new(Whole { of: Source::Block(block), prefix: Vec::new() }))
                    }
                };
                shapes.iter().map(&mut seed).collect()
            }
        };
        Ok(what.into_iter().map(|what| Share { live: Live::default(), what }).collect())
    }

    /// A seed has the indices of what it multiplies.
    fn give_indices(&self, block: BlockId, shape: &Shape) {
        match shape {
            Shape::Block(other) => self.builder.like(block, *other),
            Shape::Ranges(ranges) => {
                let length = |range: &RangeId| {
                    let graph = self.builder.graph();
                    let AxisRange { low, high, .. } = graph.range(*range);
                    (low.as_constant() == Some(1) && Axes::of_forms([high]).is_empty()).then(|| high.clone())
                };
                let lengths: Option<Vec<Index>> = ranges.iter().map(length).collect();
                if let Some(lengths) = lengths {
                    self.builder.declare(block, lengths);
                }
            }
        }
    }
}
