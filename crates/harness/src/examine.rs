//! What the strategies answered at one point, held against the certified gradient, or against each other without one.

use chainrule::CompiledFunction;
use reference::{Certificate, Component, Limits, certify};

use crate::condition_number::with_literals;
use crate::judge::ulp_distance;
use crate::outcome::Outcome;
use crate::point::{Entry, Point};
use crate::sampled::{Sampled, sample};
use crate::status::{Status, Statuses, statuses, statuses_with_loops};
use crate::subject::Subject;
use crate::suspect::{Suspect, Truth};
use crate::taylor_test::{MOST_WORK, Work};
use crate::verdicts::{Mark, Place};

/// A point looked at.
pub struct PointReport {
    /// The point, with a verdict for every component.
    pub point: Point,
    pub(crate) suspects: Vec<Suspect>,
}

/// What the answers are held against.
pub enum GroundTruth {
    /// The certified gradients.
    Certified(Certificate),
    /// Some components certified, each by itself: of functions that are too large to be certified as a whole.
    Sampled(Vec<Sampled>),
    /// Slopes in more digits than a double has, row after row: of functions too large for certificates.
    Slopes(Vec<f64>),
    /// Each other.
    Nothing,
}

impl GroundTruth {
    /// Certified, of a function with no more than so many nodes and inputs.
    pub fn certified(subject: &Subject, at: &[f64], most_nodes: usize) -> GroundTruth {
        let f = match subject.input_count() <= most_nodes {
            true => subject.unrolled_within(most_nodes as u64),
            false => None,
        };
        match f.filter(|f| f.graph().len() <= most_nodes) {
            Some(f) => GroundTruth::Certified(certify(f, at, &Limits::default())),
            None => GroundTruth::Nothing,
        }
    }

    /// Certified where that is possible; else some components of it are.
    pub fn certified_or_sampled(
        subject: &Subject,
        outputs: usize,
        at: &[f64],
        most_nodes: usize,
    ) -> GroundTruth {
        match GroundTruth::certified(subject, at, most_nodes) {
            GroundTruth::Nothing => GroundTruth::Sampled(sample(subject, outputs, at, most_nodes)),
            known => known,
        }
    }

    /// Every slope that is known, row after row.
    pub fn slopes(&self, components: usize) -> Vec<Option<f64>> {
        match self {
            GroundTruth::Certified(certificate) => {
                certificate.gradients.iter().flatten().map(Component::known).collect()
            }
            GroundTruth::Slopes(slopes) => {
                slopes.iter().map(|&slope| slope.is_finite().then_some(slope)).collect()
            }
            GroundTruth::Sampled(sampled) => {
                let mut slopes = vec![None; components];
                sampled.iter().for_each(|one| slopes[one.component] = one.found.known());
                slopes
            }
            GroundTruth::Nothing => vec![None; components],
        }
    }

    /// Whether all slopes are known, as far as they can be.
    fn is_whole(&self) -> bool {
        matches!(self, GroundTruth::Certified(_) | GroundTruth::Slopes(_))
    }

    /// Without a reference, doubles say where the function has a singularity, and no more; and why in words.
    fn truths(&self, subject: &Subject, work: u64, at: &[f64], values: &[f64]) -> (Vec<Truth>, Vec<String>) {
        if let GroundTruth::Certified(certificate) = self {
            return (certificate.gradients.iter().flatten().map(of_component).collect(), Vec::new());
        }
        let (Statuses { components: statuses, reason }, note) = match subject.at_hand() {
            Some(f) => (statuses(f, at), None),
            None => statuses_with_loops(subject, work, at, values),
        };
        // Nothing where there are none: of millions of components that counts.
        let slopes = if self.is_whole() { self.slopes(statuses.len()) } else { Vec::new() };
        let slopes = slopes.into_iter().chain(std::iter::repeat(None));
        let truth = |(status, slope): (Status, Option<f64>)| match (status, slope) {
            (Status::Kink, _) => Truth::Word(Outcome::Kink),
            (Status::Undefined, _) => Truth::Word(Outcome::Undefined),
            (_, Some(slope)) => Truth::Slope { slope, removable: false },
            (Status::Unknown, None) => Truth::Word(Outcome::Unchecked),
            (Status::Smooth, None) => Truth::Open,
        };
        let rough = statuses.iter().any(|&status| status != Status::Smooth);
        let reason = reason.filter(|_| rough);
        let reason = reason.map(|reason| format!("without a reference, in doubles: {reason}"));
        let mut truths: Vec<Truth> = statuses.into_iter().zip(slopes).map(truth).collect();
        let mut notes: Vec<String> = reason.into_iter().chain(note).collect();
        if let GroundTruth::Sampled(sampled) = self {
            // That the others have values is seen in doubles.
            for Sampled { component, found } in sampled.iter().filter(|one| has_value(values, at, one)) {
                truths[*component] = of_component(found);
            }
            notes.extend(said(subject, sampled, truths.len(), values.len()));
        }
        (truths, notes)
    }
}

/// Whether the output of a component has a value in doubles.
fn has_value(values: &[f64], at: &[f64], sampled: &Sampled) -> bool {
    values[sampled.component / at.len().max(1)].is_finite()
}

