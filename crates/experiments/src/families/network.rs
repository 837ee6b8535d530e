//! Squared loss of a network of three layers, written with sums over indices: by its weights and by the data.

/// A [`Family`](super::Family) of given widths: text and code take them from here, once.
macro_rules! network {
    ($name:literal, $sizes:expr, $a:literal - $b:literal - $c:literal - $d:literal) => {
        super::Family {
            name: $name,
            about: concat!(
                "squared loss on n samples of a network ",
                concat!($a, "-", $b, "-", $c, "-", $d),
                " with tanh, by its weights and by the samples"
            ),
            source: "Rumelhart, Hinton and Williams 1986",
            form: $crate::families::Form::Text(concat!(
                "h(p, i) = tanh(sum(j, 1, ",
                $a,
                ", U[i,j]*X[p,j]) + a[i])\n",
                "k(p, i) = tanh(sum(j, 1, ",
                $b,
                ", V[i,j]*h(p, j)) + b[i])\n",
                "y(p, i) = sum(j, 1, ",
                $c,
                ", W[i,j]*k(p, j)) + c[i]\n",
                "loss(U, a, V, b, W, c, X, t) = sum(p, 1, n, sum(i, 1, ",
                $d,
                ", (y(p, i) - t[p,i])^2))"
            )),
            sizes: $sizes,
            inputs: |n| $b * ($a + 1) + $c * ($b + 1) + $d * ($c + 1) + n * ($a + $d),
            domain: (-0.5, 0.5),
            value: |_, x| $crate::families::network::value(&[$a, $b, $c, $d], x),
            gradient: |_, x, g| $crate::families::network::gradient::<$a, $b, $c, $d>(x, g),
        }
    };
}
pub(super) use network;

/// Layer by layer for all samples at once, and tanh by its exponential.
pub(super) fn value(widths: &[usize; 4], x: &[f64]) -> f64 {
    let mut layers = Vec::new();
    let mut rest = x;
    for pair in widths.windows(2) {
        let (weights, after) = rest.split_at(pair[0] * pair[1]);
        let (bias, after) = after.split_at(pair[1]);
        layers.push((weights, bias));
        rest = after;
    }
    let samples = rest.len() / (widths[0] + widths[3]);
    let (data, targets) = rest.split_at(samples * widths[0]);
    let mut states: Vec<Vec<f64>> = data.chunks_exact(widths[0]).map(<[f64]>::to_vec).collect();
    for (layer, (weights, bias)) in layers.iter().enumerate() {
        for state in &mut states {
            let mut next = bias.to_vec();
            for (j, s) in state.iter().enumerate() {
                next.iter_mut().enumerate().for_each(|(i, y)| *y += weights[i * widths[layer] + j] * s);
            }
            if layer < 2 {
                next.iter_mut().for_each(|y| *y = 1.0 - 2.0 / ((2.0 * *y).exp() + 1.0));
            }
            *state = next;
        }
    }
    states.iter().flatten().zip(targets).map(|(y, t)| (y - t).powi(2)).sum()
}

/// Sample by sample, forward and backward; vectors of a layer stay on the stack.
pub(super) fn gradient<const A: usize, const B: usize, const C: usize, const D: usize>(
    x: &[f64],
    g: &mut [f64],
) -> f64 {
    g.fill(0.0);
    let (u, rest) = matrix::<A>(x, B);
    let (a, rest) = rest.split_at(B);
    let (v, rest) = matrix::<B>(rest, C);
    let (b, rest) = rest.split_at(C);
    let (w, rest) = matrix::<C>(rest, D);
    let (c, rest) = rest.split_at(D);
    let samples = rest.len() / (A + D);
    let (data, targets) = rest.split_at(samples * A);

    let (gu, rest) = matrix_mut::<A>(g, B);
    let (ga, rest) = rest.split_at_mut(B);
    let (gv, rest) = matrix_mut::<B>(rest, C);
    let (gb, rest) = rest.split_at_mut(C);
    let (gw, rest) = matrix_mut::<C>(rest, D);
    let (gc, rest) = rest.split_at_mut(D);
    let (gdata, gtargets) = rest.split_at_mut(samples * A);

    let data = data.as_chunks::<A>().0.iter().zip(gdata.as_chunks_mut::<A>().0);
    let targets = targets.as_chunks::<D>().0.iter().zip(gtargets.as_chunks_mut::<D>().0);
    let mut loss = 0.0;
    for ((x, gx), (t, gt)) in data.zip(targets) {
        let mut h = [0.0; B];
        for i in 0..B {
            h[i] = (dot(&u[i], x) + a[i]).tanh();
        }
        let mut k = [0.0; C];
        for i in 0..C {
            k[i] = (dot(&v[i], &h) + b[i]).tanh();
        }
        let (mut dh, mut dk) = ([0.0; B], [0.0; C]);
        for i in 0..D {
            let off = dot(&w[i], &k) + c[i] - t[i];
            loss += off * off;
            let d = 2.0 * off;
            gt[i] = -d;
            gc[i] += d;
            add(&mut gw[i], d, &k);
            add(&mut dk, d, &w[i]);
        }
        for i in 0..C {
            let d = dk[i] * (1.0 - k[i] * k[i]);
            gb[i] += d;
            add(&mut gv[i], d, &h);
            add(&mut dh, d, &v[i]);
        }
        for i in 0..B {
            let d = dh[i] * (1.0 - h[i] * h[i]);
            ga[i] += d;
            add(&mut gu[i], d, x);
            add(gx, d, &u[i]);
        }
    }
    loss
}

fn matrix<const COLUMNS: usize>(x: &[f64], rows: usize) -> (&[[f64; COLUMNS]], &[f64]) {
    let (matrix, rest) = x.split_at(rows * COLUMNS);
    (matrix.as_chunks().0, rest)
}

fn matrix_mut<const COLUMNS: usize>(x: &mut [f64], rows: usize) -> (&mut [[f64; COLUMNS]], &mut [f64]) {
    let (matrix, rest) = x.split_at_mut(rows * COLUMNS);
    (matrix.as_chunks_mut().0, rest)
}

/// Eight sums at a time, since one alone would wait for every addition.
fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// `to += factor * from`
fn add<const N: usize>(to: &mut [f64; N], factor: f64, from: &[f64; N]) {
    for i in 0..N {
        to[i] += factor * from[i];
    }
}
