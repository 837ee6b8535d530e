//! The sums over rows that come together, and which of these rows have no derivative.

use std::ops::Range;

use expr::fold::CHUNK;
use expr::{Singularities, Singularity};

use super::counts::Counts;
use super::exact::Exact;
use super::pieces::{Fragment, Node, Piece, Pieces, RowSet, number};
use super::sum_over::SumOver;
use crate::BatchInput;
use crate::batch::{SPAN, on_all_threads};

/// Rows that come together.
pub(super) struct Rows<'a> {
    pub(super) all: &'a SumOver,
    pub(super) inputs: &'a [BatchInput<'a>],
    /// Empty where none is.
    pub(super) skipped: &'a [bool],
    /// The number of the first.
    pub(super) from: u64,
    pub(super) counts: Counts,
}

impl<'a> Rows<'a> {
    fn is_skipped(&self, k: usize) -> bool {
        self.skipped.get(k) == Some(&true)
    }

    fn within(&self, range: Range<usize>) -> Vec<BatchInput<'a>> {
        let part = |input: &BatchInput<'a>| match *input {
            BatchInput::Shared(number) => BatchInput::Shared(number),
            BatchInput::Each(column) => BatchInput::Each(&column[range.clone()]),
        };
        self.inputs.iter().map(part).collect()
    }

    /// The canonical sums: whole chunks that skip no row are summed as they are, of the others there are terms.
    pub(super) fn pieces(&mut self, rows: usize) -> Pieces {
        let chunk = CHUNK as u64;
        let mut pieces = Vec::new();
        let (mut whole, mut apart): (Vec<Range<usize>>, Vec<Range<usize>>) = (Vec::new(), Vec::new());
        let mut start = 0;
        while start < rows {
            let end = rows.min(start + CHUNK - ((self.from + start as u64) % chunk) as usize);
            let is_whole = end - start == CHUNK && !(start..end).any(|k| self.is_skipped(k));
            match whole.last_mut() {
                _ if !is_whole => apart.push(start..end),
                Some(run) if run.end == start => run.end = end,
                _ => whole.push(start..end),
            }
            start = end;
        }
        let mut suspects = Vec::new();
        for run in whole {
            let found = self.whole_chunks(&run, &mut suspects);
            pieces.extend(found);
        }
        self.inspect(&suspects);
        pieces.extend(self.fragments(&apart));
        Pieces::gather(pieces, self.all.subject.sums()).expect("every row is there once")
    }

    /// The sums of chunks, and the places of those in which a row may have no derivative.
    fn whole_chunks(&self, run: &Range<usize>, suspects: &mut Vec<usize>) -> Vec<Piece> {
        let (inputs, points) = (self.within(run.clone()), run.len());
        let sums = self.all.subject.sums();
        let found = self.all.gradient.chunk_sums(&inputs, points);
        let singular = self.all.singular.as_ref();
        let singular =
            singular.map(|singular| (singular.sums(&inputs), singular.chunk_sums(&inputs, points)));
        let first = (self.from + run.start as u64) / CHUNK as u64;
        let mut pieces = Vec::with_capacity(points / CHUNK);
        for (k, found) in found.chunks(sums).enumerate() {
            let counted = |(sums, counts): &(usize, Vec<f64>)| {
                counts[k * sums..].iter().take(self.all.subject.outputs).any(|count| *count != 0.0)
            };
            if !found.iter().all(|sum| sum.is_finite()) || singular.as_ref().is_some_and(counted) {
                suspects.push(run.start + k * CHUNK);
            }
            let sums = Some(found.iter().copied().map(number).collect());
            pieces.push(Piece::Node(Node { level: 0, index: first + k as u64, sums }));
        }
        pieces
    }

    /// Looks at every row of whole chunks that begin at these places.
    fn inspect(&mut self, suspects: &[usize]) {
        let mut counts = vec![Counts::default(); suspects.len()];
        on_all_threads(
            counts.iter_mut().zip(suspects).collect(),
            |_, (counts, start): (&mut Counts, &usize)| {
                let inputs = self.within(*start..start + CHUNK);
                let terms = self.all.gradient.terms(&inputs, CHUNK);
                self.all.inspect(&inputs, &terms, CHUNK, |k| self.from + (start + k) as u64, counts);
            },
        );
        self.count(counts);
    }

    fn count(&mut self, counts: Vec<Counts>) {
        counts.into_iter().for_each(|counts| self.counts.merge(counts).expect("no rows of their own"));
    }

    /// The terms of these rows, each range of which is in one chunk.
    fn fragments(&mut self, ranges: &[Range<usize>]) -> Vec<Piece> {
        let present: Vec<usize> = ranges.iter().cloned().flatten().filter(|k| !self.is_skipped(*k)).collect();
        let columns = self.gathered(&present);
        let inputs = self.with_columns(&columns);
        let terms = self.all.gradient.terms(&inputs, present.len());
        let mut counts = Counts::default();
        self.all.inspect(&inputs, &terms, present.len(), |k| self.from + present[k] as u64, &mut counts);
        let mut next = 0;
        let mut pieces = Vec::with_capacity(ranges.len());
        for range in ranges {
            let first = self.from + range.start as u64;
            let chunk = first / CHUNK as u64;
            let mut fragment =
                Fragment { chunk, covered: RowSet::default(), present: RowSet::default(), terms: Vec::new() };
            for k in range.clone() {
                let row = (self.from + k as u64 - chunk * CHUNK as u64) as usize;
                fragment.covered.add(row);
                if !self.is_skipped(k) {
                    fragment.present.add(row);
                    fragment
                        .terms
                        .extend(terms.iter().skip(next).step_by(present.len()).copied().map(number));
                    next += 1;
                }
            }
            pieces.push(Piece::Fragment(fragment));
        }
        self.count(vec![counts]);
        pieces
    }

    /// Per column the numbers of these rows.
    fn gathered(&self, rows: &[usize]) -> Vec<Vec<f64>> {
        let column = |input: &BatchInput<'_>| match input {
            BatchInput::Shared(_) => Vec::new(),
            BatchInput::Each(column) => rows.iter().map(|row| column[*row]).collect(),
        };
        self.inputs.iter().map(column).collect()
    }

    fn with_columns<'c>(&self, columns: &'c [Vec<f64>]) -> Vec<BatchInput<'c>> {
        let one = |(input, column): (&BatchInput<'_>, &'c Vec<f64>)| match *input {
            BatchInput::Shared(number) => BatchInput::Shared(number),
            BatchInput::Each(_) => BatchInput::Each(column),
        };
        self.inputs.iter().zip(columns).map(one).collect()
    }

    /// The exact sums, every thread its own until they are merged.
    pub(super) fn exact(&mut self, rows: usize) -> Vec<Exact> {
        let none = || vec![Exact::default(); self.all.subject.sums()];
        let spans = rows.div_ceil(SPAN);
        let mut found: Vec<(Vec<Exact>, Counts)> = Vec::new();
        found.resize_with(spans, || (Vec::new(), Counts::default()));
        on_all_threads(found.iter_mut().collect(), |span, (sums, counts): &mut (Vec<Exact>, Counts)| {
            let range = span * SPAN..rows.min((span + 1) * SPAN);
            let present: Vec<usize> = range.clone().filter(|k| !self.is_skipped(*k)).collect();
            let (columns, inputs);
            let inputs: &[BatchInput<'_>] = match present.len() == range.len() {
                true => {
                    inputs = self.within(range);
                    &inputs
                }
                false => {
                    columns = self.gathered(&present);
                    inputs = self.with_columns(&columns);
                    &inputs
                }
            };
            let terms = self.all.gradient.terms(inputs, present.len());
            self.all.inspect(inputs, &terms, present.len(), |k| self.from + present[k] as u64, counts);
            *sums = none();
            for (sum, terms) in sums.iter_mut().zip(terms.chunks(present.len().max(1))) {
                terms.iter().for_each(|term| sum.add(*term));
            }
        });
        let mut sums = none();
        for (further, counts) in found {
            sums.iter_mut().zip(&further).for_each(|(sum, further)| sum.merge(further));
            self.count(vec![counts]);
        }
        sums.iter_mut().for_each(Exact::settle);
        sums
    }
}

