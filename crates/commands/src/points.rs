//! The points that a command is about: given, or drawn from a seed and said.

use expr::graph::Role;
use harness::{Input, Random, Region};
use serde::Deserialize;
use syntax::{Diagnostic, GivenValue, Setting, ValueTree, read_domains, read_values};

use crate::{Failure, Origin, ParsedFunction};

/// Where a command looks, as texts like those of the command line.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PointRequest {
    /// Points, data too: `x=1,y=[1,2]`.
    pub at: Vec<String>,
    /// Inputs that are data.
    pub data_names: Vec<String>,
    /// How many points are drawn; where none is given either, one.
    pub points: Option<u32>,
    /// From which seed.
    pub seed: u64,
    /// In which range: `-1..1`, or `x=0..1,y=-2..2`.
    pub domain: Option<String>,
}

impl Default for PointRequest {
    fn default() -> PointRequest {
        PointRequest { at: Vec::new(), data_names: Vec::new(), points: None, seed: 1, domain: None }
    }
}

/// Points, each with one number per scalar input.
#[derive(Debug)]
pub struct Points {
    /// All of them.
    pub all: Vec<Vec<f64>>,
    /// From here on they are drawn, from this seed.
    pub drawn: Option<(usize, u64)>,
}

impl Points {
    /// One point, given.
    pub fn one(at: Vec<f64>) -> Points {
        Points { all: vec![at], drawn: None }
    }

    /// Where a point comes from, if that must be said.
    pub fn origin(&self, k: usize) -> String {
        match self.drawn {
            Some((from, seed)) if k >= from => format!("  (drawn, seed {seed})"),
            _ => String::new(),
        }
    }
}

/// The points asked for; one is drawn when none is.
///
/// # Errors
/// When one is no point of the function, or none can be drawn.
pub fn points(given: &ParsedFunction, args: &PointRequest) -> Result<Points, Failure> {
    let known = vec![None; given.subject.input_count()];
    points_beside(given, args, &known)
}

/// Likewise, but for inputs that are known already: nothing is said of them, and they keep their numbers.
///
/// # Errors
/// As [`points`].
pub fn points_beside(
    given: &ParsedFunction,
    args: &PointRequest,
    known: &[Option<f64>],
) -> Result<Points, Failure> {
    let mut all = Vec::new();
    for text in &args.at {
        let blame = |diagnostic: Diagnostic| Failure::place(&diagnostic, text, Setting::At);
        let values = read_values(text).map_err(blame)?;
        // Data alone are no point.
        if values.is_empty() || !values.iter().all(|value| is_data(given, &value.name)) {
            all.push(point(given, text, &values, known).map_err(blame)?);
        }
    }
    let drawn = all.len();
    let wanted = args.points.map_or(usize::from(all.is_empty()), |points| points as usize);
    let region = region(given, args)?;
    for k in 0..wanted {
        let mut random = Random::new(args.seed, &["point", &given.text], k);
        let drawn = region.draw(&mut random);
        let mut drawn = drawn.ok_or_else(|| nowhere(given, &region))?;
        drawn.iter_mut().zip(known).for_each(|(drawn, known)| *drawn = known.unwrap_or(*drawn));
        all.push(drawn);
    }
    let drawn = (wanted > 0 && given.subject.input_count() > 0).then_some((drawn, args.seed));
    Ok(Points { all, drawn })
}

/// The position of the input that is named by what `origin` says.
///
/// # Errors
/// When there is none of that name.
pub fn input(names: &[String], name: &str, origin: impl Into<Origin>) -> Result<usize, Failure> {
    names.iter().position(|own| own == name).ok_or_else(|| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Failure::place(&Diagnostic::unknown_input(name, 0..name.len(), &names), name, origin)
    })
}

fn nowhere(given: &ParsedFunction, region: &Region) -> Failure {
    let names = given.subject.names().all();
    let sides =
        names.iter().zip(&region.intervals).map(|(name, (low, high))| format!("{name}={low}..{high}"));
    let sides: Vec<String> = sides.take(8).collect();
    let found = format!("no point was found where the precondition holds, in {}", sides.join(","));
    Failure::Set(found, Setting::Where)
}

/// The numbers that a text gives to all inputs, as a point does.
///
/// # Errors
/// When it does not.
pub(crate) fn numbers(given: &ParsedFunction, text: &str, setting: Setting) -> Result<Vec<f64>, Failure> {
    let known = vec![None; given.subject.input_count()];
    let found = read_values(text).and_then(|values| {
        if let Some(value) = values.iter().find(|value| is_data(given, &value.name)) {
            let message = format!("{} is data: it does not move", value.name);
            return Err(Diagnostic::at(value.name_place.clone(), message, "without a derivative"));
        }
        point(given, text, &values, &known)
    });
    found.map_err(|diagnostic| Failure::place(&diagnostic, text, setting))
}

