#include "reporters/ending.h"

#include <algorithm>
#include <array>

#include "reporters/node_name.h"
#include "reporters/utf8.h"

namespace trun {
namespace {

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
  const std::size_t newline = text.find('\n');
  return "...\n" + std::string(text.substr(newline == std::string_view::npos ? 0 : newline + 1));
}

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
  report.longrepr = report.crash_message = outcome_reason(result.outcome);
  for (const auto& [title, text] : result.evidence) report.sections.emplace_back(title, last_lines(text));
  if (!result.last_words.empty()) {
    report.sections.emplace_back("Last output of " + worker_name(result.slot) + " (stdout, stderr)",
                                 last_lines(result.last_words));
  }
  return report;
}

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
  if (std::holds_alternative<outcome::NotRun>(result.outcome)) return std::nullopt;
  if (std::holds_alternative<outcome::Passed>(result.outcome)) return std::nullopt;
  if (!is_ending(result.outcome) && !result.reports.empty()) return std::nullopt;
  PhaseReport report = is_ending(result.outcome) ? ending_report(result) : bare_report(result.outcome);
  report.duration = result.call;
  report.head_line = head_line_of(node_id);
  return report;
}

bool is_overruled(const TestResult& result, const PhaseReport& report) {
  return report.category == "passed" && is_ending(result.outcome);
}

std::string word_of(const PhaseReport& report) {
  if (!report.word.empty()) return report.word;
  std::string word = report.category == "xfailed" ? "XFAIL" : report.category == "xpassed" ? "XPASS" : report.category;
  if (word.empty()) word = collect_category(report);
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
  return word;
}

std::string_view collect_category(const PhaseReport& report) {
  return report.outcome == "failed" ? "error" : "skipped";
}

std::optional<std::string_view> failure_message(const PhaseReport& report) {
  if (!report.crash_message.empty() || !report.crash_path.empty()) return report.crash_message;
  if (!report.longrepr_is_text) return std::nullopt;
  std::string_view text = report.longrepr;
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  return text;
}

}  // namespace trun
