//! How well scores rank the suspicious rows, from first principles; every figure is tested against one
//! computed by hand.

use serde::Serialize;

/// Rows by falling score; rows of the same score cannot be told apart and are one group.
#[derive(Debug, Clone, Default)]
pub(super) struct Ranking {
    groups: Vec<Group>,
    pub(super) rows: u64,
    pub(super) positives: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Group {
    score: u32,
    rows: u64,
    positives: u64,
}

/// Where a number of alerts ends in a ranking: every row above `score`, and a share of those at it, as
/// if ties came in random order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cut {
    pub(super) score: u32,
    pub(super) share: f64,
}

impl Cut {
    /// The share of a row with this score that is above the cut.
    pub(super) fn takes(self, score: u32) -> f64 {
        match score.cmp(&self.score) {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => self.share,
            std::cmp::Ordering::Less => 0.0,
        }
    }
}

/// A point of the precision-recall curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct CurvePoint {
    pub(super) recall: f64,
    pub(super) precision: f64,
    /// The lowest score that alerts.
    pub(super) score: f64,
}

impl Ranking {
    /// Ranks scores in millionths, each with whether it is a positive.
    pub(super) fn of(rows: impl Iterator<Item = (u32, bool)>) -> Self {
        let mut rows: Vec<_> = rows.collect();
        rows.sort_unstable_by_key(|(score, _)| std::cmp::Reverse(*score));
        let mut ranking = Self::default();
        for (score, positive) in rows {
            if ranking.groups.last().is_none_or(|group| group.score != score) {
                ranking.groups.push(Group { score, rows: 0, positives: 0 });
            }
            let group = ranking.groups.last_mut().expect("a group was pushed just now");
            group.rows += 1;
            group.positives += u64::from(positive);
            ranking.rows += 1;
            ranking.positives += u64::from(positive);
        }
        ranking
    }

    /// Average precision: the sum over thresholds of the gain in recall times the precision there,
    /// without interpolation, like scikit-learn's `average_precision_score`. `None` without positives.
    pub(super) fn average_precision(&self) -> Option<f64> {
        let (mut rows, mut found, mut sum) = (0, 0, 0.0);
        for group in &self.groups {
            rows += group.rows;
            found += group.positives;
            sum += ratio(group.positives, self.positives)? * ratio(found, rows)?;
        }
        (self.positives > 0).then_some(sum)
    }

    /// Where the given share of all rows ends.
    pub(super) fn cut(&self, rate: f64) -> Cut {
        let mut left = float(self.rows) * rate;
        for group in &self.groups {
            let rows = float(group.rows);
            if left <= rows {
                return Cut { score: group.score, share: left / rows };
            }
            left -= rows;
        }
        Cut { score: 0, share: 1.0 }
    }

    /// The share of the positives above a cut.
    pub(super) fn recall(&self, cut: Cut) -> Option<f64> {
        let taken = self.groups.iter().map(|g| cut.takes(g.score) * float(g.positives));
        (self.positives > 0).then(|| taken.sum::<f64>() / float(self.positives))
    }

    /// At most `most` points of the precision-recall curve, evenly spread over recall.
    pub(super) fn curve(&self, most: u32) -> Vec<CurvePoint> {
        let (mut rows, mut found, mut curve) = (0, 0, Vec::new());
        let mut next = 0.0;
        for (at, group) in self.groups.iter().enumerate() {
            rows += group.rows;
            found += group.positives;
            let (Some(recall), Some(precision)) =
                (ratio(found, self.positives), ratio(found, rows))
            else {
                continue;
            };
            if (group.positives > 0 && recall >= next) || at + 1 == self.groups.len() {
                next = recall + 1.0 / f64::from(most);
                curve.push(CurvePoint { recall, precision, score: unit(group.score) });
            }
        }
        curve
    }
}

/// A score in millionths, that is with six decimals.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "held between 0 and 1,000,000"
)]
pub(crate) fn micro(score: f64) -> u32 {
    (score.clamp(0.0, 1.0) * 1e6).round() as u32
}

