//! Reverse mode: the function and what its inputs receive.

use super::kept_states::kept_states;
use super::pending::Pending;
use super::separate::separate;
use super::shares::{Share, sum};
use super::vjp::{Pass, Received};
use super::{NoDerivative, Seeds};
use crate::Function;
use crate::array_builder::Contribution;
use crate::builder::{Builder, Expr};
use crate::graph::Role;
use crate::index::Index;
use crate::node::{BlockId, Node, NodeId};
use crate::rewrite::Style;
use crate::scatter::Shape;

impl Function {
    /// The function, and then the gradient with respect to each variable: a number for a scalar input, otherwise an array with
    /// its indices. Loops are kept: neither the time nor the size of this pass depends on how many iterations they have. The body of
    /// an iteration in d others is copied d + 1 times.
    ///
    /// ```
    /// use expr::passes::Seeds;
    /// let f = syntax::parse("sum(i, 1, n, x[i]^2)").unwrap().with_sizes(&[("n", 3)]).unwrap();
    /// let g = f.vjp(Seeds::One).unwrap();
    /// assert_eq!(g.evaluate((), &[1.0, 2.0, 3.0]), [14.0, 2.0, 4.0, 6.0]);
    /// ```
    ///
    /// # Errors
    /// When it has not one number as its output and no seeds are asked for, or more axes are needed than there may be.
    pub fn vjp(&self, seeds: Seeds) -> Result<Function, NoDerivative> {
        if seeds == Seeds::One && self.outputs().len() != 1 {
            return Err(NoDerivative::NotOneNumber);
        }
        self.swept(|pass, f, gradient| {
            let shares = pass.seeds(f, f.outputs(), seeds)?;
            gradient(pass, f.outputs().iter().copied().zip(shares).collect())
        })
    }

    /// The function, and then the gradients of some of its outputs, each a number, one after the other: as [`vjp`](Function::vjp).
    ///
    /// ```
    /// let f = syntax::parse("[x*y, x + y]").unwrap();
    /// let g = f.gradients(0..2).unwrap();
    /// assert_eq!(g.evaluate((), &[3.0, 5.0]), [15.0, 8.0, 5.0, 3.0, 1.0, 1.0]);
    /// ```
    ///
    /// # Errors
    /// When one of these outputs is an array, or more axes are needed than there may be.
    ///
    /// # Panics
    /// When there are not as many outputs.
    pub fn gradients(&self, of: std::ops::Range<usize>) -> Result<Function, NoDerivative> {
        self.swept(|pass, f, gradient| {
            for &output in &f.outputs()[of] {
                let shares = pass.seeds(f, &[output], Seeds::One)?;
                gradient(pass, shares.into_iter().map(|share| (output, share)).collect())?;
            }
            Ok(())
        })
    }

    /// The function, and what backward passes over it add: `sweeps` calls its last argument with what each of them begins with.
    fn swept(
        &self,
        sweeps: impl for<'g> FnOnce(
            &mut Pass<'g>,
            &Function,
            &mut dyn FnMut(&mut Pass<'g>, Vec<(NodeId, Share<'g>)>) -> Result<(), NoDerivative>,
        ) -> Result<(), NoDerivative>,
    ) -> Result<Function, NoDerivative> {
        let (f, kept) = kept_states(&separate(self)?);
        let builder = Builder::resume(f.graph().clone(), Style::Derived);
        builder.reserve(2 * f.graph().len());
        let mut pass = Pass::new(&builder, f.graph(), kept);
        pass.integer(0);
        let mut outputs = f.outputs().to_vec();
        sweeps(&mut pass, &f, &mut |pass, begin| {
            let mut pending = Pending::default();
            for (output, share) in begin {
                pending.to(output).push(share);
            }
            pass.pull(pending)?;
            let mut received = pass.received_by_block();
            for (k, block) in f.graph().blocks().iter().enumerate() {
                if block.role == Role::Variable {
                    let reads = std::mem::take(&mut received[k]);
                    outputs.push(pass.gradient(BlockId(k as u32), block.rank, reads)?.id());
                }
            }
            Ok(())
        })?;
        drop(pass);
        Ok(f.with_same_bindings(builder.finish(outputs)))
    }
}

impl<'g> Pass<'g> {
    /// What reads of each input receive, in the order of the nodes.
    fn received_by_block(&mut self) -> Vec<Vec<Received<'g>>> {
        let graph = self.builder.graph();
        let mut received = std::mem::take(&mut self.received);
        received.sort_by_key(|(id, ..)| *id);
        let mut by_block = vec![Vec::new(); graph.blocks().len()];
        for read in received {
            let (Node::Read(block, _) | Node::Input(block, _)) = graph.node(read.0) else {
                unreachable!("reads of inputs receive")
            };
            by_block[block.index()].push(read);
        }
        by_block
    }

    /// The gradient with respect to an input.
    fn gradient(
        &mut self,
        block: BlockId,
        rank: usize,
        reads: Vec<Received<'g>>,
    ) -> Result<Expr<'g>, NoDerivative> {
        let builder = self.builder;
        if rank == 0 {
            return Ok(sum(builder, reads.iter().map(|(.., upstream)| *upstream)));
        }
        let mut parts = Vec::with_capacity(reads.len());
        for (id, live, upstream) in reads {
            let position = match builder.graph().node(id) {
                Node::Read(_, position) => builder.graph().position(position).to_vec(),
                Node::Input(_, offset) => {
                    let indices = builder.graph().block(block).indices(offset);
                    indices.into_iter().map(Index::from).collect()
                }
                _ => unreachable!("reads of inputs receive"),
            };
            let extra = self.free(id);
            let part = Contribution { axes: Vec::new(), source: upstream, position, guard: live.indices };
            parts.push(self.widened(extra, part));
        }
        Ok(builder.scatter(Shape::Block(block), &parts))
    }
}
