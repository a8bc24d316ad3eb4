"""Sentences into vectors: the encoders, the bundled model, the vectors kept on disk, the fingerprints of articles."""
