//! Any computation over numbers, written down as straight code by doing it once.

use std::cell::RefCell;

use expr::{Constant, Op, Scalar};
use rustc_hash::FxHashMap;

use crate::number::Number;

/// What an instruction of straight code gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Instruction {
    /// An input.
    Input(u32),
    /// A number, by its bits.
    Constant(u64),
    /// An operator of results before it; beyond its arity the first again.
    Apply(Op, [u32; 3]),
}

/// Operators one after the other, without branches and loops: each is computed once, and only what an output needs.
#[derive(Clone, Debug)]
pub struct Straight {
    pub(super) inputs: usize,
    pub(super) instructions: Vec<Instruction>,
    pub(super) outputs: [Vec<u32>; 2],
}

/// A number that is written down where it is computed with, by [`Straight::record`].
#[derive(Clone, Copy, Debug)]
pub struct Recorded(u32);

/// What has been written down.
struct Tape {
    instructions: Vec<Instruction>,
    known: FxHashMap<Instruction, u32>,
    most: usize,
}

thread_local! {
    static TAPE: RefCell<Option<Tape>> = const { RefCell::new(None) };
}

impl Straight {
    /// Writes down what `work` does to so many inputs, with two lists of outputs; nothing where that is more than `most` instructions.
    ///
    /// What is written down has the bits of `work` over `f64`: it is the same operators of the same numbers, each once. Operators
    /// of constants are done here, and what changes no number, as multiplying by 1, is left out.
    ///
    /// ```
    /// use engine::{Recorded, Straight};
    /// let work = |x: &[Recorded]| [vec![x[0] * x[0] + x[0] * x[0]], vec![]];
    /// assert_eq!(Straight::record(1, 100, work).unwrap().len(), 3); // the input, its square, the sum
    /// assert!(Straight::record(1, 2, work).is_none());
    /// ```
    ///
    /// # Panics
    /// When it is called by `work`.
    pub fn record(
        inputs: usize,
        most: usize,
        work: impl FnOnce(&[Recorded]) -> [Vec<Recorded>; 2],
    ) -> Option<Straight> {
        /// Takes the tape away, whatever happens.
        struct Recording;
        impl Drop for Recording {
            fn drop(&mut self) {
                TAPE.set(None);
            }
        }
        if inputs > most {
            return None;
        }
        let instructions = (0..inputs as u32).map(Instruction::Input).collect();
        TAPE.with_borrow_mut(|tape| {
            assert!(tape.is_none(), "one recording at a time");
            *tape = Some(Tape { instructions, known: FxHashMap::default(), most });
        });
        let recording = Recording;
        let x: Vec<Recorded> = (0..inputs as u32).map(Recorded).collect();
        let outputs = work(&x).map(|list| list.into_iter().map(|number| number.0).collect());
        let tape = TAPE.take().expect("it was put there");
        drop(recording);
        (tape.instructions.len() <= most)
            .then(|| Straight { inputs, instructions: tape.instructions, outputs }.ordered())
    }

    /// How many instructions it has, inputs and constants included.
    #[expect(clippy::len_without_is_empty, reason = "there is no question that this would answer")]
    pub fn len(&self) -> usize {
        self.instructions.len()
    }

    /// What outputs need, in the order in which they need it, slopes first: so that few numbers wait for others at a time. Inputs
    /// stay where they are.
    fn ordered(self) -> Straight {
        const NOWHERE: u32 = u32::MAX;
        let mut moved = vec![NOWHERE; self.instructions.len()];
        let mut instructions = self.instructions[..self.inputs].to_vec();
        (0..self.inputs).for_each(|k| moved[k] = k as u32);
        let mut waiting = Vec::new();
        for &output in self.outputs.iter().rev().flatten() {
            waiting.push(output);
            while let Some(&place) = waiting.last() {
                let instruction = self.instructions[place as usize];
                let operands = match instruction {
                    Instruction::Apply(_, operands) => Some(operands),
                    _ => None,
                };
                let before = waiting.len();
                if moved[place as usize] == NOWHERE {
                    let missing = operands
                        .iter()
                        .flatten()
                        .rev()
                        .filter(|&&operand| moved[operand as usize] == NOWHERE);
                    waiting.extend(missing);
                }
                if waiting.len() == before {
                    waiting.pop();
                    if moved[place as usize] == NOWHERE {
                        moved[place as usize] = instructions.len() as u32;
                        instructions.push(match instruction {
                            Instruction::Apply(op, operands) => {
                                Instruction::Apply(op, operands.map(|operand| moved[operand as usize]))
                            }
                            other => other,
                        });
                    }
                }
            }
        }
        let outputs =
            self.outputs.map(|list| list.into_iter().map(|output| moved[output as usize]).collect());
        Straight { inputs: self.inputs, instructions, outputs }
    }
}

impl Tape {
    /// Where the result of an instruction is; what is over the limit is nowhere, since nobody will ask.
    fn place(&mut self, instruction: Instruction) -> u32 {
        if self.instructions.len() > self.most {
            return 0;
        }
        if let Instruction::Apply(op, operands) = instruction {
            if let Some(value) = self.constant(op, operands) {
                return self.place(Instruction::Constant(value.to_bits()));
            }
            if let Some(same) = self.unchanged(op, operands) {
                return same;
            }
        }
        *self.known.entry(instruction).or_insert_with(|| {
            self.instructions.push(instruction);
            self.instructions.len() as u32 - 1
        })
    }

    /// The operand that is the result, whatever it is.
    fn unchanged(&self, op: Op, [a, b, _]: [u32; 3]) -> Option<u32> {
        let is = |operand: u32, number: f64| {
            self.instructions[operand as usize] == Instruction::Constant(number.to_bits())
        };
        match op {
            Op::Add if is(a, -0.0) => Some(b),
            Op::Add if is(b, -0.0) => Some(a),
            Op::Sub if is(b, 0.0) => Some(a),
            Op::Mul if is(a, 1.0) => Some(b),
            Op::Mul | Op::Div if is(b, 1.0) => Some(a),
            _ => None,
        }
    }

    /// The value of an operator of constants.
    fn constant(&self, op: Op, operands: [u32; 3]) -> Option<f64> {
        let mut values = [0.0; 3];
        for (value, operand) in values.iter_mut().zip(operands) {
            match self.instructions[operand as usize] {
                Instruction::Constant(bits) => *value = f64::from_bits(bits),
                _ => return None,
            }
        }
        Some(op.value(&values))
    }
}

impl Recorded {
    /// A constant.
    ///
    /// # Panics
    /// Outside of [`Straight::record`].
    pub fn constant(value: f64) -> Recorded {
        Recorded::placed(Instruction::Constant(value.to_bits()))
    }

    fn placed(instruction: Instruction) -> Recorded {
        TAPE.with_borrow_mut(|tape| {
            Recorded(tape.as_mut().expect("numbers are recorded by `Straight::record`").place(instruction))
        })
    }
}

expr::arithmetic!(Recorded);

impl Scalar for Recorded {
    type Context = ();

    fn context(&self) {}

    fn lift((): (), constant: &Constant) -> Recorded {
        Recorded::constant(constant.to_f64())
    }

    fn apply(op: Op, arguments: &[Recorded]) -> Recorded {
        let at = |k: usize| arguments[if k < op.arity() { k } else { 0 }].0;
        Recorded::placed(Instruction::Apply(op, [at(0), at(1), at(2)]))
    }
}

impl Number for Recorded {
    const PER_OPERATOR: bool = false;

    fn step(op: Op, operands: [Recorded; 3]) -> Recorded {
        Recorded::apply(op, &operands)
    }
}
