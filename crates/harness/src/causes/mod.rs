//! Why a component has no certified derivative, and why a strategy's answer is not it: each cause is found by an
//! experiment, never guessed from symptoms, and the search is bounded in node evaluations.

mod analytic;
mod anatomy;
mod better;
mod culprit;
mod difference;
mod function;
mod piece;
mod sentence;

use chainrule::{CompiledFunction, Strategy};
use expr::{Function, NodeId};

use crate::cause::{Cause, Kind};
use crate::examine::{GroundTruth, PointReport, examine};
use crate::point::{Entry, Point};
use crate::subject::Subject;
use crate::suspect::{Suspect, Why};
use crate::taylor_test::Work;
use anatomy::Anatomy;

/// What an experiment finds.
struct Found {
    kind: Kind,
    node: Option<NodeId>,
    better: Option<String>,
    accurate_helps: bool,
}

impl Found {
    fn of(kind: Kind, node: Option<NodeId>) -> Found {
        Found { kind, node, better: None, accurate_helps: false }
    }
}

/// Causes of one comparison: a reader has enough to do with these.
const MOST_CAUSES: usize = 12;
/// Node evaluations of all experiments of one comparison.
const MOST_WORK: u64 = 30_000_000;

/// Causes are looked for in functions that unroll to no more nodes than this.
const MOST_NODES: u64 = 2_000_000;

/// The search for causes in one comparison.
pub(crate) struct Search<'a> {
    subject: &'a Subject,
    strategies: &'a [Box<dyn Strategy>],
    left: usize,
    work: Work,
}

impl<'a> Search<'a> {
    pub(crate) fn new(subject: &'a Subject, strategies: &'a [Box<dyn Strategy>]) -> Search<'a> {
        Search { subject, strategies, left: MOST_CAUSES, work: Work(MOST_WORK) }
    }

    /// The point with its causes, and with notes that say them.
    pub(crate) fn explain(&mut self, examined: PointReport) -> Point {
        let PointReport { mut point, suspects } = examined;
        if suspects.is_empty() && point.reference.is_none() {
            return point;
        }
        let Some(f) = self.subject.unrolled_within(MOST_NODES) else {
            point.notes.push(format!(
                "causes are not looked for in functions that unroll to more than {MOST_NODES} nodes"
            ));
            return point;
        };
        let mut notes = std::mem::take(&mut point.notes);
        let mut unexplained = Vec::new();
        for output in 0..f.outputs().len() {
            let suspects = chosen(&suspects, output, &point.entries);
            let own = function::causes(f, &point, output);
            if own.is_empty() && suspects.is_empty() {
                continue;
            }
            let mut anatomy = Anatomy::of(f, output, &point.at);
            for cause in function::with_nodes(own, &point, &mut anatomy, &mut self.work) {
                notes.extend(sentence::of_function(f, &point, &cause));
                self.keep(&mut point, cause);
            }
            for suspect in suspects {
                if self.left == 0 {
                    break;
                }
                let found = self.find(&point, &mut anatomy, suspect);
                if found.is_empty() && suspect.why == Why::Off {
                    unexplained.push(suspect);
                }
                for found in found {
                    let cause = self.cause(f, &point, suspect, found);
                    self.keep(&mut point, cause);
                }
            }
        }
        notes.extend(sentence::of_strategies(f, &point, &suspects));
        notes.extend(sentence::without_cause(f, &point, &unexplained));
        point.notes = notes;
        point
    }

    fn keep(&mut self, point: &mut Point, cause: Cause) {
        if self.left > 0 && !point.causes.contains(&cause) {
            self.left -= 1;
            point.causes.push(cause);
        }
    }

    fn find(&mut self, point: &Point, anatomy: &mut Anatomy<'_>, suspect: Suspect) -> Vec<Found> {
        let strategy = suspect.entry.map(|entry| self.strategies[entry].as_ref());
        match (suspect.why, strategy, suspect.entry) {
            (Why::Off, Some(strategy), Some(entry)) => {
                analytic::cause(point, anatomy, suspect, entry, strategy, &mut self.work)
                    .into_iter()
                    .collect()
            }
            (Why::Contradicted, ..) => {
                let node = culprit::contradicted_rule(anatomy, &mut self.work);
                node.map(|node| Found::of(Kind::Rule, Some(node))).into_iter().collect()
            }
            (why, Some(strategy), Some(entry)) => {
                let answer = point.entries[entry].answer.as_ref();
                let own = answer.is_some_and(|answer| answer.error_estimate.is_some());
                let wrong = own && matches!(why, Why::Estimate(_));
                let estimate = wrong.then(|| Found::of(Kind::Estimate, None));
                let reason = difference::cause(point, anatomy, suspect, entry, strategy, &mut self.work);
                estimate.into_iter().chain(reason).collect()
            }
            _ => Vec::new(),
        }
    }

    fn cause(&self, f: &Function, point: &Point, suspect: Suspect, found: Found) -> Cause {
        let node = found.node.unwrap_or(f.outputs()[suspect.output]);
        let node = piece::text(f, node);
        Cause {
            kind: found.kind,
            node,
            component: component(f, suspect.output, suspect.input),
            strategy: suspect.entry.map(|entry| point.entries[entry].spec.name()),
            better: found.better,
            better_is_certified: false,
            accurate_helps: found.accurate_helps,
            output: suspect.output,
            input: suspect.input,
        }
    }
}

/// The component as JSON names it.
fn component(f: &Function, output: usize, input: usize) -> String {
    let input = &f.input_names()[input];
    if f.outputs().len() == 1 { input.clone() } else { format!("{},{input}", output + 1) }
}

/// Of all suspects of an output, per strategy and reason the one with the fewest digits.
fn chosen(suspects: &[Suspect], output: usize, entries: &[Entry]) -> Vec<Suspect> {
    let mut chosen: Vec<Suspect> = Vec::new();
    for &suspect in suspects.iter().filter(|suspect| suspect.output == output) {
        let same = |other: &&mut Suspect| {
            other.entry == suspect.entry
                && std::mem::discriminant(&other.why) == std::mem::discriminant(&suspect.why)
        };
        match chosen.iter_mut().find(same) {
            Some(worst) if worst.digits <= suspect.digits => {}
            Some(worst) => *worst = suspect,
            None => chosen.push(suspect),
        }
    }
    // Analytic answers are asked about first, for they decide the verdict.
    chosen
        .sort_by_key(|suspect| suspect.entry.is_some_and(|entry| entries[entry].spec.is_finite_difference()));
    chosen
}

/// What is the matter with one strategy's answer for a flat function at a point.
///
/// # Panics
/// When the function is not flat or the point has another length.
pub fn causes(f: &Function, at: &[f64], strategy: Box<dyn Strategy>) -> Vec<Cause> {
    let strategies = [strategy];
    let mut entry = Entry::new(strategies[0].spec());
    let mut answer = chainrule::Derivative::default();
    let ran = strategies[0]
        .prepare(f, chainrule::Want::Gradient, &chainrule::Budget::default())
        .and_then(|mut prepared| prepared.run(at, &mut answer));
    match ran {
        Ok(()) => entry.answer = Some(answer),
        Err(refusal) => entry.refusal = Some(refusal),
    }
    let subject = Subject::of(f, f);
    let known = GroundTruth::certified(&subject, at, usize::MAX);
    let examined = examine(&subject, &mut CompiledFunction::new(f), at, vec![entry], known);
    Search::new(&subject, &strategies).explain(examined).causes
}
