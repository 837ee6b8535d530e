//! Products of derivatives with vectors, as functions: what goes in along a direction or with weights is input like the point.
//!
//! | sweep | passes | inputs | outputs |
//! |---|---|---|---|
//! | [`Sweep::Jvp`] | `jvp(f)` | x, direction | f, how much it changes |
//! | [`Sweep::Vjp`] | `vjp(f)` | x, weights | f, gradient of the weighted sum |
//! | [`Sweep::Hvp`] | `jvp(vjp(f))`, forward over reverse | x, weights, direction | f, gradient of the weighted sum, how much it changes |
//!
//! A matrix is one sweep per column or row: unit vectors go in. What does not depend on them is computed once for all of them where
//! the function is unrolled; where its loops are kept it is computed in every sweep. A function has the same bits in both forms,
//! those of its evaluation, so that it is a matter of speed which one is run.

mod run;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use engine::{Plan, PlanBudget, Program, VectorProgram};
use expr::graph::{Block, Role};
use expr::passes::{NoDerivative, Seeds};
use expr::{Function, UnrollError};

pub use run::{Product, SeededWorkspace};

/// Which product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweep {
    /// The Jacobian times a direction.
    Jvp,
    /// Weights times the Jacobian.
    Vjp,
    /// The Hessian of the weighted sum of all outputs, times a direction.
    Hvp,
}

/// What a product must know of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layout {
    inputs: usize,
    outputs: usize,
    /// Numbers that say the weights; none where there is one output, whose weight is 1.
    weights: usize,
    /// Numbers that say a direction.
    direction: usize,
}

impl Layout {
    fn all_inputs(&self) -> usize {
        self.inputs + self.weights + self.direction
    }

    /// Whether weights and outputs are the same numbers: not those of an array that begins at another index than 1.
    fn fits(&self, sweep: Sweep) -> bool {
        self.weights == self.outputs || (self.weights == 0 && (sweep == Sweep::Jvp || self.outputs == 1))
    }

    /// The inputs that are the same in all sweeps: all but what the sweeps differ in, which comes last.
    fn fixed(&self, sweep: Sweep) -> usize {
        self.inputs + if sweep == Sweep::Vjp { 0 } else { self.weights }
    }
}

/// How it is run.
#[derive(Clone, Debug)]
enum Form {
    /// Unrolled, for many directions at once: what is the same for all of them is computed once.
    Lanes(VectorProgram),
    /// Unrolled, for one direction after the other.
    One(Program),
    /// With its loops.
    Planned(Plan),
}

/// A function prepared for one kind of product. Immutable and shared; numbers are in a [`SeededWorkspace`].
///
/// ```
/// use backprop::{Seeded, Sweep, UnrollOrPlan};
/// let f = syntax::parse("x^2*y").unwrap();
/// let hessian = Seeded::new(&f, Sweep::Hvp, true, &UnrollOrPlan::default()).unwrap();
/// let mut workspace = hessian.workspace();
/// let mut columns = [[0.0; 2]; 2];
/// let unit = |k: usize, direction: &mut [f64]| direction[k] = 1.0;
/// hessian.run(&mut workspace, &[3.0, 5.0], &[], 2, unit, |k, found| columns[k].copy_from_slice(found.product));
/// assert_eq!(columns, [[10.0, 6.0], [6.0, 0.0]]);
/// ```
#[derive(Clone, Debug)]
pub struct Seeded {
    form: Form,
    layout: Layout,
    sweep: Sweep,
    /// Operators that are run for one product, the function's value included.
    work: u64,
    bytes: usize,
    /// What its workspaces are known by.
    identity: Arc<()>,
}

/// What decides whether a product is unrolled.
#[derive(Clone, Copy, Debug)]
pub struct UnrollOrPlan {
    /// Nodes of an unrolled product, and iterations that are visited to find shapes.
    pub nodes: u64,
    /// What takes fewer operators is unrolled.
    pub few_operators: u64,
    /// So is what takes fewer than this where its loops are slow.
    pub some_operators: u64,
    /// Loops are slow where a step is chosen for fewer operators than this, on average.
    pub few_at_a_time: u64,
}

impl Default for UnrollOrPlan {
    fn default() -> Self {
        UnrollOrPlan { nodes: 20_000_000, few_operators: 30_000, some_operators: 100_000, few_at_a_time: 4 }
    }
}

/// More nodes than this are unrolled only where nothing else can be done.
const MOST_IN_LANES: usize = 2_000_000;

impl Seeded {
    /// Prepares a function whose sizes and data are bound: for `many` directions at once, or for one.
    ///
    /// # Errors
    /// When it can be neither unrolled within the budget nor run with its loops.
    pub fn new(f: &Function, sweep: Sweep, many: bool, choice: &UnrollOrPlan) -> Result<Seeded, UnrollError> {
        let (f, shapes) = with_own_lengths(f, choice.nodes)?;
        let inputs = count(&shapes);
        // What the passes cannot do with loops they can do without.
        let rolled = product(&f, &shapes, sweep)
            .ok()
            .map(|g| Seeded::of(&g, inputs, sweep, many, choice))
            .transpose()?;
        if let Some(seeded) = rolled.flatten() {
            return Ok(seeded);
        }
        let g = product(&f.unroll(choice.nodes)?, &shapes, sweep).map_err(cannot)?;
        Ok(Seeded::of(&g, inputs, sweep, many, choice)?.expect("one number for each output and each input"))
    }

