//! Medians, ranges and percentiles.

use std::time::Duration;

/// The middle of several rounds, and how far they lay apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

/// Of nothing there is no spread.
pub(crate) fn spread(values: impl IntoIterator<Item = f64>) -> Option<Spread> {
    let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let (least, most) = (*values.first()?, *values.last()?);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some(Spread { median: f64::midpoint(lower, upper), least, most })
}

/// The value below which so many hundredths lie (nearest rank), in milliseconds.
pub(crate) fn percentile_ms(sorted: &[Duration], hundredths: usize) -> f64 {
    let rank = (sorted.len() * hundredths).div_ceil(100).max(1);
    sorted.get(rank - 1).map_or(f64::NAN, |value| value.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle_and_what_was_not_measured_counts_for_nothing() {
        let odd = spread([3.0, f64::NAN, 1.0, 2.0]).unwrap();
        assert_eq!(odd, Spread { median: 2.0, least: 1.0, most: 3.0 });
        assert!((spread([1.0, 2.0]).unwrap().median - 1.5).abs() < 1e-9);
        assert_eq!(spread([f64::NAN]), None);
    }

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        let sorted: Vec<_> = (1..=200).map(Duration::from_millis).collect();
        assert!((percentile_ms(&sorted, 50) - 100.0).abs() < 1e-9);
        assert!((percentile_ms(&sorted, 95) - 190.0).abs() < 1e-9);
        assert!((percentile_ms(&sorted[..1], 99) - 1.0).abs() < 1e-9);
        assert!(percentile_ms(&[], 50).is_nan());
    }
}
