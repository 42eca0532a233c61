"""Every case of the corpus, in every way to run that is asked for: the guilty is named, and nobody else pays for it."""


def test_the_guilty(way, group, case, runs):
    runs.of(group, way).check_case(case)


def test_the_run(way, group, runs):
    runs.of(group, way).check_run()
