//! Which loops are run for blocks of their values at a time: at most one of those around a value.
//!
//! An operator over a row costs a choice and then little for each lane, one over a number the choice alone, so it is the loop with many
//! iterations that is run in blocks, and in a nest the one inside of which most is done. Inside of a block other loops run as
//! they do outside of it, over rows; so their ranges do not depend on the lane.

use expr::scope::Axes;
use expr::{Axis, Graph, Node, NodeId};
use rustc_hash::FxHashMap;

use super::axes::AxisTable;
use super::contraction::{Contraction, Contractions};
use super::interchange::{Interchange, own_axis};
use super::regions::{Binder, Item, Loop, Region, is_scan};

/// Sums over fewer values are not run around other loops.
const LEAST_LONGER: usize = 64;
/// Loops of more iterations are not unrolled.
const MOST_UNROLLED: usize = 64;
/// Nor are those that would come to more steps.
const MOST_STEPS: usize = 2048;
/// Nanoseconds that a step takes to be chosen.
const CHOICE: f64 = 5.0;
/// What a lane costs for each addition of an operator's cost.
const LANE: f64 = 0.12;
/// The same of a number by itself.
const ALONE: f64 = 1.2;
/// What a lane costs that is not next to the others.
const APART: f64 = 0.8;

pub(super) struct Costs<'a> {
    pub(super) graph: &'a Graph,
    pub(super) axes: &'a AxisTable,
    pub(super) contractions: &'a FxHashMap<NodeId, Contraction>,
    /// How many values there are in a block.
    pub(super) block: f64,
    pub(super) choice: Choice,
}

/// What of a plan is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// Values, each lane one.
    Values,
    /// Steps that are chosen: one for a block of lanes.
    Choices,
}

/// By what loops are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    ByCost,
    /// The outermost of those that may be.
    #[cfg(test)]
    Outermost,
    /// The innermost.
    #[cfg(test)]
    Innermost,
    #[cfg(test)]
    None,
}

impl Choice {
    /// Which sums are computed as products of matrices.
    pub(super) fn contractions(self) -> Contractions {
        match self {
            Choice::ByCost => Contractions::Worthwhile,
            #[cfg(test)]
            Choice::Outermost | Choice::Innermost => Contractions::None,
            #[cfg(test)]
            Choice::None => Contractions::All,
        }
    }

    /// Which reductions are run around the loops that they stand in.
    pub(super) fn interchange(self) -> Interchange {
        match self {
            Choice::ByCost => Interchange::Longer(LEAST_LONGER),
            #[cfg(test)]
            Choice::Outermost => Interchange::All,
            #[cfg(test)]
            Choice::Innermost | Choice::None => Interchange::None,
        }
    }
}

