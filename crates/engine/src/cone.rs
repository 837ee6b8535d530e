//! What depends on one input: where only that input moves, the rest need not run again.

use expr::expect_length;

use crate::action::Action;
use crate::fold_places::fold_places;
use crate::program::{Program, Workspace};

/// For every input the steps that depend on it, in order.
#[derive(Clone, Debug)]
pub struct Cones {
    starts: Vec<u32>,
    /// Each with the run that it belongs to.
    steps: Vec<(u32, u32)>,
    /// The numbers that a run replaces, to be put back.
    before: Vec<f64>,
}

/// Cones are worth their while when they have on average less than this fraction of all steps: a step by itself costs
/// that much more than one of a run over several points.
const SMALL: usize = 8;
/// More steps than this, of all cones together, are not kept either: they would fill the memory.
const MOST: usize = 1 << 24;

impl Cones {
    /// The cones of a program's inputs, unless they are too large for running them one by one to pay.
    pub fn of(program: &Program) -> Option<Cones> {
        let most = (program.steps() * program.inputs() / SMALL).min(MOST);
        let first = program.first_step();
        let mut runs = Vec::with_capacity(program.steps());
        (0..).zip(program.runs()).for_each(|(k, run)| runs.extend(run.steps().map(|_| k)));
        let readers = readers(program);
        let mut cones = Cones { starts: vec![0], steps: Vec::new(), before: Vec::new() };
        let mut seen = vec![u32::MAX; program.steps()];
        let mut open = Vec::new();
        for input in 0..program.inputs() {
            open.push(input);
            let start = cones.steps.len();
            while let Some(slot) = open.pop() {
                for &step in &readers.steps[readers.starts[slot] as usize..readers.starts[slot + 1] as usize]
                {
                    if seen[step as usize] != input as u32 {
                        seen[step as usize] = input as u32;
                        cones.steps.push((step, runs[step as usize]));
                        open.push(first + step as usize);
                    }
                }
                if cones.steps.len() > most {
                    return None;
                }
            }
            // The order of steps is an order of evaluation.
            cones.steps[start..].sort_unstable_by_key(|(step, _)| *step);
            cones.starts.push(cones.steps.len() as u32);
        }
        Some(cones)
    }

    /// The outputs where one input has another value than in `workspace`, which holds a run and is left as it was. Whole
    /// steps are run again, so that the bits are those of a full run.
    ///
    /// # Panics
    /// When there is no such input, `out` has not one place per output, or the workspace is that of another program.
    pub fn run_moved(
        &mut self,
        program: &Program,
        workspace: &mut Workspace<f64>,
        input: usize,
        value: f64,
        out: &mut [f64],
    ) {
        expect_length(out.len(), "places for values", program.outputs().len(), "one per output");
        program.expect_own(workspace);
        let values = &mut workspace.values;
        let cone = &self.steps[self.starts[input] as usize..self.starts[input + 1] as usize];
        let first = program.first_step();
        self.before.clear();
        let own = std::mem::replace(&mut values[input], value);
        for &(step, run) in cone {
            let run = &program.runs()[run as usize];
            let reads = program.reads(run, step as usize);
            let value = |slot: u32| values[slot as usize];
            let result = match run.action {
                Action::Apply(op) => {
                    let mut arguments = [0.0; 3];
                    arguments.iter_mut().zip(reads).for_each(|(argument, &slot)| *argument = value(slot));
                    op.value(&arguments[..reads.len()])
                }
                Action::Fold(fold) => fold_places(fold, reads, value).expect("folds have terms"),
            };
            self.before.push(std::mem::replace(&mut values[first + step as usize], result));
        }
        for (out, &slot) in out.iter_mut().zip(program.outputs()) {
            *out = values[slot as usize];
        }
        values[input] = own;
        for (&(step, _), &before) in cone.iter().zip(&self.before) {
            values[first + step as usize] = before;
        }
    }

    /// How many operators run when each input moves once: a sum or product of m terms counts as m.
    pub fn work(&self, program: &Program) -> u64 {
        let of = |&(step, run): &(u32, u32)| {
            let run = &program.runs()[run as usize];
            match run.action {
                Action::Apply(_) => 1,
                Action::Fold(_) => program.reads(run, step as usize).len() as u64,
            }
        };
        self.steps.iter().map(of).sum()
    }

    /// The bytes that they hold.
    pub fn bytes(&self) -> usize {
        self.starts.len() * 4 + self.steps.len() * size_of::<(u32, u32)>()
    }
}

/// Per slot, the steps that read it.
struct Readers {
    starts: Vec<u32>,
    steps: Vec<u32>,
}

fn readers(program: &Program) -> Readers {
    let each = || program.runs().iter().flat_map(|run| run.steps().map(move |step| (run, step)));
    let mut starts = vec![0u32; program.slots() + 1];
    each().flat_map(|(run, step)| program.reads(run, step)).for_each(|&slot| starts[slot as usize + 1] += 1);
    for k in 1..starts.len() {
        starts[k] += starts[k - 1];
    }
    let mut next = starts.clone();
    let mut steps = vec![0; starts[starts.len() - 1] as usize];
    for (run, step) in each() {
        for &slot in program.reads(run, step) {
            steps[next[slot as usize] as usize] = step as u32;
            next[slot as usize] += 1;
        }
    }
    Readers { starts, steps }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_input_gives_the_bits_of_a_full_run() {
        let text = "sum(i, 1, 299, 100*(x[i+1] - x[i]^2)^2 + sin(x[i])) + prod(i, 1, 300, 1 + x[i]/1000)";
        let f = syntax::parse(text).unwrap().unroll(100_000).unwrap();
        let program = Program::compile(&f);
        let mut cones = Cones::of(&program).unwrap();
        let x: Vec<f64> = (0..300).map(|k| (f64::from(k) * 0.7).sin()).collect();
        let (mut base, mut full) = (program.workspace(|v| v), program.workspace(|v| v));
        let (mut here, mut there, mut moved) = ([0.0], [0.0], [0.0]);
        program.run(&mut base, &x, &mut here);
        for input in [0, 1, 150, 299] {
            let mut point = x.clone();
            point[input] += 0.125;
            program.run(&mut full, &point, &mut there);
            cones.run_moved(&program, &mut base, input, point[input], &mut moved);
            assert_eq!(moved[0].to_bits(), there[0].to_bits(), "input {input}");
        }
        let before = base.values.clone();
        program.run(&mut base, &x, &mut here);
        assert_eq!(base.values, before, "the workspace is as it was");
    }

    #[test]
    fn large_cones_are_not_kept() {
        let f = syntax::parse("iterate(k, 1, 100, y, x, sin(y*z))").unwrap().unroll(1000).unwrap();
        assert!(Cones::of(&Program::compile(&f)).is_none());
    }
}
