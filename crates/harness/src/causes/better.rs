//! What to write instead: another form of the function or of its derivative, tried at the point before it is named.

use chainrule::{Backprop, Budget, Derivative, Strategy, Want};
use expr::{Expr, Function, Node, NodeId, Op, Scalar, Style};
use reference::{Component, Limits, certify};
use symbolic::{self, Mode};
use syntax::written_out;

use super::anatomy::{Anatomy, CERTIFIED};
use crate::outcome::Outcome;
use crate::point::Point;
use crate::taylor_test::Work;

/// Larger functions are not rewritten: nobody reads what comes out.
const MOST_NODES: usize = 200;
/// Longer formulas are not shown.
const MOST_CHARACTERS: usize = 160;
/// A form has the digits when it is this near.
const NEAR: f64 = 1e-9;

/// Another form of the function whose derivatives at the point are those that are known, certified or found by
/// backpropagation where some strategy does not find them; and whether all are certified.
pub(super) fn function(point: &Point, anatomy: &Anatomy<'_>, work: &mut Work) -> Option<(String, bool)> {
    let known: Option<Vec<f64>> = point.reference.as_ref()?.gradients[anatomy.output]
        .iter()
        .map(|component| component.known())
        .collect();
    let (known, nodes) = (known?, anatomy.f.graph().len());
    if nodes > MOST_NODES || !work.take(4 * CERTIFIED * nodes as u64) {
        return None;
    }
    let width = point.at.len();
    let wrong = point.entries.iter().filter(|entry| !entry.spec.is_finite_difference()).any(|entry| {
        let words = &entry.components[anatomy.output * width..(anatomy.output + 1) * width];
        words.iter().any(|(word, _)| *word != Outcome::Agree)
    });
    let alone = anatomy.f.with_outputs(vec![anatomy.root()]);
    let simplified = symbolic::simplify(&alone, &symbolic::Limits::default()).function;
    let candidates = [simplified.clone(), with_hypot(&alone), with_hypot(&simplified)];
    candidates.into_iter().filter(|candidate| !candidate.same_graph(&alone)).find_map(|candidate| {
        let found = certify(&candidate, &anatomy.at, &Limits::quick());
        let components = || found.gradients[0].iter().zip(&known);
        let same = components().all(|(found, known)| found.known() == Some(*known));
        let certified = components().all(|(found, _)| matches!(found, Component::Certified { .. }));
        let value = found.values[0].or(found.value_limits[0]);
        let written = [point.values[anatomy.output], value.unwrap_or(f64::NAN)];
        // Where f as written has a value, the other form has the same.
        let same_value =
            !written[0].is_finite() || (written[0] - written[1]).abs() <= NEAR * written[1].abs();
        let right = |gradient: &[f64]| gradient.iter().zip(&known).all(|(g, known)| near(*g, *known));
        let better = (certified || wrong) && same && same_value && right(&gradient(&candidate, &anatomy.at)?);
        better.then(|| shown(&candidate))?.map(|text| (text, certified))
    })
}

/// A formula of one partial derivative that has the digits that the one in use loses.
pub(super) fn partial(anatomy: &Anatomy<'_>, input: usize, truth: f64, work: &mut Work) -> Option<String> {
    let nodes = anatomy.f.graph().len();
    if nodes > MOST_NODES || !work.take(4 * CERTIFIED * nodes as u64) {
        return None;
    }
    let alone = anatomy.f.with_outputs(vec![anatomy.root()]);
    let derived = symbolic::differentiate(&alone, Mode::Reverse, Budget::default().nodes).ok()?.function;
    let partial = derived.with_outputs(vec![derived.outputs()[1 + input]]);
    let simplified = symbolic::simplify(&partial, &symbolic::Limits::default()).function;
    near(simplified.evaluate((), &anatomy.at)[0], truth).then(|| shown(&simplified))?
}

fn near(found: f64, truth: f64) -> bool {
    (found - truth).abs() <= NEAR * truth.abs()
}

fn shown(f: &Function) -> Option<String> {
    // Shared parts have no names that anybody knows: they are written out.
    let small = f.graph().len() <= MOST_CHARACTERS / 2;
    small.then(|| written_out(f, 0)).filter(|text| text.chars().count() <= MOST_CHARACTERS)
}

fn gradient(f: &Function, at: &[f64]) -> Option<Vec<f64>> {
    let mut out = Derivative::default();
    let mut prepared = Backprop.prepare(f, Want::Gradient, &Budget::default()).ok()?;
    prepared.run(at, &mut out).ok()?;
    Some(out.gradient)
}

/// Roots of sums of two squares as `hypot`.
fn with_hypot(f: &Function) -> Function {
    let graph = f.graph();
    let squared = |id: NodeId| match (graph.node(id).op(), graph.children(id)) {
        (Some(Op::Square), [base]) => Some(*base),
        (Some(Op::Powi), [base, exponent]) => match graph.node(*exponent) {
            Node::Const(two) if graph.constant(two).to_f64() == 2.0 => Some(*base),
            _ => None,
        },
        (Some(Op::Mul), [a, b]) if a == b => Some(*a),
        _ => None,
    };
    let legs = |id: NodeId| {
        let root = graph.node(id).op() == Some(Op::Sqrt);
        let sum = *graph.children(id).first().filter(|_| root)?;
        match (graph.node(sum).op(), graph.children(sum)) {
            (Some(Op::Add), [a, b]) => Some([squared(*a)?, squared(*b)?]),
            _ => None,
        }
    };
    f.rebuilt(Style::Written, |made, id| {
        legs(id).map(|legs| Expr::apply(Op::Hypot, &legs.map(|leg| made.of(leg))))
    })
}
