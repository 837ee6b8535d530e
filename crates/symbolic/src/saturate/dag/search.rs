//! Local search: a choice of alternatives that becomes cheaper step by step, and steps that can be undone.

use super::cheapest_way::CheapestWay;
use super::{Choice, Dag};

/// At most so many rounds of steps.
const ROUNDS: usize = 16;
/// How much costlier an alternative may be that is tried in the hope that others will use what it brings.
const SLACK: u64 = 4 << 20;

impl Dag {
    /// A choice as cheap as can be found, never costlier than `start`; nothing when some wanted class cannot be had.
    pub(crate) fn cheapest(&self, start: Option<&Choice>) -> Option<Choice> {
        let mut best: Option<(u64, Choice)> = None;
        let known = start.filter(|choice| self.order(choice).is_some()).cloned();
        for beginning in [known, Search::greedy(self)].into_iter().flatten() {
            let mut search = Search::begin(self, &beginning);
            search.improve();
            if best.as_ref().is_none_or(|(cost, _)| search.total < *cost) {
                best = Some((search.total, search.choice));
            }
        }
        best.map(|(_, choice)| choice)
    }
}

/// A choice while it is being improved.
struct Search<'d> {
    dag: &'d Dag,
    choice: Choice,
    /// How many chosen alternatives read each class; one more for what is wanted.
    reads: Vec<u32>,
    total: u64,
    /// What was put in and taken out, so that a step can be undone.
    log: Vec<Change>,
    /// The cheapest way to each class from all that was there when it was last drawn; it may be out of date.
    map: Vec<Option<(u64, u32)>>,
    seen: Marks,
    cheapest: CheapestWay,
}

enum Change {
    In(u32),
    Out(u32, u32),
}

/// A set of classes that is emptied at once.
struct Marks {
    round: u32,
    marks: Vec<u32>,
}

impl Marks {
    fn clear(&mut self) {
        self.round += 1;
    }

    /// Whether it was not there.
    fn insert(&mut self, class: u32) -> bool {
        std::mem::replace(&mut self.marks[class as usize], self.round) != self.round
    }

    fn contains(&self, class: u32) -> bool {
        self.marks[class as usize] == self.round
    }
}

