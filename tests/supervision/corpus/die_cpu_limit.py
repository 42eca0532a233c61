"""Sets a limit on its CPU time and runs into it."""

import resource

GUILTY = {"expect": {"test_guilty": r"crashed: crashed \(signal 24, SIGXCPU\) in call"}, "limit": 30}


def test_guilty():
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + 1, resource.RLIM_INFINITY))
    while True:
        pass
