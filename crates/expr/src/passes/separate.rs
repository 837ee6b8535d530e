//! A range for each axis, and an axis for each iteration: what stands in two loops over one axis with other ranges, or in two
//! iterations over one axis, becomes two nodes.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::NoDerivative;
use super::copy::fresh;
use crate::Function;
use crate::array_builder::Contribution;
use crate::builder::Builder;
use crate::graph::AxisRange;
use crate::index::Index;
use crate::node::{Axis, Node, NodeId};
use crate::rewrite::Style;
use crate::scatter::{Part, Scatter, Shape};

/// What the axes that a node is free in are called.
type Names = Rc<Vec<(Axis, Axis)>>;

enum Task {
    Visit(NodeId, Names),
    Build(NodeId, Names),
}

/// The same function, in which every axis has one range. Where an axis gets another name, ranges inside it that depend on it become
/// others, so that it is gone through once more, at most as often as loops are nested.
pub(super) fn separate(f: &Function) -> Result<Function, NoDerivative> {
    let mut f = f.clone();
    while let Some(next) = separated_once(&f)? {
        f = next;
    }
    Ok(f)
}

impl Function {
    /// The same function with the same bits, in which every axis has one range, and every iteration an axis that no other has.
    ///
    /// # Errors
    /// When that takes more axes than a function may have.
    pub fn separated(&self) -> Result<Function, NoDerivative> {
        separate(self)
    }
}

fn called(names: &Names, axis: Axis) -> Axis {
    names.iter().find(|(from, _)| *from == axis).map_or(axis, |(_, to)| *to)
}

/// The part whose guard is child `k` of a scatter; nothing where it is a source.
fn part_at(parts: &[Part], k: usize) -> Option<&Part> {
    let mut next = 0;
    for part in parts {
        next += 1 + usize::from(part.guarded);
        if k < next {
            return (part.guarded && k + 1 == next).then_some(part);
        }
    }
    None
}

