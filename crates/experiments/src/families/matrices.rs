//! Losses made of vectors and matrices.

use super::{Family, Form};

/// Columns of the matrix that is factorised, and the rank of its factors.
const COLUMNS: usize = 3;
const RANK: usize = 2;

pub(super) const FACTORISATION: Family = Family {
    name: "factorisation",
    about: "squared error of a matrix of n rows written as a product of two thin ones, which are to be small, by all three",
    source: "Koren, Bell and Volinsky 2009",
    form: Form::Text(include_str!("texts/factorisation.txt")),
    sizes: &[4, 16, 64],
    inputs: |n| n * COLUMNS + n * RANK + COLUMNS * RANK,
    domain: (-1.0, 1.0),
    // |X|² - 2 <XV, U> + <U'U, V'V>.
    value: |n, x| {
        let (m, rest) = x.split_at(n * COLUMNS);
        let (u, v) = rest.split_at(n * RANK);
        let square = |w: &[f64]| w.iter().map(|w| w * w).sum::<f64>();
        let gram = |w: &[f64], k: usize, l: usize| -> f64 { w.chunks(RANK).map(|row| row[k] * row[l]).sum() };
        let mut loss = square(m) + 0.1 * square(u) + 0.2 * square(v);
        for k in 0..RANK {
            for (row, u) in m.chunks(COLUMNS).zip(u.chunks(RANK)) {
                loss -= 2.0 * u[k] * row.iter().zip(v.chunks(RANK)).map(|(m, v)| m * v[k]).sum::<f64>();
            }
            loss += (0..RANK).map(|l| gram(u, k, l) * gram(v, k, l)).sum::<f64>();
        }
        loss
    },
    gradient: |n, x, g| {
        g.fill(0.0);
        let (at_u, at_v) = (n * COLUMNS, n * (COLUMNS + RANK));
        let mut loss = 0.0;
        for i in 0..n {
            for j in 0..COLUMNS {
                let product: f64 = (0..RANK).map(|k| x[at_u + i * RANK + k] * x[at_v + j * RANK + k]).sum();
                let error = x[i * COLUMNS + j] - product;
                loss += error * error;
                g[i * COLUMNS + j] = 2.0 * error;
                for k in 0..RANK {
                    g[at_u + i * RANK + k] -= 2.0 * error * x[at_v + j * RANK + k];
                    g[at_v + j * RANK + k] -= 2.0 * error * x[at_u + i * RANK + k];
                }
            }
        }
        for at in at_u..x.len() {
            let pull = if at < at_v { 0.1 } else { 0.2 };
            loss += pull * x[at] * x[at];
            g[at] += 2.0 * pull * x[at];
        }
        loss
    },
};

/// What is known of a row.
const FEATURES: usize = 3;

pub(super) const REGRESSION: Family = Family {
    name: "regression",
    about: "log-loss of a logistic regression on n rows of three numbers, with a pull to 0, by weights, rows and labels",
    source: "Cox 1958; the loss of LIBLINEAR (Fan et al. 2008)",
    form: Form::Text(include_str!("texts/regression.txt")),
    sizes: &[5, 20, 80],
    inputs: |n| FEATURES + 1 + n * (FEATURES + 1),
    domain: (-1.0, 1.0),
    // By the probability of each label.
    value: |n, x| {
        let (rows, labels) = x[FEATURES + 1..].split_at(n * FEATURES);
        let mut loss = x[..FEATURES].iter().map(|w| 0.05 * w * w).sum::<f64>();
        for (row, label) in rows.chunks(FEATURES).zip(labels) {
            let score = row.iter().zip(x).fold(x[FEATURES], |sum, (r, w)| sum + r * w);
            loss -= (1.0 / (1.0 + (-label * score).exp())).ln();
        }
        loss
    },
    gradient: |n, x, g| {
        g.fill(0.0);
        let (at_rows, at_labels) = (FEATURES + 1, FEATURES + 1 + n * FEATURES);
        let mut loss = 0.0;
        for k in 0..FEATURES {
            loss += x[k] * x[k] / 20.0;
            g[k] += x[k] / 10.0;
        }
        for i in 0..n {
            let (row, label) = (at_rows + i * FEATURES, x[at_labels + i]);
            let score = x[FEATURES] + (0..FEATURES).map(|k| x[k] * x[row + k]).sum::<f64>();
            loss += (-label * score).exp().ln_1p();
            let upstream = -1.0 / (1.0 + (label * score).exp());
            g[at_labels + i] = upstream * score;
            g[FEATURES] += upstream * label;
            for k in 0..FEATURES {
                g[k] += upstream * label * x[row + k];
                g[row + k] = upstream * label * x[k];
            }
        }
        loss
    },
};

