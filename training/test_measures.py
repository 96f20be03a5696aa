"""Tests of the figures. Run with `python3 -m unittest discover training`."""

import math
import unittest

from measures import (
    Group,
    average_precision,
    bootstrap_interval,
    compacted,
    fit_isotonic,
    fit_platt,
    platt,
    ranked,
    recall_at,
    threshold_for,
    time_split,
    wilson_interval,
)


class Splits(unittest.TestCase):
    def test_parts_follow_the_shares(self):
        self.assertEqual(time_split(range(10), [0.6, 0.8]), [6, 8])

    def test_rows_of_one_time_are_never_divided(self):
        times = [1, 2, 3, 3, 3, 3, 3, 3, 3, 4]
        self.assertEqual(time_split(times, [0.6, 0.8]), [9, 9])


class Figures(unittest.TestCase):
    def test_a_perfect_ranking_has_precision_one(self):
        groups = ranked([0.9, 0.8, 0.2, 0.1], [True, True, False, False])
        self.assertEqual(average_precision(groups), 1.0)

    def test_average_precision_is_that_of_the_textbook(self):
        # Hits at ranks 1, 3 and 4: (1/1 + 2/3 + 3/4) / 3.
        groups = ranked([0.9, 0.8, 0.7, 0.6, 0.5], [True, False, True, True, False])
        self.assertAlmostEqual(average_precision(groups), (1 + 2 / 3 + 3 / 4) / 3)

    def test_ties_share_a_place(self):
        forwards = ranked([0.5, 0.5, 0.5, 0.5], [True, False, False, False])
        backwards = ranked([0.5, 0.5, 0.5, 0.5], [False, False, False, True])
        self.assertEqual(average_precision(forwards), 0.25)
        self.assertEqual(forwards, backwards)
        self.assertEqual(recall_at(forwards, 0.5), 0.5)

    def test_recall_counts_what_the_alerts_hold(self):
        scores = [1 - i / 1000 for i in range(1000)]
        labels = [i in (0, 4, 500) for i in range(1000)]
        self.assertAlmostEqual(recall_at(ranked(scores, labels), 0.001), 1 / 3)
        self.assertAlmostEqual(recall_at(ranked(scores, labels), 0.005), 2 / 3)

    def test_joining_negatives_changes_no_figure(self):
        groups = ranked([i / 50 for i in range(50)], [i % 7 == 0 for i in range(50)])
        compact, _ = compacted(groups)
        self.assertLess(len(compact), len(groups))
        self.assertAlmostEqual(average_precision(compact), average_precision(groups))
        for share in (0.02, 0.1, 0.5):
            self.assertAlmostEqual(recall_at(compact, share), recall_at(groups, share))

    def test_intervals_enclose_the_figure_and_repeat(self):
        scores = [math.sin(i * 7.3) + (i % 10 == 0) for i in range(500)]
        groups = ranked(scores, [i % 10 == 0 for i in range(500)])
        low, high = bootstrap_interval(groups, average_precision, seed=1, rounds=200)
        self.assertLess(low, average_precision(groups))
        self.assertGreater(high, average_precision(groups))
        again = bootstrap_interval(groups, average_precision, seed=1, rounds=200)
        self.assertEqual((low, high), again)

    def test_wilson_knows_that_none_of_three_is_not_zero(self):
        low, high = wilson_interval(0, 3)
        self.assertEqual(low, 0)
        self.assertAlmostEqual(high, 0.5615, places=3)


class Thresholds(unittest.TestCase):
    def test_no_more_rows_alert_than_the_budget_allows(self):
        groups = ranked([0.9, 0.8, 0.8, 0.1], [False] * 4)
        self.assertEqual(threshold_for(groups, 0.75), 0.8)
        # The pair at 0.8 does not fit: only 0.9 alerts.
        self.assertEqual(threshold_for(groups, 0.5), 0.9)

    def test_a_budget_too_small_for_the_top_alerts_nothing(self):
        self.assertEqual(threshold_for([Group(0.7, 5, 5)], 0.5), 1.0)


class Calibration(unittest.TestCase):
    def test_calibrated_probabilities_match_what_happens(self):
        # Half of the rows that score 0.9 are positive, and a twentieth of those that score 0.1.
        raw = [0.9] * 1000 + [0.1] * 1000
        labels = [i % 2 == 0 for i in range(1000)] + [i % 20 == 0 for i in range(1000)]
        a, b = fit_platt(raw, labels)
        self.assertAlmostEqual(platt(0.9, a, b), 0.5, places=2)
        self.assertAlmostEqual(platt(0.1, a, b), 0.05, places=2)
        self.assertGreater(a, 0)

    def test_an_isotonic_table_rises_and_says_what_happened(self):
        raw = [i / 1000 for i in range(1000)]
        labels = [(i * 7919) % 1000 < i / 2 for i in range(1000)]
        x, y = fit_isotonic(raw, labels)
        self.assertEqual(y, sorted(y))
        self.assertEqual(x, sorted(set(x)))
        below = [v for at, v in zip(x, y) if at <= 0.5]
        self.assertAlmostEqual(below[-1], 0.25, delta=0.08)

    def test_a_falling_score_is_pooled_into_one(self):
        x, y = fit_isotonic([0.1, 0.2, 0.3, 0.4], [True, True, False, False])
        self.assertEqual((x, y), ([0.1, 0.4], [0.5, 0.5]))

    def test_extremes_stay_finite(self):
        self.assertTrue(0 <= platt(0.0, 2.0, -1.0) < platt(1.0, 2.0, -1.0) <= 1)


if __name__ == "__main__":
    unittest.main()
