//! The backward sweep, at as many bits as it takes.

use expr::{Fold, Function, Node, NodeId, Op, fold};

use crate::facts::{Certainty, holds};
use crate::interval::{Arithmetic, Interval};
use crate::{endpoint, endpoint::End};

/// How far to go. Counts, never seconds, so that answers repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The bits to begin with.
    pub first_bits: usize,
    /// The most bits of any number.
    pub most_bits: usize,
    /// The most work in one sweep: nodes times bits, squared above a thousand bits as multiplication nearly is, with an
    /// elementary function counted as a hundred nodes.
    pub most_work: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { first_bits: 96, most_bits: 12_288, most_work: 4_000_000_000 }
    }
}

/// One component of a certified gradient.
#[derive(Clone, Debug, PartialEq)]
pub enum Component {
    /// The double nearest to the true partial derivative.
    Certified {
        /// That double; -0 is reported as 0.
        gradient: f64,
        /// What the true value has beyond it, to as many bits as were used: an error can be told in fractions of an ULP.
        rest: f64,
        /// The bits that it took.
        bits: usize,
    },
    /// One-sided slopes differ, or the function jumps.
    Kink {
        /// An interval that holds the slopes to either side; infinite at a jump.
        hull: [f64; 2],
        /// The node.
        node: NodeId,
    },
    /// The function, or a finite derivative, does not exist there.
    Undefined {
        /// The node; none where an input is not a number.
        node: Option<NodeId>,
    },
    /// Not decided within the limits.
    Undecided {
        /// An interval that holds the partial derivative if it exists.
        hull: [f64; 2],
        /// The node at which it is not known whether there is trouble, if that is why.
        node: Option<NodeId>,
    },
}

/// Values and gradients of a function at a point.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Per output: the double nearest to the true value; nothing where that is not decided or not defined.
    pub values: Vec<Option<f64>>,
    /// Per output, a component per scalar input.
    pub gradients: Vec<Vec<Component>>,
    /// The most bits that were used.
    pub bits: usize,
}

/// Certifies all outputs and gradients of a flat function at a point with one number per scalar input.
///
/// # Panics
/// When the function is not flat or the point has another length.
pub fn certify(f: &Function, x: &[f64], limits: &Limits) -> Certificate {
    assert!(f.is_flat(), "a function is unrolled before it is certified");
    assert_eq!(x.len(), f.input_count(), "one number per scalar input");
    let outputs = f.outputs().len();
    if x.iter().any(|x| !x.is_finite()) {
        let nowhere = vec![Component::Undefined { node: None }; x.len()];
        return Certificate { values: vec![None; outputs], gradients: vec![nowhere; outputs], bits: 0 };
    }
    let depends = depend_on_inputs(f);
    let mut arithmetic = Arithmetic::new(limits.first_bits);
    loop {
        let bits = arithmetic.bits;
        let last = bits * 2 > limits.most_bits || work(f, bits * 2) > limits.most_work;
        let (certificate, open) = {
            let point: Vec<Interval<'_>> =
                x.iter().map(|&x| Interval::point(&arithmetic, endpoint::from_f64(x))).collect();
            let values = f.values(&arithmetic, &point);
            let sweep = Sweep { f, values: &values, depends: &depends, bits };
            let rows: Vec<Row> = f.outputs().iter().map(|&output| sweep.row(output, x.len())).collect();
            let open = rows.iter().any(|row| row.open);
            let values = rows.iter().map(|row| row.value).collect();
            (
                Certificate { values, gradients: rows.into_iter().map(|row| row.components).collect(), bits },
                open,
            )
        };
        if !open || last {
            return certificate;
        }
        arithmetic = arithmetic.with_bits(bits * 2);
    }
}

/// The certified values of all outputs of a flat function at a point, without gradients: nothing where a value is not
/// decided, or perhaps not defined.
///
/// # Panics
/// When the function is not flat or the point has another length.
pub fn values(f: &Function, x: &[f64], limits: &Limits) -> Vec<Option<f64>> {
    assert!(f.is_flat(), "a function is unrolled before it is certified");
    if x.iter().any(|x| !x.is_finite()) {
        return vec![None; f.outputs().len()];
    }
    let mut arithmetic = Arithmetic::new(limits.first_bits);
    loop {
        let bits = arithmetic.bits;
        let found: Vec<Option<f64>> = {
            let point: Vec<Interval<'_>> =
                x.iter().map(|&x| Interval::point(&arithmetic, endpoint::from_f64(x))).collect();
            f.evaluate(&arithmetic, &point).iter().map(Interval::decided).collect()
        };
        let last = bits * 2 > limits.most_bits || work(f, bits * 2) > limits.most_work;
        if last || found.iter().all(Option::is_some) {
            return found;
        }
        arithmetic = arithmetic.with_bits(bits * 2);
    }
}

