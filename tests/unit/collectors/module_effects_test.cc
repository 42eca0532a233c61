#include "collectors/module_effects.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace trun {
namespace {

/// "" if nobody sees anything, else the reason.
std::string seen(const std::string& text) { return module_effects(text).seen; }

struct Row {
  const char* text;
  const char* seen;
};

class Table : public testing::TestWithParam<Row> {};

TEST_P(Table, Row) { EXPECT_EQ(seen(GetParam().text), GetParam().seen) << GetParam().text; }

INSTANTIATE_TEST_SUITE_P(
    NobodySees, Table,
    testing::Values(
        Row{"", ""}, Row{"'''A docstring.'''\n", ""}, Row{"def test_a():\n    register(1)\n", ""},
        Row{"async def test_a():\n    os.environ['A'] = '1'\n", ""},
        Row{"A = 1\nB = [A, 'x', {2: (3,)}]\nC = A + 2 ** 3\n", ""},
        Row{"a, (b, *c) = 1, (2, 3)\nx: int = 5\nx += 1\n", ""}, Row{"import os\nHOME = os.environ['HOME']\n", ""},
        Row{"import os\nA = os.environ.get('A') or os.getenv('B', os.path.join('a', 'b'))\n", ""},
        Row{"from pathlib import Path\nROOT = Path(__file__).resolve().parent / 'data'\nTEXT = (ROOT / "
            "'a').read_text()\n",
            ""},
        Row{"import re as r\nWORD = r.compile('x', r.M).pattern\n", ""},
        Row{"import logging\nlog = logging.getLogger(__name__)\n", ""},
        Row{"import collections as c\nPoint = c.namedtuple('Point', 'x y')\n", ""},
        Row{"from functools import partial\nf = partial(int, base=2)\n", ""},
        Row{"import typing as t\nT = t.TypeVar('T', bound='A')\n", ""},
        Row{"WORDS = frozenset(sorted(set('a b'.split())))\nN = sum(len(w) for w in WORDS)\n", ""},
        Row{"import pytest\npytestmark = [pytest.mark.slow, pytest.mark.skipif(1 > 2, reason='x')]\n", ""},
        Row{"import pytest\n@pytest.fixture(scope='module', params=[1])\ndef one(request):\n    return x()\n", ""},
        Row{"import pytest\n@pytest.fixture\ndef one(): return x()\n", ""},
        Row{"import pytest\n@pytest.mark.parametrize('a', [pytest.param(1, id='x'), lambda: boom()])\ndef test(a): "
            "pass\n",
            ""},
        Row{"import pytest\nslow = pytest.mark.slow\n@slow\ndef test(): pass\n", ""},
        Row{"import logging\nlog = logging.getLogger(__name__)\ndef test(): log.info('x')\n", ""},
        Row{"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import x\n    y()\n", ""},
        Row{"if __name__ == '__main__':\n    main()\n", ""}, Row{"class A:\n    x = 1\n    def f(self): boom()\n", ""},
        Row{"class A(object): pass\nclass B(A):\n    pass\nclass C(B, Exception): ...\nC.x = 1\n", ""},
        Row{"import unittest\nclass T(unittest.TestCase):\n    @unittest.skip('x')\n    def test(self): pass\n", ""},
        Row{"from enum import Enum, auto\nclass Color(Enum):\n    RED = auto()\n", ""},
        Row{"from dataclasses import dataclass, field\n@dataclass(frozen=True)\nclass A:\n    x: list = "
            "field(default_factory=list)\n",
            ""},
        Row{"from abc import ABCMeta\nclass A(metaclass=ABCMeta): pass\n", ""},
        Row{"from typing import NamedTuple, Generic, TypeVar, Protocol\nT = TypeVar('T')\nclass A(NamedTuple): pass\n"
            "class B(Generic[T]): pass\nclass C(Protocol): pass\n",
            ""},
        Row{"import attr\n@attr.s(slots=True)\nclass A:\n    x = attr.ib(default=1)\n", ""},
        Row{"from base import MyTestCase\nclass TestA(MyTestCase): pass\n", ""},
        Row{"def cases():\n    for i in range(3):\n        yield i\nCASES = list(cases())\n", ""},
        Row{"def deco(f):\n    def inner(): return f()\n    return inner\n@deco\ndef test(): pass\n", ""},
        Row{"CASES = []\nCASES.append(1)\nCASES[0] = 2\nfor x in CASES:\n    y = x\n", ""},
        Row{"class A: pass\nsetattr(A, 'test_x', lambda self: None)\nglobals()['test_y'] = 1\n", ""},
        Row{"from hypothesis import given, settings, strategies as "
            "st\n@settings(max_examples=5)\n@given(st.lists(st.integers()).map(sorted))\ndef test(x): pass\n",
            ""},
        Row{"try:\n    import numpy\nexcept ImportError:\n    numpy = None\n", ""},
        Row{"import pytest\nnp = pytest.importorskip('numpy')\nA = 1\n", ""}, Row{"with open as f: pass\n", ""},
        Row{"from unittest import mock\n@mock.patch('a.b')\ndef test(m): pass\n", ""}));

INSTANTIATE_TEST_SUITE_P(
    OthersMaySee, Table,
    testing::Values(
        Row{"from models import Model\nclass Book(Model): pass\n", "class Book(models.Model)"},
        Row{"import models\nclass Book(models.Model, table=True): pass\n", "class Book(models.Model)"},
        Row{"class A(metaclass=M): pass\n", "class A(metaclass=M)"},
        Row{"class A(Unknown): pass\n", "class A(Unknown)"}, Row{"class A(make()): pass\n", "class A(make())"},
        Row{"from registry import add\n@add\ndef f(): pass\n", "@registry.add"},
        Row{"from registry import add\n@add('x')\ndef f(): pass\n", "calls registry.add()"},
        Row{"class A:\n    from r import add\n    @add\n    def f(self): pass\n", "@r.add"},
        Row{"from registry import add\nadd(1)\n", "calls registry.add()"},
        Row{"import app\nclient = app.make().client()\n", "calls app.make()"},
        Row{"from app import make\nX = [make(i) for i in range(3)]\n", "calls app.make()"},
        Row{"from app import make\ndef f(x=make()): pass\n", "calls app.make()"},
        Row{"import os\nos.environ['A'] = '1'\n", "changes os.environ['A']"},
        Row{"from os import environ as e\ne['A'] = '1'\n", "changes os.environ['A']"},
        Row{"import os\nos.environ.setdefault('A', '1')\n", "calls os.environ.setdefault()"},
        Row{"import os\ndel os.environ['A']\n", "changes os.environ['A']"},
        Row{"import mod\nmod.x = 1\n", "changes mod.x"}, Row{"import mod\nmod.x += 1\n", "changes mod.x"},
        Row{"import mod\na = mod.names\na.append(1)\n", "calls mod.names.append()"},
        Row{"import mod\na = mod.names[0]\na.append(1)\n", "calls a.append()"},
        Row{"from mod import names\nnames += [1]\n", "changes names"},
        Row{"import mod\nmod.names[0].append(1)\n", "calls an item of mod.names"},
        Row{"import mod\n(mod.add)(1)\n", "calls what stands in brackets"},
        Row{"import mod\nadd = mod.add\nadd(1)\n", "calls mod.add()"},
        Row{"import sys\nsys.path.insert(0, 'x')\n", "calls sys.path.insert()"},
        Row{"import random\nrandom.seed(1)\n", "calls random.seed()"},
        Row{"import logging\nlogging.getLogger('a').setLevel(1)\n", "calls what logging.getLogger() returns"},
        Row{"import mod\nsetattr(mod, 'x', 1)\n", "calls setattr()"}, Row{"exec('x = 1')\n", "calls exec()"},
        Row{"import logging\nlog = logging.getLogger('a')\nlog.setLevel(1)\n", "calls log.setLevel()"},
        Row{"from unittest import mock\np = mock.patch('a.b')\np.start()\n", "calls p.start()"},
        Row{"from unittest.mock import patch\np = patch.object(A, 'b')\np.start()\n", "calls p.start()"},
        Row{"from freezegun import freeze_time\nf = freeze_time('2020')\nf.start()\n", "calls f.start()"},
        Row{"import calendar\ncalendar.setfirstweekday(6)\n", "calls calendar.setfirstweekday()"},
        Row{"import csv\ncsv.field_size_limit(9)\n", "calls csv.field_size_limit()"},
        Row{"import xml.etree.ElementTree as ET\nET.register_namespace('a', 'b')\n",
            "calls xml.etree.ElementTree.register_namespace()"},
        Row{"from hypothesis import strategies as st\nst.register_type_strategy(int, st.integers())\n",
            "calls hypothesis.strategies.register_type_strategy()"},
        Row{"from mod import *\n", "from mod import *"},
        Row{"import mod\ndef setup():\n    mod.x = 1\nsetup()\n", "calls setup()"},
        Row{"import mod\ndef deco(f):\n    mod.add(f)\n    return f\n@deco\ndef test(): pass\n", "@deco"},
        Row{"import sys\nif sys.platform == 'x':\n    import winreg\n", "imports winreg under a condition"},
        Row{"try:\n    import a\nexcept ImportError:\n    import b\n", "imports b under a condition"},
        Row{"import pytest\npytest.skip('no', allow_module_level=True)\n", "calls pytest.skip()"},
        Row{"import pytest\nnp = pytest.importorskip('numpy', minversion='2')\n", "calls pytest.importorskip()"},
        Row{"raise ValueError\n", "raises"}, Row{"x = (1\n", "text that could not be read"}));

TEST(ModuleEffectsTest, TheLineIsTold) {
  const ModuleEffects effects = module_effects("'''One\ntwo.'''\nimport mod\n\nmod.x = 1\n");
  EXPECT_EQ(effects.line, 5U);
}

TEST(ModuleEffectsTest, ImportsAreListedInOrder) {
  const ModuleEffects effects = module_effects(
      "from __future__ import annotations\nimport a.b.c, d as e\nfrom .x import (y, z as w)\nfrom . import q\n"
      "try:\n    import r\nexcept ImportError: pass\nimport pytest\npytest.importorskip('s')\n"
      "def test():\n    import never\n");
  ASSERT_EQ(effects.seen, "");
  const std::vector<ImportStep> wanted = {
      {"a.b.c", {}, false, false}, {"d", {}, false, false}, {".x", {"y", "z"}, false, false},
      {".", {"q"}, false, false},  {"r", {}, true, false},  {"pytest", {}, false, false},
      {"s", {}, false, true}};
  EXPECT_EQ(effects.imports, wanted);
}

}  // namespace
}  // namespace trun
