//! Colourings: which columns of a matrix can be asked for together.

/// A graph by lists of neighbours.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    starts: Vec<usize>,
    neighbours: Vec<u32>,
    /// Vertices that are neighbours of nearly all: each has a colour of its own, and they are no neighbours here.
    full: Vec<u32>,
}

/// A colour for each vertex.
#[derive(Clone, Debug)]
pub(super) struct Colours {
    pub(super) of: Vec<u32>,
    pub(super) count: usize,
}

impl Colours {
    /// The vertices of each colour.
    pub(super) fn groups(&self) -> Vec<Vec<u32>> {
        let mut groups = vec![Vec::new(); self.count];
        for (vertex, colour) in self.of.iter().enumerate() {
            groups[*colour as usize].push(vertex as u32);
        }
        groups
    }
}

/// A line of more entries is asked for by itself: what it meets would have as many neighbours.
pub(super) fn most_of_a_line(entries: usize) -> usize {
    (entries as f64).sqrt().max(64.0) as usize
}

/// Once colouring by one order has taken so many steps, the other orders are not tried.
const MOST_STEPS: u64 = 100_000_000;
const NONE: u32 = u32::MAX;

impl Graph {
    fn of_lists(lists: Vec<Vec<u32>>, full: Vec<u32>) -> Graph {
        let mut starts = vec![0];
        let mut neighbours = Vec::with_capacity(lists.iter().map(Vec::len).sum());
        for list in lists {
            neighbours.extend(list);
            starts.push(neighbours.len());
        }
        Graph { starts, neighbours, full }
    }

    /// Of a symmetric matrix: a vertex for each column, neighbours where an entry is.
    pub(super) fn of_symmetric(rows: &[Vec<u32>]) -> Graph {
        let most = most_of_a_line(rows.iter().map(Vec::len).sum());
        let is_full: Vec<bool> = rows.iter().map(|row| row.len() > most).collect();
        let list = |(i, row): (usize, &Vec<u32>)| match is_full[i] {
            true => Vec::new(),
            false => row.iter().copied().filter(|&j| j as usize != i && !is_full[j as usize]).collect(),
        };
        let full = (0..rows.len() as u32).filter(|&i| is_full[i as usize]).collect();
        Graph::of_lists(rows.iter().enumerate().map(list).collect(), full)
    }

