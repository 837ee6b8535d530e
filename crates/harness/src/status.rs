//! Whether a function has a gradient at a point at all: decided once, from the nodes that the point really uses,
//! before any strategy is asked.

use expr::{Fact, Function, Node, NodeId, Op};

/// What can be said of one component of a gradient before it is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Smooth there.
    Smooth,
    /// The value is beyond the doubles, though no operator is at a place of trouble: doubles say nothing of the function.
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
    /// The first trouble found, in words.
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

fn row(
    f: &Function,
    output: NodeId,
    values: &[f64],
    varies: &[bool],
    point: &[f64],
    reason: &mut Option<String>,
) -> Vec<Status> {
    let graph = f.graph();
    let width = point.len();
    let mut undefined = |why: String| {
        reason.get_or_insert(why);
        vec![Status::Undefined; width]
    };
    if let Some(k) = point.iter().position(|x| !x.is_finite()) {
        return undefined(format!("{} is not a finite number", f.input_names()[k]));
    }
    let value = values[output.index()];
    // Which nodes the output is really made of, and the trouble that each is the cause of or inherits.
    let mut used = vec![false; graph.len()];
    let mut trouble = vec![Status::Smooth; graph.len()];
    let mut why = None;
    used[output.index()] = true;
    // By slopes, and not only through a comparison or a rounding: those see a jump or the edge of a domain below
    // them, but neither a kink nor a vertical tangent.
    let mut felt = vec![false; graph.len()];
    felt[output.index()] = true;
    let mut row = vec![Status::Smooth; width];
    for id in graph.ids().rev().filter(|id| varies[id.index()]) {
        if !used[id.index()] {
            continue;
        }
        let inherited = trouble[id.index()];
        let (node, children) = (graph.node(id), graph.children(id));
        if let Node::Input(block, offset) = node {
            let component = &mut row[f.position(block, offset)];
            *component = (*component).max(inherited);
        }
        let arguments: Vec<f64> = node.holes().iter().map(|child| values[child.index()]).collect();
        for (k, child) in children.iter().enumerate() {
            let taken = node.op() != Some(Op::Select) || k == 0 || (k == 1) == (arguments[0] != 0.0);
            if taken {
                used[child.index()] = true;
                trouble[child.index()] = trouble[child.index()].max(inherited);
                felt[child.index()] |= felt[id.index()] && node.op().is_none_or(|op| op.has_slope(k));
            }
        }
        let Some(op) = node.op() else { continue };
        for (facts, status) in [(op.undefined(), Status::Undefined), (op.kinks(), Status::Kink)] {
            let jumps = (0..op.arity()).all(|k| !op.has_slope(k));
            let seen = |fact: &Fact| {
                felt[id.index()]
                    || if status == Status::Kink {
                        jumps || fact.is_jump()
                    } else {
                        !matches!(fact, Fact::Steep(_))
                    }
            };
            for fact in facts.iter().filter(|fact| seen(fact) && fact.holds_trouble(&arguments)) {
                // Outside a domain there is nothing, whichever argument moves.
                let concerned =
                    if fact.bounds_the_domain() { [Some(0), Some(op.arity() - 1)] } else { fact.arguments() };
                for k in concerned.into_iter().flatten().filter(|&k| varies[children[k].index()]) {
                    let slot = &mut trouble[children[k].index()];
                    *slot = (*slot).max(status);
                    let text = || (status, format!("{} where {fact}", op.name()));
                    if why.as_ref().is_none_or(|(before, _)| *before < status) {
                        why = Some(text());
                    }
                }
            }
        }
    }
    let why = why.map(|(_, text)| text);
    match why {
        Some(why) if !value.is_finite() => return undefined(why),
        Some(why) => {
            reason.get_or_insert(why);
        }
        None if !value.is_finite() => {
            reason.get_or_insert(format!("the value is {value} in doubles"));
            row.fill(Status::Unknown);
        }
        None => {}
    }
    row
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
    }
}
