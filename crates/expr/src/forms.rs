//! The index forms that nodes speak of, and what these mention: index variables, sizes and data.

use crate::Op;
use crate::graph::{AxisRange, Graph, Role};
use crate::index::{Datum, Index, Symbol};
use crate::node::{BlockId, Node, NodeId, PositionId};
use crate::scatter::{Scatter, Shape};

/// A whole number that is written with more nodes than this is not read as an index form.
const MOST_OF_A_FORM: usize = 64;

impl Graph {
    /// An index form of this graph as it is written.
    pub fn index_text(&self, form: &Index) -> String {
        form.text(|symbol| match symbol {
            Symbol::Size(size) => self.sizes()[size as usize].clone(),
            Symbol::Axis(axis) => self.axis_names(axis).index.clone(),
            Symbol::Datum(k) => {
                let Datum { block, position } = &form.data()[k as usize];
                let indices: Vec<String> = position.iter().map(|form| self.index_text(form)).collect();
                format!("{}[{}]", self.block(*block).name, indices.join(","))
            }
        })
    }

    /// Every index form that a node speaks of: of its position, its range, its parts.
    pub fn forms(&self, id: NodeId) -> impl Iterator<Item = &Index> {
        let mut positions: Vec<PositionId> = Vec::new();
        let mut ranges: Vec<&AxisRange> = self.scope(id).map(|scope| scope.range).into_iter().collect();
        match self.node(id) {
            Node::Read(_, position) | Node::Element(_, position) => positions.push(position),
            Node::Scatter(scatter) => {
                let Scatter { shape, parts, .. } = self.scatter(scatter);
                positions.extend(parts.iter().map(|part| part.position));
                if let Shape::Ranges(all) = shape {
                    ranges.extend(all.iter().map(|range| self.range(*range)));
                }
            }
            _ => {}
        }
        let positions = positions.into_iter().flat_map(|position| self.position(position));
        positions.chain(ranges.into_iter().flat_map(|range| [&range.low, &range.high]))
    }

    /// Visits every read of an indexed input, in nodes and in the index forms of nodes.
    pub fn each_read(&self, mut visit: impl FnMut(NodeId, BlockId, &[Index])) {
        for id in self.ids() {
            self.each_read_of(id, |block, position| visit(id, block, position));
        }
    }

    /// The same of one node.
    pub(crate) fn each_read_of(&self, id: NodeId, mut visit: impl FnMut(BlockId, &[Index])) {
        if let Node::Read(block, position) = self.node(id) {
            visit(block, self.position(position));
        }
        for form in self.forms(id) {
            form.each_datum(&mut |datum| visit(datum.block, &datum.position));
        }
    }

    /// What a node is as a whole number, if it is made of sizes, index variables and integers, and of few of them.
    ///
    /// ```
    /// let f = syntax::parse("sum(i, 1, n, 2*i - n)").unwrap();
    /// let body = f.graph().children(f.outputs()[0])[0];
    /// assert_eq!(f.graph().index_text(&f.graph().index_form(body).unwrap()), "2*i-n");
    /// ```
    pub fn index_form(&self, id: NodeId) -> Option<Index> {
        self.index_form_within(id, &mut { MOST_OF_A_FORM })
    }

    /// Of a comparison of whole numbers what is at least 0 where it holds, and what is where it does not: of an equality two forms on
    /// one side and none on the other.
    ///
    /// ```
    /// let f = syntax::parse("sum(i, 1, n, if(i < n, x[i], 0))").unwrap();
    /// let g = f.graph();
    /// let condition = g.children(g.children(f.outputs()[0])[0])[0];
    /// let sides = g.comparison(condition).unwrap().map(|forms| g.index_text(&forms[0]));
    /// assert_eq!(sides, ["n-i-1", "i-n"]);
    /// ```
    pub fn comparison(&self, condition: NodeId) -> Option<[Vec<Index>; 2]> {
        let Node::Binary(op, [a, b]) = self.node(condition) else { return None };
        let room = self.index_form(b)?.minus(&self.index_form(a)?)?;
        let back = room.times(&(-1).into())?;
        let more = |form: &Index| form.minus(&1.into());
        Some(match op {
            Op::Lt => [vec![more(&room)?], vec![back]],
            Op::Le => [vec![room.clone()], vec![more(&back)?]],
            Op::Gt => [vec![more(&back)?], vec![room]],
            Op::Ge => [vec![back.clone()], vec![more(&room)?]],
            Op::Eq => [vec![room, back], Vec::new()],
            Op::Ne => [Vec::new(), vec![room, back]],
            _ => return None,
        })
    }

    fn index_form_within(&self, id: NodeId, left: &mut usize) -> Option<Index> {
        *left = left.checked_sub(1)?;
        match self.node(id) {
            Node::Symbol(symbol) => Some(symbol.into()),
            Node::Const(constant) => self.constant(constant).as_integer().map(Index::from),
            Node::Unary(Op::Neg, [a]) => self.index_form_within(a, left)?.times(&(-1).into()),
            Node::Binary(op @ (Op::Add | Op::Sub | Op::Mul), [a, b]) => {
                let (a, b) = (self.index_form_within(a, left)?, self.index_form_within(b, left)?);
                match op {
                    Op::Add => a.plus(&b),
                    Op::Sub => a.minus(&b),
                    _ => a.times(&b),
                }
            }
            _ => None,
        }
    }

    /// Which blocks are looked up in index forms.
    pub fn blocks_in_forms(&self) -> Vec<bool> {
        let mut found = vec![false; self.blocks().len()];
        for form in self.ids().flat_map(|id| self.forms(id)) {
            form.each_datum(&mut |datum| found[datum.block.index()] = true);
        }
        found
    }

    /// Which blocks are data that any node needs.
    pub fn used_data(&self) -> Vec<bool> {
        let mut used = vec![false; self.blocks().len()];
        for node in self.nodes() {
            if let Node::Input(block, _) = *node {
                used[block.index()] = true;
            }
        }
        self.each_read(|_, block, _| used[block.index()] = true);
        used.iter_mut().zip(self.blocks()).for_each(|(used, block)| *used &= block.role == Role::Data);
        used
    }

    /// Which sizes any node mentions, or declared lengths of inputs.
    pub fn used_sizes(&self) -> Vec<bool> {
        let mut used = vec![false; self.sizes().len()];
        if used.is_empty() {
            return used;
        }
        let mut mark = |symbol| {
            if let Symbol::Size(size) = symbol {
                used[size as usize] = true;
            }
        };
        for id in self.ids() {
            if let Node::Symbol(symbol) = self.node(id) {
                mark(symbol);
            }
            self.forms(id).flat_map(Index::symbols).for_each(&mut mark);
        }
        let declared = self.blocks().iter().flat_map(|block| block.declared.iter().flatten());
        declared.flat_map(Index::symbols).for_each(&mut mark);
        used
    }
}
