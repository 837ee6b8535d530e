//! One backward sweep over intervals, at one precision, and the singularities it finds on the way to every component.

use expr::reverse_sweep::{at_inputs, reverse_sweep};
use expr::singularities::{is_taken, lacks_value};
use expr::{Analysis, Certainty, Function, Node, NodeId, Op, Reach, Singularities};

use crate::endpoint;
use crate::interval::Interval;
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

/// More bits than these are not spent on whether a singularity is there: exact arithmetic decides that.
const MAX_BITS_FOR_SINGULARITIES: usize = 768;

impl<'w> Sweep<'_, 'w> {
    pub(crate) fn row(&self, output: NodeId) -> Row {
        let found = Singularities::of(self.f, output, self.values, self.depends);
        let gradient = self.gradient(output, &found);
        self.answer(output, &gradient, &found)
    }

    /// The backward pass along what the output takes values from; at a possible kink, with all slopes around it.
    fn gradient(&self, output: NodeId, found: &Singularities) -> Vec<Interval<'w>> {
        let context = self.values[output.index()].context;
        let seed = (output, Interval::integer(context, 1));
        let received =
            reverse_sweep(self.f, self.analysis, self.values, seed, |local, upstream, propagate| {
                let node = local.node();
                let reach = Reach::of_arguments(node, local.arguments);
                let mut take = |k: usize, downstream| {
                    if reach(k) == Reach::Value {
                        propagate(k, downstream);
                    }
                };
                let kinked = found.kinked[local.id.index()];
                let extreme = matches!(node, Node::Fold(fold, _) if fold.is_extreme());
                // Every slope to either side of a kink, or between.
                let slopes = match node.op().filter(|_| kinked) {
                    Some(Op::Abs | Op::Hypot) => Interval::between(context, -1, 1),
                    Some(Op::Relu | Op::Min | Op::Max | Op::Clamp | Op::Select) => {
                        Interval::between(context, 0, 1)
                    }
                    None if extreme && kinked => Interval::between(context, 0, 1),
                    // Of the others the extreme is beyond.
                    None if extreme => Interval::integer(context, 1),
                    _ => return local.downstream(upstream, take),
                };
                let slope = upstream.clone() * slopes;
                let (graph, activity) = (self.f.graph(), &self.analysis.activity);
                (0..local.children.len())
                    .filter(|&k| activity.flows(graph, local.id, k))
                    .for_each(|k| take(k, slope.clone()));
            });
        let zero = || Interval::integer(context, 0);
        at_inputs(self.f, received).into_iter().map(|received| received.unwrap_or_else(zero)).collect()
    }

    fn answer(&self, output: NodeId, gradient: &[Interval<'w>], singularities: &Singularities) -> Row {
        let no_value = singularities.no_value;
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
        for (gradient, found) in gradient.iter().zip(&singularities.inputs) {
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
                        let known = Interval::point(gradient.context, endpoint::from_f64(nearest));
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

/// Whether a node and all that it is made of surely have values: 0·(1/0) is no number, though 0 times anything is 0.
pub(crate) fn has_value(f: &Function, root: NodeId, values: &[Interval<'_>]) -> bool {
    let graph = f.graph();
    let used = graph
        .reached_along(&[root], |id, k| is_taken(graph.node(id), k, &values[graph.children(id)[0].index()]));
    graph.ids().filter(|id| used[id.index()]).all(|id| {
        let arguments: Vec<Interval<'_>> =
            graph.children(id).iter().map(|child| values[child.index()].clone()).collect();
        lacks_value(graph.node(id), &arguments) == Certainty::No
    })
}
