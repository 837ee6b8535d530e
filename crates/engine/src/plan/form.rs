//! Index forms as they are evaluated in a run: sizes are numbers, data are integers.

use expr::index::{Datum, Index, Symbol};
use expr::{Axis, BlockId, Function, IndexBounds};

/// What is known before anything runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Tables {
    pub(super) bounds: IndexBounds,
    /// Per block, its data as integers, where they stand in indices.
    data: Vec<Option<Integers>>,
}

#[derive(Clone, Debug)]
struct Integers {
    lengths: Vec<usize>,
    values: Vec<i64>,
}

impl Tables {
    pub(super) fn of(f: &Function) -> Tables {
        let graph = f.graph();
        let in_forms = graph.blocks_in_forms();
        let integers = |block: BlockId| {
            let (lengths, values) = f.data_of(block).filter(|_| in_forms[block.index()])?;
            // What is no integer is not used as one where it is needed.
            Some(Integers {
                lengths: lengths.to_vec(),
                values: values.iter().map(|value| *value as i64).collect(),
            })
        };
        Tables { bounds: IndexBounds::of(f), data: graph.block_ids().map(integers).collect() }
    }

    /// The value of a size.
    pub(super) fn size(&self, size: u32) -> i64 {
        self.bounds.size(size)
    }

    fn datum(&self, DatumForm { block, position }: &DatumForm, axes: &[i64]) -> i64 {
        let Some(data) = &self.data[*block as usize] else { return 0 };
        let mut offset = 0;
        for (form, &length) in position.iter().zip(&data.lengths) {
            // Of a branch that is not taken it may be out of range: nothing looks at it.
            let index = form.at(axes, self).wrapping_sub(1);
            if index < 0 || index >= length as i64 {
                return 0;
            }
            offset = offset * length + index as usize;
        }
        data.values[offset]
    }
}

/// A datum at a position.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct DatumForm {
    block: u32,
    position: Vec<Form>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Factor {
    Axis(u32),
    Datum(DatumForm),
}

/// An index form; overflow wraps, since what is needed has been checked before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Form {
    pub(super) constant: i64,
    /// Axes with their coefficients.
    pub(super) linear: Vec<(u32, i64)>,
    /// All other terms.
    products: Vec<(i64, Vec<Factor>)>,
}

impl Form {
    pub(super) fn constant(constant: usize) -> Form {
        Form { constant: constant as i64, ..Form::default() }
    }

    pub(super) fn of(form: &Index, tables: &Tables) -> Form {
        let mut all = Form::default();
        for (symbols, factor) in form.terms() {
            let mut coefficient = *factor;
            let mut factors: Vec<Factor> = Vec::new();
            for &symbol in symbols {
                match symbol {
                    Symbol::Size(size) => coefficient = coefficient.wrapping_mul(tables.size(size)),
                    Symbol::Axis(axis) => factors.push(Factor::Axis(axis.index() as u32)),
                    Symbol::Datum(k) => {
                        let Datum { block, position } = &form.data()[k as usize];
                        factors.push(Factor::Datum(DatumForm {
                            block: block.index() as u32,
                            position: position.iter().map(|form| Form::of(form, tables)).collect(),
                        }));
                    }
                }
            }
            match factors.as_slice() {
                [] => all.constant = all.constant.wrapping_add(coefficient),
                [Factor::Axis(axis)] => all.add_linear(*axis, coefficient),
                _ => all.products.push((coefficient, factors)),
            }
        }
        all
    }

    pub(super) fn add_linear(&mut self, axis: u32, coefficient: i64) {
        match self.linear.iter_mut().find(|(own, _)| *own == axis) {
            Some((_, own)) => *own = own.wrapping_add(coefficient),
            None => self.linear.push((axis, coefficient)),
        }
    }

    /// The same where some axes have one value.
    pub(super) fn where_known(&self, fixed: &impl Fn(u32) -> Option<i64>, tables: &Tables) -> Form {
        let mut all = Form { constant: self.constant, ..Form::default() };
        for &(axis, factor) in &self.linear {
            match fixed(axis) {
                Some(value) => all.constant = all.constant.wrapping_add(factor.wrapping_mul(value)),
                None => all.linear.push((axis, factor)),
            }
        }
        for (factor, factors) in &self.products {
            let (mut factor, mut rest) = (*factor, Vec::new());
            for other in factors {
                match other.where_known(fixed, tables) {
                    Ok(value) => factor = factor.wrapping_mul(value),
                    Err(other) => rest.push(other),
                }
            }
            match rest.as_slice() {
                [] => all.constant = all.constant.wrapping_add(factor),
                [Factor::Axis(axis)] => all.add_linear(*axis, factor),
                _ => all.products.push((factor, rest)),
            }
        }
        all
    }

