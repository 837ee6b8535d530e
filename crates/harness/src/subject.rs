//! A function to be examined: as it is written, and unrolled where that is small, or where something needs it.

use std::sync::{Mutex, OnceLock, PoisonError};

use chainrule::{Budget, CompiledFunction};
use expr::graph::{Block, Role};
use expr::passes::Singular;
use expr::{Function, UnrollError};

use crate::counting::{Counting, count};

/// A function that is unrolled at most once, and not before something asks for it unless that is quick.
///
/// ```
/// use harness::Subject;
/// let f = |n| syntax::parse("sum(i, 1, n, sin(x)*i)").unwrap().with_sizes(&[("n", n)]).unwrap();
/// let (small, large) = (Subject::new(f(10), 20_000_000).unwrap(), Subject::new(f(5_000_000), 20_000_000).unwrap());
/// assert!(small.at_hand().is_some() && large.at_hand().is_none());
/// assert_eq!(large.names().all(), ["x"]);
/// ```
#[derive(Debug)]
pub struct Subject {
    written: Function,
    flat: OnceLock<Function>,
    /// The shapes of its inputs.
    inputs: Names,
    /// Nodes of any graph that is built.
    budget: u64,
    /// What counts singular operators, once that was asked for; nothing where it takes too long.
    counting: Mutex<Option<Option<Counting>>>,
}

/// An input: a number, or numbers row after row.
#[derive(Clone, Debug)]
pub struct Input {
    /// The block that it is, with its shape.
    block: Block,
    /// The position of its first number in a point.
    pub start: usize,
}

impl Input {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.block.name
    }

    /// How long it is along each index.
    pub fn shape(&self) -> &[usize] {
        self.block.shape.as_deref().unwrap_or_default()
    }

    /// How many numbers it is.
    pub fn len(&self) -> usize {
        self.shape().iter().product()
    }

    /// Whether it is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The indices of a number of it, given its position in a point; they count from 1.
    pub fn indices(&self, position: usize) -> Vec<i64> {
        self.block.indices((position - self.start) as u32)
    }

    /// The position in a point of its number at these indices.
    pub fn position(&self, indices: &[i64]) -> usize {
        self.start + self.block.offset(indices).unwrap_or(0)
    }
}

/// The names of the numbers of a point: `x`, `x[3]`, `W[1,2]`. Of millions none is kept.
#[derive(Clone, Debug)]
pub struct Names(Vec<Input>);

impl Names {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.last().map_or(0, |last| last.start + last.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of one number.
    ///
    /// # Panics
    /// When a point has no such number.
    pub fn name(&self, position: usize) -> String {
        let input = self.input_of(position).expect("a number of a point");
        input.block.element((position - input.start) as u32)
    }

    /// All of them.
    pub fn all(&self) -> Vec<String> {
        (0..self.len()).map(|position| self.name(position)).collect()
    }

    /// The input that a number belongs to.
    pub(crate) fn input_of(&self, position: usize) -> Option<&Input> {
        self.0.iter().rfind(|input| input.start <= position && !input.is_empty())
    }
}

/// What unrolls to no more nodes than this is unrolled at once: that takes some hundredths of a second.
const SMALL: u64 = 200_000;

/// What takes more evaluations of single nodes for one gradient, half a minute of them, is not run with its loops.
const MOST_WORK: u64 = 20_000_000_000;

impl Subject {
    /// A function of which no graph of more nodes than `budget` is built. It is unrolled at once where that is quick, or where its loops
    /// cannot be kept, so that no strategy can do without.
    ///
    /// # Errors
    /// When it can be evaluated neither with its loops nor without them.
    pub fn new(written: Function, budget: u64) -> Result<Subject, UnrollError> {
        Subject::unrolling_at_once(written, SMALL, budget)
    }

