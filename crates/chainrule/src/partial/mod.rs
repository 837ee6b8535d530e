//! Partial sums: a function summed over rows that no one process sees all of, with the bits of one that does.
//!
//! A [`SumOver`] turns some rows into a [`Partial`]: the sums of a function and of its gradient by the parameters over these rows, as
//! far as they can be summed before the other rows are known. Partial sums are merged in any order, by whatever engine
//! holds the data, and the last one is finished into a [`RowTotal`].
//!
//! # Why merging is associative and commutative in bits
//!
//! Adding doubles is neither, so a partial sum is no double. What it is depends on the *set* of its rows alone, and merging is the union
//! of such sets, which is both; the double is made once, by [`Partial::finish`], from what the whole set determines.
//!
//! **[`Order::Row`]** has the bits of `sum(i, 1, n, …)`, whose order is that of [`expr::fold`]: chunks of 256 rows by number, each with eight partial
//! results, joined by a binary tree by chunk number: node k of level l is node 2k + node 2k+1 of the level below. A node is a number
//! as soon as all of its rows are known, whatever else is. So for a set of rows a partial sum holds
//!
//! * the largest nodes of the tree that have all of their rows: a range of m rows has at most two per level, 2·log2(m/256) of them;
//! * of a chunk that lacks rows the terms themselves, with their row numbers, since a sum of some of them is not yet what the chunk adds:
//!   a range has at most two such ragged ends, of 255 terms each.
//!
//! ```text
//! rows 100..1500    chunk    0        1   2   3   4        5
//!                            terms    (0,1)  (1,1)  (0,4)  terms        (level, index) of nodes
//!                            100..256                      1280..1500
//! ```
//!
//! Merging puts both lists in the order of rows, joins the terms of a chunk, makes a node of a chunk that has become whole, and a node of two that are
//! halves of one. No node is made of anything but its own halves, so its bits do not depend on who made it or when. The rows of two
//! partial sums must differ; that they do is seen, and the rows that are in both are named. A set of k ranges takes O(k log rows) numbers per sum.
//! A row that is skipped keeps its number and has no term: a partial result begins as its first term that exists, and a node without
//! any is left out where it would be joined. Where the rows 0..n are all there, what is left of the tree is joined as [`expr::fold`] joins it.
//!
//! **[`Order::Any`]** is for engines that do not know row numbers. Every sum is exact: an integer times 2^-1074, in 69 digits of 32 bits
//! (552 bytes), to which doubles of any size are added without rounding. Addition of integers is associative and commutative, and the
//! integer is rounded once at the end, to the nearest double, ties to even. It is our own (`exact.rs`) since it must be
//! the same in bytes wherever it is, and for that carries must be settled in one way. Sums in the two orders may differ in their last bits, of which those of `Any` are right.
//!
//! The terms themselves, a row's value and gradient, have the same bits on every machine, in any batch and on any number of threads
//! ([`BatchGradient`](crate::BatchGradient)). So the total has them too.
//!
//! # What else is told
//!
//! Rows are counted, and with the first of each: rows that were *skipped*; *undefined* ones, where the value or a partial derivative is
//! NaN or infinite, or an operator on the way to a parameter is at an end of its domain; and rows at a *kink* by a parameter. Counts add and first rows are
//! minima, which is associative and commutative as well. In `Order::Any` a part may have a name, which a sum then has once at most, so that a part
//! that an engine ran again after a failure is not counted twice.
//!
//! A partial sum knows its function, sizes, data, columns and order (by a digest of 128 bits) and the parameters that it was computed for: merging
//! others is an error. It does not know the version of this library: use one version for all parts.

mod bytes;
mod counts;
mod error;
mod exact;
mod pieces;
mod rows;
mod subject;
mod sum_over;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

pub use counts::{RowPlace, Tally};
pub use error::PartialError;
pub use sum_over::{Order, Place, SumOver};

use counts::Counts;
use exact::Exact;
use pieces::Pieces;
use subject::Subject;

