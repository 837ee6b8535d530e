//! The adjoint of a program: one forward pass, then one backward pass per output.

use engine::{Number, Operands, Program};
use expr::fold::{CHUNK, PARTIALS};
use expr::{Calculus, Constant, Fold, Function, MaskId, Scalar, Taken};

/// One step of the backward pass: pulls the gradient of one node back to its arguments.
#[derive(Clone, Copy, Debug)]
struct Pull {
    /// The forward step, which also says whose gradient is pulled.
    step: u32,
    /// Which arguments depend on an input: the others are not asked for.
    wanted: u8,
    /// Whether the rule is all there is to it: no condition, and a value at all arguments.
    plain: bool,
    /// The condition under which the node counts.
    mask: MaskId,
}

/// A function prepared for gradients. Immutable and shared; numbers are in a [`Workspace`].
#[derive(Clone, Debug)]
pub struct Adjoint {
    program: Program,
    /// Last node first.
    pulls: Vec<Pull>,
    taken: Taken,
    /// Per output, how many pulls at the front belong to later nodes and can be skipped.
    skip: Vec<usize>,
    /// The most factors of any product.
    widest: usize,
    /// The condition slots, as nodes of the program.
    conditions: Vec<Option<u32>>,
}

/// The numbers of both passes, made once per function.
#[derive(Clone, Debug)]
pub struct Workspace<S> {
    forward: engine::Workspace<S>,
    upstream: Vec<S>,
    masks: Vec<S>,
    /// Prefixes and suffixes of a product's factors, then of its chunks.
    scratch: Vec<S>,
}

impl Adjoint {
    /// Compiles a flat function, in linear time.
    ///
    /// # Panics
    /// When the function is not flat.
    pub fn compile(f: &Function) -> Adjoint {
        let program = Program::compile(f);
        let taken = Taken::mark(f);
        let mut mask_of_slot = Vec::new();
        if taken.len() > 2 {
            mask_of_slot = vec![MaskId::ALWAYS; program.slots()];
            for id in f.graph().ids() {
                if let Some(slot) = program.slot(id) {
                    mask_of_slot[slot as usize] = taken.of(id);
                }
            }
        }
        let first = program.first_step();
        let mut active = vec![false; program.slots()];
        active[..program.inputs()].fill(true);
        let mut pulls = Vec::with_capacity(program.steps().len());
        let mut widest = 0;
        for (k, step) in program.steps().iter().enumerate() {
            let wanted = match *step {
                Operands::Apply(op, arguments) => (0..op.arity())
                    .filter(|&k| op.has_slope(k) && active[arguments[k] as usize])
                    .fold(0, |wanted, k| wanted | 1 << k),
                Operands::Fold(fold, start, end) => {
                    if fold == Fold::Product {
                        widest = widest.max((end - start) as usize);
                    }
                    u8::from(program.list(start..end).iter().any(|&slot| active[slot as usize]))
                }
            };
            active[first + k] = wanted != 0;
            let mask = mask_of_slot.get(first + k).copied().unwrap_or(MaskId::ALWAYS);
            if wanted != 0 && mask != MaskId::NEVER {
                let partial = matches!(step, Operands::Apply(op, _) if op.is_partial());
                let plain = !partial && mask == MaskId::ALWAYS;
                pulls.push(Pull { step: k as u32, wanted, plain, mask });
            }
        }
        pulls.reverse();
        let later = |output: u32| pulls.partition_point(|pull| first as u32 + pull.step > output);
        let skip = program.outputs().iter().map(|&output| later(output)).collect();
        let conditions =
            if taken.len() > 2 { f.graph().ids().map(|id| program.slot(id)).collect() } else { Vec::new() };
        Adjoint { program, pulls, taken, skip, widest, conditions }
    }

    /// The forward program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Steps of one forward and one backward pass.
    pub fn steps(&self) -> usize {
        self.program.steps().len() + self.pulls.len()
    }

    /// The bytes that it holds, with one workspace of `f64`.
    pub fn bytes(&self) -> usize {
        self.program.bytes() + self.pulls.len() * size_of::<Pull>() + self.program.slots() * 16
    }

    /// Numbers for runs, of any kind that `number` makes.
    pub fn workspace<S: Scalar>(&self, number: impl Fn(f64) -> S) -> Workspace<S> {
        Workspace {
            upstream: vec![number(0.0); self.program.slots()],
            masks: vec![number(1.0); self.taken.len()],
            scratch: vec![number(1.0); 2 * (self.widest.min(CHUNK) + 3 * self.widest.div_ceil(CHUNK)) + 2],
            forward: self.program.workspace(number),
        }
    }

    /// Values of the outputs, and their gradients row after row: one row per output, one column per input.
    ///
    /// # Panics
    /// When lengths do not fit.
    pub fn run<S: Number>(
        &self,
        workspace: &mut Workspace<S>,
        x: &[S],
        values: &mut [S],
        gradient: &mut [S],
    ) {
        let outputs = self.program.outputs();
        assert_eq!(values.len(), outputs.len(), "one place per output");
        assert_eq!(gradient.len(), outputs.len() * x.len(), "one row of inputs per output");
        self.program.forward(&mut workspace.forward, x);
        if self.taken.len() > 2 {
            let numbers = &workspace.forward.values;
            let slot = |id: expr::NodeId| self.conditions[id.index()].map(|slot| numbers[slot as usize]);
            let zero = S::lift((), &Constant::Integer(0));
            self.taken.fill((), |id| slot(id).unwrap_or(zero), &mut workspace.masks);
        }
        for (k, &output) in outputs.iter().enumerate() {
            values[k] = workspace.forward.values[output as usize];
            self.backward(workspace, k);
            gradient[k * x.len()..][..x.len()].copy_from_slice(&workspace.upstream[..x.len()]);
        }
    }

