//! Whether a function has a gradient at a point at all: decided once, from the nodes that the point really uses,
//! before any strategy is asked.

use expr::passes::Singular;
use expr::singularities::Found;
use expr::{Function, NodeId, Singularities, Singularity};

use crate::subject::Subject;

/// A function that unrolls to no more nodes than this is unrolled where some operator is singular, to see which components that concerns.
const MOST_NODES: u64 = 2_000_000;

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

/// The same of a function that was not unrolled, by counts of the operators that are singular; with a note where they were not counted.
pub(crate) fn statuses_with_loops(
    subject: &Subject,
    work: u64,
    point: &[f64],
    values: &[f64],
) -> (Statuses, Option<String>) {
    if let Some(k) = point.iter().position(|x| !x.is_finite()) {
        let reason = format!("{} is not a finite number", subject.names().name(k));
        let components = vec![Status::Undefined; values.len() * point.len()];
        return (Statuses { components, reason: Some(reason) }, None);
    }
    let found = match subject.singular(work, point, values.len()) {
        Some(counts) => counts,
        None => {
            if let Some(flat) = subject.unrolled_within(MOST_NODES) {
                return (statuses(flat, point), None);
            }
            let note = "whether an operator has a kink here was not looked at".to_owned();
            return (rows_of_values(point.len(), values, |_| None), Some(note));
        }
    };
    if found.iter().all(|count| *count == 0.0) {
        return (rows_of_values(point.len(), values, |_| None), None);
    }
    if let Some(flat) = subject.unrolled_within(MOST_NODES) {
        return (statuses(flat, point), None);
    }
    // Too large to be asked which components it concerns; but what it is can be told.
    let mut worst: Vec<Option<(Singularity, String)>> = vec![None; values.len()];
    let mut possible = subject.written().possible_singularities();
    possible.sort_by_key(|(_, kind)| std::cmp::Reverse(*kind));
    for (singular, kind) in possible {
        let counting = subject.count(work, |own| own == singular);
        let Some(counts) = counting.and_then(|mut counting| counting.run(point, values.len())) else {
            continue;
        };
        for (row, _) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0.0) {
            let why = match singular {
                Singular::Operator(op, fact) => format!("{} where {fact}", op.name()),
                Singular::Extreme => "several terms are the largest or the smallest".to_owned(),
            };
            worst[row].get_or_insert((kind, why));
        }
    }
    (rows_of_values(point.len(), values, |row| worst[row].clone()), None)
}

/// The rows of a function of which no more is known than its values, and that operators are singular somewhere.
fn rows_of_values(
    inputs: usize,
    values: &[f64],
    worst: impl Fn(usize) -> Option<(Singularity, String)>,
) -> Statuses {
    let mut all = Statuses { components: Vec::with_capacity(values.len() * inputs), reason: None };
    for (row, value) in values.iter().enumerate() {
        let (status, why) = match worst(row) {
            None if value.is_finite() => (Status::Smooth, None),
            None => (Status::Unknown, Some(format!("the value is {value} in doubles"))),
            Some((Singularity::Undefined, why)) if !value.is_finite() => (Status::Undefined, Some(why)),
            Some((_, why)) => {
                let why =
                    format!("{why}; which components that concerns is not known of so large a function");
                (Status::Unknown, Some(why))
            }
        };
        all.reason = all.reason.or(why);
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

    /// The words of a function that is not unrolled, and why.
    fn with_loops(text: &str, n: i64, at: &[f64]) -> (Vec<Status>, Option<String>) {
        let f = syntax::parse(text).unwrap().with_sizes(&[("n", n)]).unwrap();
        let subject = Subject::new(f, 20_000_000).unwrap();
        assert!(subject.at_hand().is_none(), "{text}");
        let mut value = subject.compiled();
        let mut values = vec![0.0; value.outputs()];
        value.run(at, &mut values);
        let (found, note) = statuses_with_loops(&subject, value.work(), at, &values);
        assert_eq!(note, None);
        (found.components, found.reason)
    }

    #[test]
    fn loops_have_the_statuses_of_the_function_unrolled() {
        let mut x = vec![1.5; 50_000];
        assert_eq!(
            with_loops("sum(i, 1, n, abs(x[i])*sqrt(x[i]) + z)", 50_000, &[&x[..], &[2.0]].concat()).0,
            vec![Smooth; 50_001]
        );
        (x[7], x[49_999]) = (0.0, -1.0);
        let (found, reason) = with_loops("sum(i, 1, n, abs(x[i]) + z)", 50_000, &[&x[..], &[2.0]].concat());
        let kinks: Vec<usize> = (0..found.len()).filter(|&k| found[k] == Kink).collect();
        assert_eq!((kinks, reason.as_deref()), (vec![7], Some("abs where its argument is 0")));
        assert!(found.iter().all(|&status| status == Smooth || status == Kink));
        let (found, _) = with_loops("sum(i, 1, n, if(x[i] > 0, ln(x[i]), x[i]))", 50_000, &x);
        assert_eq!(found.iter().filter(|&&status| status == Kink).count(), 1);
        assert!(with_loops("iterate(k, 1, n, y, x, abs(y - k)/2)", 100_000, &[0.3]).0 == [Smooth]);
    }

    #[test]
    fn what_is_too_large_to_be_unrolled_says_what_is_singular() {
        let (found, reason) = with_loops("sum(i, 1, n, abs(x)*i + sin(y))", 3_000_000, &[0.0, 1.0]);
        assert_eq!(found, [Unknown; 2]);
        assert!(reason.unwrap().starts_with("abs where its argument is 0; which components"));
        let (found, reason) = with_loops("sum(i, 1, n, ln(x)*i + abs(y))", 3_000_000, &[-1.0, 0.0]);
        assert_eq!(found, [Undefined; 2]);
        assert_eq!(reason.unwrap(), "ln where its argument is 0 or below");
        // Beyond the doubles, and no operator is singular.
        assert_eq!(with_loops("sum(i, 1, n, exp(x)*i)", 3_000_000, &[1e4]).0, [Unknown]);
        assert_eq!(with_loops("sum(i, 1, n, exp(x)*i)", 3_000_000, &[f64::INFINITY]).0, [Undefined]);
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
