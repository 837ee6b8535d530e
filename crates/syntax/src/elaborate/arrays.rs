//! Arrays: headers bind index variables, bodies say what the elements are, and names stand for whole arrays.
//!
//! What is bound to a name, passed on or put out is a node of the graph; in between an array is *open*, a number that depends on
//! the axes of the array, so that what is done by element makes no array for each operation.

use std::rc::Rc;

use super::{Elaborator, Meaning, Task};
use crate::diagnostic::Diagnostic;
use crate::jet::Jet;
use crate::parser::{AstId, Syntax};
use expr::graph::AxisRange;
use expr::index::{Index, Symbol};
use expr::{Axis, Expr};

/// An array.
#[derive(Clone)]
pub(super) struct Array<'g> {
    /// Its ranges, outermost first; a range may depend on the axes of those before it.
    pub(super) ranges: Rc<[AxisRange]>,
    pub(super) elements: Elements<'g>,
    /// What makes it an array: an indexed input, or where its header stands.
    pub(super) origin: AstId,
}

#[derive(Clone, Copy)]
pub(super) enum Elements<'g> {
    /// The number that depends on the axes of the ranges.
    Open(Jet<'g>),
    /// A node that is an array.
    Node(Expr<'g>),
}

/// A header that is being read.
pub(super) struct Header<'p> {
    id: AstId,
    body: AstId,
    indices: &'p [String],
    ranges: Vec<AxisRange>,
}

impl<'p, 'g> Elaborator<'p, 'g> {
    /// An array begins: its first bounds are read.
    pub(super) fn begin_array(&mut self, id: AstId, body: AstId) -> Result<(), Diagnostic> {
        let (Syntax::Array(indices) | Syntax::State(_, indices)) = &self.program.nodes[id].syntax else {
            unreachable!("what has a header")
        };
        self.next_header(Header { id, body, indices, ranges: Vec::new() })
    }

    fn next_header(&mut self, header: Header<'p>) -> Result<(), Diagnostic> {
        let k = header.ranges.len();
        let program = self.program;
        let bounds = &program.nodes[header.id].children[2 * k..2 * k + 2];
        self.then(Task::Header(header), bounds)
    }

    /// The bounds of an index variable are there: it is bound.
    pub(super) fn enter_header(&mut self, mut header: Header<'p>) -> Result<(), Diagnostic> {
        let k = header.ranges.len();
        let bounds = &self.program.nodes[header.id].children;
        let (low, high) = self.bounds([bounds[2 * k], bounds[2 * k + 1]])?;
        let axis = self.axis(header.id, &header.indices[k], &[])?;
        self.binds(axis, &low, &high);
        header.ranges.push(AxisRange { axis, low, high });
        if header.ranges.len() < header.indices.len() {
            return self.next_header(header);
        }
        let Header { id, body, ranges, .. } = header;
        self.then(Task::LeaveArray(id, body, ranges), &[body])
    }

