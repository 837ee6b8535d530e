//! Where numbers are in memory, as index variables say.

use expr::Axis;

use super::form::{Form, Tables};

/// The place of a number: the value of a form, and what must hold for it to be one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Address {
    /// The number of the array that it is a place of; 0 is what there is before a run.
    pub(super) array: u32,
    pub(super) form: Form,
    /// Where an index is not known to be in range: elsewhere there is no number, and nothing looks at what is read.
    pub(super) checks: Vec<Check>,
    /// Whether there is a number for each lane, one next to the other.
    pub(super) lanes: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Check {
    pub(super) form: Form,
    pub(super) low: i64,
    pub(super) high: i64,
}

/// One index of an array.
#[derive(Clone, Debug)]
pub(super) struct Dim {
    /// The first index that there is space for.
    pub(super) low: i64,
    /// For how many there is.
    pub(super) len: usize,
    pub(super) stride: i64,
    /// The indices that there are, in its axis and those around.
    pub(super) range: Option<(u32, Form, Form)>,
}

/// An array: where its first element is, and its indices.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) base: Address,
    pub(super) dims: Vec<Dim>,
}

/// Gives the indices their strides, the last growing first; says how many numbers that takes.
pub(super) fn lay_out(dims: &mut [Dim], element: usize) -> Option<usize> {
    let mut size = element;
    for dim in dims.iter_mut().rev() {
        dim.stride = i64::try_from(size).ok()?;
        size = size.checked_mul(dim.len)?;
    }
    Some(size)
}

impl Place {
    /// The sub-array, or element, at an index: its form, and between which values that lies.
    pub(super) fn at(&self, form: &Form, interval: Option<(i64, i64)>, tables: &Tables) -> Place {
        let mut place = Place { base: self.base.clone(), dims: self.dims[1..].to_vec() };
        let Dim { low, len, stride, .. } = self.dims[0];
        // How far the others go may depend on this index.
        if let Some((own, ..)) = self.dims[0].range {
            for (_, low, high) in place.dims.iter_mut().filter_map(|dim| dim.range.as_mut()) {
                low.substitute(own, form, tables);
                high.substitute(own, form, tables);
            }
        }
        place.base.form.add(form, stride);
        place.base.form.constant = place.base.form.constant.wrapping_sub(low.wrapping_mul(stride));
        let high = low + len as i64 - 1;
        if interval.is_none_or(|(least, largest)| least < low || largest > high) {
            place.base.checks.push(Check { form: form.clone(), low, high });
        }
        place
    }
}

impl Address {
    /// Puts another axis in the place of one, where that stands alone.
    pub(super) fn rename(&mut self, axis: u32, into: u32) {
        let checks = self.checks.iter_mut().map(|check| &mut check.form);
        std::iter::once(&mut self.form).chain(checks).for_each(|form| form.rename(axis, into));
    }

    /// The place, if there is a number.
    #[inline]
    pub(super) fn find(&self, axes: &[i64], tables: &Tables) -> Option<usize> {
        let holds = |check: &Check| {
            let index = check.form.at(axes, tables);
            check.low <= index && index <= check.high
        };
        self.checks.iter().all(holds).then(|| self.form.at(axes, tables) as usize)
    }

    /// By how much it grows with an axis, where that is the same everywhere and checks hold for values next to each other.
    pub(super) fn slope(&self, axis: Axis) -> Option<i64> {
        let checks = self.checks.iter().all(|check| check.form.slope(axis).is_some());
        self.form.slope(axis).filter(|_| checks)
    }

    /// Which of `count` values of an axis, from the one that it has on, have a number: the first of them, and the one after the last.
    /// Its checks grow by the same from each value to the next.
    pub(super) fn within(&self, axis: Axis, count: usize, axes: &[i64], tables: &Tables) -> (usize, usize) {
        let (mut first, mut end) = (0i64, count as i64);
        for check in &self.checks {
            let slope = check.form.slope(axis).unwrap_or(0);
            let (below, above) = {
                let start = check.form.at(axes, tables);
                (check.low.saturating_sub(start), check.high.saturating_sub(start))
            };
            // below <= slope * t <= above
            let floor = |a: i64, b: i64| a.div_euclid(b);
            let ceil = |a: i64, b: i64| a.div_euclid(b) + i64::from(a.rem_euclid(b) != 0);
            let (from, to) = match slope {
                0 if below <= 0 && above >= 0 => continue,
                0 => (0, -1),
                slope if slope > 0 => (ceil(below, slope), floor(above, slope)),
                slope => (ceil(above.saturating_neg(), -slope), floor(below.saturating_neg(), -slope)),
            };
            first = first.max(from);
            end = end.min(to.saturating_add(1));
        }
        if first >= end { (0, 0) } else { (first as usize, end as usize) }
    }
}
