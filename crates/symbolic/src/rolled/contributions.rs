//! The gradient of a function with its axes as what its elements receive, loop by loop: what programs add up. No place is solved for
//! an index, so no condition is needed, and a sum over n terms has a gradient of n steps.

use expr::graph::AxisRange;
use expr::index::Index;
use expr::{BlockId, Function, NodeId};

use super::{NotRolled, Roller, bound_like, element, pull};

/// The gradient as what is added to its elements.
#[derive(Clone, Debug)]
pub struct Contributions {
    /// The outputs of the function, then the amounts of the parts, which depend on the axes of their loops.
    pub function: Function,
    /// How many outputs the function has.
    pub outputs: usize,
    /// What is added to which elements.
    pub parts: Vec<Contribution>,
}

/// An amount that elements receive, once for all values of its axes.
#[derive(Clone, Debug)]
pub struct Contribution {
    /// Of which output, counted from 0.
    pub output: usize,
    /// Elements of which block.
    pub block: BlockId,
    /// Which element, in the axes of the loops.
    pub position: Vec<Index>,
    /// The loops, innermost first.
    pub ranges: Vec<AxisRange>,
}

/// The gradient of a function with axes by all its inputs, as contributions; sizes need not be bound.
///
/// # Errors
/// When that takes more than formulas of the language, or more than `max_nodes` nodes.
pub fn contributions(f: &Function, max_nodes: u64) -> Result<Contributions, NotRolled> {
    let roller = Roller::new(f, max_nodes)?;
    let (outputs, parts) = {
        let known = pull::Known::of(f)?;
        let mut outputs: Vec<NodeId> = f.outputs().to_vec();
        let mut parts = Vec::new();
        for (output, &root) in f.outputs().iter().enumerate() {
            for arrival in roller.pull(&known, None, vec![(root, roller.integer(1))])? {
                outputs.push(arrival.amount.id());
                parts.push(Contribution {
                    output,
                    block: roller.block_of(arrival.to).expect("outside all loops only inputs are left"),
                    position: roller.position(arrival.to)?,
                    ranges: arrival.ranges,
                });
            }
        }
        (outputs, parts)
    };
    let function = bound_like(f, roller.builder.finish(outputs));
    Ok(Contributions { function, outputs: f.outputs().len(), parts })
}

/// How far every block goes along each of its indices, where that can be told from its reads.
pub(crate) fn shapes(f: &Function) -> Result<Vec<Vec<Option<Index>>>, NotRolled> {
    let known = pull::Known::of(f)?;
    let blocks = f.graph().blocks().iter().map(|block| {
        let id = f.graph().block_named(&block.name).expect("it is a block");
        match (&block.declared, &block.shape) {
            (Some(declared), _) => declared.iter().cloned().map(Some).collect(),
            (None, Some(shape)) => shape.iter().map(|&extent| Some(Index::from(extent as i64))).collect(),
            (None, None) => {
                element::extents(f, &known, id).iter().map(|extent| extent.reached().cloned()).collect()
            }
        }
    });
    Ok(blocks.collect())
}
