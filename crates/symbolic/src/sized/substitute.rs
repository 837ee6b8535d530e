//! Index variables and states replaced in an expression, without anything being captured by a loop inside it.

use std::collections::{BTreeMap, BTreeSet};

use expr::graph::AxisRange;
use expr::index::{Index, Symbol};
use expr::{Axis, Expr, IterationId, Node, NodeId, PositionId, Scalar};

use super::{Axes, Draft, NeedsSizes};

/// What stands for an axis's index variable, and for its states.
#[derive(Clone, Default)]
pub(super) struct Images<'g> {
    pub(super) indices: BTreeMap<usize, Index>,
    pub(super) states: BTreeMap<usize, Vec<Expr<'g>>>,
}

impl<'g> Images<'g> {
    pub(super) fn index(axis: Axis, image: Index) -> Images<'g> {
        Images { indices: [(axis.index(), image)].into(), states: BTreeMap::new() }
    }

    fn axes(&self) -> Axes {
        self.indices.keys().chain(self.states.keys()).fold(Axes::NONE, |axes, axis| axes | Axes::at(*axis))
    }

    fn without(&self, axis: Axis) -> Images<'g> {
        let mut images = self.clone();
        images.indices.remove(&axis.index());
        images.states.remove(&axis.index());
        images
    }

    /// An index form, its axes replaced.
    pub(super) fn form(&self, form: &Index) -> Result<Index, NeedsSizes> {
        if !form.symbols().any(|symbol| self.of(symbol).is_some()) {
            return Ok(form.clone());
        }
        let image = |symbol| self.of(symbol).cloned().unwrap_or_else(|| symbol.into());
        form.substituted(&image).ok_or(NeedsSizes::Overflow)
    }

    fn of(&self, symbol: Symbol) -> Option<&Index> {
        match symbol {
            Symbol::Axis(axis) => self.indices.get(&axis.index()),
            Symbol::Size(_) | Symbol::Datum(_) => None,
        }
    }

    pub(super) fn range(&self, range: &AxisRange) -> Result<AxisRange, NeedsSizes> {
        Ok(AxisRange { axis: range.axis, low: self.form(&range.low)?, high: self.form(&range.high)? })
    }
}

impl Draft {
    /// The expression with its free axes replaced.
    pub(super) fn substitute<'g>(
        &'g self,
        root: Expr<'g>,
        images: &Images<'g>,
    ) -> Result<Expr<'g>, NeedsSizes> {
        let axes = images.axes();
        if (self.free(root.id()) & axes).is_empty() {
            return Ok(root);
        }
        // What depends on these axes, children first; bodies of loops are gone into one by one.
        let mut needed = BTreeSet::from([root.id()]);
        let mut todo = vec![root.id()];
        while let Some(id) = todo.pop() {
            let outside = {
                let graph = self.builder.graph();
                graph.scope(id).map_or_else(|| graph.children(id).to_vec(), |scope| scope.outside.to_vec())
            };
            for child in outside {
                if !(self.free(child) & axes).is_empty() && needed.insert(child) {
                    todo.push(child);
                }
            }
        }
        let mut done: BTreeMap<NodeId, Expr<'g>> = BTreeMap::new();
        let mut iterations: BTreeMap<NodeId, Vec<Expr<'g>>> = BTreeMap::new();
        for id in needed {
            let handle =
                |child: NodeId| done.get(&child).copied().unwrap_or_else(|| self.builder.handle(child));
            let children = self.children(id);
            let replaced = match self.node(id) {
                Node::Symbol(Symbol::Axis(axis)) => match images.indices.get(&axis.index()) {
                    Some(image) => self.builder.spelled(image),
                    None => self.builder.handle(id),
                },
                Node::State(axis, k) => match images.states.get(&axis.index()) {
                    Some(states) => states[k as usize],
                    None => self.builder.handle(id),
                },
                Node::Read(block, position) => self.builder.read(block, &self.moved(position, images)?),
                Node::Element([array], position) => {
                    self.builder.at(handle(array), &self.moved(position, images)?)
                }
                Node::Array(..) => {
                    let (range, bodies) = self.substitute_within(&self.range(id), &children, images)?;
                    self.builder.array(range, bodies[0])
                }
                Node::Fold(fold, _) => {
                    self.builder.fold(fold, &children.iter().map(|&child| handle(child)).collect::<Vec<_>>())
                }
                Node::Reduce(fold, ..) => {
                    let range = self.range(id);
                    let (range, bodies) = self.substitute_within(&range, &children, images)?;
                    self.builder.reduce(fold, range, bodies[0])
                }
                Node::Iterate(iteration) => {
                    let (states, falling) = self.order(iteration);
                    let (inits, inside) = children.split_at(states);
                    let inits: Vec<Expr<'g>> = inits.iter().map(|&init| handle(init)).collect();
                    let (range, inside) = self.substitute_within(&self.range(id), inside, images)?;
                    let (nexts, eaches) = inside.split_at(states);
                    iterations.insert(id, self.builder.scan(range, falling, &inits, nexts, eaches));
                    continue;
                }
                Node::Project([all], k) => match iterations.get(&all) {
                    Some(results) => results[k as usize],
                    None => self.builder.handle(id),
                },
                node => match node.op() {
                    Some(op) => {
                        let arguments: Vec<Expr<'g>> = children.iter().map(|&child| handle(child)).collect();
                        Expr::apply(op, &arguments)
                    }
                    None => self.builder.handle(id),
                },
            };
            done.insert(id, replaced);
        }
        self.within_budget()?;
        Ok(done[&root.id()])
    }

    /// How many states an iteration has, and whether it goes down.
    pub(super) fn order(&self, iteration: IterationId) -> (usize, bool) {
        let graph = self.builder.graph();
        (graph.state_count(iteration), graph.is_falling(iteration))
    }

    /// A position, its axes replaced.
    fn moved(&self, position: PositionId, images: &Images<'_>) -> Result<Vec<Index>, NeedsSizes> {
        let forms = self.builder.graph().position(position).to_vec();
        forms.iter().map(|form| images.form(form)).collect()
    }

    /// Bodies of a loop, and its range. The loop's axis gets another name where an image depends on one of the same name.
    fn substitute_within<'g>(
        &'g self,
        range: &AxisRange,
        bodies: &[NodeId],
        images: &Images<'g>,
    ) -> Result<(AxisRange, Vec<Expr<'g>>), NeedsSizes> {
        let mut inner = images.without(range.axis);
        let mut range = images.range(range)?;
        let captured = inner.indices.values().any(|image| Axes::of_forms([image]).contains(range.axis)) || {
            inner.states.values().flatten()
        }
        .any(|image| self.free(image.id()).contains(range.axis));
        if captured {
            let width = self.builder.graph().axis_names(range.axis).states.len();
            let fresh = self.fresh_axis(range.axis)?;
            inner.indices.insert(range.axis.index(), Symbol::Axis(fresh).into());
            if width > 0 {
                let states = (0..width).map(|k| self.builder.state(fresh, k)).collect();
                inner.states.insert(range.axis.index(), states);
            }
            range.axis = fresh;
        }
        let bodies = bodies
            .iter()
            .map(|&body| self.substitute(self.builder.handle(body), &inner))
            .collect::<Result<Vec<_>, _>>()?;
        Ok((range, bodies))
    }
}
