//! One-sided expansions: what a function is beside a point where its graph as written has a singularity.
//!
//! Every node is a series in t at x + t·d, for small t > 0: terms with rational exponents and exact coefficients, and a
//! remainder. From the two sides of a coordinate follows what its partial derivative is, or that there is none. A
//! coefficient is 0 only where its normal form is, and other than 0 only where an enclosure excludes 0, so that nothing
//! here is decided by rounding.

mod along;
mod circular;
mod enclosure;
mod exact;
mod extension;
mod functions;
mod kernels;
mod operators;
mod partial;
mod quotient;
mod rational;
mod series;
mod sides;
mod special;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use expr::{Function, NodeId};

use along::{Lines, step};
use exact::{Exact, Field};
use series::{Algebra, Remainder, Value};
use sides::{Ends, Finding};

use crate::endpoint;
use crate::interval::{Arithmetic, Interval};
use crate::limits::{FULL_WORK, Limits};
use crate::status::Side;

/// What expansions say of a partial derivative.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Resolved {
    /// It exists, and is this number.
    Derivative {
        number: Number,
        side: Side,
        /// Whether the function could go on beyond the end of its domain: see [`Ends`].
        whole: bool,
        /// Whether the function as written has the value that it tends to.
        written: bool,
        proved: bool,
    },
    /// Slopes to both sides, shown to differ.
    Corner { hull: [f64; 2] },
    /// The value jumps.
    Jump { filled: Option<f64> },
    /// Partial derivatives that belong to no linear map.
    Partial { hull: [f64; 2] },
    /// No finite derivative, or no value.
    Undefined,
    /// Not decided.
    Unknown,
}

/// A real number as far as doubles go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    /// The nearest double, what the number has beyond it, and the bits that it took.
    Double { nearest: f64, rest: f64, bits: usize },
    /// mantissa·10^exponent, beyond the largest double.
    Large { mantissa: f64, exponent: i64 },
}

/// What is found at a point, per output.
pub(crate) struct Examination {
    /// Per input, where it was asked for.
    pub(crate) components: Vec<Vec<Option<Resolved>>>,
    /// The value that the function tends to, where as written it has none.
    pub(crate) limits: Vec<Option<f64>>,
    /// The value as written.
    pub(crate) values: Vec<Option<f64>>,
    /// How many inputs each output is made of.
    pub(crate) inputs: Vec<usize>,
}

/// How many orders of t are kept, one after the other until something is decided.
const ORDERS: [i64; 5] = [2, 4, 8, 16, 32];
/// From here on a remainder that more terms do not improve is left as it is.
const PATIENT_ORDER: i64 = 16;
/// Bits of enclosures, one after the other until a sign is decided.
const BITS: [usize; 3] = [192, 768, 3072];
/// Work on enclosures, at each precision.
const ENCLOSURE_WORK: u64 = 200_000_000;
/// Products of terms of exact numbers in one examination.
const WORK: u64 = 3_000_000;

/// Expands a flat function at a point with finite coordinates along each input that is asked for: `wanted[output][input]`.
pub(crate) fn examine(f: &Function, x: &[f64], limits: &Limits, wanted: &[Vec<bool>]) -> Examination {
    // Whoever asks for less than the whole budget gets as much less of these.
    let share =
        |work: u64| (work as f64 * limits.most_work as f64 / FULL_WORK as f64).min(work as f64) as u64;
    let reading = limits.reading;
    let worlds = BITS.map(|bits| Arithmetic { reading, ..Arithmetic::new(bits, share(ENCLOSURE_WORK)) });
    let outputs: Vec<NodeId> = f.outputs().to_vec();
    let concerned: Vec<NodeId> =
        (0..outputs.len()).filter(|&o| wanted[o].contains(&true)).map(|o| outputs[o]).collect();
    let field = Field::new(&worlds, share(WORK));
    let algebra = Algebra { field, order: rational::Rational::integer(ORDERS[0]) };
    let lines = Lines::new(f, x, &concerned, algebra);
    let inputs = outputs.iter().map(|&output| inputs_of(f, output)).collect();
    let findings = wanted.iter().map(|row| vec![None; row.len()]).collect();
    let mut examiner = Examiner { lines, outputs, inputs, findings };
    for input in 0..x.len() {
        let open: Vec<usize> = (0..wanted.len()).filter(|&output| wanted[output][input]).collect();
        examiner.expand(input, open);
    }
    examiner.extend_over_poles();
    let partial = examiner.contradictions();
    examiner.conclude(&partial)
}

/// The inputs that an output is made of.
fn inputs_of(f: &Function, output: NodeId) -> Vec<usize> {
    let reached = f.graph().reached_from(&[output]);
    f.graph().ids().filter(|id| reached[id.index()]).filter_map(|id| f.input_at(id)).collect()
}

struct Examiner<'a, 'w> {
    lines: Lines<'a, 'w>,
    outputs: Vec<NodeId>,
    /// Per output, the inputs that it is made of.
    inputs: Vec<Vec<usize>>,
    /// Per output and input: what was found, and whether it is proved.
    findings: Vec<Vec<Option<(Finding, bool)>>>,
}

