//! The reader's form of derivatives: what a textbook would print.
//!
//! A partial derivative is brought into several forms: as it was derived, with like terms collected and one sign; over a
//! common denominator, multiplied out and with its common factors found, where squares of sines may become cosines; and as the
//! simplifier for machines left it. Each is written as people write, and the shortest one is taken that is as near to the truth
//! as the derived one (`check.rs`). What the algebra does not know (reductions over axes, reads, sizes) is an atom for it,
//! whose inside is brought into a form of its own.

mod algebra;
mod branches;
mod check;
mod exact;
mod fraction;
mod length;
mod polynomial;
mod powers;
mod sums;
#[cfg(test)]
mod tests;
mod translate;
mod variants;
mod write;

use std::cell::Cell;

use expr::{Builder, Function, Graph, Node, NodeId, Op, Rebuild, Style};

use algebra::{Algebra, Circular, Mode, Product};
pub use check::points_next_to;
use check::{Check, Verdict};
use length::Lengths;
use translate::{Request, Translation};
use write::Writer;

/// How a form came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Candidate {
    /// As it was derived, node for node.
    Derived,
    /// As it was derived, with like terms and factors collected.
    Collected,
    /// Over a common denominator, with common factors found.
    Common,
    /// The same, with squares of sines or cosines replaced.
    Circular,
    /// As the simplifier for machines left it, with like terms and factors collected.
    Simplified,
}

/// Some outputs of a function in the reader's form.
#[derive(Clone, Debug)]
pub struct ReaderForm {
    /// Their formulas, in order.
    pub function: Function,
    /// How each came about.
    pub candidates: Vec<Candidate>,
}

/// Functions of more nodes than this are left as they are.
const MOST_NODES: usize = 200_000;
/// Partials that need more nodes than this are not brought to a common denominator.
const MOST_COMMON: usize = 1_000;
/// How many terms are made for all partials collected, at least and for each node of the function; and for one partial over a common
/// denominator.
const COLLECTED_WORK: u64 = 200_000;
const COLLECTED_PER_NODE: u64 = 100;
const COMMON_WORK: u64 = 400_000;
/// How many factors are written for all forms of all partials: so many, and so many more for each node of the function.
const MOST_WRITTEN: u64 = 100_000;
const WRITTEN_PER_NODE: u64 = 20;
/// More partials than this are collected, but not brought to a common denominator.
const MOST_PARTIALS: usize = 120;

/// The reader's form of the outputs at these places. The other outputs are what the user wrote: sums in the order in which they
/// stand there, `hypot` and powers of e stay.
pub fn form(f: &Function, partials: std::ops::Range<usize>) -> ReaderForm {
    form_of(f, partials, None)
}

/// The same, where `simplified` is the function as the simplifier left it: one more candidate for each partial.
pub fn form_of(f: &Function, partials: std::ops::Range<usize>, simplified: Option<&Function>) -> ReaderForm {
    let with_arrays = (f.graph().len() <= MOST_NODES).then(|| with_arrays_written(f)).flatten();
    let f = with_arrays.as_ref().unwrap_or(f);
    let roots = f.outputs()[partials.clone()].to_vec();
    let count = roots.len();
    let as_derived = |f: &Function| ReaderForm {
        function: f.with_outputs(roots.clone()),
        candidates: vec![Candidate::Derived; count],
    };
    if f.graph().len() > MOST_NODES {
        return as_derived(f);
    }
    let user: Vec<NodeId> =
        (0..f.outputs().len()).filter(|k| !partials.contains(k)).map(|k| f.outputs()[k]).collect();
    let work = Work { user, ..Work::over(f) };
    let collected = work.collected(f.graph(), &roots);
    let from_simplified = simplified.and_then(|other| {
        let roots = work.imported(other, &other.outputs()[partials.clone()])?;
        let graph = work.builder.graph().clone();
        Some(work.collected(&graph, &roots))
    });
    let mut chosen = Vec::with_capacity(count);
    let mut candidates = Vec::with_capacity(count);
    for (k, &root) in roots.iter().enumerate() {
        let mut all: Vec<(Candidate, NodeId)> = Vec::new();
        let mut add =
            |candidate: Candidate, nodes: &[NodeId]| all.extend(nodes.iter().map(|node| (candidate, *node)));
        add(Candidate::Collected, collected.get(k).map_or(&[], Vec::as_slice));
        if count <= MOST_PARTIALS {
            work.common(root).into_iter().for_each(|(candidate, node)| add(candidate, &[node]));
        }
        if let Some(all) = &from_simplified {
            add(Candidate::Simplified, &all[k]);
        }
        if all.is_empty() {
            all.push((Candidate::Derived, root));
        }
        let (candidate, node) = work.shortest(root, all);
        chosen.push(node);
        candidates.push(candidate);
    }
    ReaderForm { function: work.alone(&chosen), candidates }
}

