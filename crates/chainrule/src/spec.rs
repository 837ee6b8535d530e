//! Strategies as values: names and variants are written and read here and nowhere else.

use std::fmt;
use std::str::FromStr;

use numerical::Scheme;
#[cfg(feature = "symbolic")]
use symbolic::Mode;

use crate::Numerical;
#[cfg(feature = "symbolic")]
use crate::Symbolic;

/// One of the three strategies.
///
/// ```
/// use chainrule::StrategyName;
/// for name in StrategyName::ALL {
///     assert_eq!(name.as_str().parse(), Ok(name));
/// }
/// let variants = StrategyName::Backprop.variants();
/// assert_eq!(variants.len(), 2);
/// assert_eq!(StrategyName::Backprop.variant("accurate")?, variants[1]);
/// # Ok::<(), chainrule::ParseStrategyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StrategyName {
    /// From values of the function alone.
    Numerical,
    /// Formulas, found once and evaluated.
    #[cfg(feature = "symbolic")]
    Symbolic,
    /// One forward and one backward pass.
    Backprop,
}

impl StrategyName {
    /// All of them, in the order in which they are shown.
    #[cfg(feature = "symbolic")]
    pub const ALL: [StrategyName; 3] =
        [StrategyName::Numerical, StrategyName::Symbolic, StrategyName::Backprop];
    /// All of them, in the order in which they are shown.
    #[cfg(not(feature = "symbolic"))]
    pub const ALL: [StrategyName; 2] = [StrategyName::Numerical, StrategyName::Backprop];

    /// As it is typed.
    pub const fn as_str(self) -> &'static str {
        match self {
            StrategyName::Numerical => "numerical",
            #[cfg(feature = "symbolic")]
            StrategyName::Symbolic => "symbolic",
            StrategyName::Backprop => "backprop",
        }
    }

    /// Every variant that can be typed.
    pub fn variants(self) -> Vec<StrategySpec> {
        match self {
            StrategyName::Numerical => {
                let differences =
                    Scheme::ALL.map(|scheme| StrategySpec::Numerical(Numerical { scheme, whole: false }));
                [&differences[..], &[StrategySpec::ComplexStep]].concat()
            }
            #[cfg(feature = "symbolic")]
            StrategyName::Symbolic => {
                let modes =
                    [false, true].map(|egg| Mode::ALL.map(|mode| Symbolic { mode, egg, accurate: false }));
                modes.as_flattened().iter().copied().map(StrategySpec::Symbolic).collect()
            }
            StrategyName::Backprop => Precision::ALL.map(StrategySpec::Backprop).to_vec(),
        }
    }

    /// The variant of that name.
    ///
    /// # Errors
    /// When there is none; the message lists those that there are.
    pub fn variant(self, name: &str) -> Result<StrategySpec, ParseStrategyError> {
        let found = self.variants().into_iter().find(|spec| spec.variant() == name);
        found.ok_or_else(|| ParseStrategyError::Variant { of: self, given: name.to_owned() })
    }
}

impl fmt::Display for StrategyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for StrategyName {
    type Err = ParseStrategyError;

    fn from_str(name: &str) -> Result<StrategyName, ParseStrategyError> {
        let found = StrategyName::ALL.into_iter().find(|strategy| strategy.as_str() == name);
        found.ok_or_else(|| ParseStrategyError::Name { given: name.to_owned() })
    }
}

/// The numbers that backpropagation runs over.
///
/// ```
/// use chainrule::{Precision, StrategySpec};
/// assert_eq!(StrategySpec::Backprop(Precision::Accurate).to_string(), "backprop=accurate");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// Doubles.
    #[default]
    Standard,
    /// Double-double numbers.
    Accurate,
}

impl Precision {
    /// Both.
    const ALL: [Precision; 2] = [Precision::Standard, Precision::Accurate];

    /// As it is typed.
    const fn as_str(self) -> &'static str {
        match self {
            Precision::Standard => "standard",
            Precision::Accurate => "accurate",
        }
    }
}

/// What stands behind the mode of a symbolic derivative that is simplified.
const EGG: &str = "+egg";

/// A strategy in one of its variants: written and read as `numerical=central-4`; the name alone is its default variant.
///
/// ```
/// use chainrule::{Budget, Derivative, Strategy, StrategyName, StrategySpec, Want};
/// let spec: StrategySpec = "numerical=central-4".parse()?;
/// assert_eq!((spec.to_string(), spec.label()), ("numerical=central-4".into(), "numerical (central-4)".into()));
/// assert_eq!((spec.name(), spec.variant()), (StrategyName::Numerical, "central-4".into()));
/// assert!(spec.is_finite_difference());
/// let f = chainrule::parse("x^2 + 7*y")?;
/// let mut out = Derivative::default();
/// spec.prepare(&f, Want::Gradient, &Budget::default())?.run(&[3.0, 1.0], &mut out)?;
/// assert!((out.gradient[0] - 6.0).abs() < 1e-9 && (out.gradient[1] - 7.0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StrategySpec {
    /// Finite differences.
    Numerical(Numerical),
    /// The numerical strategy by a complex step.
    ComplexStep,
    /// Derivative formulas.
    #[cfg(feature = "symbolic")]
    Symbolic(Symbolic),
    /// Backpropagation.
    Backprop(Precision),
}

