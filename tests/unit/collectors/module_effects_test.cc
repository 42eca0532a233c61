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
        Row{"a, (b, *c) = 1, (2, 3)\nx: int = 5\nx += 1\nx >>= 1\ny = x <= 1 >= 0 == 0 != 1\n", ""},
        Row{"import os\nHOME = os.environ['HOME']\n", ""},
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
        Row{"from unittest import mock\n@mock.patch('a.b')\ndef test(m): pass\n", ""},
        // What is passed to the file's own functions, and changed there, is the file's.
        Row{"def fill(d):\n    d['a'] = 1\n    return d\nA = fill({})\n", ""},
        Row{"from mod import X\ndef wrap(x):\n    return [x]\nA = wrap(X)\n", ""},
        Row{"import mod\nNAMES = list(map(str, mod.names))\n", ""},
        Row{"import mod\nN = next(x for x in mod.names)\n", ""},
        Row{"import heapq, operator\nH = []\nheapq.heappush(H, 1)\noperator.setitem({}, 1, 2)\n", ""},
        Row{"A = {}\ndict.update(A, b=1)\nB = dict.fromkeys('ab')\n", ""},
        Row{"import mod\na, b = mod.make, 1\nc, d = 1, []\nd.append(c)\n", ""},
        Row{"import mod\nX = [mod.names]\nX.append(mod.x)\nX[0] = 1\nf = lambda: mod.add(1)\n", ""},
        Row{"import operator\nX = sorted('ab', key=str.lower)\nX.sort(key=operator.itemgetter(0), reverse=True)\n", ""},
        Row{"class A:\n    rows = {}\nA.rows['a'] = []\nA.rows['a'].append(1)\nX = [A]\nX[0].x = 1\n", ""},
        Row{"class Case:\n    def __init__(self, x):\n        self.x = x\nCASES = [Case(1), Case(2)]\n", ""},
        Row{"A = type('A', (object,), {})\nB = type(A)\n", ""},
        Row{"def times(n):\n    def deco(f):\n        def inner():\n            boom()\n        return inner\n"
            "    return deco\n@times(2)\ndef test(): pass\n",
            ""},
        Row{"from mod import x\nfrom functools import partial\nf = partial(x, 1)\n", ""},
        Row{"class Base:\n    all = []\n    def __init_subclass__(cls):\n        cls.all.append(cls)\n"
            "class A(Base): pass\n",
            ""}));

INSTANTIATE_TEST_SUITE_P(
    NobodySeesWhatIsDecorated, Table,
    testing::Values(
        Row{"import functools, lib\n@functools.wraps(lib.f)\ndef f(): pass\n@functools.total_ordering\nclass A: pass\n",
            ""},
        Row{"import functools, lib\ndef f(): pass\nfunctools.update_wrapper(f, lib.g)\n", ""},
        Row{"import dataclasses\n@dataclasses.dataclass(order=True)\nclass A: pass\nclass B: pass\n"
            "dataclasses.dataclass(B)\nC = dataclasses.dataclass(frozen=True)(B)\n",
            ""},
        Row{"import pytest\ndef both(n):\n    def deco(f):\n        return pytest.mark.parametrize(n, [1])(f)\n"
            "    return deco\n@both('x')\ndef test(x): pass\n",
            ""},
        Row{"import operator, lib\nN = operator.itemgetter(1)(lib.names)\n", ""}));

