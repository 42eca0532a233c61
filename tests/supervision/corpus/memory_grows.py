"""Takes more and more, as fast as it can."""

GUILTY = {
    "expect": {"test_guilty": r"out_of_memory: .*\d+ MB held, 250 MB allowed \(--test-memory\)"},
    "options": ["--test-memory", "250MB"],
    "limit": 30,
}


def test_guilty():
    kept = []
    while len(kept) < 2000:
        kept.append(bytearray(b"x") * (1 << 20))
    import time

    time.sleep(100)
