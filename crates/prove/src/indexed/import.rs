//! Functions as terms, and which elements of an indexed input a function has.

use std::collections::BTreeMap;

use expr::graph::AxisRange;
use expr::index::{Index, Symbol};
use expr::{Axis, Constant, Function, Node, NodeId, Op};

use super::checker::inside;
use super::checker::linear::{Region, below_zero};
use super::checker::predicate::{Predicate, predicate};
use super::term::{Range, Term, bound, level};
use crate::Literals;

/// Larger terms are not looked at.
const MOST_NODES: usize = 20_000;
/// Nor are deeper ones, which are gone into by recursion.
const MOST_DEPTH: usize = 400;

/// What symbols of a graph are as symbols of terms.
pub(super) struct Import<'a> {
    pub(super) f: &'a Function,
    /// The form that stands for each size, by its position; nothing for a size that means nothing here.
    pub(super) sizes: Vec<Option<Index>>,
    /// What decimals mean.
    pub(super) literals: Literals,
    pub(super) nodes: usize,
}

impl Import<'_> {
    pub(super) fn term(&mut self, id: NodeId) -> Option<Term> {
        self.node(id, &BTreeMap::new(), 0, 0)
    }

    fn form(&self, form: &Index, axes: &BTreeMap<Axis, usize>) -> Option<Index> {
        let known = form.symbols().all(|symbol| match symbol {
            Symbol::Axis(axis) => axes.contains_key(&axis),
            Symbol::Size(k) => self.sizes[k as usize].is_some(),
            Symbol::Datum(_) => false,
        });
        (known && form.data().is_empty()).then_some(())?;
        form.substituted(&|symbol| match symbol {
            Symbol::Axis(axis) => bound(axes[&axis]).into(),
            Symbol::Size(k) => self.sizes[k as usize].clone().unwrap_or_default(),
            Symbol::Datum(_) => unreachable!("it has no data"),
        })
    }

    fn node(&mut self, id: NodeId, axes: &BTreeMap<Axis, usize>, depth: usize, deep: usize) -> Option<Term> {
        self.nodes += 1;
        (self.nodes <= MOST_NODES && deep <= MOST_DEPTH).then_some(())?;
        let graph = self.f.graph();
        Some(match graph.node(id) {
            Node::Const(constant) => self.constant(graph.constant(constant))?,
            Node::Symbol(symbol) => Term::Index(self.form(&symbol.into(), axes)?),
            Node::Input(block, offset) => {
                let name = graph.block(block).name.clone();
                match graph.block(block).rank {
                    0 => Term::Scalar(name),
                    1 => Term::Read(name, vec![Index::from(i64::from(offset) + 1)]),
                    _ => {
                        let element = graph.block(block).element(offset);
                        let inside = element.split_once('[')?.1.strip_suffix(']')?.to_owned();
                        let place = |text: &str| Some(Index::from(text.parse::<i64>().ok()?));
                        Term::Read(name, inside.split(',').map(place).collect::<Option<_>>()?)
                    }
                }
            }
            Node::Read(block, position) => {
                let forms = graph.position(position).iter().map(|form| self.form(form, axes));
                Term::Read(graph.block(block).name.clone(), forms.collect::<Option<_>>()?)
            }
            Node::Fold(fold, _) | Node::Reduce(fold, ..) if fold.is_extreme() => return None,
            Node::Fold(fold, list) => {
                let terms = graph.list(list).iter().map(|&term| self.node(term, axes, depth, deep + 1));
                Term::Fold(fold, terms.collect::<Option<_>>()?)
            }
            Node::Reduce(fold, range, [body]) => {
                let AxisRange { axis, low, high } = graph.range(range);
                let range = Range { low: self.form(low, axes)?, high: self.form(high, axes)? };
                let mut inner = axes.clone();
                inner.insert(*axis, depth);
                Term::Reduce(fold, range, Box::new(self.node(body, &inner, depth + 1, deep + 1)?))
            }
            Node::Iterate(_) | Node::Project(..) | Node::State(..) => return None,
            node => {
                let of = node.operands().iter().map(|&child| self.node(child, axes, depth, deep + 1));
                applied(node.op()?, of.collect::<Option<_>>()?)
            }
        })
    }

    fn constant(&self, constant: &Constant) -> Option<Term> {
        Some(match constant {
            Constant::Integer(value) => Term::integer(*value),
            Constant::Decimal(_) if self.literals == Literals::Nearest => {
                match Constant::exact(constant.to_f64())? {
                    Constant::Integer(value) => Term::integer(value),
                    constant => Term::Constant(constant),
                }
            }
            constant => Term::Constant(constant.clone()),
        })
    }
}

