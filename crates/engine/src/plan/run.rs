//! Running a plan.

use expr::interrupt::checkpoint;

use super::numbers;
use super::place::{Address, Dim};
use super::scatter::bounds;
use super::step::{CopyStep, Lanewise, LoopStep, Step};
use super::{Plan, PlanOutput, PlanWorkspace};
use crate::Folding;
use crate::number::{LANES, Lanes};
use crate::rows::{self, Operand};

/// A short body takes a few nanoseconds, a checkpoint one.
const ITERATIONS_PER_CHECKPOINT: i128 = 64;

impl Plan {
    /// The values of the outputs at a point, the numbers of arrays in the order of their indices.
    ///
    /// # Panics
    /// When there is not one number per input and one place per output, or the workspace is that of another plan.
    pub fn run(&self, workspace: &mut PlanWorkspace, x: &[f64], out: &mut [f64]) {
        expr::expect_point(x.len(), self.inputs);
        expr::expect_length(out.len(), "places for values", self.output_count, "one per output");
        assert!(std::sync::Arc::ptr_eq(&self.identity, &workspace.plan), "the workspace of another plan");
        workspace.memory[..self.inputs].copy_from_slice(x);
        self.run_steps(&self.steps, workspace);
        let mut next = 0;
        for output in &self.outputs {
            match output {
                PlanOutput::Number(number) => {
                    out[next] = workspace.space.uniforms[*number as usize];
                    next += 1;
                }
                PlanOutput::Array(place) => {
                    let from = place.base.find(&workspace.axes, &self.tables).expect("a place without axes");
                    self.leaves(workspace, &place.dims, from as i64, out, &mut next);
                }
            }
        }
        debug_assert_eq!(next, out.len());
    }

    /// The numbers of an array, in order.
    fn leaves(&self, w: &mut PlanWorkspace, dims: &[Dim], from: i64, out: &mut [f64], next: &mut usize) {
        let Some((dim, inner)) = dims.split_first() else {
            out[*next] = w.memory[from as usize];
            *next += 1;
            return;
        };
        let (low, high) = bounds(dim, &w.axes, &self.tables);
        let first = from + (low - dim.low) * dim.stride;
        if inner.is_empty() && dim.stride == 1 && high >= low {
            let count = (high - low + 1) as usize;
            out[*next..][..count].copy_from_slice(&w.memory[first as usize..][..count]);
            *next += count;
            return;
        }
        for (t, index) in (low..=high).enumerate() {
            if let Some((axis, ..)) = &dim.range {
                w.axes[*axis as usize] = index;
            }
            self.leaves(w, inner, first + t as i64 * dim.stride, out, next);
        }
    }

