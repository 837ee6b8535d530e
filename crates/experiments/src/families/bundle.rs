//! Bundle adjustment: the reprojection error of n points seen by one camera, and the pull of their weights towards 1.
//!
//! The camera turns a point about an axis (Rodrigues), projects it, bends it radially, scales and shifts it. The scene
//! stands four units before the camera, so that no depth is near 0.

use super::Family;

pub(super) const BUNDLE: Family = Family {
    name: "bundle",
    about: "squared reprojection errors of n points seen by one camera, by camera, points, weights and measurements",
    source: "Triggs et al. 2000; the residual of ADBench (Šrajer, Kukelova and Fitzgibbon 2018), squared and summed",
    form: super::Form::Text(
        "t = sqrt(r[1]^2 + r[2]^2 + r[3]^2)      # the angle; r/t is the axis\n\
         u(k) = r[k]/t\n\
         p(i, k) = X[i,k] - C[k]\n\
         along(i) = (1 - cos(t))*sum(k, 1, 3, u(k)*p(i, k))\n\
         a(i) = p(i, 1)*cos(t) + (u(2)*p(i, 3) - u(3)*p(i, 2))*sin(t) + u(1)*along(i)\n\
         b(i) = p(i, 2)*cos(t) + (u(3)*p(i, 1) - u(1)*p(i, 3))*sin(t) + u(2)*along(i)\n\
         depth(i) = p(i, 3)*cos(t) + (u(1)*p(i, 2) - u(2)*p(i, 1))*sin(t) + u(3)*along(i) + 4\n\
         g(i) = a(i)/depth(i)\n\
         h(i) = b(i)/depth(i)\n\
         s(i) = g(i)^2 + h(i)^2\n\
         distorted(i) = f*(1 + d[1]*s(i) + d[2]*s(i)^2)\n\
         miss(i) = (w[i]*(distorted(i)*g(i) + o[1] - m[i,1]))^2 + (w[i]*(distorted(i)*h(i) + o[2] - m[i,2]))^2\n\
         error(r, C, f, o, d, X, w, m) = sum(i, 1, n, miss(i) + (1 - w[i]^2)^2)",
    ),
    sizes: &[3, 12, 48],
    inputs: |n| CAMERA + 6 * n,
    domain: (-1.0, 1.0),
    value,
    gradient,
};

/// Axis and angle, place, focal length, offset, distortion.
pub(super) const CAMERA: usize = 3 + 3 + 1 + 2 + 2;
const DISTANCE: f64 = 4.0;

pub(super) type Vector = [f64; 3];

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

pub(super) fn vector(x: &[f64]) -> Vector {
    [x[0], x[1], x[2]]
}

/// A vector turned about an axis whose length is the angle, by a unit quaternion.
pub(super) fn turned_otherwise(axis: Vector, p: Vector) -> Vector {
    let half = 0.5 * dot(axis, axis).sqrt();
    let axis = axis.map(|r| r / (2.0 * half) * half.sin());
    let turn = cross(axis, p).map(|c| 2.0 * c);
    let again = cross(axis, turn);
    [0, 1, 2].map(|k| p[k] + half.cos() * turn[k] + again[k])
}

/// The same by the formula of Rodrigues.
pub(super) fn turned(axis: Vector, p: Vector) -> Vector {
    let angle = dot(axis, axis).sqrt();
    let (sin, cos) = angle.sin_cos();
    let u = axis.map(|r| r / angle);
    let (across, along) = (cross(u, p), dot(u, p));
    [0, 1, 2].map(|k| p[k] * cos + across[k] * sin + u[k] * along * (1.0 - cos))
}

/// What the axis and the vector receive when the turned vector receives `upstream`.
pub(super) fn turned_back(axis: Vector, p: Vector, upstream: Vector) -> [Vector; 2] {
    let angle = dot(axis, axis).sqrt();
    let (sin, cos) = angle.sin_cos();
    let u = axis.map(|r| r / angle);
    let (across, along, towards) = (cross(u, p), dot(u, p), dot(u, upstream));
    let (back, round) = (cross(upstream, u), cross(p, upstream));
    let gu = [0, 1, 2].map(|k| sin * round[k] + (1.0 - cos) * (upstream[k] * along + p[k] * towards));
    let gangle = dot(upstream, across) * cos - (dot(upstream, p) - towards * along) * sin;
    // The axis is r over the angle, and the angle the length of r.
    let radial = dot(gu, u);
    [
        [0, 1, 2].map(|k| gangle * u[k] + (gu[k] - radial * u[k]) / angle),
        [0, 1, 2].map(|k| upstream[k] * cos + back[k] * sin + u[k] * towards * (1.0 - cos)),
    ]
}