impl SumOver {
    /// Counts among points those without a derivative: `terms` has for each sum a column of their terms, `row` the numbers of their rows.
    fn inspect(
        &self,
        inputs: &[BatchInput<'_>],
        terms: &[f64],
        points: usize,
        row: impl Fn(usize) -> u64,
        counts: &mut Counts,
    ) {
        let outputs = self.subject.outputs;
        let singular = self.singular.as_ref().map(|singular| singular.terms(inputs, points));
        for k in 0..points {
            let has_value = terms.iter().skip(k).step_by(points).all(|term| term.is_finite());
            let may_be = |singular: &Vec<f64>| {
                singular.iter().skip(k).step_by(points).take(outputs).any(|n| *n != 0.0)
            };
            let worst = match has_value {
                false => Some(Singularity::Undefined),
                true if singular.as_ref().is_some_and(may_be) => self.worst(inputs, k),
                true => None,
            };
            match worst {
                Some(Singularity::Undefined) => counts.undefined.add(row(k)),
                Some(Singularity::Kink) => counts.kinks.add(row(k)),
                None => {}
            }
        }
    }

    /// The worst singularity on the way from an output to a parameter, at one point.
    fn worst(&self, inputs: &[BatchInput<'_>], k: usize) -> Option<Singularity> {
        let point: Vec<f64> = inputs
            .iter()
            .map(|input| match input {
                BatchInput::Shared(number) => *number,
                BatchInput::Each(column) => column[k],
            })
            .collect();
        let values = self.flat.values((), &point);
        let of = |output| Singularities::of(&self.flat, output, &values, &self.moves);
        let parameters = |found: Singularities| {
            let all = found.inputs.into_iter().zip(&self.in_rows);
            all.filter(|(_, row)| !**row).filter_map(|(found, _)| found.worst()).max()
        };
        self.flat.outputs().iter().filter_map(|output| parameters(of(*output))).max()
    }
}
