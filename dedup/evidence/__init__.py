"""What an article says that can be compared across languages: who and where, how many."""
