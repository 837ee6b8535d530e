//! Straight code in Cranelift's intermediate language.

use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{
    AbiParam, InstBuilder, MemFlags, SigRef, Signature, Type, Value, immediates::Ieee64, types,
};
use cranelift_frontend::FunctionBuilder;
use expr::Op;

use super::Straight;
use super::calls::address;
use super::record::Instruction;

/// Fills a function of three addresses: of the inputs, and of the places for both lists of outputs.
pub(super) fn translate(straight: &Straight, mut builder: FunctionBuilder<'_>, pointer: Type) {
    let block = builder.create_block();
    builder.append_block_params_for_function_params(block);
    builder.switch_to_block(block);
    let &[inputs, first, second] = builder.block_params(block) else { unreachable!("three addresses") };
    let mut code = Code { straight, builder, pointer, inputs, signatures: [None; 3], values: Vec::new() };
    code.values = vec![None; straight.instructions.len()];
    for k in 0..straight.instructions.len() {
        // Inputs and constants stand where they are first used: so few numbers wait at a time.
        if let Instruction::Apply(op, operands) = straight.instructions[k] {
            let value = code.apply(op, operands);
            code.values[k] = Some(value);
        }
    }
    for (outputs, place) in straight.outputs.iter().zip([first, second]).rev() {
        for (k, &output) in outputs.iter().enumerate() {
            let value = code.value(output);
            code.builder.ins().store(MemFlags::trusted(), value, place, 8 * k as i32);
        }
    }
    code.builder.ins().return_(&[]);
    code.builder.seal_all_blocks();
    code.builder.finalize();
}

struct Code<'a, 'b> {
    straight: &'a Straight,
    builder: FunctionBuilder<'b>,
    pointer: Type,
    inputs: Value,
    /// Of functions of 1, 2 and 3 numbers.
    signatures: [Option<SigRef>; 3],
    values: Vec<Option<Value>>,
}

impl Code<'_, '_> {
    /// A result, an input or a constant.
    fn value(&mut self, place: u32) -> Value {
        if let Some(value) = self.values[place as usize] {
            return value;
        }
        let value = match self.straight.instructions[place as usize] {
            Instruction::Input(k) => self.builder.ins().load(
                types::F64,
                MemFlags::trusted().with_can_move(),
                self.inputs,
                8 * k as i32,
            ),
            Instruction::Constant(bits) => self.number(f64::from_bits(bits)),
            Instruction::Apply(..) => unreachable!("results are before what reads them"),
        };
        self.values[place as usize] = Some(value);
        value
    }

    fn number(&mut self, number: f64) -> Value {
        self.builder.ins().f64const(Ieee64::with_bits(number.to_bits()))
    }

    /// The condition of a choice, where that is a comparison or any other number: whether it is not 0.
    fn condition(&mut self, place: u32) -> Value {
        if let Instruction::Apply(op, [a, b, _]) = self.straight.instructions[place as usize]
            && let Some(comparison) = comparison(op)
        {
            let (a, b) = (self.value(a), self.value(b));
            return self.builder.ins().fcmp(comparison, a, b);
        }
        let (value, zero) = (self.value(place), self.number(0.0));
        self.builder.ins().fcmp(FloatCC::NotEqual, value, zero)
    }

    fn apply(&mut self, op: Op, operands: [u32; 3]) -> Value {
        if op == Op::Select {
            let condition = self.condition(operands[0]);
            let (a, b) = (self.value(operands[1]), self.value(operands[2]));
            return self.builder.ins().select(condition, a, b);
        }
        if op == Op::Powi
            && let Some(value) = self.power(operands)
        {
            return value;
        }
        let [a, b, c] = operands.map(|operand| self.value(operand));
        if let Some(comparison) = comparison(op) {
            let holds = self.builder.ins().fcmp(comparison, a, b);
            let (one, zero) = (self.number(1.0), self.number(0.0));
            return self.builder.ins().select(holds, one, zero);
        }
        match op {
            Op::Neg => self.builder.ins().fneg(a),
            Op::Add => self.builder.ins().fadd(a, b),
            Op::Sub => self.builder.ins().fsub(a, b),
            Op::Mul => self.builder.ins().fmul(a, b),
            Op::Div => self.builder.ins().fdiv(a, b),
            Op::Square => self.builder.ins().fmul(a, a),
            Op::Recip => {
                let one = self.number(1.0);
                self.builder.ins().fdiv(one, a)
            }
            Op::Sqrt => self.builder.ins().sqrt(a),
            Op::Abs => self.builder.ins().fabs(a),
            Op::Min => self.extreme(FloatCC::LessThanOrEqual, FloatCC::LessThan, a, b),
            Op::Max => self.extreme(FloatCC::GreaterThanOrEqual, FloatCC::GreaterThan, a, b),
            _ => self.call(op, &[a, b, c][..op.arity()]),
        }
    }

    /// The powers for which [`elementary::value::powi`] multiplies or divides.
    fn power(&mut self, [a, exponent, _]: [u32; 3]) -> Option<Value> {
        let Instruction::Constant(exponent) = self.straight.instructions[exponent as usize] else {
            return None;
        };
        let a = self.value(a);
        let exponent = f64::from_bits(exponent);
        if exponent == 1.0 {
            Some(a)
        } else if exponent == -1.0 {
            let one = self.number(1.0);
            Some(self.builder.ins().fdiv(one, a))
        } else if exponent == 2.0 || exponent == 3.0 {
            let square = self.builder.ins().fmul(a, a);
            Some(if exponent == 2.0 { square } else { self.builder.ins().fmul(square, a) })
        } else {
            None
        }
    }

    /// `a` where it is before or beside `b`, else `b` where that is before it, else NaN: [`elementary::value::min`] and `max`.
    fn extreme(&mut self, or_equal: FloatCC, before: FloatCC, a: Value, b: Value) -> Value {
        let neither = self.builder.ins().fadd(a, b);
        let second = self.builder.ins().fcmp(before, b, a);
        let other = self.builder.ins().select(second, b, neither);
        let first = self.builder.ins().fcmp(or_equal, a, b);
        self.builder.ins().select(first, a, other)
    }

    fn call(&mut self, op: Op, arguments: &[Value]) -> Value {
        let signature = match self.signatures[arguments.len() - 1] {
            Some(signature) => signature,
            None => {
                let mut signature = Signature::new(self.builder.func.signature.call_conv);
                signature.params.extend(arguments.iter().map(|_| AbiParam::new(types::F64)));
                signature.returns.push(AbiParam::new(types::F64));
                let signature = self.builder.import_signature(signature);
                self.signatures[arguments.len() - 1] = Some(signature);
                signature
            }
        };
        let address = self.builder.ins().iconst(self.pointer, address(op) as i64);
        let call = self.builder.ins().call_indirect(signature, address, arguments);
        self.builder.inst_results(call)[0]
    }
}

/// How a comparison asks.
fn comparison(op: Op) -> Option<FloatCC> {
    Some(match op {
        Op::Lt => FloatCC::LessThan,
        Op::Le => FloatCC::LessThanOrEqual,
        Op::Gt => FloatCC::GreaterThan,
        Op::Ge => FloatCC::GreaterThanOrEqual,
        Op::Eq => FloatCC::Equal,
        Op::Ne => FloatCC::NotEqual,
        _ => return None,
    })
}
