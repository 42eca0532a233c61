// ServiceDirectories: the directory that each service of a run has for itself ({dir}), in one folder under TMPDIR that
// goes when the run ends.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "runner/base/result.h"
#include "runner/kernel/scratch_folder.h"

namespace trun {

class ServiceDirectories {
 public:
  explicit ServiceDirectories(std::string_view run_id);

  /// Of all; it need not be there.
  const std::string& folder() const { return folder_; }
  std::string of(std::size_t service) const { return folder_ + "/" + std::to_string(service); }

  /// A new, empty one for each launch: nothing of a service that died is found by the next. `user`: whose it is; empty:
  /// trun's own.
  Status renew(std::size_t service, const std::string& user);

 private:
  const std::string folder_;
  ScratchFolder scratch_;  ///< made for the first that starts
};

}  // namespace trun
