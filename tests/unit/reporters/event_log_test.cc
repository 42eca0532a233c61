#include "reporters/event_log.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <sstream>

#include "tests/unit/reporters/events.h"
#include "tests/unit/reporters/golden.h"
#include "tests/unit/reporters/teller.h"

namespace trun {
namespace {

/// Each element is one write.
std::vector<std::string> writes(const std::vector<RunEvent>& events) {
  std::vector<std::string> out;
  EventLog log([&](std::string_view text) {
    out.emplace_back(text);
    return ok_status();
  });
  Teller teller(log);
  for (const RunEvent& event : events) EXPECT_TRUE(teller.tell(event).ok());
  return out;
}

std::string text(const std::vector<RunEvent>& events) {
  std::string out;
  for (const std::string& write : writes(events)) out += write;
  return out;
}

TEST(EventLogTest, EveryEvent) {
  std::vector<RunEvent> events = every_outcome();
  std::get<event::CollectionFinished>(events[4]).reports.push_back(collect_error());
  events.insert(
      events.end() - 1,
      {event::OutputLine{std::nullopt, event::OutputLine::Stream::err, "from \xff the server"},
       event::OutputLine{1, event::OutputLine::Stream::out, "line"}, event::RunStopped{"stopping after 1 failures"},
       event::CleanupFinished{
           "the run is over", after(0.25), {{"workers", "gw0 (pid 7)", "done", after(0), after(0.25), ""}}}});
  expect_golden("events.jsonl", text(events));
}

TEST(EventLogTest, EveryLineIsAnObject) {
  std::istringstream lines(text(every_outcome()));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto value = boost::json::parse(line);
    EXPECT_TRUE(value.as_object().contains("event"));
    EXPECT_TRUE(value.as_object().at("at").is_double());
  }
  EXPECT_EQ(count, every_outcome().size());
}

TEST(EventLogTest, HardCharactersSurviveAsJson) {
  using namespace std::string_literals;
  PhaseReport nasty = failed_call("NUL \0 ]]> \x1b[31m \xed\xa0\x80 \"\\ \u2028"s, "t");
  std::istringstream lines(text({run_started(), collected({"a.py::t[\xff\n]"}), reported(0, {nasty})}));
  boost::json::value last;
  for (std::string line; std::getline(lines, line);) last = boost::json::parse(line);
  EXPECT_EQ(last.as_object().at("nodeid"), "a.py::t[\ufffd\n]");
  const auto& report = last.as_object().at("reports").as_array().at(0).as_object();
  EXPECT_EQ(boost::json::value_to<std::string>(report.at("crash").as_object().at("message")),
            "NUL \0 ]]> \x1b[31m \ufffd\ufffd\ufffd \"\\ \u2028"s);
}

TEST(EventLogTest, ProgressIsNotLoggedButFlushes) {
  event::Progress progress;
  progress.at = at(3);
  const auto out = writes(
      {run_started(), collected({"a.py::t", "a.py::u"}), passed(0), passed(1), progress, event::RunStopped{"enough"}});
  ASSERT_EQ(out.size(), 4u);
  EXPECT_EQ(std::count(out[2].begin(), out[2].end(), '\n'), 2);
  EXPECT_EQ(out[3], "{\"event\": \"run_stopped\", \"at\": 3.000000, \"reason\": \"enough\"}\n");
}

}  // namespace
}  // namespace trun
