//! Formulas of every kind, compiled and evaluated.

use std::cell::OnceCell;
use std::sync::Arc;

use engine::{Program, Workspace};
use expr::{Function, expect_point};
use symbolic::{Kind, Kinds, Mode};

use super::{Seeds, Want};
use crate::Symbolic;
use crate::simplified::simplified;
use crate::strategy::{Budget, Cost, Derivative, Formulas, Prepared, Refusal, Remark, Unit};
use crate::symbolic_strategy::{readable, worth_reading};

struct Ready {
    want: Want,
    inputs: usize,
    outputs: usize,
    weights: usize,
    /// How many outputs come before what is wanted.
    before: usize,
    derivative: Function,
    /// The same as derived, if it was simplified since.
    derived: Option<Function>,
    formulas: OnceCell<Arc<Formulas>>,
    program: Program,
    workspace: Workspace<f64>,
    /// The point, the weights and a direction.
    point: Vec<f64>,
    all: Vec<f64>,
    remarks: Vec<Remark>,
}

/// Prepares any kind but gradients.
pub(crate) fn prepare(
    symbolic: &Symbolic,
    f: &Function,
    want: Want,
    budget: &Budget,
) -> Result<Box<dyn Prepared>, Refusal> {
    if want == Want::Hessian {
        want.within(crate::input_count(f, budget)?, 1, budget)?;
    }
    let f = crate::unroll(f, budget)?;
    let (inputs, outputs) = (f.input_count(), f.outputs().len());
    want.within(inputs, outputs, budget)?;
    let mut remarks = Vec::new();
    let kind = match want {
        Want::Gradient | Want::Jacobian => None,
        Want::Jvp => Some(Kind::Jvp),
        Want::Vjp => Some(Kind::Vjp),
        Want::Hessian => Some(Kind::Hessian),
        Want::HessianDiagonal => Some(Kind::HessianDiagonal),
        Want::Hvp => Some(Kind::Hvp),
    };
    let found = match kind {
        Some(kind) => symbolic::differentiate_as(&f, kind, budget.nodes),
        None => symbolic::differentiate(&f, symbolic.mode, budget.nodes).map(|found| {
            if symbolic.mode == Mode::Auto {
                remarks.push(Remark::Mode(found.mode));
            }
            Kinds { function: found.function, weights: 0, before: outputs }
        }),
    };
    let Kinds { function: mut derivative, weights, before } = found.map_err(|error| Refusal::OverBudget {
        needed: error.needed,
        budget: error.budget,
        unit: Unit::Nodes,
    })?;
    let mut derived = None;
    if symbolic.egg {
        derived = Some(derivative.clone());
        let found = simplified(derivative, symbolic.accurate);
        derivative = found.function.clone();
        remarks.push(Remark::Simplification(found));
    }
    let program = Program::compile(&derivative);
    Ok(Box::new(Ready {
        want,
        inputs,
        outputs,
        weights,
        before,
        derived,
        formulas: OnceCell::new(),
        workspace: program.workspace(|value| value),
        point: vec![0.0; derivative.input_count()],
        all: vec![0.0; derivative.outputs().len()],
        program,
        derivative,
        remarks,
    }))
}

impl Prepared for Ready {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        self.run_with(x, Seeds::NONE, out)
    }

    fn run_with(&mut self, x: &[f64], seeds: Seeds<'_>, out: &mut Derivative) -> Result<(), Refusal> {
        let Ready { want, inputs, outputs, weights, before, program, workspace, point, all, .. } = self;
        let (want, inputs, outputs) = (*want, *inputs, *outputs);
        expect_point(x.len(), inputs);
        let products = seeds.products(want, inputs, outputs);
        out.make_room_for(want, inputs, outputs, products);
        point[..inputs].copy_from_slice(x);
        let columns = out.shape[1];
        let count = if matches!(want, Want::Jvp | Want::Vjp | Want::Hvp) { products } else { 1 };
        // Without a product there are values all the same.
        for k in 0..count.max(1) {
            let (own, direction) = point[inputs..].split_at_mut(*weights);
            match want {
                Want::Vjp if count > 0 => own.copy_from_slice(&seeds.weights[k * outputs..][..outputs]),
                _ => own.iter_mut().enumerate().for_each(|(k, own)| *own = seeds.weight(k)),
            }
            if count > 0 && want.takes_directions() {
                let rows = seeds.along.chunks_exact(products);
                direction.iter_mut().zip(rows).for_each(|(direction, row)| *direction = row[k]);
            }
            program.run(workspace, point, all);
            if want.is_second() && *weights == 0 && seeds.weight(0) != 1.0 {
                // One output has no weight of its own.
                all[outputs..].iter_mut().for_each(|number| *number *= seeds.weight(0));
            }
            let (rest, found) = all.split_at(*before);
            let (values, gradient) = rest.split_at(outputs);
            out.values.copy_from_slice(values);
            if want.is_second() {
                out.gradient.copy_from_slice(gradient);
            }
            match want {
                _ if count == 0 => {}
                Want::Hessian => {
                    let mut found = found.iter();
                    for row in 0..inputs {
                        for (column, &number) in (0..=row).zip(&mut found) {
                            out.entries[row * columns + column] = number;
                            out.entries[column * columns + row] = number;
                        }
                    }
                }
                Want::Jvp | Want::Hvp => {
                    let column = out.entries.iter_mut().skip(k).step_by(columns);
                    column.zip(found).for_each(|(entry, number)| *entry = *number);
                }
                Want::Vjp => out.entries[k * columns..][..columns].copy_from_slice(found),
                _ => out.entries.copy_from_slice(found),
            }
        }
        out.undefine(want);
        Ok(())
    }

    fn cost(&self) -> Cost {
        let bytes = self.program.bytes() + self.program.slots() * 8 + self.derivative.graph().bytes();
        Cost { evaluations: 1, nodes: self.program.steps() as u64, bytes: bytes as u64 }
    }

    fn formulas(&self) -> Option<Arc<Formulas>> {
        let formulas = || Arc::new(readable(&self.derivative, self.derived.as_ref(), self.before));
        worth_reading(&self.derivative).then(|| self.formulas.get_or_init(formulas).clone())
    }

    fn remarks(&self) -> Vec<Remark> {
        self.remarks.clone()
    }
}