/// A text as a point.
fn point(
    given: &ParsedFunction,
    text: &str,
    values: &[GivenValue],
    known: &[Option<f64>],
) -> Result<Vec<f64>, Diagnostic> {
    let inputs = given.subject.inputs();
    let mut point: Vec<Option<f64>> = known.to_vec();
    for value in values.iter().filter(|value| !is_data(given, &value.name)) {
        let Some(input) = inputs.iter().find(|input| input.name() == value.name) else {
            let names: Vec<&str> = inputs.iter().map(Input::name).collect();
            return Err(Diagnostic::unknown_input(&value.name, value.name_place.clone(), &names));
        };
        let mut numbers = Vec::new();
        if !fill(&value.tree, input.shape(), &mut numbers) {
            return Err(wrong_shape(given, value, input.shape()));
        }
        let start = input.start;
        if known.get(start).is_some_and(|known| known.is_some()) {
            let message = format!("{} is a column of the data", value.name);
            return Err(Diagnostic::at(value.name_place.clone(), message, "it has its values there"));
        }
        if point.get(start).is_some_and(|before| before.is_some()) {
            return Err(Diagnostic::at(
                value.name_place.clone(),
                format!("{} is given twice", value.name),
                "the second time",
            ));
        }
        for (slot, number) in point[start..].iter_mut().zip(numbers) {
            *slot = Some(number);
        }
    }
    if point.iter().any(Option::is_none) {
        let names = given.subject.names().all();
        let missing = names.iter().zip(&point).filter(|(_, value)| value.is_none());
        let missing: Vec<&str> = missing.map(|(name, _)| name.as_str()).collect();
        let first = missing[0];
        let end = text.len();
        let list = if missing.len() > 5 {
            format!("{first}, … ({} inputs)", missing.len())
        } else {
            missing.join(", ")
        };
        return Err(Diagnostic::at(end..end, format!("no value for {list}"), "every input needs a value"));
    }
    Ok(point.into_iter().flatten().collect())
}

/// Whether an input is data, which were bound before.
fn is_data(given: &ParsedFunction, name: &str) -> bool {
    let graph = given.function.graph();
    graph.block_named(name).is_some_and(|block| graph.block(block).role == Role::Data)
}

/// The numbers of nested lists of that shape, row after row.
pub(crate) fn flattened(tree: &ValueTree, shape: &[usize]) -> Option<Vec<f64>> {
    let mut numbers = Vec::new();
    fill(tree, shape, &mut numbers).then_some(numbers)
}

/// Numbers that an input has not as many of, and the sizes that say how many it has.
fn wrong_shape(given: &ParsedFunction, value: &GivenValue, shape: &[usize]) -> Diagnostic {
    let needed = match shape {
        [] => "a number".to_owned(),
        [n] => format!("a list of {n} numbers"),
        _ => {
            let extents: Vec<String> = shape.iter().map(usize::to_string).collect();
            format!("nested lists of shape {}", extents.join(" by "))
        }
    };
    let f = &given.function;
    let bound = f.graph().sizes().iter().filter_map(|size| Some(format!("{size} = {}", f.size(size)?)));
    let bound: Vec<String> = bound.collect();
    let because = match shape {
        [_, ..] if !bound.is_empty() => format!(", for {}", bound.join(", ")),
        _ => String::new(),
    };
    let has = match value.tree.lengths()[..] {
        [] => "here is one number".to_owned(),
        [length] => format!("here is a list of {length}"),
        _ => "here are other lists".to_owned(),
    };
    let message = format!("{} needs {needed}{because}; {has}", value.name);
    Diagnostic::at(value.place.clone(), message, "not of this shape")
}

/// Flattens nested lists of exactly that shape, row after row; whether they have it.
fn fill(tree: &ValueTree, shape: &[usize], numbers: &mut Vec<f64>) -> bool {
    match (tree, shape) {
        (ValueTree::Number(number), []) => {
            numbers.push(*number);
            true
        }
        (ValueTree::List(items), [extent, rest @ ..]) if items.len() == *extent => {
            items.iter().all(|item| fill(item, rest, numbers))
        }
        _ => false,
    }
}

/// Where points are drawn: `--domain` says more than a precondition or a family, input by input.
///
/// # Errors
/// When that names what is no input.
pub fn region(given: &ParsedFunction, args: &PointRequest) -> Result<Region, Failure> {
    let inputs = given.subject.inputs();
    let default = given.family.map_or((-1.0, 1.0), |(family, _)| family.domain);
    let mut region = match &given.core {
        Some((_, region)) => region.clone(),
        None => Region::cube(given.subject.input_count(), default),
    };
    let Some(text) = &args.domain else { return Ok(region) };
    let blame = |diagnostic: Diagnostic| Failure::place(&diagnostic, text, Setting::Domain);
    for domain in read_domains(text).map_err(blame)? {
        let range = match &domain.name {
            None => 0..region.intervals.len(),
            Some((name, place)) if is_data(given, name) => {
                let message = format!("{name} is data: no point is drawn for it");
                return Err(blame(Diagnostic::at(place.clone(), message, "given, and not drawn")));
            }
            Some((name, place)) => match inputs.iter().find(|input| input.name() == name) {
                Some(input) => input.start..input.start + input.len(),
                None => {
                    let names: Vec<&str> = inputs.iter().map(Input::name).collect();
                    return Err(blame(Diagnostic::unknown_input(name, place.clone(), &names)));
                }
            },
        };
        region.intervals[range].fill((domain.low, domain.high));
    }
    Ok(region)
}
