//! An article's claims put to the test: experiments as data, each with figures, and verdicts that follow from the figures.
//!
//! The claims are those of "Why backpropagation?", in our words. What is measured decides: a claim is a bound that stands
//! here before anything has run, and cases that keep it or do not.

mod answer;
mod claim;
mod families;
mod figure;
mod growth;
mod hand;
mod modularity;
mod operations;
mod precision;
mod steepest;
mod steps;
mod swell;
mod training;

use harness::Outcome;

pub use answer::{Answer, StrategyAnswer};
pub use claim::{Bound, Case, Claim, Verdict};
pub use figure::{Curve, Figure, Picture, Shade, Table, brief};

/// The yardstick of every claim about exactness: right digits, of the sixteen that a double has. So many or more are exact up to rounding.
pub const EXACT_DIGITS: f64 = 12.0;

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As little as makes every row: for tests.
    Tiny,
    /// A minute or two.
    Quick,
    /// Everything.
    Full,
}

/// How much is measured, and from which seed points are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// How much.
    pub level: Level,
    /// The seed.
    pub seed: u64,
}

impl Effort {
    /// One of three things, by the level.
    fn pick<T>(&self, tiny: T, quick: T, full: T) -> T {
        match self.level {
            Level::Tiny => tiny,
            Level::Quick => quick,
            Level::Full => full,
        }
    }
}

/// An experiment before it has run.
pub struct Plan {
    /// A short name, which its files have too.
    pub id: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// How it is made, in a few sentences.
    pub about: &'static str,
    run: fn(&Effort) -> Findings,
}

/// What an experiment has found.
pub struct Experiment {
    /// Its plan.
    pub plan: &'static Plan,
    /// Claims and figures.
    pub findings: Findings,
}

/// Claims and figures.
pub struct Findings {
    /// Claims, with the cases that decide them.
    pub claims: Vec<Claim>,
    /// What was measured.
    pub figures: Vec<Figure>,
    /// The worst of what the comparator says of the strategies that were run; nothing where it was not asked.
    pub outcome: Option<Outcome>,
}

/// Every experiment, in the order of the article.
pub const PLANS: &[Plan] = &[
    precision::PLAN,
    steps::PLAN,
    growth::PLAN,
    operations::PLAN,
    swell::PLAN,
    modularity::PLAN,
    hand::PLAN,
    steepest::PLAN,
    training::PLAN,
    families::PLAN,
];

impl Plan {
    /// Runs it.
    pub fn run(&'static self, effort: &Effort) -> Experiment {
        Experiment { plan: self, findings: (self.run)(effort) }
    }
}

/// Right digits of a relative error, of sixteen.
fn right_digits(error: f64) -> f64 {
    (-error.max(1e-17).log10()).clamp(0.0, 16.0)
}

/// The median of an unsorted list; NaN of none.
fn middle(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The geometric mean; NaN of none.
fn geometric_mean(numbers: &[f64]) -> f64 {
    (numbers.iter().map(|number| number.ln()).sum::<f64>() / numbers.len() as f64).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_claim_can_go_either_way() {
        // The cheapest experiments; the program's own test runs them all.
        let effort = Effort { level: Level::Tiny, seed: 1 };
        for plan in PLANS.iter().filter(|plan| ["steps", "operations", "steepest", "hand"].contains(&plan.id))
        {
            let experiment = plan.run(&effort);
            assert!(!experiment.findings.claims.is_empty(), "{}", plan.id);
            for claim in experiment.findings.claims {
                assert!(!claim.cases.is_empty(), "{}", claim.says);
                assert!(
                    claim.cases.iter().all(|case| !case.measured.is_nan()),
                    "{}: {}",
                    claim.says,
                    claim.figure()
                );
                let planted = |measured: f64| {
                    let plant = |case: &Case| Case { measured, ..case.clone() };
                    Claim { cases: claim.cases.iter().map(plant).collect(), ..claim.clone() }.verdict()
                };
                let (kept, broken) = claim.bound.examples();
                assert_eq!(planted(kept), Verdict::Holds, "{}", claim.says);
                assert_eq!(planted(broken), Verdict::DoesNotHold, "{}", claim.says);
                assert_eq!(planted(f64::NAN), Verdict::DoesNotHold, "{}", claim.says);
            }
        }
    }
}
