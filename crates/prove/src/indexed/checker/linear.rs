//! Whether a conjunction of linear inequalities over whole numbers can hold: Fourier-Motzkin elimination, every inequality
//! tightened to whole numbers.
//!
//! What is found impossible is impossible. Where every symbol that is eliminated has the factor 1 or -1 in one of each two
//! inequalities, as in differences of indices, what is found possible is possible; else it may not be. A product of symbols counts as a
//! symbol of its own, which only makes more things possible.

use std::collections::{BTreeMap, BTreeSet};

use expr::index::{Index, Symbol};

/// A conjunction of inequalities `form >= 0`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Region {
    forms: Vec<Index>,
}

/// Of more inequalities than this nothing is found out.
const MOST_ROWS: usize = 600;

/// An inequality: factors of products of symbols, and what is added to them; at least 0 in all.
type Row = (BTreeMap<Vec<Symbol>, i128>, i128);

impl Region {
    pub(crate) fn and(&self, forms: impl IntoIterator<Item = Index>) -> Region {
        let mut all = self.clone();
        for form in forms {
            if !all.forms.contains(&form) {
                all.forms.push(form);
            }
        }
        all
    }

    pub(crate) fn forms(&self) -> &[Index] {
        &self.forms
    }

    /// Whether the form is at least 0 wherever all inequalities hold.
    pub(crate) fn implies(&self, form: &Index) -> bool {
        match form.as_constant() {
            Some(constant) if constant >= 0 => true,
            _ => below_zero(form).is_some_and(|opposite| self.and([opposite]).is_empty()),
        }
    }

    /// Whether the inequalities are known to contradict each other.
    pub(crate) fn is_empty(&self) -> bool {
        let Some(rows) = self.rows() else { return false };
        eliminated(rows, &|_| true).is_none()
    }

    /// The least and the largest value of a symbol, where one follows.
    pub(crate) fn bounds(&self, symbol: Symbol) -> (Option<i64>, Option<i64>) {
        let own = vec![symbol];
        let Some(rows) = self.rows().and_then(|rows| eliminated(rows, &|of| *of != own)) else {
            return (None, None);
        };
        let (mut low, mut high) = (None::<i128>, None::<i128>);
        for (factors, rest) in rows {
            match factors.get(&own) {
                Some(&factor) if factor > 0 => {
                    let least = -rest.div_euclid(factor);
                    low = Some(low.map_or(least, |low| low.max(least)));
                }
                Some(&factor) => {
                    let most = rest.div_euclid(-factor);
                    high = Some(high.map_or(most, |high| high.min(most)));
                }
                None => {}
            }
        }
        let narrow = |value: Option<i128>| value.and_then(|value| i64::try_from(value).ok());
        (narrow(low), narrow(high))
    }

    /// What follows for symbols that are kept alone, as forms that are at least 0.
    pub(crate) fn without(&self, goes: impl Fn(Symbol) -> bool) -> Vec<Index> {
        let gone = |of: &Vec<Symbol>| of.iter().any(|&symbol| goes(symbol));
        let rows = self.rows().and_then(|rows| eliminated(rows, &gone)).unwrap_or_default();
        let form = |(factors, rest): Row| {
            factors.into_iter().try_fold(Index::from(i64::try_from(rest).ok()?), |sum, (of, factor)| {
                let factor = Index::from(i64::try_from(factor).ok()?);
                let term = of.iter().try_fold(factor, |product, &symbol| product.times(&symbol.into()))?;
                sum.plus(&term)
            })
        };
        rows.into_iter().filter_map(form).collect()
    }

    fn rows(&self) -> Option<BTreeSet<Row>> {
        self.forms.iter().map(|form| tightened(row(form))).collect()
    }
}

/// `-form - 1`, which is at least 0 where the form is below 0.
pub(crate) fn below_zero(form: &Index) -> Option<Index> {
    Index::from(-1).minus(form)
}

fn row(form: &Index) -> Row {
    let mut row = Row::default();
    for (symbols, factor) in form.terms() {
        match symbols.is_empty() {
            true => row.1 = i128::from(*factor),
            false => {
                row.0.insert(symbols.clone(), i128::from(*factor));
            }
        }
    }
    row
}

