// A directory for one test, its name its own (tests run side by side), removed with all that is in it.
#pragma once

#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace trun {

class TemporaryTree {
 public:
  TemporaryTree() {
    std::string name = std::filesystem::temp_directory_path() / "trun-unit-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    root_ = std::filesystem::canonical(name);
  }
  ~TemporaryTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  TemporaryTree(const TemporaryTree&) = delete;
  TemporaryTree& operator=(const TemporaryTree&) = delete;

  const std::string& root() const { return root_; }
  std::string path(const std::string& name) const { return root_ + "/" + name; }

  /// Writes a file and the directories above it.
  void write(const std::string& name, const std::string& text = "def test_a(): pass\n") const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
  }

  void link(const std::string& target, const std::string& name) const {
    std::filesystem::create_symlink(target, path(name));
  }

  /// The path without the root.
  std::string relative(const std::string& absolute) const {
    return absolute.rfind(root_ + "/", 0) == 0 ? absolute.substr(root_.size() + 1) : absolute;
  }

 private:
  std::string root_;
};

}  // namespace trun
