// ServicesFile: the file by which `trun services` finds the process that holds the services: who it is and what each
// service is at. Its lock is held as long as that process lives.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runner/base/result.h"
#include "runner/kernel/fd.h"

namespace trun {

struct ServiceRow {
  std::string name, state, why, url, log;
  std::vector<std::pair<std::string, std::uint16_t>> ports;
};

struct ServicesState {
  pid_t pid = 0;
  bool usable = false;  ///< all that was asked for is ready, its databases too, and the table has been told
  std::vector<ServiceRow> services;
};

/// A line for each service: its state, where it listens, its log.
std::string table_of(const ServicesState& state);

class ServicesFile {
 public:
  explicit ServicesFile(std::string folder) : path_(folder + "/up.json"), lock_path_(folder + "/up.lock") {}

  /// Takes the lock. Invalid: somebody has it. Error: the folder cannot be written.
  Result<Fd> lock() const;
  Status write(const ServicesState& state) const;
  /// nullopt: nobody holds services.
  std::optional<ServicesState> read() const;
  void remove() const;

 private:
  bool is_held() const;

  const std::string path_, lock_path_;
};

}  // namespace trun