/// Sums, differences and products of whole numbers are whole numbers.
fn applied(op: Op, of: Vec<Term>) -> Term {
    let forms: Vec<&Index> = { of.iter() }
        .filter_map(|term| match term {
            Term::Index(form) => Some(form),
            _ => None,
        })
        .collect();
    let whole = match (op, forms.as_slice()) {
        (Op::Neg, [a]) => Index::default().minus(a),
        (Op::Add, [a, b]) => a.plus(b),
        (Op::Sub, [a, b]) => a.minus(b),
        (Op::Mul, [a, b]) => a.times(b),
        _ => None,
    };
    whole.map_or(Term::Apply(op, of), Term::Index)
}

/// A read of a function: of which block, where, and when it happens.
pub(super) struct Reading {
    block: String,
    position: Vec<Index>,
    when: Region,
    /// The loops around it, outermost first.
    ranges: Vec<Range>,
    /// Whether it happens whenever that holds; else it may not.
    certain: bool,
}

/// All reads of indexed inputs in a term.
pub(super) fn readings(term: &Term) -> Vec<Reading> {
    let mut found = Vec::new();
    collect(term, &Region::default(), &mut Vec::new(), true, &mut found);
    found
}

fn collect(term: &Term, when: &Region, ranges: &mut Vec<Range>, certain: bool, found: &mut Vec<Reading>) {
    match term {
        Term::Read(block, position) => found.push(Reading {
            block: block.clone(),
            position: position.clone(),
            when: when.clone(),
            ranges: ranges.clone(),
            certain,
        }),
        Term::Reduce(_, range, body) => {
            if let Some(inner) = inside(when, range, ranges.len()) {
                ranges.push(range.clone());
                collect(body, &inner, ranges, certain, found);
                ranges.pop();
            }
        }
        Term::Apply(Op::Select, of) => {
            collect(&of[0], when, ranges, certain, found);
            let condition = match &of[0] {
                Term::Apply(op, sides) if sides.len() == 2 => predicate(*op, &sides[0], &sides[1]),
                _ => None,
            };
            let decides = match &condition {
                Some(condition) => of[0].children().iter().all(is_index) && condition.form().is_some(),
                None => false,
            };
            let (yes, no) = match condition.filter(|_| decides) {
                Some(Predicate::AtLeast(form)) => {
                    let opposite = below_zero(&form);
                    (Some(when.and([form])), opposite.map(|form| when.and([form])))
                }
                Some(Predicate::Zero(form)) => {
                    let opposite = Index::default().minus(&form);
                    (opposite.map(|opposite| when.and([form, opposite])), None)
                }
                Some(Predicate::NonZero(form)) => {
                    let opposite = Index::default().minus(&form);
                    (None, opposite.map(|opposite| when.and([form, opposite])))
                }
                // Data decide: both branches are there.
                _ if !is_index(&of[0]) => {
                    collect(&of[1], when, ranges, certain, found);
                    return collect(&of[2], when, ranges, certain, found);
                }
                _ => (None, None),
            };
            for (branch, when_taken) in [(&of[1], yes), (&of[2], no)] {
                let known = when_taken.is_some();
                collect(branch, &when_taken.unwrap_or_else(|| when.clone()), ranges, certain && known, found);
            }
        }
        _ => term.children().iter().for_each(|child| collect(child, when, ranges, certain, found)),
    }
}