    /// A vertex for each of so many lines, neighbours where a crossing line meets both.
    pub(super) fn of_lines_that_meet<'a>(
        crossing: impl Iterator<Item = &'a Vec<u32>>,
        lines: usize,
    ) -> Graph {
        let crossing: Vec<&Vec<u32>> = crossing.collect();
        let mut met: Vec<Vec<u32>> = vec![Vec::new(); lines];
        for (k, row) in crossing.iter().enumerate() {
            row.iter().for_each(|&line| met[line as usize].push(k as u32));
        }
        let mut marked = vec![NONE; lines];
        let list = |(line, met): (usize, &Vec<u32>)| {
            marked[line] = line as u32;
            let mut list = Vec::new();
            for &other in met.iter().flat_map(|&k| crossing[k as usize]) {
                if marked[other as usize] != line as u32 {
                    marked[other as usize] = line as u32;
                    list.push(other);
                }
            }
            list
        };
        Graph::of_lists(met.iter().enumerate().map(list).collect(), Vec::new())
    }

    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn around(&self, vertex: u32) -> &[u32] {
        &self.neighbours[self.starts[vertex as usize]..self.starts[vertex as usize + 1]]
    }

    /// Neighbours have different colours.
    pub(super) fn distance_one_colours(&self) -> Colours {
        self.best(|vertex, of, forbid| {
            self.around(vertex).iter().for_each(|&other| forbid(of[other as usize]));
            self.around(vertex).len() as u64
        })
    }

    /// Neighbours have different colours, and every path of four vertices has three: so that of two neighbours one has its colour alone
    /// among the neighbours of the other (Gebremedhin, Manne and Pothen 2005, algorithm 4.1).
    pub(super) fn star_colours(&self) -> Colours {
        self.best(|vertex, of, forbid| {
            let mut steps = 0;
            for &w in self.around(vertex) {
                let own = of[w as usize];
                forbid(own);
                for &x in self.around(w).iter().filter(|&&x| x != vertex) {
                    steps += 1;
                    let colour = of[x as usize];
                    if colour == NONE {
                        continue;
                    }
                    if own == NONE {
                        forbid(colour);
                        continue;
                    }
                    let again = self.around(x).iter().any(|&y| {
                        steps += 1;
                        y != w && of[y as usize] == own
                    });
                    if again {
                        forbid(colour);
                    }
                }
            }
            steps
        })
    }

    /// The colouring with the fewest colours over all orders. `forbids` tells the colours that a vertex cannot have while some others have
    /// theirs, and how many steps it took to find them.
    fn best(&self, forbids: impl Fn(u32, &[u32], &mut dyn FnMut(u32)) -> u64) -> Colours {
        let mut best: Option<Colours> = None;
        for order in ORDERS {
            let mut of = vec![NONE; self.len()];
            let mut forbidden: Vec<u32> = Vec::new();
            let (mut count, mut steps) = (0usize, 0);
            for &vertex in &order(self) {
                let mut forbid = |colour: u32| {
                    if colour != NONE {
                        forbidden[colour as usize] = vertex;
                    }
                };
                steps += forbids(vertex, &of, &mut forbid);
                let free = (0..count).find(|&colour| forbidden[colour] != vertex).unwrap_or(count);
                if free == count {
                    count += 1;
                    forbidden.push(NONE);
                }
                of[vertex as usize] = free as u32;
            }
            // Each of those that meet nearly all has a colour of its own.
            for (k, &full) in self.full.iter().enumerate() {
                of[full as usize] = (count + k) as u32;
            }
            let found = Colours { of, count: count + self.full.len() };
            if best.as_ref().is_none_or(|best| found.count < best.count) {
                best = Some(found);
            }
            if steps > MOST_STEPS {
                break;
            }
        }
        best.unwrap_or(Colours { of: Vec::new(), count: 0 })
    }

    /// The vertices that are to be coloured.
    fn vertices(&self) -> Vec<u32> {
        let mut is_full = vec![false; self.len()];
        self.full.iter().for_each(|&full| is_full[full as usize] = true);
        (0..self.len() as u32).filter(|&vertex| !is_full[vertex as usize]).collect()
    }
}

type Order = fn(&Graph) -> Vec<u32>;
const ORDERS: [Order; 4] = [natural, largest_first, smallest_last, incidence_degree];

fn natural(graph: &Graph) -> Vec<u32> {
    graph.vertices()
}

fn largest_first(graph: &Graph) -> Vec<u32> {
    let mut order = graph.vertices();
    order.sort_by_key(|&vertex| std::cmp::Reverse(graph.around(vertex).len()));
    order
}

/// The vertex with the fewest neighbours among those that are left comes last.
fn smallest_last(graph: &Graph) -> Vec<u32> {
    let degree = |vertex: u32| graph.around(vertex).len();
    let mut order = by_degree(graph, degree, |left| left.checked_sub(1), false);
    order.reverse();
    order
}

/// The vertex with the most neighbours among those that have their colours comes next.
fn incidence_degree(graph: &Graph) -> Vec<u32> {
    by_degree(graph, |_| 0, |before| Some(before + 1), true)
}

