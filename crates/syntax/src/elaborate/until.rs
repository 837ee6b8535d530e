//! `until(k, 1, n, y, start, next, condition)`: an iteration with one state more, which says whether the condition has held before
//! some step. From then on the others stay as they are; so it is differentiated as every iteration is.

use super::arrays::{Array, Elements};
use super::{Elaborator, Meaning};
use crate::diagnostic::Diagnostic;
use crate::jet::Jet;
use expr::Calculus;
use expr::graph::AxisRange;
use expr::index::{Index, Symbol};

impl<'p, 'g> Elaborator<'p, 'g> {
    /// A state after a step that is made unless a condition holds; and which is not looked at beyond the last one.
    pub(super) fn stopped(
        &self,
        holds: Jet<'g>,
        within: Option<Jet<'g>>,
        before: Meaning<'g>,
        next: &Meaning<'g>,
    ) -> Result<Meaning<'g>, Diagnostic> {
        let step = |before: Jet<'g>, next: Jet<'g>| {
            let next = within.map_or(next, |within| within.select(next, before));
            holds.select(before, next)
        };
        Ok(match (before, next) {
            (Meaning::Array(before), Meaning::Array(next)) => {
                let elements = step(self.at_own(&before, &next.ranges)?, self.at_own(next, &next.ranges)?);
                Meaning::Array(Array { elements: Elements::Open(elements), ..next.clone() })
            }
            (Meaning::Number(before, _), Meaning::Number(next, _)) => {
                Meaning::Number(step(before, *next), None)
            }
            _ => unreachable!("a state keeps its shape"),
        })
    }

    /// What an iteration ends with, where its condition has held: elsewhere it has no value.
    pub(super) fn defined(&self, held: Jet<'g>, last: Meaning<'g>) -> Result<Meaning<'g>, Diagnostic> {
        // Without a value it has no derivative either, whatever the last state depends on.
        let value = |last: Jet<'g>| held.select(last, last * self.jets.constant(f64::NAN));
        Ok(match last {
            Meaning::Array(array) => {
                let elements = Elements::Open(value(self.at_own(&array, &array.ranges)?));
                Meaning::Array(Array { elements, ..array })
            }
            Meaning::Number(last, _) => Meaning::Number(value(last), None),
            _ => unreachable!("states are numbers or arrays"),
        })
    }

    /// The element of an array at the axes of these ranges, which are as its own.
    fn at_own(&self, array: &Array<'g>, ranges: &[AxisRange]) -> Result<Jet<'g>, Diagnostic> {
        let forms: Vec<Index> = ranges.iter().map(|range| Symbol::Axis(range.axis).into()).collect();
        let node = self.node(array)?;
        Ok(self.jets.plain(self.builder.at(node, &forms)))
    }
}
