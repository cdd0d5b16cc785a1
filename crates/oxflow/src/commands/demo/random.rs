//! Numbers that look random and are the same each time: the demo of a seed does not change with a library.

/// SplitMix64.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Numbers of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x6f78_666c_6f77_0001)
    }

    /// Numbers of their own for one part of the demo, so that a change of one part leaves the others as they are.
    pub fn of_part(seed: u64, part: &str) -> Self {
        // FNV-1a.
        let hash = part.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self::new(seed ^ hash)
    }

    /// Any number.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1, without 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From `low` to `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// From `low` to `high`, all orders of magnitude alike. Both are positive.
    pub fn log_between(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    /// A whole number from `low` to `high`, with both.
    pub fn whole(&mut self, low: i64, high: i64) -> i64 {
        // At most the distance, so it fits.
        let distance = (high - low).unsigned_abs() + 1;
        low + (self.bits() % distance) as i64
    }

    /// Around 0, as errors of measurement are: standard deviation 1.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// True so often, from 0 to 1.
    pub fn chance(&mut self, often: f64) -> bool {
        self.unit() < often
    }

    /// One of these, of which there is at least one.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[(self.bits() % choices.len() as u64) as usize]
    }

    /// So many hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        (0..digits)
            .map(|_| char::from(*self.pick(b"0123456789abcdef")))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_part_always_give_the_same() {
        assert_eq!(
            Random::of_part(1, "nlp").hex(16),
            Random::of_part(1, "nlp").hex(16)
        );
        assert_ne!(
            Random::of_part(1, "nlp").hex(16),
            Random::of_part(2, "nlp").hex(16)
        );
        assert_ne!(
            Random::of_part(1, "nlp").hex(16),
            Random::of_part(1, "nlq").hex(16)
        );
        let mut random = Random::new(7);
        for _ in 0..1000 {
            assert!((3..=5).contains(&random.whole(3, 5)));
            assert!((0.1..=10.0).contains(&random.log_between(0.1, 10.0)));
        }
    }
}