impl Examiner<'_, '_> {
    /// Both sides of one input, for all outputs that are asked for.
    fn expand(&mut self, input: usize, mut open: Vec<usize>) {
        let mut before: BTreeMap<usize, [Option<Remainder>; 2]> = BTreeMap::new();
        for order in ORDERS {
            if open.is_empty() {
                return;
            }
            let right = self.lines.along(&vec![step(input, 1)], order);
            let left = self.lines.along(&vec![step(input, -1)], order);
            open.retain(|&output| {
                let node = self.outputs[output];
                let remainders = [&right, &left].map(|line| match line.value(node) {
                    Ok(Value::Series(series)) => Some(series.rest.clone()),
                    _ => None,
                });
                let algebra = &mut self.lines.algebra;
                let (right, left) = (algebra.side(right.value(node)), algebra.side(left.value(node)));
                let alone = self.inputs[output] == [input];
                let at = self.lines.point[node.index()].clone();
                let found = self.lines.algebra.finding(&right, &left, &at, alone);
                let more =
                    matches!(found, Finding::Unknown(_)) && (right.wants_terms() || left.wants_terms());
                self.findings[output][input] = Some((found, true));
                // What oscillates without end, as sin(1/x), gains nothing from more terms.
                let known = order >= PATIENT_ORDER && remainders.iter().any(Option::is_some);
                let stays = known && before.get(&output) == Some(&remainders);
                before.insert(output, remainders);
                more && !stays
            });
        }
    }

    fn conclude(mut self, partial: &[Vec<bool>]) -> Examination {
        let mut components = Vec::new();
        let mut limits = Vec::new();
        let mut values = Vec::new();
        for (output, contradicted) in partial.iter().enumerate() {
            let findings = std::mem::take(&mut self.findings[output]);
            let mut limit: Option<Exact> = None;
            let mut row = Vec::with_capacity(findings.len());
            for (input, found) in findings.into_iter().enumerate() {
                let Some((found, proved)) = found else {
                    row.push(None);
                    continue;
                };
                if let Finding::Slope { value, written: false, .. }
                | Finding::Corner { value, written: false, .. }
                | Finding::Close { value, written: false, .. }
                | Finding::Undefined { limit: Some(value) } = &found
                {
                    limit = limit.or_else(|| Some(value.clone()));
                }
                row.push(Some(self.resolved(found, proved, contradicted[input])));
            }
            components.push(row);
            // What has another slope along another direction may have another limit, too.
            let limit = limit.filter(|_| !contradicted.contains(&true));
            limits.push(limit.and_then(|limit| self.double(&limit)));
            let at = self.lines.point[self.outputs[output].index()].clone();
            values.push(match at {
                Ok(Value::Series(series)) => series.as_constant().and_then(|value| self.double(&value)),
                _ => None,
            });
        }
        let inputs = self.inputs.iter().map(Vec::len).collect();
        Examination { components, limits, values, inputs }
    }

    fn resolved(&mut self, found: Finding, proved: bool, contradicted: bool) -> Resolved {
        match found {
            Finding::Slope { slope, ends, written, .. } => {
                let Some(number) = self.number(&slope) else { return Resolved::Unknown };
                if contradicted {
                    return Resolved::Partial { hull: self.hull(&slope, &slope) };
                }
                let (side, whole) = match ends {
                    Ends::Inside => (Side::Both, true),
                    Ends::AtTop { whole } => (Side::Left, whole),
                    Ends::AtBottom { whole } => (Side::Right, whole),
                };
                Resolved::Derivative { number, side, whole, written, proved }
            }
            Finding::Corner { left, right, .. } => Resolved::Corner { hull: self.hull(&left, &right) },
            Finding::Jump { filled } => {
                Resolved::Jump { filled: filled.and_then(|slope| self.double(&slope)) }
            }
            Finding::Undefined { .. } => Resolved::Undefined,
            Finding::Close { left, right, written, .. } => match (self.number(&left), self.number(&right)) {
                (Some(number), Some(same)) if number == same => {
                    Resolved::Derivative { number, side: Side::Both, whole: true, written, proved: false }
                }
                _ => Resolved::Unknown,
            },
            Finding::AtPole | Finding::Unknown(_) => Resolved::Unknown,
        }
    }

    fn number(&mut self, a: &Exact) -> Option<Number> {
        if a.is_empty() {
            return Some(Number::Double { nearest: 0.0, rest: 0.0, bits: BITS[0] });
        }
        let (interval, bits) = self.lines.algebra.field.narrow(a);
        let nearest = interval.decided()?;
        if self.lines.algebra.field.is_exhausted() {
            return None;
        }
        if nearest.is_infinite() {
            let (mantissa, exponent) = endpoint::to_decimal(&interval.low);
            return Some(Number::Large { mantissa, exponent });
        }
        let known = Interval::point(interval.context, endpoint::from_f64(nearest));
        let rest = endpoint::to_f64(&interval.plus(&known.negated()).low);
        Some(Number::Double { nearest, rest, bits })
    }

    fn double(&mut self, a: &Exact) -> Option<f64> {
        match self.number(a)? {
            Number::Double { nearest, .. } => Some(nearest),
            Number::Large { .. } => None,
        }
    }

    /// An interval of doubles that holds both.
    fn hull(&mut self, a: &Exact, b: &Exact) -> [f64; 2] {
        let mut ends = |a: &Exact| match self.lines.algebra.field.narrow(a).0.to_f64s() {
            _ if a.is_empty() => (0.0, 0.0),
            ends => ends,
        };
        let (a, b) = (ends(a), ends(b));
        [a.0.min(b.0), a.1.max(b.1)]
    }
}
