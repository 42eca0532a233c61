#include "collectors/conftest_scan.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

using Words = std::vector<std::string>;

TEST(ConftestScanTest, PlainFixturesMentionNothing) {
  EXPECT_EQ(scan_conftest("import pytest\nfrom os import path\n\n@pytest.fixture(scope='session')\ndef db(request):\n"
                          "    for k, v in {}.items(): pass\n    monkeypatch.setattr(os, 'x', 1)\n    "
                          "re.compile('x')\n    return Path(__file__)\n"),
            Words{});
}

TEST(ConftestScanTest, HooksHoweverTheyAreWritten) {
  EXPECT_EQ(scan_conftest("def pytest_configure(config): pass\n"), Words{"pytest_configure"});
  EXPECT_EQ(
      scan_conftest(
          "from .hooks import (pytest_collection_modifyitems,\n pytest_itemcollected as b)\npytest_plugins = ['x']\n"),
      (Words{"pytest_collection_modifyitems", "pytest_itemcollected", "pytest_plugins"}));
  EXPECT_EQ(scan_conftest("@hookimpl(specname='pytest_configure')\ndef f(): pass\n"), Words{"pytest_configure"});
}

TEST(ConftestScanTest, CommentsDoNotCountIfTheTextWasUnderstood) {
  EXPECT_EQ(scan_conftest("x = 1  # pytest_configure\n# exec(x)\n"), Words{});
  EXPECT_EQ(scan_conftest("x = '  # pytest_configure\n"), (Words{"exec", "pytest_configure"}));
  EXPECT_EQ(scan_conftest("x = ' # pytest_configure'\n"), Words{"pytest_configure"});
}

TEST(ConftestScanTest, HooksFromElsewhere) {
  EXPECT_EQ(scan_conftest("from x import *\n"), Words{"import *"});
  EXPECT_EQ(scan_conftest("from x import \\\n  *\n"), Words{"import *"});
  EXPECT_EQ(scan_conftest("exec (code)\n"), Words{"exec"});
  EXPECT_EQ(scan_conftest("eval(code)\ncursor.exec(code)\n"), Words{"exec"});
  EXPECT_EQ(scan_conftest("globals()['pytest_' + name] = f\n"), (Words{"globals", "pytest_"}));
  EXPECT_EQ(scan_conftest("setattr(m, n, f)\n"), Words{"globals"});
  EXPECT_EQ(scan_conftest("vars()[n] = f\n"), Words{"globals"});
  EXPECT_EQ(scan_conftest("sys.modules[__name__].__class__ = M\n"), Words{"globals"});
  EXPECT_EQ(scan_conftest("sys.modules['x'] = M\n"), Words{});
}

TEST(ConftestScanTest, WhoAsksWhichWorkerItIsIn) {
  EXPECT_EQ(scan_conftest("@fixture\ndef db(worker_id): pass\n"), Words{"worker_id"});
  EXPECT_EQ(scan_conftest("from xdist import get_xdist_worker_id as f\n"), Words{"worker_id"});
  EXPECT_EQ(scan_conftest("os.environ['PYTEST_XDIST_WORKER']\n"), Words{"PYTEST_XDIST"});
}

TEST(ConftestScanTest, AttributesThatAreNoHooks) {
  EXPECT_EQ(scan_conftest("setattr(item, 'rep_' + rep.when, rep)\n"), Words{});
  EXPECT_EQ(scan_conftest("setattr(request.cls, \"driver\", d)\nsetattr(node, f'rep_{w}', r)\n"), Words{});
  EXPECT_EQ(scan_conftest("setattr(m, 'report_%s' % when, f)\n"), Words{});
  EXPECT_EQ(scan_conftest("setattr(m, 'pytest' + '_x', f)\n"), Words{"globals"});
  EXPECT_EQ(scan_conftest("setattr(m, f'{a}_x', f)\nsetattr(m, '%s_x' % a, f)\n"), Words{"globals"});
  EXPECT_EQ(scan_conftest("setattr(m, '\\x70ytest_x', f)\n"), Words{"globals"});
  EXPECT_EQ(scan_conftest("setattr(m, 'a' if b else c, f)\n"), Words{"globals"});
  EXPECT_EQ(scan_conftest("setattr(m(), 'a', f)\nsetattr(m, 'a', f)\n"), Words{"globals"});
  EXPECT_EQ(scan_conftest("put = setattr\nput(m, n, f)\n"), Words{"globals"});
}

TEST(ConftestScanTest, ComputedHookNames) {
  EXPECT_EQ(scan_conftest("@hookimpl(specname=NAME)\ndef f(): pass\n"), Words{"exec"});
  EXPECT_EQ(scan_conftest("@hookimpl(specname='pyt' 'est_x')\ndef f(): pass\n"), Words{"exec"});
  EXPECT_EQ(scan_conftest("@hookimpl(specname='\\x70ytest')\ndef f(): pass\n"), Words{"exec"});
  EXPECT_EQ(scan_conftest("@hookimpl(**options)\ndef f(): pass\n"), Words{"exec"});
  EXPECT_EQ(scan_conftest("def ｐytest_configure(): pass\n"), Words{"exec"});
  EXPECT_EQ(scan_conftest("x = 'größe'  # größe\n"), Words{});
}

TEST(ConftestScanTest, WordsThatMatterToCollecting) {
  EXPECT_EQ(scan_conftest("def pytest_sessionfinish(session): print(len(session.items), session.testscollected)\n"),
            (Words{"pytest_sessionfinish", "session.items", "testscollected"}));
  EXPECT_EQ(scan_conftest("s = request.session\nfor i in s . items: pass\n"), Words{"session.items"});
  EXPECT_EQ(scan_conftest("getattr(session, 'items')\n"), Words{"session.items"});
  EXPECT_EQ(scan_conftest("data['items']\n"), Words{});
  EXPECT_EQ(scan_conftest("collect_ignore = []\ncollect_ignore_glob = []\n"),
            (Words{"collect_ignore", "collect_ignore_glob"}));
  EXPECT_EQ(scan_conftest("hasattr(config, 'workerinput') or os.environ['PYTEST_XDIST_WORKER']\n"),
            (Words{"PYTEST_XDIST", "workerinput"}));
}

TEST(ConftestScanTest, WideParams) {
  EXPECT_EQ(scan_conftest("@pytest.fixture(scope='session', params=[1, 2])\ndef db(): pass\n"), Words{"wide_params"});
}

}  // namespace
}  // namespace trun
