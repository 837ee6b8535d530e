//! Whether partial derivatives that exist belong to a linear map: other directions may contradict it.

use super::along::{Direction, step};
use super::exact::Exact;
use super::series::Series;
use super::sides::{Finding, OneSided};
use super::{Examiner, ORDERS};

/// All pairs of so many inputs are tried, and neighbours among more.
const PAIRED: usize = 7;
/// How many pairs of neighbours.
const MAX_NEIGHBOURS: usize = 48;

impl Examiner<'_, '_> {
    /// Per output and input, whether a direction contradicts that its partial derivative is part of a linear map.
    pub(super) fn contradictions(&mut self) -> Vec<Vec<bool>> {
        let mut all: Vec<Vec<bool>> = self.findings.iter().map(|row| vec![false; row.len()]).collect();
        for (output, contradicted) in all.iter_mut().enumerate() {
            let smooth: Vec<usize> =
                (0..contradicted.len()).filter(|&input| self.slope(output, input).is_some()).collect();
            let near = smooth.len().min(PAIRED);
            let mut pairs: Vec<(usize, usize)> =
                (0..near).flat_map(|i| (i + 1..near).map(move |j| (i, j))).collect();
            pairs.extend((near..smooth.len()).take(MAX_NEIGHBOURS).map(|j| (j - 1, j)));
            for (i, j) in pairs {
                let (i, j) = (smooth[i], smooth[j]);
                let tried = [[1, 1], [1, -1], [-1, 1], [-1, -1], [1, 2], [2, -1]];
                if tried.iter().any(|&[a, b]| self.contradicts(output, &[(i, a), (j, b)])) {
                    (contradicted[i], contradicted[j]) = (true, true);
                }
            }
            if smooth.len() > 2 && !contradicted.contains(&true) {
                let rising: Vec<(usize, i64)> =
                    smooth.iter().zip(1..).map(|(&input, k)| (input, k)).collect();
                let waving =
                    smooth.iter().map(|&input| (input, if input % 2 == 0 { 1 } else { -1 })).collect();
                if [rising, waving].iter().any(|steps| self.contradicts(output, steps)) {
                    smooth.iter().for_each(|&input| contradicted[input] = true);
                }
            }
        }
        all
    }

    /// The partial derivative and the limit of the value, where both are known.
    fn slope(&self, output: usize, input: usize) -> Option<(Exact, Exact)> {
        match self.findings[output][input].as_ref()? {
            (Finding::Slope { slope, value, .. }, _) => Some((slope.clone(), value.clone())),
            _ => None,
        }
    }

    /// Whether the slope along a direction is shown not to be the sum of the partial derivatives.
    fn contradicts(&mut self, output: usize, steps: &[(usize, i64)]) -> bool {
        let direction: Direction = steps
            .iter()
            .map(|&(input, factor)| {
                let (input, once) = step(input, 1);
                (input, self.lines.algebra.scaled(&once, &Exact::integer(factor)))
            })
            .collect();
        let (mut expected, mut value) = (Series::integer(0), None);
        for &(input, factor) in steps {
            let Some((slope, limit)) = self.slope(output, input) else { return false };
            let term = self.lines.algebra.scaled(&Series::constant(slope), &Exact::integer(factor));
            expected = self.lines.algebra.add(&expected, &term);
            value.get_or_insert(limit);
        }
        let (Some(expected), Some(value)) = (expected.as_constant(), value) else { return false };
        for order in ORDERS.into_iter().take(3) {
            let line = self.lines.along(&direction, order);
            let side = self.lines.algebra.side(line.value(self.outputs[output]));
            return match side {
                OneSided::Slope { value: other, slope, .. } => {
                    self.lines.algebra.equal(&other, &value) == Some(false)
                        || self.lines.algebra.equal(&slope, &expected) == Some(false)
                }
                OneSided::Steep { .. } | OneSided::Infinite => true,
                side if side.wants_terms() => continue,
                _ => false,
            };
        }
        false
    }
}
