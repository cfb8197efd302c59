"""Lists a page at a time: the request for a page, the page itself, and the cursors between them."""
