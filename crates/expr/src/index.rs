//! Index forms: the integers that bounds and subscripts are made of, polynomials in sizes, index variables and data.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::ids::{Axis, BlockId};

/// Literals of bounds and indices are smaller than this; a larger number is written as so many times [`MANY`], and the rest.
const MAX_INDEX_LITERAL: u64 = 1_000_000_000_000_000;
const MANY: u64 = 1_000_000_000_000;

/// A name that stands for an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Symbol {
    /// The current value of an index variable.
    Axis(Axis),
    /// A size of the function, by its position in [`Graph::sizes`](crate::Graph::sizes).
    Size(u32),
    /// A datum of the form that it stands in, by its position in [`Index::data`].
    Datum(u32),
}

/// An element of a block of data, read as an integer: `k[i+1]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Datum {
    /// The data.
    pub block: BlockId,
    /// Which of them, counted from 1.
    pub position: Box<[Index]>,
}

/// A polynomial with integer coefficients, in canonical form: equal forms are equal values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Index {
    /// Monomials (sorted symbols; none for the constant) and their coefficients, never 0, sorted by monomial.
    terms: Vec<(Vec<Symbol>, i64)>,
    /// What the data among the symbols are, sorted. They are kept here and not in a table of the graph, so that a form says all by
    /// itself and its axes are seen wherever forms are looked at.
    data: Vec<Datum>,
}

/// Larger forms are rejected, as an overflow is.
const MOST_TERMS: usize = 100;
/// So are data at positions made of data, nested deeper than this.
const DEEPEST: usize = 16;

impl From<i64> for Index {
    fn from(constant: i64) -> Index {
        let terms = [(Vec::new(), constant)].into_iter().map(Some);
        Index::collect(Vec::new(), terms).expect("one term does not overflow")
    }
}

impl From<Symbol> for Index {
    fn from(symbol: Symbol) -> Index {
        assert!(!matches!(symbol, Symbol::Datum(_)), "a datum is a form with its position");
        Index { terms: vec![(vec![symbol], 1)], data: Vec::new() }
    }
}

impl Index {
    /// The terms: sorted symbols multiplied together, and a coefficient.
    pub fn terms(&self) -> &[(Vec<Symbol>, i64)] {
        &self.terms
    }

    /// The datum at this position, unless its indices are data nested too deep.
    pub fn datum(block: BlockId, position: &[Index]) -> Option<Index> {
        let deep = |form: &Index| form.depth() < DEEPEST;
        position.iter().all(deep).then(|| Index {
            terms: vec![(vec![Symbol::Datum(0)], 1)],
            data: vec![Datum { block, position: position.into() }],
        })
    }

    /// What the data among the symbols are; those in the positions of these are not among them.
    pub fn data(&self) -> &[Datum] {
        &self.data
    }

    fn depth(&self) -> usize {
        let inside = self.data.iter().flat_map(|datum| datum.position.iter());
        inside.map(|form| 1 + form.depth()).max().unwrap_or(0)
    }

    /// The same form in sizes of other numbers, unless a coefficient overflows.
    pub fn renumbered(&self, number: impl Fn(u32) -> u32) -> Option<Index> {
        self.substituted(&|symbol| match symbol {
            Symbol::Size(size) => Symbol::Size(number(size)).into(),
            other => other.into(),
        })
    }

    /// The same form with other axes, those in positions of data included.
    pub fn with_axes(&self, image: impl Fn(Axis) -> Axis) -> Index {
        let symbol = |symbol| match symbol {
            Symbol::Axis(axis) => Symbol::Axis(image(axis)).into(),
            other => other.into(),
        };
        self.substituted(&symbol).expect("no coefficient grows while axes stay apart")
    }

    /// The same form with other forms for its index variables and sizes, those in positions of data included; unless a coefficient
    /// overflows.
    pub fn substituted(&self, image: &dyn Fn(Symbol) -> Index) -> Option<Index> {
        let datum = |Datum { block, position }: &Datum| {
            let position = position.iter().map(|form| form.substituted(image));
            Index::datum(*block, &position.collect::<Option<Vec<Index>>>()?)
        };
        let data = self.data.iter().map(datum).collect::<Option<Vec<Index>>>()?;
        let image = |symbol: &Symbol| match *symbol {
            Symbol::Datum(k) => data[k as usize].clone(),
            symbol => image(symbol),
        };
        self.terms.iter().try_fold(Index::default(), |sum, (symbols, factor)| {
            let factors = symbols.iter().map(image);
            sum.plus(&factors.into_iter().try_fold(Index::from(*factor), |all, factor| all.times(&factor))?)
        })
    }

    /// The value, when no symbol occurs.
    pub fn as_constant(&self) -> Option<i64> {
        match self.terms.as_slice() {
            [] => Some(0),
            [(symbols, value)] if symbols.is_empty() => Some(*value),
            _ => None,
        }
    }

