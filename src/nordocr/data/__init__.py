"""Labelled data: labels.tsv folders, LMDB, splits by document, statistics."""
