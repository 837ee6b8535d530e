//! The singularities on the way from an output to each input: where an operator has no finite derivative, has a kink or
//! jumps. One walk from the output down over the values of nodes, which may be numbers or intervals.
//!
//! What an output takes from a node matters ([`Reach`]): in `max(abs(x), 5)` at 0 the kink of `abs` is on the side that is not taken
//! and is nothing; in `x + (cbrt(x - 1) < 5)` the vertical tangent of `cbrt` is under a step, which no slope passes; but
//! in `if(1/x < 2, x, -x)` at 0 the condition jumps, so that the singularity of `1/x` stays, *hidden*.

use crate::{Certainty, Fact, FactDomain, Fold, Function, Node, NodeId, Op};

/// What an output takes from a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Nothing: it is in a branch that is not taken, or not below the output at all.
    Nothing,
    /// On which side of something else its value is.
    Side,
    /// Its value.
    Value,
}

impl Reach {
    /// What a node takes from its arguments, by their number.
    pub fn of_arguments<D: FactDomain>(node: Node<NodeId>, arguments: &[D]) -> impl Fn(usize) -> Reach {
        let beyond = match node {
            Node::Fold(fold, _) if fold.is_extreme() => beyond(fold, arguments),
            _ => Vec::new(),
        };
        move |k| {
            let side = match node.op() {
                Some(Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Eq | Op::Ne) => true,
                Some(op) => is_inactive(op, k, arguments),
                None => beyond.get(k) == Some(&true),
            };
            match (is_taken(node, k, &arguments[0]), side) {
                (false, _) => Reach::Nothing,
                (true, true) => Reach::Side,
                (true, false) => Reach::Value,
            }
        }
    }
}

/// Of each of many terms, whether it is surely not the extreme.
fn beyond<D: FactDomain>(fold: Fold, terms: &[D]) -> Vec<bool> {
    let inside = |i: usize, j: usize| {
        let (a, b) = if fold == Fold::Max { (i, j) } else { (j, i) };
        terms[a].less(&terms[b]) == Certainty::Yes
    };
    let best = (1..terms.len()).fold(0, |best, k| if inside(best, k) { k } else { best });
    (0..terms.len()).map(|k| inside(k, best)).collect()
}

/// Whether argument `k` counts, given the first one: only the branch that is taken does, or may be.
pub fn is_taken<D: FactDomain>(node: Node<NodeId>, k: usize, first: &D) -> bool {
    match (node.op(), k) {
        (Some(Op::Select), 1) => first.is_zero() != Certainty::Yes,
        (Some(Op::Select), 2) => first.is_zero() != Certainty::No,
        _ => true,
    }
}

/// Whether argument `k` is on the side that max, min, clamp or relu does not take, and not at the border.
pub fn is_inactive<D: FactDomain>(op: Op, k: usize, arguments: &[D]) -> bool {
    let less = |i: usize, j: usize| arguments[i].less(&arguments[j]) == Certainty::Yes;
    match op {
        Op::Max => less(k, 1 - k),
        Op::Min => less(1 - k, k),
        Op::Relu => arguments[0].below(0.0) == Certainty::Yes,
        Op::Clamp => {
            let capped = less(2, 0) || less(2, 1);
            match k {
                0 => capped || less(0, 1),
                1 => capped || less(1, 0),
                _ => less(0, 2) && less(1, 2),
            }
        }
        _ => false,
    }
}

/// Whether a node has no value of its own.
pub fn lacks_value<D: FactDomain>(node: Node<NodeId>, arguments: &[D]) -> Certainty {
    let facts = node.op().map_or(&[][..], |op| op.undefined());
    facts.iter().map(|fact| fact.without_value(arguments)).max().unwrap_or(Certainty::No)
}

/// How bad a singularity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Singularity {
    /// Slopes on both sides differ, or the value jumps.
    Kink,
    /// No value, or no finite slope.
    Undefined,
}

