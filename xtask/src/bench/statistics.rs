//! Medians, geometric means, and how far they can be trusted.

/// Resamples of a bootstrap.
const RESAMPLES: usize = 1000;

/// A figure with the bounds that 95 of 100 resamples of its runs lie within.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// The runs of one kernel on two hosts.
pub type Pair<'a> = (&'a [f64], &'a [f64]);

/// The middle of `values`; NaN where there are none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        len if len % 2 == 1 => sorted[len / 2],
        len => (sorted[len / 2 - 1] + sorted[len / 2]) / 2.0,
    }
}

/// The mean of ratios; NaN where there are none.
pub fn geometric_mean(ratios: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for ratio in ratios {
        sum += ratio.ln();
        count += 1.0;
    }
    (sum / count).exp()
}

/// The geometric mean, over kernels, of the ratio of medians, by a bootstrap of the runs. The same runs give the same bounds.
pub fn ratio(pairs: &[Pair<'_>]) -> Estimate {
    let value = geometric_mean(pairs.iter().map(|(one, other)| median(one) / median(other)));
    let mut random = Random(1);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            geometric_mean(
                pairs
                    .iter()
                    .map(|(one, other)| median(&random.resample(one)) / median(&random.resample(other))),
            )
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let at = |share: f64| means[(share * (RESAMPLES - 1) as f64) as usize];
    Estimate { value, low: at(0.025), high: at(0.975) }
}

/// Numbers by SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn resample(&mut self, values: &[f64]) -> Vec<f64> {
        values.iter().map(|_| values[(self.next() % values.len() as u64) as usize]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_means() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
        assert!((geometric_mean([2.0, 8.0]) - 4.0).abs() < 1e-12);
    }

    #[test]
    fn equal_runs_leave_no_doubt() {
        let estimate = ratio(&[(&[2.0, 2.0, 2.0], &[1.0, 1.0]), (&[8.0], &[1.0])]);
        for bound in [estimate.value, estimate.low, estimate.high] {
            assert!((bound - 4.0).abs() < 1e-12, "{estimate:?}");
        }
    }

    #[test]
    fn noise_shows_in_the_bounds() {
        let estimate = ratio(&[(&[1.0, 1.1, 1.2, 1.3, 2.0], &[1.0, 1.0, 1.0])]);
        assert!(estimate.low < 1.2 && estimate.high > 1.2 && estimate.high <= 2.0, "{estimate:?}");
    }
}
