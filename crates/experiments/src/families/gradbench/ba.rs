//! Bundle adjustment over a list of observations, each of one point by one camera.

use super::super::bundle::{CAMERA, seen, seen_back, seen_otherwise};
use super::super::{Data, Family, Form, weight};

pub(in super::super) const BA: Family = Family {
    name: "gradbench-ba",
    about: "reprojection errors of 4n observations of 2n points by n cameras, and of their weights, by cameras, points and weights",
    source: "GradBench, ba, from ADBench",
    form: Form::WithData(include_str!("../texts/gradbench-ba.txt"), data),
    sizes: &[2, 4, 8],
    inputs: |n| n * (CAMERA + 6 + 4),
    domain: (-1.0, 1.0),
    value,
    gradient,
};

/// Camera and point of every observation, from 0: every point is seen twice, in general by two cameras.
fn observations(n: usize) -> impl Iterator<Item = [usize; 2]> {
    (0..2 * n).flat_map(move |point| [[point % n, point], [(point + 1 + point / n) % n, point]])
}

/// What observation `i` measured.
fn measured(i: usize) -> [f64; 2] {
    [0, 1].map(|k| 0.5 * ((3 * i + 2 * k) as f64).sin())
}

fn data(n: usize) -> Vec<Data> {
    let observed = observations(n).flatten().map(|index| (index + 1) as f64).collect();
    vec![("o", vec![4 * n, 2], observed), ("m", vec![4 * n, 2], (0..4 * n).flat_map(measured).collect())]
}

fn value(n: usize, x: &[f64]) -> f64 {
    let (cameras, rest) = x.split_at(n * CAMERA);
    let (points, weights) = rest.split_at(6 * n);
    let mut sum = 0.0;
    for (i, [camera, point]) in observations(n).enumerate() {
        let (w, measured) = (weights[i], measured(i));
        let seen = seen_otherwise(&cameras[camera * CAMERA..][..CAMERA], &points[3 * point..]);
        sum += weight(2 * i) * (w * seen[0] - w * measured[0])
            + weight(2 * i + 1) * (w * seen[1] - w * measured[1]);
        sum += weight(8 * n + i) * (1.0 - w) * (1.0 + w);
    }
    sum
}

/// Observation by observation.
fn gradient(n: usize, x: &[f64], g: &mut [f64]) -> f64 {
    g.fill(0.0);
    let (cameras, rest) = x.split_at(n * CAMERA);
    let (points, weights) = rest.split_at(6 * n);
    let (gcameras, rest) = g.split_at_mut(n * CAMERA);
    let (gpoints, gweights) = rest.split_at_mut(6 * n);
    let mut sum = 0.0;
    for (i, [camera, point]) in observations(n).enumerate() {
        let (w, measured) = (weights[i], measured(i));
        let (camera, gcamera) = (&cameras[camera * CAMERA..][..CAMERA], &mut gcameras[camera * CAMERA..]);
        let seen = seen(camera, &points[3 * point..]);
        let mut upstream = [0.0; 2];
        for k in 0..2 {
            let output = weight(2 * i + k);
            sum += output * w * (seen[k] - measured[k]);
            gweights[i] += output * (seen[k] - measured[k]);
            upstream[k] = output * w;
        }
        seen_back(camera, &points[3 * point..], upstream, gcamera, &mut gpoints[3 * point..]);
        sum += weight(8 * n + i) * (1.0 - w * w);
        gweights[i] -= 2.0 * weight(8 * n + i) * w;
    }
    sum
}