    pub(super) fn leave_array(
        &mut self,
        id: AstId,
        body: AstId,
        mut ranges: Vec<AxisRange>,
    ) -> Result<Meaning<'g>, Diagnostic> {
        self.locals.truncate(self.locals.len() - ranges.len());
        self.active.truncate(self.active.len() - ranges.len());
        let meaning = self.results.pop().expect("the body");
        let elements = match self.as_array(meaning, body)? {
            Ok(Array { ranges: inner, elements: Elements::Open(value), .. }) => {
                ranges.extend(inner.iter().cloned());
                Elements::Open(value)
            }
            Ok(Array { ranges: inner, elements: Elements::Node(node), .. }) => {
                let nest =
                    ranges.iter().rev().fold(node, |body, range| self.builder.array(range.clone(), body));
                ranges.extend(inner.iter().cloned());
                Elements::Node(nest)
            }
            Err(number) => Elements::Open(number),
        };
        Ok(Meaning::Array(Array { ranges: ranges.into(), elements, origin: id }))
    }

    /// An array, or else a number.
    pub(super) fn as_array(
        &mut self,
        meaning: Meaning<'g>,
        id: AstId,
    ) -> Result<Result<Array<'g>, Jet<'g>>, Diagnostic> {
        match meaning {
            Meaning::Array(array) => Ok(Ok(array)),
            Meaning::Block(..) => {
                let Ok(view) = self.view(&meaning, id)? else { unreachable!("an input with indices") };
                let (ranges, value) = self.opened(&view, false)?;
                Ok(Ok(Array { ranges: ranges.into(), elements: Elements::Open(value), origin: id }))
            }
            meaning => self.number(&meaning, id).map(Err),
        }
    }

    /// What can be bound to a name: of an open array the node.
    pub(super) fn closed(&mut self, meaning: Meaning<'g>, id: AstId) -> Result<Meaning<'g>, Diagnostic> {
        let Meaning::Array(array) = meaning else { return Ok(meaning) };
        let node = self.node(&array)?;
        self.builder.place(node, self.place(id));
        Ok(Meaning::Array(Array { elements: Elements::Node(node), ..array }))
    }

    /// The node of an array.
    pub(super) fn node(&self, array: &Array<'g>) -> Result<Expr<'g>, Diagnostic> {
        match array.elements {
            Elements::Node(node) => Ok(node),
            Elements::Open(value) if value.levels() != 0 => Err(self.no_derivative(array.origin)),
            Elements::Open(value) => {
                let ranges = array.ranges.iter().rev();
                Ok(ranges.fold(value.value(), |body, range| self.builder.array(range.clone(), body)))
            }
        }
    }

    pub(super) fn no_derivative(&self, id: AstId) -> Diagnostic {
        let message = "derivatives inside expressions are not there yet for arrays";
        Diagnostic::at(self.place(id), message, "depends on what the derivative is taken by")
            .help("the derivative of the whole function is; or write sum(i, 1, n, …) without an array")
    }

    /// The element of an array at these indices; an array of the rest where there are fewer than it has.
    pub(super) fn element(
        &mut self,
        array: &Array<'g>,
        forms: &[Index],
        id: AstId,
    ) -> Result<Meaning<'g>, Diagnostic> {
        let rank = array.ranges.len();
        if forms.len() > rank {
            let count = |n: usize| if n == 1 { "1 index".to_owned() } else { format!("{n} indices") };
            let message = format!("this array has {}, not {}", count(rank), forms.len());
            return Err(Diagnostic::at(self.place(id), message, "too many indices"));
        }
        let own = forms.len() == rank
            && array.ranges.iter().zip(forms).all(|(range, form)| *form == Symbol::Axis(range.axis).into());
        if let (Elements::Open(value), true) = (array.elements, own) {
            return Ok(Meaning::Number(value, None));
        }
        let node = self.node(array)?;
        let element = self.builder.at(node, forms);
        self.builder.place(element, self.place(id));
        if forms.len() == rank {
            return Ok(Meaning::Number(self.jets.plain(element), None));
        }
        // How far the others go may depend on those that are given.
        let given = |symbol: Symbol| match symbol {
            Symbol::Axis(axis) => {
                let at = array.ranges[..forms.len()].iter().position(|range| range.axis == axis);
                at.map_or_else(|| symbol.into(), |at| forms[at].clone())
            }
            symbol => symbol.into(),
        };
        let range = |range: &AxisRange| {
            let [low, high] = [&range.low, &range.high].map(|form| form.substituted(&given));
            Some(AxisRange { axis: range.axis, low: low?, high: high? })
        };
        let rest = array.ranges[forms.len()..].iter().map(range).collect::<Option<Vec<AxisRange>>>();
        let rest = rest.ok_or_else(|| self.too_large(id))?;
        Ok(Meaning::Array(Array { ranges: rest.into(), elements: Elements::Node(element), origin: id }))
    }

    /// Whether two arrays have the same indices.
    pub(super) fn same_ranges(&self, a: &[AxisRange], b: &[AxisRange]) -> bool {
        let image = |axis: Axis| match b.iter().position(|range| range.axis == axis) {
            Some(k) => a[k].axis,
            None => axis,
        };
        let same = |(p, q): (&AxisRange, &AxisRange)| {
            p.low == q.low.with_axes(image) && p.high == q.high.with_axes(image)
        };
        a.len() == b.len() && a.iter().zip(b).all(same)
    }
}
