//! Axes that have another meaning nearby.

use super::tests::{check, check_twice, from_one, index, vector};
use crate::graph::AxisRange;
use crate::{Calculus, Fold, Function};

/// Arrays over an axis that is bound around their use as well: nothing that an array receives may take the one for the other.
#[test]
fn arrays_over_the_axis_of_a_loop_around_them() {
    // An array of rows that are all one array.
    let rows = Function::build(|g| {
        let (i, j, l) = (from_one(g, "i", 3), from_one(g, "j", 3), from_one(g, "l", 3));
        let row = g.array(i.clone(), vector(g, "x", &[index(i.axis)]).sin());
        let all = g.array(i.clone(), row);
        let element = g.at(all, &[index(j.axis), index(l.axis)]);
        let weight = vector(g, "w", &[index(j.axis), index(l.axis)]);
        vec![g.reduce(Fold::Sum, j, g.reduce(Fold::Sum, l, element * weight))]
    });
    // A row at the index over whose axis it is an array itself.
    let row = Function::build(|g| {
        let (i, j, l) = (from_one(g, "i", 3), from_one(g, "j", 3), from_one(g, "l", 3));
        let inner = vector(g, "x", &[index(j.axis), index(i.axis)]).exp();
        let all = g.array(j, g.array(i.clone(), inner));
        let element = g.at(g.at(all, &[index(i.axis)]), &[index(l.axis)]);
        let weight = vector(g, "w", &[index(i.axis), index(l.axis)]);
        vec![g.reduce(Fold::Sum, i, g.reduce(Fold::Sum, l, element * weight))]
    });
    // A state that starts as an array over the axis of the loop around its iteration.
    let state = Function::build(|g| {
        let (i, j, t) = (from_one(g, "i", 3), from_one(g, "j", 3), g.axis("t", &["y"]));
        let x = vector(g, "x", &[index(i.axis)]);
        let init = g.array(i.clone(), x);
        let next = g.array(j.clone(), (g.at(g.state(t, 0), &[index(j.axis)]) * x).sin());
        let range = AxisRange { axis: t, low: 1.into(), high: 3.into() };
        let last = g.scan(range, false, &[init], &[next], &[])[0];
        vec![g.reduce(Fold::Sum, i, g.at(last, &[2.into()]) * x)]
    });
    // An array of such rows, read whole; and one of an array at an index over whose axis it is an array itself.
    let whole = Function::build(|g| {
        let [i, j, l, m] = ["i", "j", "l", "m"].map(|name| from_one(g, name, 3));
        let all = g.array(i.clone(), g.array(i.clone(), vector(g, "x", &[index(i.axis)]).sin()));
        let element = g.at(g.array(m.clone(), all), &[index(m.axis), index(j.axis), index(l.axis)]);
        let weight = vector(g, "w", &[index(m.axis), index(j.axis), index(l.axis)]);
        let sums =
            [l, j, m].into_iter().fold(element * weight, |body, range| g.reduce(Fold::Sum, range, body));
        vec![sums]
    });
    let at = Function::build(|g| {
        let [i, j, l, m] = ["i", "j", "l", "m"].map(|name| from_one(g, name, 3));
        let h = g.array(j.clone(), g.array(i.clone(), vector(g, "x", &[index(j.axis), index(i.axis)]).exp()));
        let all = g.array(m.clone(), g.at(h, &[index(i.axis)]));
        let element = g.at(all, &[index(m.axis), index(l.axis)]);
        let sums = [l, m, i].into_iter().fold(element, |body, range| g.reduce(Fold::Sum, range, body));
        vec![sums]
    });
    for f in [rows, row, state, whole, at] {
        check(&f);
        check_twice(&f);
    }
}

/// An iteration that stands in another one and does not depend on it, over the same axis; and a number and an array as states of one name.
#[test]
fn iterations_over_one_axis() {
    let closed = Function::build(|g| {
        let t = g.axis("t", &["y"]);
        let (y, range) = (g.state(t, 0), AxisRange { axis: t, low: 1.into(), high: 3.into() });
        let first = g.iterate(range.clone(), &[g.input("x")], &[(y * y).sin()])[0];
        vec![g.iterate(range, &[first], &[(y * first).cos() + y])[0]]
    });
    let other = Function::build(|g| {
        let (t, j) = (g.axis("t", &["y"]), from_one(g, "j", 2));
        let (y, range) = (g.state(t, 0), AxisRange { axis: t, low: 1.into(), high: 3.into() });
        let number = g.iterate(range.clone(), &[g.input("x")], &[(y * y).sin()])[0];
        let init = g.array(j.clone(), vector(g, "u", &[index(j.axis)]));
        let next = g.array(j.clone(), (g.at(y, &[index(j.axis)]) * number).sin());
        let last = g.scan(range, true, &[init], &[next], &[])[0];
        vec![g.reduce(Fold::Sum, j.clone(), g.at(last, &[index(j.axis)])) * number]
    });
    for f in [closed, other] {
        check(&f);
        check_twice(&f);
    }
}

#[test]
fn an_array_that_no_branch_takes_poisons_nothing() {
    // In a loop a branch that is not taken, in it an iteration over an array from outside, whose slope is 0 times infinity.
    let f = Function::build(|g| {
        let (i, j, m, t) =
            (from_one(g, "i", 2), from_one(g, "j", 2), from_one(g, "m", 2), g.axis("t", &["y"]));
        let init = g.array(j.clone(), vector(g, "x", &[index(j.axis)]));
        let x = vector(g, "x", &[index(i.axis)]);
        let next = g.array(m.clone(), g.at(g.state(t, 0), &[index(m.axis)]) * (x - x).ln());
        let range = AxisRange { axis: t, low: 1.into(), high: 2.into() };
        let last = g.at(g.scan(range, false, &[init], &[next], &[])[0], &[1.into()]);
        vec![g.reduce(Fold::Sum, i, x.gt(g.constant(9.0)).select(last, x))]
    });
    check(&f);
}
