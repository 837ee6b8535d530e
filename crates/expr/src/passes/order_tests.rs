//! In which order contributions are added.

use super::tests::{assert_same_bits, from_one, index, plus, vector};
use crate::{Contribution, Function, Shape};

#[test]
fn scatters_are_evaluated_in_their_order() {
    let f = Function::build(|g| {
        let (i, m) = (from_one(g, "i", 3), from_one(g, "m", 5));
        let source = g.array(i.clone(), vector(g, "x", &[index(i.axis)]));
        let position = vec![plus(i.axis, 1)];
        let part = Contribution { axes: vec![i.axis], source, position, guard: None };
        let shape = Shape::Ranges([g.range(m)].into());
        vec![g.scatter(shape, &[part.clone(), part])]
    });
    assert_eq!(f.evaluate((), &[1.0, 2.0, 3.0]), [0.0, 2.0, 4.0, 6.0, 0.0]);
    assert_eq!(f.unroll(100).unwrap().evaluate((), &[1.0, 2.0, 3.0]), [0.0, 2.0, 4.0, 6.0, 0.0]);
}

#[test]
fn contributions_are_added_in_the_order_of_their_loops_and_parts() {
    const LARGE: f64 = 1e16;
    // x[i,j] at i + j: to element 4 come x[1,3], x[2,2] and x[3,1].
    let f = Function::build(|g| {
        let (i, j, m) = (from_one(g, "i", 3), from_one(g, "j", 3), from_one(g, "m", 6));
        let x = vector(g, "x", &[index(i.axis), index(j.axis)]);
        let position = vec![index(i.axis).plus(&index(j.axis)).unwrap()];
        let source = g.array(i.clone(), g.array(j.clone(), x));
        let part = Contribution { axes: vec![i.axis, j.axis], source, position, guard: None };
        vec![g.scatter(Shape::Ranges([g.range(m)].into()), &[part])]
    });
    for (terms, sum) in [([1.0, LARGE, -LARGE], 0.0), ([-LARGE, LARGE, 1.0], 1.0), ([-0.0; 3], -0.0)] {
        let mut x = [0.0; 9];
        (x[2], x[4], x[6]) = (terms[0], terms[1], terms[2]);
        assert_same_bits(&[f.evaluate((), &x)[3], f.unroll(100).unwrap().evaluate((), &x)[3]], &[sum; 2]);
    }
    // What parts contribute is added in the order of the parts, each part being one term.
    let f = Function::build(|g| {
        let m = from_one(g, "m", 1);
        let part = |name: &str| {
            let i = from_one(g, "i", 2);
            let source = g.array(i.clone(), vector(g, name, &[index(i.axis)]));
            Contribution { axes: vec![i.axis], source, position: vec![1.into()], guard: None }
        };
        let parts = [part("x"), part("y"), part("z")];
        vec![g.scatter(Shape::Ranges([g.range(m)].into()), &parts)]
    });
    for (terms, sum) in
        [([1.0, 0.0, LARGE, 0.0, -LARGE, 0.0], 0.0), ([1.0, 0.0, LARGE, -LARGE, 0.0, 0.0], 1.0)]
    {
        assert_same_bits(&f.evaluate((), &terms), &[sum]);
        assert_same_bits(&f.unroll(100).unwrap().evaluate((), &terms), &[sum]);
    }
}
