//! Which row a value gets: one that nothing needs any more.

use super::{Operand, Output, Step, Term, VectorProgram};

/// When a value is there first, and when it is needed last.
#[derive(Clone, Copy)]
pub(crate) struct Life {
    pub(crate) first: usize,
    pub(crate) last: usize,
}

impl Life {
    /// What is there and needed at this time too.
    pub(crate) fn extend(life: &mut Option<Life>, at: usize) {
        let life = life.get_or_insert(Life { first: at, last: at });
        life.last = life.last.max(at);
    }
}

/// The row of every value that has a life, and how many rows there are. What begins when another value is needed last is not where
/// that is: a step must not read the row that it fills.
pub(crate) fn rows_for(lives: &[Option<Life>]) -> (Vec<u32>, usize) {
    let by = |time: fn(&Life) -> usize| {
        let all = lives.iter().enumerate();
        let mut all: Vec<(usize, usize)> =
            all.filter_map(|(value, life)| Some((time(life.as_ref()?), value))).collect();
        all.sort_unstable();
        all
    };
    let mut ends = by(|life| life.last).into_iter().peekable();
    let (mut row_of, mut free, mut count) = (vec![u32::MAX; lives.len()], Vec::new(), 0);
    for (first, value) in by(|life| life.first) {
        while let Some((_, ended)) = ends.next_if(|(last, _)| *last < first) {
            free.push(row_of[ended]);
        }
        row_of[value] = free.pop().unwrap_or_else(|| {
            count += 1;
            count - 1
        });
    }
    (row_of, count as usize)
}

/// Calls for every row of an operator.
pub(crate) fn each_row_of(step: &mut Step, terms: &mut [Term], visit: &mut dyn FnMut(&mut u32)) {
    match step {
        Step::Apply { into, operands, .. } => {
            operands.iter_mut().filter_map(Operand::row_mut).for_each(&mut *visit);
            visit(into);
        }
        Step::SinCos { into, angle } => {
            visit(angle);
            into.iter_mut().for_each(visit);
        }
        Step::Fold { into, terms: range, .. } => {
            for term in &mut terms[range.start as usize..range.end as usize] {
                term.rows_mut().for_each(&mut *visit);
            }
            visit(into);
        }
    }
}

/// Gives rows to what has had numbers of its own so far.
pub(super) fn allocate(program: &mut VectorProgram, values: usize) {
    let mut lives: Vec<Option<Life>> = vec![None; values];
    each_row(program, &mut |at, row| Life::extend(&mut lives[*row as usize], at));
    let (row_of, count) = rows_for(&lives);
    each_row(program, &mut |_, row| *row = row_of[*row as usize]);
    program.rows = count;
}

/// Calls for every row of a program, with its time: of inputs before all steps, of outputs after them.
fn each_row(program: &mut VectorProgram, visit: &mut dyn FnMut(usize, &mut u32)) {
    let VectorProgram { inputs, steps, terms, outputs, .. } = program;
    inputs.iter_mut().flatten().filter_map(Operand::row_mut).for_each(|row| visit(0, row));
    let after = steps.len() + 1;
    for (at, step) in steps.iter_mut().enumerate() {
        each_row_of(step, terms, &mut |row| visit(at + 1, row));
    }
    for output in outputs {
        let places = match output {
            Output::Plain(place) => std::slice::from_mut(place),
            Output::Product(places) => &mut places[..],
        };
        places.iter_mut().filter_map(Operand::row_mut).for_each(|row| visit(after, row));
    }
}
