//! Fractions of polynomials over kernels, and what is a kernel.

use std::collections::BTreeMap;

use expr::Op;
use num_rational::Ratio;

use super::number::{Coefficient, Exponent, small};
use super::polynomial::{Monomial, Polynomial};

/// What is not taken apart further.
#[derive(Clone, Debug)]
pub(super) enum Kernel {
    /// A scalar input, by its position.
    Input(usize),
    /// π.
    Pi,
    /// e to some power; the argument is one term with coefficient 1.
    Exp(Fraction),
    /// A positive power of something that is not negative where its roots are defined.
    Root(Fraction),
    /// The real cube root.
    Cbrt(Fraction),
    /// A natural logarithm.
    Ln(Fraction),
    /// Any other function.
    Apply(Op, Vec<Fraction>),
}

impl Kernel {
    /// What it is a function of.
    pub(super) fn arguments(&self) -> &[Fraction] {
        match self {
            Kernel::Input(_) | Kernel::Pi => &[],
            Kernel::Exp(of) | Kernel::Root(of) | Kernel::Cbrt(of) | Kernel::Ln(of) => {
                std::slice::from_ref(of)
            }
            Kernel::Apply(_, of) => of,
        }
    }
}

/// A polynomial divided by powers of others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fraction {
    pub(super) top: Polynomial,
    pub(super) below: BTreeMap<usize, u32>,
}

impl Fraction {
    pub(super) fn constant(value: Coefficient) -> Fraction {
        Polynomial::constant(value).into()
    }

    pub(super) fn integer(value: i64) -> Fraction {
        Fraction::constant(Coefficient::integer(value))
    }

    pub(super) fn is_zero(&self) -> bool {
        self.top.is_zero()
    }

    /// The constant that it is, if it is one.
    pub(super) fn as_constant(&self) -> Option<Coefficient> {
        self.top.as_constant().filter(|value| self.below.is_empty() || value.is_zero())
    }

    pub(super) fn scaled(&self, by: &Coefficient) -> Fraction {
        Fraction { top: self.top.scaled(by), below: self.below.clone() }
    }

    pub(super) fn negated(&self) -> Fraction {
        self.scaled(&Coefficient::integer(-1))
    }

    /// Its only term, if that is all there is.
    pub(super) fn as_term(&self) -> Option<(&Monomial, &Coefficient)> {
        self.top.as_term().filter(|_| self.below.is_empty())
    }

    pub(super) fn leading(&self) -> Option<&Coefficient> {
        self.top.0.first_key_value().map(|(_, coefficient)| coefficient)
    }
}

impl From<Polynomial> for Fraction {
    fn from(top: Polynomial) -> Fraction {
        Fraction { top, below: BTreeMap::new() }
    }
}

/// One kernel by itself.
pub(super) fn alone(k: u32) -> Fraction {
    Polynomial::term(vec![(k, Exponent::integer(1))], Coefficient::integer(1)).into()
}

/// The exponent that a constant fraction is.
pub(super) fn exponent(a: &Fraction) -> Option<Ratio<i64>> {
    a.as_constant().as_ref().and_then(Coefficient::real).and_then(small)
}
