//! Machine code that can be called.

use cranelift_codegen::ir::{AbiParam, UserFuncName};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Linkage, Module};
use expr::expect_length;

use super::Straight;
use super::tier::NoNative;
use super::translate::translate;

/// How much time is spent on making code fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// As little as possible: some 0.5 µs an instruction.
    None,
    /// More, in time that grows faster than the code does: for some 2,000 instructions at most.
    Speed,
}

/// From where the inputs are, and to where both lists of outputs go.
type Entry = extern "C" fn(*const f64, *mut f64, *mut f64);

/// Straight code as machine code.
///
/// ```
/// use engine::{Effort, Native, Straight};
/// use expr::Calculus;
/// let straight = Straight::record(2, 100, |x| [vec![x[0] * x[1].sin()], vec![x[1], x[0]]]).unwrap();
/// let Ok(native) = Native::compile(&straight, Effort::Speed) else { return }; // no such processor
/// let (mut value, mut swapped) = ([0.0], [0.0; 2]);
/// native.run(&[2.0, 3.0], &mut value, &mut swapped);
/// assert_eq!((value, swapped), ([2.0 * Calculus::sin(3.0)], [3.0, 2.0]));
/// ```
pub struct Native {
    inputs: usize,
    outputs: [usize; 2],
    bytes: usize,
    entry: Entry,
    /// What owns the pages that the code is in.
    module: Option<JITModule>,
}

// SAFETY: code that is finished is only read, by any number of threads; the module that owns its pages is not used before they are
// given back, by whoever has the last reference.
#[allow(unsafe_code)]
unsafe impl Send for Native {}
// SAFETY: likewise.
#[allow(unsafe_code)]
unsafe impl Sync for Native {}

impl Native {
    pub(super) const IS_BUILT: bool = true;

    /// Makes code for this machine.
    ///
    /// # Errors
    /// Where there is no code for its processor, or no memory that code may be run from.
    pub fn compile(straight: &Straight, effort: Effort) -> Result<Native, NoNative> {
        let refused = |error: &dyn std::fmt::Display| NoNative::Refused(error.to_string());
        let mut flags = settings::builder();
        let level = match effort {
            Effort::None => "none",
            Effort::Speed => "speed",
        };
        // What the verifier finds would be a mistake of `translate`; tests have it look.
        let verify = if cfg!(debug_assertions) { "true" } else { "false" };
        for (name, value) in [("opt_level", level), ("enable_verifier", verify), ("is_pic", "false")] {
            flags.set(name, value).expect("a setting of Cranelift");
        }
        let isa = cranelift_native::builder().map_err(|_| NoNative::Processor)?;
        let isa = isa.finish(settings::Flags::new(flags)).map_err(|error| refused(&error))?;
        let mut module = JITModule::new(JITBuilder::with_isa(isa, cranelift_module::default_libcall_names()));
        let mut context = module.make_context();
        let pointer = module.target_config().pointer_type();
        context.func.signature.params.extend([AbiParam::new(pointer); 3]);
        context.func.name = UserFuncName::user(0, 0);
        let mut memory = FunctionBuilderContext::new();
        translate(straight, FunctionBuilder::new(&mut context.func, &mut memory), pointer);
        let id = module
            .declare_function("straight", Linkage::Local, &context.func.signature)
            .map_err(|error| refused(&error))?;
        module.define_function(id, &mut context).map_err(|error| refused(&error))?;
        let bytes = context.compiled_code().map_or(0, |code| code.code_buffer().len());
        module.finalize_definitions().map_err(|error| refused(&error))?;
        let code = module.get_finalized_function(id);
        // SAFETY: it is a function of three addresses that gives nothing, as declared above.
        #[allow(unsafe_code)]
        let entry = unsafe { std::mem::transmute::<*const u8, Entry>(code) };
        let (inputs, outputs) = (straight.inputs, straight.outputs.each_ref().map(Vec::len));
        Ok(Native { inputs, outputs, bytes, entry, module: Some(module) })
    }

    /// The outputs at a point.
    ///
    /// # Panics
    /// When there is not one number per input and one place per output.
    #[inline]
    pub fn run(&self, x: &[f64], first: &mut [f64], second: &mut [f64]) {
        expr::expect_point(x.len(), self.inputs);
        expect_length(first.len(), "places for values", self.outputs[0], "one per output");
        expect_length(second.len(), "places for values", self.outputs[1], "one per output");
        (self.entry)(x.as_ptr(), first.as_mut_ptr(), second.as_mut_ptr());
    }

    /// How many bytes of code it is.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl std::fmt::Debug for Native {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Native")
            .field("inputs", &self.inputs)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        if let Some(module) = self.module.take() {
            // SAFETY: the only way to the code is `self`, which nobody has any more.
            #[allow(unsafe_code)]
            unsafe {
                module.free_memory();
            }
        }
    }
}