    /// Nothing where weights and outputs are not the same numbers: those of an array that begins at another index than 1.
    fn of(
        g: &Function,
        inputs: usize,
        sweep: Sweep,
        many: bool,
        choice: &UnrollOrPlan,
    ) -> Result<Option<Seeded>, UnrollError> {
        if let Some((plan, layout)) = planned(g, inputs, sweep, choice) {
            let (work, bytes) = (plan.work(), plan.bytes());
            let form = Form::Planned(plan);
            let own = Seeded { form, layout, sweep, work, bytes, identity: Arc::default() };
            return Ok(layout.fits(sweep).then_some(own));
        }
        let unrolled = Unrolled::of(g, inputs, sweep, choice.nodes)?;
        Ok(unrolled.map(|unrolled| Seeded::of_unrolled(unrolled, sweep, many)))
    }

    /// A product that is unrolled already.
    pub(crate) fn of_unrolled(unrolled: Unrolled, sweep: Sweep, many: bool) -> Seeded {
        let Unrolled { function: g, inputs, outputs, weights } = unrolled;
        let direction = if sweep == Sweep::Vjp { 0 } else { inputs };
        let layout = Layout { inputs, outputs, weights, direction };
        let work = g.graph().len() as u64;
        let (form, bytes) = if many && g.graph().len() <= MOST_IN_LANES {
            let fixed = layout.fixed(sweep);
            let lanes = VectorProgram::compile(&g, |input| input >= fixed, |_| false);
            let bytes = lanes.bytes(packs(&lanes));
            (Form::Lanes(lanes), bytes)
        } else {
            let program = Program::compile(&g);
            let bytes = program.bytes() + 8 * program.slots();
            (Form::One(program), bytes)
        };
        Seeded { form, layout, sweep, work, bytes, identity: Arc::default() }
    }

    /// How many scalar inputs the function has.
    pub fn inputs(&self) -> usize {
        self.layout.inputs
    }

    /// How many outputs, arrays number by number.
    pub fn outputs(&self) -> usize {
        self.layout.outputs
    }

    /// About how many operators are run for one product.
    pub fn work(&self) -> u64 {
        self.work
    }

    /// The bytes that it holds, with one workspace.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// What is run, line by line for people.
    pub fn explain(&self) -> Vec<String> {
        let (what, lines) = match &self.form {
            Form::Lanes(program) => (
                "unrolled, many at once",
                vec![format!("{} steps once", program.once()), format!("{} steps for each", program.steps())],
            ),
            Form::One(program) => ("unrolled", vec![format!("{} steps", program.steps())]),
            Form::Planned(plan) => ("with its loops", plan.explain()),
        };
        let passes = match self.sweep {
            Sweep::Jvp => "forward pass",
            Sweep::Vjp => "backward pass",
            Sweep::Hvp => "forward pass over the backward pass",
        };
        std::iter::once(format!("{passes}, {what}")).chain(lines).collect()
    }
}

/// The function whose inputs are exactly as long as they are: a derivative may read less of them, and may not read more.
fn with_own_lengths(f: &Function, visits: u64) -> Result<(Function, Vec<Vec<usize>>), UnrollError> {
    let parameters: Vec<String> = f
        .graph()
        .blocks()
        .iter()
        .filter(|block| block.role == Role::Parameter)
        .map(|block| block.name.clone())
        .collect();
    let f = f.as_variables(&parameters.iter().map(String::as_str).collect::<Vec<_>>())?;
    let shapes = f.shapes(visits)?;
    let blocks = f.graph().blocks().iter().zip(shapes).filter(|(block, _)| block.role != Role::Data);
    let (blocks, shapes): (Vec<&Block>, Vec<Vec<usize>>) = blocks.unzip();
    let lengths: Vec<(&str, &[usize])> = { blocks.iter().zip(&shapes) }
        .filter(|(block, _)| block.rank > 0)
        .map(|(block, shape)| (block.name.as_str(), &shape[..]))
        .collect();
    Ok((f.with_lengths(&lengths)?, shapes))
}

/// How many numbers inputs of these shapes are.
fn count(shapes: &[Vec<usize>]) -> usize {
    shapes.iter().map(|shape| shape.iter().product::<usize>()).sum()
}

/// As many packs of lanes as are near the processor; one where rows are so many that memory counts.
fn packs(program: &VectorProgram) -> usize {
    if program.rows() > MOST_ROWS { 1 } else { program.packs() }
}

/// Rows that are kept for several packs of lanes.
const MOST_ROWS: usize = 100_000;