impl StrategySpec {
    /// Which of the three strategies it is.
    pub const fn name(self) -> StrategyName {
        match self {
            StrategySpec::Numerical(_) | StrategySpec::ComplexStep => StrategyName::Numerical,
            #[cfg(feature = "symbolic")]
            StrategySpec::Symbolic(_) => StrategyName::Symbolic,
            StrategySpec::Backprop(_) => StrategyName::Backprop,
        }
    }

    /// The variant, as it is typed. `whole` is shown and cannot be typed; `accurate` simplification is neither.
    pub fn variant(self) -> String {
        match self {
            StrategySpec::Numerical(Numerical { scheme, whole: false }) => scheme.name().to_owned(),
            StrategySpec::Numerical(Numerical { scheme, whole: true }) => format!("{scheme}, whole"),
            StrategySpec::ComplexStep => "complex-step".to_owned(),
            #[cfg(feature = "symbolic")]
            StrategySpec::Symbolic(Symbolic { mode, egg, .. }) => {
                mode.name().to_owned() + if egg { EGG } else { "" }
            }
            StrategySpec::Backprop(precision) => precision.as_str().to_owned(),
        }
    }

    /// Both for people: `backprop (standard)`.
    pub fn label(self) -> String {
        format!("{} ({})", self.name(), self.variant())
    }

    /// Whether it is an approximation with a step, rather than exact up to rounding: the complex step is exact.
    pub const fn is_finite_difference(self) -> bool {
        matches!(self, StrategySpec::Numerical(_))
    }
}

impl From<StrategyName> for StrategySpec {
    /// The default variant.
    fn from(name: StrategyName) -> StrategySpec {
        match name {
            StrategyName::Numerical => StrategySpec::Numerical(Numerical::default()),
            #[cfg(feature = "symbolic")]
            StrategyName::Symbolic => StrategySpec::Symbolic(Symbolic::default()),
            StrategyName::Backprop => StrategySpec::Backprop(Precision::default()),
        }
    }
}

impl fmt::Display for StrategySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}={}", self.name(), self.variant()))
    }
}

impl FromStr for StrategySpec {
    type Err = ParseStrategyError;

    fn from_str(text: &str) -> Result<StrategySpec, ParseStrategyError> {
        match text.split_once('=') {
            Some((name, variant)) => name.parse::<StrategyName>()?.variant(variant),
            None => Ok(text.parse::<StrategyName>()?.into()),
        }
    }
}

/// There is no such strategy, or no such variant of it.
///
/// ```
/// use chainrule::StrategySpec;
/// let wrong = "backprop=fast".parse::<StrategySpec>().unwrap_err();
/// assert_eq!(wrong.to_string(), "unknown variant fast; choose one of standard, accurate");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseStrategyError {
    /// No strategy of that name.
    #[error("unknown strategy {given}; choose one of {}", StrategyName::ALL.map(StrategyName::as_str).join(", "))]
    Name {
        /// What was written.
        given: String,
    },
    /// No variant of that name.
    #[error("{}", no_variant(*.of, .given))]
    Variant {
        /// The strategy.
        of: StrategyName,
        /// What was written.
        given: String,
    },
}

/// What is wrong with a variant, and which there are. Each mode is listed once: what stands behind it was not what is wrong.
fn no_variant(of: StrategyName, given: &str) -> String {
    let names: Vec<String> = of.variants().into_iter().map(StrategySpec::variant).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.ends_with(EGG)).collect();
    let (what, given) = match of {
        #[cfg(feature = "symbolic")]
        StrategyName::Symbolic => ("mode", given.strip_suffix(EGG).unwrap_or(given)),
        _ => ("variant", given),
    };
    format!("unknown {what} {given}; choose one of {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_are_read_back_and_wrong_names_are_answered_with_right_ones() {
        let mut count = 0;
        for name in StrategyName::ALL {
            assert_eq!(name.as_str().parse(), Ok(name));
            assert_eq!(name.as_str().parse(), Ok(StrategySpec::from(name)));
            for spec in name.variants() {
                assert_eq!(spec.to_string().parse(), Ok(spec));
                assert_eq!(spec.name(), name);
                count += 1;
            }
        }
        assert_eq!(count, 7 + 8 + 2);
        let wrong = |text: &str| text.parse::<StrategySpec>().unwrap_err().to_string();
        assert_eq!(wrong("guess"), "unknown strategy guess; choose one of numerical, symbolic, backprop");
        assert_eq!(
            wrong("numerical=centrel-2"),
            "unknown variant centrel-2; choose one of forward, central-2, central-4, central-6, richardson, adaptive, \
             complex-step"
        );
        for text in ["symbolic=backward", "symbolic=backward+egg"] {
            assert_eq!(wrong(text), "unknown mode backward; choose one of textbook, forward, reverse, auto");
        }
        assert_eq!(wrong("backprop="), "unknown variant ; choose one of standard, accurate");
        let whole = StrategySpec::Numerical(Numerical { whole: true, ..Numerical::default() });
        assert_eq!(whole.label(), "numerical (adaptive, whole)");
    }
}
