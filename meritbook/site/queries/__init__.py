"""Reads that mix contexts, for the pages of site."""
