//! Which variant to take: where one overtakes another as n grows, and from how many gradients a dearer preparation pays.

/// The size at which the times of two variants cross.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crossover {
    /// The variant that is faster below; an index into the variants.
    pub below: usize,
    /// The one that is faster above.
    pub above: usize,
    /// Where, by straight lines between measured sizes in logarithms.
    pub size: f64,
}

/// The variant to take for so many gradients or more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// From so many gradients on.
    pub gradients: f64,
    /// An index into the variants.
    pub variant: usize,
}

/// What a variant takes at one size, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Price {
    pub(crate) variant: usize,
    pub(crate) prepare: f64,
    pub(crate) gradient: f64,
}

impl Price {
    /// The least number of gradients from which on this is cheaper than `other`; nothing if it never is.
    pub(crate) fn pays_over(&self, other: &Price) -> Option<f64> {
        let (dearer, saved) = (self.prepare - other.prepare, other.gradient - self.gradient);
        // At equal price nothing is gained yet.
        (saved > 0.0).then(|| ((dearer / saved).floor() + 1.0).max(1.0))
    }
}

/// What runs faster by less than this fraction is as fast: no reason to prepare anything, and nothing is overtaken.
const NOTICEABLE: f64 = 0.05;

/// The cheapest variant for one gradient, then for more, as long as there is a cheaper one: the lower envelope of
/// `prepare + gradients · gradient`.
pub(crate) fn choices(prices: &[Price]) -> Vec<Choice> {
    let first = prices.iter().min_by(|a, b| (a.prepare + a.gradient).total_cmp(&(b.prepare + b.gradient)));
    let Some(mut now) = first else { return Vec::new() };
    let mut all = vec![Choice { gradients: 1.0, variant: now.variant }];
    loop {
        let next = prices
            .iter()
            .filter(|price| price.gradient < (1.0 - NOTICEABLE) * now.gradient)
            .filter_map(|price| Some((price.pays_over(now)?, price)))
            .min_by(|(a, p), (b, q)| a.total_cmp(b).then(p.gradient.total_cmp(&q.gradient)));
        let Some((gradients, next)) = next else { return all };
        all.push(Choice { gradients, variant: next.variant });
        now = next;
    }
}

/// Where the times of two variants cross: `times` are (n, nanoseconds) at sizes where both have one, ascending.
pub(crate) fn crossovers(variants: [usize; 2], times: &[(f64, [f64; 2])]) -> Vec<Crossover> {
    let lead = |[a, b]: [f64; 2]| a.ln() - b.ln();
    let crossing = |pair: &[(f64, [f64; 2])]| {
        let ((n, before), (m, after)) = (pair[0], pair[1]);
        let (before, after) = (lead(before), lead(after));
        let least = -(1.0 - NOTICEABLE).ln();
        if before.signum() == after.signum() || before.abs() < least || after.abs() < least {
            return None;
        }
        let size = (n.ln() + (m.ln() - n.ln()) * before / (before - after)).exp();
        let [below, above] = if before < 0.0 { variants } else { [variants[1], variants[0]] };
        Some(Crossover { below, above, size })
    };
    times.windows(2).filter_map(crossing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_cross_where_their_lines_do() {
        // n² and 50n cross at 50.
        let times = [10.0, 100.0, 1000.0].map(|n: f64| (n, [n * n, 50.0 * n]));
        let found = crossovers([3, 5], &times);
        assert_eq!(found.len(), 1);
        assert!((found[0].below, found[0].above) == (3, 5) && (found[0].size - 50.0).abs() < 1e-9);
        let close = [(1.0, [1.0, 1.02]), (2.0, [2.0, 1.98])];
        assert!(crossovers([0, 1], &close).is_empty(), "as fast as each other");
        assert!(crossovers([0, 1], &times.map(|(n, [a, b])| (n, [a, a + b]))).is_empty());
    }

    #[test]
    fn choices_are_the_lower_envelope() {
        let price = |variant, prepare, gradient| Price { variant, prepare, gradient };
        // The third is never the cheapest, the fourth only after the second was.
        let prices =
            [price(0, 1.0, 100.0), price(1, 1000.0, 10.0), price(2, 2000.0, 50.0), price(3, 10_000.0, 1.0)];
        let found = choices(&prices);
        assert_eq!(found.iter().map(|choice| choice.variant).collect::<Vec<_>>(), [0, 1, 3]);
        // 1 + 100k > 1000 + 10k from k = 12; 1000 + 10k > 10000 + k from k = 1001.
        assert_eq!(found.iter().map(|choice| choice.gradients).collect::<Vec<_>>(), [1.0, 12.0, 1001.0]);
        assert_eq!(prices[0].pays_over(&prices[3]), None);
        assert!(choices(&[]).is_empty());
    }
}
