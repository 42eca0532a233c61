import warnings


def old():
    warnings.warn("known to be old", DeprecationWarning, stacklevel=2)


def older():
    warnings.warn("use new() instead", DeprecationWarning, stacklevel=2)


def soon():
    warnings.warn("will change", FutureWarning)


def doubtful():
    warnings.warn("are you sure?", UserWarning)


def slow():
    warnings.warn(RuntimeWarning("slow"))