/// The same function, the bodies of its arrays and iterations with like terms and factors collected: they are written once, whatever
/// reads them. Nothing where it has none.
fn with_arrays_written(f: &Function) -> Option<Function> {
    let graph = f.graph();
    if !graph.nodes().iter().any(|node| matches!(node, Node::Array(..) | Node::Iterate(_))) {
        return None;
    }
    let work = Work::over(f);
    let collected = |made: &Rebuild<'_, '_>, children: &[NodeId]| -> Vec<NodeId> {
        let roots = made.ids(children);
        let graph = work.builder.graph().clone();
        let all = work.collected(&graph, &roots);
        let mut lengths = Lengths::default();
        let own = work.builder.graph();
        let mut shortest = |(k, root): (usize, &NodeId)| {
            let ways = all.get(k).map_or(&[][..], Vec::as_slice);
            ways.iter().copied().min_by_key(|node| lengths.of(&own, *node)).unwrap_or(*root)
        };
        roots.iter().enumerate().map(&mut shortest).collect()
    };
    let mut made = Rebuild::new(graph, &work.builder);
    made.run(graph.ids(), |made, id| {
        let handles =
            |ids: Vec<NodeId>| ids.into_iter().map(|id| work.builder.handle(id)).collect::<Vec<_>>();
        match graph.node(id) {
            Node::Array(range, [body]) => {
                let body = collected(made, &[body])[0];
                Some(work.builder.array(graph.range(range).clone(), work.builder.handle(body)))
            }
            Node::Iterate(iteration) => {
                let states = graph.state_count(iteration);
                let all = handles(collected(made, graph.children(id)));
                let (inits, rest) = all.split_at(states);
                let (nexts, eaches) = rest.split_at(states);
                let (range, falling) =
                    (graph.iteration_range(iteration).clone(), graph.is_falling(iteration));
                let results = work.builder.scan(range, falling, inits, nexts, eaches);
                work.builder.parent_of(*results.first()?)
            }
            _ => None,
        }
    });
    let outputs = made.ids(f.outputs());
    drop(made);
    Some(f.with_same_bindings(work.builder.finish(outputs)))
}

/// Every output with like terms and factors collected, without a look at any point: for the rules of a step by step derivation.
pub(crate) fn collected(f: &Function) -> Function {
    let work = Work::over(f);
    let found = work.collected(f.graph(), f.outputs());
    let graph = work.builder.graph().clone();
    let mut lengths = Lengths::default();
    let shortest = |(k, root): (usize, &NodeId)| {
        let all = found.get(k).map_or(&[][..], Vec::as_slice);
        all.iter().copied().min_by_key(|node| lengths.of(&graph, *node)).unwrap_or(*root)
    };
    let outputs: Vec<NodeId> = f.outputs().iter().enumerate().map(shortest).collect();
    work.alone(&outputs)
}

/// How long an output is: its operators, functions, numbers and names, with everything that is shared written out.
pub fn length(f: &Function, output: usize) -> u64 {
    Lengths::default().of(f.graph(), f.outputs()[output])
}

/// The points at which the forms of an output of a flat function are held against that output.
pub fn sampled_points(f: &Function, output: usize) -> Vec<Vec<f64>> {
    let work = Work::over(f);
    Check::new(&work.alone(&f.outputs()[output..=output]), None).points()
}

/// A graph to which forms are added.
struct Work<'f> {
    builder: Builder,
    f: &'f Function,
    user: Vec<NodeId>,
    /// How many factors may still be written.
    left: Cell<u64>,
}

