//! From a plan to lines.

use std::collections::BTreeMap;

use expr::index::{Index, Symbol};
use expr::{Fold, Form, Node, NodeId, Op};

use super::plan::Plan;
use super::{Block, Goal, Line, Planner, Range, Sink, bit};
use crate::Inexpressible;
use crate::statements::{Language, Piece};

/// More characters than this do not stand in one expression.
const LONGEST: usize = 90;

/// A condition, of any number that it is not 0.
fn tested(condition: &Piece) -> String {
    condition.test.clone().unwrap_or_else(|| format!("{} != 0.0", condition.within(2, ("(", ")"))))
}

/// What one loop does for one of those that it computes.
pub(super) struct Member {
    pub(super) range: Range,
    pub(super) goal: Goal,
    /// The sum, product or extreme that it computes, and the variable for it.
    pub(super) result: Option<(NodeId, String)>,
}

impl Planner<'_, '_> {
    /// Writes what reaches the goals into the innermost block; gives those that are results.
    pub(super) fn block(&mut self, goals: Vec<Goal>) -> Result<BTreeMap<usize, Piece>, Inexpressible> {
        let graph = self.f.graph();
        // What is added under a condition on indices is not added elsewhere: the element may not be there.
        let (goals, guarded): (Vec<Goal>, Vec<Goal>) =
            goals.into_iter().partition(|goal| self.guard(goal).is_none());
        let plan = self.plan(&goals);
        let most = plan.level.values().chain(&plan.goal_level).copied().max().unwrap_or(0);
        for level in 0..=most {
            let at = |id: &&NodeId| plan.level.get(id) == Some(&level);
            let mut members: Vec<Member> = Vec::new();
            for &id in plan.here.iter().filter(at) {
                let (fold, range, body, name) = match graph.node(id) {
                    Node::Reduce(fold, range, [body]) => (fold, range, body, self.fresh()),
                    Node::Array(..) => {
                        let member = self.filling(id)?;
                        members.push(member);
                        continue;
                    }
                    _ => continue,
                };
                let start = match fold.neutral() {
                    Some(neutral) => self.writer.constant(&neutral, true).text,
                    None => format!("{}{}", if fold == Fold::Max { "-" } else { "" }, self.syntax.infinity),
                };
                let sink = Sink::Accumulate(name.clone(), fold);
                self.line(Line::Variable(name.clone(), start));
                members.push(Member {
                    range: graph.range(range).into(),
                    goal: Goal { loops: Vec::new(), node: body, sink },
                    result: Some((id, name)),
                });
            }
            for (goal, own) in goals.iter().zip(&plan.goal_level) {
                if let Some((range, rest)) = goal.loops.split_first().filter(|_| *own == level) {
                    let goal = Goal { loops: rest.to_vec(), ..goal.clone() };
                    members.push(Member { range: range.clone(), goal, result: None });
                }
            }
            self.loops(members)?;
            for &id in plan.here.iter().filter(at) {
                match graph.node(id) {
                    Node::Reduce(..) => {}
                    Node::Iterate(_) => self.iteration(id)?,
                    _ if self.is_array(id) => {}
                    _ => self.straight(id, &plan)?,
                }
            }
        }
        let mut results = BTreeMap::new();
        for goal in goals.iter().filter(|goal| goal.loops.is_empty()) {
            let piece = self.piece(goal.node, true)?;
            match &goal.sink {
                Sink::Give(k) => {
                    results.insert(*k, piece);
                }
                Sink::Accumulate(name, fold) => {
                    let line = match fold {
                        Fold::Sum => Line::Update(name.clone(), "+=", piece.text),
                        Fold::Product => Line::Update(name.clone(), "*=", piece.text),
                        Fold::Max | Fold::Min => {
                            let extreme =
                                self.writer.apply(fold.op(), &[Piece::atom(name.clone()), piece])?;
                            Line::Assign(name.clone(), extreme.text)
                        }
                    };
                    self.line(line);
                }
                Sink::Element { array, position, add } => {
                    let target = self.element(&self.arrays[*array], position).text;
                    self.line(match add {
                        true => Line::Update(target, "+=", piece.text),
                        false => Line::Assign(target, piece.text),
                    });
                }
            }
        }
        self.guarded(guarded)?;
        Ok(results)
    }

