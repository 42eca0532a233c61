// ServiceLog: what a service writes, kept in a file and, its last lines, in memory for reports. A file that cannot be
// written (a full disk) costs the rest of the file, never the service.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "runner/base/result.h"
#include "runner/kernel/fd.h"
#include "runner/wire/line_pipe.h"

namespace trun {

class ServiceLog {
 public:
  /// Makes `path`, with its folders. One that another run writes to is left alone: then the name has `run_id` in it.
  static Result<ServiceLog> open(const std::string& path, const std::string& run_id);
  ServiceLog() = default;

  /// A new pipe to be read; returns its write end, for the process.
  Result<Fd> connect();
  const Fd& pipe() const { return lines_.fd(); }

  /// Takes in what is there and gives each line to `line`. False: no writer is left.
  bool read(const std::function<void(std::string_view)>& line);
  /// The same, and what of a last line is there.
  void finish(const std::function<void(std::string_view)>& line);

  const std::string& path() const { return path_; }
  /// Why the file is not complete; empty: it is.
  const std::string& trouble() const { return trouble_; }
  /// The last lines, each with its newline.
  std::string last_lines(std::size_t most) const;

 private:
  void keep(std::string_view line);

  std::string path_, trouble_, tail_;
  Fd file_;
  LinePipe lines_;
};

}  // namespace trun
