//! Calls of definitions, and the lengths that parameters are declared with.

use super::arrays::Array;
use super::{CallKey, Elaborator, Frame, KeyPart, Meaning, Task};
use crate::diagnostic::Diagnostic;
use crate::parser::{AstId, Length, Parameter};
use expr::BlockId;
use expr::graph::AxisRange;
use expr::index::{Index, Symbol};

impl<'p, 'g> Elaborator<'p, 'g> {
    pub(super) fn enter_definition(&mut self, definition: usize, id: AstId) -> Result<(), Diagnostic> {
        let program = self.program;
        self.expand(definition, &program.nodes[id].children)
    }

    /// Goes on to the body of a definition; its arguments are the last results, and stand at these places.
    pub(super) fn expand(&mut self, definition: usize, places: &[AstId]) -> Result<(), Diagnostic> {
        let statement = &self.program.statements[definition];
        let parameters = statement.parameters.as_deref().unwrap_or_default();
        let mut arguments = self.results.split_off(self.results.len() - parameters.len());
        let mut parts = Vec::with_capacity(arguments.len());
        for (k, (argument, &place)) in arguments.iter_mut().zip(places).enumerate() {
            *argument = self.closed(argument.clone(), place)?;
            if matches!(argument, Meaning::Number(..)) && self.indexed.contains(&(definition, k)) {
                let name = statement.name.as_ref().map_or("this definition", |(name, _)| name);
                let message = format!("{name} indexes this argument");
                return Err(Diagnostic::at(self.place(place), message, "must be an array"));
            }
            parts.push(match argument {
                Meaning::Number(value, index) => KeyPart::Number(value.what(), index.clone()),
                Meaning::Block(block, elements) => KeyPart::Block(*block, elements.clone()),
                Meaning::Array(array) => KeyPart::Array(self.node(array)?.id()),
                Meaning::Results(_) => return self.number(argument, place).map(|_| ()),
            });
        }
        let key: CallKey = (definition, parts, self.seeds.clone());
        if let Some(meaning) = self.known.get(&key) {
            self.results.push(meaning.clone());
            return Ok(());
        }
        let lengths = self.lengths(parameters, &arguments, places)?;
        self.tasks.push(Task::Leave(key, self.frame));
        self.tasks.push(Task::Visit(statement.body));
        self.frame = Frame { locals: self.locals.len(), statement: definition };
        for (name, length) in lengths {
            let value = self.jets.plain(self.builder.spelled(&length));
            self.locals.push((name, Meaning::Number(value, Some(length))));
        }
        self.locals.extend(parameters.iter().map(|parameter| parameter.name.as_str()).zip(arguments));
        Ok(())
    }

    /// The lengths of a parameter of the last definition: the input has them.
    pub(super) fn declare_input(&mut self, parameter: &'p Parameter) -> Result<(), Diagnostic> {
        let extents = parameter.shape.as_deref().unwrap_or_default();
        let block = self.blocks.get(parameter.name.as_str()).copied();
        let Some(block) = block.filter(|&block| self.builder.graph().block(block).rank == extents.len())
        else {
            return Err(Diagnostic::at(
                parameter.place.clone(),
                format!("{} is used with another number of indices", parameter.name),
                "declared so",
            ));
        };
        let lengths = extents.iter().map(|extent| match &extent.length {
            Length::Number(length) => Index::from(*length as i64),
            Length::Size(size) => self.sizes[size.as_str()].into(),
        });
        let lengths = lengths.collect();
        self.builder.declare(block, lengths);
        Ok(())
    }

