//! Predators and prey, integrated over two units of time in n steps of the classical Runge-Kutta method, and how far from
//! balance they are on the way.

use super::Family;

/// The stretch of time.
const TIME: f64 = 2.0;

pub(super) const ODE: Family = Family {
    name: "ode",
    about: "mean distance from balance of predators and prey over n steps of Runge-Kutta, by rates and initial values",
    source: "Lotka 1925, Volterra 1926; the method of Kutta 1901",
    form: super::Form::Text(
        "# The slopes of prey u and predators v, and the four stages of a step.\n\
         p(u, v) = u*(a - b*v)\n\
         q(u, v) = v*(c*u - d)\n\
         u2(u, v) = u + p(u, v)/n\n\
         v2(u, v) = v + q(u, v)/n\n\
         u3(u, v) = u + p(u2(u, v), v2(u, v))/n\n\
         v3(u, v) = v + q(u2(u, v), v2(u, v))/n\n\
         u4(u, v) = u + 2*p(u3(u, v), v3(u, v))/n\n\
         v4(u, v) = v + 2*q(u3(u, v), v3(u, v))/n\n\
         un(u, v) = u + (p(u, v) + 2*p(u2(u, v), v2(u, v)) \
         + 2*p(u3(u, v), v3(u, v)) \
         + p(u4(u, v), v4(u, v)))/(3*n)\n\
         vn(u, v) = v + (q(u, v) + 2*q(u2(u, v), v2(u, v)) \
         + 2*q(u3(u, v), v3(u, v)) \
         + q(u4(u, v), v4(u, v)))/(3*n)\n\
         off(a, b, c, d, u0, v0) = iterate(k, 1, n, (u, v, total), (u0, v0, 0), \
         (un(u, v), vn(u, v), \
         total + ((un(u, v) - 1)^2 + (vn(u, v) - 1)^2)/n))[3]",
    ),
    sizes: &[4, 16, 64],
    inputs: |_| INPUTS,
    domain: (0.5, 1.5),
    value,
    gradient,
};

/// The rates a, b, c, d, and where both kinds begin.
const INPUTS: usize = 6;

/// By the tableau of the method, whatever its numbers are.
fn value(n: usize, x: &[f64]) -> f64 {
    let nodes = [0.0, 0.5, 0.5, 1.0];
    let weights = [1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0];
    let h = TIME / n as f64;
    let mut state = [x[4], x[5]];
    let mut sum = 0.0;
    for _ in 0..n {
        let mut slope = [0.0; 2];
        let mut step = [0.0; 2];
        for (node, weight) in nodes.iter().zip(weights) {
            let [u, v] = [0, 1].map(|k| state[k] + node * h * slope[k]);
            slope = [x[0] * u - x[1] * u * v, x[2] * u * v - x[3] * v];
            step = [0, 1].map(|k| step[k] + weight * slope[k]);
        }
        state = [0, 1].map(|k| state[k] + h * step[k]);
        sum += state.iter().map(|y| (y - 1.0).powi(2)).sum::<f64>();
    }
    sum / n as f64
}

/// A number with its slopes by all inputs.
#[derive(Clone, Copy)]
struct Tangent {
    value: f64,
    slopes: [f64; INPUTS],
}

/// The slopes in time of both kinds, and what all inputs do to them: the variational equation.
fn rates(x: &[f64], u: Tangent, v: Tangent) -> [Tangent; 2] {
    let (a, b, c, d) = (x[0], x[1], x[2], x[3]);
    let mut prey = Tangent { value: u.value * (a - b * v.value), slopes: [0.0; INPUTS] };
    let mut predators = Tangent { value: v.value * (c * u.value - d), slopes: [0.0; INPUTS] };
    for k in 0..INPUTS {
        prey.slopes[k] = u.slopes[k] * (a - b * v.value) - b * u.value * v.slopes[k];
        predators.slopes[k] = v.slopes[k] * (c * u.value - d) + c * v.value * u.slopes[k];
    }
    prey.slopes[0] += u.value;
    prey.slopes[1] -= u.value * v.value;
    predators.slopes[2] += u.value * v.value;
    predators.slopes[3] -= v.value;
    [prey, predators]
}

/// `from + factor * along`
fn moved(from: Tangent, factor: f64, along: Tangent) -> Tangent {
    let mut result = Tangent { value: from.value + factor * along.value, ..from };
    result.slopes.iter_mut().zip(along.slopes).for_each(|(slope, along)| *slope += factor * along);
    result
}

/// Forward: all slopes go along with the steps.
fn gradient(n: usize, x: &[f64], g: &mut [f64]) -> f64 {
    g.fill(0.0);
    let h = TIME / n as f64;
    let input = |k: usize| {
        let mut slopes = [0.0; INPUTS];
        slopes[k] = 1.0;
        Tangent { value: x[k], slopes }
    };
    let mut state = [input(4), input(5)];
    let mut sum = 0.0;
    for _ in 0..n {
        let stage = |factor: f64, along: [Tangent; 2]| {
            let [u, v] = [0, 1].map(|k| moved(state[k], factor, along[k]));
            rates(x, u, v)
        };
        let first = rates(x, state[0], state[1]);
        let second = stage(h / 2.0, first);
        let third = stage(h / 2.0, second);
        let fourth = stage(h, third);
        for k in 0..2 {
            let so_far = moved(moved(state[k], h / 6.0, first[k]), h / 3.0, second[k]);
            state[k] = moved(moved(so_far, h / 3.0, third[k]), h / 6.0, fourth[k]);
            let off = state[k].value - 1.0;
            sum += off * off / n as f64;
            g.iter_mut().zip(state[k].slopes).for_each(|(g, slope)| *g += 2.0 * off * slope / n as f64);
        }
    }
    sum
}
