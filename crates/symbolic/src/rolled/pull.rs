//! The backward pass over a graph with loops, in formulas.

use std::collections::{BTreeMap, BTreeSet};

use expr::graph::AxisRange;
use expr::index::{Index, Symbol};
use expr::{Activity, Axis, Calculus, Expr, Fold, Function, Node, NodeId, Op, PathConditions, fold};

use super::substitute::Images;
use super::{Axes, NotRolled, Roller, guarded, minus, plus};

/// A condition of a branch, and whether it must hold.
type Guard = (NodeId, bool);

/// More conditions than this around one node are not written out.
const MOST_GUARDS: usize = 32;

/// What is known of the function's own nodes.
pub(super) struct Known {
    /// Whether they depend on an input, or a state, smoothly.
    activity: Activity,
    /// The conditions under which anything needs them.
    guards: Vec<Vec<Guard>>,
}

impl Known {
    pub(super) fn of(f: &Function) -> Result<Known, NotRolled> {
        let graph = f.graph();
        if graph.has_arrays() {
            return Err(NotRolled::Arrays);
        }
        let activity = Activity::of(graph, |id| {
            matches!(graph.node(id), Node::Input(..) | Node::Read(..) | Node::State(..))
        });
        let paths = PathConditions::of(f);
        let demands = paths.demands(MOST_GUARDS).ok_or(NotRolled::TooDeep)?;
        Ok(Known { activity, guards: graph.ids().map(|id| demands[paths.at(id).index()].clone()).collect() })
    }

    /// Whether indices alone can decide that a node is not needed, so that what it reads may not be there.
    pub(super) fn may_be_absent(&self, f: &Function, id: NodeId) -> bool {
        let graph = f.graph();
        self.guards(id).iter().any(|(condition, _)| {
            let below = graph.reached_from(&[*condition]);
            { graph.ids().filter(|id| below[id.index()]) }.all(|id| {
                matches!(graph.node(id), Node::Const(_) | Node::Symbol(_)) || graph.node(id).op().is_some()
            })
        })
    }

    fn is_active(&self, id: NodeId) -> bool {
        self.activity.is_active(id)
    }

    pub(super) fn guards(&self, id: NodeId) -> &[Guard] {
        &self.guards[id.index()]
    }
}

/// Something that arrives at a node.
pub(super) struct Arrival<'g> {
    /// An input, a read, a state, or a node outside the loop that was gone through.
    pub(super) to: NodeId,
    /// The loops that it arrives in once for each of their rounds, innermost first.
    pub(super) ranges: Vec<AxisRange>,
    pub(super) amount: Expr<'g>,
}

/// An amount, and the conditions under which it counts.
struct Term<'g> {
    guards: Vec<Guard>,
    amount: Expr<'g>,
}

/// What is still to be passed on, within one loop or outside all.
struct Pass<'g> {
    pending: BTreeMap<NodeId, Vec<Term<'g>>>,
    /// What the results of iterations have received.
    results: BTreeMap<NodeId, BTreeMap<usize, Vec<Term<'g>>>>,
    arrivals: Vec<Arrival<'g>>,
}

impl<'g> Pass<'g> {
    fn receive(&mut self, id: NodeId, amount: Expr<'g>) {
        self.receive_under(id, Vec::new(), amount);
    }

    fn receive_under(&mut self, id: NodeId, guards: Vec<Guard>, amount: Expr<'g>) {
        self.pending.entry(id).or_default().push(Term { guards, amount });
    }
}

