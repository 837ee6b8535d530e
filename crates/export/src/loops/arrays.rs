//! Arrays in programs: where they are kept, and how their elements are read.

use expr::graph::Graph;
use expr::index::Index;
use expr::{Node, NodeId, Shape};

use super::{Array, Extent, Goal, Line, Planner, Range, Sink, symbols_of};
use crate::Inexpressible;
use crate::loops::emit::Member;

/// Per node, how many indices it has; none of a number.
pub(super) fn ranks(graph: &Graph) -> Vec<usize> {
    let mut ranks = vec![0usize; graph.len()];
    // A state may start as one of an iteration around it, whose states come later.
    loop {
        let mut changed = false;
        let mut states: std::collections::HashMap<_, usize> = std::collections::HashMap::new();
        for id in graph.ids() {
            if let Node::Iterate(iteration) = graph.node(id) {
                let axis = graph.iteration_range(iteration).axis;
                let inits = &graph.children(id)[..graph.state_count(iteration)];
                states.extend(
                    inits.iter().enumerate().map(|(k, init)| ((axis, k as u32), ranks[init.index()])),
                );
            }
        }
        for id in graph.ids() {
            let of = |child: NodeId| ranks[child.index()];
            let rank = match graph.node(id) {
                Node::Array(_, [body]) => of(body) + 1,
                Node::Element([array], position) => of(array).saturating_sub(graph.position(position).len()),
                Node::State(axis, k) => states.get(&(axis, k)).copied().unwrap_or(0),
                Node::Project([all], k) => {
                    let Node::Iterate(iteration) = graph.node(all) else {
                        unreachable!("results are of iterations")
                    };
                    let (k, count) = (k as usize, graph.state_count(iteration));
                    let children = graph.children(all);
                    if k < count { of(children[k]) } else { 1 + of(children[count + k]) }
                }
                _ => 0,
            };
            changed |= ranks[id.index()] != rank;
            ranks[id.index()] = rank;
        }
        if !changed {
            return ranks;
        }
    }
}

impl Planner<'_, '_> {
    pub(super) fn is_array(&self, id: NodeId) -> bool {
        self.ranks[id.index()] > 0
    }

    /// The ranges of arrays directly inside each other, and what they are made of.
    pub(super) fn nest(&self, id: NodeId) -> (Vec<Range>, NodeId) {
        let graph = self.f.graph();
        let (mut ranges, mut body) = (Vec::new(), id);
        while let Node::Array(range, [inner]) = graph.node(body) {
            ranges.push(graph.range(range).into());
            body = inner;
        }
        (ranges, body)
    }

    /// The indices of an array: of a number none.
    pub(super) fn shape(&self, id: NodeId) -> Result<Vec<Range>, Inexpressible> {
        let graph = self.f.graph();
        let state = |axis, k: u32| {
            let iteration = graph.ids().find_map(|id| {
                let scope = graph.scope(id).filter(|scope| scope.range.axis == axis)?;
                matches!(graph.node(id), Node::Iterate(_)).then_some(scope)
            });
            let start = iteration.expect("states belong to an iteration").outside[k as usize];
            Some(graph.shape(start, &|_, _| None))
        };
        let Shape::Ranges(ranges) = graph.shape(id, &state) else {
            unreachable!("scatters are no part of the language")
        };
        let ranges: Vec<Range> = ranges.iter().map(|range| graph.range(*range).into()).collect();
        let own = ranges.iter().fold(super::Symbols::default(), |all, range| all | super::bit(range.symbol));
        if ranges.iter().any(|range| !(symbols_of([&range.low, &range.high]) & own).is_empty()) {
            return Err(Inexpressible::Shape("an array whose length depends on its own index"));
        }
        Ok(ranges)
    }

    /// A new array with these indices; of none, just a name.
    pub(super) fn allocated(&mut self, word: &str, shape: &[Range]) -> Array {
        let extent = |range: &Range| {
            let length = range.high.minus(&range.low).and_then(|length| length.plus(&1.into()));
            Extent::Form(length.expect("the length of a range does not overflow"))
        };
        let array = Array {
            name: self.names.own(word),
            extents: shape.iter().map(extent).collect(),
            lows: shape.iter().map(|range| range.low.clone()).collect(),
        };
        if !shape.is_empty() {
            let extents = array.extents.iter().map(|extent| self.extent(extent).within(4, ("(", ")")));
            let line = Line::Array(array.name.clone(), extents.collect());
            self.line(line);
        }
        array
    }

