use super::heights::fit;
use super::order::crossings;
use super::*;

fn vertex(from: &[usize]) -> Vertex {
    Vertex { width: 100.0, height: 80.0, body: (80.0, 40.0), from: from.to_vec(), written: 0.0 }
}

/// A graph of many nodes, each with arguments somewhere before it.
fn tangle(count: usize, seed: u64) -> Vec<Vertex> {
    let mut random = chainrule::Random::new(seed, &["tangle"], 0);
    (0..count)
        .map(|k| match k {
            0..5 => vertex(&[]),
            _ => vertex(&(0..=random.below(3)).map(|_| random.below(k)).collect::<Vec<_>>()),
        })
        .collect()
}

/// What an edge goes through, finely.
fn along(edge: &Edge) -> Vec<(f64, f64)> {
    let mut points = vec![edge.start];
    for [(x, y), (to_x, to_y)] in &edge.curves {
        points.extend((0..=16).map(|k| {
            let t = f64::from(k) / 16.0;
            let s = t * t * (3.0 - 2.0 * t);
            (x + (to_x - x) * t, y + (to_y - y) * s)
        }));
    }
    points.push(edge.end);
    let between = |pair: &[(f64, f64)]| {
        let (a, b) = (pair[0], pair[1]);
        (0..8).map(move |k| f64::from(k) / 8.0).map(move |t| (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t))
    };
    points.windows(2).flat_map(|pair| between(pair).collect::<Vec<_>>()).collect()
}

/// Nodes that overlap, and nodes that an edge of others passes through.
fn faults(vertices: &[Vertex], layout: &Layout) -> usize {
    let inside = |v: usize, (x, y): (f64, f64), more: (f64, f64)| {
        let (middle, vertex) = (layout.middles[v], &vertices[v]);
        (x - middle.0).abs() < (vertex.width + more.0) / 2.0 - 1e-6
            && (y - middle.1).abs() < (vertex.height + more.1) / 2.0 - 1e-6
    };
    let mut faults = 0;
    for v in 0..vertices.len() {
        let room = (vertices[v].width, vertices[v].height);
        faults += (0..v).filter(|&other| inside(other, layout.middles[v], room)).count();
        for (edge, &from) in layout.edges[v].iter().zip(&vertices[v].from) {
            let others = (0..vertices.len()).filter(|&other| other != v && other != from);
            let points = along(edge);
            faults += others.filter(|&other| points.iter().any(|&p| inside(other, p, (0.0, 0.0)))).count();
        }
    }
    faults
}

#[test]
fn nothing_overlaps_and_edges_go_around_nodes() {
    for seed in 0..12 {
        let vertices = tangle(40 + 10 * seed as usize, seed);
        let mut layout = place(&vertices);
        assert_eq!(faults(&vertices, &layout), 0, "seed {seed}");
        for &(x, y) in &layout.middles {
            assert!(x > 50.0 && x + 50.0 < layout.width && y > 40.0 && y + 40.0 < layout.height);
        }
        // The check sees a node that is moved onto another.
        layout.middles[7] = layout.middles[20];
        assert!(faults(&vertices, &layout) > 0);
    }
}

#[test]
fn trees_have_no_crossings_and_sweeps_remove_others() {
    // Leaves 0 to 7 in an order that is no tree's, pairs of them, pairs of pairs, and all.
    let pairs = [(0, 4), (2, 6), (1, 5), (3, 7)].map(|(a, b)| vertex(&[a, b]));
    let mut vertices: Vec<Vertex> = (0..8).map(|_| vertex(&[])).collect();
    vertices.extend(pairs);
    vertices.extend([vertex(&[8, 10]), vertex(&[9, 11]), vertex(&[12, 13])]);
    let levels = levels(&vertices);
    let (slots, _) = slots(&vertices, &levels);
    let count = |columns: &[Vec<usize>]| {
        let mut places = vec![0; slots.len()];
        columns
            .iter()
            .for_each(|column| column.iter().enumerate().for_each(|(place, &slot)| places[slot] = place));
        crossings(&slots, columns, &places)
    };
    assert_eq!(count(&order(&slots, ranks(&vertices), 4)), 0);
    let as_they_come: Vec<Vec<usize>> =
        (0..4).map(|k| (0..slots.len()).filter(|&slot| slots[slot].column == k).collect()).collect();
    assert!(count(&as_they_come) > 0);
    assert_eq!(count(&order(&slots, (0..15).collect(), 4)), 0);
}

#[test]
fn heights_are_fitted_under_an_order() {
    let fitted = fit(&[(5.0, 1.0), (0.0, 1.0), (9.0, 1.0)], &[0.0, 1.0, 2.0]);
    assert_eq!(fitted, [2.0, 3.0, 9.0]);
}

#[test]
fn inputs_stand_first_unless_they_are_used_late() {
    let mut chain = vec![vertex(&[]), vertex(&[])];
    chain.extend((0..8).map(|k| vertex(&[if k == 0 { 0 } else { k + 1 }])));
    chain.push(vertex(&[9, 1]));
    assert_eq!(levels(&chain)[..2], [0, 8]);
    let article = [vertex(&[]), vertex(&[]), vertex(&[]), vertex(&[0, 1]), vertex(&[3, 2])];
    assert_eq!(levels(&article), [0, 0, 0, 1, 2]);
}
