//! Altered proofs: one step with another term, without a condition, or under another rule's name. None is accepted.

use super::super::checker::{Certificate, Mask, Rule, Term};
use super::super::{Literals, certify};
use super::{IDENTITIES, flat};

/// A sequence of numbers that is the same in every run.
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

fn proofs() -> Vec<Certificate> {
    let found = IDENTITIES.iter().filter_map(|(left, right)| {
        let f = flat(&format!("g(a, b, c, x, y, n) = [{left}, {right}]"));
        let roots = [f.outputs()[0], f.outputs()[1]];
        if roots[0] == roots[1] {
            return None;
        }
        let tried =
            [false, true].into_iter().find_map(|splits| certify(&f, roots, Literals::Exact, splits).ok());
        Some(tried.map(|(proof, _)| proof.lean()).unwrap_or_else(|| panic!("{left} and {right}")))
    });
    found.collect()
}

/// One altered proof, and what was done; nothing where the step has nothing of the kind.
fn altered(proof: &Certificate, numbers: &mut Numbers) -> Option<(Certificate, String)> {
    let mut proof = proof.clone();
    let case = numbers.below(proof.cases.len());
    let at = numbers.below(proof.cases[case].len());
    let kind = numbers.below(3);
    let step = proof.cases[case][at].clone();
    match kind {
        0 => {
            // One more than it was, or twice: another value wherever it is not 0.
            let new = proof.terms.len() as u32;
            proof.terms.push(Term::Number(super::super::number::Coefficient::integer(1)));
            proof.terms.push(Term::Sum(vec![step.after, new]));
            proof.cases[case][at].after = new + 1;
        }
        1 => {
            let conditions = &mut proof.cases[case][at].conditions;
            if conditions.is_empty() {
                return None;
            }
            let dropped = numbers.below(conditions.len());
            conditions.remove(dropped);
        }
        _ => {
            let equations = [
                Rule::Definition,
                Rule::ExponentialOfSum,
                Rule::ExponentialOfAngle,
                Rule::PowerOfProduct,
                Rule::LogarithmOfProduct,
                Rule::CubeRootOfProduct,
                Rule::Odd,
                Rule::FloorOfShift,
                Rule::BySign,
                Rule::Identity,
                Rule::Sign(Mask(4)),
                Rule::Defined(Mask(4)),
                Rule::IsolatedZeros,
                Rule::Assume(Mask(4)),
            ];
            let rule = equations[numbers.below(equations.len())];
            if std::mem::discriminant(&rule) == std::mem::discriminant(&step.rule) {
                return None;
            }
            proof.cases[case][at].rule = rule;
        }
    }
    Some((proof, format!("kind {kind}, step {at} of case {case}: {step:?}")))
}

fn none_is_accepted(count: usize) {
    let proofs = proofs();
    proofs.iter().for_each(|proof| assert_eq!(proof.check(), Ok(())));
    let mut numbers = Numbers(18);
    let mut seen = 0;
    while seen < count {
        let proof = &proofs[numbers.below(proofs.len())];
        let Some((altered, what)) = altered(proof, &mut numbers) else { continue };
        seen += 1;
        assert!(altered.check().is_err(), "{what}");
    }
}

#[test]
fn altered_proofs_are_rejected() {
    none_is_accepted(300);
}

/// `cargo test --release -p chainrule-prove a_thousand_altered -- --ignored`
#[test]
#[ignore = "a longer run of the test above"]
fn a_thousand_altered_proofs_are_rejected() {
    none_is_accepted(3_000);
}
