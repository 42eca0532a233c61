"""Whether the last garbage collections of a process, and its freeing, may be left out: never where anything could tell."""

import textwrap

import pytest
from ends import run


def test_what_is_left_is_not_looked_for_twice_while_it_is_there(tmp_path):
    program = """
        import gc
        from trun_worker.system import finalizers
        looked = []
        look = finalizers.Look.first_left
        finalizers.Look.first_left = lambda self: looked.append(1) or look(self)
        class A:
            def __del__(self): pass
        a = A()
        finalizers.spare_collections()
        finalizers.spare_collections()
        print(len(looked), max(0, gc.get_freeze_count() - finalizers.garbage._FROZEN_BY_PYTHON))
        del a
        finalizers.spare_collections()
        print(len(looked), gc.get_freeze_count() > 1000)
    """
    assert run(program, tmp_path).stdout == "1 0\n2 True\n"


def test_what_is_there_and_has_nothing_left_to_do_is_looked_at_again(tmp_path):
    program = """
        import gc
        from trun_worker.system import finalizers
        f = open(path, "w")
        finalizers.spare_collections()
        print(max(0, gc.get_freeze_count() - finalizers.garbage._FROZEN_BY_PYTHON))
        f.close()
        finalizers.spare_collections()
        print(gc.get_freeze_count() > 1000)
    """
    assert run(program, tmp_path).stdout == "0\nTrue\n"


@pytest.mark.parametrize(
    "then, nobody_can_tell",
    [
        ("", True),
        ("A.__del__ = lambda self: None", False),
        ("next(begun_later)", False),
        ("class B(A):\n            def __del__(self): pass\n        b = B()", False),
        ("made_since = open('/dev/null', 'w')", True),
        ("made_since = open(path, 'w')", False),
        ("gc.unfreeze()", True),
        ("written = open(path, 'w'); gc.freeze()", False),
        ("import os; os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY), nowhere.fileno())", False),
    ],
)
def test_what_has_changed_since_the_session_was_over_counts(tmp_path, then, nobody_can_tell):
    program = f"""
        import gc
        from trun_worker.system import finalizers
        class A: pass
        a = A()
        begun_later = (x for x in [1, 2])
        nowhere = open("/dev/null", "w")
        finalizers.spare_collections()
        assert gc.get_freeze_count() > 1000
        {then}
        print(finalizers.may_be_left_out())
    """
    assert run(program, tmp_path).stdout == f"{nobody_can_tell}\n"


@pytest.mark.parametrize(
    "then, is_spared",
    [
        ("", True),
        ("class B:\n            def __del__(self): pass\n        b = B()", False),
        ("A.__del__ = lambda self: None", False),
        ("next(begun_later)", False),
        ("gc.collect()", True),
        ("gc.collect(); A.__del__ = lambda self: None", False),
        ("gc.freeze()", False),
        ("written = open(path, 'w')", False),
    ],
)
def test_what_was_looked_at_ahead_counts_as_it_is_once_the_session_is_over(tmp_path, then, is_spared):
    program = f"""
        import gc
        from trun_worker.system import finalizers, garbage
        looked = []
        first_left = finalizers.Look.first_left
        finalizers.Look.first_left = lambda self: looked.append(len(gc.get_objects())) or first_left(self)
        class A: pass
        a = A()
        begun_later = (x for x in [1, 2])
        garbage.watch()
        finalizers.look_ahead()
        {then}
        finalizers.spare_collections()
        is_all_in_sight = gc.get_freeze_count() <= garbage._FROZEN_BY_PYTHON
        print(finalizers._spared is not None, is_all_in_sight, len(looked) > 1 and looked[1] < looked[0] / 2)
    """
    asks, freezes = "gc." in then, "freeze" in then
    seen = f"{is_spared} {not is_spared and not freezes} {not asks}\n"
    assert run(program, tmp_path).stdout == seen


def test_what_acts_ahead_of_the_end_is_looked_at_once_more_when_it_is_gone(tmp_path):
    program = """
        import gc
        from trun_worker.system import finalizers, garbage
        class A:
            def __del__(self): pass
        a = A()
        garbage.watch()
        finalizers.look_ahead()
        del a
        finalizers.spare_collections()
        print(finalizers._spared is not None, gc.get_freeze_count() > 1000)
    """
    assert run(program, tmp_path).stdout == "True True\n"


def test_warnings_that_were_shown_in_the_session_alone_keep_nothing_at_the_exit(tmp_path):
    program = """
        import gc, warnings
        from trun_worker.system import finalizers
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            finalizers.spare_collections()
        print(max(0, gc.get_freeze_count() - finalizers.garbage._FROZEN_BY_PYTHON), finalizers.may_be_left_out())
    """
    assert run(program, tmp_path).stdout == "0 True\n"


