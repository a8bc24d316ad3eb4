"""Tools for the maintainers: what is fitted, counted and written into documents, by commands that can be repeated."""
