//! Which row each value of a block gets: one that nothing needs any more.

use super::step::Step;
use crate::rows;
use crate::rows::allocate::{Life, each_row_of, rows_for};

/// Calls for every row of a step.
type EachRow<'a> = &'a mut dyn FnMut(&mut dyn FnMut(&mut u32));

/// What happens on a walk over steps.
enum Event<'a> {
    /// The rows of the step at this position.
    At(usize, EachRow<'a>),
    Enter(usize),
    Leave(usize),
}

fn walk(steps: &mut [Step], terms: &mut [rows::Term], at: &mut usize, visit: &mut dyn FnMut(Event<'_>)) {
    for step in steps {
        let here = *at;
        *at += 1;
        match step {
            Step::Rows(all) => {
                for step in all {
                    let here = *at;
                    *at += 1;
                    visit(Event::At(here, &mut |each| each_row_of(step, terms, each)));
                }
            }
            Step::Loop(inner) => {
                visit(Event::Enter(here));
                walk(&mut inner.body, terms, at, visit);
                visit(Event::Leave(*at));
                *at += 1;
            }
            Step::When(_, inner) => walk(inner, terms, at, visit),
            step => visit(Event::At(here, &mut |each| step.each_row(each))),
        }
    }
}

/// Gives the values of the body of a block, numbered up to `values`, the rows that they are in; says how many these are.
pub(super) fn allocate(body: &mut [Step], terms: &mut [rows::Term], values: usize) -> usize {
    let mut lives: Vec<Option<Life>> = vec![None; values];
    // Loops that are open at a time, and those that each use stands in.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut ends: Vec<usize> = Vec::new();
    let mut uses: Vec<(u32, usize)> = Vec::new();
    walk(body, terms, &mut 0, &mut |event| match event {
        Event::Enter(at) => {
            open.push((at, ends.len()));
            ends.push(0);
        }
        Event::Leave(at) => ends[open.pop().expect("it is open").1] = at,
        Event::At(at, rows) => rows(&mut |row| {
            let life = &mut lives[*row as usize];
            Life::extend(life, at);
            // What was there before a loop is there until it is over.
            let first = life.map_or(at, |life| life.first);
            if let Some((_, end)) = open.iter().find(|(start, _)| *start > first) {
                uses.push((*row, *end));
            }
        }),
    });
    for (row, end) in uses {
        Life::extend(&mut lives[row as usize], ends[end]);
    }
    let (row_of, count) = rows_for(&lives);
    walk(body, terms, &mut 0, &mut |event| {
        if let Event::At(_, rows) = event {
            rows(&mut |row| *row = row_of[*row as usize]);
        }
    });
    count
}
