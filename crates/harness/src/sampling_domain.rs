//! Where points are drawn: a box, and a condition that may cut into it.

use chainrule::Random;
use expr::{Function, UnrollError};
use syntax::CoreMeaning;

/// A box of one interval per scalar input, less where a condition is not met.
#[derive(Clone, Debug)]
pub struct Region {
    /// The interval of each input.
    pub intervals: Vec<(f64, f64)>,
    /// A flat function of the same inputs that is 1 where points may lie.
    pub condition: Option<Function>,
}

/// Draws that may miss the condition before the region counts as empty.
const TRIES: usize = 100_000;
/// Intervals whose ends are further apart than this factor, to one side of 0, are drawn from evenly in the logarithm.
const DECADES: f64 = 1e3;

impl Region {
    /// The same interval for all inputs, without a condition.
    pub fn cube(inputs: usize, interval: (f64, f64)) -> Region {
        Region { intervals: vec![interval; inputs], condition: None }
    }

    /// What the precondition of a core says. Where that leaves an input without bounds it is drawn from -1 to 1; with one
    /// bound, from there as far as the bound is from 0, and at least 2.
    ///
    /// # Errors
    /// When the precondition cannot be unrolled.
    pub fn of_core(core: &CoreMeaning, sizes: &[(&str, i64)], budget: u64) -> Result<Region, UnrollError> {
        let closed = |&(low, high): &(f64, f64)| match (low.is_finite(), high.is_finite()) {
            (true, true) => (low, high),
            (true, false) => (low, (low + low.abs().max(2.0)).min(f64::MAX)),
            (false, true) => ((high - high.abs().max(2.0)).max(f64::MIN), high),
            _ => (-1.0, 1.0),
        };
        let flat = |condition: &Function| {
            // A condition speaks of some sizes only.
            let spoken: Vec<(&str, i64)> = sizes
                .iter()
                .copied()
                .filter(|(name, _)| condition.graph().sizes().iter().any(|size| size == name))
                .collect();
            condition.with_sizes(&spoken)?.unroll(budget)
        };
        let condition = core.precondition.as_ref().map(flat).transpose()?;
        Ok(Region { intervals: core.domain.iter().map(closed).collect(), condition })
    }

    /// A point of it, or nothing where none is found.
    pub fn draw(&self, random: &mut Random) -> Option<Vec<f64>> {
        (0..TRIES)
            .map(|_| self.intervals.iter().map(|&interval| number(interval, random)).collect::<Vec<f64>>())
            .find(|x| self.condition.as_ref().is_none_or(|condition| condition.evaluate((), x)[0] != 0.0))
    }
}

fn number((low, high): (f64, f64), random: &mut Random) -> f64 {
    let wide = low > 0.0 && high > DECADES * low || high < 0.0 && low < DECADES * high;
    if !wide {
        // The width of an interval may be more than its ends.
        return 2.0 * random.between(low / 2.0, high / 2.0);
    }
    let exponent = random.between(low.abs().ln(), high.abs().ln());
    (low.signum() * exponent.exp()).clamp(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(text: &str) -> Region {
        let core = syntax::read_cores(text).unwrap().remove(0).meaning.unwrap();
        Region::of_core(&core, &[], 1000).unwrap()
    }

    #[test]
    fn points_meet_the_precondition() {
        let triangle = region("(FPCore (a b) :pre (and (<= 1 a 9) (< 1e-10 b 1e10) (< a b)) (+ a b))");
        let mut random = Random::new(1, &["region"], 0);
        let mut small = 0;
        for _ in 0..200 {
            let x = triangle.draw(&mut random).unwrap();
            assert!((1.0..=9.0).contains(&x[0]) && x[0] < x[1] && x[1] < 1e10, "{x:?}");
            small += usize::from(x[1] < 1e5);
        }
        // Evenly in the logarithm: about half of what lies above a.
        assert!((50..150).contains(&small), "{small}");
    }

    #[test]
    fn what_is_not_bounded_is_drawn_near_what_is() {
        assert_eq!(region("(FPCore (x) x)").intervals, [(-1.0, 1.0)]);
        assert_eq!(region("(FPCore (x) :pre (> x 10) x)").intervals, [(10.0, 20.0)]);
        assert_eq!(region("(FPCore (x) :pre (< x 0) x)").intervals, [(-2.0, 0.0)]);
        let widest = region("(FPCore (x y) :pre (and (< -1e308 x 1e308) (< 1e308 y)) x)");
        assert_eq!(widest.intervals, [(-1e308, 1e308), (1e308, f64::MAX)]);
        let x = widest.draw(&mut Random::new(1, &[], 0)).unwrap();
        assert!(x.iter().all(|x| x.is_finite()) && x[0].abs() > 1e300, "{x:?}");
        assert_eq!(region("(FPCore (x) :pre (< 1 x 0) x)").draw(&mut Random::new(1, &[], 0)), None);
    }
}