impl<'f> Work<'f> {
    fn over(f: &'f Function) -> Work<'f> {
        let builder = Builder::resume(f.graph().clone(), Style::Written);
        let left = Cell::new(MOST_WRITTEN + WRITTEN_PER_NODE * f.graph().len() as u64);
        Work { builder, f, user: Vec::new(), left }
    }
    /// A function of these outputs alone.
    fn alone(&self, outputs: &[NodeId]) -> Function {
        if self.f.is_flat() {
            let builder = Builder::new(Style::Written);
            builder.copy_blocks(self.f.graph());
            let outputs = copied(&self.builder.graph(), outputs, &builder);
            return builder.finish(outputs);
        }
        self.f.with_same_bindings(
            Builder::resume(self.builder.graph().clone(), Style::Written).finish(outputs.to_vec()),
        )
    }

    /// Roots with like terms and factors collected.
    fn collected(&self, graph: &Graph, roots: &[NodeId]) -> Vec<Vec<NodeId>> {
        let request = Request::new(graph, roots, &self.user);
        let work = COLLECTED_WORK + COLLECTED_PER_NODE * self.f.graph().len() as u64;
        let mut algebra = Algebra::new(Mode::default(), request.has_decimals(), work);
        let Some(forms) = translated(&request, &mut algebra, false, roots) else { return Vec::new() };
        forms.iter().map(|form| self.written(&mut algebra, form)).collect()
    }

    /// One root over a common denominator, in every way that may be shorter.
    fn common(&self, root: NodeId) -> Vec<(Candidate, NodeId)> {
        let roots = [root];
        let request = Request::new(self.f.graph(), &roots, &self.user);
        let graph = self.f.graph();
        let needed = graph.reached_from(&roots);
        let ids = || graph.ids().filter(|id| needed[id.index()]);
        if ids().count() > MOST_COMMON {
            return Vec::new();
        }
        let circular = ids().any(|id| graph.node(id).op().is_some_and(translate::is_circular));
        let modes: &[Circular] = match circular {
            true => &[Circular::Kept, Circular::Cosines, Circular::Sines],
            false => &[Circular::Kept],
        };
        let mut found = Vec::new();
        for &circular in modes {
            let mode = Mode { common: true, circular };
            let mut algebra = Algebra::new(mode, request.has_decimals(), COMMON_WORK);
            let Some(forms) = translated(&request, &mut algebra, true, &roots) else { continue };
            let candidate = if circular == Circular::Kept { Candidate::Common } else { Candidate::Circular };
            let form = algebra.cancelled(&forms[0]).unwrap_or_else(|_| forms[0].clone());
            found.extend(self.written(&mut algebra, &form).into_iter().map(|node| (candidate, node)));
        }
        found
    }

    /// All ways to write a form.
    fn written(&self, algebra: &mut Algebra, form: &Product) -> Vec<NodeId> {
        let mut found = Vec::new();
        for terms in algebra.variants(form, &self.builder, &self.left) {
            for apart in [false, true] {
                let node = Writer::new(algebra, &self.builder, apart, &self.left).write(&terms);
                found.extend(node.ok().filter(|node| !found.contains(node)));
            }
        }
        found
    }

    /// The nodes of another function of the same inputs, added to the graph.
    fn imported(&self, other: &Function, roots: &[NodeId]) -> Option<Vec<NodeId>> {
        if !other.is_flat() || !self.f.is_flat() {
            return None;
        }
        Some(copied(other.graph(), roots, &self.builder))
    }

    /// The first of the shortest that is as good as the derived form at points.
    fn shortest(&self, root: NodeId, mut all: Vec<(Candidate, NodeId)>) -> (Candidate, NodeId) {
        let fallback = all[0];
        {
            let graph = self.builder.graph();
            let mut lengths = Lengths::default();
            // Of equally long ones that with fewer fractions.
            all.sort_by_key(|(_, node)| (lengths.of(&graph, *node), quotients(&graph, *node)));
        }
        let mut seen = Vec::new();
        all.retain(|(_, node)| {
            !seen.contains(node) && {
                seen.push(*node);
                true
            }
        });
        let flat = |node: NodeId| flattened(&self.alone(&[node]));
        let Some(derived) = flat(root) else { return fallback };
        // A form that reads less, since a branch is decided in it, has no value at the points of the other.
        let names = derived.input_names();
        let flat = |node: NodeId| flat(node).filter(|form| form.input_names() == names);
        let collected = flat(fallback.1);
        let check = Check::new(&derived, collected.as_ref());
        for (candidate, node) in all {
            if node == root {
                return (candidate, node);
            }
            match flat(node).map(|form| check.of(&form)) {
                Some(Verdict::AsGood) => return (candidate, node),
                Some(Verdict::Unknown) if candidate == Candidate::Collected => return (candidate, node),
                _ => {}
            }
        }
        (Candidate::Derived, root)
    }
}

/// How many different quotients a node is made of.
fn quotients(graph: &Graph, id: NodeId) -> usize {
    let needed = graph.reached_from(&[id]);
    graph.ids().filter(|id| needed[id.index()] && graph.node(*id).op() == Some(Op::Div)).count()
}

/// The forms of these roots. Twice where a root of a sum showed which sign the sum should have.
fn translated(
    request: &Request<'_>,
    algebra: &mut Algebra,
    strict: bool,
    roots: &[NodeId],
) -> Option<Vec<Product>> {
    let mut all = Translation::of(request, algebra, strict).ok()?;
    if !algebra.preferred.is_empty() {
        all = Translation::of(request, algebra, strict).ok()?;
    }
    Some(roots.iter().map(|root| all.form(*root).clone()).collect())
}

/// A function with all its sizes bound to small numbers, and unrolled.
fn flattened(f: &Function) -> Option<Function> {
    if f.is_flat() {
        return Some(f.clone());
    }
    let open: Vec<(&str, i64)> = { f.graph().sizes().iter() }
        .filter(|size| f.size(size).is_none())
        .map(|size| (size.as_str(), 3))
        .collect();
    f.with_sizes(&open).ok()?.unroll(100_000).ok()
}

/// The nodes that some roots need, copied into another graph that has the same inputs.
fn copied(graph: &Graph, roots: &[NodeId], builder: &Builder) -> Vec<NodeId> {
    let needed = graph.reached_from(roots);
    let mut made = Rebuild::new(graph, builder);
    made.run(graph.ids().filter(|id| needed[id.index()]), |_, _| None);
    made.ids(roots)
}