/// A derivative that is not taken of a flat function: more index variables than there may be, which it has none of.
fn cannot(error: NoDerivative) -> UnrollError {
    unreachable!("a function without loops has every derivative: {error}")
}

/// A product as a flat function, for numbers of any kind.
#[derive(Clone, Debug)]
pub struct Unrolled {
    /// Its inputs are the point, then weights where there are any, then a direction if the sweep has one; its outputs are those of the
    /// function, then of a Hessian's product the gradient, then the product.
    pub function: Function,
    /// How many scalar inputs the function itself has.
    pub inputs: usize,
    /// How many outputs.
    pub outputs: usize,
    /// How many weights: one per output, or none.
    pub weights: usize,
}

impl Unrolled {
    /// The product of a function whose sizes and data are bound.
    ///
    /// ```
    /// use backprop::{Sweep, Unrolled};
    /// let product = Unrolled::new(&syntax::parse("x^2*y").unwrap(), Sweep::Hvp, 1_000).unwrap();
    /// // The value at (3, 5), the gradient, and the first column of the Hessian.
    /// assert_eq!(product.function.evaluate((), &[3.0, 5.0, 1.0, 0.0]), [45.0, 30.0, 9.0, 10.0, 6.0]);
    /// ```
    ///
    /// # Errors
    /// When it cannot be unrolled within so many nodes.
    pub fn new(f: &Function, sweep: Sweep, nodes: u64) -> Result<Unrolled, UnrollError> {
        let (f, shapes) = with_own_lengths(f, nodes)?;
        let inputs = count(&shapes);
        if let Ok(g) = product(&f, &shapes, sweep)
            && let Some(unrolled) = Unrolled::of(&g, inputs, sweep, nodes)?
        {
            return Ok(unrolled);
        }
        let g = product(&f.unroll(nodes)?, &shapes, sweep).map_err(cannot)?;
        Ok(Unrolled::of(&g, inputs, sweep, nodes)?.expect("one number for each output and each input"))
    }

    /// Nothing where weights and outputs are not the same numbers.
    fn of(g: &Function, inputs: usize, sweep: Sweep, nodes: u64) -> Result<Option<Unrolled>, UnrollError> {
        let function = g.unroll(nodes)?;
        let layout = layout(inputs, function.input_count(), function.outputs().len(), sweep);
        let Layout { outputs, weights, .. } = layout;
        Ok(layout.fits(sweep).then_some(Unrolled { function, inputs, outputs, weights }))
    }
}

/// The product as a function, loops kept.
fn product(f: &Function, shapes: &[Vec<usize>], sweep: Sweep) -> Result<Function, NoDerivative> {
    let gradient = || match f.vjp(Seeds::One) {
        Err(NoDerivative::NotOneNumber) => f.vjp(Seeds::Inputs),
        one => one,
    };
    let product = match sweep {
        Sweep::Jvp => f.jvp()?,
        Sweep::Vjp => return f.vjp(Seeds::Inputs),
        Sweep::Hvp => {
            let gradient = gradient()?;
            let all = gradient.jvp()?;
            // Not by how much the function itself changes.
            let own = gradient.outputs().len();
            let kept = all.outputs()[..own].iter().chain(&all.outputs()[own + f.outputs().len()..]);
            all.with_outputs(kept.copied().collect())
        }
    };
    // Directions are the last inputs, one for each variable in order, and as long, be they read or not.
    let blocks = product.graph().blocks();
    let directions = &blocks[blocks.len() - shapes.len()..];
    let lengths: Vec<(&str, &[usize])> = { directions.iter().zip(shapes) }
        .filter(|(direction, _)| direction.rank > 0)
        .map(|(direction, shape)| (direction.name.as_str(), &shape[..]))
        .collect();
    Ok(product.with_lengths(&lengths).expect("inputs of its own"))
}

fn layout(inputs: usize, all_inputs: usize, all_outputs: usize, sweep: Sweep) -> Layout {
    let further = all_inputs - inputs;
    match sweep {
        Sweep::Jvp => Layout { inputs, outputs: all_outputs / 2, weights: 0, direction: inputs },
        Sweep::Vjp => Layout { inputs, outputs: all_outputs - inputs, weights: further, direction: 0 },
        Sweep::Hvp => {
            Layout { inputs, outputs: all_outputs - 2 * inputs, weights: further - inputs, direction: inputs }
        }
    }
}

/// The product with its loops, where that pays.
fn planned(g: &Function, inputs: usize, sweep: Sweep, choice: &UnrollOrPlan) -> Option<(Plan, Layout)> {
    if g.is_flat() {
        return None;
    }
    let shapes = g.shapes(choice.nodes).ok()?;
    let plan =
        Plan::new(g, Some(&shapes), PlanBudget { visits: choice.nodes, ..PlanBudget::default() }).ok()?;
    let work = plan.work();
    let is_slow = plan.choices() * choice.few_at_a_time > work;
    let pays = work >= if is_slow { choice.some_operators } else { choice.few_operators };
    let layout = layout(inputs, plan.inputs(), plan.outputs(), sweep);
    pays.then_some((plan, layout))
}
