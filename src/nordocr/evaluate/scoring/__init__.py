"""Figures of compared texts: normal form, error taxonomy, CER and WER, intervals."""
