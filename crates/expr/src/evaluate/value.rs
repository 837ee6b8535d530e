//! What a node comes to: a number, or an array of what its elements come to.

use std::rc::Rc;

/// The value of a node.
#[derive(Clone, Debug)]
pub(crate) enum Value<S> {
    One(S),
    Many(Rc<Many<S>>),
    /// An array that has the indices of an input while it is not known yet how many that are.
    Unknown,
}

/// The elements of an array along its first index.
#[derive(Clone, Debug)]
pub(crate) struct Many<S> {
    /// The first value of the index.
    pub(crate) low: i64,
    pub(crate) items: Vec<Value<S>>,
}

impl<S: Clone> Value<S> {
    pub(crate) fn array(low: i64, items: Vec<Value<S>>) -> Value<S> {
        Value::Many(Rc::new(Many { low, items }))
    }

    /// A number where one is expected.
    pub(crate) fn one(self) -> S {
        match self {
            Value::One(value) => value,
            Value::Many(_) | Value::Unknown => panic!("an array stands where a number is expected"),
        }
    }

    /// The numbers that it is made of, in the order of their indices, the last growing first.
    pub(crate) fn leaves(&self, out: &mut Vec<S>) {
        match self {
            Value::One(value) => out.push(value.clone()),
            Value::Many(many) => many.items.iter().for_each(|item| item.leaves(out)),
            Value::Unknown => {}
        }
    }
}

impl<S> Many<S> {
    /// The element at an index, if there is one.
    pub(crate) fn get(&self, index: i64) -> Option<&Value<S>> {
        self.items.get(usize::try_from(index.checked_sub(self.low)?).ok()?)
    }
}
