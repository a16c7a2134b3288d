"""From labelled data to a proven engine, stage by stage, resumable."""
