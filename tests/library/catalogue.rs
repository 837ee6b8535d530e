//! The catalogue of functions says what is so: every line of it is parsed, differentiated and held against the reference.

use std::collections::BTreeSet;

use chainrule::{Backprop, Budget, Derivative, Strategy, Want};
use expr::{Function, Op};
use reference::{Component, Limits, certify};
use syntax::{Entry, Reader, ValueTree, catalogue, parse, read_values};

/// The point for the inputs of `f` that `text` gives.
fn point(f: &Function, text: &str) -> Vec<f64> {
    let values = read_values(text).unwrap();
    let blocks = f.graph().blocks().iter();
    blocks
        .flat_map(|block| {
            let value = values.iter().find(|value| value.name == block.name);
            match &value.unwrap_or_else(|| panic!("no {} in {text}", block.name)).tree {
                ValueTree::Number(number) => vec![*number],
                ValueTree::List(list) => list
                    .iter()
                    .map(|item| match item {
                        ValueTree::Number(number) => *number,
                        ValueTree::List(_) => panic!("matrices are in no example"),
                    })
                    .collect(),
            }
        })
        .collect()
}

#[test]
fn derivatives_of_the_catalogue_are_those_of_the_table() {
    let entries = catalogue().iter().filter(|entry| !entry.slopes.is_empty());
    assert!(entries.clone().count() >= 65, "most functions have slopes");
    for entry in entries {
        let f = parse(entry.usage).unwrap_or_else(|error| panic!("{}: {error}", entry.usage));
        let at = point(&f, entry.at);
        let certificate = certify(&f, &at, &Limits::default());
        let names = f.input_names();
        for (k, name) in names.iter().enumerate() {
            let slope = entry.slopes.iter().find(|(by, _)| by == name);
            let (_, slope) = slope.unwrap_or_else(|| panic!("{}: no slope by {name}", entry.usage));
            let formula = parse(slope).unwrap_or_else(|error| panic!("{slope}: {error}"));
            let told = formula.evaluate((), &point(&formula, entry.at))[0];
            let Component::Certified { gradient, .. } = certificate.gradients[0][k] else {
                panic!("{} by {name} at {}: {:?}", entry.usage, entry.at, certificate.gradients[0][k])
            };
            assert!(
                (told - gradient).abs() <= 1e-12 * gradient.abs(),
                "{} by {name} at {}: {slope} is {told} and not {gradient}",
                entry.usage,
                entry.at
            );
        }
        assert_eq!(names.len(), entry.slopes.len(), "{}", entry.usage);
    }
}

#[test]
fn every_example_is_differentiated() {
    for entry in catalogue() {
        let f = parse(entry.example).unwrap_or_else(|error| panic!("{}: {error}", entry.example));
        let f = f.unroll(10_000).unwrap();
        assert!(
            entry.example.contains(&format!("{}(", entry.name())),
            "{} is not of {}",
            entry.example,
            entry.name()
        );
        let at = point(&f, &entry.example_at());
        let mut found = Derivative::default();
        Backprop.prepare(&f, Want::Gradient, &Budget::default()).unwrap().run(&at, &mut found).unwrap();
        let certificate = certify(&f, &at, &Limits::default());
        for (k, found) in found.gradient.iter().enumerate() {
            let Component::Certified { gradient, .. } = certificate.gradients[0][k] else {
                panic!("{} at {}: {:?}", entry.example, entry.at, certificate.gradients[0][k])
            };
            assert!(
                (found - gradient).abs() <= 1e-12 * gradient.abs(),
                "{}: {found} and not {gradient}",
                entry.example
            );
        }
    }
}

#[test]
fn every_function_is_in_the_catalogue_once() {
    let mut seen = BTreeSet::new();
    for entry in catalogue() {
        assert!(seen.insert(entry.name()), "{} is there twice", entry.name());
        assert!(std::ptr::eq(Entry::of(entry.name()).unwrap(), entry));
        assert!(entry.meaning.len() <= 200 && !entry.meaning.is_empty() && !entry.domain.is_empty());
        assert_eq!(entry.usage, format!("{}({})", entry.name(), entry.arguments().join(", ")));
    }
    for &op in Op::ALL {
        let arguments = ["x", "y", "z"][..op.arity()].join(", ");
        let called = format!("{}({arguments})", op.name());
        if Reader::default().parse(&called).is_ok() {
            assert!(seen.contains(op.name()), "{} is not in the catalogue", op.name());
        }
    }
}
