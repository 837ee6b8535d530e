//! Arrays: headers and the index variables they bind; calls that are reductions over an index or functions of whole arrays.

use super::{Binding, Global, Reducer, Resolution, Task, Whole, refuse_reserved};
use crate::diagnostic::Diagnostic;
use crate::keywords::is_constant;
use crate::parser::{AstId, Syntax};
use expr::Fold;

/// The function of whole arrays of this name, and how many arrays it takes.
pub(super) fn whole(name: &str) -> Option<(Whole, usize)> {
    Some(match name {
        "sum" => (Whole::Sum, 1),
        "mean" => (Whole::Mean, 1),
        "var" => (Whole::Var, 1),
        "norm" => (Whole::Norm, 1),
        "dot" => (Whole::Dot, 2),
        "softmax" => (Whole::Softmax, 1),
        "logsumexp" => (Whole::LogSumExp, 1),
        "max" => (Whole::Max, 1),
        "min" => (Whole::Min, 1),
        "transpose" => (Whole::Transpose, 1),
        _ => return None,
    })
}

impl<'p> Resolution<'p> {
    /// `[i: 1..m, j: 1..n] body`.
    pub(super) fn array(&mut self, id: AstId, tasks: &mut Vec<Task<'p>>) -> Result<(), Diagnostic> {
        let children = &self.program.nodes[id].children;
        let body = children[children.len() - 1];
        let mut steps = self.header(id)?;
        let Syntax::Array(indices) = &self.program.nodes[id].syntax else { unreachable!("an array") };
        steps.extend([Task::Visit { node: body, index: false }, Task::Unbind(indices.len())]);
        tasks.extend(steps.into_iter().rev());
        Ok(())
    }

    /// What reading a header takes, in order: each range may speak of the index variables before it.
    pub(super) fn header(&self, id: AstId) -> Result<Vec<Task<'p>>, Diagnostic> {
        let node = &self.program.nodes[id];
        let (Syntax::Array(indices) | Syntax::State(_, indices)) = &node.syntax else {
            unreachable!("what has a header")
        };
        let mut steps = Vec::new();
        for (k, index) in indices.iter().enumerate() {
            refuse_reserved(index, &node.head)?;
            if indices[..k].contains(index) {
                let message = format!("{index} is bound twice in one array");
                return Err(Diagnostic::at(node.head.clone(), message, "two meanings"));
            }
            steps.extend(
                node.children[2 * k..2 * k + 2].iter().map(|&node| Task::Visit { node, index: true }),
            );
            steps.push(Task::Bind(vec![(index, Binding::Index)]));
        }
        Ok(steps)
    }

    /// What a call with four arguments reduces over its first one, if it does.
    pub(super) fn reducer(&self, id: AstId, name: &str) -> Result<Option<Reducer>, Diagnostic> {
        let node = &self.program.nodes[id];
        match name {
            "sum" => return Ok(Some(Reducer::Fold(Fold::Sum))),
            "prod" => return Ok(Some(Reducer::Fold(Fold::Product))),
            "mean" => return Ok(Some(Reducer::Mean)),
            _ => {}
        }
        let fold = match name {
            "max" => Fold::Max,
            "min" => Fold::Min,
            _ => return Ok(None),
        };
        let [first, low, high, body] = *node.children else { return Ok(None) };
        let Syntax::Name(index) = &self.program.nodes[first].syntax else { return Ok(None) };
        let parameters = self.program.statements[self.statement].parameters.iter().flatten();
        let bound = self.binding(index).is_some()
            || { parameters }.any(|parameter| parameter.name == *index)
            || matches!(self.globals.get(index.as_str()), Some(Global::Value(..)))
            || is_constant(index);
        if bound {
            return Ok(None);
        }
        match self.occurrences(index, body) {
            (_, true) => Ok(Some(Reducer::Fold(fold))),
            (false, false) => Ok(None),
            (true, false) => {
                let message = format!("{name} of four values, or over the index {index}?");
                let text = |id: AstId| self.text[self.program.nodes[id].place.clone()].to_owned();
                let (low, high, body) = (text(low), text(high), text(body));
                Err(Diagnostic::at(node.place.clone(), message, "could be both").help(format!(
                    "write {name}([{index}: {low}..{high}] {body}) over the index, or \
                     {name}({name}({index}, {low}), {name}({high}, {body})) of four values"
                )))
            }
        }
    }

    /// Whether a name occurs free in an expression, and whether it does in index brackets.
    fn occurrences(&self, name: &str, id: AstId) -> (bool, bool) {
        let (mut outside, mut inside) = (false, false);
        let mut todo = vec![(id, false)];
        while let Some((id, index)) = todo.pop() {
            let node = &self.program.nodes[id];
            let is = |id: AstId| matches!(&self.program.nodes[id].syntax, Syntax::Name(own) if own == name);
            match &node.syntax {
                Syntax::Name(own) if own == name => {
                    outside |= !index;
                    inside |= index;
                }
                Syntax::Subscript(_) => todo.extend(node.children.iter().map(|&child| (child, true))),
                Syntax::Pick => {
                    todo.push((node.children[0], index));
                    todo.extend(node.children[1..].iter().map(|&child| (child, true)));
                }
                // Bound anew: only the bounds of the first index variable may mean it.
                Syntax::Array(indices) if indices.iter().any(|own| own == name) => {
                    todo.extend(node.children[..2].iter().map(|&child| (child, index)));
                }
                Syntax::Call(_) if node.children.len() >= 4 && is(node.children[0]) => {
                    todo.extend(node.children[1..3].iter().map(|&child| (child, index)));
                }
                _ => todo.extend(node.children.iter().map(|&child| (child, index))),
            }
        }
        (outside, inside)
    }

    /// A function of whole arrays: a name by itself is a vector.
    pub(super) fn whole(
        &mut self,
        id: AstId,
        whole: Whole,
        tasks: &mut Vec<Task<'p>>,
    ) -> Result<(), Diagnostic> {
        for &argument in &self.program.nodes[id].children {
            match &self.program.nodes[argument].syntax {
                Syntax::Name(name) if whole != Whole::Transpose => {
                    self.mention_whole(name, self.program.nodes[argument].place.clone())?;
                }
                _ => tasks.push(Task::Visit { node: argument, index: false }),
            }
        }
        self.resolve(id, super::Call::Whole(whole));
        Ok(())
    }
}
