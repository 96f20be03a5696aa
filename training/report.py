"""Draws the model's card and its study as one HTML page that needs nothing beside itself.

    python training/report.py --out docs/model.html
"""

from __future__ import annotations

import argparse
import html
import json
import pathlib

import plots

ROOT = pathlib.Path(__file__).resolve().parent.parent
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
        f'<section id="s{i}"><h2>{name}</h2>{text}</section>' for i, (name, text) in enumerate(sections)
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Model report: {esc(card['name'])}</title><style>{STYLE}</style></head><body>"
        f"<header><h1>Model report</h1><p>{esc(card['name'])}, trained {esc(card['created'])} with "
        f"<code>{esc(card['command'])}</code></p><p class=hash>ONNX SHA-256 {card['onnx_sha256']}</p>"
        f"<nav>{contents}</nav></header><main>{body}</main></body></html>\n"
    )


def glance(card: dict, study: dict) -> str:
    rows = []
    for got in study["shipped"]:
        if got["history"] == "full":
            rows.append([
                esc(got["file"]), f"{got['rows']:,}", f"{got['positives']:,}", ranged(got["pr_auc"]),
                *(ranged(got[f"recall_at_{share}"]) for share in ("0.001", "0.005", "0.01")),
            ])
    head = ["last fifth of", "rows", "suspicious", "PR-AUC", "recall at 0.1 %", "at 0.5 %", "at 1 % alerts"]
    seeds = len(study["seeds"])
    return (
        f"<p>One model of {card['training']['trees']} small trees over {len(card['features'])} features, "
        f"trained on the first 60 % of every file by time. Below, the mean over {seeds} seeds, the deviation "
        "between them, and a 95 % interval that also covers which positives the last fifth happens to hold.</p>"
        + plots.table(head, rows)
        + unmeasured(card)
    )


