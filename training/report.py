"""Draws the model's card, its study and the parameter search as one self-contained HTML page.

    python training/report.py --out training/model.html
"""

from __future__ import annotations

import argparse
import html
import json
import pathlib

import plots

ROOT = pathlib.Path(__file__).resolve().parent.parent
STYLE = ROOT / "training/report.css"
KINDS = ["a", "b", "c", "d"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=pathlib.Path, default=ROOT / "shared/model")
    parser.add_argument("--study", type=pathlib.Path, default=ROOT / "training/study.json")
    parser.add_argument("--tuning", type=pathlib.Path, default=ROOT / "training/tuning.json")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    card = json.loads((arguments.model / "card.json").read_text())
    study = json.loads(arguments.study.read_text())
    tuning = json.loads(arguments.tuning.read_text())
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(page(card, study, tuning))
    print(f"{arguments.out}: {arguments.out.stat().st_size:,} bytes")


def page(card: dict, study: dict, tuning: dict) -> str:
    if card["onnx_sha256"] != study["model"]:
        raise SystemExit("the study is of another model: run training/study.py again")
    sections = [
        ("At a glance", glance(card, study)),
        ("Data and class balance", balance(study)),
        ("Precision and recall", curves(study)),
        ("Typologies", typologies(study)),
        ("What transfers", transfer(study)),
        ("Calibration", calibration(card, study)),
        ("What the model looks at", contributions(study)),
        ("Features by class", features(study)),
        ("Leakage probe", leakage(study)),
        ("With days of history", strangers(card)),
        ("Tuning and comparison", tuned(study, tuning)),
        ("Thresholds and drift", thresholds(card)),
        ("Limits", limits(card)),
    ]
    contents = " ".join(f'<a href="#s{i}">{name}</a>' for i, (name, _) in enumerate(sections))
    body = "".join(
        f'<section id="s{i}"><h2>{name}</h2>{text}</section>'
        for i, (name, text) in enumerate(sections)
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Model report: {esc(card['name'])}</title>"
        f"<style>{STYLE.read_text()}</style></head><body>"
        f"<header><h1>Model report</h1><p>{esc(card['name'])}, trained {esc(card['created'])} with "
        f"<code>{esc(card['command'])}</code></p>"
        f"<p class=hash>ONNX SHA-256 {card['onnx_sha256']}</p>"
        f"<nav>{contents}</nav></header><main>{body}</main></body></html>\n"
    )


def glance(card: dict, study: dict) -> str:
    rows = []
    for got in study["shipped"]:
        if got["history"] == "full":
            figures = ["pr_auc", "recall_at_0.001", "recall_at_0.005", "recall_at_0.01"]
            counts = [f"{got['rows']:,}", f"{got['positives']:,}"]
            rows.append([esc(got["file"]), *counts, *(ranged(got[name]) for name in figures)])
    head = [
        "last fifth of", "rows", "suspicious", "PR-AUC",
        "recall at 0.1 %", "at 0.5 %", "at 1 % alerts",
    ]
    trees, features = card["training"]["trees"], len(card["features"])
    return (
        f"<p>One model of {trees} small trees over {features} features, trained on the first 60 % "
        f"of every file by time. Below, the mean over {len(study['seeds'])} seeds, the deviation "
        "between them, and a 95 % interval that also covers which positives the last fifth "
        "happens to hold.</p>"
        + plots.table(head, rows)
        + f"<p>Measured with <code>{esc(study['command'])}</code></p>"
        + unmeasured(card)
    )


def unmeasured(card: dict) -> str:
    parts = []
    for entry in card["metrics"].get("unmeasured", []):
        commands = "\n".join(entry["commands"])
        parts.append(
            f"<p><b>{esc(entry['file'])}</b> ({entry['rows']:,} rows, {entry['positives']:,} "
            f"suspicious): <b>unmeasured</b>, {esc(entry['why'])}. This measures it:</p>"
            f"<pre>{esc(commands)}</pre>"
        )
    return "".join(parts)


def balance(study: dict) -> str:
    rows = []
    for got in study["balance"]:
        total, positives = sum(got["rows"]), sum(got["positives"])
        rows.append([
            esc(got["file"]), f"{total:,}", f"{positives:,}", f"{positives / total:.3%}",
            " / ".join(str(n) for n in got["positives"]),
        ])
    text = plots.table(
        ["file", "rows", "suspicious", "share", "suspicious in train / validation / test"], rows
    )
    for got in study["balance"]:
        counts = sorted(got["typologies"].items(), key=lambda item: -item[1])
        bars = [(name, n, f"{n:,}") for name, n in counts]
        drawn = plots.bars(bars, f"typologies of {got['file']}")
        text += plots.figure(f"{esc(got['file'])}: suspicious payments by typology", drawn)
    return text


