"""Runs on a Ray cluster whose nodes are processes of one machine."""
