"""The entry kiosk: from what the camera sees to a door that opens, or doesn't.

`types` is what a window sees of it, `core` judges frames, `session` owns the threads, `headless` runs without a window.
"""