/// Terms that count under the same conditions added up, and the two branches of one condition put beside each other.
fn gathered<'g>(builder: &'g expr::Builder, terms: Vec<Term<'g>>) -> Vec<Term<'g>> {
    let mut sums: Vec<Term<'g>> = Vec::new();
    for term in terms {
        match sums.iter_mut().find(|sum| sum.guards == term.guards) {
            Some(sum) => sum.amount = sum.amount + term.amount,
            None => sums.push(term),
        }
    }
    let branches = |sums: &[Term<'g>]| {
        (0..sums.len()).find_map(|at| {
            let (&(condition, holds), before) = sums[at].guards.split_last()?;
            let other = [before, &[(condition, !holds)]].concat();
            let other = sums.iter().position(|sum| sum.guards == other)?;
            Some(if holds { (condition, at, other) } else { (condition, other, at) })
        })
    };
    match branches(&sums) {
        None => sums,
        Some((condition, taken, other)) => {
            let amount = builder.handle(condition).select(sums[taken].amount, sums[other].amount);
            let (at, last) = (taken.min(other), taken.max(other));
            sums.remove(last);
            sums[at].guards.pop();
            sums[at].amount = amount;
            gathered(builder, sums)
        }
    }
}

impl Roller {
    /// Passes on what nodes have received, within the body of the loop that binds `within`; says what arrives where it ends.
    pub(super) fn pull<'g>(
        &'g self,
        known: &Known,
        within: Option<Axis>,
        seeds: Vec<(NodeId, Expr<'g>)>,
    ) -> Result<Vec<Arrival<'g>>, NotRolled> {
        let mut pass = Pass { pending: BTreeMap::new(), results: BTreeMap::new(), arrivals: Vec::new() };
        seeds.into_iter().for_each(|(id, amount)| pass.receive(id, amount));
        while let Some((id, terms)) = pass.pending.pop_last() {
            let inside = within.is_none_or(|axis| self.free(id).contains(axis));
            if !known.is_active(id) {
                continue;
            }
            let node = self.node(id);
            if !inside || matches!(node, Node::Input(..) | Node::Read(..) | Node::State(..)) {
                let mut amount = self.total(terms);
                if matches!(node, Node::Input(..) | Node::Read(..) | Node::State(..)) {
                    amount = self.under(known.guards(id), amount);
                }
                pass.arrivals.push(Arrival { to: id, ranges: Vec::new(), amount });
                continue;
            }
            match node {
                Node::Project([all], k) => {
                    pass.pending.entry(all).or_default();
                    pass.results.entry(all).or_default().entry(k as usize).or_default().extend(terms);
                }
                Node::Reduce(kind, _, [body]) => {
                    let upstream = self.total(terms);
                    self.pull_fold(known, &mut pass, id, kind, body, upstream)?;
                }
                Node::Iterate(_) => self.pull_iteration(known, &mut pass, id)?,
                _ => self.pull_operator(known, &mut pass, id, self.total(terms)),
            }
            self.within_budget()?;
        }
        Ok(pass.arrivals)
    }

    /// All that has arrived.
    fn total<'g>(&'g self, terms: Vec<Term<'g>>) -> Expr<'g> {
        let sums = gathered(&self.builder, terms);
        { sums.iter().map(|term| self.under(&term.guards, term.amount)) }
            .reduce(|sum, term| sum + term)
            .expect("something has arrived")
    }

    /// An amount that counts only under these conditions, so that not even NaN comes from where they do not hold.
    fn under<'g>(&'g self, guards: &[Guard], amount: Expr<'g>) -> Expr<'g> {
        guards.iter().rev().fold(amount, |amount, &(condition, holds)| {
            guarded(self.builder.handle(condition), holds, amount)
        })
    }

    /// The conditions under which what a node hands to a child counts, beyond those under which the child is needed.
    fn beyond(known: &Known, from: NodeId, branch: Option<Guard>, child: NodeId) -> Vec<Guard> {
        let there = known.guards(child);
        { known.guards(from).iter().copied().chain(branch) }.filter(|guard| !there.contains(guard)).collect()
    }

    /// What a node hands to a child in the body that it binds.
    fn handed<'g>(&'g self, known: &Known, from: NodeId, child: NodeId, amount: Expr<'g>) -> Expr<'g> {
        self.under(&Roller::beyond(known, from, None, child), amount)
    }

    fn pull_operator<'g>(&'g self, known: &Known, pass: &mut Pass<'g>, id: NodeId, upstream: Expr<'g>) {
        let children = self.children(id);
        let handles: Vec<Expr<'g>> = children.iter().map(|&child| self.builder.handle(child)).collect();
        let mut hand = |k: usize, branch: Option<Guard>, amount: Expr<'g>| {
            if known.is_active(children[k]) {
                let guards = Roller::beyond(known, id, branch, children[k]);
                pass.receive_under(children[k], guards, amount);
            }
        };
        match self.node(id) {
            Node::Ternary(Op::Select, [condition, ..]) => {
                hand(1, Some((condition, true)), upstream);
                hand(2, Some((condition, false)), upstream);
            }
            Node::Fold(kind, _) => {
                fold::pull_back(kind, &handles, &upstream, |k, amount| hand(k, None, amount));
            }
            node => {
                let Some(op) = node.op() else { return };
                let wanted = (0..handles.len())
                    .filter(|&k| op.has_slope(k) && known.is_active(children[k]))
                    .fold(0, |wanted, k| wanted | 1 << k);
                let mut arguments = [upstream; 3];
                arguments[..handles.len()].copy_from_slice(&handles);
                op.pull_back(wanted, &arguments, &self.builder.handle(id), &upstream, &mut |k, amount| {
                    hand(k, None, amount);
                });
            }
        }
    }

    fn pull_fold<'g>(
        &'g self,
        known: &Known,
        pass: &mut Pass<'g>,
        id: NodeId,
        kind: Fold,
        body: NodeId,
        upstream: Expr<'g>,
    ) -> Result<(), NotRolled> {
        let range = self.range(id);
        let axis = range.axis;
        if (self.free(id) | self.free(upstream.id())).contains(axis) {
            return Err(NotRolled::Hidden);
        }
        let received = match kind {
            Fold::Sum => upstream,
            Fold::Product => {
                let others = self.fresh_axis(axis, false)?;
                let factor = self.substitute(
                    self.builder.handle(body),
                    &Images::index(axis, Symbol::Axis(others).into()),
                )?;
                let product = |low: Index, high: Index| {
                    self.builder.reduce(Fold::Product, AxisRange { axis: others, low, high }, factor)
                };
                let here = Index::from(Symbol::Axis(axis));
                let before = product(range.low.clone(), minus(&here, &1.into())?);
                let after = product(plus(&here, &1.into())?, range.high.clone());
                upstream * (before * after)
            }
        };
        let seeds = vec![(body, self.handed(known, id, body, received))];
        for arrival in self.pull(known, Some(axis), seeds)? {
            self.leave(pass, arrival, &range);
        }
        Ok(())
    }

    /// What has arrived in the body of a loop, as it is outside: a sum over the rounds, where it does not matter which.
    fn leave<'g>(&'g self, pass: &mut Pass<'g>, arrival: Arrival<'g>, range: &AxisRange) {
        let Arrival { to, mut ranges, amount } = arrival;
        let read = matches!(self.node(to), Node::Read(..));
        if !ranges.is_empty() || read && self.free(to).contains(range.axis) {
            ranges.push(range.clone());
            pass.arrivals.push(Arrival { to, ranges, amount });
        } else if read {
            // Its conditions are in the amount already.
            pass.arrivals.push(Arrival {
                to,
                ranges: Vec::new(),
                amount: self.builder.reduce(Fold::Sum, range.clone(), amount),
            });
        } else {
            pass.receive(to, self.builder.reduce(Fold::Sum, range.clone(), amount));
        }
    }

    /// With states s and the rounds t = low, …, high, s ← N(s, t): what the states have received is λ ← λ·∂N/∂s, from the
    /// last round to the first, and in each round λ·∂N/∂v arrives at everything else that it depends on.
    fn pull_iteration<'g>(&'g self, known: &Known, pass: &mut Pass<'g>, id: NodeId) -> Result<(), NotRolled> {
        let received: BTreeMap<usize, Expr<'g>> =
            { pass.results.remove(&id).unwrap_or_default().into_iter() }
                .map(|(k, terms)| (k, self.total(terms)))
                .collect();
        let range = self.range(id);
        let axis = range.axis;
        let upstream: Axes = received.values().fold(self.free(id), |axes, term| axes | self.free(term.id()));
        if upstream.contains(axis) {
            return Err(NotRolled::Hidden);
        }
        let children = self.children(id);
        let (inits, nexts) = children.split_at(children.len() / 2);
        let reached = self.reached(&received, axis, nexts);
        // Round by round backwards: the axis `back`, whose states are what the states have received.
        let back = self.fresh_axis(axis, true)?;
        let seeds = { reached.iter() }.map(|&k| {
            let received = self.builder.state(back, k);
            (nexts[k], self.handed(known, id, nexts[k], received))
        });
        let seeds = seeds.collect();
        let zero = self.integer(0);
        let mut to_states = vec![zero; nexts.len()];
        let mut others = Vec::new();
        for arrival in self.pull(known, Some(axis), seeds)? {
            match self.node(arrival.to) {
                Node::State(of, k) if of == axis => to_states[k as usize] = arrival.amount,
                _ => others.push(arrival),
            }
        }
        // The states that a round begins with: those of all rounds before it.
        let again = self.fresh_axis(axis, true)?;
        let images = Images::index(axis, Symbol::Axis(again).into())
            .with_states(axis, (0..nexts.len()).map(|k| self.builder.state(again, k)).collect());
        let handle = |id: &NodeId| self.builder.handle(*id);
        let starts: Vec<Expr<'g>> = inits.iter().map(handle).collect();
        let steps = { nexts.iter() }
            .map(|next| self.substitute(handle(next), &images))
            .collect::<Result<Vec<_>, _>>()?;
        let before = |round: &Index| -> Result<Vec<Expr<'g>>, NotRolled> {
            let range = AxisRange { axis: again, low: range.low.clone(), high: minus(round, &1.into())? };
            Ok(self.builder.iterate(range, &starts, &steps))
        };
        // In the step `back` of the way the round is high + 1 - back.
        let round = minus(&plus(&range.high, &1.into())?, &Symbol::Axis(back).into())?;
        let images = Images::index(axis, round.clone()).with_states(axis, before(&round)?);
        let back_steps = { to_states.iter() }
            .map(|&amount| self.substitute(amount, &images))
            .collect::<Result<Vec<_>, _>>()?;
        let ends: Vec<Expr<'g>> =
            (0..nexts.len()).map(|k| received.get(&k).copied().unwrap_or(zero)).collect();
        let after = |round: &Index| -> Result<Vec<Expr<'g>>, NotRolled> {
            let range = AxisRange { axis: back, low: 1.into(), high: minus(&range.high, round)? };
            Ok(self.builder.iterate(range, &ends, &back_steps))
        };
        let here = Index::from(Symbol::Axis(axis));
        if !others.is_empty() {
            let mut images = Images::default().with_states(axis, before(&here)?);
            images = images.with_states(back, after(&here)?);
            for arrival in others {
                let amount = self.substitute(arrival.amount, &images)?;
                self.leave(pass, Arrival { amount, ..arrival }, &range);
            }
        }
        let starts_receive = after(&minus(&range.low, &1.into())?)?;
        for (k, &init) in inits.iter().enumerate() {
            // What an empty iteration has received its start receives.
            if (received.contains_key(&k) || reached.contains(&k)) && known.is_active(init) {
                pass.receive(init, self.handed(known, id, init, starts_receive[k]));
            }
        }
        Ok(())
    }

    /// The states whose results have received something, and those that these depend on.
    fn reached<'g>(
        &'g self,
        received: &BTreeMap<usize, Expr<'g>>,
        axis: Axis,
        nexts: &[NodeId],
    ) -> BTreeSet<usize> {
        let mut reached: BTreeSet<usize> = received.keys().copied().collect();
        let mut todo: Vec<usize> = reached.iter().copied().collect();
        while let Some(k) = todo.pop() {
            let graph = self.builder.graph();
            let below = graph.reached_from(&[nexts[k]]);
            for id in graph.ids().filter(|id| below[id.index()]) {
                if let Node::State(of, state) = graph.node(id)
                    && of == axis
                    && reached.insert(state as usize)
                {
                    todo.push(state as usize);
                }
            }
        }
        reached
    }
}
