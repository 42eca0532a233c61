"""The engine at suites that are large. Python is simulated (tests/bench/simulated.py); figures: ./dev bench --scale."""

import importlib.util
import sys
from pathlib import Path

import harness

_PATH = Path(__file__).resolve().parents[1] / "bench" / "scale.py"


def load_scale():
    spec = importlib.util.spec_from_file_location("scale", _PATH)
    module = sys.modules["scale"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_the_engine_keeps_of_a_test_is_less_than_a_kilobyte(tmp_path, monkeypatch):
    """With JUnit, metrics and events. Each report kept the run for itself: 4 KB a test."""
    monkeypatch.setenv("SIMULATED_FAILURES", "100")
    scale = load_scale()
    little = scale.measure(harness.TRUN, scale.Size(2, 20), tmp_path)
    large = scale.measure(harness.TRUN, scale.Size(1_500, 20), tmp_path)
    assert (large.peak - little.peak) / 30_000 < 1400  # the parts of a small run that grow in steps included
    run = harness.Run(1, (tmp_path / "log").read_text(), "", large.seconds, tmp_path / "reports")
    assert "300 failed, 29700 passed" in run.out
    junit = (tmp_path / "reports" / "junitxml").read_text()
    assert junit.count("<testcase ") == 30_000
    assert junit.count("<failure ") == 300
    assert junit.endswith("</testsuite></testsuites>\n")