    /// The same, where what makes no more nodes than `at_once` is unrolled at once.
    ///
    /// # Errors
    /// As [`Subject::new`].
    pub fn unrolling_at_once(written: Function, at_once: u64, budget: u64) -> Result<Subject, UnrollError> {
        let large = |error: &UnrollError| {
            matches!(error, UnrollError::TooLarge { .. } | UnrollError::OutOfMemory { .. })
        };
        let limits = Budget { nodes: budget, ..Budget::default() };
        let flat = match written.unroll(budget.min(at_once)) {
            Ok(flat) => Some(flat),
            Err(error) if !large(&error) => return Err(error),
            Err(_) => match CompiledFunction::with_loops_of_gradient(&written, &limits) {
                Ok(Some(rolled)) if rolled.work() <= MOST_WORK => None,
                Ok(_) => Some(written.unroll(budget)?),
                Err(error) if large(&error) => Some(written.unroll(budget)?),
                Err(error) => return Err(error),
            },
        };
        if let Some(flat) = flat {
            return Ok(Subject { budget, ..Subject::of(&written, &flat) });
        }
        let shapes = written.shapes(budget)?;
        let inputs = inputs(&written, &shapes);
        Ok(Subject { written, flat: OnceLock::new(), inputs, budget, counting: Mutex::default() })
    }

    /// A function that has been unrolled already. Both may be the same one.
    ///
    /// # Panics
    /// When `flat` is not.
    pub fn of(written: &Function, flat: &Function) -> Subject {
        assert!(flat.is_flat(), "it is unrolled");
        let shapes: Vec<Vec<usize>> =
            { flat.graph().blocks().iter() }.map(|block| block.shape.clone().unwrap_or_default()).collect();
        Subject {
            written: written.clone(),
            flat: OnceLock::from(flat.clone()),
            inputs: inputs(flat, &shapes),
            budget: flat.graph().len() as u64,
            counting: Mutex::default(),
        }
    }

    /// As it is written, with its loops.
    pub fn written(&self) -> &Function {
        &self.written
    }

    /// Unrolled, if it has been.
    pub fn at_hand(&self) -> Option<&Function> {
        self.flat.get()
    }

    /// Unrolled, whatever that takes.
    ///
    /// # Errors
    /// Those of [`Function::unroll`], with the budget of the function.
    pub fn unrolled(&self) -> Result<&Function, UnrollError> {
        if let Some(flat) = self.flat.get() {
            return Ok(flat);
        }
        let flat = self.written.unroll(self.budget)?;
        Ok(self.flat.get_or_init(|| flat))
    }

    /// Unrolled, if it has been or that makes no more nodes than `most`.
    pub fn unrolled_within(&self, most: u64) -> Option<&Function> {
        if self.flat.get().is_none() {
            let flat = self.written.unroll(self.budget.min(most)).ok()?;
            return Some(self.flat.get_or_init(|| flat));
        }
        self.flat.get()
    }

    /// Per output how often operators are singular, of a function that takes so many evaluations of nodes.
    pub(crate) fn singular(&self, work: u64, at: &[f64], outputs: usize) -> Option<Vec<f64>> {
        let mut counting = self.counting.lock().unwrap_or_else(PoisonError::into_inner);
        let counting = counting.get_or_insert_with(|| self.count(work, |_| true));
        counting.as_mut()?.run(at, outputs)
    }

    /// What counts these singularities.
    pub(crate) fn count(&self, work: u64, counts: impl Fn(Singular) -> bool) -> Option<Counting> {
        count(&self.written, self.budget, work, counts)
    }

    /// Compiled: with its loops where they are kept, and without where it is unrolled.
    pub(crate) fn compiled(&self) -> CompiledFunction {
        if let Some(flat) = self.flat.get() {
            return CompiledFunction::of(&self.written, flat);
        }
        let budget = Budget { nodes: self.budget, ..Budget::default() };
        let rolled = CompiledFunction::rolled(&self.written, &budget).ok().flatten();
        rolled.expect("what is not unrolled has loops that are kept")
    }

    /// Its inputs, in the order of a point.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs.0
    }

    /// The names of all numbers of a point, which are made when they are asked for.
    pub fn names(&self) -> &Names {
        &self.inputs
    }

    /// How many outputs there are, arrays number by number.
    pub fn output_count(&self) -> usize {
        self.at_hand().map_or_else(|| self.compiled().outputs(), |f| f.outputs().len())
    }

    /// How many numbers a point has.
    pub fn input_count(&self) -> usize {
        self.inputs.len()
    }
}

/// Data are no part of a point.
fn inputs(f: &Function, shapes: &[Vec<usize>]) -> Names {
    let mut start = 0;
    let blocks = f.graph().blocks().iter().zip(shapes).filter(|(block, _)| block.role != Role::Data);
    let inputs = blocks
        .map(|(block, shape)| {
            let input = Input { block: Block { shape: Some(shape.clone()), ..block.clone() }, start };
            start += input.len();
            input
        })
        .collect();
    Names(inputs)
}
