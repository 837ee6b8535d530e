//! Proofs in print.

use std::collections::HashMap;
use std::fmt::Write;

use expr::{Form, Op};
use num_traits::{One, Signed};

use super::Step;
use super::checker::{
    Certificate, Mask, NEGATIVE, NOT_NEGATIVE, NOT_POSITIVE, NOT_ZERO, POSITIVE, Rule, Term, TermId, ZERO,
};
use super::number::Coefficient;

/// Longer texts are cut.
const MOST: usize = 160;
/// What is nested deeper is not read by anyone.
const MOST_NESTED: u32 = 20;
/// Terms that are looked at for the place of a step.
const MOST_PLACES: usize = 20_000;

/// The first part of a text that is too long to be read.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The steps of a proof, each once.
pub(super) fn steps(proof: &Certificate, names: &[String]) -> Vec<Step> {
    let printer = Printer { terms: &proof.terms, names };
    let places = places(proof);
    let mut steps: Vec<Step> = Vec::new();
    for case in &proof.cases {
        let assumed = case.iter().filter_map(|step| match step.rule {
            Rule::Assume(mask) => Some(printer.condition(step.before, mask)),
            _ => None,
        });
        let assumed: Vec<String> = assumed.collect();
        for step in case {
            let conditions = step.conditions.iter().map(|&(t, mask)| printer.condition(t, mask));
            let after = match step.rule {
                Rule::Assume(_) => continue,
                Rule::Defined(mask) => printer.condition(step.after, mask),
                Rule::Sign(mask) => {
                    format!("{}, {}", printer.text(step.after), printer.condition(step.before, mask))
                }
                Rule::IsolatedZeros => {
                    format!("{} but on a nowhere dense set", printer.condition(step.before, NOT_ZERO))
                }
                _ => printer.text(step.after),
            };
            let conditions = if step.rule == Rule::Identity { assumed.clone() } else { conditions.collect() };
            let path = places.get(&step.before).cloned().unwrap_or_default();
            let step = Step {
                rule: printer.rule(step.rule, step.before),
                path,
                before: printer.text(step.before),
                after,
                conditions,
            };
            if step.before != step.after && !steps.contains(&step) {
                steps.push(step);
            }
        }
    }
    steps
}

/// Where terms stand in the two sides: the positions of operands, from the outermost.
fn places(proof: &Certificate) -> HashMap<TermId, String> {
    let mut places: HashMap<TermId, String> = HashMap::new();
    let mut open: std::collections::VecDeque<(TermId, String)> =
        [(proof.sides[0], "left".to_owned()), (proof.sides[1], "right".to_owned())].into();
    while let Some((id, place)) = open.pop_front() {
        if places.len() > MOST_PLACES || places.contains_key(&id) {
            continue;
        }
        let parts = match &proof.terms[id as usize] {
            Term::Sum(of) | Term::Product(of) | Term::Apply(_, of) => of.clone(),
            Term::Power(of, _) | Term::Exp(of) | Term::Ln(of) => vec![*of],
            _ => Vec::new(),
        };
        if place.len() < 60 {
            open.extend(parts.iter().enumerate().map(|(k, &part)| (part, format!("{place}.{}", k + 1))));
        }
        places.insert(id, place);
    }
    places
}

struct Printer<'a> {
    terms: &'a [Term],
    names: &'a [String],
}

