"""Learning as a service: reading people, the guard rails, one run from data to a network, and taking that in.

What learns is in `faceapp.training`, which brings PyTorch; it is imported here inside functions, so that everything
else works without."""
