#include "runner/containment/guardian_page.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace trun {

/// Zeros, as a fresh file has them, are its beginning.
struct GuardianPage::Words {
  std::atomic<std::uint64_t> beats;
  /// The address of a literal: of the same program in both processes, which share it by fork.
  std::atomic<const char*> report;
  std::atomic<bool> terminal;
  char stage[81];
  char cgroup[1001];
  char memory_groups[1001];
  char folder[1001];
};

namespace {

template <std::size_t Size>
void put(char (&into)[Size], std::string_view text) {
  const std::size_t length = std::min(text.size(), Size - 1);
  std::memcpy(into, text.data(), length);
  into[length] = '\0';
}

/// Half a path would be somebody else's.
template <std::size_t Size>
void put_whole(char (&into)[Size], std::string_view path) {
  put(into, path.size() < Size ? path : std::string_view());
}

/// Whoever wrote it may have died in the middle: there is always a zero at the end.
template <std::size_t Size>
std::string text_of(const char (&from)[Size]) {
  return {from, ::strnlen(from, Size - 1)};
}

}  // namespace

Result<GuardianPage> GuardianPage::create() {
  TRUN_TRY(file, posix::memory_file("trun-guardian", sizeof(Words)));
  TRUN_TRY(mapping, posix::map_shared(file, sizeof(Words)));
  return GuardianPage(std::move(mapping));
}

// Relaxed: the guardian only asks whether the count differs from the one that it saw last.
void GuardianPage::beat() { words().beats.fetch_add(1, std::memory_order_relaxed); }

// Plain bytes: a guardian that reads in the middle of this shows a mixture of two stages once, no more.
void GuardianPage::at(std::string_view stage) { put(words().stage, stage); }

void GuardianPage::reporting(const char* report) { words().report.store(report, std::memory_order_relaxed); }

void GuardianPage::hold_cgroup(std::string_view folder) { put_whole(words().cgroup, folder); }

void GuardianPage::hold_memory_groups(std::string_view folder) { put_whole(words().memory_groups, folder); }

void GuardianPage::hold_folder(std::string_view folder) { put_whole(words().folder, folder); }

void GuardianPage::hold_terminal(bool held) { words().terminal.store(held); }

std::uint64_t GuardianPage::beats() const { return words().beats.load(std::memory_order_relaxed); }

std::string GuardianPage::stage() const {
  // A reporter that hangs is named before the stage: it is what the loop waits for.
  const char* report = words().report.load(std::memory_order_relaxed);
  return report ? "writing the " + std::string(report) + " report" : text_of(words().stage);
}

bool GuardianPage::terminal() const { return words().terminal.load(); }

std::string GuardianPage::cgroup() const { return text_of(words().cgroup); }

std::string GuardianPage::memory_groups() const { return text_of(words().memory_groups); }

std::string GuardianPage::folder() const { return text_of(words().folder); }

}  // namespace trun
