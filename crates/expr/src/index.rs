//! Index forms: the integers that bounds and subscripts are made of, polynomials in sizes and index variables.

use std::fmt::Write;

use crate::ids::Axis;

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
}

/// A polynomial with integer coefficients, in canonical form: equal forms are equal values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Index {
    /// Monomials (sorted symbols; none for the constant) and their coefficients, never 0, sorted by monomial.
    terms: Vec<(Vec<Symbol>, i64)>,
}

/// Larger forms are rejected, as an overflow is.
const MOST_TERMS: usize = 100;

impl From<i64> for Index {
    fn from(constant: i64) -> Index {
        Index::collect([(Vec::new(), constant)].into_iter().map(Some)).expect("one term does not overflow")
    }
}

impl From<Symbol> for Index {
    fn from(symbol: Symbol) -> Index {
        Index { terms: vec![(vec![symbol], 1)] }
    }
}

impl Index {
    /// The terms: sorted symbols multiplied together, and a coefficient.
    pub fn terms(&self) -> &[(Vec<Symbol>, i64)] {
        &self.terms
    }

    /// The same form in sizes of other numbers, unless a coefficient overflows.
    pub fn renumbered(&self, number: impl Fn(u32) -> u32) -> Option<Index> {
        let symbol = |symbol: &Symbol| match *symbol {
            Symbol::Size(size) => Symbol::Size(number(size)),
            axis @ Symbol::Axis(_) => axis,
        };
        Index::collect(self.terms.iter().map(|(symbols, factor)| {
            let mut symbols: Vec<Symbol> = symbols.iter().map(symbol).collect();
            symbols.sort_unstable();
            Some((symbols, *factor))
        }))
    }

    /// The same form with other axes.
    pub fn with_axes(&self, image: impl Fn(Axis) -> Axis) -> Index {
        let symbol = |symbol: &Symbol| match *symbol {
            Symbol::Axis(axis) => Symbol::Axis(image(axis)),
            size @ Symbol::Size(_) => size,
        };
        let terms = self.terms.iter().map(|(symbols, factor)| {
            let mut symbols: Vec<Symbol> = symbols.iter().map(symbol).collect();
            symbols.sort_unstable();
            Some((symbols, *factor))
        });
        Index::collect(terms).expect("no coefficient grows while axes stay apart")
    }

    /// The value, when no symbol occurs.
    pub fn as_constant(&self) -> Option<i64> {
        match self.terms.as_slice() {
            [] => Some(0),
            [(symbols, value)] if symbols.is_empty() => Some(*value),
            _ => None,
        }
    }

    /// All symbols that occur.
    pub fn symbols(&self) -> impl Iterator<Item = Symbol> {
        self.terms.iter().flat_map(|(symbols, _)| symbols.iter().copied())
    }

    /// The highest power of a symbol.
    pub fn degree(&self, symbol: Symbol) -> usize {
        let power = |(symbols, _): &(Vec<Symbol>, i64)| symbols.iter().filter(|&&s| s == symbol).count();
        self.terms.iter().map(power).max().unwrap_or(0)
    }

    /// The sum, unless a coefficient overflows.
    pub fn plus(&self, other: &Index) -> Option<Index> {
        Index::collect(self.terms.iter().chain(&other.terms).cloned().map(Some))
    }

    /// The product, unless a coefficient overflows.
    pub fn times(&self, other: &Index) -> Option<Index> {
        let products = self.terms.iter().flat_map(|(left, a)| {
            other.terms.iter().map(move |(right, b)| {
                let mut symbols = [left.as_slice(), right].concat();
                symbols.sort_unstable();
                Some((symbols, a.checked_mul(*b)?))
            })
        });
        Index::collect(products)
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

    fn collect(terms: impl Iterator<Item = Option<(Vec<Symbol>, i64)>>) -> Option<Index> {
        let mut sum = std::collections::BTreeMap::<Vec<Symbol>, i64>::new();
        for term in terms {
            let (symbols, coefficient) = term?;
            let entry = sum.entry(symbols).or_default();
            *entry = entry.checked_add(coefficient)?;
            if sum.len() > MOST_TERMS {
                return None;
            }
        }
        Some(Index { terms: sum.into_iter().filter(|(_, coefficient)| *coefficient != 0).collect() })
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
    fn overflow_is_nothing() {
        let big = Index::from(i64::MAX);
        assert_eq!(big.plus(&Index::from(1)), None);
        assert_eq!(big.times(&big), None);
        assert_eq!(Index::from(Symbol::Size(0)).times(&big).unwrap().evaluate(|_| 2), None);
    }
}
