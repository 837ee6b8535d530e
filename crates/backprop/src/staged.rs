//! The adjoint of a staged function: loops are run many rounds at a time, and never unrolled.
//!
//! The forward pass runs the stages in their order, the backward pass in the reverse order. Of a fold only its result is
//! kept; the backward pass runs the body again, block by block, and each block backward while its numbers are at hand.
//! Where the output is linear in the result, what the fold will receive is known beforehand, and both passes are one.
//! Of an iteration every round is kept, or the states every so many rounds where that would be too much to hold.

mod once;
mod rounds;
mod scan;
#[cfg(test)]
mod tests;

use expr::{Feed, Fold, Function, Kind, Node, NodeId, Op, Stage, Stages};

use crate::adjoint::Adjoint;
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
}

/// A stage.
#[derive(Clone, Debug)]
enum Part {
    Once(Once),
    Rounds(Rounds),
    Scan(Scan),
}

/// The numbers of both passes, made once per function.
#[derive(Clone, Debug)]
pub struct StagedWorkspace {
    scalars: Scalars,
    parts: Vec<Numbers>,
}

/// The numbers of a stage.
#[derive(Clone, Debug)]
enum Numbers {
    Once(once::Numbers),
    Rounds(rounds::Numbers),
    Scan(scan::Numbers),
}

/// What stages hand on to each other.
#[derive(Clone, Debug)]
struct Scalars {
    values: Vec<f64>,
    /// What each has received.
    upstream: Vec<f64>,
    /// Whether it has received anything.
    reached: Vec<bool>,
}

impl Scalars {
    #[inline]
    fn receive(&mut self, scalar: usize, gradient: f64) {
        self.upstream[scalar] += gradient;
        self.reached[scalar] = true;
    }

    /// What a scalar has received, if anything.
    #[inline]
    fn received(&self, scalar: u32) -> Option<f64> {
        self.reached[scalar as usize].then(|| self.upstream[scalar as usize])
    }
}

impl Staged {
    /// Compiles stages.
    pub fn compile(stages: &Stages) -> Staged {
        let linear = linear(stages);
        let part = |stage: &Stage| {
            let adjoint = adjoint(stage);
            let feeds = stage.feeds.clone();
            match &stage.kind {
                Kind::Once { results } => Part::Once(Once { adjoint, feeds, results: results.clone() }),
                &Kind::Fold { rounds, ref results } => {
                    let eager =
                        results.iter().all(|&(fold, result)| fold == Fold::Sum && linear[result as usize]);
                    Part::Rounds(Rounds::new(adjoint, feeds, rounds, results.clone(), eager))
                }
                &Kind::Scan { rounds, ref states } => {
                    Part::Scan(Scan::new(adjoint, feeds, rounds, states.clone()))
                }
            }
        };
        let parts = stages.stages.iter().map(part).collect();
        let mut staged = Staged {
            inputs: stages.inputs(),
            scalars: stages.scalars,
            outputs: stages.outputs.clone(),
            parts,
        };
        staged.find_what_folds_receive();
        staged
    }

