//! One backward sweep over intervals, at one precision, and the singularities it finds on the way to every component.

use expr::{Fact, Fold, Function, Node, NodeId, Op, fold};

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
        let world = self.values[output.index()].world;
        let mut upstream: Vec<Option<Interval<'w>>> = vec![None; graph.len()];
        let mut trouble = vec![Trouble::default(); graph.len()];
        let mut reach = vec![Reach::Nothing; graph.len()];
        let mut gradient = vec![Interval::integer(world, 0); width];
        let mut found = vec![Trouble::default(); width];
        let mut no_value: Option<(Certainty, NodeId)> = None;
        upstream[output.index()] = Some(Interval::integer(world, 1));
        reach[output.index()] = Reach::Value;
        for id in graph.ids().rev() {
            let reached = reach[id.index()];
            if reached == Reach::Nothing {
                continue;
            }
            let received = upstream[id.index()].take();
            let inherited = trouble[id.index()];
            let (node, children) = (graph.node(id), graph.children(id));
            if let Node::Input(block, offset) = node {
                let k = self.f.position(block, offset);
                found[k] = inherited;
                if let Some(received) = received {
                    gradient[k] = received;
                }
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
                Reach::Value => self.own_trouble(op, children, &arguments, received.is_some()),
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
            }
            // Nothing is below a constant that is itself an output.
            let Some(received) = received.filter(|_| self.depends[id.index()]) else { continue };
            let mut pass = |k: usize, downstream: Interval<'w>| {
                let child = children[k].index();
                if self.depends[child] && reach_of(k) == Reach::Value {
                    upstream[child] = Some(match upstream[child].take() {
                        Some(before) => before + downstream,
                        None => downstream,
                    });
                }
            };
            match node {
                Node::Fold(Fold::Sum, _) => (0..children.len()).for_each(|k| pass(k, received.clone())),
                Node::Fold(Fold::Product, _) => {
                    fold::pull_back(Fold::Product, &arguments, &received, &mut pass)
                }
                node => {
                    let op = node.op().expect("flat functions have no other kinds of nodes");
                    let kinked = own.as_ref().is_some_and(|own| own.kinks.iter().any(Option::is_some));
                    self.pull((op, id), children, &arguments, &received, kinked, &mut pass);
                }
            }
        }
        self.answer(output, &gradient, &found, no_value)
    }

    /// The rule of an operator; at a possible kink, all slopes around it.
    fn pull(
        &self,
        (op, id): (Op, NodeId),
        children: &[NodeId],
        arguments: &[Interval<'w>],
        received: &Interval<'w>,
        kinked: bool,
        pass: &mut impl FnMut(usize, Interval<'w>),
    ) {
        let world = received.world;
        let wanted =
            (0..op.arity()).filter(|&k| self.depends[children[k].index()]).fold(0, |bits, k| bits | 1 << k);
        // Every slope to either side of a kink, or between.
        let slopes = match op {
            _ if !kinked => None,
            Op::Abs | Op::Hypot => Some(Interval::between(world, -1, 1)),
            Op::Relu | Op::Min | Op::Max | Op::Clamp | Op::Select => Some(Interval::between(world, 0, 1)),
            _ => None,
        };
        let Some(slopes) = slopes else {
            return op.pull_back(wanted, arguments, &self.values[id.index()], received, pass);
        };
        let slope = received.clone() * slopes;
        let has = |k: usize| wanted & 1 << k != 0 && op.has_slope(k);
        (0..op.arity()).filter(|&k| has(k)).for_each(|k| pass(k, slope.clone()));
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
    let mut used = vec![false; graph.len()];
    used[root.index()] = true;
    for id in graph.ids().rev() {
        if !used[id.index()] {
            continue;
        }
        let (node, children) = (graph.node(id), graph.children(id));
        let arguments: Vec<Interval<'_>> =
            children.iter().map(|child| values[child.index()].clone()).collect();
        if missing(node, &arguments) != Certainty::No {
            return false;
        }
        for (k, child) in children.iter().enumerate() {
            used[child.index()] |= taken(node, k, &arguments);
        }
    }
    true
}
