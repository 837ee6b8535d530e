//! Simplification of a function with axes: every body of a loop by itself, as an open term. No rule crosses a binder, and none a
//! branch, whose condition says what may be undefined in it.

use std::collections::{BTreeMap, BTreeSet};

use expr::graph::Scope;
use expr::{Builder, Expr, Function, Node, NodeId, Op, Rebuild, Scalar, Style};

use crate::{Limits, cost, simplify};

/// Larger functions are left as they are: what many bodies have in common is looked at in each of them.
const MOST_NODES: usize = 2_000;

/// The same function at no greater cost, where every body counts once: parts that are simplified together are the bodies of loops,
/// the branches, what in a body does not depend on its axis, and the outputs.
pub fn simplify_sized(f: &Function, limits: &Limits) -> Function {
    let graph = f.graph();
    if graph.len() > MOST_NODES {
        return f.clone();
    }
    let apart = apart(f);
    let builder = Builder::resume(graph.clone(), Style::Derived);
    let outputs = {
        let mut made = Rebuild::new(graph, &builder);
        for id in graph.ids() {
            if is_leaf(graph.node(id)) {
                made.set(id, made.copy(id));
            } else if apart.contains(&id) {
                let found = together(f, &[id], &apart, &made, limits)[0];
                made.set(id, found);
            }
        }
        let found = together(f, f.outputs(), &apart, &made, limits);
        found.into_iter().map(Expr::id).collect()
    };
    let found = f.with_same_bindings(builder.finish(outputs));
    if cost(&found) < cost(f) { found } else { f.clone() }
}

/// What rules do not look into.
fn is_leaf(node: Node<NodeId>) -> bool {
    match node {
        Node::Const(_) | Node::Fold(..) => false,
        node => node.op().is_none_or(|op| op == Op::Select),
    }
}

/// What is simplified by itself, if it is more than a leaf.
fn apart(f: &Function) -> BTreeSet<NodeId> {
    let graph = f.graph();
    let free = graph.free_axes();
    let mut apart = BTreeSet::new();
    for id in graph.ids().filter(|&id| is_leaf(graph.node(id))) {
        apart.extend(graph.children(id));
        let Some(Scope { range, inside, .. }) = graph.scope(id) else { continue };
        let below = graph.reached_from(inside);
        let depends = |id: NodeId| free[id.index()].contains(range.axis);
        for inside in graph.ids().filter(|&id| below[id.index()] && depends(id)) {
            apart.extend(graph.children(inside).iter().filter(|child| !depends(**child)));
        }
    }
    apart
}

/// Some nodes simplified together, as functions of the leaves below them and of what is simplified apart.
fn together<'g>(
    f: &Function,
    roots: &[NodeId],
    apart: &BTreeSet<NodeId>,
    made: &Rebuild<'_, 'g>,
    limits: &Limits,
) -> Vec<Expr<'g>> {
    let graph = f.graph();
    let known = |id: NodeId| is_leaf(graph.node(id)) || apart.contains(&id) && made.get(id).is_some();
    let mut needed = BTreeSet::new();
    let mut todo = roots.to_vec();
    while let Some(id) = todo.pop() {
        if needed.insert(id) && !known(id) {
            todo.extend(graph.children(id));
        }
    }
    let flat = Builder::new(Style::Written);
    let mut leaves = Vec::new();
    let outputs = {
        let mut handles: BTreeMap<NodeId, Expr<'_>> = BTreeMap::new();
        for &id in &needed {
            let of = || graph.children(id).iter().map(|child| handles[child]).collect::<Vec<_>>();
            let handle = match graph.node(id) {
                Node::Const(constant) => flat.lift(graph.constant(constant)),
                _ if known(id) => {
                    leaves.push(made.of(id));
                    flat.input(&format!("v{}", leaves.len()))
                }
                Node::Fold(fold, _) => flat.fold(fold, &of()),
                node => Expr::apply(node.op().expect("the rest are operators"), &of()),
            };
            handles.insert(id, handle);
        }
        roots.iter().map(|root| handles[root].id()).collect()
    };
    let found = simplify(&flat.finish(outputs), limits).function;
    let builder = made.builder();
    let graph = found.graph();
    let mut handles: Vec<Expr<'g>> = Vec::with_capacity(graph.len());
    for id in graph.ids() {
        let of = || graph.children(id).iter().map(|child| handles[child.index()]).collect::<Vec<_>>();
        let handle = match graph.node(id) {
            Node::Const(constant) => builder.lift(graph.constant(constant)),
            Node::Input(block, offset) => leaves[found.position(block, offset)],
            Node::Fold(fold, _) => builder.fold(fold, &of()),
            node => Expr::apply(node.op().expect("the rest are operators"), &of()),
        };
        handles.push(handle);
    }
    found.outputs().iter().map(|output| handles[output.index()]).collect()
}