    /// All index variables and sizes that occur, those in positions of data included.
    pub fn symbols(&self) -> impl Iterator<Item = Symbol> {
        let mut inside = Vec::new();
        self.of_data(&mut inside);
        let own = self.terms.iter().flat_map(|(symbols, _)| symbols.iter().copied());
        own.filter(|symbol| !matches!(symbol, Symbol::Datum(_))).chain(inside)
    }

    fn of_data(&self, out: &mut Vec<Symbol>) {
        for form in self.data.iter().flat_map(|datum| datum.position.iter()) {
            out.extend(form.symbols());
        }
    }

    /// The axes among them.
    pub fn axes(&self) -> impl Iterator<Item = Axis> {
        self.symbols().filter_map(|symbol| match symbol {
            Symbol::Axis(axis) => Some(axis),
            Symbol::Size(_) | Symbol::Datum(_) => None,
        })
    }

    /// All data that occur, in positions of data too.
    pub fn each_datum(&self, visit: &mut dyn FnMut(&Datum)) {
        for datum in &self.data {
            visit(datum);
            datum.position.iter().for_each(|form| form.each_datum(visit));
        }
    }

    /// What a symbol is multiplied by, 0 where it does not occur; nothing where it is multiplied by another symbol, or looks up data.
    pub fn factor(&self, symbol: Symbol) -> Option<i64> {
        let looks_up =
            |datum: &Datum| datum.position.iter().any(|form| form.symbols().any(|own| own == symbol));
        if self.data().iter().any(looks_up) {
            return None;
        }
        let mut with = self.terms().iter().filter(|(symbols, _)| symbols.contains(&symbol));
        match (with.next(), with.next()) {
            (None, _) => Some(0),
            (Some((symbols, factor)), None) if symbols.len() == 1 => Some(*factor),
            _ => None,
        }
    }

    /// The highest power of a symbol, not counting what stands in positions of data.
    pub fn degree(&self, symbol: Symbol) -> usize {
        let power = |(symbols, _): &(Vec<Symbol>, i64)| symbols.iter().filter(|&&s| s == symbol).count();
        self.terms.iter().map(power).max().unwrap_or(0)
    }

    /// The sum, unless a coefficient overflows.
    pub fn plus(&self, other: &Index) -> Option<Index> {
        let others = other.terms.iter().map(|(symbols, factor)| Some((self.beside(symbols), *factor)));
        Index::collect(self.joined(other), self.terms.iter().cloned().map(Some).chain(others))
    }

    /// The product, unless a coefficient overflows.
    pub fn times(&self, other: &Index) -> Option<Index> {
        let products = self.terms.iter().flat_map(|(left, a)| {
            other.terms.iter().map(move |(right, b)| {
                Some(([left.as_slice(), &self.beside(right)].concat(), a.checked_mul(*b)?))
            })
        });
        Index::collect(self.joined(other), products)
    }

    /// The data of both.
    fn joined(&self, other: &Index) -> Vec<Datum> {
        self.data.iter().chain(&other.data).cloned().collect()
    }

    /// Symbols of another form, whose data come after those of this one.
    fn beside(&self, symbols: &[Symbol]) -> Vec<Symbol> {
        let moved = |symbol: &Symbol| match *symbol {
            Symbol::Datum(k) => Symbol::Datum(k + self.data.len() as u32),
            symbol => symbol,
        };
        symbols.iter().map(moved).collect()
    }

    /// The difference, unless a coefficient overflows.
    pub fn minus(&self, other: &Index) -> Option<Index> {
        self.plus(&other.times(&Index::from(-1))?)
    }

    /// The power, unless a coefficient overflows.
    pub fn to_the(&self, exponent: u32) -> Option<Index> {
        // Beyond 64 factors every base but -1, 0 and 1 overflows, and nobody writes those.
        (exponent <= 64).then_some(())?;
        (0..exponent).try_fold(Index::from(1), |power, _| power.times(self))
    }

    /// The value where `value` gives that of each symbol; nothing when it overflows.
    pub fn evaluate(&self, value: impl Fn(Symbol) -> i64) -> Option<i64> {
        self.terms.iter().try_fold(0i64, |sum, (symbols, coefficient)| {
            let product = symbols.iter().try_fold(*coefficient, |p, &s| p.checked_mul(value(s)));
            sum.checked_add(product?)
        })
    }

