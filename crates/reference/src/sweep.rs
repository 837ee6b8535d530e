//! One backward sweep over intervals, at one precision, and the singularities it finds on the way to every component.

use expr::reverse_sweep::{at_inputs, reverse_sweep};
use expr::{Analysis, Fact, Function, Node, NodeId, Op};

use crate::endpoint;
use crate::facts::{Certainty, has_no_value, holds};
use crate::interval::Interval;
use crate::reach::{Reach, is_inactive, reach_of_argument, taken};
use crate::status::{Component, KinkKind, Side};

/// One sweep at one precision.
pub(crate) struct Sweep<'a, 'w> {
    pub(crate) f: &'a Function,
    pub(crate) values: &'a [Interval<'w>],
    /// Which nodes depend on an input.
    pub(crate) depends: &'a [bool],
    /// Which do by slopes. Which branches are taken is seen from the intervals.
    pub(crate) analysis: &'a Analysis,
    pub(crate) bits: usize,
}

/// One output's answers at one precision.
pub(crate) struct Row {
    pub(crate) value: Option<f64>,
    pub(crate) components: Vec<Component>,
    /// Per component, the singularity on its way, if there is or may be one: what follows from it is for expansions.
    pub(crate) singular: Vec<Option<Singular>>,
    /// Whether more bits might decide more.
    pub(crate) open: bool,
}

/// A node with a singularity on the way to a component.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Singular {
    pub(crate) node: NodeId,
    /// Only conditions read it, or inactive sides of max, min, clamp and relu hide it: it can end the domain or make
    /// a jump, but no slope is lost there.
    pub(crate) hidden: bool,
}

/// The singularities on the way from the output to a node, the worst of each kind so far.
#[derive(Clone, Copy, Default)]
struct Trouble {
    undefined: Option<(Certainty, NodeId)>,
    kink: Option<(Certainty, NodeId, bool)>,
    hidden: Option<NodeId>,
}

impl Trouble {
    fn undefined(&mut self, certainty: Certainty, node: NodeId) {
        if self.undefined.is_none_or(|(before, _)| before < certainty) {
            self.undefined = Some((certainty, node));
        }
    }

    fn kink(&mut self, certainty: Certainty, node: NodeId, jump: bool) {
        if self.kink.is_none_or(|(before, ..)| before < certainty) {
            self.kink = Some((certainty, node, jump));
        }
    }

    fn inherit(&mut self, other: &Trouble) {
        if let Some((certainty, node)) = other.undefined {
            self.undefined(certainty, node);
        }
        if let Some((certainty, node, jump)) = other.kink {
            self.kink(certainty, node, jump);
        }
        self.hidden = self.hidden.or(other.hidden);
    }
}

/// More bits than these are not spent on whether a singularity is there: exact arithmetic decides that.
const MAX_BITS_FOR_SINGULARITIES: usize = 768;

