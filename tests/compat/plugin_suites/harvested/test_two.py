def test_first(results_bag):
    results_bag.figure = 1


def test_second():
    pass


def test_all_of_the_module(module_results_dct):
    assert len(module_results_dct) == 2
