//! Where inputs and data are in memory, and how many elements arrays have.

use expr::Function;
use expr::graph::Role;

use super::NotPlanned;
use super::form::{Form, Tables};
use super::place::{Address, Dim, Place, lay_out};
use super::scatter;

/// Numbers that are in memory from the beginning, and where.
pub(super) type Data = Vec<(usize, Vec<f64>)>;

/// Where the blocks of inputs are, first those of a point in their order; how many numbers of a point there are, and of all.
pub(super) fn layout(
    f: &Function,
    extents: &[Vec<usize>],
    most: usize,
) -> Result<(Vec<Place>, Data, usize, usize), NotPlanned> {
    let graph = f.graph();
    let mut places: Vec<Option<Place>> = vec![None; extents.len()];
    let (mut next, mut inputs, mut data) = (0usize, 0, Vec::new());
    for of_point in [true, false] {
        for (id, block) in graph.block_ids().zip(graph.blocks()) {
            if (block.role != Role::Data) != of_point {
                continue;
            }
            let dim = |&len: &usize| Dim { low: 1, len, stride: 0, range: None };
            let mut dims: Vec<Dim> = extents[id.index()].iter().map(dim).collect();
            let size = lay_out(&mut dims, 1).ok_or(NotPlanned::TooLarge)?;
            if let Some((_, numbers)) = f.data_of(id).filter(|_| !of_point) {
                data.push((next, numbers.to_vec()));
            }
            let form = Form::constant(next);
            places[id.index()] = Some(Place { base: Address { form, ..Address::default() }, dims });
            next = next.checked_add(size).filter(|end| *end <= most).ok_or_else(|| NotPlanned::Memory {
                bytes: (next as u64).saturating_add(size as u64).saturating_mul(8),
            })?;
        }
        if of_point {
            inputs = next;
        }
    }
    let places = places.into_iter().map(|place| place.expect("every block has its role")).collect();
    Ok((places, data, inputs, next))
}

/// How many elements an array has.
pub(super) fn elements(dims: &[Dim], axes: &mut Vec<i64>, tables: &Tables) -> usize {
    let Some((dim, inner)) = dims.split_first() else { return 1 };
    let (low, high) = scatter::bounds(dim, axes, tables);
    let depends = |inner: &Dim| match &inner.range {
        Some((_, low, high)) => !(low.is_constant() && high.is_constant()),
        None => false,
    };
    if !inner.iter().any(depends) {
        return (high - low + 1).max(0) as usize * elements(inner, axes, tables);
    }
    let mut count = 0;
    for index in low..=high {
        if let Some((axis, ..)) = &dim.range {
            axes[*axis as usize] = index;
        }
        count += elements(inner, axes, tables);
    }
    count
}
