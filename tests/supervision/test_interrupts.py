"""Some runs that are interrupted at random, and that their check can fail."""

import json

import pytest

import interrupts


@pytest.mark.parametrize("seed", range(8))
def test_an_interrupt_at_random(seed, tmp_path):
    interrupts.one_run(interrupts.Interruption.of(seed), tmp_path).check()


PLAIN = interrupts.Interruption(0, ("-n", "2"), "", interrupts.TESTS, 0.0, ())


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nobody interrupted."""
    return interrupts.one_run(PLAIN, tmp_path_factory.mktemp("whole"))


def without_the_end(events):
    return events[:-1]


def one_test_twice(events):
    last = next(event for event in reversed(events) if event["event"] == "test_finished")
    return [*events[:-1], last, events[-1]]


def one_test_less(events):
    last = next(event for event in reversed(events) if event["event"] == "test_finished")
    return [event for event in events if event is not last]


@pytest.mark.parametrize("lie", [without_the_end, one_test_twice, one_test_less])
def test_the_check_sees(whole, lie):
    log = whole.run.reports / "events.jsonl"
    before = log.read_text()
    whole.check()
    try:
        log.write_text("".join(json.dumps(event) + "\n" for event in lie(whole.run.events())))
        with pytest.raises(AssertionError):
            whole.check()
    finally:
        log.write_text(before)