impl Costs<'_> {
    /// Decides for all loops of a region; says whether those around others for totals are run in blocks.
    pub(super) fn decide(&self, region: &mut Region) -> bool {
        for item in &mut region.items {
            let Item::Loop(inner) = item else { continue };
            let is_total = inner.binders.iter().any(
                |binder| matches!(binder, Binder::Total(id, _) if own_axis(self.graph, *id) == inner.axis),
            );
            let in_blocks = self.blocks_allowed(inner)
                && match self.choice {
                    Choice::ByCost if is_total => true,
                    Choice::ByCost => self.in_blocks(inner) < self.one_by_one(inner),
                    #[cfg(test)]
                    Choice::Outermost => true,
                    #[cfg(test)]
                    Choice::Innermost => !self.has_such(&inner.body),
                    #[cfg(test)]
                    Choice::None => false,
                };
            inner.in_blocks = in_blocks;
            if is_total && !in_blocks {
                return false;
            }
            if !in_blocks && !self.decide(&mut inner.body) {
                return false;
            }
        }
        true
    }

    /// Decides which loops are unrolled: of few iterations, with known bounds where those around are unrolled, and no blocks inside.
    /// Says how many steps a region comes to, and whether there are blocks in it.
    pub(super) fn unroll(&self, region: &mut Region, known: Axes) -> (usize, bool) {
        let (mut size, mut blocks) = (0usize, false);
        for item in &mut region.items {
            let Item::Loop(inner) = item else {
                size += 1;
                continue;
            };
            let own = Axes::of(inner.axis);
            let ranges = self.axes.closed[inner.axis.index()] - own;
            let extent = self.axes.extent(inner.axis).unwrap_or(usize::MAX);
            inner.unrolled = false;
            if !inner.in_blocks && self.may_unroll() && (ranges - known).is_empty() && extent <= MOST_UNROLLED
            {
                let (each, inside) = self.unroll(&mut inner.body, known | own);
                let all = (self.trips(inner) * (each + inner.binders.len()) as f64) as usize;
                if !inside && all <= MOST_STEPS {
                    inner.unrolled = true;
                    size += all;
                    continue;
                }
            }
            let (each, inside) = self.unroll(&mut inner.body, known);
            size += each + inner.binders.len();
            let is_section = extent <= self.block as usize && (ranges - known).is_empty();
            blocks |= inside || inner.in_blocks && !is_section;
        }
        (size, blocks)
    }

    fn may_unroll(&self) -> bool {
        match self.choice {
            Choice::ByCost => true,
            #[cfg(test)]
            choice => choice != Choice::Innermost,
        }
    }

    /// How many values a region computes, or steps it chooses for that, loops as often as they are run.
    pub(super) fn work(&self, region: &Region, counted: Counted) -> f64 {
        let of = |item: &Item| match item {
            Item::Value(id) => f64::from(u8::from(self.graph.node(*id).op().is_some())),
            Item::Load(_) => 0.0,
            Item::Contraction(id) => match counted {
                Counted::Values => 2.0 * self.contractions[id].products(self.axes),
                Counted::Choices => 1.0,
            },
            Item::Loop(inner) => {
                let trips = match counted {
                    Counted::Choices if inner.in_blocks => (self.trips(inner) / self.block).ceil(),
                    _ => self.trips(inner),
                };
                trips * (inner.binders.len() as f64 + self.work(&inner.body, counted))
            }
        };
        region.items.iter().map(of).sum()
    }

    fn trips(&self, inner: &Loop) -> f64 {
        self.axes.trips[inner.axis.index()]
    }

    /// A loop run for one value after the other.
    fn one_by_one(&self, inner: &Loop) -> f64 {
        let each: f64 = inner.body.items.iter().map(|item| self.number(item)).sum();
        self.trips(inner) * (each + CHOICE * inner.binders.len() as f64) + 4.0 * CHOICE
    }

    fn number(&self, item: &Item) -> f64 {
        match item {
            Item::Value(id) => CHOICE + ALONE * self.cost(*id),
            Item::Load(_) | Item::Contraction(_) => CHOICE,
            Item::Loop(inner) => {
                let alone = self.one_by_one(inner);
                if self.blocks_allowed(inner) { alone.min(self.in_blocks(inner)) } else { alone }
            }
        }
    }

    /// A loop run in blocks.
    fn in_blocks(&self, inner: &Loop) -> f64 {
        let trips = self.trips(inner);
        let blocks = (trips / self.block).ceil().max(1.0);
        let lanes = (trips / blocks / 8.0).ceil() * 8.0;
        blocks * (CHOICE + self.rows(&inner.body, inner.axis, lanes) + CHOICE * inner.binders.len() as f64)
            + 4.0 * CHOICE
    }

    fn rows(&self, region: &Region, lane: Axis, lanes: f64) -> f64 {
        let of = |item: &Item| match item {
            Item::Value(id) if !self.axes.free[id.index()].contains(lane) => CHOICE + ALONE * self.cost(*id),
            Item::Value(id) | Item::Load(id) => {
                CHOICE + lanes * (LANE * self.cost(*id) + self.apart(*id, lane))
            }
            Item::Contraction(_) => 0.0,
            Item::Loop(inner) => {
                let own = self.rows(&inner.body, lane, lanes)
                    + (CHOICE + lanes * LANE) * inner.binders.len() as f64;
                self.trips(inner) * own
            }
        };
        region.items.iter().map(of).sum()
    }

    fn cost(&self, id: NodeId) -> f64 {
        match self.graph.node(id) {
            Node::Fold(_, list) => self.graph.list(list).len() as f64,
            Node::Scatter(_) => 1000.0,
            node => node.op().map_or(1.0, |op| f64::from(op.cost())),
        }
    }

    /// What is read from places apart costs more.
    fn apart(&self, id: NodeId, lane: Axis) -> f64 {
        let (Node::Read(_, position) | Node::Element(_, position)) = self.graph.node(id) else { return 0.0 };
        let forms = self.graph.position(position);
        let last_alone = forms.split_last().is_some_and(|(last, others)| {
            let degree = |form: &expr::index::Index| form.degree(expr::index::Symbol::Axis(lane));
            others.iter().all(|form| degree(form) == 0) && degree(last) <= 1 && last.data().is_empty()
        });
        if last_alone { 0.0 } else { APART }
    }

    #[cfg(test)]
    fn has_such(&self, region: &Region) -> bool {
        region.items.iter().any(|item| {
            matches!(item, Item::Loop(inner) if self.blocks_allowed(inner) || self.has_such(&inner.body))
        })
    }

    /// Whether a loop may be run in blocks.
    fn blocks_allowed(&self, inner: &Loop) -> bool {
        !is_scan(self.graph, &inner.binders) && self.body_allows(&inner.body, inner.axis)
    }

    fn body_allows(&self, region: &Region, lane: Axis) -> bool {
        region.items.iter().all(|item| match item {
            Item::Value(id) => !matches!(self.graph.node(*id), Node::Scatter(_)),
            Item::Load(_) => true,
            Item::Contraction(_) => false,
            Item::Loop(inner) => {
                let ranges = match inner.binders.as_slice() {
                    // Other iterations in other lanes: the whole nest is.
                    [Binder::Node(id), ..] if is_scan(self.graph, &inner.binders) => {
                        let range = self.graph.scope(*id).expect("it binds an axis").range;
                        Axes::of(lane) & self.axes.closed[range.axis.index()]
                    }
                    _ => Axes::of(lane) & self.axes.closed[inner.axis.index()],
                };
                ranges.is_empty() && self.body_allows(&inner.body, lane)
            }
        })
    }
}
