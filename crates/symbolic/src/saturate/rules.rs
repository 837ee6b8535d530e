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
pub struct RewriteRule {
    /// Its name.
    pub name: &'static str,
    /// The left-hand side, as an S-expression over the operators of the table.
    pub left: &'static str,
    /// The right-hand side.
    pub right: &'static str,
    /// What must be known: a variable, and whether it must be nonzero, not negative, not positive.
    pub condition: Option<(&'static str, Requirement)>,
}

/// What can be known of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// Not zero.
    NonZero,
    /// Zero or above.
    NotNegative,
    /// Zero or below.
    NotPositive,
    /// Above zero.
    Positive,
}

impl Requirement {
    fn allowed(self) -> Signs {
        match self {
            Requirement::NonZero => NEGATIVE | POSITIVE,
            Requirement::NotNegative => ZERO | POSITIVE,
            Requirement::NotPositive => ZERO | NEGATIVE,
            Requirement::Positive => POSITIVE,
        }
    }
}

const fn rule(name: &'static str, left: &'static str, right: &'static str) -> RewriteRule {
    RewriteRule { name, left, right, condition: None }
}

const fn only_if(rule: RewriteRule, variable: &'static str, known: Requirement) -> RewriteRule {
    RewriteRule { condition: Some((variable, known)), ..rule }
}

