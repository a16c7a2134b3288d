"""Lines to text: one interface, several engines. Never imports torch; the lab's engine is opened by name."""