/// Numbers of a query and of a key, and of a value.
const WIDTH: usize = 3;
const ANSWER: usize = 2;

pub(super) const ATTENTION: Family = Family {
    name: "attention",
    about: "squared error of n queries that attend to n keys, by queries, keys, values and targets",
    source: "Vaswani et al. 2017",
    form: Form::Text(include_str!("texts/attention.txt")),
    sizes: &[3, 6, 12],
    inputs: |n| 2 * n * (WIDTH + ANSWER),
    domain: (-1.0, 1.0),
    // Without the largest exponent, and sums joined key by key.
    value: |n, x| {
        let (queries, rest) = x.split_at(n * WIDTH);
        let (keys, rest) = rest.split_at(n * WIDTH);
        let (values, targets) = rest.split_at(n * ANSWER);
        let mut loss = 0.0;
        for (query, target) in queries.chunks(WIDTH).zip(targets.chunks(ANSWER)) {
            let (mut total, mut answer) = (0.0, [0.0; ANSWER]);
            for (key, value) in keys.chunks(WIDTH).zip(values.chunks(ANSWER)) {
                let product: f64 = query.iter().zip(key).map(|(q, k)| q * k).sum();
                let weight = (product / 3f64.sqrt()).exp();
                total += weight;
                answer.iter_mut().zip(value).for_each(|(answer, value)| *answer += weight * value);
            }
            loss += answer.iter().zip(target).map(|(answer, y)| (answer / total - y).powi(2)).sum::<f64>();
        }
        loss
    },
    gradient: |n, x, g| {
        g.fill(0.0);
        let (at_keys, at_values, at_targets) = (n * WIDTH, 2 * n * WIDTH, n * (2 * WIDTH + ANSWER));
        let scale = 1.0 / 3f64.sqrt();
        let mut loss = 0.0;
        let mut weights = vec![0.0; n];
        for i in 0..n {
            for (j, weight) in weights.iter_mut().enumerate() {
                *weight =
                    scale * (0..WIDTH).map(|k| x[i * WIDTH + k] * x[at_keys + j * WIDTH + k]).sum::<f64>();
            }
            let top = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            weights.iter_mut().for_each(|weight| *weight = (*weight - top).exp());
            let total: f64 = weights.iter().sum();
            weights.iter_mut().for_each(|weight| *weight /= total);
            let mut upstream = [0.0; ANSWER];
            // The mean of what the weights receive, by the weights.
            let mut mean = 0.0;
            for c in 0..ANSWER {
                let answer: f64 = (0..n).map(|j| weights[j] * x[at_values + j * ANSWER + c]).sum();
                let error = answer - x[at_targets + i * ANSWER + c];
                loss += error * error;
                upstream[c] = 2.0 * error;
                g[at_targets + i * ANSWER + c] = -upstream[c];
                mean += upstream[c] * answer;
            }
            for (j, weight) in weights.iter().enumerate() {
                let mut received = -mean;
                for c in 0..ANSWER {
                    received += upstream[c] * x[at_values + j * ANSWER + c];
                    g[at_values + j * ANSWER + c] += upstream[c] * weight;
                }
                for k in 0..WIDTH {
                    g[i * WIDTH + k] += scale * weight * received * x[at_keys + j * WIDTH + k];
                    g[at_keys + j * WIDTH + k] += scale * weight * received * x[i * WIDTH + k];
                }
            }
        }
        loss
    },
};
