//! Staging: a function whose large loops are kept, as a sequence of small flat functions.
//!
//! Unrolling makes a node of every round of every loop. Here a loop of many rounds is walked once: what its body reads
//! becomes an input that goes on from round to round, and the body a flat function that is run for all rounds, many at a
//! time. What no round changes is computed once, before the loop. So the size of a staged function, and the time to
//! stage it, do not depend on how many rounds its loops have.

use rustc_hash::FxHashMap;

use crate::builder::{Builder, Expr, Style};
use crate::evaluate::{Machine, Rounds, Walk, row_major};
use crate::function::{Function, UnrollError};
use crate::graph::{Graph, Role};
use crate::node::{BlockId, Node, NodeId};
use crate::{Fold, MaskId, Scalar, Taken, fold};

/// What one input of a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// A scalar, by its number.
    Scalar(u32),
    /// In round t, the scalar with number `start + step·t`.
    Along {
        /// In the first round.
        start: u32,
        /// From round to round.
        step: i64,
    },
    /// The index variable.
    Counter,
    /// A state of the iteration.
    State(u32),
}

/// What a stage does with its flat function.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Run it once; its outputs are these scalars.
    Once {
        /// The scalars, one per output.
        results: Vec<u32>,
    },
    /// Run it in every round; each output is a term of a fold.
    Fold {
        /// The rounds.
        rounds: Rounds,
        /// Per output, how its terms are joined, and the scalar that this is.
        results: Vec<(Fold, u32)>,
    },
    /// Run it round after round; its outputs are the states of the next round.
    Scan {
        /// The rounds.
        rounds: Rounds,
        /// Per state, the scalar that it begins as and the one that it ends as.
        states: Vec<(u32, u32)>,
    },
}

/// A step of a staged function.
#[derive(Clone, Debug)]
pub struct Stage {
    /// What is run: a flat function, its inputs in the order of `feeds`.
    pub body: Function,
    /// Where its inputs come from.
    pub feeds: Vec<Feed>,
    /// How often it is run, and what becomes of its outputs.
    pub kind: Kind,
}

/// A function as stages over numbered scalars: first its inputs, in the order that the unrolled function has, then what
/// stages leave for others.
#[derive(Clone, Debug)]
pub struct Stages {
    /// The shape of each block of inputs.
    pub shapes: Vec<Vec<usize>>,
    /// How many scalars there are.
    pub scalars: usize,
    /// To be run in this order.
    pub stages: Vec<Stage>,
    /// The outputs, by their scalars.
    pub outputs: Vec<u32>,
}

impl Stages {
    /// How many of the scalars are inputs.
    pub fn inputs(&self) -> usize {
        self.shapes.iter().map(|shape| shape.iter().product::<usize>()).sum()
    }
}

/// More loops than this are left to unrolling: a stage each would cost more than it saves.
const MOST_LOOPS: usize = 64;

/// An iteration of more states is left to unrolling: a staged one is differentiated by the slopes of every state by
/// every other.
const MOST_STATES: usize = 8;

/// What a leaf of the walked graph stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Leaf {
    /// An element of an input.
    Element(BlockId, Vec<i64>),
    /// An element that goes on from round to round.
    Along(Space, BlockId, Vec<i64>, Vec<i64>),
    Counter(Space),
    State(Space, u32),
    /// A result of a loop.
    Result(u32),
}

/// Where a value changes: in the rounds of one loop. Folds over the same rounds share theirs; iterations are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Space {
    Fold(Rounds),
    Scan(u32),
}

/// A loop that was kept, over nodes of the walked graph.
struct Loop {
    space: Space,
    rounds: Rounds,
    fold: Option<Fold>,
    /// The term; of an iteration the inits, then the nexts.
    bodies: Vec<NodeId>,
    /// The leaves that stand for its results.
    results: Vec<u32>,
}

/// Walks a function and keeps its loops.
struct Keeper<'g> {
    builder: &'g Builder,
    block: BlockId,
    /// The fewest rounds of a loop that is kept.
    fewest: u64,
    leaves: Vec<Leaf>,
    known: FxHashMap<Leaf, u32>,
    loops: Vec<Loop>,
    current: Option<(Space, Rounds)>,
    /// Of each block, along each index: the largest one used.
    shapes: Vec<Vec<usize>>,
    names: Vec<String>,
}

impl<'g> Keeper<'g> {
    fn leaf(&mut self, leaf: Leaf) -> Expr<'g> {
        let leaves = &mut self.leaves;
        let number = *self.known.entry(leaf).or_insert_with_key(|leaf| {
            leaves.push(leaf.clone());
            leaves.len() as u32 - 1
        });
        self.builder.element(self.block, number)
    }

    fn space(&self) -> Space {
        self.current.expect("in a loop that is kept").0
    }
}

