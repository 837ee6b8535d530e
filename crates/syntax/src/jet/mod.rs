//! Values of a graph under construction together with their derivatives: what `diff` and `f'` are made of.
//!
//! A jet is a value and its derivatives by one variable, up to an order. The variable has a *level*: inside the derivative
//! by one variable may stand the derivative by another, whose level is one more, and of which value and derivatives are
//! jets of the levels below. What an operator does to a jet follows from the operator table: its value is the operator's, and
//! its derivatives are those of the sum, over the arguments, of their derivative times what the pull-back rule says for the
//! upstream gradient 1. Equal jets are one, and every operator is applied once to the same arguments, so that an order k
//! costs a polynomial in k.

mod rules;

use std::cell::{Cell, RefCell};

use rustc_hash::FxHashMap;

use expr::interner::Interner;
use expr::{Builder, Constant, Expr, Fold, Op, Scalar, Style};
use expr::{Node, NodeId};

/// What a jet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum What {
    /// A value that does not depend on any variable of a derivative.
    Plain(NodeId),
    /// A value and its derivatives, by position in the table.
    Deep(u32),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Deep {
    level: u32,
    order: u32,
    /// The value, then its derivatives, as far as they are not 0: at least two, at most `order` and one.
    coefficients: Box<[What]>,
}

/// An operator, its arguments (the first stands for those that it does not take), and how its result is simplified.
type Applied = (Op, [What; 3], Style);

/// The table of jets over a graph under construction.
pub(crate) struct Jets<'g> {
    builder: &'g Builder,
    /// Values are written as they are; of derivatives the zeros and ones of the chain rule are removed.
    style: Cell<Style>,
    deep: RefCell<Interner<Deep>>,
    known: RefCell<FxHashMap<Applied, What>>,
    /// The order up to which derivatives are taken, by level less 1.
    orders: RefCell<Vec<u32>>,
}

/// A number with its derivatives.
#[derive(Clone, Copy)]
pub(crate) struct Jet<'g> {
    jets: &'g Jets<'g>,
    what: What,
}

/// Levels as a set: bit l - 1 for level l.
pub(crate) type Levels = u64;

/// Derivatives inside derivatives inside derivatives: more levels than this are refused.
pub(crate) const MAX_LEVELS: usize = 16;

impl<'g> Jets<'g> {
    pub(crate) fn new(builder: &'g Builder) -> Jets<'g> {
        Jets {
            builder,
            style: Cell::new(Style::Written),
            deep: RefCell::default(),
            known: RefCell::default(),
            orders: RefCell::default(),
        }
    }

    /// How much is kept, in jets and results.
    pub(crate) fn len(&self) -> usize {
        self.deep.borrow().items.len() + self.known.borrow().len()
    }

    /// How many derivatives we are inside.
    pub(crate) fn levels(&self) -> usize {
        self.orders.borrow().len()
    }

    /// A derivative of this order begins; says its level.
    pub(crate) fn enter(&self, order: u32) -> u32 {
        let mut orders = self.orders.borrow_mut();
        orders.push(order);
        orders.len() as u32
    }

    /// The innermost derivative ends.
    pub(crate) fn leave(&self) {
        self.orders.borrow_mut().pop();
    }

    pub(crate) fn plain(&'g self, expr: Expr<'g>) -> Jet<'g> {
        Jet { jets: self, what: What::Plain(expr.id()) }
    }

