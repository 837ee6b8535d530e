//! What a use of a name says of it.

use std::ops::Range;

use super::calls::in_terms_of_itself;
use super::{Binding, Global, Resolution, Use, reserved};
use crate::diagnostic::Diagnostic;
use crate::keywords::{is_constant, is_reserved};

impl<'p> Resolution<'p> {
    /// What binds a name where we are.
    pub(super) fn binding(&self, name: &str) -> Option<Binding> {
        self.bound.iter().rev().find(|(bound, _)| *bound == name).map(|(_, binding)| *binding)
    }

    /// A use of a name.
    pub(super) fn mention(
        &mut self,
        name: &'p str,
        place: Range<usize>,
        index: bool,
        rank: Option<usize>,
    ) -> Result<(), Diagnostic> {
        if let Some(binding) = self.binding(name) {
            // A state may be an array.
            return match rank {
                Some(_) if binding == Binding::Index => Err(Diagnostic::at(
                    place,
                    format!("{name} is bound here, it is not an indexed input"),
                    "cannot be indexed",
                )),
                _ => Ok(()),
            };
        }
        let usage = match self.parameters.iter_mut().find(|(parameter, _)| parameter == name) {
            Some((_, usage)) => usage,
            None => match self.globals.get(name) {
                Some(Global::Function(_, parameters)) => {
                    let arguments: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
                    return Err(Diagnostic::at(
                        place,
                        format!("{name} is a function"),
                        "its arguments are missing",
                    )
                    .help(format!("write {name}({})", arguments.join(", "))));
                }
                Some(Global::Value(body, read)) => {
                    // What an index is made of is made of sizes.
                    if index && !*read {
                        self.indices.push(*body);
                        self.globals.insert(name, Global::Value(self.indices[self.indices.len() - 1], true));
                    }
                    return Ok(());
                }
                None if self.current == Some(name) && !self.free.contains_key(name) => {
                    return Err(in_terms_of_itself(name, place));
                }
                None if is_constant(name) && rank.is_none() => return Ok(()),
                None if is_reserved(name) => return Err(reserved(name, place, "its arguments are missing")),
                None => self.free.entry(name).or_insert(Use { first: place.start, ..Use::default() }),
            },
        };
        usage.first = usage.first.min(place.start);
        match rank {
            Some(rank) => {
                if usage.index {
                    return Err(mixed(name, place));
                }
                if let Some(before) = usage.rank.filter(|&before| before != rank) {
                    let count = |n: usize| if n == 1 { "1 index".to_owned() } else { format!("{n} indices") };
                    let message = format!("{name} has {} here and {} elsewhere", count(rank), count(before));
                    return Err(Diagnostic::at(place, message, "another number of indices"));
                }
                usage.rank = Some(rank);
            }
            None => {
                if index && (usage.rank.is_some() || usage.whole) {
                    return Err(mixed(name, place));
                }
                usage.index |= index;
            }
        }
        Ok(())
    }

    /// A name where an array is wanted: a vector, unless more is known of it.
    pub(super) fn mention_whole(&mut self, name: &'p str, place: Range<usize>) -> Result<(), Diagnostic> {
        self.mention(name, place.clone(), false, None)?;
        if self.binding(name).is_some() {
            return Ok(());
        }
        let usage = match self.parameters.iter_mut().find(|(parameter, _)| parameter == name) {
            Some((_, usage)) => usage,
            None => match self.free.get_mut(name) {
                Some(usage) => usage,
                None => return Ok(()),
            },
        };
        if usage.index {
            return Err(mixed(name, place));
        }
        usage.whole = true;
        Ok(())
    }
}

/// A name that is an integer in one place and an array in another.
fn mixed(name: &str, place: Range<usize>) -> Diagnostic {
    Diagnostic::at(place, format!("{name} is used with an index and without"), "used the other way elsewhere")
}
