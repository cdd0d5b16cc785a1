//! Dates of the Gregorian calendar.

/// A time in UTC, in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Utc {
    /// Year.
    pub year: i64,
    /// Month, from 1.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
    /// Hour, from 0.
    pub hour: u8,
    /// Minute, from 0.
    pub minute: u8,
    /// Second, from 0.
    pub second: u8,
    /// Thousandth of a second, from 0.
    pub millisecond: u16,
}

impl Utc {
    /// The parts of a time in ms since 1970.
    pub fn of_ms(time_ms: i64) -> Self {
        let (days, in_day) = (time_ms.div_euclid(86_400_000), time_ms.rem_euclid(86_400_000));
        // Howard Hinnant's days-to-civil: eras of 400 years, years that begin in March.
        let days = days + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = (month_from_march + 2) % 12 + 1;
        // Every part is below its bound, so it fits.
        Self {
            year: era * 400 + year_of_era + i64::from(month <= 2),
            month: month as u8,
            day: day as u8,
            hour: (in_day / 3_600_000) as u8,
            minute: (in_day / 60_000 % 60) as u8,
            second: (in_day / 1000 % 60) as u8,
            millisecond: (in_day % 1000) as u16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leap_years_and_times_before_1970_are_right() {
        let text = |time_ms| {
            let utc = Utc::of_ms(time_ms);
            let (date, time) = ((utc.year, utc.month, utc.day), (utc.hour, utc.minute, utc.second));
            (date, time, utc.millisecond)
        };
        assert_eq!(text(0), ((1970, 1, 1), (0, 0, 0), 0));
        assert_eq!(text(-1), ((1969, 12, 31), (23, 59, 59), 999));
        assert_eq!(text(1_709_164_799_123), ((2024, 2, 28), (23, 59, 59), 123));
        assert_eq!(text(1_709_164_800_000), ((2024, 2, 29), (0, 0, 0), 0));
        assert_eq!(text(4_107_542_400_000), ((2100, 3, 1), (0, 0, 0), 0));
    }
}
