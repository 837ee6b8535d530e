//! Certified gradients and values: at as many bits as it takes.

use expr::{Analysis, Function, Node, NodeId, Op, PathConditions};

use crate::endpoint;
use crate::expansion::{self, Number, Resolved};
use crate::interval::{Arithmetic, Interval};
use crate::limits::Limits;
use crate::status::{Component, How, KinkKind, Side, Total};
use crate::sweep::{self, Row, Singular, Sweep};

/// Values and gradients of a function at a point.
///
/// ```
/// use reference::{Limits, Total, certify};
/// let found = certify(&syntax::parse("sin(x)/x").unwrap(), &[0.0], &Limits::default());
/// assert_eq!((found.values, found.value_limits), (vec![None], vec![Some(1.0)]));
/// assert_eq!((found.totals, found.gradients[0][0].known()), (vec![Total::Yes], Some(0.0)));
/// ```
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Per output: the double nearest to the true value; nothing where that is not decided or not defined.
    pub values: Vec<Option<f64>>,
    /// Per output: the value of the function extended by continuity, where the function as written has none.
    pub value_limits: Vec<Option<f64>>,
    /// Per output: whether the total derivative exists.
    pub totals: Vec<Total>,
    /// Per output, a component per scalar input.
    pub gradients: Vec<Vec<Component>>,
    /// The most bits that were used.
    pub bits: usize,
}

/// Certifies all outputs and gradients of a flat function at a point with one number per scalar input.
///
/// ```
/// use reference::{Limits, certify};
/// let f = syntax::parse("(1 - cos(x))/x^2").unwrap();
/// let found = certify(&f, &[1e-8], &Limits::default());
/// assert_eq!(found.gradients[0][0].known(), Some(-8.333333333333333e-10)); // -x/12 and terms that are too small
/// ```
///
/// # Panics
/// When the function is not flat or the point has another length.
pub fn certify(f: &Function, x: &[f64], limits: &Limits) -> Certificate {
    assert!(f.is_flat(), "a function is unrolled before it is certified");
    expr::expect_point(x.len(), f.input_count());
    let outputs = f.outputs().len();
    if x.iter().any(|x| !x.is_finite()) {
        let nowhere = vec![Component::Undefined { node: None }; x.len()];
        return Certificate {
            values: vec![None; outputs],
            value_limits: vec![None; outputs],
            totals: vec![Total::Unknown; outputs],
            gradients: vec![nowhere; outputs],
            bits: 0,
        };
    }
    let depends = f.depends_on_inputs();
    let analysis = Analysis { paths: PathConditions::unconditional(), ..Analysis::of(f) };
    let (rows, bits) = refine(limits, |arithmetic| {
        let values = f.values(arithmetic, &enclosed(arithmetic, x));
        let sweep =
            Sweep { f, values: &values, depends: &depends, analysis: &analysis, bits: arithmetic.bits };
        let rows: Vec<Row> = f.outputs().iter().map(|&output| sweep.row(output)).collect();
        let decided = rows.iter().all(|row| !row.open);
        ((rows, arithmetic.bits), decided)
    });
    let singular = |row: &Row| row.singular.iter().map(Option::is_some).collect::<Vec<bool>>();
    let wanted: Vec<Vec<bool>> = rows.iter().map(singular).collect();
    let found =
        wanted.iter().any(|row| row.contains(&true)).then(|| expansion::examine(f, x, limits, &wanted));
    let mut certificate =
        Certificate { values: vec![], value_limits: vec![], totals: vec![], gradients: vec![], bits };
    for (k, row) in rows.into_iter().enumerate() {
        certificate.value_limits.push(found.as_ref().and_then(|found| found.limits[k]));
        certificate.values.push(row.value.or(found.as_ref().and_then(|found| found.values[k])));
        let components: Vec<Component> = match &found {
            Some(found) => row
                .components
                .into_iter()
                .zip(row.singular)
                .zip(&found.components[k])
                .map(|((component, singular), resolved)| match (singular, resolved) {
                    (Some(singular), Some(resolved)) => decided(f, component, singular, resolved),
                    _ => component,
                })
                .collect(),
            None => row.components,
        };
        let alone = found.as_ref().is_some_and(|found| found.inputs[k] == 1);
        certificate.totals.push(total(&components, alone || !wanted[k].contains(&true)));
        certificate.gradients.push(components);
    }
    certificate
}

