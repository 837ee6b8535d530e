//! Stores that nothing reads.
//!
//! Arrays made by unrolled loops are mostly read where it is known which value is meant, and that is at hand.

use std::collections::HashSet;

use crate::plan::scatter::Guard;
use crate::plan::step::Step;

fn reads(steps: &[Step], all: &mut HashSet<u32>) {
    for step in steps {
        match step {
            Step::Load { from, .. } => _ = all.insert(from.array),
            Step::LoadRow { from, .. } => _ = all.insert(from.address.array),
            Step::Copy(copy) => _ = all.insert(copy.from.base.array),
            Step::Scatter(scatter) => {
                for part in &scatter.parts {
                    all.insert(part.source.base.array);
                    if let Guard::At(guard) = &part.guard {
                        all.insert(guard.array);
                    }
                }
            }
            Step::Matrix(product) => {
                all.extend([product.rows.from.array, product.columns.from.array]);
            }
            Step::Loop(inner) => reads(&inner.body, all),
            Step::When(_, inner) => reads(inner, all),
            _ => {}
        }
    }
}

fn retain(steps: &mut Vec<Step>, needed: &impl Fn(&Step) -> bool) {
    steps.retain_mut(|step| {
        match step {
            Step::Loop(inner) => retain(&mut inner.body, needed),
            Step::When(_, inner) => retain(inner, needed),
            _ => {}
        }
        needed(step)
    });
}

/// Removes what is stored in arrays that are not read; these are.
pub(in crate::plan) fn remove_stores(steps: &mut Vec<Step>, mut read: HashSet<u32>) {
    reads(steps, &mut read);
    retain(steps, &|step| match step {
        Step::Store { to, .. } => read.contains(&to.array),
        Step::StoreRow { to, .. } => read.contains(&to.address.array),
        _ => true,
    });
}