    /// What the names of lengths stand for in a call: the lengths that its arguments are declared with, or new sizes.
    fn lengths(
        &mut self,
        parameters: &'p [Parameter],
        arguments: &[Meaning<'g>],
        places: &[AstId],
    ) -> Result<Vec<(&'p str, Index)>, Diagnostic> {
        let mut lengths: Vec<(&'p str, Index)> = Vec::new();
        for ((parameter, argument), &place) in parameters.iter().zip(arguments).zip(places) {
            let Some(extents) = &parameter.shape else { continue };
            let (block, declared) = match argument {
                Meaning::Block(block, _) => {
                    (Some(*block), self.builder.graph().block(*block).declared.clone())
                }
                Meaning::Array(array) => (None, Some(self.array_lengths(array, extents.len(), place)?)),
                _ => unreachable!("what is declared with lengths is an array"),
            };
            let mut forms = Vec::with_capacity(extents.len());
            for (k, extent) in extents.iter().enumerate() {
                let has = declared.as_ref().map(|declared| declared[k].clone());
                let wants = match &extent.length {
                    Length::Number(length) => Some(Index::from(*length as i64)),
                    Length::Size(size) => {
                        lengths.iter().find(|(name, _)| name == size).map(|(_, length)| length.clone())
                    }
                };
                let form = match (has, wants) {
                    (Some(has), Some(wants)) if has != wants => {
                        return Err(self.other_length(block, &has, parameter, &wants, place));
                    }
                    (Some(form), _) | (None, Some(form)) => form,
                    (None, None) => {
                        let Length::Size(size) = &extent.length else { unreachable!("numbers are known") };
                        let block = block.expect("an array has lengths");
                        self.builder.size(&self.fresh_size(size, block)).into()
                    }
                };
                if let Length::Size(size) = &extent.length
                    && !lengths.iter().any(|(name, _)| name == size)
                {
                    lengths.push((size, form.clone()));
                }
                forms.push(form);
            }
            if let (Some(block), None) = (block, &declared) {
                self.builder.declare(block, forms);
            }
        }
        Ok(lengths)
    }

    /// The lengths of an array that is passed for a parameter with so many: its indices count from 1.
    fn array_lengths(&self, array: &Array<'g>, rank: usize, id: AstId) -> Result<Vec<Index>, Diagnostic> {
        let depends = |form: &Index| {
            form.symbols().any(|symbol| array.ranges.iter().any(|range| symbol == Symbol::Axis(range.axis)))
        };
        let plain = |range: &AxisRange| {
            range.low.as_constant() == Some(1) && !depends(&range.high) && range.high.data().is_empty()
        };
        if array.ranges.len() != rank || !array.ranges.iter().all(plain) {
            let message = "the parameter is declared with lengths that this array does not have";
            return Err(Diagnostic::at(self.place(id), message, "other indices"));
        }
        Ok(array.ranges.iter().map(|range| range.high.clone()).collect())
    }

    fn other_length(
        &self,
        block: Option<BlockId>,
        has: &Index,
        parameter: &Parameter,
        wants: &Index,
        place: AstId,
    ) -> Diagnostic {
        let [has, wants] = [has, wants].map(|length| self.builder.graph().index_text(length));
        let name = match block {
            Some(block) => self.builder.graph().block(block).name.clone(),
            None => "this array".to_owned(),
        };
        let message = format!("{name} has length {has}, and the parameter {} length {wants}", parameter.name);
        Diagnostic::at(self.place(place), message, format!("{has} and {wants} differ"))
    }

    /// A name for the length of an input: that of the parameter, unless it means something else already.
    pub(super) fn fresh_size(&self, size: &str, block: BlockId) -> String {
        let graph = self.builder.graph();
        let used = |name: &String| {
            graph.sizes().contains(name)
                || graph.block_named(name).is_some()
                || self.active.contains(name)
                // What is defined by that name is something else.
                || self.program.statements.iter().any(|statement| {
                    statement.name.as_ref().is_some_and(|(own, _)| own == name)
                })
        };
        let of_block = format!("{size}_{}", graph.block(block).name);
        let mut names =
            [size.to_owned(), of_block.clone()].into_iter().chain((2..).map(|k| format!("{of_block}_{k}")));
        names.find(|name| !used(name)).expect("there is always one more")
    }
}
