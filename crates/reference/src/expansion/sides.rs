//! What an expansion says of one side of a point, and what two sides say together.

use super::exact::Exact;
use super::rational::Rational;
use super::series::{Absence, Algebra, Outcome, Series, Stuck, Value};

/// A function along a ray from the point, as t goes to 0.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum OneSided {
    /// value + slope·t + o(t). Whole: all exponents found are integers, so that nothing ends here but what is written.
    Slope { value: Exact, slope: Exact, whole: bool },
    /// A limit, but no finite slope.
    Steep { value: Exact },
    /// Beyond every bound.
    Infinite,
    /// No value on the ray.
    Missing(Absence),
    /// Not decided.
    Unknown(Stuck),
}

impl Algebra<'_> {
    /// Reads a value as one side.
    pub(crate) fn side(&mut self, value: &Outcome<Value>) -> OneSided {
        let found = match value {
            Err(stuck) => Err(*stuck),
            Ok(Value::Missing(why)) => Ok(OneSided::Missing(*why)),
            Ok(Value::Huge(_)) => Ok(OneSided::Infinite),
            Ok(Value::Series(series)) => self.side_of_series(series.clone()),
        };
        match found {
            _ if self.field.is_exhausted() => OneSided::Unknown(Stuck::Unsupported),
            Ok(side) => side,
            Err(stuck) => OneSided::Unknown(stuck),
        }
    }

    fn side_of_series(&mut self, mut series: Series) -> Outcome<OneSided> {
        let (zero, one) = (Rational::zero(), Rational::one());
        // Terms that are 0 after all are dropped until the first that is not.
        while let Some(first) = series.terms.first().filter(|term| term.is_infinite()) {
            match self.field.sign(&first.coefficient).ok_or(Stuck::Sign)? {
                0 => drop(series.terms.remove(0)),
                _ => return Ok(OneSided::Infinite),
            }
        }
        if !series.rest.is_above(&zero) {
            return Err(Stuck::Order);
        }
        let value = series.coefficient(&zero);
        for term in &series.terms {
            let steep =
                (zero < term.exponent && term.exponent < one) || (term.exponent == one && term.logs > 0);
            if steep && self.field.sign(&term.coefficient).ok_or(Stuck::Sign)? != 0 {
                return Ok(OneSided::Steep { value });
            }
        }
        if !series.rest.is_above(&one) {
            return Err(Stuck::Order);
        }
        let whole = series.terms.iter().all(|term| term.exponent.is_integer() && term.logs == 0);
        Ok(OneSided::Slope { value, slope: series.coefficient(&one), whole })
    }

    /// Whether two numbers are equal, where that is known.
    pub(crate) fn equal(&mut self, a: &Exact, b: &Exact) -> Option<bool> {
        let difference = self.field.sub(a, b);
        let sign = self.field.sign(&difference);
        if self.field.is_exhausted() { None } else { sign.map(|sign| sign == 0) }
    }
}

impl OneSided {
    /// The limit.
    pub(crate) fn value(&self) -> Option<&Exact> {
        match self {
            OneSided::Slope { value, .. } | OneSided::Steep { value } => Some(value),
            _ => None,
        }
    }

    /// Whether it is decided that there is no finite derivative on this side.
    pub(crate) fn is_steep(&self) -> bool {
        matches!(self, OneSided::Steep { .. } | OneSided::Infinite)
    }

    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, OneSided::Missing(_))
    }

    /// Whether more terms might decide it.
    pub(crate) fn wants_terms(&self) -> bool {
        matches!(self, OneSided::Unknown(Stuck::Order))
    }
}

/// What both sides of a coordinate say of a partial derivative.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Finding {
    /// It exists.
    Slope {
        value: Exact,
        slope: Exact,
        ends: Ends,
        /// Whether the function as written has this value at the point; nothing where it has none.
        written: bool,
    },
    /// Slopes to the left and right that are shown to differ.
    Corner { left: Exact, right: Exact, value: Exact, written: bool },
    /// The value jumps; where only the value at the point does, what the derivative would be.
    Jump { filled: Option<Exact> },
    /// No finite derivative, or no value; the limit of the value, where it has one but is not written.
    Undefined { limit: Option<Exact> },
    /// Both slopes exist, and it is not known whether they are equal: their enclosures agree as far as they go.
    Close { value: Exact, left: Exact, right: Exact, written: bool },
    /// No value on the line, though there may be limits from beside it.
    AtPole,
    /// Not decided.
    Unknown(Stuck),
}

