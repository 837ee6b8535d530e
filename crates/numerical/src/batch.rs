//! Points to evaluate: the base point, each time with at most one coordinate moved.

/// One coordinate, and where it is moved to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Move {
    /// Which input.
    pub input: usize,
    /// Its value there; the base point's own for a point that is not moved.
    pub value: f64,
}

/// A batch of points that differ from the base point in one coordinate each, so that it is as long as the number of
/// points and not that times the number of inputs.
///
/// ```
/// use numerical::{Scheme, differentiate};
/// let mut points = Vec::new();
/// differentiate(Scheme::Forward, &[1.0, 2.0], 1, |batch, out| {
///     for (k, out) in out.iter_mut().enumerate() {
///         let mut point = [0.0; 2];
///         batch.fill(k, &mut point);
///         points.push(point);
///         *out = point[0] * point[1];
///     }
/// });
/// let h = points[1][0] - 1.0;
/// assert_eq!(points, [[1.0, 2.0], [1.0 + h, 2.0], [1.0, 2.0 + 2.0 * h]]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    base: &'a [f64],
    moves: &'a [Option<Move>],
}

impl<'a> Batch<'a> {
    pub(crate) fn new(base: &'a [f64], moves: &'a [Option<Move>]) -> Self {
        Batch { base, moves }
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.moves.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty()
    }

    /// The point that all others differ from in one coordinate.
    pub fn base(&self) -> &'a [f64] {
        self.base
    }

    /// What is moved at each point; nothing at the base point.
    pub fn moves(&self) -> &'a [Option<Move>] {
        self.moves
    }

    /// Writes point `k` out, one number per input.
    ///
    /// # Panics
    /// When there is no such point or `point` has another length.
    pub fn fill(&self, k: usize, point: &mut [f64]) {
        point.copy_from_slice(self.base);
        if let Some(Move { input, value }) = self.moves[k] {
            point[input] = value;
        }
    }
}
