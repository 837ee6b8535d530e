//! Random functions with arrays, nested loops, iterations, guards, extremes and data in indices, of numbers that stay near 1.

use expr::graph::{AxisRange, Role};
use expr::index::{Index, Symbol};
use expr::{Axis, Builder, Calculus, Expr, Fold, Function};

/// Every array has the indices 1 to this, and no index variable goes beyond, where nothing else is said.
const LAST: i64 = 4;

struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % end
    }
}

/// An array, a state, or the array that a state is.
#[derive(Clone, Copy)]
enum Known<'g> {
    Number(Expr<'g>),
    Array(Expr<'g>, usize),
}

struct Making<'g> {
    g: &'g Builder,
    random: Random,
    axes: Vec<Axis>,
    known: Vec<Known<'g>>,
    names: usize,
    /// The last index.
    last: i64,
}

/// A function of `x`, `y`, `W` and the numbers `a` and `b`; and of data `k`, some of which are the same.
pub(crate) fn random_function(seed: u64, depth: u32) -> Function {
    random_function_to(seed, depth, LAST)
}

/// The same with indices from 1 to `last`.
pub(super) fn random_function_to(seed: u64, depth: u32, last: i64) -> Function {
    let random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d);
    let f = Function::build(|g| {
        let mut making = Making { g, random, axes: Vec::new(), known: Vec::new(), names: 0, last };
        vec![making.number(depth)]
    });
    with_data_to(&f, seed, last)
}

/// A function with the data of the random function of that seed.
#[allow(dead_code)] // not needed by all who include this
pub(super) fn with_data(f: &Function, seed: u64) -> Function {
    with_data_to(f, seed, LAST)
}

fn with_data_to(f: &Function, seed: u64, last: i64) -> Function {
    let mut random = Random(seed ^ 0x2545_f491);
    let k: Vec<f64> = (0..last).map(|_| 1.0 + random.below(last as u64) as f64).collect();
    // What is not read has no indices in a text.
    match f.graph().block_named("k").filter(|&k| f.graph().block(k).rank == 1) {
        Some(_) => f.with_data(&[("k", &[last as usize], &k)]).expect("as many as it is read with"),
        None => f.clone(),
    }
}

impl<'g> Making<'g> {
    /// A name for an index variable: a new one, or one that is not bound around, so that loops and arrays share axes.
    fn name(&mut self) -> String {
        let shared = ["p", "q", "r"][self.random.below(3) as usize];
        let is_bound = self.axes.iter().any(|axis| self.g.graph().axis_names(*axis).index == shared);
        if !is_bound && self.random.below(2) == 0 {
            return shared.to_owned();
        }
        self.names += 1;
        format!("i{}", self.names)
    }

    fn form(&mut self) -> Index {
        match (self.axes.len() as u64, self.random.below(5)) {
            (_, 4) => self.datum(),
            (0, _) | (_, 0) => (1 + self.random.below(self.last as u64) as i64).into(),
            (n, _) => Symbol::Axis(self.axes[self.random.below(n) as usize]).into(),
        }
    }

    /// A datum, perhaps at the position that another one is.
    fn datum(&mut self) -> Index {
        let position = self.form();
        Index::datum(self.g.block("k", 1, Role::Data), &[position]).unwrap_or_else(|| 1.into())
    }

    /// A range within 1 to the last index, with a new axis; perhaps an empty one.
    fn range(&mut self, states: usize, may_be_empty: bool) -> AxisRange {
        let index = self.name();
        let states: Vec<String> = (0..states).map(|k| format!("{index}s{k}")).collect();
        let states: Vec<&str> = states.iter().map(String::as_str).collect();
        let axis = self.g.axis(&index, &states);
        let low = 1 + self.random.below(2) as i64;
        let high = match (self.random.below(4), self.axes.last()) {
            (0, Some(&outer)) if low == 1 => match self.random.below(3) {
                0 => self.datum(),
                _ => Symbol::Axis(outer).into(),
            },
            (1, _) if may_be_empty => (low - 1).into(),
            _ => (low + self.random.below((self.last - low + 1) as u64) as i64).into(),
        };
        AxisRange { axis, low: low.into(), high }
    }

    fn within<T>(&mut self, axis: Axis, make: impl FnOnce(&mut Self) -> T) -> T {
        let known = self.known.len();
        self.axes.push(axis);
        let made = make(self);
        self.axes.pop();
        self.known.truncate(known);
        made
    }