    /// The condition under which an element receives something, and what.
    fn guard(&self, goal: &Goal) -> Option<(NodeId, bool, NodeId)> {
        let graph = self.f.graph();
        let zero = |id: NodeId| self.f.graph().index_form(id) == Some(0.into());
        match (graph.node(goal.node), &goal.sink) {
            (Node::Ternary(Op::Select, [condition, a, b]), Sink::Element { add: true, .. })
                if goal.loops.is_empty() && self.is_lazy(goal.node) =>
            {
                match (zero(a), zero(b)) {
                    (_, true) => Some((condition, true, a)),
                    (true, _) => Some((condition, false, b)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Goals under conditions, those of one condition together.
    fn guarded(&mut self, goals: Vec<Goal>) -> Result<(), Inexpressible> {
        let mut groups: Vec<((NodeId, bool), Vec<Goal>)> = Vec::new();
        for goal in goals {
            let (condition, holds, node) = self.guard(&goal).expect("they are under a condition");
            let goal = Goal { node, ..goal };
            match groups.iter_mut().find(|(known, _)| *known == (condition, holds)) {
                Some((_, group)) => group.push(goal),
                None => groups.push(((condition, holds), vec![goal])),
            }
        }
        for ((condition, holds), group) in groups {
            let condition = self.piece(condition, true)?;
            self.blocks.push(Block::default());
            self.block(group)?;
            let lines = self.blocks.pop().expect("it was put there").lines;
            let (then, otherwise) = if holds { (lines, Vec::new()) } else { (Vec::new(), lines) };
            self.line(Line::If { test: tested(&condition), then, otherwise });
        }
        Ok(())
    }

    pub(super) fn line(&mut self, line: Line) {
        self.blocks.last_mut().expect("lines belong to a block").lines.push(line);
    }

    /// Loops of one level: those over the same range are one.
    fn loops(&mut self, members: Vec<Member>) -> Result<(), Inexpressible> {
        let mut groups: Vec<Vec<Member>> = Vec::new();
        for member in members {
            let fits = |group: &Vec<Member>| {
                let first = &group[0].range;
                // One of them may depend on an axis around it that another binds anew.
                let outer = |member: &Member| self.free[member.goal.node.index()] - bit(member.range.symbol);
                (&first.low, &first.high) == (&member.range.low, &member.range.high)
                    && group.iter().all(|other| {
                        (outer(other) & bit(member.range.symbol)).is_empty()
                            && (outer(&member) & bit(other.range.symbol)).is_empty()
                    })
            };
            match groups.iter_mut().find(|group| fits(group)) {
                Some(group) => group.push(member),
                None => groups.push(vec![member]),
            }
        }
        for group in groups {
            let Range { symbol, low, high } = group[0].range.clone();
            let index = self.index_name(symbol);
            let before = self.symbols.len();
            let mut block = Block::default();
            for member in &group {
                block.bound |= bit(member.range.symbol);
                self.symbols.push((member.range.symbol, index.clone()));
            }
            self.blocks.push(block);
            self.block(group.iter().map(|member| member.goal.clone()).collect())?;
            let body = self.blocks.pop().expect("it was put there").lines;
            self.symbols.truncate(before);
            self.names.release(&index);
            let line = self.loop_over(index, &low, &high, false, body);
            self.line(line);
            for (id, name) in group.into_iter().filter_map(|member| member.result) {
                self.put(id, Piece::atom(name));
            }
        }
        Ok(())
    }

    /// A loop from one whole number to another, or the other way round.
    pub(super) fn loop_over(
        &self,
        index: String,
        low: &Index,
        high: &Index,
        down: bool,
        body: Vec<Line>,
    ) -> Line {
        let end = if down { low.minus(&1.into()) } else { high.plus(&1.into()) };
        let end = self.whole(&end.expect("an index form does not overflow by 1")).text;
        Line::Loop { index, low: self.whole(low).text, high: self.whole(high).text, end, down, body }
    }

    /// A name for an index variable, which is free again after its loop.
    pub(super) fn index_name(&mut self, symbol: Symbol) -> String {
        let graph = self.f.graph();
        let word = match symbol {
            Symbol::Axis(axis) => graph.axis_names(axis).index.clone(),
            Symbol::Size(size) => graph.sizes()[size as usize].clone(),
            Symbol::Datum(_) => unreachable!("nothing binds a datum"),
        };
        self.names.make(&word)
    }

    fn put(&mut self, id: NodeId, piece: Piece) {
        self.blocks.last_mut().expect("pieces belong to a block").pieces.insert(id, piece);
    }

    /// A node that is an expression, bound to a name where it is shared or long.
    fn straight(&mut self, id: NodeId, plan: &Plan) -> Result<(), Inexpressible> {
        if self.is_leaf(id) {
            return Ok(());
        }
        let mut piece = self.written(id)?;
        let uses = plan.uses.get(&id).copied().unwrap_or(0);
        let short_test = piece.test.is_some() && piece.text.len() < 24;
        let is_state = matches!(self.f.graph().node(id), Node::Project(..));
        if !is_state && (uses > 1 && !short_test || piece.text.len() > LONGEST) && !self.literal[id.index()] {
            let name = self.fresh();
            self.line(Line::Define(name.clone(), piece.text));
            piece = Piece::atom(name);
        }
        self.put(id, piece);
        Ok(())
    }

    /// What a node is called, or how it is written. `typed` where nothing else says what kind of number it is.
    pub(super) fn piece(&mut self, id: NodeId, typed: bool) -> Result<Piece, Inexpressible> {
        if let Some(piece) = self.known(id, |block| block.pieces.get(&id).cloned()) {
            return Ok(piece);
        }
        let graph = self.f.graph();
        Ok(match graph.node(id) {
            Node::Const(constant) => self.writer.constant(graph.constant(constant), typed),
            Node::Input(block, offset) => {
                let array = &self.inputs[block.index()];
                match array.extents.len() {
                    0 => Piece::atom(array.name.clone()),
                    _ => self.element(array, &[Index::from(i64::from(offset) + 1)]),
                }
            }
            Node::Read(block, position) => {
                self.element(&self.inputs[block.index()], graph.position(position))
            }
            Node::State(axis, k) => Piece::atom(self.state(axis, k).name.clone()),
            _ => match &self.f.graph().index_form(id) {
                Some(form) => (self.syntax.number)(&self.whole(form)),
                None => self.written(id)?,
            },
        })
    }

    /// An expression in terms of its arguments.
    fn written(&mut self, id: NodeId) -> Result<Piece, Inexpressible> {
        let graph = self.f.graph();
        let children = graph.children(id).to_vec();
        match graph.node(id) {
            Node::Project([all], k) => {
                let variables = self.known(all, |block| block.results.get(&all).cloned());
                let results = variables.expect("iterations come before their results");
                return Ok(Piece::atom(results[k as usize].name.clone()));
            }
            Node::Element([array], position) => return Ok(self.element_of(array, graph.position(position))),
            Node::Ternary(Op::Select, [condition, a, b]) if self.is_lazy(id) => {
                return self.branches(condition, [a, b]);
            }
            _ => {}
        }
        let node = graph.node(id);
        let op = node.op().expect("loops are written on their own");
        // Conditions on indices are whole numbers.
        if let (Form::Infix(sign, 1), Node::Binary(_, [a, b])) = (op.form(), node)
            && let (Some(a), Some(b)) = (graph.index_form(a), graph.index_form(b))
        {
            let test = format!("{} {sign} {}", self.whole(&a).text, self.whole(&b).text);
            return Ok((self.syntax.dialect.truth)(&test));
        }
        let literal = self.literal[id.index()];
        let call = !matches!(op.form(), Form::Infix(_, 2 | 3));
        let arguments = { children.iter().enumerate() }
            .map(|(k, &child)| self.piece(child, literal || call && k == 0))
            .collect::<Result<Vec<_>, _>>()?;
        self.writer.apply(op, &arguments)
    }

    /// A choice of which only the branch that is taken is computed: an expression where both are, else a statement.
    fn branches(&mut self, condition: NodeId, branches: [NodeId; 2]) -> Result<Piece, Inexpressible> {
        let condition = self.piece(condition, true)?;
        let mut written = Vec::new();
        for branch in branches {
            self.blocks.push(Block::default());
            let goal = Goal { loops: Vec::new(), node: branch, sink: Sink::Give(0) };
            let piece = self.block(vec![goal])?.remove(&0).expect("a goal is reached");
            written.push((self.blocks.pop().expect("it was put there").lines, piece));
        }
        let (b_lines, b) = written.pop().expect("two branches");
        let (a_lines, a) = written.pop().expect("two branches");
        if a_lines.is_empty() && b_lines.is_empty() {
            return self.writer.apply(Op::Select, &[condition, a, b]);
        }
        let name = self.fresh();
        self.line(Line::Declare(name.clone()));
        let with = |mut lines: Vec<Line>, piece: Piece| {
            lines.push(Line::Assign(name.clone(), piece.text));
            lines
        };
        let test = tested(&condition);
        let (then, otherwise) = (with(a_lines, a), with(b_lines, b));
        self.line(Line::If { test, then, otherwise });
        Ok(Piece::atom(name))
    }
}
