//! What is the matter with the function itself at a point: causes that no strategy has.

use expr::{Function, NodeId};
use reference::Component;

use super::anatomy::Anatomy;
use super::{Cause, Kind, better, component, culprit, piece};
use crate::point::Point;
use crate::taylor_test::Work;

/// A cause before its node is known.
pub(super) struct Own {
    kind: Kind,
    node: Option<NodeId>,
    input: usize,
}

/// Of one output: a cause for every kind and node, at the first component that shows it.
pub(super) fn causes(f: &Function, point: &Point, output: usize) -> Vec<Own> {
    let Some(reference) = &point.reference else { return Vec::new() };
    let mut found: Vec<Own> = Vec::new();
    let depends = f.depends_on_inputs();
    for (input, component) in reference.gradients[output].iter().enumerate() {
        let kind = match component {
            Component::Kink { .. } => Kind::Kink,
            Component::Undefined { .. } => Kind::Singular,
            Component::Removable { .. } => Kind::Removable,
            Component::Overflow { .. } => Kind::Overflow,
            // To be asked whether it is 0.
            Component::Certified { gradient: 0.0, .. } if depends[f.outputs()[output].index()] => {
                Kind::Underflow
            }
            Component::Certified { .. } | Component::Undecided { .. } => continue,
        };
        let node = component.node();
        if !found.iter().any(|own| own.kind == kind && own.node == node && kind != Kind::Underflow) {
            found.push(Own { kind, node, input });
        }
    }
    found
}

/// Components that are 0 of which it is asked whether they are not.
const MOST_ZEROS: usize = 8;

/// The causes with their nodes, found by experiment where the reference does not know them.
pub(super) fn with_nodes(
    own: Vec<Own>,
    point: &Point,
    anatomy: &mut Anatomy<'_>,
    work: &mut Work,
) -> Vec<Cause> {
    let mut zeros = 0;
    let mut causes = Vec::new();
    for Own { kind, node, input } in own {
        let node = match kind {
            Kind::Overflow => {
                let value = culprit::out_of_range(anatomy, work).filter(|(kind, _)| *kind == Kind::Overflow);
                value.map(|(_, node)| node).or_else(|| culprit::gradient_overflows(anatomy))
            }
            Kind::Underflow => {
                zeros += 1;
                let tiny = anatomy.terms(input) < f64::MIN_POSITIVE;
                if zeros > MOST_ZEROS || !tiny {
                    continue;
                }
                let (f, output, at) = (anatomy.f, anatomy.output, anatomy.at.clone());
                if !culprit::rounds_to_zero(f, output, &at, input, work) {
                    continue;
                }
                let value = culprit::out_of_range(anatomy, work).filter(|(kind, _)| *kind == Kind::Underflow);
                value.map(|(_, node)| node)
            }
            _ => node,
        };
        let node = node.unwrap_or_else(|| anatomy.root());
        let better = (kind == Kind::Removable).then(|| better::function(point, anatomy, work)).flatten();
        let better_is_certified = better.as_ref().is_some_and(|(_, certified)| *certified);
        causes.push(Cause {
            kind,
            node: piece::text(anatomy.f, node),
            component: component(anatomy.f, anatomy.output, input),
            strategy: None,
            better: better.map(|(text, _)| text),
            better_is_certified,
            accurate_helps: false,
            output: anatomy.output,
            input,
        });
    }
    causes
}
