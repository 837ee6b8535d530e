//! Cutting the walked graph into stages: what no round changes is computed before the loop that reads it.

use rustc_hash::{FxHashMap, FxHashSet};

use super::keep::{Keeper, Leaf, Loop, MOST_STATES, Space};
use super::{Feed, Kind, Stage, Stages};
use crate::block::row_major;
use crate::builder::{Builder, Expr};
use crate::evaluate::Evaluator;
use crate::function::Function;
use crate::graph::{Graph, Role};
use crate::index_branches::IndexBranches;
use crate::memory;
use crate::node::{BlockId, Node, NodeId};
use crate::rewrite::Style;
use crate::shapes::Shapes;
use crate::unroll_error::UnrollError;
use crate::{PathConditions, Predicate, Rebuild};

/// More loops than this are left to unrolling: a stage each would cost more than it saves.
const MOST_LOOPS: usize = 64;

impl Function {
    /// The same function as [stages](Stages), its loops of at least `fewest` rounds kept; nothing where there are none,
    /// or where unrolling serves better: many loops, rounds unlike each other, loops that only a branch reads.
    ///
    /// # Errors
    /// As [`Function::unroll`]; only what is not kept counts.
    pub fn stages(&self, fewest: u64, budget: u64) -> Result<Option<Stages>, UnrollError> {
        memory::within(budget, |budget| staged(self, fewest, budget))
    }
}

impl Function {
    /// Whether it has a loop that [`stages`](Self::stages) unrolls however many iterations it has: what some of them read others do
    /// not, or it is an iteration of many states, or it speaks of arrays.
    pub fn has_unrolled_loops(&self) -> bool {
        let graph = self.graph();
        let free = graph.free_axes();
        let branches = IndexBranches::of(self, &free);
        graph.has_arrays()
            || graph.ids().any(|id| match graph.node(id) {
                Node::Iterate(iteration) => graph.state_count(iteration) > MOST_STATES,
                _ => branches.around(id).any(|condition| !free[condition.index()].is_empty()),
            })
    }
}

fn staged(f: &Function, fewest: u64, budget: u64) -> Result<Option<Stages>, UnrollError> {
    if f.is_flat() || f.graph().has_arrays() {
        return Ok(None);
    }
    let builder = Builder::new(Style::Written);
    let mut keeper = Keeper::new(&builder, Shapes::declared(f)?, fewest);
    let slots = Evaluator::<Expr<'_>>::new(f, &builder, budget)?.run(&mut keeper)?;
    let outputs: Vec<NodeId> =
        f.outputs().iter().map(|output| slots[output.index()].expect("outputs have values").id()).collect();
    drop(slots);
    let Keeper { leaves, loops, shapes: Shapes { extents, .. }, .. } = keeper;
    let scalars = extents.iter().map(|shape| shape.iter().product::<usize>()).sum::<usize>();
    if loops.is_empty() || loops.len() > MOST_LOOPS || scalars >= u32::MAX as usize / 2 {
        return Ok(None);
    }
    let graph = builder.into_graph();
    Ok(Partition::new(&graph, &leaves, &loops, &extents, &outputs).stages(&outputs, extents.clone()))
}

/// Where each node of the walked graph is computed.
struct Partition<'a> {
    graph: &'a Graph,
    leaves: &'a [Leaf],
    loops: &'a [Loop],
    /// Per leaf, what it is to a stage.
    feeds: Vec<Feed>,
    /// Per node, the loop that it changes in.
    spaces: Vec<Option<Space>>,
    /// Per node, how many loops must be over before it can be computed.
    ranks: Vec<u32>,
    /// Per node, the scalar that it is, if stages hand it on.
    scalar_of_node: Vec<Option<u32>>,
    /// How many scalars are inputs.
    inputs: u32,
    scalars: u32,
}

