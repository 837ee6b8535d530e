//! Sets the heights of slots whose order is known: close to their neighbours', and apart.

use super::{APART, MARGIN, Slot};

/// How many sweeps.
const SETTLING: usize = 24;
/// The weight of the middle among the neighbours of a slot.
const DRAWN: f64 = 0.15;

/// The height of every slot's middle: close to its neighbours', in the given order, and apart.
pub(super) fn heights(slots: &[Slot], columns: &[Vec<usize>]) -> Vec<f64> {
    let mut y = vec![0.0; slots.len()];
    // How far the middle of each slot is below that of the first of its column, at least.
    let offsets: Vec<Vec<f64>> = columns
        .iter()
        .map(|column| {
            let mut at = 0.0;
            let mut before = None;
            let offset = |&slot: &usize| {
                let height = slots[slot].height;
                at += before.map_or(0.0, |before: f64| (before + height) / 2.0 + APART);
                before = Some(height);
                at
            };
            column.iter().map(offset).collect()
        })
        .collect();
    for (column, offsets) in columns.iter().zip(&offsets) {
        let middle = offsets.last().copied().unwrap_or(0.0) / 2.0;
        column.iter().zip(offsets).for_each(|(&slot, offset)| y[slot] = offset - middle);
    }
    for sweep in 0..SETTLING {
        let last = sweep + 4 >= SETTLING;
        for k in 0..columns.len() {
            let k = if sweep % 2 == 0 { k } else { columns.len() - 1 - k };
            let wish = |&slot: &usize| {
                let Slot { left, right, passing, .. } = &slots[slot];
                let sides: [&[usize]; 2] = match (last, sweep % 2 == 0) {
                    (true, _) => [left, right],
                    (_, true) => [left, &[]],
                    (_, false) => [&[], right],
                };
                // Everything is drawn a little to the middle, or long graphs would drift away; edges that pass are kept
                // straight before anything else.
                let mut sum = (0.0, DRAWN);
                for &other in sides.concat().iter() {
                    let weight = if *passing && slots[other].passing { 8.0 } else { 1.0 };
                    sum = (sum.0 + weight * y[other], sum.1 + weight);
                }
                let still = left.is_empty() && right.is_empty();
                if still { (y[slot], DRAWN) } else { (sum.0 / sum.1, sum.1) }
            };
            let wishes: Vec<(f64, f64)> = columns[k].iter().map(wish).collect();
            let fitted = fit(&wishes, &offsets[k]);
            columns[k].iter().zip(fitted).for_each(|(&slot, height)| y[slot] = height);
        }
    }
    let top = slots.iter().zip(&y).map(|(slot, y)| y - slot.height / 2.0).fold(f64::INFINITY, f64::min);
    y.iter_mut().for_each(|y| *y += MARGIN - top);
    y
}

/// The heights nearest to those wished for, with their weights, that are apart as the offsets are, or more: least squares
/// under an order, by pooling adjacent violators (Ayer et al. 1955).
pub(super) fn fit(wishes: &[(f64, f64)], offsets: &[f64]) -> Vec<f64> {
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for ((wish, weight), offset) in wishes.iter().zip(offsets) {
        let mut pool = (wish - offset, *weight, 1);
        while let Some(&(mean, before, count)) = pools.last().filter(|pooled| pooled.0 > pool.0) {
            let together = before + pool.1;
            pool = ((mean * before + pool.0 * pool.1) / together, together, count + pool.2);
            pools.pop();
        }
        pools.push(pool);
    }
    let bases = pools.iter().flat_map(|&(mean, _, count)| std::iter::repeat_n(mean, count));
    bases.zip(offsets).map(|(base, offset)| base + offset).collect()
}
