// PytestOptions: those of pytest's options that the engine acts upon, as parsed, or as a conftest has set them.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace trun {

struct PytestOptions {
  int verbose = 0;
  std::string reportchars, tbstyle;
  bool xfail_tb = false;
  std::optional<int> durations;
  std::optional<double> durations_min;  ///< seconds
  std::string color, capture;
  int maxfail = 0;
  std::string showcapture;
  bool no_terminal = false, no_header = false, no_summary = false, disable_warnings = false,
       continue_on_collection_errors = false;
  std::optional<std::string> xmlpath;
  std::string junitprefix;
  std::optional<int> max_warnings;
  bool cache = true;
  std::string keyword, markexpr, importmode;
  std::vector<std::string> ignore, ignore_glob;
  bool fold_skipped = true, force_short_summary = false;
};

namespace wire {
class Fields;
/// All of them are required.
void read_options(Fields& fields, PytestOptions& options);
}  // namespace wire

}  // namespace trun
