//! Blocks of inputs.

use crate::ids::BlockId;
use crate::index::Index;

/// What an input is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// Gradients are taken with respect to it.
    #[default]
    Variable,
    /// It is given with every point.
    Parameter,
    /// It is given before anything is computed, like a size ([`Function::with_data`](crate::Function::with_data)): it may stand in
    /// indices, and is no part of a point.
    Data,
}

/// A named block of inputs: a scalar, a vector, a matrix, …
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its name.
    pub name: String,
    /// How many indices it takes; 0 for a scalar.
    pub rank: usize,
    /// Its extent along each index, where that is known: always in a flat function.
    pub shape: Option<Vec<usize>>,
    /// The lengths that it is declared to have, in sizes; of a flat function they are its shape.
    pub declared: Option<Vec<Index>>,
    /// The input whose extents it has, whatever of it is read.
    pub like: Option<BlockId>,
    /// What it is for.
    pub role: Role,
}

impl Block {
    /// How many scalars it holds, where its shape is known.
    pub fn len(&self) -> Option<usize> {
        self.shape.as_ref().map(|shape| shape.iter().product())
    }

    /// Whether it is known to hold none.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// The name of one scalar of it: `x`, `x[3]`, `W[1,2]`. Indices start at 1.
    pub fn element(&self, offset: u32) -> String {
        if self.rank == 0 {
            return self.name.clone();
        }
        let indices: Vec<String> = self.indices(offset).iter().map(i64::to_string).collect();
        format!("{}[{}]", self.name, indices.join(","))
    }

    /// The place of the scalar at these indices among those of a block whose shape is known.
    pub fn offset(&self, indices: &[i64]) -> Option<usize> {
        self.shape.as_ref().map(|shape| row_major(shape, indices))
    }

    /// The indices of one scalar of it, counted from 1; in row-major order the last grows first.
    pub fn indices(&self, offset: u32) -> Vec<i64> {
        let mut rest = offset as usize;
        let mut indices = vec![0; self.rank];
        for (axis, index) in indices.iter_mut().enumerate().rev() {
            let extent = self.shape.as_ref().map_or(usize::MAX, |shape| shape[axis].max(1));
            *index = if axis == 0 { rest } else { rest % extent } as i64 + 1;
            rest /= extent;
        }
        indices
    }
}

/// The numbers of a block of data.
#[derive(Debug)]
pub(crate) struct Data {
    /// How many there are along each index.
    pub(crate) lengths: Vec<usize>,
    /// The numbers, row after row.
    values: Vec<f64>,
}

/// The same numbers, bit by bit.
impl PartialEq for Data {
    fn eq(&self, other: &Data) -> bool {
        let bits = |data: &Data| data.values.iter().map(|value| value.to_bits()).collect::<Vec<u64>>();
        self.lengths == other.lengths && bits(self) == bits(other)
    }
}

impl Data {
    pub(crate) fn new(lengths: &[usize], values: &[f64]) -> Data {
        Data { lengths: lengths.to_vec(), values: values.to_vec() }
    }

    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// The number at these indices, which are within the lengths.
    pub(crate) fn at(&self, indices: &[i64]) -> f64 {
        self.values[row_major(&self.lengths, indices)]
    }
}

impl crate::Function {
    /// The lengths of a block of data along each index and its numbers, row after row, where it is bound.
    pub fn data_of(&self, block: BlockId) -> Option<(&[usize], &[f64])> {
        self.data(block).map(|data| (&data.lengths[..], data.values()))
    }
}

/// The position of indices, counted from 1, in a block of that shape.
pub(crate) fn row_major(shape: &[usize], indices: &[i64]) -> usize {
    shape.iter().zip(indices).fold(0, |offset, (extent, index)| offset * extent + (*index as usize - 1))
}
