//! The cost of k-means: the squared distance of every point to the nearest of three centres.

use super::Family;

const CENTRES: usize = 3;
const DIMENSIONS: usize = 2;

pub(super) const KMEANS: Family = Family {
    name: "kmeans",
    about: "squared distances of n points in the plane to the nearest of three centres, by centres and points",
    source: "MacQueen 1967; the objective kmeans of GradBench",
    form: super::Form::Text(
        "distance(i, j) = sum(r, 1, 2, (x[i,r] - c[j,r])^2)\n\
         cost(c, x) = sum(i, 1, n, min(distance(i, 1), distance(i, 2), distance(i, 3)))",
    ),
    sizes: &[10, 50, 250],
    inputs: |n| DIMENSIONS * (CENTRES + n),
    domain: (-1.0, 1.0),
    value: |_, x| value::<CENTRES>(x),
    gradient: |_, x, g| gradient::<CENTRES>(x, g),
};

/// By x² - 2xc + c², centre by centre.
pub(super) fn value<const CENTRES: usize>(x: &[f64]) -> f64 {
    let (centres, points) = x.split_at(CENTRES * DIMENSIONS);
    let norm = |p: &[f64]| p.iter().map(|v| v * v).sum::<f64>();
    let mut nearest = vec![f64::INFINITY; points.len() / DIMENSIONS];
    for centre in centres.chunks_exact(DIMENSIONS) {
        for (nearest, point) in nearest.iter_mut().zip(points.chunks_exact(DIMENSIONS)) {
            let across: f64 = point.iter().zip(centre).map(|(p, c)| p * c).sum();
            *nearest = nearest.min(norm(point) - 2.0 * across + norm(centre));
        }
    }
    nearest.iter().sum()
}

/// Every point pulls at its own centre alone.
pub(super) fn gradient<const CENTRES: usize>(x: &[f64], g: &mut [f64]) -> f64 {
    g.fill(0.0);
    let (centres, points) = x.split_at(CENTRES * DIMENSIONS);
    let (gcentres, gpoints) = g.split_at_mut(CENTRES * DIMENSIONS);
    let mut cost = 0.0;
    for (point, gpoint) in points.chunks_exact(DIMENSIONS).zip(gpoints.chunks_exact_mut(DIMENSIONS)) {
        let distance = |j: usize| -> f64 {
            let centre = &centres[j * DIMENSIONS..][..DIMENSIONS];
            point.iter().zip(centre).map(|(p, c)| (p - c) * (p - c)).sum()
        };
        let nearest =
            (0..CENTRES).min_by(|&i, &j| distance(i).total_cmp(&distance(j))).expect("there are centres");
        cost += distance(nearest);
        for r in 0..DIMENSIONS {
            let pull = 2.0 * (point[r] - centres[nearest * DIMENSIONS + r]);
            gpoint[r] += pull;
            gcentres[nearest * DIMENSIONS + r] -= pull;
        }
    }
    cost
}
