//! Every function that can be typed, in words: for lists, help and messages. `tests/catalogue.rs` holds each line.

/// What a function is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Powers and roots.
    Power,
    /// Exponentials and logarithms.
    Exponential,
    /// Angles.
    Trigonometric,
    /// Hyperbolic functions.
    Hyperbolic,
    /// Remainders, rounding and signs.
    Step,
    /// Extremes and branches.
    Choice,
    /// The gamma function and its kin.
    Gamma,
    /// The error function, the normal distribution and others.
    Special,
    /// Sums, products and iterations.
    Loop,
}

impl Group {
    /// Every group, in the order of the catalogue.
    pub const ALL: &'static [Group] = &[
        Group::Power,
        Group::Exponential,
        Group::Trigonometric,
        Group::Hyperbolic,
        Group::Step,
        Group::Choice,
        Group::Gamma,
        Group::Special,
        Group::Loop,
    ];

    /// What stands above its functions in a list.
    pub const fn title(self) -> &'static str {
        match self {
            Group::Power => "Powers and roots",
            Group::Exponential => "Exponentials and logarithms",
            Group::Trigonometric => "Trigonometric functions (radians)",
            Group::Hyperbolic => "Hyperbolic functions",
            Group::Step => "Rounding, remainders and signs",
            Group::Choice => "Extremes and branches",
            Group::Gamma => "The gamma function and its kin",
            Group::Special => "The error function, the normal distribution and others",
            Group::Loop => "Sums, products and iterations",
        }
    }
}

/// A function that can be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How it is written, with names for its arguments: `atan2(y, x)`.
    pub usage: &'static str,
    /// What it is about.
    pub group: Group,
    /// What it is, in one line.
    pub meaning: &'static str,
    /// Where it has a value, and where it has no slope.
    pub domain: &'static str,
    /// Its partial derivatives, as pairs of an argument and an expression of the language; none for what binds names.
    pub slopes: &'static [(&'static str, &'static str)],
    /// A function that uses it.
    pub example: &'static str,
    /// A point (as `--at` takes it) for the arguments of [`Entry::usage`] and the inputs of [`Entry::example`].
    pub at: &'static str,
}

impl Entry {
    /// Its name.
    pub fn name(&self) -> &'static str {
        self.usage.split('(').next().expect("a usage begins with the name")
    }

    /// The names of its arguments, as [`Entry::usage`] has them.
    pub fn arguments(&self) -> Vec<&'static str> {
        let list = &self.usage[self.name().len()..];
        list.trim_start_matches('(').trim_end_matches(')').split(", ").collect()
    }

    /// Its derivative in one line: one expression, or one per argument.
    pub fn derivative(&self) -> String {
        match self.slopes {
            [] => "that of the terms, one by one".to_owned(),
            [(_, slope)] => (*slope).to_owned(),
            slopes => {
                let each: Vec<String> =
                    slopes.iter().map(|(by, slope)| format!("by {by}: {slope}")).collect();
                each.join("; ")
            }
        }
    }

    /// The point for [`Entry::example`] alone: without the arguments of [`Entry::usage`] that the example fixes.
    pub fn example_at(&self) -> String {
        let Ok(function) = crate::parse(self.example) else { return self.at.to_owned() };
        let inputs: Vec<&str> = function.graph().blocks().iter().map(|block| block.name.as_str()).collect();
        let Ok(values) = crate::read_values(self.at) else { return self.at.to_owned() };
        let used = values.iter().filter(|value| inputs.contains(&value.name.as_str()));
        let texts: Vec<String> =
            used.map(|value| format!("{}={}", value.name, &self.at[value.place.clone()])).collect();
        texts.join(",")
    }

    /// The entry of that name.
    pub fn of(name: &str) -> Option<&'static Entry> {
        CATALOGUE.iter().find(|entry| entry.name() == name)
    }
}

/// Every function that can be typed, group by group.
pub fn catalogue() -> &'static [Entry] {
    CATALOGUE
}