def unmeasured(card: dict) -> str:
    parts = []
    for entry in card["metrics"].get("unmeasured", []):
        commands = "\n".join(entry["commands"])
        parts.append(
            f"<p><b>{esc(entry['file'])}</b> ({entry['rows']:,} rows, {entry['positives']:,} suspicious): "
            f"<b>unmeasured</b>, {esc(entry['why'])}. This measures it:</p><pre>{esc(commands)}</pre>"
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
        drawn = plots.bars([(name, n, f"{n:,}") for name, n in counts], f"typologies of {got['file']}")
        text += f"<figure><figcaption>{esc(got['file'])}: suspicious payments by typology</figcaption>{drawn}</figure>"
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
        parts.append(f"<figure class=half><figcaption>{caption}</figcaption>{axes.svg('precision and recall')}</figure>")
    return f"<div class=row>{''.join(parts)}</div>"


def typologies(study: dict) -> str:
    parts = ["<p>Recall where 0.1 %, 0.5 % and 1 % of all payments are alerted, mean over seeds.</p>"]
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
        "<p>PR-AUC on the last fifth of each file (columns) of models trained on others (rows). In italics: "
        "the model has seen nothing of the file it is measured on.</p>"
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
    return (
        f"<p>Calibration: {esc(card['calibration']['method'])}, fitted on the validation parts ({esc(compared)}). "
        "One calibration serves files whose share of laundering differs tenfold, so single files lie beside "
        f"the diagonal. {' '.join(names)}</p><figure class=half>{axes.svg('calibration')}</figure>"
    )


def contributions(study: dict) -> str:
    parts = []
    for name, words in (("suspicious", "suspicious payments"), ("all", "payments as they come")):
        rows = [(feature, value, f"{value:.3f}") for feature, value in list(study["contributions"][name].items())[:20]]
        drawn = plots.bars(rows, f"contributions, {words}", "a" if name == "all" else "b")
        parts.append(f"<figure class=half><figcaption>Mean |SHAP| in log-odds, {words}</figcaption>{drawn}</figure>")
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
            parts.append(f"<figure class=third><figcaption>{caption}</figcaption>{axes.svg(feature['name'])}</figure>")
    keys = '<span class="key a">honest</span> <span class="key b">suspicious</span>'
    return f"<p>The {len(study['features'])} features of the largest gain; tails are drawn in the outer bins. {keys}</p><div class=row>{''.join(parts)}</div>"


def leakage(study: dict) -> str:
    if not study["leakage"]:
        return "<p>Not run.</p>"
    kinds = list(study["leakage"][0]["kinds"])
    rows = [
        [
            esc(got["file"]), f"{got['base_rate']:.5f}",
            *(
                f"{got['kinds'][k]['pr_auc']:.5f}<br><small>{got['kinds'][k]['interval_95'][0]:.5f}–"
                f"{got['kinds'][k]['interval_95'][1]:.5f}</small>"
                for k in kinds
            ),
        ]
        for got in study["leakage"]
    ]
    return (
        "<p>PR-AUC of models that see no behaviour at all. Chance is the base rate. Account numbers rise above it "
        "where the same accounts launder again later, which is knowledge and not a leak; the shipped model does "
        "not see them.</p>" + plots.table(["file", "base rate", *map(esc, kinds)], rows)
    )


def strangers(card: dict) -> str:
    rows = []
    for got in card["metrics"]["test"]:
        at = got["at_thresholds"]
        rows.append([
            esc(f"{got['file']}, {got['history']}"), f"{got['pr_auc']['value']:.3f}", percent(at["alert_share"]),
            percent(at["alert_precision"]), percent(at["alert_recall"]),
            percent(at["alert_or_uncertain_share"]), percent(at["alert_or_uncertain_recall"]),
            f"{got['strangers']['rows']:,}", percent(got["strangers"]["alert_share"]),
        ])
    head = ["file, history", "PR-AUC", "alerts", "precision", "recall", "alerts + uncertain", "recall",
            "between strangers", "of these alerted"]
    return (
        "<p>The shipped model at its thresholds, on files as they are and where every account is forgotten every "
        "one or two weeks.</p>" + plots.table(head, rows)
    )


def tuned(study: dict, tuning: dict) -> str:
    rows = [
        [esc(", ".join(f"{k} {v:g}" for k, v in trial["parameters"].items())), f"{trial['score']:.4f}"]
        for trial in tuning["finals"] + tuning["trials"]
    ]
    forest = ", ".join(f"{esc(f['file'])} {ranged(f['pr_auc'])}" for f in study["forest"])
    return (
        f"<p>{esc(tuning['by'][0].upper() + tuning['by'][1:])}; {len(tuning['trials'])} random trials of one booster, the best "
        f"{len(tuning['finals'])} again as they would ship (first rows). A random forest of 200 trees of the same "
        f"rows, PR-AUC: {forest}.</p>"
        + plots.table(["parameters", "validation"], rows, lambda row: row is rows[0])
    )


def thresholds(card: dict) -> str:
    bars = card["thresholds"]
    bins = sum(len(one["edges"]) + 1 for one in card["drift"]["features"].values())
    return (
        f"<p>Alert from {bars['alert']:.4f}, uncertain from {bars['uncertain_low']:.4f} (calibrated probability), "
        f"chosen on the validation parts. The card holds {bins} bins of {len(card['drift']['features'])} features, "
        "and those of the score, against which the runtime measures drift (population stability index).</p>"
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


STYLE = """
:root{--ink:#1b1f24;--soft:#5b6570;--line:#dfe3e8;--ground:#fff;--a:#2563a8;--b:#c2410c;--c:#3f7d4e;--d:#7c4d9e}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#9aa4af;--line:#333b44;--ground:#15181c;--a:#6ea8e8;--b:#f08a5d;--c:#7cc08c;--d:#b994d8}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
header,main{max-width:1080px;margin:0 auto;padding:0 24px}header{padding-top:40px}h1{font-size:30px;margin:0 0 4px;letter-spacing:-.02em}
h2{font-size:20px;margin:48px 0 8px;letter-spacing:-.01em}p{max-width:75ch}code,pre,.hash{font:12.5px/1.5 ui-monospace,Menlo,monospace}
pre{background:color-mix(in srgb,var(--ink) 6%,transparent);padding:10px 14px;border-radius:6px;overflow-x:auto}.hash{color:var(--soft);overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:4px 14px;font-size:13.5px}a{color:var(--a);text-decoration:none}a:hover{text-decoration:underline}
table{border-collapse:collapse;font-size:13.5px;margin:12px 0;font-variant-numeric:tabular-nums;display:block;overflow-x:auto}
th,td{padding:5px 12px 5px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}th{font-weight:600;color:var(--soft)}
.n{text-align:right;white-space:nowrap;padding-left:12px}small{color:var(--soft)}tr.mark td{font-weight:600}
.row{display:flex;flex-wrap:wrap;gap:16px}figure{margin:12px 0;max-width:660px}figure.half{flex:1 1 460px;max-width:520px}figure.third{flex:1 1 300px;max-width:345px;margin:4px 0}
figcaption{font-size:13px;color:var(--soft);margin-bottom:2px}svg{width:100%;height:auto}svg text{font:10.5px system-ui,sans-serif;fill:var(--soft)}
svg .axis{fill:var(--ink)}.grid{stroke:var(--line);stroke-width:1}.line{fill:none;stroke-width:1.8}.band{opacity:.18;stroke:none}
.line.a{stroke:var(--a)}.line.b{stroke:var(--b)}.line.c{stroke:var(--c)}.line.d{stroke:var(--d)}.line.base{stroke:var(--soft);stroke-dasharray:4 4;stroke-width:1}
.band.a,.dot.a,.bar.a{fill:var(--a)}.band.b,.dot.b,.bar.b{fill:var(--b)}.dot.c{fill:var(--c)}.dot.d{fill:var(--d)}
.steps{opacity:.55;stroke-width:1}.steps.a{fill:var(--a)}.steps.b{fill:var(--b)}
.key{font-size:13px;margin-right:10px}.key::before{content:"";display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:5px;background:currentColor}
.key.a{color:var(--a)}.key.b{color:var(--b)}.key.c{color:var(--c)}.key.d{color:var(--d)}
"""


if __name__ == "__main__":
    main()