    fn leaf(&mut self) -> Expr<'g> {
        let g = self.g;
        let read =
            |name: &str, position: &[Index]| g.read(g.block(name, position.len(), Role::Variable), position);
        if !self.known.is_empty() && self.random.below(2) == 0 {
            let k = self.random.below(self.known.len() as u64) as usize;
            return match self.known[k] {
                Known::Number(number) => number,
                Known::Array(array, rank) => {
                    let position: Vec<Index> = (0..rank).map(|_| self.form()).collect();
                    if rank == 2 && self.random.below(3) == 0 {
                        let row = g.at(array, &position[..1]);
                        return g.at(row, &position[1..]);
                    }
                    g.at(array, &position)
                }
            };
        }
        match self.random.below(8) {
            7 => {
                let datum = self.datum();
                g.spelled(&datum) * g.constant(0.125)
            }
            0 => g.input("a"),
            1 => g.input("b"),
            2 => g.constant(0.25 + self.random.below(4) as f64 / 4.0),
            3 => read("y", &[self.form()]),
            4 => read("W", &[self.form(), self.form()]),
            _ => {
                let form = self.form();
                match self.random.below(4) {
                    // A read that only a guard makes possible.
                    0 if form.as_constant().is_none() => {
                        let before = form.minus(&1.into()).unwrap();
                        let guard = g.spelled(&form).gt(g.constant(1.0));
                        guard.select(read("x", &[before]), read("x", &[form]))
                    }
                    1 => read("x", &[form.plus(&1.into()).unwrap()]),
                    _ => read("x", &[form]),
                }
            }
        }
    }

    fn number(&mut self, depth: u32) -> Expr<'g> {
        let g = self.g;
        if depth == 0 {
            return self.leaf();
        }
        match self.random.below(14) {
            0 => self.leaf(),
            1 => self.number(depth - 1).sin(),
            2 => self.number(depth - 1).tanh(),
            3 => self.number(depth - 1) - self.number(depth - 1),
            4 => self.number(depth - 1) * self.number(depth - 1),
            5 => self.number(depth - 1) / (g.constant(2.0) + self.number(depth - 1).cos()),
            6 => {
                let (c, a, b) = (self.leaf(), self.number(depth - 1), self.number(depth - 1));
                c.gt(g.constant(0.3)).select(a, b)
            }
            7 | 8 => {
                let range = self.range(0, true);
                let body = self.within(range.axis, |making| making.number(depth - 1));
                g.reduce(Fold::Sum, range, body)
            }
            9 => {
                let range = self.range(0, true);
                let body = self.within(range.axis, |making| making.number(depth - 1));
                g.reduce(Fold::Product, range, body)
            }
            10 => {
                let range = self.range(0, false);
                let fold = if self.random.below(2) == 0 { Fold::Max } else { Fold::Min };
                let body = self.within(range.axis, |making| making.number(depth - 1));
                g.reduce(fold, range, body)
            }
            11 => {
                let array = self.array(depth - 1);
                self.known.push(array);
                self.number(depth - 1)
            }
            _ => self.iteration(depth),
        }
    }

    /// An array over all indices, of one or two of them.
    fn array(&mut self, depth: u32) -> Known<'g> {
        let rank = 1 + self.random.below(2) as usize;
        Known::Array(self.array_of(rank, depth), rank)
    }

    fn array_of(&mut self, rank: usize, depth: u32) -> Expr<'g> {
        let name = self.name();
        let axis = self.g.axis(&name, &[]);
        let range = AxisRange { axis, low: 1.into(), high: self.last.into() };
        let body = self.within(axis, |making| match rank {
            1 => making.number(depth),
            _ => making.array_of(rank - 1, depth),
        });
        self.g.array(range, body)
    }

    fn iteration(&mut self, depth: u32) -> Expr<'g> {
        let g = self.g;
        let count = 1 + self.random.below(2) as usize;
        let arrays: Vec<bool> = (0..count).map(|_| self.random.below(3) == 0).collect();
        let value = |making: &mut Self, array: bool| match array {
            true => making.array_of(1, depth / 2),
            false => making.number(depth - 1),
        };
        let inits: Vec<Expr<'g>> = arrays.iter().map(|&array| value(self, array)).collect();
        let range = self.range(count, true);
        let falling = self.random.below(3) == 0;
        let (nexts, eaches) = self.within(range.axis, |making| {
            for (k, &array) in arrays.iter().enumerate() {
                let state = g.state(range.axis, k);
                making.known.push(if array { Known::Array(state, 1) } else { Known::Number(state) });
            }
            let nexts: Vec<Expr<'g>> = arrays.iter().map(|&array| value(making, array)).collect();
            let eaches: Vec<Expr<'g>> =
                (0..making.random.below(2)).map(|_| making.number(depth - 1)).collect();
            (nexts, eaches)
        });
        let results = g.scan(range.clone(), falling, &inits, &nexts, &eaches);
        let mut terms = Vec::new();
        for (k, &array) in arrays.iter().enumerate() {
            terms.push(if array { g.at(results[k], &[self.form()]) } else { results[k] });
        }
        for &each in &results[count..] {
            let name = self.name();
            let over = AxisRange { axis: g.axis(&name, &[]), ..range.clone() };
            let element = g.at(each, &[Symbol::Axis(over.axis).into()]);
            terms.push(g.reduce(Fold::Sum, over, element.sin()));
        }
        g.fold(Fold::Sum, &terms)
    }
}
