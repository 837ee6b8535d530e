//! A function of rows, prepared for partial sums.

use std::fmt;
use std::sync::Arc;

use expr::graph::Role;
use expr::{Function, UnrollError};

use super::counts::{Counts, MOST_ROWS};
use super::error::PartialError;
use super::rows::Rows;
use super::subject::Subject;
use super::{Partial, Sums};
use crate::{BatchGradient, BatchInput, Budget, Refusal};

/// How terms are added.
///
/// ```
/// use chainrule::Order;
/// assert_eq!("any".parse::<Order>(), Ok(Order::Any));
/// assert_eq!(Order::Row.to_string(), "row");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// In the canonical order of row numbers, as `sum(i, 1, n, …)` adds them. Every partial sum is told the number of its first row.
    Row,
    /// Without rounding, so that no order matters; the sum is rounded once. Rows need no numbers.
    Any,
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Order::Row => "row",
            Order::Any => "any",
        })
    }
}

impl std::str::FromStr for Order {
    type Err = String;

    fn from_str(text: &str) -> Result<Order, String> {
        match text {
            "row" => Ok(Order::Row),
            "any" => Ok(Order::Any),
            other => Err(format!("there is no order {other:?}: it is \"row\" or \"any\"")),
        }
    }
}

/// Which of all rows the rows of a partial sum are.
///
/// ```
/// use chainrule::{BatchInput::{Each, Shared}, Order, PartialError, Place, SumOver};
/// let loss = SumOver::new(&chainrule::parse("a*x")?, &["x"], Order::Any)?;
/// let part = |place| loss.partial(&[Shared(2.0), Each(&[1.0, 2.0])], 2, &place);
/// let sum = part(Place::Part("monday"))?.merge(part(Place::Anywhere)?)?;
/// assert_eq!(sum.finish(Some(4))?.values, [12.0]);
/// assert!(matches!(sum.merge(part(Place::Part("monday"))?), Err(PartialError::PartTwice { .. })));
/// assert!(matches!(part(Place::FromRow(0)), Err(PartialError::WrongPlace { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// Those from this number on; in [`Order::Row`].
    FromRow(u64),
    /// Those of a part with this name, which a sum has once at most; in [`Order::Any`].
    Part(&'a str),
    /// Any: nothing notices when they are summed twice; in [`Order::Any`].
    Anywhere,
}

/// A function that is summed over rows of data: some of its inputs have a number in each row, the rest are parameters,
/// which all rows share and by which the sum is differentiated.
///
/// ```
/// use chainrule::{BatchInput::{Each, Shared}, Order, Place, SumOver};
/// let loss = SumOver::new(&chainrule::parse("(a*x + b - y)^2")?, &["x", "y"], Order::Row)?;
/// let inputs = [Shared(2.0), Each(&[0.0, 1.0, 2.0]), Shared(1.0), Each(&[1.0, 3.5, 5.5])]; // a, x, b, y
/// let total = loss.partial(&inputs, 3, &Place::FromRow(0))?.finish(Some(3))?;
/// assert_eq!((total.values, total.gradient), (vec![0.5], vec![-3.0, -2.0])); // by a and by b
/// assert_eq!(loss.parameters(), [("a".to_owned(), vec![]), ("b".to_owned(), vec![])]);
/// assert_eq!(loss.order(), Order::Row);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SumOver {
    pub(super) flat: Function,
    pub(super) gradient: BatchGradient,
    /// Per row how many operators are at a kink or an end of their domain, as far as parameters move them; none if none can be.
    pub(super) singular: Option<BatchGradient>,
    /// Of each node, whether a parameter moves it.
    pub(super) moves: Vec<bool>,
    /// Of each scalar input, whether rows have it.
    pub(super) in_rows: Vec<bool>,
    pub(super) subject: Arc<Subject>,
}

