//! Graphs that are too large for one e-graph: cut into windows, each saturated by itself, equal ones only once, and kept
//! only where the whole graph gets cheaper.
//!
//! What a window reads from outside is opaque to it, but what is known of its sign comes along. What is read from outside
//! a window is its output, and all outputs are extracted together.

use std::ops::Range;

use expr::{Builder, Expr, Function, Graph, Node, NodeId, Rebuild, Style};
use rustc_hash::FxHashMap;

use super::analysis::Signs;
use super::e_graph::{Budget, saturate};
use super::order::{Order, is_free};
use super::signs::signs;
use crate::cost::{cost, node_cost};
use crate::simplified::{StopReason, Windows};

/// One window: the nodes of a part of the order.
struct Window {
    range: Range<usize>,
    /// What it reads from outside, in the order in which it is met.
    frontier: Vec<NodeId>,
    /// What is read of it from outside.
    outputs: Vec<NodeId>,
    /// Which of the distinct windows it is.
    kind: usize,
}

/// A window as it looks from inside: the same for all windows that differ only in what they are made of.
struct Kind {
    /// An example.
    window: usize,
    /// How many windows are like this.
    count: usize,
}

/// How a sweep decides; other answers than the default are faults that tests plant.
pub(crate) struct FaultInjection {
    /// Whether a window of that cost is exchanged for one of this.
    pub(crate) accept: fn(u64, u64) -> bool,
    /// Whether what is known of the frontier distinguishes windows.
    pub(crate) facts_in_key: bool,
    /// Whether windows come out costlier than they went in.
    pub(crate) costlier: bool,
}

impl Default for FaultInjection {
    fn default() -> Self {
        FaultInjection { accept: |before, after| after < before, facts_in_key: true, costlier: false }
    }
}

impl std::ops::AddAssign for Windows {
    fn add_assign(&mut self, more: Windows) {
        self.formed += more.formed;
        self.tried += more.tried;
        self.cached += more.cached;
        self.accepted += more.accepted;
    }
}

/// What a sweep over all windows leaves.
pub(super) struct Swept {
    /// Nothing when no window was exchanged.
    pub(super) function: Option<Function>,
    pub(super) windows: Windows,
    pub(super) e_nodes: usize,
    pub(super) iterations: usize,
    /// Of the last e-graph.
    pub(super) stop: StopReason,
}

/// Saturates the windows of a flat function whose folds are lowered: at most `most` nodes each, and at most `untried`
/// different ones, those first that occur most often.
pub(super) fn sweep(
    f: &Function,
    most: usize,
    untried: usize,
    budget: &Budget,
    faults: &FaultInjection,
) -> Swept {
    let graph = f.graph();
    let order = Order::of(f);
    let known = signs(f, &order.always);
    let (windows, kinds) = windows(f, &order, most, &known, faults);
    let mut swept = Swept {
        function: None,
        windows: Windows { formed: windows.len(), ..Windows::default() },
        e_nodes: 0,
        iterations: 0,
        stop: StopReason::Saturated,
    };
    let mut chosen: Vec<usize> = (0..kinds.len()).collect();
    chosen.sort_by_key(|&kind| std::cmp::Reverse(kinds[kind].count));
    let mut better: Vec<Option<Function>> = kinds.iter().map(|_| None).collect();
    for &kind in chosen.iter().take(untried) {
        let window = &windows[kinds[kind].window];
        let small = as_function(f, &order, window);
        let inputs: Vec<Signs> = window.frontier.iter().map(|id| known[id.index()]).collect();
        let found = saturate(&small, &inputs, budget);
        swept.windows.tried += 1;
        swept.windows.cached += kinds[kind].count - 1;
        swept.e_nodes += found.e_nodes;
        swept.iterations += found.iterations;
        swept.stop = found.stop;
        if found.stop == StopReason::DefinedNowhere {
            return swept;
        }
        let before = order.nodes[window.range.clone()].iter().map(|&id| node_cost(graph, id)).sum();
        let function = found.function.map(|function| match faults.costlier {
            true => costlier(&function),
            false => function,
        });
        better[kind] = function.filter(|function| (faults.accept)(before, cost(function)));
        swept.windows.accepted += if better[kind].is_some() { kinds[kind].count } else { 0 };
    }
    if chosen.len() > untried {
        swept.stop = StopReason::Windows;
    } else if order.parted && swept.stop == StopReason::Saturated {
        swept.stop = StopReason::Branches;
    }
    if swept.windows.accepted > 0 {
        swept.function = Some(assemble(f, &order, &windows, &better));
    }
    swept
}

