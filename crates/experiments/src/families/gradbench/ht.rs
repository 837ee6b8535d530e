//! Hand tracking: bones that hang on each other pose the skin of a hand, which is to be where points were measured.
//!
//! GradBench's hands have five fingers and thousands of corners; this one has two fingers and six corners, made up.

use super::super::bundle::{turned, turned_back, turned_otherwise, vector};
use super::super::{Data, Family, Form, weight};

/// The wrist, four bones of each of two fingers, the forearm.
const BONES: usize = 10;
/// From 0; the wrist has none.
const PARENTS: [Option<usize>; BONES] =
    [None, Some(0), Some(1), Some(2), Some(3), Some(0), Some(5), Some(6), Some(7), Some(0)];
/// Which angles, from 0, turn the bone: in the plane of the finger, and sideways.
const BENDS: [Option<usize>; BONES] =
    [None, None, Some(6), Some(8), Some(9), None, Some(10), Some(12), Some(13), None];
const SIDES: [Option<usize>; BONES] = [None, None, Some(7), None, None, None, Some(11), None, None, None];
/// Axis of the whole hand, its place, and the angles.
const POSE: usize = 14;
const CORNERS: usize = 6;
const TRIANGLES: [[usize; 3]; 4] = [[0, 1, 2], [1, 3, 2], [2, 3, 4], [5, 4, 3]];

pub(in super::super) const HT: Family = Family {
    name: "gradbench-ht",
    about: "distances of n points from where a hand of two fingers is, by its pose and the places on its triangles",
    source: "GradBench, ht, from ADBench",
    form: Form::WithData(include_str!("../texts/gradbench-ht.txt"), data),
    sizes: &[1, 2, 4],
    inputs: |n| POSE + 2 * n,
    domain: (0.1, 0.9),
    value,
    gradient,
};

type Matrix = [[f64; 4]; 4];

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    std::array::from_fn(|r| std::array::from_fn(|c| (0..4).map(|q| a[r][q] * b[q][c]).sum()))
}

/// What the factors of a product receive.
fn product_back(a: &Matrix, b: &Matrix, upstream: &Matrix) -> [Matrix; 2] {
    let transpose = |m: &Matrix| std::array::from_fn(|r| std::array::from_fn(|c| m[c][r]));
    [product(upstream, &transpose(b)), product(&transpose(a), upstream)]
}

fn applied(a: &Matrix, v: &[f64; 4]) -> [f64; 4] {
    a.map(|row| row.iter().zip(v).map(|(a, v)| a * v).sum())
}

fn identity() -> Matrix {
    std::array::from_fn(|r| std::array::from_fn(|c| if r == c { 1.0 } else { 0.0 }))
}

/// A bone at rest, from where its parent is.
fn base(bone: usize) -> Matrix {
    placed(0.4 * bone as f64 - 1.0, [1.0, 0.1 * bone as f64, -0.2])
}

/// What the bone's place at rest is undone by.
fn inverse(bone: usize) -> Matrix {
    placed(0.7 - 0.3 * bone as f64, [-0.5, 0.2, 0.05 * bone as f64])
}

/// Turned about the second axis, and moved.
fn placed(angle: f64, by: [f64; 3]) -> Matrix {
    let (sin, cos) = angle.sin_cos();
    [[cos, 0.0, sin, by[0]], [0.0, 1.0, 0.0, by[1]], [-sin, 0.0, cos, by[2]], [0.0, 0.0, 0.0, 1.0]]
}

/// A corner at rest.
fn corner(v: usize) -> [f64; 4] {
    let at = |k: usize| (1.3 * v as f64 + 0.9 * k as f64).cos();
    [at(0), at(1), at(2), 1.0]
}

/// How far a corner follows a bone.
fn follows(bone: usize, v: usize) -> f64 {
    0.1 + 0.1 * ((2 * bone + 3 * v) as f64).sin()
}

fn measured(i: usize, r: usize) -> f64 {
    ((2 * i + 5 * r) as f64).sin()
}

