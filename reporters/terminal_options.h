// TerminalOptions: pytest's options that say how the terminal looks, and what the terminal is. A value;
// runner/config/config.cc fills it from the fork server's `configured` frame.
#pragma once

#include <optional>
#include <string>

namespace trun {

struct TerminalOptions {
  int verbosity = 0;               ///< pytest's: -q counts down
  std::string reportchars = "fE";  ///< -r, as given; expanded by report_chars()
  std::string tbstyle = "auto";
  bool xfail_tb = false;
  std::optional<int> durations;  ///< 0: all
  std::optional<double> durations_min;
  std::string showcapture = "all";  ///< "all", "no", "stdout", "stderr", "log"
  std::string capture = "fd";       ///< "no" is -s
  std::string console_output_style = "progress";
  std::optional<int> max_warnings;
  bool no_terminal = false;  ///< pytest's terminal plugin is switched off: only output, warnings and errors
  bool no_header = false;
  bool no_summary = false;
  bool disable_warnings = false;
  bool fold_skipped = true;
  bool force_short_summary = false;
  bool ci = false;  ///< $CI or $BUILD_NUMBER is set: crash messages are not cut

  bool color = false;
  bool is_tty = false;
  int columns = 80;
  unsigned workers = 1;        ///< 0 is `-n 0`
  std::string rootdir;         ///< absolute
  std::string invocation_dir;  ///< absolute; empty: the rootdir
  std::string junit_path;      ///< absolute; shown where pytest says "generated xml file"

  /// The characters of -r that hold, in order (pytest's getreportopt): aliases folded, "a" and "A" expanded, "w" by
  /// default.
  std::string report_chars() const;
};

inline std::string TerminalOptions::report_chars() const {
  std::string chars;
  for (char c : reportchars) {
    if (c == 'F' || c == 'S') c = c == 'F' ? 'f' : 's';
    if (c == 'a') {
      chars = "sxXEf";
    } else if (c == 'A') {
      chars = "PpsxXEf";
    } else if (c == 'N') {
      chars.clear();
    } else if (chars.find(c) == std::string::npos) {
      chars += c;
    }
  }
  if (disable_warnings) {
    std::erase(chars, 'w');
  } else if (chars.find('w') == std::string::npos) {
    chars.insert(chars.begin(), 'w');
  }
  return chars;
}

}  // namespace trun
