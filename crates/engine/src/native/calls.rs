//! Operators as functions that machine code can call.

use expr::{Dispatch, Op};

extern "C" fn one<const OP: usize>(a: f64) -> f64 {
    const { Op::ALL[OP] }.value(&[a])
}

extern "C" fn two<const OP: usize>(a: f64, b: f64) -> f64 {
    const { Op::ALL[OP] }.value(&[a, b])
}

extern "C" fn three<const OP: usize>(a: f64, b: f64, c: f64) -> f64 {
    const { Op::ALL[OP] }.value(&[a, b, c])
}

/// The address of a function of as many numbers as the operator takes, which has its value.
pub(super) fn address(op: Op) -> usize {
    struct Address<'a>(&'a mut usize);

    impl Dispatch for Address<'_> {
        fn run(self, _: Op) {
            unreachable!("each operator has a function of its own");
        }

        fn run_one<const OP: usize>(self) {
            *self.0 = match const { Op::ALL[OP].arity() } {
                1 => one::<OP> as extern "C" fn(f64) -> f64 as usize,
                2 => two::<OP> as extern "C" fn(f64, f64) -> f64 as usize,
                _ => three::<OP> as extern "C" fn(f64, f64, f64) -> f64 as usize,
            };
        }
    }

    let mut address = 0;
    op.dispatch(Address(&mut address));
    address
}