impl<'a> Partition<'a> {
    fn new(
        graph: &'a Graph,
        leaves: &'a [Leaf],
        loops: &'a [Loop],
        shapes: &[Vec<usize>],
        outputs: &[NodeId],
    ) -> Self {
        let mut starts = Vec::with_capacity(shapes.len());
        let mut scalars = 0;
        for shape in shapes {
            starts.push(scalars);
            scalars += shape.iter().product::<usize>();
        }
        let inputs = scalars as u32;
        let mut scalars = inputs;
        let position = |block: &BlockId, indices: &[i64]| {
            (starts[block.index()] + row_major(&shapes[block.index()], indices)) as u32
        };
        let feeds = leaves.iter().map(|leaf| match leaf {
            Leaf::Element(block, indices) => Feed::Scalar(position(block, indices)),
            Leaf::Along(_, block, indices, steps) => {
                let stride = shapes[block.index()]
                    .iter()
                    .zip(steps)
                    .fold(0, |offset, (&extent, step)| offset * extent as i64 + step);
                Feed::Along { start: position(block, indices), step: stride }
            }
            Leaf::Counter(_) => Feed::Counter,
            Leaf::State(_, k) => Feed::State(*k),
            Leaf::Result(_) => {
                scalars += 1;
                Feed::Scalar(scalars - 1)
            }
        });
        let feeds: Vec<Feed> = feeds.collect();
        let mut partition = Partition {
            graph,
            leaves,
            loops,
            feeds,
            spaces: Vec::with_capacity(graph.len()),
            ranks: Vec::with_capacity(graph.len()),
            scalar_of_node: vec![None; graph.len()],
            inputs,
            scalars,
        };
        partition.place();
        partition.hand_on(outputs);
        partition
    }

    /// Space and rank of every node.
    fn place(&mut self) {
        let loop_of_leaf: FxHashMap<u32, &Loop> =
            self.loops.iter().flat_map(|l| l.results.iter().map(move |&leaf| (leaf, l))).collect();
        for id in self.graph.ids() {
            let (space, rank) = match self.graph.node(id) {
                Node::Input(_, leaf) => match &self.leaves[leaf as usize] {
                    Leaf::Element(..) => (None, 0),
                    Leaf::Along(space, ..) | Leaf::Counter(space) | Leaf::State(space, _) => {
                        (Some(*space), 0)
                    }
                    // Bodies were there before what their loop comes to.
                    Leaf::Result(leaf) => (None, 1 + self.rank(&loop_of_leaf[leaf].bodies)),
                },
                _ => {
                    let children = self.graph.children(id);
                    let space = children.iter().find_map(|child| self.spaces[child.index()]);
                    (space, self.rank(children))
                }
            };
            self.spaces.push(space);
            self.ranks.push(rank);
        }
    }

    fn rank(&self, nodes: &[NodeId]) -> u32 {
        nodes.iter().map(|node| self.ranks[node.index()]).max().unwrap_or(0)
    }

    /// Whether a node is an operation on constants, or one: every stage that needs it has its own.
    fn fixed(&self) -> Vec<bool> {
        let mut fixed: Vec<bool> = Vec::with_capacity(self.graph.len());
        for id in self.graph.ids() {
            let constant = match self.graph.node(id) {
                Node::Input(..) => false,
                _ => self.graph.children(id).iter().all(|child| fixed[child.index()]),
            };
            fixed.push(constant);
        }
        fixed
    }

    /// Gives a scalar to every node that is computed once and read in a loop or a later stage.
    fn hand_on(&mut self, outputs: &[NodeId]) {
        let fixed = self.fixed();
        let mut handed = vec![false; self.graph.len()];
        outputs.iter().for_each(|output| handed[output.index()] = true);
        for l in self.loops {
            let inits = if l.fold.is_some() { 0 } else { l.bodies.len() / 2 };
            for (k, body) in l.bodies.iter().enumerate() {
                // An init has a scalar whatever it is; a body that nothing changes is read like a number.
                handed[body.index()] |=
                    k < inits || self.spaces[body.index()].is_none() && !fixed[body.index()];
            }
        }
        for id in self.graph.ids() {
            for &child in self.graph.children(id) {
                let once = self.spaces[child.index()].is_none() && !fixed[child.index()];
                let elsewhere =
                    self.spaces[id.index()].is_some() || self.ranks[id.index()] > self.ranks[child.index()];
                handed[child.index()] |= once && elsewhere;
            }
        }
        for id in self.graph.ids().filter(|id| handed[id.index()]) {
            self.scalar_of_node[id.index()] = Some(match self.graph.node(id) {
                Node::Input(_, leaf) => match self.feeds[leaf as usize] {
                    Feed::Scalar(scalar) => scalar,
                    _ => unreachable!("what changes from round to round is not handed on"),
                },
                _ => {
                    self.scalars += 1;
                    self.scalars - 1
                }
            });
        }
    }

