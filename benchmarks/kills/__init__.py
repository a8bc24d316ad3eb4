"""Processes killed at any moment, again and again: batch runs that are resumed, and stores."""