    fn run_steps(&self, steps: &[Step], w: &mut PlanWorkspace) {
        for step in steps {
            match step {
                Step::Numbers(steps) => {
                    let numbers = &mut w.space.uniforms;
                    numbers::run(steps, &self.terms, numbers, &mut w.memory, &w.axes);
                }
                Step::Operators(_) => unreachable!("joined when the plan is made"),
                Step::Rows(steps) => {
                    Lanes::run(rows::Pass { steps, terms: &self.terms, space: &mut w.space });
                }
                Step::Lanes { axis, low, count } => {
                    w.axes[*axis as usize] = *low;
                    w.count = *count;
                    w.space.used = count.div_ceil(LANES);
                }
                Step::Counter { axis, into } => {
                    w.space.uniforms[*into as usize] = w.axes[*axis as usize] as f64;
                }
                Step::CounterRow { axis, into } => {
                    let start = w.axes[*axis as usize];
                    let last = start + w.count as i64 - 1;
                    for (k, pack) in w.space.row_mut(*into).iter_mut().enumerate() {
                        let first = start + (k * LANES) as i64;
                        pack.0 = std::array::from_fn(|lane| (first + lane as i64).min(last) as f64);
                    }
                }
                Step::Load { from, into } => {
                    let at = from.find(&w.axes, &self.tables);
                    w.space.uniforms[*into as usize] = at.map_or(0.0, |at| w.memory[at]);
                }
                Step::LoadRow { from, into } => self.load_row(w, from, 0, *into),
                Step::Store { from, to } => {
                    if let Some(at) = to.find(&w.axes, &self.tables) {
                        w.memory[at] = w.space.uniforms[*from as usize];
                    }
                }
                Step::StoreRow { from, to } => self.store_row(w, *from, to, 0),
                Step::Move { from, into } => {
                    w.space.uniforms[*into as usize] = w.space.uniforms[*from as usize];
                }
                Step::MoveRow { from, into } => super::folds::copy_row(&mut w.space, *from, *into),
                Step::Copy(copy) => self.copy(w, copy),
                Step::StartFold { fold, of } => w.folds[*fold as usize] = Folding::new(*of),
                Step::Push { fold, from } => {
                    let term = from.number(&w.space.uniforms);
                    w.folds[*fold as usize].push(term);
                }
                Step::PushBlock { fold, from } => {
                    w.folds[*fold as usize].add_output(&w.space, (*from).into(), w.count);
                }
                Step::Finish { fold, into } => {
                    w.space.uniforms[*into as usize] = w.folds[*fold as usize].value();
                }
                Step::StartRows { fold, .. } => w.counts[*fold as usize] = 0,
                Step::PushRow { fold, rows, from } => {
                    rows.push(&mut w.space, w.counts[*fold as usize], *from);
                    w.counts[*fold as usize] += 1;
                }
                Step::FinishRow { fold, rows, into } => {
                    rows.finish(&mut w.space, w.counts[*fold as usize], *into);
                }
                Step::StartTotals { of, first, count } => {
                    w.folds[*first..first + count].fill(Folding::new(*of));
                }
                Step::PushTotal { at, from } => {
                    if let Some(at) = at.find(&w.axes, &self.tables) {
                        w.folds[at].add_output(&w.space, (*from).into(), w.count);
                    }
                }
                Step::FinishTotals { first, count, into } => {
                    let into = &mut w.memory[*into..into + count];
                    for (into, fold) in into.iter_mut().zip(&w.folds[*first..first + count]) {
                        *into = fold.value();
                    }
                }
                Step::Scatter(scatter) => {
                    scatter.run(&mut w.memory, &mut w.axes, &self.tables, &w.space.uniforms);
                }
                Step::Matrix(product) => {
                    product.run(&mut w.memory, &mut w.axes, &self.tables, &mut w.panels);
                }
                Step::Loop(inner) => self.run_loop(w, inner),
                Step::When(clauses, inner) => {
                    let holds = |&(number, wanted): &(u32, bool)| {
                        (w.space.uniforms[number as usize] != 0.0) == wanted
                    };
                    if clauses.iter().any(|clause| clause.iter().all(holds)) {
                        self.run_steps(inner, w);
                    }
                }
            }
        }
    }

    fn run_loop(&self, w: &mut PlanWorkspace, inner: &LoopStep) {
        let (low, high) = (inner.low.at(&w.axes, &self.tables), inner.high.at(&w.axes, &self.tables));
        let axis = inner.axis as usize;
        let before = w.axes[axis];
        if inner.in_blocks {
            let block = (self.packs * LANES) as i64;
            let mut start = low;
            while start <= high {
                checkpoint();
                w.count = block.min(high - start + 1) as usize;
                w.space.used = w.count.div_ceil(LANES);
                w.axes[axis] = start;
                self.run_steps(&inner.body, w);
                start += block;
            }
        } else {
            let count = (i128::from(high) - i128::from(low) + 1).max(0);
            let (mut index, step) = if inner.falling { (high, -1) } else { (low, 1) };
            for iteration in 0..count {
                if iteration % ITERATIONS_PER_CHECKPOINT == 0 {
                    checkpoint();
                }
                w.axes[axis] = index;
                self.run_steps(&inner.body, w);
                index += step;
            }
        }
        w.axes[axis] = before;
    }

    /// Fills a row with what is so many numbers behind a place.
    fn load_row(&self, w: &mut PlanWorkspace, from: &Lanewise, behind: i64, into: u32) {
        let PlanWorkspace { space, memory, axes, count, .. } = w;
        let (count, axis) = (*count, from.axis.index());
        let row = &mut space.rows[into as usize][..space.used];
        let Some(slope) = from.slope else {
            let start = axes[axis];
            for lane in 0..count {
                axes[axis] = start + lane as i64;
                row[lane / LANES].0[lane % LANES] =
                    self.find_lane(from, lane, axes).map_or(0.0, |at| memory[(at as i64 + behind) as usize]);
            }
            axes[axis] = start;
            repeat_last(row, count);
            return;
        };
        let (first, end) = match from.address.checks.is_empty() {
            true => (0, count),
            false => from.address.within(from.axis, count, axes, &self.tables),
        };
        let start = from.address.form.at(axes, &self.tables) + behind;
        if first > 0 || end < count {
            row.fill(Lanes([0.0; LANES]));
        }
        if first >= end {
            return;
        }
        if slope == 1 && first == 0 {
            let numbers = &memory[start as usize..][..end];
            let (full, rest) = numbers.as_chunks::<LANES>();
            row.iter_mut().zip(full).for_each(|(pack, numbers)| pack.0 = *numbers);
            if !rest.is_empty() {
                row[full.len()].0[..rest.len()].copy_from_slice(rest);
            }
        } else if slope == 0 {
            let number = memory[start as usize];
            (first..end).for_each(|lane| row[lane / LANES].0[lane % LANES] = number);
        } else {
            let mut at = start + first as i64 * slope;
            for lane in first..end {
                row[lane / LANES].0[lane % LANES] = memory[at as usize];
                at += slope;
            }
        }
        repeat_last(row, count);
    }