    /// All stages, unless one of them would have to be differentiated in part only.
    fn stages(self, outputs: &[NodeId], shapes: Vec<Vec<usize>>) -> Option<Stages> {
        let ranks: Vec<u32> = self.loops.iter().map(|l| self.rank(&l.bodies)).collect();
        let last = self.ranks.iter().copied().max().unwrap_or(0);
        let mut stages = Vec::new();
        for rank in 0..=last {
            let made = |id: &NodeId| {
                self.ranks[id.index()] == rank && !matches!(self.graph.node(*id), Node::Input(..))
            };
            let roots: Vec<NodeId> = self
                .graph
                .ids()
                .filter(|id| self.scalar_of_node[id.index()].is_some())
                .filter(made)
                .collect();
            if !roots.is_empty() {
                let results = roots.iter().filter_map(|root| self.scalar_of_node[root.index()]).collect();
                stages.push(self.stage(&roots, true, Kind::Once { results })?);
            }
            let here = |k: &usize| ranks[*k] == rank;
            let mut done = vec![false; self.loops.len()];
            for k in (0..self.loops.len()).filter(here) {
                if std::mem::replace(&mut done[k], true) {
                    continue;
                }
                let Loop { space, rounds, ref bodies, ref results, .. } = self.loops[k];
                let Space::Fold(_) = space else {
                    let (inits, nexts) = bodies.split_at(results.len());
                    let begin =
                        inits.iter().map(|init| self.scalar_of_node[init.index()].expect("handed on"));
                    let states = begin.zip(results.iter().map(|&leaf| self.result(leaf))).collect();
                    stages.push(self.stage(nexts, false, Kind::Scan { rounds, states })?);
                    continue;
                };
                // Folds over the same rounds share one.
                let (mut roots, mut folds) = (Vec::new(), Vec::new());
                for other in (k..self.loops.len()).filter(here).filter(|&j| self.loops[j].space == space) {
                    done[other] = true;
                    let Loop { fold, ref bodies, ref results, .. } = self.loops[other];
                    roots.push(bodies[0]);
                    folds.push((fold.expect("a fold"), self.result(results[0])));
                }
                stages.push(self.stage(&roots, false, Kind::Fold { rounds, results: folds })?);
            }
        }
        let outputs = outputs.iter().map(|output| self.scalar_of_node[output.index()].expect("handed on"));
        Some(Stages { shapes, scalars: self.scalars as usize, outputs: outputs.collect(), stages })
    }

    fn result(&self, leaf: u32) -> u32 {
        match self.feeds[leaf as usize] {
            Feed::Scalar(scalar) => scalar,
            _ => unreachable!("results of loops are scalars"),
        }
    }

    /// The flat function that has these nodes as outputs, and what is handed on to it as inputs. Roots are `made` here,
    /// or may be handed on themselves.
    fn stage(&self, roots: &[NodeId], made: bool, kind: Kind) -> Option<Stage> {
        let rooted: FxHashSet<NodeId> =
            if made { roots.iter().copied().collect() } else { Default::default() };
        let given = |id: NodeId| {
            matches!(self.graph.node(id), Node::Input(..))
                || self.scalar_of_node[id.index()].is_some() && !rooted.contains(&id)
        };
        let mut seen = FxHashSet::default();
        let mut todo = roots.to_vec();
        while let Some(id) = todo.pop() {
            if seen.insert(id) && !given(id) {
                todo.extend(self.graph.children(id));
            }
        }
        let mut nodes: Vec<NodeId> = seen.into_iter().collect();
        nodes.sort_unstable();
        let builder = Builder::new(Style::Written);
        let block = builder.block("v", 1, Role::Variable);
        let mut feeds = Vec::new();
        let mut copies = Rebuild::of_few(self.graph, &builder);
        copies.run(nodes, |_, id| {
            given(id).then(|| {
                feeds.push(match (self.scalar_of_node[id.index()], self.graph.node(id)) {
                    (Some(scalar), _) => Feed::Scalar(scalar),
                    (None, Node::Input(_, leaf)) => self.feeds[leaf as usize],
                    _ => unreachable!("only leaves are given otherwise"),
                });
                builder.element(block, feeds.len() as u32 - 1)
            })
        });
        let outputs = copies.ids(roots);
        drop(copies);
        builder.shape(block, vec![feeds.len()]);
        let body = builder.finish(outputs);
        self.whole(&body, &feeds).then_some(Stage { body, feeds, kind })
    }

    /// Whether everything that another stage or round has to differentiate counts at every point: what only a branch
    /// reads must not be differentiated elsewhere, and no stage knows of the branches of another.
    fn whole(&self, body: &Function, feeds: &[Feed]) -> bool {
        let paths = PathConditions::of(body);
        body.graph().ids().all(|id| match body.graph().node(id) {
            Node::Input(_, k) => match feeds[k as usize] {
                Feed::Scalar(scalar) if scalar >= self.inputs => paths.at(id) == Predicate::ALWAYS,
                Feed::State(_) => paths.at(id) == Predicate::ALWAYS,
                _ => true,
            },
            _ => true,
        })
    }
}