    /// Puts a form in the place of an axis, unless that stands in a product and the form is not known.
    pub(super) fn substitute(&mut self, axis: u32, by: &Form, tables: &Tables) {
        if let Some(k) = self.linear.iter().position(|(own, _)| *own == axis) {
            let (_, factor) = self.linear.swap_remove(k);
            self.add(by, factor);
        }
        if !self.products.is_empty() && by.is_constant() {
            let known = |own: u32| (own == axis).then_some(by.constant);
            *self = self.where_known(&known, tables);
        }
    }

    /// Puts another axis in the place of one, where that stands alone.
    pub(super) fn rename(&mut self, axis: u32, into: u32) {
        self.linear.iter_mut().filter(|(own, _)| *own == axis).for_each(|(own, _)| *own = into);
    }

    /// Whether it is the same whatever axes are.
    pub(super) fn is_constant(&self) -> bool {
        self.linear.is_empty() && self.products.is_empty()
    }

    /// Whether nothing but axes and their coefficients occurs.
    pub(super) fn is_linear(&self) -> bool {
        self.products.is_empty()
    }

    /// Adds another form, so many times.
    pub(super) fn add(&mut self, other: &Form, times: i64) {
        self.constant = self.constant.wrapping_add(other.constant.wrapping_mul(times));
        other.linear.iter().for_each(|&(axis, factor)| self.add_linear(axis, factor.wrapping_mul(times)));
        let products = other.products.iter();
        self.products.extend(products.map(|(factor, factors)| (factor.wrapping_mul(times), factors.clone())));
    }

    /// By how much it grows with an axis, where that is the same everywhere.
    pub(super) fn slope(&self, axis: Axis) -> Option<i64> {
        let axis = axis.index() as u32;
        let within = |(_, factors): &(i64, Vec<Factor>)| factors.iter().any(|factor| factor.depends_on(axis));
        (!self.products.iter().any(within)).then(|| self.coefficient(axis))
    }

    pub(super) fn coefficient(&self, axis: u32) -> i64 {
        self.linear.iter().find(|(own, _)| *own == axis).map_or(0, |(_, factor)| *factor)
    }

    fn depends_on(&self, axis: u32) -> bool {
        self.coefficient(axis) != 0
            || self.products.iter().any(|(_, factors)| factors.iter().any(|factor| factor.depends_on(axis)))
    }

    /// The value.
    #[inline]
    pub(super) fn at(&self, axes: &[i64], tables: &Tables) -> i64 {
        let mut value = self.constant;
        for &(axis, factor) in &self.linear {
            value = value.wrapping_add(factor.wrapping_mul(axes[axis as usize]));
        }
        for (factor, factors) in &self.products {
            let value_of = |factor: &Factor| match factor {
                Factor::Axis(axis) => axes[*axis as usize],
                Factor::Datum(datum) => tables.datum(datum, axes),
            };
            let product = factors.iter().fold(*factor, |all, factor| all.wrapping_mul(value_of(factor)));
            value = value.wrapping_add(product);
        }
        value
    }
}

impl Factor {
    /// Its value, if that is known where some axes have one.
    fn where_known(&self, fixed: &impl Fn(u32) -> Option<i64>, tables: &Tables) -> Result<i64, Factor> {
        match self {
            Factor::Axis(axis) => fixed(*axis).ok_or(Factor::Axis(*axis)),
            Factor::Datum(datum) => {
                let position = datum.position.iter().map(|form| form.where_known(fixed, tables)).collect();
                let datum = DatumForm { block: datum.block, position };
                match datum.position.iter().all(Form::is_constant) {
                    true => Ok(tables.datum(&datum, &[])),
                    false => Err(Factor::Datum(datum)),
                }
            }
        }
    }

    fn depends_on(&self, axis: u32) -> bool {
        match self {
            Factor::Axis(own) => *own == axis,
            Factor::Datum(datum) => datum.position.iter().any(|form| form.depends_on(axis)),
        }
    }
}
