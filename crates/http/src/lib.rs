//! What every HTTP answer of Elder has in common: problems, request ids, headers, body and path wrappers.
