//! Arrays made of contributions to their elements.
//!
//! An element starts as the first that comes to it, which a sum that starts as 0 would lose where that is -0. So what nothing has
//! come to yet is marked by a number that no computation yields; in the end it becomes 0.

use expr::Axis;
use expr::fold::PARTIALS;

use super::form::{Form, Tables};
use super::place::{Address, Dim, Place};

/// A NaN whose payload is that of no operation.
const UNTOUCHED: u64 = 0x7ff8_c4a1_0000_5ca7;

/// A scatter; its own array, and those that it needs on the way, are in memory one number next to the other.
#[derive(Clone, Debug)]
pub(super) struct ScatterStep {
    pub(super) into: usize,
    pub(super) size: usize,
    pub(super) parts: Vec<PartCode>,
    /// What one part contributes, where that is not added at once.
    pub(super) own: Option<usize>,
    /// Where more than eight parts contribute: eight partial sums, and how many contributions each element has.
    pub(super) many: Option<[usize; PARTIALS + 1]>,
}

/// What contributes.
#[derive(Clone, Debug)]
pub(super) struct PartCode {
    pub(super) source: Place,
    /// The axes of the part; the source has an index for each, and those that are left are the last of the array.
    pub(super) axes: Vec<u32>,
    /// The element, counted from the first, that a value goes to, and what must hold for it to be one of the array.
    pub(super) target: Place,
    pub(super) guard: Guard,
    /// Whether no two values go to one element.
    pub(super) injective: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Guard {
    None,
    /// One for all.
    Number(u32),
    At(Address),
}

/// What a scatter works with.
struct Work<'a> {
    memory: &'a mut [f64],
    axes: &'a mut [i64],
    tables: &'a Tables,
    /// Where elements are added up.
    into: usize,
}

#[inline(always)]
fn add(element: &mut f64, value: f64) {
    *element = if element.to_bits() == UNTOUCHED { value } else { *element + value };
}

fn clear(memory: &mut [f64], start: usize, size: usize) {
    memory[start..start + size].fill(f64::from_bits(UNTOUCHED));
}

impl ScatterStep {
    pub(super) fn run(&self, memory: &mut [f64], axes: &mut [i64], tables: &Tables, numbers: &[f64]) {
        let &ScatterStep { into, size, .. } = self;
        match &self.many {
            None => clear(memory, into, size),
            Some(all) => {
                all[..PARTIALS].iter().for_each(|partial| clear(memory, *partial, size));
                memory[all[PARTIALS]..][..size].fill(0.0);
            }
        }
        for (k, part) in self.parts.iter().enumerate() {
            match &part.guard {
                Guard::Number(number) if numbers[*number as usize] == 0.0 => continue,
                _ => {}
            }
            let at_once = self.many.is_none() && (k == 0 || part.injective);
            let target = if at_once { into } else { self.own.expect("space for one part") };
            if !at_once {
                clear(memory, target, size);
            }
            part.run(&mut Work { memory, axes, tables, into: target });
            if !at_once {
                self.take(memory, target);
            }
        }
        if let Some(all) = &self.many {
            for element in 0..size {
                let mut total = f64::from_bits(UNTOUCHED);
                for partial in &all[..PARTIALS] {
                    let value = memory[partial + element];
                    if value.to_bits() != UNTOUCHED {
                        add(&mut total, value);
                    }
                }
                memory[into + element] = total;
            }
        }
        for element in &mut memory[into..into + size] {
            if element.to_bits() == UNTOUCHED {
                *element = 0.0;
            }
        }
    }

    /// Adds what one part has contributed.
    fn take(&self, memory: &mut [f64], own: usize) {
        for element in 0..self.size {
            let value = memory[own + element];
            if value.to_bits() == UNTOUCHED {
                continue;
            }
            let sum = match &self.many {
                None => self.into + element,
                Some(all) => {
                    let count = &mut memory[all[PARTIALS] + element];
                    let partial = *count as usize % PARTIALS;
                    *count += 1.0;
                    all[partial] + element
                }
            };
            add(&mut memory[sum], value);
        }
    }
}

impl PartCode {
    fn run(&self, work: &mut Work<'_>) {
        let from = self.source.base.find(work.axes, work.tables).unwrap_or(0);
        self.over(work, 0, from as i64);
    }

    /// Over the values of axis `k` of the part and of those behind it.
    fn over(&self, work: &mut Work<'_>, k: usize, from: i64) {
        if k == self.axes.len() {
            self.one(work, from);
            return;
        }
        let dim = &self.source.dims[k];
        let axis = self.axes[k] as usize;
        let (low, high) = bounds(dim, work.axes, work.tables);
        let own = dim.range.as_ref().map_or(axis, |(own, ..)| *own as usize);
        let before = (work.axes[axis], work.axes[own]);
        let first = from + (low - dim.low) * dim.stride;
        let count = (high - low + 1).max(0) as usize;
        if k + 1 == self.axes.len() && count > 0 {
            (work.axes[axis], work.axes[own]) = (low, low);
            if self.row(work, k, first, dim.stride, count) {
                (work.axes[axis], work.axes[own]) = before;
                return;
            }
        }
        for (t, index) in (low..=high).enumerate() {
            (work.axes[axis], work.axes[own]) = (index, index);
            self.over(work, k + 1, first + t as i64 * dim.stride);
        }
        (work.axes[axis], work.axes[own]) = before;
    }