impl<'g> Walk<Expr<'g>> for Keeper<'g> {
    fn read(
        &mut self,
        block: BlockId,
        indices: &[i64],
        steps: &[i64],
        node: NodeId,
    ) -> Result<Expr<'g>, UnrollError> {
        let rounds = self.current.map_or(1, |(_, rounds)| rounds.count);
        for (k, &first) in indices.iter().enumerate() {
            let step = steps.get(k).copied().unwrap_or(0);
            let last = step.checked_mul(rounds as i64 - 1).and_then(|way| way.checked_add(first));
            for index in [first, last.ok_or(UnrollError::Overflow { node })?] {
                let usable = usize::try_from(index).ok().filter(|k| (1..=u32::MAX as usize).contains(k));
                let usable = usable.ok_or_else(|| UnrollError::IndexOutOfRange {
                    input: self.names[block.index()].clone(),
                    index,
                    node,
                })?;
                let extent = &mut self.shapes[block.index()][k];
                *extent = usable.max(*extent);
            }
        }
        let leaf = match steps.iter().all(|&step| step == 0) {
            true => Leaf::Element(block, indices.to_vec()),
            false => Leaf::Along(self.space(), block, indices.to_vec(), steps.to_vec()),
        };
        Ok(self.leaf(leaf))
    }

    fn keeps(&self, rounds: u64, states: usize) -> bool {
        rounds >= self.fewest && rounds < u32::MAX.into() && states <= MOST_STATES
    }

    fn begin(&mut self, rounds: Rounds, states: Option<usize>) -> Vec<Expr<'g>> {
        let space = match states {
            Some(_) => Space::Scan(self.loops.len() as u32),
            None => Space::Fold(rounds),
        };
        self.current = Some((space, rounds));
        (0..states.unwrap_or(0) as u32).map(|k| self.leaf(Leaf::State(space, k))).collect()
    }

    fn counter(&mut self) -> Expr<'g> {
        self.leaf(Leaf::Counter(self.space()))
    }

    fn end(&mut self, fold: Option<Fold>, bodies: &[Expr<'g>]) -> Vec<Expr<'g>> {
        let (space, rounds) = self.current.take().expect("in a loop that is kept");
        let count = if fold.is_some() { 1 } else { bodies.len() / 2 };
        let first = self.leaves.len() as u32;
        let results: Vec<u32> = (first..first + count as u32).collect();
        let exprs = results.iter().map(|&leaf| self.leaf(Leaf::Result(leaf))).collect();
        let bodies = bodies.iter().map(|body| body.id()).collect();
        self.loops.push(Loop { space, rounds, fold, bodies, results });
        exprs
    }
}

/// See [`Function::stages`].
pub(crate) fn stages(f: &Function, fewest: u64, budget: u64) -> Result<Option<Stages>, UnrollError> {
    if f.is_flat() {
        return Ok(None);
    }
    let blocks = f.graph().blocks();
    let builder = Builder::new(Style::Written);
    let mut keeper = Keeper {
        builder: &builder,
        block: builder.block("leaf", 1, Role::Variable),
        fewest,
        leaves: Vec::new(),
        known: FxHashMap::default(),
        loops: Vec::new(),
        current: None,
        shapes: blocks.iter().map(|b| b.shape.clone().unwrap_or_else(|| vec![0; b.rank])).collect(),
        names: blocks.iter().map(|block| block.name.clone()).collect(),
    };
    let slots = Machine::<Expr<'_>>::new(f, &builder, budget)?.run(&mut keeper)?;
    let outputs: Vec<NodeId> =
        f.outputs().iter().map(|output| slots[output.index()].expect("outputs have values").id()).collect();
    drop(slots);
    let Keeper { leaves, loops, shapes, .. } = keeper;
    let scalars = shapes.iter().map(|shape| shape.iter().product::<usize>()).sum::<usize>();
    if loops.is_empty() || loops.len() > MOST_LOOPS || scalars >= u32::MAX as usize / 2 {
        return Ok(None);
    }
    let graph = builder.into_graph();
    Ok(Partition::new(&graph, &leaves, &loops, &shapes, &outputs).stages(&outputs, shapes.clone()))
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
        let rooted: rustc_hash::FxHashSet<NodeId> =
            if made { roots.iter().copied().collect() } else { Default::default() };
        let given = |id: NodeId| {
            matches!(self.graph.node(id), Node::Input(..))
                || self.scalar_of_node[id.index()].is_some() && !rooted.contains(&id)
        };
        let mut seen = rustc_hash::FxHashSet::default();
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
        let mut copies: FxHashMap<NodeId, Expr<'_>> = FxHashMap::default();
        for id in nodes {
            let arguments = || self.graph.children(id).iter().map(|child| copies[child]).collect::<Vec<_>>();
            let copy = if given(id) {
                feeds.push(match (self.scalar_of_node[id.index()], self.graph.node(id)) {
                    (Some(scalar), _) => Feed::Scalar(scalar),
                    (None, Node::Input(_, leaf)) => self.feeds[leaf as usize],
                    _ => unreachable!("only leaves are given otherwise"),
                });
                builder.element(block, feeds.len() as u32 - 1)
            } else {
                match self.graph.node(id) {
                    Node::Const(constant) => builder.lift(self.graph.constant(constant)),
                    Node::Fold(fold, _) => fold::whole(fold, &builder, &arguments()),
                    node => Expr::apply(node.op().expect("a flat graph"), &arguments()),
                }
            };
            copies.insert(id, copy);
        }
        let outputs: Vec<NodeId> = roots.iter().map(|root| copies[root].id()).collect();
        drop(copies);
        builder.shape(block, vec![feeds.len()]);
        let body = builder.finish(outputs);
        self.whole(&body, &feeds).then_some(Stage { body, feeds, kind })
    }

    /// Whether everything that another stage or round has to differentiate counts at every point: what only a branch
    /// reads must not be differentiated elsewhere, and no stage knows of the branches of another.
    fn whole(&self, body: &Function, feeds: &[Feed]) -> bool {
        let taken = Taken::mark(body);
        body.graph().ids().all(|id| match body.graph().node(id) {
            Node::Input(_, k) => match feeds[k as usize] {
                Feed::Scalar(scalar) if scalar >= self.inputs => taken.of(id) == MaskId::ALWAYS,
                Feed::State(_) => taken.of(id) == MaskId::ALWAYS,
                _ => true,
            },
            _ => true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staged(text: &str, n: i64) -> Option<Stages> {
        let f = crate::parse(text).unwrap();
        let f = if f.graph().sizes().is_empty() { f } else { f.with_sizes(&[("n", n)]).unwrap() };
        f.stages(9, 100_000).unwrap()
    }

    fn outline(text: &str) -> String {
        let Some(stages) = staged(text, 1000) else { return "unrolled".into() };
        let word = |stage: &Stage| match &stage.kind {
            Kind::Once { results } => format!("once {}", results.len()),
            Kind::Fold { rounds, results } => format!("{} folds of {}", results.len(), rounds.count),
            Kind::Scan { rounds, states } => format!("scan of {} with {}", rounds.count, states.len()),
        };
        stages.stages.iter().map(word).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn loops_are_kept_and_what_no_round_changes_is_computed_once() {
        assert_eq!(outline("sum(i, 1, n, x[i]^2)"), "1 folds of 1000");
        assert_eq!(outline("exp(sum(i, 1, n, exp(a)*x[i]))"), "once 1, 1 folds of 1000, once 1");
        // The mean first, then the squares; the other sum goes with either.
        assert_eq!(
            outline("sum(i, 1, n, (x[i] - sum(j, 1, n, x[j])/n)^2) + sum(i, 1, n, ln(x[i]))"),
            "2 folds of 1000, once 1, 1 folds of 1000, once 1"
        );
        assert_eq!(outline("iterate(k, 1, n, y, x, sin(y)*w[k])"), "scan of 1000 with 1");
        // A short loop around long ones.
        assert_eq!(outline("sum(j, 1, 3, sum(i, 1, n, A[j,i]*x[i])^2)"), "3 folds of 1000, once 1");
    }

    #[test]
    fn what_is_not_regular_is_unrolled() {
        assert_eq!(outline("sum(i, 1, 20, x[i^2])"), "unrolled");
        assert_eq!(outline("sum(i, 1, 8, sum(j, 1, i, x[j]))"), "unrolled");
        assert_eq!(outline("if(x[1] > 0, sum(i, 1, 20, ln(x[i])), 0)"), "unrolled");
    }

    #[test]
    fn the_size_of_stages_does_not_depend_on_the_rounds() {
        let size = |n| {
            let stages = staged("sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)", n).unwrap();
            assert_eq!(stages.inputs(), n as usize);
            stages.stages.iter().map(|stage| stage.body.graph().len()).sum::<usize>()
        };
        assert_eq!(size(100), size(1_000_000));
    }

    #[test]
    fn indices_are_checked_at_both_ends() {
        let f = crate::parse("sum(i, 1, 20, x[i - 1])").unwrap();
        assert!(matches!(f.stages(9, 1000), Err(UnrollError::IndexOutOfRange { index: 0, .. })));
        let f = crate::parse("sum(i, 1, 20, x[15 - i])").unwrap();
        assert!(matches!(f.stages(9, 1000), Err(UnrollError::IndexOutOfRange { index: -5, .. })));
    }
}
