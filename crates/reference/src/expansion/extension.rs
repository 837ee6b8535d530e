//! Where a function has no value on a whole line, as sin(y)/y + x has none on the line y = 0, though it has a limit there.

use std::collections::BTreeMap;

use expr::{Node, NodeId};

use super::along::{curve, step};
use super::series::{Series, Stuck, Value};
use super::sides::{Finding, OneSided};
use super::{Examiner, ORDERS};

/// The power of t by which other inputs move, next to one that moves by t.
const SLOW: i64 = 16;
/// How many other inputs are tried.
const MAX_OTHERS: usize = 8;

/// Which inputs a node is made of.
#[derive(Clone, Copy, PartialEq)]
enum Made {
    OfNone,
    Of(usize),
    OfMany,
}

impl Examiner<'_, '_> {
    /// Tries again where nothing was found because of a pole all along the line.
    pub(super) fn extend_over_poles(&mut self) {
        let open: Vec<(usize, usize)> = (0..self.outputs.len())
            .flat_map(|output| (0..self.findings[output].len()).map(move |input| (output, input)))
            .filter(|&(o, i)| matches!(self.findings[o][i], Some((Finding::AtPole, _))))
            .collect();
        if open.is_empty() {
            return;
        }
        let extended = self.extended_nodes();
        for (output, input) in open {
            self.findings[output][input] = self.beside_pole(output, input, &extended);
        }
    }

    /// Nodes made of one input that have no value, with their limits along that input; by the input.
    fn extended_nodes(&mut self) -> BTreeMap<NodeId, (usize, Value)> {
        let f = self.lines.f;
        let graph = f.graph();
        let mut made = vec![Made::OfNone; graph.len()];
        let mut last = vec![false; graph.len()];
        for id in graph.ids() {
            made[id.index()] = match graph.node(id) {
                Node::Input(block, offset) => Made::Of(f.position(block, offset)),
                _ => graph.children(id).iter().fold(Made::OfNone, |so_far, child| {
                    match (so_far, made[child.index()]) {
                        (one, Made::OfNone) | (Made::OfNone, one) => one,
                        (Made::Of(i), Made::Of(j)) if i == j => so_far,
                        _ => Made::OfMany,
                    }
                }),
            };
            if made[id.index()] == Made::OfMany {
                graph.children(id).iter().for_each(|child| last[child.index()] = true);
            }
        }
        let mut extended = BTreeMap::new();
        for id in graph.ids() {
            if !last[id.index()] || !self.lines.needed[id.index()] {
                continue;
            }
            let missing = matches!(self.lines.point[id.index()], Ok(Value::Missing(_)));
            let (Made::Of(input), true) = (made[id.index()], missing) else {
                continue;
            };
            for order in ORDERS {
                let right = self.lines.along(&vec![step(input, 1)], order);
                let left = self.lines.along(&vec![step(input, -1)], order);
                let algebra = &mut self.lines.algebra;
                let (right, left) = (algebra.side(right.value(id)), algebra.side(left.value(id)));
                if let (Some(a), Some(b)) = (right.value(), left.value())
                    && algebra.equal(a, b) == Some(true)
                {
                    extended.insert(id, (input, Value::Series(Series::constant(a.clone()))));
                }
                if !right.wants_terms() && !left.wants_terms() {
                    break;
                }
            }
        }
        extended
    }

    /// By the limits of nodes made of one input, if nearby lines agree: that is a proof. Else by nearby lines alone.
    fn beside_pole(
        &mut self,
        output: usize,
        input: usize,
        extended: &BTreeMap<NodeId, (usize, Value)>,
    ) -> Option<(Finding, bool)> {
        let node = self.outputs[output];
        let others: Vec<usize> =
            self.inputs[output].iter().copied().filter(|&other| other != input).take(MAX_OTHERS).collect();
        let instead: BTreeMap<NodeId, Value> = extended
            .iter()
            .filter(|(_, (of, _))| *of != input)
            .map(|(&id, (_, value))| (id, value.clone()))
            .collect();
        let order = ORDERS[1];
        let mut sides = Vec::new();
        for sign in [1, -1] {
            let line = self.lines.along_extended(&vec![step(input, sign)], order, &instead);
            sides.push(self.lines.algebra.side(line.value(node)));
        }
        let at = self.lines.point[node.index()].clone();
        let mut found = self.lines.algebra.finding(&sides[0], &sides[1], &at, false);
        let undecided = |found: &Finding| matches!(found, Finding::AtPole | Finding::Unknown(_));
        let mut proved = !undecided(&found);
        let (mut seen, mut absent) = (0, 0);
        for &other in &others {
            for slow in [1, -1] {
                let mut near = Vec::new();
                for sign in [1, -1] {
                    let line = self.lines.along(&vec![step(input, sign), curve(other, slow, SLOW)], order);
                    near.push(self.lines.algebra.side(line.value(node)));
                }
                if near.iter().all(OneSided::is_missing) {
                    absent += 1;
                    continue;
                }
                let nearby = self.lines.algebra.finding(&near[0], &near[1], &at, false);
                if undecided(&found) && seen == 0 {
                    found = nearby.clone();
                    proved = false;
                }
                seen += 1;
                if !self.agree(&found, &nearby) {
                    return Some((Finding::Unknown(Stuck::Unsupported), false));
                }
            }
        }
        match (found, seen, absent) {
            (Finding::AtPole, 0, 1..) => Some((Finding::Undefined { limit: None }, true)),
            (_, 0, _) => Some((Finding::Unknown(Stuck::Unsupported), false)),
            (found, ..) => Some((found, proved)),
        }
    }

    fn agree(&mut self, a: &Finding, b: &Finding) -> bool {
        match (a, b) {
            (
                Finding::Slope { value, slope, ends, .. },
                Finding::Slope { value: other, slope: other_slope, ends: other_ends, .. },
            ) => {
                ends == other_ends
                    && self.lines.algebra.equal(value, other) == Some(true)
                    && self.lines.algebra.equal(slope, other_slope) == Some(true)
            }
            (Finding::Corner { left, right, .. }, Finding::Corner { left: l, right: r, .. }) => {
                self.lines.algebra.equal(left, l) == Some(true)
                    && self.lines.algebra.equal(right, r) == Some(true)
            }
            (Finding::Undefined { .. }, Finding::Undefined { .. }) => true,
            (a, b) => a == b && !matches!(a, Finding::AtPole | Finding::Unknown(_)),
        }
    }
}