/// Whether a term is made of indices and numbers only, so that it is decided when a function is written out.
fn is_index(term: &Term) -> bool {
    match term {
        Term::Index(_) | Term::Constant(_) => true,
        Term::Apply(_, of) => of.iter().all(is_index),
        _ => false,
    }
}

/// Regions that cover all places that a block has along one of its indices: up to the furthest that is read.
///
/// Variables of the function's loops are symbols there, apart from those of all terms.
pub(super) fn places(readings: &[Reading], block: &str, along: usize, place: &Index) -> Vec<Region> {
    let mut found: Vec<Region> = Vec::new();
    let own: Vec<&Reading> = readings.iter().filter(|reading| reading.block == block).collect();
    let first = place.minus(&1.into());
    for (k, reading) in own.iter().enumerate() {
        let forms = [first.clone(), reading.position[along].minus(place)];
        let [Some(first), Some(last)] = forms else { continue };
        let region = reading.when.and([first, last]);
        // What another one covers is nothing new; of two that cover each other the first counts.
        let covered = own.iter().enumerate().any(|(other, by)| {
            other != k
                && reaches(by, along, place, &region)
                && !(other > k && reaches(reading, along, place, &covering(by, along, place)))
        });
        let renamed = |form: &Index| {
            form.substituted(&|symbol| match level(symbol) {
                Some(depth) => bound(depth + (along + 2) * APART).into(),
                None => symbol.into(),
            })
        };
        if let Some(forms) = region.forms().iter().map(renamed).collect::<Option<Vec<_>>>()
            && !covered
            && !region.is_empty()
        {
            found.push(Region::default().and(forms));
        }
    }
    found
}

fn covering(reading: &Reading, along: usize, place: &Index) -> Region {
    reading.position[along].minus(place).map_or_else(|| reading.when.clone(), |last| reading.when.and([last]))
}

/// Whether a block surely has a place: whether one of the reads reaches that far.
pub(super) fn has_place(
    readings: &[Reading],
    block: &str,
    along: usize,
    place: &Index,
    region: &Region,
) -> bool {
    let first = place.minus(&1.into()).is_some_and(|first| region.implies(&first));
    first && readings.iter().any(|reading| reading.block == block && reaches(reading, along, place, region))
}

/// Whether a read reaches a place wherever the inequalities of a region hold, at the end of all loops around it.
fn reaches(reading: &Reading, along: usize, place: &Index, region: &Region) -> bool {
    if !reading.certain {
        return false;
    }
    // The variables of the region's own loops are others than those of the reading.
    let apart = |form: &Index| {
        form.substituted(&|symbol| match level(symbol) {
            Some(depth) => bound(depth + APART).into(),
            None => symbol.into(),
        })
    };
    let (Some(mut position), Some(mut needed)) = (
        apart(&reading.position[along]),
        reading.when.forms().iter().map(apart).collect::<Option<Vec<Index>>>(),
    ) else {
        return false;
    };
    for (depth, range) in reading.ranges.iter().enumerate().rev() {
        let variable = bound(depth + APART);
        let down =
            position.terms().iter().any(|(symbols, factor)| symbols.as_slice() == [variable] && *factor < 0);
        let Some(end) = apart(if down { &range.low } else { &range.high }) else { return false };
        let at_end = |form: &Index| {
            form.substituted(&|symbol| if symbol == variable { end.clone() } else { symbol.into() })
        };
        let (Some(further), Some(conditions)) =
            (at_end(&position), needed.iter().map(at_end).collect::<Option<Vec<_>>>())
        else {
            return false;
        };
        (position, needed) = (further, conditions);
    }
    needed.iter().all(|form| region.implies(form))
        && position.minus(place).is_some_and(|far| region.implies(&far))
}

/// Far from the depths of loops that there are.
const APART: usize = 1000;
