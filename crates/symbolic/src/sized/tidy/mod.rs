//! Loops as people write them: what indices decide is decided, sums of what does not depend on the index are so many times that,
//! factors stand before their sum, a sum that is there already is not written again, and one that is 0 is gone.

mod alike;
mod arrays;
mod sums;

use std::collections::{HashMap, HashSet};

use expr::graph::AxisRange;
use expr::index::{Index, Symbol};
use expr::scope::Axes;
use expr::{Axis, Calculus, Expr, Fold, Function, Node, NodeId, Op, Scalar};

use super::substitute::Images;

use super::Draft;

/// Larger functions are left as they are.
const MOST_NODES: usize = 1_500;

/// Index forms that are at least 0.
type Facts = Vec<Index>;

/// In how many ways outputs are tidied.
pub(super) const WAYS: usize = 3;

/// The outputs tidied in some ways, those of one way after those of another: with sums as they are, with sums multiplied out and taken
/// apart, with sums over one range put together. `facts` are for each output index forms that are at least 0, besides every size being at
/// least 1; `places` are the indices of elements.
pub(super) fn tidied(f: &Function, facts: &[Vec<Index>], places: &[Index]) -> Option<Function> {
    if f.graph().len() > MOST_NODES {
        return None;
    }
    let draft = Draft::over(f, 20 * MOST_NODES as u64);
    let outputs = {
        let mut all = Vec::new();
        let sizes = 0..f.graph().sizes().len() as u32;
        let sizes = sizes.filter_map(|k| Index::from(Symbol::Size(k)).minus(&1.into()));
        let sizes: Facts = sizes.collect();
        for (apart, together) in [(false, false), (true, false), (false, true)] {
            let mut tidy = Tidy {
                draft: &draft,
                apart,
                together,
                places: places.to_vec(),
                contexts: Vec::new(),
                done: HashMap::new(),
                iterations: HashMap::new(),
                sums: Vec::new(),
                read_once: arrays::read_once(f),
            };
            for (&output, facts) in f.outputs().iter().zip(facts) {
                // What is known of one element is nothing that another one need have: there may be none.
                let context = tidy.context([&sizes[..], facts].concat());
                all.push(tidy.rewrite(output, context)?.id());
            }
        }
        all
    };
    Some(f.with_same_bindings(draft.builder.finish(outputs)))
}

