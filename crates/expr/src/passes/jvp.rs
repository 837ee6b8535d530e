//! Forward mode: the function and how much its outputs change along a direction.

use rustc_hash::FxHashMap;

use super::NoDerivative;
use super::body::Body;
use super::shares::sum;
use super::vjp::Pass;
use crate::array_builder::Contribution;
use crate::builder::{Builder, Expr};
use crate::graph::Role;
use crate::node::{BlockId, Node, NodeId};
use crate::rewrite::Style;
use crate::{Calculus, Fold, Function, Op, fold};

/// How much each node changes; nothing of those that do not.
type Changes<'g> = FxHashMap<NodeId, Expr<'g>>;

impl Function {
    /// The function, and then how much each output changes along a direction: inputs of their own, `dx` for `x`, say how much
    /// each variable does. Loops are kept.
    ///
    /// ```
    /// let f = syntax::parse("x^2*y").unwrap();
    /// assert_eq!(f.jvp().unwrap().evaluate((), &[3.0, 2.0, 1.0, 0.0]), [18.0, 12.0]);
    /// ```
    ///
    /// # Errors
    /// When more axes are needed than there may be.
    pub fn jvp(&self) -> Result<Function, NoDerivative> {
        let (f, kept) = super::kept_states::kept_states(&super::separate::separate(self)?);
        let builder = Builder::resume(f.graph().clone(), Style::Derived);
        let directions = directions(&builder, f.graph().blocks().len());
        let mut pass = Pass::new(&builder, f.graph(), kept);
        let mut changes = Changes::default();
        // What depends on states is gone through with the iteration that binds them.
        let outside: Vec<NodeId> = f.graph().ids().filter(|id| pass.scopes.is_outside(*id)).collect();
        pass.changes(outside, &directions, &mut changes)?;
        let mut outputs = f.outputs().to_vec();
        for &output in f.outputs() {
            let change = match changes.get(&output) {
                Some(change) => *change,
                None => pass.no_change(output)?,
            };
            outputs.push(change.id());
        }
        drop((pass, changes));
        Ok(f.with_same_bindings(builder.finish(outputs)))
    }
}

/// For every variable an input with the same indices.
fn directions(builder: &Builder, blocks: usize) -> FxHashMap<BlockId, BlockId> {
    let mut directions = FxHashMap::default();
    for block in (0..blocks as u32).map(BlockId) {
        let (name, rank, role) = {
            let graph = builder.graph();
            let block = graph.block(block);
            (block.name.clone(), block.rank, block.role)
        };
        if role != Role::Variable {
            continue;
        }
        let mut own = format!("d{name}");
        while builder.graph().block_named(&own).is_some() {
            own.insert(0, 'd');
        }
        let direction = builder.block(&own, rank, Role::Parameter);
        if rank > 0 {
            builder.like(direction, block);
        }
        directions.insert(block, direction);
    }
    directions
}