/// The singularities on the way from an output to a node, the most certain of each kind so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// Where there is no value or no finite slope.
    pub undefined: Option<(Certainty, NodeId)>,
    /// Where there is a kink, and whether the value jumps.
    pub kink: Option<(Certainty, NodeId, bool)>,
    /// The first node from which only a side is taken: it can end the domain or make a jump, but no slope is lost there.
    pub hidden: Option<NodeId>,
    /// The worst that any such node has; none where a domain ends with a value and a slope.
    pub hidden_worst: Option<Singularity>,
}

impl Found {
    /// The worst of all.
    pub fn worst(&self) -> Option<Singularity> {
        let undefined = self.undefined.map(|_| Singularity::Undefined);
        undefined.or(self.kink.map(|_| Singularity::Kink)).max(self.hidden_worst)
    }

    fn add_undefined(&mut self, certainty: Certainty, node: NodeId) {
        if self.undefined.is_none_or(|(before, _)| before < certainty) {
            self.undefined = Some((certainty, node));
        }
    }

    fn add_kink(&mut self, certainty: Certainty, node: NodeId, jump: bool) {
        if self.kink.is_none_or(|(before, ..)| before < certainty) {
            self.kink = Some((certainty, node, jump));
        }
    }

    fn inherit(&mut self, other: &Found) {
        if let Some((certainty, node)) = other.undefined {
            self.add_undefined(certainty, node);
        }
        if let Some((certainty, node, jump)) = other.kink {
            self.add_kink(certainty, node, jump);
        }
        self.hidden = self.hidden.or(other.hidden);
        self.hidden_worst = self.hidden_worst.max(other.hidden_worst);
    }
}

/// What one walk finds.
#[derive(Clone, Debug)]
pub struct Singularities {
    /// Per input, those on the way to it.
    pub inputs: Vec<Found>,
    /// The node that most certainly leaves the output without a value.
    pub no_value: Option<(Certainty, NodeId)>,
    /// Per node, whether it may be at a kink of its own.
    pub kinked: Vec<bool>,
    /// The first of the worst, with the fact that says so.
    pub worst: Option<(Singularity, NodeId, Fact)>,
}

impl Singularities {
    /// Walks from an output of a flat function down, over the values of all nodes, given which nodes depend on an input.
    pub fn of<D: FactDomain + Clone>(
        f: &Function,
        output: NodeId,
        values: &[D],
        depends: &[bool],
    ) -> Singularities {
        let graph = f.graph();
        let mut on_the_way = vec![Found::default(); graph.len()];
        // Whether a path of slopes leads here.
        let mut smooth = vec![false; graph.len()];
        let mut all = Singularities {
            inputs: vec![Found::default(); f.input_count()],
            no_value: None,
            kinked: vec![false; graph.len()],
            worst: None,
        };
        let mut reach = vec![Reach::Nothing; graph.len()];
        smooth[output.index()] = true;
        reach[output.index()] = Reach::Value;
        let mut arguments: Vec<D> = Vec::new();
        for id in graph.ids().rev() {
            let reached = reach[id.index()];
            if reached == Reach::Nothing {
                continue;
            }
            let inherited = on_the_way[id.index()];
            let (node, children) = (graph.node(id), graph.children(id));
            if let Some(k) = f.input_at(id) {
                all.inputs[k] = inherited;
                continue;
            }
            arguments.clear();
            arguments.extend(children.iter().map(|child| values[child.index()].clone()));
            // A constant without a value leaves the output without one, as much as anything that moves.
            let missing = lacks_value(node, &arguments);
            if missing != Certainty::No && all.no_value.is_none_or(|(before, _)| before < missing) {
                all.no_value = Some((missing, id));
            }
            let own = match (node, node.op()) {
                (_, Some(op)) => {
                    let here = Here { op, children, arguments: &arguments, depends };
                    match reached {
                        Reach::Value => here.own(smooth[id.index()]),
                        _ => here.own(false).seen_by_its_side(op),
                    }
                }
                (Node::Fold(fold, _), None)
                    if fold.is_extreme() && reached == Reach::Value && smooth[id.index()] =>
                {
                    tie(fold, children, &arguments, depends)
                }
                _ => Own::default(),
            };
            if let Some((kind, fact)) = own.worst
                && all.worst.is_none_or(|(before, ..)| before < kind)
            {
                all.worst = Some((kind, id, fact));
            }
            all.kinked[id.index()] = !own.kinks.is_empty();
            let reach_of = Reach::of_arguments(node, &arguments);
            for (k, child) in children.iter().enumerate() {
                let reaches = reach_of(k).min(reached);
                if reaches == Reach::Nothing {
                    continue;
                }
                let slope = depends[child.index()] && node.op().is_none_or(|op| op.has_slope(k));
                smooth[child.index()] |= smooth[id.index()] && reaches == Reach::Value && slope;
                reach[child.index()] = reach[child.index()].max(reaches);
                // Slopes lost above do not concern what only a side is taken from.
                let mut below = match reaches == reached {
                    true => inherited,
                    false => Found { undefined: None, kink: None, ..inherited },
                };
                own.concern(&mut below, k, id);
                on_the_way[child.index()].inherit(&below);
            }
        }
        all
    }
}

