//! What entries are called.

use chainrule::Want;
use harness::MatrixComparison;

/// Names for the entries of a matrix of derivatives.
pub struct Labels<'a> {
    comparison: &'a MatrixComparison,
    name: &'a str,
}

impl<'a> Labels<'a> {
    /// Of a function that is called so.
    pub fn new(comparison: &'a MatrixComparison, name: &'a str) -> Labels<'a> {
        Labels { comparison, name }
    }

    /// `∂f[2]/∂x`, `∂²f/∂x∂y`, and for products which row of which one it is.
    pub fn entry(&self, entry: usize) -> String {
        let MatrixComparison { want, shape: [_, columns], inputs, outputs, .. } = self.comparison;
        let (row, column) = (entry / columns, entry % columns);
        let name = self.name;
        let output = || if *outputs == 1 { name.to_owned() } else { format!("{name}[{}]", row + 1) };
        let second = |row: usize, column: usize| match row == column {
            true => format!("∂²{name}/∂{}²", inputs.name(row)),
            false => format!("∂²{name}/∂{}∂{}", inputs.name(row), inputs.name(column)),
        };
        let of = |what: String, product: usize, products: usize| match products {
            1 => what,
            _ => format!("{what}, {}", product + 1),
        };
        match want {
            Want::Gradient | Want::Jacobian => format!("∂{}/∂{}", output(), inputs.name(column)),
            Want::Jvp => of(format!("d{}", output()), column, *columns),
            Want::Vjp => of(format!("∂/∂{}", inputs.name(column)), row, self.comparison.shape[0]),
            Want::Hessian => second(row, column),
            Want::HessianDiagonal => second(column, column),
            Want::Hvp => of(format!("d ∂{name}/∂{}", inputs.name(row)), column, *columns),
        }
    }

    /// The row and the column as programs have them: names of inputs and numbers of outputs and products.
    pub fn place(&self, entry: usize) -> [String; 2] {
        let MatrixComparison { want, shape: [_, columns], inputs, .. } = self.comparison;
        let (row, column) = (entry / columns, entry % columns);
        let number = |k: usize| (k + 1).to_string();
        match want {
            Want::Gradient | Want::Jacobian | Want::Vjp => [number(row), inputs.name(column)],
            Want::Jvp => [number(row), number(column)],
            Want::Hessian => [inputs.name(row), inputs.name(column)],
            Want::HessianDiagonal => [inputs.name(column), inputs.name(column)],
            Want::Hvp => [inputs.name(row), number(column)],
        }
    }
}
