#include "runner/wire/pytest_options.h"

#include "runner/wire/json_fields.h"

namespace trun::wire {

void read_options(Fields& fields, PytestOptions& options) {
  fields.required("verbose", options.verbose);
  fields.required("reportchars", options.reportchars);
  fields.required("tbstyle", options.tbstyle);
  fields.required("xfail_tb", options.xfail_tb);
  fields.required("durations", options.durations);
  fields.required("durations_min", options.durations_min);
  fields.required("color", options.color);
  fields.required("capture", options.capture);
  fields.required("maxfail", options.maxfail);
  fields.required("showcapture", options.showcapture);
  fields.required("no_terminal", options.no_terminal);
  fields.required("no_header", options.no_header);
  fields.required("no_summary", options.no_summary);
  fields.required("disable_warnings", options.disable_warnings);
  fields.required("continue_on_collection_errors", options.continue_on_collection_errors);
  fields.required("xmlpath", options.xmlpath);
  fields.required("junitprefix", options.junitprefix);
  fields.required("max_warnings", options.max_warnings);
  fields.required("cache", options.cache);
  fields.required("keyword", options.keyword);
  fields.required("markexpr", options.markexpr);
  fields.required("importmode", options.importmode);
  fields.required("ignore", options.ignore);
  fields.required("ignore_glob", options.ignore_glob);
  fields.required("fold_skipped", options.fold_skipped);
  fields.required("force_short_summary", options.force_short_summary);
}

}  // namespace trun::wire