INSTANTIATE_TEST_SUITE_P(
    OthersMaySee, Table,
    testing::Values(
        Row{"import functools, lib\nfunctools.update_wrapper(lib.f, print)\n", "calls functools.update_wrapper()"},
        Row{"import functools, lib\nfunctools.total_ordering(lib.C)\n", "calls functools.total_ordering()"},
        Row{"import functools, lib\nfunctools.wraps(print)(lib.f)\n", "calls what functools.wraps() returns"},
        Row{"from dataclasses import dataclass\nfrom lib import C\ndataclass(C)\n", "calls dataclasses.dataclass()"},
        Row{"import attr, lib\nattr.s(lib.C)\n", "calls attr.s()"},
        Row{"import attr, lib\nattr.s(slots=True)(lib.C)\n", "calls what attr.s() returns"},
        Row{"import pytest, lib\npytest.mark.skipif(True, reason='x')(lib.TestC)\n",
            "calls what pytest.mark.skipif() returns"},
        Row{"import mod\nfor m in mod.all:\n    m >> 1\n", "operators on m"},
        Row{"import mod\nX = f'{mod.add(1)}'\n", "calls mod.add()"},
        Row{"import mod\nX = f'{{mod.add(1)}} {1:>{mod.add(2)}}'\n", "calls mod.add()"},
        Row{R"(X = f'{f"{f'{f"{f'{1}'}"}'}"}')", "f-strings in f-strings"},
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
        Row{"import mod\nmod.x <<= 1\n", "changes mod.x"}, Row{"import mod\nmod.x //= 2\n", "changes mod.x"},
        Row{"import mod\nclass A:\n    if X:\n        def go(self): mod.x = 1\nA().go()\n", "calls what A() returns"},
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
        // By detours.
        Row{"import mod\ndef patch(m):\n    m.x = 1\npatch(mod)\n", "calls patch()"},
        Row{"import mod\ndef patch(m, n):\n    m.names.append(n)\nfor m in (mod, 1):\n    patch(m, 2)\n",
            "calls patch()"},
        Row{"import mod\nlist(map(mod.add, 'ab'))\n", "calls map()"},
        Row{"import mod\nlist(map(lambda m: setattr(m, 'x', 1), [mod]))\n", "calls setattr()"},
        Row{"import mod\ndef add(x):\n    mod.names.append(x)\nlist(map(add, 'ab'))\n", "calls map()"},
        Row{"import mod\nfrom functools import partial\nadd = partial(mod.add, 1)\nadd()\n", "calls add()"},
        Row{"import mod\nfrom functools import partial\npartial(mod.add, 1)()\n",
            "calls what functools.partial() returns"},
        Row{"from mod import Base\nA = type('A', (Base,), {})\n", "calls type()"},
        Row{"from mod import Base\nimport types\nA = types.new_class('A', (Base,))\n", "calls types.new_class()"},
        Row{"import mod\nclass P:\n    def __init__(self):\n        mod.names.append(self)\nP()\n", "calls P()"},
        Row{"import mod\nclass P:\n    def __init__(self):\n        mod.names.append(self)\nclass Q(P): pass\nQ()\n",
            "calls Q()"},
        Row{"import mod\nclass P:\n    def go(self):\n        mod.x = 1\np = P()\np.go()\n", "calls p.go()"},
        Row{"import mod\nclass P:\n    def go(self):\n        mod.x = 1\nP().go()\n", "calls what P() returns"},
        Row{"import mod\nclass Base:\n    def __init_subclass__(cls):\n        mod.add(cls)\nclass A(Base): pass\n",
            "class A(Base)"},
        Row{"import mod\ndef named(n):\n    def deco(f):\n        mod.names[n] = f\n        return f\n    return deco\n"
            "@named('x')\ndef f(): pass\n",
            "@named"},
        Row{"import mod\ndef named(n):\n    def deco(f):\n        mod.names[n] = f\n        return f\n    return deco\n"
            "def f(): pass\nnamed('x')(f)\n",
            "calls what named() returns"},
        Row{"def setup():\n    import mod\n    mod.x = 1\nsetup()\n", "calls setup()"},
        Row{"import mod\ngetattr(mod, 'add')(1)\n", "calls what getattr() returns"},
        Row{"import mod\nvars(mod)['x'] = 1\n", "changes vars(mod)['x']"},
        Row{"import mod\na, b = mod.names, 1\na.append(1)\n", "calls a.append()"},
        Row{"import mod\nif (names := mod.names):\n    names.append(1)\n", "calls names.append()"},
        Row{"import bisect, mod\nbisect.insort(mod.names, 1)\n", "calls bisect.insort()"},
        Row{"import operator, mod\noperator.setitem(mod.names, 1, 2)\n", "calls operator.setitem()"},
        Row{"import mod\nlist.append(mod.names, 1)\n", "calls list.append()"},
        Row{"import mod\n[setattr(m, 'x', 1) for m in mod.all]\n", "calls setattr()"},
        // In what is the file's own.
        Row{"import mod\nadd = lambda x: mod.add(x)\nadd(1)\n", "calls add()"},
        Row{"import mod\nX = sorted('ab', key=mod.rank)\n", "calls sorted()"},
        Row{"import mod\nX = ['b', 'a']\nX.sort(key=lambda x: mod.add(x))\n", "calls mod.add()"},
        Row{"import mod\nfrom collections import defaultdict\nfrom dataclasses import field\n"
            "X = field(default_factory=mod.make)\n",
            "calls dataclasses.field()"},
        Row{"import mod\nX: mod.make() = 1\n", "calls mod.make()"},
        Row{"import mod\nclass A:\n    def __enter__(self): mod.x = 1\n    def __exit__(self, *a): pass\n"
            "with A(): pass\n",
            "calls A()"},
        Row{"import mod\nclass A:\n    def __set_name__(self, owner, name): mod.names.append(name)\n"
            "class B:\n    x = A()\n",
            "calls A()"},
        Row{"import mod\nADD = {'a': mod.add}\nADD['a'](1)\n", "calls an item of ADD"},
        Row{"import mod\nX = [mod.names]\nX[0].append(1)\n", "calls an item of X"},
        Row{"import mod\nX = []\nX.append(mod.names)\nX[0].append(1)\n", "calls an item of X"},
        Row{"import mod\nX = {}\nX['a'] = mod.names\nX['a'].append(1)\n", "calls an item of X"},
        Row{"import mod\nX = [mod.names]\na = X[0]\na.append(1)\n", "calls a.append()"},
        Row{"import mod\nX = [mod.box]\nX[0].x = 1\n", "changes X[0].x"},
        Row{"import mod\nclass A:\n    def __init__(self, names):\n        self.names = names\n"
            "a = A(mod.names)\na.names.append(1)\n",
            "calls a.names.append()"},
        Row{"import mod\nclass A:\n    names = mod.names\nA.names.append(1)\n", "calls A.names.append()"},
        Row{"import mod\nclass A:\n    add = mod.add\nA.add(1)\n", "calls A.add()"},
        Row{"import mod\nclass A:\n    names = mod.names\nnames = A.names\nnames.append(1)\n", "calls names.append()"},
        Row{"from mod import counter\nID = next(counter)\n", "calls next()"}, Row{"raise ValueError\n", "raises"},
        Row{"x = (1\n", "text that could not be read"}));

