//! Terms: expressions with loops as trees, in which the variable of a loop is known by how deep the loop is nested.
//!
//! Two loops that differ only in the names of their variables are therefore the same term.

use expr::graph::AxisRange;
use expr::index::{Index, Symbol};
use expr::{Builder, Constant, Expr, Fold, Op, Scalar, Style};

/// An expression with loops.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Term {
    /// A whole number: an index form.
    Index(Index),
    /// A number that is not whole, or not known to be.
    Constant(Constant),
    /// A scalar input.
    Scalar(String),
    /// An element of an indexed input.
    Read(String, Vec<Index>),
    /// An operator of the table.
    Apply(Op, Vec<Term>),
    /// A sum or product of a list.
    Fold(Fold, Vec<Term>),
    /// A sum or product over a range.
    Reduce(Fold, Range, Box<Term>),
}

/// From where to where a loop runs; nothing is in it when the end is below the start.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Range {
    pub(super) low: Index,
    pub(super) high: Index,
}

/// Symbols from here on are variables of loops, by nesting depth; those below are sizes and indices of the claim.
const FIRST_BOUND: u32 = 1 << 16;

/// The variable of a loop inside so many others.
pub(super) fn bound(depth: usize) -> Symbol {
    Symbol::Size(FIRST_BOUND + depth as u32)
}

/// How deep the loop is nested whose variable this is.
pub(super) fn level(symbol: Symbol) -> Option<usize> {
    match symbol {
        Symbol::Size(k) if k >= FIRST_BOUND => Some((k - FIRST_BOUND) as usize),
        _ => None,
    }
}

pub(super) fn mentions(form: &Index, symbol: Symbol) -> bool {
    form.symbols().any(|known| known == symbol)
}

impl Range {
    pub(super) fn map(&self, image: &impl Fn(Symbol) -> Index) -> Option<Range> {
        Some(Range { low: self.low.substituted(image)?, high: self.high.substituted(image)? })
    }

    /// How many values there are, if the range is not empty or just so.
    pub(super) fn length(&self) -> Option<Index> {
        self.high.minus(&self.low)?.plus(&1.into())
    }
}

impl Term {
    pub(super) fn integer(value: i64) -> Term {
        Term::Index(value.into())
    }

    pub(super) fn as_integer(&self) -> Option<i64> {
        match self {
            Term::Index(form) => form.as_constant(),
            _ => None,
        }
    }

    pub(super) fn children(&self) -> &[Term] {
        match self {
            Term::Apply(_, children) | Term::Fold(_, children) => children,
            Term::Reduce(_, _, body) => std::slice::from_ref(body),
            _ => &[],
        }
    }

    pub(super) fn children_mut(&mut self) -> &mut [Term] {
        match self {
            Term::Apply(_, children) | Term::Fold(_, children) => children,
            Term::Reduce(_, _, body) => std::slice::from_mut(body),
            _ => &mut [],
        }
    }

    /// How many nodes the tree has.
    pub(super) fn size(&self) -> usize {
        1 + self.children().iter().map(Term::size).sum::<usize>()
    }

    /// The index forms that the node itself has, without its children.
    pub(super) fn forms(&self) -> Vec<&Index> {
        match self {
            Term::Index(form) => vec![form],
            Term::Read(_, position) => position.iter().collect(),
            Term::Reduce(_, range, _) => vec![&range.low, &range.high],
            _ => Vec::new(),
        }
    }

    /// Whether a symbol occurs anywhere.
    pub(super) fn has(&self, symbol: Symbol) -> bool {
        self.forms().into_iter().any(|form| mentions(form, symbol))
            || self.children().iter().any(|child| child.has(symbol))
    }

