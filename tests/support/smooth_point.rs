//! Points at which an operator is smooth, for tests that mutate its rules.

use expr::Op;
use harness::Random;

/// Arguments at which the operator has a derivative, the same for the same purpose; the exponent of powi is 3, orders are 1.
pub fn smooth_point(op: Op, purpose: &str) -> Vec<f64> {
    let mut random = Random::new(1, &[purpose, op.name()], 0);
    loop {
        let mut point: Vec<f64> = (0..op.arity()).map(|_| random.between(-3.0, 3.0)).collect();
        if op == Op::Powi {
            point[1] = 3.0;
        } else if op.takes_integer() {
            point[op.free_arguments()] = 1.0;
        }
        if op.distance_to_singularity(&point) > 0.2 && op.value(&point).is_finite() {
            return point;
        }
    }
}
