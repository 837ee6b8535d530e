//! Words that mean something in a language, in the headers that exports include or in what is always in scope there: an input of such a
//! name is renamed. `M_*` stands for every word that begins with `M_`.

/// C99, C11 and C23, what GCC predefines in its own modes (`unix`, `linux`), and `math.h`, `stddef.h`, `stdlib.h` and `string.h` with
/// their POSIX and GNU parts. Words that begin with an underscore and a capital or another underscore belong to the implementation.
pub(super) const C: &[&str] = &[
    "auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return
     short signed sizeof static struct switch typedef union unsigned void volatile while",
    "alignas alignof bool complex constexpr false imaginary noreturn nullptr static_assert thread_local true typeof typeof_unqual",
    "asm fortran near far huge pascal cdecl interrupt unix linux i386 vax sun mips arm sparc hpux",
    "main value gradient* hessian* NULL EOF errno stdin stdout stderr assert va_* offsetof max_align_t nullptr_t",
    "size_t ssize_t ptrdiff_t wchar_t wint_t intptr_t uintptr_t float_t double_t off_t pid_t div_t ldiv_t lldiv_t",
    "M_* FP_* MATH_* HUGE* INFINITY NAN MAXFLOAT DOMAIN SING OVERFLOW UNDERFLOW PLOSS TLOSS X_TLOSS SNAN* EXIT_* RAND_MAX MB_* CHAR_* \
     INT_* LONG_* LLONG_* UINT* ULONG* DBL_* FLT_* LDBL_* DECIMAL_DIG I",
    "_A* _B* _C* _D* _E* _F* _G* _H* _I* _J* _K* _L* _M* _N* _O* _P* _Q* _R* _S* _T* _U* _V* _W* _X* _Y* _Z* __*",
    "math_errhandling fpclassify isfinite isinf isnan isnormal signbit isgreater isgreaterequal isless islessequal islessgreater \
     isunordered iscanonical issignaling issubnormal iszero iseqsig signgam matherr exception",
    "acosf acosl acoshf acoshl asinf asinl asinhf asinhl atanf atanl atanhf atanhl atan2f atan2l cbrtf cbrtl ceilf ceill copysign copysignf \
     copysignl cosf cosl coshf coshl erff erfl erfcf erfcl exp2f exp2l expf expl exp10 exp10f exp10l expm1f expm1l fabs fabsf fabsl fdim \
     fdimf fdiml floorf floorl fma fmaf fmal fmax fmaxf fmaxl fmin fminf fminl fmod fmodf fmodl frexp frexpf frexpl hypotf hypotl ilogb \
     ilogbf ilogbl ldexp ldexpf ldexpl lgamma lgammaf lgammal lgamma_r llrint llrintf llrintl llround llroundf llroundl log logf logl \
     log10f log10l log1pf log1pl log2f log2l logb logbf logbl lrint lrintf lrintl lround lroundf lroundl modf modff modfl nan nanf nanl \
     nearbyint nearbyintf nearbyintl nextafter nextafterf nextafterl nextup nextdown nexttoward nexttowardf nexttowardl powf powl pow10 \
     remainder remainderf remainderl remquo remquof remquol rint rintf rintl roundf roundl roundeven roundevenf roundevenl scalb scalbf \
     scalbl scalbln scalblnf scalblnl scalbn scalbnf scalbnl sincos sincosf sincosl sinf sinl sinhf sinhl sqrtf sqrtl tanf tanl tanhf tanhl \
     tgamma tgammaf tgammal truncf truncl",
    "j0 j0f j0l j1 j1f j1l jn jnf jnl y0 y0f y0l y1 y1f y1l yn ynf ynl gamma gammaf gammal drem dreml dremf significand significandf \
     significandl finite finitef finitel isinff isinfl isnanf isnanl llogb fadd fsub fmul fdiv fsqrt daddl dsubl dmull ddivl dsqrtl \
     fmaxmag fminmag fmaximum* fminimum* canonicalize setpayload getpayload totalorder* fromfp* ufromfp*",
    "memcpy memmove memset memcmp memchr strlen strcpy strcat strcmp strncpy index rindex bcopy bzero bcmp ffs malloc calloc realloc free \
     exit abort atexit atof atoi atol abs labs llabs div ldiv rand srand random srandom drand48 getenv system qsort bsearch printf",
];

/// Keywords of all editions, the prelude, primitive types, and the crates that are always there.
pub(super) const RUST: &[&str] = &[
    "as async await break const continue crate dyn else enum extern false fn for gen if impl in let loop match mod move mut pub raw ref \
     return safe self Self static struct super trait true try type union unsafe use where while abstract auto become box default do final \
     macro macro_rules override priv typeof unsized virtual yield",
    "Some None Ok Err Option Result Vec Box String ToString ToOwned Drop drop Fn FnMut FnOnce AsyncFn AsyncFnMut AsyncFnOnce Iterator \
     IntoIterator Extend DoubleEndedIterator ExactSizeIterator FromIterator From Into TryFrom TryInto AsRef AsMut Default Clone Copy Send \
     Sync Sized Unpin Eq PartialEq Ord PartialOrd Debug Hash size_of size_of_val align_of align_of_val",
    "f16 f32 f64 f128 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize bool char str std core alloc proc_macro test",
    "value gradient* hessian* main",
];

/// Keywords, soft ones too, what is always in scope, and the modules that exports import.
pub(super) const PYTHON: &[&str] = &[
    "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda \
     nonlocal not or pass raise return try while with yield match case type __*",
    "abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex copyright credits delattr \
     dict dir divmod enumerate eval exec exit filter float format frozenset getattr globals hasattr hash help hex id input int isinstance \
     issubclass iter len license list locals map max memoryview min next object oct open ord pow print property quit range repr reversed \
     round set setattr slice sorted staticmethod str sum super tuple vars zip Ellipsis NotImplemented",
    "ArithmeticError AssertionError AttributeError BaseException* BlockingIOError BrokenPipeError BufferError BytesWarning \
     ChildProcessError Connection* DeprecationWarning EOFError EncodingWarning EnvironmentError Exception* File* FloatingPointError \
     FutureWarning GeneratorExit IOError Import* IndentationError IndexError InterruptedError IsADirectoryError KeyError \
     KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplementedError OSError OverflowError \
     PendingDeprecationWarning PermissionError ProcessLookupError RecursionError ReferenceError ResourceWarning Runtime* Stop* Syntax* \
     System* TabError TimeoutError TypeError UnboundLocalError Unicode* UserWarning ValueError Warning ZeroDivisionError",
    "np numpy math value gradient* hessian* main",
];
