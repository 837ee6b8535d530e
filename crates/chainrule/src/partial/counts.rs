//! How many rows were summed, and what is to be told of some of them.

use super::error::PartialError;

/// One past the last row that there may be.
pub(super) const MOST_ROWS: u64 = 1 << 63;

/// A row that is told of.
///
/// ```
/// use chainrule::{BatchInput::{Each, Shared}, Order, Place, SumOver};
/// let loss = SumOver::new(&chainrule::parse("ln(x)*a")?, &["x"], Order::Any)?;
/// let part = loss.partial(&[Each(&[1.0, -2.0]), Shared(1.0)], 2, &Place::Part("p3"))?;
/// let first = part.finish(None)?.undefined.first.unwrap();
/// assert_eq!((first.part.as_deref(), first.row), (Some("p3"), 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowPlace {
    /// In this part, where rows have no numbers of their own.
    pub part: Option<String>,
    /// Its number, from 0.
    pub row: u64,
}

/// How many rows there are of a kind, and which is the first.
///
/// ```
/// use chainrule::{BatchInput::{Each, Shared}, Order, Place, SumOver};
/// let loss = SumOver::new(&chainrule::parse("abs(a*x - 1)")?, &["x"], Order::Row)?;
/// let part = loss.partial(&[Shared(1.0), Each(&[0.0, 1.0, 2.0, 1.0])], 4, &Place::FromRow(10))?;
/// let kinks = part.kinks();
/// assert_eq!((kinks.count, kinks.first.as_ref().unwrap().row), (2, 11));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// The one with the smallest number; of parts the one whose name is first in order, and none where they have no names.
    pub first: Option<RowPlace>,
}

impl Tally {
    /// Counts a row.
    pub(super) fn add(&mut self, row: u64) {
        self.count += 1;
        self.take(Some(RowPlace { part: None, row }));
    }

    fn merge(&mut self, other: Tally) {
        self.count += other.count;
        self.take(other.first);
    }

    fn take(&mut self, further: Option<RowPlace>) {
        self.first = self.first.take().into_iter().chain(further).min();
    }

    fn in_part(&mut self, part: Option<&str>) {
        self.first = self
            .first
            .take()
            .zip(part)
            .map(|(first, part)| RowPlace { part: Some(part.to_owned()), ..first });
    }
}

/// What is counted. A row is of one kind at most.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Counts {
    /// All rows, those that are skipped too.
    pub(super) rows: u64,
    pub(super) skipped: Tally,
    pub(super) kinks: Tally,
    pub(super) undefined: Tally,
}

impl Counts {
    pub(super) fn tallies(&mut self) -> [&mut Tally; 3] {
        [&mut self.skipped, &mut self.kinks, &mut self.undefined]
    }

    pub(super) fn merge(&mut self, other: Counts) -> Result<(), PartialError> {
        let rows = self.rows.checked_add(other.rows).filter(|rows| *rows <= MOST_ROWS);
        self.rows = rows.ok_or(PartialError::TooManyRows)?;
        let Counts { skipped, kinks, undefined, .. } = other;
        for (own, other) in self.tallies().into_iter().zip([skipped, kinks, undefined]) {
            own.merge(other);
        }
        Ok(())
    }

    /// Says of rows that have no numbers of their own in which part they are, if that has a name.
    pub(super) fn in_part(&mut self, part: Option<&str>) {
        self.tallies().into_iter().for_each(|tally| tally.in_part(part));
    }
}
