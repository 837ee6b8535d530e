//! Running products, one after the other or side by side.

use std::sync::Arc;

use engine::{LANES, Operand, PlanWorkspace, Registers, Workspace};
use expr::interrupt::checkpoint;
use expr::{expect_length, expect_point};

use super::{Form, Layout, Seeded, Sweep, packs};

/// The numbers of runs, made once per function.
#[derive(Clone, Debug)]
pub struct SeededWorkspace {
    form: Numbers,
    /// The point, the weights and the direction.
    all: Vec<f64>,
    /// Everything that comes out.
    out: Vec<f64>,
    /// The identity of what made it.
    of: Arc<()>,
}

#[derive(Clone, Debug)]
enum Numbers {
    Lanes(Registers),
    One(Workspace<f64>),
    Planned(PlanWorkspace),
}

/// One product, and what comes with it.
#[derive(Clone, Copy, Debug)]
pub struct Product<'a> {
    /// The outputs of the function.
    pub values: &'a [f64],
    /// The gradient of the weighted sum of the outputs; nothing of [`Sweep::Jvp`].
    pub gradient: &'a [f64],
    /// The product itself.
    pub product: &'a [f64],
}

impl<'a> Product<'a> {
    /// Everything that comes out of a product, taken apart.
    ///
    /// ```
    /// use backprop::{Product, Sweep};
    /// let found = Product::of_all(&[45.0, 30.0, 9.0, 10.0, 6.0], 2, 1, Sweep::Hvp);
    /// assert_eq!((found.values, found.gradient, found.product), (&[45.0][..], &[30.0, 9.0][..], &[10.0, 6.0][..]));
    /// ```
    ///
    /// # Panics
    /// When there are not as many numbers.
    pub fn of_all(all: &'a [f64], inputs: usize, outputs: usize, sweep: Sweep) -> Product<'a> {
        let (values, rest) = all.split_at(outputs);
        match sweep {
            Sweep::Jvp => Product { values, gradient: &[], product: rest },
            Sweep::Vjp => Product { values, gradient: rest, product: rest },
            Sweep::Hvp => {
                let (gradient, product) = rest.split_at(inputs);
                Product { values, gradient, product }
            }
        }
    }
}

impl Seeded {
    /// Numbers for runs.
    pub fn workspace(&self) -> SeededWorkspace {
        let Layout { inputs, outputs, .. } = self.layout;
        let further = match self.sweep {
            Sweep::Jvp => outputs,
            Sweep::Vjp => inputs,
            Sweep::Hvp => 2 * inputs,
        };
        let form = match &self.form {
            Form::Lanes(program) => Numbers::Lanes(program.space(packs(program), 0)),
            Form::One(program) => Numbers::One(program.workspace(|number| number)),
            Form::Planned(plan) => Numbers::Planned(plan.workspace()),
        };
        let all = vec![0.0; self.layout.all_inputs()];
        SeededWorkspace { form, all, out: vec![0.0; outputs + further], of: self.identity.clone() }
    }

    /// Runs `count` products at a point. `fill(k, seed)` writes the direction of product k, or of [`Sweep::Vjp`] its weights, into
    /// zeros; `take(k, product)` is given what came out, in order. `weights` are those of [`Sweep::Hvp`], or nothing: all are 1.
    ///
    /// # Panics
    /// When there is not one number per input, or weights of another number than the function has outputs, or the workspace is that
    /// of another function; before anything is run.
    pub fn run(
        &self,
        workspace: &mut SeededWorkspace,
        x: &[f64],
        weights: &[f64],
        count: usize,
        mut fill: impl FnMut(usize, &mut [f64]),
        mut take: impl FnMut(usize, Product<'_>),
    ) {
        let Seeded { layout, sweep, .. } = self;
        assert!(Arc::ptr_eq(&self.identity, &workspace.of), "the workspace of another function");
        expect_point(x.len(), layout.inputs);
        if !weights.is_empty() {
            expect_length(weights.len(), "weights", layout.outputs, "one per output");
        }
        let SeededWorkspace { form, all, out, .. } = workspace;
        let (fixed, varying) = all.split_at_mut(layout.fixed(*sweep));
        let (point, own_weights) = fixed.split_at_mut(layout.inputs);
        point.copy_from_slice(x);
        match weights {
            [] => own_weights.fill(1.0),
            // One output has no weight of its own: what comes out is multiplied by it.
            weights => own_weights.iter_mut().zip(weights).for_each(|(own, weight)| *own = *weight),
        }
        let scale = match weights {
            [weight] if own_weights.is_empty() && *sweep == Sweep::Hvp => *weight,
            _ => 1.0,
        };
        let mut take = |k: usize, out: &mut [f64]| {
            if scale != 1.0 {
                out[layout.outputs..].iter_mut().for_each(|number| *number *= scale);
            }
            take(k, Product::of_all(out, layout.inputs, layout.outputs, *sweep));
        };
        match (&self.form, form) {
            (Form::Lanes(program), Numbers::Lanes(space)) => {
                for (k, &number) in fixed.iter().enumerate() {
                    if let Some(Operand::Uniform(place)) = program.input(k) {
                        *space.uniform_mut(place) = number;
                    }
                }
                program.run_once(space);
                let block = packs(program) * LANES;
                for start in (0..count).step_by(block) {
                    checkpoint();
                    let many = block.min(count - start);
                    space.set_used(many.div_ceil(LANES));
                    // Lanes past the end repeat the last product: no number is made up.
                    for lane in 0..many.next_multiple_of(LANES) {
                        varying.fill(0.0);
                        fill(start + lane.min(many - 1), varying);
                        for (k, &number) in varying.iter().enumerate() {
                            if let Some(Operand::Row(row)) = program.input(fixed.len() + k) {
                                space.row_mut(row)[lane / LANES].0[lane % LANES] = number;
                            }
                        }
                    }
                    program.run(space);
                    for lane in 0..many {
                        for (k, number) in out.iter_mut().enumerate() {
                            *number = space.found(program.output(k), lane / LANES).0[lane % LANES];
                        }
                        take(start + lane, out);
                    }
                }
            }
            (Form::One(program), Numbers::One(numbers)) => {
                for k in 0..count {
                    varying.fill(0.0);
                    fill(k, varying);
                    numbers.inputs_mut()[..fixed.len()].copy_from_slice(fixed);
                    numbers.inputs_mut()[fixed.len()..].copy_from_slice(varying);
                    program.forward_from_inputs(numbers);
                    let values = numbers.values();
                    out.iter_mut()
                        .zip(program.outputs())
                        .for_each(|(out, slot)| *out = values[*slot as usize]);
                    take(k, out);
                }
            }
            (Form::Planned(plan), Numbers::Planned(numbers)) => {
                for k in 0..count {
                    all[layout.fixed(*sweep)..].fill(0.0);
                    fill(k, &mut all[layout.fixed(*sweep)..]);
                    plan.run(numbers, all, out);
                    take(k, out);
                }
            }
            _ => unreachable!("the workspace has the form of what made it"),
        }
    }
}
