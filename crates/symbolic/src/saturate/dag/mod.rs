//! The cheapest graph when every value can be had in several ways: shared parts are paid once, and nothing may need
//! itself. No e-graph here, only classes, their alternatives and what those read.
//!
//! That is NP-hard (Stepp 2011), so: begin with a choice that is known, or a greedy one, and search
//! locally. A step takes one
//! class out, gives back what only it had needed, and finds the cheapest way to have it again, where everything that is
//! still there costs nothing (Knuth 1977, *A generalization of Dijkstra's algorithm*). A second kind of step puts one
//! more class in for nothing, lets all that could read it choose again, and is kept if the whole graph got cheaper by
//! more than the class costs. No step is kept that does not make the graph cheaper, so the result is never worse than
//! the choice at the beginning.

mod cheapest_way;
mod search;

/// One way to have a class.
#[derive(Clone, Debug)]
pub(crate) struct Alternative {
    /// What it costs, its children apart.
    pub(crate) cost: u64,
    /// The classes that it reads, ascending, each once.
    pub(crate) children: Vec<u32>,
}

/// Classes with their alternatives, and the classes that are wanted.
#[derive(Clone, Debug)]
pub(crate) struct Dag {
    /// The alternatives of each class.
    classes: Vec<Vec<Alternative>>,
    wanted: Vec<u32>,
    /// For each class the alternatives that read it.
    readers: Vec<Vec<(u32, u32)>>,
    /// Alternatives that read nothing.
    leaves: Vec<(u32, u32)>,
}

/// The alternative that is taken of each class; nothing of classes that are not needed.
pub(crate) type Choice = Vec<Option<u32>>;

impl Dag {
    pub(crate) fn new(classes: Vec<Vec<Alternative>>, mut wanted: Vec<u32>) -> Dag {
        wanted.sort_unstable();
        wanted.dedup();
        let mut readers = vec![Vec::new(); classes.len()];
        let mut leaves = Vec::new();
        for (class, alternatives) in (0..).zip(&classes) {
            for (k, alternative) in (0..).zip(alternatives) {
                for &child in &alternative.children {
                    readers[child as usize].push((class, k));
                }
                if alternative.children.is_empty() {
                    leaves.push((class, k));
                }
            }
        }
        Dag { classes, wanted, readers, leaves }
    }

    #[cfg(test)]
    pub(crate) fn classes(&self) -> &[Vec<Alternative>] {
        &self.classes
    }

    #[cfg(test)]
    pub(crate) fn wanted(&self) -> &[u32] {
        &self.wanted
    }

    fn alternative(&self, class: u32, k: u32) -> &Alternative {
        &self.classes[class as usize][k as usize]
    }

    /// The classes that a choice needs, children first; nothing if it has a cycle or a class without a choice.
    pub(crate) fn order(&self, choice: &Choice) -> Option<Vec<u32>> {
        const OPEN: u8 = 1;
        const DONE: u8 = 2;
        let mut marks = vec![0; self.classes.len()];
        let mut order = Vec::new();
        let mut todo: Vec<(u32, bool)> = self.wanted.iter().rev().map(|&class| (class, false)).collect();
        while let Some((class, below)) = todo.pop() {
            let mark = &mut marks[class as usize];
            if below {
                *mark = DONE;
                order.push(class);
                continue;
            }
            match *mark {
                DONE => continue,
                OPEN => return None,
                _ => *mark = OPEN,
            }
            todo.push((class, true));
            let alternative = self.alternative(class, choice[class as usize]?);
            for &child in alternative.children.iter().rev() {
                match marks[child as usize] {
                    DONE => {}
                    OPEN => return None,
                    _ => todo.push((child, false)),
                }
            }
        }
        Some(order)
    }

    #[cfg(test)]
    /// What a choice costs, every class that it needs once; nothing if it has a cycle or a class without a choice.
    pub(crate) fn cost(&self, choice: &Choice) -> Option<u64> {
        let own = |class: u32| choice[class as usize].map(|k| self.alternative(class, k).cost);
        self.order(choice)?.into_iter().map(own).sum()
    }
}