    /// What fills an array node: a member of the loops of its level.
    pub(super) fn filling(&mut self, id: NodeId) -> Result<Member, Inexpressible> {
        let (ranges, body) = self.nest(id);
        if self.is_array(body) {
            return Err(Inexpressible::Shape("an array of parts of arrays"));
        }
        let shape = self.shape(id)?;
        let word = self.f.graph().name(id).map_or_else(|| self.fresh(), str::to_owned);
        let array = self.allocated(&word, &shape);
        self.blocks.last_mut().expect("arrays belong to a block").arrays.insert(id, array.clone());
        let goal = self.filled(array, &ranges, Vec::new(), body);
        let (range, rest) = goal.loops.split_first().expect("an array has an index");
        Ok(Member { range: range.clone(), goal: Goal { loops: rest.to_vec(), ..goal.clone() }, result: None })
    }

    /// The goal that sets the elements of an array, behind these positions.
    pub(super) fn filled(
        &mut self,
        array: Array,
        loops: &[Range],
        mut position: Vec<Index>,
        node: NodeId,
    ) -> Goal {
        position.extend(loops.iter().map(|range| Index::from(range.symbol)));
        self.arrays.push(array);
        let sink = Sink::Element { array: self.arrays.len() - 1, position, add: false };
        Goal { loops: loops.to_vec(), node, sink }
    }

    /// Where the elements of an array are: an array in the program, and the first positions in it.
    fn located(&self, id: NodeId) -> (Array, Vec<Index>) {
        let graph = self.f.graph();
        let found = match graph.node(id) {
            Node::Element([array], position) => {
                let (array, mut first) = self.located(array);
                first.extend_from_slice(graph.position(position));
                return (array, first);
            }
            Node::State(axis, k) => Some(self.state(axis, k).clone()),
            Node::Project([all], k) => {
                let results = self.known(all, |block| block.results.get(&all).cloned());
                results.map(|results| results[k as usize].clone())
            }
            _ => self.known(id, |block| block.arrays.get(&id).cloned()),
        };
        (found.expect("arrays are written before their elements are read"), Vec::new())
    }

    /// An element of an array that has been written.
    pub(super) fn element_of(&self, array: NodeId, position: &[Index]) -> super::Piece {
        let (array, mut first) = self.located(array);
        first.extend_from_slice(position);
        self.element(&array, &first)
    }

    /// Lines that copy an array, behind these positions.
    pub(super) fn copied(
        &mut self,
        to: &Array,
        position: &[Index],
        from: NodeId,
    ) -> Result<Vec<Line>, Inexpressible> {
        let (from, first) = self.located(from);
        Ok(self.copied_between((to, position), (&from, &first)))
    }

    /// The same between two arrays.
    pub(super) fn copied_between(
        &mut self,
        (to, to_first): (&Array, &[Index]),
        (from, from_first): (&Array, &[Index]),
    ) -> Vec<Line> {
        let rank = to.extents.len() - to_first.len();
        // Places from 0 on, as the language counts them.
        let indices: Vec<String> = (0..rank).map(|_| self.names.make("at")).collect();
        let place = |array: &Array, first: &[Index]| {
            let front = first.iter().enumerate().map(|(k, form)| {
                let low = array.lows.get(k).cloned().unwrap_or_else(|| 1.into());
                self.whole(&form.minus(&low).expect("a difference of two positions does not overflow"))
            });
            let places: Vec<super::Piece> =
                front.chain(indices.iter().map(|index| super::Piece::atom(index.clone()))).collect();
            let extents: Vec<super::Piece> =
                array.extents.iter().skip(1).map(|extent| self.extent(extent)).collect();
            (self.syntax.element)(&array.name, &places, &extents)
        };
        let mut lines = vec![Line::Assign(place(to, to_first), place(from, from_first))];
        for (index, extent) in indices.iter().zip(&to.extents[to_first.len()..]).rev() {
            let Extent::Form(length) = extent else {
                unreachable!("arrays of the program have known lengths")
            };
            let high = self.whole(&length.minus(&1.into()).expect("a length does not overflow by 1")).text;
            let end = self.whole(length).text;
            lines = vec![Line::Loop {
                index: index.clone(),
                low: "0".to_owned(),
                high,
                end,
                down: false,
                body: lines,
            }];
        }
        indices.iter().for_each(|index| self.names.release(index));
        lines
    }
}
