//! Unrolling: a function without its axes, which is what axes mean.

use crate::builder::{Builder, Expr};
use crate::evaluate::{Evaluator, Known};
use crate::function::Function;
use crate::graph::Role;
use crate::memory;
use crate::node::BlockId;
use crate::rewrite::Style;
use crate::unroll_error::UnrollError;

impl Function {
    /// The same function without axes. This *is* what axes mean.
    ///
    /// # Errors
    /// When a size has no value, an index is out of range, or the result would have more nodes than `budget`, or than
    /// memory holds, which is counted before anything is built.
    pub fn unroll(&self, budget: u64) -> Result<Function, UnrollError> {
        self.unroll_with_inputs(budget, budget)
    }

    /// The same of inputs that may be longer than there may be nodes: so much as is read of them is built.
    ///
    /// ```
    /// let f = syntax::parse("x[1]*x[1000000]").unwrap();
    /// assert!(f.unroll_with_inputs(10, 1_000_000).is_ok());
    /// ```
    ///
    /// # Errors
    /// As [`unroll`](Self::unroll), and when an input has more elements than `inputs`.
    pub fn unroll_with_inputs(&self, budget: u64, inputs: u64) -> Result<Function, UnrollError> {
        if self.is_flat() {
            let needed = self.graph().len() as u64;
            return if needed > budget {
                Err(UnrollError::TooLarge { needed, budget })
            } else {
                Ok(self.clone())
            };
        }
        memory::within(budget, |budget| unrolled(self, budget, inputs.max(budget)))
    }
}

fn unrolled(f: &Function, budget: u64, inputs: u64) -> Result<Function, UnrollError> {
    let shapes = f.shapes_of_every_iteration(budget, inputs)?;
    let graph = f.graph();
    let builder = Builder::new(Style::Unrolled);
    // Data become constants: what is left has none.
    let mut images: Vec<Option<BlockId>> = Vec::with_capacity(shapes.len());
    for (block, shape) in graph.blocks().iter().zip(&shapes) {
        let kept = (block.role != Role::Data).then(|| builder.block(&block.name, block.rank, block.role));
        kept.into_iter().for_each(|kept| builder.shape(kept, shape.clone()));
        images.push(kept);
    }
    // Sizes that have no value, because nothing needs them, stay known by name.
    graph.sizes().iter().filter(|size| f.size(size).is_none()).for_each(|size| {
        builder.size(size);
    });
    let read = |block: BlockId, offset: usize| {
        let image = images[block.index()].expect("data are not read from a point");
        builder.element(image, offset as u32)
    };
    let (slots, outputs) = Evaluator::<Expr<'_>>::new(f, &builder, budget)?
        .run_to_outputs(&mut Known { shapes: &shapes, read })?;
    let free = if graph.names.is_empty() { Vec::new() } else { graph.free_axes() };
    for (&id, name) in &graph.names {
        if free[id.index()].is_empty()
            && let Some(value) = slots[id.index()]
        {
            builder.name(value, name);
        }
    }
    let outputs = outputs.into_iter().map(Expr::id).collect();
    drop(slots);
    Ok(builder.finish(outputs).named(f.name().map(str::to_owned)))
}
