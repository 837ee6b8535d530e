//! Values of operators in lanes: by the kernels of `elementary` where an operator has one.

use elementary::lanes;

use crate::Op;

/// Two operators that have nearly all of their work in common: see [`elementary::sin_cos_lanes`].
pub const PAIR: [Op; 2] = [Op::Sin, Op::Cos];

/// Generates the choice of a kernel from the list below.
macro_rules! kernels {
    ($( $op:path, $name:ident ( $($arg:ident)+ ); )*) => {
        impl Op {
            /// Its value in every lane, the bits of [`Op::value`]: by vector instructions where the operator has a
            /// kernel, else one by one. The choice vanishes where the operator is a constant, see
            /// [`Op::dispatch`].
            ///
            /// # Panics
            /// When there are fewer arguments than the operator takes.
            #[inline(always)]
            pub fn lanes<const N: usize>(self, arguments: &[[f64; N]]) -> [f64; N] {
                match self {
                    $( $op => {
                        let [$($arg),+] = arguments.first_chunk().expect("as many arguments as it takes");
                        lanes::$name($($arg),+)
                    } )*
                    _ => self.one_by_one(arguments),
                }
            }

            /// Whether it has a kernel.
            #[inline(always)]
            pub const fn has_kernel(self) -> bool {
                matches!(self, $($op)|*)
            }

            /// The operators that have a kernel.
            pub const WITH_KERNEL: &[Op] = &[$($op),*];
        }
    };
}

kernels! {
    Op::Exp, exp(a);
    Op::Exp2, exp2(a);
    Op::Expm1, expm1(a);
    Op::Ln, ln(a);
    Op::Log1p, log1p(a);
    Op::Log2, log2(a);
    Op::Log10, log10(a);
    Op::Sin, sin(a);
    Op::Cos, cos(a);
    Op::Tan, tan(a);
    Op::Asin, asin(a);
    Op::Acos, acos(a);
    Op::Atan, atan(a);
    Op::Sinh, sinh(a);
    Op::Cosh, cosh(a);
    Op::Tanh, tanh(a);
    Op::Sigmoid, sigmoid(a);
    Op::Softplus, softplus(a);
    Op::Expmsq, expmsq(a);
    Op::Xlogy, xlogy(a b);
}

impl Op {
    /// Without a kernel. One loop per arity, so that the operator is chosen once.
    #[inline(always)]
    fn one_by_one<const N: usize>(self, arguments: &[[f64; N]]) -> [f64; N] {
        let mut out = [0.0; N];
        match arguments {
            [a] => {
                for (k, out) in out.iter_mut().enumerate() {
                    *out = self.value(&[a[k]]);
                }
            }
            [a, b] => {
                for (k, out) in out.iter_mut().enumerate() {
                    *out = self.value(&[a[k], b[k]]);
                }
            }
            [a, b, c] => {
                for (k, out) in out.iter_mut().enumerate() {
                    *out = self.value(&[a[k], b[k], c[k]]);
                }
            }
            _ => unreachable!("no operator takes more than three arguments"),
        }
        out
    }
}
