//! Finite differences over a closure: the independent witness, which knows values only.
