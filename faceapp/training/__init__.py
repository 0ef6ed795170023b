"""Learning an embedding: losses, triplet selection, the networks that can be trained, and the loop that trains them.

The one room that imports PyTorch, which comes with the extra `train`; whoever uses it imports it when it is asked for.
"""
