//! Which steps of a program count in a backward pass: all, or those whose branches are taken at the point.

use engine::{Number, Program};
use expr::{Calculus, Constant, Function, NodeId, PathConditions, Predicate};

/// A node that an output does not depend on at a point passes nothing on to its arguments, not even 0·∞: because the
/// output is another one, or because the node is in a branch that is not taken.
#[derive(Clone, Debug)]
pub(crate) struct SlotPaths {
    conditions: PathConditions,
    /// Per slot, the predicate under which it counts; empty where every one does.
    of_slot: Vec<Predicate>,
    /// Per node of the function, its slot.
    slots: Vec<Option<u32>>,
}

/// Which steps count: known at compile time to be all, or to be looked up.
pub(crate) trait Paths: Copy {
    fn counts(self, slot: usize, reached: &[bool]) -> bool;
    fn reach(self, slot: u32, reached: &mut [bool]);
    fn masked<S: Number>(self, slot: usize, holds: &[S], gradient: S) -> S;
}

impl Paths for () {
    #[inline(always)]
    fn counts(self, _: usize, _: &[bool]) -> bool {
        true
    }

    #[inline(always)]
    fn reach(self, _: u32, _: &mut [bool]) {}

    #[inline(always)]
    fn masked<S: Number>(self, _: usize, _: &[S], gradient: S) -> S {
        gradient
    }
}

impl Paths for Option<&SlotPaths> {
    #[inline(always)]
    fn counts(self, slot: usize, reached: &[bool]) -> bool {
        self.is_none() || reached[slot]
    }

    #[inline(always)]
    fn reach(self, slot: u32, reached: &mut [bool]) {
        if self.is_some() {
            reached[slot as usize] = true;
        }
    }

    #[inline(always)]
    fn masked<S: Number>(self, slot: usize, holds: &[S], gradient: S) -> S {
        match self.and_then(|paths| paths.of_slot.get(slot)) {
            None | Some(&Predicate::ALWAYS) => gradient,
            Some(predicate) => holds[predicate.index()].select(gradient, S::lift((), &Constant::Integer(0))),
        }
    }
}

impl SlotPaths {
    /// What `f` needs, if anything.
    pub(crate) fn of(f: &Function, program: &Program) -> Option<SlotPaths> {
        let conditions = PathConditions::of(f);
        let branches = !conditions.is_unconditional();
        if !branches && f.outputs().len() == 1 {
            return None;
        }
        let (mut of_slot, mut slots) = (Vec::new(), Vec::new());
        if branches {
            of_slot = vec![Predicate::ALWAYS; program.slots()];
            slots = f.graph().ids().map(|id| program.slot(id)).collect();
            for (id, slot) in f.graph().ids().zip(&slots) {
                if let Some(slot) = slot {
                    of_slot[*slot as usize] = conditions.at(id);
                }
            }
        }
        Some(SlotPaths { conditions, of_slot, slots })
    }

    /// How many predicates there are.
    pub(crate) fn count(&self) -> usize {
        self.conditions.count()
    }

    pub(crate) fn bytes(&self) -> usize {
        4 * self.of_slot.len() + 8 * self.slots.len()
    }

    /// Finds out which predicates hold, given the values of all slots.
    pub(crate) fn fill<S: Number>(&self, values: &[S], holds: &mut [S]) {
        let zero = S::lift((), &Constant::Integer(0));
        let value = |id: NodeId| self.slots[id.index()].map_or(zero, |slot| values[slot as usize]);
        self.conditions.fill((), value, holds);
    }
}
