//! Graphs without any pattern: what an engine makes of a function that has no loops to find.

use std::collections::{BTreeSet, VecDeque};

use chainrule::Random;
use expr::{Builder, Expr, Fold, Function, NodeId, Style};

/// Inputs, each drawn from [0.5, 1.5].
const INPUTS: usize = 64;
/// Operands are drawn from the inputs and as many of the last nodes.
const REACH: usize = 4096;
/// Values whose size leaves this interval are brought back by a factor, which is a node like others.
const RANGE: (f64, f64) = (0.125, 8.0);

/// A random directed acyclic graph of about `nodes` nodes and its point: additions 40, subtractions 15, products 40 and
/// quotients 5 of 100, whose output is the sum of all nodes that nothing reads.
pub fn irregular(nodes: usize, seed: u64) -> (Function, Vec<f64>) {
    let mut random = Random::new(seed, &["irregular"], nodes);
    let point: Vec<f64> = (0..INPUTS).map(|_| random.between(0.5, 1.5)).collect();
    let builder = Builder::new(Style::Written);
    let inputs: Vec<(Expr<'_>, f64)> =
        point.iter().enumerate().map(|(k, &x)| (builder.input(&format!("x{}", k + 1)), x)).collect();
    let mut last: VecDeque<(Expr<'_>, f64)> = VecDeque::new();
    let mut all: Vec<Expr<'_>> = Vec::new();
    let mut read: BTreeSet<NodeId> = BTreeSet::new();
    while all.len() < nodes {
        let mut operand = || match random.below(INPUTS + last.len()) {
            k if k < INPUTS => inputs[k],
            k => last[k - INPUTS],
        };
        let ((a, x), (b, y)) = (operand(), operand());
        let (mut node, mut value) = match random.below(100) {
            0..40 => (a + b, x + y),
            40..55 => (a - b, x - y),
            55..95 => (a * b, x * y),
            _ => (a / b, x / y),
        };
        read.extend([a.id(), b.id()]);
        all.push(node);
        // A value of 0, as of x - x, stays: nothing brings it back.
        if value != 0.0 && !(RANGE.0..RANGE.1).contains(&value.abs()) {
            let factor = 2f64.powi(-(value.abs().log2().round() as i32));
            read.insert(node.id());
            (node, value) = (node * factor, value * factor);
            all.push(node);
        }
        if value != 0.0 {
            last.push_back((node, value));
        }
        if last.len() > REACH {
            last.pop_front();
        }
    }
    // The same node may have been drawn twice.
    let mut terms = all;
    terms.sort_by_key(|node| node.id());
    terms.dedup_by_key(|node| node.id());
    terms.retain(|node| !read.contains(&node.id()));
    let output = builder.fold(Fold::Sum, &terms).id();
    (builder.finish(vec![output]), point)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::{Claim, judge};
    use chainrule::{Backprop, Budget, Derivative, Strategy, Want};
    use reference::{Component, Limits, certify};

    #[test]
    fn the_same_seed_gives_the_same_graph() {
        let (f, x) = irregular(1000, 1);
        assert!(f.same_graph(&irregular(1000, 1).0) && !f.same_graph(&irregular(1000, 2).0));
        assert_eq!(f.input_count(), x.len());
        assert!((900..1300).contains(&f.graph().len()), "{}", f.graph().len());
        let values = f.values((), &x);
        let most = values.iter().map(|value| value.abs()).fold(0.0, f64::max);
        assert!(most.is_finite() && most < 1e5, "{most}");
    }

    #[test]
    fn its_gradient_is_right() {
        let (f, x) = irregular(1000, 3);
        let mut out = Derivative::default();
        Backprop.prepare(&f, Want::Gradient, &Budget::default()).unwrap().run(&x, &mut out).unwrap();
        let certificate = certify(&f, &x, &Limits::default());
        let scale = out.gradient.iter().map(|g| g.abs()).fold(0.0, f64::max);
        for (component, &value) in certificate.gradients[0].iter().zip(&out.gradient) {
            let Component::Certified { gradient, .. } = *component else { panic!("{component:?}") };
            let verdict = judge(Claim { value, radius: 0.0 }, gradient, 1e-13 * scale, scale);
            assert!(verdict.agrees(), "{value} and {gradient}");
        }
    }
}
