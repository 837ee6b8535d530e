//! The rules, with the condition under which each may fire.
//!
//! Free rules have a right-hand side that is total wherever the left one is: their divisors, logarithms and roots
//! already stand on the left. The others add something that must first be proved, and unknown means no.

use std::sync::OnceLock;

use egg::{Condition, ConditionalApplier, EGraph, Id, Pattern, Rewrite, Subst, Var};

use super::analysis::{Facts, NEGATIVE, POSITIVE, Signs, ZERO};
use super::enode::ENode;

/// A rule as data.
#[derive(Clone, Copy, Debug)]
pub struct Law {
    /// Its name.
    pub name: &'static str,
    /// The left-hand side, as an S-expression over the operators of the table.
    pub left: &'static str,
    /// The right-hand side.
    pub right: &'static str,
    /// What must be known: a variable, and whether it must be nonzero, not negative, not positive.
    pub condition: Option<(&'static str, Known)>,
}

/// What can be known of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Not zero.
    NonZero,
    /// Zero or above.
    NotNegative,
    /// Zero or below.
    NotPositive,
    /// Above zero.
    Positive,
}

impl Known {
    fn allowed(self) -> Signs {
        match self {
            Known::NonZero => NEGATIVE | POSITIVE,
            Known::NotNegative => ZERO | POSITIVE,
            Known::NotPositive => ZERO | NEGATIVE,
            Known::Positive => POSITIVE,
        }
    }
}

const fn law(name: &'static str, left: &'static str, right: &'static str) -> Law {
    Law { name, left, right, condition: None }
}

const fn only_if(law: Law, variable: &'static str, known: Known) -> Law {
    Law { condition: Some((variable, known)), ..law }
}

