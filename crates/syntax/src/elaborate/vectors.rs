//! Vectors and matrices without indices: what is done to them is done to their elements, at index variables of our own.

use std::rc::Rc;

use super::arrays::{Array, Elements};
use super::{Elaborator, Element, Meaning};
use crate::diagnostic::Diagnostic;
use crate::jet::Jet;
use crate::name_resolution::{Reducer, Whole};
use crate::parser::AstId;
use expr::graph::AxisRange;
use expr::index::{Index, Symbol};
use expr::{Axis, BlockId, Calculus, Fold, Node};

/// An array that is used as a whole.
pub(super) struct View<'g> {
    pub(super) ranges: Rc<[AxisRange]>,
    source: Source<'g>,
    /// What it is for messages.
    origin: AstId,
    id: AstId,
}

enum Source<'g> {
    Block(BlockId, Rc<[Element]>),
    Array(Array<'g>),
}

impl<'g> View<'g> {
    pub(super) fn rank(&self) -> usize {
        self.ranges.len()
    }
}

/// Is this value an array?
pub(super) fn is_array(meaning: &Meaning<'_>) -> bool {
    matches!(meaning, Meaning::Block(..) | Meaning::Array(_))
}

impl<'p, 'g> Elaborator<'p, 'g> {
    /// An array as a whole, or else a number.
    pub(super) fn view(
        &mut self,
        meaning: &Meaning<'g>,
        id: AstId,
    ) -> Result<Result<View<'g>, Jet<'g>>, Diagnostic> {
        Ok(Ok(match meaning {
            Meaning::Array(array) => {
                let (ranges, origin) = (array.ranges.clone(), array.origin);
                View { ranges, source: Source::Array(array.clone()), origin, id }
            }
            Meaning::Block(block, elements) => {
                let ranges = self.block_ranges(*block, id)?;
                View { ranges, source: Source::Block(*block, elements.clone()), origin: id, id }
            }
            number => return self.number(number, id).map(Err),
        }))
    }

