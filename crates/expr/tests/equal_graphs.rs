//! When two functions are one.

use syntax::parse;

#[test]
fn names_of_axes_do_not_matter_and_their_binding_does() {
    let same = |a: &str, b: &str| parse(a).unwrap().same_graph(&parse(b).unwrap());
    assert!(same("sum(i, 1, n, x[i])", "sum(k, 1, n, x[k])"));
    // One name bound twice, and two names.
    assert!(same(
        "sum(i, 1, n, sum(j, 1, 2, sum(i, 1, 3, W[i,j])))",
        "sum(i, 1, n, sum(j, 1, 2, sum(k, 1, 3, W[k,j])))"
    ));
    assert!(!same("sum(i, 1, n, sum(j, 1, n, W[i,j]))", "sum(i, 1, n, sum(j, 1, n, W[j,i]))"));
    assert!(!same("sum(i, 1, n, sum(k, 1, n, x[i]))", "sum(i, 1, n, sum(k, 1, n, x[k]))"));
    assert!(same("iterate(k, 1, n, s, x, s*y[k])", "iterate(j, 1, n, t, x, t*y[j])"));
    assert!(!same("iterate(k, 1, n, s, x, s*y[k])", "iterate(k, 1, n, s, x, s + y[k])"));
}