/// Divided by what divides all factors; what is added is rounded down, since the rest is a whole number.
fn tightened((factors, rest): Row) -> Option<Row> {
    let divisor = factors.values().fold(0, |divisor, factor| gcd(divisor, factor.abs()));
    match divisor {
        0 | 1 => Some((factors, rest)),
        _ => {
            let factors = factors.into_iter().map(|(of, factor)| (of, factor / divisor)).collect();
            Some((factors, rest.div_euclid(divisor)))
        }
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// What follows from the inequalities for the symbols that are kept; nothing when they contradict each other. When there are too
/// many, only what is known so far.
fn eliminated(mut rows: BTreeSet<Row>, goes: &dyn Fn(&Vec<Symbol>) -> bool) -> Option<BTreeSet<Row>> {
    loop {
        if rows.iter().any(|(factors, rest)| factors.is_empty() && *rest < 0) {
            return None;
        }
        rows.retain(|(factors, _)| !factors.is_empty());
        let symbols: BTreeSet<&Vec<Symbol>> =
            rows.iter().flat_map(|(factors, _)| factors.keys()).filter(|of| goes(of)).collect();
        let count = |of: &Vec<Symbol>, up: bool| {
            rows.iter().filter(|(factors, _)| factors.get(of).is_some_and(|&f| (f > 0) == up)).count()
        };
        let Some(next) = symbols.into_iter().min_by_key(|of| count(of, true) * count(of, false)).cloned()
        else {
            return Some(rows);
        };
        let (with, mut rest): (Vec<Row>, BTreeSet<Row>) = {
            let (with, rest): (Vec<_>, Vec<_>) =
                rows.into_iter().partition(|(factors, _)| factors.contains_key(&next));
            (with, rest.into_iter().collect())
        };
        let (up, down): (Vec<&Row>, Vec<&Row>) = with.iter().partition(|(factors, _)| factors[&next] > 0);
        for low in &up {
            for high in &down {
                // Overflow loses an inequality, which proves less.
                if let Some(joined) = joined(low, high, &next).and_then(tightened) {
                    rest.insert(joined);
                }
            }
        }
        if rest.len() > MOST_ROWS {
            return Some(BTreeSet::new());
        }
        rows = rest;
    }
}

/// The sum of two inequalities, each so often that the symbol goes.
fn joined(low: &Row, high: &Row, symbol: &Vec<Symbol>) -> Option<Row> {
    let (a, b) = (low.0[symbol], high.0[symbol].checked_neg()?);
    let mut sum = Row::default();
    for ((factors, rest), times) in [(low, b), (high, a)] {
        for (of, factor) in factors {
            let entry = sum.0.entry(of.clone()).or_default();
            *entry = entry.checked_add(factor.checked_mul(times)?)?;
        }
        sum.1 = sum.1.checked_add(rest.checked_mul(times)?)?;
    }
    sum.0.retain(|_, factor| *factor != 0);
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(constant: i64, factors: &[(u32, i64)]) -> Index {
        factors.iter().fold(Index::from(constant), |sum, &(symbol, factor)| {
            let term = Index::from(Symbol::Size(symbol)).times(&factor.into()).unwrap();
            sum.plus(&term).unwrap()
        })
    }

    #[test]
    fn what_follows_is_found_and_nothing_else() {
        // 1 <= j <= n, n <= 100
        let region =
            Region::default().and([form(-1, &[(0, 1)]), form(0, &[(0, -1), (1, 1)]), form(100, &[(1, -1)])]);
        assert!(!region.is_empty());
        assert!(region.implies(&form(100, &[(0, -1)])));
        assert!(!region.implies(&form(99, &[(0, -1)])));
        assert!(region.implies(&form(-1, &[(1, 1)])));
        assert_eq!(region.bounds(Symbol::Size(0)), (Some(1), Some(100)));
        // 2j >= 3 means j >= 2; with 2j <= 3 there is none.
        let half = Region::default().and([form(-3, &[(0, 2)])]);
        assert!(half.implies(&form(-2, &[(0, 1)])));
        assert!(half.and([form(3, &[(0, -2)])]).is_empty());
    }
}