#[rustfmt::skip]
const CATALOGUE: &[Entry] = &[
    Entry {
        usage: "sqrt(x)",
        group: Group::Power,
        meaning: "the square root",
        domain: "x >= 0",
        slopes: &[("x", "1/(2*sqrt(x))")],
        example: "sqrt(x^2 + 1)",
        at: "x=2",
    },
    Entry {
        usage: "cbrt(x)",
        group: Group::Power,
        meaning: "the real cube root, of negative numbers too",
        domain: "every x; vertical at 0",
        slopes: &[("x", "1/(3*cbrt(x)^2)")],
        example: "cbrt(x)",
        at: "x=-8",
    },
    Entry {
        usage: "root(x, n)",
        group: Group::Power,
        meaning: "the real root of degree n, the inverse of x^n; n is a literal integer, odd degrees take negative x; else x^(1/n) for x > 0",
        domain: "x > 0; every x for odd n",
        slopes: &[("x", "root(x, n)/(n*x)"), ("n", "-root(x, n)*ln(x)/n^2")],
        example: "root(x, 5)",
        at: "x=7,n=4.5",
    },
    Entry {
        usage: "square(x)",
        group: Group::Power,
        meaning: "x^2",
        domain: "every x",
        slopes: &[("x", "2*x")],
        example: "square(x - 1)",
        at: "x=3",
    },
    Entry {
        usage: "recip(x)",
        group: Group::Power,
        meaning: "1/x",
        domain: "x not 0",
        slopes: &[("x", "-1/x^2")],
        example: "recip(x)",
        at: "x=4",
    },
    Entry {
        usage: "pow(x, y)",
        group: Group::Power,
        meaning: "x^y with a real exponent",
        domain: "x > 0; x < 0 for integer y, without a slope by y",
        slopes: &[("x", "y*x^(y - 1)"), ("y", "x^y*ln(x)")],
        example: "pow(x, y)",
        at: "x=2,y=1.5",
    },
    Entry {
        usage: "powi(x, 3)",
        group: Group::Power,
        meaning: "x^3; the exponent is a literal integer",
        domain: "every x; not 0 for a negative exponent",
        slopes: &[("x", "3*x^2")],
        example: "powi(x, 3)",
        at: "x=2",
    },
    Entry {
        usage: "hypot(x, y)",
        group: Group::Power,
        meaning: "sqrt(x^2 + y^2) without overflow",
        domain: "every x, y; a kink at (0, 0)",
        slopes: &[("x", "x/hypot(x, y)"), ("y", "y/hypot(x, y)")],
        example: "hypot(x, y)",
        at: "x=3,y=4",
    },
    Entry {
        usage: "exp(x)",
        group: Group::Exponential,
        meaning: "e^x",
        domain: "every x",
        slopes: &[("x", "exp(x)")],
        example: "exp(-x^2)",
        at: "x=0.5",
    },
    Entry {
        usage: "exp2(x)",
        group: Group::Exponential,
        meaning: "2^x",
        domain: "every x",
        slopes: &[("x", "ln(2)*exp2(x)")],
        example: "exp2(x)",
        at: "x=3",
    },
    Entry {
        usage: "expm1(x)",
        group: Group::Exponential,
        meaning: "e^x - 1, accurate near 0",
        domain: "every x",
        slopes: &[("x", "exp(x)")],
        example: "expm1(x)^2",
        at: "x=1e-9",
    },
    Entry {
        usage: "expmsq(x)",
        group: Group::Exponential,
        meaning: "e^(-x^2), with the rounding error of the square carried along",
        domain: "every x",
        slopes: &[("x", "-2*x*expmsq(x)")],
        example: "expmsq(x)",
        at: "x=1.5",
    },
    Entry {
        usage: "ln(x)",
        group: Group::Exponential,
        meaning: "the natural logarithm",
        domain: "x > 0",
        slopes: &[("x", "1/x")],
        example: "ln(x)",
        at: "x=2",
    },
    Entry {
        usage: "log(x, b)",
        group: Group::Exponential,
        meaning: "the logarithm to base b; log(x) is ln(x)",
        domain: "x > 0; b > 0 and not 1",
        slopes: &[("x", "1/(x*ln(b))"), ("b", "-ln(x)/(b*ln(b)^2)")],
        example: "log(x, 3)",
        at: "x=9,b=3",
    },
    Entry {
        usage: "log1p(x)",
        group: Group::Exponential,
        meaning: "ln(1 + x), accurate near 0",
        domain: "x > -1",
        slopes: &[("x", "1/(1 + x)")],
        example: "log1p(x)",
        at: "x=1e-9",
    },
    Entry {
        usage: "log2(x)",
        group: Group::Exponential,
        meaning: "the logarithm to base 2",
        domain: "x > 0",
        slopes: &[("x", "1/(x*ln(2))")],
        example: "log2(x)",
        at: "x=8",
    },
    Entry {
        usage: "log10(x)",
        group: Group::Exponential,
        meaning: "the logarithm to base 10",
        domain: "x > 0",
        slopes: &[("x", "1/(x*ln(10))")],
        example: "log10(x)",
        at: "x=1000",
    },
    Entry {
        usage: "xlogy(x, y)",
        group: Group::Exponential,
        meaning: "x*ln(y), and 0 where x is 0",
        domain: "y > 0",
        slopes: &[("x", "ln(y)"), ("y", "x/y")],
        example: "-xlogy(x, x)",
        at: "x=0.3,y=2",
    },
    Entry {
        usage: "sigmoid(x)",
        group: Group::Exponential,
        meaning: "1/(1 + e^-x), the logistic function",
        domain: "every x",
        slopes: &[("x", "sigmoid(x)*sigmoid(-x)")],
        example: "sigmoid(3*x - 1)",
        at: "x=0.5",
    },
    Entry {
        usage: "softplus(x)",
        group: Group::Exponential,
        meaning: "ln(1 + e^x) without overflow",
        domain: "every x",
        slopes: &[("x", "sigmoid(x)")],
        example: "softplus(x)",
        at: "x=-2",
    },
    Entry {
        usage: "log1mexp(x)",
        group: Group::Exponential,
        meaning: "ln(1 - e^x) without cancellation",
        domain: "x < 0",
        slopes: &[("x", "-1/expm1(-x)")],
        example: "log1mexp(x)",
        at: "x=-0.5",
    },
    Entry {
        usage: "logit(p)",
        group: Group::Exponential,
        meaning: "ln(p/(1 - p)), the inverse of sigmoid",
        domain: "0 < p < 1",
        slopes: &[("p", "1/(p*(1 - p))")],
        example: "logit(p)",
        at: "p=0.3",
    },
    Entry {
        usage: "sin(x)",
        group: Group::Trigonometric,
        meaning: "the sine; angles are in radians",
        domain: "every x",
        slopes: &[("x", "cos(x)")],
        example: "x*sin(x)",
        at: "x=2",
    },
    Entry {
        usage: "cos(x)",
        group: Group::Trigonometric,
        meaning: "the cosine",
        domain: "every x",
        slopes: &[("x", "-sin(x)")],
        example: "cos(2*x)",
        at: "x=1",
    },
    Entry {
        usage: "tan(x)",
        group: Group::Trigonometric,
        meaning: "the tangent",
        domain: "x not pi/2 + k*pi",
        slopes: &[("x", "1 + tan(x)^2")],
        example: "tan(x)",
        at: "x=1",
    },
    Entry {
        usage: "sec(x)",
        group: Group::Trigonometric,
        meaning: "the secant, 1/cos(x)",
        domain: "x not pi/2 + k*pi",
        slopes: &[("x", "sec(x)*tan(x)")],
        example: "sec(x)",
        at: "x=1",
    },
    Entry {
        usage: "csc(x)",
        group: Group::Trigonometric,
        meaning: "the cosecant, 1/sin(x)",
        domain: "x not k*pi",
        slopes: &[("x", "-csc(x)*cot(x)")],
        example: "csc(x)",
        at: "x=1",
    },
    Entry {
        usage: "cot(x)",
        group: Group::Trigonometric,
        meaning: "the cotangent, cos(x)/sin(x)",
        domain: "x not k*pi",
        slopes: &[("x", "-csc(x)^2")],
        example: "cot(x)",
        at: "x=1",
    },
    Entry {
        usage: "asin(x)",
        group: Group::Trigonometric,
        meaning: "the inverse sine, in [-pi/2, pi/2]",
        domain: "-1 <= x <= 1; vertical at the ends",
        slopes: &[("x", "1/sqrt(1 - x^2)")],
        example: "asin(x)",
        at: "x=0.5",
    },
    Entry {
        usage: "acos(x)",
        group: Group::Trigonometric,
        meaning: "the inverse cosine, in [0, pi]",
        domain: "-1 <= x <= 1; vertical at the ends",
        slopes: &[("x", "-1/sqrt(1 - x^2)")],
        example: "acos(x)",
        at: "x=0.5",
    },
    Entry {
        usage: "atan(x)",
        group: Group::Trigonometric,
        meaning: "the inverse tangent, in (-pi/2, pi/2)",
        domain: "every x",
        slopes: &[("x", "1/(1 + x^2)")],
        example: "atan(x)",
        at: "x=2",
    },
    Entry {
        usage: "atan2(y, x)",
        group: Group::Trigonometric,
        meaning: "the angle of the point (x, y), in (-pi, pi]; its ordinate comes first",
        domain: "not both 0; a jump where y = 0 and x < 0",
        slopes: &[("y", "x/(x^2 + y^2)"), ("x", "-y/(x^2 + y^2)")],
        example: "atan2(y, x)",
        at: "y=1,x=2",
    },
    Entry {
        usage: "acot(x)",
        group: Group::Trigonometric,
        meaning: "the inverse cotangent, in (0, pi): pi/2 - atan(x), continuous at 0",
        domain: "every x",
        slopes: &[("x", "-1/(1 + x^2)")],
        example: "acot(x)",
        at: "x=-2",
    },
    Entry {
        usage: "asec(x)",
        group: Group::Trigonometric,
        meaning: "the inverse secant, in [0, pi]: acos(1/x)",
        domain: "x <= -1 or x >= 1; vertical at the ends",
        slopes: &[("x", "1/(abs(x)*sqrt(x^2 - 1))")],
        example: "asec(x)",
        at: "x=-2",
    },
    Entry {
        usage: "acsc(x)",
        group: Group::Trigonometric,
        meaning: "the inverse cosecant, in [-pi/2, pi/2]: asin(1/x)",
        domain: "x <= -1 or x >= 1; vertical at the ends",
        slopes: &[("x", "-1/(abs(x)*sqrt(x^2 - 1))")],
        example: "acsc(x)",
        at: "x=2",
    },
    Entry {
        usage: "sinh(x)",
        group: Group::Hyperbolic,
        meaning: "the hyperbolic sine",
        domain: "every x",
        slopes: &[("x", "cosh(x)")],
        example: "sinh(x)",
        at: "x=1",
    },
    Entry {
        usage: "cosh(x)",
        group: Group::Hyperbolic,
        meaning: "the hyperbolic cosine",
        domain: "every x",
        slopes: &[("x", "sinh(x)")],
        example: "cosh(x)",
        at: "x=1",
    },
    Entry {
        usage: "tanh(x)",
        group: Group::Hyperbolic,
        meaning: "the hyperbolic tangent",
        domain: "every x",
        slopes: &[("x", "1/cosh(x)^2")],
        example: "tanh(w*x)",
        at: "w=2,x=0.5",
    },
    Entry {
        usage: "coth(x)",
        group: Group::Hyperbolic,
        meaning: "the hyperbolic cotangent, 1/tanh(x)",
        domain: "x not 0",
        slopes: &[("x", "-1/sinh(x)^2")],
        example: "coth(x)",
        at: "x=1",
    },
    Entry {
        usage: "sech(x)",
        group: Group::Hyperbolic,
        meaning: "the hyperbolic secant, 1/cosh(x)",
        domain: "every x",
        slopes: &[("x", "-sech(x)*tanh(x)")],
        example: "sech(x)^2",
        at: "x=1",
    },
    Entry {
        usage: "csch(x)",
        group: Group::Hyperbolic,
        meaning: "the hyperbolic cosecant, 1/sinh(x)",
        domain: "x not 0",
        slopes: &[("x", "-csch(x)*coth(x)")],
        example: "csch(x)",
        at: "x=1",
    },
    Entry {
        usage: "asinh(x)",
        group: Group::Hyperbolic,
        meaning: "the inverse hyperbolic sine",
        domain: "every x",
        slopes: &[("x", "1/sqrt(1 + x^2)")],
        example: "asinh(x)",
        at: "x=2",
    },
    Entry {
        usage: "acosh(x)",
        group: Group::Hyperbolic,
        meaning: "the inverse hyperbolic cosine",
        domain: "x >= 1; vertical at 1",
        slopes: &[("x", "1/sqrt(x^2 - 1)")],
        example: "acosh(x)",
        at: "x=2",
    },
    Entry {
        usage: "atanh(x)",
        group: Group::Hyperbolic,
        meaning: "the inverse hyperbolic tangent",
        domain: "-1 < x < 1",
        slopes: &[("x", "1/(1 - x^2)")],
        example: "atanh(x)",
        at: "x=0.5",
    },
    Entry {
        usage: "abs(x)",
        group: Group::Step,
        meaning: "the absolute value",
        domain: "every x; a kink at 0, slope 0 there by convention",
        slopes: &[("x", "sign(x)")],
        example: "abs(x - 1)",
        at: "x=3",
    },
    Entry {
        usage: "sign(x)",
        group: Group::Step,
        meaning: "-1, 0 or 1",
        domain: "every x; a jump at 0",
        slopes: &[("x", "0")],
        example: "sign(x)",
        at: "x=-2",
    },
    Entry {
        usage: "floor(x)",
        group: Group::Step,
        meaning: "the largest integer that is not above x",
        domain: "every x; jumps at integers",
        slopes: &[("x", "0")],
        example: "x - floor(x)",
        at: "x=2.7",
    },
    Entry {
        usage: "ceil(x)",
        group: Group::Step,
        meaning: "the smallest integer that is not below x",
        domain: "every x; jumps at integers",
        slopes: &[("x", "0")],
        example: "ceil(x)",
        at: "x=2.7",
    },
    Entry {
        usage: "round(x)",
        group: Group::Step,
        meaning: "the nearest integer, half away from 0",
        domain: "every x; jumps half-way between integers",
        slopes: &[("x", "0")],
        example: "round(x)",
        at: "x=2.7",
    },
    Entry {
        usage: "trunc(x)",
        group: Group::Step,
        meaning: "the integer part",
        domain: "every x; jumps at integers other than 0",
        slopes: &[("x", "0")],
        example: "trunc(x)",
        at: "x=-2.7",
    },
    Entry {
        usage: "mod(x, y)",
        group: Group::Step,
        meaning: "the remainder of x/y with the sign of y: x - y*floor(x/y)",
        domain: "y not 0; a jump where x is a multiple of y",
        slopes: &[("x", "1"), ("y", "-floor(x/y)")],
        example: "mod(x^2, 3)",
        at: "x=-2.2,y=1.5",
    },
    Entry {
        usage: "rem(x, y)",
        group: Group::Step,
        meaning: "the remainder of x/y with the sign of x: x - y*trunc(x/y)",
        domain: "y not 0; a jump where x is a multiple of y other than 0",
        slopes: &[("x", "1"), ("y", "-trunc(x/y)")],
        example: "rem(x^2, 3)",
        at: "x=-2.2,y=1.5",
    },
    Entry {
        usage: "min(a, b)",
        group: Group::Choice,
        meaning: "the smallest of two or more",
        domain: "every a, b; a kink where two are equal, half and half there by convention",
        slopes: &[("a", "if(a < b, 1, if(a == b, 1/2, 0))"), ("b", "if(b < a, 1, if(a == b, 1/2, 0))")],
        example: "min(a, b, 3)",
        at: "a=1,b=2",
    },
    Entry {
        usage: "max(a, b)",
        group: Group::Choice,
        meaning: "the largest of two or more",
        domain: "every a, b; a kink where two are equal, half and half there by convention",
        slopes: &[("a", "if(a > b, 1, if(a == b, 1/2, 0))"), ("b", "if(b > a, 1, if(a == b, 1/2, 0))")],
        example: "max(a, b, 0)",
        at: "a=1,b=2",
    },
    Entry {
        usage: "clamp(x, lo, hi)",
        group: Group::Choice,
        meaning: "min(max(x, lo), hi)",
        domain: "every x, lo, hi; kinks at the bounds",
        slopes: &[("x", "if(lo <= x, if(x <= hi, 1, 0), 0)"), ("lo", "if(x < lo, if(lo <= hi, 1, 0), 0)"), ("hi", "if(hi < x, 1, if(hi < lo, 1, 0))")],
        example: "clamp(x, lo, hi)",
        at: "x=0.5,lo=0,hi=1",
    },
    Entry {
        usage: "relu(x)",
        group: Group::Choice,
        meaning: "max(x, 0)",
        domain: "every x; a kink at 0, slope 0 there by convention",
        slopes: &[("x", "if(x > 0, 1, 0)")],
        example: "relu(w*x + b)",
        at: "w=1,x=2,b=-1",
    },
    Entry {
        usage: "if(c, a, b)",
        group: Group::Choice,
        meaning: "a where the condition c holds or is a number other than 0, else b; the other branch is not looked at",
        domain: "where the branch that is taken is",
        slopes: &[("c", "0"), ("a", "if(c, 1, 0)"), ("b", "if(c, 0, 1)")],
        example: "if(c < 0, a, b^2)",
        at: "c=1,a=2,b=3",
    },
    Entry {
        usage: "select(c, a, b)",
        group: Group::Choice,
        meaning: "the same as if",
        domain: "where the branch that is taken is",
        slopes: &[("c", "0"), ("a", "if(c, 1, 0)"), ("b", "if(c, 0, 1)")],
        example: "select(c, a, b)",
        at: "c=1,a=2,b=3",
    },
    Entry {
        usage: "lgamma(x)",
        group: Group::Gamma,
        meaning: "the logarithm of the gamma function; lgamma(n + 1) is ln(n!)",
        domain: "x > 0",
        slopes: &[("x", "digamma(x)")],
        example: "exp(lgamma(x + 1))",
        at: "x=3.5",
    },
    Entry {
        usage: "digamma(x)",
        group: Group::Gamma,
        meaning: "the derivative of lgamma",
        domain: "x > 0",
        slopes: &[("x", "trigamma(x)")],
        example: "digamma(x)",
        at: "x=0.7",
    },
    Entry {
        usage: "trigamma(x)",
        group: Group::Gamma,
        meaning: "the derivative of digamma",
        domain: "x > 0",
        slopes: &[("x", "polygamma(2, x)")],
        example: "trigamma(x)",
        at: "x=2.5",
    },
    Entry {
        usage: "polygamma(3, x)",
        group: Group::Gamma,
        meaning: "the derivative of digamma of an order that is a literal integer",
        domain: "x > 0",
        slopes: &[("x", "polygamma(4, x)")],
        example: "polygamma(3, x)",
        at: "x=2.5",
    },
    Entry {
        usage: "lbeta(a, b)",
        group: Group::Gamma,
        meaning: "the logarithm of the beta function: lgamma(a) + lgamma(b) - lgamma(a + b)",
        domain: "a > 0 and b > 0",
        slopes: &[("a", "digamma(a) - digamma(a + b)"), ("b", "digamma(b) - digamma(a + b)")],
        example: "lbeta(a, b)",
        at: "a=2.5,b=1.5",
    },
    Entry {
        usage: "erf(x)",
        group: Group::Special,
        meaning: "the error function",
        domain: "every x",
        slopes: &[("x", "2/sqrt(pi)*exp(-x^2)")],
        example: "erf(x)",
        at: "x=0.5",
    },
    Entry {
        usage: "erfc(x)",
        group: Group::Special,
        meaning: "1 - erf(x), accurate where that is small",
        domain: "every x",
        slopes: &[("x", "-2/sqrt(pi)*exp(-x^2)")],
        example: "erfc(x)",
        at: "x=5",
    },
    Entry {
        usage: "erfinv(x)",
        group: Group::Special,
        meaning: "the inverse of the error function",
        domain: "-1 < x < 1",
        slopes: &[("x", "sqrt(pi)/2*exp(erfinv(x)^2)")],
        example: "sqrt(2)*erfinv(2*x - 1)",
        at: "x=0.7",
    },
    Entry {
        usage: "normcdf(x)",
        group: Group::Special,
        meaning: "the distribution function of the standard normal distribution, (1 + erf(x/sqrt(2)))/2",
        domain: "every x",
        slopes: &[("x", "exp(-x^2/2)/sqrt(2*pi)")],
        example: "normcdf((x - m)/s)",
        at: "x=0.7,m=0.2,s=2",
    },
    Entry {
        usage: "lognormcdf(x)",
        group: Group::Special,
        meaning: "ln(normcdf(x)), which does not underflow",
        domain: "every x",
        slopes: &[("x", "exp(-x^2/2)/(sqrt(2*pi) * normcdf(x))")],
        example: "lognormcdf(x)",
        at: "x=-3",
    },
    Entry {
        usage: "mills(x)",
        group: Group::Special,
        meaning: "Mills' ratio (1 - normcdf(x))/density(x) of the standard normal distribution; mills(x, k) is (-1)^k/k! times its derivative of order k",
        domain: "every x",
        slopes: &[("x", "-mills(x, 1)")],
        example: "1/mills(-x)",
        at: "x=1.5",
    },
    Entry {
        usage: "sinc(x)",
        group: Group::Special,
        meaning: "sin(x)/x, 1 at 0; sinc(x, k) is its derivative of order k",
        domain: "every x",
        slopes: &[("x", "(x*cos(x) - sin(x))/x^2")],
        example: "sinc(x)",
        at: "x=0.5",
    },
    Entry {
        usage: "sum(i, 1, n, x[i])",
        group: Group::Loop,
        meaning: "the sum of the last argument for each i from the second to the third; sum([a, b, …]) of a list",
        domain: "an empty sum is 0",
        slopes: &[],
        example: "sum(i, 1, 3, i*x[i]^2)",
        at: "x=[1,2,3]",
    },
    Entry {
        usage: "prod(i, 1, n, x[i])",
        group: Group::Loop,
        meaning: "the product of the last argument for each i from the second to the third; prod([a, b, …]) of a list",
        domain: "an empty product is 1",
        slopes: &[],
        example: "prod(i, 1, 3, x[i])",
        at: "x=[1,2,3]",
    },
    Entry {
        usage: "iterate(k, 1, n, y, x, 2*y)",
        group: Group::Loop,
        meaning: "y begins as x and becomes the last argument n times; several states as (y, z), (x, 0), (z, y), and [1] picks the first",
        domain: "no step leaves the start",
        slopes: &[],
        example: "iterate(k, 1, 3, y, x, 4*y*(1 - y))",
        at: "x=0.3",
    },];