/// "kind name" of each, in order.
std::string assumed(const std::string& text) {
  const ModuleEffects effects = module_effects(text);
  EXPECT_EQ(effects.seen, "") << text;
  std::string all;
  for (const Assumption& each : effects.assumes) {
    constexpr const char* kKinds[] = {"read ", "value ", "inert ", "base "};
    all += (all.empty() ? "" : ", ") + (kKinds[static_cast<int>(each.kind)] + each.name);
  }
  return all;
}

class Assumptions : public testing::TestWithParam<Row> {};

TEST_P(Assumptions, Row) { EXPECT_EQ(assumed(GetParam().text), GetParam().seen) << GetParam().text; }

INSTANTIATE_TEST_SUITE_P(
    AreNone, Assumptions,
    testing::Values(
        Row{"import lib\nX = lib\ndef test():\n    lib.a >> lib.b\nF = lambda: lib.a\n", ""},
        Row{"from lib import a\nX = [a, (a, a)]\nY = a if 1 else a\nZ = a is None\n", ""},
        Row{"import sys\nOLD = sys.version_info < (3, 9) or sys.platform == 'win32' or sys.version_info[0]\n", ""},
        Row{"from pathlib import Path\nROOT = Path(__file__).parent / 'x'\nX = ROOT / 'a'\nT = f'{ROOT}'\n", ""},
        Row{"import os\nfor n in os.environ: pass\nif os.environ: pass\nA, B = os.sep, list(os.environ)\n", ""},
        Row{"import pytest\nfrom typing import List\nX = List[int]\nY = pytest.mark.slow\n", ""},
        Row{"import unittest\nclass A(unittest.TestCase): pass\nclass B(A): pass\n", ""},
        Row{"NAMES = ['a']\nX = NAMES[0] + f'{NAMES}'\na, b = NAMES\nfor n in NAMES: x = n + 'x'\n", ""},
        Row{"import lib\nX = '{lib.x}'\n", ""}));

