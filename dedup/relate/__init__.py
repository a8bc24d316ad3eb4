"""How each article of a story came about: the first report, a reprint or translation of one, an update, or own work."""
