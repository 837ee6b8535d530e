//! A claim: a bound, and cases that keep it or do not.

use super::figure::brief;

/// What a measured number has to be for a claim to hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// From the one to the other.
    Between(f64, f64),
}

impl Bound {
    /// Whether a number keeps it; what is not a number keeps none.
    pub fn keeps(self, measured: f64) -> bool {
        match self {
            Bound::AtMost(most) => measured <= most,
            Bound::AtLeast(least) => measured >= least,
            Bound::Between(least, most) => (least..=most).contains(&measured),
        }
    }

    /// In words.
    pub fn words(self) -> String {
        match self {
            Bound::AtMost(0.0) => "none".to_owned(),
            Bound::AtMost(most) => format!("at most {}", brief(most)),
            Bound::AtLeast(least) => format!("at least {}", brief(least)),
            Bound::Between(least, most) => format!("{} to {}", brief(least), brief(most)),
        }
    }

    /// A number that keeps it, and one that does not.
    #[cfg(test)]
    pub(crate) fn examples(self) -> (f64, f64) {
        match self {
            Bound::AtMost(most) => (most, most + 0.01 * most.abs().max(1.0)),
            Bound::AtLeast(least) => (least, least - 0.01 * least.abs().max(1.0)),
            Bound::Between(least, most) => ((least + most) / 2.0, most + 0.01 * most.abs().max(1.0)),
        }
    }
}

/// One thing that a claim was tried on.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Which.
    pub name: String,
    /// What was measured.
    pub measured: f64,
    /// How that is shown, where the number by itself is not enough.
    pub shown: Option<String>,
}

impl Case {
    /// A case that is shown as its number.
    pub fn new(name: impl Into<String>, measured: f64) -> Case {
        Case { name: name.into(), measured, shown: None }
    }

    /// A case with words.
    pub fn shown(name: impl Into<String>, measured: f64, shown: String) -> Case {
        Case { name: name.into(), measured, shown: Some(shown) }
    }
}

/// A claim and what decides it.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// What is claimed, in our words.
    pub says: &'static str,
    /// Where the article says so, in its words.
    pub quote: &'static str,
    /// What is measured of each case.
    pub measure: &'static str,
    /// What that has to be.
    pub bound: Bound,
    /// What it was measured of.
    pub cases: Vec<Case>,
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every case keeps the bound.
    Holds,
    /// Only these do, and those do not.
    HoldsFor(Vec<String>, Vec<String>),
    /// None does.
    DoesNotHold,
    /// There was no case.
    NotMeasured,
}

impl Claim {
    /// What the cases say.
    pub fn verdict(&self) -> Verdict {
        let kept: Vec<String> = self
            .cases
            .iter()
            .filter(|case| self.bound.keeps(case.measured))
            .map(|case| case.name.clone())
            .collect();
        match kept.len() {
            _ if self.cases.is_empty() => Verdict::NotMeasured,
            0 => Verdict::DoesNotHold,
            all if all == self.cases.len() => Verdict::Holds,
            _ => {
                let not = self.cases.iter().filter(|case| !self.bound.keeps(case.measured));
                Verdict::HoldsFor(kept, not.map(|case| case.name.clone()).collect())
            }
        }
    }

    /// The figure: what was measured of every case.
    pub fn figure(&self) -> String {
        let one = |case: &Case| {
            format!("{} {}", case.name, case.shown.clone().unwrap_or_else(|| brief(case.measured)))
        };
        self.cases.iter().map(one).collect::<Vec<_>>().join("; ")
    }
}

impl Verdict {
    /// The verdict in a line: `7 of 8; not mlp with cones`.
    pub fn words(&self) -> String {
        match self {
            Verdict::Holds => "holds".to_owned(),
            Verdict::HoldsFor(kept, not) => {
                let all = kept.len() + not.len();
                // Whichever list is shorter.
                let which = if not.len() <= kept.len() { "not" } else { "only" };
                let shorter = if not.len() <= kept.len() { not } else { kept };
                format!("{} of {all}; {which} {}", kept.len(), listed(shorter))
            }
            Verdict::DoesNotHold => "does not hold".to_owned(),
            Verdict::NotMeasured => "not measured".to_owned(),
        }
    }
}

/// Names that a line has room for.
const MOST_NAMES: usize = 3;

/// The first names of a list, and how many more there are.
fn listed(names: &[String]) -> String {
    let shown = names.iter().take(MOST_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST_NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_figure_turns_the_verdict() {
        let claim = |bound, measured: [f64; 2]| {
            let cases =
                ["a", "b"].into_iter().zip(measured).map(|(name, measured)| Case::new(name, measured));
            Claim { says: "", quote: "", measure: "", bound, cases: cases.collect() }.verdict().words()
        };
        for bound in [Bound::AtMost(12.0), Bound::AtLeast(1.5), Bound::Between(0.8, 1.2), Bound::AtMost(0.0)]
        {
            let (kept, broken) = bound.examples();
            assert_eq!(claim(bound, [kept, kept]), "holds");
            assert_eq!(claim(bound, [kept, broken]), "1 of 2; not b");
            assert_eq!(claim(bound, [broken, kept]), "1 of 2; not a");
            assert_eq!(claim(bound, [broken, broken]), "does not hold");
            assert_eq!(claim(bound, [f64::NAN, kept]), "1 of 2; not a");
        }
        let many: Vec<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        assert_eq!(Verdict::HoldsFor(many.clone(), many[..1].to_vec()).words(), "5 of 6; not a");
        let few = Verdict::HoldsFor(many.clone(), vec!["x".to_owned(); 9]);
        assert_eq!(few.words(), "5 of 14; only a, b, c and 2 more");
        let none = Claim { says: "", quote: "", measure: "", bound: Bound::AtMost(1.0), cases: Vec::new() };
        assert_eq!(none.verdict().words(), "not measured");
    }
}