    /// The backward pass from one output: leaves the gradient in the upstream slots of the inputs.
    fn backward<S: Number>(&self, workspace: &mut Workspace<S>, output: usize) {
        let Workspace { forward, upstream, masks, scratch } = workspace;
        let values = &forward.values;
        let first = self.program.first_step();
        let zero = S::lift((), &Constant::Integer(0));
        upstream.fill(zero);
        upstream[self.program.outputs()[output] as usize] = S::lift((), &Constant::Integer(1));
        for pull in &self.pulls[self.skip[output]..] {
            let slot = first + pull.step as usize;
            let received = upstream[slot];
            match self.program.steps()[pull.step as usize] {
                Operands::Apply(op, slots) => {
                    let arguments = slots.map(|slot| values[slot as usize]);
                    let result = values[slot];
                    if pull.plain {
                        op.pull_back(pull.wanted, &arguments, &result, &received, |k, gradient| {
                            let into = &mut upstream[slots[k] as usize];
                            *into = *into + gradient;
                        });
                    } else {
                        let partial = op.is_partial();
                        op.pull_back(pull.wanted, &arguments, &result, &received, |k, gradient| {
                            let gradient =
                                if partial { nan_where_undefined(result, gradient) } else { gradient };
                            let into = &mut upstream[slots[k] as usize];
                            *into = *into + masked(pull.mask, masks, gradient, zero);
                        });
                    }
                }
                Operands::Fold(Fold::Sum, start, end) => {
                    let gradient = masked(pull.mask, masks, received, zero);
                    for &term in self.program.list(start..end) {
                        let into = &mut upstream[term as usize];
                        *into = *into + gradient;
                    }
                }
                Operands::Fold(Fold::Product, start, end) => {
                    let factors = self.program.list(start..end);
                    pull_product(factors, values, received, scratch, |factor, gradient| {
                        let into = &mut upstream[factor as usize];
                        *into = *into + masked(pull.mask, masks, gradient, zero);
                    });
                }
            }
        }
    }
}

/// A node of an untaken branch passes nothing on, not even NaN.
#[inline(always)]
fn masked<S: Scalar + Copy>(mask: MaskId, masks: &[S], gradient: S, zero: S) -> S {
    if mask == MaskId::ALWAYS { gradient } else { masks[mask.index()].select(gradient, zero) }
}

/// Where an operator has no value its slope is NaN as well; the rules, being calculus, do not say so.
#[inline(always)]
fn nan_where_undefined<S: Scalar + Copy>(result: S, gradient: S) -> S {
    result.ne(result).select(result, gradient)
}

/// The gradients of a product's factors, `(P·p)·(s·S)` as in [`expr::fold::pull_back`], without allocating.
fn pull_product<S: Number>(
    factors: &[u32],
    values: &[S],
    received: S,
    scratch: &mut [S],
    mut pass: impl FnMut(u32, S),
) {
    let chunks = factors.len().div_ceil(CHUNK);
    let (inner, rest) = scratch.split_at_mut(factors.len().min(CHUNK) + 1);
    let (products, rest) = rest.split_at_mut(chunks);
    let (prefixes, suffixes) = rest.split_at_mut(chunks + 1);
    let value = |slot: u32| values[slot as usize];
    let multiply = |a: Option<S>, b: Option<S>| match (a, b) {
        (Some(a), Some(b)) => Some(a * b),
        (a, b) => a.or(b),
    };
    for (product, chunk) in products.iter_mut().zip(factors.chunks(CHUNK)) {
        let partial =
            |p: usize| chunk.iter().skip(p).step_by(PARTIALS).map(|&slot| value(slot)).reduce(|a, b| a * b);
        *product = (0..PARTIALS).filter_map(partial).reduce(|a, b| a * b).expect("chunks are not empty");
    }
    for c in 1..chunks {
        prefixes[c] = if c == 1 { products[0] } else { prefixes[c - 1] * products[c - 1] };
    }
    for c in (0..chunks.saturating_sub(1)).rev() {
        suffixes[c] = if c + 2 == chunks { products[c + 1] } else { products[c + 1] * suffixes[c + 1] };
    }
    for (c, chunk) in factors.chunks(CHUNK).enumerate() {
        let outer_prefix = (c > 0).then(|| prefixes[c]);
        let outer_suffix = (c + 1 < chunks).then(|| suffixes[c]);
        // Suffixes inside the chunk, right to left.
        for k in (0..chunk.len() - 1).rev() {
            let next = value(chunk[k + 1]);
            inner[k] = if k + 2 == chunk.len() { next } else { next * inner[k + 1] };
        }
        let mut prefix = None;
        for (k, &slot) in chunk.iter().enumerate() {
            let suffix = (k + 1 < chunk.len()).then(|| inner[k]);
            let local = multiply(multiply(outer_prefix, prefix), multiply(suffix, outer_suffix));
            pass(slot, multiply(Some(received), local).expect("there is an upstream gradient"));
            prefix = multiply(prefix, Some(value(slot)));
        }
    }
}
