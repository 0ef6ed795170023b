"""The evaluation page: what the people enrolled say about the threshold. It alone brings pyqtgraph with it."""
