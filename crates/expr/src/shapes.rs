//! The shapes of inputs: as declared and, where nothing is declared, as long as the largest index that any iteration reads.

use crate::evaluate::Evaluator;
use crate::function::Function;
use crate::graph::Block;
use crate::index::{Index, Symbol};
use crate::node::{BlockId, NodeId};
use crate::unroll_error::UnrollError;
use crate::{Constant, Fold, Op, Scalar};

/// A number without a value: evaluation over it visits every iteration and computes nothing.
#[derive(Clone, Copy)]
struct ShapeOnly;
crate::arithmetic!(ShapeOnly);
impl Scalar for ShapeOnly {
    type Context = ();
    fn context(&self) {}
    fn lift((): (), _: &Constant) -> ShapeOnly {
        ShapeOnly
    }
    fn apply(_: Op, _: &[ShapeOnly]) -> ShapeOnly {
        ShapeOnly
    }
    fn fold(_: Fold, (): (), _: &[ShapeOnly]) -> ShapeOnly {
        ShapeOnly
    }
}

/// The shapes of the blocks of inputs, as far as reads have told.
pub(crate) struct Shapes<'f> {
    blocks: &'f [Block],
    /// The lengths that a block is declared to have: a larger index is an error.
    declared: Vec<Option<Vec<usize>>>,
    /// The extents of each block so far: the declared ones, or the largest index read along each.
    pub(crate) extents: Vec<Vec<usize>>,
}

impl<'f> Shapes<'f> {
    /// What is known before anything is read.
    pub(crate) fn declared(function: &'f Function) -> Result<Shapes<'f>, UnrollError> {
        let blocks = function.graph().blocks();
        let declared: Vec<Option<Vec<usize>>> =
            { blocks.iter() }.map(|block| declared_lengths(function, block)).collect::<Result<_, _>>()?;
        let extents = { blocks.iter().zip(&declared) }
            .map(|(block, declared)| {
                let known = declared.clone().or_else(|| block.shape.clone());
                known.unwrap_or_else(|| vec![0; block.rank])
            })
            .collect();
        Ok(Shapes { blocks, declared, extents })
    }

    /// Checks index `k` of a read, and makes the extent along it as long.
    pub(crate) fn read(
        &mut self,
        block: BlockId,
        k: usize,
        index: i64,
        node: NodeId,
    ) -> Result<(), UnrollError> {
        let input = || self.blocks[block.index()].name.clone();
        let usable = usize::try_from(index).ok().filter(|k| (1..=u32::MAX as usize).contains(k));
        let usable = usable.ok_or_else(|| UnrollError::IndexOutOfRange { input: input(), index, node })?;
        let length = self.declared[block.index()].as_ref().map(|lengths| lengths[k]);
        if let Some(length) = length.filter(|&length| usable > length) {
            return Err(UnrollError::BeyondLength { input: input(), index, length, node });
        }
        let extent = &mut self.extents[block.index()][k];
        *extent = usable.max(*extent);
        Ok(())
    }
}

/// The lengths that a block is declared to have.
fn declared_lengths(function: &Function, block: &Block) -> Result<Option<Vec<usize>>, UnrollError> {
    let Some(declared) = &block.declared else { return Ok(None) };
    let sizes = function.bound_sizes()?;
    let value = |symbol| match symbol {
        Symbol::Size(size) => sizes[size as usize],
        Symbol::Axis(_) => unreachable!("lengths are made of sizes"),
    };
    let length = |form: &Index| {
        let length = form.evaluate(value).unwrap_or(i64::MAX);
        usize::try_from(length)
            .ok()
            .filter(|&length| length <= u32::MAX as usize)
            .ok_or_else(|| UnrollError::NoLength { input: block.name.clone(), length })
    };
    declared.iter().map(length).collect::<Result<_, _>>().map(Some)
}

impl Function {
    /// The extents of each block of inputs, in order: none for a scalar, otherwise along each index the largest one used.
    ///
    /// # Errors
    /// When a size has no value, an index is out of range, or a visit of every iteration would exceed the budget.
    pub fn shapes(&self, budget: u64) -> Result<Vec<Vec<usize>>, UnrollError> {
        let mut shapes = Shapes::declared(self)?;
        Evaluator::<ShapeOnly>::new(self, (), budget)?.run(
            &mut |block: BlockId, indices: &[i64], node| {
                for (k, &index) in indices.iter().enumerate() {
                    shapes.read(block, k, index, node)?;
                }
                Ok(ShapeOnly)
            },
        )?;
        for (k, block) in shapes.blocks.iter().enumerate() {
            if let Some(other) = block.like {
                let own = shapes.extents[k].iter().zip(&shapes.extents[other.index()]);
                shapes.extents[k] = own.map(|(own, other)| *own.max(other)).collect();
            }
        }
        for (shape, block) in shapes.extents.iter().zip(shapes.blocks) {
            let needed = shape.iter().fold(1u64, |all, &extent| all.saturating_mul(extent as u64));
            let budget = budget.min(u32::MAX.into());
            if block.rank > 0 && needed > budget {
                return Err(UnrollError::TooLarge { needed, budget });
            }
        }
        Ok(shapes.extents)
    }

    fn known_shapes(&self) -> Vec<Vec<usize>> {
        self.shapes(u64::MAX).unwrap_or_else(|error| panic!("the inputs are not known: {error}"))
    }

    /// How many scalar inputs it has. Of a flat function this is known; otherwise every iteration is visited.
    ///
    /// ```
    /// let f = syntax::parse("sum(i, 1, n, x[i]^2) + y").unwrap();
    /// assert_eq!(f.with_sizes(&[("n", 10)]).unwrap().input_count(), 11);
    /// ```
    ///
    /// # Panics
    /// When the function is not flat and [`shapes`](Self::shapes) would return an error.
    pub fn input_count(&self) -> usize {
        if self.is_flat() {
            return self.position(BlockId(self.graph().blocks().len() as u32), 0);
        }
        self.known_shapes().iter().map(|shape| shape.iter().product::<usize>()).sum()
    }

    /// The names of all scalar inputs, in order: `x`, `x[3]`, `W[1,2]`.
    ///
    /// # Panics
    /// As [`input_count`](Self::input_count).
    pub fn input_names(&self) -> Vec<String> {
        let blocks = self.graph().blocks();
        let of = |block: &Block| {
            (0..block.len().unwrap_or(0) as u32).map(|k| block.element(k)).collect::<Vec<_>>()
        };
        if self.is_flat() {
            return blocks.iter().flat_map(of).collect();
        }
        let shaped = blocks.iter().zip(self.known_shapes());
        shaped.flat_map(|(block, shape)| of(&Block { shape: Some(shape), ..block.clone() })).collect()
    }
}