@pytest.mark.parametrize(
    "between, seen",
    [
        ("", ["cycle"]),
        ("made_since = Cycle(); del made_since", ["cycle", "cycle"]),
        ("del kept", ["cycle"]),
        ("del kept; many = [[] for _ in range(5000)]", ["cycle", "cycle"]),
        ("gc.disable(); del kept; many = [[] for _ in range(5000)]", ["cycle", "cycle"]),
        ("del kept; gc.collect(1)", ["cycle", "cycle"]),
        ("del kept; finalizers._collect_harder(0)", ["cycle"]),
    ],
)
def test_a_second_collection_looks_at_what_was_made_since(tmp_path, between, seen):
    program = f"""
        import gc
        from trun_worker.system import finalizers
        seen = []
        class Cycle:
            def __init__(self): self.itself = self
            def __del__(self): seen.append("cycle")
        kept, garbage = Cycle(), Cycle()
        del garbage
        finalizers._collect_harder(1)
        {between}
        finalizers._collect_harder(1)
        print(*seen)
    """
    assert run(program, tmp_path).stdout.split() == seen


@pytest.mark.parametrize(
    "maps, spared",
    [
        ("None", True),
        ("mmap.mmap((f := open(path)).fileno(), 0, access=mmap.ACCESS_READ)", True),
        ("mmap.mmap((f := open(path)).fileno(), 0, access=mmap.ACCESS_COPY)", True),
        ("mmap.mmap((f := open(path, 'r+b', buffering=0)).fileno(), 0); f.close()", False),
        ("mmap.mmap(-1, 4096)", False),
        ("mmap.mmap(memory('mine'), 4096)", False),
        ("mmap.mmap(memory('trun-status'), 4096)", True),
    ],
)
def test_numpys_iterators_write_back_what_others_may_see(tmp_path, maps, spared):
    program = f"""
        import mmap, os, types
        from trun_worker.system import finalizers
        sys.modules["numpy"] = types.ModuleType("numpy")
        with open(path, "w") as f:
            f.write("x" * 4096)
        def memory(name):
            fd = os.memfd_create(name)
            os.ftruncate(fd, 4096)
            return fd
        mapped = {maps}
        print(finalizers.may_be_left_out())
    """
    assert run(program, tmp_path).stdout == f"{spared}\n"


def test_what_the_user_has_frozen_cannot_be_looked_at(tmp_path):
    program = """
        import gc
        from trun_worker.system import finalizers
        gc.freeze()
        frozen = gc.get_freeze_count()
        thing = []
        finalizers.spare_collections()
        print(gc.get_freeze_count() == frozen, finalizers.may_be_left_out())
    """
    assert run(program, tmp_path).stdout == "True False\n"


ENDS = """
    import atexit, ctypes
    from trun_worker.system import finalizers, process
    process.be_last()
    atexit.register(sys.stdout.write, "atexit handler, ")
    process.prepare_pdeathsig()
    process.will_end_with(7)
    class Freed:
        def __del__(self): sys.__stdout__.write("freed, ")
    thing = Freed()
    thing.me = thing
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    libc.fputs(b"what C has kept", ctypes.c_void_p(libc.fopen(path.encode(), b"w")))
"""


def test_where_nobody_can_tell_a_process_ends_without_freeing_what_it_holds(tmp_path):
    unseen = "\nfinalizers.Look.first_left = lambda self: None\nsys.exit(7)"
    ended = run(textwrap.dedent(ENDS) + unseen, tmp_path, check=False)
    assert (ended.stdout, ended.returncode) == ("atexit handler, ", 7)
    assert (tmp_path / "file").read_text() == "what C has kept"


def test_where_somebody_can_tell_it_ends_as_an_interpreter(tmp_path):
    ended = run(textwrap.dedent(ENDS) + "\nsys.exit(7)", tmp_path, check=False)
    assert (ended.stdout, ended.returncode) == ("atexit handler, freed, ", 7)
    assert (tmp_path / "file").read_text() == "what C has kept"


def test_a_handler_that_was_registered_before_runs_too(tmp_path):
    before = "import atexit, sys\natexit.register(sys.stdout.write, 'the very last, ')\n"
    unseen = "\nfinalizers.Look.first_left = lambda self: None\nsys.exit(7)"
    ended = run(before + textwrap.dedent(ENDS) + unseen, tmp_path, check=False)
    assert (ended.stdout, ended.returncode) == ("atexit handler, the very last, ", 7)


def test_what_cannot_be_written_at_the_end_has_the_interpreters_status(tmp_path):
    program = textwrap.dedent(ENDS) + "\nfinalizers.Look.first_left = lambda self: None\nsys.exit(7)"
    with open("/dev/full", "w") as full:
        assert run(program, tmp_path, check=False, stdout=full).returncode == 120


def test_pytests_last_collections_end_with_one_that_finds_nothing(tmp_path):
    program = """
        import gc, weakref
        from _pytest import unraisableexception
        from trun_worker.system import finalizers
        class A:
            def __del__(self):
                global later
                del later  # another collection is needed for what hangs on it
        class B: pass
        gc.collect()
        freed = []
        a, later = A(), B()
        a.me, later.me = a, later
        weakref.finalize(later, freed.append, "freed")
        collections = []
        gc.callbacks.append(lambda phase, info: collections.append(phase))
        finalizers.collect_no_more_than_needed()
        del a
        unraisableexception.gc_collect_harder(5)
        print(freed, collections.count("start"))
        unraisableexception.gc_collect_harder = kept = lambda iterations: None
        finalizers.collect_no_more_than_needed()
        print(unraisableexception.gc_collect_harder is kept)
    """
    assert run(program, tmp_path).stdout == "['freed'] 3\nTrue\n"