#[rustfmt::skip]
const LAWS: &[Law] = &[
    // A ring: order and grouping do not matter, 0 and 1 are neutral, products distribute.
    law("add-commutes",      "(+ ?a ?b)",                     "(+ ?b ?a)"),
    law("mul-commutes",      "(* ?a ?b)",                     "(* ?b ?a)"),
    law("add-associates",    "(+ (+ ?a ?b) ?c)",              "(+ ?a (+ ?b ?c))"),
    law("mul-associates",    "(* (* ?a ?b) ?c)",              "(* ?a (* ?b ?c))"),
    law("add-zero",          "(+ ?a 0)",                      "?a"),
    law("mul-one",           "(* ?a 1)",                      "?a"),
    law("mul-zero",          "(* ?a 0)",                      "0"),
    law("distribute",        "(* ?a (+ ?b ?c))",              "(+ (* ?a ?b) (* ?a ?c))"),
    law("factor",            "(+ (* ?a ?b) (* ?a ?c))",       "(* ?a (+ ?b ?c))"),
    law("factor-one",        "(+ ?a (* ?a ?b))",              "(* ?a (+ 1 ?b))"),
    law("double",            "(+ ?a ?a)",                     "(* 2 ?a)"),
    law("double-back",       "(* 2 ?a)",                      "(+ ?a ?a)"),
    // Differences and signs.
    law("sub-self",          "(- ?a ?a)",                     "0"),
    law("sub-zero",          "(- ?a 0)",                      "?a"),
    law("zero-sub",          "(- 0 ?a)",                      "(neg ?a)"),
    law("sub-as-add",        "(- ?a ?b)",                     "(+ ?a (neg ?b))"),
    law("add-as-sub",        "(+ ?a (neg ?b))",               "(- ?a ?b)"),
    law("sub-neg",           "(- ?a (neg ?b))",               "(+ ?a ?b)"),
    law("factor-sub",        "(- (* ?a ?b) (* ?a ?c))",       "(* ?a (- ?b ?c))"),
    law("distribute-sub",    "(* ?a (- ?b ?c))",              "(- (* ?a ?b) (* ?a ?c))"),
    law("neg-neg",           "(neg (neg ?a))",                "?a"),
    law("neg-sub",           "(neg (- ?a ?b))",               "(- ?b ?a)"),
    law("neg-out-of-mul",    "(* (neg ?a) ?b)",               "(neg (* ?a ?b))"),
    law("neg-into-mul",      "(neg (* ?a ?b))",               "(* (neg ?a) ?b)"),
    law("mul-minus-one",     "(* -1 ?a)",                     "(neg ?a)"),
    // Fractions: every divisor on the right already divides on the left.
    law("div-one",           "(/ ?a 1)",                      "?a"),
    law("div-self",          "(/ ?a ?a)",                     "1"),
    law("zero-div",          "(/ 0 ?a)",                      "0"),
    law("mul-into-div",      "(* ?a (/ ?b ?c))",              "(/ (* ?a ?b) ?c)"),
    law("mul-out-of-div",    "(/ (* ?a ?b) ?c)",              "(* ?a (/ ?b ?c))"),
    law("div-div",           "(/ (/ ?a ?b) ?c)",              "(/ ?a (* ?b ?c))"),
    law("div-mul",           "(/ ?a (* ?b ?c))",              "(/ (/ ?a ?b) ?c)"),
    law("div-by-div",        "(/ ?a (/ ?b ?c))",              "(/ (* ?a ?c) ?b)"),
    law("cancel-mul",        "(/ (* ?a ?b) ?b)",              "?a"),
    law("add-divs",          "(+ (/ ?a ?c) (/ ?b ?c))",       "(/ (+ ?a ?b) ?c)"),
    law("sub-divs",          "(- (/ ?a ?c) (/ ?b ?c))",       "(/ (- ?a ?b) ?c)"),
    law("neg-out-of-div",    "(/ (neg ?a) ?b)",               "(neg (/ ?a ?b))"),
    law("neg-from-divisor",  "(/ ?a (neg ?b))",               "(neg (/ ?a ?b))"),
    law("neg-into-div",      "(neg (/ ?a ?b))",               "(/ (neg ?a) ?b)"),
    law("recip",             "(recip ?a)",                    "(/ 1 ?a)"),
    // Integer powers.
    law("square",            "(* ?a ?a)",                     "(powi ?a 2)"),
    law("square-back",       "(powi ?a 2)",                   "(* ?a ?a)"),
    law("square-name",       "(square ?a)",                   "(powi ?a 2)"),
    law("power-zero",        "(powi ?a 0)",                   "1"),
    law("power-one",         "(powi ?a 1)",                   "?a"),
    law("power-minus-one",   "(powi ?a -1)",                  "(/ 1 ?a)"),
    law("power-next",        "(* ?a (powi ?a ?n))",           "(powi ?a (+ ?n 1))"),
    law("power-sum",         "(* (powi ?a ?m) (powi ?a ?n))", "(powi ?a (+ ?m ?n))"),
    law("power-quotient",    "(/ (powi ?a ?n) ?a)",           "(powi ?a (- ?n 1))"),
    law("power-of-product",  "(* (powi ?a ?n) (powi ?b ?n))", "(powi (* ?a ?b) ?n)"),
    law("power-of-power",    "(powi (powi ?a ?m) ?n)",        "(powi ?a (* ?m ?n))"),
    law("power-of-neg",      "(powi (neg ?a) 2)",             "(powi ?a 2)"),
    // Exponentials and logarithms.
    law("exp-zero",          "(exp 0)",                       "1"),
    law("exp-sum",           "(* (exp ?a) (exp ?b))",         "(exp (+ ?a ?b))"),
    law("exp-quotient",      "(/ (exp ?a) (exp ?b))",         "(exp (- ?a ?b))"),
    law("exp-power",         "(powi (exp ?a) ?n)",            "(exp (* ?n ?a))"),
    law("exp-ln",            "(exp (ln ?a))",                 "?a"),
    law("ln-exp",            "(ln (exp ?a))",                 "?a"),
    law("ln-one",            "(ln 1)",                        "0"),
    law("ln-product",        "(+ (ln ?a) (ln ?b))",           "(ln (* ?a ?b))"),
    law("ln-quotient",       "(- (ln ?a) (ln ?b))",           "(ln (/ ?a ?b))"),
    // Roots and absolute values.
    law("root-squared",      "(* (sqrt ?a) (sqrt ?a))",       "?a"),
    law("root-of-square",    "(sqrt (powi ?a 2))",            "(abs ?a)"),
    law("abs-of-neg",        "(abs (neg ?a))",                "(abs ?a)"),
    law("abs-squared",       "(powi (abs ?a) 2)",             "(powi ?a 2)"),
    only_if(law("abs-above", "(abs ?a)",                      "?a"),        "?a", Known::NotNegative),
    only_if(law("abs-below", "(abs ?a)",                      "(neg ?a)"),  "?a", Known::NotPositive),
    only_if(law("cancel-new","(* ?a (powi ?b -1))",           "(/ ?a ?b)"), "?b", Known::NonZero),
    only_if(law("split-root","(sqrt (* ?a ?b))",              "(* (sqrt ?a) (sqrt ?b))"), "?a", Known::Positive),
    only_if(law("ln-of-power","(ln (powi ?a ?n))",            "(* ?n (ln ?a))"), "?a", Known::Positive),
    // Circular and hyperbolic functions.
    law("pythagoras",        "(+ (powi (sin ?a) 2) (powi (cos ?a) 2))",   "1"),
    law("pythagoras-sin",    "(- 1 (powi (sin ?a) 2))",       "(powi (cos ?a) 2)"),
    law("pythagoras-cos",    "(- 1 (powi (cos ?a) 2))",       "(powi (sin ?a) 2)"),
    law("sin-odd",           "(sin (neg ?a))",                "(neg (sin ?a))"),
    law("cos-even",          "(cos (neg ?a))",                "(cos ?a)"),
    law("tan",               "(/ (sin ?a) (cos ?a))",         "(tan ?a)"),
    law("hyperbola",         "(- (powi (cosh ?a) 2) (powi (sinh ?a) 2))", "1"),
    law("tanh",              "(/ (sinh ?a) (cosh ?a))",       "(tanh ?a)"),
    law("sin-asin",          "(sin (asin ?a))",               "?a"),
    law("asinh-sinh",        "(asinh (sinh ?a))",             "?a"),
    law("atanh-tanh",        "(atanh (tanh ?a))",             "?a"),
    // Sigmoid and its kin.
    law("sigmoid-mirror",    "(- 1 (sigmoid ?a))",            "(sigmoid (neg ?a))"),
    law("sigmoid-sum",       "(+ (sigmoid ?a) (sigmoid (neg ?a)))", "1"),
    law("sigmoid-name",      "(/ 1 (+ 1 (exp (neg ?a))))",    "(sigmoid ?a)"),
    law("softplus-mirror",   "(- (softplus ?a) (softplus (neg ?a)))", "?a"),
    // A lattice.
    law("max-self",          "(max ?a ?a)",                   "?a"),
    law("min-self",          "(min ?a ?a)",                   "?a"),
    law("max-commutes",      "(max ?a ?b)",                   "(max ?b ?a)"),
    law("min-commutes",      "(min ?a ?b)",                   "(min ?b ?a)"),
];

