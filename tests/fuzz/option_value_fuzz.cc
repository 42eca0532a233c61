// One value, as a word of the command line, as a TOML string and as TOML numbers (its first eight bytes), for each type
// that an option may have: a complaint, or a value that is shown as TOML which means the same.
#include <bit>

#include "reporters/utf8.h"
#include "runner/config/config_file.h"
#include "runner/config/did_you_mean.h"
#include "runner/config/option_value.h"
#include "runner/config/toml_text.h"
#include "scheduler/worker_count.h"
#include "tests/fuzz/fuzz.h"

namespace trun {
namespace {

ConfigValue read_toml(const std::string& text) {
  const auto table = parse_toml("key = " + text + "\n", "shown");
  require(table.ok() && table->size() == 1, "what is shown is TOML: " + text);
  return table->front().value;
}

template <typename T>
void check(const ConfigValue& value, const T& before) {
  T parsed = before;
  const Complaint complaint = parse(value, parsed);
  require(!complaint || !complaint->text.empty(), "a complaint says what is wrong");
  if (complaint) return require(parsed == before, "what is wrong changes nothing");
  const std::string shown = show(parsed);
  require(!shown.empty(), "what was set is shown");
  T again = before;
  require(!parse(read_toml(shown), again), "what is shown is allowed: " + shown);
  if constexpr (!std::is_same_v<T, std::string>) require(again == parsed, "what is shown is what it is: " + shown);
}

void check_all(const ConfigValue& value) {
  check(value, false);
  check(value, std::optional<unsigned>());
  check(value, Numprocesses());
  check(value, DistMode::load);
  check(value, RequestedCollect::automatic);
  check(value, LaneMode::automatic);
  check(value, LeakPolicy());
  check(value, std::optional<Duration>());
  check(value, std::optional<ByteSize>());
  check(value, std::string());
}

void check_words(const std::string& text) {
  const std::string quoted = std::get<std::string>(read_toml(toml_quoted(text)).data);
  require(quoted == valid_utf8(text), "quoted text reads back");
  const std::vector<std::string_view> candidates = {"auto", "logical", "load", "loadscope"};
  const auto guess = nearest(text, candidates);
  require(!guess || std::count(candidates.begin(), candidates.end(), *guess) == 1, "a guess is one of the candidates");
  require(nearest("logical", candidates) == "logical", "a word is nearest to itself");
}

void check_worker_count(const std::string& text) {
  WorkerCountInput input;
  input.requested = text;
  input.processors = 8;
  const auto count = worker_count(input);
  if (!count.ok()) return require_message(count.error(), Error::Kind::usage, "-n takes ");
  require(count->count <= 10000, "the number of workers has a bound");
  require(parse_numprocesses(text).has_value(), "what the engine takes for a number of workers is one");
}

}  // namespace

void fuzz(std::string_view input) {
  if (input.size() > 4096) return;  // guesses are quadratic
  const std::string text(input);
  check_all({ArgumentText{text}});
  check_all({text, 1, 1});
  const std::uint64_t bits = FuzzInput(input).word();
  check_all({static_cast<std::int64_t>(bits), 1, 1});
  check_all({std::bit_cast<double>(bits), 1, 1});
  check_all({!input.empty(), 1, 1});
  check_words(text);
  check_worker_count(text);
}

}  // namespace trun
