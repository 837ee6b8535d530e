//! What counts as a singularity on the way from an output to an input.

use expr::{Singularities, Singularity};

#[test]
fn what_an_output_takes_from_a_node_decides() {
    let at = |text: &str, x: f64| {
        let f = syntax::parse(text).unwrap();
        let found =
            Singularities::of(&f, f.outputs()[0], &f.values((), &[x]), &f.depends_on_inputs()).inputs[0];
        (found.worst(), found.hidden.is_some())
    };
    assert_eq!(at("abs(x)", 0.0), (Some(Singularity::Kink), false));
    assert_eq!(at("x*sqrt(x)", 0.0), (Some(Singularity::Undefined), false));
    // A side that is not taken, and a step.
    assert_eq!(at("max(abs(x), 5)", 0.0), (None, false));
    assert_eq!(at("x + (cbrt(x - 1) < 5)", 1.0), (None, false));
    // A branch that is not taken, and a condition that jumps.
    assert_eq!(at("if(x < 1, x, ln(x))", 0.0), (None, false));
    assert_eq!(at("if(1/x < 2, x, -x)", 0.0), (Some(Singularity::Undefined), true));
}