    /// The term with a form in place of each symbol.
    pub(super) fn map(&self, image: &impl Fn(Symbol) -> Index) -> Option<Term> {
        let all = |terms: &[Term]| terms.iter().map(|term| term.map(image)).collect::<Option<Vec<_>>>();
        Some(match self {
            Term::Index(form) => Term::Index(form.substituted(image)?),
            Term::Read(block, position) => {
                let position = position.iter().map(|form| form.substituted(image)).collect::<Option<_>>()?;
                Term::Read(block.clone(), position)
            }
            Term::Apply(op, children) => Term::Apply(*op, all(children)?),
            Term::Fold(fold, children) => Term::Fold(*fold, all(children)?),
            Term::Reduce(fold, range, body) => {
                Term::Reduce(*fold, range.map(image)?, Box::new(body.map(image)?))
            }
            Term::Constant(_) | Term::Scalar(_) => self.clone(),
        })
    }

    /// The term one loop further in or out: the variables of loops from this depth on get one deeper, or one less deep.
    pub(super) fn moved(&self, from: usize, deeper: bool) -> Option<Term> {
        self.map(&|symbol| match level(symbol) {
            Some(depth) if depth >= from && deeper => bound(depth + 1).into(),
            Some(depth) if depth > from && !deeper => bound(depth - 1).into(),
            _ => symbol.into(),
        })
    }

    /// The body of a loop at this depth for one value of its variable.
    pub(super) fn at(&self, depth: usize, value: &Index) -> Option<Term> {
        let own = bound(depth);
        let replaced = self.map(&|symbol| if symbol == own { value.clone() } else { symbol.into() })?;
        replaced.moved(depth, false)
    }

    /// As a formula, with these names for what is not bound by a loop.
    pub(super) fn text(&self, names: &[String]) -> String {
        let builder = Builder::new(Style::Written);
        for name in names {
            builder.size(name);
        }
        let id = Printer { builder: &builder, names }.expr(self, 0).id();
        syntax::written_out(&builder.finish(vec![id]), 0)
    }
}

/// Puts terms into a graph, which knows how to print itself.
struct Printer<'g, 'a> {
    builder: &'g Builder,
    names: &'a [String],
}

impl<'g> Printer<'g, '_> {
    fn symbol(&self, symbol: Symbol) -> Symbol {
        let Some(depth) = level(symbol) else { return symbol };
        Symbol::Axis(self.builder.axis(&self.variable(depth), &[]))
    }

    /// A name for the variable of a loop that nothing else has.
    fn variable(&self, depth: usize) -> String {
        let letters = ["i", "k", "l", "p", "q", "r"].map(str::to_owned);
        let free = letters.into_iter().chain((1..).map(|k| format!("i{k}")));
        free.filter(|name| !self.names.contains(name)).nth(depth).expect("there is always one more")
    }

    fn form(&self, form: &Index) -> Index {
        form.substituted(&|symbol| self.symbol(symbol).into()).unwrap_or_default()
    }

    fn expr(&self, term: &Term, depth: usize) -> Expr<'g> {
        let all = |terms: &[Term]| terms.iter().map(|term| self.expr(term, depth)).collect::<Vec<_>>();
        match term {
            Term::Index(form) => self.builder.spelled(&self.form(form)),
            Term::Constant(constant) => self
                .builder
                .lift(&constant.as_exact_f64().map_or_else(|| constant.clone(), Constant::shortest)),
            Term::Scalar(name) => self.builder.input(name),
            Term::Read(block, position) => {
                let block = self.builder.block(block, position.len(), expr::graph::Role::Variable);
                let position: Vec<Index> = position.iter().map(|form| self.form(form)).collect();
                self.builder.read(block, &position)
            }
            Term::Apply(op, children) => Expr::apply(*op, &all(children)),
            // As a reader writes them, and not as a list.
            Term::Fold(fold, children) => {
                let op = if *fold == Fold::Sum { Op::Add } else { Op::Mul };
                let joined = all(children).into_iter().reduce(|a, b| Expr::apply(op, &[a, b]));
                joined.unwrap_or_else(|| {
                    self.builder.lift(&fold.neutral().expect("sums and products have one"))
                })
            }
            Term::Reduce(fold, range, body) => {
                let axis = self.builder.axis(&self.variable(depth), &[]);
                let range = AxisRange { axis, low: self.form(&range.low), high: self.form(&range.high) };
                self.builder.reduce(*fold, range, self.expr(body, depth + 1))
            }
        }
    }
}
