// What a process writes to its stdout, in pieces as the first byte of each says, cut into lines.
#include <unistd.h>

#include "runner/kernel/posix.h"
#include "runner/wire/line_pipe.h"
#include "tests/fuzz/fuzz.h"

namespace trun {

void fuzz(std::string_view input) {
  auto pipe = posix::make_pipe();
  require(pipe.ok() && posix::set_nonblocking(pipe->read).ok(), "there are pipes");
  LinePipe reader(std::move(pipe->read));
  std::string written, lines;
  const auto take = [&](std::string_view line) {
    require(line.find('\n') == std::string_view::npos, "a line has no newline in it");
    lines.append(line).append("\n");
  };
  for (FuzzInput parts(input); !parts.empty();) {
    std::string piece;
    for (std::size_t left = parts.byte(); left > 0 && !parts.empty(); --left) piece += static_cast<char>(parts.byte());
    require(::write(pipe->write.get(), piece.data(), piece.size()) == static_cast<ssize_t>(piece.size()), "it is read");
    require(reader.read(take), "a pipe with a writer goes on");
    written += piece;
    require(written.starts_with(lines), "nothing is added");
    require(written.ends_with(reader.tail()) && reader.tail().size() == std::min<std::size_t>(written.size(), 16384),
            "the tail is the last that was written");
  }
  pipe->write.reset();
  require(!reader.read(take), "a pipe without a writer ends");
  reader.finish(take);
  if (!written.empty() && written.back() != '\n') written += '\n';
  require(lines == written, "an unfinished line is given out");
}

}  // namespace trun