/// Takes vertices by a degree that changes when neighbours are taken, the largest or the smallest first, in linear time.
fn by_degree(
    graph: &Graph,
    degree: impl Fn(u32) -> usize,
    change: impl Fn(usize) -> Option<usize>,
    largest: bool,
) -> Vec<u32> {
    let vertices = graph.vertices();
    let mut degrees = vec![usize::MAX; graph.len()];
    let most = vertices.iter().map(|&vertex| graph.around(vertex).len()).max().unwrap_or(0);
    let mut buckets: Vec<Vec<u32>> = vec![Vec::new(); most + 1];
    for &vertex in vertices.iter().rev() {
        degrees[vertex as usize] = degree(vertex);
        buckets[degrees[vertex as usize]].push(vertex);
    }
    let mut taken = vec![false; graph.len()];
    let mut order = Vec::with_capacity(vertices.len());
    let mut at = if largest { most } else { 0 };
    while order.len() < vertices.len() {
        let Some(vertex) = buckets[at].pop() else {
            at = if largest { at.saturating_sub(1) } else { (at + 1).min(most) };
            continue;
        };
        // A vertex stands in the bucket of every degree that it had.
        if taken[vertex as usize] || degrees[vertex as usize] != at {
            continue;
        }
        taken[vertex as usize] = true;
        order.push(vertex);
        for &other in graph.around(vertex).iter().filter(|&&other| !taken[other as usize]) {
            if let Some(degree) = change(degrees[other as usize]) {
                degrees[other as usize] = degree;
                buckets[degree].push(other);
                at = if largest { at.max(degree) } else { at.min(degree) };
            }
        }
    }
    order
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Whether every path of four vertices has three colours, and neighbours two.
    fn is_star_colouring(graph: &Graph, colours: &Colours) -> bool {
        let of = |vertex: u32| colours.of[vertex as usize];
        (0..graph.len() as u32).all(|a| {
            graph.around(a).iter().all(|&b| {
                of(a) != of(b)
                    && graph.around(b).iter().filter(|&&c| c != a).all(|&c| {
                        let around = graph.around(c).iter().filter(|&&d| d != b && d != a);
                        around.into_iter().all(|&d| !(of(a) == of(c) && of(b) == of(d)))
                    })
            })
        })
    }

    fn symmetric(n: usize, entries: impl Iterator<Item = (usize, usize)>) -> Vec<Vec<u32>> {
        let mut rows: Vec<Vec<u32>> = (0..n).map(|i| vec![i as u32]).collect();
        for (i, j) in entries {
            rows[i].push(j as u32);
            rows[j].push(i as u32);
        }
        rows.iter_mut().for_each(|row| {
            row.sort_unstable();
            row.dedup();
        });
        rows
    }

    fn random(n: usize, count: usize, seed: u64) -> Vec<Vec<u32>> {
        let mut state = seed;
        let mut below = move |end: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % end
        };
        symmetric(n, (0..count).map(move |_| (below(n), below(n))).filter(|(i, j)| i != j))
    }

    #[test]
    fn colourings_are_what_they_are_called() {
        let band = |n: usize, width: usize| {
            symmetric(n, (0..n).flat_map(move |i| (i.saturating_sub(width)..i).map(move |j| (i, j))))
        };
        let arrow = symmetric(3000, (1..3000).map(|i| (i, 0)));
        let blocks = symmetric(2000, (0..2000).flat_map(|i| (i / 10 * 10..i).map(move |j| (i, j))));
        for (name, rows, most) in [
            ("tridiagonal", band(5000, 1), 3),
            ("pentadiagonal", band(5000, 2), 5),
            ("arrow", arrow, 2),
            ("blocks", blocks, 10),
            ("random", random(2000, 4000, 1), 12),
            ("nothing", band(100, 0), 1),
            ("empty", Vec::new(), 0),
        ] {
            let graph = Graph::of_symmetric(&rows);
            let colours = graph.star_colours();
            assert!(is_star_colouring(&graph, &colours), "{name}");
            assert!(colours.count <= most, "{name}: {} colours", colours.count);
            let columns = Graph::of_lines_that_meet(rows.iter(), rows.len()).distance_one_colours();
            for row in &rows {
                let mut seen: Vec<u32> = row.iter().map(|&j| columns.of[j as usize]).collect();
                seen.sort_unstable();
                assert!(seen.windows(2).all(|pair| pair[0] != pair[1]), "{name}");
            }
        }
    }

    #[test]
    fn the_check_of_a_star_colouring_sees_two_colours_on_four_vertices() {
        let path = Graph::of_symmetric(&symmetric(4, [(0, 1), (1, 2), (2, 3)].into_iter()));
        assert!(!is_star_colouring(&path, &Colours { of: vec![0, 1, 0, 1], count: 2 }));
        assert!(!is_star_colouring(&path, &Colours { of: vec![0, 0, 1, 2], count: 3 }));
        assert!(is_star_colouring(&path, &Colours { of: vec![0, 1, 0, 2], count: 3 }));
    }

    #[test]
    fn no_order_has_fewer_colours_than_the_best() {
        let graph = Graph::of_symmetric(&random(500, 1500, 7));
        let best = graph.star_colours().count;
        for order in ORDERS {
            let mut sorted = order(&graph);
            sorted.sort_unstable();
            assert_eq!(sorted, graph.vertices(), "an order is one of all vertices");
        }
        assert!(best > 2);
    }
}
