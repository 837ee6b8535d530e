//! The least that extraction can reach, by integer programming: on small e-graphs local search is held against it.

#![allow(clippy::print_stdout)] // the figures are what these tests are for

use expr::{Builder, Calculus, Expr, Function, Style};
use good_lp::{Expression, ProblemVariables, Solution, SolverModel, microlp, variable};

use super::dag::{Alternative, Choice, Dag};
use super::e_graph::{Budget, saturated};
use super::extract::Extraction;
use crate::{Mode, differentiate};

/// The cost of the cheapest choice: one variable per alternative, which needs one of every class that it reads; a
/// solution with a cycle is cut off and the rest solved again.
fn least(dag: &Dag) -> Option<f64> {
    let classes = dag.classes();
    let mut cuts: Vec<Vec<(usize, usize)>> = Vec::new();
    for _ in 0..200 {
        let mut variables = ProblemVariables::new();
        let taken: Vec<Vec<_>> = classes
            .iter()
            .map(|all| all.iter().map(|_| variables.add(variable().binary())).collect())
            .collect();
        let sum = |class: usize| taken[class].iter().copied().sum::<Expression>();
        let cost: Expression = (0..classes.len())
            .flat_map(|class| (0..classes[class].len()).map(move |k| (class, k)))
            .map(|(class, k)| classes[class][k].cost as f64 / super::extract::UNIT as f64 * taken[class][k])
            .sum();
        let mut problem = variables.minimise(cost).using(microlp);
        for &class in dag.wanted() {
            problem = problem.with(sum(class as usize).geq(1));
        }
        for (class, all) in classes.iter().enumerate() {
            for (k, alternative) in all.iter().enumerate() {
                for &child in &alternative.children {
                    problem = problem.with((sum(child as usize) - taken[class][k]).geq(0));
                }
            }
        }
        for cut in &cuts {
            let sum: Expression = cut.iter().map(|&(class, k)| taken[class][k]).sum();
            problem = problem.with(sum.leq(cut.len() as f64 - 1.0));
        }
        let solution = problem.solve().ok()?;
        let choice: Choice = taken
            .iter()
            .map(|all| all.iter().position(|&x| solution.value(x) > 0.5).map(|k| k as u32))
            .collect();
        match cycle(dag, &choice) {
            None => return dag.cost(&choice).map(|cost| cost as f64),
            Some(found) => cuts.push(found),
        }
    }
    None
}

/// A cycle of a choice that needs itself, as alternatives.
fn cycle(dag: &Dag, choice: &Choice) -> Option<Vec<(usize, usize)>> {
    let classes = dag.classes();
    // Of each class on the way down, the next child to look at.
    let (mut done, mut open) = (vec![false; classes.len()], vec![false; classes.len()]);
    for &start in dag.wanted() {
        let mut way: Vec<(usize, usize)> = vec![(start as usize, 0)];
        open[start as usize] = true;
        while let Some(&mut (class, ref mut next)) = way.last_mut() {
            let k = choice[class].expect("what is read is taken") as usize;
            match classes[class][k].children.get(*next) {
                Some(&child) => {
                    *next += 1;
                    let child = child as usize;
                    if open[child] {
                        let from = way.iter().position(|&(class, _)| class == child).expect("it is open");
                        let chosen =
                            |&(class, _): &(usize, usize)| (class, choice[class].expect("taken") as usize);
                        return Some(way[from..].iter().map(chosen).collect());
                    }
                    if !done[child] {
                        open[child] = true;
                        way.push((child, 0));
                    }
                }
                None => {
                    way.pop();
                    open[class] = false;
                    done[class] = true;
                }
            }
        }
    }
    None
}

/// A random expression of three inputs with a gradient of fewer than a hundred nodes.
fn gradient(seed: u64) -> Function {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = |end: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % end
    };
    let builder = Builder::new(Style::Written);
    let output = {
        let mut pool: Vec<Expr<'_>> = ["x", "y", "z"].map(|name| builder.input(name)).to_vec();
        for _ in 0..4 + below(6) {
            let mut pick = || pool[below(pool.len())];
            let (a, b) = (pick(), pick());
            pool.push(match below(9) {
                0 | 1 => a + b,
                2 => a - b,
                3..=5 => a * b,
                6 => a / b,
                7 => a.exp(),
                _ => a.sin(),
            });
        }
        pool.last().expect("it is not empty").id()
    };
    differentiate(&builder.finish(vec![output]), Mode::Reverse, 1_000).expect("within budget").function
}

#[test]
fn local_search_is_optimal_on_nine_of_ten_small_graphs() {
    let (mut optimal, mut all) = (0, 0);
    for seed in 1..=60 {
        let f = super::lower(&gradient(seed));
        if f.graph().len() >= 100 {
            continue;
        }
        let budget = Budget { e_nodes: 150, iterations: 4, matches: 60 };
        let (runner, classes, written) = saturated(&f, &[], &budget);
        let extraction = Extraction::new(&f, &runner.egraph, &classes, &written);
        let found = extraction.dag.cheapest(Some(&extraction.original)).expect("there is a graph");
        let found = extraction.dag.cost(&found).expect("it is one");
        let before = extraction.dag.cost(&extraction.original).expect("the original is a graph");
        let Some(least) = least(&extraction.dag) else { continue };
        let unit = super::extract::UNIT;
        let (before, found, least) = (before / unit, found / unit, least as u64 / unit);
        assert!(least <= found && found <= before, "seed {seed}: {before}, {found}, {least}");
        if found > least {
            println!("seed {seed}: {before} before, {found} found, {least} possible");
        }
        all += 1;
        optimal += usize::from(found == least);
    }
    println!("optimal on {optimal} of {all} graphs");
    assert!(all >= 40 && optimal * 10 >= all * 9, "{optimal} of {all}");
}

#[test]
fn sharing_is_seen_and_an_extraction_that_forgets_it_is_caught() {
    let leaf = |cost| Alternative { cost, children: vec![] };
    let over = |cost, children: &[u32]| Alternative { cost, children: children.to_vec() };
    // Two wanted classes, 0 and 1: each by itself cheapest in a way of its own (5), both together over class 4 (4 + 2 + 2).
    let classes = vec![
        vec![over(0, &[2]), over(2, &[4])],
        vec![over(0, &[3]), over(2, &[4])],
        vec![leaf(5)],
        vec![leaf(5)],
        vec![leaf(4)],
    ];
    let dag = Dag::new(classes, vec![0, 1]);
    let choice = dag.cheapest(None).unwrap();
    assert_eq!(dag.cost(&choice), Some(8));
    // Trees, each the cheapest, forget what they could share.
    let trees: Choice = vec![Some(0), Some(0), Some(0), Some(0), None];
    assert_eq!(dag.cost(&trees), Some(10));
    assert_eq!(least(&dag).map(|least| least as u64), Some(8));
}
