#include "reporters/ending.h"

#include <algorithm>
#include <array>

#include "reporters/node_name.h"
#include "reporters/utf8.h"

namespace trun {
namespace {

// The variant lists pytest's own outcomes first and trun's endings behind them. The two tables have a word for each
// ending, by its index in the variant; the assertions fail where an outcome is added and a word is not.
constexpr std::size_t kFirstEnding = 6;
static_assert(std::is_same_v<std::variant_alternative_t<kFirstEnding, Outcome>, outcome::Crashed>);
constexpr std::array<std::string_view, 8> kWords = {"CRASHED", "TIMEOUT", "OUT OF MEMORY", "EXITED",
                                                    "LEAKED",  "LOST",    "NOT RUN",       "INFRASTRUCTURE"};
constexpr std::array<std::string_view, 8> kTypes = {"crash", "timeout",     "out of memory", "premature exit",
                                                    "leak",  "worker lost", "not run",       "infrastructure"};
static_assert(kFirstEnding + kWords.size() == std::variant_size_v<Outcome>);

/// Enough to see a traceback of faulthandler; more is in the worker's log.
constexpr std::size_t kLastWords = 8192;

std::string last_lines(std::string_view text) {
  if (text.size() <= kLastWords) return std::string(text);
  text = utf8_suffix(text, kLastWords);
  // The cut may fall into a line, so the text begins with the next whole one.
  const std::size_t newline = text.find('\n');
  return "...\n" + std::string(text.substr(newline == std::string_view::npos ? 0 : newline + 1));
}

// pytest has no report of such an ending: mostly the process is gone. This one has the form of a failed call, so that
// every reader shows it like a failure.
PhaseReport ending_report(const TestResult& result) {
  PhaseReport report;
  report.when = "call";
  report.outcome = report.category = "failed";
  report.letter = "F";
  report.word = ending_word(result.outcome);
  if (std::holds_alternative<outcome::Infrastructure>(result.outcome)) {
    // An error, as pytest calls what went wrong around a test.
    report.when = "setup";
    report.category = "error";
    report.letter = "E";
  }
  // Both: the section of the failure shows longrepr, the short summary and JUnit the crash message.
  report.longrepr = report.crash_message = outcome_reason(result.outcome);
  for (const auto& [title, text] : result.remarks->evidence) report.sections.emplace_back(title, last_lines(text));
  if (!result.remarks->last_words.empty()) {
    report.sections.emplace_back("Last output of " + worker_name(result.slot) + " (stdout, stderr)",
                                 last_lines(result.remarks->last_words));
  }
  return report;
}

// For an outcome of pytest's whose reports did not arrive. The letters are those of pytest_report_teststatus: F, E, s,
// x, X.
PhaseReport bare_report(const Outcome& outcome) {
  const std::string name(outcome_name(outcome));
  PhaseReport report;
  report.when = name == "error" ? "setup" : "call";
  report.category = name;
  report.outcome = is_bad(outcome) ? "failed" : name == "xpassed" ? "passed" : "skipped";
  report.letter = name == "error" ? "E" : name == "failed" ? "F" : name == "xpassed" ? "X" : name.substr(0, 1);
  if (name == "xfailed" || name == "xpassed") report.wasxfail = "";
  if (is_bad(outcome)) report.longrepr = report.crash_message = "the worker sent no report";
  return report;
}

}  // namespace

bool is_ending(const Outcome& outcome) { return outcome.index() >= kFirstEnding; }

std::string_view ending_word(const Outcome& outcome) { return kWords[outcome.index() - kFirstEnding]; }

std::string_view ending_type(const Outcome& outcome) { return kTypes[outcome.index() - kFirstEnding]; }

std::optional<PhaseReport> made_report(const NodeId& node_id, const TestResult& result) {
  // A test that never began has no report to be shown; the terminal counts such tests by reason.
  if (std::holds_alternative<outcome::NotRun>(result.outcome)) return std::nullopt;
  if (std::holds_alternative<outcome::Passed>(result.outcome)) return std::nullopt;
  if (!is_ending(result.outcome) && !result.reports.empty()) return std::nullopt;
  PhaseReport report = is_ending(result.outcome) ? ending_report(result) : bare_report(result.outcome);
  report.duration = result.call;
  report.head_line = head_line_of(node_id);
  return report;
}

bool is_overruled(const TestResult& result, const PhaseReport& report) {
  // The worker may report a pass of the call before it dies in the teardown, or before the leak is judged.
  return report.category == "passed" && is_ending(result.outcome);
}

std::string word_of(const PhaseReport& report) {
  if (!report.word.empty()) return report.word;
  std::string word = report.category == "xfailed" ? "XFAIL" : report.category == "xpassed" ? "XPASS" : report.category;
  // Reports of collectors have no category of their own.
  if (word.empty()) word = collect_category(report);
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
  return word;
}

std::string_view collect_category(const PhaseReport& report) {
  return report.outcome == "failed" ? "error" : "skipped";
}

std::optional<std::string_view> failure_message(const PhaseReport& report) {
  // The order of pytest's _get_line_with_reprcrash_message: reprcrash if there is one, else longrepr if it is a string,
  // else nothing.
  if (!report.crash_message.empty() || !report.crash_path.empty()) return report.crash_message;
  if (!report.longrepr_is_text) return std::nullopt;
  std::string_view text = report.longrepr;
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  return text;
}

}  // namespace trun
