// The checker of allocations over logs as literals: one that is in order, and each way in which one can be bad.
#include "tests/allocations/check_allocations.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/allocations/overlaps.h"

namespace trun {
namespace {

/// A log line by line, so that a test changes one and the rest stays right: two tests that want the only gpu, one after
/// the other on two workers, two readers of db at one time, a plain test beside them, and one that runs alone.
struct Log {
  std::vector<std::string> lines = {
      R"({"event": "run_started", "at": 0.0, "resources": [["gpu", 1], ["db", 1], ["cpu", 4]]})",
      R"({"event": "collection_finished", "at": 0.1, "items": ["a::g1", "a::g2", "a::r1", "a::r2", "a::s", "a::p"],
 "demands": [{"nodeid": "a::g1", "resources": ["gpu"]},
 {"nodeid": "a::g2", "resources": ["gpu", "cpu:2"]},
 {"nodeid": "a::r1", "resources": ["read:db"]},
 {"nodeid": "a::r2", "resources": ["read:db"]},
 {"nodeid": "a::s", "resources": [], "serial": true}]})",
      taken(0.2, 1, "gw0", "a::g1", {R"({"name": "gpu", "amount": 1, "units": [0], "capacity": 1})"}),
      taken(0.2, 2, "gw1", "a::r1", {reader()}),
      taken(0.3, 3, "gw2", "a::r2", {reader()}),
      ended(0.5, "a::g1", "gw0", 0.21, 0.28),
      released(0.5, 1, "gw0"),
      taken(0.5, 4, "gw0", "a::g2",
            {R"({"name": "gpu", "amount": 1, "units": [0], "capacity": 1})",
             R"({"name": "cpu", "amount": 2, "units": [0, 1], "capacity": 4})"}),
      ended(0.6, "a::r1", "gw1", 0.22, 0.37),
      released(0.6, 2, "gw1"),
      ended(0.7, "a::p", "gw1", 0.61, 0.05),
      ended(0.8, "a::g2", "gw0", 0.51, 0.28),
      released(0.8, 4, "gw0"),
      ended(0.9, "a::r2", "gw2", 0.31, 0.58),
      released(0.9, 3, "gw2"),
      taken(1.0, 5, "gw2", "a::s", {}, true),
      ended(1.2, "a::s", "gw2", 1.01, 0.18),
      released(1.2, 5, "gw2"),
      R"({"event": "run_finished", "at": 1.3, "exit_code": 0})"};

  static std::string reader() { return R"({"name": "db", "amount": 1, "shared": true, "units": [0], "capacity": 1})"; }
  static std::string number(double value) { return std::to_string(value); }
  static std::string taken(double at, int hold, const std::string& worker, const std::string& test,
                           const std::vector<std::string>& shares, bool serial = false) {
    std::string text = R"({"event": "resources_taken", "at": )" + number(at) + R"(, "hold": )" + std::to_string(hold) +
                       R"(, "worker": ")" + worker + R"(", "nodeid": ")" + test + R"(", "resources": [)";
    for (const auto& share : shares) text += (&share == shares.data() ? "" : ", ") + share;
    return text + (serial ? R"(], "serial": true})" : "]}");
  }
  static std::string released(double at, int hold, const std::string& worker) {
    return R"({"event": "resources_released", "at": )" + number(at) + R"(, "hold": )" + std::to_string(hold) +
           R"(, "worker": ")" + worker + R"("})";
  }
  static std::string ended(double at, const std::string& test, const std::string& worker, double started, double call) {
    return R"({"event": "test_finished", "at": )" + number(at) + R"(, "nodeid": ")" + test +
           R"(", "outcome": "passed", "worker": ")" + worker + R"(", "attempt": 1, "started": )" + number(started) +
           R"(, "durations": {"setup": 0.0, "call": )" + number(call) + R"(, "teardown": 0.0}})";
  }

  /// Line `from` of the log comes as line `to`.
  Log& move(std::size_t from, std::size_t to) {
    const std::string line = lines[from];
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(from));
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(to), line);
    return *this;
  }
  Log& insert(std::size_t at, const std::string& line) {
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), line);
    return *this;
  }
  Log& erase(std::size_t at) {
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
    return *this;
  }
  Log& replace(std::size_t at, const std::string& what, const std::string& with) {
    const std::size_t found = lines[at].find(what);
    EXPECT_NE(found, std::string::npos) << "line " << at << " has no " << what;
    lines[at].replace(found, what.size(), with);
    return *this;
  }

  std::string text() const {
    std::string all;
    for (std::string line : lines) {
      for (char& c : line) c = c == '\n' ? ' ' : c;
      all += line + "\n";
    }
    return all;
  }
  /// "line: kind" of each violation.
  std::string found() const { return found_in(text()); }
  static std::string found_in(const std::string& text) {
    std::string all;
    for (const Violation& violation : check_allocations(text).violations) {
      all += (all.empty() ? "" : ", ") + std::to_string(violation.line) + ": " + violation.kind;
      EXPECT_NE(violation.what, "");
    }
    return all;
  }
};