/// The status of a component with a singularity on its way, by what expansions found there.
fn decided(f: &Function, swept: Component, singular: Singular, resolved: &Resolved) -> Component {
    let node = singular.node;
    let op = match f.graph().node(node) {
        Node::Fold(fold, _) => Some(fold.op()),
        node => node.op(),
    };
    match *resolved {
        Resolved::Derivative { number: Number::Large { mantissa, exponent }, .. } => {
            Component::Overflow { mantissa, exponent }
        }
        Resolved::Derivative {
            number: Number::Double { nearest, rest, bits },
            side,
            whole,
            written,
            proved,
        } => {
            match (side, &swept) {
                (Side::Both, Component::Certified { gradient, .. })
                    if singular.hidden && written && proved && *gradient == nearest =>
                {
                    swept
                }
                // An end of the domain that no other way of writing the function takes away.
                (Side::Left | Side::Right, _) if written && proved && (singular.hidden || !whole) => {
                    Component::Certified { gradient: nearest, rest, bits, side }
                }
                _ => {
                    let how = if proved { How::Proved } else { How::Digits(DIGITS) };
                    Component::Removable { gradient: nearest, how, side, node }
                }
            }
        }
        Resolved::Corner { hull } => {
            let tie = matches!(op, Some(Op::Min | Op::Max | Op::Clamp));
            Component::Kink {
                kind: if tie { KinkKind::Tie } else { KinkKind::Corner },
                hull,
                node,
                filled: None,
            }
        }
        // The origin has no angle, and around it are all of them.
        Resolved::Jump { .. } if op == Some(Op::Atan2) && matches!(swept, Component::Undefined { .. }) => {
            swept
        }
        Resolved::Jump { filled } => {
            Component::Kink { kind: KinkKind::Jump, hull: [f64::NEG_INFINITY, f64::INFINITY], node, filled }
        }
        Resolved::Partial { hull } => Component::Kink { kind: KinkKind::Partial, hull, node, filled: None },
        Resolved::Undefined => Component::Undefined { node: Some(node) },
        Resolved::Unknown => {
            let hull = match swept {
                Component::Kink { hull, .. } | Component::Undecided { hull, .. } => hull,
                Component::Certified { gradient, .. } => [gradient, gradient],
                _ => [f64::NEG_INFINITY, f64::INFINITY],
            };
            Component::Undecided { hull, node: Some(node) }
        }
    }
}

/// What limits that agree to every bit of a double are good for.
const DIGITS: u32 = 16;

/// Whether the total derivative exists, by the partial ones. `known`: there is only one, or no singularity on the way of
/// any; else what axes say of other directions is no proof.
fn total(components: &[Component], known: bool) -> Total {
    let smooth = |component: &Component| {
        matches!(
            component,
            Component::Certified { side: Side::Both, .. }
                | Component::Overflow { .. }
                | Component::Removable { how: How::Proved, side: Side::Both, .. }
        )
    };
    let none = |c: &Component| matches!(c, Component::Kink { .. } | Component::Undefined { .. });
    if components.iter().any(none) {
        Total::No
    } else if known && components.iter().all(smooth) {
        Total::Yes
    } else {
        Total::Unknown
    }
}

/// The certified values of all outputs of a flat function at a point, without gradients: nothing where a value is not
/// decided, or perhaps not defined.
///
/// # Panics
/// When the function is not flat or the point has another length.
pub fn values(f: &Function, x: &[f64], limits: &Limits) -> Vec<Option<f64>> {
    assert!(f.is_flat(), "a function is unrolled before it is certified");
    expr::expect_point(x.len(), f.input_count());
    if x.iter().any(|x| !x.is_finite()) {
        return vec![None; f.outputs().len()];
    }
    refine(limits, |arithmetic| {
        let all = f.values(arithmetic, &enclosed(arithmetic, x));
        let decide =
            |output: &NodeId| all[output.index()].decided().filter(|_| sweep::has_value(f, *output, &all));
        let found: Vec<Option<f64>> = f.outputs().iter().map(decide).collect();
        let decided = found.iter().all(Option::is_some);
        (found, decided)
    })
}