/// The kink of an extreme of many where several of them are it, or may be.
fn tie<D: FactDomain>(fold: Fold, children: &[NodeId], terms: &[D], depends: &[bool]) -> Own {
    let beyond = beyond(fold, terms);
    let tied: Vec<usize> = (0..terms.len()).filter(|k| !beyond[*k]).collect();
    let mut own = Own::default();
    let [first, second, ..] = tied[..] else { return own };
    let equal = |k: usize| children[k] == children[first] || terms[k].equals(&terms[first]) == Certainty::Yes;
    // Not all of them need be the extreme: a term may be below one that is itself below another.
    let certainty = if tied[1..].iter().all(|&k| equal(k)) { Certainty::Yes } else { Certainty::Maybe };
    // NaN is not equal to itself.
    let has_value = tied.iter().all(|&k| terms[k].equals(&terms[k]) != Certainty::No);
    if has_value && tied.iter().any(|&k| depends[children[k].index()]) {
        own.kinks = tied.iter().map(|&k| (k, certainty, false)).collect();
        own.note(Singularity::Kink, Fact::Tie(first, second));
    }
    own
}

/// An operator at its arguments.
struct Here<'a, D> {
    op: Op,
    children: &'a [NodeId],
    arguments: &'a [D],
    depends: &'a [bool],
}

impl<D: FactDomain> Here<'_, D> {
    /// Whether a fact holds; two arguments that are one node are equal wherever they are.
    fn certainty(&self, fact: Fact) -> Certainty {
        match fact {
            Fact::Tie(i, j) if self.children[i] == self.children[j] => Certainty::Yes,
            fact => fact.singular(self.arguments),
        }
    }

    fn varies(&self, k: Option<usize>) -> bool {
        k.is_some_and(|k| self.depends[self.children[k].index()])
    }

    /// What the operator's facts say, where a path of slopes leads to it or not.
    fn own(&self, smooth: bool) -> Own {
        let (op, arguments) = (self.op, self.arguments);
        let steps = (0..op.arity()).all(|k| !op.has_slope(k));
        let mut own = Own::default();
        let integer = |k: usize| arguments[k].is_integer() == Certainty::Yes;
        if op == Op::Pow && arguments[0].above(0.0) != Certainty::Yes && !integer(1) {
            // 0 ends the domain of a power whose exponent is no integer.
            own.hidden = [self.varies(Some(0)).then_some(0), None];
        }
        let integer_power = op == Op::Pow && !self.varies(Some(1)) && integer(1);
        let undefined = if integer_power { Op::Powi.undefined() } else { op.undefined() };
        for &fact in undefined {
            let certainty = self.certainty(fact);
            // Outside a domain there is nothing, whichever argument moves.
            let [i, j] =
                if fact.bounds_the_domain() { [Some(0), Some(op.arity() - 1)] } else { fact.arguments() };
            if certainty == Certainty::No || !(self.varies(i) || self.varies(j)) {
                continue;
            }
            // A vertical tangent is nothing to a step above it.
            if !smooth && matches!(fact, Fact::VerticalTangent(_)) {
                continue;
            }
            if own.undefined.is_none_or(|(before, _)| before < certainty) {
                own.undefined = Some((certainty, [i, j]));
            }
            own.note(Singularity::Undefined, fact);
        }
        // The cut of an angle and the step of a remainder are jumps of the value, whether slopes pass or not.
        let counts = |fact: &&Fact| smooth || steps || fact.is_jump();
        for &fact in op.kinks().iter().filter(counts) {
            let certainty = self.certainty(fact);
            let [i, j] = fact.arguments();
            if certainty == Certainty::No || !(self.varies(i) || self.varies(j)) {
                continue;
            }
            // A tie with a side that is inactive is none.
            let inactive = |k: Option<usize>| k.is_some_and(|k| is_inactive(op, k, arguments));
            if inactive(i) || inactive(j) {
                continue;
            }
            for k in [i, j].into_iter().flatten() {
                own.add_kink(k, certainty, steps || fact.is_jump());
            }
            own.note(Singularity::Kink, fact);
        }
        // A condition that is not known chooses neither branch.
        if op == Op::Select && self.varies(Some(0)) && arguments[0].is_zero() == Certainty::Maybe {
            own.kinks = [1, 2].map(|k| (k, Certainty::Maybe, false)).to_vec();
        }
        own
    }
}

