use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

/// The most significant digits an amount may have; every number of that length fits a [`Decimal`] exactly.
const MAX_DIGITS: u32 = 28;

/// A sum of money or a quantity, exact to the digit.
///
/// It keeps the digits it came with, except that zeros beyond the second decimal place are trimmed, so `5.0` stays
/// `5.0` and `1.2500` becomes `1.25`. No operation rounds: what would need more than 28 digits is an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(Decimal);

/// Why a text is no amount, or why arithmetic on amounts has no exact result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// The text is not a decimal number.
    #[error("not a decimal number")]
    NotANumber,
    /// The number, or the exact result, has more than 28 significant digits.
    #[error("more than 28 significant digits")]
    TooManyDigits,
}

impl Amount {
    /// Nothing, as a known figure.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Reads a decimal number as JSON or XML writes it, exponent included. Surrounding white space is not accepted.
    ///
    /// # Errors
    /// [`AmountError`]; digits are counted before anything is converted, because `rust_decimal` rounds silently.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        usual(text.as_bytes()).map_or_else(|| Self::parse_any(text), Ok)
    }

    fn parse_any(text: &str) -> Result<Self, AmountError> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], parse_exponent(&text[at + 1..])?),
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.as_bytes().first() {
            Some(b'-') => (true, &mantissa[1..]),
            Some(b'+') => (false, &mantissa[1..]),
            _ => (false, mantissa),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.len() + fraction.len() == 0 || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return Err(AmountError::NotANumber);
        }
        let mut scale = i64::try_from(fraction.len()).map_err(|_| AmountError::TooManyDigits)? - exponent;
        let mut kept: Vec<u8> = whole.bytes().chain(fraction.bytes()).skip_while(|b| *b == b'0').collect();
        while scale > 2 && kept.last() == Some(&b'0') {
            kept.pop();
            scale -= 1;
        }
        if kept.is_empty() {
            return Ok(Self(Decimal::new(0, u32::try_from(scale.clamp(0, 2)).unwrap_or(0))));
        }
        while scale < 0 {
            kept.push(b'0');
            scale += 1;
            if kept.len() > MAX_DIGITS as usize {
                return Err(AmountError::TooManyDigits);
            }
        }
        if kept.len() > MAX_DIGITS as usize {
            return Err(AmountError::TooManyDigits);
        }
        let value = kept.iter().fold(0_i128, |value, digit| value * 10 + i128::from(digit - b'0'));
        let scale = u32::try_from(scale).map_err(|_| AmountError::TooManyDigits)?;
        Self::from_parts(if negative { -value } else { value }, scale)
    }

    /// The exact sum.
    ///
    /// # Errors
    /// [`AmountError::TooManyDigits`] where it does not fit.
    pub fn plus(self, other: Self) -> Result<Self, AmountError> {
        let scale = self.0.scale().max(other.0.scale());
        let sum = self.mantissa_at(scale)?.checked_add(other.mantissa_at(scale)?).ok_or(AmountError::TooManyDigits)?;
        Self::from_parts(sum, scale)
    }

    /// The exact difference.
    ///
    /// # Errors
    /// [`AmountError::TooManyDigits`] where it does not fit.
    pub fn minus(self, other: Self) -> Result<Self, AmountError> {
        self.plus(-other)
    }

    /// The exact product.
    ///
    /// # Errors
    /// [`AmountError::TooManyDigits`] where it does not fit.
    pub fn times(self, other: Self) -> Result<Self, AmountError> {
        let (left, right) = (self.0.normalize(), other.0.normalize());
        let product = left.mantissa().checked_mul(right.mantissa()).ok_or(AmountError::TooManyDigits)?;
        Self::from_parts(product, left.scale() + right.scale())
    }

    /// The quotient, rounded half-up (away from zero) to `places` decimal places; `None` when the divisor is zero.
    ///
    /// # Errors
    /// [`AmountError::TooManyDigits`] where the rounded quotient does not fit.
    pub fn divided_by(self, divisor: Self, places: u32) -> Result<Option<Self>, AmountError> {
        if divisor.is_zero() {
            return Ok(None);
        }
        let (above, below) = (self.0.normalize(), divisor.0.normalize());
        // quotient × 10^places = above × 10^(places + below.scale - above.scale) / below, all in integers.
        let shift = i64::from(places) + i64::from(below.scale()) - i64::from(above.scale());
        let power = u32::try_from(shift.unsigned_abs()).map_err(|_| AmountError::TooManyDigits)?;
        let ten = 10_i128.checked_pow(power).ok_or(AmountError::TooManyDigits)?;
        let (above, below) = if shift >= 0 {
            (above.mantissa().checked_mul(ten), Some(below.mantissa()))
        } else {
            (Some(above.mantissa()), below.mantissa().checked_mul(ten))
        };
        let (above, below) = above.zip(below).ok_or(AmountError::TooManyDigits)?;
        let (quotient, remainder) = (above / below, above % below);
        let up = remainder.unsigned_abs() >= below.unsigned_abs() - remainder.unsigned_abs();
        let step = if (above < 0) == (below < 0) { 1 } else { -1 };
        Self::from_parts(if up { quotient + step } else { quotient }, places).map(Some)
    }

    /// The exact sum of all.
    ///
    /// # Errors
    /// [`AmountError::TooManyDigits`] where it does not fit.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, AmountError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// Whether it is zero, whatever its decimal places.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// The shortest text of the same value: `2`, `2.5`.
    #[must_use]
    pub fn shortest(self) -> String {
        self.0.normalize().to_string()
    }

    /// The text with at least two decimal places: `8.00`, `0.125`.
    #[must_use]
    pub fn with_two_places(self) -> String {
        let scale = self.0.scale();
        match scale {
            0 => format!("{}.00", self.0),
            1 => format!("{}0", self.0),
            _ => self.0.to_string(),
        }
    }

    /// The digits as they are, without the heap.
    #[must_use]
    pub fn digits(self) -> Digits {
        let (mantissa, scale) = (self.0.mantissa(), self.0.scale());
        let (mut rest, mut place) = (mantissa.unsigned_abs(), 0);
        let mut digits = Digits { bytes: [0; Digits::MOST], start: Digits::MOST };
        while rest > 0 || place <= scale {
            if place == scale && scale > 0 {
                digits.put(b'.');
            }
            // A division by a constant is quick for the 64 bits that nearly every amount fits.
            let digit = match u64::try_from(rest) {
                Ok(small) => {
                    rest = u128::from(small / 10);
                    small % 10
                }
                Err(_) => {
                    let digit = rest % 10;
                    rest /= 10;
                    digit as u64
                }
            };
            digits.put(b'0' + digit as u8);
            place += 1;
        }
        if mantissa < 0 {
            digits.put(b'-');
        }
        digits
    }

    fn mantissa_at(self, scale: u32) -> Result<i128, AmountError> {
        let factor = 10_i128.checked_pow(scale - self.0.scale()).ok_or(AmountError::TooManyDigits)?;
        self.0.mantissa().checked_mul(factor).ok_or(AmountError::TooManyDigits)
    }

    fn from_parts(mut mantissa: i128, mut scale: u32) -> Result<Self, AmountError> {
        while scale > 2 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        if mantissa.unsigned_abs() >= 10_u128.pow(MAX_DIGITS) {
            return Err(AmountError::TooManyDigits);
        }
        Decimal::try_from_i128_with_scale(mantissa, scale).map(Self).map_err(|_| AmountError::TooManyDigits)
    }
}

