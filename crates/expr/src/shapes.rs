//! The shapes of inputs: as declared and, where nothing is declared, as long as the largest index that any iteration reads.

use crate::evaluate::{Evaluator, Rounds, Visitor};
use crate::extents::extents;
use crate::function::Function;
use crate::graph::{Block, Role};
use crate::index::{Index, Symbol};
use crate::node::{BlockId, NodeId};
use crate::shapes_by_ranges::shapes_by_ranges;
use crate::unroll_error::UnrollError;
use crate::{Constant, Fold, Op, Scalar};

/// A number without a value: evaluation over it visits every iteration and computes nothing.
#[derive(Clone, Copy)]
struct ShapeOnly;
crate::arithmetic!(ShapeOnly);
impl Scalar for ShapeOnly {
    type Context = ();
    fn context(&self) {}
    fn lift((): (), _: &Constant) -> ShapeOnly {
        ShapeOnly
    }
    fn apply(_: Op, _: &[ShapeOnly]) -> ShapeOnly {
        ShapeOnly
    }
    fn fold(_: Fold, (): (), _: &[ShapeOnly]) -> ShapeOnly {
        ShapeOnly
    }
}

/// The shapes of the blocks of inputs, as far as reads have told.
pub(crate) struct Shapes<'f> {
    blocks: &'f [Block],
    /// The lengths that a block is declared to have: a larger index is an error.
    declared: Vec<Option<Vec<usize>>>,
    /// The extents of each block so far: the declared ones, or the largest index read along each.
    pub(crate) extents: Vec<Vec<usize>>,
}

impl<'f> Shapes<'f> {
    /// What is known before anything is read.
    pub(crate) fn declared(function: &'f Function) -> Result<Shapes<'f>, UnrollError> {
        let blocks = function.graph().blocks();
        let mut declared: Vec<Option<Vec<usize>>> =
            { blocks.iter() }.map(|block| declared_lengths(function, block)).collect::<Result<_, _>>()?;
        let used = function.graph().used_data();
        for (k, block) in blocks.iter().enumerate().filter(|(_, block)| block.role == Role::Data) {
            let input = || block.name.clone();
            let Some(data) = function.data(BlockId(k as u32)) else {
                if used[k] {
                    return Err(UnrollError::NoData { input: input() });
                }
                continue;
            };
            let known = declared[k].clone().or_else(|| block.shape.clone());
            if let Some(needed) = known.filter(|declared| *declared != data.lengths) {
                return Err(UnrollError::OtherLengths {
                    input: input(),
                    given: data.lengths.clone(),
                    needed,
                });
            }
            declared[k] = Some(data.lengths.clone());
        }
        let extents = { blocks.iter().zip(&declared) }
            .map(|(block, declared)| {
                let known = declared.clone().or_else(|| block.shape.clone());
                known.unwrap_or_else(|| vec![0; block.rank])
            })
            .collect();
        Ok(Shapes { blocks, declared, extents })
    }

    /// Checks index `k` of a read, and makes the extent along it as long.
    pub(crate) fn read(
        &mut self,
        block: BlockId,
        k: usize,
        index: i64,
        node: NodeId,
    ) -> Result<(), UnrollError> {
        let input = || self.blocks[block.index()].name.clone();
        let usable = usize::try_from(index).ok().filter(|k| (1..=u32::MAX as usize).contains(k));
        let usable = usable.ok_or_else(|| UnrollError::IndexOutOfRange { input: input(), index, node })?;
        let length = self.declared[block.index()].as_ref().map(|lengths| lengths[k]);
        if let Some(length) = length.filter(|&length| usable > length) {
            return Err(UnrollError::BeyondLength { input: input(), index, length, node });
        }
        let extent = &mut self.extents[block.index()][k];
        *extent = usable.max(*extent);
        Ok(())
    }

    /// The extents, once everything is read.
    fn finished(mut self, budget: u64) -> Result<Vec<Vec<usize>>, UnrollError> {
        for (k, block) in self.blocks.iter().enumerate() {
            if let Some(other) = block.like {
                let own = self.extents[k].iter().zip(&self.extents[other.index()]);
                self.extents[k] = own.map(|(own, other)| *own.max(other)).collect();
            }
        }
        for (shape, block) in self.extents.iter().zip(self.blocks) {
            let needed = shape.iter().fold(1u64, |all, &extent| all.saturating_mul(extent as u64));
            let budget = budget.min(u32::MAX.into());
            if block.rank > 0 && needed > budget {
                return Err(UnrollError::TooLarge { needed, budget });
            }
        }
        Ok(self.extents)
    }
}

/// Reads of a function in whichever iterations they are; of a loop whose iterations are alike, in its first and its last.
struct Reads<'s, 'f> {
    shapes: &'s mut Shapes<'f>,
    /// Whether loops are kept, or every iteration is visited.
    keeps: bool,
    rounds: Option<Rounds>,
}

impl Visitor<ShapeOnly> for Reads<'_, '_> {
    fn read(
        &mut self,
        block: BlockId,
        indices: &[i64],
        steps: &[i64],
        node: NodeId,
    ) -> Result<ShapeOnly, UnrollError> {
        for (k, &first) in indices.iter().enumerate() {
            self.shapes.read(block, k, first, node)?;
            let step = steps.get(k).copied().unwrap_or(0);
            let (Some(rounds), true) = (self.rounds, step != 0) else { continue };
            let last = i128::from(first) + i128::from(step) * i128::from(rounds.count - 1);
            let last = i64::try_from(last).map_err(|_| UnrollError::Overflow { node })?;
            if self.shapes.read(block, k, last, node).is_err() {
                // The first index that is wrong, as a visit of every iteration would find it.
                let longest =
                    self.shapes.declared[block.index()].as_ref().map_or(u32::MAX as usize, |l| l[k]);
                let inside = if step > 0 { (longest as i64 - first) / step } else { (first - 1) / -step };
                self.shapes.read(block, k, first + (inside + 1) * step, node)?;
            }
        }
        Ok(ShapeOnly)
    }

