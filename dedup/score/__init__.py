"""Pairs of articles into the probability that they tell the same story, and the constants that takes."""
