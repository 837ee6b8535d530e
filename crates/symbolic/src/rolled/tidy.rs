//! Loops as people write them: what indices decide is decided, sums of what does not depend on the index are so many times that,
//! factors stand before their sum, a sum that is there already is not written again, and one that is 0 is gone.

use std::collections::HashMap;

use expr::graph::AxisRange;
use expr::index::{Index, Symbol};
use expr::{Axis, Calculus, Expr, Fold, Function, Node, NodeId, Op, Scalar};

use super::substitute::{Images, axes_of};
use super::{Roller, bit, bound_like, index_forms, spelled};

/// Larger functions are left as they are.
const MOST_NODES: usize = 1_500;
/// Sums that are compared, and steps that are taken to compare two.
const MOST_SUMS: usize = 60;
const MOST_STEPS: usize = 2_000;
/// A body is multiplied out into no more terms than this.
const MOST_TERMS: usize = 24;

/// Index forms that are at least 0.
type Facts = Vec<Index>;

/// Factors of a term, with whether they divide; and what of it depends on the index, if anything does.
#[derive(Clone)]
struct Term<'g> {
    factors: Vec<(Expr<'g>, bool)>,
    rest: Option<Expr<'g>>,
}

/// In how many ways outputs are tidied.
pub(super) const WAYS: usize = 3;

/// The outputs tidied in some ways, those of one way after those of another: with sums as they are, with sums multiplied out and taken
/// apart, with sums over one range put together. `facts` are index forms that are at least 0, besides every size being at least 1;
/// `places` are the indices of elements.
pub(super) fn tidied(f: &Function, facts: &[Index], places: &[Index]) -> Option<Function> {
    if f.graph().len() > MOST_NODES {
        return None;
    }
    let roller = Roller::over(f, 20 * MOST_NODES as u64);
    let outputs = {
        let mut all = Vec::new();
        let sizes = 0..f.graph().sizes().len() as u32;
        let sizes = sizes.filter_map(|k| Index::from(Symbol::Size(k)).minus(&1.into()));
        let facts: Facts = sizes.chain(facts.iter().cloned()).collect();
        for (apart, together) in [(false, false), (true, false), (false, true)] {
            let mut tidy = Tidy {
                roller: &roller,
                apart,
                together,
                places: places.to_vec(),
                contexts: vec![facts.clone()],
                done: HashMap::new(),
                iterations: HashMap::new(),
                sums: Vec::new(),
            };
            for &output in f.outputs() {
                all.push(tidy.rewrite(output, 0)?.id());
            }
        }
        all
    };
    Some(bound_like(f, roller.builder.finish(outputs)))
}

struct Tidy<'g> {
    roller: &'g Roller,
    /// Whether sums are multiplied out and taken apart.
    apart: bool,
    /// Whether sums over the same range that stand beside each other become one.
    together: bool,
    /// The indices of elements, which stand on the left of conditions.
    places: Vec<Index>,
    contexts: Vec<Facts>,
    done: HashMap<(NodeId, usize), Expr<'g>>,
    iterations: HashMap<(NodeId, usize), Vec<Expr<'g>>>,
    /// Sums and products that were written so far.
    sums: Vec<Expr<'g>>,
}

/// Whether a form is at least 0, by one or two of the facts.
fn holds(form: &Index, facts: &[Index]) -> bool {
    let at_least_zero = |form: &Index| form.as_constant().is_some_and(|least| least >= 0);
    at_least_zero(form)
        || facts.iter().any(|fact| {
            form.minus(fact).is_some_and(|rest| {
                at_least_zero(&rest)
                    || facts.iter().any(|other| rest.minus(other).is_some_and(|rest| at_least_zero(&rest)))
            })
        })
}

/// The form less one, or negated less one: what is at least 0 where the form is more than 0, or less.
fn more(form: &Index) -> Option<Index> {
    form.minus(&1.into())
}

fn negated(form: &Index) -> Option<Index> {
    form.times(&(-1).into())
}

