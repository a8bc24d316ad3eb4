"""How fast dedup is and how much memory it takes, beside what others take for the same articles on the same machine."""
