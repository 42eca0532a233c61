// Golden files: a report's whole text, kept in data/. TRUN_UPDATE_GOLDEN=1 writes them anew; the change is then for git
// diff and a person to judge.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace trun {

inline std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Compares `text` with data/`name`.
inline void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(TRUN_TEST_DATA) + "/" + name;
  if (std::getenv("TRUN_UPDATE_GOLDEN")) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  EXPECT_EQ(text, read_text(path)) << "differs from data/" << name << " (TRUN_UPDATE_GOLDEN=1 rewrites it)";
}

}  // namespace trun
