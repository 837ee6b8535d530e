//! The sum of some rows in canonical order, as far as these rows alone determine it: nodes of the binary tree over chunks,
//! and the terms of chunks of which some rows are missing.

use std::ops::Range;

use expr::fold::{CHUNK, PARTIALS};

use super::error::PartialError;

const WORDS: usize = CHUNK / 64;
/// Levels of the tree over 2^55 chunks, which have 2^63 rows.
pub(super) const TOP_LEVEL: u8 = 55;

/// Rows of a chunk, as a bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct RowSet(pub(super) [u64; WORDS]);

impl RowSet {
    const ALL: RowSet = RowSet([u64::MAX; WORDS]);

    pub(super) fn add(&mut self, row: usize) {
        self.0[row / 64] |= 1 << (row % 64);
    }

    pub(super) fn has(&self, row: usize) -> bool {
        self.0[row / 64] >> (row % 64) & 1 == 1
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(super) fn rows(self) -> impl DoubleEndedIterator<Item = usize> {
        (0..CHUNK).filter(move |row| self.has(*row))
    }

    fn zip(self, other: RowSet, with: impl Fn(u64, u64) -> u64) -> RowSet {
        RowSet(std::array::from_fn(|word| with(self.0[word], other.0[word])))
    }

    pub(super) fn is_within(self, other: RowSet) -> bool {
        self.zip(other, |a, b| a & !b).len() == 0
    }
}

/// The sums of 2^level chunks: those from number `index` times 2^level on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) level: u8,
    pub(super) index: u64,
    /// None where all rows were skipped.
    pub(super) sums: Option<Vec<f64>>,
}

/// A chunk of which some rows are missing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fragment {
    pub(super) chunk: u64,
    /// The rows that were summed or skipped.
    pub(super) covered: RowSet,
    /// Those that have terms.
    pub(super) present: RowSet,
    /// Row after row as many terms as there are sums.
    pub(super) terms: Vec<f64>,
}

/// A part of the rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Node(Node),
    Fragment(Fragment),
}

/// Pieces in the order of rows, none of which two would be one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pieces(Vec<Piece>);

/// What adding two sums gives; there is one NaN.
fn join(mut left: Vec<f64>, right: &[f64]) -> Vec<f64> {
    left.iter_mut().zip(right).for_each(|(left, right)| *left = number(*left + *right));
    left
}

/// A number as it is kept: of all the NaN that processors have, one.
pub(super) fn number(x: f64) -> f64 {
    if x.is_nan() { f64::NAN } else { x }
}

impl Node {
    fn chunks(&self) -> Range<u64> {
        self.index << self.level..(self.index + 1) << self.level
    }

    /// Becomes the node of which both are the halves, if they are.
    fn take_sibling(left: &mut Node, right: &Node) -> bool {
        let halves =
            left.level == right.level && left.index.is_multiple_of(2) && right.index == left.index + 1;
        if halves {
            left.level += 1;
            left.index /= 2;
            left.sums = match (left.sums.take(), &right.sums) {
                (Some(left), Some(right)) => Some(join(left, right)),
                (left, right) => left.or_else(|| right.clone()),
            };
        }
        halves
    }
}

impl Fragment {
    /// The canonical sums over the rows that have terms; none without any.
    fn sums(&self, sums: usize) -> Option<Vec<f64>> {
        let mut partials: [Option<Vec<f64>>; PARTIALS] = Default::default();
        for (row, terms) in self.present.rows().zip(self.terms.chunks(sums)) {
            let partial = &mut partials[row % PARTIALS];
            *partial = Some(match partial.take() {
                Some(before) => join(before, terms),
                None => terms.to_vec(),
            });
        }
        partials.into_iter().flatten().reduce(|left, right| join(left, &right))
    }

    fn merge(self, other: &Fragment, sums: usize) -> Result<Fragment, PartialError> {
        let both = self.covered.zip(other.covered, |a, b| a & b);
        if let Some(first) = both.rows().next() {
            let end = (first..CHUNK).take_while(|row| both.has(*row)).count() + first;
            let from = self.chunk * CHUNK as u64;
            return Err(PartialError::Overlap { rows: from + first as u64..from + end as u64 });
        }
        let either = |a: RowSet, b: RowSet| a.zip(b, |a, b| a | b);
        let mut terms = Vec::with_capacity(self.terms.len() + other.terms.len());
        let (mut own, mut others) = (self.terms.chunks(sums), other.terms.chunks(sums));
        let present = either(self.present, other.present);
        for row in present.rows() {
            let from = if self.present.has(row) { &mut own } else { &mut others };
            terms.extend_from_slice(from.next().expect("terms of every row that is present"));
        }
        Ok(Fragment { chunk: self.chunk, covered: either(self.covered, other.covered), present, terms })
    }
}