    /// An index form as a sum of products; positive terms first.
    pub fn text(&self, name: impl Fn(Symbol) -> String) -> String {
        let mut terms: Vec<(String, i64)> = self
            .terms()
            .iter()
            .map(|(symbols, coefficient)| {
                let names: Vec<String> = symbols.iter().map(|&symbol| name(symbol)).collect();
                (names.join("*"), *coefficient)
            })
            .collect();
        terms.sort_by_key(|(names, coefficient)| (names.is_empty(), *coefficient < 0));
        let mut out = String::new();
        let mut write = |negative: bool, factors: &[&str]| {
            let sign = match (out.is_empty(), negative) {
                (_, true) => "-",
                (true, false) => "",
                (false, false) => "+",
            };
            let _ = write!(out, "{sign}{}", factors.join("*"));
        };
        for (names, coefficient) in terms {
            let (negative, size) = (coefficient < 0, coefficient.unsigned_abs());
            let (many, rest) = if size < MAX_INDEX_LITERAL { (0, size) } else { (size / MANY, size % MANY) };
            let names = Some(names.as_str()).filter(|names| !names.is_empty());
            if many > 0 {
                let factors = [many.to_string(), MANY.to_string()];
                let factors = factors.iter().map(String::as_str).chain(names);
                write(negative, &factors.collect::<Vec<_>>());
            }
            match (rest, names) {
                (0, _) => {}
                (1, Some(names)) => write(negative, &[names]),
                (_, names) => {
                    let rest = rest.to_string();
                    write(negative, &[rest.as_str()].into_iter().chain(names).collect::<Vec<_>>());
                }
            }
        }
        if out.is_empty() { "0".to_owned() } else { out }
    }

    /// The form of these terms, whose symbols speak of these data.
    fn collect(data: Vec<Datum>, terms: impl Iterator<Item = Option<(Vec<Symbol>, i64)>>) -> Option<Index> {
        let mut sorted = data.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let place = |datum: &Datum| sorted.binary_search(datum).expect("it is among them") as u32;
        let places: Vec<u32> = data.iter().map(place).collect();
        let mut sum = BTreeMap::<Vec<Symbol>, i64>::new();
        for term in terms {
            let (mut symbols, coefficient) = term?;
            for symbol in &mut symbols {
                if let Symbol::Datum(k) = symbol {
                    *k = places[*k as usize];
                }
            }
            symbols.sort_unstable();
            let entry = sum.entry(symbols).or_default();
            *entry = entry.checked_add(coefficient)?;
            if sum.len() > MOST_TERMS {
                return None;
            }
        }
        let terms = sum.into_iter().filter(|(_, coefficient)| *coefficient != 0).collect();
        Some(Index { terms, data: sorted }.without_unused())
    }

    /// The same without data that no term is made of any more.
    fn without_unused(mut self) -> Index {
        let mut used = vec![false; self.data.len()];
        for symbol in self.terms.iter().flat_map(|(symbols, _)| symbols) {
            if let Symbol::Datum(k) = symbol {
                used[*k as usize] = true;
            }
        }
        if used.iter().all(|used| *used) {
            return self;
        }
        let before = |k: u32| used[..k as usize].iter().filter(|used| **used).count() as u32;
        for symbol in self.terms.iter_mut().flat_map(|(symbols, _)| symbols) {
            if let Symbol::Datum(k) = symbol {
                *k = before(*k);
            }
        }
        let mut left = used.iter();
        self.data.retain(|_| *left.next().expect("one for each"));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_forms_are_equal() {
        let i = Index::from(Symbol::Axis(Axis(0)));
        let n = Index::from(Symbol::Size(0));
        let a = i.plus(&n).unwrap().times(&i.minus(&n).unwrap()).unwrap();
        let b = i.to_the(2).unwrap().minus(&n.to_the(2).unwrap()).unwrap();
        assert_eq!(a, b);
        let at = |symbol| if symbol == Symbol::Size(0) { 3 } else { 5 };
        assert_eq!(a.evaluate(at), Some(16));
        assert_eq!(i.minus(&i).unwrap().as_constant(), Some(0));
    }

    #[test]
    fn equal_data_are_equal() {
        let (i, j) = (Index::from(Symbol::Axis(Axis(0))), Index::from(Symbol::Axis(Axis(1))));
        let k = |at: &Index| Index::datum(BlockId(0), std::slice::from_ref(at)).unwrap();
        let (a, b) = (k(&j).plus(&k(&i)).unwrap(), k(&i).plus(&k(&j)).unwrap());
        assert_eq!(a, b);
        assert_eq!(a.minus(&k(&j)).unwrap(), k(&i));
        assert_eq!(a.minus(&b).unwrap(), Index::from(0));
        assert_eq!(k(&i).with_axes(|_| Axis(1)), k(&j));
        // 2*k[i] once both are the same axis.
        assert_eq!(a.with_axes(|_| Axis(1)), k(&j).times(&2.into()).unwrap());
        let deep = k(&k(&i).plus(&1.into()).unwrap());
        assert_eq!(deep.symbols().collect::<Vec<_>>(), [Symbol::Axis(Axis(0))]);
        assert_eq!((0..100).try_fold(i, |form, _| Index::datum(BlockId(0), &[form])), None);
    }

    #[test]
    fn overflow_is_nothing() {
        let big = Index::from(i64::MAX);
        assert_eq!(big.plus(&Index::from(1)), None);
        assert_eq!(big.times(&big), None);
        assert_eq!(Index::from(Symbol::Size(0)).times(&big).unwrap().evaluate(|_| 2), None);
    }
}
