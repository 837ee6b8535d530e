//! Certified gradients of random compositions against differences of MPFR's values, which know no rule.

use expr::Op;
use reference::{Component, Limits, certify};
use rug::Float;

use crate::oracle::{PRECISION, value};
use crate::random::Random;

/// A random function of x and y.
enum Tree {
    Input(usize),
    Number(f64),
    Apply(Op, Vec<Tree>),
}

/// Operators with slopes that a random composition often leaves defined.
const OPERATORS: [Op; 34] = [
    Op::Neg, Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Pow, Op::Square, Op::Recip, Op::Sqrt, Op::Cbrt, Op::Hypot,
    Op::Exp, Op::Exp2, Op::Expm1, Op::Ln, Op::Log1p, Op::Sin, Op::Cos, Op::Tan, Op::Asin, Op::Acos, Op::Atan,
    Op::Atan2, Op::Sinh, Op::Cosh, Op::Tanh, Op::Asinh, Op::Atanh, Op::Sigmoid, Op::Softplus, Op::Erf, Op::Erfc,
    Op::Expmsq, Op::Xlogy,
];

impl Tree {
    fn random(random: &mut Random, depth: u32) -> Tree {
        if depth == 0 || random.below(8) == 0 {
            return match random.below(5) {
                0 => Tree::Number((random.below(4000) as f64 - 2000.0) / 512.0),
                k => Tree::Input(k as usize % 2),
            };
        }
        let op = OPERATORS[random.below(OPERATORS.len() as u64) as usize];
        Tree::Apply(op, (0..op.arity()).map(|_| Tree::random(random, depth - 1)).collect())
    }

    fn text(&self) -> String {
        match self {
            Tree::Input(k) => ["x", "y"][*k].into(),
            Tree::Number(value) => format!("({value})"),
            Tree::Apply(op, arguments) => {
                let arguments: Vec<String> = arguments.iter().map(Tree::text).collect();
                match op {
                    Op::Neg => format!("(-({}))", arguments[0]),
                    Op::Add => format!("({} + {})", arguments[0], arguments[1]),
                    Op::Sub => format!("({} - {})", arguments[0], arguments[1]),
                    Op::Mul => format!("({} * {})", arguments[0], arguments[1]),
                    Op::Div => format!("({} / {})", arguments[0], arguments[1]),
                    Op::Pow => format!("(({})^({}))", arguments[0], arguments[1]),
                    op => format!("{}({})", op.name(), arguments.join(", ")),
                }
            }
        }
    }

    fn value(&self, at: &[Float; 2]) -> Option<Float> {
        match self {
            Tree::Input(k) => Some(at[*k].clone()),
            Tree::Number(value) => Some(Float::with_val(PRECISION, value)),
            Tree::Apply(op, arguments) => {
                let arguments: Option<Vec<Float>> = arguments.iter().map(|tree| tree.value(at)).collect();
                value(*op, &arguments?)
            }
        }
    }

    /// The slope by an input, as a central difference of a step of 2^-600.
    fn slope(&self, at: &[Float; 2], input: usize) -> Option<Float> {
        let step = Float::with_val(PRECISION, 1) >> 600;
        let moved = |sign: i32| {
            let mut at = at.clone();
            at[input] += Float::with_val(PRECISION, &step * sign);
            self.value(&at)
        };
        let rise = Float::with_val(PRECISION, moved(1)? - moved(-1)?);
        Some(Float::with_val(PRECISION, rise << 599))
    }
}

/// Certified gradients of random compositions; how many are wrong.
pub fn check(count: u64, seed: u64) -> u64 {
    let mut random = Random(seed ^ 0x5eed);
    let (mut checked, mut certified, mut other, mut wrong) = (0, 0, 0, 0);
    while checked < count {
        let tree = Tree::random(&mut random, 4);
        let text = format!("f(x, y) = {}", tree.text());
        let f = syntax::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let at = [random.unit() * 6.0 - 3.0, random.unit() * 6.0 - 3.0];
        let exact = at.map(|x| Float::with_val(PRECISION, x));
        let (Some(by_x), Some(by_y)) = (tree.slope(&exact, 0), tree.slope(&exact, 1)) else { continue };
        checked += 1;
        let found = certify(&f, &at, &Limits::default());
        for (component, truth) in found.gradients[0].iter().zip([by_x, by_y]) {
            let Component::Certified { gradient, .. } = *component else {
                other += 1;
                continue;
            };
            certified += 1;
            // The differences are good to a few hundred bits of numbers that are not tiny.
            if truth.get_exp().is_none_or(|exponent| exponent.abs() > 400) {
                continue;
            }
            let (below, above) = (gradient.next_down(), gradient.next_up());
            let middle = |a: f64, b: f64| (Float::with_val(200, a) + b) / 2u32;
            if truth < middle(below, gradient) || truth > middle(gradient, above) {
                wrong += 1;
                if wrong <= 20 {
                    println!("WRONG {text} at {at:?}: {gradient:e}, and MPFR's {truth:.30}");
                }
            }
        }
    }
    println!(
        "{checked} compositions: {certified} components certified, {other} with another status; {wrong} wrong"
    );
    wrong
}