#[rustfmt::skip]
const REWRITE_RULES: &[RewriteRule] = &[
    // A ring: order and grouping do not matter, 0 and 1 are neutral, products distribute.
    rule("add-commutes",      "(+ ?a ?b)",                     "(+ ?b ?a)"),
    rule("mul-commutes",      "(* ?a ?b)",                     "(* ?b ?a)"),
    rule("add-associates",    "(+ (+ ?a ?b) ?c)",              "(+ ?a (+ ?b ?c))"),
    rule("mul-associates",    "(* (* ?a ?b) ?c)",              "(* ?a (* ?b ?c))"),
    rule("add-zero",          "(+ ?a 0)",                      "?a"),
    rule("mul-one",           "(* ?a 1)",                      "?a"),
    rule("mul-zero",          "(* ?a 0)",                      "0"),
    rule("distribute",        "(* ?a (+ ?b ?c))",              "(+ (* ?a ?b) (* ?a ?c))"),
    rule("factor",            "(+ (* ?a ?b) (* ?a ?c))",       "(* ?a (+ ?b ?c))"),
    rule("factor-one",        "(+ ?a (* ?a ?b))",              "(* ?a (+ 1 ?b))"),
    rule("double",            "(+ ?a ?a)",                     "(* 2 ?a)"),
    rule("double-back",       "(* 2 ?a)",                      "(+ ?a ?a)"),
    // Differences and signs.
    rule("sub-self",          "(- ?a ?a)",                     "0"),
    rule("sub-zero",          "(- ?a 0)",                      "?a"),
    rule("zero-sub",          "(- 0 ?a)",                      "(neg ?a)"),
    rule("sub-as-add",        "(- ?a ?b)",                     "(+ ?a (neg ?b))"),
    rule("add-as-sub",        "(+ ?a (neg ?b))",               "(- ?a ?b)"),
    rule("sub-neg",           "(- ?a (neg ?b))",               "(+ ?a ?b)"),
    rule("factor-sub",        "(- (* ?a ?b) (* ?a ?c))",       "(* ?a (- ?b ?c))"),
    rule("distribute-sub",    "(* ?a (- ?b ?c))",              "(- (* ?a ?b) (* ?a ?c))"),
    rule("neg-neg",           "(neg (neg ?a))",                "?a"),
    rule("neg-sub",           "(neg (- ?a ?b))",               "(- ?b ?a)"),
    rule("neg-out-of-mul",    "(* (neg ?a) ?b)",               "(neg (* ?a ?b))"),
    rule("neg-into-mul",      "(neg (* ?a ?b))",               "(* (neg ?a) ?b)"),
    rule("mul-minus-one",     "(* -1 ?a)",                     "(neg ?a)"),
    // Fractions: every divisor on the right already divides on the left.
    rule("div-one",           "(/ ?a 1)",                      "?a"),
    rule("div-self",          "(/ ?a ?a)",                     "1"),
    rule("zero-div",          "(/ 0 ?a)",                      "0"),
    rule("mul-into-div",      "(* ?a (/ ?b ?c))",              "(/ (* ?a ?b) ?c)"),
    rule("mul-out-of-div",    "(/ (* ?a ?b) ?c)",              "(* ?a (/ ?b ?c))"),
    rule("div-div",           "(/ (/ ?a ?b) ?c)",              "(/ ?a (* ?b ?c))"),
    rule("div-mul",           "(/ ?a (* ?b ?c))",              "(/ (/ ?a ?b) ?c)"),
    rule("div-by-div",        "(/ ?a (/ ?b ?c))",              "(/ (* ?a ?c) ?b)"),
    rule("cancel-mul",        "(/ (* ?a ?b) ?b)",              "?a"),
    rule("add-divs",          "(+ (/ ?a ?c) (/ ?b ?c))",       "(/ (+ ?a ?b) ?c)"),
    rule("sub-divs",          "(- (/ ?a ?c) (/ ?b ?c))",       "(/ (- ?a ?b) ?c)"),
    rule("neg-out-of-div",    "(/ (neg ?a) ?b)",               "(neg (/ ?a ?b))"),
    rule("neg-from-divisor",  "(/ ?a (neg ?b))",               "(neg (/ ?a ?b))"),
    rule("neg-into-div",      "(neg (/ ?a ?b))",               "(/ (neg ?a) ?b)"),
    rule("recip",             "(recip ?a)",                    "(/ 1 ?a)"),
    // Integer powers.
    rule("square",            "(* ?a ?a)",                     "(powi ?a 2)"),
    rule("square-back",       "(powi ?a 2)",                   "(* ?a ?a)"),
    rule("square-name",       "(square ?a)",                   "(powi ?a 2)"),
    rule("power-zero",        "(powi ?a 0)",                   "1"),
    rule("power-one",         "(powi ?a 1)",                   "?a"),
    rule("power-minus-one",   "(powi ?a -1)",                  "(/ 1 ?a)"),
    rule("power-next",        "(* ?a (powi ?a ?n))",           "(powi ?a (+ ?n 1))"),
    rule("power-sum",         "(* (powi ?a ?m) (powi ?a ?n))", "(powi ?a (+ ?m ?n))"),
    rule("power-quotient",    "(/ (powi ?a ?n) ?a)",           "(powi ?a (- ?n 1))"),
    rule("power-of-product",  "(* (powi ?a ?n) (powi ?b ?n))", "(powi (* ?a ?b) ?n)"),
    rule("power-of-power",    "(powi (powi ?a ?m) ?n)",        "(powi ?a (* ?m ?n))"),
    rule("power-of-neg",      "(powi (neg ?a) 2)",             "(powi ?a 2)"),
    // Exponentials and logarithms.
    rule("exp-zero",          "(exp 0)",                       "1"),
    rule("exp-sum",           "(* (exp ?a) (exp ?b))",         "(exp (+ ?a ?b))"),
    rule("exp-quotient",      "(/ (exp ?a) (exp ?b))",         "(exp (- ?a ?b))"),
    rule("exp-power",         "(powi (exp ?a) ?n)",            "(exp (* ?n ?a))"),
    rule("exp-ln",            "(exp (ln ?a))",                 "?a"),
    rule("ln-exp",            "(ln (exp ?a))",                 "?a"),
    rule("ln-one",            "(ln 1)",                        "0"),
    rule("ln-product",        "(+ (ln ?a) (ln ?b))",           "(ln (* ?a ?b))"),
    rule("ln-quotient",       "(- (ln ?a) (ln ?b))",           "(ln (/ ?a ?b))"),
    // Roots and absolute values.
    rule("root-squared",      "(* (sqrt ?a) (sqrt ?a))",       "?a"),
    rule("root-of-square",    "(sqrt (powi ?a 2))",            "(abs ?a)"),
    rule("abs-of-neg",        "(abs (neg ?a))",                "(abs ?a)"),
    rule("abs-squared",       "(powi (abs ?a) 2)",             "(powi ?a 2)"),
    only_if(rule("abs-above", "(abs ?a)",                      "?a"),        "?a", Requirement::NotNegative),
    only_if(rule("abs-below", "(abs ?a)",                      "(neg ?a)"),  "?a", Requirement::NotPositive),
    only_if(rule("cancel-new","(* ?a (powi ?b -1))",           "(/ ?a ?b)"), "?b", Requirement::NonZero),
    only_if(rule("split-root","(sqrt (* ?a ?b))",              "(* (sqrt ?a) (sqrt ?b))"), "?a", Requirement::Positive),
    only_if(rule("ln-of-power","(ln (powi ?a ?n))",            "(* ?n (ln ?a))"), "?a", Requirement::Positive),
    // Circular and hyperbolic functions.
    rule("pythagoras",        "(+ (powi (sin ?a) 2) (powi (cos ?a) 2))",   "1"),
    rule("pythagoras-sin",    "(- 1 (powi (sin ?a) 2))",       "(powi (cos ?a) 2)"),
    rule("pythagoras-cos",    "(- 1 (powi (cos ?a) 2))",       "(powi (sin ?a) 2)"),
    rule("sin-odd",           "(sin (neg ?a))",                "(neg (sin ?a))"),
    rule("cos-even",          "(cos (neg ?a))",                "(cos ?a)"),
    rule("tan",               "(/ (sin ?a) (cos ?a))",         "(tan ?a)"),
    rule("hyperbola",         "(- (powi (cosh ?a) 2) (powi (sinh ?a) 2))", "1"),
    rule("tanh",              "(/ (sinh ?a) (cosh ?a))",       "(tanh ?a)"),
    rule("sin-asin",          "(sin (asin ?a))",               "?a"),
    rule("asinh-sinh",        "(asinh (sinh ?a))",             "?a"),
    rule("atanh-tanh",        "(atanh (tanh ?a))",             "?a"),
    // Sigmoid and its kin.
    rule("sigmoid-mirror",    "(- 1 (sigmoid ?a))",            "(sigmoid (neg ?a))"),
    rule("sigmoid-sum",       "(+ (sigmoid ?a) (sigmoid (neg ?a)))", "1"),
    rule("sigmoid-name",      "(/ 1 (+ 1 (exp (neg ?a))))",    "(sigmoid ?a)"),
    rule("softplus-mirror",   "(- (softplus ?a) (softplus (neg ?a)))", "?a"),
    // A lattice.
    rule("max-self",          "(max ?a ?a)",                   "?a"),
    rule("min-self",          "(min ?a ?a)",                   "?a"),
    rule("max-commutes",      "(max ?a ?b)",                   "(max ?b ?a)"),
    rule("min-commutes",      "(min ?a ?b)",                   "(min ?b ?a)"),
];

/// Every rule, as data.
pub fn rewrite_rules() -> &'static [RewriteRule] {
    REWRITE_RULES
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
    REWRITES.get_or_init(|| REWRITE_RULES.iter().map(rewrite).collect())
}

fn rewrite(rule: &RewriteRule) -> Rewrite<ENode, Facts> {
    let side = |text: &str| -> Pattern<ENode> {
        text.parse().unwrap_or_else(|error| panic!("rule {}: {text}: {error}", rule.name))
    };
    let (left, right) = (side(rule.left), side(rule.right));
    let rewrite = match rule.condition {
        None => Rewrite::new(rule.name, left, right),
        Some((variable, known)) => {
            let variable = variable.parse().unwrap_or_else(|error| panic!("rule {}: {error}", rule.name));
            let condition = SignsWithin { variable, allowed: known.allowed() };
            Rewrite::new(rule.name, left, ConditionalApplier { condition, applier: right })
        }
    };
    rewrite.unwrap_or_else(|error| panic!("rule {}: {error}", rule.name))
}