impl SumOver {
    /// Prepares a function whose sizes and data are bound; `rows` are the inputs that rows have.
    ///
    /// # Errors
    /// When it has no such input, or would be unrolled to more nodes than the default budget has.
    pub fn new(f: &Function, rows: &[&str], order: Order) -> Result<SumOver, Refusal> {
        let budget = Budget::default();
        f.check_data()?;
        let mut inputs = Vec::new();
        for (block, shape) in f.graph().blocks().iter().zip(f.shapes(budget.nodes)?) {
            if block.role != Role::Data {
                inputs.push((block.name.clone(), shape, rows.contains(&block.name.as_str())));
            }
        }
        if let Some(unknown) = rows.iter().find(|row| !inputs.iter().any(|(name, ..)| name == *row)) {
            return Err(UnrollError::UnknownInput { input: (*unknown).to_owned() }.into());
        }
        let flat = crate::unroll(f, &budget)?;
        let lengths = inputs.iter().map(|(_, shape, row)| std::iter::repeat_n(*row, shape.iter().product()));
        let in_rows: Vec<bool> = lengths.flatten().collect();
        let counted =
            flat.as_data(rows)?.singularities_counted(|_| true).expect("a flat function has no loops");
        let counted = counted.map(|counted| {
            let counts = counted.outputs()[flat.outputs().len()..].to_vec();
            counted.as_variables(rows).map(|counted| counted.with_outputs(counts))
        });
        let singular =
            counted.transpose()?.map(|counted| BatchGradient::new(&counted, &budget)).transpose()?;
        let mut moves: Vec<bool> = Vec::with_capacity(flat.graph().len());
        for id in flat.graph().ids() {
            moves.push(match flat.input_at(id) {
                Some(k) => !in_rows[k],
                None => flat.graph().children(id).iter().any(|child| moves[child.index()]),
            });
        }
        let subject = Arc::new(Subject::new(f, &inputs, order));
        let gradient = BatchGradient::new(&flat, &budget)?;
        Ok(SumOver { flat, gradient, singular, moves, in_rows, subject })
    }

    /// How terms are added.
    pub fn order(&self) -> Order {
        self.subject.order
    }

    /// The parameters with their lengths along each index, in the order of the gradient.
    pub fn parameters(&self) -> &[(String, Vec<usize>)] {
        &self.subject.parameters
    }

