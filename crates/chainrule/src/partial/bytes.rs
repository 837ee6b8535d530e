//! A partial sum as bytes: for other processes, other machines and files.
//!
//! All numbers are little-endian. Equal partial sums have equal bytes. The last eight are a digest of all before them.

use expr::fold::CHUNK;

use super::counts::{Counts, MOST_ROWS, RowPlace, Tally};
use super::error::PartialError;
use super::exact::Exact;
use super::pieces::{Fragment, Node, Piece, Pieces, RowSet, TOP_LEVEL, number};
use super::subject::{Digest, Subject};
use super::sum_over::Order;
use super::{Partial, Sums};

const MAGIC: &[u8; 7] = b"chnpart";
/// A change of what bytes mean has another.
const VERSION: u8 = 1;
const CHECKSUM: usize = 8;

/// Nodes with sums and without, and fragments.
const NODE: u8 = 0;
const NODE_WITHOUT: u8 = 1;
const FRAGMENT: u8 = 2;

impl Partial {
    /// The partial sum as bytes.
    ///
    /// ```
    /// use chainrule::{BatchInput::{Each, Shared}, Order, Partial, PartialError, Place, SumOver};
    /// let loss = SumOver::new(&chainrule::parse("(a*x - 1)^2")?, &["x"], Order::Row)?;
    /// let part = loss.partial(&[Shared(2.0), Each(&[1.0, 2.0])], 2, &Place::FromRow(7))?;
    /// let bytes = part.to_bytes();
    /// assert_eq!(Partial::from_bytes(&bytes)?, part);
    /// assert!(matches!(Partial::from_bytes(&bytes[1..]), Err(PartialError::Malformed { at: 0, .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut to = Writer(MAGIC.to_vec());
        to.u8(VERSION);
        let Subject { text, digest, order, outputs, parameters } = &*self.subject;
        to.u8(*order as u8);
        to.0.extend(digest.to_le_bytes());
        to.text(text);
        to.count(*outputs);
        to.count(parameters.len());
        for (name, shape) in parameters {
            to.text(name);
            to.count(shape.len());
            shape.iter().for_each(|length| to.count(*length));
        }
        to.f64s(&self.parameters);
        to.u64(self.counts.rows);
        for tally in [&self.counts.skipped, &self.counts.kinks, &self.counts.undefined] {
            to.tally(tally);
        }
        match &self.sums {
            Sums::Row(pieces) => {
                to.count(pieces.pieces().len());
                pieces.pieces().iter().for_each(|piece| to.piece(piece));
            }
            Sums::Any { exact, parts } => {
                exact.iter().for_each(|sum| to.exact(sum));
                to.count(parts.len());
                parts.iter().for_each(|part| to.text(part));
            }
        }
        let checksum = checksum(&to.0);
        to.0.extend(checksum);
        to.0
    }

    /// The partial sum of which these are the bytes.
    ///
    /// # Errors
    /// When they are not what [`to_bytes`](Self::to_bytes) gives.
    pub fn from_bytes(bytes: &[u8]) -> Result<Partial, PartialError> {
        let mut from = Reader { bytes, at: 0 };
        if bytes.get(..MAGIC.len()) != Some(MAGIC) {
            return Err(from.refuse("they do not begin as one does"));
        }
        from.at = MAGIC.len();
        let found = from.u8()?;
        if found != VERSION {
            return Err(PartialError::Version { found, known: VERSION });
        }
        let Some(end) = bytes.len().checked_sub(CHECKSUM).filter(|end| *end >= from.at) else {
            return Err(from.refuse(ENDS));
        };
        if checksum(&bytes[..end]) != bytes[end..] {
            return Err(PartialError::Malformed {
                at: end,
                why: "the checksum is not that of the bytes before it",
            });
        }
        from.bytes = &bytes[..end];
        from.partial()
    }
}

const ENDS: &str = "they end too early";

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let mut digest = Digest::default();
    digest.add(bytes);
    (digest.0 as u64 ^ (digest.0 >> 64) as u64).to_le_bytes()
}

struct Writer(Vec<u8>);

impl Writer {
    fn u8(&mut self, byte: u8) {
        self.0.push(byte);
    }

