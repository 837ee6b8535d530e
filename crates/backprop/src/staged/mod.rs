//! The adjoint of a staged function: loops are run many rounds at a time, and never unrolled.
//!
//! The forward pass runs the stages in their order, the backward pass in the reverse order. Of a fold only its result is
//! kept; the backward pass runs the body again, block by block, and each block backward while its numbers are at hand.
//! Where the output is linear in the result, what the fold will receive is known beforehand, and both passes are one.
//! Of an iteration every round is kept, or the states every so many rounds where that would be too much to hold.

mod kernel;
mod linear;
mod once;
mod rounds;
mod scan;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use expr::{Feed, Fold, Kind, Stage, Stages, expect_length, expect_places, expect_point};

use crate::adjoint::Adjoint;
use crate::pull_back::reach;
use linear::{Marks, linear};
use once::Once;
use rounds::Rounds;
use scan::Scan;

/// A staged function prepared for gradients. Immutable and shared; numbers are in a [`StagedWorkspace`].
#[derive(Clone, Debug)]
pub struct Staged {
    inputs: usize,
    scalars: usize,
    outputs: Vec<u32>,
    parts: Vec<Part>,
    /// Whether some folds have both passes in one.
    eager: bool,
    /// What its workspaces are known by.
    identity: Arc<()>,
}

/// A stage.
#[derive(Clone, Debug)]
enum Part {
    Once(Box<Once>),
    Rounds(Box<Rounds>),
    Scan(Box<Scan>),
}

/// The numbers of both passes, made once per function.
#[derive(Clone, Debug)]
pub struct StagedWorkspace {
    /// What stages hand on to each other.
    values: Vec<f64>,
    /// What that has received.
    upstream: Vec<f64>,
    parts: Vec<Numbers>,
    /// The identity of the function that made it.
    function: Arc<()>,
}

/// The numbers of a stage.
#[derive(Clone, Debug)]
enum Numbers {
    Once(Box<once::Numbers>),
    Rounds(Box<rounds::Numbers>),
    Scan(Box<scan::Numbers>),
}

/// What is handed from stage to stage at a point: scalars by their numbers, the inputs first.
struct Flow<'a> {
    /// How many inputs there are.
    inputs: usize,
    x: &'a [f64],
    /// What the inputs have received; empty where nobody asks.
    gradient: &'a mut [f64],
    values: &'a mut [f64],
    upstream: &'a mut [f64],
}

impl Flow<'_> {
    #[inline]
    fn value(&self, scalar: usize) -> f64 {
        match scalar.checked_sub(self.inputs) {
            None => self.x[scalar],
            Some(k) => self.values[k],
        }
    }

    #[inline]
    fn set(&mut self, scalar: u32, value: f64) {
        self.values[scalar as usize - self.inputs] = value;
    }

    #[inline]
    fn receive(&mut self, scalar: usize, gradient: f64) {
        match scalar.checked_sub(self.inputs) {
            None => self.gradient.get_mut(scalar).into_iter().for_each(|received| *received += gradient),
            Some(k) => self.upstream[k] += gradient,
        }
    }

    /// What a result of a stage has received.
    #[inline]
    fn received(&self, scalar: u32) -> f64 {
        self.upstream[scalar as usize - self.inputs]
    }

    fn clear(&mut self) {
        self.gradient.fill(0.0);
        self.upstream.fill(0.0);
    }
}

impl Staged {
    /// Compiles stages.
    pub fn compile(stages: &Stages) -> Staged {
        let part = |stage: &Stage| {
            let (body, feeds) = (&stage.body, &stage.feeds);
            match &stage.kind {
                Kind::Once { results } => {
                    Part::Once(Box::new(Once::new(Adjoint::compile(body), feeds, results.clone())))
                }
                &Kind::Fold { rounds, ref results } => {
                    Part::Rounds(Box::new(Rounds::new(body.clone(), feeds.clone(), rounds, results.clone())))
                }
                &Kind::Scan { rounds, ref states } => {
                    Part::Scan(Box::new(Scan::new(body, feeds, rounds, states.clone())))
                }
            }
        };
        let mut staged = Staged {
            inputs: stages.inputs(),
            scalars: stages.scalars,
            outputs: stages.outputs.clone(),
            parts: stages.stages.iter().map(part).collect(),
            eager: false,
            identity: Arc::default(),
        };
        for output in 0..staged.outputs.len() {
            staged.expect(stages, output);
        }
        staged.find_what_folds_receive(stages);
        staged
    }