/// The triangle that a point is on.
fn triangle(i: usize) -> usize {
    (3 * i + 1) % TRIANGLES.len()
}

fn data(n: usize) -> Vec<Data> {
    // From 1, and 0 where there is none.
    let one = |index: Option<usize>| index.map_or(0.0, |index| (index + 1) as f64);
    let list = |indices: [Option<usize>; BONES]| indices.map(one).to_vec();
    let matrices = |of: fn(usize) -> Matrix| (0..BONES).flat_map(|bone| of(bone).concat()).collect();
    let corners = (0..4).flat_map(|r| (0..CORNERS).map(move |v| corner(v)[r])).collect();
    let follow = (0..BONES).flat_map(|bone| (0..CORNERS).map(move |v| follows(bone, v))).collect();
    let triangles = TRIANGLES.concat().into_iter().map(|v| one(Some(v))).collect();
    vec![
        ("p", vec![BONES], list(PARENTS)),
        ("k", vec![BONES], list(BENDS)),
        ("l", vec![BONES], list(SIDES)),
        ("B", vec![BONES, 4, 4], matrices(base)),
        ("I", vec![BONES, 4, 4], matrices(inverse)),
        ("P", vec![4, CORNERS], corners),
        ("w", vec![BONES, CORNERS], follow),
        ("s", vec![TRIANGLES.len(), 3], triangles),
        ("c", vec![n], (0..n).map(|i| one(Some(triangle(i)))).collect()),
        ("y", vec![n, 3], (0..n).flat_map(|i| [0, 1, 2].map(|r| measured(i, r))).collect()),
    ]
}

/// A turn by both angles, the one sideways last; 0 where there is none.
fn turn(bend: f64, side: f64) -> Matrix {
    let ((sb, cb), (ss, cs)) = (bend.sin_cos(), side.sin_cos());
    [[cs, -ss * cb, ss * sb, 0.0], [ss, cs * cb, -cs * sb, 0.0], [0.0, sb, cb, 0.0], [0.0, 0.0, 0.0, 1.0]]
}

fn angle(x: &[f64], which: Option<usize>) -> f64 {
    which.map_or(0.0, |which| x[which])
}

/// Every corner is taken up from bone to bone, and no two matrices are multiplied.
fn value(n: usize, x: &[f64]) -> f64 {
    let skin = |v: usize| {
        let mut sum = [0.0; 3];
        for bone in 0..BONES {
            let mut at = applied(&inverse(bone), &corner(v));
            let mut up = Some(bone);
            while let Some(bone) = up {
                let [bend, side] = [BENDS, SIDES].map(|which| angle(x, which[bone]));
                let ((sb, cb), (ss, cs)) = (bend.sin_cos(), side.sin_cos());
                let [a, b, c, one] = at;
                let (b, c) = (cb * b - sb * c, sb * b + cb * c);
                at = applied(&base(bone), &[cs * a - ss * b, ss * a + cs * b, c, one]);
                up = PARENTS[bone];
            }
            sum = [0, 1, 2].map(|r| sum[r] + follows(bone, v) * at[r]);
        }
        let turned = turned_otherwise(vector(x), sum);
        [0, 1, 2].map(|r| turned[r] + x[3 + r])
    };
    let mut sum = 0.0;
    for i in 0..n {
        let [a, b, c] = TRIANGLES[triangle(i)].map(skin);
        let (p, q) = (x[POSE + 2 * i], x[POSE + 2 * i + 1]);
        for r in 0..3 {
            let on = c[r] + p * (a[r] - c[r]) + q * (b[r] - c[r]);
            sum += weight(3 * i + r) * (measured(i, r) - on);
        }
    }
    sum
}