/// All windows, and which of them are alike.
fn windows(
    f: &Function,
    order: &Order,
    most: usize,
    known: &[Signs],
    faults: &FaultInjection,
) -> (Vec<Window>, Vec<Kind>) {
    let graph = f.graph();
    let ranges = order.windows(f, most);
    // The number of the window that a node is in, counted from 1; and which nodes are read from elsewhere.
    let mut number = vec![0u32; graph.len()];
    for (range, own) in ranges.iter().zip(1..) {
        order.nodes[range.clone()].iter().for_each(|id| number[id.index()] = own);
    }
    let mut read = vec![false; graph.len()];
    f.outputs().iter().for_each(|output| read[output.index()] = true);
    for id in graph.ids() {
        for child in graph.children(id) {
            read[child.index()] |= number[child.index()] != number[id.index()];
        }
    }
    let (mut windows, mut kinds): (Vec<Window>, Vec<Kind>) = (Vec::new(), Vec::new());
    let mut keys: FxHashMap<Box<[u32]>, usize> = FxHashMap::default();
    // Of a node in the present window its place there, of one of the frontier its place in that.
    let mut places: FxHashMap<NodeId, u32> = FxHashMap::default();
    for (range, own) in ranges.into_iter().zip(1..) {
        let nodes = &order.nodes[range.clone()];
        let mut frontier = Vec::new();
        let mut key: Vec<u32> = Vec::new();
        places.clear();
        for (place, &id) in (0u32..).zip(nodes) {
            let node = graph.node(id);
            key.push(node.op().expect("windows hold operators") as u32);
            for &child in node.operands() {
                let (tag, place) = match is_free(graph, child) {
                    true => (0, child.index() as u32),
                    false => {
                        let inside = number[child.index()] == own;
                        let next = frontier.len() as u32;
                        let place = *places.entry(child).or_insert_with(|| {
                            frontier.push(child);
                            next
                        });
                        (1 + u32::from(inside), place)
                    }
                };
                key.extend([tag, place]);
            }
            places.insert(id, place);
        }
        let outputs: Vec<NodeId> = nodes.iter().copied().filter(|id| read[id.index()]).collect();
        key.push(u32::MAX);
        key.extend(outputs.iter().map(|id| places[id]));
        if faults.facts_in_key {
            key.push(u32::MAX);
            key.extend(frontier.iter().map(|id| u32::from(known[id.index()])));
        }
        let kind = *keys.entry(key.into_boxed_slice()).or_insert_with(|| {
            kinds.push(Kind { window: windows.len(), count: 0 });
            kinds.len() - 1
        });
        kinds[kind].count += 1;
        windows.push(Window { range, frontier, outputs, kind });
    }
    (windows, kinds)
}

/// A window as a function of its frontier.
fn as_function(f: &Function, order: &Order, window: &Window) -> Function {
    let builder = Builder::new(Style::Written);
    let frontier = builder.inputs("w", window.frontier.len());
    let mut made = Rebuild::of_few(f.graph(), &builder);
    window.frontier.iter().zip(frontier).for_each(|(&id, input)| made.set(id, input));
    segment(f.graph(), &order.nodes[window.range.clone()], &mut made);
    let outputs = made.ids(&window.outputs);
    drop(made);
    builder.finish(outputs)
}

/// Nodes of a window, and what they have of every window: constants and quotients of integers, which cost nothing.
fn segment(graph: &Graph, nodes: &[NodeId], made: &mut Rebuild<'_, '_>) {
    for &id in nodes {
        for &child in graph.node(id).operands().iter().filter(|&&child| is_free(graph, child)) {
            made.run(graph.children(child).iter().copied(), |_, _| None);
            made.run([child], |_, _| None);
        }
        made.run([id], |_, _| None);
    }
}

/// The function with windows exchanged for better ones of their kind.
fn assemble(f: &Function, order: &Order, windows: &[Window], better: &[Option<Function>]) -> Function {
    let graph = f.graph();
    let builder = Builder::new(Style::Derived);
    builder.copy_blocks(graph);
    let mut made = Rebuild::new(graph, &builder);
    let mut in_window = vec![false; graph.len()];
    order.nodes.iter().for_each(|id| in_window[id.index()] = true);
    // Windows are segments of an order, so each can be built once what stands before it is; what is in none is
    // built when it is asked for.
    for window in windows {
        for &id in &window.frontier {
            outside(graph, &in_window, &mut made, id);
        }
        match &better[window.kind] {
            Some(function) => {
                let found = instantiate(function, &builder, &window.frontier, &made);
                window.outputs.iter().zip(found).for_each(|(&output, image)| made.set(output, image));
            }
            None => segment(graph, &order.nodes[window.range.clone()], &mut made),
        }
    }
    for &output in f.outputs() {
        outside(graph, &in_window, &mut made, output);
    }
    let outputs = made.ids(f.outputs());
    drop(made);
    builder.finish(outputs)
}

/// Builds a node that is in no window, and what it needs of such.
fn outside(graph: &Graph, in_window: &[bool], made: &mut Rebuild<'_, '_>, id: NodeId) {
    let mut todo = vec![(id, false)];
    while let Some((id, below)) = todo.pop() {
        if made.get(id).is_some() || in_window[id.index()] {
            continue;
        }
        if below {
            made.run([id], |_, _| None);
        } else {
            todo.push((id, true));
            todo.extend(graph.children(id).iter().map(|&child| (child, false)));
        }
    }
}

/// The outputs of a window's function over what stands for its frontier.
fn instantiate<'g>(
    function: &Function,
    builder: &'g Builder,
    frontier: &[NodeId],
    made: &Rebuild<'_, 'g>,
) -> Vec<Expr<'g>> {
    let graph = function.graph();
    let mut own = Rebuild::new(graph, builder);
    own.run(graph.ids(), |_, id| match graph.node(id) {
        Node::Input(_, offset) => Some(made.of(frontier[offset as usize])),
        _ => None,
    });
    function.outputs().iter().map(|&output| own.of(output)).collect()
}

/// The same outputs at a higher cost: the fault that a test plants.
fn costlier(function: &Function) -> Function {
    let builder = Builder::resume(function.graph().clone(), Style::Written);
    let outputs = {
        let third = builder.constant(1.0 / 3.0);
        let costly = |&output: &NodeId| (builder.handle(output) + third - third).id();
        function.outputs().iter().map(costly).collect()
    };
    builder.finish(outputs)
}