    fn u64(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    fn count(&mut self, count: usize) {
        self.u64(count as u64);
    }

    fn f64s(&mut self, numbers: &[f64]) {
        numbers.iter().for_each(|x| self.u64(x.to_bits()));
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend(text.as_bytes());
    }

    fn tally(&mut self, tally: &Tally) {
        self.u64(tally.count);
        match &tally.first {
            None => self.u8(0),
            Some(RowPlace { part, row }) => {
                self.u8(1 + u8::from(part.is_some()));
                self.u64(*row);
                part.iter().for_each(|part| self.text(part));
            }
        }
    }

    fn piece(&mut self, piece: &Piece) {
        match piece {
            Piece::Node(Node { level, index, sums }) => {
                self.u8(if sums.is_some() { NODE } else { NODE_WITHOUT });
                self.u8(*level);
                self.u64(*index);
                self.f64s(sums.as_deref().unwrap_or_default());
            }
            Piece::Fragment(Fragment { chunk, covered, present, terms }) => {
                self.u8(FRAGMENT);
                self.u64(*chunk);
                covered.0.iter().chain(&present.0).for_each(|word| self.u64(*word));
                self.f64s(terms);
            }
        }
    }

    fn exact(&mut self, sum: &Exact) {
        let (negative, digits) = sum.magnitude();
        let flags = [negative, sum.infinite[0], sum.infinite[1], sum.nan];
        self.u8(flags.iter().enumerate().map(|(k, flag)| u8::from(*flag) << k).sum());
        let low = digits.iter().take_while(|digit| **digit == 0).count();
        self.u8(low as u8);
        self.u8((digits.len() - low) as u8);
        digits[low..].iter().for_each(|digit| self.0.extend(digit.to_le_bytes()));
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn refuse(&self, why: &'static str) -> PartialError {
        PartialError::Malformed { at: self.at, why }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], PartialError> {
        let taken = self.bytes.get(self.at..).and_then(|rest| rest.get(..count)).ok_or(self.refuse(ENDS))?;
        self.at += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PartialError> {
        Ok(self.take(N)?.try_into().expect("as many as were taken"))
    }

    fn u8(&mut self) -> Result<u8, PartialError> {
        Ok(self.array::<1>()?[0])
    }

    fn u64(&mut self) -> Result<u64, PartialError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// A count of things that have so many bytes at least, which are there.
    fn count(&mut self, bytes_of_one: usize) -> Result<usize, PartialError> {
        let at = self.at;
        let left = self.bytes.len() - at;
        let count = usize::try_from(self.u64()?).ok().filter(|count| *count <= left / bytes_of_one.max(1));
        count.ok_or(PartialError::Malformed { at, why: "a count of more than there is" })
    }

    fn f64s(&mut self, count: usize) -> Result<Vec<f64>, PartialError> {
        let bytes = count.checked_mul(8).ok_or(self.refuse(ENDS))?;
        let words = self.take(bytes)?.as_chunks::<8>().0;
        Ok(words.iter().map(|word| f64::from_bits(u64::from_le_bytes(*word))).collect())
    }

    /// The same, of which NaN is always one.
    fn sums(&mut self, count: usize) -> Result<Vec<f64>, PartialError> {
        let at = self.at;
        let sums = self.f64s(count)?;
        match sums.iter().all(|x| number(*x).to_bits() == x.to_bits()) {
            true => Ok(sums),
            false => Err(PartialError::Malformed { at, why: "a NaN that no sum is" }),
        }
    }

    fn text(&mut self) -> Result<String, PartialError> {
        let length = self.count(1)?;
        let at = self.at;
        let text = String::from_utf8(self.take(length)?.to_vec());
        text.map_err(|_| PartialError::Malformed { at, why: "a text that is no UTF-8" })
    }

    fn tally(&mut self, rows: u64) -> Result<Tally, PartialError> {
        let count = self.u64()?;
        if count > rows {
            return Err(self.refuse("a count of more rows than there are"));
        }
        let first = match self.u8()? {
            0 => None,
            kind @ (1 | 2) => {
                let row = self.u64()?;
                Some(RowPlace { part: (kind == 2).then(|| self.text()).transpose()?, row })
            }
            _ => return Err(self.refuse("no first row is so")),
        };
        Ok(Tally { count, first })
    }

    fn partial(mut self) -> Result<Partial, PartialError> {
        let order = match self.u8()? {
            0 => Order::Row,
            1 => Order::Any,
            _ => return Err(self.refuse("there is no such order")),
        };
        let digest = u128::from_le_bytes(self.array()?);
        let text = self.text()?;
        let outputs = self.count(1)?;
        let mut parameters = Vec::new();
        let mut numbers = 0usize;
        for _ in 0..self.count(16)? {
            let name = self.text()?;
            let rank = self.count(8)?;
            let shape = (0..rank).map(|_| self.count(0)).collect::<Result<Vec<usize>, _>>()?;
            let length = shape.iter().try_fold(1usize, |all, length| all.checked_mul(*length));
            let all = length.and_then(|length| numbers.checked_add(length));
            numbers = all
                .filter(|all| *all <= self.bytes.len() / 8)
                .ok_or(self.refuse("parameters of more than there is"))?;
            parameters.push((name, shape));
        }
        let values = self.f64s(numbers)?;
        let sums = outputs
            .checked_mul(1 + numbers)
            .filter(|sums| *sums > 0 && *sums <= isize::MAX as usize / 8 / CHUNK);
        let sums = sums.ok_or(self.refuse("no number of sums"))?;
        let subject = Subject { text, digest, order, outputs, parameters };
        let rows = self.u64()?;
        if rows > MOST_ROWS {
            return Err(self.refuse("there are at most 2^63 rows"));
        }
        let [skipped, kinks, undefined] = [self.tally(rows)?, self.tally(rows)?, self.tally(rows)?];
        let counts = Counts { rows, skipped, kinks, undefined };
        let sums = match order {
            Order::Row => self.pieces(sums, rows)?,
            Order::Any => self.exact_sums(sums)?,
        };
        if self.at != self.bytes.len() {
            return Err(self.refuse("there is more than one partial sum"));
        }
        Ok(Partial { subject: subject.into(), parameters: values, counts, sums })
    }

    fn pieces(&mut self, sums: usize, rows: u64) -> Result<Sums, PartialError> {
        let pieces = (0..self.count(10)?).map(|_| self.piece(sums)).collect::<Result<Vec<Piece>, _>>()?;
        let pieces = Pieces::gather(pieces, sums).map_err(|_| self.refuse("rows that are there twice"))?;
        let covered: u64 = pieces.rows().iter().map(|range| range.end - range.start).sum();
        match covered == rows {
            true => Ok(Sums::Row(pieces)),
            false => Err(self.refuse("another number of rows than is said")),
        }
    }

    fn piece(&mut self, sums: usize) -> Result<Piece, PartialError> {
        match self.u8()? {
            kind @ (NODE | NODE_WITHOUT) => {
                let (level, index) = (self.u8()?, self.u64()?);
                if level > TOP_LEVEL || index >= 1 << (TOP_LEVEL - level) {
                    return Err(self.refuse("a node beyond the last row"));
                }
                let sums = (kind == NODE).then(|| self.sums(sums)).transpose()?;
                Ok(Piece::Node(Node { level, index, sums }))
            }
            FRAGMENT => {
                let chunk = self.u64()?;
                if chunk >= 1 << TOP_LEVEL {
                    return Err(self.refuse("a chunk beyond the last row"));
                }
                let mut set = || Ok(RowSet([self.u64()?, self.u64()?, self.u64()?, self.u64()?]));
                let (covered, present) = (set()?, set()?);
                if covered.len() == 0 || !present.is_within(covered) {
                    return Err(self.refuse("terms of rows that are not there"));
                }
                let count = present.len().checked_mul(sums).ok_or(self.refuse(ENDS))?;
                Ok(Piece::Fragment(Fragment { chunk, covered, present, terms: self.sums(count)? }))
            }
            _ => Err(self.refuse("there is no such piece")),
        }
    }

    fn exact_sums(&mut self, sums: usize) -> Result<Sums, PartialError> {
        if sums > self.bytes.len() {
            return Err(self.refuse(ENDS));
        }
        let exact = (0..sums).map(|_| self.exact()).collect::<Result<Vec<Exact>, _>>()?;
        let parts = (0..self.count(8)?).map(|_| self.text()).collect::<Result<Vec<String>, _>>()?;
        match parts.is_sorted_by(|one, next| one < next) {
            true => Ok(Sums::Any { exact, parts }),
            false => Err(self.refuse("parts that are out of order, or there twice")),
        }
    }

    fn exact(&mut self) -> Result<Exact, PartialError> {
        let flags = self.u8()?;
        let (low, count) = (usize::from(self.u8()?), usize::from(self.u8()?));
        let mut digits = vec![0; low];
        for _ in 0..count {
            digits.push(u32::from_le_bytes(self.array()?));
        }
        let flag = |k: u32| flags >> k & 1 == 1;
        let sum = Exact::of_magnitude(flag(0), &digits).filter(|_| flags < 16);
        let mut sum = sum.ok_or(self.refuse("no exact sum"))?;
        (sum.infinite, sum.nan) = ([flag(1), flag(2)], flag(3));
        Ok(sum)
    }
}