def curves(study: dict) -> str:
    parts = []
    for got in study["shipped"]:
        if got["history"] != "full":
            continue
        base = got["positives"] / got["rows"]
        curve = got["curve"]
        axes = plots.Axes((0, 1), (0, 1)).grid(
            [0, 0.2, 0.4, 0.6, 0.8, 1], [0, 0.2, 0.4, 0.6, 0.8, 1], "recall", "precision"
        )
        axes.band(curve["recall"], curve["low"], curve["high"], "a")
        axes.line(curve["recall"], curve["precision"], "a").line([0, 1], [base, base], "base")
        caption = (
            f"{esc(got['file'])}: PR-AUC {ranged(got['pr_auc'])}. Guessing: {base:.4f}. "
            "Band: 95 % over seeds and positives."
        )
        parts.append(plots.figure(caption, axes.svg("precision and recall"), "half"))
    return f"<div class=row>{''.join(parts)}</div>"


def typologies(study: dict) -> str:
    text = "Recall where 0.1 %, 0.5 % and 1 % of all payments are alerted, mean over seeds."
    parts = [f"<p>{text}</p>"]
    for got in study["shipped"]:
        if got["history"] != "full":
            continue
        rows = [
            [esc(name), str(one["positives"]), *(f"{recall:.2f}" for recall in one["recalls"])]
            for name, one in sorted(got["typologies"].items())
        ]
        head = [esc(got["file"]), "payments", "0.1 %", "0.5 %", "1 %"]
        parts.append(plots.table(head, rows))
    return "".join(parts)


def transfer(study: dict) -> str:
    files = list(study["transfer"][0]["tested_on"])
    rows = []
    for row in study["transfer"]:
        cells = [esc(row["trained_on"]), str(row["seeds"])]
        for file in files:
            text = ranged(row["tested_on"][file]["pr_auc"])
            cells.append(text if file in row["files"] else f"<em>{text}</em>")
        rows.append(cells)
    return (
        "<p>PR-AUC on the last fifth of each file (columns) of models trained on others (rows). "
        "In italics: the model has seen nothing of the file it is measured on. What one generator "
        "calls laundering says next to nothing about another's: expect the same of a bank's.</p>"
        + plots.table(["trained on", "seeds", *(esc(file) for file in files)], rows)
    )


def calibration(card: dict, study: dict) -> str:
    axes = plots.Axes((1e-5, 1), (1e-5, 1), log=True)
    marks = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]
    axes.grid(marks, marks, "predicted probability", "share that was suspicious")
    axes.line([1e-5, 1], [1e-5, 1], "base")
    names = []
    for kind, got in zip(KINDS, study["calibration"]):
        names.append(f'<span class="key {kind}">{esc(got["file"])}</span>')
        points = []
        for one in got["bins"]:
            low, high = wilson(one["positives"], one["rows"])
            axes.whisker(one["predicted"], max(low, 1e-5), max(high, 1e-5), kind)
            if one["positives"]:
                share = one["positives"] / one["rows"]
                points.append((one["predicted"], share))
                axes.dot(one["predicted"], share, kind, f"{one['positives']} of {one['rows']:,}")
        axes.line([x for x, _ in points], [y for _, y in points], kind)
    compared = ", ".join(f"{k} {v}" for k, v in card["training"]["calibrations_compared"].items())
    method = card["calibration"]["method"]
    return (
        f"<p>Calibration: {esc(method)}, fitted on the validation parts ({esc(compared)}). One "
        "calibration serves files whose share of laundering differs tenfold, so single files lie "
        f"beside the diagonal. {' '.join(names)}</p>"
        + plots.figure("The shipped model on the last fifth", axes.svg("calibration"), "half")
    )


def contributions(study: dict) -> str:
    parts = []
    for name, words in (("suspicious", "suspicious payments"), ("all", "payments as they come")):
        largest = list(study["contributions"][name].items())[:20]
        rows = [(feature, value, f"{value:.3f}") for feature, value in largest]
        drawn = plots.bars(rows, f"contributions, {words}", "a" if name == "all" else "b")
        parts.append(plots.figure(f"Mean |SHAP| in log-odds, {words}", drawn, "half"))
    return f"<div class=row>{''.join(parts)}</div>"


def features(study: dict) -> str:
    parts = []
    for feature in study["features"]:
        for got in feature["in"]:
            high = max(max(got["honest"]), max(got["suspicious"]), 1e-9)
            low_x, high_x = got["edges"][0], got["edges"][-1]
            axes = plots.Axes((low_x, high_x), (0, high)).grid(
                plots.ticks(low_x, high_x), plots.ticks(0, high, 4), feature["name"], "share"
            )
            axes.steps(got["edges"], got["honest"], "a").steps(got["edges"], got["suspicious"], "b")
            caption = f"{esc(feature['name'])} in {esc(got['file'])}"
            parts.append(plots.figure(caption, axes.svg(feature["name"]), "third"))
    keys = '<span class="key a">honest</span> <span class="key b">suspicious</span>'
    return (
        f"<p>The {len(study['features'])} features of the largest gain; tails are drawn in the "
        f"outer bins. {keys}</p><div class=row>{''.join(parts)}</div>"
    )


