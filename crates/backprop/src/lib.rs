//! Reverse-mode differentiation: the adjoint of a program, and its trace.
