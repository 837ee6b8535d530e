//! What strategies answered at a point, and what was found of it.

use std::sync::Arc;

use chainrule::{Cost, Derivative, Formulas, Refusal, Remark, StrategySpec};
use reference::{Certificate, Component};

use crate::cause::Cause;
use crate::measure::Times;
use crate::outcome::Outcome;
use crate::sampled::Sampled;

/// What one strategy did at one point.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The strategy and its variant.
    pub spec: StrategySpec,
    /// Over all components.
    pub outcome: Outcome,
    /// Value, gradient and error estimate, unless refused.
    pub answer: Option<Derivative>,
    /// Per component: the word, and the digits shared with the certified gradient, or with the others without one.
    pub components: Vec<(Outcome, f64)>,
    /// Components for which a finite difference contradicts its own error estimate.
    pub contradictions: Vec<usize>,
    /// Components that disagree, and by no more than rounding does to them.
    pub lost_to_rounding: Vec<usize>,
    /// Per component: how many doubles from the certified one; NaN where there is none.
    pub ulp: Option<Vec<f64>>,
    /// Why there is no answer.
    pub refusal: Option<Refusal>,
    /// Nanoseconds to prepare; at the first point.
    pub prepare: Option<f64>,
    /// Per gradient; at the first point.
    pub gradient_times: Option<Times>,
    /// What one gradient takes.
    pub cost: Cost,
    /// Formulas of the partial derivatives, where the strategy has them.
    pub formulas: Option<Arc<Formulas>>,
    /// What was chosen on the way.
    pub remarks: Vec<Remark>,
    /// The program that it runs.
    pub listing: Vec<String>,
}

impl Entry {
    /// What is known before a strategy is asked: nothing.
    pub fn new(spec: StrategySpec) -> Entry {
        Entry {
            spec,
            outcome: Outcome::Refused,
            answer: None,
            components: Vec::new(),
            contradictions: Vec::new(),
            lost_to_rounding: Vec::new(),
            ulp: None,
            refusal: None,
            prepare: None,
            gradient_times: None,
            cost: Cost::default(),
            formulas: None,
            remarks: Vec::new(),
            listing: Vec::new(),
        }
    }

    /// Whether no component disagrees and some component agrees: of the others nothing can be said.
    pub fn agrees_or_is_silent(&self) -> bool {
        let any = |wanted: Outcome| self.components.iter().any(|(word, _)| *word == wanted);
        self.answer.is_some()
            && !any(Outcome::Disagree)
            && (any(Outcome::Agree) || self.components.is_empty())
    }
}

/// All strategies at one point.
#[derive(Clone, Debug)]
pub struct Point {
    /// One number per scalar input.
    pub at: Vec<f64>,
    /// The outputs.
    pub values: Vec<f64>,
    /// The worst of all components.
    pub verdict: Outcome,
    /// The verdict of every component over the strategies, row after row.
    pub components: Vec<Outcome>,
    /// The certified values and gradients, unless the function was too large for them.
    pub reference: Option<Certificate>,
    /// Components that are certified each by itself, where the function was too large to be certified as a whole.
    pub sampled: Vec<Sampled>,
    /// The condition number of every component, row after row, where there is a reference; see
    /// [`with_literals`](crate::condition_number::with_literals).
    pub conditions: Option<Vec<f64>>,
    /// What a reader should know: why there is no gradient, whose estimate was too small.
    pub notes: Vec<String>,
    /// Why a component is not certified, or a strategy's answer not the derivative.
    pub causes: Vec<Cause>,
    /// One per strategy, in the order given.
    pub entries: Vec<Entry>,
}

impl Point {
    /// What a component was found to be where it is certified by itself.
    pub fn sampled(&self, component: usize) -> Option<&Component> {
        let place = self.sampled.binary_search_by_key(&component, |one| one.component).ok()?;
        Some(&self.sampled[place].found)
    }

    /// A point of which nothing is known but what strategies answered, with a verdict for each component.
    pub(crate) fn of_entries(components: Vec<Outcome>, entries: Vec<Entry>) -> Point {
        Point {
            at: Vec::new(),
            values: Vec::new(),
            verdict: Outcome::Agree,
            components,
            reference: None,
            sampled: Vec::new(),
            conditions: None,
            notes: Vec::new(),
            causes: Vec::new(),
            entries,
        }
    }

    /// Counts a finite difference that contradicts its own estimate as disagreeing.
    pub(crate) fn count_contradictions(&mut self) {
        for entry in &mut self.entries {
            for &component in &entry.contradictions {
                entry.components[component].0 = Outcome::Disagree;
                self.components[component] = Outcome::Disagree;
            }
        }
        self.conclude();
    }

    /// Draws the words of entries and of the point from those of their components.
    pub(crate) fn conclude(&mut self) {
        for entry in self.entries.iter_mut().filter(|entry| entry.answer.is_some()) {
            // Without a component nothing can be wrong.
            let words = entry.components.iter().map(|(word, _)| *word);
            entry.outcome = Outcome::worst(words).unwrap_or(Outcome::Agree);
        }
        self.verdict = Outcome::worst(self.components.iter().copied()).unwrap_or(Outcome::Agree);
    }
}