TEST(CheckAllocationsTest, ALogInOrderHasNoViolation) {
  const AllocationCheck check = check_allocations(Log().text());
  EXPECT_EQ(Log().found(), "");
  EXPECT_EQ(check.tests, 6u);
  EXPECT_EQ(check.holds, 5u);
}

TEST(CheckAllocationsTest, AUnitThatTwoHaveIsOversubscribed) {
  Log log;
  log.move(6, 7);  // gw3 takes hold 4 before gw0 released hold 1
  log.replace(6, R"("worker": "gw0")", R"("worker": "gw3")").replace(11, "gw0", "gw3").replace(12, "gw0", "gw3");
  EXPECT_EQ(log.found(), "7: oversubscribed");
}

TEST(CheckAllocationsTest, AUnitThatDoesNotExistIsOversubscribed) {
  EXPECT_EQ(Log().replace(2, R"("units": [0])", R"("units": [1])").found(), "3: oversubscribed");
}

TEST(CheckAllocationsTest, TestsAtWorkAtOneTimeAreOversubscribedWhateverWasTaken) {
  // Taken and released in order; by its own times the second test began while the first was at work.
  Log log;
  log.replace(11, R"("started": 0.510000)", R"("started": 0.300000)");
  EXPECT_EQ(log.found(), "12: ran_without, 12: oversubscribed");
}

TEST(CheckAllocationsTest, UnitsMustBeAsManyAsWereTaken) {
  EXPECT_EQ(Log().replace(7, "[0, 1]", "[0, 0]").found(), "8: wrong_units");
  EXPECT_EQ(Log().replace(7, "[0, 1]", "[0, 1, 2]").found(), "8: wrong_units");
}

TEST(CheckAllocationsTest, ReleasedWithoutTake) {
  EXPECT_EQ(Log().insert(5, Log::released(0.4, 77, "gw0")).found(), "6: released_without_take");
}

TEST(CheckAllocationsTest, ReleasedByAnother) {
  EXPECT_EQ(Log().replace(9, "gw1", "gw2").found(), "10: released_without_take, 16: serial_beside, 20: held_at_end");
}

TEST(CheckAllocationsTest, ReleasedTwice) {
  EXPECT_EQ(Log().insert(7, Log::released(0.5, 1, "gw0")).found(), "8: released_without_take");
}

TEST(CheckAllocationsTest, AHoldIsTakenOnce) {
  Log log;
  log.insert(18, Log::taken(1.2, 2, "gw3", "a::r1", {Log::reader()})).insert(19, Log::released(1.2, 2, "gw3"));
  EXPECT_EQ(log.found(), "19: taken_twice");
}

TEST(CheckAllocationsTest, AWorkerHoldsOneThingAtATime) {
  Log log;
  log.insert(3, Log::taken(0.2, 9, "gw0", "a::r1", {Log::reader()})).insert(4, Log::released(0.2, 9, "gw0"));
  EXPECT_EQ(log.found(), "4: taken_twice");
}

