//! Iterations in programs: states that begin as something and are replaced in a loop, and what is kept of every step.

use expr::index::{Index, Symbol};
use expr::{Axis, Node, NodeId};

use super::{Array, Block, Goal, Line, Piece, Planner, Sink, bit};
use crate::Inexpressible;

impl Planner<'_, '_> {
    /// A state of the innermost iteration over an axis.
    pub(super) fn state(&self, axis: Axis, k: u32) -> &Array {
        let known = self.states.iter().rev().find(|(known, _)| *known == axis);
        &known.expect("states are read in their iteration").1[k as usize]
    }

    /// Writes an iteration; its results are known afterwards.
    pub(super) fn iteration(&mut self, id: NodeId) -> Result<(), Inexpressible> {
        let graph = self.f.graph();
        let scope = graph.scope(id).expect("an iteration binds an axis");
        let Node::Iterate(iteration) = graph.node(id) else { unreachable!("it is an iteration") };
        let (axis, down) = (scope.range.axis, graph.is_falling(iteration));
        let (nexts, eaches) = scope.inside.split_at(scope.outside.len());
        let own = Index::from(Symbol::Axis(axis));
        let mut states: Vec<Array> = Vec::new();
        for (k, (word, &init)) in graph.axis_names(axis).states.iter().zip(scope.outside).enumerate() {
            let state = match self.is_array(init) {
                true => {
                    let shape = self.shape(init)?;
                    let state = self.allocated(word, &shape);
                    let lines = self.copied(&state, &[], init)?;
                    lines.into_iter().for_each(|line| self.line(line));
                    state
                }
                false => {
                    let name = self.names.make(word);
                    let start = self.piece(init, true)?.text;
                    let stays = graph.node(nexts[k]) == Node::State(axis, k as u32);
                    self.line(match stays {
                        true => Line::Define(name.clone(), start),
                        false => Line::Variable(name.clone(), start),
                    });
                    Array { name, extents: Vec::new(), lows: Vec::new() }
                }
            };
            states.push(state);
        }
        let mut kept = Vec::new();
        for &each in eaches {
            let mut shape = vec![scope.range.into()];
            shape.extend(self.shape(each)?);
            let word = self.fresh();
            kept.push(self.allocated(&word, &shape));
        }
        // A state that is an array goes on beside what it was.
        let mut following: Vec<Option<Array>> = Vec::new();
        for (state, &next) in states.iter().zip(nexts) {
            let own = self.is_array(next) && !matches!(graph.node(next), Node::State(of, _) if of == axis);
            following.push(match own {
                true => {
                    let shape = self.shape(next)?;
                    Some(self.allocated(&format!("{}_next", state.name), &shape))
                }
                false => None,
            });
        }

        let index = self.index_name(Symbol::Axis(axis));
        self.symbols.push((Symbol::Axis(axis), index.clone()));
        self.states.push((axis, states.clone()));
        self.blocks.push(Block { bound: bit(Symbol::Axis(axis)), ..Block::default() });
        let mut goals = Vec::new();
        let mut copies: Vec<(Array, Vec<Index>, NodeId)> = Vec::new();
        for (k, (&next, following)) in nexts.iter().zip(&following).enumerate() {
            match following {
                None if self.is_array(next) => {}
                None => goals.push(Goal { loops: Vec::new(), node: next, sink: Sink::Give(k) }),
                Some(array) => self.whole_array(array, Vec::new(), next, &mut goals, &mut copies),
            }
        }
        for (array, &each) in kept.iter().zip(eaches) {
            self.whole_array(array, vec![own.clone()], each, &mut goals, &mut copies);
        }
        let given = self.block(goals)?;
        for (array, position, from) in copies {
            let lines = self.copied(&array, &position, from)?;
            lines.into_iter().for_each(|line| self.line(line));
        }
        let changed: Vec<(usize, Piece)> =
            given.into_iter().filter(|(k, next)| next.text != states[*k].name).collect();
        // All at once: with several states each next is computed from those before.
        let several = changed.len() > 1;
        let mut assigned = Vec::new();
        for (k, next) in changed {
            let mut text = next.text;
            if several {
                let name = self.fresh();
                self.line(Line::Define(name.clone(), text));
                text = name;
            }
            assigned.push(Line::Assign(states[k].name.clone(), text));
        }
        for (state, following) in states.iter().zip(&following) {
            if let Some(following) = following {
                assigned.extend(self.copied_between((state, &[]), (following, &[])));
            }
        }
        let mut body = self.blocks.pop().expect("it was put there").lines;
        body.extend(assigned);
        self.symbols.pop();
        self.states.pop();
        self.names.release(&index);
        let line = self.loop_over(index, &scope.range.low, &scope.range.high, down, body);
        self.line(line);
        states.extend(kept);
        self.blocks.last_mut().expect("a block").results.insert(id, states);
        Ok(())
    }

    /// What sets an array behind these positions: a goal where a nest says what the elements are, else a copy.
    fn whole_array(
        &mut self,
        array: &Array,
        position: Vec<Index>,
        node: NodeId,
        goals: &mut Vec<Goal>,
        copies: &mut Vec<(Array, Vec<Index>, NodeId)>,
    ) {
        let (ranges, body) = self.nest(node);
        if self.is_array(body) {
            copies.push((array.clone(), position, node));
        } else {
            let goal = self.filled(array.clone(), &ranges, position, body);
            goals.push(goal);
        }
    }
}
