//! Index forms and data: what is known before anything is read.

use super::Evaluator;
use crate::graph::Role;
use crate::index::{Datum, Index, Symbol};
use crate::node::{BlockId, Node, NodeId};
use crate::unroll_error::UnrollError;
use crate::{Constant, Scalar};

/// Beyond this not every integer is a number of double precision.
const LARGEST: f64 = 9007199254740992.0;

impl<S: Scalar> Evaluator<'_, S> {
    /// The value of an index form as axes are now.
    pub(super) fn form(&self, form: &Index, node: NodeId) -> Result<i64, UnrollError> {
        let integer = |datum| self.index(datum, node).map(|(_, integer)| integer);
        let data = form.data().iter().map(integer).collect::<Result<Vec<i64>, _>>()?;
        let value = |symbol| match symbol {
            Symbol::Axis(axis) => self.axes[axis.index()].0,
            Symbol::Size(size) => self.sizes[size as usize],
            Symbol::Datum(k) => data[k as usize],
        };
        form.evaluate(value).ok_or(UnrollError::Overflow { node })
    }

    pub(super) fn is_data(&self, block: BlockId) -> bool {
        self.function.graph().block(block).role == Role::Data
    }

    /// A datum that stands in an index: its indices, and the integer that it is.
    fn index(&self, datum: &Datum, node: NodeId) -> Result<(Vec<i64>, i64), UnrollError> {
        let Datum { block, position } = datum;
        let indices = position.iter().map(|form| self.form(form, node)).collect::<Result<Vec<i64>, _>>()?;
        let value = self.look_up(*block, &indices, position, node)?;
        if value.fract() != 0.0 || value.abs() > LARGEST {
            let element = self.element(*block, &indices);
            return Err(UnrollError::NotAnIndex { element, value: value.to_string(), node });
        }
        Ok((indices, value as i64))
    }

    fn element(&self, block: BlockId, indices: &[i64]) -> String {
        let indices: Vec<String> = indices.iter().map(i64::to_string).collect();
        format!("{}[{}]", self.function.graph().block(block).name, indices.join(","))
    }

    /// The number at these indices, which are the values of these forms.
    fn look_up(
        &self,
        block: BlockId,
        indices: &[i64],
        forms: &[Index],
        node: NodeId,
    ) -> Result<f64, UnrollError> {
        let input = || self.function.graph().block(block).name.clone();
        let data = self.function.data(block).ok_or_else(|| UnrollError::NoData { input: input() })?;
        for (&index, &length) in indices.iter().zip(&data.lengths) {
            let error = match usize::try_from(index) {
                Ok(place) if (1..=length).contains(&place) => continue,
                Ok(place) if place > 0 => UnrollError::BeyondLength { input: input(), index, length, node },
                _ => UnrollError::IndexOutOfRange { input: input(), index, node },
            };
            return Err(self.because_of_data(error, forms));
        }
        Ok(data.at(indices))
    }

    /// The value of a node that reads data.
    pub(super) fn datum(&self, id: NodeId) -> Result<S, UnrollError> {
        let number = self.number_of(id)?;
        let integer = |value| S::lift(self.context, &Constant::Integer(value));
        // The number that it is, and not the decimal that it may have been written as.
        Ok(match Constant::exact(number) {
            Some(constant) => S::lift(self.context, &constant),
            None if number.is_nan() => integer(0) / integer(0),
            None => integer(number.signum() as i64) / integer(0),
        })
    }

    fn number_of(&self, id: NodeId) -> Result<f64, UnrollError> {
        let graph = self.function.graph();
        match graph.node(id) {
            Node::Input(block, offset) => {
                let shape = self.function.data(block).map(|data| data.lengths.clone());
                let block_as_it_is = crate::graph::Block { shape, ..graph.block(block).clone() };
                self.look_up(block, &block_as_it_is.indices(offset), &[], id)
            }
            Node::Read(block, position) => {
                let forms = graph.position(position);
                let indices =
                    forms.iter().map(|form| self.form(form, id)).collect::<Result<Vec<i64>, _>>()?;
                self.look_up(block, &indices, forms, id)
            }
            _ => unreachable!("a read of data"),
        }
    }

    /// The same where a condition asks for it; what is not there has no value, and is an error where it is read.
    pub(super) fn known_datum(&self, id: NodeId) -> f64 {
        self.number_of(id).unwrap_or(f64::NAN)
    }

    /// An index that is wrong, with the data that made it so.
    pub(super) fn because_of_data(&self, error: UnrollError, forms: &[Index]) -> UnrollError {
        let (UnrollError::IndexOutOfRange { index, node, .. }
        | UnrollError::BeyondLength { index, node, .. }
        | UnrollError::OutsideArray { index, node, .. }) = error
        else {
            return error;
        };
        let mut because: Vec<String> = Vec::new();
        for form in forms.iter().filter(|form| self.form(form, node) == Ok(index)) {
            form.each_datum(&mut |datum| {
                if let Ok((indices, value)) = self.index(datum, node) {
                    let text = format!("{} is {value}", self.element(datum.block, &indices));
                    if !because.contains(&text) {
                        because.push(text);
                    }
                }
            });
        }
        match because.is_empty() {
            true => error,
            false => UnrollError::OfData { error: Box::new(error), because: because.join(", ") },
        }
    }
}