    fn keeps(&self, _: u64, _: usize) -> bool {
        self.keeps
    }

    fn begin(&mut self, rounds: Rounds, states: Option<usize>) -> Vec<ShapeOnly> {
        self.rounds = Some(rounds);
        vec![ShapeOnly; states.unwrap_or(0)]
    }

    fn counter(&mut self) -> ShapeOnly {
        ShapeOnly
    }

    fn end(&mut self, fold: Option<Fold>, bodies: &[ShapeOnly]) -> Vec<ShapeOnly> {
        self.rounds = None;
        vec![ShapeOnly; if fold.is_some() { 1 } else { bodies.len() / 2 }]
    }
}

/// The lengths that a block is declared to have.
fn declared_lengths(function: &Function, block: &Block) -> Result<Option<Vec<usize>>, UnrollError> {
    block.declared.as_ref().map(|declared| lengths(function, block, declared)).transpose()
}

/// The values of forms of sizes as lengths of a block.
fn lengths(function: &Function, block: &Block, forms: &[Index]) -> Result<Vec<usize>, UnrollError> {
    let sizes = function.bound_sizes()?;
    let value = |symbol| match symbol {
        Symbol::Size(size) => sizes[size as usize],
        Symbol::Axis(_) | Symbol::Datum(_) => unreachable!("lengths are made of sizes"),
    };
    let length = |form: &Index| {
        let length = form.evaluate(value).unwrap_or(i64::MAX);
        usize::try_from(length)
            .ok()
            .filter(|&length| length <= u32::MAX as usize)
            .ok_or_else(|| UnrollError::NoLength { input: block.name.clone(), length })
    };
    forms.iter().map(length).collect()
}

impl Function {
    /// The extents of each block of inputs, in order: none for a scalar, otherwise along each index the largest one used; of data,
    /// which are no part of a point, as many as there are. Of loops that all have
    /// iterations, reads between bounds that are reached need no visit; else a loop whose iterations are alike is visited once.
    ///
    /// # Errors
    /// When a size has no value, an index is out of range, or the visit would exceed the budget.
    pub fn shapes(&self, budget: u64) -> Result<Vec<Vec<usize>>, UnrollError> {
        if let Some(extents) = (!self.is_flat()).then(|| shapes_by_ranges(self)).flatten() {
            return Shapes { extents, ..Shapes::declared(self)? }.finished(budget);
        }
        self.visited_shapes(budget, budget, !self.graph().has_arrays())
    }

