//! The cheapest way to have a class, where what is there already costs nothing (Knuth 1977).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Choice, Dag};

/// What a search knows; kept between searches, so that none allocates.
pub(super) struct CheapestWay {
    round: u32,
    /// The round in which a class was settled or ruled out.
    settled: Vec<u32>,
    /// The round, the cheapest cost so far, and the alternative.
    costs: Vec<(u32, u64, u32)>,
    /// For each alternative, by class: the round, and how many of its children are not settled.
    waiting: Vec<Vec<(u32, u32)>>,
    queue: BinaryHeap<Reverse<(u64, u32)>>,
}

impl CheapestWay {
    pub(super) fn new(dag: &Dag) -> CheapestWay {
        let classes = dag.classes.len();
        CheapestWay {
            round: 0,
            settled: vec![0; classes],
            costs: vec![(0, 0, 0); classes],
            waiting: dag.classes.iter().map(|all| vec![(0, 0); all.len()]).collect(),
            queue: BinaryHeap::new(),
        }
    }

    /// Finds the cheapest way to have the goal, if its cost stays below the bound; says whether. What is chosen costs
    /// nothing, but for what is `forbidden`, which cannot be had.
    pub(super) fn search(
        &mut self,
        dag: &Dag,
        choice: &Choice,
        goal: u32,
        bound: u64,
        forbidden: &[u32],
    ) -> bool {
        let found = self;
        found.round += 1;
        let round = found.round;
        found.queue.clear();
        let mut ready: Vec<u32> = Vec::new();
        for &class in forbidden {
            found.settled[class as usize] = round;
        }
        for class in 0..dag.classes.len() as u32 {
            if choice[class as usize].is_some() && found.settled[class as usize] != round {
                found.settled[class as usize] = round;
                found.costs[class as usize] = (round, 0, 0);
                ready.push(class);
            }
        }
        let offer = |found: &mut CheapestWay, class: u32, k: u32| {
            if found.settled[class as usize] == round {
                return;
            }
            let alternative = dag.alternative(class, k);
            let below = alternative.children.iter().map(|&child| found.costs[child as usize].1);
            let cost = below.fold(alternative.cost, u64::saturating_add);
            let known = &mut found.costs[class as usize];
            if cost < bound && (known.0 != round || cost < known.1) {
                *known = (round, cost, k);
                found.queue.push(Reverse((cost, class)));
            }
        };
        for &(class, k) in &dag.leaves {
            offer(found, class, k);
        }
        loop {
            while let Some(class) = ready.pop() {
                for &(reader, k) in &dag.readers[class as usize] {
                    if found.settled[reader as usize] == round {
                        continue;
                    }
                    let waiting = &mut found.waiting[reader as usize][k as usize];
                    if waiting.0 != round {
                        *waiting = (round, dag.alternative(reader, k).children.len() as u32);
                    }
                    waiting.1 -= 1;
                    if waiting.1 == 0 {
                        offer(found, reader, k);
                    }
                }
            }
            let Some(Reverse((cost, class))) = found.queue.pop() else { return false };
            if class == goal {
                return true;
            }
            if found.settled[class as usize] != round && found.costs[class as usize].1 == cost {
                found.settled[class as usize] = round;
                ready.push(class);
            }
        }
    }

    /// What a class costs with all that it needs, and its alternative, where the last search came to it.
    pub(super) fn way(&self, class: u32) -> Option<(u64, u32)> {
        let (round, cost, k) = self.costs[class as usize];
        (round == self.round).then_some((cost, k))
    }
}