INSTANTIATE_TEST_SUITE_P(
    AreMade, Assumptions,
    testing::Values(
        Row{"from base import MyTestCase\nclass TestA(MyTestCase): pass\n", "base base.MyTestCase"},
        Row{"from . import base\nclass A(base.TestBase): pass\n", "base .base.TestBase"},
        Row{"import big\nX = big.png\nY = big.png\n", "read big.png"},
        Row{"import big\ndef f(x: big.png, y=big.jpeg): pass\n", "read big.png, read big.jpeg"},
        Row{"import big\nX = getattr(big, 'png')\nY = getattr(big, NAME, 1)\n", "read big.png, value big"},
        Row{"from dag import a, b\na >> b\n", "value dag.a, value dag.b"},
        Row{"import dag\nX = -(dag.a)\nY = dag.t['x']\nZ = 1 if dag.c else 2\nW = not dag.d\nV = 1 in dag.e\n",
            "value dag.a, value dag.t, value dag.c, value dag.d, value dag.e"},
        Row{"from dag import main, a\nwith main:\n    X = 1\nif a: pass\n", "value dag.main, value dag.a"},
        Row{"from dag import a, b, c\nX = f'{{a}} {b!r:>{c}}'\n", "value dag.b, value dag.c"},
        Row{"import lib\nfor n in lib.names: pass\nX = [n for n in lib.all if lib.has]\n",
            "value lib.names, value lib.all, value lib.has"},
        Row{"import lib\nX = list(lib.names)\nY = ', '.join(lib.words)\n",
            "value lib.names, read lib.names, value lib.words, read lib.words"},
        Row{"import itertools, lib\nA, B = itertools.islice(lib.it, 2)\nC, D = lib.pair\n",
            "value lib.it, read lib.it, read lib.pair, value lib.pair"},
        Row{"import lib\ndef f(x):\n    return [y for y in x]\nX = f(lib.it)\n", "value lib.it, read lib.it"},
        Row{"import lib\ndef f():\n    return lib.a + 1\nX = f()\n", "value lib.a"},
        Row{"import lib\nx = 1\nx += lib.y\n", "value lib.y"},
        Row{"import pytest, lib\nX = pytest.mark.timeout(lib.T)\n", "inert lib.T, read lib.T"}));

TEST(ModuleEffectsTest, TheLineIsTold) {
  const ModuleEffects effects = module_effects("'''One\ntwo.'''\nimport mod\n\nmod.x = 1\n");
  EXPECT_EQ(effects.line, 5U);
}

TEST(ModuleEffectsTest, WhatIsForOneProcessIsForeseen) {
  const ModuleEffects effects = module_effects("import uuid\ndef make():\n    return uuid.uuid4()\nIDS = [make()]\n");
  EXPECT_EQ(effects.seen, "");
  EXPECT_EQ(effects.binds, "uuid.uuid4()");
  EXPECT_EQ(effects.binds_line, 3U);
  EXPECT_EQ(
      module_effects("import pytest, os\n@pytest.mark.parametrize('a', [os.urandom(2)])\ndef test(a): pass\n").binds,
      "os.urandom()");
  EXPECT_EQ(module_effects("from uuid import uuid4\ndef test(): uuid4()\n").binds, "");
  EXPECT_EQ(module_effects("import random\nrandom.seed(1)\n").binds, "");
}

TEST(ModuleEffectsTest, ImportsOfCalledFunctionsCount) {
  const ModuleEffects effects = module_effects("def load():\n    import a\n    return a.b\nload()\n");
  ASSERT_EQ(effects.seen, "");
  const std::vector<ImportStep> wanted = {{"a", {}, false, false}};
  EXPECT_EQ(effects.imports, wanted);
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