    /// Prepares every stage for the backward pass from an output: which results will have received something is known
    /// from the graphs alone.
    fn expect(&mut self, stages: &Stages, output: usize) {
        let mut reached = Marks::new(self.inputs, self.scalars);
        reached.mark(self.outputs[output]);
        for (part, stage) in self.parts.iter_mut().zip(&stages.stages).rev() {
            let received = received(stage, &reached);
            let mut arrive = |feed: &Feed| {
                if let Feed::Scalar(scalar) = feed {
                    reached.mark(*scalar);
                }
            };
            match part {
                Part::Once(_) | Part::Rounds(_) => {
                    let arrives = reach(&stage.body, |k| stage.feeds[k] != Feed::Counter, &received);
                    let reached = stage.feeds.iter().zip(&arrives).filter(|(_, arrives)| **arrives);
                    reached.for_each(|(feed, _)| arrive(feed));
                    match part {
                        Part::Once(once) => once.expect(&received, &arrives),
                        Part::Rounds(rounds) => rounds.expect(received),
                        Part::Scan(_) => unreachable!("told apart above"),
                    }
                }
                Part::Scan(scan) => {
                    let (begin, feeds) = scan.expect(received);
                    feeds.iter().for_each(&mut arrive);
                    let Kind::Scan { states, .. } = &stage.kind else { continue };
                    for ((init, _), _) in states.iter().zip(begin).filter(|(_, begin)| *begin) {
                        arrive(&Feed::Scalar(*init));
                    }
                }
            }
        }
    }

    /// Where the one output is linear in the results of folds, with slopes that no number changes, what these will
    /// receive is known before anything runs: here everything behind them is run backward once, from no numbers in
    /// particular, to see what it is.
    fn find_what_folds_receive(&mut self, stages: &Stages) {
        let linear = linear(stages);
        let foreseen = |stage: &Stage| match &stage.kind {
            Kind::Fold { results, .. } => {
                results.iter().all(|&(fold, result)| fold == Fold::Sum && linear.has(result))
            }
            _ => false,
        };
        if !stages.stages.iter().any(foreseen) {
            return;
        }
        let mut workspace = self.workspace();
        let StagedWorkspace { values, upstream, parts, .. } = &mut workspace;
        let mut flow = Flow { inputs: self.inputs, x: &[], gradient: &mut [], values, upstream };
        let mut reached = Marks::new(self.inputs, self.scalars);
        reached.mark(self.outputs[0]);
        flow.receive(self.outputs[0] as usize, 1.0);
        for ((part, numbers), stage) in self.parts.iter_mut().zip(parts).zip(&stages.stages).rev() {
            let received = received(stage, &reached);
            match (part, numbers) {
                (Part::Once(once), Numbers::Once(numbers)) => {
                    let arrives = reach(&stage.body, |_| true, &received);
                    once.backward(numbers, &mut flow, 0);
                    for (feed, _) in stage.feeds.iter().zip(arrives).filter(|(_, arrives)| *arrives) {
                        if let Feed::Scalar(scalar) = feed {
                            reached.mark(*scalar);
                        }
                    }
                }
                (Part::Rounds(rounds), _) if foreseen(stage) => {
                    let Kind::Fold { results, .. } = &stage.kind else { continue };
                    let known = results.iter().map(|&(_, result)| flow.received(result)).collect();
                    rounds.expect_known(received, known);
                    self.eager |= rounds.is_eager();
                }
                _ => {}
            }
        }
    }

    /// How many scalar inputs there are.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// How many outputs.
    pub fn outputs(&self) -> usize {
        self.outputs.len()
    }

    /// Steps of one forward and one backward pass, as often as they are run.
    pub fn steps(&self) -> usize {
        let steps = |part: &Part| match part {
            Part::Once(once) => once.steps(),
            Part::Rounds(rounds) => rounds.steps(),
            Part::Scan(scan) => scan.steps(),
        };
        self.parts.iter().map(steps).fold(0, usize::saturating_add)
    }

    /// The bytes that it holds, with one workspace.
    pub fn bytes(&self) -> usize {
        let bytes = |part: &Part| match part {
            Part::Once(once) => once.bytes(),
            Part::Rounds(rounds) => rounds.bytes(),
            Part::Scan(scan) => scan.bytes(),
        };
        (self.scalars - self.inputs) * 16 + self.parts.iter().map(bytes).sum::<usize>()
    }

    /// What is run, line by line for people.
    pub fn explain(&self) -> Vec<String> {
        let lines = |part: &Part| match part {
            Part::Once(once) => once.explain(),
            Part::Rounds(rounds) => rounds.explain(),
            Part::Scan(scan) => scan.explain(),
        };
        self.parts.iter().flat_map(lines).collect()
    }

