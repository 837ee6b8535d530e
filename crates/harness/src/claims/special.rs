//! Points that are never drawn: where a claim that is right elsewhere is wrong, or has no value although the derivative does.
//!
//! They are looked for at the constants of both formulas, at small whole and half numbers, and where inputs are equal. What is
//! found is certified; what is not found is not said to be absent.

use expr::{Builder, Certainty, Fact, Function, Node, NodeId, Style};

use super::points::{Against, Found, draw};
use super::{Claim, Counterexample, Options, Place};

/// More values than this are not tried for an input.
const MOST_VALUES: usize = 24;
/// Of more inputs than this only the first are given special values.
const MOST_INPUTS: usize = 8;
/// More places than this are not told.
const MOST_TOLD: usize = 4;
/// In larger functions special points are not looked for.
const MOST_NODES: usize = 20_000;

/// The special points of a claim.
pub(super) struct Special<'a> {
    against: Against<'a>,
    /// The function's outputs and partial derivatives, in double precision.
    derivative: &'a Function,
    /// Which of them is spoken of.
    actual: usize,
    names: Vec<String>,
    options: Options,
    /// Points, and the inputs that were given special values in them.
    points: Vec<(Vec<f64>, Vec<usize>)>,
}

impl<'a> Special<'a> {
    pub(super) fn of(
        f: &'a Function,
        derivative: &'a Function,
        claim: &'a Claim,
        options: &Options,
    ) -> Special<'a> {
        let names = f.input_names();
        let mut special = Special {
            against: Against::new(f, claim, options),
            derivative,
            actual: f.outputs().len() + claim.input,
            names: names.clone(),
            options: *options,
            points: Vec::new(),
        };
        if f.graph().len() + claim.formula.graph().len() > MOST_NODES {
            return special;
        }
        // The input that the derivative is taken by comes first.
        let mut inputs: Vec<usize> = (0..names.len()).collect();
        inputs.sort_by_key(|&input| input != claim.input);
        inputs.truncate(MOST_INPUTS);
        let values = values(&[f, &claim.formula]);
        special.look_at(inputs.iter().flat_map(|&input| values.iter().map(move |&value| (input, value))));
        for (k, &a) in inputs.iter().enumerate() {
            for &b in &inputs[..k] {
                let mut point = draw(names.len(), options, 3);
                (point[a], point[b]) = (1.0, 1.0);
                special.points.push((point, vec![b, a]));
            }
        }
        special
    }

    /// Tries these values of single inputs first.
    pub(super) fn look_at(&mut self, values: impl Iterator<Item = (usize, f64)>) {
        let mut points = Vec::new();
        for (input, value) in values {
            // Points of two kinds, since a function may be defined at one of them only.
            for kind in [3, 2] {
                let mut point = draw(self.names.len(), &self.options, kind);
                point[input] = value;
                points.push((point, vec![input]));
            }
        }
        self.points.splice(0..0, points);
    }

    /// What the derivative is in double precision.
    fn evaluated(&self, point: &[f64]) -> f64 {
        self.derivative.evaluate((), point)[self.actual]
    }

    fn place(&self, point: &[f64], special: &[usize]) -> Place {
        special.iter().map(|&input| (self.names[input].clone(), point[input])).collect()
    }

    /// The first point at which the claim is certified to be wrong.
    pub(super) fn first_difference(&self) -> Option<Counterexample> {
        self.differences(1).pop().map(|(counterexample, _)| counterexample)
    }

    fn differences(&self, most: usize) -> Vec<(Counterexample, Place)> {
        let mut found: Vec<(Counterexample, Place)> = Vec::new();
        for (point, special) in &self.points {
            let place = self.place(point, special);
            // What is wrong at x = 1 is wrong at x = y = 1.
            let known = found.iter().any(|(_, known)| known.iter().all(|pair| place.contains(pair)));
            if found.len() >= most || known {
                continue;
            }
            let (claimed, actual) = (self.against.evaluated(point), self.evaluated(point));
            let alike = (claimed - actual).abs() <= 1e-9 * claimed.abs().max(actual.abs());
            if !claimed.is_finite() || alike {
                continue;
            }
            if let Found::Wrong(counterexample) = self.against.at(point) {
                found.push((counterexample, place));
            }
        }
        found
    }

    /// Conditions of a claim that is proved, and the places at which it is wrong. The formula may have loops; `flat` is what
    /// writes out what it is made of.
    pub(super) fn found(
        &self,
        formula: &Function,
        flat: impl Fn(&Function) -> Option<Function>,
    ) -> (Vec<String>, Vec<Place>) {
        let differences = self.differences(MOST_TOLD).into_iter().map(|(_, place)| place).collect();
        (self.conditions(formula, flat).unwrap_or_default(), differences)
    }

    /// Conditions that the claim needs and the derivative does not: shown by a point at which one does not hold, the claim has no
    /// value and the derivative is certified.
    fn conditions(
        &self,
        formula: &Function,
        flat: impl Fn(&Function) -> Option<Function>,
    ) -> Option<Vec<String>> {
        let (together, conditions) = Condition::all(formula)?;
        let arguments = flat(&together)?;
        let inputs = arguments.input_names();
        let own = { inputs.iter() }
            .map(|name| self.names.iter().position(|known| known == name))
            .collect::<Option<Vec<usize>>>()?;
        let mut words: Vec<String> = Vec::new();
        let drawn = (0..24).map(|k| (draw(self.names.len(), &self.options, k), Vec::new()));
        for (point, _) in self.points.iter().cloned().chain(drawn) {
            if self.against.evaluated(&point).is_finite() || words.len() >= MOST_TOLD {
                continue;
            }
            let values = arguments.evaluate((), &own.iter().map(|&k| point[k]).collect::<Vec<f64>>());
            let broken: Vec<&Condition> = conditions
                .iter()
                .filter(|condition| !condition.holds(&values) && !words.contains(&condition.word))
                .collect();
            if !broken.is_empty()
                && self.against.claimed(&point).is_none()
                && self.against.derivative(&point).is_some()
            {
                words.extend(broken.into_iter().map(|condition| condition.word.clone()));
            }
        }
        words.truncate(MOST_TOLD);
        Some(words)
    }
}

