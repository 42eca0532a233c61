#include "reporters/junit.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <pugixml.hpp>

#include "tests/unit/reporters/events.h"
#include "tests/unit/reporters/golden.h"
#include "tests/unit/reporters/teller.h"
#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

JunitOptions options() {
  JunitOptions o;
  o.hostname = "box";
  return o;
}

std::string xml(const std::vector<RunEvent>& events, const JunitOptions& o = options()) {
  return junit_xml(folded(events), o);
}

/// A run of the given results over as many tests as they need.
std::vector<RunEvent> run(const std::vector<std::string>& ids, const std::vector<event::TestFinished>& results) {
  std::vector<RunEvent> events{run_started(), collected(ids)};
  events.insert(events.end(), results.begin(), results.end());
  events.emplace_back(run_finished(1));
  return events;
}

struct Parsed {
  pugi::xml_document document;
  explicit Parsed(const std::string& text) {
    const auto result =
        document.load_buffer(text.data(), text.size(), pugi::parse_default | pugi::parse_ws_pcdata_single);
    EXPECT_TRUE(result) << result.description();
  }
  pugi::xml_node suites() { return document.child("testsuites"); }
  pugi::xml_node suite() { return suites().child("testsuite"); }
  pugi::xml_node test(int index = 0) {
    auto node = suite().child("testcase");
    while (index-- > 0) node = node.next_sibling("testcase");
    return node;
  }
};

TEST(JunitTest, EveryOutcome) { expect_golden("junit.xml", xml(every_outcome())); }

TEST(JunitTest, EveryOutcomeOfFamilyXunit1WithOutput) {
  JunitOptions o = options();
  o.family = "xunit1";
  o.logging = "all";
  o.prefix = "ci";
  o.suite_name = "nightly";
  expect_golden("junit_xunit1.xml", xml(every_outcome(), o));
}

TEST(JunitTest, CollectionErrors) {
  expect_golden("junit_collect_error.xml",
                xml({run_started(), collected({"a.py::t"}, 0, {collect_error(), collect_skip()}),
                     event::RunStopped{"Interrupted: 1 error during collection"}, run_finished(2)}));
}

TEST(JunitTest, HardCharacters) {
  using namespace std::string_literals;
  PhaseReport nasty =
      failed_call("NUL \0 BEL \a CDATA ]]> <&\"'> \x1b[31mred\x1b[0m \xed\xa0\x80 \xff \ufffe 日本語 😀"s, "t");
  nasty.sections = {{"Captured stdout call", std::string("\0\x01]]>\r\n\x1b", 8)}};
  nasty.user_properties = {{"na\x02me", "va\x03lue"}};
  JunitOptions o = options();
  o.logging = "all";
  expect_golden("junit_characters.xml",
                xml(run({std::string("a.py::t[\x1b\xff]]>\"&<\n]")}, {reported(0, {nasty})}), o));
}