impl Piece {
    fn chunks(&self) -> Range<u64> {
        match self {
            Piece::Node(node) => node.chunks(),
            Piece::Fragment(fragment) => fragment.chunk..fragment.chunk + 1,
        }
    }

    /// As few pieces as a fragment is.
    fn settled(self, sums: usize) -> Piece {
        match self {
            Piece::Fragment(whole) if whole.covered == RowSet::ALL => {
                Piece::Node(Node { level: 0, index: whole.chunk, sums: whole.sums(sums) })
            }
            piece => piece,
        }
    }
}

impl Pieces {
    /// The pieces of several lists, in any order.
    pub(super) fn gather(mut pieces: Vec<Piece>, sums: usize) -> Result<Pieces, PartialError> {
        pieces.sort_by_key(|piece| piece.chunks().start);
        let mut gathered = Pieces::default();
        for piece in pieces {
            gathered.push(piece, sums)?;
        }
        Ok(gathered)
    }

    /// Takes a piece that begins in no chunk before the last. On the right of settled pieces that are as few as they can be it makes
    /// one more, or joins the last, which may then join the one before.
    fn push(&mut self, piece: Piece, sums: usize) -> Result<(), PartialError> {
        let mut piece = piece;
        if let Some(last) = self.0.pop() {
            piece = match (last, piece) {
                (Piece::Fragment(last), Piece::Fragment(fragment)) if last.chunk == fragment.chunk => {
                    Piece::Fragment(last.merge(&fragment, sums)?)
                }
                (last, piece) => {
                    let overlap = last.chunks().end.min(piece.chunks().end);
                    if piece.chunks().start < overlap {
                        return Err(overlapping(&last, &piece));
                    }
                    self.0.push(last);
                    piece
                }
            };
        }
        let mut piece = piece.settled(sums);
        while let Piece::Node(right) = &piece
            && let Some(Piece::Node(left)) = self.0.last_mut()
            && Node::take_sibling(left, right)
        {
            piece = self.0.pop().expect("the last");
        }
        self.0.push(piece);
        Ok(())
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        &self.0
    }

    pub(super) fn into_pieces(self) -> Vec<Piece> {
        self.0
    }

    /// The ranges of rows that there are, in order.
    pub(super) fn rows(&self) -> Vec<Range<u64>> {
        let mut ranges: Vec<Range<u64>> = Vec::new();
        let mut add = |range: Range<u64>| match ranges.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => ranges.push(range),
        };
        for piece in &self.0 {
            let chunks = piece.chunks();
            let from = chunks.start * CHUNK as u64;
            match piece {
                Piece::Node(_) => add(from..chunks.end * CHUNK as u64),
                Piece::Fragment(fragment) => {
                    fragment.covered.rows().for_each(|row| add(from + row as u64..from + row as u64 + 1));
                }
            }
        }
        ranges
    }

    /// The canonical sums; none where no row has a term.
    pub(super) fn sums(&self, sums: usize) -> Option<Vec<f64>> {
        let of = |piece: &Piece| match piece {
            Piece::Node(node) => node.sums.clone(),
            Piece::Fragment(fragment) => fragment.sums(sums),
        };
        // A node without a neighbour stands for both, so the last ones join first.
        self.0.iter().rev().filter_map(of).reduce(|after, before| join(before, &after))
    }
}

/// The rows that two pieces share, which are not two fragments of one chunk.
fn overlapping(one: &Piece, other: &Piece) -> PartialError {
    let chunk = CHUNK as u64;
    let rows = match (one, other) {
        (Piece::Fragment(part), _) | (_, Piece::Fragment(part)) => {
            let from = part.chunk * chunk;
            let first = part.covered.rows().next().unwrap_or(0);
            let end = (first..CHUNK).take_while(|row| part.covered.has(*row)).count() + first;
            from + first as u64..from + end as u64
        }
        _ => {
            let (one, other) = (one.chunks(), other.chunks());
            one.start.max(other.start) * chunk..one.end.min(other.end) * chunk
        }
    };
    PartialError::Overlap { rows }
}