def leakage(study: dict) -> str:
    if not study["leakage"]:
        return "<p>Not run.</p>"
    kinds = list(study["leakage"][0]["kinds"])

    def cell(one: dict) -> str:
        low, high = one["interval_95"]
        chance = f"<br><small>chance {one['base_rate']:.5f}</small>"
        return f"{one['pr_auc']:.5f}<br><small>{low:.5f}–{high:.5f}</small>{chance}"

    rows = [
        [esc(got["file"]), *(cell(got["kinds"][kind]) for kind in kinds)]
        for got in study["leakage"]
    ]
    return (
        "<p>PR-AUC of models that see no behaviour at all. Chance is the base rate. Account "
        "numbers rise above it where the same accounts launder again later; beside it, without the "
        "payments of accounts that laundered in training. The shipped model sees none of this.</p>"
        + plots.table(["file", *map(esc, kinds)], rows)
    )


def strangers(card: dict) -> str:
    rows = []
    for got in card["metrics"]["test"]:
        at, unknown = got["at_thresholds"], got["strangers"]
        rows.append([
            esc(f"{got['file']}, {got['history']}"), f"{got['pr_auc']['value']:.3f}",
            percent(at["alert_share"]), percent(at["alert_precision"]), percent(at["alert_recall"]),
            percent(at["alert_or_uncertain_share"]), percent(at["alert_or_uncertain_recall"]),
            f"{unknown['rows']:,}", percent(unknown["alert_share"]),
        ])
    head = [
        "file, history", "PR-AUC", "alerts", "precision", "recall", "alerts + uncertain", "recall",
        "between strangers", "of these alerted",
    ]
    return (
        "<p>The shipped model at its thresholds, on files as they are and where every account is "
        "forgotten every one or two weeks.</p>" + plots.table(head, rows)
    )


def tuned(study: dict, tuning: dict) -> str:
    def listed(trials: list[dict]) -> list[list[str]]:
        return [
            [
                esc(", ".join(f"{name} {value:g}" for name, value in trial["parameters"].items())),
                *(f"{figure:.3f}" for figure in trial["pr_auc"].values()),
                f"{trial['score']:.4f}",
            ]
            for trial in trials
        ]

    first = lambda rows: (lambda row: row is rows[0])
    head = ["parameters", *map(esc, tuning["trials"][0]["pr_auc"]), "mean"]
    boosters = listed(tuning["finals"] + tuning["trials"])
    forests = listed(tuning["forest"]["trials"])
    return (
        f"<p>By the {esc(tuning['by'])}. LightGBM: {len(tuning['trials'])} random trials of one "
        f"booster, the best {len(tuning['finals'])} again as they would ship (first rows).</p>"
        + plots.table(head, boosters, first(boosters))
        + f"<p>Random forest: {len(forests)} trials of {tuning['forest']['trees']} trees of the "
        "same rows.</p>"
        + plots.table(head, forests, first(forests))
        + compared(study)
    )


def compared(study: dict) -> str:
    """Compares the tuned boosters with the tuned forests on rows that neither has seen."""
    boosted = {got["file"]: got for got in study["shipped"] if got["history"] == "full"}
    rows = []
    for forest in study["forest"]["measured"]:
        for name, got in (("LightGBM", boosted[forest["file"]]), ("random forest", forest)):
            figures = [ranged(got["pr_auc"]), ranged(got["recall_at_0.01"])]
            rows.append([esc(forest["file"]), name, *figures])
    head = ["last fifth of", "model", "PR-AUC", "recall at 1 % alerts"]
    trees, seeds = study["forest"]["trees"], study["forest"]["seeds"]
    return (
        f"<p>Both as tuned, on the last fifths: {len(study['seeds'])} seeds of LightGBM, {seeds} "
        f"of a forest of {trees} trees.</p>" + plots.table(head, rows)
    )


def thresholds(card: dict) -> str:
    bars, features = card["thresholds"], card["drift"]["features"]
    bins = sum(len(one["edges"]) + 1 for one in features.values())
    return (
        f"<p>Alert from {bars['alert']:.4f}, uncertain from {bars['uncertain_low']:.4f} "
        "(calibrated probability), chosen on the validation parts: on average over the files half "
        "a percent of the honest payments alert, and two percent alert or are uncertain. The card "
        f"holds {bins} bins of {len(features)} features, and those of the score, against which the "
        "runtime measures drift (population stability index).</p>"
    )


def limits(card: dict) -> str:
    return "<ul>" + "".join(f"<li>{esc(limit)}</li>" for limit in card["limits"]) + "</ul>"


def ranged(figure: dict) -> str:
    spread = f" ± {figure['deviation']:.3f}" if figure.get("deviation") is not None else ""
    low, high = figure["interval_95"]
    return f"{figure['mean']:.3f}{spread} <small>({low:.2f}–{high:.2f})</small>"


def percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.2%}"


def wilson(hits: int, total: int) -> tuple[float, float]:
    from measures import wilson_interval

    return wilson_interval(hits, total)


def esc(text: str) -> str:
    return html.escape(str(text))


if __name__ == "__main__":
    main()