    /// Numbers for runs.
    pub fn workspace(&self) -> StagedWorkspace {
        let numbers = |part: &Part| match part {
            Part::Once(once) => Numbers::Once(Box::new(once.numbers())),
            Part::Rounds(rounds) => Numbers::Rounds(Box::new(rounds.numbers())),
            Part::Scan(scan) => Numbers::Scan(Box::new(scan.numbers())),
        };
        let further = self.scalars - self.inputs;
        StagedWorkspace {
            values: vec![0.0; further],
            upstream: vec![0.0; further],
            parts: self.parts.iter().map(numbers).collect(),
            function: self.identity.clone(),
        }
    }

    /// Values of the outputs, and their gradients row after row: one row per output, one column per input.
    ///
    /// # Panics
    /// When there is not one number per input, or not one place per output or per component of a gradient, or the
    /// workspace is that of another function; before anything is written.
    pub fn run(&self, workspace: &mut StagedWorkspace, x: &[f64], values: &mut [f64], gradient: &mut [f64]) {
        expect_point(x.len(), self.inputs);
        expect_places(values.len(), gradient.len(), self.outputs.len(), x.len());
        self.expect_own(workspace);
        let StagedWorkspace { values: handed, upstream, parts, .. } = workspace;
        for (output, value) in values.iter_mut().enumerate() {
            let gradient = &mut gradient[output * x.len()..][..x.len()];
            let mut flow = Flow { inputs: self.inputs, x, gradient, values: handed, upstream };
            flow.clear();
            if output == 0 {
                self.forward(parts, &mut flow, self.eager);
            }
            *value = flow.value(self.outputs[output] as usize);
            if !self.backward(parts, &mut flow, output, self.eager) {
                // Some fold has not received what was expected: the value is not a number, or nearly none.
                flow.clear();
                self.forward(parts, &mut flow, false);
                self.backward(parts, &mut flow, output, false);
            }
        }
    }

    /// Values of the outputs.
    ///
    /// # Panics
    /// When there is not one number per input and one place per output, or the workspace is that of another function;
    /// before anything is written.
    pub fn evaluate(&self, workspace: &mut StagedWorkspace, x: &[f64], values: &mut [f64]) {
        expect_point(x.len(), self.inputs);
        expect_length(values.len(), "places for values", self.outputs.len(), "one per output");
        self.expect_own(workspace);
        let StagedWorkspace { values: handed, upstream, parts, .. } = workspace;
        let mut flow = Flow { inputs: self.inputs, x, gradient: &mut [], values: handed, upstream };
        self.forward(parts, &mut flow, false);
        for (value, &output) in values.iter_mut().zip(&self.outputs) {
            *value = flow.value(output as usize);
        }
    }

    #[track_caller]
    fn expect_own(&self, workspace: &StagedWorkspace) {
        assert!(Arc::ptr_eq(&self.identity, &workspace.function), "the workspace of another function");
    }

    fn forward(&self, numbers: &mut [Numbers], flow: &mut Flow<'_>, eager: bool) {
        for (part, numbers) in self.parts.iter().zip(numbers) {
            match (part, numbers) {
                (Part::Once(once), Numbers::Once(numbers)) => once.forward(numbers, flow),
                (Part::Rounds(rounds), Numbers::Rounds(numbers)) => rounds.forward(numbers, flow, eager),
                (Part::Scan(scan), Numbers::Scan(numbers)) => scan.forward(numbers, flow),
                _ => unreachable!("the workspace of this function"),
            }
        }
    }

    /// Says whether every fold has received what it took for granted in the forward pass.
    fn backward(&self, numbers: &mut [Numbers], flow: &mut Flow<'_>, output: usize, eager: bool) -> bool {
        flow.receive(self.outputs[output] as usize, 1.0);
        for (part, numbers) in self.parts.iter().zip(numbers).rev() {
            match (part, numbers) {
                (Part::Once(once), Numbers::Once(numbers)) => once.backward(numbers, flow, output),
                (Part::Rounds(rounds), _) if eager && rounds.is_eager() => {
                    if !rounds.as_expected(flow) {
                        return false;
                    }
                }
                (Part::Rounds(rounds), Numbers::Rounds(numbers)) => rounds.backward(numbers, flow, output),
                (Part::Scan(scan), Numbers::Scan(numbers)) => scan.backward(numbers, flow, output),
                _ => unreachable!("the workspace of this function"),
            }
        }
        true
    }
}

/// Which results of a stage have received something.
fn received(stage: &Stage, reached: &Marks) -> Vec<bool> {
    let reached = |scalar: &u32| reached.has(*scalar);
    match &stage.kind {
        Kind::Once { results } => results.iter().map(reached).collect(),
        Kind::Fold { results, .. } => results.iter().map(|(_, result)| reached(result)).collect(),
        Kind::Scan { states, .. } => states.iter().map(|(_, result)| reached(result)).collect(),
    }
}
