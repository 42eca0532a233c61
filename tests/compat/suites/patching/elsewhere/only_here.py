VALUE = "found by syspath_prepend"
