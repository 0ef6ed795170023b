"""The training page: begin a run, watch it learn, take in what came of it."""
