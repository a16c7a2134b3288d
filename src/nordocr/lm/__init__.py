"""A character language model for reading: what an unsure line most likely says, given what the network saw."""