/// Where a camera sees a point, by polar coordinates of the picture.
pub(super) fn seen_otherwise(camera: &[f64], point: &[f64]) -> [f64; 2] {
    let (focal, offset, bend) = (camera[6], &camera[7..9], &camera[9..11]);
    let p = [0, 1, 2].map(|k| point[k] - camera[3 + k]);
    let [a, b, c] = turned_otherwise(vector(camera), p);
    let (angle, radius) = (b.atan2(a), a.hypot(b) / (c + DISTANCE));
    let far = focal * radius * (1.0 + radius.powi(2) * (bend[0] + bend[1] * radius.powi(2)));
    [far * angle.cos() + offset[0], far * angle.sin() + offset[1]]
}

/// Where a camera sees a point.
pub(super) fn seen(camera: &[f64], point: &[f64]) -> [f64; 2] {
    let p = [0, 1, 2].map(|k| point[k] - camera[3 + k]);
    let [a, b, c] = turned(vector(camera), p);
    let flat = [a / (c + DISTANCE), b / (c + DISTANCE)];
    let s = flat[0] * flat[0] + flat[1] * flat[1];
    let distorted = 1.0 + camera[9] * s + camera[10] * s * s;
    [0, 1].map(|k| camera[6] * distorted * flat[k] + camera[7 + k])
}

/// Adds what camera and point receive when the place that is seen receives `upstream`.
pub(super) fn seen_back(
    camera: &[f64],
    point: &[f64],
    upstream: [f64; 2],
    gcamera: &mut [f64],
    gpoint: &mut [f64],
) {
    let axis = vector(camera);
    let p = [0, 1, 2].map(|k| point[k] - camera[3 + k]);
    let [a, b, c] = turned(axis, p);
    let depth = c + DISTANCE;
    let flat = [a / depth, b / depth];
    let s = flat[0] * flat[0] + flat[1] * flat[1];
    let distorted = 1.0 + camera[9] * s + camera[10] * s * s;
    let (mut gflat, mut gdistorted) = ([0.0; 2], 0.0);
    for k in 0..2 {
        gcamera[6] += upstream[k] * distorted * flat[k];
        gcamera[7 + k] += upstream[k];
        gdistorted += upstream[k] * camera[6] * flat[k];
        gflat[k] = upstream[k] * camera[6] * distorted;
    }
    gcamera[9] += gdistorted * s;
    gcamera[10] += gdistorted * s * s;
    let gs = gdistorted * (camera[9] + 2.0 * camera[10] * s);
    for k in 0..2 {
        gflat[k] += 2.0 * gs * flat[k];
    }
    let gturned = [gflat[0] / depth, gflat[1] / depth, -(gflat[0] * flat[0] + gflat[1] * flat[1]) / depth];
    let [gaxis, gp] = turned_back(axis, p, gturned);
    for k in 0..3 {
        gcamera[k] += gaxis[k];
        gcamera[3 + k] -= gp[k];
        gpoint[k] += gp[k];
    }
}

fn value(n: usize, x: &[f64]) -> f64 {
    let (camera, rest) = x.split_at(CAMERA);
    let (points, rest) = rest.split_at(3 * n);
    let (weights, measured) = rest.split_at(n);
    (0..n)
        .map(|i| {
            let seen = seen_otherwise(camera, &points[3 * i..]);
            let squares: f64 = seen.iter().zip(&measured[2 * i..]).map(|(s, m)| (s - m).powi(2)).sum();
            let w = weights[i];
            w * w * squares + ((1.0 - w) * (1.0 + w)).powi(2)
        })
        .sum()
}

/// Point by point, forward and backward.
fn gradient(n: usize, x: &[f64], g: &mut [f64]) -> f64 {
    g.fill(0.0);
    let (camera, rest) = x.split_at(CAMERA);
    let (points, rest) = rest.split_at(3 * n);
    let (weights, measured) = rest.split_at(n);
    let (gcamera, rest) = g.split_at_mut(CAMERA);
    let (gpoints, rest) = rest.split_at_mut(3 * n);
    let (gweights, gmeasured) = rest.split_at_mut(n);
    let mut error = 0.0;
    for i in 0..n {
        let w = weights[i];
        let rest = 1.0 - w * w;
        error += rest * rest;
        gweights[i] -= 4.0 * w * rest;
        let seen = seen(camera, &points[3 * i..]);
        let mut upstream = [0.0; 2];
        for k in 0..2 {
            let miss = seen[k] - measured[2 * i + k];
            error += (w * miss) * (w * miss);
            gweights[i] += 2.0 * w * miss * miss;
            upstream[k] = 2.0 * w * w * miss;
            gmeasured[2 * i + k] -= upstream[k];
        }
        seen_back(camera, &points[3 * i..], upstream, gcamera, &mut gpoints[3 * i..]);
    }
    error
}
