"""One way from a page to its lines and its result, for every verb that reads pages."""