/// Bone by bone forward, and back.
fn gradient(n: usize, x: &[f64], g: &mut [f64]) -> f64 {
    g.fill(0.0);
    let turns: Vec<Matrix> = (0..BONES).map(|b| turn(angle(x, BENDS[b]), angle(x, SIDES[b]))).collect();
    let relative: Vec<Matrix> = (0..BONES).map(|b| product(&base(b), &turns[b])).collect();
    let mut absolute: Vec<Matrix> = Vec::with_capacity(BONES);
    for bone in 0..BONES {
        let parent = PARENTS[bone].map_or_else(identity, |parent| absolute[parent]);
        absolute.push(product(&parent, &relative[bone]));
    }
    let moves: Vec<Matrix> = (0..BONES).map(|b| product(&absolute[b], &inverse(b))).collect();
    let mut skin = [[0.0; 3]; CORNERS];
    for (v, skin) in skin.iter_mut().enumerate() {
        for (bone, moves) in moves.iter().enumerate() {
            let at = applied(moves, &corner(v));
            (0..3).for_each(|r| skin[r] += follows(bone, v) * at[r]);
        }
    }
    let placed = skin.map(|skin| {
        let turned = turned(vector(x), skin);
        [0, 1, 2].map(|r| turned[r] + x[3 + r])
    });

    let mut sum = 0.0;
    let mut gplaced = [[0.0; 3]; CORNERS];
    for i in 0..n {
        let corners = TRIANGLES[triangle(i)];
        let (p, q) = (x[POSE + 2 * i], x[POSE + 2 * i + 1]);
        let shares = [p, q, 1.0 - p - q];
        for r in 0..3 {
            let [a, b, c] = corners.map(|v| placed[v][r]);
            let output = weight(3 * i + r);
            sum += output * (measured(i, r) - (p * a + q * b + shares[2] * c));
            g[POSE + 2 * i] -= output * (a - c);
            g[POSE + 2 * i + 1] -= output * (b - c);
            corners.iter().zip(shares).for_each(|(&v, share)| gplaced[v][r] -= output * share);
        }
    }
    let mut gmoves = [[[0.0; 4]; 4]; BONES];
    for v in 0..CORNERS {
        let [gaxis, gskin] = turned_back(vector(x), skin[v], gplaced[v]);
        for r in 0..3 {
            g[r] += gaxis[r];
            g[3 + r] += gplaced[v][r];
            for (bone, gmoves) in gmoves.iter_mut().enumerate() {
                (0..4).for_each(|c| gmoves[r][c] += gskin[r] * follows(bone, v) * corner(v)[c]);
            }
        }
    }
    let mut gabsolute = [[[0.0; 4]; 4]; BONES];
    for bone in (0..BONES).rev() {
        let add = |to: &mut Matrix, from: &Matrix| {
            to.iter_mut().flatten().zip(from.iter().flatten()).for_each(|(to, from)| *to += from);
        };
        let [from_move, _] = product_back(&absolute[bone], &inverse(bone), &gmoves[bone]);
        add(&mut gabsolute[bone], &from_move);
        let parent = PARENTS[bone].map_or_else(identity, |parent| absolute[parent]);
        let [to_parent, grelative] = product_back(&parent, &relative[bone], &gabsolute[bone]);
        if let Some(parent) = PARENTS[bone] {
            add(&mut gabsolute[parent], &to_parent);
        }
        let [_, gturn] = product_back(&base(bone), &turns[bone], &grelative);
        let ((sb, cb), (ss, cs)) = (angle(x, BENDS[bone]).sin_cos(), angle(x, SIDES[bone]).sin_cos());
        let [a, b, c, _] = gturn;
        if let Some(bend) = BENDS[bone] {
            g[bend] +=
                a[1] * ss * sb + a[2] * ss * cb - b[1] * cs * sb - b[2] * cs * cb + c[1] * cb - c[2] * sb;
        }
        if let Some(side) = SIDES[bone] {
            g[side] +=
                -a[0] * ss - a[1] * cs * cb + a[2] * cs * sb + b[0] * cs - b[1] * ss * cb + b[2] * ss * sb;
        }
    }
    sum
}