/// Reads what nearly every amount is: some digits, with or without a sign and a point. `None` leaves a text to whoever reads
/// any number, and says why it is none.
fn usual(text: &[u8]) -> Option<Amount> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    // So many always fit 64 bits.
    if digits.len() > 18 {
        return None;
    }
    let (mut mantissa, mut scale, mut point) = (0_i64, 0, false);
    for byte in digits {
        match byte {
            b'0'..=b'9' => mantissa = mantissa * 10 + i64::from(byte - b'0'),
            b'.' if !point => point = true,
            _ => return None,
        }
        scale += u32::from(point);
    }
    if digits.len() == usize::from(point) {
        return None;
    }
    // The point itself was counted too.
    scale -= u32::from(point);
    while scale > 2 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    Some(Amount(Decimal::new(if negative { -mantissa } else { mantissa }, scale)))
}

fn parse_exponent(text: &str) -> Result<i64, AmountError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(AmountError::NotANumber);
    }
    // An exponent of more than four digits cannot lead to 28 significant ones.
    if digits.len() > 4 {
        return Err(AmountError::TooManyDigits);
    }
    text.trim_start_matches('+').parse().map_err(|_| AmountError::NotANumber)
}

/// The text of an [`Amount`].
#[derive(Clone, Copy, Debug)]
pub struct Digits {
    bytes: [u8; Digits::MOST],
    start: usize,
}

impl Digits {
    /// Enough for every digit, a zero before the point, the point and a sign.
    const MOST: usize = 32;

    /// Such as `-0.25`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).expect("digits, a point and a sign are ASCII")
    }

    /// The same as bytes, for a writer.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    fn put(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[self.start] = byte;
    }
}

impl std::ops::Neg for Amount {
    type Output = Self;

    fn neg(self) -> Self {
        if self.is_zero() { self } else { Self(-self.0) }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.digits().as_str())
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        Self::parse(text)
    }
}

