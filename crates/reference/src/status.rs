//! What the reference says of one component of a gradient: one of six statuses.

use expr::NodeId;

/// One component of a certified gradient. Exactly one of six statuses; CONTRACTS §3 of the project defines each.
///
/// ```
/// use reference::{Component, Limits, certify};
/// let at = |text, x| certify(&syntax::parse(text).unwrap(), &[x], &Limits::default()).gradients[0][0].clone();
/// let words = [("x^2", 1.0), ("sin(x)/x", 0.0), ("abs(x)", 0.0), ("ln(x)", -1.0), ("exp(x)", 1e3), ("x*sin(1/x)", 0.0)];
/// let words = words.map(|(text, x)| at(text, x).word());
/// assert_eq!(words, ["certified", "removable", "kink", "undefined", "overflow", "undecided"]);
/// assert!(matches!(at("exp(x)", 1e3), Component::Overflow { exponent: 434, .. }));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Component {
    /// The double nearest to the true partial derivative, which is finite; at an end of the domain, to the one-sided one.
    Certified {
        /// That double; -0 is reported as 0. A derivative below the smallest double is 0.
        gradient: f64,
        /// What the true value has beyond it, to as many bits as were used: an error can be told in fractions of an ULP.
        rest: f64,
        /// The bits that it took.
        bits: usize,
        /// From which side the derivative is taken.
        side: Side,
    },
    /// The derivative of the function extended by continuity exists and is known, although the graph as written meets 0·∞,
    /// 0/0 or a kink whose sides agree.
    Removable {
        /// The derivative, as a double.
        gradient: f64,
        /// How that was decided.
        how: How,
        /// From which side the derivative is taken.
        side: Side,
        /// The node that has no finite slope there.
        node: NodeId,
    },
    /// Finite one-sided slopes that differ, a jump, or partial derivatives that belong to no linear map.
    Kink {
        /// Which of these.
        kind: KinkKind,
        /// An interval that holds the slopes to either side; infinite at a jump.
        hull: [f64; 2],
        /// The node.
        node: NodeId,
        /// Where only the value at the point itself differs: what the derivative would be.
        filled: Option<f64>,
    },
    /// The function extended by continuity has no finite one-sided derivative there, or no value on either side.
    Undefined {
        /// The node; none where an input is not a number.
        node: Option<NodeId>,
    },
    /// The derivative exists and is larger than the largest double: about `mantissa`·10^`exponent`.
    Overflow {
        /// From 1 to 10, with the sign of the derivative.
        mantissa: f64,
        /// The power of ten.
        exponent: i64,
    },
    /// None of these was shown within the limits.
    Undecided {
        /// An interval that holds the partial derivative if it exists.
        hull: [f64; 2],
        /// The node at which it is not known whether there is a singularity, if that is why.
        node: Option<NodeId>,
    },
}

impl Component {
    /// The word for the status.
    pub fn word(&self) -> &'static str {
        match self {
            Component::Certified { .. } => "certified",
            Component::Removable { .. } => "removable",
            Component::Kink { .. } => "kink",
            Component::Undefined { .. } => "undefined",
            Component::Overflow { .. } => "overflow",
            Component::Undecided { .. } => "undecided",
        }
    }

    /// The finite derivative that strategies are held against: of a certified or removable component.
    pub fn known(&self) -> Option<f64> {
        match self {
            Component::Certified { gradient, .. } | Component::Removable { gradient, .. } => Some(*gradient),
            _ => None,
        }
    }

    /// The node that has a singularity, where there is one.
    pub fn node(&self) -> Option<NodeId> {
        match self {
            Component::Removable { node, .. } | Component::Kink { node, .. } => Some(*node),
            Component::Undefined { node } | Component::Undecided { node, .. } => *node,
            Component::Certified { .. } | Component::Overflow { .. } => None,
        }
    }
}

/// From which side of the point a derivative is taken: one-sided ones belong to ends of the domain.
///
/// ```
/// use reference::{Component, Limits, Side, certify};
/// let found = certify(&syntax::parse("sqrt(x)^3").unwrap(), &[0.0], &Limits::default());
/// assert!(matches!(found.gradients[0][0], Component::Certified { gradient: 0.0, side: Side::Right, .. }));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// Both sides.
    #[default]
    Both,
    /// From below: the point is the upper end of the domain.
    Left,
    /// From above: the point is the lower end of the domain.
    Right,
}

/// How the derivative at a removable singularity was decided.
///
/// ```
/// use reference::{Component, How, Limits, certify};
/// let found = certify(&syntax::parse("sin(x)/x").unwrap(), &[0.0], &Limits::default());
/// assert!(matches!(found.gradients[0][0], Component::Removable { how: How::Proved, .. }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// In exact arithmetic.
    Proved,
    /// By one-sided limits, to so many digits.
    Digits(u32),
}

/// What kind of kink.
///
/// ```
/// use reference::{Component, KinkKind, Limits, certify};
/// let kinds = ["abs(x)", "floor(x)", "max(x, 2*x)"].map(|text| {
///     match certify(&syntax::parse(text).unwrap(), &[0.0], &Limits::default()).gradients[0][0] {
///         Component::Kink { kind, .. } => kind,
///         _ => panic!("no kink"),
///     }
/// });
/// assert_eq!(kinds, [KinkKind::Corner, KinkKind::Jump, KinkKind::Tie]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KinkKind {
    /// Finite one-sided slopes that are shown to differ.
    Corner,
    /// The value jumps.
    Jump,
    /// Several functions meet, and their slopes are not the same.
    Tie,
    /// Partial derivatives exist, and two directions contradict linearity.
    Partial,
}

/// Whether the total derivative exists, not only the partial ones.
///
/// ```
/// use reference::{Limits, Total, certify};
/// let total = |text, x: &[f64]| certify(&syntax::parse(text).unwrap(), x, &Limits::default()).totals[0];
/// assert_eq!(total("x*y", &[1.0, 2.0]), Total::Yes);
/// assert_eq!(total("max(x, y)", &[1.0, 1.0]), Total::No);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Total {
    /// Proved.
    Yes,
    /// Not known.
    #[default]
    Unknown,
    /// Disproved.
    No,
}
