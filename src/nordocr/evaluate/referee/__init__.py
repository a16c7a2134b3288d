"""A vision-language model that says what stands on a line."""