/// The last answer of `attempt`, with twice the bits each time until it is decided or the limits are reached.
fn refine<T>(limits: &Limits, mut attempt: impl FnMut(&Arithmetic) -> (T, bool)) -> T {
    let mut arithmetic =
        Arithmetic { reading: limits.reading, ..Arithmetic::new(limits.first_bits, limits.most_work) };
    let mut best = None;
    loop {
        let before = arithmetic.work.left();
        let (found, decided) = attempt(&arithmetic);
        let left = arithmetic.work.left();
        if left == 0 {
            // Where the budget ran out on the way, fewer bits have found more.
            return best.unwrap_or(found);
        }
        // Twice the bits take at least twice the work: what cannot be finished is not begun.
        let more = arithmetic.bits * 2;
        if decided || more > limits.most_bits || left < 2 * (before - left) {
            return found;
        }
        best = Some(found);
        arithmetic = Arithmetic { bits: more, ..arithmetic };
    }
}

/// Doubles are points.
pub(crate) fn enclosed<'w>(arithmetic: &'w Arithmetic, x: &[f64]) -> Vec<Interval<'w>> {
    x.iter().map(|&x| Interval::point(arithmetic, endpoint::from_f64(x))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interval::Reading;

    fn at(text: &str, point: &[f64]) -> Vec<Component> {
        let f = syntax::parse(text).unwrap().unroll(1_000_000).unwrap();
        certify(&f, point, &Limits::default()).gradients.remove(0)
    }

    fn gradient(text: &str, point: &[f64]) -> f64 {
        match at(text, point)[0] {
            Component::Certified { gradient, .. } => gradient,
            ref other => panic!("{text} at {point:?}: {other:?}"),
        }
    }

    #[test]
    fn what_doubles_cannot_see_is_decided() {
        assert_eq!(gradient("((1e100 + x) - 1e100)^2", &[1.0]), 2.0);
        // d/dx (1 - cos x)/x² = -x/12 + x³/180 - …
        assert_eq!(gradient("(1 - cos(x))/x^2", &[1e-8]), -8.333333333333334e-10);
        assert_eq!(gradient("sin(x)^2 + cos(x)^2", &[0.7]), 0.0);
        assert_eq!(gradient("exp(x)", &[-740.0]), (-740f64).exp());
        assert_eq!(gradient("erf(x)", &[0.0]), std::f64::consts::FRAC_2_SQRT_PI);
        assert!(gradient("x*sin(1/x)", &[1e-5]).is_finite());
    }

    #[test]
    fn what_is_undefined_on_the_way_leaves_no_value() {
        let found = |text: &str, x: &[f64]| values(&syntax::parse(text).unwrap(), x, &Limits::default())[0];
        assert_eq!(found("x*(2/y)", &[0.0, 0.0]), None);
        assert_eq!(found("0*ln(x)", &[-1.0]), None);
        assert_eq!(found("if(x > 0, ln(x), x)", &[-1.0]), Some(-1.0));
        assert_eq!(found("0*exp(x)", &[1e3]), Some(0.0));
    }

    #[test]
    fn decimals_mean_what_is_asked() {
        let f = syntax::parse("f(x) = [(0.1 + 0.2 - 0.3)*x, 1e300*x*1e-300]").unwrap();
        let found = |reading| values(&f, &[1.0], &Limits { reading, ..Limits::default() });
        assert_eq!(found(Reading::Exact), [Some(0.0), Some(1.0)]);
        // The nearest doubles of 0.1, 0.2 and 0.3 are off by 2^-55 altogether.
        assert_eq!(found(Reading::Nearest)[0], Some(2.0f64.powi(-55)));
    }

    #[test]
    fn kinks_have_the_hull_of_their_slopes() {
        let hull = |text: &str, point: &[f64]| match &at(text, point)[0] {
            Component::Kink { hull, .. } => *hull,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(hull("abs(x)", &[0.0]), [-1.0, 1.0]);
        assert_eq!(hull("relu(x - 1)*3", &[1.0]), [0.0, 3.0]);
        assert_eq!(hull("max(x, 2*y)", &[2.0, 1.0]), [0.0, 1.0]);
        assert_eq!(hull("if(x < 1, 2*x, 5*x)", &[1.0])[1], f64::INFINITY);
        assert_eq!(hull("hypot(x, y)", &[0.0, 0.0]), [-1.0, 1.0]);
    }

    #[test]
    fn what_is_undefined_is_said_with_its_node() {
        for (text, point) in [
            ("1/x", 0.0),
            ("ln(x)", -1.0),
            ("ln(x)", 0.0),
            ("sqrt(x)", 0.0),
            ("cbrt(x)^2", 0.0),
            ("asin(x)", 1.0),
            ("acosh(x)", 1.0),
            ("x^x", 0.0),
        ] {
            assert!(
                matches!(at(text, &[point])[0], Component::Undefined { node: Some(_) }),
                "{text}: {:?}",
                at(text, &[point])
            );
        }
        assert!(matches!(at("sin(x)", &[f64::NAN])[0], Component::Undefined { node: None }));
    }

    #[test]
    fn a_clamp_has_a_kink_by_each_argument_of_its_tie() {
        // min(max(x, lo), hi) by hi is min(1, hi) where all are 1; by the others it is 1 there.
        let found = at("f(x, lo, hi) = clamp(x, lo, hi)", &[1.0, 1.0, 1.0]);
        assert!(
            matches!(found[2], Component::Kink { kind: KinkKind::Tie, hull: [0.0, 1.0], .. }),
            "{found:?}"
        );
        assert!(!found[..2].iter().any(|c| matches!(c, Component::Undecided { .. })), "{found:?}");
        assert_eq!(at("clamp(x, 1, 1)", &[1.0])[0].known(), Some(0.0));
    }

    #[test]
    fn steps_are_flat_where_an_argument_straddles_what_is_no_step() {
        // The arguments of steps are 1 and 0, which no number of bits tells from their neighbours.
        for text in ["x*round(sin(x)^2 + cos(x)^2)", "x + trunc(x*sin(pi))", "x + round(sin(pi*x))"] {
            assert_eq!(gradient(text, &[1.0]), 1.0, "{text}");
        }
        for text in ["x*round(sin(x)^2 + cos(x)^2 - 0.5)", "x*trunc(sin(x)^2 + cos(x)^2)"] {
            assert!(!matches!(at(text, &[1.0])[0], Component::Certified { .. }), "{text}");
        }
        assert_eq!(gradient("round(x)*x", &[3.0]), 3.0);
        assert!(matches!(at("round(x)*x", &[-2.5])[0], Component::Kink { .. }));
    }

    #[test]
    fn root_of_what_may_be_minus_infinity_is_no_inverted_interval() {
        assert!(matches!(at("asin(sqrt(hypot(cos(x), 1/x)))", &[0.0])[0], Component::Undefined { .. }));
    }

    #[test]
    fn a_constant_output_has_a_gradient_of_zero() {
        let f = syntax::parse("f(x) = [0.75, 2*pi, x]").unwrap();
        let found = certify(&f, &[1.0], &Limits::default());
        assert_eq!(found.values, [Some(0.75), Some(std::f64::consts::TAU), Some(1.0)]);
        assert!(matches!(found.gradients[0][0], Component::Certified { gradient: 0.0, .. }));
        assert!(matches!(found.gradients[1][0], Component::Certified { gradient: 0.0, .. }));
    }

    #[test]
    fn a_constant_without_a_value_leaves_none_to_the_function() {
        for text in
            ["x + ln(0-1)", "x + 1/(2-2)", "x*sqrt(sin(4))", "x + (0-8)^0.5", "x + asin(2)", "x + 0^(1-2)"]
        {
            assert!(matches!(at(text, &[1.0])[0], Component::Undefined { node: Some(_) }), "{text}");
        }
        // Whether sin(pi) is negative or 0 is not a question that more bits answer, but its normal form does.
        assert!(matches!(at("x + ln(sin(pi))", &[1.0])[0], Component::Undefined { node: Some(_) }));
        // At the edge of a domain there still is a value, and an untaken branch needs none.
        for text in ["x + sqrt(0*1)", "x + asin(2-1)", "x + xlogy(0, 0-1)", "if(x > 0, x, ln(0-1))"] {
            assert_eq!(gradient(text, &[1.0]), 1.0, "{text}");
        }
    }
}