TEST(CheckAllocationsTest, WhatIsLeftOfADeadWorkerIsNotItsSuccessor) {
  Log log;
  log.lines[2] = Log::taken(0.2, 1, "gw0", "a::g1", {R"({"name": "gpu", "amount": 1, "units": [0], "capacity": 1})"});
  const std::string died = R"({"event": "worker_exited", "at": 0.2, "worker": "gw0"})";
  log.insert(3, died).insert(4, Log::taken(0.2, 9, "gw0", "a::r1", {Log::reader()}));
  log.insert(5, Log::released(0.2, 9, "gw0"));
  EXPECT_EQ(log.found(), "");
  EXPECT_EQ(log.erase(3).found(), "4: taken_twice");
}

TEST(CheckAllocationsTest, ATestThatRanWithoutItsDemand) {
  EXPECT_EQ(Log().erase(9).erase(3).found(), "8: ran_without");
  // It held something, not enough of it, or not alone.
  EXPECT_EQ(Log().replace(7, R"("amount": 2, "units": [0, 1])", R"("amount": 1, "units": [0])").found(),
            "12: ran_without");
  EXPECT_EQ(Log().replace(2, R"("amount": 1, "units")", R"("amount": 1, "shared": true, "units")").found(),
            "6: ran_without");
}

TEST(CheckAllocationsTest, ATestThatBeganBeforeItWasGiven) {
  EXPECT_EQ(Log().replace(5, R"("started": 0.210000)", R"("started": 0.150000)").found(), "6: ran_without");
}

TEST(CheckAllocationsTest, ReleasedBeforeTheTestHadEnded) {
  Log log;
  log.replace(6, R"("at": 0.500000)", R"("at": 0.400000)").move(6, 5);
  EXPECT_EQ(log.found(), "7: released_early");
}

TEST(CheckAllocationsTest, HeldAtTheEnd) { EXPECT_EQ(Log().erase(17).found(), "19: held_at_end"); }

TEST(CheckAllocationsTest, AnUnknownResource) {
  EXPECT_EQ(Log().replace(0, R"(["cpu", 4])", R"(["tpu", 4])").found(), "8: unknown_resource");
}

TEST(CheckAllocationsTest, TheCapacityDoesNotChange) {
  EXPECT_EQ(Log().replace(2, R"("capacity": 1)", R"("capacity": 2)").found(), "3: capacity_changed");
  Log log;
  log.insert(5, R"({"event": "run_started", "at": 0.4, "resources": [["gpu", 2]]})");
  EXPECT_EQ(log.found(), "6: capacity_changed");
}

TEST(CheckAllocationsTest, TimeDoesNotGoBackwards) {
  EXPECT_EQ(Log().replace(14, R"("at": 0.9)", R"("at": 0.1)").found(), "15: time_backwards");
}

TEST(CheckAllocationsTest, AWriterBesideAReader) {
  Log log;
  log.replace(4, R"("shared": true, )", "");
  EXPECT_EQ(log.found(), "5: writer_beside_reader");
}

TEST(CheckAllocationsTest, AReaderBesideAWriter) {
  Log log;
  log.replace(3, R"("shared": true, )", "");
  EXPECT_EQ(log.found(), "5: writer_beside_reader");
}

TEST(CheckAllocationsTest, SomethingHeldBesideASerialTest) {
  Log log;
  log.replace(14, R"("at": 0.9)", R"("at": 1.0)").move(14, 15);
  log.replace(14, "gw2", "gw0").replace(16, "gw2", "gw0").replace(17, "gw2", "gw0");
  EXPECT_EQ(log.found(), "15: serial_beside");
}

TEST(CheckAllocationsTest, APlainTestBesideASerialOne) {
  Log log;
  log.insert(17, Log::ended(1.2, "a::q", "gw1", 1.1, 0.05)).replace(1, R"("a::p")", R"("a::p", "a::q")");
  EXPECT_EQ(log.found(), "18: serial_beside");
}

TEST(CheckAllocationsTest, ASerialTestThatWasNotAlone) {
  EXPECT_EQ(Log().replace(15, R"(, "serial": true)", "").found(), "17: ran_without");
}

TEST(CheckAllocationsTest, ATestThatRanTwice) {
  Log log;
  log.insert(11, Log::ended(0.75, "a::p", "gw1", 0.72, 0.01));
  EXPECT_EQ(log.found(), "12: run_twice");
}

