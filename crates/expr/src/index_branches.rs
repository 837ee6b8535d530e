//! Branches that indices alone decide: `if(i > 1, x[i-1], 0)`. The branch that is not taken is not there, so that it may read
//! beyond an end.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::graph::{Graph, Role};
use crate::index::{Index, Symbol};
use crate::node::{Node, NodeId};
use crate::path_conditions::Clause;
use crate::scope::Axes;
use crate::{Axis, Function, IndexBounds, Op, PathConditions, Predicate};

/// What integers remain integers by, or are compared by.
const KEEPS_INTEGERS: [Op; 10] =
    [Op::Neg, Op::Add, Op::Sub, Op::Mul, Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Eq, Op::Ne];

/// A condition made of more nodes than this is not decided where it stands.
const MAX_DECIDED: usize = 64;

/// Whether a condition holds that is made of integers alone; nothing where it is not.
pub(crate) fn decided(graph: &Graph, condition: NodeId) -> Option<bool> {
    let mut cone = BTreeSet::from([condition]);
    let mut todo = vec![condition];
    while let Some(id) = todo.pop() {
        match graph.node(id) {
            Node::Const(constant) => {
                graph.constant(constant).as_integer()?;
            }
            node if node.op().is_some_and(|op| KEEPS_INTEGERS.contains(&op)) => {
                todo.extend(node.operands().iter().filter(|&&child| cone.insert(child)));
                if cone.len() > MAX_DECIDED {
                    return None;
                }
            }
            _ => return None,
        }
    }
    let cone: Vec<NodeId> = cone.into_iter().collect();
    let (no_index, no_datum) = (|_| unreachable!("there are no indices"), |_| unreachable!("nor data"));
    Some(value(graph, &cone, no_index, no_datum) != 0.0)
}

/// The value of the last of these nodes, each of which is made of those before it.
fn value(graph: &Graph, cone: &[NodeId], of: impl Fn(Symbol) -> i64, datum: impl Fn(NodeId) -> f64) -> f64 {
    let mut numbers: Vec<f64> = Vec::with_capacity(cone.len());
    for &id in cone {
        let child = |child: &NodeId| numbers[cone.binary_search(child).expect("a cone is closed")];
        numbers.push(match graph.node(id) {
            Node::Const(constant) => graph.constant(constant).to_f64(),
            Node::Symbol(symbol) => of(symbol) as f64,
            Node::Read(..) | Node::Input(..) => datum(id),
            _ => graph.value(id, (), |id| child(&id)),
        });
    }
    numbers.last().copied().unwrap_or(0.0)
}

/// Of nodes needed under more clauses than this no more is known than that they are.
const MOST_CLAUSES: usize = 16;

/// The conditions of a graph that are made of index variables, sizes, data and constants; of constants alone where these are integers.
#[derive(Default)]
pub(crate) struct IndexBranches {
    /// Per condition of a `select`, the nodes that it is made of, in evaluation order.
    cones: FxHashMap<NodeId, Vec<NodeId>>,
    /// Per read or loop that only branches of these need, the clauses of which one holds where it is needed.
    needed: FxHashMap<NodeId, Vec<Clause>>,
}

/// Which nodes are made of index variables, sizes, data and constants; of constants alone where these are integers.
#[derive(Default)]
pub(crate) struct OfIndices {
    decided: Vec<bool>,
    symbols: Vec<bool>,
    /// Constants alone are indices where they are integers, as of `t(k) = if(k > 1, x[k-1], 0); t(1)`, and nothing else is:
    /// `if(1/3 == 0, a, b)` stays as it is written.
    integers: Vec<bool>,
}

impl OfIndices {
    /// Takes in the nodes that are new.
    pub(crate) fn extend(&mut self, graph: &Graph) {
        for id in graph.ids_from(self.decided.len()) {
            let node = graph.node(id);
            let (decided, symbols, integers) = (&self.decided, &self.symbols, &self.integers);
            let computed = node.op().is_some() || matches!(node, Node::Fold(..));
            let all = |of: &[bool]| computed && graph.children(id).iter().all(|child| of[child.index()]);
            let now_known = match node {
                Node::Read(block, _) | Node::Input(block, _) => graph.block(block).role == Role::Data,
                node => matches!(node, Node::Symbol(_)),
            };
            let now_decided = now_known || matches!(node, Node::Const(_)) || all(decided);
            let now_integers = match node {
                Node::Symbol(_) => true,
                Node::Const(constant) => graph.constant(constant).as_integer().is_some(),
                node => node.op().is_some_and(|op| KEEPS_INTEGERS.contains(&op)) && all(integers),
            };
            let now_symbols =
                now_known || now_decided && graph.children(id).iter().any(|child| symbols[child.index()]);
            self.decided.push(now_decided);
            self.symbols.push(now_symbols);
            self.integers.push(now_integers);
        }
    }

    /// Whether a node is.
    pub(crate) fn holds(&self, id: NodeId) -> bool {
        self.decided[id.index()] && (self.integers[id.index()] || self.symbols[id.index()])
    }
}

/// The conditions under which parts of scatters count.
fn guards(graph: &Graph) -> Vec<NodeId> {
    let scatters = graph.ids().filter_map(|id| match graph.node(id) {
        Node::Scatter(scatter) => Some((graph.scatter(scatter), graph.children(id))),
        _ => None,
    });
    let mut found = Vec::new();
    for (scatter, children) in scatters {
        let mut children = children.iter();
        for part in &scatter.parts {
            children.next();
            found.extend(part.guarded.then(|| *children.next().expect("a guard")));
        }
    }
    found
}