    /// The elements at these axes. What costs more than a read is computed once for all, if it is to be.
    fn at(&mut self, view: &View<'g>, axes: &[Axis], once: bool) -> Result<Jet<'g>, Diagnostic> {
        let forms: Vec<Index> = axes.iter().map(|&axis| Symbol::Axis(axis).into()).collect();
        match &view.source {
            Source::Block(block, elements) => Ok(self.read(*block, elements, &forms, view.id)),
            Source::Array(array) => {
                let own = view.ranges.iter().map(|range| range.axis).eq(axes.iter().copied());
                let array = match array.elements {
                    Elements::Open(value) if own && (!once || value.levels() != 0 || self.is_read(value)) => {
                        return Ok(value);
                    }
                    _ => array,
                };
                let node = self.node(array)?;
                let element = self.builder.at(node, &forms);
                self.builder.place(element, self.place(view.id));
                Ok(self.jets.plain(element))
            }
        }
    }

    fn is_read(&self, value: Jet<'g>) -> bool {
        matches!(
            self.builder.graph().node(value.value().id()),
            Node::Read(..) | Node::Element(..) | Node::Input(..) | Node::Const(_)
        )
    }

    /// The elements at axes that nothing around us binds: the ranges of these, and the number that depends on them.
    pub(super) fn opened(
        &mut self,
        view: &View<'g>,
        once: bool,
    ) -> Result<(Vec<AxisRange>, Jet<'g>), Diagnostic> {
        let ranges = match &view.source {
            Source::Array(Array { elements: Elements::Node(_), .. }) => {
                self.own_axes(&view.ranges, &[], view.id)?
            }
            _ => view.ranges.to_vec(),
        };
        let axes: Vec<Axis> = ranges.iter().map(|range| range.axis).collect();
        let value = self.at(view, &axes, once)?;
        Ok((ranges, value))
    }

    /// The same ranges over axes of our own, none of them among these.
    fn own_axes(
        &mut self,
        ranges: &[AxisRange],
        avoid: &[Axis],
        id: AstId,
    ) -> Result<Vec<AxisRange>, Diagnostic> {
        let mut own: Vec<AxisRange> = Vec::with_capacity(ranges.len());
        for range in ranges {
            let image = |axis: Axis| match ranges.iter().position(|other| other.axis == axis) {
                Some(k) if k < own.len() => own[k].axis,
                _ => axis,
            };
            let (low, high) = (range.low.with_axes(image), range.high.with_axes(image));
            let avoid: Vec<Axis> = own.iter().map(|range| range.axis).chain(avoid.iter().copied()).collect();
            let axis = self.whole_axis(&low, &high, &avoid, id)?;
            own.push(AxisRange { axis, low, high });
        }
        Ok(own)
    }

    /// What is done to the elements of arrays with the same indices, and to numbers for each of them.
    pub(super) fn by_element(
        &mut self,
        operands: &[Meaning<'g>],
        ids: &[AstId],
        apply: &dyn Fn(&[Jet<'g>]) -> Jet<'g>,
    ) -> Result<Meaning<'g>, Diagnostic> {
        let mut views = Vec::with_capacity(operands.len());
        for (operand, &id) in operands.iter().zip(ids) {
            views.push(self.view(operand, id)?);
        }
        let open = |view: &&View<'g>| {
            matches!(&view.source, Source::Array(Array { elements: Elements::Open(_), .. }))
        };
        let arrays = || views.iter().filter_map(|view| view.as_ref().ok());
        let lead = arrays().find(open).or_else(|| arrays().next()).expect("one of them is an array");
        for other in arrays() {
            self.same_shape(lead, other)?;
        }
        let (ranges, origin) = (self.opened(lead, false)?.0, lead.origin);
        let axes: Vec<Axis> = ranges.iter().map(|range| range.axis).collect();
        let mut numbers = Vec::with_capacity(views.len());
        for view in &views {
            numbers.push(match view {
                Ok(view) => self.at(view, &axes, false)?,
                Err(number) => *number,
            });
        }
        let elements = Elements::Open(apply(&numbers));
        Ok(Meaning::Array(Array { ranges: ranges.into(), elements, origin }))
    }

    /// Two arrays that are combined by element have the same indices.
    fn same_shape(&mut self, a: &View<'g>, b: &View<'g>) -> Result<(), Diagnostic> {
        if a.rank() != b.rank() {
            let (first, second) = if a.id <= b.id { (a, b) } else { (b, a) };
            let message = format!("{} and {} cannot be combined", kind(first.rank()), kind(second.rank()));
            let label = "another number of indices";
            return Err(Diagnostic::at(self.place(second.id), message, label));
        }
        if self.same_ranges(&a.ranges, &b.ranges) {
            return Ok(());
        }
        for (p, q) in a.ranges.iter().zip(b.ranges.iter()) {
            self.same_range(p, q, b.id)?;
        }
        // Ranges that depend on each other differ though each looks the same.
        Err(Diagnostic::at(
            self.place(b.id),
            "arrays with different indices cannot be combined",
            "other indices",
        ))
    }

    /// Two index variables take the same values; a size that we made up becomes what it has to be.
    fn same_range(&mut self, p: &AxisRange, q: &AxisRange, id: AstId) -> Result<(), Diagnostic> {
        if p.low == q.low && (p.high == q.high || self.equate(&p.high, &q.high)?) {
            return Ok(());
        }
        let text = |range: &AxisRange| {
            let graph = self.builder.graph();
            let high = graph.index_text(&range.high);
            match range.low.as_constant() {
                Some(1) => format!("length {high}"),
                _ => format!("the indices {} to {high}", graph.index_text(&range.low)),
            }
        };
        let (p, q) = (text(p), text(q));
        let message = format!("lengths that differ: {p} and {q}");
        Err(Diagnostic::at(self.place(id), message, q))
    }

    /// `a*b`: a number scales, matrices contract, vectors multiply by element.
    pub(super) fn product(
        &mut self,
        operands: &[Meaning<'g>],
        ids: &[AstId],
        id: AstId,
    ) -> Result<Meaning<'g>, Diagnostic> {
        let (a, b) = (self.view(&operands[0], ids[0])?, self.view(&operands[1], ids[1])?);
        let (a, b) = match (a, b) {
            (Ok(a), Ok(b)) if a.rank() > 1 || b.rank() > 1 => (a, b),
            _ => return self.by_element(operands, ids, &|ab| ab[0] * ab[1]),
        };
        match (a.rank(), b.rank()) {
            (1, 2) => {
                let text = |id: AstId| self.text[self.place(id)].to_owned();
                let help = format!("write transpose({})*{}", text(ids[1]), text(ids[0]));
                return Err(
                    Diagnostic::at(self.place(id), "a vector times a matrix", "not a product").help(help)
                );
            }
            (2, 1 | 2) => {}
            (p, q) => {
                let message = format!("there is no product of {} and {}", kind(p), kind(q));
                return Err(Diagnostic::at(self.place(id), message, "not a product"));
            }
        }
        self.same_range(&a.ranges[1], &b.ranges[0], b.id)?;
        let (mut ranges, left) = self.opened(&a, b.rank() == 2)?;
        let over = ranges.pop().expect("a matrix has two indices");
        let mut axes = vec![over.axis];
        if b.rank() == 2 {
            let avoid = [ranges[0].axis, over.axis];
            let column = self.own_axes(&b.ranges[1..], &avoid, b.id)?;
            axes.push(column[0].axis);
            ranges.extend(column);
        }
        let right = self.at(&b, &axes, true)?;
        let sum = self.reduced(Reducer::Fold(Fold::Sum), &[over], left * right, id)?;
        Ok(Meaning::Array(Array { ranges: ranges.into(), elements: Elements::Open(sum), origin: id }))
    }

    /// A function of whole arrays.
    pub(super) fn whole(&mut self, whole: Whole, name: &str, id: AstId) -> Result<Meaning<'g>, Diagnostic> {
        let ids = &self.program.nodes[id].children;
        let operands = self.results.split_off(self.results.len() - ids.len());
        let mut views = Vec::with_capacity(ids.len());
        for (operand, &at) in operands.iter().zip(ids) {
            views.push(self.view(operand, at)?.map_err(|_| self.of_a_number(name, at))?);
        }
        let wanted = match whole {
            Whole::Softmax | Whole::Dot => Some(1),
            Whole::Transpose => Some(2),
            _ => None,
        };
        if let Some(view) = views.iter().find(|view| wanted.is_some_and(|rank| rank != view.rank())) {
            let wanted = if wanted == Some(1) { "vectors" } else { "matrices" };
            let message = format!("{name} is for {wanted}");
            let error = Diagnostic::at(self.place(view.id), message, kind(view.rank()));
            return Err(match (whole, view.rank()) {
                (Whole::Transpose, 1) => {
                    error.help("of two vectors write dot(x, y), of a matrix between them dot(x, A*y)")
                }
                _ => error,
            });
        }
        let number = |value: Jet<'g>| Ok(Meaning::Number(value, None));
        let sum = Reducer::Fold(Fold::Sum);
        if whole == Whole::Dot {
            self.same_shape(&views[0], &views[1])?;
            let product = self.by_element(&operands, ids, &|ab| ab[0] * ab[1])?;
            let Meaning::Array(Array { ranges, elements: Elements::Open(product), .. }) = product else {
                unreachable!("made by element")
            };
            return number(self.reduced(sum, &ranges, product, id)?);
        }
        let several = matches!(whole, Whole::Var | Whole::Softmax | Whole::LogSumExp);
        let (ranges, value) = self.opened(&views[0], several)?;
        match whole {
            Whole::Sum => number(self.reduced(sum, &ranges, value, id)?),
            Whole::Mean => number(self.reduced(Reducer::Mean, &ranges, value, id)?),
            Whole::Max => number(self.reduced(Reducer::Fold(Fold::Max), &ranges, value, id)?),
            Whole::Min => number(self.reduced(Reducer::Fold(Fold::Min), &ranges, value, id)?),
            Whole::Norm => {
                let square = value.powi(self.jets.integer(2));
                number(self.reduced(sum, &ranges, square, id)?.sqrt())
            }
            Whole::Var => {
                let mean = self.reduced(Reducer::Mean, &ranges, value, id)?;
                let square = (value - mean).powi(self.jets.integer(2));
                number(self.reduced(Reducer::Mean, &ranges, square, id)?)
            }
            Whole::Softmax | Whole::LogSumExp => {
                let largest = self.reduced(Reducer::Fold(Fold::Max), &ranges, value, id)?;
                let each = (value - largest).exp();
                let total = self.reduced(sum, &ranges, each, id)?;
                if whole == Whole::LogSumExp {
                    return number(largest + total.ln());
                }
                let elements = Elements::Open(each / total);
                Ok(Meaning::Array(Array { ranges: ranges.into(), elements, origin: id }))
            }
            Whole::Transpose => {
                let ranges: Rc<[AxisRange]> = ranges.into_iter().rev().collect();
                if ranges[0]
                    .low
                    .symbols()
                    .chain(ranges[0].high.symbols())
                    .any(|s| s == Symbol::Axis(ranges[1].axis))
                {
                    let message = "the rows of this matrix have different lengths";
                    return Err(Diagnostic::at(self.place(ids[0]), message, "has no transpose"));
                }
                Ok(Meaning::Array(Array { ranges, elements: Elements::Open(value), origin: id }))
            }
            Whole::Dot => unreachable!("returned above"),
        }
    }

    fn of_a_number(&self, name: &str, id: AstId) -> Diagnostic {
        let error = Diagnostic::at(
            self.place(id),
            format!("{name} is for arrays, this is one number"),
            "not an array",
        );
        match name {
            "softmax" => {
                error.help("the softmax of one number is 1; write softmax(x), or softmax([i: 1..n] …)")
            }
            "max" | "min" => error.help(format!(
                "of numbers write {name}(a, b, …); {name} takes at least 2 arguments or an array"
            )),
            "transpose" => error.help("a matrix is known by two indices, or by declaration: f(A[m, n]) = …"),
            "dot" => error.help("write dot(x, y), or sum(i, 1, n, x[i]*y[i])"),
            _ => error.help(format!("write {name}(x) of a vector x, or {name}([i: 1..n] …)")),
        }
    }
}

/// What has so many indices.
pub(super) fn kind(rank: usize) -> String {
    match rank {
        1 => "a vector".to_owned(),
        2 => "a matrix".to_owned(),
        rank => format!("an array of {rank} indices"),
    }
}
