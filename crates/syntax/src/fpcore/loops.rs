//! How often a loop goes round.

use expr::index::{Index, Symbol};
use expr::{Axis, Node, NodeId};
use expr::{Graph, Op};

/// More rounds than this are not counted.
const MOST_ROUNDS: u64 = 10_000_000;

/// Why a loop is no iteration.
pub(super) enum Uncounted {
    /// It counts up to this input, which could be a size.
    RunsTo(NodeId),
    /// Whether it goes on depends on what it computes from inputs.
    DependsOnInputs,
    /// Or from what another loop has computed.
    DependsOnLoop,
    /// Nothing changes by which it could end.
    Endless,
    /// It goes on for longer than anyone waits, or for ever.
    TooLong,
}

/// A loop as it stands in a graph: `condition`, `inits` and `nexts` in terms of the states of `axis`.
pub(super) struct Loop<'a> {
    pub(super) axis: Axis,
    pub(super) condition: NodeId,
    pub(super) inits: &'a [NodeId],
    pub(super) nexts: &'a [NodeId],
}

impl Loop<'_> {
    /// The number of rounds: counted by going round with numbers, of the few states that decide on it; or up to a size.
    pub(super) fn rounds(&self, graph: &Graph) -> Result<Index, Uncounted> {
        if let Some(rounds) = self.up_to_a_size(graph) {
            return rounds;
        }
        let (states, nodes) = self.slice(graph)?;
        let start = |&k: &usize| constant(graph, self.inits[k]);
        let mut current: Vec<f64> =
            states.iter().map(start).collect::<Option<_>>().ok_or(Uncounted::DependsOnInputs)?;
        let mut values = Values { graph, nodes: &nodes, found: vec![0.0; nodes.len()] };
        for round in 0..=MOST_ROUNDS {
            values.run(|node| match node {
                Node::State(_, k) => {
                    states.iter().position(|&state| state == k as usize).map(|at| current[at])
                }
                _ => None,
            });
            if values.of(self.condition) == 0.0 {
                return i64::try_from(round).map(Index::from).map_err(|_| Uncounted::TooLong);
            }
            let next: Vec<f64> = states.iter().map(|&k| values.of(self.nexts[k])).collect();
            if next == current {
                return Err(Uncounted::Endless);
            }
            current = next;
        }
        Err(Uncounted::TooLong)
    }

    /// `k < n` for a size n, or the index of a loop around this one, and a k that counts from an integer.
    fn up_to_a_size(&self, graph: &Graph) -> Option<Result<Index, Uncounted>> {
        let (state, limit, inclusive) = match graph.node(self.condition) {
            Node::Binary(Op::Lt, [k, n]) | Node::Binary(Op::Gt, [n, k]) => (k, n, 0),
            Node::Binary(Op::Le, [k, n]) | Node::Binary(Op::Ge, [n, k]) => (k, n, 1),
            _ => return None,
        };
        let Node::State(axis, k) = graph.node(state) else { return None };
        if axis != self.axis {
            return None;
        }
        let integer = |id: NodeId| match graph.node(id) {
            Node::Const(constant) => graph.constant(constant).as_integer(),
            _ => None,
        };
        let start = integer(self.inits[k as usize])?;
        let by_one = match graph.node(self.nexts[k as usize]) {
            Node::Binary(Op::Add, [a, b]) => {
                [(a, b), (b, a)].iter().any(|&(a, b)| a == state && integer(b) == Some(1))
            }
            _ => false,
        };
        let rounds = |symbol| Index::from(symbol).plus(&Index::from(inclusive - start));
        match graph.node(limit) {
            _ if !by_one => None,
            Node::Symbol(symbol) => rounds(symbol).map(Ok),
            Node::Input(..) => Some(Err(Uncounted::RunsTo(limit))),
            _ => None,
        }
    }

    /// The states on which it depends whether the loop goes on, and all nodes that compute them, in order; nothing when
    /// inputs or other loops are among these.
    fn slice(&self, graph: &Graph) -> Result<(Vec<usize>, Vec<NodeId>), Uncounted> {
        let mut states = Vec::new();
        let mut nodes = std::collections::BTreeSet::new();
        let mut open = vec![self.condition];
        while let Some(id) = open.pop() {
            if !nodes.insert(id) {
                continue;
            }
            match graph.node(id) {
                Node::State(axis, k) if axis == self.axis => {
                    states.push(k as usize);
                    open.push(self.nexts[k as usize]);
                }
                Node::Const(_) => {}
                node if node.op().is_some() => open.extend(graph.children(id)),
                Node::State(..) | Node::Project(..) | Node::Symbol(Symbol::Axis(_)) => {
                    return Err(Uncounted::DependsOnLoop);
                }
                _ => return Err(Uncounted::DependsOnInputs),
            }
        }
        Ok((states, nodes.into_iter().collect()))
    }
}

/// The value of a node that is made of numbers only.
fn constant(graph: &Graph, id: NodeId) -> Option<f64> {
    let mut nodes = std::collections::BTreeSet::new();
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        if nodes.insert(id) {
            match graph.node(id) {
                Node::Const(_) => {}
                node if node.op().is_some() => open.extend(graph.children(id)),
                _ => return None,
            }
        }
    }
    let nodes: Vec<NodeId> = nodes.into_iter().collect();
    let mut values = Values { graph, nodes: &nodes, found: vec![0.0; nodes.len()] };
    values.run(|_| None);
    Some(values.of(id))
}

/// The values of a few nodes of a graph, children before parents.
struct Values<'a> {
    graph: &'a Graph,
    nodes: &'a [NodeId],
    found: Vec<f64>,
}

impl Values<'_> {
    fn of(&self, id: NodeId) -> f64 {
        self.found[self.nodes.binary_search(&id).expect("a node of the slice")]
    }

    fn run(&mut self, given: impl Fn(Node<NodeId>) -> Option<f64>) {
        for (k, &id) in self.nodes.iter().enumerate() {
            let node = self.graph.node(id);
            self.found[k] = given(node).unwrap_or_else(|| match node {
                Node::Const(constant) => self.graph.constant(constant).to_f64(),
                node => {
                    let mut arguments = [0.0; 3];
                    let children = self.graph.children(id);
                    arguments.iter_mut().zip(children).for_each(|(slot, &child)| *slot = self.of(child));
                    node.op().expect("a slice has constants and operators").value(&arguments)
                }
            });
        }
    }
}
