"""Tests of the drift bins. Run with `python3 -m unittest discover training`."""

import unittest

from drift import BINS, edges, shares, stability


class Bins(unittest.TestCase):
    def test_each_bin_of_a_spread_feature_holds_its_share(self):
        values = [i / 7 for i in range(1000)]
        found = edges(values)
        self.assertEqual(len(found), BINS - 1)
        for share in shares(values, found):
            self.assertAlmostEqual(share, 1 / BINS, delta=0.002)

    def test_a_flag_has_two_bins(self):
        values = [0.0] * 90 + [1.0] * 10
        self.assertEqual(edges(values), [0.0])
        self.assertEqual(shares(values, [0.0]), [0.9, 0.1])

    def test_a_constant_has_one(self):
        self.assertEqual(edges([3.0] * 5), [])
        self.assertEqual(shares([3.0] * 5, []), [1.0])

    def test_an_edge_belongs_to_the_bin_below_it(self):
        self.assertEqual(shares([1.0, 1.5, 2.0, 2.5], [1.0, 2.0]), [0.25, 0.5, 0.25])


class Stability(unittest.TestCase):
    def test_the_same_shares_have_moved_by_nothing(self):
        self.assertEqual(stability([0.2, 0.8], [0.2, 0.8]), 0)

    def test_it_is_that_of_the_textbook(self):
        # (0.5 - 0.4) ln(0.5 / 0.4) + (0.5 - 0.6) ln(0.5 / 0.6)
        self.assertAlmostEqual(stability([0.4, 0.6], [0.5, 0.5]), 0.0405465, places=6)

    def test_an_empty_bin_is_no_infinity(self):
        self.assertGreater(stability([0.5, 0.5], [1.0, 0.0]), 3)


if __name__ == "__main__":
    unittest.main()