/// A score from millionths.
pub(crate) fn unit(micro: u32) -> f64 {
    f64::from(micro) / 1e6
}

/// `None` if the whole is 0.
pub(crate) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| float(part) / float(whole))
}

/// The harmonic mean of precision and recall.
pub(super) fn f1(precision: Option<f64>, recall: Option<f64>) -> Option<f64> {
    let (precision, recall) = (precision?, recall?);
    let sum = precision + recall;
    Some(if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 })
}

/// Wilson's 95 % interval of a share (Wilson 1927), which is valid for few cases too.
pub(super) fn interval(part: u64, whole: u64) -> Option<[f64; 2]> {
    const Z: f64 = 1.959_964;
    let (share, n) = (ratio(part, whole)?, float(whole));
    let middle = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    Some([(middle - spread) / scale, (middle + spread) / scale].map(|end| end.clamp(0.0, 1.0)))
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows stay far below 2^52")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranking(rows: &[(f64, u8)]) -> Ranking {
        Ranking::of(rows.iter().map(|(score, label)| (micro(*score), *label == 1)))
    }

    #[track_caller]
    fn near(found: Option<f64>, expect: f64) {
        let found = found.unwrap();
        assert!((found - expect).abs() < 1e-9, "{found} is not {expect}");
    }

    #[test]
    fn average_precision_is_scikit_learns() {
        // The example in its documentation.
        near(ranking(&[(0.1, 0), (0.4, 0), (0.35, 1), (0.8, 1)]).average_precision(), 5.0 / 6.0);
        // A tie: precision 1 at recall 1/2, then both at 0.5 at once, 2 of 3 at recall 1.
        near(ranking(&[(0.9, 1), (0.5, 0), (0.5, 1), (0.1, 0)]).average_precision(), 5.0 / 6.0);
        // All scores equal: the share of positives.
        near(ranking(&[(0.3, 1), (0.3, 0), (0.3, 0), (0.3, 0)]).average_precision(), 0.25);
        assert_eq!(ranking(&[(0.3, 0)]).average_precision(), None);
    }

    #[test]
    fn recall_at_a_rate_shares_a_tie() {
        let ranking = ranking(&[
            (1.0, 1),
            (0.5, 1),
            (0.5, 0),
            (0.5, 0),
            (0.5, 1),
            (0.2, 0),
            (0.2, 0),
            (0.1, 1),
            (0.0, 0),
            (0.0, 0),
        ]);
        // One of ten rows; then the first and half of the four at 0.5; then everything.
        near(ranking.recall(ranking.cut(0.1)), 0.25);
        near(ranking.recall(ranking.cut(0.3)), 0.5);
        near(ranking.recall(ranking.cut(1.0)), 1.0);
        assert_eq!(ranking.cut(0.3), Cut { score: 500_000, share: 0.5 });
    }

    #[test]
    fn the_curve_ends_where_everything_alerts() {
        let curve = ranking(&[(0.9, 1), (0.5, 0), (0.4, 1), (0.1, 0)]).curve(100);
        let points: Vec<_> = curve.iter().map(|p| (p.recall, p.precision)).collect();
        assert_eq!(points, [(0.5, 1.0), (1.0, 2.0 / 3.0), (1.0, 0.5)]);
        assert_eq!(curve[0].score, 0.9);
    }

    #[test]
    fn f1_is_the_harmonic_mean() {
        near(f1(Some(0.5), Some(1.0)), 2.0 / 3.0);
        near(f1(Some(0.0), Some(0.0)), 0.0);
        assert_eq!(f1(None, Some(1.0)), None);
    }

    #[test]
    fn wilsons_interval_is_valid_for_few_cases() {
        // 5 of 10 and 0 of 10, as in the literature.
        let [low, high] = interval(5, 10).unwrap();
        assert!((low - 0.2366).abs() < 1e-4 && (high - 0.7634).abs() < 1e-4, "{low} {high}");
        let [low, high] = interval(0, 10).unwrap();
        assert!(low == 0.0 && (high - 0.2775).abs() < 1e-4, "{low} {high}");
        assert_eq!(interval(0, 0), None);
    }
}
