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
const CAMERA: usize = 3 + 3 + 1 + 2 + 2;
const DISTANCE: f64 = 4.0;

type Vector = [f64; 3];

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn vector(x: &[f64]) -> Vector {
    [x[0], x[1], x[2]]
}

/// The rotation as a unit quaternion, and polar coordinates of the picture.
fn value(n: usize, x: &[f64]) -> f64 {
    let (camera, rest) = x.split_at(CAMERA);
    let (points, rest) = rest.split_at(3 * n);
    let (weights, measured) = rest.split_at(n);
    let half = 0.5 * dot(vector(camera), vector(camera)).sqrt();
    let axis = vector(camera).map(|r| r / (2.0 * half) * half.sin());
    let (focal, offset, bend) = (camera[6], &camera[7..9], &camera[9..11]);
    (0..n)
        .map(|i| {
            let p = [0, 1, 2].map(|k| points[3 * i + k] - camera[3 + k]);
            let turn = cross(axis, p).map(|c| 2.0 * c);
            let again = cross(axis, turn);
            let [a, b, c] = [0, 1, 2].map(|k| p[k] + half.cos() * turn[k] + again[k]);
            let (angle, radius) = (b.atan2(a), a.hypot(b) / (c + DISTANCE));
            let far = focal * radius * (1.0 + radius.powi(2) * (bend[0] + bend[1] * radius.powi(2)));
            let sides = [angle.cos(), angle.sin()];
            let misses = sides.iter().zip(offset).zip(&measured[2 * i..]);
            let squares: f64 = misses.map(|((side, o), m)| (far * side + o - m).powi(2)).sum();
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

    let r = vector(camera);
    let angle = dot(r, r).sqrt();
    let (sin, cos) = angle.sin_cos();
    let u = r.map(|r| r / angle);
    let (focal, bend) = (camera[6], [camera[9], camera[10]]);
    let (mut gu, mut gsin, mut gcos) = ([0.0; 3], 0.0, 0.0);
    let mut error = 0.0;
    for i in 0..n {
        let p = [0, 1, 2].map(|k| points[3 * i + k] - camera[3 + k]);
        let (across, along) = (cross(u, p), dot(u, p));
        let turned = [0, 1, 2].map(|k| p[k] * cos + across[k] * sin + u[k] * along * (1.0 - cos));
        let depth = turned[2] + DISTANCE;
        let seen = [turned[0] / depth, turned[1] / depth];
        let s = seen[0] * seen[0] + seen[1] * seen[1];
        let distorted = 1.0 + bend[0] * s + bend[1] * s * s;
        let w = weights[i];
        let rest = 1.0 - w * w;
        error += rest * rest;
        gweights[i] -= 4.0 * w * rest;

        // Backward: from each coordinate's miss to what is seen, and through the bend.
        let (mut gseen, mut gbent) = ([0.0; 2], 0.0);
        for k in 0..2 {
            let miss = focal * distorted * seen[k] + camera[7 + k] - measured[2 * i + k];
            error += (w * miss) * (w * miss);
            gweights[i] += 2.0 * w * miss * miss;
            let d = 2.0 * w * w * miss;
            gcamera[6] += d * distorted * seen[k];
            gcamera[7 + k] += d;
            gmeasured[2 * i + k] -= d;
            gbent += d * focal * seen[k];
            gseen[k] += d * focal * distorted;
        }
        gcamera[9] += gbent * s;
        gcamera[10] += gbent * s * s;
        let gs = gbent * (bend[0] + 2.0 * bend[1] * s);
        for k in 0..2 {
            gseen[k] += 2.0 * gs * seen[k];
        }
        let gturned =
            [gseen[0] / depth, gseen[1] / depth, -(gseen[0] * seen[0] + gseen[1] * seen[1]) / depth];

        // The rotation: turned = p·cos + (u × p)·sin + u(u·p)(1 - cos).
        let towards = dot(u, gturned);
        let back = cross(gturned, u);
        let round = cross(p, gturned);
        gcos += dot(gturned, p) - towards * along;
        gsin += dot(gturned, across);
        for k in 0..3 {
            gu[k] += sin * round[k] + (1.0 - cos) * (gturned[k] * along + p[k] * towards);
            let gp = gturned[k] * cos + back[k] * sin + u[k] * towards * (1.0 - cos);
            gpoints[3 * i + k] += gp;
            gcamera[3 + k] -= gp;
        }
    }
    // The axis is r over the angle, and the angle the length of r.
    let gangle = gsin * cos - gcos * sin;
    let radial = dot(gu, u);
    for k in 0..3 {
        gcamera[k] += gangle * u[k] + (gu[k] - radial * u[k]) / angle;
    }
    error
}
