//! What names stand for.

use super::{CallKey, Elaborator, Frame, Meaning, Task};
use crate::diagnostic::Diagnostic;
use crate::keywords::is_constant;
use expr::Constant;

impl<'p, 'g> Elaborator<'p, 'g> {
    pub(super) fn local(&self, name: &str) -> Option<&Meaning<'g>> {
        let locals = self.locals[self.frame.locals..].iter().rev();
        { locals }.find(|(local, _)| *local == name).map(|(_, meaning)| meaning)
    }

    /// A name where a value is wanted. What a `let` defines is read anew inside a derivative by an input.
    pub(super) fn enter_name(&mut self, name: &'p str) -> Result<(), Diagnostic> {
        if let Some(statement) = self.definition_of(name) {
            if self.seeds.is_empty() {
                self.results.push(self.values[&statement].clone());
                return Ok(());
            }
            let key: CallKey = (statement, Vec::new(), self.seeds.clone());
            if let Some(meaning) = self.known.get(&key) {
                self.results.push(meaning.clone());
                return Ok(());
            }
            self.tasks.push(Task::Leave(key, self.frame));
            self.tasks.push(Task::Visit(self.program.statements[statement].body));
            self.frame = Frame { locals: self.locals.len(), statement };
            return Ok(());
        }
        let meaning = self.name(name);
        self.results.push(meaning);
        Ok(())
    }

    /// The `let` that defines a name where we are.
    pub(super) fn definition_of(&self, name: &str) -> Option<usize> {
        let statement = *self.definitions.get(name)?;
        let visible = self.local(name).is_none()
            && statement < self.frame.statement
            && self.program.statements[statement].parameters.is_none();
        visible.then_some(statement)
    }

    /// What a name means that no `let` defines.
    pub(super) fn name(&self, name: &'p str) -> Meaning<'g> {
        if let Some(meaning) = self.local(name) {
            return meaning.clone();
        }
        if let Some(&size) = self.sizes.get(name) {
            return Meaning::Number(self.jets.plain(self.builder.symbol(size)), Some(size.into()));
        }
        let Some(&block) = self.blocks.get(name) else {
            assert!(is_constant(name), "name resolution knows every name");
            let constant = if name == "e" { Constant::E } else { Constant::Pi };
            return Meaning::Number(self.jets.plain(self.builder.lift(&constant)), None);
        };
        let seeds = self.seeds.iter().filter(|seed| seed.block == block);
        if self.builder.graph().block(block).rank > 0 {
            return Meaning::Block(block, seeds.map(|seed| seed.element.clone()).collect());
        }
        let mut value = self.jets.plain(self.builder.input(name));
        for seed in seeds {
            value = self.jets.seeded(value, self.jets.integer(1), seed.element.level);
        }
        Meaning::Number(value, None)
    }
}
