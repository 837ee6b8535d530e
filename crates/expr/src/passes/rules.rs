//! The transposes of nodes: what a node passes to its children.

use super::copy::{Images, fresh};
use super::pending::Pending;
use super::shares::{Live, Received, Share, What, Whole, nest, sum};
use super::vjp::Pass;
use super::{NoDerivative, index};
use crate::array_builder::Contribution;
use crate::builder::Expr;
use crate::graph::{AxisNames, AxisRange};
use crate::index::Index;
use crate::node::{Node, NodeId};
use crate::scope::Axes;
use crate::{Calculus, Fold, Op, fold};

impl<'g> Pass<'g> {
    /// A number that is no result of an iteration passes on what it receives.
    pub(super) fn number(
        &mut self,
        id: NodeId,
        node: Node<NodeId>,
        live: Live<'g>,
        upstream: Expr<'g>,
        pending: &mut Pending<'g>,
        keep: Axes,
    ) -> Result<(), NoDerivative> {
        if let Some(op) = node.op().filter(|op| *op != Op::Select) {
            return self.operator(id, op, live, upstream, pending, keep);
        }
        let children = self.builder.graph().children(id).to_vec();
        let scope = self.free(id);
        let mut passed: Vec<(NodeId, Live<'g>, Expr<'g>)> = Vec::new();
        let mut inner = scope;
        match node {
            Node::Ternary(Op::Select, [condition, a, b]) => {
                for (branch, taken) in [(a, true), (b, false)] {
                    passed.push((branch, self.branch(live, condition, taken), upstream));
                }
            }
            Node::Fold(kind, _) => {
                let terms: Vec<Expr<'g>> = children.iter().map(|&child| self.builder.handle(child)).collect();
                let result = self.builder.handle(id);
                fold::pull_back(kind, &terms, &result, &upstream, |k, number| {
                    passed.push((children[k], live, number))
                });
            }
            Node::Reduce(kind, range, [body]) => {
                let range = self.builder.graph().range(range).clone();
                inner |= Axes::of(range.axis);
                let number = match kind {
                    Fold::Sum => upstream,
                    Fold::Product => upstream * self.others(&range, body)?,
                    Fold::Max | Fold::Min => self.share_of_extreme(id, upstream),
                };
                passed.push((body, live, number));
            }
            Node::Element([array], position) => {
                let position = self.builder.graph().position(position).to_vec();
                let source = live.of(upstream);
                let part = Contribution { axes: Vec::new(), source, position, guard: live.indices };
                return self.push(
                    pending,
                    array,
                    Share { live, what: What::Part(Box::new(part)) },
                    scope,
                    keep,
                );
            }
            _ => unreachable!("a node with children that are numbers"),
        }
        for (child, live, number) in passed {
            let what = What::Number(live.of(number));
            self.push(pending, child, Share { live, what }, inner, keep)?;
        }
        Ok(())
    }

