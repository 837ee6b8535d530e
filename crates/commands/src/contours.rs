//! Lines on which a function of two inputs has one value.

/// How many lines at most.
const LEVELS: usize = 14;

/// Values on a grid.
#[derive(Clone, Debug)]
pub struct Grid {
    x: Vec<f64>,
    y: Vec<f64>,
    /// Row after row of the same y.
    values: Vec<f64>,
}

impl Grid {
    /// A function between two ends of x and of y, with so many cells along each side.
    pub fn of(x: (f64, f64), y: (f64, f64), cells: usize, mut f: impl FnMut(&[f64; 2]) -> f64) -> Grid {
        let along = |(low, high): (f64, f64)| -> Vec<f64> {
            (0..=cells).map(|k| low + (high - low) * k as f64 / cells as f64).collect()
        };
        let (x, y) = (along(x), along(y));
        let values = y.iter().flat_map(|y| x.iter().map(|x| [*x, *y])).map(|point| f(&point)).collect();
        Grid { x, y, values }
    }

    /// Between any two, equally many values of the grid lie.
    pub fn levels(&self) -> Vec<f64> {
        let mut sorted: Vec<f64> = self.values.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        if sorted.is_empty() {
            return Vec::new();
        }
        let at = |k: usize| sorted[(sorted.len() - 1) * (2 * k + 1) / (2 * LEVELS)];
        let rounded = |value: f64| format!("{value:.2e}").parse().unwrap_or(value);
        let mut levels: Vec<f64> = (0..LEVELS).map(at).map(rounded).collect();
        levels.dedup();
        levels
    }

    /// The lines on which the function, linear between the points of the grid, has this value (marching squares).
    pub fn contour(&self, level: f64) -> Vec<[(f64, f64); 2]> {
        let mut lines = Vec::new();
        let width = self.x.len();
        for row in 0..self.y.len() - 1 {
            for column in 0..width - 1 {
                let corner = |right: usize, up: usize| {
                    let value = self.values[(row + up) * width + column + right];
                    ((self.x[column + right], self.y[row + up]), value)
                };
                let around = [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)];
                if around.iter().any(|(_, value)| !value.is_finite()) {
                    continue;
                }
                let mut crossings = Vec::new();
                for k in 0..4 {
                    let ((from, a), (to, b)) = (around[k], around[(k + 1) % 4]);
                    if (a < level) != (b < level) {
                        let share = (level - a) / (b - a);
                        crossings.push((from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1)));
                    }
                }
                lines.extend(crossings.chunks_exact(2).map(|pair| [pair[0], pair[1]]));
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contours_lie_where_the_function_has_their_value() {
        let x: Vec<f64> = (0..=40).map(|k| f64::from(k) / 20.0 - 1.0).collect();
        let values = x.iter().flat_map(|y| x.iter().map(move |x| x * x + y * y)).collect();
        let grid = Grid { x: x.clone(), y: x, values };
        let lines = grid.contour(0.5);
        assert!(lines.len() > 50);
        for (x, y) in lines.into_iter().flatten() {
            assert!((x * x + y * y - 0.5).abs() < 2e-3, "{x} {y}");
        }
        assert!(grid.levels().is_sorted() && grid.levels().len() > 10);
    }
}
