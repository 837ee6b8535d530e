//! Between which values index forms lie.

use crate::Function;
use crate::graph::{AxisRange, Graph};
use crate::ids::{Axis, BlockId};
use crate::index::{Datum, Index, Symbol};
use crate::node::Node;
use crate::scatter::Shape;
use rustc_hash::FxHashMap;

/// What index forms are made of besides axes: sizes, and data that stand in indices.
#[derive(Clone, Debug, Default)]
pub struct IndexBounds {
    sizes: Vec<i64>,
    data: Vec<Option<DataBounds>>,
}

#[derive(Clone, Debug)]
struct DataBounds {
    lengths: Vec<usize>,
    least: i64,
    largest: i64,
    integers: bool,
}

/// Beyond this not every integer is a number of double precision.
const LARGEST: f64 = 9007199254740992.0;

impl IndexBounds {
    /// Those of a function; of what is not bound, those of 0.
    pub fn of(f: &Function) -> IndexBounds {
        let graph = f.graph();
        let in_forms = graph.blocks_in_forms();
        let of = |block: BlockId| {
            let (lengths, values) = f.data_of(block).filter(|_| in_forms[block.index()])?;
            let integer = |value: &f64| if value.abs() <= LARGEST { *value as i64 } else { 0 };
            let is_integer = |value: &f64| value.fract() == 0.0 && value.abs() <= LARGEST;
            Some(DataBounds {
                lengths: lengths.to_vec(),
                least: values.iter().map(integer).min()?,
                largest: values.iter().map(integer).max()?,
                integers: values.iter().all(is_integer),
            })
        };
        IndexBounds {
            sizes: graph.sizes().iter().map(|size| f.size(size).unwrap_or(0)).collect(),
            data: graph.block_ids().map(of).collect(),
        }
    }

    /// The value of a size.
    pub fn size(&self, size: u32) -> i64 {
        self.sizes[size as usize]
    }

    /// Whether a datum is an integer wherever it stands, given between which values axes are.
    pub(crate) fn is_index(&self, datum: &Datum, axes: &[(i64, i64)]) -> bool {
        self.data[datum.block.index()].as_ref().is_some_and(|data| data.integers)
            && self.is_inside(datum, axes)
    }

    fn is_inside(&self, Datum { block, position }: &Datum, axes: &[(i64, i64)]) -> bool {
        let Some(data) = &self.data[block.index()] else { return false };
        let inside = |(form, &length): (&Index, &usize)| {
            self.interval(form, axes).is_some_and(|(low, high)| low >= 1 && high <= length as i64)
        };
        position.iter().zip(&data.lengths).all(inside)
    }

    /// The least and the largest value that a form may have, given those of axes; nothing beyond 64 bits.
    pub fn interval(&self, form: &Index, axes: &[(i64, i64)]) -> Option<(i64, i64)> {
        let (mut low, mut high) = (0i64, 0i64);
        for (symbols, factor) in form.terms() {
            let mut ends = (*factor, *factor);
            for &symbol in symbols {
                let (a, b) = match symbol {
                    Symbol::Axis(axis) => axes[axis.index()],
                    Symbol::Size(size) => (self.size(size), self.size(size)),
                    Symbol::Datum(k) => {
                        let datum = &form.data()[k as usize];
                        match &self.data[datum.block.index()] {
                            None => (0, 0),
                            Some(data) if self.is_inside(datum, axes) => (data.least, data.largest),
                            // What is read outside of them is 0, and nothing looks at it.
                            Some(data) => (data.least.min(0), data.largest.max(0)),
                        }
                    }
                };
                let [p, q, r, s] = [(ends.0, a), (ends.0, b), (ends.1, a), (ends.1, b)];
                let products = [p, q, r, s].map(|(a, b)| a.checked_mul(b));
                let [p, q, r, s] = products;
                let all = [p?, q?, r?, s?];
                ends = (*all.iter().min()?, *all.iter().max()?);
            }
            low = low.checked_add(ends.0)?;
            high = high.checked_add(ends.1)?;
        }
        Some((low, high))
    }
}

impl Graph {
    /// The one range of every axis, where a loop has it; nothing where an axis has several.
    pub fn axis_ranges(&self) -> Option<Vec<Option<AxisRange>>> {
        let mut ranges: Vec<Option<AxisRange>> = vec![None; self.axis_count()];
        for range in self.ids().filter_map(|id| Some(self.scope(id)?.range)) {
            match &mut ranges[range.axis.index()] {
                Some(known) if known != range => return None,
                known => *known = Some(range.clone()),
            }
        }
        Some(ranges)
    }

    /// The indices of states, as far as these are arrays.
    pub fn state_shapes(&self) -> FxHashMap<(Axis, u32), Shape> {
        let mut shapes = FxHashMap::default();
        // A state may start as one of an iteration around it, whose states come later.
        loop {
            let before = shapes.clone();
            for id in self.ids() {
                let Node::Iterate(iteration) = self.node(id) else { continue };
                let axis = self.iteration_range(iteration).axis;
                for k in 0..self.state_count(iteration) {
                    let known = |axis, k| before.get(&(axis, k)).cloned();
                    let shape = self.shape(self.children(id)[k], &known);
                    shapes.insert((axis, k as u32), shape);
                }
            }
            if shapes == before {
                return shapes;
            }
        }
    }
}
