//! Whether two functions are the same graph but for the order of their nodes and the names of their axes.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::Function;
use crate::graph::{AxisRange, Block, Graph};
use crate::index::{Index, Symbol};
use crate::node::{Axis, BlockId, Node, NodeId, PositionId};
use crate::scatter::{Part, Shape};
use crate::scope::Axes;

/// Axes bound around a node in both graphs, outermost first: an inner one of the same name hides it.
type Scope = Rc<Vec<(Axis, Axis)>>;

/// The counterpart of a node, for each way in which the axes that are free in it are bound around it.
struct Counterparts {
    free: Vec<Axes>,
    closed: Vec<Option<NodeId>>,
    open: FxHashMap<(NodeId, Vec<(Axis, Axis)>), NodeId>,
}

impl Counterparts {
    /// The counterpart that `x` has already, or `y` from now on.
    fn meet(&mut self, x: NodeId, y: NodeId, scope: &Scope) -> (NodeId, bool) {
        let free = self.free[x.index()];
        if free.is_empty() {
            let known = self.closed[x.index()];
            self.closed[x.index()] = known.or(Some(y));
            return (known.unwrap_or(y), known.is_some());
        }
        let visible = |&(p, _): &(Axis, Axis)| free.contains(p);
        let mut key: Vec<(Axis, Axis)> = scope.iter().rev().filter(|pair| visible(pair)).copied().collect();
        // Only the innermost binding of each axis is seen.
        let mut seen = Axes::NONE;
        key.retain(|(p, _)| {
            let new = !seen.contains(*p);
            seen |= Axes::of(*p);
            new
        });
        match self.open.get(&(x, key.clone())) {
            Some(&known) => (known, true),
            None => {
                self.open.insert((x, key), y);
                (y, false)
            }
        }
    }
}

impl Function {
    /// Whether both are the same graph but for the order of their nodes and the names given to them.
    pub fn same_graph(&self, other: &Function) -> bool {
        let (a, b) = (self, other);
        let (g, h) = (a.graph(), b.graph());
        let lengths = |graph: &Graph, block: &Block| -> Option<Vec<String>> {
            Some(block.declared.as_ref()?.iter().map(|length| graph.index_text(length)).collect())
        };
        // Sizes are numbered in another order where they come in another order.
        let same_block = |(p, q): (&Block, &Block)| {
            lengths(g, p) == lengths(h, q)
                && Block { declared: None, ..p.clone() } == Block { declared: None, ..q.clone() }
        };
        let same_blocks =
            g.blocks().len() == h.blocks().len() && g.blocks().iter().zip(h.blocks()).all(same_block);
        let same_data = (0..g.blocks().len() as u32).map(BlockId).all(|block| a.data(block) == b.data(block));
        if !same_blocks || !same_data || a.outputs().len() != b.outputs().len() {
            return false;
        }
        let mut counterparts =
            Counterparts { free: g.free_axes(), closed: vec![None; g.len()], open: FxHashMap::default() };
        let nowhere: Scope = Rc::default();
        let outputs = a.outputs().iter().zip(b.outputs());
        let mut todo: Vec<(NodeId, NodeId, Scope)> =
            outputs.map(|(&x, &y)| (x, y, nowhere.clone())).collect();
        while let Some((x, y, scope)) = todo.pop() {
            let (counterpart, known) = counterparts.meet(x, y, &scope);
            if counterpart != y {
                return false;
            }
            if known {
                continue;
            }
            let (children, others) = (g.children(x), h.children(y));
            if children.len() != others.len() || !same_node(a, b, g.node(x), h.node(y), &scope) {
                return false;
            }
            // What a node binds, it binds in its body; the starts of an iteration are outside.
            let (inner, outside) = match (g.scope(x), h.scope(y)) {
                (Some(p), Some(q)) => (bind(&scope, p.range.axis, q.range.axis), p.outside.len()),
                _ => (scope.clone(), 0),
            };
            if let (Node::Scatter(p), Node::Scatter(q)) = (g.node(x), h.node(y)) {
                // The guard of a part stands inside its axes; they are bound in its source again.
                let mut k = 0;
                for (p, q) in g.scatter(p).parts.iter().zip(&h.scatter(q).parts) {
                    let within = bind_all(&scope, &p.axes, &q.axes);
                    let count = 1 + usize::from(p.guarded);
                    todo.extend((k..k + count).map(|k| (children[k], others[k], within.clone())));
                    k += count;
                }
                continue;
            }
            for (k, (&child, &other)) in children.iter().zip(others).enumerate() {
                todo.push((child, other, if k < outside { scope.clone() } else { inner.clone() }));
            }
        }
        true
    }
}

fn bind(scope: &Scope, p: Axis, q: Axis) -> Scope {
    let mut inner = (**scope).clone();
    inner.push((p, q));
    Rc::new(inner)
}

fn bind_all(scope: &Scope, p: &[Axis], q: &[Axis]) -> Scope {
    p.iter().zip(q).fold(scope.clone(), |scope, (&p, &q)| bind(&scope, p, q))
}

