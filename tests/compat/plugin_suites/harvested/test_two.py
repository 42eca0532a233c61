from test_one import test_first, test_second


def test_none_elsewhere(module_results_dct):
    assert len(module_results_dct) == 2
