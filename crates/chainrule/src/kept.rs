//! A function that is kept prepared for points of one length: what the shortest calls have in common.

use std::sync::{Mutex, PoisonError};

use expr::{Function, UnrollError};

use crate::gradient::GradientError;
use crate::kinds::{self, Seeds, Want};
use crate::strategy::{Budget, Derivative, Prepared};
use crate::{Backprop, WrongLength};

/// A function, and what is wanted of it.
pub(crate) struct Kept {
    pub(crate) function: Function,
    pub(crate) want: Want,
    budget: Budget,
    compiled: Mutex<Option<Compiled>>,
}

struct Compiled {
    inputs: usize,
    outputs: usize,
    prepared: Box<dyn Prepared>,
}

/// The function that a text is.
pub(crate) fn read(text: &str) -> Result<Function, GradientError> {
    syntax::parse(text).map_err(|diagnostic| GradientError::Text { text: text.to_owned(), diagnostic })
}

/// Sizes up to this one are tried one by one; larger ones follow from the number of inputs at these.
const SIZES_TRIED: i64 = 8;

impl Kept {
    pub(crate) fn new(function: Function, want: Want) -> Kept {
        Kept { function, want, budget: Budget::default(), compiled: Mutex::default() }
    }

    pub(crate) fn with_size(self, name: &str, value: i64) -> Result<Kept, GradientError> {
        Ok(Kept::new(self.function.with_sizes(&[(name, value)])?, self.want))
    }

    pub(crate) fn with_data(
        self,
        name: &str,
        lengths: &[usize],
        values: &[f64],
    ) -> Result<Kept, GradientError> {
        let function = self.function.with_data(&[(name, lengths, values)])?;
        let sizes = function.sizes_for(&[(name, lengths)]).map_err(GradientError::Conflict)?;
        let sizes: Vec<(&str, i64)> = sizes.iter().map(|(size, value)| (size.as_str(), *value)).collect();
        Ok(Kept::new(function.with_sizes(&sizes)?, self.want))
    }

    /// What is wanted at a point, with the seeds for so many inputs and outputs.
    pub(crate) fn answer<'s>(
        &self,
        point: &[f64],
        seeds: impl FnOnce(usize, usize) -> Result<Seeds<'s>, GradientError>,
    ) -> Result<Derivative, GradientError> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.take_if(|compiled| compiled.inputs != point.len());
        let compiled = match &mut *compiled {
            Some(compiled) => compiled,
            none => none.insert(self.compile(point)?),
        };
        let seeds = seeds(compiled.inputs, compiled.outputs)?;
        let mut derivative = Derivative::default();
        compiled.prepared.run_with(point, seeds, &mut derivative)?;
        Ok(derivative)
    }

    pub(crate) fn function_at(&self, numbers: usize) -> Result<Function, GradientError> {
        if let [input, ..] = self.function.unbound_data()[..] {
            return Err(UnrollError::NoData { input: input.to_owned() }.into());
        }
        match self.function.unbound_sizes()[..] {
            [] => Ok(self.function.clone()),
            [size] => self.infer(size, numbers),
            [size, ..] => Err(GradientError::Size { size: size.to_owned(), numbers }),
        }
    }

    /// The function compiled for points of so many numbers.
    fn compile(&self, point: &[f64]) -> Result<Compiled, GradientError> {
        let function = self.function_at(point.len())?;
        function.check_data()?;
        let wrong = |inputs: usize| {
            let length = WrongLength { expected: inputs, given: point.len() };
            if inputs == point.len() { Ok(()) } else { Err(GradientError::Length(length)) }
        };
        let ([inputs, outputs], prepared) = match self.want {
            Want::Gradient => {
                // Known without unrolling where loops are kept.
                let (inputs, prepared) = Backprop::compile(&function, &self.budget)?;
                ([inputs, function.outputs().len()], prepared)
            }
            want => {
                // A point that does not fit is no reason to prepare anything.
                wrong(crate::input_count(&function, &self.budget)?)?;
                kinds::backprop::compile(&function, want, &self.budget)?
            }
        };
        wrong(inputs)?;
        Ok(Compiled { inputs, outputs, prepared })
    }

    /// The function with the one value of a size that makes as many inputs as a point has numbers.
    ///
    /// Small values are tried one by one. From some value on the number of inputs is a polynomial of the size, mostly of
    /// degree 1 (a vector) or 2 (a matrix): its last differences say which larger value to try.
    fn infer(&self, size: &str, numbers: usize) -> Result<Function, GradientError> {
        let undetermined = || GradientError::Size { size: size.to_owned(), numbers };
        let inputs = |f: &Function| crate::input_count(f, &self.budget);
        let (mut found, mut counts) = (None, Vec::new());
        for value in 1..=SIZES_TRIED {
            let f = self.function.with_sizes(&[(size, value)])?;
            // Too small a size may read outside an array (`x[n-2]`): it is not meant.
            let Ok(inputs) = inputs(&f) else { continue };
            counts.push(inputs as i64);
            if inputs == numbers && found.replace(value).is_some() {
                return Err(undetermined());
            }
        }
        let value = match (found, &counts[..]) {
            (Some(value), _) => value,
            (None, &[.., a, b, c]) => {
                let (slope, curvature) = (c - b, (c - b) - (b - a));
                let predicted = |steps: i64| c + steps * slope + steps * (steps + 1) / 2 * curvature;
                let wanted = numbers as i64;
                let steps = (1..=wanted).find(|&k| predicted(k) >= wanted || predicted(k) <= c);
                SIZES_TRIED + steps.ok_or_else(undetermined)?
            }
            _ => return Err(undetermined()),
        };
        let function = self.function.with_sizes(&[(size, value)])?;
        match inputs(&function)? == numbers {
            true => Ok(function),
            false => Err(undetermined()),
        }
    }
}