/// The sum over some rows, which can be merged with that over others.
///
/// ```
/// use chainrule::{BatchInput::{Each, Shared}, Order, Partial, Place, SumOver};
/// let loss = SumOver::new(&chainrule::parse("(a*x - 1)^2")?, &["x"], Order::Row)?;
/// let x: Vec<f64> = (0..1000).map(|k| f64::from(k).sin()).collect();
/// let part = |rows: std::ops::Range<usize>| {
///     let place = Place::FromRow(rows.start as u64);
///     loss.partial(&[Shared(3.0), Each(&x[rows.clone()])], rows.len(), &place).unwrap()
/// };
/// let merged = part(700..1000).merge(part(0..123))?.merge(part(123..700))?;
/// assert_eq!(merged, part(0..1000)); // in every bit
/// let at_once = Partial::merge_all([part(500..1000), part(0..500)])?;
/// assert_eq!(at_once, merged);
/// // What it is the sum of.
/// assert!(merged.text().starts_with("(a*x - 1)^2 over x"));
/// assert_eq!((merged.order(), merged.outputs()), (Order::Row, 1));
/// assert_eq!(merged.parameters(), [("a".to_owned(), vec![])]);
/// assert_eq!((merged.rows(), merged.ranges(), merged.parts().len()), (1000, vec![0..1000], 0));
/// assert_eq!((merged.skipped().count, merged.kinks().count, merged.undefined().count), (0, 0, 0));
/// let total = merged.finish(Some(1000))?;
/// assert_eq!(total.gradient.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Partial {
    subject: Arc<Subject>,
    /// The numbers that all rows share.
    parameters: Vec<f64>,
    counts: Counts,
    sums: Sums,
}

#[derive(Clone, Debug)]
enum Sums {
    Row(Pieces),
    Any {
        exact: Vec<Exact>,
        /// The names of parts, in order.
        parts: Vec<String>,
    },
}

/// Equal in every bit: NaN is equal to itself, and 0 not to -0.
impl PartialEq for Partial {
    fn eq(&self, other: &Partial) -> bool {
        self.to_bytes() == other.to_bytes()
    }
}

/// The sum over all rows.
///
/// ```
/// use chainrule::{BatchInput::{Each, Shared}, Order, Place, SumOver};
/// let loss = SumOver::new(&chainrule::parse("a*ln(x)")?, &["x"], Order::Row)?;
/// let inputs = [Shared(2.0), Each(&[1.0, -1.0, 1.0])];
/// let total = loss.partial(&inputs, 3, &Place::FromRow(0))?.finish(None)?;
/// assert!(total.values[0].is_nan());
/// assert_eq!((total.rows, total.undefined.count, total.undefined.first.unwrap().row), (0..3, 1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RowTotal {
    /// Per output its sum.
    pub values: Vec<f64>,
    /// Per output a row with the sum's gradient by each number of the parameters.
    pub gradient: Vec<f64>,
    /// The rows that were summed or skipped, from 0.
    pub rows: Range<u64>,
    /// Rows that were skipped.
    pub skipped: Tally,
    /// Rows at a kink by a parameter: the gradient is one by convention there.
    pub kinks: Tally,
    /// Rows whose value or gradient is NaN or infinite, or by a parameter at an end of the domain.
    pub undefined: Tally,
}

impl Partial {
    /// The sum over the rows of both.
    ///
    /// # Errors
    /// When a row or a named part is in both, or they are sums of two functions or for two values of a parameter.
    pub fn merge(self, other: Partial) -> Result<Partial, PartialError> {
        Partial::merge_all([self, other])
    }

    /// The sum over the rows of all, in one go: where there are many, this is faster than one after the other.
    ///
    /// # Errors
    /// As [`merge`](Self::merge); and when there are none.
    pub fn merge_all(parts: impl IntoIterator<Item = Partial>) -> Result<Partial, PartialError> {
        let mut parts = parts.into_iter();
        let mut all = parts.next().ok_or(PartialError::Nothing)?;
        let mut pieces = Vec::new();
        for part in parts {
            all.expect_alike(&part)?;
            all.counts.merge(part.counts)?;
            match (&mut all.sums, part.sums) {
                (Sums::Row(_), Sums::Row(further)) => pieces.extend(further.into_pieces()),
                (Sums::Any { exact, parts }, Sums::Any { exact: further, parts: names }) => {
                    for part in names {
                        match parts.binary_search(&part) {
                            Ok(_) => return Err(PartialError::PartTwice { part }),
                            Err(place) => parts.insert(place, part),
                        }
                    }
                    exact.iter_mut().zip(&further).for_each(|(sum, further)| sum.merge(further));
                }
                _ => unreachable!("the order is part of what they have in common"),
            }
        }
        if let Sums::Row(own) = &mut all.sums
            && !pieces.is_empty()
        {
            pieces.extend(std::mem::take(own).into_pieces());
            *own = Pieces::gather(pieces, all.subject.sums())?;
        }
        Ok(all)
    }

