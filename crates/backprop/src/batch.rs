//! Values and gradients of a flat function at many points: both passes as one function over rows.

use engine::{Operand, Output, VectorProgram};
use expr::Function;

use crate::adjoint::Adjoint;
use crate::pull_back::{Seed, pull_back};

/// A flat function and its gradients, compiled for blocks of points. Every point has the bits that
/// [`Adjoint::run`] gives it, but that a zero is never negative.
#[derive(Clone, Debug)]
pub struct Batch {
    program: VectorProgram,
    /// Per output and input, where the slope is found; nothing where it is 0 for sure.
    slopes: Vec<Vec<Option<Output>>>,
}

impl Batch {
    /// Compiles a flat function whose `adjoint` is known. `varies` says which inputs have a number per point; `wanted`
    /// by which of them the gradients are asked for. Where they are only to be `added` up over points, slopes may be
    /// left as [products](Output::Product).
    ///
    /// # Panics
    /// When the function is not flat, or the adjoint that of another.
    pub fn compile(
        f: &Function,
        adjoint: &Adjoint,
        varies: impl Fn(usize) -> bool,
        wanted: impl Fn(usize) -> bool,
        added: bool,
    ) -> Batch {
        let outputs = f.outputs().len();
        let seed = |output, pass| if output == pass { Seed::One } else { Seed::Nothing };
        let passes: Vec<Vec<Seed>> =
            (0..outputs).map(|pass| (0..outputs).map(|output| seed(output, pass)).collect()).collect();
        let written = pull_back(f, adjoint, &wanted, &passes);
        let program = VectorProgram::compile(&written.function, &varies, |output| added && output >= outputs);
        let slopes = written
            .arrivals
            .iter()
            .map(|row| row.iter().map(|arrival| arrival.map(|output| program.output(output))).collect());
        Batch { slopes: slopes.collect(), program }
    }

    /// The program for blocks of points.
    pub fn program(&self) -> &VectorProgram {
        &self.program
    }

    /// Where an output is found after a run.
    pub fn value(&self, output: usize) -> Operand {
        match self.program.output(output) {
            Output::Plain(place) => place,
            Output::Product(_) => unreachable!("values are computed"),
        }
    }

    /// Where the slope of an output by an input is found after a run; nothing where it is 0 for sure.
    pub fn slope(&self, output: usize, input: usize) -> Option<Output> {
        self.slopes[output][input]
    }
}
