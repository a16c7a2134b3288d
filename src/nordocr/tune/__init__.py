"""From corrected lines to a better model: which lines to correct, labels by agreement, a tuning that cannot ruin."""