struct Tidy<'g> {
    draft: &'g Draft,
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
    /// Arrays of which one element is read.
    read_once: HashSet<NodeId>,
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
        self.draft.builder.handle(id)
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
        facts.retain(|fact| !Axes::of_forms([fact]).contains(range.axis));
        let own = Index::from(Symbol::Axis(range.axis));
        facts.extend([own.minus(&range.low)?, range.high.minus(&own)?]);
        Some(self.context(facts))
    }

    fn rewrite(&mut self, id: NodeId, context: usize) -> Option<Expr<'g>> {
        if let Some(found) = self.done.get(&(id, context)) {
            return Some(*found);
        }
        self.draft.within_budget().ok()?;
        let node = self.draft.node(id);
        let children = self.draft.children(id);
        let found = match node {
            Node::Const(_) | Node::Input(..) | Node::Symbol(_) | Node::Read(..) | Node::State(..) => {
                self.handle(id)
            }
            Node::Ternary(Op::Select, [condition, a, b]) => self.branch(condition, [a, b], context)?,
            Node::Fold(fold, _) => {
                let terms = self.all(&children, context)?;
                self.draft.builder.fold(fold, &terms)
            }
            Node::Reduce(fold, _, [body]) if fold.is_extreme() => {
                let range = self.draft.range(id);
                let inside = self.inside(context, &range)?;
                let body = self.rewrite(body, inside)?;
                self.draft.builder.reduce(fold, range, body)
            }
            Node::Reduce(fold, _, [body]) => {
                let range = self.draft.range(id);
                self.reduced(fold, range, body, context)?
            }
            Node::Element([array], position) => {
                let position = self.draft.builder.graph().position(position).to_vec();
                let once = self.read_once.contains(&array);
                let array = self.rewrite(array, context)?;
                self.element(array, &position, once)?
            }
            Node::Array(_, [body]) => {
                let range = self.draft.range(id);
                let inside = self.inside(context, &range)?;
                let body = self.rewrite(body, inside)?;
                self.draft.builder.array(range, body)
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
        let known = self.draft.builder.graph().comparison(condition);
        let Some([yes, no]) = known else {
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
        let written = self.draft.condition_of(&yes, &no, &self.places);
        let written = written.map_or((self.handle(condition), true), |(condition, holds)| (condition, holds));
        let (yes, no) = (self.under(context, &yes), self.under(context, &no));
        let (a, b) = (self.rewrite(a, yes)?, self.rewrite(b, no)?);
        Some(if written.1 { written.0.select(a, b) } else { written.0.select(b, a) })
    }

    fn iterated(&mut self, all: NodeId, context: usize) -> Option<Vec<Expr<'g>>> {
        if let Some(found) = self.iterations.get(&(all, context)) {
            return Some(found.clone());
        }
        let Node::Iterate(iteration) = self.draft.node(all) else { unreachable!("it is one") };
        let range = self.draft.range(all);
        let children = self.draft.children(all);
        let (states, falling) = self.draft.order(iteration);
        let (inits, inside) = children.split_at(states);
        let inits = self.all(inits, context)?;
        let context_inside = self.inside(context, &range)?;
        let inside = self.all(inside, context_inside)?;
        let (nexts, eaches) = inside.split_at(states);
        let inits: Vec<Expr<'g>> = inits
            .into_iter()
            .zip(nexts)
            .map(|(init, next)| self.over_axes_of(init, *next))
            .collect::<Option<_>>()?;
        let found = self.draft.builder.scan(range, falling, &inits, nexts, eaches);
        self.iterations.insert((all, context), found.clone());
        Some(found)
    }

    fn reduced(&mut self, fold: Fold, range: AxisRange, body: NodeId, context: usize) -> Option<Expr<'g>> {
        let steps = range.high.minus(&range.low)?.plus(&1.into())?;
        let neutral = self.draft.builder.lift(&fold.neutral()?);
        if holds(&negated(&steps)?, &self.contexts[context]) {
            return Some(neutral);
        }
        let inside = self.inside(context, &range)?;
        let body = self.rewrite(body, inside)?;
        if steps == Index::from(1) {
            let images = Images::index(range.axis, range.low.clone());
            return self.draft.substitute(body, &images).ok();
        }
        let length = holds(&steps, &self.contexts[context]).then(|| self.draft.builder.spelled(&steps));
        match fold {
            Fold::Sum => self.summed(&range, body, length),
            _ => match length.filter(|_| !self.depends(body, range.axis)) {
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
        let (range, other) = (self.draft.range(first.id()), self.draft.range(second.id()));
        let (Node::Reduce(_, _, [a_body]), Node::Reduce(_, _, [b_body])) =
            (self.draft.node(first.id()), self.draft.node(second.id()))
        else {
            return plain(a, b);
        };
        if ids(&left) != ids(&right)
            || (&range.low, &range.high) != (&other.low, &other.high)
            || self.draft.free(b_body).contains(range.axis) && range.axis != other.axis
        {
            return plain(a, b);
        }
        let images = Images::index(other.axis, Symbol::Axis(range.axis).into());
        let Ok(b_body) = self.draft.substitute(self.handle(b_body), &images) else { return plain(a, b) };
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
                self.draft.children(node.id()).iter().map(|&id| self.handle(id)).collect();
            match self.draft.node(node.id()) {
                Node::Binary(Op::Mul, _) => todo.extend(children.into_iter().map(|child| (child, divides))),
                Node::Binary(Op::Div, _) => todo.extend([(children[0], divides), (children[1], !divides)]),
                Node::Unary(Op::Neg, _) => {
                    factors.push((self.draft.integer(-1), false));
                    todo.push((children[0], divides));
                }
                Node::Reduce(Fold::Sum, ..) if !divides && sum.is_none() => sum = Some(node),
                _ => factors.push((node, divides)),
            }
        }
        sum.map(|sum| (factors, sum))
    }

    fn depends(&self, node: Expr<'g>, axis: Axis) -> bool {
        self.draft.free(node.id()).contains(axis)
    }
}

/// A number times all factors.
fn scaled<'g>(factors: &[(Expr<'g>, bool)], own: Expr<'g>) -> Expr<'g> {
    factors.iter().fold(own, |own, &(factor, divides)| if divides { own / factor } else { factor * own })
}