    fn expect_alike(&self, other: &Partial) -> Result<(), PartialError> {
        let (one, two) = (&self.subject, &other.subject);
        if one != two {
            return Err(PartialError::OtherFunction { one: one.text.clone(), other: two.text.clone() });
        }
        let mut both = self.parameters.iter().zip(&other.parameters).enumerate();
        match both.find(|(_, (one, other))| one.to_bits() != other.to_bits()) {
            Some((k, (&one, &other))) => {
                Err(PartialError::OtherParameters { name: self.subject.name(k), one, other })
            }
            None => Ok(()),
        }
    }

    /// The total, of `rows` rows where that is said.
    ///
    /// # Errors
    /// When a row from 0 to the last is missing, all that are being named, or there are more than that; in [`Order::Any`] when there are fewer or more.
    pub fn finish(&self, rows: Option<u64>) -> Result<RowTotal, PartialError> {
        let sums = match &self.sums {
            Sums::Row(pieces) => {
                self.expect_rows(&pieces.rows(), rows)?;
                pieces.sums(self.subject.sums())
            }
            Sums::Any { exact, .. } => {
                if let Some(rows) = rows.filter(|rows| *rows != self.counts.rows) {
                    return Err(PartialError::Rows { rows, found: self.counts.rows });
                }
                Some(exact.iter().map(Exact::value).collect())
            }
        };
        let mut values = sums.unwrap_or_else(|| vec![0.0; self.subject.sums()]);
        let gradient = values.split_off(self.subject.outputs);
        let Counts { rows, skipped, kinks, undefined } = self.counts.clone();
        Ok(RowTotal { values, gradient, rows: 0..rows, skipped, kinks, undefined })
    }

    /// That the ranges are all of `0..rows`, or of what they reach to.
    fn expect_rows(&self, ranges: &[Range<u64>], rows: Option<u64>) -> Result<(), PartialError> {
        let end = ranges.last().map_or(0, |range| range.end);
        if let Some(rows) = rows
            && let Some(beyond) = ranges.iter().find(|range| range.end > rows)
        {
            return Err(PartialError::Beyond { rows, beyond: beyond.start.max(rows)..beyond.end });
        }
        let starts = ranges.iter().map(|range| range.start).chain([rows.unwrap_or(end)]);
        let ends = std::iter::once(0).chain(ranges.iter().map(|range| range.end));
        let missing: Vec<Range<u64>> =
            ends.zip(starts).filter(|(end, start)| end < start).map(|(end, start)| end..start).collect();
        match missing.is_empty() {
            true => Ok(()),
            false => Err(PartialError::Gap { missing }),
        }
    }

    /// The ranges of rows that were summed or skipped, in order; nothing in [`Order::Any`].
    pub fn ranges(&self) -> Vec<Range<u64>> {
        match &self.sums {
            Sums::Row(pieces) => pieces.rows(),
            Sums::Any { .. } => Vec::new(),
        }
    }

    /// The names of parts, in order.
    pub fn parts(&self) -> &[String] {
        match &self.sums {
            Sums::Row(_) => &[],
            Sums::Any { parts, .. } => parts,
        }
    }

    /// How many rows were summed or skipped.
    pub fn rows(&self) -> u64 {
        self.counts.rows
    }

    /// How terms are added.
    pub fn order(&self) -> Order {
        self.subject.order
    }

    /// How many outputs there are.
    pub fn outputs(&self) -> usize {
        self.subject.outputs
    }

    /// The parameters with their lengths along each index, in the order of the gradient.
    pub fn parameters(&self) -> &[(String, Vec<usize>)] {
        &self.subject.parameters
    }

    /// The beginning of the function's text, over what it is summed and in which order.
    pub fn text(&self) -> &str {
        &self.subject.text
    }

    /// Rows that were skipped.
    pub fn skipped(&self) -> &Tally {
        &self.counts.skipped
    }

    /// Rows at a kink by a parameter.
    pub fn kinks(&self) -> &Tally {
        &self.counts.kinks
    }

    /// Rows whose value or gradient is NaN or infinite, or by a parameter at an end of the domain.
    pub fn undefined(&self) -> &Tally {
        &self.counts.undefined
    }
}