impl Printer<'_> {
    fn rule(&self, rule: Rule, of: TermId) -> String {
        let name = match rule {
            Rule::Definition => match &self.terms[of as usize] {
                Term::Apply(op, _) => return format!("{} by its definition", op.name()),
                _ => "definition",
            },
            Rule::ExponentialOfSum => "exponential of a sum",
            Rule::ExponentialOfAngle => "exponential of a known angle",
            Rule::PowerOfProduct => "power of a product",
            Rule::LogarithmOfProduct => "logarithm of a product",
            Rule::CubeRootOfProduct => "cube root of a product",
            Rule::Odd => "odd function",
            Rule::FloorOfShift => "floor of a shifted argument",
            Rule::BySign => "decided by a sign",
            Rule::Defined(_) => "defined only where",
            Rule::Sign(_) => "sign",
            Rule::IsolatedZeros => "isolated zeros",
            Rule::Assume(_) => "case",
            Rule::Identity => "equal when multiplied out",
        };
        name.to_owned()
    }

    fn condition(&self, of: TermId, mask: Mask) -> String {
        let relation = match mask {
            NEGATIVE => "< 0",
            ZERO => "= 0",
            POSITIVE => "> 0",
            NOT_NEGATIVE => ">= 0",
            NOT_POSITIVE => "<= 0",
            NOT_ZERO => "!= 0",
            _ => "is real",
        };
        format!("{} {relation}", self.text(of))
    }

    fn text(&self, id: TermId) -> String {
        cut(&self.term(id, 0, MOST_NESTED))
    }

    /// In parentheses where the operator outside binds at least as strongly: 1 for sums, 2 for products, 3 for powers.
    fn term(&self, id: TermId, outside: u8, depth: u32) -> String {
        let Some(depth) = depth.checked_sub(1) else { return "…".to_owned() };
        let (text, own) = match &self.terms[id as usize] {
            Term::Number(c) => {
                let plain = c.real().is_some_and(|c| c.is_integer() && !c.is_negative());
                (c.to_string(), if plain { 4 } else { 1 })
            }
            Term::Pi => ("pi".to_owned(), 4),
            Term::Input(k) => (self.names.get(*k as usize).cloned().unwrap_or_default(), 4),
            Term::Sum(of) => {
                let mut text = String::new();
                for &id in of {
                    let (negative, part) = self.signed(id, depth);
                    text += match (text.is_empty(), negative) {
                        (true, true) => "-",
                        (true, false) => "",
                        (false, true) => " - ",
                        (false, false) => " + ",
                    };
                    text += &part;
                    if text.len() > 4 * MOST {
                        break;
                    }
                }
                (text, 1)
            }
            Term::Product(_) => match self.signed(id, depth) {
                (true, text) => (format!("-{text}"), 1),
                (false, text) => (text, 2),
            },
            Term::Power(base, e) => match &self.terms[*base as usize] {
                Term::Exp(w) => (format!("e^({e}*{})", self.term(*w, 2, depth)), 3),
                _ if e.is_one() => return self.term(*base, outside, depth),
                _ => {
                    let plain = e.real().is_some_and(|e| e.is_integer() && !e.is_negative());
                    let exponent = if plain { e.to_string() } else { format!("({e})") };
                    (format!("{}^{exponent}", self.term(*base, 3, depth)), 3)
                }
            },
            Term::Exp(w) => match &self.terms[*w as usize] {
                Term::Number(c) if c.is_one() => ("e".to_owned(), 4),
                _ => (format!("e^({})", self.term(*w, 0, depth)), 3),
            },
            Term::Ln(of) => (format!("ln({})", self.term(*of, 0, depth)), 4),
            Term::Apply(op, of) => self.apply(*op, of, depth),
        };
        if own <= outside { format!("({text})") } else { text }
    }

    fn apply(&self, op: Op, of: &[TermId], depth: u32) -> (String, u8) {
        match (op.form(), of) {
            (Form::Infix(sign, _), [a, b]) => {
                let own = if sign == "^" { 3 } else { 0 };
                (format!("{} {sign} {}", self.term(*a, own, depth), self.term(*b, own, depth)), own)
            }
            _ => {
                let of: Vec<String> = of.iter().map(|&a| self.term(a, 0, depth)).collect();
                (format!("{}({})", op.name(), of.join(", ")), 4)
            }
        }
    }

    /// A summand without its sign, and whether that is minus; quotients as such.
    fn signed(&self, id: TermId, depth: u32) -> (bool, String) {
        let factors = match &self.terms[id as usize] {
            Term::Product(of) => of.clone(),
            Term::Number(c) if c.real().is_some_and(|c| c.is_negative()) => {
                return (true, c.negated().to_string());
            }
            _ => return (false, self.term(id, 1, depth)),
        };
        let (mut negative, mut above, mut below) = (false, Vec::new(), Vec::new());
        for &factor in &factors {
            match &self.terms[factor as usize] {
                Term::Number(c) if *c == Coefficient::integer(-1) => negative ^= true,
                Term::Number(c) if c.real().is_some_and(|c| c.is_negative()) => {
                    negative ^= true;
                    above.push(self.number(&c.negated()));
                }
                Term::Number(c) => above.push(self.number(c)),
                Term::Power(base, e) if *e == Coefficient::integer(-1) => {
                    below.push(self.term(*base, 2, depth))
                }
                _ => above.push(self.term(factor, if factors.len() > 1 { 1 } else { 0 }, depth)),
            }
        }
        let mut text = if above.is_empty() { "1".to_owned() } else { above.join("*") };
        below.iter().for_each(|divisor| _ = write!(text, "/{divisor}"));
        (negative, text)
    }

    fn number(&self, c: &Coefficient) -> String {
        match c.real() {
            Some(c) if c.denom().is_one() => c.to_string(),
            None if c.re == num_traits::Zero::zero() && c.im.is_one() => "i".to_owned(),
            _ => format!("({c})"),
        }
    }
}