    /// Runs everything behind the folds whose results the output is linear in, backward from no numbers in particular:
    /// what they receive is the same for all.
    fn find_what_folds_receive(&mut self) {
        if !self.parts.iter().any(|part| matches!(part, Part::Rounds(rounds) if rounds.eager.is_some())) {
            return;
        }
        let mut workspace = self.workspace();
        let scalars = &mut workspace.scalars;
        scalars.receive(self.outputs[0] as usize, 1.0);
        for (part, numbers) in self.parts.iter_mut().zip(&mut workspace.parts).rev() {
            match (part, numbers) {
                (Part::Once(once), Numbers::Once(numbers)) => once.backward(numbers, scalars),
                (Part::Rounds(rounds), _) => rounds.expect(scalars),
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
            Part::Once(once) => once.adjoint.steps(),
            Part::Rounds(Rounds { adjoint, rounds, .. }) | Part::Scan(Scan { adjoint, rounds, .. }) => {
                adjoint.steps().saturating_mul(rounds.count as usize)
            }
        };
        self.parts.iter().map(steps).fold(0, usize::saturating_add)
    }

    /// The bytes that it holds, with one workspace.
    pub fn bytes(&self) -> usize {
        let bytes = |part: &Part| match part {
            Part::Once(once) => once.adjoint.bytes(),
            Part::Rounds(rounds) => rounds.bytes(),
            Part::Scan(scan) => scan.bytes(),
        };
        self.scalars * 17 + self.parts.iter().map(bytes).sum::<usize>()
    }

    /// Numbers for runs.
    pub fn workspace(&self) -> StagedWorkspace {
        let numbers = |part: &Part| match part {
            Part::Once(once) => Numbers::Once(once.numbers()),
            Part::Rounds(rounds) => Numbers::Rounds(rounds.numbers()),
            Part::Scan(scan) => Numbers::Scan(scan.numbers()),
        };
        StagedWorkspace {
            scalars: Scalars {
                values: vec![0.0; self.scalars],
                upstream: vec![0.0; self.scalars],
                reached: vec![false; self.scalars],
            },
            parts: self.parts.iter().map(numbers).collect(),
        }
    }

    /// Values of the outputs, and their gradients row after row: one row per output, one column per input.
    ///
    /// # Panics
    /// When lengths do not fit, or the workspace is that of another function.
    pub fn run(&self, workspace: &mut StagedWorkspace, x: &[f64], values: &mut [f64], gradient: &mut [f64]) {
        assert_eq!(x.len(), self.inputs, "one number per scalar input");
        assert_eq!(values.len(), self.outputs.len(), "one place per output");
        assert_eq!(gradient.len(), self.outputs.len() * x.len(), "one row of inputs per output");
        workspace.scalars.values[..x.len()].copy_from_slice(x);
        let eager = self.outputs.len() == 1;
        self.forward(workspace, eager);
        for (k, &output) in self.outputs.iter().enumerate() {
            values[k] = workspace.scalars.values[output as usize];
            if !self.backward(workspace, output, eager) {
                // Some fold has not received what was expected: the value is not a number, or nearly none.
                self.forward(workspace, false);
                self.backward(workspace, output, false);
            }
            gradient[k * x.len()..][..x.len()].copy_from_slice(&workspace.scalars.upstream[..x.len()]);
        }
    }

    fn forward(&self, workspace: &mut StagedWorkspace, eager: bool) {
        let StagedWorkspace { scalars, parts } = workspace;
        if eager {
            scalars.upstream.fill(0.0);
            scalars.reached.fill(false);
        }
        for (part, numbers) in self.parts.iter().zip(parts) {
            match (part, numbers) {
                (Part::Once(once), Numbers::Once(numbers)) => once.forward(numbers, scalars),
                (Part::Rounds(rounds), Numbers::Rounds(numbers)) => rounds.forward(numbers, scalars, eager),
                (Part::Scan(scan), Numbers::Scan(numbers)) => scan.forward(numbers, scalars),
                _ => unreachable!("the workspace of this function"),
            }
        }
    }

    /// Says whether every fold has received what it took for granted in the forward pass.
    fn backward(&self, workspace: &mut StagedWorkspace, output: u32, eager: bool) -> bool {
        let StagedWorkspace { scalars, parts } = workspace;
        if !eager {
            scalars.upstream.fill(0.0);
            scalars.reached.fill(false);
        }
        scalars.receive(output as usize, 1.0);
        for (part, numbers) in self.parts.iter().zip(parts).rev() {
            match (part, numbers) {
                (Part::Once(once), Numbers::Once(numbers)) => once.backward(numbers, scalars),
                (Part::Rounds(rounds), _) if eager && rounds.eager.is_some() => {
                    if !rounds.as_expected(scalars) {
                        return false;
                    }
                }
                (Part::Rounds(rounds), Numbers::Rounds(numbers)) => rounds.backward(numbers, scalars),
                (Part::Scan(scan), Numbers::Scan(numbers)) => scan.backward(numbers, scalars),
                _ => unreachable!("the workspace of this function"),
            }
        }
        true
    }
}

/// A stage's adjoint: nobody asks for the slope by an index variable.
fn adjoint(stage: &Stage) -> Adjoint {
    Adjoint::compile_for(&stage.body, |input| stage.feeds[input] != Feed::Counter)
}

/// Which scalars the one output is linear in with slopes that no number changes.
fn linear(stages: &Stages) -> Vec<bool> {
    let mut linear = vec![false; stages.scalars];
    let [output] = stages.outputs[..] else { return linear };
    linear[output as usize] = true;
    let mut bent = vec![false; stages.scalars];
    for stage in stages.stages.iter().rev() {
        let Kind::Once { results } = &stage.kind else {
            stage.feeds.iter().for_each(|feed| {
                if let Feed::Scalar(scalar) = feed {
                    bent[*scalar as usize] = true;
                }
            });
            continue;
        };
        let (straight, used) = straight(&stage.body, |root| linear[results[root] as usize]);
        for (k, feed) in stage.feeds.iter().enumerate() {
            let Feed::Scalar(scalar) = feed else { continue };
            match straight[k] {
                true => linear[*scalar as usize] = true,
                false => bent[*scalar as usize] |= used[k],
            }
        }
    }
    linear.iter_mut().zip(bent).for_each(|(linear, bent)| *linear &= !bent);
    linear
}

/// Of each input of a flat function, whether its outputs, as far as these are asked for, are linear in it, and whether
/// they depend on it at all.
fn straight(body: &Function, asked: impl Fn(usize) -> bool) -> (Vec<bool>, Vec<bool>) {
    let graph = body.graph();
    let depends = body.depends_on_inputs();
    let (mut straight, mut bent) = (vec![false; graph.len()], vec![false; graph.len()]);
    for (k, output) in body.outputs().iter().enumerate() {
        match asked(k) {
            true => straight[output.index()] = true,
            false => bent[output.index()] = true,
        }
    }
    for id in graph.ids().rev() {
        let constant = |node: NodeId| !depends[node.index()];
        let passes = |k: usize| match graph.node(id) {
            Node::Unary(Op::Neg, _) | Node::Binary(Op::Add | Op::Sub, _) | Node::Fold(Fold::Sum, _) => true,
            Node::Binary(Op::Mul, ab) => constant(ab[1 - k]),
            Node::Binary(Op::Div, [_, b]) => k == 0 && constant(b),
            _ => false,
        };
        for (k, child) in graph.children(id).iter().enumerate() {
            let on = passes(k);
            straight[child.index()] |= straight[id.index()] && on;
            bent[child.index()] |= bent[id.index()] || straight[id.index()] && !on;
        }
    }
    let mut found = (vec![false; body.input_count()], vec![false; body.input_count()]);
    for id in graph.ids() {
        if let Node::Input(block, offset) = graph.node(id) {
            let k = body.position(block, offset);
            found.0[k] = straight[id.index()] && !bent[id.index()];
            found.1[k] = straight[id.index()] || bent[id.index()];
        }
    }
    found
}