/// See [`Limits::most_work`].
fn work(f: &Function, bits: usize) -> u64 {
    let weight = |node: &Node<NodeId>| match node {
        Node::Fold(_, list) => 4 * f.graph().list(*list).len() as u64,
        node => node.op().map_or(0, |op| if op.cost() > 4 { 100 } else { 3 }),
    };
    let nodes: u64 = f.graph().nodes().iter().map(weight).sum();
    let bits = bits as u64;
    nodes.saturating_mul(if bits > 1000 { bits * bits / 1000 } else { bits })
}

/// Whether each node depends on any input at all.
fn depend_on_inputs(f: &Function) -> Vec<bool> {
    let graph = f.graph();
    let mut depends = vec![false; graph.len()];
    for id in graph.ids() {
        let below = graph.children(id).iter().any(|child| depends[child.index()]);
        depends[id.index()] = below || matches!(graph.node(id), Node::Input(..));
    }
    depends
}

/// One sweep at one precision.
struct Sweep<'a, 'w> {
    f: &'a Function,
    values: &'a [Interval<'w>],
    depends: &'a [bool],
    bits: usize,
}

/// One output's answers at one precision.
struct Row {
    value: Option<f64>,
    components: Vec<Component>,
    /// Whether more bits might decide more.
    open: bool,
}

/// What is the matter with the way from the output to a node, the worst so far.
#[derive(Clone, Copy, Default)]
struct Trouble {
    undefined: Option<(Certainty, NodeId)>,
    kink: Option<(Certainty, NodeId, bool)>,
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
    }
}