    pub(crate) fn integer(&'g self, integer: i64) -> Jet<'g> {
        self.lift(&Constant::Integer(integer))
    }

    pub(crate) fn lift(&'g self, constant: &Constant) -> Jet<'g> {
        self.plain(self.builder.lift(constant))
    }

    pub(crate) fn constant(&'g self, value: f64) -> Jet<'g> {
        self.plain(self.builder.constant(value))
    }

    /// A value with this derivative by the variable of a level; derivatives of higher order are 0.
    pub(crate) fn seeded(&'g self, value: Jet<'g>, derivative: Jet<'g>, level: u32) -> Jet<'g> {
        let order = self.orders.borrow()[level as usize - 1];
        Jet { jets: self, what: self.make(level, order, vec![value.what, derivative.what]) }
    }

    /// A jet of these levels whose every part is what `part` says, called in a fixed order.
    pub(crate) fn filled(&'g self, levels: Levels, part: &mut impl FnMut() -> NodeId) -> Jet<'g> {
        Jet { jets: self, what: self.fill(levels, part) }
    }

    fn fill(&self, levels: Levels, part: &mut impl FnMut() -> NodeId) -> What {
        let Some(level) = levels.checked_ilog2() else { return What::Plain(part()) };
        let order = self.orders.borrow()[level as usize];
        let parts = (0..=order).map(|_| self.fill(levels & !(1 << level), part)).collect();
        self.make(level + 1, order, parts)
    }

    /// How many parts a jet of these levels has.
    pub(crate) fn part_count(&self, levels: Levels) -> usize {
        let orders = self.orders.borrow();
        (0..orders.len())
            .filter(|level| levels & 1 << level != 0)
            .map(|level| orders[level] as usize + 1)
            .product()
    }

    fn make(&self, level: u32, order: u32, mut coefficients: Vec<What>) -> What {
        coefficients.truncate(order as usize + 1);
        while coefficients.len() > 1 && self.is_zero(coefficients[coefficients.len() - 1]) {
            coefficients.pop();
        }
        match *coefficients {
            [value] => value,
            _ => {
                let deep = Deep { level, order, coefficients: coefficients.into() };
                What::Deep(self.deep.borrow_mut().intern(deep))
            }
        }
    }

    fn literal(&self, what: What) -> Option<i64> {
        let What::Plain(id) = what else { return None };
        let graph = self.builder.graph();
        match graph.node(id) {
            Node::Const(constant) => graph.constant(constant).as_integer(),
            _ => None,
        }
    }

    fn is_zero(&self, what: What) -> bool {
        self.literal(what) == Some(0)
    }

    fn zero(&self) -> What {
        What::Plain(self.builder.lift(&Constant::Integer(0)).id())
    }

    fn level(&self, what: What) -> u32 {
        match what {
            What::Plain(_) => 0,
            What::Deep(k) => self.deep.borrow().items[k as usize].level,
        }
    }

    fn order(&self, what: What) -> u32 {
        match what {
            What::Plain(_) => 0,
            What::Deep(k) => self.deep.borrow().items[k as usize].order,
        }
    }

    /// The value and the derivatives by the variable of a level that no part is beyond.
    fn coefficients(&self, what: What, level: u32) -> Vec<What> {
        if let What::Deep(k) = what {
            let deep = &self.deep.borrow().items[k as usize];
            if deep.level == level {
                return deep.coefficients.to_vec();
            }
        }
        vec![what]
    }

    fn of<'j>(&'j self, what: What) -> Jet<'j>
    where
        'g: 'j,
    {
        Jet { jets: self, what }
    }

    /// What `work` makes, the zeros and ones of the chain rule removed.
    fn derived<T>(&self, work: impl FnOnce() -> T) -> T {
        let style = self.style.replace(Style::Derived);
        let made = work();
        self.style.set(style);
        made
    }

    fn map(&self, what: What, is_value: bool, part: &mut impl FnMut(NodeId) -> NodeId) -> What {
        match what {
            What::Plain(_) if !is_value && self.is_zero(what) => what,
            What::Plain(id) => What::Plain(part(id)),
            What::Deep(k) => {
                let Deep { level, order, coefficients } = self.deep.borrow().items[k as usize].clone();
                let mapped = { coefficients.iter().enumerate() }
                    .map(|(c, &what)| self.map(what, is_value && c == 0, part));
                let mapped = mapped.collect();
                self.make(level, order, mapped)
            }
        }
    }

    fn flatten(&self, what: What, levels: Levels, parts: &mut Vec<NodeId>) {
        let Some(level) = levels.checked_ilog2() else {
            let What::Plain(id) = what else { unreachable!("a jet has no levels beyond those of its kind") };
            parts.push(id);
            return;
        };
        let order = self.orders.borrow()[level as usize];
        let coefficients = self.coefficients(what, level + 1);
        for c in 0..=order as usize {
            let part = coefficients.get(c).copied().unwrap_or_else(|| self.zero());
            self.flatten(part, levels & !(1 << level), parts);
        }
    }

    fn levels_of(&self, what: What) -> Levels {
        let What::Deep(k) = what else { return 0 };
        let Deep { level, coefficients, .. } = self.deep.borrow().items[k as usize].clone();
        coefficients.iter().fold(1 << (level - 1), |levels, &part| levels | self.levels_of(part))
    }
}

impl<'g> Jet<'g> {
    pub(crate) fn what(self) -> What {
        self.what
    }

    /// The value, without derivatives.
    pub(crate) fn value(self) -> Expr<'g> {
        let mut what = self.what;
        loop {
            match what {
                What::Plain(id) => return self.jets.builder.handle(id),
                What::Deep(k) => what = self.jets.deep.borrow().items[k as usize].coefficients[0],
            }
        }
    }

    /// The integer that it is by itself, perhaps with a minus sign.
    pub(crate) fn literal(self) -> Option<i64> {
        self.jets.literal(self.what)
    }

    /// The levels of the variables that it depends on.
    pub(crate) fn levels(self) -> Levels {
        self.jets.levels_of(self.what)
    }

    /// The derivative of this order by the variable of a level, which is the innermost.
    pub(crate) fn derivative(self, level: u32, order: u32) -> Jet<'g> {
        let coefficients = self.jets.coefficients(self.what, level);
        let what = coefficients.get(order as usize).copied().unwrap_or_else(|| self.jets.zero());
        Jet { what, ..self }
    }

    /// The same with every part replaced; derivatives that are 0 stay 0.
    pub(crate) fn map(self, mut part: impl FnMut(NodeId) -> NodeId) -> Jet<'g> {
        Jet { what: self.jets.map(self.what, true, &mut part), ..self }
    }

    /// Its parts as of a jet of these levels, in the order of [`Jets::filled`].
    pub(crate) fn parts(self, levels: Levels) -> Vec<NodeId> {
        let mut parts = Vec::new();
        self.jets.flatten(self.what, levels, &mut parts);
        parts
    }

    /// The same derivatives of another value.
    pub(crate) fn with_value(self, value: Expr<'g>) -> Jet<'g> {
        let mut first = true;
        self.map(|id| if std::mem::take(&mut first) { value.id() } else { id })
    }
}

impl<'g> Scalar for Jet<'g> {
    type Context = &'g Jets<'g>;

    fn context(&self) -> &'g Jets<'g> {
        self.jets
    }

    fn lift(jets: &'g Jets<'g>, constant: &Constant) -> Self {
        jets.lift(constant)
    }

    fn apply(op: Op, arguments: &[Self]) -> Self {
        let whats: Vec<What> = arguments.iter().map(|jet| jet.what).collect();
        let jets = arguments[0].jets;
        Jet { jets, what: jets.apply(op, &whats) }
    }

    fn fold(fold: Fold, jets: &'g Jets<'g>, terms: &[Self]) -> Self {
        let terms: Vec<What> = terms.iter().map(|jet| jet.what).collect();
        Jet { jets, what: jets.fold(fold, &terms) }
    }
}

expr::arithmetic!(Jet<'g>, ['g]);
