//! RFC 7643 and 7644: resources, filters, PATCH and errors. No database.