    /// An operator passes on what its rule says.
    fn operator(
        &mut self,
        id: NodeId,
        op: Op,
        live: Live<'g>,
        upstream: Expr<'g>,
        pending: &mut Pending<'g>,
        keep: Axes,
    ) -> Result<(), NoDerivative> {
        let builder = self.builder;
        let (mut children, mut arguments) = ([id; 3], [upstream; 3]);
        let arity = op.arity();
        children[..arity].copy_from_slice(builder.graph().children(id));
        for (argument, child) in arguments.iter_mut().zip(children) {
            *argument = builder.handle(child);
        }
        let wanted = (0..arity)
            .filter(|k| op.has_slope(*k) && self.is_active(children[*k]))
            .fold(0u8, |bits, k| bits | 1 << k);
        // One for each argument, in the order of the rule.
        let (mut passed, mut count) = ([(id, upstream); 3], 0);
        let mut sink = |k: usize, number: Expr<'g>| {
            passed[count] = (children[k], number);
            count += 1;
        };
        op.pull_back(wanted, &arguments[..arity], &builder.handle(id), &upstream, &mut sink);
        let scope = self.free(id);
        for (child, number) in passed.into_iter().take(count) {
            let what = What::Number(live.of(number));
            self.push(pending, child, Share { live, what }, scope, keep)?;
        }
        Ok(())
    }

    /// An equal share for each value that is the extreme, 0 for the others: of what the extreme receives, or of what one of them
    /// changes by.
    pub(super) fn share_of_extreme(&self, id: NodeId, whole: Expr<'g>) -> Expr<'g> {
        let builder = self.builder;
        let Node::Reduce(_, range, [body]) = builder.graph().node(id) else { unreachable!("an extreme") };
        let range = builder.graph().range(range).clone();
        let is_one = builder.handle(body).eq(builder.handle(id));
        let count = builder.reduce(Fold::Sum, range, is_one);
        is_one.select(whole / count, self.integer(0))
    }

    /// The product of the other factors, for each value of the axis: of those before it, and those after it.
    pub(super) fn others(&mut self, range: &AxisRange, body: NodeId) -> Result<Expr<'g>, NoDerivative> {
        let builder = self.builder;
        let names = builder.graph().axis_names(range.axis).clone();
        let mut product = None;
        for falling in [false, true] {
            let axis = fresh(builder, &AxisNames { states: vec!["p".to_owned()], ..names.clone() })?;
            let own = AxisRange { axis, ..range.clone() };
            self.scopes.set(&own);
            let mut images = Images { axes: [(range.axis, axis)].into_iter().collect(), ..Images::default() };
            images.complete(builder, &mut self.scopes)?;
            let copies = images.copies(builder, &mut self.scopes, &[body]);
            let factor = builder.handle(copies.get(&body).copied().unwrap_or(body));
            let state = builder.state(axis, 0);
            let results = builder.scan(own, falling, &[self.integer(1)], &[state * factor], &[state]);
            let before = builder.at(results[1], &[index(range.axis)]);
            product = Some(product.map_or(before, |product: Expr<'g>| product * before));
        }
        Ok(product.expect("two directions"))
    }

    /// An array that is no result of an iteration passes on what it receives.
    pub(super) fn array(
        &mut self,
        id: NodeId,
        node: Node<NodeId>,
        shares: Vec<Share<'g>>,
        pending: &mut Pending<'g>,
        keep: Axes,
    ) -> Result<(), NoDerivative> {
        let scope = self.free(id);
        let builder = self.builder;
        match node {
            Node::Array(range, [body]) => {
                let axis = builder.graph().range(range).axis;
                let received = Received::of(builder, &self.shape(id), shares);
                for share in self.at(&received, &[index(axis)], body) {
                    self.push(pending, body, share, scope | Axes::of(axis), keep)?;
                }
            }
            Node::Element([array], position) => {
                let position = builder.graph().position(position).to_vec();
                for Share { live, what } in shares {
                    let part = match what {
                        What::Part(part) => {
                            Contribution { position: [&position[..], &part.position].concat(), ..*part }
                        }
                        What::Whole(whole) => {
                            let avoid = self.meant(live, &whole) | scope;
                            self.part_of(id, live, &whole, &position, avoid)?
                        }
                        What::Number(_) | What::Result(..) => unreachable!("an array receives arrays"),
                    };
                    self.push(pending, array, Share { live, what: What::Part(Box::new(part)) }, scope, keep)?;
                }
            }
            Node::Scatter(scatter) => {
                let received = Received::of(builder, &self.shape(id), shares);
                let parts = builder.graph().scatter(scatter).parts.clone();
                let children = builder.graph().children(id).to_vec();
                let mut children = children.into_iter();
                let avoid = { received.wholes.iter() }
                    .fold(scope, |all, (live, whole)| all | self.meant(*live, whole));
                for part in &parts {
                    let source = children.next().expect("a source for every part");
                    let guard = part.guarded.then(|| children.next().expect("a guard where there is one"));
                    // Its axes may have another meaning where the scatter stands.
                    let ranges: Vec<AxisRange> =
                        part.axes.iter().map(|axis| self.scopes.range(*axis).clone()).collect();
                    let (axes, images) = self.images_of(&ranges, avoid)?;
                    let position = builder.graph().position(part.position).to_vec();
                    let position: Vec<Index> = position.iter().map(|form| images.form(form)).collect();
                    let live = match guard {
                        Some(guard) => {
                            let copies = images.copies(builder, &mut self.scopes, &[guard]);
                            self.branch(Live::default(), copies.get(&guard).copied().unwrap_or(guard), true)
                        }
                        None => Live::default(),
                    };
                    let element = live.of(received.element(builder, &position));
                    let what = if axes.is_empty() {
                        What::Number(element)
                    } else {
                        What::Whole(Box::new(Whole::node(nest(builder, &self.scopes, &axes, element))))
                    };
                    self.push(pending, source, Share { live: Live::default(), what }, scope, keep)?;
                }
            }
            _ => unreachable!("only these are arrays"),
        }
        Ok(())
    }

    /// What an element of an array receives, or a sub-array of it.
    pub(super) fn at(&self, received: &Received<'g>, position: &[Index], child: NodeId) -> Vec<Share<'g>> {
        if self.is_array(child) {
            let share = |(live, whole): &(Live<'g>, Whole<'g>)| Share {
                live: *live,
                what: What::Whole(Box::new(whole.at(position))),
            };
            return received.wholes.iter().map(share).collect();
        }
        let terms = { received.wholes.iter() }
            .map(|(live, whole)| (*live, live.of(whole.element(self.builder, position))));
        let terms: Vec<(Live<'g>, Expr<'g>)> = terms.collect();
        let live = terms.iter().map(|(live, _)| *live).reduce(Live::either).unwrap_or_default();
        let number = sum(self.builder, terms.into_iter().map(|(_, number)| number));
        vec![Share { live, what: What::Number(number) }]
    }
}