    /// The sum over some rows; `inputs` has for every scalar input of the function a number that the rows
    /// [share](BatchInput::Shared), or one for [each](BatchInput::Each). Threads are those of rayon's current pool, and change no bit.
    ///
    /// # Errors
    /// When the place is not of the order, or beyond row 2^63.
    ///
    /// # Panics
    /// When the inputs are not as many as the function has, a parameter is a column or the reverse, or a column has not a number per row.
    pub fn partial(
        &self,
        inputs: &[BatchInput<'_>],
        rows: usize,
        place: &Place<'_>,
    ) -> Result<Partial, PartialError> {
        self.partial_skipping(inputs, rows, &[], place)
    }

    /// The same without the rows for which `skipped` says so. They keep their numbers, so that the others keep theirs; an empty slice skips none.
    ///
    /// ```
    /// use chainrule::{BatchInput::{Each, Shared}, Order, Place, SumOver};
    /// let loss = SumOver::new(&chainrule::parse("a*x")?, &["x"], Order::Row)?;
    /// let inputs = [Shared(1.0), Each(&[3.0, 0.0, 4.0])];
    /// let part = loss.partial_skipping(&inputs, 3, &[false, true, false], &Place::FromRow(0))?;
    /// let total = part.finish(Some(3))?;
    /// assert_eq!((total.values[0], total.rows.end, total.skipped.count), (7.0, 3, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`partial`](Self::partial).
    ///
    /// # Panics
    /// Likewise, and when `skipped` is not empty and says nothing of some rows.
    pub fn partial_skipping(
        &self,
        inputs: &[BatchInput<'_>],
        rows: usize,
        skipped: &[bool],
        place: &Place<'_>,
    ) -> Result<Partial, PartialError> {
        let order = self.subject.order;
        let (from, part) = match (order, *place) {
            (Order::Row, Place::FromRow(row)) => (row, None),
            (Order::Any, Place::Part(part)) => (0, Some(part)),
            (Order::Any, Place::Anywhere) => (0, None),
            _ => return Err(PartialError::WrongPlace { order }),
        };
        let mut found = self.summed(inputs, rows, skipped, from, part)?;
        if let (Sums::Any { parts, .. }, Some(part)) = (&mut found.sums, part) {
            parts.push(part.to_owned());
        }
        Ok(found)
    }

    /// A partial sum, which [`partial`](Self::partial) has begun, with further rows of the same part, of which the first has the number
    /// `from`: for data that come in batches.
    ///
    /// ```
    /// use chainrule::{BatchInput::{Each, Shared}, Order, Place, SumOver};
    /// let loss = SumOver::new(&chainrule::parse("a*x")?, &["x"], Order::Any)?;
    /// let mut part = loss.partial(&[Shared(1.0), Each(&[])], 0, &Place::Part("monday"))?;
    /// for batch in [[1.0, 2.0], [3.0, 4.0]] {
    ///     let from = part.rows();
    ///     part = loss.extend(part, &[Shared(1.0), Each(&batch)], 2, &[], from)?;
    /// }
    /// assert_eq!(part.finish(Some(4))?.values, [10.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the parameters are others, a row is there already or beyond 2^63.
    ///
    /// # Panics
    /// As [`partial_skipping`](Self::partial_skipping).
    pub fn extend(
        &self,
        partial: Partial,
        inputs: &[BatchInput<'_>],
        rows: usize,
        skipped: &[bool],
        from: u64,
    ) -> Result<Partial, PartialError> {
        let part = partial.parts().first().map(String::as_str);
        let further = self.summed(inputs, rows, skipped, from, part)?;
        partial.merge(further)
    }

    /// The sum over rows from this number on; `part` is the name of where they are.
    fn summed(
        &self,
        inputs: &[BatchInput<'_>],
        rows: usize,
        skipped: &[bool],
        from: u64,
        part: Option<&str>,
    ) -> Result<Partial, PartialError> {
        expr::expect_length(inputs.len(), "columns", self.in_rows.len(), "one per scalar input");
        if !skipped.is_empty() {
            expr::expect_length(skipped.len(), "rows that are skipped or not", rows, "one per row");
        }
        let is_column = |input: &BatchInput<'_>| matches!(input, BatchInput::Each(_));
        let fits = inputs.iter().zip(&self.in_rows).all(|(input, row)| is_column(input) == *row);
        assert!(
            fits,
            "rows have a number for each of the inputs over which the sum is, and share the parameters"
        );
        from.checked_add(rows as u64).filter(|end| *end <= MOST_ROWS).ok_or(PartialError::TooManyRows)?;
        let counts = Counts { rows: rows as u64, ..Counts::default() };
        let mut batch = Rows { all: self, inputs, skipped, from, counts };
        for (k, _) in skipped.iter().enumerate().filter(|(_, skipped)| **skipped) {
            batch.counts.skipped.add(from + k as u64);
        }
        let sums = match self.subject.order {
            Order::Row => Sums::Row(batch.pieces(rows)),
            Order::Any => Sums::Any { exact: batch.exact(rows), parts: Vec::new() },
        };
        let mut counts = batch.counts;
        if self.subject.order == Order::Any {
            counts.in_part(part);
        }
        let number = |input: &BatchInput<'_>| match input {
            BatchInput::Shared(number) => Some(*number),
            BatchInput::Each(_) => None,
        };
        let parameters = inputs.iter().filter_map(number).collect();
        Ok(Partial { subject: self.subject.clone(), parameters, counts, sums })
    }
}
