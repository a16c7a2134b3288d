"""Numbers to trust: metrics, the error taxonomy, reports."""