TEST(CheckAllocationsTest, ARetryIsNoSecondRun) {
  Log log;
  log.insert(11, Log::ended(0.75, "a::p", "gw1", 0.72, 0.01)).replace(11, R"("attempt": 1)", R"("attempt": 2)");
  EXPECT_EQ(log.found(), "");
}

TEST(CheckAllocationsTest, ATestThatWasNotCollected) {
  EXPECT_EQ(Log().replace(1, R"(, "a::p")", "").found(), "11: unknown_test");
}

TEST(CheckAllocationsTest, ALogCutShort) {
  EXPECT_EQ(Log().erase(18).found(), "19: truncated");
  const std::string text = Log().text();
  EXPECT_EQ(Log::found_in(text.substr(0, text.size() - 1)), "19: truncated, 20: truncated");
  EXPECT_EQ(Log::found_in(""), "1: truncated");
}

TEST(CheckAllocationsTest, LinesThatAreNoEvents) {
  EXPECT_EQ(Log().insert(5, "nonsense").found(), "6: unreadable");
  EXPECT_EQ(Log().insert(5, "[1]").found(), "6: unreadable");
  EXPECT_EQ(Log().insert(5, R"({"event": "notice"})").found(), "6: unreadable");
  EXPECT_EQ(Log().replace(4, R"("hold": 3)", R"("hold": -3)").found(),
            "5: unreadable, 14: ran_without, 15: released_without_take");
  // What it does not know it passes over.
  EXPECT_EQ(Log().insert(5, R"({"event": "of another version", "at": 0.3})").found(), "");
}

TEST(CheckAllocationsTest, DemandsOfOneResourceAddUp) {
  EXPECT_EQ(Log().replace(1, R"(["gpu", "cpu:2"])", R"(["gpu", "cpu", "cpu"])").found(), "");
  EXPECT_EQ(Log().replace(1, R"(["gpu", "cpu:2"])", R"(["gpu", "cpu", "cpu:2"])").found(), "12: ran_without");
  EXPECT_EQ(Log().replace(1, R"(["gpu", "cpu:2"])", R"(["read:gpu", "write:gpu"])").found(), "");
  EXPECT_EQ(Log().replace(1, R"(["gpu", "cpu:2"])", R"(["write:cpu"])").found(), "12: ran_without");
  EXPECT_EQ(Log().replace(1, R"(["gpu", "cpu:2"])", R"(["gpu:two"])").found().substr(0, 13), "2: unreadable");
}

TEST(CheckAllocationsTest, ATestThatNeverBeganNeedsNothing) {
  Log log;
  log.erase(9).erase(3).replace(7, R"("started": 0.220000, )", "");
  EXPECT_EQ(log.found(), "");
}

TEST(OverlapsTest, ReadersTakeWhatTheOneThatWantsMostTakes) {
  using namespace allocation;
  const Demands two{{{"db", 2, true}}, false}, one{{{"db", 1, true}}, false}, alone{{{"db", 1, false}}, false};
  const std::vector<Spell> spells = {
      {1, "a", "gw0", 0, 100, &two}, {2, "b", "gw1", 0, 100, &one}, {3, "c", "gw2", 50, 100, &alone}};
  EXPECT_EQ(oversubscribed(spells, {{"db", 3}}).size(), 0u);
  const auto found = oversubscribed(spells, {{"db", 2}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].line, 3u);
}

TEST(OverlapsTest, WhatRoundingMayHaveMadeIsNone) {
  using namespace allocation;
  const Demands gpu{{{"gpu", 1, false}}, false};
  EXPECT_EQ(oversubscribed({{1, "a", "gw0", 0, 103, &gpu}, {2, "b", "gw1", 100, 200, &gpu}}, {{"gpu", 1}}).size(), 0u);
  EXPECT_EQ(oversubscribed({{1, "a", "gw0", 0, 110, &gpu}, {2, "b", "gw1", 100, 200, &gpu}}, {{"gpu", 1}}).size(), 1u);
}

}  // namespace
}  // namespace trun
