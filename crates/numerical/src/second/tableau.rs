//! Extrapolation of second differences to a step of 0, with rounding carried along.

use super::level::Sample;
use crate::Blind;

/// More columns amplify rounding and gain nothing.
const MOST_COLUMNS: usize = 7;
/// Splits and differences are told from rounding where they are so many times as large.
const CLEAR: f64 = 16.0;

/// The extrapolations of one pair.
#[derive(Clone, Debug)]
pub(super) struct Tableau {
    /// The last row: the difference itself, then extrapolations from ever more steps.
    row: Vec<f64>,
    best: f64,
    error: f64,
    /// What the last row's own best estimate was, beside that of all.
    last_error: f64,
    worse: bool,
    /// Whether any difference was a number.
    seen: bool,
    /// The last two differences, and how far the sides are apart, with what rounding may be in them.
    differences: [f64; 3],
    splits: [Option<f64>; 3],
    roundoffs: [f64; 3],
}

impl Default for Tableau {
    fn default() -> Tableau {
        Tableau {
            row: Vec::with_capacity(MOST_COLUMNS),
            best: f64::NAN,
            error: f64::INFINITY,
            last_error: f64::INFINITY,
            worse: false,
            seen: false,
            differences: [f64::NAN; 3],
            splits: [None; 3],
            roundoffs: [f64::INFINITY; 3],
        }
    }
}

impl Tableau {
    /// Takes in what half the step says.
    pub(super) fn extend(&mut self, sample: &Sample) {
        let Sample { difference, roundoff, split } = *sample;
        self.differences.rotate_left(1);
        self.splits.rotate_left(1);
        self.roundoffs.rotate_left(1);
        (self.differences[2], self.splits[2], self.roundoffs[2]) = (difference, split, roundoff);
        if !difference.is_finite() {
            // What was seen from further off is of another function than the one between there and here.
            self.row.clear();
            return;
        }
        if !self.seen {
            (self.seen, self.best) = (true, difference);
        }
        let mut row = Vec::with_capacity(MOST_COLUMNS);
        row.push(difference);
        self.last_error = f64::INFINITY;
        let mut factor = 1.0;
        for (k, &before) in self.row.iter().enumerate().take(MOST_COLUMNS - 1) {
            factor *= 4.0;
            let better = row[k] + (row[k] - before) / (factor - 1.0);
            let apart = (better - row[k]).abs().max((better - before).abs());
            let error = apart + 2.0 * roundoff;
            row.push(better);
            self.last_error = self.last_error.min(error);
            if error < self.error {
                (self.best, self.error) = (better, error);
            }
        }
        self.worse = self.last_error > 2.0 * self.error;
        self.row = row;
    }

    /// The last extrapolation.
    pub(super) fn last(&self) -> f64 {
        self.row.last().copied().unwrap_or(f64::NAN)
    }

    /// How far the last two extrapolations are apart, and what rounding adds.
    pub(super) fn last_error(&self) -> f64 {
        match self.row[..] {
            [.., before, last] => (last - before).abs() + 2.0 * self.roundoffs[2],
            _ => f64::NAN,
        }
    }

    pub(super) fn best(&self) -> f64 {
        self.best
    }

    pub(super) fn error(&self) -> f64 {
        self.error
    }

    /// Whether the last row no longer helped.
    pub(super) fn is_worse(&self) -> bool {
        self.worse
    }

    /// Why there is nothing to be seen, where that is so.
    pub(super) fn blind(&self) -> Option<Blind> {
        if !self.seen || !self.error.is_finite() {
            return Some(Blind::DomainEdge);
        }
        let [a, b, c] = self.differences;
        let clear = |number: f64, k: usize| number.abs() > CLEAR * self.roundoffs[k];
        // Differences that grow like 1/h are those of a corner, like 1/h² those of a jump.
        let grows = |by: f64| {
            let near = |ratio: f64| (0.9 * by..1.1 * by).contains(&ratio);
            clear(a, 0) && clear(b, 1) && near(b / a) && near(c / b)
        };
        if grows(2.0) {
            return Some(Blind::Kink);
        }
        if grows(4.0) {
            return Some(Blind::Jump);
        }
        // A bend of the slope: both sides stay apart, and do not approach each other like the step.
        if let [Some(a), Some(b), Some(c)] = self.splits
            && clear(b, 1)
            && clear(c, 2)
            && c > 0.8 * b
            && b > 0.8 * a
        {
            return Some(Blind::Kink);
        }
        None
    }
}
