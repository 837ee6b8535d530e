//! Where gradients go that an operator's rule has found.

/// Where the downstream gradients of [`Op::pull_back`](crate::Op::pull_back) go: any closure, or what has to be compiled into its caller, as
/// closures are not always.
pub trait Sink<S> {
    /// Takes the gradient of one argument.
    fn take(&mut self, argument: usize, gradient: S);
}

impl<S, F: FnMut(usize, S)> Sink<S> for F {
    #[inline(always)]
    fn take(&mut self, argument: usize, gradient: S) {
        self(argument, gradient);
    }
}
