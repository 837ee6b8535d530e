//! The logarithm of the gamma function of a positive number, and its derivatives of all orders.
//!
//! `gamma.py` makes the constants.

use super::Dd;

/// ζ(k) - 1 for k = 2, 3, …: the Taylor coefficients beside 2, by which nothing cancels there.
#[rustfmt::skip]
const ZETA_LESS_ONE: &[(f64, f64)] = &[
    (0.6449340668482264, 3.040672350398476e-17),
    (0.2020569031595943, -6.752241127462512e-18),
    (0.08232323371113819, 5.851757005110278e-18),
    (0.03692775514336993, -3.178450686126237e-19),
    (0.01734306198444914, -4.414770097141147e-19),
    (0.008349277381922827, -2.92234966467598e-19),
    (0.00407735619794434, -2.2242833400456106e-19),
    (0.0020083928260822143, 1.6255172980294325e-19),
    (0.0009945751278180853, 8.155271993117836e-20),
    (0.0004941886041194645, 3.007775458283559e-20),
    (0.0002460865533080483, -2.126804481899407e-20),
    (0.00012271334757848915, 1.312879617594989e-21),
    (6.124813505870483e-05, 1.5932044187197156e-21),
    (3.058823630702049e-05, 2.828205815153663e-22),
    (1.528225940865187e-05, 7.677620188142347e-22),
    (7.637197637899763e-06, -2.946683490299432e-22),
    (3.81729326499984e-06, -3.619576661891535e-22),
    (1.908212716553939e-06, -4.589595461742015e-23),
    (9.539620338727962e-07, -9.885419869008806e-23),
    (4.769329867878064e-07, 1.6292492268188835e-23),
    (2.38450502727733e-07, -1.4348855177581243e-23),
    (1.1921992596531106e-07, 9.349486696402915e-24),
    (5.960818905125948e-08, -4.84489270891793e-25),
    (2.980350351465228e-08, 9.038750484718945e-25),
    (1.4901554828365043e-08, -1.4462631435868446e-24),
    (7.45071178983543e-09, -5.689596284297908e-25),
    (3.725334024788457e-09, -2.2838109257068324e-25),
    (1.862659723513049e-09, -1.357608175618366e-25),
    (9.313274324196682e-10, 1.7251523768776834e-26),
    (4.656629065033784e-10, 4.154615304849929e-26),
    (2.3283118336765053e-10, 1.5614446225186379e-26),
    (1.164155017270052e-10, 4.647009828608305e-27),
    (5.820772087902701e-11, -5.609266140509216e-27),
    (2.9103850444971e-11, -3.1836341409162154e-27),
    (1.4551921891041985e-11, -6.5815767720265535e-28),
    (7.275959835057482e-12, -7.817491596192177e-28),
    (3.637979547378651e-12, 3.2757482504856895e-28),
    (1.818989650307066e-12, -1.2313033251541885e-28),
    (9.094947840263888e-13, 8.752915335828258e-29),
    (4.547473783042154e-13, -1.915433400472885e-29),
    (2.2737368458246524e-13, 7.510141332821777e-30),
    (1.136868407680228e-13, -6.497889027465259e-30),
    (5.684341987627585e-14, 1.9239561017173886e-30),
    (2.842170976889302e-14, -1.4857762609882343e-30),
    (1.4210854828031608e-14, -1.5517661487563433e-30),
    (7.105427395210853e-15, 7.713369817595167e-33),
    (3.552713691337114e-15, -2.605702063609657e-31),
    (1.7763568435791204e-15, -8.689427287890744e-32),
    (8.881784210930816e-16, -2.8972264863617053e-32),
    (4.440892103143813e-16, 2.321028135682245e-32),
    (2.220446050798042e-16, 7.73646017791737e-33),
    (1.1102230251410661e-16, -1.5298905424452545e-33),
    (5.551115124845481e-17, 2.5715123863172194e-33),
    (2.775557562136124e-17, 2.6547030081215438e-33),
    (1.3877787809725232e-17, 8.207028574837895e-34),
    (6.938893904544153e-18, 2.575181068768237e-34),
    (3.4694469521659225e-18, 8.182699569203936e-35),
    (1.7347234760475765e-18, 2.6272572874783635e-35),
    (8.673617380119933e-19, 7.270441620769218e-35),
    (4.336808690020651e-19, -7.926720189660002e-36),
];

/// Numerators and denominators of the Bernoulli numbers B(2), B(4), …
#[rustfmt::skip]
const BERNOULLI: &[(f64, f64)] = &[
    (1.0, 6.0),
    (-1.0, 30.0),
    (1.0, 42.0),
    (-1.0, 30.0),
    (5.0, 66.0),
    (-691.0, 2730.0),
    (7.0, 6.0),
    (-3617.0, 510.0),
    (43867.0, 798.0),
    (-174611.0, 330.0),
    (854513.0, 138.0),
    (-236364091.0, 2730.0),
    (8553103.0, 6.0),
    (-23749461029.0, 870.0),
    (8615841276005.0, 14322.0),
    (-7709321041217.0, 510.0),
];

/// 1 less Euler's constant.
const ONE_LESS_EULER: Dd = Dd { hi: 0.42278433509846713, lo: 4.942915152430645e-18 };
pub(super) const LN_ROOT_TWO_PI: Dd = Dd { hi: 0.9189385332046728, lo: -3.8782941580672414e-17 };