impl<'g> Pass<'g> {
    fn no_change(&mut self, id: NodeId) -> Result<Expr<'g>, NoDerivative> {
        if self.is_array(id) {
            return Ok(self.builder.scatter(self.shape(id), &[]));
        }
        Ok(self.integer(0))
    }

    /// How much these nodes change, children before parents.
    fn changes(
        &mut self,
        nodes: Vec<NodeId>,
        directions: &FxHashMap<BlockId, BlockId>,
        changes: &mut Changes<'g>,
    ) -> Result<(), NoDerivative> {
        // The results of iterations.
        let mut results: FxHashMap<(NodeId, u32), Expr<'g>> = FxHashMap::default();
        for id in nodes {
            if !self.is_active(id) || changes.contains_key(&id) {
                continue;
            }
            let node = self.builder.graph().node(id);
            let change = match node {
                Node::Iterate(iteration) => {
                    let body = self.body(id, iteration)?;
                    self.iteration_changes(id, &body, directions, changes, &mut results)?;
                    None
                }
                Node::Project([all], k) => results.get(&(all, k)).copied(),
                _ => self.change(id, node, directions, changes)?,
            };
            changes.extend(change.map(|change| (id, change)));
        }
        Ok(())
    }

    fn change(
        &mut self,
        id: NodeId,
        node: Node<NodeId>,
        directions: &FxHashMap<BlockId, BlockId>,
        changes: &Changes<'g>,
    ) -> Result<Option<Expr<'g>>, NoDerivative> {
        let builder = self.builder;
        let children = builder.graph().children(id).to_vec();
        let of = |k: usize| changes.get(&children[k]).copied();
        let zero = self.integer(0);
        Ok(match node {
            Node::Read(block, position) => {
                let position = builder.graph().position(position).to_vec();
                Some(builder.read(directions[&block], &position))
            }
            Node::Input(block, offset) => Some(builder.element(directions[&block], offset)),
            Node::Ternary(Op::Select, [condition, ..]) => {
                let condition = builder.handle(condition);
                Some(condition.select(of(1).unwrap_or(zero), of(2).unwrap_or(zero)))
            }
            Node::Fold(kind, _) => {
                let terms: Vec<Expr<'g>> = children.iter().map(|&child| builder.handle(child)).collect();
                let mut parts = Vec::new();
                fold::pull_back(kind, &terms, &builder.handle(id), &self.integer(1), |k, local| {
                    parts.extend(of(k).map(|change| local * change));
                });
                Some(sum(builder, parts.into_iter()))
            }
            Node::Reduce(kind, range, [body]) => {
                let Some(change) = of(0) else { return Ok(None) };
                let range = builder.graph().range(range).clone();
                let term = match kind {
                    Fold::Sum => change,
                    Fold::Product => change * self.others(&range, body)?,
                    Fold::Max | Fold::Min => self.share_of_extreme(id, change),
                };
                Some(builder.reduce(Fold::Sum, range, term))
            }
            Node::Array(range, _) => {
                let range = builder.graph().range(range).clone();
                of(0).map(|change| builder.array(range, change))
            }
            Node::Element(_, position) => {
                let position = builder.graph().position(position).to_vec();
                of(0).map(|change| builder.at(change, &position))
            }
            Node::Scatter(scatter) => {
                let scatter = builder.graph().scatter(scatter).clone();
                let mut parts = Vec::new();
                let mut next = 0;
                for part in &scatter.parts {
                    let source = of(next);
                    let guard = part.guarded.then(|| builder.handle(children[next + 1]));
                    next += 1 + usize::from(part.guarded);
                    let position = builder.graph().position(part.position).to_vec();
                    parts.extend(source.map(|source| Contribution {
                        axes: part.axes.to_vec(),
                        source,
                        position,
                        guard,
                    }));
                }
                Some(builder.scatter(scatter.shape, &parts))
            }
            _ => {
                let op = node.op().expect("a node with children that are numbers");
                let arguments: Vec<Expr<'g>> = children.iter().map(|&child| builder.handle(child)).collect();
                let result = builder.handle(id);
                let mut parts = Vec::new();
                for k in 0..children.len() {
                    if let Some(change) = of(k).filter(|_| op.has_slope(k)) {
                        let mut sink = |_: usize, part: Expr<'g>| parts.push(part);
                        op.pull_back(1 << k, &arguments, &result, &change, &mut sink);
                    }
                }
                Some(sum(builder, parts.into_iter()))
            }
        })
    }

    /// The changes of an iteration are an iteration in the same order.
    fn iteration_changes(
        &mut self,
        id: NodeId,
        body: &Body<'g>,
        directions: &FxHashMap<BlockId, BlockId>,
        changes: &mut Changes<'g>,
        results: &mut FxHashMap<(NodeId, u32), Expr<'g>>,
    ) -> Result<(), NoDerivative> {
        let builder = self.builder;
        let axis = body.range.axis;
        for (position, &k) in body.active.iter().enumerate() {
            changes.insert(body.before[k].id(), builder.state(axis, position));
        }
        self.scopes.extend(&builder.graph());
        // Not what depends on the states of iterations further in, nor what is computed outside.
        let mut inside: Vec<NodeId> = body.copies.values().copied().collect();
        inside.retain(|id| self.scopes.is_outside(*id));
        inside.sort_unstable();
        inside.dedup();
        self.changes(inside, directions, changes)?;
        let of = |pass: &mut Self, id: NodeId| match changes.get(&body.image(id)) {
            Some(change) => Ok(*change),
            None => pass.no_change(id),
        };
        let mut begin = Vec::new();
        let mut next = Vec::new();
        for &k in &body.active {
            begin.push(of(self, body.inits[k])?);
            next.push(of(self, body.nexts[k])?);
        }
        let moving: Vec<usize> =
            (0..body.eaches.len()).filter(|k| changes.contains_key(&body.image(body.eaches[*k]))).collect();
        let eaches: Vec<Expr<'g>> = moving.iter().map(|k| changes[&body.image(body.eaches[*k])]).collect();
        let all = builder.scan(body.range.clone(), body.falling, &begin, &next, &eaches);
        for (position, &k) in body.active.iter().enumerate() {
            results.insert((id, k as u32), all[position]);
        }
        for (position, &k) in moving.iter().enumerate() {
            results.insert((id, (body.states + k) as u32), all[body.active.len() + position]);
        }
        Ok(())
    }
}