/// Constants of functions, with both signs, and small whole and half numbers.
fn values(functions: &[&Function]) -> Vec<f64> {
    let mut all = vec![0.0];
    let constants = functions.iter().flat_map(|f| f.graph().constants()).map(|constant| constant.to_f64());
    for value in constants.filter(|value| value.is_finite()).chain([1.0, 2.0, 0.5, 1.5]) {
        for value in [value, -value] {
            if !all.contains(&value) && all.len() < MOST_VALUES {
                all.push(value);
            }
        }
    }
    all
}

/// What a formula needs to have a value: of one of the outputs of the function of arguments.
struct Condition {
    word: String,
    argument: usize,
    fact: Fact,
}

impl Condition {
    fn holds(&self, values: &[f64]) -> bool {
        // Of two arguments the other one is an exponent or a factor for which the condition counts.
        let mut arguments = [-1.0; 3];
        arguments[self.fact.arguments()[0].expect("facts speak of arguments")] = values[self.argument];
        self.fact.without_value(&arguments) == Certainty::No && !values[self.argument].is_nan()
    }

    /// The conditions of a claim outside its loops, and the function of their arguments.
    fn all(rolled: &Function) -> Option<(Function, Vec<Condition>)> {
        let graph = rolled.graph();
        let (mut conditions, mut arguments) = (Vec::<Condition>::new(), Vec::<NodeId>::new());
        let free = graph.free_axes();
        for id in graph.ids() {
            let node = graph.node(id);
            for &fact in node.op().map_or(&[][..], |op| op.undefined()) {
                let Some((k, relation)) = requirement(rolled, fact, node.operands()) else { continue };
                let argument = node.operands()[k];
                if matches!(graph.node(argument), Node::Const(_)) || !free[argument.index()].is_empty() {
                    continue;
                }
                let alone = Builder::resume(graph.clone(), Style::Written).finish(vec![argument]);
                let word = format!("{} {relation}", syntax::formulas(&alone, 0..1).concat());
                if word.chars().count() <= 120 && !conditions.iter().any(|known| known.word == word) {
                    conditions.push(Condition { word, argument: arguments.len(), fact });
                    arguments.push(argument);
                }
            }
        }
        if arguments.is_empty() {
            return None;
        }
        Some((Builder::resume(graph.clone(), Style::Written).finish(arguments), conditions))
    }
}

/// What an operator needs of one of its arguments, in words.
fn requirement(f: &Function, fact: Fact, arguments: &[NodeId]) -> Option<(usize, String)> {
    let graph = f.graph();
    let exponent = || match graph.node(arguments[1]) {
        Node::Const(constant) => Some(graph.constant(constant).to_f64()),
        _ => None,
    };
    let relation = match fact {
        Fact::LowerOpen(_, bound) => format!("> {bound}"),
        Fact::UpperOpen(_, bound) => format!("< {bound}"),
        Fact::LowerClosed(_, bound) => format!(">= {bound}"),
        Fact::OutsideUnit(_) => "is not between -1 and 1".to_owned(),
        Fact::UnitClosed(_) | Fact::UnitOpen(_) => "is between -1 and 1".to_owned(),
        Fact::NonZero(_) => "!= 0".to_owned(),
        Fact::IntegerPower if exponent().is_some_and(|e| e < 0.0) => "!= 0".to_owned(),
        Fact::Power if exponent().is_some_and(|e| e < 0.0) => "!= 0".to_owned(),
        _ => return None,
    };
    Some((fact.arguments()[0]?, relation))
}