/// Beyond this a number that is compared may not be the integer that it stands for.
const LARGEST: i64 = 1 << 40;

impl Graph {
    /// The values of an axis for which a condition holds, or, where it is not `wanted`, does not hold: from and to, where it compares
    /// two numbers that differ by this axis and what is known.
    pub fn bounds_under(
        &self,
        condition: NodeId,
        wanted: bool,
        bounds: &IndexBounds,
    ) -> Option<(Axis, i64, i64)> {
        let [holding, failing] = self.comparison(condition)?;
        let mut found: Option<(Axis, i64, i64)> = None;
        for room in if wanted { holding } else { failing } {
            let axis = room.axes().next()?;
            let (own, mut low, mut high) = found.unwrap_or((axis, i64::MIN, i64::MAX));
            let factor = room.factor(Symbol::Axis(axis))?;
            let rest = room.minus(&Index::from(Symbol::Axis(axis)).times(&factor.into())?)?;
            if own != axis || rest.axes().next().is_some() || !rest.data().is_empty() {
                return None;
            }
            let rest = bounds.interval(&rest, &[])?.0;
            match factor {
                _ if rest.checked_abs()? > LARGEST => return None,
                1 => low = low.max(-rest),
                -1 => high = high.min(rest),
                _ => return None,
            }
            found = Some((axis, low, high));
        }
        found
    }
}

impl Function {
    /// Per loop that only some branches need, the clauses of conditions on indices of which one holds where it is needed: elsewhere
    /// it is not run, and what it would read need not be there.
    pub fn conditional_loops(&self) -> FxHashMap<NodeId, Vec<Clause>> {
        let graph = self.graph();
        let branches = IndexBranches::of(self, &graph.free_axes());
        branches.needed.into_iter().filter(|(id, _)| graph.scope(*id).is_some()).collect()
    }
}

impl IndexBranches {
    /// Finds them, given the axes that every node is free in.
    pub(crate) fn of(f: &Function, free: &[Axes]) -> IndexBranches {
        let graph = f.graph();
        let select = |id: NodeId| match graph.node(id) {
            Node::Ternary(Op::Select, [condition, ..]) => Some(condition),
            _ => None,
        };
        let guards = guards(graph);
        if guards.is_empty() && !graph.ids().any(|id| select(id).is_some()) {
            return IndexBranches::default();
        }
        let mut of_indices = OfIndices::default();
        of_indices.extend(graph);
        let by_indices = |condition: &NodeId| of_indices.holds(*condition);
        let conditions = graph.ids().filter_map(select).filter(by_indices).chain(guards);
        let cone = |condition| {
            let reached = graph.reached_from(&[condition]);
            graph.ids().take(condition.index() + 1).filter(|id| reached[id.index()]).collect()
        };
        let cones: FxHashMap<NodeId, Vec<NodeId>> =
            conditions.map(|condition| (condition, cone(condition))).collect();
        if cones.is_empty() {
            return IndexBranches::default();
        }
        let paths = PathConditions::along(f, free, |_, _| true, |condition| cones.contains_key(&condition));
        let clauses = paths.clauses(MOST_CLAUSES);
        let is_needed = |id: NodeId| {
            use Node::{Array, Element, Iterate, Read, Reduce, Scatter};
            let reads = matches!(
                graph.node(id),
                Read(..) | Reduce(..) | Iterate(_) | Array(..) | Element(..) | Scatter(_)
            );
            (reads && paths.at(id) != Predicate::ALWAYS).then(|| (id, clauses[paths.at(id).index()].clone()))
        };
        let needed = graph.ids().filter_map(is_needed).collect();
        IndexBranches { cones, needed }
    }

    /// The clauses of which one holds where a read or a loop is needed; nothing where it always is.
    pub(crate) fn clauses_of(&self, id: NodeId) -> Option<&Vec<Clause>> {
        self.needed.get(&id)
    }

    /// Whether a node is a condition that indices decide.
    pub(crate) fn decides(&self, condition: NodeId) -> bool {
        self.cones.contains_key(&condition)
    }

    /// The conditions that say whether a read or a loop is needed.
    pub(crate) fn around(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        self.needed.get(&id).into_iter().flatten().flatten().map(|(condition, _)| *condition)
    }

    /// Whether a read or a loop may be needed, given which conditions hold; nothing where that is not known of one.
    pub(crate) fn needs(&self, id: NodeId, holds: impl Fn(NodeId) -> Option<bool>) -> bool {
        let possible = |clause: &Clause| {
            clause.iter().all(|&(condition, wanted)| holds(condition).is_none_or(|holds| holds == wanted))
        };
        self.needed.get(&id).is_none_or(|clauses| clauses.iter().any(possible))
    }

    /// Whether a condition holds, given the values of index variables and sizes, and of reads of data.
    pub(crate) fn holds(
        &self,
        graph: &Graph,
        condition: NodeId,
        value_of: impl Fn(Symbol) -> i64,
        datum: impl Fn(NodeId) -> f64,
    ) -> bool {
        value(graph, &self.cones[&condition], value_of, datum) != 0.0
    }
}
