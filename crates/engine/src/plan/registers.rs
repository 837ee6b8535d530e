//! Which row each value of a block gets: one that nothing needs any more.

use super::step::Step;
use crate::rows;
use crate::rows::Operand;

/// Where a value begins and ends to be needed.
#[derive(Clone, Copy)]
struct Life {
    first: usize,
    last: usize,
}

/// Calls for every row of an operator.
fn each_row_of(step: &mut rows::Step, terms: &mut [rows::Term], visit: &mut dyn FnMut(&mut u32)) {
    let operand = |operand: &mut Operand, visit: &mut dyn FnMut(&mut u32)| {
        if let Operand::Row(row) = operand {
            visit(row);
        }
    };
    match step {
        rows::Step::Apply { into, operands, .. } => {
            operands.iter_mut().for_each(|own| operand(own, visit));
            visit(into);
        }
        rows::Step::SinCos { into, angle } => {
            visit(angle);
            into.iter_mut().for_each(visit);
        }
        rows::Step::Fold { into, terms: range, .. } => {
            for term in &mut terms[range.start as usize..range.end as usize] {
                operand(&mut term.first, visit);
                term.second.iter_mut().for_each(|second| operand(second, visit));
            }
            visit(into);
        }
    }
}

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
    let mut uses: Vec<(u32, usize, usize)> = Vec::new();
    walk(body, terms, &mut 0, &mut |event| match event {
        Event::Enter(at) => {
            open.push((at, ends.len()));
            ends.push(0);
        }
        Event::Leave(at) => ends[open.pop().expect("it is open").1] = at,
        Event::At(at, rows) => rows(&mut |row| {
            let life = lives[*row as usize].get_or_insert(Life { first: at, last: at });
            life.last = life.last.max(at);
            // What was there before a loop is there until it is over.
            if let Some((_, end)) = open.iter().find(|(start, _)| *start > life.first) {
                uses.push((*row, *end, at));
            }
        }),
    });
    for (row, end, _) in uses {
        let life = lives[row as usize].as_mut().expect("it is used");
        life.last = life.last.max(ends[end]);
    }
    let mut free: Vec<u32> = Vec::new();
    let mut count = 0;
    let mut row_of: Vec<Option<u32>> = vec![None; values];
    // Values by where they end, to be given back there.
    let mut ending: Vec<(usize, u32)> =
        lives.iter().enumerate().filter_map(|(value, life)| Some(((*life)?.last, value as u32))).collect();
    ending.sort_unstable();
    let mut next = 0;
    walk(body, terms, &mut 0, &mut |event| {
        let Event::At(at, rows) = event else { return };
        while let Some(&(last, value)) = ending.get(next).filter(|(last, _)| *last < at) {
            debug_assert!(last < at);
            free.extend(row_of[value as usize]);
            next += 1;
        }
        rows(&mut |row| {
            let own = &mut row_of[*row as usize];
            let given = own.unwrap_or_else(|| {
                free.pop().unwrap_or_else(|| {
                    count += 1;
                    count - 1
                })
            });
            *own = Some(given);
            *row = given;
        });
    });
    count as usize
}