/// Whether the point is an end of the domain, seen along a coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    Inside,
    /// There is nothing above. Whole: nothing but the way it is written ends here.
    AtTop {
        whole: bool,
    },
    /// There is nothing below.
    AtBottom {
        whole: bool,
    },
}

impl Algebra<'_> {
    /// What two sides and the value at the point say. `alone`: the function depends on this coordinate only, so that
    /// what has no value on its line has none nearby.
    pub(crate) fn finding(
        &mut self,
        right: &OneSided,
        left: &OneSided,
        at: &Outcome<Value>,
        alone: bool,
    ) -> Finding {
        let outside = |side: &OneSided| match side {
            OneSided::Missing(Absence::Pole) => alone,
            side => side.is_missing(),
        };
        if let (Some(a), Some(b)) = (right.value(), left.value()) {
            match self.equal(a, b) {
                Some(true) => {}
                Some(false) => return Finding::Jump { filled: None },
                None => return Finding::Unknown(Stuck::Sign),
            }
        }
        match (right, left) {
            (right, left) if right.is_steep() || left.is_steep() => {
                let infinite = [right, left].contains(&&OneSided::Infinite);
                let written = !matches!(at, Ok(Value::Missing(_)));
                let limit = right.value().or(left.value()).filter(|_| !infinite && !written);
                Finding::Undefined { limit: limit.cloned() }
            }
            (right, left) if outside(right) && outside(left) => Finding::Undefined { limit: None },
            (OneSided::Slope { value, slope, .. }, OneSided::Slope { slope: back, .. }) => {
                let left = back.negated();
                let same = self.equal(slope, &left);
                let filled = (same == Some(true)).then(|| slope.clone());
                let (value, right) = (value.clone(), slope.clone());
                let Some(written) = self.is_written(at, &value) else {
                    return Finding::Unknown(Stuck::Sign);
                };
                match (written, same) {
                    (None, _) => Finding::Jump { filled },
                    (Some(written), Some(true)) => {
                        Finding::Slope { value, slope: right, ends: Ends::Inside, written }
                    }
                    (Some(written), Some(false)) => Finding::Corner { left, right, value, written },
                    (Some(written), None) => Finding::Close { value, left, right, written },
                }
            }
            (OneSided::Slope { value, slope, whole }, other)
            | (other, OneSided::Slope { value, slope, whole })
                if outside(other) =>
            {
                let at_top = right.is_missing();
                let slope = if at_top { slope.negated() } else { slope.clone() };
                let ends = match at_top {
                    true => Ends::AtTop { whole: *whole },
                    false => Ends::AtBottom { whole: *whole },
                };
                match self.is_written(at, value) {
                    Some(Some(written)) => Finding::Slope { value: value.clone(), slope, ends, written },
                    Some(None) => Finding::Jump { filled: Some(slope) },
                    None => Finding::Unknown(Stuck::Sign),
                }
            }
            (OneSided::Missing(Absence::Pole), _) | (_, OneSided::Missing(Absence::Pole)) => Finding::AtPole,
            (OneSided::Unknown(stuck), _) | (_, OneSided::Unknown(stuck)) => Finding::Unknown(*stuck),
            _ => Finding::Unknown(Stuck::Unsupported),
        }
    }

    /// Whether the function as written has this value at the point: `Some(true)`, or none at all: `Some(false)`;
    /// nothing inside for another one, nothing at all where that is not known.
    fn is_written(&mut self, at: &Outcome<Value>, value: &Exact) -> Option<Option<bool>> {
        match at {
            Ok(Value::Missing(_)) => Some(Some(false)),
            Ok(Value::Series(series)) => {
                let written = series.as_constant()?;
                Some(self.equal(&written, value)?.then_some(true))
            }
            _ => None,
        }
    }
}
