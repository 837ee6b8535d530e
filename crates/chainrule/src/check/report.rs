//! What a check of a gradient has found, and how it reads.

use std::fmt;

use super::line::Slope;

/// What the values of a function say of a component of its gradient.
///
/// ```
/// use chainrule::{Agreement, check_gradient};
/// let check = check_gradient(|x| x[0].powi(2) + x[1].abs() + x[2].sin(), &[6.0, 0.0, -1.0], &[3.0, 0.0, 0.0])?;
/// assert!(matches!(check.components[0].agreement, Agreement::Agrees { digits } if digits > 12.0));
/// assert!(matches!(check.components[1].agreement, Agreement::CannotSee { .. })); // a kink
/// assert_eq!(check.components[2].agreement, Agreement::Disagrees { cause: "the sign is flipped".into() });
/// # Ok::<(), chainrule::WrongLength>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Agreement {
    /// They confirm it.
    Agrees {
        /// To so many digits; of a component that is 0 at a stationary point, of the slopes nearby.
        digits: f64,
    },
    /// They contradict it.
    Disagrees {
        /// What is probably the matter, in words.
        cause: String,
    },
    /// They do not tell: nothing is said against the component, and nothing for it.
    CannotSee {
        /// Why.
        why: String,
    },
}

/// One component of a gradient that was checked.
///
/// ```
/// use chainrule::check_gradient;
/// let check = check_gradient(|x| x[0].exp() * x[1], &[2.0, 1.0], &[0.0, 2.0])?;
/// let checked = &check.components[1];
/// assert_eq!((checked.component, checked.claimed), (1, 1.0));
/// assert!((checked.found.unwrap().value - 1.0).abs() < 1e-9);
/// assert!(checked.to_string().starts_with("component 1: 1e0, 1")); // "… 15 digits", say
/// # Ok::<(), chainrule::WrongLength>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedComponent {
    /// Its position.
    pub component: usize,
    /// What the gradient under test says.
    pub claimed: f64,
    /// What differences of the function say, if anything.
    pub found: Option<Slope>,
    /// Whether these agree.
    pub agreement: Agreement,
}

/// A gradient that was checked, component by component.
///
/// ```
/// use chainrule::{Agreement, check_gradient};
/// let check = check_gradient(|x| x[0] * x[1] + x[2].abs(), &[5.0, 3.0, 0.0], &[3.0, 5.0, 0.0])?;
/// assert!(!check.agrees());
/// assert_eq!(check.disagreeing().count(), 0);
/// assert_eq!(check.unchecked().next().unwrap().component, 2); // a kink
/// assert!(matches!(check.agreement(), Agreement::CannotSee { .. }));
/// # Ok::<(), chainrule::WrongLength>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GradientCheck {
    /// One per component, in order.
    pub components: Vec<CheckedComponent>,
    /// How often the function was evaluated.
    pub evaluations: u64,
}

impl GradientCheck {
    /// Whether every component agrees.
    pub fn agrees(&self) -> bool {
        self.components.iter().all(|checked| matches!(checked.agreement, Agreement::Agrees { .. }))
    }

    /// Components that the values contradict.
    pub fn disagreeing(&self) -> impl Iterator<Item = &CheckedComponent> {
        self.components.iter().filter(|checked| matches!(checked.agreement, Agreement::Disagrees { .. }))
    }

    /// Components of which the values do not tell.
    pub fn unchecked(&self) -> impl Iterator<Item = &CheckedComponent> {
        self.components.iter().filter(|checked| matches!(checked.agreement, Agreement::CannotSee { .. }))
    }

    /// The worst over the components: one that disagrees, else one that cannot be seen, else the fewest digits.
    pub fn agreement(&self) -> Agreement {
        let worst = self.disagreeing().chain(self.unchecked()).next();
        let digits = |checked: &CheckedComponent| match checked.agreement {
            Agreement::Agrees { digits } => digits,
            _ => 0.0,
        };
        let fewest = self.components.iter().map(digits).fold(15.9, f64::min);
        worst.map_or(Agreement::Agrees { digits: fewest }, |checked| checked.agreement.clone())
    }
}

impl fmt::Display for CheckedComponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CheckedComponent { component, claimed, found, agreement } = self;
        match agreement {
            Agreement::Agrees { digits } => {
                write!(f, "component {component}: {claimed:e}, {digits:.0} digits")
            }
            Agreement::Disagrees { cause } => {
                write!(f, "component {component}: gradient under test {claimed:e}")?;
                if let Some(slope) = found {
                    write!(f, ", differences of the function {:e} ± {:.1e}", slope.value, slope.error)?;
                }
                write!(f, "; {cause}")
            }
            Agreement::CannotSee { why } => {
                write!(f, "component {component}: {claimed:e} was not checked; {why}")
            }
        }
    }
}

impl fmt::Display for GradientCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (wrong, open) = (self.disagreeing().count(), self.unchecked().count());
        let all = self.components.len();
        let plural = if all == 1 { "component" } else { "components" };
        match (wrong, open) {
            (0, 0) => {
                let Agreement::Agrees { digits } = self.agreement() else { return Ok(()) };
                write!(f, "the gradient agrees with the function to at least {digits:.0} digits")?;
            }
            (0, open) => write!(f, "the gradient was not checked in {open} of {all} {plural}:")?,
            (wrong, _) => write!(f, "the gradient is wrong in {wrong} of {all} {plural}:")?,
        }
        let shown = self.disagreeing().chain(self.unchecked());
        for checked in shown.take(MOST_SHOWN) {
            write!(f, "\n  {checked}")?;
        }
        match (wrong + open).saturating_sub(MOST_SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n  … {more} more"),
        }
    }
}

/// Components in a message.
const MOST_SHOWN: usize = 10;
