import os
import pathlib
import threading

KEPT = []


def test_of_a_test(fs):
    fs.create_file("/x/y", contents="hi")
    assert pathlib.Path("/x/y").read_text() == "hi"


def test_real_again():
    assert not os.path.exists("/x/y")


def test_of_the_module(fs_module):
    fs_module.create_file("/m/file", contents="m")
    assert os.path.exists("/m/file")


def test_still_there(fs_module):
    with open("/m/file") as file:
        assert file.read() == "m"


def test_leaves_a_handle(fs_module):
    KEPT.append(open("/m/file"))


def test_leaves_a_thread(fs_module):
    threading.Thread(target=threading.Event().wait, daemon=True).start()


def test_fails(fs_module):
    assert open("/m/file").read() == "n"
