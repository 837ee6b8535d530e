//! Symbolic differentiation: a function in, a function out, simplified with egg.