/// Every rule, as data.
pub fn laws() -> &'static [Law] {
    LAWS
}

/// Holds when everything known of a variable's e-class lies in a set of signs.
struct SignsWithin {
    variable: Var,
    allowed: Signs,
}

impl Condition<ENode, Facts> for SignsWithin {
    fn check(&self, egraph: &mut EGraph<ENode, Facts>, _: Id, subst: &Subst) -> bool {
        egraph[subst[self.variable]].data.signs & !self.allowed == 0
    }

    fn vars(&self) -> Vec<Var> {
        vec![self.variable]
    }
}

/// The rules as egg wants them; parsed once.
pub(crate) fn rewrites() -> &'static [Rewrite<ENode, Facts>] {
    static REWRITES: OnceLock<Vec<Rewrite<ENode, Facts>>> = OnceLock::new();
    REWRITES.get_or_init(|| LAWS.iter().map(rewrite).collect())
}

fn rewrite(law: &Law) -> Rewrite<ENode, Facts> {
    let side = |text: &str| -> Pattern<ENode> {
        text.parse().unwrap_or_else(|error| panic!("rule {}: {text}: {error}", law.name))
    };
    let (left, right) = (side(law.left), side(law.right));
    let rewrite = match law.condition {
        None => Rewrite::new(law.name, left, right),
        Some((variable, known)) => {
            let variable = variable.parse().unwrap_or_else(|error| panic!("rule {}: {error}", law.name));
            let condition = SignsWithin { variable, allowed: known.allowed() };
            Rewrite::new(law.name, left, ConditionalApplier { condition, applier: right })
        }
    };
    rewrite.unwrap_or_else(|error| panic!("rule {}: {error}", law.name))
}
