"""Many documents: a pool of worker processes, a journal of what is done, and the loop that feeds one from the other."""