    fn find_lane(&self, place: &Lanewise, lane: usize, axes: &[i64]) -> Option<usize> {
        let at = place.address.find(axes, &self.tables)?;
        Some(at + if place.address.lanes { lane } else { 0 })
    }

    /// Puts the numbers of a row so many numbers behind a place.
    fn store_row(&self, w: &mut PlanWorkspace, from: Operand, to: &Lanewise, behind: i64) {
        let PlanWorkspace { space, memory, axes, count, .. } = w;
        let (count, axis) = (*count, to.axis.index());
        let number = |lane: usize| match from {
            Operand::Row(row) => space.rows[row as usize][lane / LANES].0[lane % LANES],
            Operand::Uniform(number) => space.uniforms[number as usize],
        };
        match (to.slope, to.address.checks.is_empty()) {
            (Some(slope), true) => {
                let start = to.address.form.at(axes, &self.tables) + behind;
                match from {
                    Operand::Row(row) if slope == 1 => {
                        let row = &space.rows[row as usize];
                        let into = &mut memory[start as usize..][..count];
                        let (full, rest) = into.as_chunks_mut::<LANES>();
                        let packs = full.len();
                        full.iter_mut().zip(row).for_each(|(into, pack)| *into = pack.0);
                        rest.iter_mut()
                            .zip(&row.get(packs).copied().unwrap_or(Lanes::all(0.0)).0)
                            .for_each(|(into, number)| *into = *number);
                    }
                    _ => (0..count)
                        .for_each(|lane| memory[(start + lane as i64 * slope) as usize] = number(lane)),
                }
            }
            _ => {
                let start = axes[axis];
                for lane in 0..count {
                    axes[axis] = start + lane as i64;
                    if let Some(at) = self.find_lane(to, lane, axes) {
                        memory[(at as i64 + behind) as usize] = number(lane);
                    }
                }
                axes[axis] = start;
            }
        }
    }

    fn copy(&self, w: &mut PlanWorkspace, copy: &CopyStep) {
        match &copy.lanes {
            None => {
                let find = |address: &Address| address.find(&w.axes, &self.tables);
                let (Some(from), Some(to)) = (find(&copy.from.base), find(&copy.to.base)) else { return };
                let memory = &mut w.memory;
                each(&copy.from.dims, &copy.to.dims, from as i64, to as i64, &mut |from, to, count| {
                    memory.copy_within(from as usize..from as usize + count, to as usize);
                });
            }
            Some((from, to, row)) => {
                each(&copy.from.dims, &copy.to.dims, 0, 0, &mut |source, target, count| {
                    // One next to the other they are only without lanes.
                    for k in 0..count as i64 {
                        self.load_row(w, from, source + k, *row);
                        self.store_row(w, Operand::Row(*row), to, target + k);
                    }
                });
            }
        }
    }
}

/// Lanes past the end repeat the last, so that no number is made up.
fn repeat_last(row: &mut [Lanes], count: usize) {
    let rest = count % LANES;
    if rest > 0 {
        let pack = &mut row[count / LANES].0;
        let last = pack[rest - 1];
        pack[rest..].fill(last);
    }
}

/// Calls for all elements of two arrays that have the same index: where they are, and how many stand side by side in both.
fn each(from: &[Dim], to: &[Dim], source: i64, target: i64, visit: &mut dyn FnMut(i64, i64, usize)) {
    let (Some((dim, inner)), Some((into, behind))) = (from.split_first(), to.split_first()) else {
        visit(source, target, 1);
        return;
    };
    let low = dim.low.max(into.low);
    let high = (dim.low + dim.len as i64).min(into.low + into.len as i64) - 1;
    let place =
        |index: i64| (source + (index - dim.low) * dim.stride, target + (index - into.low) * into.stride);
    if inner.is_empty() && (dim.stride, into.stride) == (1, 1) {
        let (source, target) = place(low);
        if high >= low {
            visit(source, target, (high - low + 1) as usize);
        }
        return;
    }
    for index in low..=high {
        let (source, target) = place(index);
        each(inner, behind, source, target, visit);
    }
}
