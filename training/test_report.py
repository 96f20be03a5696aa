"""Tests of the report and its drawings. Run with `python3 -m unittest discover training`."""

import json
import re
import unittest

import plots
import report


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        read = lambda path: json.loads((report.ROOT / path).read_text())
        cls.card = read("shared/model/card.json")
        # These tests are about the drawing, so the study is made to match the shipped model here:
        # the real study takes a quarter of an hour and may lag behind. The page refuses a mismatch.
        cls.study = {**read("training/study.json"), "model": cls.card["onnx_sha256"]}
        cls.tuning = read("training/tuning.json")
        cls.page = report.page(cls.card, cls.study, cls.tuning)

    def test_it_needs_nothing_beside_itself(self):
        self.assertNotRegex(self.page, r"<(script|link|img|iframe)\b")
        self.assertNotRegex(self.page, r"""(src|href)=["']?(https?:|//)|url\(|@import""")

    def test_every_tag_is_closed(self):
        for tag in ("section", "table", "svg", "figure", "div", "p", "tr"):
            opened, closed = (len(re.findall(p, self.page)) for p in (f"<{tag}[ >]", f"</{tag}>"))
            self.assertEqual(opened, closed, tag)

    def test_a_study_of_another_model_is_refused(self):
        with self.assertRaises(SystemExit):
            report.page(self.card, {**self.study, "model": "0" * 64}, self.tuning)


class Drawings(unittest.TestCase):
    def test_ticks_are_round_and_inside(self):
        self.assertEqual(plots.ticks(0, 1), [0, 0.2, 0.4, 0.6, 0.8, 1])
        self.assertEqual(plots.ticks(3, 3), [3])

    def test_names_cannot_break_the_page(self):
        self.assertIn("&lt;b&gt;", plots.bars([("<b>", 1.0, "1")], "x"))


if __name__ == "__main__":
    unittest.main()