/// Which components were certified by themselves.
fn said(subject: &Subject, sampled: &[Sampled], components: usize, outputs: usize) -> Option<String> {
    let width = subject.input_count().max(1);
    let name = |one: &Sampled| match outputs {
        1 => subject.names().name(one.component),
        _ => {
            format!("{} of output {}", subject.names().name(one.component % width), one.component / width + 1)
        }
    };
    let names: Vec<String> = sampled.iter().map(name).collect();
    let count = sampled.len();
    let are = if count == 1 { "is" } else { "are" };
    (count > 0).then(|| {
        format!(
            "{count} of {components} components {are} certified, by the terms that read them: by {}",
            names.join(", ")
        )
    })
}

fn of_component(component: &Component) -> Truth {
    match component {
        Component::Certified { gradient, .. } => Truth::Slope { slope: *gradient, removable: false },
        Component::Removable { gradient, .. } => Truth::Slope { slope: *gradient, removable: true },
        Component::Kink { .. } => Truth::Word(Outcome::Kink),
        Component::Undefined { .. } => Truth::Word(Outcome::Undefined),
        Component::Overflow { .. } => Truth::Word(Outcome::Overflow),
        Component::Undecided { .. } => Truth::Word(Outcome::Unchecked),
    }
}

/// Compares the answers of all entries at a point.
pub fn examine(
    subject: &Subject,
    value: &mut CompiledFunction,
    at: &[f64],
    mut entries: Vec<Entry>,
    known: GroundTruth,
) -> PointReport {
    let mut values = vec![0.0; value.outputs()];
    value.run(at, &mut values);
    let (truths, notes) = known.truths(subject, value.work(), at, &values);
    let whole = known.is_whole();
    let slopes = if whole { known.slopes(truths.len()) } else { Vec::new() };
    let nodes = subject.at_hand().map_or(value.work(), |f| f.graph().len() as u64);
    let mut work = Work(MOST_WORK);
    let mut suspects = Vec::new();
    let mut verdicts = Vec::with_capacity(truths.len());
    let width = at.len();
    for (output, &value_here) in values.iter().enumerate() {
        let row = output * width..(output + 1) * width;
        let mut place = Place {
            subject,
            nodes,
            at,
            output,
            value: value_here,
            scale: scale(row.clone(), if whole { &slopes[row.clone()] } else { &[] }, &entries, value_here),
            rounding: None,
            terms: None,
            certified: matches!(known, GroundTruth::Certified(_)),
            work: &mut work,
            suspects: &mut suspects,
        };
        for component in row {
            let (words, verdict) = place.words(&entries, component, truths[component]);
            for (entry, (word, mark)) in entries.iter_mut().zip(words) {
                entry.components.push(word);
                match mark {
                    Mark::Plain => {}
                    Mark::Contradicts => entry.contradictions.push(component),
                    Mark::Lost => entry.lost_to_rounding.push(component),
                }
            }
            verdicts.push(verdict);
        }
    }
    if whole {
        for entry in &mut entries {
            let ulps = |answer: &chainrule::Derivative| {
                let claims = answer.gradient.iter().zip(&slopes);
                claims
                    .map(|(&claim, truth)| truth.map_or(f64::NAN, |truth| ulp_distance(claim, truth)))
                    .collect()
            };
            entry.ulp = entry.answer.as_ref().map(ulps);
        }
    }
    let (reference, sampled) = match known {
        GroundTruth::Certified(certificate) => (Some(certificate), Vec::new()),
        GroundTruth::Sampled(sampled) => (None, sampled),
        GroundTruth::Slopes(_) | GroundTruth::Nothing => (None, Vec::new()),
    };
    let conditions = reference.as_ref().and(subject.at_hand()).map(|f| with_literals(f, at));
    let mut point = Point {
        at: at.to_vec(),
        values,
        verdict: Outcome::Agree,
        components: verdicts,
        reference,
        sampled,
        conditions,
        notes,
        causes: Vec::new(),
        entries,
    };
    point.conclude();
    PointReport { point, suspects }
}

/// The size of the gradient of one output: the certified one, else as the analytic strategies see it, else as any does.
fn scale(row: std::ops::Range<usize>, truths: &[Option<f64>], entries: &[Entry], value: f64) -> f64 {
    let largest = |numbers: &mut dyn Iterator<Item = f64>| {
        numbers.map(f64::abs).filter(|size| size.is_finite()).fold(0.0, f64::max)
    };
    let of = |entry: &Entry| {
        entry.answer.as_ref().map(|answer| largest(&mut answer.gradient[row.clone()].iter().copied()))
    };
    let analytic = entries.iter().filter(|entry| !entry.spec.is_finite_difference()).find_map(of);
    let known = truths.iter().any(Option::is_some).then(|| largest(&mut truths.iter().flatten().copied()));
    let scale = known.or(analytic).or_else(|| entries.iter().find_map(of)).unwrap_or(0.0);
    // A constant function has a gradient of zero, and a size all the same.
    if scale > 0.0 { scale } else { value.abs() }
}
