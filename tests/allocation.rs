//! A gradient allocates nothing, once its workspace is made: counted by the allocator itself.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use backprop::{Adjoint, Planned, Staged};
use chainrule::{Backprop, Budget, Derivative, Prepared, Seeds, Strategy, StrategySpec, Want};
use engine::VectorProgram;

struct Counting;

thread_local! {
    /// Of this thread: the one that waits for the test allocates when it likes.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is passed on unchanged to the system's allocator.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: likewise.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn gradients_do_not_allocate() {
    assert!(ALLOCATIONS.get() > 0, "the count works");
    for text in [
        "(x + y) * z",
        "sum(i, 1, 600, sin(x[i])*x[i+1]) + prod(i, 1, 600, x[i])",
        "if(x < y, ln(x), x*y) + sqrt(y)",
        "[x*y, x/y, if(x < 0, x^y, hypot(x, y))]",
        "iterate(k, 1, 1000, y, x, 3.2*y*(1 - y))",
    ] {
        let f = syntax::parse(text).unwrap();
        let f = f.unroll(100_000).unwrap();
        let adjoint = Adjoint::compile(&f);
        let mut workspace = adjoint.workspace(|value| value);
        let point: Vec<f64> = (0..f.input_count()).map(|k| 0.5 + k as f64 / 1000.0).collect();
        let mut values = vec![0.0; f.outputs().len()];
        let mut gradient = vec![0.0; values.len() * point.len()];
        let rows = VectorProgram::compile(&f, |_| true, |_| false);
        let mut many = rows.space(rows.packs(), 0);
        let mut x = point.clone();
        let mut out = vec![0.0; 100 * values.len()];
        let before = ALLOCATIONS.get();
        for _ in 0..10 {
            adjoint.run(&mut workspace, &point, &mut values, &mut gradient);
        }
        rows.run_many(&mut many, 100, |_, x| x.copy_from_slice(&point), &mut x, &mut out);
        assert_eq!(ALLOCATIONS.get() - before, 0, "{text}");
        assert!(gradient.iter().any(|g| *g != 0.0), "{text}");
    }
    for text in [
        "-2*sum(i, 1, 600, sin(x[i])*x[i+1]*a) + a",
        "exp(a)*prod(i, 1, 600, x[i]*a) + sum(i, 1, 90, exp(a))",
        "iterate(k, 1, 1000, (y, z), (x, a), (z*w[k], y - z*a))[1]",
        "[sum(i, 1, 20, x[i]), sum(i, 1, 30, x[i]^2)]",
    ] {
        let f = syntax::parse(text).unwrap();
        let staged = Staged::compile(&f.stages(8, 100_000).unwrap().unwrap());
        let mut workspace = staged.workspace();
        let point: Vec<f64> = (0..staged.inputs()).map(|k| 0.5 + k as f64 / 1000.0).collect();
        let mut values = vec![0.0; staged.outputs()];
        let mut gradient = vec![0.0; values.len() * point.len()];
        let before = ALLOCATIONS.get();
        for _ in 0..10 {
            staged.run(&mut workspace, &point, &mut values, &mut gradient);
            staged.evaluate(&mut workspace, &point, &mut values);
        }
        assert_eq!(ALLOCATIONS.get() - before, 0, "{text}");
        assert!(gradient.iter().any(|g| *g != 0.0), "{text}");
    }
    for text in [
        "sum(i, 1, 600, (if(i > 1, x[i-1], 0) - sin(x[i])*cos(x[i]))^2)",
        "let m = max(i, 1, 300, x[i]); m + ln(sum(i, 1, 300, exp(x[i] - m)))",
        "let z = iterate(t, 1, 9, y[j: 1..70], x[j], y[j] + h*y[71 - j]^2); sum(k, 1, 70, z[k])",
        "sum(s, 1, 90, iterate(t, 1, 20, (y, z), (x[s], a), (z, sin(y)*a + b[t]))[1])",
        "let q[i: 1..20] = sum(j, 1, i, W[i,j]*x[j]); sum(i, 1, 20, prod(j, 1, 3, q[i] + j))",
        "let h[i: 1..600] = tanh(sum(j, 1, 5, W[i,j]*x[j])); sum(i, 1, 600, v[i]*h[i])",
    ] {
        let f = syntax::parse(text).unwrap();
        let planned = Planned::new(&f, u64::MAX).unwrap();
        let mut workspace = planned.workspace();
        let point: Vec<f64> = (0..planned.inputs()).map(|k| 0.5 + k as f64 / 1000.0).collect();
        let mut values = vec![0.0; planned.outputs()];
        let mut gradient = vec![0.0; values.len() * point.len()];
        let before = ALLOCATIONS.get();
        for _ in 0..10 {
            planned.run(&mut workspace, &point, &mut values, &mut gradient);
        }
        assert_eq!(ALLOCATIONS.get() - before, 0, "{text}");
        assert!(gradient.iter().any(|g| *g != 0.0), "{text}");
    }
}

#[test]
fn derivatives_of_other_kinds_do_not_allocate() {
    for text in [
        "[sum(i, 1, 20, sin(x[i])*x[i+1]), prod(i, 1, 20, x[i])]",
        // With its loops.
        "[sum(i, 1, 4000, sin(x[i])*x[i+1]), sum(i, 1, 4000, exp(x[i]))]",
    ] {
        let f = syntax::parse(text).unwrap();
        for spec in ["backprop", "backprop=accurate", "symbolic=reverse"] {
            for want in
                [Want::Jacobian, Want::Jvp, Want::Vjp, Want::Hessian, Want::HessianDiagonal, Want::Hvp]
            {
                let large = f.input_count() > 100;
                if large && (spec != "backprop" || matches!(want, Want::Hessian | Want::HessianDiagonal)) {
                    continue;
                }
                let spec: StrategySpec = spec.parse().unwrap();
                let mut prepared: Box<dyn Prepared> = spec.prepare(&f, want, &Budget::default()).unwrap();
                let x: Vec<f64> = (0..f.input_count()).map(|k| 0.5 + k as f64 / 10_000.0).collect();
                let along = if want.takes_directions() { vec![1.0; 2 * x.len()] } else { Vec::new() };
                let weights = if want == Want::Vjp { vec![1.0; 4] } else { Vec::new() };
                let seeds = Seeds { along: &along, weights: &weights };
                let mut out = Derivative::default();
                prepared.run_with(&x, seeds, &mut out).unwrap();
                let before = ALLOCATIONS.get();
                for _ in 0..3 {
                    prepared.run_with(&x, seeds, &mut out).unwrap();
                }
                assert_eq!(ALLOCATIONS.get() - before, 0, "{want} by {spec} of {text}");
                assert!(out.entries.iter().any(|entry| *entry != 0.0), "{want} by {spec}");
                if large {
                    let title =
                        Backprop.prepare(&f, want, &Budget::default()).unwrap().listing().swap_remove(0);
                    assert!(title.ends_with("with its loops") || want == Want::Jacobian, "{want}: {title}");
                }
            }
        }
    }
}