impl<'w> Sweep<'_, 'w> {
    pub(crate) fn row(&self, output: NodeId, width: usize) -> Row {
        let graph = self.f.graph();
        let mut trouble = vec![Trouble::default(); graph.len()];
        let mut reach = vec![Reach::Nothing; graph.len()];
        // Whether a path of slopes leads here.
        let mut smooth = vec![false; graph.len()];
        let mut kinked = vec![false; graph.len()];
        let mut found = vec![Trouble::default(); width];
        let mut no_value: Option<(Certainty, NodeId)> = None;
        smooth[output.index()] = true;
        reach[output.index()] = Reach::Value;
        for id in graph.ids().rev() {
            let reached = reach[id.index()];
            if reached == Reach::Nothing {
                continue;
            }
            let inherited = trouble[id.index()];
            let (node, children) = (graph.node(id), graph.children(id));
            if let Node::Input(block, offset) = node {
                let k = self.f.position(block, offset);
                found[k] = inherited;
                continue;
            }
            let arguments: Vec<Interval<'w>> =
                children.iter().map(|child| self.values[child.index()].clone()).collect();
            // A constant without a value leaves the output without one, as much as anything that moves.
            let missing = missing(node, &arguments);
            if missing != Certainty::No && no_value.is_none_or(|(before, _)| before < missing) {
                no_value = Some((missing, id));
            }
            let own = node.op().map(|op| match reached {
                Reach::Value => self.own_trouble(op, children, &arguments, smooth[id.index()]),
                _ => self.hidden_trouble(op, children, &arguments),
            });
            let reach_of = |k: usize| reach_of_argument(node, k, &arguments).min(reached);
            for (k, child) in children.iter().enumerate() {
                let reaches = reach_of(k);
                if reaches == Reach::Nothing {
                    continue;
                }
                reach[child.index()] = reach[child.index()].max(reaches);
                // Slopes lost above do not concern what only a side is taken from.
                let mut below = match reaches == reached {
                    true => inherited,
                    false => Trouble { hidden: inherited.hidden, ..Trouble::default() },
                };
                if let Some(own) = &own {
                    own.pass(&mut below, k, id);
                }
                trouble[child.index()].inherit(&below);
                smooth[child.index()] |= smooth[id.index()]
                    && reaches == Reach::Value
                    && self.depends[child.index()]
                    && node.op().is_none_or(|op| op.has_slope(k));
            }
            kinked[id.index()] = own.is_some_and(|own| own.kinks.iter().any(Option::is_some));
        }
        let gradient = self.gradient(output, &reach, &kinked, width);
        self.answer(output, &gradient, &found, no_value)
    }

    /// The backward pass along what the output takes values from; at a possible kink, with all slopes around it.
    fn gradient(&self, output: NodeId, reach: &[Reach], kinked: &[bool], width: usize) -> Vec<Interval<'w>> {
        let world = self.values[output.index()].world;
        let seed = (output, Interval::integer(world, 1));
        let received =
            reverse_sweep(self.f, self.analysis, self.values, seed, |local, upstream, propagate| {
                let node = local.node();
                let mut take = |k: usize, downstream| {
                    let reaches = reach_of_argument(node, k, local.arguments).min(reach[local.id.index()]);
                    if reaches == Reach::Value {
                        propagate(k, downstream);
                    }
                };
                // Every slope to either side of a kink, or between.
                let slopes = match node.op().filter(|_| kinked[local.id.index()]) {
                    Some(Op::Abs | Op::Hypot) => Interval::between(world, -1, 1),
                    Some(Op::Relu | Op::Min | Op::Max | Op::Clamp | Op::Select) => {
                        Interval::between(world, 0, 1)
                    }
                    _ => return local.downstream(upstream, take),
                };
                let slope = upstream.clone() * slopes;
                let active = self.analysis.activity.arguments(local.id);
                (0..local.children.len())
                    .filter(|&k| active & 1 << k != 0)
                    .for_each(|k| take(k, slope.clone()));
            });
        let zero = || Interval::integer(world, 0);
        let row = at_inputs(self.f, received).into_iter().map(|received| received.unwrap_or_else(zero));
        row.take(width).collect()
    }

    /// What the operator's facts say of this node.
    fn own_trouble(&self, op: Op, children: &[NodeId], arguments: &[Interval<'w>], felt: bool) -> OwnTrouble {
        let same = |i: usize, j: usize| children[i] == children[j];
        let varies = |k: Option<usize>| k.is_some_and(|k| self.depends[children[k].index()]);
        let steps = (0..op.arity()).all(|k| !op.has_slope(k));
        let mut own = OwnTrouble::default();
        let power = op == Op::Pow;
        if power && !arguments[0].is_positive() && arguments[1].as_integer().is_none() {
            // 0 ends the domain of a power whose exponent is no integer.
            own.hidden = [varies(Some(0)).then_some(0), None];
        }
        let integer_power = power && !varies(Some(1)) && arguments[1].as_integer().is_some();
        let undefined = if integer_power { Op::Powi.undefined() } else { op.undefined() };
        for &fact in undefined {
            let certainty = holds(fact, arguments, same);
            let [i, j] =
                if fact.bounds_the_domain() { [Some(0), Some(op.arity() - 1)] } else { fact.arguments() };
            if certainty == Certainty::No || !(varies(i) || varies(j)) {
                continue;
            }
            // A vertical tangent is nothing to a step above it.
            if !felt && matches!(fact, Fact::Steep(_)) {
                continue;
            }
            if own.undefined.is_none_or(|(before, _)| before < certainty) {
                own.undefined = Some((certainty, [i, j]));
            }
        }
        // The cut of an angle and the step of a remainder are jumps of the value, whether slopes pass or not.
        let counts = |fact: &&Fact| felt || steps || fact.is_jump();
        for &fact in op.kinks().iter().filter(counts) {
            let certainty = holds(fact, arguments, same);
            let [i, j] = fact.arguments();
            if certainty == Certainty::No || !(varies(i) || varies(j)) {
                continue;
            }
            // A tie with a side that is inactive is none.
            let inactive = |k: Option<usize>| k.is_some_and(|k| is_inactive(op, k, arguments));
            if inactive(i) || inactive(j) {
                continue;
            }
            for k in [i, j].into_iter().flatten() {
                if own.kinks[k].is_none_or(|(before, _)| before < certainty) {
                    own.kinks[k] = Some((certainty, steps || fact.is_jump()));
                }
            }
        }
        // A condition that is not known chooses neither branch.
        if op == Op::Select
            && self.depends[children[0].index()]
            && !arguments[0].is_zero()
            && arguments[0].contains_zero()
        {
            own.kinks = [None, Some((Certainty::Maybe, false)), Some((Certainty::Maybe, false))];
        }
        own
    }

    /// What may end the domain or make a jump, of a node from which only a side is taken.
    fn hidden_trouble(&self, op: Op, children: &[NodeId], arguments: &[Interval<'w>]) -> OwnTrouble {
        let own = self.own_trouble(op, children, arguments, false);
        let jumps = |k: &usize| own.kinks[*k].is_some_and(|(_, jump)| jump || op == Op::Select);
        let mut jump = (0..op.arity()).filter(jumps);
        let jump = [jump.next(), jump.next()];
        OwnTrouble {
            hidden: own
                .undefined
                .map_or(if jump[0].is_some() { jump } else { own.hidden }, |(_, arguments)| arguments),
            ..OwnTrouble::default()
        }
    }

    fn answer(
        &self,
        output: NodeId,
        gradient: &[Interval<'w>],
        found: &[Trouble],
        no_value: Option<(Certainty, NodeId)>,
    ) -> Row {
        let value = &self.values[output.index()];
        let mut row =
            Row { value: value.decided(), components: Vec::new(), singular: Vec::new(), open: false };
        if let Some((Certainty::Yes, node)) = no_value {
            // Nothing to differentiate as it is written, with respect to any input.
            row.components = vec![Component::Undefined { node: Some(node) }; gradient.len()];
            row.singular = vec![Some(Singular { node, hidden: false }); gradient.len()];
            row.open = false;
            row.value = None;
            return row;
        }
        let (mut undecided, mut impatient) = (row.value.is_none(), no_value.is_some());
        for (gradient, found) in gradient.iter().zip(found) {
            let (low, high) = gradient.to_f64s();
            let hull = [low, high];
            let doubt = no_value.or(found.undefined);
            let component = match (found.undefined, found.kink) {
                (Some((Certainty::Yes, node)), _) => Component::Undefined { node: Some(node) },
                _ if doubt.is_some() => Component::Undecided { hull, node: doubt.map(|(_, node)| node) },
                (_, Some((Certainty::Yes, node, jump))) => Component::Kink {
                    kind: if jump { KinkKind::Jump } else { KinkKind::Corner },
                    hull: if jump { [f64::NEG_INFINITY, f64::INFINITY] } else { hull },
                    node,
                    filled: None,
                },
                (_, Some((_, node, _))) => Component::Undecided { hull, node: Some(node) },
                _ => match gradient.decided() {
                    Some(nearest) if nearest.is_infinite() => {
                        let (mantissa, exponent) = endpoint::to_decimal(&gradient.low);
                        Component::Overflow { mantissa, exponent }
                    }
                    Some(nearest) => {
                        let known = Interval::point(gradient.world, endpoint::from_f64(nearest));
                        let rest = gradient.plus(&known.negated());
                        let rest = endpoint::to_f64(&rest.low);
                        Component::Certified { gradient: nearest, rest, bits: self.bits, side: Side::Both }
                    }
                    None => Component::Undecided { hull, node: None },
                },
            };
            let visible = doubt.map(|(_, node)| node).or(found.kink.map(|(_, node, _)| node));
            let hidden = found.hidden.map(|node| Singular { node, hidden: true });
            let singular = visible.map(|node| Singular { node, hidden: false }).or(hidden);
            undecided |= matches!(component, Component::Undecided { .. });
            impatient |= visible.is_some();
            row.components.push(component);
            row.singular.push(singular);
        }
        row.open = undecided && !(impatient && self.bits >= MAX_BITS_FOR_SINGULARITIES);
        row
    }
}

/// What a node's own facts say: how certain, for which arguments.
#[derive(Default)]
struct OwnTrouble {
    undefined: Option<(Certainty, [Option<usize>; 2])>,
    /// Per argument, as several may meet (all three of a clamp); and whether it is a jump.
    kinks: [Option<(Certainty, bool)>; 3],
    /// Ends of the domain and jumps that lose no slope.
    hidden: [Option<usize>; 2],
}

impl OwnTrouble {
    /// Adds to `below` what concerns argument `k`.
    fn pass(&self, below: &mut Trouble, k: usize, node: NodeId) {
        if let Some((certainty, arguments)) = self.undefined
            && arguments.contains(&Some(k))
        {
            below.undefined(certainty, node);
        }
        if let Some((certainty, jump)) = self.kinks[k] {
            below.kink(certainty, node, jump);
        }
        if self.hidden.contains(&Some(k)) {
            below.hidden.get_or_insert(node);
        }
    }
}

/// Whether a node has no value of its own.
fn missing(node: Node<NodeId>, arguments: &[Interval<'_>]) -> Certainty {
    let facts = node.op().map_or(&[][..], |op| op.undefined());
    facts.iter().map(|&fact| has_no_value(fact, arguments)).max().unwrap_or(Certainty::No)
}

/// Whether a node and all that it is made of surely have values: 0·(1/0) is no number, though 0 times anything is 0.
pub(crate) fn has_value(f: &Function, root: NodeId, values: &[Interval<'_>]) -> bool {
    let graph = f.graph();
    let used = graph
        .reached_along(&[root], |id, k| taken(graph.node(id), k, &values[graph.children(id)[0].index()]));
    graph.ids().filter(|id| used[id.index()]).all(|id| {
        let arguments: Vec<Interval<'_>> =
            graph.children(id).iter().map(|child| values[child.index()].clone()).collect();
        missing(graph.node(id), &arguments) == Certainty::No
    })
}
