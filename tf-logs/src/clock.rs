//! The time stamp of a line.

use std::time::{SystemTime, UNIX_EPOCH};

/// The last second of the year 9999; later ones have no four-digit year.
const LAST_SECOND: u64 = 253_402_300_799;

const PAIRS: &[u8; 200] = b"00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/// Writes time stamps; the date is computed once per second.
#[derive(Debug)]
pub(crate) struct Clock {
    second: u64,
    /// `YYYY-MM-DDTHH:MM:SS.ffffffZ`
    text: [u8; 27],
}

impl Clock {
    pub(crate) const fn new() -> Self {
        Self {
            second: u64::MAX,
            text: *b"0000-00-00T00:00:00.000000Z",
        }
    }

    /// The UTC text of `time` with exactly six digits of fraction; times before 1970 are 1970.
    pub(crate) fn text(&mut self, time: SystemTime) -> &[u8; 27] {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        if since.as_secs() != self.second {
            self.second = since.as_secs();
            self.date();
        }
        let micros = since.subsec_micros() as usize;
        self.pair(20, micros / 10_000);
        self.pair(22, micros / 100 % 100);
        self.pair(24, micros % 100);
        &self.text
    }

    /// Days to civil date with years that begin in March, so that the leap day is the last one.
    fn date(&mut self) {
        let second = self.second.min(LAST_SECOND);
        let (days, rest) = (
            (second / 86_400) as usize + 719_468,
            (second % 86_400) as usize,
        );
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        let year = era * 400 + year_of_era + usize::from(month <= 2);
        self.pair(0, year / 100);
        self.pair(2, year % 100);
        self.pair(5, month);
        self.pair(8, day_of_year - (153 * shifted + 2) / 5 + 1);
        self.pair(11, rest / 3_600);
        self.pair(14, rest / 60 % 60);
        self.pair(17, rest % 60);
    }

    fn pair(&mut self, at: usize, value: usize) {
        self.text[at..at + 2].copy_from_slice(&PAIRS[value * 2..value * 2 + 2]);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn text(seconds: u64, micros: u64) -> String {
        let time = UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_micros(micros);
        String::from_utf8(Clock::new().text(time).to_vec()).unwrap()
    }

    #[test]
    fn known_instants_have_their_text() {
        assert_eq!(text(0, 0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(text(951_782_399, 999_999), "2000-02-28T23:59:59.999999Z");
        assert_eq!(text(951_782_400, 1), "2000-02-29T00:00:00.000001Z");
        assert_eq!(text(4_107_542_400, 120_000), "2100-03-01T00:00:00.120000Z");
        assert_eq!(text(LAST_SECOND, 0), "9999-12-31T23:59:59.000000Z");
        assert_eq!(text(LAST_SECOND + 5, 0), "9999-12-31T23:59:59.000000Z");
    }

    #[test]
    fn days_follow_each_other_through_a_whole_cycle_of_leap_years() {
        let mut last = text(0, 0);
        for day in 1..146_097 {
            let next = text(day * 86_400, 0);
            assert!(next > last, "{last} then {next}");
            last = next;
        }
        assert_eq!(last, "2369-12-31T00:00:00.000000Z");
    }

    #[test]
    fn a_clock_that_is_used_again_follows_the_second() {
        let mut clock = Clock::new();
        clock.text(UNIX_EPOCH + Duration::from_secs(59));
        let next = clock.text(UNIX_EPOCH + Duration::from_millis(60_500));
        assert_eq!(next, b"1970-01-01T00:01:00.500000Z");
    }

    #[test]
    fn a_clock_before_1970_does_not_fail() {
        let before = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(Clock::new().text(before), b"1970-01-01T00:00:00.000000Z");
    }
}
