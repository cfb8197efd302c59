#!/usr/bin/env bash
# aws-lambda-powertools 3.37.0 and, to read what it writes, orjson 3.13.0 and msgspec 0.22.0 (with numpy 2.5.5), seen 29
# November 2026.
#
# Powertools writes the metrics of an invocation as one line of JSON in CloudWatch's embedded metric format (EMF), and
# checks each value: a text raises MetricValueError. CloudWatch's documentation allows no NaN and no infinity.
#
# Likely guess: NaN, such as a put-call ratio of two empty sides by numpy, raises MetricValueError like a text, or that
# value alone is left out.
# Behaviour: NaN and infinity pass the check, and the line has the bare words NaN and Infinity. RFC 8259 has no such
# words: orjson and msgspec refuse the whole line, with the good metrics that are in it. Python's json.loads takes it,
# and that is what a test of the output most often uses. Powertools' Logger writes NaN in the same way.
#
# Why it matters: metrics are taken only from lines that are valid JSON. One division 0/0 of one symbol can cost all
# metrics of the invocation, nothing is raised, and an alarm that takes missing data for good stays green. Ask
# math.isfinite before add_metric. What CloudWatch itself does with such a line was not tried.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/powertools-writes-nan-into-all-metrics.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  aws-lambda-powertools==3.37.0 orjson==3.13.0 msgspec==0.22.0 numpy==2.5.5
cd "$folder"
venv/bin/python - <<'PYTHON'
import io
import json
from contextlib import redirect_stdout

import msgspec
import numpy
import orjson
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit, MetricValueError


def written(*ratios):
    """Return the line of an invocation with a good metric and these ratios."""
    metrics = Metrics(namespace="market", service="recorder")
    metrics.add_metric("Snapshots", MetricUnit.Count, 12)
    for ratio in ratios:
        metrics.add_metric("PutCallRatio", MetricUnit.NoUnit, ratio)
    out = io.StringIO()
    with redirect_stdout(out):
        metrics.flush_metrics()
    return out.getvalue()


def logged(ratio):
    out = io.StringIO()
    Logger(service="recorder", stream=out).info("chain", ratio=ratio)
    return out.getvalue()


def readers(line):
    """Return whom the line is JSON for."""
    good = []
    for name, read in {"json": json.loads, "orjson": orjson.loads, "msgspec": msgspec.json.decode}.items():
        try:
            read(line)
        except (orjson.JSONDecodeError, msgspec.DecodeError):
            continue
        good.append(name)
    return good


puts, calls = numpy.array([120.0, 0.0]), numpy.array([100.0, 0.0])
with numpy.errstate(invalid="ignore"):
    ratios = puts / calls
lines = {
    "1.2": written(ratios[0]),
    "1.2 and 0/0": written(*ratios),
    "infinity": written(float("inf")),
    "log, 0/0": logged(ratios[1]),
}
for name, line in lines.items():
    values = line[line.find('"Snapshots":['):] if name[:3] != "log" else line
    print(f"{name:12} is JSON for {', '.join(readers(line)):21} {values.strip()}")
try:
    written("1.2")
except MetricValueError as error:
    print(f"a text       MetricValueError: {error}")
else:
    raise SystemExit("a text is taken")

assert readers(lines["1.2"]) == ["json", "orjson", "msgspec"]
for name in ("1.2 and 0/0", "infinity", "log, 0/0"):
    assert readers(lines[name]) == ["json"], f"{name} is written otherwise"
assert '"PutCallRatio":[1.2,NaN]' in lines["1.2 and 0/0"] and '"Snapshots":[12.0]' in lines["1.2 and 0/0"]
assert '"PutCallRatio":[Infinity]' in lines["infinity"]
PYTHON
echo "As described: a line with NaN is no JSON, and the metrics beside it are in the same line."
