//! What is wrong with partial sums that are merged, finished or read.

use std::fmt;
use std::ops::Range;

use super::sum_over::Order;

/// Why partial sums have no sum.
///
/// ```
/// use chainrule::{BatchInput::{Each, Shared}, Order, PartialError, Place, SumOver};
/// let loss = SumOver::new(&chainrule::parse("(a*x - 1)^2")?, &["x"], Order::Row)?;
/// let part = |from, x: &[f64]| loss.partial(&[Shared(2.0), Each(x)], x.len(), &Place::FromRow(from)).unwrap();
/// let gap = part(0, &[1.0, 2.0]).merge(part(3, &[4.0]))?.finish(Some(6)).unwrap_err();
/// assert!(matches!(&gap, PartialError::Gap { missing } if *missing == [2..3, 4..6]));
/// assert_eq!(gap.to_string(), "rows 2 and 4..6 are missing (3 rows)");
/// assert!(matches!(part(0, &[1.0, 2.0]).merge(part(1, &[4.0])), Err(PartialError::Overlap { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PartialError {
    /// Rows are in both of two partial sums.
    #[error("{} in two of the partial sums", Rows(std::slice::from_ref(rows), "is", "are"))]
    Overlap {
        /// The first that are.
        rows: Range<u64>,
    },
    /// A part is in both of two partial sums.
    #[error("part {part:?} is in two of the partial sums")]
    PartTwice {
        /// Its name.
        part: String,
    },
    /// They are sums of two functions, or of one function with other sizes, data or columns.
    #[error("partial sums of two functions: {one}, and {other}")]
    OtherFunction {
        /// The one.
        one: String,
        /// And the other.
        other: String,
    },
    /// They were computed for other parameters.
    #[error("partial sums for other parameters: {name} is {one}, and {other}")]
    OtherParameters {
        /// The first that differs.
        name: String,
        /// What it is in the one.
        one: f64,
        /// And in the other.
        other: f64,
    },
    /// Rows are in none of the partial sums.
    #[error("{} missing{}", Rows(missing, "is", "are"), Count(missing))]
    Gap {
        /// All that are, in order.
        missing: Vec<Range<u64>>,
    },
    /// Rows are beyond the last.
    #[error(
        "{} beyond the {rows} rows that there should be",
        Rows(std::slice::from_ref(beyond), "is", "are")
    )]
    Beyond {
        /// How many rows there should be.
        rows: u64,
        /// The first that are too many.
        beyond: Range<u64>,
    },
    /// There are fewer or more rows than there should be; which, is not known.
    #[error("{found} rows were summed, of {rows} that there should be")]
    Rows {
        /// How many rows there should be.
        rows: u64,
        /// How many there are.
        found: u64,
    },
    /// A place that such an order has no use for.
    #[error("{}", match order {
        Order::Row => "a partial sum in order \"row\" is told the number of its first row, and no part",
        Order::Any => "in order \"any\" rows have no numbers; a part may have a name",
    })]
    WrongPlace {
        /// The order.
        order: Order,
    },
    /// Row numbers go to 2^63, and so do counts.
    #[error("there are at most 2^63 rows")]
    TooManyRows,
    /// There is nothing to merge.
    #[error("there is no partial sum")]
    Nothing,
    /// Bytes that are no partial sum.
    #[error("these bytes are no partial sum: {why}, at byte {at}")]
    Malformed {
        /// Where.
        at: usize,
        /// What is wrong there.
        why: &'static str,
    },
    /// Bytes that another version of this library wrote.
    #[error("these bytes have version {found}; this is version {known}")]
    Version {
        /// Theirs.
        found: u8,
        /// The one that is known.
        known: u8,
    },
}

/// Ranges that are named before the rest is a number.
const MOST_NAMED: usize = 4;

struct Rows<'a>(&'a [Range<u64>], &'static str, &'static str);

impl fmt::Display for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rows(ranges, is, are) = *self;
        let one = |range: &Range<u64>| match range.end - range.start {
            1 => range.start.to_string(),
            _ => format!("{}..{}", range.start, range.end),
        };
        if let [range] = ranges
            && range.end - range.start == 1
        {
            return write!(f, "row {} {is}", range.start);
        }
        let mut named: Vec<String> = ranges.iter().take(MOST_NAMED).map(one).collect();
        match ranges.len() - named.len() {
            0 => {}
            1 => named.push("one more range".to_owned()),
            more => named.push(format!("{more} more ranges")),
        }
        match &named[..] {
            [one] => write!(f, "rows {one} {are}"),
            [most @ .., last] => write!(f, "rows {} and {last} {are}", most.join(", ")),
            [] => write!(f, "no rows {are}"),
        }
    }
}

struct Count<'a>(&'a [Range<u64>]);

impl fmt::Display for Count<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [_] | [] => Ok(()),
            ranges => {
                write!(f, " ({} rows)", ranges.iter().map(|range| range.end - range.start).sum::<u64>())
            }
        }
    }
}
