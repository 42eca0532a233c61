#include "runner/engine/others_imports.h"

#include <gtest/gtest.h>

#include <string>

#include "collectors/source_scan.h"

namespace trun {
namespace {

Discovery files(const std::vector<std::pair<std::string, std::string>>& texts) {
  Discovery found;
  for (const auto& [path, text] : texts) found.files.push_back({path, scan_source(text)});
  return found;
}

std::string told(const Discovery& found) {
  std::string text;
  for (const OthersImport& file : others_imports(found)) {
    text += file.path + ":";
    if (!file.modules) text += " itself";
    for (const ModuleImport& each : file.modules.value_or(std::vector<ModuleImport>())) {
      text += " " + each.module + (each.optional ? "?" : "");
      for (const std::string& name : each.names) text += "," + name;
    }
    for (const ImportAssumption& each : file.assumes) text += " " + each.kind + ":" + each.name;
    text += "\n";
  }
  return text;
}

TEST(OthersImportsTest, WhatNobodySeesIsReplacedByItsImports) {
  EXPECT_EQ(told(files({{"/r/test_a.py", "import xml.dom\nfrom json import tool, decoder\n"}})),
            "/r/test_a.py: xml.dom json,tool,decoder\n");
}

TEST(OthersImportsTest, WhatOthersMaySeeIsImportedItself) {
  EXPECT_EQ(told(files({{"/r/test_a.py", "import m\nm.x = 1\n"}})), "/r/test_a.py: itself\n");
}

TEST(OthersImportsTest, AssumptionsAreKeptWhereAllImportsAreMade) {
  EXPECT_EQ(told(files({{"/r/test_a.py", "import m\n"}, {"/r/test_b.py", "import m\nm.a >> m.b\nX = m.c\n"}})),
            "/r/test_a.py: m\n/r/test_b.py: value:m.a value:m.b read:m.c\n");
}

TEST(OthersImportsTest, AnImportIsMadeOnce) {
  EXPECT_EQ(
      told(files({{"/r/test_a.py", "import pytest, m\n"}, {"/r/test_b.py", "import m, pytest\nfrom m import x\n"}})),
      "/r/test_a.py: m\n/r/test_b.py: m,x\n");
}

TEST(OthersImportsTest, ARelativeImportIsThatOfItsFolder) {
  EXPECT_EQ(told(files({{"/r/a/test_a.py", "from . import m\n"},
                        {"/r/a/test_b.py", "from . import m\n"},
                        {"/r/b/test_a.py", "from . import m\n"}})),
            "/r/a/test_a.py: .,m\n/r/b/test_a.py: .,m\n");
}

TEST(OthersImportsTest, WhatMayNotHaveBeenImportedIsImportedAgain) {
  EXPECT_EQ(told(files({{"/r/test_a.py", "import pytest\npytest.importorskip('np')\nimport m\n"},
                        {"/r/test_b.py", "try:\n    import o\nexcept ImportError: pass\nimport m\n"},
                        {"/r/test_c.py", "import m\nimport o\n"}})),
            "/r/test_a.py: np m\n/r/test_b.py: o? m\n/r/test_c.py: o\n");
}

TEST(OthersImportsTest, FilesAreNamedWithLineAndReason) {
  const Discovery found =
      files({{"/r/test_a.py", "import m\nm.x = 1\n"}, {"/r/test_b.py", "f()\n"}, {"/r/test_c.py", ""}});
  const SeenFiles seen = seen_files(found, "/r");
  EXPECT_EQ(seen.count, 2U);
  EXPECT_EQ(seen.first, "test_a.py:2 changes m.x; test_b.py:1 calls f()");
  EXPECT_EQ(
      why_imports(others_imports(found), seen),
      "every worker imports 2 files of others, because their tests may see what these do: test_a.py:2 changes m.x; "
      "test_b.py:1 calls f()");
}

TEST(OthersImportsTest, ImportsAreCounted) {
  const Discovery found = files({{"/r/test_a.py", "import a\nimport b\n"}});
  EXPECT_EQ(why_imports(others_imports(found), seen_files(found, "/r")),
            "every worker makes 2 imports of others' files");
}

}  // namespace
}  // namespace trun
