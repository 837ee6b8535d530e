//! Several points at once: a number that is one value per lane.

use expr::{Constant, Op, Scalar};

/// How many points run together.
pub const LANES: usize = 8;

/// One number per lane. Every lane computes exactly what an `f64` would.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lanes(pub [f64; LANES]);

expr::arithmetic!(Lanes);

impl Scalar for Lanes {
    type World = ();

    #[inline]
    fn world(&self) {}

    #[inline]
    fn lift((): (), constant: &Constant) -> Lanes {
        Lanes([constant.to_f64(); LANES])
    }

    #[inline(always)]
    fn apply(op: Op, arguments: &[Lanes]) -> Lanes {
        let mut out = [0.0; LANES];
        // One loop per arity, so that the operator is chosen once and the loop over lanes can be vectorised.
        match *arguments {
            [a] => out.iter_mut().zip(a.0).for_each(|(out, a)| *out = op.value(&[a])),
            [a, b] => {
                out.iter_mut().zip(a.0.iter().zip(b.0)).for_each(|(out, (&a, b))| *out = op.value(&[a, b]))
            }
            [a, b, c] => {
                let lanes = a.0.iter().zip(b.0).zip(c.0);
                out.iter_mut().zip(lanes).for_each(|(out, ((&a, b), c))| *out = op.value(&[a, b, c]));
            }
            _ => unreachable!("no operator takes more than three arguments"),
        }
        Lanes(out)
    }
}
