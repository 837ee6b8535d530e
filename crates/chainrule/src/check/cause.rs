//! What is probably the matter with a component that disagrees.

use std::f64::consts::PI;

use super::Slope;

/// Numbers closer than this fraction are taken for the same.
const SAME: f64 = 1e-5;
/// Single precision may be off by as much.
const SINGLE: f64 = 1e-5;

/// In words.
pub(super) fn cause(k: usize, claimed: &[f64], found: &[Option<Slope>]) -> String {
    let Some(slope) = found[k] else { return "no slope was found".to_owned() };
    let (claim, truth) = (claimed[k], slope.value);
    let near = |a: f64, b: f64| (a - b).abs() <= SAME * a.abs().max(b.abs()) + 3.0 * slope.error && b != 0.0;
    let visible = truth.abs() > 10.0 * slope.error;
    if !visible {
        return "the function is stationary in this direction as far as can be seen".to_owned();
    }
    if claim == 0.0 {
        return "a term is missing: 0 where the function rises or falls".to_owned();
    }
    if near(claim, -truth) {
        return "the sign is flipped".to_owned();
    }
    let value = |j: usize| found[j].map_or(f64::NAN, |slope| slope.value);
    if let Some(j) = (0..found.len()).find(|&j| j != k && near(claim, value(j)) && near(claimed[j], truth)) {
        return format!("exchanged with component {j}");
    }
    for (factor, name) in
        [(2.0, "twice"), (0.5, "half"), (3.0, "three times"), (PI, "π times"), (1.0 / PI, "1/π of")]
    {
        if near(claim, factor * truth) {
            return format!("{name} what it should be");
        }
    }
    match (claim / truth - 1.0).abs() <= SINGLE {
        true => {
            format!("off by {:.1e} of it: as much as single precision may lose", (claim / truth - 1.0).abs())
        }
        false => format!("off by a factor of {:.6}", claim / truth),
    }
}
