//! A function compiled to a flat program, run for one point or for many. Executes, never differentiates.