// Most passes are written as text, the others by way of a tree.
TEST(JunitTest, APassIsWrittenAlikeInBothWays) {
  const auto testcase = [](const std::string& id, const std::string& family) {
    JunitOptions o = options();
    o.family = family;
    const std::string text = xml(run({id}, {passed(0)}), o);
    const std::size_t begin = text.find("<testcase");
    return text.substr(begin, text.find("</testsuite>") - begin);
  };
  const std::string rest =
      R"( time="0.022"><properties><property name="trun.worker" value="gw0"/></properties></testcase>)";
  EXPECT_EQ(testcase("a.py::test_it[x'y - z]", ""), R"(<testcase classname="a" name="test_it[x'y - z]")" + rest);
  EXPECT_EQ(testcase("a.py::test_it[x&'y\"]", ""), R"(<testcase classname="a" name="test_it[x&amp;'y&quot;]")" + rest);
  EXPECT_EQ(testcase("a.py::test_it['y]", "xunit1"),
            R"(<testcase classname="a" name="test_it['y]" file="a.py" line="0")" + rest);
  const std::string longest(257, 'n');
  EXPECT_EQ(testcase("a.py::" + longest, ""), R"(<testcase classname="a" name=")" + longest + '"' + rest);
}

TEST(JunitTest, TotalsAgreeWithTheTestcases) {
  Parsed parsed(xml(every_outcome()));
  int tests = 0, failures = 0, errors = 0, skipped = 0;
  for (auto test : parsed.suite().children("testcase")) {
    ++tests;
    failures += static_cast<bool>(test.child("failure"));
    errors += static_cast<bool>(test.child("error"));
    skipped += static_cast<bool>(test.child("skipped"));
    EXPECT_LE(!!test.child("failure") + !!test.child("error") + !!test.child("skipped"), 1);
  }
  for (auto node : {parsed.suites(), parsed.suite()}) {
    // One of them has two subtests, of which one failed.
    EXPECT_EQ(node.attribute("tests").as_int(), tests + 2);
    EXPECT_EQ(node.attribute("failures").as_int(), failures + 1);
    EXPECT_EQ(node.attribute("errors").as_int(), errors);
    EXPECT_EQ(node.attribute("skipped").as_int(), skipped);
  }
  EXPECT_EQ(tests, 18);
}

TEST(JunitTest, TotalsCountSubtestsAsPytestDoes) {
  PhaseReport fine = passed_phase("call"), broken = failed_call("boom", "t"), skipped = skipped_in("call", "later", 3);
  fine.subtest = broken.subtest = skipped.subtest = "[sub]";
  Parsed parsed(xml(run({"a.py::t", "a.py::plain"}, {reported(0, {fine, broken, skipped, passed_phase("call")}),
                                                     reported(1, {passed_phase("call")})})));
  EXPECT_EQ(parsed.suite().attribute("tests").as_int(), 5);
  EXPECT_EQ(parsed.suite().attribute("failures").as_int(), 1);
  EXPECT_EQ(parsed.suite().attribute("skipped").as_int(), 1);
  EXPECT_STREQ(parsed.test().child("skipped").attribute("message").value(), "later");
  EXPECT_TRUE(parsed.test().child("failure"));
}

TEST(JunitTest, ASkipWithoutReasonSaysSkipped) {
  PhaseReport skipped = skipped_in("call", "", 3);
  skipped.skip_reason = "Skipped";
  Parsed parsed(xml(run({"a.py::t"}, {reported(0, {skipped})})));
  EXPECT_STREQ(parsed.test().child("skipped").attribute("message").value(), "Skipped");
}

TEST(JunitTest, CallFailureAndTeardownErrorAreOneFailure) {
  Parsed parsed(xml(
      run({"a.py::t"}, {reported(0, {failed_call("assert 0", "t"), error_in("teardown", "RuntimeError: x", "t")})})));
  EXPECT_FALSE(parsed.test().child("error"));
  EXPECT_STREQ(parsed.test().child("failure").attribute("message").value(), "assert 0");
  EXPECT_STREQ(parsed.test().child("failure").attribute("type").value(), "AssertionError");
  EXPECT_NE(std::string(parsed.test().child("failure").text().get()).find("---- teardown ----"), std::string::npos);
}

TEST(JunitTest, SeveralAttemptsAreOneFlakyTestcase) {
  auto first = reported(0, {failed_call("assert 0", "t")});
  auto second = ended(0, outcome::Crashed{11, Phase::call});
  second.result.attempt = 2;
  auto third = passed(0);
  third.result.attempt = 3;
  Parsed flaky(xml(run({"a.py::t"}, {first, second, third})));
  EXPECT_EQ(flaky.suite().attribute("tests").as_int(), 1);
  EXPECT_EQ(flaky.suite().attribute("failures").as_int(), 0);
  EXPECT_STREQ(flaky.test().child("flakyFailure").attribute("type").value(), "AssertionError");
  EXPECT_STREQ(flaky.test().child("flakyError").attribute("type").value(), "crash");
  EXPECT_TRUE(flaky.test().child("flakyError").child("stackTrace"));
  Parsed failing(xml(run({"a.py::t"}, {second, first})));
  EXPECT_TRUE(failing.test().child("failure"));
  EXPECT_TRUE(failing.test().child("rerunError"));
  EXPECT_EQ(failing.suite().attribute("failures").as_int(), 1);
  EXPECT_EQ(failing.suite().attribute("errors").as_int(), 0);
}

TEST(JunitTest, TestcasesComeInCollectionOrder) {
  Parsed parsed(xml(run({"a.py::one", "a.py::two"}, {passed(1), passed(0)})));
  EXPECT_STREQ(parsed.test(0).attribute("name").value(), "one");
  EXPECT_STREQ(parsed.test(1).attribute("name").value(), "two");
}

TEST(JunitTest, DurationsAreNeverNegativeNorInExponents) {
  auto backwards = passed(0), huge = passed(1);
  backwards.result.call = after(-5);
  huge.result.call = Duration::max() - after(1);
  Parsed parsed(xml(run({"a.py::a", "a.py::b"}, {backwards, huge})));
  EXPECT_STREQ(parsed.test(0).attribute("time").value(), "0.000");
  EXPECT_EQ(std::string(parsed.test(1).attribute("time").value()).substr(0, 4), "9223");
  EXPECT_EQ(std::string(parsed.test(1).attribute("time").value()).find('e'), std::string::npos);
}

TEST(JunitTest, CallDurationsOnRequest) {
  JunitOptions o = options();
  o.duration_report = "call";
  EXPECT_STREQ(Parsed(xml(run({"a.py::a"}, {passed(0)}), o)).test().attribute("time").value(), "0.020");
  EXPECT_STREQ(Parsed(xml(run({"a.py::a"}, {passed(0)}))).test().attribute("time").value(), "0.022");
}

TEST(JunitTest, LongNamesAndMessagesAreCapped) {
  PhaseReport report = failed_call(std::string(1 << 20, 'm'), "t");
  const std::string text = xml(run({"a.py::t[" + std::string(2000, 'p') + "]"}, {reported(0, {report})}));
  Parsed parsed(text);
  EXPECT_LT(std::string(parsed.test().attribute("name").value()).size(), 1000u);
  EXPECT_LT(text.size(), 80u * 1024);
}

TEST(JunitTest, TheFileStaysUnderThirtyMegabytes) {
  std::vector<std::string> ids;
  std::vector<event::TestFinished> results;
  for (ItemIndex i = 0; i < 1000; ++i) {
    ids.push_back("a.py::t" + std::to_string(i));
    results.push_back(reported(i, {failed_call(std::string(100 << 10, '<'), "t")}));
  }
  JunitOptions o = options();
  const std::string text = xml(run(ids, results), o);
  EXPECT_LT(text.size(), 30u << 20);
  EXPECT_EQ(Parsed(text).suite().attribute("failures").as_int(), 1000);
}

TEST(JunitTest, LoggingChoosesTheOutput) {
  const auto outputs = [](const char* logging, bool passing = true) {
    JunitOptions o = options();
    o.logging = logging;
    o.log_passing_tests = passing;
    PhaseReport pass = passed_phase("call");
    pass.sections = {{"Captured stdout call", "OUT"}, {"Captured stderr call", "ERR"}, {"Captured log call", "LOG"}};
    Parsed parsed(xml(run({"a.py::t"}, {reported(0, {pass})}), o));
    const std::string out = parsed.test().child("system-out").text().get(),
                      err = parsed.test().child("system-err").text().get();
    std::string found;
    for (const char* word : {"OUT", "ERR", "LOG"}) {
      if (out.find(word) != std::string::npos) found += std::string(word) + ">out ";
      if (err.find(word) != std::string::npos) found += std::string(word) + ">err ";
    }
    return found;
  };
  EXPECT_EQ(outputs("no"), "");
  EXPECT_EQ(outputs("log"), "LOG>out ");
  EXPECT_EQ(outputs("system-out"), "OUT>out ");
  EXPECT_EQ(outputs("system-err"), "ERR>err ");
  EXPECT_EQ(outputs("out-err"), "OUT>out ERR>err ");
  EXPECT_EQ(outputs("all"), "OUT>out ERR>err LOG>out ");
  EXPECT_EQ(outputs("all", false), "");
}

TEST(JunitTest, RecordedAttributesStandWherePytestHasThem) {
  PhaseReport report = passed_phase("call");
  report.xml_attributes = {{"classname", "shop.Cart"}, {"file", "cart.feature"}, {"REQ", "1 & 2"}, {"a:b", "no name"}};
  const std::vector<RunEvent> events{run_started(), collected({"a.py::t"}), reported(0, {report}), run_finished(0)};
  JunitOptions o = options();
  o.family = "xunit1";
  EXPECT_NE(xml(events, o).find("<testcase classname=\"shop.Cart\" name=\"t\" file=\"cart.feature\" line="),
            std::string::npos);
  EXPECT_NE(xml(events, o).find(" REQ=\"1 &amp; 2\" time="), std::string::npos);
  EXPECT_NE(xml(events, o).find("<property name=\"a:b\" value=\"no name\""), std::string::npos);
  o.family = "xunit2";
  EXPECT_NE(xml(events, o).find("<testcase classname=\"shop.Cart\" name=\"t\" time="), std::string::npos);
  EXPECT_NE(xml(events, o).find("<property name=\"REQ\" value=\"1 &amp; 2\""), std::string::npos);
}

TEST(JunitTest, WhatWasNeverBegunIsLeftOutOfAStoppedRun) {
  auto unstarted = ended(0, outcome::NotRun{"interrupted"}), cut_off = ended(1, outcome::NotRun{"interrupted"});
  unstarted.result.started = TimePoint();
  std::vector<RunEvent> events = run({"a.py::a", "a.py::b"}, {unstarted, cut_off});
  EXPECT_EQ(Parsed(xml(events)).suite().attribute("errors").as_int(), 2);
  events.insert(events.end() - 1, event::RunStopped{"KeyboardInterrupt"});
  Parsed parsed(xml(events));
  EXPECT_EQ(parsed.suite().attribute("tests").as_int(), 1);
  EXPECT_STREQ(parsed.test().attribute("name").value(), "b");
  EXPECT_STREQ(parsed.test().child("error").attribute("type").value(), "not run");
}

TEST(JunitTest, AnInternalErrorIsATestcase) {
  Parsed parsed(
      xml({run_started(), collected({}), event::Notice{event::Notice::Level::error, "cannot fork"}, run_finished(3)}));
  EXPECT_STREQ(parsed.test().attribute("name").value(), "internal");
  EXPECT_STREQ(parsed.test().child("error").text().get(), "cannot fork\n");
}

TEST(JunitReporterTest, WritesOnceTheRunIsOver) {
  const TemporaryTree tree;
  const std::string path = tree.path("deep/junit.xml");
  JunitReporter reporter(path, options());
  Teller teller(reporter);
  const std::vector<RunEvent> events = every_outcome();
  for (const RunEvent& event : events) {
    EXPECT_FALSE(std::filesystem::exists(path));
    ASSERT_TRUE(teller.tell(event).ok());
  }
  EXPECT_EQ(read_text(path), xml(events));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(tree.path("deep")), {}), 1);
}

TEST(JunitTest, NameOfEscapesOnlyIsNoName) {
  Parsed parsed(xml(run({"\x1b[v::\x1b[1m"}, {passed(0)})));
  EXPECT_STREQ(parsed.test().attribute("name").value(), "(unnamed)");
  EXPECT_STREQ(parsed.test().attribute("classname").value(), "session");
}

TEST(JunitTest, AnItemWithoutANameHasNoneInPytestsEither) {
  Parsed parsed(xml(run({"tests/a.txt::"}, {passed(0)})));
  EXPECT_STREQ(parsed.test().attribute("name").value(), "");
  EXPECT_STREQ(parsed.test().attribute("classname").value(), "tests.a.txt");
}

}  // namespace
}  // namespace trun
