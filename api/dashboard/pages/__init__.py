"""One module a page; importing them registers them."""
