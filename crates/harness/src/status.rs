//! Whether a function has a gradient at a point at all: decided once, from the nodes that the point really uses,
//! before any strategy is asked.

use expr::singularities::Found;
use expr::{Function, NodeId, Singularities, Singularity};

/// What can be said of one component of a gradient before it is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Smooth there.
    Smooth,
    /// The value is beyond the doubles, though no operator is at a singularity: doubles say nothing of the function.
    Unknown,
    /// Slopes from both sides that differ, or a jump.
    Kink,
    /// Not defined there, or no finite derivative.
    Undefined,
}

/// The status of every component at a point, and a reason to show.
#[derive(Clone, Debug)]
pub struct Statuses {
    /// Row after row: one row per output, one column per scalar input.
    pub components: Vec<Status>,
    /// The first of the worst singularities found, in words.
    pub reason: Option<String>,
}

/// Decides the status of every component of the gradients of a flat function.
///
/// `point` has one number per scalar input.
pub fn statuses(f: &Function, point: &[f64]) -> Statuses {
    let values = f.values((), point);
    let varies = f.depends_on_inputs();
    let mut all = Statuses { components: Vec::with_capacity(f.outputs().len() * point.len()), reason: None };
    for &output in f.outputs() {
        let row = row(f, output, &values, &varies, point, &mut all.reason);
        all.components.extend(row);
    }
    all
}

/// What values alone tell, of a function whose operators are not looked at: nothing where one is not a number.
pub(crate) fn statuses_of_values(inputs: usize, values: &[f64]) -> Statuses {
    let mut all = Statuses { components: Vec::with_capacity(values.len() * inputs), reason: None };
    for value in values {
        let status = if value.is_finite() { Status::Smooth } else { Status::Unknown };
        if status == Status::Unknown {
            all.reason.get_or_insert(format!("the value is {value} in doubles"));
        }
        all.components.extend(std::iter::repeat_n(status, inputs));
    }
    all
}

fn row(
    f: &Function,
    output: NodeId,
    values: &[f64],
    varies: &[bool],
    point: &[f64],
    reason: &mut Option<String>,
) -> Vec<Status> {
    let mut undefined = |why: String| {
        reason.get_or_insert(why);
        vec![Status::Undefined; point.len()]
    };
    if let Some(k) = point.iter().position(|x| !x.is_finite()) {
        return undefined(format!("{} is not a finite number", f.input_names()[k]));
    }
    let value = values[output.index()];
    let found = Singularities::of(f, output, values, varies);
    let why = found
        .worst
        .and_then(|(_, id, fact)| f.graph().node(id).op().map(|op| format!("{} where {fact}", op.name())));
    match why {
        Some(why) if !value.is_finite() => return undefined(why),
        Some(why) => {
            reason.get_or_insert(why);
        }
        None if !value.is_finite() => {
            reason.get_or_insert(format!("the value is {value} in doubles"));
            return vec![Status::Unknown; point.len()];
        }
        None => {}
    }
    let status = |on_the_way: &Found| match on_the_way.worst() {
        None => Status::Smooth,
        Some(Singularity::Kink) => Status::Kink,
        Some(Singularity::Undefined) => Status::Undefined,
    };
    found.inputs.iter().map(status).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::*;

    fn at(text: &str, point: &[f64]) -> Vec<Status> {
        statuses(&syntax::parse(text).unwrap().unroll(1000).unwrap(), point).components
    }

    #[test]
    fn kinks_and_edges_are_named_per_component() {
        assert_eq!(at("abs(x) + y", &[0.0, 1.0]), [Kink, Smooth]);
        assert_eq!(at("abs(x) + y", &[1.0, 1.0]), [Smooth, Smooth]);
        assert_eq!(at("sqrt(x) * y", &[0.0, 1.0]), [Undefined, Smooth]);
        assert_eq!(at("ln(x) + y", &[-1.0, 1.0]), [Undefined, Undefined]);
        assert_eq!(at("max(x, y) + z", &[2.0, 2.0, 2.0]), [Kink, Kink, Smooth]);
        assert_eq!(at("x^y", &[-2.0, 3.0]), [Smooth, Undefined]);
        assert_eq!(at("x^y", &[0.0, 0.0]), [Undefined, Undefined]);
        assert_eq!(at("exp(x)", &[1e4]), [Unknown]);
        assert_eq!(at("x", &[f64::INFINITY]), [Undefined]);
    }

    #[test]
    fn only_the_branch_that_is_taken_counts() {
        assert_eq!(at("if(x > 0, ln(x), x)", &[-1.0]), [Smooth]);
        assert_eq!(at("if(x > 0, ln(x), x)", &[0.0]), [Kink]);
        assert_eq!(at("if(x > 0, y, abs(y))", &[1.0, 0.0]), [Smooth, Smooth]);
        assert_eq!(at("clamp(x, 1, 1)", &[3.0]), [Smooth]);
        // Nor does the side that max does not take, as for the reference.
        assert_eq!(at("max(abs(x), 5)", &[0.0]), [Smooth]);
        assert_eq!(at("max(sqrt(x), 5)", &[0.0]), [Undefined]);
    }
}
