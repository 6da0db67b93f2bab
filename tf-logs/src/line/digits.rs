//! Decimal digits of integers.

/// The first number with more than eight digits.
const LARGE: u64 = 100_000_000;

/// Appends `number`.
#[inline]
pub(super) fn unsigned(out: &mut Vec<u8>, number: u64) {
    if number >= LARGE {
        return large(out, number);
    }
    let digits = eight(number);
    // The first digit is in the lowest byte; the last one stays, even if it is zero.
    let leading = ((digits | 1 << 56).trailing_zeros() / 8) as usize;
    let text = (digits | ZEROS) >> (leading * 8);
    let end = out.len() + 8 - leading;
    // To copy eight bytes is cheaper than to copy as many as there are.
    out.extend_from_slice(&text.to_le_bytes());
    out.truncate(end);
}

#[inline(never)]
fn large(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The eight digits of a number below [`LARGE`], one per byte: halves are split in parallel lanes, by multiplications
/// that divide exactly in the lanes' ranges.
#[inline]
fn eight(number: u64) -> u64 {
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 5_243) >> 19) & 0x0000_007f_0000_007f;
    let pairs = hundreds | ((fours - hundreds * 100) << 16);
    let tens = ((pairs * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | ((pairs - tens * 10) << 8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(number: u64) -> String {
        let mut out = b"7".to_vec();
        unsigned(&mut out, number);
        assert_eq!(out.remove(0), b'7');
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_half_of_eight_digits_is_right() {
        for number in 0..10_000 {
            assert_eq!(text(number), number.to_string());
            let high = number * 10_000 + (9_999 - number);
            assert_eq!(text(high), high.to_string());
        }
    }

    proptest! {
        #[test]
        fn any_number_has_its_digits(number: u64, shift in 0_u32..64) {
            let number = number >> shift;
            prop_assert_eq!(text(number), number.to_string());
        }
    }
}