    /// All values of the last axis, where their places are at equal distances; says whether they are.
    fn row(&self, work: &mut Work<'_>, k: usize, from: i64, stride: i64, count: usize) -> bool {
        let own = self.source.dims[k].range.as_ref().map(|(own, ..)| *own);
        let axis = self.axes[k];
        if own.is_some_and(|own| own != axis) || !self.target.dims.is_empty() {
            return false;
        }
        let axis = axis_of(axis);
        let (target, tables) = (&self.target.base, work.tables);
        let Some(step) = target.slope(axis) else { return false };
        let guard = match &self.guard {
            Guard::At(guard) => match guard.slope(axis) {
                Some(slope) => Some((guard, slope)),
                None => return false,
            },
            Guard::None | Guard::Number(_) => None,
        };
        let (mut first, mut end) = target.within(axis, count, work.axes, tables);
        if let Some((guard, _)) = guard {
            let (from, to) = guard.within(axis, count, work.axes, tables);
            (first, end) = (first.max(from), end.min(to));
        }
        if first >= end {
            return true;
        }
        let to = work.into as i64 + target.form.at(work.axes, tables);
        let memory = &mut *work.memory;
        match guard {
            None if stride == 1 && step == 1 && (from + count as i64 <= to || to + (count as i64) < from) => {
                let (from, to, many) =
                    ((from + first as i64) as usize, (to + first as i64) as usize, end - first);
                let (source, target) = disjoint(memory, from, to, many);
                for (element, value) in target.iter_mut().zip(source) {
                    add(element, *value);
                }
            }
            None => {
                for t in first as i64..end as i64 {
                    let value = memory[(from + t * stride) as usize];
                    add(&mut memory[(to + t * step) as usize], value);
                }
            }
            Some((guard, slope)) => {
                let counts = guard.form.at(work.axes, tables);
                for t in first as i64..end as i64 {
                    if memory[(counts + t * slope) as usize] != 0.0 {
                        let value = memory[(from + t * stride) as usize];
                        add(&mut memory[(to + t * step) as usize], value);
                    }
                }
            }
        }
        true
    }

    /// What is contributed for one value of each axis.
    fn one(&self, work: &mut Work<'_>, from: i64) {
        if let Guard::At(guard) = &self.guard
            && guard.find(work.axes, work.tables).is_none_or(|at| work.memory[at] == 0.0)
        {
            return;
        }
        let Some(to) = self.target.base.find(work.axes, work.tables) else { return };
        let inner = &self.source.dims[self.axes.len()..];
        copy(work, inner, &self.target.dims, from, work.into as i64 + to as i64);
    }
}

/// Adds a sub-array.
fn copy(work: &mut Work<'_>, from: &[Dim], to: &[Dim], source: i64, target: i64) {
    let (Some((dim, inner)), Some((into, behind))) = (from.split_first(), to.split_first()) else {
        let value = work.memory[source as usize];
        add(&mut work.memory[target as usize], value);
        return;
    };
    let (low, high) = bounds(dim, work.axes, work.tables);
    let own = dim.range.as_ref().map(|(own, ..)| *own as usize);
    let before = own.map(|own| work.axes[own]);
    for index in low.max(into.low)..=high.min(into.low + into.len as i64 - 1) {
        if let Some(own) = own {
            work.axes[own] = index;
        }
        let (source, target) =
            (source + (index - dim.low) * dim.stride, target + (index - into.low) * into.stride);
        copy(work, inner, behind, source, target);
    }
    if let (Some(own), Some(before)) = (own, before) {
        work.axes[own] = before;
    }
}

/// The indices that an array has, as axes are now.
pub(super) fn bounds(dim: &Dim, axes: &[i64], tables: &Tables) -> (i64, i64) {
    let last = dim.low + dim.len as i64 - 1;
    match &dim.range {
        None => (dim.low, last),
        Some((_, low, high)) => {
            let at = |form: &Form| form.at(axes, tables);
            (at(low).max(dim.low), at(high).min(last))
        }
    }
}

/// Two pieces of memory, one to be read and one to be changed.
fn disjoint(memory: &mut [f64], from: usize, to: usize, count: usize) -> (&[f64], &mut [f64]) {
    if from < to {
        let (before, behind) = memory.split_at_mut(to);
        (&before[from..from + count], &mut behind[..count])
    } else {
        let (before, behind) = memory.split_at_mut(from);
        (&behind[..count], &mut before[to..to + count])
    }
}

/// The axis with a number.
pub(super) fn axis_of(number: u32) -> Axis {
    Axis::at(number)
}
