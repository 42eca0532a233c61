// Guarded: where exceptions stop. trun throws for bugs only (invariant.h); the library throws where memory or
// descriptors run out. Whoever must go on all the same calls others through this.
#pragma once

#include <exception>
#include <utility>

#include "runner/base/result.h"

namespace trun {

/// What `step` returns; an internal Error with the text of the exception that it throws.
template <typename Step>
Status guarded(Step&& step) {
  try {
    return std::forward<Step>(step)();
  } catch (const std::exception& problem) {
    return internal_error(problem.what());
  } catch (...) {
    return internal_error("an exception of an unknown type");
  }
}

}  // namespace trun