fn separated_once(f: &Function) -> Result<Option<Function>, NoDerivative> {
    let graph = f.graph();
    let mut first: FxHashMap<Axis, (NodeId, &AxisRange)> = FxHashMap::default();
    let mut others: Vec<(NodeId, &AxisRange)> = Vec::new();
    let iterates = |id: NodeId| matches!(graph.node(id), Node::Iterate(_));
    for (id, range) in graph.ids().filter_map(|id| Some((id, graph.scope(id)?.range))) {
        let (known, own) = *first.entry(range.axis).or_insert((id, range));
        // States belong to one iteration.
        if own != range || known != id && iterates(id) {
            others.push((id, range));
        }
    }
    if others.is_empty() {
        return Ok(None);
    }
    let builder = Builder::resume(graph.clone(), Style::Written);
    let mut images: FxHashMap<&AxisRange, Axis> = FxHashMap::default();
    let mut axis_of: FxHashMap<NodeId, Axis> = FxHashMap::default();
    for (id, range) in others {
        let image = match images.get(range).filter(|_| !iterates(id)) {
            Some(&image) => image,
            None => fresh(&builder, graph.axis_names(range.axis))?,
        };
        if !iterates(id) {
            images.insert(range, image);
        }
        axis_of.insert(id, image);
    }
    let free = graph.free_axes();
    let seen = |id: NodeId, names: &Names| -> Names {
        let visible = |&&(axis, image): &&(Axis, Axis)| free[id.index()].contains(axis) && axis != image;
        Rc::new(names.iter().filter(visible).copied().collect())
    };
    // What a binder calls its own axis inside.
    let inner = |id: NodeId, names: &Names| -> Names {
        let Some(scope) = graph.scope(id) else { return names.clone() };
        let axis = scope.range.axis;
        let mut names: Vec<(Axis, Axis)> = names.iter().filter(|(own, _)| *own != axis).copied().collect();
        names.extend(axis_of.get(&id).map(|&image| (axis, image)));
        Rc::new(names)
    };
    // What the axes of a part are called, by the nest of arrays that its source is.
    let part_names = |part: &Part, source: NodeId, names: &Names| -> Names {
        let mut names: Vec<(Axis, Axis)> =
            names.iter().filter(|(own, _)| !part.axes.contains(own)).copied().collect();
        let mut id = source;
        while let Node::Array(range, [body]) = graph.node(id) {
            names.extend(axis_of.get(&id).map(|&image| (graph.range(range).axis, image)));
            id = body;
        }
        names.retain(|(own, image)| own != image);
        Rc::new(names)
    };
    // The starts of an iteration are outside; a guard is in the axes of its part.
    let child_names = |id: NodeId, k: usize, names: &Names| {
        if let Node::Scatter(scatter) = graph.node(id) {
            return match part_at(&graph.scatter(scatter).parts, k) {
                Some(part) => part_names(part, graph.children(id)[k - 1], names),
                None => names.clone(),
            };
        }
        let outside = graph.scope(id).map_or(0, |scope| scope.outside.len());
        if k < outside { names.clone() } else { inner(id, names) }
    };
    let mut made: FxHashMap<(NodeId, Names), NodeId> = FxHashMap::default();
    let nowhere = Names::default();
    let mut todo: Vec<Task> = f.outputs().iter().map(|&id| Task::Visit(id, nowhere.clone())).collect();
    while let Some(task) = todo.pop() {
        match task {
            Task::Visit(id, names) => {
                let names = seen(id, &names);
                if made.contains_key(&(id, names.clone())) {
                    continue;
                }
                todo.push(Task::Build(id, names.clone()));
                for (k, &child) in graph.children(id).iter().enumerate() {
                    todo.push(Task::Visit(child, child_names(id, k, &names)));
                }
            }
            Task::Build(id, names) => {
                let children: Vec<NodeId> = { graph.children(id).iter().enumerate() }
                    .map(|(k, &child)| made[&(child, seen(child, &child_names(id, k, &names)))])
                    .collect();
                if let Node::Scatter(scatter) = graph.node(id) {
                    let Scatter { shape, parts, .. } = graph.scatter(scatter);
                    let shape = match shape {
                        Shape::Block(block) => Shape::Block(*block),
                        Shape::Ranges(ranges) => Shape::Ranges(
                            { ranges.iter() }
                                .map(|range| {
                                    let AxisRange { axis, low, high } = graph.range(*range);
                                    let form = |form: &Index| form.with_axes(|axis| called(&names, axis));
                                    builder.range(AxisRange { axis: *axis, low: form(low), high: form(high) })
                                })
                                .collect(),
                        ),
                    };
                    let mut k = 0;
                    let part = |part: &Part| {
                        let own = part_names(part, graph.children(id)[k], &names);
                        let source = builder.handle(children[k]);
                        let guard = part.guarded.then(|| builder.handle(children[k + 1]));
                        k += 1 + usize::from(part.guarded);
                        let position = graph.position(part.position).iter();
                        Contribution {
                            axes: part.axes.iter().map(|axis| called(&own, *axis)).collect(),
                            source,
                            position: position
                                .map(|form| form.with_axes(|axis| called(&own, axis)))
                                .collect(),
                            guard,
                        }
                    };
                    let parts: Vec<Contribution<'_>> = parts.iter().map(part).collect();
                    made.insert((id, names), builder.scatter(shape, &parts).id());
                    continue;
                }
                let of: FxHashMap<NodeId, NodeId> =
                    graph.children(id).iter().copied().zip(children.iter().copied()).collect();
                let own = inner(id, &names);
                let (outer, bound) = (|axis| called(&names, axis), |axis| called(&own, axis));
                let node = builder.copy_within(id, |child| of[&child], outer, bound).id();
                made.insert((id, names), node);
            }
        }
    }
    let outputs = f.outputs().iter().map(|&id| made[&(id, nowhere.clone())]).collect();
    Ok(Some(f.with_same_bindings(builder.finish(outputs))))
}