/// What a node's own facts say: how certain, for which arguments.
#[derive(Default)]
struct Own {
    undefined: Option<(Certainty, [Option<usize>; 2])>,
    /// By argument in rising order, as several may meet (all three of a clamp, all terms of an extreme); and whether it is a jump.
    kinks: Vec<(usize, Certainty, bool)>,
    /// Ends of the domain and jumps that lose no slope.
    hidden: [Option<usize>; 2],
    /// What those arguments have.
    hidden_worst: Option<Singularity>,
    /// The first of the worst facts.
    worst: Option<(Singularity, Fact)>,
}

impl Own {
    fn kink(&self, k: usize) -> Option<&(usize, Certainty, bool)> {
        self.kinks.binary_search_by_key(&k, |(argument, ..)| *argument).ok().map(|at| &self.kinks[at])
    }

    fn add_kink(&mut self, k: usize, certainty: Certainty, jump: bool) {
        match self.kinks.binary_search_by_key(&k, |(argument, ..)| *argument) {
            Ok(at) if self.kinks[at].1 >= certainty => {}
            Ok(at) => self.kinks[at] = (k, certainty, jump),
            Err(at) => self.kinks.insert(at, (k, certainty, jump)),
        }
    }

    fn note(&mut self, kind: Singularity, fact: Fact) {
        if self.worst.is_none_or(|(before, _)| before < kind) {
            self.worst = Some((kind, fact));
        }
    }

    /// What may end the domain or make a jump, of a node from which only a side is taken.
    fn seen_by_its_side(self, op: Op) -> Own {
        let jumps = |k: &usize| self.kink(*k).is_some_and(|(.., jump)| *jump || op == Op::Select);
        let mut jump = (0..op.arity()).filter(jumps);
        let jump = [jump.next(), jump.next()];
        let (hidden, hidden_worst) = match (self.undefined, jump[0]) {
            (Some((_, arguments)), _) => (arguments, Some(Singularity::Undefined)),
            (None, Some(_)) => (jump, Some(Singularity::Kink)),
            (None, None) => (self.hidden, None),
        };
        let worst = self.worst.filter(|_| hidden_worst.is_some());
        Own { hidden, hidden_worst, worst, ..Own::default() }
    }

    /// Adds to `below` what concerns argument `k`.
    fn concern(&self, below: &mut Found, k: usize, node: NodeId) {
        if let Some((certainty, arguments)) = self.undefined
            && arguments.contains(&Some(k))
        {
            below.add_undefined(certainty, node);
        }
        if let Some(&(_, certainty, jump)) = self.kink(k) {
            below.add_kink(certainty, node, jump);
        }
        if self.hidden.contains(&Some(k)) {
            below.hidden.get_or_insert(node);
            below.hidden_worst = below.hidden_worst.max(self.hidden_worst);
        }
    }
}
