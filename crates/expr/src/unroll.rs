//! Unrolling: a function without its axes, which is what axes mean.

use crate::builder::{Builder, Expr};
use crate::evaluate::{Evaluator, Known};
use crate::function::Function;
use crate::graph::Block;
use crate::index::{Index, Symbol};
use crate::node::BlockId;
use crate::rewrite::Style;
use crate::unroll_error::UnrollError;
use crate::{Constant, Op, Scalar, scope};

/// A value type without data, for visiting only.
#[derive(Clone, Copy)]
struct Unit;
crate::arithmetic!(Unit);
impl Scalar for Unit {
    type Context = ();
    fn context(&self) {}
    fn lift((): (), _: &Constant) -> Unit {
        Unit
    }
    fn apply(_: Op, _: &[Unit]) -> Unit {
        Unit
    }
    fn sum((): (), _: &[Unit]) -> Unit {
        Unit
    }
    fn product((): (), _: &[Unit]) -> Unit {
        Unit
    }
}

/// What a function would be when unrolled.
pub(crate) struct Measured {
    /// The extent of each block along each index: the largest index used.
    pub(crate) shapes: Vec<Vec<usize>>,
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

/// What is known of the extents of blocks before anything is read.
pub(crate) struct Lengths {
    /// The lengths that a block is declared to have: a larger index is an error.
    pub(crate) declared: Vec<Option<Vec<usize>>>,
    /// The extents so far: the declared ones, or 0.
    pub(crate) shapes: Vec<Vec<usize>>,
}

pub(crate) fn lengths(function: &Function) -> Result<Lengths, UnrollError> {
    let blocks = function.graph().blocks();
    let declared: Vec<Option<Vec<usize>>> =
        { blocks.iter() }.map(|block| declared_lengths(function, block)).collect::<Result<_, _>>()?;
    let shapes = { blocks.iter().zip(&declared) }
        .map(|(block, declared)| {
            let known = declared.clone().or_else(|| block.shape.clone());
            known.unwrap_or_else(|| vec![0; block.rank])
        })
        .collect();
    Ok(Lengths { declared, shapes })
}

/// Walks the function without building anything.
pub(crate) fn measure(function: &Function, budget: u64) -> Result<Measured, UnrollError> {
    let blocks = function.graph().blocks();
    let Lengths { declared, mut shapes } = lengths(function)?;
    Evaluator::<Unit>::new(function, (), budget)?.run(&mut |block: BlockId, indices: &[i64], node| {
        let limits = declared[block.index()].as_ref();
        for (k, (extent, &index)) in shapes[block.index()].iter_mut().zip(indices).enumerate() {
            let usable = usize::try_from(index).ok().filter(|k| (1..=u32::MAX as usize).contains(k));
            let index = usable.ok_or_else(|| UnrollError::IndexOutOfRange {
                input: blocks[block.index()].name.clone(),
                index,
                node,
            })?;
            if let Some(length) = limits.map(|limits| limits[k]).filter(|&length| index > length) {
                let (input, index) = (blocks[block.index()].name.clone(), index as i64);
                return Err(UnrollError::BeyondLength { input, index, length, node });
            }
            *extent = index.max(*extent);
        }
        Ok(Unit)
    })?;
    for (shape, block) in shapes.iter().zip(blocks) {
        let needed = shape.iter().fold(1u64, |all, &extent| all.saturating_mul(extent as u64));
        let budget = budget.min(u32::MAX.into());
        if block.rank > 0 && needed > budget {
            return Err(UnrollError::TooLarge { needed, budget });
        }
    }
    Ok(Measured { shapes })
}

/// See [`Function::unroll`].
pub(crate) fn unroll(function: &Function, budget: u64) -> Result<Function, UnrollError> {
    let shapes = measure(function, budget)?.shapes;
    let graph = function.graph();
    let builder = Builder::new(Style::Unrolled);
    builder.copy_blocks(graph);
    for (k, shape) in shapes.iter().enumerate() {
        builder.shape(BlockId(k as u32), shape.clone());
    }
    // Sizes that have no value, because nothing needs them, stay known by name.
    graph.sizes().iter().filter(|size| function.size(size).is_none()).for_each(|size| {
        builder.size(size);
    });
    let read = |block, offset| builder.element(block, offset as u32);
    let (slots, outputs) = Evaluator::<Expr<'_>>::new(function, &builder, budget)?
        .run_to_outputs(&mut Known { shapes: &shapes, read })?;
    let free = scope::free_axes(graph);
    for (&id, name) in &graph.names {
        if free[id.index()] == 0
            && let Some(value) = slots[id.index()]
        {
            builder.name(value, name);
        }
    }
    let outputs = outputs.into_iter().map(Expr::id).collect();
    drop(slots);
    Ok(builder.finish(outputs).named(function.name().map(str::to_owned)))
}