impl<'g> Tidy<'g> {
    fn handle(&self, id: NodeId) -> Expr<'g> {
        self.roller.builder.handle(id)
    }

    /// What is at least 0 where a condition on indices holds, and where it does not; a second form where it is 0.
    fn condition(&self, id: NodeId) -> Option<[Facts; 2]> {
        let graph = self.roller.builder.graph();
        let Node::Binary(op, [a, b]) = graph.node(id) else { return None };
        drop(graph);
        let [a, b] = [a, b].map(|id| self.form(id));
        let room = b?.minus(&a?)?;
        let back = negated(&room)?;
        Some(match op {
            Op::Lt => [vec![more(&room)?], vec![back]],
            Op::Le => [vec![room.clone()], vec![more(&back)?]],
            Op::Gt => [vec![more(&back)?], vec![room]],
            Op::Ge => [vec![back], vec![more(&room)?]],
            Op::Eq => [vec![room, back], Vec::new()],
            Op::Ne => [Vec::new(), vec![room, back]],
            _ => return None,
        })
    }

    /// What a node is as a whole number.
    fn form(&self, id: NodeId) -> Option<Index> {
        // Conditions are small: they are looked at alone.
        let graph = self.roller.builder.graph().clone();
        let alone = expr::Builder::resume(graph, expr::Style::Written).finish(vec![id]);
        index_forms(alone.graph())[alone.outputs()[0].index()].clone()
    }

    fn context(&mut self, facts: Facts) -> usize {
        match self.contexts.iter().position(|known| *known == facts) {
            Some(at) => at,
            None => {
                self.contexts.push(facts);
                self.contexts.len() - 1
            }
        }
    }

    /// Facts with more of them.
    fn under(&mut self, context: usize, more: &[Index]) -> usize {
        let mut facts = self.contexts[context].clone();
        facts.extend(more.iter().filter(|fact| !facts.contains(fact)).cloned().collect::<Vec<_>>());
        self.context(facts)
    }

    /// Facts inside a loop: what was said of an axis of the same name is said of another one.
    fn inside(&mut self, context: usize, range: &AxisRange) -> Option<usize> {
        let mut facts = self.contexts[context].clone();
        facts.retain(|fact| axes_of(fact) & bit(range.axis) == 0);
        let own = Index::from(Symbol::Axis(range.axis));
        facts.extend([own.minus(&range.low)?, range.high.minus(&own)?]);
        Some(self.context(facts))
    }

    fn rewrite(&mut self, id: NodeId, context: usize) -> Option<Expr<'g>> {
        if let Some(found) = self.done.get(&(id, context)) {
            return Some(*found);
        }
        self.roller.within_budget().ok()?;
        let node = self.roller.node(id);
        let children = self.roller.children(id);
        let found = match node {
            Node::Const(_) | Node::Input(..) | Node::Symbol(_) | Node::Read(..) | Node::State(..) => {
                self.handle(id)
            }
            Node::Ternary(Op::Select, [condition, a, b]) => self.branch(condition, [a, b], context)?,
            Node::Fold(fold, _) => {
                let terms = self.all(&children, context)?;
                self.roller.builder.fold(fold, &terms)
            }
            Node::Reduce(fold, _, [body]) => {
                let range = self.roller.range(id);
                self.reduced(fold, range, body, context)?
            }
            Node::Binary(Op::Add | Op::Sub, _) if self.together => {
                let both = self.all(&children, context)?;
                self.beside(node.op() == Some(Op::Sub), both[0], both[1])
            }
            Node::Iterate(_) => self.handle(id),
            Node::Project([all], k) => self.iterated(all, context)?[k as usize],
            node => {
                let arguments = self.all(&children, context)?;
                Expr::apply(node.op()?, &arguments)
            }
        };
        self.done.insert((id, context), found);
        Some(found)
    }

    fn all(&mut self, ids: &[NodeId], context: usize) -> Option<Vec<Expr<'g>>> {
        ids.iter().map(|&id| self.rewrite(id, context)).collect()
    }

    fn branch(&mut self, condition: NodeId, [a, b]: [NodeId; 2], context: usize) -> Option<Expr<'g>> {
        let Some([yes, no]) = self.condition(condition) else {
            let all = self.all(&[condition, a, b], context)?;
            return Some(all[0].select(all[1], all[2]));
        };
        let facts = &self.contexts[context];
        let surely = |these: &Facts| !these.is_empty() && these.iter().all(|form| holds(form, facts));
        let never = |these: &Facts| {
            these.iter().any(|form| {
                negated(form).and_then(|form| more(&form)).is_some_and(|form| holds(&form, facts))
            })
        };
        if surely(&yes) || never(&no) {
            return self.rewrite(a, context);
        }
        if surely(&no) || never(&yes) {
            return self.rewrite(b, context);
        }
        let written = self.roller.condition_of(&yes, &no, &self.places);
        let written = written.map_or((self.handle(condition), true), |(condition, holds)| (condition, holds));
        let (yes, no) = (self.under(context, &yes), self.under(context, &no));
        let (a, b) = (self.rewrite(a, yes)?, self.rewrite(b, no)?);
        Some(if written.1 { written.0.select(a, b) } else { written.0.select(b, a) })
    }

    fn iterated(&mut self, all: NodeId, context: usize) -> Option<Vec<Expr<'g>>> {
        if let Some(found) = self.iterations.get(&(all, context)) {
            return Some(found.clone());
        }
        let range = self.roller.range(all);
        let children = self.roller.children(all);
        let (inits, nexts) = children.split_at(children.len() / 2);
        let inits = self.all(inits, context)?;
        let inside = self.inside(context, &range)?;
        let nexts = self.all(nexts, inside)?;
        let found = match range.high.minus(&range.low) == Some((-1).into()) {
            // No step at all.
            true => inits,
            false => self.roller.builder.iterate(range, &inits, &nexts),
        };
        self.iterations.insert((all, context), found.clone());
        Some(found)
    }

    fn reduced(&mut self, fold: Fold, range: AxisRange, body: NodeId, context: usize) -> Option<Expr<'g>> {
        let steps = range.high.minus(&range.low)?.plus(&1.into())?;
        let neutral = self.roller.builder.lift(&fold.neutral());
        if holds(&negated(&steps)?, &self.contexts[context]) {
            return Some(neutral);
        }
        let inside = self.inside(context, &range)?;
        let body = self.rewrite(body, inside)?;
        if steps == Index::from(1) {
            let images = Images::index(range.axis, range.low.clone());
            return self.roller.substitute(body, &images).ok();
        }
        let length = holds(&steps, &self.contexts[context]).then(|| spelled(&self.roller.builder, &steps));
        match fold {
            Fold::Sum => self.summed(&range, body, length),
            Fold::Product => match length.filter(|_| !self.depends(body, range.axis)) {
                Some(length) => Some(Expr::apply(Op::Powi, &[body, length])),
                None => Some(self.written(fold, &range, body)),
            },
        }
    }

    /// A sum or difference of two terms: of two sums over one range with the same factors one sum.
    fn beside(&mut self, minus: bool, a: Expr<'g>, b: Expr<'g>) -> Expr<'g> {
        let plain = |a: Expr<'g>, b: Expr<'g>| if minus { a - b } else { a + b };
        let (Some((left, first)), Some((right, second))) = (self.sum_in(a), self.sum_in(b)) else {
            return plain(a, b);
        };
        let ids = |factors: &[(Expr<'g>, bool)]| -> Vec<(NodeId, bool)> {
            let mut ids: Vec<_> = factors.iter().map(|(factor, divides)| (factor.id(), *divides)).collect();
            ids.sort_unstable();
            ids
        };
        let (range, other) = (self.roller.range(first.id()), self.roller.range(second.id()));
        let (Node::Reduce(_, _, [a_body]), Node::Reduce(_, _, [b_body])) =
            (self.roller.node(first.id()), self.roller.node(second.id()))
        else {
            return plain(a, b);
        };
        if ids(&left) != ids(&right)
            || (&range.low, &range.high) != (&other.low, &other.high)
            || self.roller.free(b_body) & bit(range.axis) != 0 && range.axis != other.axis
        {
            return plain(a, b);
        }
        let images = Images::index(other.axis, Symbol::Axis(range.axis).into());
        let Ok(b_body) = self.roller.substitute(self.handle(b_body), &images) else { return plain(a, b) };
        let body = plain(self.handle(a_body), b_body);
        scaled(&left, self.written(Fold::Sum, &range, body))
    }

    /// A term as factors times one sum.
    fn sum_in(&self, term: Expr<'g>) -> Option<(Vec<(Expr<'g>, bool)>, Expr<'g>)> {
        let mut factors = Vec::new();
        let mut sum = None;
        let mut todo = vec![(term, false)];
        while let Some((node, divides)) = todo.pop() {
            let children: Vec<Expr<'g>> =
                self.roller.children(node.id()).iter().map(|&id| self.handle(id)).collect();
            match self.roller.node(node.id()) {
                Node::Binary(Op::Mul, _) => todo.extend(children.into_iter().map(|child| (child, divides))),
                Node::Binary(Op::Div, _) => todo.extend([(children[0], divides), (children[1], !divides)]),
                Node::Unary(Op::Neg, _) => {
                    factors.push((self.roller.integer(-1), false));
                    todo.push((children[0], divides));
                }
                Node::Reduce(Fold::Sum, ..) if !divides && sum.is_none() => sum = Some(node),
                _ => factors.push((node, divides)),
            }
        }
        sum.map(|sum| (factors, sum))
    }

    fn depends(&self, node: Expr<'g>, axis: Axis) -> bool {
        self.roller.free(node.id()) & bit(axis) != 0
    }

    /// A sum over a range, whose length is given where it surely is one.
    fn summed(&mut self, range: &AxisRange, body: Expr<'g>, length: Option<Expr<'g>>) -> Option<Expr<'g>> {
        let zero = self.roller.integer(0);
        let mut terms: Vec<Term<'g>> = Vec::new();
        self.terms(body, range.axis, &Term { factors: Vec::new(), rest: None }, false, &mut terms)?;
        // Like terms.
        let mut like: Vec<(Option<Expr<'g>>, Vec<Term<'g>>)> = Vec::new();
        for term in terms {
            let rest = term.rest.map(Expr::id);
            match like.iter_mut().find(|(known, _)| known.map(Expr::id) == rest) {
                Some((_, all)) => all.push(term),
                None => like.push((term.rest, vec![term])),
            }
        }
        let is_there = |tidy: &Tidy<'g>, rest: &Option<Expr<'g>>| match rest {
            Some(rest) => tidy.known(Fold::Sum, range, *rest).is_some(),
            None => length.is_some(),
        };
        if like.len() == 1 || self.apart || like.iter().all(|(rest, _)| is_there(self, rest)) {
            let mut sum = zero;
            for (rest, all) in like {
                let own = match rest {
                    Some(rest) => self.written(Fold::Sum, range, rest),
                    None => match length {
                        Some(length) => length,
                        None => self.written(Fold::Sum, range, self.roller.integer(1)),
                    },
                };
                for term in all {
                    sum = sum + scaled(&term.factors, own);
                }
            }
            return Some(sum);
        }
        // What all terms have in common stands before the sum.
        let all: Vec<&Term<'g>> = like.iter().flat_map(|(_, all)| all).collect();
        let mut common = all[0].factors.clone();
        for term in &all[1..] {
            let mut left = term.factors.clone();
            common.retain(|(factor, divides)| {
                let at = left.iter().position(|(other, way)| (other.id(), *way) == (factor.id(), *divides));
                at.map(|at| left.remove(at)).is_some()
            });
        }
        let one = self.roller.integer(1);
        let mut sum = zero;
        for term in all {
            let mut left = term.factors.clone();
            for (factor, divides) in &common {
                let at = left.iter().position(|(other, way)| (other.id(), *way) == (factor.id(), *divides));
                left.remove(at.expect("it is in all"));
            }
            sum = sum + scaled(&left, term.rest.unwrap_or(one));
        }
        let own = self.written(Fold::Sum, range, sum);
        Some(scaled(&common, own))
    }

    /// The terms of a body, each with the factors that are around it.
    fn terms(
        &mut self,
        node: Expr<'g>,
        axis: Axis,
        around: &Term<'g>,
        minus: bool,
        terms: &mut Vec<Term<'g>>,
    ) -> Option<()> {
        let roller = self.roller;
        if terms.len() >= MOST_TERMS {
            return None;
        }
        let children: Vec<Expr<'g>> = roller.children(node.id()).iter().map(|&id| self.handle(id)).collect();
        let kind = roller.node(node.id());
        let is_sum = matches!(
            kind,
            Node::Binary(Op::Add | Op::Sub, _) | Node::Unary(Op::Neg, _) | Node::Fold(Fold::Sum, _)
        );
        // A sum with another factor beside it that depends on the index is multiplied out only where all are.
        if is_sum && self.depends(node, axis) && (around.rest.is_none() || self.apart) {
            for (k, &child) in children.iter().enumerate() {
                let turned =
                    matches!(kind, Node::Unary(..)) || k == 1 && matches!(kind, Node::Binary(Op::Sub, _));
                self.terms(child, axis, around, minus != turned, terms)?;
            }
            return Some(());
        }
        let mut factors = around.factors.clone();
        let mut rest = Vec::new();
        let mut todo = vec![(node, false)];
        let mut negative = minus;
        while let Some((node, divides)) = todo.pop() {
            if !self.depends(node, axis) {
                factors.push((node, divides));
                continue;
            }
            let children: Vec<Expr<'g>> =
                roller.children(node.id()).iter().map(|&id| self.handle(id)).collect();
            match roller.node(node.id()) {
                Node::Binary(Op::Mul, _) | Node::Fold(Fold::Product, _) => {
                    todo.extend(children.into_iter().rev().map(|child| (child, divides)));
                }
                Node::Binary(Op::Div, _) => todo.extend([(children[1], !divides), (children[0], divides)]),
                Node::Unary(Op::Neg, _) => {
                    negative = !negative;
                    todo.push((children[0], divides));
                }
                _ => rest.push((node, divides)),
            }
        }
        // The only dependent factor, or one of several where all is multiplied out, may be a sum.
        let is_sum = |node: &Expr<'g>| {
            let kind = roller.node(node.id());
            matches!(kind, Node::Binary(Op::Add | Op::Sub, _) | Node::Fold(Fold::Sum, _))
        };
        let at = rest.iter().position(|(node, divides)| !divides && is_sum(node));
        if let Some(at) = at.filter(|_| rest.len() == 1 && around.rest.is_none() || self.apart) {
            let (sum, _) = rest.remove(at);
            let mut inner = Term { factors, rest: around.rest };
            for &(factor, divides) in &rest {
                inner.rest = Some(joined(inner.rest, factor, divides, roller.integer(1)));
            }
            return self.terms(sum, axis, &inner, negative, terms);
        }
        let mut own = around.rest;
        for (factor, divides) in rest {
            own = Some(joined(own, factor, divides, roller.integer(1)));
        }
        if negative {
            factors.insert(0, (roller.integer(-1), false));
        }
        terms.push(Term { factors, rest: own });
        Some(())
    }

    /// A sum or product, one that was written before where it says the same.
    fn written(&mut self, fold: Fold, range: &AxisRange, body: Expr<'g>) -> Expr<'g> {
        if let Some(known) = self.known(fold, range, body) {
            return known;
        }
        let own = self.roller.builder.reduce(fold, range.clone(), body);
        if self.sums.len() < MOST_SUMS {
            self.sums.push(own);
        }
        own
    }

    fn known(&self, fold: Fold, range: &AxisRange, body: Expr<'g>) -> Option<Expr<'g>> {
        self.sums.iter().copied().find(|known| {
            let other = self.roller.range(known.id());
            let Node::Reduce(kind, _, [inside]) = self.roller.node(known.id()) else { return false };
            kind == fold && (&other.low, &other.high) == (&range.low, &range.high) && {
                let mut steps = MOST_STEPS;
                self.alike(body.id(), inside, &mut vec![(range.axis, other.axis)], &mut steps)
            }
        })
    }

    /// Whether two nodes are the same but for the names of the axes that are bound around them.
    fn alike(&self, a: NodeId, b: NodeId, pairs: &mut Vec<(Axis, Axis)>, steps: &mut usize) -> bool {
        if *steps == 0 {
            return false;
        }
        *steps -= 1;
        let roller = self.roller;
        let own: u64 = pairs.iter().fold(0, |all, (a, b)| all | bit(*a) | bit(*b));
        if a == b && roller.free(a) & own == 0 {
            return true;
        }
        let axis = |a: Axis, b: Axis| match pairs.iter().rev().find(|(x, y)| *x == a || *y == b) {
            Some((x, y)) => (*x, *y) == (a, b),
            None => a == b,
        };
        let forms = |a: &Index, b: &Index| {
            let images = pairs.iter().rev().fold(Images::default(), |mut images, (x, y)| {
                images.indices.insert(x.index(), Symbol::Axis(*y).into());
                images
            });
            images.form(a).is_ok_and(|a| a == *b)
        };
        let (left, right) = (roller.children(a), roller.children(b));
        if left.len() != right.len() {
            return false;
        }
        match (roller.node(a), roller.node(b)) {
            (Node::Symbol(Symbol::Axis(a)), Node::Symbol(Symbol::Axis(b))) => axis(a, b),
            (Node::State(a, k), Node::State(b, l)) => k == l && axis(a, b),
            (Node::Read(x, at), Node::Read(y, other)) => {
                let graph = roller.builder.graph();
                x == y && graph.position(at).iter().zip(graph.position(other)).all(|(a, b)| forms(a, b))
            }
            (Node::Reduce(x, ..), Node::Reduce(y, ..)) => {
                let (first, second) = (roller.range(a), roller.range(b));
                x == y && forms(&first.low, &second.low) && forms(&first.high, &second.high) && {
                    pairs.push((first.axis, second.axis));
                    let same = self.alike(left[0], right[0], pairs, steps);
                    pairs.pop();
                    same
                }
            }
            (Node::Fold(x, _), Node::Fold(y, _)) if x != y => false,
            (Node::Fold(..), Node::Fold(..)) => {
                left.iter().zip(&right).all(|(a, b)| self.alike(*a, *b, pairs, steps))
            }
            (x, y) => {
                x.op().is_some()
                    && x.op() == y.op()
                    && left.iter().zip(&right).all(|(a, b)| self.alike(*a, *b, pairs, steps))
            }
        }
    }
}

/// A product of what is left of a term and one more factor.
fn joined<'g>(own: Option<Expr<'g>>, factor: Expr<'g>, divides: bool, one: Expr<'g>) -> Expr<'g> {
    match (own, divides) {
        (None, false) => factor,
        (None, true) => one / factor,
        (Some(own), false) => own * factor,
        (Some(own), true) => own / factor,
    }
}

/// A number times all factors.
fn scaled<'g>(factors: &[(Expr<'g>, bool)], own: Expr<'g>) -> Expr<'g> {
    factors.iter().fold(own, |own, &(factor, divides)| if divides { own / factor } else { factor * own })
}
