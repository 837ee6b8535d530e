//! Copies of nodes in which other axes stand for theirs, and other nodes for the states of an iteration.

use rustc_hash::{FxHashMap, FxHashSet};

use super::NoDerivative;
use super::scopes::Scopes;
use crate::builder::{Builder, Expr};
use crate::graph::{AxisNames, AxisRange, MAX_AXES};
use crate::node::{Axis, Node, NodeId};
use crate::rewrite::Style;
use crate::scope::Axes;
use crate::{Function, Rebuild};

/// What stands for axes and states.
#[derive(Default)]
pub(super) struct Images<'g> {
    pub(super) axes: FxHashMap<Axis, Axis>,
    /// For the states of an axis.
    pub(super) states: FxHashMap<Axis, Vec<Expr<'g>>>,
}

/// A new axis that is called like another one, with a number that [`Function::with_plain_axes`](crate::Function::with_plain_axes)
/// takes away.
pub(super) fn fresh(builder: &Builder, names: &AxisNames) -> Result<Axis, NoDerivative> {
    if builder.graph().axis_count() >= MAX_AXES {
        return Err(NoDerivative::TooManyAxes);
    }
    let taken = |name: &String| {
        let graph = builder.graph();
        graph.axes().any(|axis| {
            let names = graph.axis_names(axis);
            names.index == *name || names.states.contains(name)
        }) || graph.block_named(name).is_some()
            || graph.sizes().contains(name)
    };
    let mut own: Vec<String> = Vec::new();
    for word in [&names.index].into_iter().chain(&names.states) {
        let stem = plain(word);
        let name = (2..).map(|k| format!("{stem}#{k}")).find(|name| !taken(name) && !own.contains(name));
        own.push(name.expect("there are more numbers than names"));
    }
    let states: Vec<&str> = own[1..].iter().map(String::as_str).collect();
    Ok(builder.axis(&own[0], &states))
}

/// A name without the number that a pass gave to it.
fn plain(word: &str) -> &str {
    word.split('#').next().unwrap_or(word)
}

impl Function {
    /// The same function, whose index variables and states have names that can be read, each its own.
    #[must_use]
    pub fn with_plain_axes(&self) -> Function {
        let graph = self.graph();
        let reached = graph.reached_from(self.outputs());
        let ids = || graph.ids().filter(|id| reached[id.index()]);
        let bound: Axes = ids().filter_map(|id| Some(graph.scope(id)?.range.axis)).collect();
        let mut taken: FxHashSet<String> = graph.blocks().iter().map(|block| block.name.clone()).collect();
        taken.extend(graph.sizes().iter().cloned());
        taken.extend(ids().filter_map(|id| graph.name(id)).map(str::to_owned));
        let mut unique = |word: &String| {
            let stem = plain(word);
            let numbered = (2..).map(|k| format!("{stem}_{k}"));
            let mut names = std::iter::once(stem.to_owned()).chain(numbered);
            names.find(|name| taken.insert(name.clone())).expect("there are more numbers than names")
        };
        let builder = Builder::new(Style::Written);
        builder.copy_names_as(graph, |axis| {
            let AxisNames { index, states } = graph.axis_names(axis);
            match bound.contains(axis) {
                true => AxisNames { index: unique(index), states: states.iter().map(&mut unique).collect() },
                // Nothing shows it.
                false => AxisNames { index: format!("#{}", axis.index()), states: states.clone() },
            }
        });
        let mut made = Rebuild::new(graph, &builder);
        made.run(ids(), |_, _| None);
        let outputs = made.ids(self.outputs());
        drop(made);
        self.with_same_bindings(builder.finish(outputs).named(self.name().map(str::to_owned)))
    }
}

impl<'g> Images<'g> {
    /// Adds images of the axes whose ranges depend on those that have one.
    pub(super) fn complete(&mut self, builder: &Builder, scopes: &mut Scopes) -> Result<(), NoDerivative> {
        let given = self.axes.keys().copied().collect::<Axes>();
        for axis in scopes.ordered(scopes.dependent(given) - given) {
            let names = builder.graph().axis_names(axis).clone();
            let image = fresh(builder, &names)?;
            let AxisRange { low, high, .. } = scopes.range(axis).clone();
            self.axes.insert(axis, image);
            scopes.set(&AxisRange { axis: image, low: self.form(&low), high: self.form(&high) });
        }
        Ok(())
    }

    pub(super) fn form(&self, form: &crate::index::Index) -> crate::index::Index {
        form.with_axes(|axis| self.axis(axis))
    }

    pub(super) fn axis(&self, axis: Axis) -> Axis {
        self.axes.get(&axis).copied().unwrap_or(axis)
    }

    /// Copies what depends on these axes and states; says what became of every node that was copied.
    pub(super) fn copies(
        &self,
        builder: &'g Builder,
        scopes: &mut Scopes,
        roots: &[NodeId],
    ) -> FxHashMap<NodeId, NodeId> {
        scopes.extend(&builder.graph());
        let given = self.axes.keys().copied().collect::<Axes>();
        let mut copies: FxHashMap<NodeId, NodeId> = FxHashMap::default();
        let mut seen = FxHashSet::default();
        let mut todo: Vec<NodeId> = roots.to_vec();
        let mut affected = Vec::new();
        while let Some(id) = todo.pop() {
            let graph = builder.graph();
            // What binds one of these axes and depends on none is another loop over it.
            if (scopes.mentioned(id) & given).is_empty() || !seen.insert(id) {
                continue;
            }
            affected.push(id);
            todo.extend(graph.children(id));
        }
        affected.sort_unstable();
        for id in affected {
            let node = builder.graph().node(id);
            let image = match node {
                Node::State(axis, k) if self.states.contains_key(&axis) => {
                    self.states[&axis][k as usize].id()
                }
                _ => builder
                    .copy_within(
                        id,
                        |child| copies.get(&child).copied().unwrap_or(child),
                        |axis| self.axis(axis),
                        |axis| self.axis(axis),
                    )
                    .id(),
            };
            copies.insert(id, image);
        }
        scopes.extend(&builder.graph());
        copies
    }
}