impl<'w> Sweep<'_, 'w> {
    fn row(&self, output: NodeId, width: usize) -> Row {
        let graph = self.f.graph();
        let world = self.values[output.index()].world;
        let mut upstream: Vec<Option<Interval<'w>>> = vec![None; graph.len()];
        let mut trouble = vec![Trouble::default(); graph.len()];
        // Nodes that the value is made of; felt: through slopes, not only through steps and comparisons.
        let mut used = vec![false; graph.len()];
        let mut gradient = vec![Interval::integer(world, 0); width];
        let mut found = vec![Trouble::default(); width];
        let mut no_value: Option<(Certainty, NodeId)> = None;
        upstream[output.index()] = Some(Interval::integer(world, 1));
        used[output.index()] = true;
        for id in graph.ids().rev() {
            if !used[id.index()] || !self.depends[id.index()] {
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
            let own = node.op().map(|op| self.own_trouble(op, children, &arguments, received.is_some()));
            if let Some(own) = &own
                && let Some((certainty, true)) = own.undefined.map(|(c, _, domain)| (c, domain))
                && no_value.is_none_or(|(before, _)| before < certainty)
            {
                no_value = Some((certainty, id));
            }
            for (k, child) in children.iter().enumerate() {
                if !taken(node, k, &arguments) {
                    continue;
                }
                used[child.index()] = true;
                let mut below = inherited;
                if let Some(own) = &own {
                    own.pass(&mut below, k, id);
                }
                trouble[child.index()].inherit(&below);
            }
            let Some(received) = received else { continue };
            let mut pass = |k: usize, downstream: Interval<'w>| {
                let child = children[k].index();
                if self.depends[child] && taken(node, k, &arguments) {
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
                    let kinked = own.as_ref().is_some_and(|own| own.kink.is_some());
                    self.pull((op, id), children, &arguments, &received, kinked, &mut pass);
                }
            }
        }
        self.answer(output, &gradient, &found, no_value)
    }

    /// The rule of an operator; at a possible kink, for arguments a little to either side of it.
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
        if !kinked {
            return op.pull_back(wanted, arguments, &self.values[id.index()], received, pass);
        }
        if op == Op::Hypot {
            // A cone: every slope up to one.
            let slope = received.clone() * Interval::between(world, -1, 1);
            (0..2).filter(|k| wanted & 1 << k != 0).for_each(|k| pass(k, slope.clone()));
            return;
        }
        let width = Interval::new(world, End::new((-1).into(), -(1 << 40)), End::new(1.into(), -(1 << 40)));
        let around: Vec<Interval<'w>> = arguments.iter().map(|argument| argument.plus(&width)).collect();
        op.pull_back(wanted, &around, &self.values[id.index()], received, pass);
    }

    /// What the operator's facts say of this node.
    fn own_trouble(&self, op: Op, children: &[NodeId], arguments: &[Interval<'w>], felt: bool) -> OwnTrouble {
        let same = |i: usize, j: usize| children[i] == children[j];
        let varies = |k: Option<usize>| k.is_some_and(|k| self.depends[children[k].index()]);
        let steps = (0..op.arity()).all(|k| !op.has_slope(k));
        let mut own = OwnTrouble::default();
        for &fact in op.undefined() {
            let certainty = holds(fact, arguments, same);
            let [i, j] =
                if fact.bounds_the_domain() { [Some(0), Some(op.arity() - 1)] } else { fact.arguments() };
            if certainty == Certainty::No || !(varies(i) || varies(j)) {
                continue;
            }
            // A vertical tangent is nothing to a step above it.
            if !felt && matches!(fact, expr::Fact::Steep(_)) {
                continue;
            }
            let domain =
                fact.bounds_the_domain() && beyond(fact, arguments) || matches!(fact, expr::Fact::NonZero(_));
            if own.undefined.is_none_or(|(before, ..)| before < certainty) {
                own.undefined = Some((certainty, [i, j], domain));
            }
        }
        for &fact in op.kinks().iter().filter(|_| felt || steps) {
            let certainty = holds(fact, arguments, same);
            let [i, j] = fact.arguments();
            if certainty == Certainty::No || !(varies(i) || varies(j)) {
                continue;
            }
            if own.kink.is_none_or(|(before, ..)| before < certainty) {
                own.kink = Some((certainty, [i, j], steps || matches!(fact, expr::Fact::Cut(..))));
            }
        }
        // A condition that is not known chooses neither branch.
        if op == Op::Select
            && self.depends[children[0].index()]
            && !arguments[0].is_zero()
            && arguments[0].contains_zero()
        {
            own.kink = Some((Certainty::Maybe, [Some(1), Some(2)], false));
        }
        own
    }

    fn answer(
        &self,
        output: NodeId,
        gradient: &[Interval<'w>],
        found: &[Trouble],
        no_value: Option<(Certainty, NodeId)>,
    ) -> Row {
        let value = &self.values[output.index()];
        let mut row = Row { value: value.decided(), components: Vec::new(), open: value.decided().is_none() };
        if let Some((Certainty::Yes, node)) = no_value {
            // Nothing to differentiate, with respect to any input.
            row.components = vec![Component::Undefined { node: Some(node) }; gradient.len()];
            row.open = false;
            row.value = None;
            return row;
        }
        for (gradient, found) in gradient.iter().zip(found) {
            let (low, high) = gradient.to_f64s();
            let hull = [low, high];
            let doubt = no_value.or(found.undefined);
            let component = match (found.undefined, found.kink) {
                (Some((Certainty::Yes, node)), _) => Component::Undefined { node: Some(node) },
                _ if doubt.is_some() => Component::Undecided { hull, node: doubt.map(|(_, node)| node) },
                (_, Some((Certainty::Yes, node, jump))) => Component::Kink {
                    hull: if jump { [f64::NEG_INFINITY, f64::INFINITY] } else { hull },
                    node,
                },
                (_, Some((_, node, _))) => Component::Undecided { hull, node: Some(node) },
                _ => match gradient.decided() {
                    Some(nearest) => {
                        let known = Interval::point(gradient.world, endpoint::from_f64(nearest));
                        let rest = gradient.plus(&known.negated());
                        let rest = if nearest.is_finite() { endpoint::to_f64(&rest.low) } else { 0.0 };
                        Component::Certified { gradient: nearest, rest, bits: self.bits }
                    }
                    None => Component::Undecided { hull, node: None },
                },
            };
            row.open |= matches!(component, Component::Undecided { .. });
            row.components.push(component);
        }
        row
    }
}

/// What a node's own facts say: how certain, for which arguments.
#[derive(Default)]
struct OwnTrouble {
    /// And whether there is not even a value.
    undefined: Option<(Certainty, [Option<usize>; 2], bool)>,
    /// And whether it is a jump.
    kink: Option<(Certainty, [Option<usize>; 2], bool)>,
}

impl OwnTrouble {
    /// Adds to `below` what concerns argument `k`.
    fn pass(&self, below: &mut Trouble, k: usize, node: NodeId) {
        if let Some((certainty, arguments, _)) = self.undefined
            && arguments.contains(&Some(k))
        {
            below.undefined(certainty, node);
        }
        if let Some((certainty, arguments, jump)) = self.kink
            && arguments.contains(&Some(k))
        {
            below.kink(certainty, node, jump);
        }
    }
}

/// Whether the arguments are outside the domain and not only at its edge.
fn beyond(fact: expr::Fact, arguments: &[Interval<'_>]) -> bool {
    use expr::Fact::{Above, From, Inside, Within};
    match fact {
        From(k, bound) => arguments[k].high < endpoint::from_f64(bound),
        Within(k) => arguments[k].magnitude().low > End::one(),
        Above(..) | Inside(_) => true,
        _ => false,
    }
}

/// Whether argument `k` counts: only the branch that is taken does, or may be.
fn taken(node: Node<NodeId>, k: usize, arguments: &[Interval<'_>]) -> bool {
    match (node.op(), k) {
        (Some(Op::Select), 1) => !arguments[0].is_zero(),
        (Some(Op::Select), 2) => arguments[0].contains_zero(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, point: &[f64]) -> Vec<Component> {
        let f = expr::parse(text).unwrap().unroll(1_000_000).unwrap();
        certify(&f, point, &Limits::default()).gradients.remove(0)
    }

    fn gradient(text: &str, point: &[f64]) -> f64 {
        match at(text, point)[0] {
            Component::Certified { gradient, .. } => gradient,
            ref other => panic!("{text} at {point:?}: {other:?}"),
        }
    }

    #[test]
    fn what_doubles_cannot_see_is_decided() {
        assert_eq!(gradient("((1e100 + x) - 1e100)^2", &[1.0]), 2.0);
        // d/dx (1 - cos x)/x² = -x/12 + x³/180 - …
        assert_eq!(gradient("(1 - cos(x))/x^2", &[1e-8]), -8.333333333333334e-10);
        assert_eq!(gradient("sin(x)^2 + cos(x)^2", &[0.7]), 0.0);
        assert_eq!(gradient("exp(x)", &[-740.0]), (-740f64).exp());
        assert_eq!(gradient("erf(x)", &[0.0]), std::f64::consts::FRAC_2_SQRT_PI);
        assert!(gradient("x*sin(1/x)", &[1e-5]).is_finite());
    }

    #[test]
    fn kinks_have_the_hull_of_their_slopes() {
        let hull = |text: &str, point: &[f64]| match &at(text, point)[0] {
            Component::Kink { hull, .. } => *hull,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(hull("abs(x)", &[0.0]), [-1.0, 1.0]);
        assert_eq!(hull("relu(x - 1)*3", &[1.0]), [0.0, 3.0]);
        assert_eq!(hull("max(x, 2*y)", &[2.0, 1.0]), [0.0, 1.0]);
        assert_eq!(hull("if(x < 1, 2*x, 5*x)", &[1.0])[1], f64::INFINITY);
        assert_eq!(hull("hypot(x, y)", &[0.0, 0.0]), [-1.0, 1.0]);
    }

    #[test]
    fn what_is_undefined_is_said_with_its_node() {
        for (text, point) in [
            ("1/x", 0.0),
            ("ln(x)", -1.0),
            ("ln(x)", 0.0),
            ("sqrt(x)", 0.0),
            ("cbrt(x)^3", 0.0),
            ("asin(x)", 1.0),
            ("acosh(x)", 1.0),
            ("x^x", 0.0),
        ] {
            assert!(
                matches!(at(text, &[point])[0], Component::Undefined { node: Some(_) }),
                "{text}: {:?}",
                at(text, &[point])
            );
        }
        assert!(matches!(at("sin(x)", &[f64::NAN])[0], Component::Undefined { node: None }));
    }
}