/// From here on Stirling's series is used.
pub(super) const FAR: f64 = 20.0;
pub(super) const BERNOULLI_COUNT: usize = BERNOULLI.len();

fn of(parts: (f64, f64)) -> Dd {
    Dd { hi: parts.0, lo: parts.1 }
}

/// The m-th Bernoulli number of an even index, 2m.
pub(super) fn bernoulli(m: usize) -> Dd {
    let (numerator, denominator) = BERNOULLI[m - 1];
    Dd::from(numerator).over(denominator.into())
}

impl Dd {
    /// ln Γ(x): beside 1 and 2, where it is 0, by Taylor's series; up to 20 by the recurrence; else by Stirling's series
    /// (Abramowitz and Stegun 6.1.33, 6.1.41).
    pub(crate) fn lgamma(self) -> Dd {
        if self.hi >= FAR {
            let main = self.minus(0.5.into()).times(self.ln()).minus(self);
            return main.plus(LN_ROOT_TWO_PI).plus(self.stirling_rest());
        }
        if self.hi < 0.5 {
            return self.plus(Dd::ONE).lgamma().minus(self.ln());
        }
        let (mut near, mut product) = (self, Dd::ONE);
        while near.hi > 2.5 {
            near = near.minus(Dd::ONE);
            product = product.times(near);
        }
        let below = near.hi < 1.5;
        let t = near.minus(if below { Dd::ONE } else { 2.0.into() });
        // Of 2 + t: (1 - γ)t + Σ (ζ(k) - 1)(-t)ᵏ/k.
        let mut sum = Dd::ZERO;
        for (k, &coefficient) in ZETA_LESS_ONE.iter().enumerate().rev() {
            sum = sum.plus(of(coefficient).over((k as f64 + 2.0).into())).times(t.negated());
        }
        let value = ONE_LESS_EULER.minus(sum).times(t);
        let value = if below { value.minus(t.ln_1p()) } else { value };
        if product == Dd::ONE { value } else { value.plus(product.ln()) }
    }

    /// ln Γ(x) - ((x - ½)·ln x - x + ln √(2π)) far from 0.
    pub(super) fn stirling_rest(self) -> Dd {
        let inverse = Dd::ONE.over(self);
        let square = inverse.squared();
        let mut sum = Dd::ZERO;
        for m in (1..=BERNOULLI_COUNT).rev() {
            let divisor = Dd::from((2 * m * (2 * m - 1)) as f64);
            sum = sum.times(square).plus(bernoulli(m).over(divisor));
        }
        sum.times(inverse)
    }

    /// ψ⁽ᵏ⁾(x), the derivative of order k + 1 of ln Γ (Abramowitz and Stegun 6.3.5, 6.3.14, 6.3.18, 6.4.6, 6.4.11).
    pub(crate) fn polygamma(self, k: f64) -> Dd {
        if k == 0.0 {
            return self.digamma();
        }
        // k!/x^(k+1) by quotients that do not overflow.
        let power = |x: Dd, k: f64| {
            (1..=k as u32).fold(Dd::ONE.over(x), |p, i| p.times(Dd::from(f64::from(i)).over(x)))
        };
        let (mut far, mut sum) = (self, Dd::ZERO);
        while far.hi < 24.0 + 2.0 * k {
            sum = sum.plus(power(far, k));
            far = far.plus(Dd::ONE);
        }
        // With p = (k-1)!/xᵏ: p + p·k/(2x) + Σ p·B(2m)·(k)(k+1)…(k+2m-1)/((2m)!·x²ᵐ), all but the last of one sign.
        let square = far.squared();
        let mut rising = Dd::ONE;
        let mut series = Dd::ONE.plus(Dd::from(k / 2.0).over(far));
        for m in 1..=BERNOULLI.len() {
            let twice = 2.0 * m as f64;
            let next = Dd::from((k + twice - 2.0) * (k + twice - 1.0)).over(Dd::from(twice * (twice - 1.0)));
            rising = rising.times(next).over(square);
            series = series.plus(rising.times(bernoulli(m)));
        }
        let sum = sum.plus(power(far, k - 1.0).times(series));
        if k % 2.0 == 0.0 { sum.negated() } else { sum }
    }

    fn digamma(self) -> Dd {
        if self.hi >= FAR {
            let inverse = Dd::ONE.over(self);
            let square = inverse.squared();
            let mut sum = Dd::ZERO;
            for m in (1..=BERNOULLI.len()).rev() {
                sum = sum.plus(bernoulli(m).over((2.0 * m as f64).into())).times(square);
            }
            return self.ln().minus(inverse.scaled(-1)).minus(sum);
        }
        if self.hi < 0.5 {
            return self.plus(Dd::ONE).digamma().minus(Dd::ONE.over(self));
        }
        let (mut near, mut sum) = (self, Dd::ZERO);
        while near.hi > 2.5 {
            near = near.minus(Dd::ONE);
            sum = sum.plus(Dd::ONE.over(near));
        }
        let below = near.hi < 1.5;
        let t = near.minus(if below { Dd::ONE } else { 2.0.into() });
        let mut series = Dd::ZERO;
        for &coefficient in ZETA_LESS_ONE.iter().rev() {
            series = of(coefficient).minus(series.times(t));
        }
        let value = ONE_LESS_EULER.plus(series.times(t));
        let value = if below { value.minus(Dd::ONE.over(near)) } else { value };
        value.plus(sum)
    }
}