impl From<i64> for Amount {
    fn from(whole: i64) -> Self {
        Self(Decimal::from(whole))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amount(text: &str) -> Amount {
        Amount::parse(text).unwrap()
    }

    #[test]
    fn digits_stay_and_zeros_beyond_two_places_go() {
        for (text, kept) in [
            ("0.10", "0.10"),
            ("283.92", "283.92"),
            ("1234567890123456.78", "1234567890123456.78"),
            ("-0.005", "-0.005"),
            ("5.0", "5.0"),
            ("120", "120"),
            ("1.2500", "1.25"),
            ("3.1000", "3.10"),
            ("8.000", "8.00"),
            ("-0.00", "0.00"),
            ("0", "0"),
            ("-0", "0"),
            ("1E+3", "1000"),
            ("1.5e-3", "0.0015"),
            (".5", "0.5"),
            ("5.", "5"),
            ("+7", "7"),
            ("0.0000000000", "0.00"),
            ("1234567890123456789012345678", "1234567890123456789012345678"),
            ("0.1234567890123456789012345678", "0.1234567890123456789012345678"),
            ("0e9", "0"),
            ("-0.0100", "-0.01"),
            ("99999999999999999", "99999999999999999"),
            ("-9999999999999999.99", "-9999999999999999.99"),
            ("9999999999999999999999999999", "9999999999999999999999999999"),
            ("-0.0000000000000000000000000001", "-0.0000000000000000000000000001"),
        ] {
            assert_eq!(amount(text).to_string(), kept, "{text}");
        }
    }

    #[test]
    fn more_than_28_digits_are_refused_not_rounded() {
        for text in
            ["12345678901234567890123456789", "0.12345678901234567890123456789", "1e28", "1e-29", "1e99999", "9e9999"]
        {
            assert_eq!(Amount::parse(text), Err(AmountError::TooManyDigits), "{text}");
        }
        let most = amount("9999999999999999999999999999");
        assert_eq!(most.plus(amount("1")), Err(AmountError::TooManyDigits));
        assert_eq!(most.plus(amount("0.1")), Err(AmountError::TooManyDigits));
        assert_eq!(most.times(amount("10")), Err(AmountError::TooManyDigits));
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in ["", " 1", "1 ", "1,000.00", "abc", "-", ".", "1e", "1e+", "--1", "0x10", "NaN", "1.2.3", "١"] {
            assert_eq!(Amount::parse(text), Err(AmountError::NotANumber), "{text}");
        }
    }

    #[test]
    fn a_quotient_is_rounded_half_up_away_from_zero() {
        for (above, below, quotient) in [
            ("10", "4", "2.50"),
            ("1", "3", "0.3333"),
            ("2", "3", "0.6667"),
            ("0.00005", "1", "0.0001"),
            ("-0.00005", "1", "-0.0001"),
            ("1", "-3", "-0.3333"),
            ("5", "0.4", "12.50"),
        ] {
            assert_eq!(
                amount(above).divided_by(amount(below), 4).unwrap().unwrap().to_string(),
                quotient,
                "{above}/{below}"
            );
        }
        assert_eq!(amount("1").divided_by(amount("0.00"), 4), Ok(None));
    }

    #[test]
    fn texts_for_quantities_and_line_prices() {
        assert_eq!(amount("2.00").shortest(), "2");
        assert_eq!(amount("2.50").shortest(), "2.5");
        assert_eq!(amount("100").shortest(), "100");
        assert_eq!(amount("8").with_two_places(), "8.00");
        assert_eq!(amount("8.5").with_two_places(), "8.50");
        assert_eq!(amount("8.125").with_two_places(), "8.125");
    }

    proptest! {
        #[test]
        fn sums_and_differences_are_exact(a in -1_000_000_000_i64..1_000_000_000, b in -1_000_000_000_i64..1_000_000_000) {
            let cents = |n: i64| Amount::from_parts(i128::from(n), 2).unwrap();
            prop_assert_eq!(cents(a).plus(cents(b)).unwrap(), cents(a + b));
            prop_assert_eq!(cents(a).minus(cents(b)).unwrap(), cents(a - b));
        }

        #[test]
        fn the_usual_way_reads_what_the_other_reads(text in "-?[0-9]{0,12}(\\.[0-9]{0,12})?") {
            prop_assert_eq!(Amount::parse(&text), Amount::parse_any(&text));
        }

        #[test]
        fn digits_are_those_of_the_decimal(mantissa in -9_999_999_999_999_999_999_999_999_999_i128..=9_999_999_999_999_999_999_999_999_999, shift in 0_u32..28, scale in 0_u32..=28) {
            let decimal = Decimal::from_i128_with_scale(mantissa / 10_i128.pow(shift), scale);
            prop_assert_eq!(Amount(decimal).to_string(), decimal.to_string());
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let _ = Amount::parse(&text);
        }
    }
}