    /// The same by a visit of every iteration, of inputs that are no longer than `inputs`.
    pub(crate) fn shapes_of_every_iteration(
        &self,
        budget: u64,
        inputs: u64,
    ) -> Result<Vec<Vec<usize>>, UnrollError> {
        self.visited_shapes(budget, inputs, false)
    }

    fn visited_shapes(&self, budget: u64, inputs: u64, keeps: bool) -> Result<Vec<Vec<usize>>, UnrollError> {
        let mut shapes = Shapes::declared(self)?;
        let mut reads = Reads { shapes: &mut shapes, keeps, rounds: None };
        Evaluator::<ShapeOnly>::new(self, (), budget)?.run(&mut reads)?;
        shapes.finished(inputs)
    }

    /// Says whether data are as long as they are read: of a function as it is written, a contradiction where they are longer.
    /// (Data that are too short are an error of whatever reads beyond their end.)
    ///
    /// ```
    /// let f = syntax::parse("sum(i, 1, n, k[i]*x[k[i]])").unwrap().with_data(&[("k", &[2], &[1.0, 1.0])]).unwrap();
    /// assert!(f.with_sizes(&[("n", 2)]).unwrap().check_data().is_ok());
    /// let error = f.with_sizes(&[("n", 1)]).unwrap().check_data().unwrap_err();
    /// assert_eq!(error.to_string(), "k has length 2, where length 1 is needed");
    /// ```
    ///
    /// # Errors
    /// When they are longer.
    pub fn check_data(&self) -> Result<(), UnrollError> {
        let extents = extents(self.graph(), self.outputs());
        for (k, block) in self.graph().blocks().iter().enumerate() {
            let id = BlockId(k as u32);
            let Some(data) = self.data(id).filter(|_| block.declared.is_none()) else { continue };
            let known: Option<Vec<Index>> = extents[k].iter().map(|extent| extent.bound().cloned()).collect();
            let read = known.and_then(|forms| lengths(self, block, &forms).ok());
            let longer = |read: &Vec<usize>| read.iter().zip(&data.lengths).any(|(read, given)| read < given);
            if let Some(needed) = read.filter(longer) {
                let (input, given) = (block.name.clone(), data.lengths.clone());
                return Err(UnrollError::OtherLengths { input, given, needed });
            }
        }
        Ok(())
    }

    fn known_shapes(&self) -> Vec<Vec<usize>> {
        self.shapes(u64::MAX).unwrap_or_else(|error| panic!("the inputs are not known: {error}"))
    }

    /// How many scalar inputs it has. Of a flat function this is known; otherwise every iteration is visited.
    ///
    /// ```
    /// let f = syntax::parse("sum(i, 1, n, x[i]^2) + y").unwrap();
    /// assert_eq!(f.with_sizes(&[("n", 10)]).unwrap().input_count(), 11);
    /// ```
    ///
    /// # Panics
    /// When the function is not flat and [`shapes`](Self::shapes) would return an error.
    pub fn input_count(&self) -> usize {
        if self.is_flat() {
            return self.position(BlockId(self.graph().blocks().len() as u32), 0);
        }
        let blocks = self.graph().blocks().iter().zip(self.known_shapes());
        let of_points = blocks.filter(|(block, _)| block.role != Role::Data);
        of_points.map(|(_, shape)| shape.iter().product::<usize>()).sum()
    }

    /// The names of all scalar inputs, in order: `x`, `x[3]`, `W[1,2]`.
    ///
    /// # Panics
    /// As [`input_count`](Self::input_count).
    pub fn input_names(&self) -> Vec<String> {
        let blocks = self.graph().blocks();
        let of = |block: &Block| {
            (0..block.len().unwrap_or(0) as u32).map(|k| block.element(k)).collect::<Vec<_>>()
        };
        if self.is_flat() {
            return blocks.iter().flat_map(of).collect();
        }
        let shaped = blocks.iter().zip(self.known_shapes()).filter(|(block, _)| block.role != Role::Data);
        shaped.flat_map(|(block, shape)| of(&Block { shape: Some(shape), ..block.clone() })).collect()
    }
}