/// Whether two nodes say the same, their children apart.
fn same_node(a: &Function, b: &Function, x: Node<NodeId>, y: Node<NodeId>, scope: &Scope) -> bool {
    let (g, h) = (a.graph(), b.graph());
    let states = |graph: &Graph, axis| graph.axis_names(axis).states.len();
    let range = |r: &AxisRange, s: &AxisRange, scope: &Scope| {
        same_form(a, b, &r.low, &s.low, scope) && same_form(a, b, &r.high, &s.high, scope)
    };
    let positions = |i: PositionId, j: PositionId, scope: &Scope| {
        let (i, j) = (g.position(i), h.position(j));
        i.len() == j.len() && i.iter().zip(j).all(|(i, j)| same_form(a, b, i, j, scope))
    };
    match (x, y) {
        (Node::Const(p), Node::Const(q)) => g.constant(p) == h.constant(q),
        (Node::Symbol(p), Node::Symbol(q)) => same_symbol(a, b, p, q, scope),
        (Node::Fold(p, _), Node::Fold(q, _)) => p == q,
        (Node::Read(p, i), Node::Read(q, j)) => p == q && positions(i, j, scope),
        (Node::Element(_, i), Node::Element(_, j)) => positions(i, j, scope),
        (Node::Reduce(p, r, _), Node::Reduce(q, s, _)) => p == q && range(g.range(r), h.range(s), scope),
        (Node::Array(r, _), Node::Array(s, _)) => range(g.range(r), h.range(s), scope),
        (Node::Iterate(p), Node::Iterate(q)) => {
            let (r, s) = (g.iteration_range(p), h.iteration_range(q));
            states(g, r.axis) == states(h, s.axis) && g.is_falling(p) == h.is_falling(q) && range(r, s, scope)
        }
        (Node::State(p, i), Node::State(q, j)) => i == j && same_axis(p, q, scope),
        (Node::Scatter(p), Node::Scatter(q)) => {
            let (p, q) = (g.scatter(p), h.scatter(q));
            let shapes = match (&p.shape, &q.shape) {
                (Shape::Block(p), Shape::Block(q)) => p == q,
                (Shape::Ranges(r), Shape::Ranges(s)) => {
                    let mut scope = scope.clone();
                    r.len() == s.len()
                        && r.iter().zip(s).all(|(&r, &s)| {
                            let (r, s) = (g.range(r), h.range(s));
                            let same = range(r, s, &scope);
                            scope = bind(&scope, r.axis, s.axis);
                            same
                        })
                }
                _ => false,
            };
            let part = |(p, q): (&Part, &Part)| {
                p.axes.len() == q.axes.len()
                    && p.guarded == q.guarded
                    && positions(p.position, q.position, &bind_all(scope, &p.axes, &q.axes))
            };
            shapes && p.parts.len() == q.parts.len() && p.parts.iter().zip(&q.parts).all(part)
        }
        (p, q) => p.map(|_| ()) == q.map(|_| ()),
    }
}

fn same_axis(p: Axis, q: Axis, scope: &Scope) -> bool {
    let innermost = scope.iter().rev().find(|(a, b)| *a == p || *b == q);
    innermost.map_or(p == q, |&pair| pair == (p, q))
}

fn same_symbol(a: &Function, b: &Function, p: Symbol, q: Symbol, scope: &Scope) -> bool {
    match (p, q) {
        (Symbol::Axis(p), Symbol::Axis(q)) => same_axis(p, q, scope),
        (Symbol::Size(p), Symbol::Size(q)) => {
            let (p, q) = (&a.graph().sizes()[p as usize], &b.graph().sizes()[q as usize]);
            p == q && a.size(p) == b.size(q)
        }
        _ => false,
    }
}

fn same_form(a: &Function, b: &Function, p: &Index, q: &Index, scope: &Scope) -> bool {
    let same_datum = |l: u32, r: u32| {
        let (l, r) = (&p.data()[l as usize], &q.data()[r as usize]);
        let mut forms = l.position.iter().zip(&r.position);
        l.block == r.block && forms.all(|(l, r)| same_form(a, b, l, r, scope))
    };
    let same = |l: &Symbol, r: &Symbol| match (*l, *r) {
        (Symbol::Datum(l), Symbol::Datum(r)) => same_datum(l, r),
        (l, r) => same_symbol(a, b, l, r, scope),
    };
    // Names order terms and what stands in one, so counterparts may stand in another order: each must find one.
    let pairs = |left: &[Symbol], right: &[Symbol]| {
        let mut right = right.to_vec();
        left.len() == right.len()
            && left.iter().all(|l| {
                let counterpart = right.iter().position(|r| same(l, r));
                counterpart.map(|k| right.remove(k)).is_some()
            })
    };
    let mut right = q.terms().to_vec();
    p.terms().len() == right.len()
        && p.terms().iter().all(|(left, c)| {
            let counterpart = right.iter().position(|(other, d)| c == d && pairs(left, other));
            counterpart.map(|k| right.remove(k)).is_some()
        })
}