impl<'d> Search<'d> {
    fn empty(dag: &'d Dag) -> Search<'d> {
        let classes = dag.classes.len();
        Search {
            dag,
            choice: vec![None; classes],
            reads: vec![0; classes],
            total: 0,
            log: Vec::new(),
            map: vec![None; classes],
            seen: Marks { round: 0, marks: vec![0; classes] },
            cheapest: CheapestWay::new(dag),
        }
    }

    /// One wanted class after the other, what is there already for nothing.
    fn greedy(dag: &'d Dag) -> Option<Choice> {
        let mut search = Search::empty(dag);
        for &class in &dag.wanted {
            if search.choice[class as usize].is_none() && !search.provide(class, u64::MAX, &[]) {
                return None;
            }
            search.reads[class as usize] += 1;
        }
        Some(search.choice)
    }

    fn begin(dag: &'d Dag, choice: &Choice) -> Search<'d> {
        let mut search = Search::empty(dag);
        for class in dag.order(choice).expect("a beginning is a graph") {
            let k = choice[class as usize].expect("no operands");
            search.put(class, k);
        }
        dag.wanted.iter().for_each(|&class| search.reads[class as usize] += 1);
        search
    }

    /// Takes an alternative of a class whose children are there.
    fn put(&mut self, class: u32, k: u32) {
        self.log.push(Change::In(class));
        self.add(class, k);
    }

    fn add(&mut self, class: u32, k: u32) {
        let alternative = self.dag.alternative(class, k);
        self.total += alternative.cost;
        self.choice[class as usize] = Some(k);
        alternative.children.iter().for_each(|&child| self.reads[child as usize] += 1);
    }

    fn remove(&mut self, class: u32) -> u32 {
        let k = self.choice[class as usize].take().expect("it is there");
        let alternative = self.dag.alternative(class, k);
        self.total -= alternative.cost;
        alternative.children.iter().for_each(|&child| self.reads[child as usize] -= 1);
        k
    }

    /// Takes back the alternative of a class, and what nothing else reads.
    fn take_out(&mut self, class: u32) {
        let mut todo = vec![class];
        while let Some(class) = todo.pop() {
            let k = self.remove(class);
            self.log.push(Change::Out(class, k));
            let children = self.dag.alternative(class, k).children.iter();
            todo.extend(children.filter(|&&child| self.reads[child as usize] == 0));
        }
    }

    /// Undoes all since the log was that long.
    fn undo(&mut self, to: usize) {
        while self.log.len() > to {
            match self.log.pop().expect("it is longer") {
                Change::In(class) => {
                    self.remove(class);
                }
                Change::Out(class, k) => self.add(class, k),
            }
        }
    }

    /// Marks a class, and what needs it, directly or not, in the present choice.
    fn mark_above(&mut self, class: u32) -> Vec<u32> {
        self.seen.clear();
        self.seen.insert(class);
        let mut above = vec![class];
        let mut next = 0;
        while let Some(&class) = above.get(next) {
            next += 1;
            for &(reader, k) in &self.dag.readers[class as usize] {
                if self.choice[reader as usize] == Some(k) && self.seen.insert(reader) {
                    above.push(reader);
                }
            }
        }
        above
    }

    /// Puts the cheapest way in to have a class that is not there, if its cost stays below the bound; says whether. What
    /// is there costs nothing, but for what is `forbidden`, which cannot be had.
    fn provide(&mut self, goal: u32, bound: u64, forbidden: &[u32]) -> bool {
        self.cheapest.search(self.dag, &self.choice, goal, bound, forbidden)
            && self.put_along(goal, |search, class| search.cheapest.way(class))
    }

    /// The same along the map, whose ways are not the cheapest any more but mostly are; nothing is put in where they lead
    /// to what is marked, or to what was there and is not.
    fn provide_by_map(&mut self, goal: u32) -> bool {
        self.put_along(goal, |search, class| match search.seen.contains(class) {
            true => None,
            false => search.map[class as usize],
        })
    }

    /// Puts in what a class needs by the ways to each; nothing, and says so, where one has no way.
    fn put_along(&mut self, goal: u32, way: fn(&Self, u32) -> Option<(u64, u32)>) -> bool {
        // What the goal needs, children first.
        let (mut needed, mut todo) = (Vec::new(), vec![(goal, false)]);
        while let Some((class, below)) = todo.pop() {
            if below {
                needed.push(class);
                continue;
            }
            let Some((_, k)) = way(self, class) else { return false };
            if self.choice[class as usize].is_some() || needed.contains(&class) {
                continue;
            }
            todo.push((class, true));
            todo.extend(self.dag.alternative(class, k).children.iter().map(|&child| (child, false)));
        }
        for class in needed {
            if self.choice[class as usize].is_none() {
                let (_, k) = way(self, class).expect("the way was there");
                self.put(class, k);
            }
        }
        true
    }

    fn draw_map(&mut self) {
        self.cheapest.search(self.dag, &self.choice, u32::MAX, u64::MAX, &[]);
        let way = |(class, &chosen): (u32, &Option<u32>)| match chosen {
            Some(k) => Some((0, k)),
            None => self.cheapest.way(class),
        };
        self.map = (0..).zip(&self.choice).map(way).collect();
    }

    /// Has one class in a cheaper way, if there is one.
    fn again(&mut self, class: u32) -> bool {
        if self.choice[class as usize].is_none() {
            return false;
        }
        let (total, log) = (self.total, self.log.len());
        self.take_out(class);
        let freed = total - self.total;
        // By the map most classes cannot be had for less, and need no search.
        let hope = self.dag.classes[class as usize].iter().any(|alternative| {
            let ways = alternative.children.iter().map(|&child| self.way(child));
            alternative.cost + ways.max().unwrap_or(0).min(freed) < freed
        });
        if hope {
            self.undo(log);
            let above = self.mark_above(class);
            self.take_out(class);
            if self.provide(class, freed, &above) && self.total < total {
                return true;
            }
        }
        self.undo(log);
        false
    }

    /// What a class costs by the map; nothing if it is there.
    fn way(&self, class: u32) -> u64 {
        match self.choice[class as usize] {
            Some(_) => 0,
            None => self.map[class as usize].map_or(u64::MAX, |(cost, _)| cost),
        }
    }

    /// Takes another alternative of a class, all of whose children are there, if that is cheaper.
    fn swap(&mut self, class: u32, k: u32) -> bool {
        let (total, log) = (self.total, self.log.len());
        let children = &self.dag.alternative(class, k).children;
        let swap = |search: &mut Self| {
            // Held, so that what both alternatives read stays.
            children.iter().for_each(|&child| search.reads[child as usize] += 1);
            search.take_out(class);
            children.iter().for_each(|&child| search.reads[child as usize] -= 1);
            search.put(class, k);
        };
        // Whether it gains is quickly told, whether it would need itself is not.
        swap(self);
        let cheaper = self.total < total;
        self.undo(log);
        if cheaper {
            self.mark_above(class);
            if !children.iter().any(|&child| self.seen.contains(child)) {
                swap(self);
                return true;
            }
        }
        false
    }

    /// Takes this alternative of a class, costly or not, lets those choose again that can use what came in with it, and
    /// keeps that if the whole graph did not get costlier: many gains are only had once two classes share a third.
    fn perturb(&mut self, class: u32, k: u32) -> bool {
        let alternative = self.dag.alternative(class, k);
        let (total, log) = (self.total, self.log.len());
        self.take_out(class);
        let most = total - self.total + SLACK;
        let far = alternative.children.iter().map(|&child| self.way(child));
        if far.fold(alternative.cost, u64::saturating_add) > most {
            self.undo(log);
            return false;
        }
        self.undo(log);
        self.mark_above(class);
        if alternative.children.iter().any(|&child| self.seen.contains(child)) {
            return false;
        }
        self.take_out(class);
        let mut there = true;
        for &child in &alternative.children {
            there = there && (self.choice[child as usize].is_some() || self.provide_by_map(child));
        }
        if !there {
            self.undo(log);
            return false;
        }
        self.put(class, k);
        let mut tried = log;
        while let Some(change) = self.log.get(tried) {
            tried += 1;
            let Change::In(new) = *change else { continue };
            if self.choice[new as usize].is_none() {
                continue;
            }
            for &(reader, k) in &self.dag.readers[new as usize] {
                let other = self.choice[reader as usize].is_some_and(|chosen| chosen != k);
                let there = |&child: &u32| self.choice[child as usize].is_some();
                if other && reader != class && self.dag.alternative(reader, k).children.iter().all(there) {
                    self.swap(reader, k);
                }
            }
        }
        if self.total > total {
            self.undo(log);
            return false;
        }
        self.total < total
    }

    fn improve(&mut self) {
        for _ in 0..ROUNDS {
            let before = self.total;
            self.draw_map();
            for class in self.dag.order(&self.choice).expect("every step leaves a graph").into_iter().rev() {
                self.again(class);
            }
            if self.total < before {
                continue;
            }
            self.draw_map();
            for class in self.dag.order(&self.choice).expect("every step leaves a graph").into_iter().rev() {
                for k in 0..self.dag.classes[class as usize].len() as u32 {
                    if self.choice[class as usize].is_some_and(|chosen| chosen != k) {
                        self.perturb(class, k);
                    }
                }
                self.log.clear();
            }
            if self.total == before {
                return;
            }
        }
    }
}
